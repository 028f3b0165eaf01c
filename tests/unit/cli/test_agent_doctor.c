/* fedgate-agent doctor, as far as it needs no gateway. */
#include "../crypto/pki.h"
#include "base/clock.h"
#include "base/mem.h"
#include "capture.h"
#include "cli/agent/doctor.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static struct printed printed;

static struct doctor *doctor_new(bool korean)
{
    struct doctor *d = mem_new(sizeof *d);
    d->korean = korean;
    d->agent.language = korean ? FEDGATE_KOREAN : FEDGATE_ENGLISH;
    d->patience_us = US_PER_S;
    for (size_t i = 0; i < DOCTOR_STEPS; i++)
        d->line[i].text = BUF_INIT(20000);
    return d;
}

static void doctor_free(struct doctor *d)
{
    for (size_t i = 0; i < DOCTOR_STEPS; i++)
        buf_free(&d->line[i].text);
    cli_table_free(d->grants);
    buf_free(&d->grants_json);
    mem_free(d);
}

static const char *said(struct doctor *d, enum doctor_step s)
{
    return buf_c(&d->line[s].text);
}

/* ---- the certificate */

static void expect_certificate(const struct pki_spec *spec, int64_t in_us,
                               enum cli_step_result result, const char *says)
{
    const struct clock clock = clock_system();
    struct doctor *d = doctor_new(false);
    struct buf pem = BUF_INIT(8192);
    X509 *x = pki_certificate(spec);
    pki_put_certificate(x, &pem);
    assert_int_equal(certificate_facts(buf_view(&pem), &d->own), RESULT_OK);
    doctor_certificate(d, buf_view(&pem), clock_wall_us(&clock) + in_us);
    assert_int_equal(d->line[DOCTOR_CERTIFICATE].result, result);
    assert_int_equal(d->line[DOCTOR_CERTIFICATE].tell, TELL_CA);
    assert_says(said(d, DOCTOR_CERTIFICATE), says);
    X509_free(x);
    buf_free(&pem);
    doctor_free(d);
}

static void a_certificate_is_told_by_what_is_wrong_with_it(void **state)
{
    (void)state;
    EVP_PKEY *key = pki_key(), *weak = EVP_RSA_gen(1024);
    struct pki_spec good = {
        .name = "u", .key = key, .extended = "clientAuth", .alt_names = "URI:fedgate://a/b"};
    expect_certificate(&good, 0, CLI_STEP_OK, "a/b, key EC prime256v1, until ");
    expect_certificate(&good, 0, CLI_STEP_OK, "have the next one issued soon");
    expect_certificate(&good, 2 * US_PER_DAY, CLI_STEP_FAILED, "it has expired");
    expect_certificate(&good, -2 * US_PER_DAY, CLI_STEP_FAILED, "it is not valid yet");
    struct pki_spec bad = good;
    bad.extended = "serverAuth";
    expect_certificate(&bad, 0, CLI_STEP_FAILED, "not meant for clients");
    bad = good;
    bad.alt_names = "URI:fedgate://a/b,URI:fedgate://a/c";
    expect_certificate(&bad, 0, CLI_STEP_FAILED, "it names no unit");
    bad = good;
    bad.key = weak;
    expect_certificate(&bad, 0, CLI_STEP_FAILED, "its key is too weak");
    EVP_PKEY_free(key);
    EVP_PKEY_free(weak);
}

/* ---- a connection */

static void a_port_that_nobody_has_fails_and_one_that_listens_does_not(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    char host[] = "127.0.0.1";
    struct doctor *d = doctor_new(false);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    d->host = host;
    d->port = ntohs(at.sin_port);
    assert_true(doctor_name(d));
    assert_false(doctor_tcp(d));
    assert_int_equal(d->line[DOCTOR_TCP].tell, TELL_NETWORK);
    assert_says(said(d, DOCTOR_TCP), "127.0.0.1 (Connection refused)");
    assert_int_equal(listen(fd, 1), 0);
    assert_true(doctor_tcp(d));
    assert_says(said(d, DOCTOR_TCP), "answers at 127.0.0.1");
    (void)close(fd);
    doctor_free(d);
}

/* ---- what may pass */

static void what_may_pass_is_told_from_the_units_side(void **state)
{
    static const char *const basis[] = {"x/1", "x/2"};
    const struct fedgate_grant grant[] = {{.from = "a/b",
                                           .to = "c/d",
                                           .kind = "scene_image",
                                           .purpose = "p",
                                           .basis = basis,
                                           .bases = 2,
                                           .clause = "m#one",
                                           .way = FEDGATE_WAY_DIRECT,
                                           .passes = FEDGATE_PASSES_TEST | FEDGATE_PASSES_EXERCISE},
                                          {.from = "c/d",
                                           .to = "a/b",
                                           .kind = "feedback",
                                           .purpose = "p",
                                           .clause = "m#two",
                                           .way = FEDGATE_WAY_ONWARD,
                                           .closed = 301,
                                           .failed = "in_force"}};
    const struct fedgate_grants g = {.unit = "a/b", .grant = grant, .grants = ARRAY_LEN(grant)};
    (void)state;
    struct doctor *d = doctor_new(false);
    doctor_grants_begin(d);
    doctor_grants_take(d, &g);
    assert_int_equal(d->sends, 1);
    assert_int_equal(d->receives, 1);
    assert_int_equal(d->open, 1);
    assert_true(d->has_test);
    FILE *out = tmpfile();
    cli_table_print_as(d->grants, out, 0, false);
    take_file(out, printed.out);
    assert_says(printed.out, "EXERCISE TEST");
    assert_says(printed.out, "x/1, x/2");
    assert_says(printed.out, "receives, passed on");
    assert_says(printed.out, "(in_force)");
    doctor_free(d);
}

/* ---- the report */

static int print(int argc, char **argv)
{
    (void)argc;
    struct doctor *d = doctor_new(strcmp(argv[0], "ko") == 0);
    d->agent.options.gateway = "g.example:1";
    doctor_say(d, DOCTOR_FILES, CLI_STEP_OK, "fine");
    doctor_say(d, DOCTOR_CLOCK, CLI_STEP_FAILED, "%d s", 7);
    doctor_say(d, DOCTOR_TLS, CLI_STEP_FAILED, "torn");
    doctor_tell(d, DOCTOR_TLS, TELL_NETWORK);
    d->json = strcmp(argv[0], "json") == 0;
    bool good = doctor_print(d);
    doctor_free(d);
    return good ? CLI_OK : CLI_FAILED;
}

static void each_failure_stands_under_whom_it_concerns(void **state)
{
    (void)state;
    run_line(&printed, print, "en");
    const char *here = strstr(printed.out, "Here, on this machine:"),
               *network = strstr(printed.out, "To your own network team:");
    assert_true(here != NULL && network != NULL);
    assert_non_null(strstr(here, "clock: 7 s"));
    assert_non_null(strstr(network, "tls: torn"));
    assert_null(strstr(printed.out, "To the gateway's operator:"));
    assert_says(printed.out, "gateway g.example:1");
    run_line(&printed, print, "ko");
    assert_says(printed.out, "기관의 네트워크 담당자에게:");
    assert_says(printed.out, "앞 단계가 실패했거나");
}

static void programs_get_every_step_in_its_order(void **state)
{
    (void)state;
    run_line(&printed, print, "json");
    assert_says(printed.out,
                "\"steps\":[{\"result\":\"ok\",\"step\":\"files\",\"text\":\"fine\"},");
    assert_says(printed.out,
                "{\"result\":\"failed\",\"step\":\"tls\",\"tell\":\"network\",\"text\":\"torn\"}");
    assert_says(printed.out, "\"grants\":[]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_told_by_what_is_wrong_with_it),
        cmocka_unit_test(a_port_that_nobody_has_fails_and_one_that_listens_does_not),
        cmocka_unit_test(what_may_pass_is_told_from_the_units_side),
        cmocka_unit_test(each_failure_stands_under_whom_it_concerns),
        cmocka_unit_test(programs_get_every_step_in_its_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
