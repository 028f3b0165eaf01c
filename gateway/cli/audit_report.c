/*
 * fedgatectl audit register, ask, statistics: a log, facts that were opened, policy sets; then one
 * table or page (report/).
 */
#include "cli/audit_log.h"
#include "cli/policy_set.h"

#include "base/nearest.h"
#include "report/page.h"
#include "report/questions.h"
#include "report/statistics.h"

#include <errno.h>
#include <string.h>

enum { OUTPUT_MAX = 1 << 30, SUBTITLE = 256 };

/* What all three need. */
struct reporting {
    const char *log, *facts, *format, *language, *from, *until, *at;
    const char *policy[NAMES_SETS_MAX];
    int policies;
    int64_t from_us, until_us;
    struct policy_set set[NAMES_SETS_MAX];
    struct names names;
    struct facts_file *file;
    struct world *world;
    struct report report;
};

static const char *const formats[] = {"table", "csv", "json", "html"};

static bool check_format(const char *format)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(format, formats[i]) == 0)
            return true;
    cli_error("--format is table, csv, json or html");
    return false;
}

/* The options; the words that are none are counted, as cli_options does. */
static int read_arguments(struct reporting *x, const char *format, int *argc, char **argv)
{
    const struct cli_option options[] = {{"log", &x->log, NULL},       {"facts", &x->facts, NULL},
                                         {"format", &x->format, NULL}, {"lang", &x->language, NULL},
                                         {"from", &x->from, NULL},     {"until", &x->until, NULL},
                                         {"at", &x->at, NULL},         {0}};
    *x = (struct reporting){.from_us = INT64_MIN, .until_us = INT64_MAX, .format = format};
    x->policies = cli_repeated("policy", argc, argv, x->policy, NAMES_SETS_MAX);
    int rest = x->policies < 0 ? -1 : cli_options(options, *argc, argv);
    if (rest < 0 || audit_log_needed(x->log) == NULL || !check_format(x->format) ||
        !cli_language(x->language, &x->names.korean) ||
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

static bool open_sets(struct reporting *x)
{
    for (int i = 0; i < x->policies; i++) {
        if (policy_set_open(&x->set[i], x->policy[i], x->names.korean ? "ko" : "en") != CLI_OK) {
            policy_set_close(&x->set[i]);
            return false;
        }
        x->names.set[x->names.sets++] = x->set[i].policy;
    }
    return true;
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
                                .names = &x->names,
                                .from_us = x->from_us,
                                .until_us = x->until_us,
                                .now_us = clock_wall_us(&clock)};
    return read;
}

static bool prepare(struct reporting *x)
{
    return open_sets(x) && read_facts(x) && read_log(x);
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
    for (size_t i = 0; i < x->names.sets; i++)
        policy_set_close(&x->set[i]);
    return code;
}

/* ---- printing */

static void print_terminal(const struct report_table *t)
{
    struct cli_table *table = cli_table_new(table_columns(t));
    struct buf cell = BUF_INIT(1 << 20);
    for (size_t c = 0; c < table_columns(t); c++) {
        cli_table_cell(table, table_heading(t, c));
        cli_table_paint(table, CLI_FAINT);
    }
    for (size_t r = 0; r < table_rows(t); r++)
        for (size_t c = 0; c < table_columns(t); c++) {
            const struct bytes text = table_cell(t, r, c);
            buf_clear(&cell);
            buf_put(&cell, text.p, text.n);
            cli_table_cell(table, buf_c(&cell));
        }
    (void)printf("%s\n", table_title(t));
    cli_table_print(table, stdout);
    for (size_t i = 0; table_note_at(t, i) != NULL; i++)
        (void)printf("%s\n", table_note_at(t, i));
    cli_table_free(table);
    buf_free(&cell);
}

/* "fedgate.daejeon.example/log, 2026-01-01 to 2026-12-31; 1234 records" */
static void subtitle(const struct reporting *x, char out[SUBTITLE])
{
    bool ko = x->names.korean;
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
    struct buf out = BUF_INIT(OUTPUT_MAX);
    char below[SUBTITLE];
    bool html = strcmp(x->format, "html") == 0, json = strcmp(x->format, "json") == 0;
    if (strcmp(x->format, "table") == 0) {
        for (size_t i = 0; i < tables; i++)
            print_terminal(table[i]);
        return CLI_OK;
    }
    subtitle(x, below);
    if (html)
        page_begin(&out, title, below, x->names.korean);
    if (html && tables == STATISTICS_TABLES)
        statistics_html(table, &out);
    for (size_t i = 0; i < tables; i++) {
        if (html && tables == 1)
            table_html(table[i], &out);
        else if (json)
            table_json(table[i], &out);
        else if (!html)
            table_csv(table[i], &out);
        if (json)
            buf_text(&out, "\n");
    }
    if (html)
        page_end(&out);
    int code = policy_set_print(&out);
    buf_free(&out);
    return code;
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
        cli_error("which register: out-of-purpose, personal-video or location?");
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
    int code =
        print_tables(&x, table, STATISTICS_TABLES, x.names.korean ? "이용 통계" : "Statistics");
    for (size_t i = 0; i < STATISTICS_TABLES; i++)
        table_free(table[i]);
    return finish(&x, code);
}
