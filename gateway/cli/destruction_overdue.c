/* fedgatectl destruction overdue: recipients that owe the receipt of a destruction. */
#include "cli/destruction.h"
#include "cli/report_tools.h"

#include "report/orders.h"

static void take(void *arg, const struct leaf *leaf)
{
    orders_take(arg, leaf);
}

static int show(const struct orders *o, const struct report_sets *sets, const char *format)
{
    const struct clock clock = clock_system();
    const struct report r = {.names = &sets->names, .now_us = clock_wall_us(&clock)};
    struct report_table *t = orders_overdue(&r, o);
    const struct report_print p = {.format = format,
                                   .title = table_title(t),
                                   .below = sets->names.korean ? "시각: Asia/Seoul (+09:00)"
                                                               : "times of Asia/Seoul (+09:00)",
                                   .korean = sets->names.korean};
    int code = report_print(&p, &t, 1);
    if (code == CLI_OK && table_rows(t) > 0)
        code = CLI_NO;
    table_free(t);
    return code;
}

int destruction_overdue_command(int argc, char **argv)
{
    const char *path = NULL, *format = "table", *language = NULL;
    struct report_sets sets = {0};
    struct audit_log log;
    const struct cli_option options[] = {
        {"log", &path, NULL}, {"format", &format, NULL}, {"lang", &language, NULL}, {0}};
    if (!report_sets_options(&sets, &argc, argv))
        return CLI_USAGE;
    int rest = cli_options(options, argc, argv);
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    if (rest != 0 || audit_log_needed(path) == NULL || !report_format_is_known(format) ||
        !cli_language(language, &sets.names.korean))
        return CLI_USAGE;
    if (!audit_log_open(path, &log))
        return CLI_FAILED;
    struct orders *o = orders_new();
    bool read = audit_log_each(&log, take, o) && report_sets_open(&sets);
    int code = read ? show(o, &sets, format) : CLI_FAILED;
    report_sets_close(&sets);
    orders_free(o);
    audit_log_close(&log);
    return code;
}
