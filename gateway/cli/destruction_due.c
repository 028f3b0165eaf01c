/* fedgatectl destruction due: what a running gateway will destroy, and when. */
#include "cli/destruction.h"

#include "cli/control.h"
#include "cli/report_tools.h"
#include "config/read.h"
#include "report/due.h"

enum { ASKED_MOST = 1000 }; /* answers of one list */

struct due {
    const char *socket;
    int64_t until_us;
    struct names names;
    struct report_table *table;
    char after[CONTROL_SUBJECT_MAX + 1];
    bool over; /* the next are later than was asked for */
};

/* One answer. */
static int take_some(struct due *d, bool *more)
{
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = CONTROL_DUE, .after = bytes_of_text(d->after)};
    struct buf frame;
    struct control_answer a;
    struct control_item i;
    struct cursor items;
    int code = control_ask(d->socket, &r, &frame, &a, &items) ? CLI_OK : CLI_FAILED;
    *more = code == CLI_OK && a.more;
    for (size_t k = 0; code == CLI_OK && !d->over && k < a.items; k++) {
        if (control_item_take(&items, &i) != RESULT_OK) {
            cli_error("%s: the answer is not one of this version", d->socket);
            code = CLI_FAILED;
            break;
        }
        (void)snprintf(d->after, sizeof d->after, "%.*s", (int)i.subject.n,
                       (const char *)i.subject.p);
        d->over = i.due_us > d->until_us;
        if (!d->over)
            due_add(d->table, &d->names, &i);
    }
    buf_free(&frame);
    return code;
}

static int list(struct due *d, const char *format)
{
    bool ko = d->names.korean, more = true;
    int code = CLI_OK;
    d->table = due_new(ko);
    for (unsigned n = 0; code == CLI_OK && more && !d->over && n < ASKED_MOST; n++)
        code = take_some(d, &more);
    const struct report_print p = {.format = format,
                                   .title = table_title(d->table),
                                   .below = ko ? "시각: Asia/Seoul (+09:00)"
                                               : "times of Asia/Seoul (+09:00)",
                                   .korean = ko};
    if (code == CLI_OK)
        code = report_print(&p, &d->table, 1);
    table_free(d->table);
    return code;
}

static bool read_within(const char *text, int64_t *until_us)
{
    const struct clock clock = clock_system();
    int64_t within_us;
    *until_us = INT64_MAX;
    if (text == NULL)
        return true;
    if (!read_duration_text(text, &within_us)) {
        cli_error("--within is a length of time, such as \"6 hours\" or \"30 days\"");
        return false;
    }
    *until_us = time_after(clock_wall_us(&clock), within_us);
    return true;
}

int destruction_due_command(int argc, char **argv)
{
    struct due d = {0};
    const char *within = NULL, *format = "table", *language = NULL;
    const struct cli_option options[] = {{"socket", &d.socket, NULL},
                                         {"within", &within, NULL},
                                         {"format", &format, NULL},
                                         {"lang", &language, NULL},
                                         {0}};
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 0 || d.socket == NULL))
        cli_error("due needs --socket FILE, and no word more");
    if (rest != 0 || d.socket == NULL || !read_within(within, &d.until_us) ||
        !report_format_is_known(format) || !cli_language(language, &d.names.korean))
        return CLI_USAGE;
    return list(&d, format);
}
