/* Questions, registers, the year in figures: what can be asked, and the answers. */
#include "console/asking.h"
#include "console/carried.h"
#include "console/fields.h"
#include "console/state.h"

/* ---- what can be asked */

static void put_form(struct web_call *w, struct html *h, const char *path, const char *word,
                     const char *label)
{
    struct buf to = BUF_INIT(256);
    web_path(w, path, &to);
    buf_text(&to, word);
    field_form(h, false, buf_view(&to), "filter");
    asking_fields(w, h, word, label);
    html_close(h);
    buf_free(&to);
}

/* Facts that this visit has brought, or how to bring them. */
static void put_facts(struct web_call *w, struct html *h)
{
    struct visit *visit = web_visit(w);
    const struct carried *c = visit == NULL ? NULL : carried_of(visit);
    struct buf to = BUF_INIT(256);
    web_path(w, "facts", &to);
    html_open(h, "p");
    html_t(h, c != NULL && c->facts != NULL ? TEXT_FACTS_HERE : TEXT_FACTS_NONE);
    html_text(h, " ");
    html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_FACTS_TITLE, w->korean)));
    html_close(h);
    buf_free(&to);
}

void page_questions(struct web_call *w);
void page_questions(struct web_call *w)
{
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_QUESTIONS, w->korean)));
    const struct question *q;
    put_facts(w, h);
    for (size_t i = 0; (q = question_at(i)) != NULL; i++) {
        html_open(h, "section");
        html_element_text(h, "h2", NULL, q->summary[w->korean]);
        if (q->needs_facts)
            html_element_t(h, "p", "faint", TEXT_NEEDS_FACTS);
        put_form(w, h, "questions/", q->word, q->label[w->korean]);
        html_close(h);
    }
    web_show(w, NULL);
}

void page_registers(struct web_call *w);
void page_registers(struct web_call *w)
{
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_REGISTERS, w->korean)));
    put_facts(w, h);
    for (size_t i = 0; register_word(i) != NULL; i++) {
        html_open(h, "section");
        html_element_text(h, "h2", NULL, register_title(i, w->korean));
        put_form(w, h, "registers/", register_word(i), NULL);
        html_close(h);
    }
    html_open(h, "section");
    html_element_t(h, "h2", NULL, TEXT_STATISTICS);
    put_form(w, h, "registers/", "statistics", NULL);
    html_close(h);
    web_show(w, NULL);
}

/* ---- the answers */

void page_question(struct web_call *w);
void page_question(struct web_call *w)
{
    const struct question *q = NULL;
    for (size_t i = 0; (q = question_at(i)) != NULL && !bytes_is(w->tail, q->word); i++)
        continue;
    if (q == NULL) {
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NOT_FOUND_DO);
        return;
    }
    const struct carried *c = carried_of(web_visit(w));
    const struct asking_config a = {.kind = INQUIRY_QUESTION,
                                    .word = q->word,
                                    .title = q->summary[w->korean],
                                    .file = q->word,
                                    .needs_argument = q->argument != NULL};
    if (q->needs_facts && c->facts == NULL)
        web_fail(w, 409, TEXT_NEEDS_FACTS, TEXT_FACTS_HOW);
    else
        asking_answer(w, &a);
}

void page_register(struct web_call *w);
void page_register(struct web_call *w)
{
    size_t i = 0;
    while (register_word(i) != NULL && !bytes_is(w->tail, register_word(i)))
        i++;
    const struct asking_config a = {.kind = INQUIRY_REGISTER,
                                    .word = register_word(i),
                                    .title = register_title(i, w->korean),
                                    .file = register_word(i)};
    if (a.word != NULL)
        asking_answer(w, &a);
    else
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NOT_FOUND_DO);
}

void page_statistics(struct web_call *w);
void page_statistics(struct web_call *w)
{
    const struct asking_config a = {.kind = INQUIRY_STATISTICS,
                                    .word = "statistics",
                                    .title = text_of(TEXT_STATISTICS, w->korean),
                                    .file = "statistics"};
    asking_answer(w, &a);
}
