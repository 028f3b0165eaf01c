#include "ledger/preservation.h"
#include "ledger/snapshot.h"

#include "base/mem.h"
#include "ledger/owed.h"

#include <stdio.h>

bool preservation_is(unsigned act)
{
    return act == CONTROL_HOLD || act == CONTROL_RELEASE_HOLD || act == CONTROL_DESTROY;
}

static void put_key(unsigned act, struct bytes subject, char out[1 + CONTROL_SUBJECT_MAX + 1])
{
    (void)snprintf(out, 1 + CONTROL_SUBJECT_MAX + 1, "%c%.*s", act == CONTROL_DESTROY ? 'd' : 'h',
                   (int)subject.n, (const char *)subject.p);
}

struct preservation *preservation_get(const struct ledger *l, unsigned act, struct bytes subject)
{
    char key[1 + CONTROL_SUBJECT_MAX + 1];
    put_key(act, subject, key);
    return map_get(l->acts->preservations, bytes_of_text(key));
}

/* ---- whether */

static bool may(const struct ledger_officer *who, struct bytes officer, const char *owner)
{
    struct bytes party;
    return strcmp(who->role, "privacy-officer") == 0 &&
           (who->operates || (ident_split_unit(officer, &party, NULL) && bytes_is(party, owner)));
}

static enum control_code judge_release(const struct preservation *p, struct bytes officer)
{
    if (p == NULL || !p->placed)
        return CONTROL_CODE_NOT_PRESERVED;
    return bytes_is(officer, p->releaser) ? CONTROL_CODE_SAME_PERSON : CONTROL_CODE_DONE;
}

static enum control_code judge_order(const struct ledger *l, unsigned act,
                                     const struct preservation_named *n,
                                     const struct preservation *p, struct bytes officer)
{
    if (p != NULL && p->placed)
        return CONTROL_CODE_PRESERVED_ALREADY;
    if (n->scopes + n->groups == 0)
        return CONTROL_CODE_NOT_STORED;
    if (act == CONTROL_DESTROY && preservation_count_kept(l, n) > 0)
        return CONTROL_CODE_PRESERVED;
    if (p != NULL && bytes_is(officer, p->officer[0]))
        return CONTROL_CODE_SAME_PERSON;
    const bool full = map_count(l->acts->preservations) >= PRESERVATIONS_MAX;
    return p == NULL && full ? CONTROL_CODE_TOO_MANY : CONTROL_CODE_DONE;
}

enum control_code preservation_judge(struct ledger *l, unsigned act, struct bytes subject,
                                     struct bytes officer, const struct ledger_officer *who)
{
    const struct preservation *p = preservation_get(l, act, subject);
    struct preservation_named n;
    preservation_find(l, subject, &n);
    enum control_code code =
        n.scopes + n.groups == 0 && p == NULL ? CONTROL_CODE_NOT_STORED : CONTROL_CODE_WRONG_ROLE;
    if (may(who, officer, n.owner))
        code = act == CONTROL_RELEASE_HOLD ? judge_release(p, officer)
                                           : judge_order(l, act, &n, p, officer);
    preservation_named_free(&n);
    return code;
}

enum case_state preservation_effect(const struct ledger *l, unsigned act, struct bytes subject)
{
    const struct preservation *p = preservation_get(l, act, subject);
    const bool is_second = act == CONTROL_RELEASE_HOLD ? p->releaser[0] != '\0' : p != NULL;
    return is_second ? CASE_GRANTED : CASE_OPEN;
}

/* ---- what records do */

static struct preservation *propose(struct ledger *l, unsigned act, struct bytes subject,
                                    struct bytes reason, int64_t at_us)
{
    struct preservation *p = mem_new(sizeof *p);
    put_key(act, subject, p->key);
    p->since_us = at_us;
    if (reason.n >= sizeof p->reason || !map_add(l->acts->preservations, p)) {
        mem_free(p);
        return NULL;
    }
    memcpy(p->reason, reason.p, reason.n);
    return p;
}

static void remove_it(struct ledger *l, struct preservation *p)
{
    (void)map_remove(l->acts->preservations, bytes_of_text(p->key));
    mem_free(p);
}

/* What was kept for this hold alone is over now. */
static void let_go(struct ledger *l, struct spool_scope *x, int64_t at_us)
{
    struct delivery *d, *next;
    if (x->preserved == 0)
        return;
    spool_scope_let_go(l->scopes, x);
    if (x->preserved > 0)
        return;
    for (d = TAILQ_FIRST(&x->deliveries); d != NULL; d = next) {
        next = TAILQ_NEXT(d, of_scope);
        if (d->is_kept)
            ledger_end_delivery(l, d, at_us);
    }
}

static void release(struct ledger *l, struct preservation *p, int64_t at_us)
{
    struct spool_scope *x = spool_scopes_of(l->scopes, SPOOL_OF_INCIDENT, preservation_incident(p));
    preservation_let_owed_go(l, p); /* which are found by scopes that are still here */
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_INCIDENT))
        let_go(l, x, at_us);
    for (size_t i = 0; i < p->scopes; i++)
        if ((x = spool_scopes_get(l->scopes, p->scope[i])) != NULL)
            let_go(l, x, at_us);
    remove_it(l, p);
}

/* Of this scope, what ends with the hold. */
static enum result ready(struct ledger *l, const struct spool_scope *x, size_t more)
{
    const struct delivery *d;
    if (x->preserved != 1)
        return RESULT_OK;
    TAILQ_FOREACH (d, &x->deliveries, of_scope)
        if (d->is_kept)
            TRY(snapshot_ready(l, d->stored, more));
    return RESULT_OK;
}

enum result preservation_ready(struct ledger *l, unsigned act, struct bytes subject, size_t more)
{
    const struct preservation *p =
        act == CONTROL_RELEASE_HOLD ? preservation_get(l, act, subject) : NULL;
    const struct spool_scope *x;
    if (p == NULL)
        return RESULT_OK;
    x = spool_scopes_of(l->scopes, SPOOL_OF_INCIDENT, preservation_incident(p));
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_INCIDENT))
        TRY(ready(l, x, more));
    for (size_t i = 0; i < p->scopes; i++)
        if ((x = spool_scopes_get(l->scopes, p->scope[i])) != NULL)
            TRY(ready(l, x, more));
    return RESULT_OK;
}

enum result preservation_apply_act(struct ledger *l, unsigned act, struct bytes subject,
                                   struct bytes officer, struct bytes reason, enum case_state state,
                                   int64_t at_us)
{
    struct preservation *p = preservation_get(l, act, subject);
    if (officer.n > IDENT_UNIT_MAX || subject.n > CONTROL_SUBJECT_MAX)
        return RESULT_DAMAGED;
    if (act == CONTROL_RELEASE_HOLD) {
        if (p == NULL || !p->placed)
            return RESULT_DAMAGED;
        if (state == CASE_OPEN)
            memcpy(p->releaser, officer.p, officer.n);
        else
            release(l, p, at_us);
        return RESULT_OK;
    }
    if (state == CASE_OPEN)
        p = p == NULL ? propose(l, act, subject, reason, at_us) : NULL;
    if (p == NULL || p->officer[1][0] != '\0')
        return RESULT_DAMAGED;
    memcpy(p->officer[state == CASE_OPEN ? 0 : 1], officer.p, officer.n);
    if (act == CONTROL_DESTROY && state != CASE_OPEN)
        remove_it(l, p); /* ENDED follows */
    return RESULT_OK;
}

/* at, key, scopes */
enum result preservation_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct preservation *p;
    struct spool_scope *x;
    struct bytes key;
    uint64_t id;
    int64_t at_us;
    if (cursor_i64(&in, &at_us) != RESULT_OK || cursor_bytes16(&in, &key) != RESULT_OK ||
        (p = map_get(l->acts->preservations, key)) == NULL || p->placed)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    p->placed = true;
    const bool keeps_names = preservation_incident(p).n == 0;
    while (in.left > 0) {
        if (cursor_u64(&in, &id) != RESULT_OK || (x = spool_scopes_get(l->scopes, id)) == NULL ||
            (keeps_names && p->scopes == ARRAY_LEN(p->scope)))
            return RESULT_DAMAGED;
        spool_scope_preserve(l->scopes, x);
        if (keeps_names)
            p->scope[p->scopes++] = id;
    }
    preservation_keep_owed(l, p, false);
    return RESULT_OK;
}

void preservation_new_scope(struct ledger *l, struct spool_scope *x)
{
    const struct preservation *p;
    size_t at;
    if (map_count(l->acts->preservations) == 0 || x->incident[0] == '\0')
        return;
    MAP_FOREACH (p, l->acts->preservations, at)
        if (p->placed && bytes_is(preservation_incident(p), x->incident))
            spool_scope_preserve(l->scopes, x);
}

/* ---- what follows from an act */

static enum result leaf_hold(struct ledger *l, enum audit_event event, struct bytes subject,
                             const struct preservation_named *what)
{
    char detail[CONTROL_SUBJECT_MAX + 96];
    const int n = snprintf(detail, sizeof detail, "subject=\"%.*s\" scopes=%zu groups=%zu",
                           (int)subject.n, (const char *)subject.p, what->scopes, what->groups);
    struct leaf leaf = {.event = event, .detail = bytes_of(detail, (size_t)n)};
    return ledger_leaf(l, &leaf, NULL);
}

static enum result place(struct ledger *l, struct bytes subject, const struct preservation_named *n)
{
    TRY(leaf_hold(l, AUDIT_HOLD_PLACED, subject, n));
    buf_clear(&l->record);
    buf_i64(&l->record, ledger_now(l));
    buf_bytes16(&l->record, bytes_of_text(preservation_get(l, CONTROL_HOLD, subject)->key));
    for (size_t i = 0; i < n->scopes; i++)
        buf_u64(&l->record, n->scope[i]);
    return ledger_record(l, RECORD_PRESERVED, buf_view(&l->record));
}

enum result preservation_carry_out(struct ledger *l, unsigned act, struct bytes subject)
{
    struct preservation_named n;
    preservation_find(l, subject, &n);
    const struct ends ends = {.cause = SPOOL_UNLAWFUL,
                              .about = subject,
                              .scope = n.scope,
                              .scopes = n.scopes,
                              .group = n.group,
                              .groups = n.groups};
    enum result r = act == CONTROL_HOLD      ? place(l, subject, &n)
                    : act == CONTROL_DESTROY ? ends_record(l, &ends)
                                             : leaf_hold(l, AUDIT_HOLD_RELEASED, subject, &n);
    preservation_named_free(&n);
    return r;
}

/* ---- snapshots */

void preservation_put(const struct preservation *p, struct buf *out)
{
    buf_bytes16(out, bytes_of_text(p->key));
    buf_bytes16(out, bytes_of_text(p->officer[0]));
    buf_bytes16(out, bytes_of_text(p->officer[1]));
    buf_bytes16(out, bytes_of_text(p->releaser));
    buf_bytes16(out, bytes_of_text(p->reason));
    buf_i64(out, p->since_us);
    buf_bool(out, p->placed);
    buf_u8(out, (uint8_t)p->scopes);
    for (size_t i = 0; i < p->scopes; i++)
        buf_u64(out, p->scope[i]);
}

static enum result take(struct cursor *in, struct preservation *p)
{
    uint8_t scopes;
    TRY(ledger_take_text(in, p->key, sizeof p->key));
    TRY(ledger_take_text(in, p->officer[0], sizeof p->officer[0]));
    TRY(ledger_take_text(in, p->officer[1], sizeof p->officer[1]));
    TRY(ledger_take_text(in, p->releaser, sizeof p->releaser));
    TRY(ledger_take_text(in, p->reason, sizeof p->reason));
    TRY(cursor_i64(in, &p->since_us));
    TRY(cursor_bool(in, &p->placed));
    TRY(cursor_u8(in, &scopes));
    if (scopes > ARRAY_LEN(p->scope) || p->key[0] == '\0')
        return RESULT_DAMAGED;
    for (p->scopes = 0; p->scopes < scopes; p->scopes++)
        TRY(cursor_u64(in, &p->scope[p->scopes]));
    return cursor_done(in);
}

enum result preservation_restore(struct ledger *l, struct cursor *in)
{
    struct preservation *p = mem_new(sizeof *p);
    if (take(in, p) == RESULT_OK && map_add(l->acts->preservations, p)) {
        preservation_keep_owed(l, p, true);
        return RESULT_OK;
    }
    mem_free(p);
    return RESULT_DAMAGED;
}
