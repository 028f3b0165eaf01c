/* Policy sets from the archive: only what the log has on record is shown, and how. Run from the
 * project's folder. */
#include "visit_support.h"

#include "console/sets.h"
#include "console/state.h"
#include "policy/seal.h"
#include "search/search.h"

#include <dirent.h>
#include <sys/stat.h>

#define MEMORANDUM "molit-npa-2015"

struct bench {
    struct visit_bench visit;
    struct temp_folder index, archive;
    struct search *search;
};

/* ---- the archive */

static void read_at(int folder, const char *path, struct buf *out)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    uint8_t *room = buf_reserve(out, 1 << 20);
    ssize_t n = read(fd, room, 1 << 20);
    assert_true(n > 0 && n < 1 << 20);
    out->n = (size_t)n;
    (void)close(fd);
}

static void write_at(int folder, const char *path, struct bytes text)
{
    int fd = openat(folder, path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    (void)close(fd);
}

/* What a set without a seal is named by. */
static void name_of(int folder, char digest[2 * SHA256_BYTES + 1])
{
    struct manifest files = {0};
    struct buf text = BUF_INIT(1 << 20);
    char path[SEAL_PATH];
    uint8_t own[SHA256_BYTES], all[SHA256_BYTES];
    struct hasher *h = hasher_new();
    read_at(folder, "set.yaml", &text);
    const struct bytes part = buf_view(&text);
    hasher_sha256(h, &part, 1, own);
    hasher_free(h);
    assert_int_equal(manifest_list(folder, &files, path), RESULT_OK);
    manifest_digest(&files, own, all);
    bytes_to_hex(bytes_of(all, sizeof all), digest);
    manifest_free(&files);
    buf_free(&text);
}

static void copy_set(int to)
{
    struct manifest files = {0};
    struct buf text = BUF_INIT(1 << 20);
    char path[SEAL_PATH];
    uint8_t own[SHA256_BYTES];
    struct hasher *h = hasher_new();
    int from = open("policy", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    read_at(from, "set.yaml", &text);
    const struct bytes part = buf_view(&text);
    hasher_sha256(h, &part, 1, own);
    hasher_free(h);
    assert_int_equal(manifest_list(from, &files, path), RESULT_OK);
    assert_int_equal(manifest_copy(&files, from, to, own), RESULT_OK);
    manifest_free(&files);
    buf_free(&text);
    (void)close(from);
}

/* The first such text of a file. */
static void replace(int set, const char *path, const char *from, const char *to)
{
    struct buf old = BUF_INIT(1 << 20), new = BUF_INIT(1 << 20);
    read_at(set, path, &old);
    const char *text = buf_c(&old), *at = strstr(text, from);
    assert_non_null(at);
    buf_printf(&new, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    write_at(set, path, buf_view(&new));
    buf_free(&old);
    buf_free(&new);
}

/* The shipped set, or one whose memorandum and register were changed, one file of tests expects
 * another day, and another is gone; with its record in the log. */
static void bring_into_force(struct bench *b, uint64_t serial, bool changed)
{
    char digest[2 * SHA256_BYTES + 1], name[64], detail[400];
    assert_int_equal(mkdirat(b->archive.fd, "new", 0700), 0);
    int set = openat(b->archive.fd, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    copy_set(set);
    if (changed) {
        replace(set, "mou/" MEMORANDUM ".yaml", "delay: 24 hours", "delay: 23 hours");
        replace(set, "inventory/parties.yaml", ", console: officer", "");
        replace(set, "tests/112-patrol.yaml", "in 20 days", "in 29 days");
        assert_int_equal(unlinkat(set, "tests/investigation-footage.yaml", 0), 0);
    }
    name_of(set, digest);
    (void)close(set);
    (void)snprintf(name, sizeof name, "%llu-%.16s", (unsigned long long)serial, digest);
    assert_int_equal(renameat(b->archive.fd, "new", b->archive.fd, name), 0);
    (void)snprintf(detail, sizeof detail,
                   "set=daejeon sha256=%s signatures=not-required officers=npa-daejeon/kim",
                   digest);
    (void)leaf_at(
        &b->visit.web.log,
        (struct leaf){.event = AUDIT_POLICY_ACTIVATED, .policy = serial, .detail = B(detail)},
        (int64_t)serial);
}

/* Entry 0: the shipped set; 1: the changed one; more that are as the shipped one. */
static void begin_with(struct bench *b, unsigned sets)
{
    *b = (struct bench){.index = temp_folder_new(), .archive = temp_folder_new()};
    visit_init(&b->visit);
    bring_into_force(b, 7, false);
    for (unsigned i = 1; i < sets; i++)
        bring_into_force(b, 7 + i, i == 1);
    struct web_bench *web = &b->visit.web;
    enum result r = RESULT_AGAIN;
    log_publish(&web->log);
    assert_int_equal(search_open(b->index.fd, B(LOG_NAME), NULL, &b->search), RESULT_OK);
    while (r == RESULT_AGAIN)
        r = search_follow(b->search, web->log.folder.fd, tiles_size(web->log.tiles), US_PER_S);
    console_free(web->console);
    web->config.search = b->search;
    web->config.archive_folder = b->archive.fd;
    web->console = console_new(&web->config);
}

static void begin(struct bench *b)
{
    begin_with(b, 2);
}

static void end(struct bench *b)
{
    visit_free(&b->visit);
    search_close(b->search);
    temp_folder_free(&b->index);
    temp_folder_free(&b->archive);
}

/* The folder of a copy. */
static int copy_of(struct bench *b, unsigned serial)
{
    DIR *dir = fdopendir(dup(b->archive.fd));
    const struct dirent *e;
    char begin_of[16];
    int fd = -1;
    (void)snprintf(begin_of, sizeof begin_of, "%u-", serial);
    rewinddir(dir);
    while (fd < 0 && (e = readdir(dir)) != NULL)
        if (strncmp(e->d_name, begin_of, strlen(begin_of)) == 0)
            fd = openat(b->archive.fd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)closedir(dir);
    assert_true(fd >= 0);
    return fd;
}

/* ---- */

static void sets_are_listed_as_the_log_has_them_for_operators_too(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    b.visit.visitor.role = POLICY_CONSOLE_OPERATOR;
    assert_int_equal(visit_get(&b.visit, "/en/policy", ""), 200);
    assert_well_formed(web);
    assert_string_equal(web->viewed, "policy html -1 0-0 ");
    const char *newest = strstr(buf_c(&web->body), "/en/policy/1\"");
    assert_non_null(newest);
    assert_non_null(strstr(newest, "/en/policy/1/changes?since=0"));
    assert_non_null(strstr(newest, "/en/policy/0\""));
    assert_non_null(strstr(newest, "npa-daejeon/kim"));
    end(&b);
}

static void a_memorandum_stands_as_sentences_beside_its_text(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    assert_int_equal(visit_get(&b.visit, "/en/policy/0", ""), 200);
    assert_well_formed(web);
    assert_true(shows(web, "/en/policy/0/memorandum/" MEMORANDUM "\""));
    assert_int_equal(visit_get(&b.visit, "/ko/policy/0/memorandum/" MEMORANDUM, ""), 200);
    assert_well_formed(web);
    assert_string_equal(web->viewed, "policy html 0 0-0 ");
    assert_true(shows(web, "<article class=\"memorandum\">") &&
                shows(web, "<span class=\"line\">"));
    assert_true(shows(web, "<ol class=\"source\">"));
    assert_false(shows(web, "<style") || shows(web, " style="));
    assert_int_equal(visit_get(&b.visit, "/en/policy/0/memorandum/none", ""), 404);
    assert_int_equal(visit_get(&b.visit, "/en/policy/4711", ""), 404);
    assert_int_equal(visit_get(&b.visit, "/en/policy/0/none", ""), 404);
    end(&b);
}

static void the_matrix_is_a_page_and_a_file_and_can_be_filtered(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    assert_int_equal(visit_get(&b.visit, "/en/policy/0/matrix", ""), 200);
    assert_well_formed(web);
    assert_true(shows(web, MEMORANDUM "#"));
    assert_int_equal(visit_get(&b.visit, "/en/policy/0/matrix", "kind=no-such-kind"), 200);
    assert_false(shows(web, MEMORANDUM "#"));
    assert_int_equal(visit_get(&b.visit, "/ko/policy/0/matrix", "form=csv"), 200);
    assert_true(has_field(web, "filename=\"matrix.csv\"") && shows(web, MEMORANDUM "#"));
    assert_string_equal(web->viewed, "policy csv 0 0-0 ");
    assert_int_equal(visit_get(&b.visit, "/en/policy/0/matrix", "form=json"), 200);
    assert_true(shows(web, "{\"table\":\"matrix\""));
    end(&b);
}

static void what_changed_is_told_by_file_and_by_decision(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    assert_int_equal(visit_get(&b.visit, "/en/policy/1/changes", "since=0"), 200);
    assert_well_formed(web);
    assert_true(shows(web, "mou/" MEMORANDUM ".yaml</th><td>changed"));
    assert_true(shows(web, "<td>destroy</td>")); /* permitted by both, to be destroyed sooner */
    assert_true(shows(web, "footage-desk</th><td>officer</td><td>none</td><td>narrower</td>"));
    assert_int_equal(visit_get(&b.visit, "/ko/policy/1/changes", "since=0"), 200);
    assert_true(shows(web, "<td>담당관</td><td>없음</td><td>좁아짐</td>"));
    assert_int_equal(visit_get(&b.visit, "/en/policy/1/changes", "since=1"), 200);
    assert_false(shows(web, "<td>changed"));
    assert_int_equal(visit_get(&b.visit, "/en/policy/1/changes", ""), 404);
    end(&b);
}

static void the_sets_own_tests_are_asked_again_and_what_they_do_not_reach_is_listed(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    b.visit.visitor.role = POLICY_CONSOLE_OPERATOR;
    assert_int_equal(visit_get(&b.visit, "/en/policy/0/tests", ""), 200);
    assert_well_formed(web);
    assert_string_equal(web->viewed, "policy html 0 0-0 ");
    assert_true(shows(web, ">tests/112-patrol.yaml</th><td>"));
    assert_true(shows(web, "(100 %)"));
    assert_false(shows(web, "What no test reaches") || shows(web, "Tests that fail"));
    assert_int_equal(visit_get(&b.visit, "/ko/policy/1/tests", ""), 200);
    assert_well_formed(web);
    assert_true(shows(web, "시험 범위: 조항 ") && !shows(web, "(100 %)"));
    assert_true(shows(web, "<h2>시험이 미치지 않는 부분</h2><pre>mou/investigation-footage.yaml:"));
    assert_true(shows(web, "<h2>실패한 시험</h2><pre>tests/112-patrol.yaml:"));
    end(&b);
}

/* Whoever asks holds the set while its tests run, and no longer than he stays. */
static void more_sets_than_can_be_held_are_refused_until_somebody_goes(void **state)
{
    (void)state;
    struct bench b;
    struct web_call *held[SETS_KEPT];
    begin_with(&b, SETS_KEPT + 1);
    for (unsigned i = 0; i < SETS_KEPT; i++) {
        char path[40];
        (void)snprintf(path, sizeof path, "/en/policy/%u/tests", i);
        held[i] = visit_ask(&b.visit, path, "");
    }
    static const char *const last = "/en/policy/4/tests";
    assert_int_equal(visit_get(&b.visit, last, ""), 503);
    assert_true(shows(&b.visit.web, "Too many sets are being looked at"));
    console_gone(held[0]);
    assert_int_equal(visit_get(&b.visit, last, ""), 200);
    for (unsigned i = 1; i < SETS_KEPT; i++)
        console_gone(held[i]);
    end(&b);
}

/* Their story: sets were compared, and tests run, before anybody asked whether this visitor's views
 * may be recorded; and four readers who took their pages slowly kept all others from every set. */
static void
what_takes_long_begins_behind_its_record_and_holds_no_set_for_a_slow_reader(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/policy/1/changes", "/en/policy/1/tests"};
    struct bench b;
    struct web_call *slow[SETS_KEPT];
    begin_with(&b, SETS_KEPT + 1);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        b.visit.web.holds_views = true;
        struct web_call *w = visit_ask(&b.visit, paths[i], "since=0");
        (void)console_turn(b.visit.web.console);
        assert_int_equal(b.visit.web.views, 1);
        assert_true(w->own == NULL && w->out.n == 0); /* nothing was begun */
        console_viewed(b.visit.web.console, b.visit.web.view_ticket, false, 0);
        assert_int_equal(b.visit.web.status, 503);
        console_gone(w);
        b.visit.web.holds_views = false;
    }
    for (unsigned i = 0; i < SETS_KEPT; i++) {
        char path[40];
        (void)snprintf(path, sizeof path, "/en/policy/%u/tests", i);
        slow[i] = visit_ask(&b.visit, path, "");
        turn_to_end(&b.visit);
        assert_int_equal(b.visit.web.status, 200);
    }
    assert_int_equal(visit_get(&b.visit, "/en/policy/4/tests", ""), 200);
    for (unsigned i = 0; i < SETS_KEPT; i++)
        console_gone(slow[i]);
    end(&b);
}

/* ---- an archive that lies */

static void a_copy_that_was_changed_is_not_shown(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    int set = copy_of(&b, 7);
    write_at(set, "mou/" MEMORANDUM ".yaml", B("mou: other\n"));
    assert_int_equal(visit_get(&b.visit, "/en/policy/0", ""), 404);
    assert_true(shows(&b.visit.web, "its digest differs"));
    (void)close(set);
    set = copy_of(&b, 8);
    assert_int_equal(visit_get(&b.visit, "/en/policy/1", ""), 200);
    write_at(set, "mou/" MEMORANDUM ".yaml", B("mou: other\n")); /* once it is kept */
    assert_int_equal(visit_get(&b.visit, "/en/policy/1/memorandum/" MEMORANDUM, ""), 404);
    assert_true(shows(&b.visit.web, "its digest differs"));
    (void)close(set);
    end(&b);
}

static void a_pipe_or_a_link_in_a_copy_holds_nobody_up(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    int set = copy_of(&b, 7);
    assert_int_equal(mkfifoat(set, "mou/pipe.yaml", 0600), 0);
    assert_int_equal(visit_get(&b.visit, "/en/policy/0", ""), 404);
    assert_int_equal(unlinkat(set, "set.yaml", 0), 0);
    assert_int_equal(mkfifoat(set, "set.yaml", 0600), 0);
    assert_int_equal(visit_get(&b.visit, "/en/policy/0", ""), 404);
    assert_int_equal(unlinkat(set, "set.yaml", 0), 0);
    assert_int_equal(symlinkat("/etc/passwd", set, "set.yaml"), 0);
    assert_int_equal(visit_get(&b.visit, "/en/policy/0", ""), 404);
    (void)close(set);
    end(&b);
}

static void a_set_without_a_copy_is_said(void **state)
{
    (void)state;
    struct bench b;

    begin(&b);
    int set = copy_of(&b, 7);
    assert_int_equal(unlinkat(set, "set.yaml", 0), 0);
    assert_int_equal(visit_get(&b.visit, "/en/policy/0", ""), 404);
    assert_true(shows(&b.visit.web, "no copy of it"));

    (void)close(set);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_listed_as_the_log_has_them_for_operators_too),
        cmocka_unit_test(a_memorandum_stands_as_sentences_beside_its_text),
        cmocka_unit_test(the_matrix_is_a_page_and_a_file_and_can_be_filtered),
        cmocka_unit_test(what_changed_is_told_by_file_and_by_decision),
        cmocka_unit_test(the_sets_own_tests_are_asked_again_and_what_they_do_not_reach_is_listed),
        cmocka_unit_test(more_sets_than_can_be_held_are_refused_until_somebody_goes),
        cmocka_unit_test(
            what_takes_long_begins_behind_its_record_and_holds_no_set_for_a_slow_reader),
        cmocka_unit_test(a_copy_that_was_changed_is_not_shown),
        cmocka_unit_test(a_pipe_or_a_link_in_a_copy_holds_nobody_up),
        cmocka_unit_test(a_set_without_a_copy_is_said)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
