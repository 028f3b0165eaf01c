/*
 * Asking policy, with what the gateway knows and no message says: what officers have suspended, and
 * what standing.c knows. The ledger tells it by name; here it stands in the numbers of the set in
 * force.
 */
#include "base/mem.h"
#include "service/state.h"

#include <stdlib.h>

static size_t words(size_t bits)
{
    return bits / 64 + 1;
}

static void set_bit(uint64_t *set, uint32_t number)
{
    if (number != POLICY_NONE)
        set[number / 64] |= UINT64_C(1) << (number % 64);
}

static void suspend_party(struct edge *e, struct bytes party)
{
    for (uint32_t i = 0; i < policy_units(e->policy); i++) {
        if (!bytes_is(party, policy_unit_party(e->policy, i)))
            continue;
        set_bit(e->units_suspended, i);
        set_bit(e->units_barred, i);
    }
}

static void suspend_offender(struct edge *e, struct bytes name)
{
    const uint32_t unit = policy_unit(e->policy, name);
    set_bit(e->units_suspended, unit);
    set_bit(e->units_barred, unit);
}

/* A name that this set does not have suspends nothing; it does again when a set has it. */
static void suspend(struct edge *e, struct bytes subject)
{
    static const char grant[] = "grant ", unit[] = "unit ", party[] = "party ",
                      offender[] = "offender ";
    if (bytes_begins(subject, grant))
        set_bit(e->grants_suspended, policy_clause(e->policy, bytes_of(subject.p + strlen(grant),
                                                                       subject.n - strlen(grant))));
    else if (bytes_begins(subject, unit))
        set_bit(e->units_suspended, policy_unit(e->policy, bytes_of(subject.p + strlen(unit),
                                                                    subject.n - strlen(unit))));
    else if (bytes_begins(subject, party))
        suspend_party(e, bytes_of(subject.p + strlen(party), subject.n - strlen(party)));
    else if (bytes_begins(subject, offender))
        suspend_offender(e, bytes_of(subject.p + strlen(offender), subject.n - strlen(offender)));
    else if (bytes_begins(subject, "certificate "))
        e->has_revoked = true;
}

void edge_count_suspended(struct edge *e)
{
    struct cursor in = cursor_over(buf_view(&e->suspended));
    struct bytes subject;
    mem_free(e->grants_suspended);
    mem_free(e->units_suspended);
    mem_free(e->units_barred);
    e->grants_suspended = e->units_suspended = e->units_barred = NULL;
    e->has_revoked = false;
    if (in.left == 0)
        return;
    e->grants_suspended = mem_new_array(words(policy_grants(e->policy)), sizeof(uint64_t));
    e->units_suspended = mem_new_array(words(policy_units(e->policy)), sizeof(uint64_t));
    e->units_barred = mem_new_array(words(policy_units(e->policy)), sizeof(uint64_t));
    while (cursor_bytes16(&in, &subject) == RESULT_OK)
        suspend(e, subject);
}

enum result edge_take_suspended(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct bytes subject;
    while (in.left > 0)
        TRY(cursor_bytes16(&in, &subject));
    buf_clear(&e->suspended);
    buf_put(&e->suspended, body.p, body.n);
    edge_count_suspended(e);
    stream_judge_all(e); /* what is open ends now, not when somebody next looks */
    sessions_bar(e);
    return RESULT_OK;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A unit or clause that this set does not have is not held back; it is again when a set has it. */
void edge_count_overdue(struct edge *e)
{
    struct cursor in = cursor_over(buf_view(&e->overdue_told));
    struct bytes unit, clause;
    size_t room = in.left / 4; /* of two lengths each, at least */
    mem_free(e->overdue);
    e->overdue = room == 0 ? NULL : mem_new_array(room, sizeof(uint64_t));
    e->overdues = 0;
    while (cursor_bytes16(&in, &unit) == RESULT_OK && cursor_bytes16(&in, &clause) == RESULT_OK) {
        uint32_t to = policy_unit(e->policy, unit), grant = policy_clause(e->policy, clause);
        if (to != POLICY_NONE && grant != POLICY_NONE)
            e->overdue[e->overdues++] = policy_overdue_pair(grant, to);
    }
    if (e->overdues > 1)
        qsort(e->overdue, e->overdues, sizeof(uint64_t), by_number);
}

enum result edge_take_overdue(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct bytes text;
    while (in.left > 0) {
        TRY(cursor_bytes16(&in, &text));
        TRY(cursor_bytes16(&in, &text));
    }
    buf_clear(&e->overdue_told);
    buf_put(&e->overdue_told, body.p, body.n);
    edge_count_overdue(e);
    stream_judge_all(e);
    return RESULT_OK;
}

struct policy_state edge_suspended(const struct edge *e)
{
    return (struct policy_state){.grants_suspended = e->grants_suspended,
                                 .units_suspended = e->units_suspended,
                                 .overdue = e->overdue,
                                 .overdues = e->overdues};
}

enum reason edge_ask(struct edge *e, const struct facts *facts, const struct facts *watcher,
                     const struct incident *const *incident, int64_t now_us,
                     struct policy_question *out, const char **failed)
{
    enum reason r = policy_ask(e->policy, facts, watcher, incident, now_us, out, failed);
    out->state = edge_suspended(e);
    standing_tell(e, out);
    return r;
}
