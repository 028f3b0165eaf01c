/* fedgatectl policy replay: a log of decisions under the small set of the policy's tests, and what
 * another set makes of them. Run from the project's folder. */
#include "../audit/support.h"
#include "../policy/golden.h"
#include "../policy/set.h"
#include "audit/leaf.h"
#include "capture.h"
#include "cli/commands.h"
#include "json/json.h"

#define W(text) bytes_of_text(text)

static struct printed printed;

static int policy(int argc, char **argv)
{
    return cli_run("policy", "0", cli_policy_commands, argc, argv);
}

struct bench {
    struct log_bench log;
    struct temp_folder then, now;
};

/* A decision on a message of the set; serial 7 decided. */
struct recorded {
    const char *kind, *from, *to, *service, *purpose, *basis, *reason, *clause;
    size_t incidents;
    enum audit_event event;
};

static const struct recorded report = {"incident_report", "police/control", "gateway/self",
                                       "onsite-video",    "crime-response", "kr/pipa/18-2-3",
                                       "permitted",       "a#report",       1,
                                       AUDIT_RECEIVED};
static const struct recorded request = {"video_request", "police/control", "centre/video",
                                        "onsite-video",  "crime-response", "kr/pipa/18-2-3",
                                        "permitted",     "a#request",      1,
                                        AUDIT_RECEIVED};
static const struct recorded photo = {
    "scene_image",    "centre/video", "police/car", "patrol", "crime-response",
    "kr/pipa/18-2-7", "permitted",    "a#photo",    1,        AUDIT_RELEASED};

static void add(struct bench *b, struct recorded r, int64_t after_s)
{
    static const struct bytes incident[] = {
        {(const uint8_t *)"police/control:019aa2b0-0000-7000-8000-000000000001", 51}};
    struct buf entry = BUF_INIT(LEAF_MAX);
    const struct leaf_recipient to = {
        .unit = W(r.to), .reason = W(r.reason), .clause = W(r.clause)};
    const struct leaf leaf = {.index = tiles_size(b->log.tiles),
                              .time_us = NOW_US + after_s * US_PER_S,
                              .event = r.event,
                              .kind = W(r.kind),
                              .source = W(r.from),
                              .service = W(r.service),
                              .purpose = W(r.purpose),
                              .basis = W(r.basis),
                              .status = W("actual"),
                              .incident = incident,
                              .incidents = r.incidents,
                              .recipient = &to,
                              .recipients = 1,
                              .policy = 7};
    assert_int_equal(leaf_write(&leaf, &entry), RESULT_OK);
    tiles_append(b->log.tiles, buf_view(&entry));
    buf_free(&entry);
}

static void bench_new(struct bench *b, const struct change *change, size_t changes)
{
    *b = (struct bench){.then = temp_folder_new(), .now = temp_folder_new()};
    log_init(&b->log);
    set_write_changed(&b->then, NULL, 0);
    set_write_changed(&b->now, change, changes);
}

static void bench_free(struct bench *b)
{
    log_free(&b->log);
    temp_folder_free(&b->then);
    temp_folder_free(&b->now);
}

static void run(struct bench *b, const char *words)
{
    char line[800];
    log_publish(&b->log);
    (void)snprintf(line, sizeof line, "policy replay %s %s %s", words, b->log.folder.path,
                   b->now.path);
    run_line(&printed, policy, line);
    assert_int_equal(printed.code, CLI_OK);
}

static void run_then(struct bench *b, const char *words)
{
    char line[400];
    (void)snprintf(line, sizeof line, "%s --then %s", words, b->then.path);
    run(b, line);
}

static void expect_total(const char *key, int64_t count)
{
    struct json *root;
    char why[100];
    assert_int_equal(json_read(W(printed.out), &root, why, sizeof why), RESULT_OK);
    const int64_t found = json_integer_of(json_member(json_member(root, "total"), key));
    if (found != count)
        fail_msg("%s: %d instead of %d\n%s", key, (int)found, (int)count, printed.out);
    json_free(root);
}

/* An incident that is named is its own evidence, and the grant asks nothing else. */
static void what_the_log_settles_is_replayed(void **state)
{
    static const struct change longer[] = {{A,
                                            "purpose: crime-response\n"
                                            "    basis_any_of: [kr/pipa/18-2-3, kr/pipa/18-2-7]\n"
                                            "    destroy: {starts_at: incident-end, delay: 0",
                                            "purpose: crime-response\n"
                                            "    basis_any_of: [kr/pipa/18-2-7]\n"
                                            "    destroy: {starts_at: incident-end, delay: 0",
                                            NULL}};
    struct bench b;
    (void)state;
    bench_new(&b, NULL, 0);
    add(&b, report, 0);
    run(&b, "--json");
    expect_total("same", 1);
    bench_free(&b);
    bench_new(&b, longer, ARRAY_LEN(longer));
    add(&b, report, 0);
    run(&b, "--json");
    expect_total("refused_now", 1);
    bench_free(&b);
}

static void what_hangs_on_facts_is_never_guessed(void **state)
{
    struct bench b;
    struct recorded alone = report;
    (void)state;
    alone.incidents = 0; /* then 18(2)3 asks for the call */
    bench_new(&b, NULL, 0);
    add(&b, request, 0);
    add(&b, alone, 1);
    run(&b, "--json");
    expect_total("not_replayable", 2);
    assert_says(printed.out, "\"evidence\":1");
    assert_says(printed.out, "\"incident.state\":1,\"incident.participant\":1");
    bench_free(&b);
}

/* Under the set that decided, only such messages were permitted as met its conditions. */
static void the_set_of_that_time_tells_what_messages_were(void **state)
{
    static const struct change narrower[] = {
        {A, "{state: open, participant: police/control}\n", "{state: open}\n", NULL},
        {A, "kind: [fixed, vehicle]", "kind: [fixed]", NULL}};
    struct recorded refused = request, unknown = request;
    struct bench b;
    (void)state;
    refused.reason = "not-participant";
    unknown.purpose = "unknown";
    unknown.reason = "purpose-unknown";
    bench_new(&b, narrower, ARRAY_LEN(narrower));
    add(&b, request, 0); /* as wide as before and wider */
    add(&b, photo, 1);   /* perhaps of a vehicle's camera */
    add(&b, refused, 2); /* perhaps of a closed incident */
    add(&b, unknown, 3);
    run_then(&b, "--json");
    expect_total("same", 1);
    expect_total("not_replayable", 3);
    assert_says(printed.out, "\"camera\":1,\"incident.state\":1");
    assert_says(printed.out, "\"withheld_words\":1");
    bench_free(&b);
}

static void what_no_set_decides_is_left_out(void **state)
{
    struct recorded late = report, from_gateway = report, opened = report;
    struct bench b;
    (void)state;
    late.reason = "rate-exceeded";
    from_gateway.from = "gateway/self";
    opened.event = AUDIT_SESSION_OPENED;
    bench_new(&b, NULL, 0);
    add(&b, late, 0);
    add(&b, from_gateway, 1);
    add(&b, opened, 2);
    add(&b, report, 3);
    run(&b, "--json");
    expect_total("same", 1);
    assert_says(printed.out, "\"not_by_set\":1");
    run(&b, "--json --since 2026-11-21T21:00:04+09:00");
    expect_total("same", 0);
    bench_free(&b);
}

static void expect_printed_golden(const char *file)
{
    struct buf out = BUF_INIT(PRINTED_MAX);
    buf_text(&out, printed.out);
    expect_golden(file, &out);
    buf_free(&out);
}

static void a_replay_is_told_in_both_languages(void **state)
{
    static const struct change row[] = {
        {A, "  - grant: request\n", "  - grant: video-request\n", NULL},
        {B, "kr/pipa/18-2-3]\n    when: {evidence: emergency-call}",
         "kr/pipa/18-2-5]\n    when: {evidence: emergency-call}", NULL}};
    static const struct recorded dispatch = {"dispatch_request", "centre/desk", "police/control",
                                             "protection",       "safe-return", "kr/pipa/18-2-3",
                                             "permitted",        "b#dispatch",  1,
                                             AUDIT_RELEASED};
    struct recorded refused = report, again = dispatch;
    struct bench b;
    (void)state;
    refused.reason = "mou-not-in-force";
    again.to = "rescue/control";
    bench_new(&b, row, ARRAY_LEN(row));
    add(&b, report, 0);
    add(&b, request, 1);
    add(&b, photo, 2);
    add(&b, dispatch, 3);
    add(&b, again, 4);
    add(&b, refused, 5);
    run_then(&b, "--lang en");
    expect_printed_golden("replay.en.txt");
    run_then(&b, "--lang ko");
    expect_printed_golden("replay.ko.txt");
    bench_free(&b);
}

static void wrong_words_end_with_2(void **state)
{
    static const struct {
        const char *words, *says;
    } row[] = {{"replay policy", "policy replay takes two folders"},
               {"replay --since soon audit policy", "--since is a day (2026-11-21) or a time"},
               {"replay --lang fr audit policy", "--lang is en or ko"}};
    char line[200];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        (void)snprintf(line, sizeof line, "policy %s", row[i].words);
        run_line(&printed, policy, line);
        assert_int_equal(printed.code, CLI_USAGE);
        assert_says(printed.err, row[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_log_settles_is_replayed),
        cmocka_unit_test(what_hangs_on_facts_is_never_guessed),
        cmocka_unit_test(the_set_of_that_time_tells_what_messages_were),
        cmocka_unit_test(what_no_set_decides_is_left_out),
        cmocka_unit_test(a_replay_is_told_in_both_languages),
        cmocka_unit_test(wrong_words_end_with_2)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
