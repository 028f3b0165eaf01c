/*
 * fedgatectl audit register, ask, statistics: a log, facts that were opened, policy sets; then one
 * table or page (report/).
 */
#include "cli/audit_log.h"
#include "cli/report_tools.h"

#include "base/nearest.h"
#include "report/questions.h"
#include "report/statistics.h"

#include <errno.h>
#include <string.h>

enum { SUBTITLE = 256 };

/* What all three need. */
struct reporting {
    const char *log, *facts, *format, *language, *from, *until, *at;
    int64_t from_us, until_us;
    struct report_sets sets;
    struct facts_file *file;
    struct world *world;
    struct report report;
};

/* The options; the words that are none are counted, as cli_options does. */
static int read_arguments(struct reporting *x, const char *format, int *argc, char **argv)
{
    const struct cli_option options[] = {{"log", &x->log, NULL},       {"facts", &x->facts, NULL},
                                         {"format", &x->format, NULL}, {"lang", &x->language, NULL},
                                         {"from", &x->from, NULL},     {"until", &x->until, NULL},
                                         {"at", &x->at, NULL},         {0}};
    *x = (struct reporting){.from_us = INT64_MIN, .until_us = INT64_MAX, .format = format};
    int rest = !report_sets_options(&x->sets, argc, argv) ? -1 : cli_options(options, *argc, argv);
    if (rest < 0 || audit_log_needed(x->log) == NULL || !report_format_is_known(x->format) ||
        !cli_language(x->language, &x->sets.names.korean) ||
        !audit_read_time("--from", x->from, &x->from_us) ||
        !audit_read_time("--until", x->until, &x->until_us))
        return -1;
    if (x->at == NULL)
        return rest;
    if (x->from != NULL || x->until != NULL) {
        cli_error("--at is one minute; --from and --until are for longer");
        return -1;
    }
    if (!audit_read_time("--at", x->at, &x->from_us))
        return -1;
    x->until_us = x->from_us + US_PER_MINUTE;
    return rest;
}

/* ---- reading what there is */

static bool read_facts(struct reporting *x)
{
    struct buf text = BUF_INIT(FACTS_FILE_MAX);
    size_t line = 0;
    if (x->facts == NULL)
        return true;
    bool good = cli_read_file(x->facts, FACTS_FILE_MAX, &text);
    if (good && facts_read(buf_view(&text), &x->file, &line) != RESULT_OK) {
        cli_error("%s:%zu: no line of a file that \"audit unseal\" writes", x->facts, line);
        good = false;
    }
    buf_free(&text);
    return good;
}

static void take(void *arg, const struct leaf *leaf)
{
    world_take(arg, leaf);
}

static bool read_log(struct reporting *x)
{
    const struct clock clock = clock_system();
    struct audit_log log;
    if (!audit_log_open(x->log, &log))
        return false;
    x->world = world_new(x->file, x->from_us, x->until_us);
    bool read = audit_log_each(&log, take, x->world);
    audit_log_close(&log);
    x->report = (struct report){.world = x->world,
                                .names = &x->sets.names,
                                .from_us = x->from_us,
                                .until_us = x->until_us,
                                .now_us = clock_wall_us(&clock)};
    return read;
}

static bool prepare(struct reporting *x)
{
    return report_sets_open(&x->sets) && read_facts(x) && read_log(x);
}

/* A fact that is not what the log is committed to: printed all the same, and an answer of "no". */
static int finish(struct reporting *x, int code)
{
    if (code == CLI_OK && x->world->wrong > 0) {
        cli_error("%llu facts are not what the log is committed to; they were left out",
                  (unsigned long long)x->world->wrong);
        code = CLI_NO;
    }
    world_free(x->world);
    facts_free(x->file);
    report_sets_close(&x->sets);
    return code;
}

/* ---- printing */

/* "fedgate.daejeon.example/log, 2026-01-01 to 2026-12-31; 1234 records" */
static void subtitle(const struct reporting *x, char out[SUBTITLE])
{
    bool ko = x->sets.names.korean;
    (void)snprintf(out, SUBTITLE, "%s; %s %s %s; %llu %s; %s",
                   ko ? "시각: Asia/Seoul (+09:00)" : "times of Asia/Seoul (+09:00)",
                   x->from_us == INT64_MIN ? (ko ? "처음" : "from the beginning")
                   : x->from != NULL       ? x->from
                                           : x->at,
                   ko ? "~" : "to",
                   x->until_us == INT64_MAX ? (ko ? "끝" : "the end")
                   : x->until != NULL       ? x->until
                                            : (ko ? "1분" : "a minute later"),
                   (unsigned long long)x->world->size, ko ? "건의 기록" : "records of the log",
                   ko ? "확인: fedgatectl audit verify" : "to check: fedgatectl audit verify");
}

static int print_tables(const struct reporting *x, struct report_table *const *table, size_t tables,
                        const char *title)
{
    char below[SUBTITLE];
    const struct report_print print = {.format = x->format,
                                       .title = title,
                                       .below = below,
                                       .korean = x->sets.names.korean,
                                       .html =
                                           tables == STATISTICS_TABLES ? statistics_html : NULL};
    subtitle(x, below);
    return report_print(&print, table, tables);
}

static int print_one(struct reporting *x, struct report_table *t)
{
    int code = print_tables(x, (struct report_table *const[]){t}, 1, table_title(t));
    table_free(t);
    return finish(x, code);
}

/* ---- the commands */

static bool is_register(const char *word)
{
    const char *nearest = NULL;
    for (size_t i = 0; register_word(i) != NULL; i++) {
        if (strcmp(word, register_word(i)) == 0)
            return true;
        nearest_offer(bytes_of_text(word), register_word(i), &nearest);
    }
    return cli_no_such("register", word, nearest);
}

int audit_register_command(int argc, char **argv)
{
    struct reporting x;
    int rest = read_arguments(&x, "table", &argc, argv);
    if (rest >= 0 && rest != 1)
        cli_error("which register: out-of-purpose, personal-video, location or requests?");
    if (rest != 1 || !is_register(argv[1]))
        return CLI_USAGE;
    if (!prepare(&x))
        return finish(&x, CLI_FAILED);
    return print_one(&x, register_make(argv[1], &x.report));
}

static const struct question *find_question(const char *word)
{
    const char *nearest = NULL;
    const struct question *q = question_named(word);
    for (size_t i = 0; q == NULL && question_at(i) != NULL; i++)
        nearest_offer(bytes_of_text(word), question_at(i)->word, &nearest);
    if (q == NULL)
        (void)cli_no_such("question", word, nearest);
    return q;
}

int audit_ask_command(int argc, char **argv)
{
    struct reporting x;
    int rest = read_arguments(&x, "table", &argc, argv);
    if (rest == 0)
        cli_error("which question? --help tells what can be asked");
    const struct question *q = rest < 1 ? NULL : find_question(argv[1]);
    if (q == NULL)
        return CLI_USAGE;
    if (rest != (q->argument == NULL ? 1 : 2)) {
        cli_error("%s takes %s", q->word, q->argument == NULL ? "no word more" : q->argument);
        return CLI_USAGE;
    }
    if (q->needs_facts && x.facts == NULL) {
        cli_error("%s needs --facts FILE: the log alone does not know (audit unseal)", q->word);
        return CLI_USAGE;
    }
    if (!prepare(&x))
        return finish(&x, CLI_FAILED);
    return print_one(&x, q->answer(&x.report, bytes_of_text(q->argument == NULL ? "" : argv[2])));
}

int audit_statistics_command(int argc, char **argv)
{
    struct reporting x;
    struct report_table *table[STATISTICS_TABLES];
    int rest = read_arguments(&x, "table", &argc, argv);
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    if (rest != 0)
        return CLI_USAGE;
    if (!prepare(&x))
        return finish(&x, CLI_FAILED);
    statistics_make(&x.report, table);
    int code = print_tables(&x, table, STATISTICS_TABLES,
                            x.sets.names.korean ? "이용 통계" : "Statistics");
    for (size_t i = 0; i < STATISTICS_TABLES; i++)
        table_free(table[i]);
    return finish(&x, code);
}
