/* fedgatectl policy who: who can ever receive what, from whom, on which basis, under which clause.
 */
#include "cli/policy_set.h"

#include "base/nearest.h"
#include "message/message.h"

#include <string.h>

enum { TEXT_MAX = 64 << 20, COLUMNS = 7 };

struct matrix {
    const struct policy_set *set;
    struct policy_who who;
    bool csv, html;
    struct cli_table *table;
    struct buf out;
    size_t rows;
};

static bool parse(int argc, char **argv, struct matrix *m, const char **folder,
                  const char **language)
{
    const struct cli_option options[] = {
        {"csv", NULL, &m->csv},   {"from", &m->who.from, NULL},
        {"html", NULL, &m->html}, {"kind", &m->who.kind, NULL},
        {"lang", language, NULL}, {"purpose", &m->who.purpose, NULL},
        {"to", &m->who.to, NULL}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count >= 0 && count != 1)
        cli_error("policy who takes one folder");
    else if (count == 1 && m->csv && m->html)
        cli_error("--csv or --html, not both");
    *folder = argv[1];
    return count == 1 && !(m->csv && m->html);
}

/* ---- what is asked for has to be there */

static bool is_purpose(const struct policy *p, const char *word)
{
    if (word == NULL || bytes_is(policy_known(p, POLICY_PURPOSE, bytes_of_text(word)), word))
        return true;
    return cli_no_such("purpose", word, NULL);
}

static bool is_unit(const struct policy *p, const char *word)
{
    const char *nearest = NULL;
    for (uint32_t i = 0; word != NULL && i < policy_units(p); i++) {
        const char *unit = policy_unit_name(p, i), *party = policy_unit_party(p, i);
        if (strcmp(unit, word) == 0 || strcmp(party, word) == 0)
            return true;
        nearest_offer(bytes_of_text(word), unit, &nearest);
        nearest_offer(bytes_of_text(word), party, &nearest);
    }
    return word == NULL || cli_no_such("party or unit", word, nearest);
}

/* ---- the table */

static void heading(struct matrix *m)
{
    static const char *const words[2][COLUMNS] = {
        {"who", "gets", "from", "for", "on", "how", "clause"},
        {"받는 자", "내용", "제공자", "목적", "법적 근거", "경로", "조항"}};
    m->table = cli_table_new(COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        cli_table_cell(m->table, words[m->set->korean][i]);
        cli_table_paint(m->table, CLI_FAINT);
    }
}

static void table_row(const struct policy_flow *f, void *arg)
{
    struct matrix *m = arg;
    const struct policy *p = m->set->policy;
    buf_clear(&m->out);
    policy_flow_bases(p, f, &m->out);
    cli_table_cell(m->table, policy_unit_name(p, f->to));
    cli_table_cell(m->table, f->kind);
    cli_table_cell(m->table, policy_unit_name(p, f->from));
    cli_table_cell(m->table, f->purpose);
    cli_table_cell(m->table, buf_c(&m->out));
    cli_table_cell(m->table, policy_way_text(f->way, m->set->korean));
    cli_table_cell(m->table, f->clause);
    m->rows++;
}

void policy_who_print(const struct policy_set *set, const struct policy_who *who)
{
    struct matrix m = {.set = set, .who = *who, .out = BUF_INIT(TEXT_MAX)};
    heading(&m);
    policy_flows(set->policy, who, table_row, &m);
    if (m.rows > 0)
        cli_table_print(m.table, stdout);
    else
        (void)puts(set->korean ? "아무도 받을 수 없습니다." : "Nobody can.");
    cli_table_free(m.table);
    buf_free(&m.out);
}

/* ---- CSV (RFC 4180), with a byte order mark for spreadsheets */

/* A cell that a spreadsheet would take for a formula gets a quotation mark of its own in front;
 * none of our words begins so. */
static void csv_cell(struct buf *out, const char *text, const char *end)
{
    buf_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buf_u8(out, '"');
        buf_u8(out, (uint8_t)*text);
    }
    buf_printf(out, "\"%s", end);
}

static void csv_named(struct matrix *m, enum policy_name what, const char *word)
{
    struct buf name = BUF_INIT(1 << 16);
    policy_put_name(m->set->policy, what, word, m->set->korean, &name);
    csv_cell(&m->out, word, ",");
    csv_cell(&m->out, buf_c(&name), ",");
    buf_free(&name);
}

static void csv_row(const struct policy_flow *f, void *arg)
{
    struct matrix *m = arg;
    const struct policy *p = m->set->policy;
    struct buf bases = BUF_INIT(1 << 16);
    char line[24];
    (void)snprintf(line, sizeof line, "%u", f->line);
    policy_flow_bases(p, f, &bases);
    csv_named(m, POLICY_NAME_UNIT, policy_unit_name(p, f->to));
    csv_named(m, POLICY_NAME_KIND, f->kind);
    csv_named(m, POLICY_NAME_UNIT, policy_unit_name(p, f->from));
    csv_named(m, POLICY_NAME_PURPOSE, f->purpose);
    csv_named(m, POLICY_NAME_SERVICE, f->service);
    csv_cell(&m->out, buf_c(&bases), ",");
    csv_cell(&m->out, policy_way_text(f->way, m->set->korean), ",");
    csv_cell(&m->out, f->clause, ",");
    csv_cell(&m->out, f->file, ",");
    csv_cell(&m->out, line, "\r\n");
    buf_free(&bases);
}

static int print_csv(struct matrix *m)
{
    buf_text(&m->out, "\xef\xbb\xbf"
                      "to,to_title,kind,kind_title,from,from_title,purpose,purpose_title,service,"
                      "service_title,bases,how,clause,file,line\r\n");
    policy_flows(m->set->policy, &m->who, csv_row, m);
    return policy_set_print(&m->out);
}

static int print_page(struct matrix *m)
{
    policy_page_begin(&m->out, policy_name(m->set->policy), m->set->korean);
    policy_who_page(m->set->policy, &m->who, m->set->korean, &m->out);
    policy_page_end(&m->out);
    return policy_set_print(&m->out);
}

static int print(struct matrix *m)
{
    const struct policy *p = m->set->policy;
    if (!cli_is_kind(m->who.kind) || !is_purpose(p, m->who.purpose) || !is_unit(p, m->who.from) ||
        !is_unit(p, m->who.to))
        return CLI_USAGE;
    if (!m->csv && !m->html) {
        policy_who_print(m->set, &m->who);
        return CLI_OK;
    }
    m->out = BUF_INIT(TEXT_MAX);
    int code = m->csv ? print_csv(m) : print_page(m);
    buf_free(&m->out);
    return code;
}

int policy_who_run(int argc, char **argv)
{
    struct policy_set set;
    struct matrix m = {.set = &set};
    const char *folder, *language = NULL;
    if (!parse(argc, argv, &m, &folder, &language))
        return CLI_USAGE;
    int code = policy_set_open(&set, folder, language);
    if (code == CLI_OK)
        code = print(&m);
    policy_set_close(&set);
    return code;
}
