/* The report of a conformance run: text, JSON, or Markdown for the operator. */
#include "cli/agent/conform.h"

#include "base/clock.h"
#include "json/json.h"

#include <errno.h>
#include <string.h>

static const struct {
    bool mandatory;
    const char *text[2];
} rows[] = {
#define MESSAGE(NAME, word, reason, en, ko) [CONFORM_##NAME] = {true, {(en), (ko)}},
#define STEP(NAME, word, mandatory, en, ko) [CONFORM_##NAME] = {(mandatory), {(en), (ko)}},
#include "cli/agent/conform.def"
#undef MESSAGE
#undef STEP
};

static const char *const results[] = {
    [CLI_STEP_SKIPPED] = "skipped", [CLI_STEP_OK] = "ok", [CLI_STEP_FAILED] = "failed"};

static void put_now(char out[TIME_TEXT])
{
    const struct clock clock = clock_system();
    time_text_s(clock_wall_us(&clock), zone_named("Asia/Seoul"), out);
}

static const char *verdict(const struct conform *c, bool passed)
{
    return passed ? CONFORM_SAYS(c, "passed", "적합") : CONFORM_SAYS(c, "not passed", "부적합");
}

/* A cell of Markdown: a bar would begin the next one. */
static void put_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_printf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void put_markdown(const struct conform *c, bool passed, struct buf *out)
{
    char at[TIME_TEXT];
    put_now(at);
    buf_printf(
        out,
        CONFORM_SAYS(c,
                     "# Conformance: %s\n\nUnit %s, gateway %s, %s.\n\n"
                     "| check | what | mandatory | result | found |\n|---|---|---|---|---|\n",
                     "# 적합성 시험: %s\n\n단위 %s, 게이트웨이 %s, %s.\n\n"
                     "| 항목 | 내용 | 필수 | 결과 | 확인 |\n|---|---|---|---|---|\n"),
        verdict(c, passed), c->unit, c->agent.options.gateway, at);
    for (size_t i = 0; i < CONFORM_CHECKS; i++) {
        buf_printf(out, "| %s | %s | %s | %s | ", c->step[i].word, rows[i].text[c->korean],
                   rows[i].mandatory ? CONFORM_SAYS(c, "yes", "예")
                                     : CONFORM_SAYS(c, "no", "아니오"),
                   results[c->step[i].result]);
        put_cell(out, c->step[i].text);
        buf_text(out, " |\n");
    }
}

static void put_json(const struct conform *c, bool passed, struct buf *out)
{
    char at[TIME_TEXT];
    put_now(at);
    buf_u8(out, '{');
    json_put_member_text(out, "at", bytes_of_text(at));
    json_put_member_text(out, "gateway", bytes_of_text(c->agent.options.gateway));
    json_put_member_bool(out, "passed", passed);
    json_put_key(out, "steps");
    cli_steps_json(c->step, CONFORM_CHECKS, out);
    json_put_member_text(out, "unit", bytes_of_text(c->unit));
    buf_text(out, "}\n");
}

bool conform_print(const struct conform *c, bool passed)
{
    struct buf out = BUF_INIT(1 << 20);
    if (c->markdown)
        put_markdown(c, passed, &out);
    else if (c->json)
        put_json(c, passed, &out);
    else
        cli_steps_print(c->step, CONFORM_CHECKS, c->korean);
    if (!c->markdown && !c->json)
        buf_printf(&out, "\n%s\n", verdict(c, passed));
    bool good = fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    buf_free(&out);
    if (!good)
        cli_error("standard output: %s", strerror(errno));
    return good;
}
