/* Approvals, quarantine, emergencies; suspensions, holds, requests: their lists, and one item. */
#include "console/fields.h"
#include "console/state.h"
#include "console/waiting.h"
#include "report/waiting.h"

#include <inttypes.h>

/* ---- lists */

/* The other lists, one click away. */
static void put_lists(struct web_call *w, struct html *h)
{
    const struct waiting_list *l, *here = waiting_list_of(w);
    html_open(h, "p");
    html_attr_text(h, "class", "actions");
    for (size_t i = 0; (l = waiting_list_at(i)) != NULL; i++) {
        struct buf to = BUF_INIT(64);
        if (l->act[0] != 0 && w->visitor.role != POLICY_CONSOLE_OFFICER)
            continue;
        web_path(w, l->path, &to);
        html_open(h, "a");
        html_attr(h, "href", buf_view(&to));
        if (l == here)
            html_attr_text(h, "aria-current", "true");
        html_t(h, l->title);
        html_close(h);
        buf_free(&to);
    }
    html_close(h);
}

/* The path of an item's page, appended. */
static void put_path(struct web_call *w, const struct waiting_list *l, struct bytes subject,
                     struct buf *out)
{
    web_path(w, l->path, out);
    buf_text(out, "/");
    query_escape(out, subject);
}

static void put_cell(struct web_call *w, struct html *h, const struct waiting_list *l,
                     enum waiting_column c, const struct control_item *i)
{
    struct buf text = BUF_INIT(1 << 16), to = BUF_INIT(CONSOLE_PATH_MAX);
    waiting_put(i, c, w->korean, &text);
    html_open(h, "td");
    if (i->overdue && c == WAITING_DUE)
        html_attr_text(h, "class", "bad");
    if ((c == WAITING_SUBJECT && l->act[0] != 0) || c == WAITING_NUMBER) {
        put_path(w, l, i->subject, &to);
        html_link(h, buf_view(&to), buf_view(&text));
    } else {
        html_put(h, buf_view(&text));
    }
    html_close(h);
    buf_free(&text);
    buf_free(&to);
}

static void put_head(struct html *h, const enum waiting_column *column, size_t columns)
{
    html_open(h, "thead");
    html_open(h, "tr");
    for (size_t c = 0; c < columns; c++) {
        html_open(h, "th");
        html_attr_text(h, "scope", "col");
        html_text(h, waiting_heading(column[c], h->korean));
        html_close(h);
    }
    html_close(h);
    html_close(h);
}

/* What comes behind the last one that was looked at. */
static void put_next(struct web_call *w, struct html *h, const struct waiting_list *l,
                     struct bytes last)
{
    struct buf to = BUF_INIT(CONSOLE_PATH_MAX);
    web_path(w, l->path, &to);
    query_put(&to, "after", last);
    html_open(h, "p");
    html_attr_text(h, "class", "paging");
    html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_NEXT, w->korean)));
    html_close(h);
    buf_free(&to);
}

static size_t put_rows(struct web_call *w, struct html *h, const struct waiting_list *l,
                       const struct control_answer *a, struct cursor *items, struct bytes *last)
{
    const enum waiting_column *column;
    const size_t columns = waiting_columns(l->list, &column);
    struct control_item i;
    size_t shown = 0;
    html_open(h, "table");
    put_head(h, column, columns);
    html_open(h, "tbody");
    for (size_t k = 0; k < a->items && control_item_take(items, &i) == RESULT_OK; k++) {
        *last = i.subject;
        if (!waiting_shows(w, l, &i))
            continue;
        waiting_narrow(w, l, &i);
        shown++;
        html_open(h, "tr");
        for (size_t c = 0; c < columns; c++)
            put_cell(w, h, l, column[c], &i);
        html_close(h);
    }
    html_close(h);
    html_close(h);
    return shown;
}

static void said_list(struct web_call *w, const struct control_answer *a, struct cursor *items)
{
    const struct waiting_list *l = waiting_list_of(w);
    struct bytes last = {0};
    if (a->code != CONTROL_CODE_DONE) {
        waiting_refused(w, a->code, l->path);
        return;
    }
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(l->title, w->korean)));
    put_lists(w, h);
    html_open(h, "div");
    html_attr_text(h, "class", "wide");
    if (put_rows(w, h, l, a, items, &last) == 0)
        html_element_t(h, "p", "empty", TEXT_NOTHING_WAITS);
    html_close(h);
    if (a->more && last.n > 0)
        put_next(w, h, l, last);
    if (l->act[0] == 0)
        html_element_t(h, "p", "note", TEXT_SHOWN_ALONE);
    web_show(w, NULL);
}

void page_waiting(struct web_call *w);
void page_waiting(struct web_call *w)
{
    const struct bytes after = query_get(&w->query, "after");
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = (uint8_t)waiting_list_of(w)->list, .after = after};
    if (after.n > CONTROL_SUBJECT_MAX)
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_ARGUMENT_DO);
    else
        waiting_ask(w, &r, said_list);
}

/* ---- one item */

static void put_fact(void *arg, const char *name, struct bytes value)
{
    struct html *h = arg;
    html_open_row(h);
    html_text(h, name);
    html_close(h);
    html_element(h, "td", NULL, value);
    html_close(h);
}

/* "1234-0" is about entry 1234. */
static bool record_of(struct bytes subject, uint64_t *out)
{
    size_t n = 0;
    *out = 0;
    for (; n < subject.n && subject.p[n] >= '0' && subject.p[n] <= '9'; n++)
        *out = *out * 10 + (uint64_t)(subject.p[n] - '0');
    return n > 0 && n < 19 && n < subject.n && subject.p[n] == '-';
}

static void put_record(struct web_call *w, struct html *h, uint64_t record)
{
    struct buf to = BUF_INIT(128);
    web_path(w, "record/", &to);
    buf_printf(&to, "%" PRIu64, record);
    html_open(h, "p");
    html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_ITS_RECORD, w->korean)));
    html_close(h);
    buf_free(&to);
}

/* The own party's officers, who sign with keys of their own. */
static void put_officers(struct web_call *w, struct html *h)
{
    const struct policy *p = w->console->policy;
    struct policy_officer o;
    struct bytes party;
    size_t depth =
        field_choice(h, "act", "officer", bytes_of_text(text_of(TEXT_OFFICER, w->korean)));
    for (uint32_t i = 0; p != NULL && i < policy_signers(p); i++)
        if (policy_officer_row(p, i, &o) && o.has_key &&
            ident_split_unit(w->visitor.unit, &party, NULL) && bytes_is(party, o.party))
            field_option(h, bytes_of_text(o.name), bytes_of_text(o.name), false);
    html_close_to(h, depth);
}

static void put_act(struct web_call *w, struct html *h, const struct waiting_list *l,
                    const struct control_item *i)
{
    struct buf to = BUF_INIT(CONSOLE_PATH_MAX);
    const struct field reason = {.form = "act",
                                 .name = "reason",
                                 .type = "text",
                                 .label = bytes_of_text(text_of(TEXT_ACT_REASON, w->korean)),
                                 .required = true,
                                 .most = CONTROL_REASON_MAX};
    put_path(w, l, i->subject, &to);
    html_element_t(h, "h2", NULL, TEXT_DECIDE);
    html_element_t(h, "p", "faint", TEXT_DECIDE_HOW);
    field_form(h, true, buf_view(&to), "filter");
    put_officers(w, h);
    field_input(h, &reason);
    html_open(h, "div");
    html_attr_text(h, "class", "actions");
    for (size_t k = 0; k < ARRAY_LEN(l->act); k++)
        if (l->act[k] != 0)
            field_button(h, "act", control_act_word(l->act[k]),
                         bytes_of_text(control_act_text(l->act[k], w->korean)));
    html_close(h);
    html_close(h);
    buf_free(&to);
}

static void show_item(struct web_call *w, const struct waiting_list *l,
                      const struct control_item *i)
{
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(l->title, w->korean)));
    struct web_seen seen = {.form = "html"};
    seen.has_record = l->act[0] != 0 && record_of(i->subject, &seen.record);
    put_lists(w, h);
    html_open(h, "table");
    html_attr_text(h, "class", "facts");
    html_open(h, "tbody");
    waiting_each(i, l->list, w->korean, put_fact, h);
    html_close(h);
    html_close(h);
    if (seen.has_record)
        put_record(w, h, seen.record);
    if (l->act[0] != 0)
        put_act(w, h, l, i);
    web_show(w, &seen);
}

/* ---- an act about it */

static unsigned act_of(const struct waiting_list *l, struct bytes word)
{
    for (size_t k = 0; k < ARRAY_LEN(l->act); k++)
        if (l->act[k] != 0 && bytes_is(word, control_act_word(l->act[k])))
            return l->act[k];
    return 0;
}

static void said_text(struct web_call *w, const struct control_answer *a, struct cursor *items)
{
    const struct waiting_list *l = waiting_list_of(w);
    (void)items;
    if (a->code != CONTROL_CODE_DONE)
        waiting_refused(w, a->code, l->path);
    else
        act_show(w, act_of(l, query_get(&w->form, "act")), w->tail, a->text);
}

static void prepare(struct web_call *w, const struct waiting_list *l)
{
    const struct control_request r = {.ask = CONTROL_PREPARE,
                                      .act = (uint8_t)act_of(l, query_get(&w->form, "act")),
                                      .subject = w->tail,
                                      .officer = query_get(&w->form, "officer"),
                                      .reason = query_get(&w->form, "reason")};
    if (r.act == 0 || r.officer.n == 0 || r.officer.n > IDENT_UNIT_MAX ||
        !visit_reason_is_good(r.reason))
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_ACT_DO);
    else
        waiting_ask(w, &r, said_text);
}

/* What the visitor may not see is not there: no text is made of it either. */
static void said_item(struct web_call *w, const struct control_answer *a, struct cursor *items)
{
    const struct waiting_list *l = waiting_list_of(w);
    struct control_item i;
    bool there = a->code == CONTROL_CODE_DONE && a->items == 1 &&
                 control_item_take(items, &i) == RESULT_OK && waiting_shows(w, l, &i);
    if (!there)
        waiting_refused(w, a->code == CONTROL_CODE_DONE ? CONTROL_CODE_NOT_FOUND : a->code,
                        l->path);
    else if (w->is_post)
        prepare(w, l);
    else
        show_item(w, l, &i);
}

void page_waiting_one(struct web_call *w);
void page_waiting_one(struct web_call *w)
{
    const struct waiting_list *l = waiting_list_of(w);
    /* A subject has no character that an address would have to escape. */
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = (uint8_t)l->list, .subject = w->tail};
    if (w->tail.n > CONTROL_SUBJECT_MAX || (w->is_post && l->act[0] == 0))
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NOT_FOUND_DO);
    else
        waiting_ask(w, &r, said_item);
}
