/* Destruction: what is due, as the gateway tells it; whose receipts are overdue, by the log; and
 * the way to a record's certificate. */
#include "console/access.h"
#include "console/asking.h"
#include "console/fields.h"
#include "console/state.h"
#include "console/tables.h"
#include "console/waiting.h"
#include "report/due.h"

static void put_overdue(struct web_call *w, struct html *h)
{
    struct buf to = BUF_INIT(64);
    web_path(w, "destruction/overdue", &to);
    html_element_t(h, "h2", NULL, TEXT_RECEIPTS_OVERDUE);
    html_element_t(h, "p", "faint", TEXT_RECEIPTS_OVERDUE_WHAT);
    field_form(h, false, buf_view(&to), "filter");
    asking_buttons(w, h);
    html_close(h);
    buf_free(&to);
}

static void put_certificate(struct web_call *w, struct html *h)
{
    struct buf to = BUF_INIT(64);
    const struct field record = {.form = "certificate",
                                 .name = "record",
                                 .type = "number",
                                 .label = bytes_of_text(text_of(TEXT_RECORD, w->korean)),
                                 .required = true};
    web_path(w, "certificate", &to);
    html_element_t(h, "h2", NULL, TEXT_CERTIFICATE);
    html_element_t(h, "p", "faint", TEXT_CERTIFICATE_WHAT);
    field_form(h, false, buf_view(&to), "filter");
    field_input(h, &record);
    field_form_end(h, TEXT_SHOW);
    buf_free(&to);
}

/* A key is of an incident, or of a memorandum alone: an officer sees those of the own party's
 * incidents. */
static bool is_shown(const struct web_call *w, const struct control_item *i)
{
    const struct bytes party = access_party(&w->visitor);
    struct bytes owner, its;
    return w->visitor.reads_all || (i->envelope.incidents > 0 && party.n > 0 &&
                                    ident_split_incident(i->envelope.incident[0], &owner, NULL) &&
                                    ident_split_unit(owner, &its, NULL) && bytes_equal(its, party));
}

static void put_due(struct web_call *w, struct html *h, const struct control_answer *a,
                    struct cursor *items)
{
    struct names names = {.korean = w->korean};
    struct report_table *t = due_new(w->korean);
    struct buf to = BUF_INIT(CONSOLE_PATH_MAX);
    struct control_item i = {0};
    if (w->console->policy != NULL)
        names.set[names.sets++] = w->console->policy;
    for (size_t k = 0; k < a->items && control_item_take(items, &i) == RESULT_OK; k++)
        if (is_shown(w, &i))
            due_add(t, &names, &i);
    if (!w->visitor.reads_all)
        table_note(t, text_of(TEXT_DUE_OWN, w->korean));
    tables_put(w, t);
    if (a->more && i.subject.n > 0) {
        web_path(w, "destruction", &to);
        query_put(&to, "after", i.subject);
        html_open(h, "p");
        html_attr_text(h, "class", "paging");
        html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_NEXT, w->korean)));
        html_close(h);
    }
    buf_free(&to);
    table_free(t);
}

static void said_due(struct web_call *w, const struct control_answer *a, struct cursor *items)
{
    if (a->code != CONTROL_CODE_DONE) {
        waiting_refused(w, a->code, "destruction");
        return;
    }
    struct html *h =
        web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_DESTRUCTION, w->korean)));
    put_due(w, h, a, items);
    put_overdue(w, h);
    put_certificate(w, h);
    web_show(w, NULL);
}

void page_destruction(struct web_call *w);
void page_destruction(struct web_call *w)
{
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = CONTROL_DUE, .after = query_get(&w->query, "after")};
    if (r.after.n > CONTROL_SUBJECT_MAX)
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_ARGUMENT_DO);
    else
        waiting_ask(w, &r, said_due);
}

void page_overdue(struct web_call *w);
void page_overdue(struct web_call *w)
{
    const struct asking_config a = {.kind = INQUIRY_OVERDUE,
                                    .word = "overdue",
                                    .title = text_of(TEXT_RECEIPTS_OVERDUE, w->korean),
                                    .file = "overdue"};
    asking_answer(w, &a);
}
