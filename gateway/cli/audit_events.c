/* fedgatectl audit events: what entries of a log say, for people and for policy/EVENTS.md. */
#include "cli/audit_log.h"
#include "cli/commands.h"

static const char *const heading[AUDIT_PLACES + 1][2][2] = {
    [AUDIT_LEAF] = {{"member", "항목"}, {"what it says", "뜻"}},
    [AUDIT_RECIPIENT] = {{"member of recipients", "recipients의 항목"}, {"what it says", "뜻"}},
    [AUDIT_DETAIL] = {{"word of detail", "detail의 말"}, {"what it says", "뜻"}},
    [AUDIT_PLACES] = {{"event", "사건"}, {"what it records", "기록하는 것"}}};

/* Calls `row` for the rows of a table: those of a place, or (AUDIT_PLACES) the events. */
static void each_row(unsigned table, bool korean, void (*row)(const char *, const char *, void *),
                     void *arg)
{
    const struct audit_word *w;
    if (table == AUDIT_PLACES)
        for (unsigned e = 0; e < AUDIT_EVENT_COUNT; e++)
            row(audit_event_word((enum audit_event)e),
                audit_event_text((enum audit_event)e, korean), arg);
    else
        for (size_t i = 0; (w = audit_word_at(i)) != NULL; i++)
            if (w->place == (enum audit_place)table)
                row(w->word, w->text[korean], arg);
}

static void put_cells(const char *word, const char *text, void *arg)
{
    cli_table_cell(arg, word);
    cli_table_cell(arg, text);
}

static void print_table(unsigned table, bool korean)
{
    struct cli_table *t = cli_table_new(2);
    for (unsigned k = 0; k < 2; k++) {
        cli_table_cell(t, heading[table][k][korean]);
        cli_table_paint(t, CLI_FAINT);
    }
    each_row(table, korean, put_cells, t);
    cli_table_print(t, stdout);
    cli_table_free(t);
}

static void put_line(const char *word, const char *text, void *arg)
{
    (void)arg;
    (void)printf("| `%s` | %s |\n", word, text);
}

static void print_markdown(unsigned table, bool korean)
{
    (void)printf("| %s | %s |\n|---|---|\n", heading[table][0][korean], heading[table][1][korean]);
    each_row(table, korean, put_line, NULL);
}

int audit_events_command(int argc, char **argv)
{
    static const unsigned tables[] = {AUDIT_PLACES, AUDIT_LEAF, AUDIT_RECIPIENT, AUDIT_DETAIL};
    const char *language = NULL;
    bool markdown = false, korean;
    const struct cli_option options[] = {
        {"lang", &language, NULL}, {"markdown", NULL, &markdown}, {0}};
    const int rest = cli_options(options, argc, argv);
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    if (rest != 0 || !cli_language(language, &korean))
        return CLI_USAGE;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        (void)printf("%s", i == 0 ? "" : "\n");
        if (markdown)
            print_markdown(tables[i], korean);
        else
            print_table(tables[i], korean);
    }
    return CLI_OK;
}
