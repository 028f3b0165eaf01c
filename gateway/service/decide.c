/* Whom a message goes to, and what each may have. */
#include "base/limits.h"
#include "service/intake.h"

#include <stdio.h>

static const struct bytes self_name = {(const uint8_t *)"gateway/self", 12};

void intake_refuse(struct intake *i, enum reason reason, const char *failed)
{
    struct road_commit *c = &i->commit;
    size_t n = strlen(failed);
    char *kept = arena_take(i->e->arena, n + 1);
    if (kept != NULL)
        memcpy(kept, failed, n);
    c->verdict = ROAD_REFUSED;
    c->recipients = 1;
    c->duties = c->named = c->drawn = 0;
    c->succession = bytes_of(NULL, 0);
    i->to[0] = policy_self(i->e->policy);
    c->recipient[0] = (struct road_recipient){.unit = self_name,
                                              .reason = bytes_of_text(reason_word(reason)),
                                              .failed = bytes_of(kept, kept == NULL ? 0 : n)};
}

/* The units that the message is decided for: those that it names, or whoever policy permits. */
static size_t recipients(struct intake *i)
{
    const struct facts *f = &i->m.facts;
    if (f->tos == 0)
        return policy_reach(i->e->policy, f->kind, i->q.from, i->to);
    for (size_t k = 0; k < f->tos; k++)
        i->to[k] = policy_unit(i->e->policy, f->to[k]);
    return f->tos;
}

static void doubt(struct intake *i, enum reason reason, const char *text)
{
    if (i->found.count == FINDINGS_MAX)
        i->found.count--;
    struct finding *f = &i->found.finding[i->found.count++];
    *f = (struct finding){.reason = reason};
    (void)snprintf(f->text, sizeof f->text, "%s", text);
}

/* A position that its subject cannot have come to is one more doubt. It stays with the message that
 * is decided again: by then its own position is the last. */
static void doubt_jump(struct intake *i)
{
    const struct facts *f = &i->m.facts;
    i->has_position = jumps_tag(i->e, f, i->subject_tag);
    i->p->is_jump = i->p->is_jump || (i->has_position && jumps_see(i->e, f, i->subject_tag));
    for (size_t k = 0; k < i->found.count; k++)
        if (i->found.finding[k].reason == REASON_IMPLAUSIBLE)
            return;
    if (!i->p->is_jump)
        return;
    doubt(i, REASON_IMPLAUSIBLE, "position: where the subject can have come to since the last");
}

const char intake_wish[] = "header.test_wish: what the test asks to be refused for";

/* What a test may have is refused as it wishes, so that its sender sees each reason there is. */
static void grant_wish(const struct facts *f, struct decision *d)
{
    if (f->test_wish == 0 || !policy_permits(d->reason))
        return;
    d->reason = (enum reason)f->test_wish;
    d->failed = intake_wish;
    d->law = "";
}

/* What a check only flagged goes with every delivery. */
static struct bytes flag_words(struct intake *i)
{
    if (i->flags.n == 0)
        for (size_t k = 0; k < i->found.count; k++)
            buf_printf(&i->flags, "%s%s", k == 0 ? "" : " ",
                       reason_word(i->found.finding[k].reason));
    return buf_view(&i->flags);
}

/* Counts it in the limits of the grant that permits, of which the receipt tells. */
static void hold_to_limits(struct intake *i, struct decision *d)
{
    size_t k = 0;
    limits_judge(i->e, i->m.facts.status, i->p->bytes.n, i->now_us, d, &i->p->taken);
    while (k < i->limited && i->limit[k].grant != d->grant)
        k++;
    if (k < INTAKE_LIMITED && k == i->limited) {
        i->limit[k].grant = d->grant;
        i->limit[k].clause = d->clause;
        i->limited++;
    }
}

static void decide_one(struct intake *i, size_t k)
{
    struct decision *d = &i->decision[k];
    struct road_recipient *r = &i->commit.recipient[k];
    if (i->to[k] == POLICY_NONE) {
        *d = (struct decision){.reason = REASON_RECIPIENT_UNKNOWN,
                               .grant = POLICY_NONE,
                               .clause = "",
                               .failed = "to: a unit of the inventory",
                               .law = ""};
    } else {
        policy_decide(&i->q, i->to[k], d);
        onward_judge(&i->q, &i->p->drawn, i->to[k], d);
        if (policy_permits(d->reason))
            hold_to_limits(i, d);
        grant_wish(&i->m.facts, d);
    }
    const char *unit =
        i->to[k] == POLICY_NONE ? "unknown" : policy_unit_name(i->e->policy, i->to[k]);
    *r = (struct road_recipient){.unit = bytes_of_text(unit),
                                 .reason = bytes_of_text(reason_word(d->reason)),
                                 .clause = bytes_of_text(d->clause),
                                 .failed = intake_failed_text(i, d),
                                 .permitted = policy_permits(d->reason)};
    if (!r->permitted)
        return;
    r->flags = flag_words(i);
    policy_obligations(&i->q, d->grant, &i->obligations[k]);
    obligations_bound(&i->obligations[k], i->m.facts.incidents > 0 ? i->incident[0] : NULL,
                      i->ends_purpose, i->now_us);
    r->deadline_us = i->obligations[k].destroy_by_us;
    intake_open_cases(i, k);
}

/* "condition (what the law says)": the law's words go with a refusal that rests on them. */
struct bytes intake_failed_text(struct intake *i, const struct decision *d)
{
    enum { MOST = ROAD_TEXT_MAX - 1 };
    char *out = arena_take(i->e->arena, MOST + 1);
    if (out == NULL || d->failed[0] == '\0')
        return bytes_of(NULL, 0);
    bool says_law = d->law[0] != '\0' && strcmp(d->law, d->failed) != 0;
    int n = says_law ? snprintf(out, MOST + 1, "%s (%s)", d->failed, d->law)
                     : snprintf(out, MOST + 1, "%s", d->failed);
    return bytes_of(out, n < MOST ? (size_t)n : MOST);
}

/* Whether messages of this status never go to that unit now: no real ones to a test bench, no
 * exercises to a unit outside of their window. */
static bool is_elsewhere(const struct intake *i, size_t k)
{
    return i->decision[k].reason == REASON_STATUS_NOT_LIVE && i->to[k] != policy_self(i->e->policy);
}

/* Without addressees the message is for those that a grant for its service, purpose and basis
 * names, and that messages of its status go to; a unit that gets this kind under other grants only
 * was never meant. Somebody stays, so that a refusal can say why. */
static void leave_out_strangers(struct intake *i)
{
    size_t kept = 0;
    bool some = false;
    for (size_t k = 0; k < i->commit.recipients; k++)
        some = some || (i->decision[k].near && !is_elsewhere(i, k));
    for (size_t k = 0; k < i->commit.recipients; k++) {
        bool last = k + 1 == i->commit.recipients && kept == 0;
        bool meant = i->decision[k].near && !(some && is_elsewhere(i, k));
        if (!meant && !last)
            continue;
        i->to[kept] = i->to[k];
        i->decision[kept] = i->decision[k];
        i->obligations[kept] = i->obligations[k];
        i->commit.recipient[kept++] = i->commit.recipient[k];
    }
    i->commit.recipients = kept;
}

/* Nobody at all may get this kind from this unit: the nearest clause is that of a question for the
 * gateway itself. */
static void decide_nobody(struct intake *i)
{
    struct decision d;
    policy_decide(&i->q, policy_self(i->e->policy), &d);
    intake_refuse(i, policy_permits(d.reason) ? REASON_NO_GRANT : d.reason, d.failed);
    i->commit.recipient[0].clause = bytes_of_text(d.clause);
}

void intake_decide(struct intake *i)
{
    const char *failed;
    view_lookup(i->e, &i->m.facts, i->incident);
    enum reason r = edge_ask(i->e, &i->m.facts, NULL, i->incident, i->now_us, &i->q, &failed);
    if (r != REASON_PERMITTED) {
        intake_refuse(i, r, failed);
        return;
    }
    /* Urgent messages go on, marked; the others come again when the clock is trusted. */
    if (i->e->clock.is_held && i->m.kind->lane != LANE_URGENT) {
        intake_refuse(i, REASON_CLOCK_UNCERTAIN, "the gateway's clock");
        return;
    }
    if (!standing_names_one(&i->q)) {
        intake_refuse(i, REASON_OUT_OF_RANGE, standing_one);
        return;
    }
    if (!onward_may_draw(i) || !intake_change_begins(i))
        return;
    i->commit.recipients = recipients(i);
    if (i->commit.recipients == 0) {
        decide_nobody(i);
        return;
    }
    doubt_jump(i);
    if (i->e->clock.is_held)
        doubt(i, REASON_CLOCK_UNCERTAIN, "the gateway's clock");
    for (size_t k = 0; k < i->commit.recipients; k++)
        decide_one(i, k);
    if (i->m.facts.tos == 0)
        leave_out_strangers(i);
    i->commit.verdict = (uint8_t)road_verdict_of(i->commit.recipient, i->commit.recipients);
    if (i->commit.verdict != ROAD_REFUSED)
        intake_duties(i);
    if (i->commit.verdict != ROAD_REFUSED)
        intake_supersede(i);
    if (i->commit.verdict == ROAD_REFUSED || !intake_change(i))
        return; /* when a change is not possible, all is refused */
    if (intake_can_wait(i))
        return;
    i->p->changes = 0;
    intake_refuse(i, i->found.finding[0].reason, i->found.finding[0].text);
}
