/*
 * Receipts of destruction. An order is acknowledged once its receipt was accepted, so it comes
 * again after a restart before that; and what the index says to be owed is answered in any case.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "cli/agent/vault_run.h"
#include "crypto/random.h"
#include "message/destruction.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>
#include <string.h>

/* What a receipt is said under when the order itself is not at hand. */
#define SERVICE "destruction"
#define PURPOSE "destruction"
#define BASIS   "kr/pipa/21"

/* Before one that was refused is sent again: at first, and at most. */
#define PAUSE      (10 * US_PER_S)
#define PAUSE_MOST US_PER_HOUR

struct receipt_sent {
    struct vault_run *run;
    char order[VAULT_WORD_MAX + 1];
    char service[LIMIT_WORD + 1], purpose[LIMIT_WORD + 1], basis[LIMIT_WORD + 1];
    uint64_t seq; /* of the order's delivery */
    bool has_seq;
    bool sent;                  /* no answer yet */
    int64_t pause_us, again_us; /* refused: sent again then (steady clock) */
    TAILQ_ENTRY(receipt_sent) next;
};

static int64_t steady_us(void)
{
    const struct clock clock = clock_system();
    return clock_steady_us(&clock);
}

static struct receipt_sent *find(struct vault_run *r, const char *order)
{
    struct receipt_sent *x;
    TAILQ_FOREACH (x, &r->receipts, next)
        if (strcmp(x->order, order) == 0)
            return x;
    x = mem_new(sizeof *x);
    *x = (struct receipt_sent){.run = r, .service = SERVICE, .purpose = PURPOSE, .basis = BASIS};
    (void)snprintf(x->order, sizeof x->order, "%s", order);
    TAILQ_INSERT_TAIL(&r->receipts, x, next);
    return x;
}

static void drop(struct receipt_sent *x)
{
    TAILQ_REMOVE(&x->run->receipts, x, next);
    mem_free(x);
}

void vault_receipts_drop_all(struct vault_run *r)
{
    struct receipt_sent *x;
    while ((x = TAILQ_FIRST(&r->receipts)) != NULL)
        drop(x);
}

static void acknowledge(struct receipt_sent *x)
{
    if (x->has_seq)
        (void)fedgate_subscriber_ack(x->run->subscriber, x->seq, FEDGATE_TAKEN);
    x->has_seq = false;
}

/* ---------------------------------------------------------------- what it says */

/* The items of an order, by what became of them; at most as many as an order has. */
struct items {
    Fedgate__V1__LogRef ref[VAULT_ASK_MAX];
    Fedgate__V1__LogRef *destroyed[VAULT_ASK_MAX], *never_stored[VAULT_ASK_MAX];
    size_t refs, destroyeds, never_storeds;
    int64_t at_us; /* of the last that was destroyed */
};

static void add_item(struct items *i, const struct vault *v, const struct vault_entry *e)
{
    Fedgate__V1__LogRef *ref = &i->ref[i->refs++];
    fedgate__v1__log_ref__init(ref);
    ref->origin = (char *)(uintptr_t)vault_origin(v);
    ref->index = e->record;
    if (e->state == VAULT_NEVER_STORED) {
        i->never_stored[i->never_storeds++] = ref;
    } else {
        i->destroyed[i->destroyeds++] = ref;
        i->at_us = e->destroyed_us > i->at_us ? e->destroyed_us : i->at_us;
    }
}

static bool is_owed(const struct vault_entry *e, const char *order)
{
    return (e->state == VAULT_DESTROYED || e->state == VAULT_NEVER_STORED) &&
           strcmp(e->order, order) == 0 && e->reported_us == 0;
}

static struct items *items_of(const struct vault *v, const char *order)
{
    struct items *i = mem_new(sizeof *i);
    const struct vault_entry *e;
    for (size_t k = 0; (e = vault_at(v, k)) != NULL && i->refs < VAULT_ASK_MAX; k++)
        if (is_owed(e, order))
            add_item(i, v, e);
    return i;
}

/* A message with its parts, where their texts and lists stay. */
struct draft {
    Fedgate__V1__Message message;
    Fedgate__V1__Header header;
    Fedgate__V1__LegalBasis basis;
    Fedgate__V1__DestructionReceipt receipt;
    Google__Protobuf__Timestamp now, at;
    char id[UUID_TEXT + 1];
};

static void fill_header(const struct receipt_sent *x, int64_t now_us, struct draft *d)
{
    const struct uuid id = random_uuid(now_us);
    uuid_text(&id, d->id);
    fedgate__v1__message__init(&d->message);
    fedgate__v1__header__init(&d->header);
    fedgate__v1__legal_basis__init(&d->basis);
    google__protobuf__timestamp__init(&d->now);
    d->now.seconds = now_us / US_PER_S;
    d->basis.code = (char *)(uintptr_t)x->basis;
    d->header.id = d->id;
    d->header.source = (char *)(uintptr_t)vault_unit(x->run->place.vault);
    d->header.service = (char *)(uintptr_t)x->service;
    d->header.purpose = (char *)(uintptr_t)x->purpose;
    d->header.basis = &d->basis;
    d->header.created_at = &d->now;
    d->header.status = FEDGATE__V1__STATUS__STATUS_ACTUAL;
    d->message.header = &d->header;
    d->message.body_case = FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_RECEIPT;
    d->message.destruction_receipt = &d->receipt;
}

static void fill_receipt(const struct receipt_sent *x, struct items *i, struct draft *d)
{
    Fedgate__V1__DestructionReceipt *r = &d->receipt;
    fedgate__v1__destruction_receipt__init(r);
    google__protobuf__timestamp__init(&d->at);
    d->at.seconds = i->at_us / US_PER_S;
    r->order_id = (char *)(uintptr_t)x->order;
    r->destroyed = i->destroyed;
    r->n_destroyed = i->destroyeds;
    r->never_stored = i->never_stored;
    r->n_never_stored = i->never_storeds;
    if (i->destroyeds > 0) {
        r->destroyed_at = &d->at;
        r->method = FEDGATE__V1__DESTRUCTION_METHOD__DESTRUCTION_METHOD_KEY_ERASED;
    }
    r->staff_ref = (char *)(uintptr_t)x->run->staff;
}

/* A whole receipt, signed and encoded. */
static bool make(const struct receipt_sent *x, struct items *i, struct buf *out)
{
    const struct vault *v = x->run->place.vault;
    struct arena *a = arena_new(LIMIT_REQUEST);
    struct draft *d = mem_new(sizeof *d);
    i->at_us = vault_told_us(v, i->at_us);
    fill_header(x, vault_told_us(v, vault_now(v)), d);
    fill_receipt(x, i, d);
    bool good = destruction_sign(&d->receipt, bytes_of_text(d->header.source), x->run->receipt_key,
                                 a) == RESULT_OK &&
                message_pack(&d->message.base, out) == RESULT_OK;
    mem_free(d);
    arena_free(a);
    return good;
}

/* ---------------------------------------------------------------- sending */

static void send(struct receipt_sent *x)
{
    struct vault_run *r = x->run;
    struct items *i = items_of(r->place.vault, x->order);
    struct buf encoded = BUF_INIT(LIMIT_MESSAGE);
    if (i->refs == 0) { /* it was answered before */
        acknowledge(x);
        drop(x);
    } else if (!make(x, i, &encoded))
        agent_error("the receipt of order %s cannot be made", x->order);
    else
        x->sent = fedgate_publish(r->publisher, encoded.p, encoded.n, x) == FEDGATE_OK;
    buf_free(&encoded);
    mem_free(i);
}

/* Nobody waits for it: no receipt was asked for, or it was settled long ago. */
static bool is_over(const struct fedgate_receipt *r)
{
    const char *why = r->recipients == 0 ? "" : fedgate_reason_word(r->recipient[0].reason);
    return strcmp(why, "not-owed") == 0 || strcmp(why, "order-unknown") == 0;
}

/* What it was refused for may be mended there, such as a key that the inventory did not have yet.
 */
static void wait_longer(struct receipt_sent *x, int retry)
{
    if (retry == FEDGATE_RETRY_SAME_ID)
        return;
    x->pause_us = x->pause_us == 0               ? PAUSE
                  : 2 * x->pause_us < PAUSE_MOST ? 2 * x->pause_us
                                                 : PAUSE_MOST;
    x->again_us = steady_us() + x->pause_us;
}

static void answered(void *arg, void *tag, const struct fedgate_receipt *receipt)
{
    struct vault_run *r = arg;
    struct receipt_sent *x = tag;
    bool accepted = receipt->answer == FEDGATE_ACCEPTED;
    x->sent = false;
    if (!accepted)
        (void)agent_tell_receipt(&r->agent, "a receipt of destruction", receipt);
    if (!accepted && !is_over(receipt)) {
        wait_longer(x, receipt->retry);
        return;
    }
    enum result result = vault_reported(r->place.vault, x->order);
    if (vault_run_is_full(r, result)) {
        wait_longer(x, FEDGATE_RETRY_LATER);
        return;
    }
    if (result != RESULT_OK) {
        vault_run_failed(r, result);
        return;
    }
    acknowledge(x);
    vault_tell(r, accepted ? "reported" : "not-owed", receipt->record.index, "order", x->order);
    drop(x);
}

/* The connection was lost: sent again when there is one, in a later tick. */
static void unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    (void)arg;
    (void)message;
    ((struct receipt_sent *)tag)->sent = false;
}

/* For good: without it receipts would stay owed, and nobody would hear of that. */
static void ended(void *arg, const struct fedgate_end *end)
{
    struct vault_run *r = arg;
    agent_call_ended(&r->agent, end);
    agent_stop(&r->agent);
}

const struct fedgate_publisher_events vault_receipt_events = {answered, unsent, NULL, ended};

void vault_receipts(struct vault_run *r)
{
    const struct vault_entry *e;
    struct receipt_sent *x, *following;
    int64_t now_us = steady_us();
    if (r->receipt_key == NULL)
        return;
    for (size_t i = 0; (e = vault_at(r->place.vault, i)) != NULL; i++)
        if (e->order[0] != '\0' && is_owed(e, e->order))
            (void)find(r, e->order);
    for (x = TAILQ_FIRST(&r->receipts); x != NULL; x = following) {
        following = TAILQ_NEXT(x, next);
        if (!x->sent && x->again_us <= now_us)
            send(x);
    }
}

static void copy(char *out, const char *word, const char *otherwise)
{
    (void)snprintf(out, LIMIT_WORD + 1, "%s", word != NULL && word[0] != '\0' ? word : otherwise);
}

void vault_receipt_owed(struct vault_run *r, const Fedgate__V1__Message *order, uint64_t seq)
{
    const Fedgate__V1__Header *h = order->header;
    struct receipt_sent *x = find(r, order->destruction_order->order_id);
    x->seq = seq;
    x->has_seq = true;
    if (h != NULL) {
        copy(x->service, h->service, SERVICE);
        copy(x->purpose, h->purpose, PURPOSE);
        copy(x->basis, h->basis == NULL ? NULL : h->basis->code, BASIS);
    }
    if (r->receipt_key == NULL)
        acknowledge(x); /* it is carried out; its receipt stays owed, and status says so */
    else
        vault_receipts(r);
}
