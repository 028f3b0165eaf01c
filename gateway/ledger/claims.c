#include "ledger/claims.h"

#include "base/mem.h"

#include <stdio.h>

#define WARNS_BEFORE (3 * US_PER_DAY)

bool claims_is(unsigned act)
{
    return act >= CONTROL_OPEN_REQUEST && act <= CONTROL_DECIDE_REQUEST;
}

static enum claim_step step_of(unsigned act)
{
    return act == CONTROL_OPEN_REQUEST       ? CLAIM_OPENS
           : act == CONTROL_POSTPONE_REQUEST ? CLAIM_IS_POSTPONED
           : act == CONTROL_MASK_REQUEST     ? CLAIM_IS_MASKED
                                             : CLAIM_IS_DECIDED;
}

static struct claim *find(const struct ledger *l, const struct claim_subject *s)
{
    return map_get(l->acts->claims, s->number);
}

const struct claim *claim_of(const struct ledger *l, struct bytes subject)
{
    struct claim_subject s;
    return claim_subject_take(subject, &s) ? find(l, &s) : NULL;
}

/* ---- whether */

/* What takes two officers is for privacy officers; the rest a records-officer does, too. */
static bool may(const struct claim_subject *s, const struct ledger_officer *who)
{
    const bool is_privacy = strcmp(who->role, "privacy-officer") == 0;
    const bool keeps_records = strcmp(who->role, "records-officer") == 0;
    return (who->operates || who->of_centre) &&
           (is_privacy || (keeps_records && claim_persons(s->outcome) < 2));
}

static enum control_code judge_opening(const struct ledger *l, const struct claim_subject *s)
{
    if (find(l, s) != NULL)
        return CONTROL_CODE_REQUEST_OPEN;
    if (s->received_us > ledger_now(l))
        return CONTROL_CODE_BAD_REQUEST;
    return map_count(l->acts->claims) < CLAIMS_MAX ? CONTROL_CODE_DONE : CONTROL_CODE_TOO_MANY;
}

static enum control_code judge_decision(const struct claim *c, const struct claim_subject *s,
                                        struct bytes officer)
{
    if (claim_gives(s->outcome) && c->masked[0] == '\0')
        return CONTROL_CODE_NOT_MASKED;
    return c->outcome == s->outcome && bytes_is(officer, c->decider) ? CONTROL_CODE_SAME_PERSON
                                                                     : CONTROL_CODE_DONE;
}

enum control_code claims_judge(const struct ledger *l, unsigned act, struct bytes subject,
                               struct bytes officer, const struct ledger_officer *who)
{
    struct claim_subject s;
    if (!claim_subject_take(subject, &s) || s.step != step_of(act))
        return CONTROL_CODE_BAD_REQUEST;
    const struct claim *c = find(l, &s);
    if (!may(&s, who))
        return CONTROL_CODE_WRONG_ROLE;
    if (s.step == CLAIM_OPENS)
        return judge_opening(l, &s);
    if (c == NULL)
        return CONTROL_CODE_NOT_FOUND;
    if (s.step == CLAIM_IS_DECIDED)
        return judge_decision(c, &s, officer);
    /* Put off once, and before it is overdue: a reason that comes later is none. */
    return s.step == CLAIM_IS_POSTPONED &&
                   (c->postponed || claim_due_us(c->received_us, false) < ledger_now(l))
               ? CONTROL_CODE_NOT_POSTPONED
               : CONTROL_CODE_DONE;
}

enum case_state claims_effect(const struct ledger *l, struct bytes subject)
{
    struct claim_subject s;
    if (!claim_subject_take(subject, &s) || claim_persons(s.outcome) < 2)
        return CASE_GRANTED;
    const struct claim *c = find(l, &s);
    return c != NULL && c->outcome == s.outcome ? CASE_GRANTED : CASE_OPEN;
}

/* ---- what records do */

static void schedule(struct ledger *l, struct claim *c)
{
    const int64_t due_us = claim_due_us(c->received_us, c->postponed);
    if (c->told == CLAIM_TOLD_OVERDUE)
        heap_remove(&l->acts->claims_due, &c->due);
    else
        heap_set(&l->acts->claims_due, &c->due,
                 c->told == CLAIM_UNTOLD ? due_us - WARNS_BEFORE : due_us + US_PER_S);
}

static enum result open_claim(struct ledger *l, const struct claim_subject *s, struct bytes officer,
                              struct bytes reason)
{
    struct claim *c = mem_new(sizeof *c);
    if (s->number.n >= sizeof c->number || officer.n >= sizeof c->opener ||
        reason.n >= sizeof c->what) {
        mem_free(c);
        return RESULT_DAMAGED;
    }
    memcpy(c->number, s->number.p, s->number.n);
    memcpy(c->opener, officer.p, officer.n);
    memcpy(c->what, reason.p, reason.n);
    c->by = (uint8_t)s->by;
    c->received_us = s->received_us;
    if (!map_add(l->acts->claims, c)) {
        mem_free(c);
        return RESULT_DAMAGED;
    }
    schedule(l, c);
    return RESULT_OK;
}

static void replace(char *out, size_t room, struct bytes text)
{
    memset(out, 0, room);
    if (text.n > 0)
        memcpy(out, text.p, text.n);
}

/* Another file: who decided before decided about the first one. */
static void mask(struct claim *c, struct bytes masked, struct bytes officer)
{
    replace(c->masked, sizeof c->masked, masked);
    replace(c->masker, sizeof c->masker, officer);
    replace(c->decider, sizeof c->decider, bytes_of(NULL, 0));
    c->outcome = 0;
}

static void decide(struct ledger *l, struct claim *c, unsigned outcome, struct bytes officer,
                   enum case_state state)
{
    if (state != CASE_OPEN) {
        heap_remove(&l->acts->claims_due, &c->due);
        mem_free(map_remove(l->acts->claims, bytes_of_text(c->number)));
        return;
    }
    c->outcome = (uint8_t)outcome;
    replace(c->decider, sizeof c->decider, officer);
}

enum result claims_apply(struct ledger *l, struct bytes subject, struct bytes officer,
                         struct bytes reason, enum case_state state)
{
    struct claim_subject s;
    if (!claim_subject_take(subject, &s) || officer.n > IDENT_UNIT_MAX)
        return RESULT_DAMAGED;
    if (s.step == CLAIM_OPENS)
        return open_claim(l, &s, officer, reason);
    struct claim *c = find(l, &s);
    if (c == NULL)
        return RESULT_DAMAGED;
    if (s.step == CLAIM_IS_MASKED)
        mask(c, s.masked, officer);
    else if (s.step == CLAIM_IS_DECIDED)
        decide(l, c, s.outcome, officer, state);
    if (s.step != CLAIM_IS_POSTPONED)
        return RESULT_OK;
    c->postponed = true;
    c->told = CLAIM_UNTOLD;
    schedule(l, c);
    return RESULT_OK;
}

/* ---- time */

static enum result leaf_overdue(struct ledger *l, const struct claim *c)
{
    char detail[IDENT_WORD_MAX + 64];
    const int64_t due_us = claim_due_us(c->received_us, c->postponed);
    const int n = snprintf(detail, sizeof detail, "subject=\"request %s\" due=%lld", c->number,
                           (long long)(due_us / US_PER_S));
    struct leaf leaf = {.event = AUDIT_REQUEST_OVERDUE, .detail = bytes_of(detail, (size_t)n)};
    return ledger_leaf(l, &leaf, NULL);
}

static enum result record_due(struct ledger *l, const struct claim *c, int64_t now_us)
{
    const int64_t due_us = claim_due_us(c->received_us, c->postponed);
    const bool overdue = due_us < now_us;
    char text[TIME_TEXT];
    time_text_s(due_us, zone_named("Asia/Seoul"), text);
    log_line(l->config.log, overdue ? LOG_ALARM : LOG_WARNING,
             overdue ? "request-overdue" : "request-due", "number=%s due=%s", c->number, text);
    if (overdue)
        TRY(leaf_overdue(l, c));
    buf_clear(&l->record);
    buf_i64(&l->record, now_us);
    buf_bytes16(&l->record, bytes_of_text(c->number));
    buf_u8(&l->record, (uint8_t)(overdue ? CLAIM_TOLD_OVERDUE : CLAIM_TOLD_SOON));
    return ledger_record(l, RECORD_CLAIM_DUE, buf_view(&l->record));
}

int64_t claims_due_us(const struct ledger *l)
{
    const struct heap_entry *e = heap_first(&l->acts->claims_due);
    return e == NULL ? INT64_MAX : e->due_us;
}

enum result claims_turn(struct ledger *l, int64_t now_us)
{
    while (claims_due_us(l) <= now_us && ledger_has_room(l, 0)) {
        const struct heap_entry *e = heap_first(&l->acts->claims_due);
        TRY(ledger_make_frame_room(l, 0));
        TRY(record_due(l, CONTAINER_OF(e, struct claim, due), now_us));
    }
    return RESULT_OK;
}

enum result claims_apply_due(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct bytes number;
    struct claim *c;
    int64_t at_us;
    uint8_t told;
    if (cursor_i64(&in, &at_us) != RESULT_OK || cursor_bytes16(&in, &number) != RESULT_OK ||
        cursor_u8(&in, &told) != RESULT_OK || cursor_done(&in) != RESULT_OK ||
        (c = map_get(l->acts->claims, number)) == NULL || told <= c->told ||
        told > CLAIM_TOLD_OVERDUE)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    c->told = told;
    schedule(l, c);
    return RESULT_OK;
}

/* ---- lists, snapshots */

void claim_show(const struct claim *c, struct control_item *out)
{
    struct bytes party = {0};
    (void)ident_split_unit(bytes_of_text(c->opener), &party, NULL);
    *out = (struct control_item){.subject = bytes_of_text(c->number),
                                 .role = bytes_of_text(claimant_word(c->by)),
                                 .reason = bytes_of_text(c->what),
                                 .clause = bytes_of_text(c->masked),
                                 .unit = bytes_of_text(c->masker),
                                 .officer = {bytes_of_text(c->decider)},
                                 .officers = c->decider[0] == '\0' ? 0 : 1,
                                 .party = {party},
                                 .parties = party.n > 0,
                                 .persons = 2,
                                 .since_us = c->received_us,
                                 .due_us = claim_due_us(c->received_us, c->postponed),
                                 .went_ahead = c->postponed,
                                 .overdue = c->told == CLAIM_TOLD_OVERDUE};
    if (c->outcome != 0)
        out->failed = bytes_of_text(claim_outcome_word(c->outcome));
}

void claim_put(const struct claim *c, struct buf *out)
{
    buf_bytes16(out, bytes_of_text(c->number));
    buf_u8(out, c->by);
    buf_i64(out, c->received_us);
    buf_bytes16(out, bytes_of_text(c->opener));
    buf_bytes16(out, bytes_of_text(c->what));
    buf_bool(out, c->postponed);
    buf_bytes16(out, bytes_of_text(c->masked));
    buf_bytes16(out, bytes_of_text(c->masker));
    buf_u8(out, c->outcome);
    buf_bytes16(out, bytes_of_text(c->decider));
    buf_u8(out, c->told);
}

static enum result take(struct cursor *in, struct claim *c)
{
    TRY(ledger_take_text(in, c->number, sizeof c->number));
    TRY(cursor_u8(in, &c->by));
    TRY(cursor_i64(in, &c->received_us));
    TRY(ledger_take_text(in, c->opener, sizeof c->opener));
    TRY(ledger_take_text(in, c->what, sizeof c->what));
    TRY(cursor_bool(in, &c->postponed));
    TRY(ledger_take_text(in, c->masked, sizeof c->masked));
    TRY(ledger_take_text(in, c->masker, sizeof c->masker));
    TRY(cursor_u8(in, &c->outcome));
    TRY(ledger_take_text(in, c->decider, sizeof c->decider));
    TRY(cursor_u8(in, &c->told));
    if (c->number[0] == '\0' || c->by >= CLAIMANTS || c->outcome >= CLAIM_OUTCOMES ||
        c->told > CLAIM_TOLD_OVERDUE)
        return RESULT_DAMAGED;
    return cursor_done(in);
}

enum result claim_restore(struct ledger *l, struct cursor *in)
{
    struct claim *c = mem_new(sizeof *c);
    if (take(in, c) == RESULT_OK && map_add(l->acts->claims, c)) {
        schedule(l, c);
        return RESULT_OK;
    }
    mem_free(c);
    return RESULT_DAMAGED;
}
