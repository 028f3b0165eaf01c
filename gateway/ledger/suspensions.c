/* What is suspended: told to the edge, which refuses it before it looks at any condition. */
#include "ledger/acts.h"

#include "base/mem.h"
#include "ipc/offender.h"

#include <stdio.h>

bool suspensions_is(unsigned act)
{
    return act == CONTROL_SUSPEND || act == CONTROL_REVOKE || act == CONTROL_RESUME;
}

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

/* ---- offenders */

/* Officers always have room for theirs. */
enum { OFFENDERS_ROOM = SUSPENSIONS_MAX / 2 };

/* The edge is believed when it names a unit: it could refuse that unit anyway. */
static bool may_suspend(const struct ledger *l, const struct road_offender *o, const char *subject)
{
    char unit[sizeof "unit " + IDENT_UNIT_MAX];
    (void)snprintf(unit, sizeof unit, "unit %.*s", (int)o->unit.n, (const char *)o->unit.p);
    return l->config.can_suspend != NULL &&
           l->config.can_suspend(l->config.arg, bytes_of_text(unit)) &&
           suspension_get(l, bytes_of_text(subject)) == NULL &&
           map_count(l->acts->suspensions) < OFFENDERS_ROOM && ledger_has_room(l, 0);
}

enum result suspensions_take_offender(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_offender o;
    struct buf text = BUF_INIT(CONTROL_TEXT_MAX);
    struct prepared p = {.act = CONTROL_SUSPEND, .made_us = ledger_now(l), .officer = ACTS_GATEWAY};
    TRY(road_offender_take(&in, &o));
    (void)snprintf(p.subject, sizeof p.subject, ACTS_OFFENDER "%.*s", (int)o.unit.n,
                   (const char *)o.unit.p);
    (void)snprintf(p.reason, sizeof p.reason, "%s", offence_word(o.offence));
    if (!may_suspend(l, &o, p.subject)) {
        log_line(l->config.log, LOG_ALARM, "offender-stays", "subject=\"%s\"", p.subject);
        return RESULT_OK;
    }
    act_text(l, &p, NULL, &text);
    const struct control_request unsigned_text = {.text = buf_view(&text)};
    uint64_t index;
    enum result r = buf_status(&text);
    if (r == RESULT_OK)
        r = acts_record(l, &p, &unsigned_text, CASE_GRANTED, &index);
    buf_free(&text);
    if (r != RESULT_OK)
        return r;
    suspensions_tell(l);
    log_line(l->config.log, LOG_ALARM, "unit-suspended", "unit=%.*s offence=%s entry=%llu",
             (int)o.unit.n, (const char *)o.unit.p, p.reason, (unsigned long long)index);
    return RESULT_OK;
}

/* ---- who is barred */

static bool is_suspended(const struct ledger *l, const char *word, struct bytes name)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, "%s%.*s", word, (int)name.n, (const char *)name.p);
    return suspension_get(l, bytes_of_text(subject)) != NULL;
}

bool suspensions_bar(const struct ledger *l, const char *unit)
{
    struct bytes party;
    return map_count(l->acts->suspensions) > 0 &&
           ident_split_unit(bytes_of_text(unit), &party, NULL) &&
           (is_suspended(l, "party ", party) ||
            is_suspended(l, ACTS_OFFENDER, bytes_of_text(unit)));
}

/* ---- snapshots, and the edge */

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

static struct bytes all_subjects(struct ledger *l)
{
    const struct suspension *s;
    size_t at;
    buf_clear(&l->answer);
    MAP_FOREACH (s, l->acts->suspensions, at)
        buf_bytes16(&l->answer, bytes_of_text(s->subject));
    return buf_view(&l->answer);
}

void suspensions_tell(struct ledger *l)
{
    ledger_answer(l, IPC_SUSPENSIONS, all_subjects(l));
    l->acts->untold = true;
}

void suspensions_tell_console(struct ledger *l)
{
    if (l->acts->untold && l->config.tell_console != NULL)
        l->config.tell_console(l->config.arg, IPC_CONSOLE_BARRED, all_subjects(l));
    l->acts->untold = false;
}

void ledger_console_came(struct ledger *l)
{
    l->acts->untold = true;
}
