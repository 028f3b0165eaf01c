/* Of a policy set: who can ever receive what from whom, as a page and as files. */
#include "console/asking.h"
#include "console/fields.h"
#include "console/policy_page.h"
#include "console/state.h"
#include "console/tables.h"
#include "policy/tools.h"

#include <stdio.h>

static const struct report_column columns[] = {
    {"to", {"who", "받는 자"}},    {"kind", {"gets", "내용"}},     {"from", {"from", "제공자"}},
    {"purpose", {"for", "목적"}},  {"bases", {"on", "법적 근거"}}, {"way", {"how", "경로"}},
    {"clause", {"clause", "조항"}}};

enum { FILTERS = 4, WORD_MAX = 100 };
static const char *const filters[FILTERS] = {"kind", "purpose", "from", "to"};

struct matrix {
    const struct policy *set;
    struct report_table *table;
    bool korean;
};

static void put_name(struct matrix *m, enum policy_name what, const char *word)
{
    struct buf cell = BUF_INIT(1 << 14);
    policy_put_name(m->set, what, word, m->korean, &cell);
    table_take(m->table, &cell);
    buf_free(&cell);
}

static void add_flow(const struct policy_flow *f, void *arg)
{
    struct matrix *m = arg;
    struct buf bases = BUF_INIT(1 << 14);
    policy_flow_bases(m->set, f, &bases);
    table_text(m->table, policy_unit_name(m->set, f->to));
    put_name(m, POLICY_NAME_KIND, f->kind);
    table_text(m->table, policy_unit_name(m->set, f->from));
    put_name(m, POLICY_NAME_PURPOSE, f->purpose);
    table_take(m->table, &bases);
    table_text(m->table, policy_way_text(f->way, m->korean));
    table_text(m->table, f->clause);
    buf_free(&bases);
}

static struct report_table *make(struct web_call *w, const struct policy_page *p)
{
    static const char *const title[2] = {"Who can receive what", "누가 무엇을 받을 수 있는가"};
    char word[FILTERS][WORD_MAX + 1];
    const char *wanted[FILTERS];
    struct matrix m = {.set = kept_policy(p->kept), .korean = w->korean};
    for (size_t i = 0; i < FILTERS; i++) {
        const struct bytes v = query_get(&w->query, filters[i]);
        (void)snprintf(word[i], sizeof word[i], "%.*s", (int)v.n, (const char *)v.p);
        wanted[i] = v.n == 0 ? NULL : word[i];
    }
    const struct policy_who who = {
        .kind = wanted[0], .purpose = wanted[1], .from = wanted[2], .to = wanted[3]};
    m.table = table_new("matrix", title, columns, ARRAY_LEN(columns), w->korean);
    policy_flows(m.set, &who, add_flow, &m);
    table_note(m.table, text_of(TEXT_MATRIX_NOTE, w->korean));
    return m.table;
}

static void put_filter(struct web_call *w, struct html *h, const struct policy_page *p)
{
    static const enum text names[FILTERS] = {TEXT_F_KIND, TEXT_F_PURPOSE, TEXT_MATRIX_FROM,
                                             TEXT_MATRIX_TO};
    struct buf to = BUF_INIT(256);
    policy_page_path(w, p->index, "/matrix", &to);
    field_form(h, false, buf_view(&to), "filter");
    for (size_t i = 0; i < FILTERS; i++) {
        const struct field f = {.form = "matrix",
                                .name = filters[i],
                                .type = "text",
                                .label = bytes_of_text(text_of(names[i], w->korean)),
                                .value = query_get(&w->query, filters[i]),
                                .most = WORD_MAX};
        field_input(h, &f);
    }
    asking_buttons(w, h);
    html_close(h);
    buf_free(&to);
}

/* ---- as a file: made anew behind the view's record, for the set is held no longer than a call */

static void send(struct web_call *w, bool csv)
{
    struct policy_page p;
    struct buf out = BUF_INIT(CONSOLE_BODY_MAX);
    if (!policy_page_again(w, &p))
        return;
    struct report_table *t = make(w, &p);
    if (csv)
        table_csv(t, &out);
    else
        table_json(t, &out);
    table_free(t);
    policy_page_close(&p);
    if (buf_status(&out) == RESULT_OK) {
        web_begin(w, csv ? "text/csv; charset=utf-8" : "application/json",
                  csv ? "matrix.csv" : "matrix.json");
        (void)web_put(w, buf_view(&out));
        web_end(w);
    } else {
        web_fail(w, 422, TEXT_TOO_MUCH, TEXT_MATRIX_TOO_MUCH_DO);
    }
    buf_free(&out);
}

static void send_csv(struct web_call *w)
{
    send(w, true);
}

static void send_json(struct web_call *w)
{
    send(w, false);
}

void policy_show_matrix(struct web_call *w, struct policy_page *p)
{
    const struct bytes form = query_get(&w->query, "form");
    const bool csv = bytes_is(form, "csv"), json = bytes_is(form, "json");
    const struct web_seen seen = {.form = csv    ? "csv"
                                          : json ? "json"
                                                 : "html",
                                  .has_record = true,
                                  .record = p->index};
    struct buf title = BUF_INIT(256);
    if (csv || json) {
        web_record(w, &seen, csv ? send_csv : send_json);
        return;
    }
    policy_page_title(w, p, &title);
    struct html *h = web_begin_page(w, 200, buf_view(&title));
    put_filter(w, h, p);
    struct report_table *t = make(w, p);
    tables_put(w, t);
    table_free(t);
    buf_free(&title);
    web_show(w, &seen);
}
