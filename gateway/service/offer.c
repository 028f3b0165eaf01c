/*
 * One offer of the ledger: opened, decided again, transformed for its recipient; then the ledger is
 * asked to let it go, under the commitment over what would leave.
 */
#include "service/delivery.h"
#include "service/register.h"

#include "base/mem.h"

static void refuse(struct offer *x, enum reason reason, const char *failed)
{
    x->decision = (struct decision){
        .reason = reason, .grant = POLICY_NONE, .clause = "", .failed = failed, .law = ""};
}

/* The body again, as it was received. RESULT_NOT_FOUND: its key is gone. RESULT_UNAVAILABLE: nobody
 * can say that now. */
static enum result open_body(struct offer *x, struct buf *plain)
{
    const struct road_deliver *d = x->d;
    const uint8_t *key;
    uint8_t context[ROAD_CONTEXT];
    TRY(scope_key(x->e, d->body.scope, &key));
    if (d->body.sealed.n < SEAL_TAG)
        return RESULT_DAMAGED;
    uint8_t *room = buf_extend(plain, d->body.sealed.n - SEAL_TAG);
    if (room == NULL)
        return RESULT_TOO_LARGE;
    road_context(&d->envelope.id, d->commitment, d->sealed_deadline_us, context);
    TRY(seal_open_body(key, d->body.seed, bytes_of(context, sizeof context), d->body.sealed, room));
    seal_salt(key, d->body.seed, bytes_of_text(x->s->session->name), x->salt);
    return RESULT_OK;
}

/* Words, a blank between two. */
static bool has_word(struct bytes words, const char *word)
{
    const size_t n = strlen(word);
    while (words.n >= n) {
        const uint8_t *blank = memchr(words.p, ' ', words.n);
        const size_t first = blank == NULL ? words.n : (size_t)(blank - words.p);
        if (first == n && memcmp(words.p, word, n) == 0)
            return true;
        if (blank == NULL)
            return false;
        words = bytes_of(words.p + first + 1, words.n - first - 1);
    }
    return false;
}

/* Drops and strips again what the check did at first. */
static enum result check_again(struct offer *x)
{
    /* Its sender's clock was right perhaps where ours was held (intake.c); that was judged then. */
    const bool was_held = has_word(x->d->flags, reason_word(REASON_CLOCK_UNCERTAIN));
    const struct check_limits limits = {x->d->received_us, policy_service_area(x->e->policy),
                                        LIMIT_ID_WINDOW, was_held ? 100 * 365 * US_PER_DAY : 0};
    struct findings found;
    message_check(&x->m, &limits, &found);
    return found.refused ? RESULT_MALFORMED : RESULT_OK;
}

/* What was sealed under our key had passed every check. The check changes only what it flags, and
 * photos; the rest is as it was found good. */
static enum result decode(struct offer *x, struct bytes plain)
{
    struct finding why;
    TRY(message_decode(x->e->arena, plain, &x->m, &why));
    message_facts(&x->m);
    x->by_gateway = bytes_is(x->m.facts.source, GATEWAY_UNIT);
    return x->d->flags.n > 0 || x->m.facts.media_bytes > 0 ? check_again(x) : RESULT_OK;
}

/* Who got it since nobody attended has it under the same grant, or not at all. */
static void decide_reserve(struct offer *x)
{
    uint32_t grant = policy_clause(x->e->policy, x->d->clause);
    struct obligations o = {0};
    if (grant != POLICY_NONE)
        policy_obligations(&x->q, grant, &o);
    if (o.attend.within_us == 0 || o.attend.other != x->to)
        refuse(x, REASON_NO_GRANT, "else: a unit of the clause");
    else
        policy_decide_else(&x->q, grant, &x->decision);
}

/* The clause that answers now may ask for approval where the one at first did not: another set
 * came, or another of its clauses holds now. What nobody approved under it does not leave. */
static void require_approval(struct offer *x)
{
    const bool approved = x->d->approved && bytes_is(x->d->clause, x->decision.clause);
    if (x->decision.reason == REASON_PERMITTED && x->obligations.approval.persons > 0 && !approved)
        refuse(x, REASON_APPROVAL_EXPIRED, "duties.approval");
}

static void decide(struct offer *x)
{
    const char *failed;
    int64_t now_us = edge_now(x->e);
    x->decision = (struct decision){
        .reason = REASON_PERMITTED, .grant = POLICY_NONE, .clause = "", .failed = "", .law = ""};
    if (x->d->deadline_us <= now_us) {
        refuse(x, REASON_DEADLINE_PASSED, "destroy_by");
        return;
    }
    if (x->by_gateway)
        return;
    view_lookup(x->e, &x->m.facts, x->incident);
    enum reason r = edge_ask(x->e, &x->m.facts, NULL, x->incident, now_us, &x->q, &failed);
    if (r != REASON_PERMITTED)
        refuse(x, r, failed);
    else if (x->d->reserve)
        decide_reserve(x);
    else
        policy_decide(&x->q, x->to, &x->decision);
    drawn_take(&x->drawn, &x->d->drawn, x->m.facts.source);
    onward_judge(&x->q, &x->drawn, x->to, &x->decision);
    /* An alert that ends its own purpose was permitted while that was open; it may still arrive. */
    if (policy_permits(x->decision.reason))
        policy_obligations(&x->q, x->decision.grant, &x->obligations);
    require_approval(x);
}

static enum result transform(struct offer *x)
{
    if (x->by_gateway) {
        notice_complete(&x->m, x->d, edge_origin(x->e));
        return RESULT_OK;
    }
    return policy_transform(&x->q, &x->decision, x->to, x->e->tag_key, &x->m, x->changed,
                            &x->changes);
}

bool offer_may_go_on(const struct offer *x)
{
    return x->obligations.onward.units > 0 && x->m.facts.retransmission_allowed;
}

/* ---- asking the ledger to let it go */

static void tell_release(struct offer *x)
{
    struct road_release r = {.consumer = x->s->number,
                             .entry = x->o->entry,
                             .permitted = policy_permits(x->decision.reason),
                             .onward = offer_may_go_on(x),
                             .reason = bytes_of_text(reason_word(x->decision.reason)),
                             .clause = x->by_gateway || x->d->is_outcome || x->d->is_order
                                           ? x->d->clause
                                           : bytes_of_text(x->decision.clause),
                             .failed = bytes_of_text(x->decision.failed),
                             .flags = x->d->flags,
                             .size = x->e->drafts.message.n,
                             .policy = policy_serial(x->e->policy),
                             .at_us = edge_now(x->e),
                             .notice = buf_view(&x->e->drafts.notice),
                             .fact = x->fact};
    edge_review(x->e, x->decision.reason, x->decision.grant, &r.review);
    /* A delivery has a deadline always; its destruction is owed from the first byte on. */
    r.owes = r.permitted && !x->by_gateway && !x->d->is_outcome && !x->d->is_order;
    if (r.owes) {
        r.uses = x->obligations.uses;
        r.receipt_within_us = x->obligations.receipt_within_us;
        r.suspends = r.receipt_within_us > 0 && x->obligations.overdue == POLICY_OVERDUE_SUSPEND;
    }
    if (r.permitted)
        commitment_of(x->e, x->salt, buf_view(&x->e->drafts.message), r.commitment);
    buf_clear(&x->e->out);
    road_release_put(&r, &x->e->out);
    edge_tell(x->e, IPC_RELEASE, buf_view(&x->e->out));
}

static enum result prepare_body(struct offer *x)
{
    struct drafts *d = &x->e->drafts;
    enum result r = open_body(x, &d->body);
    if (r == RESULT_OK)
        r = decode(x, buf_view(&d->body));
    if (r == RESULT_OK)
        decide(x);
    if (r == RESULT_OK && policy_permits(x->decision.reason)) {
        r = transform(x);
        if (r == RESULT_OK)
            r = message_encode(&x->m, &d->message);
        if (r == RESULT_OK && !x->by_gateway)
            r = register_delivered(x->e, &x->m, &x->fact, &d->fact);
        if (r == RESULT_OK && !x->by_gateway)
            r = notice_of_provision(x->e, &x->m, &x->decision, &x->obligations,
                                    bytes_of_text(x->s->session->name), &d->notice);
    }
    return r;
}

/* Neither has a body, so no key to derive a salt from; the same again at a redelivery. */
static enum result prepare_own(struct offer *x)
{
    const struct road_deliver *d = x->d;
    const struct bytes outcome[] = {bytes_of_text("outcome"),
                                    bytes_of(d->outcome.about.b, UUID_BYTES), d->outcome.to};
    const struct bytes order[] = {bytes_of_text("order"), bytes_of(d->order.id.b, UUID_BYTES)};
    x->decision = (struct decision){
        .reason = REASON_PERMITTED, .grant = POLICY_NONE, .clause = "", .failed = "", .law = ""};
    if (d->is_order) {
        mac_keyed(x->e->tag_key, order, ARRAY_LEN(order), x->salt);
        return notice_order(x->e, d, &x->e->drafts.message);
    }
    mac_keyed(x->e->tag_key, outcome, ARRAY_LEN(outcome), x->salt);
    return notice_outcome(x->e, d, &x->e->drafts.message);
}

enum result offer_decide(struct subscriber *s, struct outgoing *o, const struct road_deliver *d)
{
    struct offer x = {.e = s->session->edge, .s = s, .o = o, .d = d};
    x.to = policy_unit(x.e->policy, bytes_of_text(s->session->name));
    if (x.to == POLICY_NONE)
        return RESULT_DENIED;
    arena_reset(x.e->arena);
    enum result r = d->is_outcome || d->is_order ? prepare_own(&x) : prepare_body(&x);
    if (r == RESULT_OK && policy_permits(x.decision.reason))
        r = offer_frame_put(&x);
    if (r != RESULT_OK && r != RESULT_UNAVAILABLE) {
        log_line(x.e->config.log, LOG_ALARM, "delivery-unreadable", "unit=%s record=%llu why=%s",
                 s->session->name, (unsigned long long)d->received_index, result_name(r));
        refuse(&x, REASON_DEADLINE_PASSED,
               r == RESULT_NOT_FOUND ? "its key is gone" : "it cannot be read");
        r = RESULT_OK;
    }
    if (r == RESULT_OK)
        tell_release(&x);
    drafts_end(&x.e->drafts);
    arena_reset(x.e->arena);
    mem_wipe(&x, sizeof x);
    return r;
}
