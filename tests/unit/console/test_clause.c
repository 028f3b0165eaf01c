/* The clause that decided, in the sentences of the set that was in force then. Run from the
 * project's folder. */
#include "records.h"

#include "policy/seal.h"

#include <fcntl.h>
#include <sys/stat.h>

/* The shipped set as the archive keeps it: "SERIAL-DIGEST". */
static void archive_set(int archive, unsigned serial, char digest[2 * SHA256_BYTES + 1])
{
    struct manifest files = {0};
    struct buf text = BUF_INIT(1 << 20);
    char path[SEAL_PATH], name[64];
    uint8_t own[SHA256_BYTES], all[SHA256_BYTES];
    int from = open("policy", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int set = openat(from, "set.yaml", O_RDONLY | O_CLOEXEC);
    assert_true(from >= 0 && set >= 0);
    uint8_t *room = buf_reserve(&text, 1 << 20);
    ssize_t n = read(set, room, 1 << 20);
    assert_true(n > 0);
    const struct bytes part = bytes_of(room, (size_t)n);
    struct hasher *h = hasher_new();
    hasher_sha256(h, &part, 1, own);
    hasher_free(h);
    assert_int_equal(manifest_list(from, &files, path), RESULT_OK);
    manifest_digest(&files, own, all);
    bytes_to_hex(bytes_of(all, sizeof all), digest);
    (void)snprintf(name, sizeof name, "%u-%.16s", serial, digest);
    assert_int_equal(mkdirat(archive, name, 0700), 0);
    int to = openat(archive, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(manifest_copy(&files, from, to, own), RESULT_OK);
    manifest_free(&files);
    buf_free(&text);
    (void)close(set);
    (void)close(from);
    (void)close(to);
}

static void add_activation(struct records_bench *b, uint64_t serial, const char *digest)
{
    char detail[256];
    (void)snprintf(detail, sizeof detail, "set=daejeon sha256=%s signatures=not-required", digest);
    (void)add_leaf(
        b, (struct leaf){.event = AUDIT_POLICY_ACTIVATED, .policy = serial, .detail = B(detail)});
}

static void add_decided(struct records_bench *b, uint64_t serial, const char *clause)
{
    const struct leaf_recipient r = {
        .unit = B(FIRE), .reason = B("permitted"), .clause = B(clause)};
    (void)add_leaf(b, (struct leaf){.event = AUDIT_RECEIVED,
                                    .source = B(POLICE),
                                    .policy = serial,
                                    .recipient = &r,
                                    .recipients = 1});
}

struct clause_bench {
    struct records_bench records;
    struct temp_folder archive;
    struct visitor visitor;
};

static void clause_init(struct clause_bench *b)
{
    char digest[2 * SHA256_BYTES + 1];
    records_init(&b->records);
    b->archive = temp_folder_new();
    b->visitor = visitor_of(POLICY_CONSOLE_AUDITOR);
    console_free(b->records.web.console);
    b->records.web.config.archive_folder = b->archive.fd;
    b->records.web.console = console_new(&b->records.web.config);
    archive_set(b->archive.fd, 7, digest);
    add_activation(&b->records, 7, digest);
    add_decided(&b->records, 7, "molit-npa-2015#onsite-live-video");
    add_decided(&b->records, 8, "molit-npa-2015#onsite-live-video");
    add_decided(&b->records, 7, "molit-npa-2015#<script>");
    publish(&b->records);
    state_reason(&b->records, &b->visitor, "a");
}

static void clause_free(struct clause_bench *b)
{
    records_free(&b->records);
    temp_folder_free(&b->archive);
}

static void its_sentences_stand_below_the_decision(void **state)
{
    (void)state;
    struct clause_bench b;
    clause_init(&b);
    assert_int_equal(get_records(&b.records, &b.visitor, "/en/record/1", ""), 200);
    assert_well_formed(&b.records.web);
    const char *quote = strstr(buf_c(&b.records.web.body), "<blockquote>");
    assert_non_null(quote);
    assert_non_null(strstr(quote, "<p class=\"title\">Article"));
    assert_non_null(strstr(quote, "<p class=\"sentence\">"));
    assert_non_null(strstr(quote, "<code>molit-npa-2015#onsite-live-video</code>"));
    assert_int_equal(get_records(&b.records, &b.visitor, "/ko/record/1", ""), 200);
    assert_well_formed(&b.records.web);
    assert_true(shows(&b.records.web, "<p class=\"title\">제"));
    clause_free(&b);
}

static void a_set_that_never_came_into_force_is_not_believed(void **state)
{
    (void)state;
    struct clause_bench b;
    clause_init(&b);
    assert_int_equal(get_records(&b.records, &b.visitor, "/en/record/2", ""), 200);
    assert_false(shows(&b.records.web, "<blockquote>"));
    assert_true(shows(&b.records.web, "no copy of the policy set of that time"));
    clause_free(&b);
}

static void a_clause_that_the_set_has_not_says_nothing(void **state)
{
    (void)state;
    struct clause_bench b;
    clause_init(&b);
    assert_int_equal(get_records(&b.records, &b.visitor, "/en/record/3", ""), 200);
    assert_well_formed(&b.records.web);
    assert_false(shows(&b.records.web, "<p class=\"title\">") || shows(&b.records.web, "<script>"));
    clause_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_sentences_stand_below_the_decision),
        cmocka_unit_test(a_set_that_never_came_into_force_is_not_believed),
        cmocka_unit_test(a_clause_that_the_set_has_not_says_nothing),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
