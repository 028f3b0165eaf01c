/* The file of opened facts that an auditor brings (fedgatectl audit unseal): in memory for the
 * visit, each fact checked against its entry when it is used (report/facts.h). */
#include "console/carried.h"
#include "console/fields.h"
#include "console/multipart.h"
#include "console/state.h"

static void put_form(struct web_call *w, struct html *h)
{
    struct buf to = BUF_INIT(64);
    const struct field file = {.form = "facts",
                               .name = "file",
                               .type = "file",
                               .label = bytes_of_text(text_of(TEXT_FACTS_FILE, w->korean))};
    web_path(w, "facts", &to);
    field_form(h, true, buf_view(&to), NULL);
    html_attr_text(h, "enctype", "multipart/form-data");
    field_input(h, &file);
    html_open(h, "p");
    html_attr_text(h, "class", "actions");
    field_button(h, "do", "bring", bytes_of_text(text_of(TEXT_FACTS_BRING, w->korean)));
    field_button(h, "do", "wipe", bytes_of_text(text_of(TEXT_FACTS_WIPE, w->korean)));
    html_close(h);
    html_close(h);
    buf_free(&to);
}

static void show(struct web_call *w, unsigned status, enum text wrong, size_t line)
{
    const struct carried *c = carried_of(web_visit(w));
    struct html *h = web_begin_page(w, status, bytes_of_text(text_of(TEXT_FACTS_TITLE, w->korean)));
    html_element_t(h, "p", NULL, TEXT_FACTS_WHAT);
    if (wrong != TEXTS) {
        html_open(h, "p");
        html_attr_text(h, "class", "remedy");
        html_t(h, wrong);
        if (line > 0)
            html_say(h, " (%zu)", line);
        html_close(h);
    }
    html_open(h, "p");
    html_t(h, c->facts == NULL ? TEXT_FACTS_NONE : TEXT_FACTS_HERE);
    if (c->facts != NULL)
        html_say(h, " (%zu)", facts_count(c->facts));
    html_close(h);
    put_form(w, h);
    web_show(w, NULL);
}

/* Of a file that is not whole nothing is kept. */
static void bring(struct web_call *w, struct carried *c, struct bytes text)
{
    struct facts_file *facts = NULL;
    size_t line = 0;
    const struct carried_sum beside = carried_beside(w->console->visits, c, w->unit);
    if (text.n == 0) {
        show(w, 400, TEXT_FACTS_EMPTY, 0);
    } else if (beside.of_unit + text.n > CONSOLE_FACTS_OF_UNIT ||
               beside.of_all + text.n > CONSOLE_FACTS_MAX) {
        web_fail(w, 429, TEXT_TOO_MANY, TEXT_TOO_MANY_FACTS_DO);
    } else if (facts_read(text, &facts, &line) != RESULT_OK) {
        show(w, 400, TEXT_FACTS_BAD, line);
    } else {
        carried_bring(c, facts, text.n, w->unit);
        show(w, 200, TEXTS, 0);
    }
}

static void take(struct web_call *w, struct carried *c)
{
    struct multipart form;
    struct bytes text = {0}, what = {0};
    if (multipart_begin(&form, buf_view(&w->body)) != RESULT_OK ||
        multipart_get(&form, "do", &what) != RESULT_OK ||
        multipart_get(&form, "file", &text) != RESULT_OK) {
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_NO_FILE_DO);
    } else if (c->jobs > 0) {
        web_fail(w, 429, TEXT_TOO_MANY, TEXT_ONE_ANSWER_DO);
    } else if (bytes_is(what, "wipe")) {
        carried_bring(c, NULL, 0, "");
        show(w, 200, TEXTS, 0);
    } else {
        bring(w, c, text);
    }
}

void page_facts(struct web_call *w);
void page_facts(struct web_call *w)
{
    if (w->is_post)
        take(w, carried_of(web_visit(w)));
    else
        show(w, 200, TEXTS, 0);
    buf_clear(&w->body); /* wipes */
}
