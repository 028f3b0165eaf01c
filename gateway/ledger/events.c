/* What is recorded and is no message: streams, watchers, sessions. */
#include "ledger/cases.h"
#include "ledger/clocks.h"
#include "ledger/owed.h"
#include "ledger/register.h"

#include "base/mem.h"

#include <stdio.h>

/* `group`: what its watcher owes for it (owed.h), or 0. */
static enum result record_event(struct ledger *l, uint64_t index, uint8_t event, uint64_t refers,
                                int64_t at_us, struct bytes source, struct bytes unit,
                                uint64_t group)
{
    buf_clear(&l->record);
    buf_u64(&l->record, index);
    buf_u8(&l->record, event);
    buf_u64(&l->record, refers);
    buf_i64(&l->record, at_us);
    buf_bytes16(&l->record, source);
    buf_bytes16(&l->record, unit);
    buf_u64(&l->record, group);
    return ledger_record(l, RECORD_EVENT, buf_view(&l->record));
}

static bool is_of_the_edge(unsigned event)
{
    return event >= AUDIT_STREAM_OPENED && event <= AUDIT_SESSION_ENDED;
}

enum result events_record(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_event e;
    char id[UUID_TEXT + 1];
    uint64_t index, group;
    TRY(road_event_take(&in, &e));
    if (!is_of_the_edge(e.event) || e.unit.n > IDENT_UNIT_MAX ||
        e.envelope.source.n > IDENT_UNIT_MAX || !register_fits(l, &e.fact) ||
        (e.owes && e.event != AUDIT_WATCH_OPENED))
        return RESULT_MALFORMED;
    if (e.at_us > ledger_now(l) + AHEAD_MOST) {
        if (!clocks_are_held(l))
            return RESULT_RANGE;
        e.at_us = ledger_now(l); /* it read the clock before it heard that the time is held */
    }
    if (!ledger_has_room(l, body.n))
        return RESULT_FULL; /* streams that nobody can record must end */
    const struct leaf_recipient recipient = {
        .unit = e.unit, .reason = e.reason, .clause = e.clause, .failed = e.failed};
    struct leaf leaf = {.event = (enum audit_event)e.event,
                        .time_us = e.at_us,
                        .recipient = &recipient,
                        .recipients = e.unit.n > 0 || e.reason.n > 0 ? 1 : 0,
                        .has_refers = e.refers != 0,
                        .refers = e.refers,
                        .detail = e.detail};
    ledger_leaf_envelope(&leaf, &e.envelope, id);
    TRY(ledger_leaf_with(l, &leaf, &e.fact, &index));
    TRY(owed_watched(l, &e, index, &group));
    TRY(record_event(l, index, e.event, e.refers, e.at_us, e.envelope.source, e.unit, group));
    TRY(cases_open_review(l, index, 0, &e));
    if (e.ticket != 0) {
        struct buf answer = BUF_INIT(64);
        buf_u64(&answer, e.ticket);
        buf_u64(&answer, index);
        ledger_answer(l, IPC_EVENT_DONE, buf_view(&answer));
        buf_free(&answer);
    }
    return RESULT_OK;
}

static enum audit_event end_of(unsigned event)
{
    return event == AUDIT_STREAM_OPENED  ? AUDIT_STREAM_ENDED
           : event == AUDIT_WATCH_OPENED ? AUDIT_WATCH_ENDED
                                         : AUDIT_SESSION_ENDED;
}

enum result events_end_all(struct ledger *l, const char *cause)
{
    const struct ledger_stream *s;
    size_t at = 0;
    char detail[64];
    int n = snprintf(detail, sizeof detail, "cause=%s", cause);
    while (l->ended_below > 0 && (s = map_next(l->streams, &at)) != NULL) {
        if (s->index >= l->ended_below)
            continue; /* of the edge that is there now */
        if (!ledger_has_room(l, sizeof *s))
            return RESULT_OK;
        TRY(ledger_make_frame_room(l, 0));
        const struct ledger_stream ended = *s; /* the record below frees it */
        const struct leaf_recipient recipient = {.unit = bytes_of_text(ended.unit)};
        struct leaf leaf = {.event = end_of(ended.event),
                            .source = bytes_of_text(ended.source),
                            .recipient = &recipient,
                            .recipients = ended.unit[0] == '\0' ? 0 : 1,
                            .has_refers = true,
                            .refers = ended.index,
                            .detail = bytes_of(detail, (size_t)n)};
        uint64_t index;
        TRY(ledger_leaf(l, &leaf, &index));
        TRY(record_event(l, index, (uint8_t)leaf.event, ended.index, leaf.time_us, leaf.source,
                         bytes_of_text(ended.unit), 0));
        at = 0; /* the map changed */
    }
    l->ended_below = 0;
    return RESULT_OK;
}
