/* What was looked at step by step: a line each, for people or for programs. */
#include "cli/cli.h"
#include "json/json.h"

static const struct {
    const char *word;
    enum cli_paint paint;
} results[] = {[CLI_STEP_SKIPPED] = {"skipped", CLI_FAINT},
               [CLI_STEP_OK] = {"ok", CLI_GOOD},
               [CLI_STEP_FAILED] = {"failed", CLI_BAD}};

void cli_steps_print(const struct cli_step *step, size_t count, bool korean)
{
    static const char *const head[2][3] = {{"step", "result", "what"}, {"단계", "결과", "내용"}};
    struct cli_table *t = cli_table_new(3);
    for (size_t i = 0; i < 3; i++) {
        cli_table_cell(t, head[korean][i]);
        cli_table_paint(t, CLI_FAINT);
    }
    for (size_t i = 0; i < count; i++) {
        cli_table_cell(t, step[i].word);
        cli_table_cell(t, results[step[i].result].word);
        cli_table_paint(t, results[step[i].result].paint);
        cli_table_cell(t, step[i].text);
    }
    cli_table_print(t, stdout);
    cli_table_free(t);
}

void cli_steps_json(const struct cli_step *step, size_t count, struct buf *out)
{
    buf_u8(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "{" : ",{");
        json_put_member_text(out, "result", bytes_of_text(results[step[i].result].word));
        json_put_member_text(out, "step", bytes_of_text(step[i].word));
        if (step[i].tell != NULL)
            json_put_member_text(out, "tell", bytes_of_text(step[i].tell));
        json_put_member_text(out, "text", bytes_of_text(step[i].text));
        buf_u8(out, '}');
    }
    buf_u8(out, ']');
}
