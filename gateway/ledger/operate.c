#include "ledger/operate.h"

#include "base/mem.h"
#include "ledger/acts.h"

#include <stdio.h>

enum { WITHIN_MOST_S = 24 * 3600 };

/* "within 60", "within 60 stay" */
static bool take_drain(struct bytes t, struct ledger_operation *out)
{
    uint64_t seconds;
    if (!act_take_word(&t, "within ") || !act_take_number(&t, WITHIN_MOST_S, &seconds))
        return false;
    out->within_us = (int64_t)seconds * US_PER_S;
    out->stays = act_take_word(&t, " stay");
    return t.n == 0;
}

/* "sessions PARTY" or "sessions PARTY/UNIT" */
static bool take_cut(struct bytes t, struct ledger_operation *out)
{
    if (!act_take_word(&t, "sessions ") || (!ident_is_word(t) && !ident_split_unit(t, NULL, NULL)))
        return false;
    out->subject = t;
    return true;
}

static bool take_subject(unsigned act, struct bytes subject, struct ledger_operation *out)
{
    switch (act) {
    case CONTROL_RELOAD: return bytes_is(subject, "policy");
    case CONTROL_DRAIN: return take_drain(subject, out);
    default: return take_cut(subject, out);
    }
}

static enum control_code judge(const struct ledger *l, const struct control_request *r)
{
    struct ledger_operation o;
    if (!take_subject(r->act, r->subject, &o))
        return CONTROL_CODE_MALFORMED;
    if (!ident_is_word(r->officer))
        return CONTROL_CODE_BAD_OPERATOR;
    if (!act_is_reason(r->reason))
        return CONTROL_CODE_BAD_REASON;
    return ledger_has_room(l, r->reason.n) ? CONTROL_CODE_DONE : CONTROL_CODE_DISK_FULL;
}

static void copy(char *out, size_t room, struct bytes text)
{
    (void)snprintf(out, room, "%.*s", (int)text.n, (const char *)text.p);
}

enum result operate_record(struct ledger *l, const struct control_request *r,
                           struct control_answer *a)
{
    struct buf text = BUF_INIT(CONTROL_TEXT_MAX);
    struct prepared p = {.act = r->act, .made_us = ledger_now(l)};
    a->code = (uint8_t)judge(l, r);
    if (a->code != CONTROL_CODE_DONE)
        return RESULT_OK;
    copy(p.subject, sizeof p.subject, r->subject);
    copy(p.officer, sizeof p.officer, r->officer);
    copy(p.reason, sizeof p.reason, r->reason);
    act_text(l, &p, NULL, &text);
    const struct control_request unsigned_text = {.text = buf_view(&text)};
    enum result result = buf_status(&text);
    if (result == RESULT_OK)
        result = acts_record(l, &p, &unsigned_text, CASE_GRANTED, &a->index);
    a->done = result == RESULT_OK;
    buf_free(&text);
    log_line(l->config.log, LOG_NOTE, "operated", "act=%s subject=\"%s\" operator=%s",
             control_act_word(p.act), p.subject, p.officer);
    return result;
}

bool ledger_operation(struct bytes request, struct bytes answer, struct ledger_operation *out)
{
    struct cursor in = cursor_over(request), said = cursor_over(answer);
    struct control_request r;
    struct control_answer a;
    *out = (struct ledger_operation){0};
    if (control_request_take(&in, &r) != RESULT_OK || r.ask != CONTROL_OPERATE ||
        control_answer_take(&said, &a) != RESULT_OK || a.code != CONTROL_CODE_DONE)
        return false;
    out->act = r.act;
    out->index = a.index;
    return take_subject(r.act, r.subject, out);
}

static size_t parked(const struct spool_queue *queue)
{
    const struct lanes_item *i;
    size_t count = 0;
    TAILQ_FOREACH (i, &queue->parked, next)
        count++;
    return count;
}

size_t ledger_deliverable(const struct ledger *l)
{
    const struct spool_queue *queue;
    struct spool_walk walk = {0};
    struct spool_flow flow;
    size_t at = 0, count = 0, aside = 0;
    while (spool_flows_next(l->queues, &at, &flow))
        count += flow.queue->has_consumer ? flow.entries : 0;
    while ((queue = spool_queues_next(l->queues, &walk)) != NULL)
        aside += queue->has_consumer ? parked(queue) : 0;
    return count - aside;
}
