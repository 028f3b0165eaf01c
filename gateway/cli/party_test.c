/* fedgatectl party test: whether an agency's units would be let in, from what the gateway has. */
#include "cli/party.h"

#include "base/clock.h"
#include "base/ident.h"
#include "client/files.h"
#include "json/json.h"

#include <stdarg.h>
#include <string.h>

enum { CERTIFICATES_MAX = 16, STEPS_MAX = 4 + CERTIFICATES_MAX, TEXT_MAX = 4096 };

struct testing {
    struct policy_set set;
    const char *name, *crls;
    const char *certificate[CERTIFICATES_MAX];
    int certificates;
    bool json;
    int64_t now_us;
    char party[IDENT_UNIT_MAX + 1];
    struct bytes root;    /* the first, in DER; empty: none */
    struct buf crl, said; /* the list in PEM; what the steps say, one behind the other */
    struct cli_step step[STEPS_MAX];
    size_t steps;
};

/* What is said is kept until all of it is printed. */
static void say(struct testing *t, const char *word, enum cli_step_result result, const char *fmt,
                ...) PRINTF_LIKE(4, 5);

static void say(struct testing *t, const char *word, enum cli_step_result result, const char *fmt,
                ...)
{
    char *text = (char *)buf_reserve(&t->said, TEXT_MAX);
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, TEXT_MAX, fmt, args);
    va_end(args);
    t->said.n += (size_t)(n < TEXT_MAX ? n : TEXT_MAX - 1) + 1;
    t->step[t->steps++] = (struct cli_step){.word = word, .text = text, .result = result};
}

#define SAYS(t, en, ko) ((t)->set.korean ? (ko) : (en))

/* ---------------------------------------------------------------- the root and its list */

static void test_root(struct testing *t)
{
    struct certificate_facts f;
    char until[TIME_TEXT];
    if (!party_root(t->set.policy, t->party, 0, &t->root) ||
        certificate_facts(t->root, &f) != RESULT_OK) {
        t->root = bytes_of(NULL, 0);
        say(t, "root", CLI_STEP_FAILED, "%s",
            SAYS(t, "there is none: the party cannot connect", "없음: 접속할 수 없습니다"));
        return;
    }
    time_text_s(f.ends_us, zone_named("Asia/Seoul"), until);
    const char *fault =
        !f.for_authorities ? SAYS(t, "it may not issue certificates", "인증서를 발급할 수 없습니다")
        : !f.key_is_good          ? SAYS(t, "its key is too weak", "키가 약합니다")
        : t->now_us < f.begins_us ? SAYS(t, "it is not valid yet", "아직 유효하지 않습니다")
        : t->now_us >= f.ends_us ? SAYS(t, "it has expired", "만료되었습니다")
                                 : NULL;
    say(t, "root", fault == NULL ? CLI_STEP_OK : CLI_STEP_FAILED,
        SAYS(t, "%s, key %s, until %s%s%s", "%s, 키 %s, %s까지%s%s"), f.subject, f.key, until,
        fault == NULL ? "" : ": ", fault == NULL ? "" : fault);
}

static void test_crl(struct testing *t)
{
    struct crl_facts f;
    char path[4096], until[TIME_TEXT];
    if (t->crls == NULL) {
        say(t, "crl", CLI_STEP_SKIPPED, "%s",
            SAYS(t, "no --crls DIR was given", "--crls DIR이 없습니다"));
        return;
    }
    (void)snprintf(path, sizeof path, "%s/%s.crl", t->crls, t->party);
    if (!cli_read_file(path, PARTY_CRL_MAX, &t->crl) ||
        !party_lists(t->set.policy, t->party, buf_view(&t->crl), &f)) {
        say(t, "crl", CLI_STEP_FAILED,
            SAYS(t, "%s: there is no revocation list in PEM", "%s: PEM 폐지 목록이 없습니다"),
            path);
        buf_clear(&t->crl);
        return;
    }
    time_text_s(f.ends_us, zone_named("Asia/Seoul"), until);
    const char *fault =
        !f.by_root ? SAYS(t, "the party's root did not sign it", "기관 루트의 서명이 아닙니다")
        : t->now_us >= f.ends_us ? SAYS(t, "it is out of date: the agency has to renew it",
                                        "만료되었습니다. 기관이 갱신해야 합니다")
        : t->now_us < f.begins_us ? SAYS(t, "it is not valid yet", "아직 유효하지 않습니다")
                                  : NULL;
    say(t, "crl", fault == NULL ? CLI_STEP_OK : CLI_STEP_FAILED,
        SAYS(t, "%.1f hours old, until %s, %zu certificates revoked%s%s",
             "발행 후 %.1f시간, %s까지, 폐지 %zu건%s%s"),
        (double)(t->now_us - f.begins_us) / (double)US_PER_HOUR, until, f.revoked,
        fault == NULL ? "" : ": ", fault == NULL ? "" : fault);
}

/* ---------------------------------------------------------------- a unit's certificate */

static bool add_roots(const struct testing *t, struct trust *trust)
{
    struct bytes root;
    bool good = true;
    for (size_t i = 0; good && party_root(t->set.policy, t->party, i, &root); i++)
        good = trust_add_root(trust, root) == RESULT_OK;
    return good && t->root.n > 0;
}

static bool add_lists(const struct testing *t, struct trust *trust)
{
    struct buf der = BUF_INIT(PARTY_CRL_MAX);
    struct bytes pem = buf_view(&t->crl);
    bool good = true;
    while (good && certificate_crl_next_of_pem(&pem, &der) == RESULT_OK) {
        good = trust_add_crl(trust, buf_view(&der)) == RESULT_OK;
        buf_clear(&der);
    }
    buf_free(&der);
    return good;
}

/* The chain, as the gateway verifies it, but without the grace of lists; with lists where there are
 * some. */
static bool chain_holds(const struct testing *t, struct bytes pem, const char **why)
{
    struct trust *trust = trust_new();
    *why = SAYS(t, "there is no root", "루트가 없습니다");
    bool good = add_roots(t, trust);
    if (good && t->crl.n > 0) {
        *why = SAYS(t, "the revocation list cannot be used", "폐지 목록을 쓸 수 없습니다");
        good = add_lists(t, trust);
        trust_require_crls(trust, 0);
    }
    good = good && trust_verify_pem(trust, pem, t->now_us, why) == RESULT_OK;
    trust_free(trust);
    return good;
}

/* Whom it names, and whether that is a unit of this party; the fault, or NULL. */
static const char *fault_of_name(const struct testing *t, const char *unit)
{
    const uint32_t number = policy_unit(t->set.policy, bytes_of_text(unit));
    if (unit[0] == '\0')
        return SAYS(t, "it names no unit: exactly one URI, fedgate://PARTY/UNIT",
                    "단위를 나타내는 URI(fedgate://기관/단위)가 정확히 하나 있어야 합니다");
    if (number == POLICY_NONE)
        return SAYS(t, "the set has no such unit", "정책에 그 단위가 없습니다");
    return strcmp(policy_unit_party(t->set.policy, number), t->party) == 0
               ? NULL
               : SAYS(t, "that is another party's unit", "다른 기관의 단위입니다");
}

static void judge_certificate(struct testing *t, const char *path, struct bytes pem,
                              const struct certificate_facts *f)
{
    struct buf der = BUF_INIT(PARTY_FILE_MAX);
    char unit[IDENT_UNIT_MAX + 1] = "", until[TIME_TEXT];
    const char *why = "", *fault;
    if (certificate_der_of_pem(pem, &der) != RESULT_OK || !certificate_unit(buf_view(&der), unit))
        unit[0] = '\0';
    buf_free(&der);
    time_text_s(f->ends_us, zone_named("Asia/Seoul"), until);
    fault = fault_of_name(t, unit);
    if (fault == NULL && !f->key_is_good)
        fault = SAYS(t, "its key is too weak", "키가 약합니다");
    if (fault == NULL && !f->for_clients)
        fault = SAYS(t, "it is not meant for clients (digitalSignature, clientAuth)",
                     "클라이언트용이 아닙니다(digitalSignature, clientAuth)");
    if (fault == NULL && !chain_holds(t, pem, &why))
        fault = why;
    say(t, "certificate", fault == NULL ? CLI_STEP_OK : CLI_STEP_FAILED,
        SAYS(t, "%s: %s, key %s, until %s%s%s", "%s: %s, 키 %s, %s까지%s%s"), path,
        unit[0] == '\0' ? f->subject : unit, f->key, until, fault == NULL ? "" : ": ",
        fault == NULL ? "" : fault);
}

static void test_certificate(struct testing *t, const char *path)
{
    struct buf pem = BUF_INIT(2 * PARTY_FILE_MAX);
    struct certificate_facts f;
    if (cli_read_file(path, PARTY_FILE_MAX, &pem) &&
        certificate_facts(buf_view(&pem), &f) == RESULT_OK)
        judge_certificate(t, path, buf_view(&pem), &f);
    else
        say(t, "certificate", CLI_STEP_FAILED,
            SAYS(t, "%s: there is no certificate in PEM", "%s: PEM 인증서가 없습니다"), path);
    buf_free(&pem);
}

/* ---------------------------------------------------------------- what it may do */

static void count_flow(const struct policy_flow *f, void *arg)
{
    (void)f;
    ++*(size_t *)arg;
}

static void test_grants(struct testing *t)
{
    size_t sends = 0, receives = 0;
    policy_flows(t->set.policy, &(struct policy_who){.from = t->name}, count_flow, &sends);
    policy_flows(t->set.policy, &(struct policy_who){.to = t->name}, count_flow, &receives);
    say(t, "grants", sends + receives > 0 ? CLI_STEP_OK : CLI_STEP_FAILED,
        SAYS(t, "%zu ways to send, %zu to receive%s", "제공 %zu건, 수신 %zu건%s"), sends, receives,
        sends + receives > 0
            ? ""
            : SAYS(t, ": no memorandum names it", ": 이 기관이 나오는 협약이 없습니다"));
}

/* ---------------------------------------------------------------- the command */

static int report(const struct testing *t)
{
    struct buf out = BUF_INIT(1 << 20);
    int code = CLI_OK;
    for (size_t i = 0; i < t->steps; i++)
        if (t->step[i].result == CLI_STEP_FAILED)
            code = CLI_NO;
    if (t->json) {
        buf_u8(&out, '{');
        json_put_member_text(&out, "party", bytes_of_text(t->name));
        json_put_key(&out, "steps");
        cli_steps_json(t->step, t->steps, &out);
        buf_text(&out, "}\n");
        if (policy_set_print(&out) != CLI_OK)
            code = CLI_FAILED;
    } else {
        cli_steps_print(t->step, t->steps, t->set.korean);
    }
    buf_free(&out);
    return code;
}

static int test(struct testing *t)
{
    const struct clock clock = clock_system();
    if (!party_is_there(t->set.policy, t->name, t->party))
        return CLI_USAGE;
    t->now_us = clock_wall_us(&clock);
    t->crl = BUF_INIT(2 * PARTY_CRL_MAX);
    t->said = BUF_INIT(STEPS_MAX * TEXT_MAX);
    if (buf_reserve(&t->said, STEPS_MAX * TEXT_MAX) == NULL)
        return CLI_FAILED;
    say(t, "set", CLI_STEP_OK, SAYS(t, "%s, serial %llu, has %s", "%s 일련번호 %llu, %s 있음"),
        policy_name(t->set.policy), (unsigned long long)policy_serial(t->set.policy), t->name);
    test_root(t);
    test_crl(t);
    for (int i = 0; i < t->certificates; i++)
        test_certificate(t, t->certificate[i]);
    test_grants(t);
    int code = report(t);
    buf_free(&t->crl);
    buf_free(&t->said);
    return code;
}

int party_test_run(int argc, char **argv)
{
    struct testing t = {.set = {.folder = -1}};
    const char *language = NULL;
    const struct cli_option options[] = {{"crls", &t.crls, NULL},
                                         {"json", NULL, &t.json},
                                         {"lang", &language, NULL},
                                         {NULL, NULL, NULL}};
    t.certificates = cli_repeated("certificate", &argc, argv, t.certificate, CERTIFICATES_MAX);
    int count = t.certificates < 0 ? -1 : cli_options(options, argc, argv);
    if (count != 2) {
        if (count >= 0)
            cli_error("party test takes a folder and a party");
        return CLI_USAGE;
    }
    t.name = argv[2];
    int code = policy_set_open(&t.set, argv[1], language);
    if (code == CLI_OK)
        code = test(&t);
    policy_set_close(&t.set);
    return code;
}
