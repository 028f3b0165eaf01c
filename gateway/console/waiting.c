#include "console/waiting.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "console/access.h"
#include "console/state.h"

#include <stdio.h>

static const struct waiting_list lists[] = {
    {"approvals", ROAD_APPROVAL, TEXT_NAV_APPROVALS, {CONTROL_APPROVE, CONTROL_REFUSE}},
    {"quarantine", ROAD_QUARANTINE, TEXT_QUARANTINE, {CONTROL_RELEASE, CONTROL_REJECT}},
    {"emergencies", ROAD_EMERGENCY, TEXT_EMERGENCIES, {CONTROL_REVIEW, 0}},
    {"suspensions", CONTROL_SUSPENSIONS, TEXT_LIST_SUSPENSIONS, {0}},
    {"holds", CONTROL_HOLDS, TEXT_HOLDS, {0}},
    {"requests", CONTROL_REQUESTS, TEXT_REQUESTS, {0}}};

const struct waiting_list *waiting_list_at(size_t i)
{
    return i < ARRAY_LEN(lists) ? &lists[i] : NULL;
}

const struct waiting_list *waiting_list_of(const struct web_call *w)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (strncmp(w->page->path, lists[i].path, strlen(lists[i].path)) == 0)
            return &lists[i];
    return NULL;
}

/* ---- who sees what */

/* A hold is on an entry, a key or an incident, which has its owner's name. */
static bool concerns_hold(const struct control_item *i, struct bytes party)
{
    static const char before[] = "incident ";
    struct bytes incident = i->subject, owner;
    if (!bytes_begins(incident, before))
        return false;
    incident = bytes_of(incident.p + strlen(before), incident.n - strlen(before));
    return ident_split_incident(incident, &owner, NULL) && access_is_of(owner, party);
}

bool waiting_shows(const struct web_call *w, const struct waiting_list *l,
                   const struct control_item *i)
{
    struct bytes party;
    if (w->visitor.reads_all || l->list == CONTROL_SUSPENSIONS)
        return true;
    if (!ident_split_unit(w->visitor.unit, &party, NULL))
        return false;
    bool its = access_is_of(i->envelope.source, party) || access_is_of(i->unit, party) ||
               (l->list == CONTROL_HOLDS && concerns_hold(i, party));
    for (size_t k = 0; k < i->parties; k++)
        its = its || bytes_equal(i->party[k], party);
    for (size_t k = 0; k < i->officers; k++)
        its = its || access_is_of(i->officer[k], party);
    return its;
}

/* "unit a/b" or "party a" of this party. */
static bool concerns_suspension(struct bytes subject, struct bytes party)
{
    struct bytes word;
    struct cursor c = cursor_over(subject);
    if (cursor_until(&c, ' ', &word) != RESULT_OK)
        return false;
    const struct bytes who = bytes_of(c.at, c.left);
    return bytes_is(word, "unit") ? access_is_of(who, party)
                                  : bytes_is(word, "party") && bytes_equal(who, party);
}

void waiting_narrow(const struct web_call *w, const struct waiting_list *l, struct control_item *i)
{
    struct bytes party = {0};
    if (w->visitor.reads_all || l->list != CONTROL_SUSPENSIONS)
        return;
    bool its =
        ident_split_unit(w->visitor.unit, &party, NULL) && concerns_suspension(i->subject, party);
    for (size_t k = 0; k < i->officers; k++)
        its = its || bytes_is(i->officer[k], "gateway") || access_is_of(i->officer[k], party);
    if (!its)
        i->reason = bytes_of_text(text_of(TEXT_REASON_OF_OTHERS, w->korean));
}

/* ---- asking */

struct asked {
    struct web_call *w;
    uint64_t ticket; /* 0: it was answered */
    unsigned turn;   /* counts questions and answers */
    void (*said)(struct web_call *w, const struct control_answer *a, struct cursor *items);
};

static void drop(void *own)
{
    struct asked *a = own;
    if (a->ticket != 0)
        console_unask(a->w->console, a->ticket);
    mem_free(a);
}

static void take(void *arg, struct bytes answer)
{
    struct asked *asked = arg;
    struct control_answer a;
    struct cursor items = cursor_over(answer);
    asked->ticket = 0;
    asked->turn++;
    if (answer.n == 0 || control_answer_take(&items, &a) != RESULT_OK)
        web_fail(asked->w, 503, TEXT_NO_LEDGER, TEXT_NO_LEDGER_DO);
    else
        asked->said(asked->w, &a, &items);
}

/* Whoever is told may ask again: the same place in the call is used then. A ledger that is away may
 * be told of within the question. */
void waiting_ask(struct web_call *w, const struct control_request *r,
                 void (*said)(struct web_call *w, const struct control_answer *a,
                              struct cursor *items))
{
    struct asked *a = w->own;
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    if (a == NULL) {
        a = mem_new(sizeof *a);
        *a = (struct asked){.w = w};
        w->own = a;
        w->drop = drop;
    }
    a->said = said;
    control_request_put(r, &request);
    if (buf_status(&request) != RESULT_OK)
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_ARGUMENT_DO);
    else {
        const unsigned turn = ++a->turn;
        const uint64_t ticket =
            console_ask(w->console, w->visitor.unit, buf_view(&request), take, a);
        if (a->turn == turn)
            a->ticket = ticket;
    }
    buf_free(&request);
}

void waiting_refused(struct web_call *w, uint8_t code, const char *back)
{
    const unsigned status = code == CONTROL_CODE_NOT_FOUND ? 404 : 409;
    struct html *h = web_begin_page(w, status, bytes_of_text(text_of(TEXT_ACT_REFUSED, w->korean)));
    struct buf to = BUF_INIT(CONSOLE_PATH_MAX);
    html_open(h, "p");
    html_attr_text(h, "class", "remedy");
    html_text(h, control_code_text(code, w->korean));
    html_say(h, " (%s)", control_code_word(code));
    html_close(h);
    web_path(w, back, &to);
    html_open(h, "p");
    html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_BACK, w->korean)));
    html_close(h);
    buf_free(&to);
    web_show(w, NULL);
}
