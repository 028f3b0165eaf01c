/* fedgatectl party show: one agency, as set, files and a running gateway have it. */
#include "cli/party.h"

#include "base/clock.h"
#include "base/ident.h"

#include <string.h>

struct showing {
    struct policy_set set;
    const char *name, *crls, *socket;
    char party[IDENT_UNIT_MAX + 1];
};

static void line(struct cli_table *t, const char *what, const char *text)
{
    cli_table_cell(t, what);
    cli_table_paint(t, CLI_FAINT);
    cli_table_cell(t, text);
}

static void put_period(const struct showing *s, int64_t begins_us, int64_t ends_us, struct buf *out)
{
    char from[TIME_TEXT], until[TIME_TEXT];
    time_text_s(begins_us, zone_named("Asia/Seoul"), from);
    time_text_s(ends_us, zone_named("Asia/Seoul"), until);
    buf_printf(out, s->set.korean ? "%s부터 %s까지" : "from %s until %s", from, until);
}

static void show_units(const struct showing *s, struct cli_table *t)
{
    const struct policy *p = s->set.policy;
    struct buf text = BUF_INIT(4096);
    for (uint32_t i = 0; i < policy_units(p); i++) {
        if (strcmp(policy_unit_party(p, i), s->party) != 0)
            continue;
        buf_clear(&text);
        buf_printf(&text, "%s  ", policy_unit_name(p, i));
        policy_put_name(p, POLICY_NAME_UNIT, policy_unit_name(p, i), s->set.korean, &text);
        if (policy_unit_console(p, i) != POLICY_CONSOLE_NONE)
            buf_printf(&text, s->set.korean ? "  (콘솔: %s)" : "  (console: %s)",
                       policy_console_word(policy_unit_console(p, i)));
        line(t, s->set.korean ? "단위" : "unit", buf_c(&text));
    }
    buf_free(&text);
}

static void show_root(const struct showing *s, struct cli_table *t, struct bytes der)
{
    struct buf text = BUF_INIT(4096);
    struct certificate_facts f;
    if (certificate_facts(der, &f) == RESULT_OK) {
        for (size_t i = 0; i < sizeof f.fingerprint; i++)
            buf_printf(&text, "%02x", f.fingerprint[i]);
        line(t, s->set.korean ? "루트 (SHA-256)" : "root (SHA-256)", buf_c(&text));
        buf_clear(&text);
        buf_printf(&text, "%s, %s, ", f.subject, f.key);
        put_period(s, f.begins_us, f.ends_us, &text);
    } else {
        buf_text(&text, s->set.korean ? "없음: 접속할 수 없습니다" : "none: it cannot connect");
    }
    line(t, s->set.korean ? "루트" : "root", buf_c(&text));
    buf_free(&text);
}

static void show_roots(const struct showing *s, struct cli_table *t)
{
    struct bytes der;
    size_t i = 0;
    for (; party_root(s->set.policy, s->party, i, &der); i++)
        show_root(s, t, der);
    if (i == 0)
        show_root(s, t, der);
}

/* False after an error message: a list that was asked for cannot be read. */
static bool show_crl(const struct showing *s, struct cli_table *t)
{
    const struct clock clock = clock_system();
    struct buf file = BUF_INIT(2 * PARTY_CRL_MAX), text = BUF_INIT(4096);
    struct crl_facts f;
    char path[4096];
    if (s->crls == NULL)
        return true;
    (void)snprintf(path, sizeof path, "%s/%s.crl", s->crls, s->party);
    bool good = cli_read_file(path, PARTY_CRL_MAX, &file);
    if (good && !party_lists(s->set.policy, s->party, buf_view(&file), &f)) {
        cli_error("%s: no revocation list in PEM is in it", path);
        good = false;
    }
    if (good) {
        put_period(s, f.begins_us, f.ends_us, &text);
        buf_printf(
            &text,
            s->set.korean ? ", 발행 후 %.1f시간, 폐지 %zu건%s%s"
                          : ", %.1f hours old, %zu certificates revoked%s%s",
            (double)(clock_wall_us(&clock) - f.begins_us) / (double)US_PER_HOUR, f.revoked,
            f.by_root ? "" : (s->set.korean ? ", 루트의 서명이 아님" : ", not signed by the root"),
            clock_wall_us(&clock) < f.ends_us ? ""
            : s->set.korean                   ? ", 만료됨"
                                              : ", out of date");
        line(t, s->set.korean ? "폐지 목록" : "revocation list", buf_c(&text));
    }
    buf_free(&file);
    buf_free(&text);
    return good;
}

static void show_grants(const struct showing *s)
{
    (void)printf("\n%s\n", s->set.korean ? "제공하는 것" : "what it sends");
    policy_who_print(&s->set, &(struct policy_who){.from = s->name});
    (void)printf("\n%s\n", s->set.korean ? "받는 것" : "what it receives");
    policy_who_print(&s->set, &(struct policy_who){.to = s->name});
}

static int show_sessions(const struct showing *s)
{
    char *argv[] = {(char *)"sessions",
                    (char *)"--socket",
                    (char *)(uintptr_t)s->socket,
                    (char *)"--of",
                    (char *)(uintptr_t)s->name,
                    (char *)"--lang",
                    (char *)(s->set.korean ? "ko" : "en"),
                    NULL};
    if (s->socket == NULL)
        return CLI_OK;
    (void)printf("\n%s\n", s->set.korean ? "접속" : "sessions");
    (void)fflush(stdout);
    return sessions_run((int)ARRAY_LEN(argv) - 1, argv);
}

static int show(struct showing *s)
{
    if (!party_is_there(s->set.policy, s->name, s->party))
        return CLI_USAGE;
    struct cli_table *t = cli_table_new(2);
    line(t, s->set.korean ? "기관" : "party", s->party);
    show_units(s, t);
    show_roots(s, t);
    bool good = show_crl(s, t);
    cli_table_print(t, stdout);
    cli_table_free(t);
    show_grants(s);
    return good ? show_sessions(s) : CLI_FAILED;
}

int party_show_run(int argc, char **argv)
{
    struct showing s = {.set = {.folder = -1}};
    const char *language = NULL;
    const struct cli_option options[] = {{"crls", &s.crls, NULL},
                                         {"lang", &language, NULL},
                                         {"socket", &s.socket, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count != 2) {
        if (count >= 0)
            cli_error("party show takes a folder and a party");
        return CLI_USAGE;
    }
    s.name = argv[2];
    int code = policy_set_open(&s.set, argv[1], language);
    if (code == CLI_OK)
        code = show(&s);
    policy_set_close(&s.set);
    return code;
}
