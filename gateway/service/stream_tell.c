/* What is said about a stream: to its sender, and to the units that may watch it. */
#include "service/stream.h"

#include "base/mem.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* ---- to the sender */

static void send_control(struct sender *s, const Fedgate__V1__VideoControl *control)
{
    struct buf out = BUF_INIT(LIMIT_REQUEST);
    if (message_pack(&control->base, &out) == RESULT_OK)
        s->events->control(s->arg, buf_view(&out));
    buf_free(&out);
}

void stream_tell_opened(struct sender *s, enum road_verdict verdict)
{
    const struct road_recipient who = {.unit = bytes_of_text(s->session->name),
                                       .reason = bytes_of_text(reason_word(s->refused)),
                                       .clause = bytes_of_text(s->clause),
                                       .failed = bytes_of_text(s->failed)};
    struct receipt r = {.id = s->facts.id,
                        .status = s->facts.status,
                        .verdict = verdict,
                        .recipient = &who,
                        .recipients = 1,
                        .has_salt = true};
    struct buf receipt = BUF_INIT(LIMIT_REQUEST), control = BUF_INIT(LIMIT_REQUEST);
    memcpy(r.salt, s->salt, sizeof r.salt);
    memcpy(r.digest, s->digest, sizeof r.digest);
    if (receipt_put(s->edge, &r, &receipt) == RESULT_OK &&
        receipt_put_record(edge_origin(s->edge), s->index, &receipt) == RESULT_OK) {
        /* VideoControl { opened = 1 }: the receipt, as an embedded message. */
        buf_u8(&control, 0x0a);
        buf_varint(&control, receipt.n);
        buf_put(&control, receipt.p, receipt.n);
        s->events->control(s->arg, buf_view(&control));
    }
    buf_free(&receipt);
    buf_free(&control);
    mem_wipe(r.salt, sizeof r.salt);
}

void stream_watchers_changed(struct sender *s)
{
    Fedgate__V1__VideoControl control = FEDGATE__V1__VIDEO_CONTROL__INIT;
    const struct watcher *w;
    if (s->state != STREAM_OPEN)
        return;
    TAILQ_FOREACH (w, &s->watchers, of_stream)
        control.watchers += w->state == WATCH_LIVE;
    control.step_case = FEDGATE__V1__VIDEO_CONTROL__STEP_WATCHERS;
    send_control(s, &control);
}

void stream_tell_stop(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    Fedgate__V1__VideoControl control = FEDGATE__V1__VIDEO_CONTROL__INIT;
    Fedgate__V1__VideoEnd end = FEDGATE__V1__VIDEO_END__INIT;
    Fedgate__V1__RecipientVerdict why = FEDGATE__V1__RECIPIENT_VERDICT__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    why.to = s->session->name;
    why.reason = (Fedgate__V1__Reason)reason;
    why.clause = (char *)(uintptr_t)clause;
    why.failed = (char *)(uintptr_t)failed;
    record.origin = (char *)(uintptr_t)edge_origin(s->edge);
    record.index = s->index;
    end.why = &why;
    end.bytes = s->bytes;
    end.record = &record;
    control.step_case = FEDGATE__V1__VIDEO_CONTROL__STEP_STOP;
    control.stop = &end;
    send_control(s, &control);
}

/* ---- units that may watch are told, once */

static bool was_told(const struct sender *s, const char *unit)
{
    for (size_t i = 0; i < s->tolds; i++)
        if (strcmp(s->told[i].unit, unit) == 0)
            return true;
    return false;
}

static void tell_unit(struct sender *s, uint32_t unit, const struct decision *d)
{
    const char *name = policy_unit_name(s->edge->policy, unit);
    if (s->tolds == STREAM_TOLD_MAX || was_told(s, name))
        return;
    struct stream_told *t = &s->told[s->tolds++];
    stream_copy(t->unit, sizeof t->unit, name);
    stream_copy(t->clause, sizeof t->clause, d->clause);
    notice_stream(s->edge, &s->facts, bytes_of_text(s->id), bytes_of_text(t->unit),
                  bytes_of_text(t->clause), true, REASON_PERMITTED);
}

/* A unit's own purpose may differ from the sender's (joins), and its actor comes with its request:
 * the sender's question leaves both open, and Watch asks again with them. */
void stream_tell_units(struct sender *s, const struct policy_question *q)
{
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(s->edge->policy, KIND_VIDEO, q->from, reach);
    for (size_t i = 0; i < count; i++) {
        struct decision d;
        policy_decide(q, reach[i], &d);
        if (policy_permits(d.reason))
            tell_unit(s, reach[i], &d);
    }
}

void stream_tell_units_end(struct sender *s, enum reason reason)
{
    for (size_t i = 0; i < s->tolds; i++)
        notice_stream(s->edge, &s->facts, bytes_of_text(s->id), bytes_of_text(s->told[i].unit),
                      bytes_of_text(s->told[i].clause), false, reason);
}
