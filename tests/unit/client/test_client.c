/* The connection: how it comes about, how it is lost, and how it comes again. */
#include "support.h"

/* ---- configuration */

static struct fedgate_client *try_address(struct pair *p, const char *address, char *why, size_t n)
{
    char path[3][128];
    const struct fedgate_client_config config = {
        .gateway = address,
        .certificate_file = fake_path(p->fake, "unit.pem", path[0]),
        .key_file = fake_path(p->fake, "unit.key", path[1]),
        .root_file = fake_path(p->fake, "root.pem", path[2])};
    return fedgate_client_new(&config, why, n);
}

static void a_configuration_that_is_not_usable_is_refused_by_name(void **state)
{
    struct pair *p = *state;
    char why[300] = "";
    assert_null(try_address(p, "localhost", why, sizeof why));
    assert_string_equal(why, "localhost: not HOST:PORT");
    assert_null(client_with(p, "none.pem", "unit.key", "root.pem", false, why, sizeof why));
    assert_non_null(strstr(why, "/none.pem: No such file or directory"));
    assert_null(client_with(p, "unit.pem", "none.key", "root.pem", false, why, sizeof why));
    assert_non_null(strstr(why, "/none.key: No such file or directory"));
    assert_null(client_with(p, "unit.key", "unit.key", "root.pem", false, why, sizeof why));
    assert_non_null(strstr(why, "the certificate cannot be read"));
    assert_null(client_with(p, "unit.pem", "unit.pem", "root.pem", false, why, sizeof why));
    assert_non_null(strstr(why, "the key cannot be read"));
    fake_put_file(p->fake, "other.key", &p->fake->peers->gateway.key_pem);
    assert_null(client_with(p, "unit.pem", "other.key", "root.pem", false, why, sizeof why));
    assert_non_null(strstr(why, "the key does not fit the certificate"));
    assert_null(client_with(p, "unit.pem", "unit.key", "unit.key", false, why, sizeof why));
    assert_non_null(strstr(why, "the root certificate cannot be read"));
    struct buf empty = BUF_INIT(1);
    fake_put_file(p->fake, "empty.pem", &empty);
    assert_null(client_with(p, "empty.pem", "unit.key", "root.pem", false, why, sizeof why));
    assert_non_null(strstr(why, "/empty.pem: the file is empty"));
}

static void a_client_knows_its_unit_and_connects(void **state)
{
    struct pair *p = *state;
    assert_string_equal(fedgate_client_unit(p->client), "npa-daejeon/112-control");
    assert_int_equal(p->lost, 0);
}

/* The files of the unit are those of this credential now. */
static void put_unit(struct pair *p, const struct credential *unit)
{
    fake_put_file(p->fake, "unit.pem", &unit->certificate_pem);
    fake_put_file(p->fake, "unit.key", &unit->key_pem);
}

static long serial_of_peer(const struct pair *p)
{
    return ASN1_INTEGER_get(
        X509_get0_serialNumber(grpc_connection_peer(p->fake->connection)->certificate));
}

static void a_renewed_certificate_is_shown_by_the_next_connection(void **state)
{
    struct pair *p = *state;
    struct pki_spec spec = unit_spec(&p->fake->peers->root);
    spec.serial = 4711;
    struct credential renewed = credential_new(spec);
    const long before = serial_of_peer(p);
    put_unit(p, &renewed);
    grpc_connection_close(p->fake->connection, "enough");
    PASS_UNTIL(p, p->connected == 2 && p->fake->sessions == 2, US_PER_S);
    assert_int_not_equal(before, 4711);
    assert_int_equal(serial_of_peer(p), 4711);
    credential_free(&renewed);
}

static void a_renewal_that_is_half_done_changes_nothing(void **state)
{
    struct pair *p = *state;
    struct credential renewed = credential_new(unit_spec(&p->fake->peers->root));
    fake_put_file(p->fake, "unit.key", &renewed.key_pem);
    grpc_connection_close(p->fake->connection, "enough");
    PASS_UNTIL(p, p->connected == 2 && p->fake->sessions == 2, US_PER_S);
    credential_free(&renewed);
}

/* ---- how it is lost */

static void nobody_who_listens_is_told_as_unreachable(void **state)
{
    struct pair *p = *state;
    fake_stop_serving(p->fake);
    (void)close(p->fake->listen_fd);
    p->fake->listen_fd = -1;
    pair_connect(p, false);
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(p->last.loss, FEDGATE_LOSS_UNREACHABLE);
    assert_string_equal(p->why, "Connection refused");
    assert_non_null(strstr(p->text, "check host and port"));
    assert_int_equal(p->last.retry_in_us, -1);
    assert_int_equal(p->connected, 0);
}

static void a_gateway_under_another_root_is_not_trusted(void **state)
{
    struct pair *p = *state;
    char why[200];
    struct credential other = root_new("other root");
    fake_put_file(p->fake, "other.pem", &other.certificate_pem);
    p->client = client_with(p, "unit.pem", "unit.key", "other.pem", false, why, sizeof why);
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(p->last.loss, FEDGATE_LOSS_UNTRUSTED);
    assert_non_null(strstr(p->text, "does not come from the root given"));
    credential_free(&other);
}

static void a_gateway_with_another_name_is_not_trusted(void **state)
{
    struct pair *p = *state;
    char path[3][128], why[200];
    const struct fedgate_client_config config = {
        .gateway = p->fake->address,
        .certificate_file = fake_path(p->fake, "unit.pem", path[0]),
        .key_file = fake_path(p->fake, "unit.key", path[1]),
        .root_file = fake_path(p->fake, "root.pem", path[2]),
        .server_name = "gateway.example",
        .arg = p,
        .lost = pair_lost};
    p->client = fedgate_client_new(&config, why, sizeof why);
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(p->last.loss, FEDGATE_LOSS_UNTRUSTED);
    assert_non_null(strstr(p->text, "names another host"));
}

static void connect_as(struct pair *p, struct pki_spec spec)
{
    char why[200];
    struct credential c = credential_new(spec);
    fake_put_file(p->fake, "x.pem", &c.certificate_pem);
    fake_put_file(p->fake, "x.key", &c.key_pem);
    fedgate_client_free(p->client);
    p->lost = 0;
    p->client = client_with(p, "x.pem", "x.key", "root.pem", false, why, sizeof why);
    assert_non_null(p->client);
    TURN_UNTIL(p, p->lost == 1);
    credential_free(&c);
    assert_int_equal(p->last.loss, FEDGATE_LOSS_NOT_ACCEPTED);
}

static void each_alert_says_what_is_wrong_with_the_certificate(void **state)
{
    struct pair *p = *state;
    struct pki_spec spec = unit_spec(&p->fake->peers->root);
    struct credential stranger = root_new("stranger");
    spec.ends_s = -60;
    connect_as(p, spec);
    assert_non_null(strstr(p->text, "this unit's certificate has expired"));
    spec = unit_spec(&stranger);
    connect_as(p, spec);
    assert_non_null(strstr(p->text, "does not know the root"));
    spec = unit_spec(&p->fake->peers->root);
    spec.extended = "serverAuth";
    connect_as(p, spec);
    assert_non_null(strstr(p->text, "not meant for clients"));
    spec = unit_spec(&p->fake->peers->root);
    spec.begins_s = 3600;
    connect_as(p, spec);
    assert_non_null(strstr(p->text, "not yet valid"));
    p->fake->refuse = "unknown unit";
    connect_as(p, unit_spec(&p->fake->peers->root));
    assert_non_null(strstr(p->text, "has no such unit"));
    credential_free(&stranger);
}

static void a_connection_that_stood_has_ended(void **state)
{
    struct pair *p = *state;
    grpc_connection_close(p->fake->connection, "enough");
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(p->last.loss, FEDGATE_LOSS_ENDED);
    assert_string_equal(p->text, "");
}

/* ---- how it comes again */

static void a_lost_connection_comes_again_after_a_while(void **state)
{
    struct pair *p = *state;
    grpc_connection_close(p->fake->connection, "enough");
    TURN_UNTIL(p, p->lost == 1);
    assert_true(p->last.retry_in_us >= 100000 && p->last.retry_in_us <= 200000);
    settle(p);
    assert_int_equal(p->connected, 1);
    PASS_UNTIL(p, p->connected == 2 && p->fake->sessions == 2, US_PER_S);
}

static void attempts_that_fail_grow_rarer(void **state)
{
    struct pair *p = *state;
    int64_t longest = 0;
    fake_stop_serving(p->fake);
    (void)close(p->fake->listen_fd);
    p->fake->listen_fd = -1;
    for (unsigned i = 1; i <= 9; i++) {
        TURN_UNTIL(p, p->lost == i);
        longest = p->last.retry_in_us;
        p->now_us += longest - 1;
        settle(p);
        assert_int_equal(p->lost, i);
        p->now_us += 1;
    }
    assert_true(longest >= 15 * US_PER_S && longest <= 30 * US_PER_S);
}

/* ---- the loop */

struct own {
    struct fedgate_client *client;
    struct fedgate_watch *watch;
    struct fedgate_timer *timer;
    int pipe[2];
    unsigned ready, due;
};

static void own_ready(void *arg, int events)
{
    struct own *o = arg;
    char c;
    assert_int_equal(events, FEDGATE_READ);
    assert_int_equal(read(o->pipe[0], &c, 1), 1);
    o->ready++;
}

static void own_due(void *arg)
{
    struct own *o = arg;
    o->due++;
    fedgate_client_stop(o->client);
}

static void what_is_the_applications_own_is_waited_for_too(void **state)
{
    struct pair *p = *state;
    struct own o = {.client = p->client};
    assert_int_equal(pipe(o.pipe), 0);
    o.watch = fedgate_watch_new(p->client, o.pipe[0], own_ready, &o);
    o.timer = fedgate_timer_new(p->client, own_due, &o);
    assert_int_equal(write(o.pipe[1], "xy", 2), 2);
    settle(p);
    assert_int_equal(o.ready, 0);
    fedgate_watch_set(o.watch, FEDGATE_READ);
    TURN_UNTIL(p, o.ready == 2);
    fedgate_timer_set(o.timer, US_PER_S);
    fedgate_timer_stop(o.timer);
    p->now_us += 2 * US_PER_S;
    settle(p);
    assert_int_equal(o.due, 0);
    fedgate_timer_set(o.timer, US_PER_S);
    p->now_us += US_PER_S;
    fedgate_client_run(p->client);
    assert_int_equal(o.due, 1);
    fedgate_timer_free(o.timer);
    fedgate_watch_free(o.watch);
    (void)close(o.pipe[0]);
    (void)close(o.pipe[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_configuration_that_is_not_usable_is_refused_by_name,
                                        pair_begin, pair_end),
        cmocka_unit_test_setup_teardown(a_client_knows_its_unit_and_connects, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_renewed_certificate_is_shown_by_the_next_connection,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(a_renewal_that_is_half_done_changes_nothing,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(nobody_who_listens_is_told_as_unreachable, pair_begin,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_gateway_under_another_root_is_not_trusted, pair_begin,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_gateway_with_another_name_is_not_trusted, pair_begin,
                                        pair_end),
        cmocka_unit_test_setup_teardown(each_alert_says_what_is_wrong_with_the_certificate,
                                        pair_begin, pair_end),
        cmocka_unit_test_setup_teardown(a_connection_that_stood_has_ended, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_lost_connection_comes_again_after_a_while,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(attempts_that_fail_grow_rarer, pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(what_is_the_applications_own_is_waited_for_too,
                                        pair_connected_once, pair_end)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
