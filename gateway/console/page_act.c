/* An officer's act: its text as the ledger made it, the file to be signed, the signature that comes
 * back, and what came of it. No key of an officer ever is in the browser. */
#include "console/fields.h"
#include "console/multipart.h"
#include "console/state.h"
#include "console/waiting.h"
#include "crypto/base64.h"

#include <inttypes.h>
#include <stdio.h>

enum { ENCODED_MAX = 4 * (CONTROL_TEXT_MAX + 2) / 3 + 4 };

/* ---- the text, and what to do with it */

/* A text passes through forms in base64, for browsers change the ends of its lines. */
static void put_text(struct html *h, struct bytes text)
{
    struct buf encoded = BUF_INIT(ENCODED_MAX);
    base64_put(&encoded, text);
    field_hidden(h, "text", buf_view(&encoded));
    buf_free(&encoded);
}

static void put_file(struct web_call *w, struct html *h, const char *name, struct bytes text)
{
    struct buf to = BUF_INIT(64);
    web_path(w, "acts/text", &to);
    field_form(h, true, buf_view(&to), NULL);
    put_text(h, text);
    field_hidden(h, "name", bytes_of_text(name));
    field_button(h, NULL, NULL, bytes_of_text(text_of(TEXT_ACT_FILE, w->korean)));
    html_close(h);
    buf_free(&to);
}

static void put_signature(struct web_call *w, struct html *h, struct bytes text)
{
    struct buf to = BUF_INIT(64);
    const struct field file = {.form = "sign",
                               .name = "signature",
                               .type = "file",
                               .label = bytes_of_text(text_of(TEXT_ACT_SIGNATURE, w->korean)),
                               .required = true};
    web_path(w, "acts", &to);
    field_form(h, true, buf_view(&to), NULL);
    html_attr_text(h, "enctype", "multipart/form-data");
    put_text(h, text);
    field_input(h, &file);
    html_open(h, "p");
    html_attr_text(h, "class", "actions");
    field_button(h, NULL, NULL, bytes_of_text(text_of(TEXT_ACT_SEND, w->korean)));
    html_close(h);
    html_close(h);
    buf_free(&to);
}

static void put_step(struct html *h, enum text what)
{
    html_open(h, "li");
    html_element_t(h, "p", NULL, what);
}

void act_show(struct web_call *w, unsigned act, struct bytes subject, struct bytes text)
{
    char name[96], command[160];
    struct html *h = web_begin_page(w, 200, bytes_of_text(control_act_text(act, w->korean)));
    (void)snprintf(name, sizeof name, "%s-%.*s.txt", control_act_word(act),
                   (int)(subject.n < 64 ? subject.n : 64), (const char *)subject.p);
    (void)snprintf(command, sizeof command, "minisign -S -s KEY -m %s", name);
    html_open(h, "ol");
    put_step(h, TEXT_ACT_READ);
    html_element(h, "pre", NULL, text);
    html_close(h);
    put_step(h, TEXT_ACT_KEEP);
    put_file(w, h, name, text);
    html_close(h);
    put_step(h, TEXT_ACT_SIGN);
    html_element_text(h, "pre", NULL, command);
    html_close(h);
    put_step(h, TEXT_ACT_BRING);
    put_signature(w, h, text);
    html_close(h);
    html_close(h);
    web_show(w, NULL);
}

/* ---- the file */

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.n; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", name.p[i]) == NULL)
            return false;
    return name.n > 0 && name.n < 96 && name.p[0] != '.';
}

/* Back as it came: nothing is kept here between the steps. */
static void send_text(struct web_call *w)
{
    const struct bytes name = query_get(&w->form, "name");
    struct buf text = BUF_INIT(CONTROL_TEXT_MAX);
    char file[96];
    (void)snprintf(file, sizeof file, "%.*s", (int)name.n, (const char *)name.p);
    web_begin(w, "text/plain; charset=utf-8", file);
    if (base64_take(query_get(&w->form, "text"), &text) == RESULT_OK)
        (void)web_put(w, buf_view(&text));
    web_end(w);
    buf_free(&text);
}

void page_act_text(struct web_call *w);
void page_act_text(struct web_call *w)
{
    static const struct web_seen seen = {.form = "text"};
    struct buf text = BUF_INIT(CONTROL_TEXT_MAX);
    bool good = w->is_post && is_name(query_get(&w->form, "name")) &&
                base64_take(query_get(&w->form, "text"), &text) == RESULT_OK &&
                bytes_is_text(buf_view(&text));
    if (good)
        web_record(w, &seen, send_text);
    else
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_ACT_DO);
    buf_free(&text);
}

/* ---- the signature */

static void show_done(struct web_call *w, const struct control_answer *a)
{
    struct html *h = web_begin_page(
        w, 200, bytes_of_text(text_of(a->done ? TEXT_ACT_DONE : TEXT_ACT_COUNTS, w->korean)));
    struct buf to = BUF_INIT(64);
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, a->index);
    html_element_t(h, "p", a->done ? "good" : "remedy",
                   a->done ? TEXT_ACT_DONE_WHAT : TEXT_ACT_COUNTS_WHAT);
    web_path(w, "record/", &to);
    buf_text(&to, number);
    html_open(h, "p");
    html_t(h, TEXT_ACT_ENTRY);
    html_text(h, " ");
    html_link(h, buf_view(&to), bytes_of_text(number));
    html_close(h);
    html_element_t(h, "p", "faint", TEXT_ACT_SOON);
    buf_free(&to);
    web_show(w, NULL);
}

static void said_submitted(struct web_call *w, const struct control_answer *a, struct cursor *items)
{
    (void)items;
    if (a->code == CONTROL_CODE_DONE)
        show_done(w, a);
    else
        waiting_refused(w, a->code, "approvals");
}

void page_act(struct web_call *w);
void page_act(struct web_call *w)
{
    struct multipart form;
    struct bytes encoded = {0};
    struct control_request r = {.ask = CONTROL_SUBMIT};
    struct buf text = BUF_INIT(CONTROL_TEXT_MAX);
    bool good = w->is_post && multipart_begin(&form, buf_view(&w->body)) == RESULT_OK &&
                multipart_get(&form, "text", &encoded) == RESULT_OK &&
                multipart_get(&form, "signature", &r.signature) == RESULT_OK &&
                base64_take(encoded, &text) == RESULT_OK && r.signature.n > 0 &&
                r.signature.n <= CONTROL_TEXT_MAX;
    r.text = buf_view(&text);
    if (good)
        waiting_ask(w, &r, said_submitted);
    else
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_SIGNATURE_DO);
    buf_free(&text);
}
