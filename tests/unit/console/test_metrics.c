/* What Prometheus reads: in its format's grammar, with labels of the table alone, gathered once for
 * all who ask. The metrics' names are in metrics.def and nowhere else. */
#include "records.h"

#include "audit/witness.h"
#include "console/metric_set.h"
#include "ipc/channel.h"
#include "ipc/control.h"

static const struct {
    const char *name, *type, *label, *second, *help;
} table[METRICS] = {
#define M(NAME, name, type, label, second, help) {name, #type, label, second, help},
#include "console/metrics.def"
};

/* ---- a reader of the format */

static bool take_text(const char **at, const char *text)
{
    const size_t n = strlen(text);
    if (strncmp(*at, text, n) != 0)
        return false;
    *at += n;
    return true;
}

/* name="value": with the escapes that the format has, and no other. */
static void take_label(const char **at, const char *name)
{
    assert_true(take_text(at, name) && take_text(at, "=\""));
    for (; **at != '"'; ++*at) {
        assert_true(**at >= 0x20 && **at <= 0x7e);
        if (**at == '\\')
            assert_non_null(strchr("\\\"n", *++*at));
    }
    ++*at;
}

static void take_sample(const char **at, size_t m)
{
    assert_true(take_text(at, table[m].name));
    if (table[m].label[0] != '\0') {
        assert_true(take_text(at, "{"));
        take_label(at, table[m].label);
        if (table[m].second[0] != '\0') {
            assert_true(take_text(at, ","));
            take_label(at, table[m].second);
        }
        assert_true(take_text(at, "}"));
    }
    assert_true(take_text(at, " "));
    const size_t digits = strspn(*at, "0123456789.");
    assert_true(digits > 0);
    *at += digits;
    assert_true(take_text(at, "\n"));
}

static size_t lines_like(const char *text, const char *line, size_t n)
{
    size_t count = 0;
    for (; text != NULL && *text != '\0'; text = strchr(text, '\n') + 1)
        count += strncmp(text, line, n) == 0;
    return count;
}

/* No two samples have the same name and labels. */
static void assert_all_differ(const char *text)
{
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
        const char *value = strchr(at, '\n');
        while (value[-1] != ' ')
            value--;
        assert_int_equal(*at == '#' ? 1 : lines_like(text, at, (size_t)(value - at)), 1);
    }
}

/* All of it: families in the table's order, each with its help and type before its samples. */
static size_t assert_in_the_format(const char *text)
{
    const char *at = text;
    size_t families = 0;
    for (size_t m = 0; m < METRICS; m++) {
        char head[512];
        (void)snprintf(head, sizeof head, "# HELP %s %s\n# TYPE %s %s\n", table[m].name,
                       table[m].help, table[m].name, table[m].type);
        if (!take_text(&at, head))
            continue;
        families++;
        do
            take_sample(&at, m);
        while (*at != '\0' && *at != '#');
    }
    assert_int_equal(*at, '\0');
    assert_all_differ(text);
    return families;
}

/* ---- a ledger that answers */

enum { UNITS = 450, A_PAGE = 200 };

struct ledger {
    bool has_edge;
    unsigned asked; /* lists */
};

static size_t put_units(const struct control_request *r, struct buf *items, bool *more)
{
    uint64_t from = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->after.n; i++)
        from = 10 * from + (uint64_t)(r->after.p[i] - '0');
    for (uint64_t i = from + 1; i <= UNITS && n < A_PAGE; i++, n++) {
        char name[64];
        (void)snprintf(name, sizeof name, "party/unit-%u", (unsigned)i);
        live_unit_put(
            &(struct live_unit){.number = i, .unit = B(name), .sessions = 1, .streams = 2}, items);
    }
    *more = from + n < UNITS;
    return n;
}

static size_t put_due(struct buf *items)
{
    for (int i = -2; i < 2; i++) /* two are due, of which one is preserved */
        control_item_put(&(struct control_item){.subject = B("1"),
                                                .due_us = TEN + US_PER_MINUTE + i * US_PER_HOUR,
                                                .went_ahead = i == -2},
                         items);
    return 4;
}

static size_t put_items(const struct control_request *r, struct buf *items, bool *more)
{
    *more = r->list == CONTROL_DUE;
    switch (r->list) {
    case CONTROL_LEDGER:
        live_ledger_put(
            &(struct live_ledger){
                .set = B("s"), .entries = 9, .incidents = 4, .signed_us = TEN + 1},
            items);
        return 1;
    case CONTROL_EDGE:
        live_edge_put(&(struct live_edge){.serves = true, .since_us = TEN, .refused_units = 3},
                      items);
        return 1;
    case CONTROL_ROLES:
        live_role_put(&(struct live_role){.role = ROLE_ID_EDGE, .pid = 7, .ends = 2}, items);
        return 1;
    case CONTROL_UNITS: return put_units(r, items, more);
    case CONTROL_PARTIES:
        live_party_put(
            &(struct live_party){.party = B("a"),
                                 .waiting = 5,
                                 .suspended_us = 1,
                                 .lane = {{.waiting = 6, .unacknowledged = 2, .oldest_us = TEN}}},
            items);
        return 1;
    case ROAD_APPROVAL:
        control_item_put(&(struct control_item){.subject = B("1-0"), .due_us = TEN - 1}, items);
        control_item_put(&(struct control_item){.subject = B("2-0")}, items);
        return 2;
    case CONTROL_DUE: return put_due(items);
    default: return 0;
    }
}

/* Answers until nothing is asked any more. */
static void answer_all(struct web_bench *b, struct ledger *l)
{
    for (uint64_t last = 0; b->asked != last;) {
        struct cursor in = cursor_over(buf_view(&b->request));
        struct control_request r;
        struct control_answer a = {.code = CONTROL_CODE_DONE};
        struct buf items = BUF_INIT(CONTROL_ANSWER_MAX), frame = BUF_INIT(CONTROL_ANSWER_MAX);
        assert_int_equal(control_request_take(&in, &r), RESULT_OK);
        if (r.list >= CONTROL_EDGE && r.list <= CONTROL_STREAMS && !l->has_edge)
            a.code = CONTROL_CODE_NO_EDGE;
        else
            a.items = put_items(&r, &items, &a.more);
        control_answer_put(&a, &frame);
        buf_put(&frame, items.p, items.n);
        last = b->asked;
        l->asked++;
        console_said(b->console, last, buf_view(&frame));
        buf_free(&items);
        buf_free(&frame);
    }
}

static struct web_call *scrape(struct web_bench *b, enum policy_console role)
{
    const struct visitor v = visitor_of(role);
    const struct web_request r = get_of("/metrics", "", "");
    return ask_as(b, &v, &r, "");
}

static void turn_after(struct web_bench *b, int64_t us)
{
    b->now_us += us;
    (void)console_turn(b->console);
}

/* The whole exchange with a ledger that answers. */
static unsigned read_all(struct web_bench *b, struct ledger *l)
{
    struct web_call *w = scrape(b, POLICY_CONSOLE_OPERATOR);
    answer_all(b, l);
    turn_after(b, US_PER_S / 100);
    console_gone(w);
    return b->status;
}

/* ---- tests */

static void names_follow_the_conventions(void **state)
{
    (void)state;
    static const char *const labels[] = {"",        "budget", "unit",    "party",
                                         "lane",    "kind",   "witness", "role",
                                         "service", "event",  "outcome", "reason"};
    for (size_t m = 0; m < METRICS; m++) {
        const char *name = table[m].name;
        const size_t n = strlen(name);
        const bool is_total = n > 6 && strcmp(name + n - 6, "_total") == 0;
        size_t known = 0;
        assert_int_equal(strncmp(name, "fedgate_", 8), 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), n);
        assert_int_equal(strcmp(table[m].type, "counter") == 0, is_total);
        assert_true(is_total || strcmp(table[m].type, "gauge") == 0);
        for (size_t i = 0; i < ARRAY_LEN(labels); i++)
            known += (strcmp(labels[i], table[m].label) == 0 ? 1U : 0U) +
                     (strcmp(labels[i], table[m].second) == 0 ? 1U : 0U);
        assert_int_equal(known, 2); /* and no label of a person, an incident, a camera */
        assert_null(strpbrk(table[m].help, "\\\n"));
        for (size_t i = 0; i < m; i++)
            assert_string_not_equal(table[i].name, name);
    }
}

static void it_tells_what_ledger_and_edge_say(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    web_init(&b);
    assert_int_equal(read_all(&b, &l), 200);
    assert_true(has_field(&b, "content-type: " METRIC_TYPE "\n"));
    assert_true(has_field(&b, "cache-control: no-store\n"));
    assert_true(assert_in_the_format(buf_c(&b.body)) > 25);
    assert_true(shows(&b, "\nfedgate_ledger_up 1\n") && shows(&b, "\nfedgate_edge_up 1\n"));
    assert_true(shows(&b, "\nfedgate_edge_start_time_seconds 1763686800.000000\n"));
    assert_true(shows(&b, "\nfedgate_incidents_open 4\n"));
    assert_true(shows(&b, "\nfedgate_handshakes_refused_total{budget=\"unit\"} 3\n"));
    assert_true(shows(&b, "\nfedgate_queue_waiting{party=\"a\"} 5\n"));
    assert_true(shows(&b, "\nfedgate_party_suspended{party=\"a\"} 1\n"));
    assert_true(shows(&b, "\nfedgate_lane_waiting{party=\"a\",lane=\"urgent\"} 6\n") &&
                shows(&b, "\nfedgate_lane_waiting{party=\"a\",lane=\"bulk\"} 0\n"));
    assert_true(shows(&b, "\nfedgate_lane_unacknowledged{party=\"a\",lane=\"urgent\"} 2\n"));
    assert_true(shows(
        &b, "_oldest_waiting_timestamp_seconds{party=\"a\",lane=\"urgent\"} 1763686800.000000\n"));
    assert_false(shows(&b, "_oldest_waiting_timestamp_seconds{party=\"a\",lane=\"normal\"}"));
    assert_true(shows(&b, "\nfedgate_checkpoint_timestamp_seconds 1763686800.000001\n"));
    assert_true(shows(&b, "\nfedgate_role_ends_total{role=\"edge\"} 2\n"));
    assert_true(shows(&b, "\nfedgate_cases_open{kind=\"approval\"} 2\n"));
    assert_true(shows(&b, "\nfedgate_cases_overdue{kind=\"approval\"} 1\n"));
    assert_true(shows(&b, "\nfedgate_cases_open{kind=\"quarantine\"} 0\n"));
    web_free(&b);
}

static void long_lists_are_asked_on_and_have_an_end(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    web_init(&b);
    assert_int_equal(read_all(&b, &l), 200);
    assert_true(shows(&b, "fedgate_streams{unit=\"party/unit-450\"} 2\n"));
    assert_true(shows(&b, "\nfedgate_key_scopes_overdue 1\n"));
    assert_int_equal(l.asked, 8 + 3); /* of what is due, the rest is due later */
    web_free(&b);
}

static void one_gathering_is_for_all_who_ask_within_a_second(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    web_init(&b);
    struct web_call *one = scrape(&b, POLICY_CONSOLE_OPERATOR);
    const uint64_t asked = b.asked;
    struct web_call *two = scrape(&b, POLICY_CONSOLE_AUDITOR);
    assert_int_equal(b.asked, asked);
    console_gone(one);
    answer_all(&b, &l);
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(b.status, 200);
    console_gone(two);
    const unsigned lists = l.asked;
    struct web_call *three = scrape(&b, POLICY_CONSOLE_OPERATOR);
    assert_int_equal(b.status, 200); /* at once */
    console_gone(three);
    b.now_us += US_PER_S;
    assert_int_equal(read_all(&b, &l), 200);
    assert_int_equal(l.asked, 2 * lists);
    web_free(&b);
}

static void a_unit_is_on_record_once_an_hour(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    web_init(&b);
    assert_int_equal(read_all(&b, &l), 200);
    assert_string_equal(b.viewed, "metrics text -1 0-0 ");
    b.now_us += US_PER_HOUR / 2;
    assert_int_equal(read_all(&b, &l), 200);
    assert_int_equal(b.views, 0);
    b.now_us += US_PER_HOUR / 2;
    assert_int_equal(read_all(&b, &l), 200);
    assert_int_equal(b.views, 1);
    web_free(&b);
}

static void what_is_not_recorded_is_not_told_and_asked_again(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    web_init(&b);
    b.holds_views = true;
    struct web_call *w = scrape(&b, POLICY_CONSOLE_OPERATOR);
    answer_all(&b, &l);
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(b.begun, 0);
    console_viewed(b.console, b.view_ticket, false, 0);
    assert_int_equal(b.status, 503);
    console_gone(w);
    b.holds_views = false;
    assert_int_equal(read_all(&b, &l), 200);
    assert_int_equal(b.views, 1);
    web_free(&b);
}

static void officers_and_forms_do_not_get_it(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    console_gone(scrape(&b, POLICY_CONSOLE_OFFICER));
    assert_int_equal(b.status, 403);
    const struct visitor v = visitor_of(POLICY_CONSOLE_OPERATOR);
    struct web_request r = get_of("/metrics", "", "");
    r.is_post = true;
    console_gone(ask_as(&b, &v, &r, ""));
    assert_int_equal(b.status, 405);
    assert_int_equal(b.asked, 0);
    web_free(&b);
}

/* metrics_listen: nobody is known there, so nothing else is shown, and nothing is on record. */
static void whoever_is_on_this_machine_gets_it_and_no_other_page(void **state)
{
    (void)state;
    static const char *const others[] = {"/",       "/en",         "/en/",
                                         "/ko/now", "/en/records", "/assets/console.css"};
    const struct visitor nobody = {.unit = B(""), .is_local = true};
    struct web_request r = get_of("/metrics", "", "");
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    web_init(&b);
    struct web_call *w = ask_as(&b, &nobody, &r, "");
    answer_all(&b, &l);
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(b.status, 200);
    (void)assert_in_the_format(buf_c(&b.body));
    assert_true(shows(&b, "\nfedgate_ledger_up 1\n"));
    assert_int_equal(b.views, 0);
    console_gone(w);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        r = get_of(others[i], "", "");
        console_gone(ask_as(&b, &nobody, &r, ""));
        assert_int_equal(b.status, 404);
        assert_int_equal(b.views, 0);
    }
    r = get_of("/metrics", "", "");
    r.is_post = true;
    console_gone(ask_as(&b, &nobody, &r, ""));
    assert_int_equal(b.status, 405);
    web_free(&b);
}

static void without_the_edge_or_the_ledger_it_says_so(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = false};
    web_init(&b);
    assert_int_equal(read_all(&b, &l), 200);
    (void)assert_in_the_format(buf_c(&b.body));
    assert_true(shows(&b, "\nfedgate_edge_up 0\n") && !shows(&b, "fedgate_sessions"));
    b.now_us += US_PER_S;
    struct web_call *w = scrape(&b, POLICY_CONSOLE_OPERATOR);
    console_ledger_went(b.console);
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(b.status, 200); /* its hour's record is there */
    (void)assert_in_the_format(buf_c(&b.body));
    assert_true(shows(&b, "fedgate_ledger_up 0\n") && !shows(&b, "fedgate_incidents_open"));
    console_gone(w);
    web_free(&b);
}

static void counters_come_from_the_log_whatever_its_words_are(void **state)
{
    (void)state;
    struct records_bench b;
    struct ledger l = {.has_edge = true};
    records_init(&b);
    for (size_t i = 0; i < 3; i++)
        (void)add_message(&b, POLICE, FIRE, "no-grant");
    (void)add_message(&b, POLICE, CENTRE, "permitted");
    (void)add_hostile(&b);
    (void)add_hostile(&b);
    publish(&b);
    assert_int_equal(read_all(&b.web, &l), 200);
    (void)assert_in_the_format(buf_c(&b.web.body));
    assert_true(shows(&b.web, "\nfedgate_events_total{event=\"received\"} 6\n"));
    assert_true(shows(
        &b.web, "\nfedgate_refusals_total{reason=\"no-grant\",service=\"112-onsite-video\"} 3\n"));
    assert_true(shows(&b.web, "{service=\"112-onsite-video\",outcome=\"permitted\"} 1\n") &&
                shows(&b.web, "{service=\"112-onsite-video\",outcome=\"refused\"} 3\n"));
    assert_true(shows(&b.web, "{reason=\"_other\",service=\"_other\"} 2\n"));
    assert_true(shows(&b.web, "{kind=\"_other\",service=\"_other\"} 2\n"));
    assert_false(shows(&b.web, "script") || shows(&b.web, "019aa2b0"));
    records_free(&b);
}

static void an_index_that_is_being_built_counts_nothing_yet(void **state)
{
    (void)state;
    struct records_bench b;
    struct ledger l = {.has_edge = true};
    records_init(&b);
    for (size_t i = 0; i < 5000; i++)
        (void)add_about(&b, AUDIT_GATEWAY_STARTED, 0, "", "");
    log_publish(&b.web.log);
    struct web_call *w = scrape(&b.web, POLICY_CONSOLE_OPERATOR);
    answer_all(&b.web, &l);
    assert_int_equal(search_size(b.search), 0);
    b.web.now_us += US_PER_S / 100;
    (void)console_turn(b.web.console);
    assert_false(shows(&b.web, "fedgate_events_total"));
    assert_true(shows(&b.web, "\nfedgate_console_index_entries 0\n"));
    console_gone(w);
    publish(&b);
    assert_int_equal(read_all(&b.web, &l), 200);
    assert_true(shows(&b.web, "\nfedgate_events_total{event=\"gateway-started\"} 5000\n"));
    records_free(&b);
}

static void labels_are_escaped(void **state)
{
    (void)state;
    struct metric_set s;
    struct buf out = BUF_INIT(4096);
    metric_set_init(&s);
    metric_put(&s, METRIC_REFUSALS, B("a\"b\\c\nd\x01\xff"), B("e} 1"), 7);
    assert_int_equal(metric_set_write(&s, &out), RESULT_OK);
    assert_int_equal(assert_in_the_format(buf_c(&out)), 1);
    assert_non_null(strstr(buf_c(&out), "{reason=\"a\\\"b\\\\c\\nd??\",service=\"e} 1\"} 7\n"));
    metric_set_clear(&s);
    for (size_t i = 0; i < METRIC_BYTES_MAX / 16; i++)
        metric_put_one(&s, METRIC_INCIDENTS, i);
    buf_clear(&out);
    assert_int_equal(metric_set_write(&s, &out), RESULT_TOO_LARGE);
    metric_set_free(&s);
    buf_free(&out);
}

static void a_witness_has_the_time_of_what_it_signed(void **state)
{
    (void)state;
    struct web_bench b;
    struct ledger l = {.has_edge = true};
    struct note_key key;
    uint8_t seed[SIGN_SEED] = {9}, public[SIGN_PUBLIC], signature[SIGN_SIGNATURE];
    char name[WITNESS_FILE];
    struct buf note = BUF_INIT(4096), text = BUF_INIT(4096);
    struct bytes body;
    web_init(&b);
    log_append_to(&b.log, 3);
    log_publish(&b.log);
    sign_public_of(seed, public);
    assert_int_equal(
        note_key_make(b.log.hasher, B("w.example/one"), NOTE_KEY_COSIGNATURE, public, &key),
        RESULT_OK);
    console_free(b.console);
    b.config.witness = &key;
    b.config.witnesses = 1;
    b.console = console_new(&b.config);
    assert_int_equal(read_all(&b, &l), 200);
    assert_true(shows(&b, "\nfedgate_witness_timestamp_seconds{witness=\"w.example/one\"} 0\n"));
    assert_int_equal(tiles_read_checkpoint(b.log.folder.fd, &note), RESULT_OK);
    assert_int_equal(note_body(buf_view(&note), &body), RESULT_OK);
    const size_t signed_n = note.n;
    cosignature_text(body, 1763686799, &text);
    sign_make(seed, buf_view(&text), signature);
    note_put_cosignature(&key, 1763686799, signature, &note);
    witness_file(&key, name);
    file_put(&b.log, name, buf_view(&note));
    b.now_us += US_PER_S;
    assert_int_equal(read_all(&b, &l), 200);
    assert_true(shows(&b, "{witness=\"w.example/one\"} 1763686799\n"));
    signature[0] ^= 1; /* who signed nothing has confirmed nothing */
    note.n = signed_n;
    note_put_cosignature(&key, 1763686799, signature, &note);
    file_put(&b.log, name, buf_view(&note));
    b.now_us += US_PER_S;
    assert_int_equal(read_all(&b, &l), 200);
    assert_true(shows(&b, "{witness=\"w.example/one\"} 0\n"));
    web_free(&b);
    buf_free(&note);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_conventions),
        cmocka_unit_test(it_tells_what_ledger_and_edge_say),
        cmocka_unit_test(long_lists_are_asked_on_and_have_an_end),
        cmocka_unit_test(one_gathering_is_for_all_who_ask_within_a_second),
        cmocka_unit_test(a_unit_is_on_record_once_an_hour),
        cmocka_unit_test(what_is_not_recorded_is_not_told_and_asked_again),
        cmocka_unit_test(officers_and_forms_do_not_get_it),
        cmocka_unit_test(whoever_is_on_this_machine_gets_it_and_no_other_page),
        cmocka_unit_test(without_the_edge_or_the_ledger_it_says_so),
        cmocka_unit_test(counters_come_from_the_log_whatever_its_words_are),
        cmocka_unit_test(an_index_that_is_being_built_counts_nothing_yet),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(a_witness_has_the_time_of_what_it_signed),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
