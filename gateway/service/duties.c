/*
 * Duties to attend or to answer, as a commit carries them: one for each grant that asks for it,
 * with the unit that gets the message when nobody has; and what a message itself attends to.
 */
#include "service/intake.h"

_Static_assert((int)KIND_COUNT <= (int)ROAD_ANSWERS_MAX, "a duty can be met by any kind");

/* Leaves "released" of this log that the message names. */
static void name_leaf(struct intake *i, bool has, struct bytes origin, uint64_t index)
{
    struct road_commit *c = &i->commit;
    if (has && bytes_is(origin, edge_origin(i->e)))
        c->names[c->named++] = index;
}

static void name_leaves(struct intake *i)
{
    const struct facts *f = &i->m.facts;
    name_leaf(i, f->has_reply, f->reply_origin, f->reply_index);
    name_leaf(i, f->has_derived, f->derived_origin, f->derived_index);
    i->commit.drawn = (uint8_t)(f->has_derived ? i->commit.named : 0);
}

static void fill_duty(const struct intake *i, const struct policy_attend *a, struct road_duty *out)
{
    *out = (struct road_duty){.by_us = i->now_us + a->within_us,
                              .by_ack = a->answer_kinds == 0 && !kind_has_answer(i->m.facts.kind)};
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        if ((a->answer_kinds >> kind & 1) != 0)
            out->answer[out->answers++] = bytes_of_text(kind_row(kind)->name);
}

/* Behind the recipients: decided by the same grant for its other unit. */
static void add_reserve(struct intake *i, size_t like)
{
    struct road_commit *c = &i->commit;
    const size_t k = c->recipients++;
    struct decision *d = &i->decision[k];
    struct road_recipient *r = &c->recipient[k];
    i->obligations[k] = i->obligations[like];
    i->to[k] = i->obligations[like].attend.other;
    policy_decide_else(&i->q, i->decision[like].grant, d);
    onward_judge(&i->q, &i->p->drawn, i->to[k], d);
    *r = (struct road_recipient){.unit = bytes_of_text(policy_unit_name(i->e->policy, i->to[k])),
                                 .reason = bytes_of_text(reason_word(d->reason)),
                                 .clause = bytes_of_text(d->clause),
                                 .failed = intake_failed_text(i, d),
                                 .flags = c->recipient[like].flags,
                                 .permitted = policy_permits(d->reason),
                                 .deadline_us = c->recipient[like].deadline_us,
                                 .duty = (uint8_t)c->duties,
                                 .reserve = true};
}

/* The duty of this recipient's grant, made when it is the first of it. False: there is no room. */
static bool give_duty(struct intake *i, size_t k)
{
    struct road_commit *c = &i->commit;
    for (size_t other = 0; other < k; other++) {
        if (c->recipient[other].duty != 0 && i->decision[other].grant == i->decision[k].grant) {
            c->recipient[k].duty = c->recipient[other].duty;
            return true;
        }
    }
    if (c->duties == ROAD_DUTIES_MAX || c->recipients == ROAD_RECIPIENTS_MAX)
        return false;
    fill_duty(i, &i->obligations[k].attend, &c->duty[c->duties++]);
    c->recipient[k].duty = (uint8_t)c->duties;
    add_reserve(i, k);
    return true;
}

void intake_duties(struct intake *i)
{
    struct road_commit *c = &i->commit;
    const size_t recipients = c->recipients;
    name_leaves(i);
    for (size_t k = 0; k < recipients; k++) {
        if (!c->recipient[k].permitted || i->to[k] == policy_self(i->e->policy) ||
            i->obligations[k].attend.within_us == 0 || give_duty(i, k))
            continue;
        intake_refuse(i, REASON_TOO_LARGE, "to: recipients of fewer clauses with attend or answer");
        return;
    }
}
