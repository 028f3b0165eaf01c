/* fedgatectl party, on a copy of the set that is shipped. Run from the project's folder. */
#include "../journal/temp_folder.h"
#include "base/mem.h"
#include "capture.h"
#include "cli/party.h"
#include "crypto/init.h"

static struct printed printed;

struct fixture {
    struct temp_folder temp;
    struct buf before;
};

static int party(int argc, char **argv)
{
    return cli_run("party", "0", cli_party_commands, argc, argv);
}

static int policy(int argc, char **argv)
{
    return cli_run("policy", "0", cli_policy_commands, argc, argv);
}

static void read_parties(struct fixture *f, struct buf *out)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/" PARTIES_FILE, f->temp.path);
    *out = BUF_INIT(1 << 20);
    assert_true(cli_read_file(path, 1 << 20, out));
}

static int begin(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    char command[200];
    assert_int_equal(crypto_init(), RESULT_OK);
    f->temp = temp_folder_new();
    (void)snprintf(command, sizeof command, "cp -r policy/. %s", f->temp.path);
    assert_int_equal(system(command), 0);
    read_parties(f, &f->before);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    temp_folder_free(&f->temp);
    buf_free(&f->before);
    mem_free(f);
    return 0;
}

/* "%s" is the folder. */
static int run(struct fixture *f, const char *words)
{
    char line[900] = "party ";
    const char *gap = strstr(words, "%s");
    (void)snprintf(line + 6, sizeof line - 6, "%.*s%s%s",
                   gap == NULL ? (int)strlen(words) : (int)(gap - words), words,
                   gap == NULL ? "" : f->temp.path, gap == NULL ? "" : gap + 2);
    run_line(&printed, party, line);
    return printed.code;
}

static void expect_unchanged(struct fixture *f)
{
    struct buf now;
    read_parties(f, &now);
    assert_true(bytes_equal(buf_view(&now), buf_view(&f->before)));
    buf_free(&now);
}

/* Behind `behind` (NULL: at the end) stands `added`, and all else is as it was. */
static void expect_added(struct fixture *f, const char *behind, const char *added)
{
    struct buf now;
    read_parties(f, &now);
    const char *old = buf_c(&f->before);
    const char *place = behind == NULL ? old + strlen(old) : strstr(old, behind) + strlen(behind);
    const size_t front = (size_t)(place - old), n = strlen(added);
    assert_int_equal(now.n, f->before.n + n);
    assert_memory_equal(now.p, old, front);
    assert_memory_equal(now.p + front, added, n);
    assert_memory_equal(now.p + front + n, place, strlen(place));
    buf_free(&now);
}

static void expect_in_order(struct fixture *f)
{
    char line[200];
    (void)snprintf(line, sizeof line, "policy check --draft %s", f->temp.path);
    run_line(&printed, policy, line);
    assert_int_equal(printed.code, CLI_OK);
}

/* ---- add */

#define NEW                                                                                        \
    "  carrier-duri:\n"                                                                            \
    "    name: {en: \"Duri\", ko: \"두리\"}\n"                                                   \
    "    role: [carrier]\n"                                                                        \
    "    public_institution: no\n"                                                                 \
    "    root: carrier-duri.pem\n"                                                                 \
    "    units:\n"                                                                                 \
    "      guardian: {name: {en: \"Guardian\", ko: \"안심\"}}\n"                                 \
    "      positions: {name: \"positions\"}\n"
#define ADD_NEW                                                                                    \
    "add --lang=en --name=Duri --name-ko=두리 --role=carrier --unit=guardian=Guardian|안심 "   \
    "--unit positions %s carrier-duri "

static void a_new_party_stands_at_the_end_and_no_other_line_changes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, ADD_NEW "--yes"), CLI_OK);
    expect_added(f, NULL, NEW);
    assert_says(printed.out, "+  carrier-duri:\n+    name: {en: \"Duri\", ko: \"두리\"}\n");
    assert_says(printed.out, ",3 +");
    assert_says(printed.out, ",11 @@\n");
    assert_says(printed.out, "subjectAltName = URI:fedgate://carrier-duri/guardian\n");
    assert_says(printed.out, "subjectAltName = URI:fedgate://carrier-duri/positions\n");
    assert_says(printed.out, "as carrier-duri.crl");
    expect_in_order(f);
}

static void a_dry_run_prints_the_same_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, ADD_NEW "--dry-run"), CLI_OK);
    assert_says(printed.out, "+      positions: {name: \"positions\"}\n");
    assert_says(printed.out, "12. [ ] vendor");
    expect_unchanged(f);
}

static void a_unit_is_added_behind_the_last_of_its_party(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, "add --lang ko --unit engine-4=Engine --yes %s daejeon-fire"), CLI_OK);
    expect_added(f, "펌프차 3호}}\n", "      engine-4: {name: \"Engine\"}\n");
    assert_says(printed.out, "기관: ");
    expect_in_order(f);
}

static void nothing_is_overwritten(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, "add --unit 119-control --yes %s daejeon-fire"), CLI_USAGE);
    assert_says(printed.err, "daejeon-fire/119-control has an entry already");
    assert_int_equal(run(f, "add --unit new --name Fire --yes %s daejeon-fire"), CLI_USAGE);
    assert_says(printed.err, "only --unit adds to it");
    expect_unchanged(f);
}

static void what_the_compiler_refuses_is_not_written(void **state)
{
    static const char *const wrong[][2] = {
        {"add --name X --role bank --unit u --yes %s new", "bank"},
        {"add --name X --role other --unit u --yes %s New", "New"},
        {"add --name X --role other --unit U_1 --yes %s new", "U_1"},
        {"add --name X --role other --unit u --yes %s gateway", "gateway"},
        {"add --name X --role other --unit u --unit u --yes %s new", "u"}};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_not_equal(run(f, wrong[i][0]), CLI_OK);
        assert_says(printed.err, wrong[i][1]);
        expect_unchanged(f);
    }
}

static void a_title_is_quoted_so_that_it_is_nothing_but_a_title(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        run(f, "add --name \\\"},role:[police] --role other --unit u --yes --lang en %s new"),
        CLI_OK);
    assert_int_equal(run(f, "show --lang en %s new"), CLI_OK);
    assert_says(printed.out, "\\\"},role:[police]");
    expect_in_order(f);
}

static void a_root_is_copied_beside_the_entry_and_a_private_key_never(void **state)
{
    struct fixture *f = *state;
    char words[300], path[128];
    (void)snprintf(path, sizeof path, "%s/key.pem", f->temp.path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("-----BEGIN PRIVATE KEY-----\n", file);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(words, sizeof words, ADD_NEW "--yes --root %s", "%s", path);
    assert_int_equal(run(f, words), CLI_FAILED);
    assert_says(printed.err, "it holds a private key");
    expect_unchanged(f);
}

static void what_lacks_is_told(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, "add --yes %s new"), CLI_USAGE);
    assert_int_equal(run(f, "add --unit u --yes %s new"), CLI_USAGE);
    assert_says(printed.err, "a new party needs --name and --role");
    assert_int_equal(run(f, "add --unit u %s"), CLI_USAGE);
    expect_unchanged(f);
}

/* ---- the text alone */

static void units_on_the_line_of_their_key_are_left_to_people(void **state)
{
    struct party_entry e = {.party = "a", .unit = {{"v", {"v", NULL}}}, .units = 1};
    struct party_change c;
    (void)state;
    const struct bytes flow = bytes_of_text("parties:\n  a:\n    units: {u: {name: U}}\n");
    assert_false(party_change_make(&e, true, flow, &c));
    buf_free(&c.added);
    const struct bytes torn = bytes_of_text("parties:\n  a:\n    units:\n      u: {name: U}");
    assert_false(party_change_make(&e, true, torn, &c));
    buf_free(&c.added);
    const struct bytes other =
        bytes_of_text("parties:\n  ab:\n    units:\n      u: {name: U}\n  a:\n    name: A\n");
    assert_false(party_change_make(&e, true, other, &c));
    buf_free(&c.added);
}

static void the_diff_tells_what_is_around_the_new_lines(void **state)
{
    struct party_entry e = {.party = "a", .unit = {{"v", {"V", NULL}}}, .units = 1};
    struct party_change c;
    struct buf out = BUF_INIT(4096);
    (void)state;
    const struct bytes file =
        bytes_of_text("parties:\n  a:\n    units: # here\n      u: {name: U}\n"
                      "    # an end\n  b:\n    units:\n      w: {name: W}\n");
    assert_true(party_change_make(&e, true, file, &c));
    party_change_diff(&c, file, "p.yaml", &out);
    assert_string_equal(buf_c(&out), "--- p.yaml\n+++ p.yaml\n@@ -2,6 +2,7 @@\n"
                                     "   a:\n     units: # here\n       u: {name: U}\n"
                                     "+      v: {name: \"V\"}\n"
                                     "     # an end\n   b:\n     units:\n");
    buf_free(&out);
    buf_free(&c.added);
}

/* ---- request, show, test */

static void a_request_is_for_one_unit(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, "request a/b"), CLI_OK);
    assert_says(printed.out, "CN = b\n");
    assert_says(printed.out, "subjectAltName = URI:fedgate://a/b\n");
    assert_says(printed.out, "openssl req -new -key b.key -config b.cnf -out b.csr\n");
    assert_int_equal(run(f, "request a"), CLI_USAGE);
    assert_int_equal(run(f, "request a/B;x"), CLI_USAGE);
}

static void show_tells_units_and_grants_both_ways(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, "show --lang en %s npa-daejeon"), CLI_OK);
    assert_says(printed.out, "npa-daejeon/112-control  Daejeon Metropolitan Police (112 control");
    assert_says(printed.out, "none: it cannot connect");
    const char *sends = strstr(printed.out, "what it sends"),
               *receives = strstr(printed.out, "what it receives");
    assert_true(sends != NULL && receives > sends);
    assert_non_null(strstr(sends, "video_request"));
    assert_non_null(strstr(receives, "npa-daejeon/112-control"));
    assert_int_equal(run(f, "show --lang en %s npa-daejon"), CLI_USAGE);
    assert_says(printed.err, "did you mean \"npa-daejeon\"?");
}

static void a_party_without_a_root_or_a_grant_fails_its_test(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run(f, "test --json %s daejeon-tax"), CLI_NO);
    assert_says(printed.out, "{\"result\":\"ok\",\"step\":\"set\"");
    assert_says(printed.out, "{\"result\":\"failed\",\"step\":\"root\"");
    assert_says(printed.out, "{\"result\":\"skipped\",\"step\":\"crl\"");
    assert_says(printed.out, "{\"result\":\"failed\",\"step\":\"grants\"");
    assert_int_equal(run(f, "test --certificate README.md --json %s npa-daejeon"), CLI_NO);
    assert_says(printed.out, "{\"result\":\"failed\",\"step\":\"certificate\"");
    assert_says(printed.out, "{\"result\":\"ok\",\"step\":\"grants\"");
}

#define WITH_COPY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_COPY(a_new_party_stands_at_the_end_and_no_other_line_changes),
        WITH_COPY(a_dry_run_prints_the_same_and_writes_nothing),
        WITH_COPY(a_unit_is_added_behind_the_last_of_its_party),
        WITH_COPY(nothing_is_overwritten),
        WITH_COPY(what_the_compiler_refuses_is_not_written),
        WITH_COPY(a_title_is_quoted_so_that_it_is_nothing_but_a_title),
        WITH_COPY(a_root_is_copied_beside_the_entry_and_a_private_key_never),
        WITH_COPY(what_lacks_is_told),
        cmocka_unit_test(units_on_the_line_of_their_key_are_left_to_people),
        cmocka_unit_test(the_diff_tells_what_is_around_the_new_lines),
        WITH_COPY(a_request_is_for_one_unit),
        WITH_COPY(show_tells_units_and_grants_both_ways),
        WITH_COPY(a_party_without_a_root_or_a_grant_fails_its_test)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
