#include "ledger/clocks.h"

#include "ledger/owed.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- the times */

/* Where the clock must be by now, at the least. */
static int64_t held(const struct ledger *l)
{
    const int64_t gone = clock_steady_us(&l->config.clock) - l->time.base_steady_us;
    const int64_t us = time_after(l->time.base_us, gone < 0 ? 0 : gone);
    return us > l->high_water_us ? us : l->high_water_us;
}

static int64_t ahead(const struct ledger *l)
{
    return clock_wall_us(&l->config.clock) - held(l);
}

static bool has_jumped(const struct ledger *l)
{
    return l->config.clock_jump_us > 0 && ahead(l) > l->config.clock_jump_us;
}

bool clocks_are_held(const struct ledger *l)
{
    return has_jumped(l);
}

int64_t ledger_now(const struct ledger *l)
{
    const int64_t wall = clock_wall_us(&l->config.clock);
    if (has_jumped(l))
        return held(l);
    return wall > l->high_water_us ? wall : l->high_water_us;
}

void ledger_saw_time(struct ledger *l, int64_t at_us)
{
    if (at_us > l->high_water_us)
        l->high_water_us = at_us;
}

/* From here on the clock is measured against what it says now. */
static void trust(struct ledger *l)
{
    l->time.base_us = clock_wall_us(&l->config.clock);
    l->time.base_steady_us = clock_steady_us(&l->config.clock);
}

/* ---- what it would end */

struct at_stake {
    size_t scopes, due; /* of bodies, and of what recipients owe; those that only this clock ends */
};

static void look_at(const struct ledger *l, const struct spool_scopes *scopes, struct at_stake *s)
{
    const int64_t wall = clock_wall_us(&l->config.clock), now = held(l);
    const struct spool_scope *x;
    size_t at = 0;
    while ((x = spool_scopes_next(scopes, &at)) != NULL) {
        if (x->dying || x->preserved > 0 || x->starts == SPOOL_REGISTER)
            continue;
        s->scopes++;
        s->due += x->due.due_us <= wall && x->due.due_us > now;
    }
}

/* What was delivered is at stake as well: its recipients would be ordered to destroy it. */
static struct at_stake look_at_all(const struct ledger *l)
{
    struct at_stake s = {0};
    look_at(l, l->scopes, &s);
    look_at(l, l->owing->clocks, &s);
    return s;
}

static bool is_too_much(const struct ledger *l, const struct at_stake *s)
{
    return s->due * 100 > s->scopes * l->config.destroy_share;
}

/* ---- what is told */

static enum result leaf_clock(struct ledger *l, enum audit_event event, const char *how,
                              const struct at_stake *s, int64_t ahead_us)
{
    char detail[128];
    const int n = snprintf(detail, sizeof detail, "clock=%s ahead=%" PRId64 "s due=%zu scopes=%zu",
                           how, ahead_us / US_PER_S, s->due, s->scopes);
    struct leaf leaf = {.event = event, .detail = bytes_of(detail, (size_t)n)};
    log_line(l->config.log, event == AUDIT_CLOCK_UNCERTAIN ? LOG_ALARM : LOG_NOTE,
             event == AUDIT_CLOCK_UNCERTAIN ? "clock-uncertain" : "clock-trusted", "%s", detail);
    return ledger_leaf(l, &leaf, NULL);
}

void clocks_tell(struct ledger *l)
{
    buf_clear(&l->answer);
    buf_bool(&l->answer, l->time.uncertain);
    buf_i64(&l->answer, ledger_now(l));
    ledger_answer(l, IPC_CLOCK, buf_view(&l->answer));
}

/* ---- turns */

static enum result doubt(struct ledger *l, const struct at_stake *s)
{
    l->time.uncertain = true;
    l->time.refused = false;
    l->time.ahead_us = ahead(l);
    l->time.since_us = ledger_now(l);
    l->time.due = s->due;
    l->time.scopes = s->scopes;
    TRY(leaf_clock(l, AUDIT_CLOCK_UNCERTAIN, "jumped", s, l->time.ahead_us));
    clocks_tell(l);
    return RESULT_OK;
}

/* Recorded at the time that counts from now on: a start after this asks no more. */
static enum result resolve(struct ledger *l, const char *how)
{
    const struct at_stake s = {l->time.scopes, l->time.due};
    const int64_t was_ahead_us = ahead(l);
    const bool was_uncertain = l->time.uncertain;
    l->time.uncertain = l->time.refused = false;
    trust(l);
    TRY(leaf_clock(l, AUDIT_CLOCK_TRUSTED, how, &s, was_ahead_us));
    buf_clear(&l->record);
    buf_i64(&l->record, ledger_now(l));
    TRY(ledger_record(l, RECORD_CLOCK, buf_view(&l->record)));
    if (was_uncertain)
        spool_unpark_all(l->queues);
    clocks_tell(l);
    return RESULT_OK;
}

enum result clocks_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    int64_t at_us;
    if (cursor_i64(&in, &at_us) != RESULT_OK || cursor_done(&in) != RESULT_OK)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    return RESULT_OK;
}

static enum result look(struct ledger *l)
{
    const struct at_stake s = look_at_all(l);
    if (is_too_much(l, &s))
        return doubt(l, &s);
    l->time.due = s.due;
    l->time.scopes = s.scopes;
    return resolve(l, "ahead");
}

static bool jumped_again(const struct ledger *l)
{
    const int64_t more = ahead(l) - l->time.ahead_us;
    return more > l->config.clock_jump_us || more < -l->config.clock_jump_us;
}

enum result clocks_turn(struct ledger *l)
{
    const bool jumped = has_jumped(l);
    if (!l->time.uncertain && !jumped) {
        if (ahead(l) < 0) /* set back: from here on it is measured against that */
            trust(l);
        return RESULT_OK;
    }
    if (!ledger_has_room(l, 0))
        return RESULT_OK; /* it is held all the same */
    if (!jumped)
        return resolve(l, "came-back");
    return !l->time.uncertain || jumped_again(l) ? look(l) : RESULT_OK;
}

void clocks_begin(struct ledger *l)
{
    const int64_t wall = clock_wall_us(&l->config.clock);
    trust(l);
    if (l->high_water_us > 0 && l->high_water_us < wall)
        l->time.base_us = l->high_water_us;
    if (!has_jumped(l))
        trust(l);
}

/* ---- deliveries */

bool clocks_bar(const struct ledger *l, const struct delivery *d)
{
    const int64_t wall = clock_wall_us(&l->config.clock);
    return l->time.uncertain &&
           (d->deadline_us <= wall || (d->scope != NULL && d->scope->due.due_us <= wall));
}

/* ---- officers */

static void put_subject(const struct ledger *l, char out[CONTROL_SUBJECT_MAX + 1])
{
    (void)snprintf(out, CONTROL_SUBJECT_MAX + 1, "clock +%" PRId64, l->time.ahead_us / US_PER_S);
}

enum control_code clocks_judge(const struct ledger *l, struct bytes subject,
                               const struct ledger_officer *who)
{
    char asked[CONTROL_SUBJECT_MAX + 1];
    put_subject(l, asked);
    if (!who->operates)
        return CONTROL_CODE_WRONG_ROLE;
    if (!l->time.uncertain || !has_jumped(l) || jumped_again(l))
        return CONTROL_CODE_NOT_WAITING;
    return bytes_is(subject, asked) ? CONTROL_CODE_DONE : CONTROL_CODE_NOT_FOUND;
}

enum result clocks_accept(struct ledger *l)
{
    return resolve(l, "accepted");
}

void clocks_refuse(struct ledger *l)
{
    l->time.refused = true;
    log_line(l->config.log, LOG_ALARM, "clock-refused", "ahead=%" PRId64 "s why=\"%s\"",
             l->time.ahead_us / US_PER_S, "the time source has to be repaired");
}

void clocks_show(const struct ledger *l, struct buf *room, struct control_item *out)
{
    char subject[CONTROL_SUBJECT_MAX + 1] = "clock";
    if (l->time.uncertain)
        put_subject(l, subject);
    const size_t n = strlen(subject);
    buf_text(room, subject);
    if (l->time.uncertain)
        buf_printf(room, "%zu of %zu scopes", l->time.due, l->time.scopes);
    *out = (struct control_item){.subject = bytes_of(room->p, n),
                                 .failed = bytes_of(room->p + n, room->n - n),
                                 .since_us = ledger_now(l),
                                 .due_us = clock_wall_us(&l->config.clock),
                                 .went_ahead = l->time.refused,
                                 .overdue = l->time.uncertain};
}
