/* fedgate-agent vault, as far as no gateway is needed for it. */
#include "cli/agent/vault_run.h"

#include "../journal/temp_folder.h"
#include "audit/note.h"
#include "capture.h"
#include "crypto/init.h"

#include <sys/stat.h>

#define LATER (INT64_C(4102444800) * US_PER_S) /* the year 2100 */
#define PLACE " --items items --key-store keys"

static struct printed printed;
static struct temp_folder folder;

static void run(int (*command)(int argc, char **argv), const char *line)
{
    run_line(&printed, command, line);
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    struct note_key key;
    struct buf text = BUF_INIT(1000);
    static const uint8_t public_key[32] = "a log's public key";
    (void)state;
    folder = temp_folder_new();
    (void)unsetenv("FEDGATE_VAULT_ITEMS");
    (void)unsetenv("FEDGATE_VAULT_KEY_STORE");
    if (crypto_init() != RESULT_OK || fchdir(folder.fd) != 0)
        return -1;
    struct hasher *h = hasher_new();
    assert_int_equal(
        note_key_make(h, bytes_of_text("fedgate.test/log"), NOTE_KEY_ED25519, public_key, &key),
        RESULT_OK);
    note_key_text(&key, &text);
    hasher_free(h);
    write_file("log.vkey", buf_c(&text));
    buf_free(&text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_folder_free(&folder);
    return 0;
}

static void make_vault(void)
{
    run(agent_vault_init_run, "init --unit npa-daejeon/112-control --log-key log.vkey" PLACE);
    assert_int_equal(printed.code, CLI_OK);
}

static void store(uint64_t record, int64_t destroy_by_us)
{
    static const uint8_t half[KEY_BYTES] = "the gateway's half";
    struct vault_place p = {.items = "items", .keys = "keys"};
    const struct vault_entry e = {.record = record,
                                  .kind = "scene_image",
                                  .provider = "daejeon/centre",
                                  .clause = "mou#images",
                                  .received_us = INT64_C(1795262400) * US_PER_S,
                                  .destroy_by_us = destroy_by_us,
                                  .uses = 3};
    struct vault_writer *w;
    assert_int_equal(vault_place_open(&p), CLI_OK);
    assert_int_equal(vault_begin(p.vault, &e, false, half, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text("what was seen")), RESULT_OK);
    assert_int_equal(vault_finish(w), RESULT_OK);
    vault_place_close(&p);
}

static void a_vault_is_made_once_in_folders_of_ones_own(void **state)
{
    (void)state;
    struct stat s;
    make_vault();
    assert_int_equal(stat("items", &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    assert_int_equal(stat("keys/secret", &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    run(agent_vault_init_run, "init --unit npa-daejeon/112-control --log-key log.vkey" PLACE);
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "already");
}

static void what_cannot_be_a_vault_is_said_with_what_to_do(void **state)
{
    (void)state;
    run(agent_vault_init_run, "init --log-key log.vkey" PLACE);
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "--unit is missing");
    run(agent_vault_init_run, "init --unit nobody --log-key log.vkey" PLACE);
    assert_int_equal(printed.code, CLI_USAGE);
    run(agent_vault_init_run,
        "init --unit a/b --log-key log.vkey --items items --key-store items/keys");
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "neither may lie in the other");
    run(agent_vault_list_run, "list --items items");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "FEDGATE_VAULT_KEY_STORE");
    assert_int_equal(mkdir("keys", 0700), 0);
    run(agent_vault_list_run, "list" PLACE);
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "vault init");
}

static void a_list_shows_what_there_is_and_nothing_of_what_it_says(void **state)
{
    (void)state;
    make_vault();
    store(4711, LATER);
    run(agent_vault_list_run, "list" PLACE);
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "record  state  kind");
    assert_says(printed.out, "4711    kept   scene_image  daejeon/centre  mou#images  "
                             "2100-01-01T09:00:00+09:00");
    assert_says(printed.out, "3 of 3");
    assert_null(strstr(printed.out, "seen"));
    run(agent_vault_list_run, "list --json" PLACE);
    assert_says(printed.out, "{\"clause\":\"mou#images\",\"destroyBy\":\"2100-01-01T09:00:00");
    assert_says(printed.out, "\"record\":4711,\"size\":13,\"state\":\"kept\",\"uses\":3,"
                             "\"usesLeft\":3}\n");
}

static void a_dry_run_destroys_nothing_and_a_real_one_what_it_named(void **state)
{
    (void)state;
    make_vault();
    store(1, LATER);
    store(2, LATER);
    run(agent_vault_destroy_run, "destroy 1 --dry-run" PLACE);
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out, "1\tscene_image\tdaejeon/centre\t13 bytes\n");
    run(agent_vault_destroy_run, "destroy 1 3 --yes" PLACE); /* one is not here: none is */
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "3: it is not here");
    run(agent_vault_destroy_run, "destroy 1 --yes" PLACE);
    assert_int_equal(printed.code, CLI_OK);
    run(agent_vault_list_run, "list --json" PLACE);
    assert_null(strstr(printed.out, "\"record\":1,"));
    assert_says(printed.out, "\"record\":2,");
    run(agent_vault_list_run, "list --json --all" PLACE);
    assert_says(printed.out, "\"record\":1,\"size\":13,\"state\":\"destroyed\"");
    run(agent_vault_destroy_run, "destroy 1 --yes" PLACE);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "destroyed already");
}

static void a_status_says_when_something_is_past_its_deadline(void **state)
{
    (void)state;
    make_vault();
    store(1, LATER);
    run(agent_vault_status_run, "status --json" PLACE);
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "\"kept\":1,");
    assert_says(printed.out, "\"pastDeadline\":0,");
    store(2, US_PER_S);
    run(agent_vault_status_run, "status" PLACE);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "past its deadline:  1\n");
}

static void nobody_opens_without_a_reason_and_a_key_that_is_known(void **state)
{
    (void)state;
    make_vault();
    store(1, LATER);
    run(agent_vault_open_run, "open 1 --person p.key" PLACE);
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "--reason is missing");
    run(agent_vault_open_run, "open 1 --reason x --person p.key" PLACE);
    assert_int_equal(printed.code, CLI_FAILED); /* there is no such file */
    run(agent_vault_open_run, "open 2 --reason x --person p.key" PLACE);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "2: it is not here");
}

/* ---- vault run */

static int end_receipts(int argc, char **argv)
{
    struct vault_run r = {.agent = {.problem = BUF_INIT(1000)}};
    const struct fedgate_end end = {FEDGATE_PERMISSION_DENIED, "suspended"};
    (void)argc;
    (void)argv;
    vault_receipt_events.ended(&r, &end);
    buf_free(&r.agent.problem);
    return r.agent.code;
}

/* It ran on before, and what it destroyed was never answered, with nobody told. */
static void a_vault_whose_receipts_cannot_be_sent_any_more_says_so_and_ends(void **state)
{
    (void)state;
    run(end_receipts, "run");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "the gateway ended the call: suspended (PERMISSION_DENIED)");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_vault_is_made_once_in_folders_of_ones_own),
        T(what_cannot_be_a_vault_is_said_with_what_to_do),
        T(a_list_shows_what_there_is_and_nothing_of_what_it_says),
        T(a_dry_run_destroys_nothing_and_a_real_one_what_it_named),
        T(a_status_says_when_something_is_past_its_deadline),
        T(nobody_opens_without_a_reason_and_a_key_that_is_known),
        T(a_vault_whose_receipts_cannot_be_sent_any_more_says_so_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
