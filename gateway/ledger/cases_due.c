/* What the ledger decides about cases, and what is told of them. */
#include "ledger/cases.h"
#include "ledger/snapshot.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- leaves and outcomes */

static const char *kind_word(unsigned kind)
{
    static const char *const words[] = {"", "approval", "quarantine", "emergency", "keeping"};
    return kind < ARRAY_LEN(words) ? words[kind] : "";
}

const char *case_refusal(const struct ledger_case *x, enum case_state state)
{
    if (state == CASE_EXPIRED)
        return "approval-expired";
    return x->is.kind == ROAD_QUARANTINE ? "out-of-range" : "approval-refused";
}

enum result case_leaf(struct ledger *l, const struct ledger_case *x, enum audit_event event,
                      const char *reason, int64_t now_us)
{
    char id[UUID_TEXT + 1], detail[96];
    const struct leaf_recipient recipient = {
        .unit = x->unit, .reason = bytes_of_text(reason), .clause = x->clause};
    struct leaf leaf = {.event = event};
    ledger_leaf_envelope(&leaf, &x->envelope, id);
    leaf.time_us = now_us;
    leaf.recipient = &recipient;
    leaf.recipients = 1;
    leaf.has_refers = true;
    leaf.refers = x->index;
    int n = snprintf(detail, sizeof detail, "subject=%" PRIu64 "-%u kind=%s persons=%zu/%u",
                     x->index, x->recipient, kind_word(x->is.kind), x->voters, x->is.persons);
    leaf.detail = bytes_of(detail, (size_t)n);
    return ledger_leaf(l, &leaf, NULL);
}

enum result case_tell_sender(struct ledger *l, const struct ledger_case *x, const char *reason,
                             enum outcome_step step, int64_t now_us)
{
    const struct outcome_news news = {.envelope = &x->envelope,
                                      .index = x->index,
                                      .unit = x->unit,
                                      .reason = reason,
                                      .step = step};
    return ledger_tell_sender(l, &news, now_us);
}

/* ---- reviews that something else than a message's first decision opens */

enum result cases_open_review(struct ledger *l, uint64_t index, unsigned recipient,
                              const struct road_event *e)
{
    uint8_t key[CASE_KEY];
    case_key(index, recipient, ROAD_EMERGENCY, key);
    if (e->review.kind == 0 || case_get(l, key) != NULL)
        return RESULT_OK;
    buf_clear(&l->record);
    buf_u64(&l->record, index);
    buf_u8(&l->record, (uint8_t)recipient);
    road_event_put(e, &l->record);
    return ledger_record(l, RECORD_CASE, buf_view(&l->record));
}

/* ---- time */

static enum result record_late(struct ledger *l, struct ledger_case *x, int64_t now_us)
{
    bool waits = x->state == CASE_WENT_AHEAD || x->is.kind == ROAD_KEEPING;
    TRY(case_leaf(l, x, AUDIT_REVIEW_OVERDUE, waits ? "approval-pending" : "permitted-emergency",
                  now_us));
    buf_clear(&l->record);
    buf_put(&l->record, x->key, CASE_KEY);
    buf_i64(&l->record, now_us);
    TRY(ledger_record(l, RECORD_CASE_LATE, buf_view(&l->record)));
    log_line(l->config.log, LOG_ALARM, "review-overdue", "subject=%" PRIu64 "-%u kind=%s", x->index,
             x->recipient, kind_word(x->is.kind));
    return RESULT_OK;
}

/* Nobody decided: refused, and the sender is told (obligation `approval.within`). */
static enum result record_expired(struct ledger *l, const struct ledger_case *x, int64_t now_us)
{
    const char *reason = case_refusal(x, CASE_EXPIRED);
    TRY(case_leaf(l, x, AUDIT_HELD_ENDED, reason, now_us));
    TRY(case_tell_sender(l, x, reason, OUTCOME_EXPIRED, now_us));
    buf_clear(&l->record);
    buf_u64(&l->record, TAILQ_FIRST(&x->held->all)->id);
    buf_i64(&l->record, now_us);
    return ledger_record(l, RECORD_EXPIRED, buf_view(&l->record));
}

enum result cases_begin(struct ledger *l, int64_t now_us)
{
    enum { A_TURN = 1000 };
    const struct heap_entry *e;
    for (size_t n = 0; n < A_TURN; n++) {
        e = heap_first(&l->cases_due);
        if (e == NULL || e->due_us > now_us || !ledger_has_room(l, 0))
            break;
        struct ledger_case *x = CONTAINER_OF(e, struct ledger_case, due);
        if (x->held != NULL)
            TRY(snapshot_ready(l, x->held->stored, 0));
        TRY(ledger_make_frame_room(l, 0));
        TRY(x->held != NULL ? record_expired(l, x, now_us) : record_late(l, x, now_us));
    }
    return RESULT_OK;
}

/* ---- second decisions */

static bool asks_approval(const struct road_recipient *r)
{
    for (size_t i = 0; i < r->cases; i++)
        if (r->open[i].kind == ROAD_APPROVAL)
            return true;
    return false;
}

bool cases_approved(const struct road_commit *c, const struct road_recipient *r)
{
    for (size_t i = 0; i < c->recipients; i++) {
        const struct road_recipient *x = &c->recipient[i];
        if ((x == r || (r->reserve && x->duty == r->duty)) && asks_approval(x))
            return true;
    }
    return bytes_is(r->reason, "permitted-emergency");
}

/* ---- receipts */

/* The reason that stands for a held recipient now; NULL: it is permitted. */
static const char *reason_of(const struct ledger *l, uint64_t index, size_t recipient,
                             const struct road_recipient *r)
{
    const char *reason = NULL;
    for (size_t i = 0; i < r->cases; i++) {
        uint8_t key[CASE_KEY];
        case_key(index, (unsigned)recipient, r->open[i].kind, key);
        const struct ledger_case *x = case_get(l, key);
        if (x == NULL || r->open[i].kind == ROAD_EMERGENCY)
            continue;
        if (x->state == CASE_REFUSED || x->state == CASE_EXPIRED)
            return case_refusal(x, x->state);
        if (x->state == CASE_OPEN)
            reason = x->is.kind == ROAD_QUARANTINE ? "quarantined" : "approval-pending";
    }
    return reason;
}

bool cases_amend(const struct ledger *l, uint64_t index, struct road_recipient *r, size_t count)
{
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        if (!road_is_held(&r[i]))
            continue;
        const char *reason = reason_of(l, index, i, &r[i]);
        bool waits = reason != NULL && (strcmp(reason, "quarantined") == 0 ||
                                        strcmp(reason, "approval-pending") == 0);
        r[i].permitted = reason == NULL || waits;
        r[i].reason = bytes_of_text(reason == NULL ? "permitted" : reason);
        if (!waits)
            r[i].cases = 0;
        changed = true;
    }
    return changed;
}
