/* Preparing and taking acts; what is recorded of them. */
#include "ledger/acts.h"
#include "ledger/claims.h"
#include "ledger/clocks.h"
#include "ledger/preservation.h"
#include "ledger/prune.h"
#include "ledger/readings.h"
#include "ledger/snapshot.h"

#include "base/mem.h"

#include <stdio.h>

/* ---- state */

static struct bytes suspension_key(const void *item)
{
    return bytes_of_text(((const struct suspension *)item)->subject);
}

static struct bytes preservation_key(const void *item)
{
    return bytes_of_text(((const struct preservation *)item)->key);
}

static struct bytes claim_key(const void *item)
{
    return bytes_of_text(((const struct claim *)item)->number);
}

struct acts *acts_new(void)
{
    struct acts *a = mem_new(sizeof *a);
    a->suspensions = map_new(suspension_key);
    a->preservations = map_new(preservation_key);
    a->claims = map_new(claim_key);
    a->reading = mem_new_array(READINGS_MAX, sizeof *a->reading);
    return a;
}

void acts_free(struct acts *a)
{
    struct suspension *s;
    struct preservation *p;
    struct claim *c;
    size_t at;
    MAP_FOREACH (s, a->suspensions, at)
        mem_free(s);
    MAP_FOREACH (p, a->preservations, at)
        mem_free(p);
    MAP_FOREACH (c, a->claims, at)
        mem_free(c);
    map_free(a->suspensions);
    map_free(a->preservations);
    map_free(a->claims);
    heap_free(&a->claims_due);
    mem_free(a->reading);
    mem_free(a);
}

/* ---- preparing */

static struct prepared *oldest(struct acts *a, bool by_console)
{
    struct prepared *p = by_console ? a->by_console : a->prepared, *first = p;
    const size_t count = by_console ? ARRAY_LEN(a->by_console) : ARRAY_LEN(a->prepared);
    for (size_t i = 1; i < count; i++)
        if (first[i].made_us < p->made_us)
            p = &first[i];
    return p;
}

static void copy(char *out, size_t room, struct bytes text)
{
    (void)snprintf(out, room, "%.*s", (int)text.n, (const char *)text.p);
}

enum result acts_prepare(struct ledger *l, const struct control_request *r, bool by_console,
                         struct control_answer *a, struct buf *text)
{
    struct ledger_officer who;
    a->code = (uint8_t)act_judge(l, r->act, r->subject, r->officer, &who);
    if (a->code == CONTROL_CODE_DONE && !act_is_reason(r->reason))
        a->code = CONTROL_CODE_BAD_REASON;
    if (a->code != CONTROL_CODE_DONE)
        return RESULT_OK;
    struct prepared *p = oldest(l->acts, by_console);
    *p = (struct prepared){.act = r->act, .made_us = ledger_now(l)};
    copy(p->subject, sizeof p->subject, r->subject);
    copy(p->officer, sizeof p->officer, r->officer);
    copy(p->reason, sizeof p->reason, r->reason);
    unsigned kind = act_case_kind(r->act);
    act_text(l, p, kind == 0 ? NULL : act_case(l, kind, r->subject), text);
    TRY(buf_status(text));
    const struct bytes part = buf_view(text);
    hasher_sha256(l->hasher, &part, 1, p->digest);
    a->text = part;
    return RESULT_OK;
}

/* ---- records */

/* Where an act's record stands; views into the record. */
struct act_record {
    uint64_t index;
    int64_t at_us;
    uint8_t act, state;
    struct bytes subject, officer, reason, text, signature;
};

static enum result take_record(struct bytes body, struct act_record *out)
{
    struct cursor in = cursor_over(body);
    struct bytes skipped;
    TRY(cursor_u64(&in, &out->index));
    TRY(cursor_i64(&in, &out->at_us));
    TRY(cursor_u8(&in, &out->act));
    TRY(cursor_u8(&in, &out->state));
    TRY(cursor_bytes16(&in, &out->subject));
    TRY(cursor_bytes16(&in, &out->officer));
    TRY(cursor_bytes16(&in, &out->reason));
    TRY(cursor_bytes16(&in, &out->text)); /* for whoever asks for it one day */
    TRY(cursor_bytes16(&in, &out->signature));
    TRY(cursor_take(&in, LEAF_SALT, &skipped));
    return cursor_done(&in);
}

enum result acts_keep(struct ledger *l, struct bytes body, struct journal_place place)
{
    struct act_record r;
    if (take_record(body, &r) != RESULT_OK)
        return RESULT_DAMAGED;
    stored_new(&l->messages, r.index, r.at_us, place, 0)->is_act = true; /* its hold is the time */
    if (r.act == CONTROL_PRUNE)
        prune_begin(l, r.subject, r.text, r.signature);
    return RESULT_OK;
}

enum result acts_apply(struct ledger *l, struct bytes body, struct journal_place place)
{
    struct act_record r;
    if (take_record(body, &r) != RESULT_OK || r.state > CASE_REFUSED)
        return RESULT_DAMAGED;
    ledger_saw_time(l, r.at_us);
    TRY(acts_keep(l, body, place));
    unsigned kind = act_case_kind(r.act);
    if (act_only_records(r.act))
        return RESULT_OK;
    if (preservation_is(r.act))
        return preservation_apply_act(l, r.act, r.subject, r.officer, r.reason, r.state, r.at_us);
    if (claims_is(r.act))
        return claims_apply(l, r.subject, r.officer, r.reason, r.state);
    if (kind == 0)
        return suspensions_apply(l, r.act, r.subject, r.officer, r.reason, r.state, r.at_us);
    struct ledger_case *x = act_case(l, kind, r.subject);
    return x == NULL ? RESULT_DAMAGED : case_vote(l, x, r.officer, r.state, r.at_us);
}

static const char *state_word(enum case_state state)
{
    switch (state) {
    case CASE_OPEN: return "counted";
    case CASE_WENT_AHEAD: return "went-ahead";
    case CASE_GRANTED: return "done";
    default: return "ended";
    }
}

/* An operator names himself, perhaps so too. */
static bool act_is_gateways(const struct prepared *p)
{
    return !control_act_operates(p->act) && strcmp(p->officer, ACTS_GATEWAY) == 0;
}

/* The log holds a commitment over text and signature; the officer's words stay in the journal. */
static enum result leaf_act(struct ledger *l, const struct prepared *p, const struct ledger_case *x,
                            enum case_state state, const uint8_t commitment[SHA256_BYTES],
                            uint64_t *index)
{
    char id[UUID_TEXT + 1], detail[512];
    const bool operates = control_act_operates(p->act), is_ours = act_is_gateways(p);
    struct leaf leaf = {.event = operates  ? AUDIT_OPERATED
                                 : is_ours ? AUDIT_UNIT_SUSPENDED
                                           : AUDIT_ACT,
                        .commitment = commitment};
    if (x != NULL) {
        ledger_leaf_envelope(&leaf, &x->envelope, id);
        leaf.has_refers = true;
        leaf.refers = x->index;
    }
    leaf.time_us = ledger_now(l);
    int n = snprintf(detail, sizeof detail, "act=%s subject=\"%s\" %s=%s effect=%s",
                     control_act_word(p->act), p->subject, operates ? "operator" : "officer",
                     p->officer, state_word(state));
    if (is_ours)
        n = snprintf(detail, sizeof detail, "act=%s subject=\"%s\" offence=%s",
                     control_act_word(p->act), p->subject, p->reason);
    leaf.detail = bytes_of(detail, (size_t)n);
    return ledger_leaf(l, &leaf, index);
}

enum result acts_record(struct ledger *l, const struct prepared *p, const struct control_request *r,
                        enum case_state state, uint64_t *index)
{
    uint8_t salt[LEAF_SALT], commitment[SHA256_BYTES];
    const struct bytes part[] = {bytes_of(salt, sizeof salt), r->text, r->signature};
    unsigned kind = act_case_kind(p->act);
    random_take(&l->random, salt, sizeof salt);
    hasher_sha256(l->hasher, part, ARRAY_LEN(part), commitment);
    TRY(leaf_act(l, p, kind == 0 ? NULL : act_case(l, kind, bytes_of_text(p->subject)), state,
                 commitment, index));
    buf_clear(&l->record);
    buf_u64(&l->record, *index);
    buf_i64(&l->record, ledger_now(l));
    buf_u8(&l->record, p->act);
    buf_u8(&l->record, (uint8_t)state);
    buf_bytes16(&l->record, bytes_of_text(p->subject));
    buf_bytes16(&l->record, bytes_of_text(p->officer));
    buf_bytes16(&l->record, bytes_of_text(p->reason));
    buf_bytes16(&l->record, r->text);
    buf_bytes16(&l->record, r->signature);
    buf_put(&l->record, salt, sizeof salt);
    return ledger_record(l, RECORD_ACT, buf_view(&l->record));
}

/* ---- what follows from an act */

static enum result tell_of_case(struct ledger *l, const struct ledger_case *x,
                                enum case_state state, int64_t now_us)
{
    bool ends = state == CASE_REFUSED;
    const char *reason = ends ? case_refusal(x, state) : "permitted";
    TRY(case_leaf(l, x, ends ? AUDIT_HELD_ENDED : AUDIT_HELD_RELEASED, reason, now_us));
    return case_tell_sender(l, x, reason, OUTCOME_DECIDED, now_us);
}

static enum result carry_out(struct ledger *l, const struct prepared *p,
                             const struct ledger_officer *who, const struct control_request *r,
                             struct control_answer *a)
{
    unsigned kind = act_case_kind(p->act);
    struct bytes subject = bytes_of_text(p->subject);
    int64_t now_us = ledger_now(l);
    enum case_state state = act_effect(l, p->act, subject);
    const struct ledger_case *x = kind == 0 ? NULL : act_case(l, kind, subject);
    if (x != NULL && x->held != NULL)
        TRY(snapshot_ready(l, x->held->stored, r->text.n + r->signature.n));
    TRY(preservation_ready(l, p->act, subject, r->text.n + r->signature.n));
    bool moves = x != NULL && state != CASE_OPEN && case_decides(l, x, state);
    TRY(acts_record(l, p, r, state, &a->index));
    a->done = state != CASE_OPEN;
    if (moves)
        TRY(tell_of_case(l, x, state, now_us));
    if (x != NULL && x->is.kind == ROAD_KEEPING && state == CASE_REFUSED)
        TRY(settle_refused(l, x->index));
    if (p->act == CONTROL_READ_REGISTER)
        readings_begin(l, p, who, a->index);
    else if (p->act == CONTROL_ACCEPT_CLOCK)
        TRY(clocks_accept(l));
    else if (p->act == CONTROL_REFUSE_CLOCK)
        clocks_refuse(l);
    else if (preservation_is(p->act) && a->done)
        TRY(preservation_carry_out(l, p->act, subject));
    else if (suspensions_is(p->act) && a->done)
        suspensions_tell(l);
    log_line(l->config.log, LOG_NOTE, "act", "act=%s subject=\"%s\" officer=%s effect=%s",
             control_act_word(p->act), p->subject, p->officer, state_word(state));
    return RESULT_OK;
}

/* ---- taking an act */

static enum result record_refused(struct ledger *l, const struct prepared *p, unsigned code)
{
    char detail[512];
    struct leaf leaf = {.event = AUDIT_ACT_REFUSED};
    int n = p == NULL ? snprintf(detail, sizeof detail, "why=%s", control_code_word(code))
                      : snprintf(detail, sizeof detail, "act=%s subject=\"%s\" officer=%s why=%s",
                                 control_act_word(p->act), p->subject, p->officer,
                                 control_code_word(code));
    leaf.detail = bytes_of(detail, (size_t)n);
    return ledger_leaf(l, &leaf, NULL);
}

static struct prepared *find_among(const struct ledger *l, struct prepared *p, size_t count,
                                   const uint8_t digest[SHA256_BYTES])
{
    for (size_t i = 0; i < count; i++)
        if (p[i].made_us != 0 && ledger_now(l) - p[i].made_us < ACT_OPEN_FOR &&
            memcmp(p[i].digest, digest, SHA256_BYTES) == 0)
            return &p[i];
    return NULL;
}

/* Prepared here, it may come signed there. */
static struct prepared *find(struct ledger *l, struct bytes text)
{
    uint8_t digest[SHA256_BYTES];
    struct acts *a = l->acts;
    hasher_sha256(l->hasher, &text, 1, digest);
    struct prepared *p = find_among(l, a->prepared, ARRAY_LEN(a->prepared), digest);
    return p != NULL ? p : find_among(l, a->by_console, ARRAY_LEN(a->by_console), digest);
}

static bool is_signed(const struct ledger_officer *who, const struct control_request *r)
{
    struct minisign_signature signature;
    return minisign_signature_read(r->signature, &signature) == RESULT_OK &&
           minisign_check(&who->key, &signature, r->text) == RESULT_OK;
}

enum result acts_submit(struct ledger *l, const struct control_request *r, struct control_answer *a)
{
    struct ledger_officer who;
    struct prepared *p = find(l, r->text);
    if (!ledger_has_room(l, r->text.n + r->signature.n)) {
        a->code = CONTROL_CODE_DISK_FULL;
        return RESULT_OK;
    }
    enum control_code code = CONTROL_CODE_NOT_PREPARED;
    if (p != NULL)
        code = act_judge(l, p->act, bytes_of_text(p->subject), bytes_of_text(p->officer), &who);
    if (code == CONTROL_CODE_DONE && !is_signed(&who, r))
        code = CONTROL_CODE_BAD_SIGNATURE;
    a->code = (uint8_t)code;
    if (code != CONTROL_CODE_DONE)
        return record_refused(l, p, code);
    struct prepared taken = *p;
    *p = (struct prepared){0};
    return carry_out(l, &taken, &who, r, a);
}
