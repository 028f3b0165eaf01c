/* One record: its members, its chain from arrival to destruction, its proof. */
#include "records.h"

#include "audit/proof.h"
#include "crypto/base64.h"
#include "json/json.h"
#include "report/facts.h"

/* A message, its delivery, what the recipient said, and its destruction. */
static void tell_a_life(struct records_bench *b)
{
    (void)add_message(b, POLICE, FIRE, "permitted");
    (void)add_about(b, AUDIT_RELEASED, 0, FIRE, "scope=7");
    (void)add_message(b, CENTRE, POLICE, "no-grant");
    (void)add_about(b, AUDIT_ACKNOWLEDGED, 0, FIRE, "received=0");
    (void)add_about(b, AUDIT_DESTROYED, 0, "",
                    "scope=7 cause=deadline method=key-erased level=file");
    publish(b);
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

static void a_record_shows_its_chain_to_its_destruction(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/record/0", "/en/record/1", "/en/record/3"};
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    tell_a_life(&b);
    state_reason(&b, &v, "a");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(get_records(&b, &v, paths[i], ""), 200);
        assert_well_formed(&b.web);
        assert_int_equal(count_of(buf_c(&b.web.body), "<span class=\"when\">"), 4);
        assert_true(shows(&b.web, "<li class=\"destroyed\">"));
        assert_true(shows(&b.web, "keys of all stored copies were erased"));
        assert_int_equal(count_of(buf_c(&b.web.body), "aria-current=\"true\""), 1);
        assert_int_equal(count_of(buf_c(&b.web.body), "aria-current=\"location\""), 1);
        assert_false(shows(&b.web, "/en/record/2\""));
    }
    assert_string_equal(b.web.viewed, "record html 3 0-0 a");
    records_free(&b);
}

static void an_officer_sees_the_steps_of_the_own_party(void **state)
{
    (void)state;
    struct records_bench b;
    struct visitor v = visitor_of(POLICY_CONSOLE_OFFICER);
    v.unit = B("npa-daejeon/supervision");
    records_init(&b);
    tell_a_life(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 200);
    assert_well_formed(&b.web);
    assert_int_equal(count_of(buf_c(&b.web.body), "<span class=\"when\">"), 1);
    assert_true(shows(&b.web, "other parties&#39; records, and are not shown: 3"));
    assert_false(shows(&b.web, "/en/record/1\""));
    records_free(&b);
}

static uint64_t add_view(struct records_bench *b, uint64_t record, const char *unit,
                         const uint8_t *fact)
{
    return add_leaf(b, (struct leaf){.event = AUDIT_VIEWED,
                                     .source = B(unit),
                                     .has_refers = true,
                                     .refers = record,
                                     .fact = fact,
                                     .detail = B("page=record form=html")});
}

/* Its story: views were in the log, and the page of the record that was looked at did not tell. */
static void an_auditor_sees_who_looked_at_a_record(void **state)
{
    (void)state;
    static const uint8_t fact[32] = {1};
    struct records_bench b;
    struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    const uint64_t looked = add_message(&b, POLICE, FIRE, "permitted"),
                   other = add_message(&b, POLICE, FIRE, "permitted");
    (void)add_view(&b, looked, POLICE, fact);
    (void)add_view(&b, looked, MARKUP, NULL);
    (void)add_view(&b, other, CENTRE, NULL);
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "Who looked at this record</h2>"));
    assert_true(shows(&b.web, "<td>" POLICE "</td><td>page=record form=html</td>"
                              "<td>sealed in the register</td>"));
    assert_false(shows(&b.web, CENTRE) || shows(&b.web, "<script>alert"));
    v = visitor_of(POLICY_CONSOLE_OFFICER);
    v.unit = B("npa-daejeon/supervision");
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 200);
    assert_false(shows(&b.web, "Who looked at"));
    records_free(&b);
}

/* What "audit unseal" writes of this view's fact, its reason; what the log is committed to. */
static void open_reason(struct facts_file *facts, uint64_t index, const char *reason,
                        uint8_t commitment[32])
{
    const struct fact f = {.reason = B(reason)};
    struct buf text = BUF_INIT(FACT_MAX);
    struct hasher *h = hasher_new();
    assert_int_equal(fact_write(&f, &text), RESULT_OK);
    const struct opened_fact o = {.index = index, .scope = 7, .text = buf_view(&text)};
    const struct bytes part[] = {bytes_of(o.salt, sizeof o.salt), o.text};
    hasher_sha256(h, part, ARRAY_LEN(part), commitment);
    facts_add(facts, &o);
    hasher_free(h);
    buf_free(&text);
}

static void bring(struct records_bench *b, const struct visitor *v, const struct facts_file *facts)
{
    struct buf file = BUF_INIT(1 << 16);
    struct web_request r = get_of("/en/facts", "", b->cookie);
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("multipart/form-data; boundary=x");
    buf_text(&file, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n");
    facts_put(facts, &file);
    buf_text(&file, "\r\n--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nbring\r\n--x--");
    console_gone(ask_as(&b->web, v, &r, buf_c(&file)));
    buf_free(&file);
}

static void opened_facts_tell_why_somebody_looked_if_the_log_is_committed_to_them(void **state)
{
    (void)state;
    uint8_t commitment[2][32];
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    struct facts_file *facts = facts_new();
    records_init(&b);
    const uint64_t looked = add_message(&b, POLICE, FIRE, "permitted");
    open_reason(facts, 1, "case " MARKUP, commitment[0]);
    open_reason(facts, 2, "another reason", commitment[1]);
    commitment[1][0] ^= 1;
    (void)add_view(&b, looked, POLICE, commitment[0]);
    (void)add_view(&b, looked, FIRE, commitment[1]);
    publish(&b);
    state_reason(&b, &v, "a");
    bring(&b, &v, facts);
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "<td>case &quot;&gt;&lt;script&gt;"));
    assert_true(shows(&b.web, "is not what the log is committed to"));
    assert_false(shows(&b.web, "another reason"));
    facts_free(facts);
    records_free(&b);
}

static void a_chain_says_how_much_of_it_is_not_there(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    for (size_t i = 0; i < 256; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    (void)add_about(&b, AUDIT_RELEASED, 3, FIRE, "scope=7");
    for (size_t i = 0; i < 300; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/record/3", ""), 200);
    assert_false(shows(&b.web, "that the log let go"));
    log_lose(&b.web.log, 1);
    assert_int_equal(get_records(&b, &v, "/en/record/3", ""), 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "that the log let go or that cannot be read: 1</p>"));
    records_free(&b);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/record/5",
                                        "/en/record/-1",
                                        "/en/record/01",
                                        "/en/record/0/..",
                                        "/en/record/99999999999999999999",
                                        "/en/proof/5",
                                        "/en/proof/x"};
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    tell_a_life(&b);
    state_reason(&b, &v, "a");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(get_records(&b, &v, paths[i], ""), 404);
        assert_int_equal(b.web.views, 0);
    }
    records_free(&b);
}

static void a_log_that_was_changed_is_told_of(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    tell_a_life(&b);
    file_put(&b.web.log, "tile/entries/000.p/5", B("\x00\x02{}\x00\x02{}\x00"));
    state_reason(&b, &v, "a");
    console_free(b.web.console);
    b.web.console = console_new(&b.web.config);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 500);
    assert_true(shows(&b.web, "audit verify"));
    records_free(&b);
}

/* The file holds for whoever has nothing but the log's key. */
static void a_proof_holds_without_the_gateway(void **state)
{
    (void)state;
    struct records_bench b;
    struct json *file;
    char why[200];
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    for (size_t i = 0; i < 700; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/proof/301", ""), 200);
    assert_string_equal(b.web.viewed, "proof json 301 0-0 a");
    assert_int_equal(json_read(buf_view(&b.web.body), &file, why, sizeof why), RESULT_OK);
    const struct json *path = json_member(file, "proof");
    struct proof p = {.count = json_count(path)};
    for (size_t i = 0; i < p.count; i++)
        assert_int_equal(base64_take_exactly(json_text_of(json_item(path, i)), p.hash[i].b, 32),
                         RESULT_OK);
    struct checkpoint c;
    const char *fault;
    assert_int_equal(
        checkpoint_open(json_member_text(file, "checkpoint"), &b.web.log.key, &c, &fault),
        RESULT_OK);
    struct tree_hash leaf = tree_leaf_hash(b.web.log.hasher, json_member_text(file, "entry"));
    assert_int_equal(json_member_integer(file, "index"), 301);
    assert_int_equal(
        tree_check_inclusion(b.web.log.hasher, &leaf, 301, c.size, p.hash, p.count, &c.root),
        RESULT_OK);
    json_free(file);
    records_free(&b);
}

/* What has no script still gets the file, and the page says the very text. */
static void the_page_has_the_exact_entry(void **state)
{
    (void)state;
    struct records_bench b;
    struct buf exact = BUF_INIT(2 * LEAF_MAX), entry = BUF_INIT(LEAF_MAX);
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    (void)add_hostile(&b);
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 200);
    assert_int_equal(tiles_entry(b.web.log.tiles, 0, &entry), RESULT_OK);
    base64_put(&exact, buf_view(&entry));
    assert_true(shows(&b.web, buf_c(&exact)));
    assert_true(shows(&b.web, "data-proof=\"/en/proof/0\"") &&
                shows(&b.web, "/assets/proof.js?v="));
    buf_free(&exact);
    buf_free(&entry);
    records_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_shows_its_chain_to_its_destruction),
        cmocka_unit_test(an_officer_sees_the_steps_of_the_own_party),
        cmocka_unit_test(an_auditor_sees_who_looked_at_a_record),
        cmocka_unit_test(opened_facts_tell_why_somebody_looked_if_the_log_is_committed_to_them),
        cmocka_unit_test(a_chain_says_how_much_of_it_is_not_there),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(a_log_that_was_changed_is_told_of),
        cmocka_unit_test(a_proof_holds_without_the_gateway),
        cmocka_unit_test(the_page_has_the_exact_entry),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
