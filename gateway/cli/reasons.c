/* fedgatectl reasons: the table of reasons, for people and for README.md. */
#include "cli/commands.h"
#include "message/reason.h"

static const char *const urgent_text[][2] = {[REASON_URGENT_REFUSE] = {"refuses", "거부"},
                                             [REASON_URGENT_FLAG] = {"flags", "표시 후 제공"},
                                             [REASON_URGENT_BREAK] = {"breaks", "긴급 예외 가능"}};
static const char *const retry_text[][2] = {[REASON_RETRY_NEVER] = {"never", "불가"},
                                            [REASON_RETRY_SAME_ID] = {"same id", "같은 식별자로"},
                                            [REASON_RETRY_LATER] = {"later", "조치 후 새로"}};

static const char *const heading[][2] = {{"code", "코드"},    {"reason", "사유"},
                                         {"urgent", "긴급"},  {"retry", "재전송"},
                                         {"meaning", "의미"}, {"what to do", "조치"}};

static void print_table(bool korean)
{
    struct cli_table *t = cli_table_new(ARRAY_LEN(heading));
    const struct reason_row *r;
    char number[16];
    for (size_t i = 0; i < ARRAY_LEN(heading); i++) {
        cli_table_cell(t, heading[i][korean]);
        cli_table_paint(t, CLI_FAINT);
    }
    for (size_t i = 0; (r = reason_at(i)) != NULL; i++) {
        (void)snprintf(number, sizeof number, "%d", (int)r->reason);
        cli_table_cell(t, number);
        cli_table_cell(t, r->name);
        cli_table_cell(t, urgent_text[r->urgent][korean]);
        cli_table_cell(t, retry_text[r->retry][korean]);
        cli_table_cell(t, r->text[korean]);
        cli_table_cell(t, r->advice[korean]);
    }
    cli_table_print(t, stdout);
    cli_table_free(t);
}

static void print_markdown(bool korean)
{
    const struct reason_row *r;
    for (size_t i = 0; i < ARRAY_LEN(heading); i++)
        (void)printf("| %s ", heading[i][korean]);
    (void)printf("|\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; (r = reason_at(i)) != NULL; i++)
        (void)printf("| %d | %s | %s | %s | %s | %s |\n", (int)r->reason, r->name,
                     urgent_text[r->urgent][korean], retry_text[r->retry][korean], r->text[korean],
                     r->advice[korean]);
}

int reasons_run(int argc, char **argv)
{
    const char *language = NULL;
    bool markdown = false, korean;
    const struct cli_option options[] = {
        {"lang", &language, NULL}, {"markdown", NULL, &markdown}, {0}};
    int rest = cli_options(options, argc, argv);
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    if (rest != 0 || !cli_language(language, &korean))
        return CLI_USAGE;
    if (markdown)
        print_markdown(korean);
    else
        print_table(korean);
    return CLI_OK;
}
