/* What is suspended: told to the edge, which refuses it before it looks at any condition. */
#include "ledger/acts.h"

#include "base/mem.h"

#include <stdio.h>

struct suspension *suspension_get(const struct ledger *l, struct bytes subject)
{
    return map_get(l->acts->suspensions, subject);
}

static enum result add(struct ledger *l, struct bytes subject, struct bytes officer,
                       struct bytes reason, int64_t at_us)
{
    struct suspension *s = mem_new(sizeof *s);
    if (subject.n >= sizeof s->subject || officer.n >= sizeof s->officer ||
        reason.n >= sizeof s->reason) {
        mem_free(s);
        return RESULT_DAMAGED;
    }
    memcpy(s->subject, subject.p, subject.n);
    memcpy(s->officer, officer.p, officer.n);
    memcpy(s->reason, reason.p, reason.n);
    s->since_us = at_us;
    if (map_add(l->acts->suspensions, s))
        return RESULT_OK;
    mem_free(s);
    return RESULT_DAMAGED;
}

enum result suspensions_apply(struct ledger *l, unsigned act, struct bytes subject,
                              struct bytes officer, struct bytes reason, enum case_state state,
                              int64_t at_us)
{
    if (act == CONTROL_SUSPEND || act == CONTROL_REVOKE)
        return add(l, subject, officer, reason, at_us);
    struct suspension *s = suspension_get(l, subject);
    if (act != CONTROL_RESUME || s == NULL || officer.n >= sizeof s->resumer)
        return RESULT_DAMAGED;
    if (state == CASE_OPEN)
        memcpy(s->resumer, officer.p, officer.n);
    else
        mem_free(map_remove(l->acts->suspensions, subject));
    if (state != CASE_OPEN)
        spool_unpark_all(l->queues); /* what was on its way when its party was suspended */
    return RESULT_OK;
}

bool suspensions_bar(const struct ledger *l, const char *unit)
{
    struct bytes party;
    char subject[CONTROL_SUBJECT_MAX + 1];
    if (map_count(l->acts->suspensions) == 0 ||
        !ident_split_unit(bytes_of_text(unit), &party, NULL))
        return false;
    (void)snprintf(subject, sizeof subject, "party %.*s", (int)party.n, (const char *)party.p);
    return suspension_get(l, bytes_of_text(subject)) != NULL;
}

void suspension_put(const struct suspension *s, struct buf *out)
{
    buf_bytes16(out, bytes_of_text(s->subject));
    buf_bytes16(out, bytes_of_text(s->officer));
    buf_bytes16(out, bytes_of_text(s->resumer));
    buf_bytes16(out, bytes_of_text(s->reason));
    buf_i64(out, s->since_us);
}

enum result suspension_restore(struct ledger *l, struct cursor *in)
{
    struct suspension *s = mem_new(sizeof *s);
    enum result r = ledger_take_text(in, s->subject, sizeof s->subject);
    if (r == RESULT_OK)
        r = ledger_take_text(in, s->officer, sizeof s->officer);
    if (r == RESULT_OK)
        r = ledger_take_text(in, s->resumer, sizeof s->resumer);
    if (r == RESULT_OK)
        r = ledger_take_text(in, s->reason, sizeof s->reason);
    if (r == RESULT_OK)
        r = cursor_i64(in, &s->since_us);
    if (r == RESULT_OK && map_add(l->acts->suspensions, s))
        return RESULT_OK;
    mem_free(s);
    return RESULT_DAMAGED;
}

void suspensions_tell(struct ledger *l)
{
    const struct suspension *s;
    size_t at;
    buf_clear(&l->answer);
    MAP_FOREACH (s, l->acts->suspensions, at)
        buf_bytes16(&l->answer, bytes_of_text(s->subject));
    ledger_answer(l, IPC_SUSPENSIONS, buf_view(&l->answer));
}
