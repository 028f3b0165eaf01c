/* The report: a line a step, what may pass, and what to tell whom. */
#include "cli/agent/doctor.h"

#include "crypto/digest.h"
#include "json/json.h"

#include <errno.h>
#include <string.h>

static const char *const words[] = {
#define STEP(NAME, word, tell) [DOCTOR_##NAME] = (word),
#include "cli/agent/doctor.def"
#undef STEP
};

static const struct {
    const char *word, *text[2];
} tells[DOCTOR_TELLS] = {
    [TELL_SELF] = {"self", {"Here, on this machine:", "이 장비에서:"}},
    [TELL_CA] = {"certificate-authority",
                 {"To whoever issues your agency's certificates:",
                  "기관의 인증서 발급 담당자에게:"}},
    [TELL_NETWORK] = {"network", {"To your own network team:", "기관의 네트워크 담당자에게:"}},
    [TELL_OPERATOR] = {"operator", {"To the gateway's operator:", "게이트웨이 운영자에게:"}}};

/* What a step needs that was not come to. */
static const char *text_of(const struct doctor *d, const struct doctor_line *l)
{
    if (l->text.n > 0)
        return (const char *)l->text.p;
    return DOCTOR_SAYS(d, "an earlier step failed, or the gateway did not tell",
                       "앞 단계가 실패했거나 게이트웨이가 답하지 않았습니다");
}

static void put_fingerprint(const struct doctor *d, struct buf *out)
{
    for (size_t i = 0; d->own.key[0] != '\0' && i < sizeof d->own.fingerprint; i++)
        buf_printf(out, "%02x", d->own.fingerprint[i]);
}

static void put_steps(const struct doctor *d, struct cli_step step[DOCTOR_STEPS])
{
    for (size_t i = 0; i < DOCTOR_STEPS; i++) {
        const struct doctor_line *l = &d->line[i];
        step[i] = (struct cli_step){words[i], text_of(d, l), l->result,
                                    l->result == CLI_STEP_FAILED ? tells[l->tell].word : NULL};
    }
}

/* ---------------------------------------------------------------- for people */

/* With what the other side needs to find it: the gateway, the unit, and the certificate by which
 * the gateway's log names it. */
static void print_told(const struct doctor *d, enum doctor_tell who)
{
    struct cli_table *t = cli_table_new(1);
    struct buf line = BUF_INIT(32768), fingerprint = BUF_INIT(2 * SHA256_BYTES + 1);
    size_t said = 0;
    put_fingerprint(d, &fingerprint);
    buf_printf(&line,
               DOCTOR_SAYS(d, "  gateway %s, unit %s, certificate %s",
                           "  게이트웨이 %s, 단위 %s, 인증서 %s"),
               d->agent.options.gateway, d->unit[0] == '\0' ? "-" : d->unit,
               fingerprint.n == 0 ? "-" : buf_c(&fingerprint));
    cli_table_cell(t, tells[who].text[d->korean]);
    cli_table_cell(t, buf_c(&line));
    for (size_t i = 0; i < DOCTOR_STEPS; i++) {
        if (d->line[i].result != CLI_STEP_FAILED || d->line[i].tell != who)
            continue;
        buf_clear(&line);
        buf_printf(&line, "  %s: %s", words[i], text_of(d, &d->line[i]));
        cli_table_cell(t, buf_c(&line));
        said++;
    }
    if (said > 0) {
        (void)putchar('\n');
        cli_table_print(t, stdout);
    }
    cli_table_free(t);
    buf_free(&line);
    buf_free(&fingerprint);
}

/* ---------------------------------------------------------------- for programs */

static void print_json(const struct doctor *d, const struct cli_step step[DOCTOR_STEPS])
{
    struct buf out = BUF_INIT(128 << 20), fingerprint = BUF_INIT(2 * SHA256_BYTES + 1);
    put_fingerprint(d, &fingerprint);
    buf_u8(&out, '{');
    json_put_member_text(&out, "certificate", buf_view(&fingerprint));
    json_put_member_text(&out, "gateway", bytes_of_text(d->agent.options.gateway));
    json_put_key(&out, "grants");
    buf_u8(&out, '[');
    buf_put(&out, d->grants_json.p, d->grants_json.n);
    buf_u8(&out, ']');
    json_put_key(&out, "steps");
    cli_steps_json(step, DOCTOR_STEPS, &out);
    json_put_member_text(&out, "unit", bytes_of_text(d->unit));
    buf_text(&out, "}");
    (void)puts(buf_c(&out));
    buf_free(&out);
    buf_free(&fingerprint);
}

bool doctor_print(const struct doctor *d)
{
    struct cli_step step[DOCTOR_STEPS];
    put_steps(d, step);
    if (d->json) {
        print_json(d, step);
    } else {
        cli_steps_print(step, DOCTOR_STEPS, d->korean);
        if (d->grants != NULL && d->sends + d->receives > 0) {
            (void)putchar('\n');
            cli_table_print(d->grants, stdout);
        }
        for (enum doctor_tell who = 0; who < DOCTOR_TELLS; who++)
            print_told(d, who);
    }
    if (fflush(stdout) == 0)
        return true;
    cli_error("standard output: %s", strerror(errno));
    return false;
}
