#include "../audit/support.h"
#include "audit/leaf.h"
#include "capture.h"
#include "cli/audit_log.h"
#include "cli/commands.h"

static struct printed printed;

static int audit(int argc, char **argv)
{
    return cli_run("audit", "0", cli_audit_commands, argc, argv);
}

/* Runs "audit COMMAND --log FOLDER REST". */
static void run(const struct log_bench *b, const char *command, const char *rest)
{
    char line[500];
    (void)snprintf(line, sizeof line, "audit %s --log %s %s", command, b->folder.path, rest);
    run_line(&printed, audit, line);
}

#define W(text) bytes_of_text(text)
#define TEN     INT64_C(1763686800000000) /* 2025-11-21T10:00:00+09:00 */
#define SECONDS INT64_C(1000000)
#define CLAUSE  "investigation-footage#decision"

static const struct bytes incident = {
    (const uint8_t *)"npa-daejeon/112-control:019aa2b0-0000-7000-8000-000000000001", 60};

static void add(struct log_bench *b, struct leaf *leaf, int64_t after_s)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    leaf->index = tiles_size(b->tiles);
    leaf->time_us = TEN + after_s * SECONDS;
    assert_int_equal(leaf_write(leaf, &entry), RESULT_OK);
    tiles_append(b->tiles, buf_view(&entry));
    buf_free(&entry);
}

static void add_about(struct log_bench *b, enum audit_event event, uint64_t refers,
                      const char *unit, const char *reason, const char *detail, int64_t after_s)
{
    struct leaf_recipient r = {.unit = W(unit),
                               .reason = W(reason),
                               .clause = W("mou#grant"),
                               .deadline_us = TEN + 86400 * SECONDS};
    struct leaf leaf = {.event = event,
                        .recipient = &r,
                        .recipients = 1,
                        .has_refers = true,
                        .refers = refers,
                        .detail = W(detail)};
    add(b, &leaf, after_s);
}

static void add_scene(struct log_bench *b)
{
    struct leaf_recipient r[] = {
        {.unit = W("npa-daejeon/112-control"), .reason = W("permitted"), .clause = W("mou#grant")},
        {.unit = W("npa-daejeon/archive"), .reason = W("permitted"), .clause = W("mou#archive")},
        {.unit = W("fire/119"), .reason = W("no-grant"), .failed = W("kind: scene_image")}};
    struct leaf leaf = {.event = AUDIT_RECEIVED,
                        .kind = W("scene_image"),
                        .source = W("city/centre"),
                        .incident = &incident,
                        .incidents = 1,
                        .recipient = r,
                        .recipients = 3,
                        .size = 1024,
                        .detail = W("scopes=7,9")};
    add(b, &leaf, 0);
}

static void add_stream(struct log_bench *b)
{
    struct leaf_recipient r = {.unit = W("fire/119"), .reason = W("purpose-fulfilled")};
    struct leaf leaf = {.event = AUDIT_WATCH_ENDED,
                        .kind = W("video"),
                        .source = W("city/centre"),
                        .recipient = &r,
                        .recipients = 1,
                        .size = 123456,
                        .detail = W("packets=7")};
    add(b, &leaf, 7);
}

/* Two messages and a stream, and what became of them. */
static void small_log(struct log_bench *b)
{
    struct leaf_recipient waiting = {
        .unit = W("npa-daejeon/112-control"), .reason = W("permitted"), .clause = W("mou#grant")};
    struct leaf second = {.event = AUDIT_RECEIVED,
                          .kind = W("video_answer"),
                          .source = W("city/centre"),
                          .recipient = &waiting,
                          .recipients = 1,
                          .detail = W("scopes=9")};
    struct leaf destroyed = {.event = AUDIT_DESTROYED,
                             .detail = W("scope=7 scope=8 method=key-erased")};
    struct leaf started = {.event = AUDIT_GATEWAY_STARTED};
    log_init(b);
    add(b, &started, -1);
    add_scene(b); /* 1 */
    add_about(b, AUDIT_RELEASED, 1, "npa-daejeon/112-control", "permitted", "scope=7", 1);
    add_about(b, AUDIT_WITHHELD, 1, "npa-daejeon/archive", "incident-closed", "scope=9", 1);
    add(b, &second, 2); /* 4 */
    add_about(b, AUDIT_ACKNOWLEDGED, 0, "npa-daejeon/112-control", "", "received=1-3,9", 3);
    add_about(b, AUDIT_EXPIRED, 4, "npa-daejeon/112-control", "deadline-passed", "scope=9", 4);
    add(b, &destroyed, 86400);
    add_stream(b);
    log_publish(b);
}

static void flows_tell_what_became_of_every_message(void **state)
{
    (void)state;
    struct log_bench b;
    small_log(&b);
    run(&b, "flows", "");
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(
        printed.out, "time (+09:00)        message                      outcome      keep until    "
                     "       acknowledged  destroyed            clause, or reason and condition\n"
                     "2025-11-21 10:00:00  scene_image  city/centre\n"
                     "                       → npa-daejeon/112-control  delivered    2025-11-22 "
                     "10:00:00  10:00:03      2025-11-22 10:00:00  mou#grant\n"
                     "                       → npa-daejeon/archive      withheld     2025-11-22 "
                     "10:00:00                                     incident-closed - mou#grant\n"
                     "                       → fire/119                 refused                    "
                     "                                          no-grant: kind: scene_image\n"
                     "           10:00:02  video_answer  city/centre\n"
                     "                       → npa-daejeon/112-control  expired      2025-11-22 "
                     "10:00:00                                     deadline-passed - mou#grant\n"
                     "           10:00:07  video  city/centre\n"
                     "                       → fire/119                 watch-ended                "
                     "                                          purpose-fulfilled; packets=7\n");
    log_free(&b);
}

static void flows_tell_what_persons_decided(void **state)
{
    (void)state;
    struct log_bench b;
    struct leaf_recipient r[] = {{.unit = W("fire/119"), .reason = W("approval-pending")},
                                 {.unit = W("fire/car"), .reason = W("quarantined")},
                                 {.unit = W("fire/truck"), .reason = W("quarantined")},
                                 {.unit = W("fire/boat"),
                                  .reason = W("permitted-emergency"),
                                  .clause = W("mou#grant"),
                                  .failed = W("assigned: yes")}};
    struct leaf leaf = {.event = AUDIT_RECEIVED,
                        .kind = W("feedback"),
                        .source = W("city/centre"),
                        .recipient = r,
                        .recipients = ARRAY_LEN(r)};
    log_init(&b);
    add(&b, &leaf, 0);
    add_about(&b, AUDIT_HELD_ENDED, 0, "fire/car", "out-of-range", "subject=0-1", 2);
    add_about(&b, AUDIT_HELD_RELEASED, 0, "fire/truck", "permitted", "subject=0-2", 2);
    log_publish(&b);
    run(&b, "flows", "--lang en");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "→ fire/119           held");
    assert_says(printed.out, "→ fire/car           refused");
    assert_says(printed.out, "→ fire/truck         waiting");
    assert_says(printed.out, "permitted-emergency - mou#grant: assigned: yes");
    log_free(&b);
}

static void flows_tell_what_came_of_the_unit_in_reserve(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    add_scene(&b);
    add_scene(&b);
    add_about(&b, AUDIT_EXPIRED, 0, "fire/duty", "purpose-fulfilled", "scope=7 released=no", 2);
    add_about(&b, AUDIT_ESCALATED, 1, "fire/duty", "permitted", "", 2);
    log_publish(&b);
    run(&b, "flows", "--lang en");
    assert_says(printed.out, "→ fire/duty (in reserve)   not needed");
    assert_says(printed.out, "→ fire/duty (in reserve)   waiting");
    log_free(&b);
}

static void what_is_for_the_gateway_itself_is_taken(void **state)
{
    (void)state;
    struct log_bench b;
    struct leaf_recipient self = {
        .unit = W("gateway/self"), .reason = W("permitted"), .clause = W("mou#open")};
    struct leaf leaf = {.event = AUDIT_RECEIVED,
                        .kind = W("incident_report"),
                        .source = W("fire/119"),
                        .recipient = &self,
                        .recipients = 1};
    log_init(&b);
    add(&b, &leaf, 0);
    log_publish(&b);
    run(&b, "flows", "");
    assert_says(printed.out, "taken");
    assert_null(strstr(printed.out, "waiting"));
    log_free(&b);
}

static void flows_speak_korean(void **state)
{
    (void)state;
    struct log_bench b;
    small_log(&b);
    run(&b, "flows", "--lang ko");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "수신 확인");
    assert_says(printed.out, "제공");
    assert_says(printed.out, "영상 열람 종료");
    assert_null(strstr(printed.out, "no-grant"));
    log_free(&b);
}

static void flows_cope_with_leaves_that_fit_nothing(void **state)
{
    (void)state;
    struct log_bench b;
    struct leaf bare = {.event = AUDIT_RECEIVED}, lost = {.event = AUDIT_RELEASED},
                ranges = {.event = AUDIT_ACKNOWLEDGED,
                          .detail = W("received=0-,-,99999999999999999999-1")},
                endless = {.event = AUDIT_ACKNOWLEDGED,
                           .detail = W("received=0-9007199254740991,x")},
                aside = {.event = AUDIT_SET_ASIDE, .has_refers = true, .refers = 77},
                scopes = {.event = AUDIT_DESTROYED,
                          .detail = W("scope scope= =7  scope=7 scope=7")};
    log_init(&b);
    add(&b, &bare, 0);
    add(&b, &lost, 0);
    add(&b, &ranges, 0);
    add(&b, &endless, 0);
    add(&b, &aside, 0);
    add(&b, &scopes, 0);
    add_about(&b, AUDIT_WITHHELD, 50, "a/b", "no-grant", "", 0);
    tiles_append(b.tiles, bytes_of_text("no leaf"));
    log_publish(&b);
    run(&b, "flows", "");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "2025-11-21 10:00:00  ?\n");
    assert_says(printed.err, "1 entries are no leaves that this program knows; they were left out");
    log_free(&b);
}

static void a_delivery_stays_one_whatever_comes_later(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    add_scene(&b); /* 0 */
    add_about(&b, AUDIT_RELEASED, 0, "npa-daejeon/112-control", "permitted", "scope=7", 1);
    add_about(&b, AUDIT_WITHHELD, 0, "npa-daejeon/112-control", "policy-changed", "scope=7", 2);
    add_about(&b, AUDIT_EXPIRED, 0, "npa-daejeon/112-control", "deadline-passed",
              "scope=7 released=yes", 3);
    log_publish(&b);
    run(&b, "flows", "");
    assert_says(printed.out, "delivered");
    assert_null(strstr(printed.out, "expired"));
    assert_null(strstr(printed.out, "withheld"));
    log_free(&b);
}

static size_t lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void every_event_and_word_of_a_log_is_told_in_both_languages(void **state)
{
    (void)state;
    run_line(&printed, audit, "audit events --lang en");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "watch-ended");
    assert_says(printed.out, "member of recipients");
    run_line(&printed, audit, "audit events --lang ko --markdown");
    assert_says(printed.out, "| `received` | 메시지 수신과 판정 |");
    assert_says(printed.out, "| `unit` | 기관/단위. 정책에 없으면 unknown |");
    run_line(&printed, audit, "audit events received");
    assert_int_equal(printed.code, CLI_USAGE);
}

static void show_filters(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        size_t lines;
    } row[] = {
        {"", 9},
        {"--party npa-daejeon", 6},
        {"--party npa-daejeon/archive", 2},
        {"--party npa", 0},
        {"--party fire", 2},
        {"--incident npa-daejeon/112-control:019aa2b0-0000-7000-8000-000000000001", 1},
        {"--event received", 2},
        {"--reason no-grant", 1},
        {"--kind video", 1},
        {"--mou mou", 6},
        {"--mou mou#archive", 1},
        {"--mou mo", 0},
        {"--from 2025-11-22", 1},
        {"--until 2025-11-21T10:00:01+09:00", 2},
        {"--from 2025-11-21T01:00:01Z --until 2025-11-21T01:00:02Z", 2},
        {"--event received --party fire", 1},
    };
    struct log_bench b;
    small_log(&b);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char options[200];
        (void)snprintf(options, sizeof options, "--format jsonl %s", row[i].options);
        run(&b, "show", options);
        assert_int_equal(printed.code, CLI_OK);
        if (lines(printed.out) != row[i].lines)
            fail_msg("%s:\n%s", row[i].options, printed.out);
    }
    log_free(&b);
}

static void show_prints_entries_as_they_are(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf bundle = BUF_INIT(10000);
    small_log(&b);
    run(&b, "show", "--format jsonl");
    assert_int_equal(tiles_read(b.folder.fd, -1, 0, 9, &bundle), RESULT_OK);
    const char *line = printed.out;
    for (size_t at = 0; at < bundle.n; line = strchr(line, '\n') + 1) {
        size_t n = (size_t)bundle.p[at] << 8 | bundle.p[at + 1];
        assert_memory_equal(line, bundle.p + at + 2, n);
        assert_int_equal(line[n], '\n');
        at += 2 + n;
    }
    buf_free(&bundle);
    log_free(&b);
}

static void show_prints_tables(void **state)
{
    (void)state;
    struct log_bench b;
    small_log(&b);
    run(&b, "show", "--event received");
    assert_int_equal(printed.code, CLI_OK);
    assert_int_equal(lines(printed.out), 3);
    assert_says(printed.out,
                "1      2025-11-21T10:00:00+09:00  received  scene_image   city/centre  "
                "npa-daejeon/112-control: permitted mou#grant; ");
    assert_says(printed.out,
                "fire/119: no-grant - kind: scene_image; npa-daejeon/112-control:019aa2b0");
    run(&b, "show", "--lang ko --reason no-grant");
    assert_says(printed.out, "메시지 수신과 판정");
    log_free(&b);
}

static void show_prints_csv_with_a_row_for_each_recipient(void **state)
{
    (void)state;
    struct log_bench b;
    struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED, .detail = W("a \"quoted\", word")};
    log_init(&b);
    add_scene(&b);
    add(&b, &leaf, 1);
    log_publish(&b);
    run(&b, "show", "--format csv");
    assert_int_equal(lines(printed.out), 1 + 3 + 1);
    assert_says(printed.out,
                "\r\n0,2025-11-21T10:00:00.000+09:00,\"received\",\"\",\"scene_image\",");
    assert_says(
        printed.out,
        ",\"fire/119\",\"no-grant\",\"\",\"kind: scene_image\",\"\",,,1024,,\"scopes=7,9\"\r\n");
    assert_says(printed.out, ",,,,\"a \"\"quoted\"\", word\"\r\n");
    log_free(&b);
}

/* As the registers' cells: a word of a log that somebody handed in is no formula. */
static void no_cell_of_the_csv_is_a_formula(void **state)
{
    (void)state;
    struct log_bench b;
    struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED, .detail = W("=HYPERLINK(\"http://x\")")};
    log_init(&b);
    add(&b, &leaf, 1);
    log_publish(&b);
    run(&b, "show", "--format csv");
    assert_says(printed.out, ",\"'=HYPERLINK(\"\"http://x\"\")\"\r\n");
    log_free(&b);
}

/* ---- registers */

/* A row of the register, decided under the policy set of this serial. */
static void register_row(struct log_bench *b, uint64_t serial)
{
    const struct leaf_recipient r = {
        .unit = W("npa-daejeon/112-control"), .reason = W("permitted"), .clause = W(CLAUSE)};
    struct leaf received = {.event = AUDIT_RECEIVED,
                            .kind = W("release_answer"),
                            .source = W("daejeon-city-center/video-monitoring"),
                            .purpose = W("investigation"),
                            .basis = W("kr/pipa/18-2-7"),
                            .recipient = &r,
                            .recipients = 1,
                            .policy = serial},
                released = {.event = AUDIT_RELEASED,
                            .recipient = &r,
                            .recipients = 1,
                            .has_refers = true,
                            .policy = serial};
    log_init(b);
    add(b, &received, 1);
    add(b, &released, 2);
    log_publish(b);
    run(b, "register", "out-of-purpose --policy policy --format json --lang en");
    assert_int_equal(printed.code, CLI_OK);
    log_free(b);
}

/* A set that was not at hand lent its clauses' measures to decisions that it never made. */
static void measures_are_those_of_the_set_that_decided_or_left_out(void **state)
{
    (void)state;
    struct log_bench b;
    register_row(&b, 1);
    assert_says(printed.out, "The case named in the request only");
    assert_null(strstr(printed.out, "policy sets that are not here"));
    register_row(&b, 7);
    assert_says(printed.out, "1 provisions were decided under policy sets that are not here");
    assert_says(printed.out, "\"limits\":\"" CLAUSE "\"");
}

/* ---- verify */

static void put_key(const struct log_bench *b)
{
    struct buf key = BUF_INIT(400);
    note_key_text(&b->key, &key);
    buf_text(&key, "\n");
    file_put(b, "key", buf_view(&key));
    buf_free(&key);
}

static void run_verify(const struct log_bench *b, const char *rest)
{
    char options[300];
    (void)snprintf(options, sizeof options, "--key %s/key %s", b->folder.path, rest);
    run(b, "verify", options);
}

static void a_good_log_verifies(void **state)
{
    (void)state;
    struct log_bench b;
    char options[200];
    small_log(&b);
    put_key(&b);
    run_verify(&b, "");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, LOG_NAME " verifies: 9 entries, root ");
    run_verify(&b, "--quiet --entries");
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out, "");
    (void)snprintf(options, sizeof options, "--old %s/checkpoint", b.folder.path);
    run_verify(&b, options);
    assert_int_equal(printed.code, CLI_OK);
    log_free(&b);
}

static void a_bad_log_does_not_verify(void **state)
{
    (void)state;
    struct log_bench b;
    small_log(&b);
    put_key(&b);
    file_flip(&b, "tile/entries/000.p/9");
    run_verify(&b, "--quiet");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err,
                "does not verify: tile/0/000.p/9: entry 4 does not have the hash it says");
    assert_string_equal(printed.out, "");
    log_free(&b);
}

static void what_cannot_be_verified_is_said(void **state)
{
    (void)state;
    struct log_bench b;
    char options[200];
    small_log(&b);
    run(&b, "verify", "");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "--key FILE is needed");
    run_verify(&b, "");
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "No such file");
    file_put(&b, "key", bytes_of_text("no key\n"));
    run_verify(&b, "");
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "this is no verifier key of a log");
    put_key(&b);
    file_put(&b, "empty", bytes_of(NULL, 0));
    (void)snprintf(options, sizeof options, "--old %s/empty", b.folder.path);
    run_verify(&b, options);
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "the file is empty");
    log_free(&b);
}

static void wrong_arguments_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *command, *options, *error;
    } row[] = {
        {"show", "--format xml", "--format is table, jsonl or csv"},
        {"show", "--lang de", "--lang is en or ko"},
        {"show", "--event recieved", "there is no event \"recieved\"; did you mean \"received\"?"},
        {"show", "--reason no-grand",
         "there is no reason \"no-grand\"; did you mean \"no-grant\"?"},
        {"show", "--kind vidoe", "there is no kind \"vidoe\"; did you mean \"video\"?"},
        {"show", "--from yesterday", "--from is a day"},
        {"show", "x", "\"x\" is one word too many"},
        {"flows", "x", "\"x\" is one word too many"},
        {"verify", "--key k x", "\"x\" is one word too many"},
    };
    struct log_bench b;
    small_log(&b);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        run(&b, row[i].command, row[i].options);
        assert_int_equal(printed.code, CLI_USAGE);
        assert_says(printed.err, row[i].error);
    }
    run_line(&printed, audit, "audit show");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "--log DIR is needed");
    run_line(&printed, audit, "audit flows --log /nowhere");
    assert_int_equal(printed.code, CLI_FAILED);
    log_free(&b);
}

static void details_are_read_word_by_word(void **state)
{
    (void)state;
    struct bytes detail = W("scope=7 scopes=8 xscope=9 scope=10"), value;
    assert_true(audit_detail(&detail, "scope", &value));
    assert_true(bytes_is(value, "7"));
    assert_true(audit_detail(&detail, "scope", &value));
    assert_true(bytes_is(value, "10"));
    assert_false(audit_detail(&detail, "scope", &value));
}

static void prune_says_what_would_go_in_whole_bundles(void **state)
{
    (void)state;
    struct log_bench b;
    struct leaf leaf = {.event = AUDIT_SESSION_OPENED};
    log_init(&b);
    for (int64_t i = 0; i < 700; i++)
        add(&b, &leaf, i);
    log_publish(&b);
    run(&b, "prune", "--before 2025-11-21T10:05:00+09:00 --dry-run --lang en");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "the entries before 256 would go, of 2025-11-21 10:00:00 to "
                             "2025-11-21 10:04:15");
    run(&b, "prune", "--before 2025-11-21T10:04:00+09:00 --dry-run --lang en");
    assert_int_equal(printed.code, CLI_NO);
    run(&b, "prune", "--before 2025-11-21T10:05:00+09:00 --lang en");
    assert_int_equal(printed.code, CLI_USAGE); /* neither a dry run nor an act */
    run(&b, "prune", "--dry-run --lang en");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_true(file_exists(&b, "tile/entries/000"));
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prune_says_what_would_go_in_whole_bundles),
        cmocka_unit_test(flows_tell_what_became_of_every_message),
        cmocka_unit_test(flows_tell_what_persons_decided),
        cmocka_unit_test(flows_tell_what_came_of_the_unit_in_reserve),
        cmocka_unit_test(what_is_for_the_gateway_itself_is_taken),
        cmocka_unit_test(flows_speak_korean),
        cmocka_unit_test(flows_cope_with_leaves_that_fit_nothing),
        cmocka_unit_test(a_delivery_stays_one_whatever_comes_later),
        cmocka_unit_test(every_event_and_word_of_a_log_is_told_in_both_languages),
        cmocka_unit_test(show_filters),
        cmocka_unit_test(show_prints_entries_as_they_are),
        cmocka_unit_test(show_prints_tables),
        cmocka_unit_test(show_prints_csv_with_a_row_for_each_recipient),
        cmocka_unit_test(no_cell_of_the_csv_is_a_formula),
        cmocka_unit_test(measures_are_those_of_the_set_that_decided_or_left_out),
        cmocka_unit_test(a_good_log_verifies),
        cmocka_unit_test(a_bad_log_does_not_verify),
        cmocka_unit_test(what_cannot_be_verified_is_said),
        cmocka_unit_test(wrong_arguments_are_explained),
        cmocka_unit_test(details_are_read_word_by_word),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
