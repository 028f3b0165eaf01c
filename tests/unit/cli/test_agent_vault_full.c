/* fedgate-agent vault run where there is no room for more. */
#include "fake_gateway.h"

#include "../journal/temp_folder.h"
#include "cli/agent/vault.h"
#include "vault/state.h"

#define PLACE "--items items --key-store keys"

static struct printed printed;
static struct temp_folder folder;
static struct fake_gateway gateway;

static void make_vault(void)
{
    struct vault_place p = {.items = "items", .keys = "keys"};
    assert_int_equal(vault_place_folders(&p, true), CLI_OK);
    const struct vault_config config = {p.items_fd, p.keys_fd, clock_system()};
    assert_int_equal(vault_create(&config, "gateway.example/log", "npa-daejeon/112-control"),
                     RESULT_OK);
    vault_place_close(&p);
}

static int set_up(void **state)
{
    (void)state;
    folder = temp_folder_new();
    if (fchdir(folder.fd) != 0)
        return -1;
    make_vault();
    gateway.fake = fake_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_gateway_free(&gateway);
    temp_folder_free(&folder);
    return 0;
}

/* An item whose time is over since long, and places of others that were destroyed. */
static void fill(struct vault *v)
{
    static const uint8_t half[KEY_BYTES] = "the gateway's half";
    const struct vault_entry e = {.record = 5, .kind = "scene_image", .destroy_by_us = US_PER_S};
    const struct clock clock = clock_system();
    struct vault_writer *w;
    assert_int_equal(vault_begin(v, &e, false, half, &w), RESULT_OK);
    assert_int_equal(vault_finish(w), RESULT_OK);
    assert_int_equal(vault_lock(v), RESULT_OK);
    for (uint64_t record = 1000; v->index->entries < VAULT_ITEMS_MAX; record++) {
        struct vault_entry *old = vault_index_add(v->index, record);
        assert_non_null(old);
        old->state = VAULT_DESTROYED;
        old->destroyed_us = clock_wall_us(&clock);
    }
    assert_int_equal(vault_save(v), RESULT_OK);
    vault_unlock(v);
}

/* It ended at the first delivery, its service started it again five seconds later, and so on: it
 * never came to what was to be destroyed. */
static void a_full_vault_stores_nothing_and_goes_on_destroying(void **state)
{
    struct vault_place p = {.items = "items", .keys = "keys"};
    (void)state;
    assert_int_equal(vault_place_open(&p), CLI_OK);
    fill(p.vault);
    vault_place_close(&p);
    gateway.fake->deliveries = 1;
    fake_gateway_start(&gateway);
    run_at(&gateway, &printed, agent_vault_run_run, "run", "--for 3 " PLACE);
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.err, "items: no room is left: nothing is stored before there is");
    assert_null(strstr(strstr(printed.err, "no room is left") + 1, "no room is left"));
    assert_says(printed.out, "{\"event\":\"destroyed\",\"record\":5}\n");
    assert_null(strstr(printed.out, "stored"));
    fake_gateway_stop(&gateway);
    assert_int_equal(gateway.fake->subscriptions, 1);
    assert_int_equal(gateway.fake->acks, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_full_vault_stores_nothing_and_goes_on_destroying),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
