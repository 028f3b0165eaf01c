/*
 * Receipts of destruction: a recipient says what became of the items of an order. No clause asks
 * for a receipt to be sent; the clause that caused the order is its clause. The signature is
 * checked with the key that the inventory names for the unit, and what it may retain by that clause
 * (PIPA 21(1) proviso, 21(3)). The ledger says what is owed.
 */
#include "message/destruction.h"
#include "service/intake.h"

#include <fedgate/v1/fedgate.pb-c.h>

#include <stdlib.h>

/* ---- the order */

bool settle_waits(struct intake *i)
{
    struct publication *m = i->p;
    struct edge *e = i->e;
    struct uuid order;
    if (!i->m.kind->answers_order || m->order_is_asked ||
        !uuid_parse(bytes_of_text(i->m.pb->destruction_receipt->order_id), &order))
        return false;
    m->order_is_asked = true;
    buf_clear(&e->out);
    buf_u64(&e->out, edge_ticket(e, &m->ticket));
    buf_put(&e->out, order.b, UUID_BYTES);
    edge_tell(e, IPC_ORDER_GET, buf_view(&e->out));
    return true;
}

void settle_told(struct ticket *t, const struct road_order_state *s)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    buf_clear(&m->order);
    road_order_state_put(s, &m->order);
    if (m->publisher == NULL)
        publication_free(m); /* its call has ended, and nothing was decided */
    else
        intake_run(m);
}

/* ---- what it says, judged */

/* A receipt being judged. */
struct settling {
    struct intake *i;
    const Fedgate__V1__DestructionReceipt *r;
    struct road_order_state order;
    uint32_t grant; /* of the order's clause, or POLICY_NONE */
    struct buf items[2];
    struct road_settle says;
    bool retains_anew; /* what no receipt has said before */
    int64_t until_us;  /* the earliest time until which that is */
};

static bool refuse(struct settling *s, enum reason reason, const char *failed)
{
    intake_refuse(s->i, reason, failed);
    s->i->commit.recipient[0].clause = s->order.clause;
    return false;
}

/* The operator hears of it: somebody keeps what it may not keep, or not as it has to. */
static bool alarm(struct settling *s, enum reason reason, const char *failed)
{
    log_line(s->i->e->config.log, LOG_ALARM, "receipt-refused", "unit=%s order=%s why=%s",
             s->i->p->sender, s->r->order_id, reason_word(reason));
    return refuse(s, reason, failed);
}

static bool is_signed(struct settling *s)
{
    const struct bytes unit = bytes_of_text(s->i->p->sender);
    struct minisign_public key;
    struct buf text = BUF_INIT(LIMIT_MESSAGE);
    char id[MINISIGN_ID_TEXT];
    if (!policy_receipt_key(s->i->e->policy, unit, &key))
        return refuse(s, REASON_SIGNATURE_INVALID,
                      "key_id: a receipt_key that the inventory names for the unit");
    minisign_id_text(key.id, id);
    if (strcmp(id, s->r->key_id) != 0)
        return refuse(s, REASON_SIGNATURE_INVALID,
                      "key_id: that of the receipt_key that the inventory names for the unit");
    bool good = s->r->signature.len == SIGN_SIGNATURE &&
                destruction_text(s->r, unit, &text) == RESULT_OK &&
                sign_check(key.key, buf_view(&text), s->r->signature.data) == RESULT_OK;
    buf_free(&text);
    return good ||
           refuse(s, REASON_SIGNATURE_INVALID, "signature: by that key, over the contract's text");
}

static bool is_ordered(struct settling *s)
{
    struct cursor in = cursor_over(buf_view(&s->i->p->order));
    if (road_order_state_take(&in, &s->order) != RESULT_OK || !s->order.found ||
        !bytes_is(s->order.unit, s->i->p->sender)) {
        s->order = (struct road_order_state){0};
        return refuse(s, REASON_ORDER_UNKNOWN, "order_id: an order to this unit");
    }
    s->grant = policy_clause(s->i->e->policy, s->order.clause);
    return true;
}

static bool is_owed(const struct settling *s, const Fedgate__V1__LogRef *ref,
                    enum road_item_state state)
{
    size_t i;
    return strcmp(ref->origin, edge_origin(s->i->e)) == 0 &&
           road_find_item(s->order.items, ref->index, &i) &&
           (s->order.state.p[i] == ROAD_OWED || s->order.state.p[i] == state);
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* One of the two lists that need nothing else, ascending into `out`. */
static bool take_list(struct settling *s, Fedgate__V1__LogRef *const *ref, size_t count,
                      enum road_item_state state, struct buf *out)
{
    uint64_t *index = arena_take(s->i->e->arena, (count + 1) * sizeof *index);
    for (size_t k = 0; k < count; k++) {
        if (index == NULL || !is_owed(s, ref[k], state))
            return refuse(s, REASON_NOT_OWED,
                          state == ROAD_DESTROYED
                              ? "destroyed: items of the order, and not settled otherwise"
                              : "never_stored: items of the order, and not settled otherwise");
        index[k] = ref[k]->index;
    }
    if (count > 1)
        qsort(index, count, sizeof *index, by_number);
    for (size_t k = 0; k < count; k++)
        buf_u64(out, index[k]);
    return true;
}

static bool may_retain(struct settling *s, const Fedgate__V1__Retained *r)
{
    if (!is_owed(s, r->item, ROAD_RETAINED))
        return refuse(s, REASON_NOT_OWED,
                      "retained: items of the order, and not settled otherwise");
    if (!policy_may_keep(s->i->e->policy, s->grant, bytes_of_text(r->act)))
        return alarm(s, REASON_KEEP_NOT_ALLOWED, "retained.act: one of keep.basis_any_of");
    if (r->until->seconds > INT64_MAX / US_PER_S || r->until->seconds * US_PER_S <= s->i->now_us)
        return refuse(s, REASON_OUT_OF_RANGE, "retained.until: a time to come");
    return r->stored_separately ||
           alarm(s, REASON_NOT_STORED_SEPARATELY, "retained.stored_separately: true (PIPA 21(3))");
}

static int by_item(const void *a, const void *b)
{
    return by_number(&((const struct road_retained *)a)->item,
                     &((const struct road_retained *)b)->item);
}

static void note_new(struct settling *s, const struct road_retained *r)
{
    size_t i;
    if (!road_find_item(s->order.items, r->item, &i) || s->order.state.p[i] != ROAD_OWED)
        return;
    if (!s->retains_anew || r->until_us < s->until_us)
        s->until_us = r->until_us;
    s->retains_anew = true;
}

static bool take_retained(struct settling *s)
{
    for (size_t k = 0; k < s->r->n_retained; k++) {
        const Fedgate__V1__Retained *r = s->r->retained[k];
        if (!may_retain(s, r))
            return false;
        s->says.retained[s->says.retains] = (struct road_retained){
            r->item->index, bytes_of_text(r->act), r->until->seconds * US_PER_S};
        note_new(s, &s->says.retained[s->says.retains++]);
    }
    qsort(s->says.retained, s->says.retains, sizeof s->says.retained[0], by_item);
    return true;
}

/* ---- permitted */

/* Where an officer of the recipient is to approve that something is kept (`keep.approval`), it is
 * on record as kept, since it is, and waits for that officer; the operator is told. */
static void ask_officer(const struct settling *s, struct road_recipient *r)
{
    const char *role = policy_keep_role(s->i->e->policy, s->grant);
    struct bytes party;
    if (!s->retains_anew || role[0] == '\0' ||
        !ident_split_unit(bytes_of_text(s->i->p->sender), &party, NULL))
        return;
    r->failed = bytes_of_text("keep.approval");
    r->open[r->cases++] = (struct road_case){.kind = ROAD_KEEPING,
                                             .persons = 1,
                                             .role = bytes_of_text(role),
                                             .party = {party},
                                             .parties = 1,
                                             .due_us = s->until_us};
    log_line(s->i->e->config.log, LOG_ALARM, "retained-unapproved",
             "unit=%s order=%s items=%zu role=%s", s->i->p->sender, s->r->order_id, s->says.retains,
             role);
}

static void permit(struct settling *s)
{
    struct road_commit *c = &s->i->commit;
    const char *unit = policy_unit_name(s->i->e->policy, policy_self(s->i->e->policy));
    (void)uuid_parse(bytes_of_text(s->r->order_id), &s->says.order);
    s->says.destroyed = buf_view(&s->items[0]);
    s->says.never_stored = buf_view(&s->items[1]);
    s->says.method = (uint8_t)s->r->method;
    s->says.at_us = s->r->destroyed_at == NULL ? 0 : s->r->destroyed_at->seconds * US_PER_S;
    road_settle_put(&s->says, &s->i->settle);
    c->settle = buf_view(&s->i->settle);
    s->i->to[0] = policy_self(s->i->e->policy);
    c->recipient[0] =
        (struct road_recipient){.unit = bytes_of_text(unit),
                                .reason = bytes_of_text(reason_word(REASON_PERMITTED)),
                                .clause = s->order.clause,
                                .permitted = true};
    c->recipients = 1;
    c->verdict = ROAD_ACCEPTED;
    ask_officer(s, &c->recipient[0]);
}

static bool is_for_the_gateway(struct settling *s)
{
    const struct facts *f = &s->i->m.facts;
    return f->tos == 0 || (f->tos == 1 && bytes_is(f->to[0], "gateway/self")) ||
           refuse(s, REASON_NO_GRANT, "to: gateway/self, whose order it answers");
}

_Static_assert((int)LIMIT_ORDER_ITEMS == (int)ROAD_ITEMS_MAX &&
                   (int)LIMIT_RETAINED == (int)ROAD_RETAINED_MAX,
               "what a receipt may name fits between the roles");

void settle_decide(struct intake *i)
{
    struct settling s = {.i = i,
                         .r = i->m.pb->destruction_receipt,
                         .grant = POLICY_NONE,
                         .items = {BUF_INIT(LIMIT_REQUEST), BUF_INIT(LIMIT_REQUEST)}};
    if (is_for_the_gateway(&s) && is_signed(&s) && is_ordered(&s) &&
        take_list(&s, s.r->destroyed, s.r->n_destroyed, ROAD_DESTROYED, &s.items[0]) &&
        take_list(&s, s.r->never_stored, s.r->n_never_stored, ROAD_NEVER_STORED, &s.items[1]) &&
        take_retained(&s))
        permit(&s);
    buf_free(&s.items[0]);
    buf_free(&s.items[1]);
}
