/*
 * What comes from the queue is sealed, and acknowledged once it is on disk. The gateway's half of
 * the key is asked for first: it is on record there that this vault has the item.
 */
#include "base/mem.h"
#include "base/limits.h"
#include "cli/agent/vault_run.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CONTENT_MAX = LIMIT_MESSAGE + LIMIT_REQUEST };

/* A delivery whose half is asked for. */
struct keeping {
    struct vault_run *run;
    uint64_t seq;
    struct vault_entry entry;
    struct buf content; /* the encoded Delivery */
    bool asked;         /* the gateway has not answered yet */
    TAILQ_ENTRY(keeping) next;
};

static void drop(struct keeping *k)
{
    TAILQ_REMOVE(&k->run->keepings, k, next);
    buf_free(&k->content); /* wiped */
    mem_free(k);
}

void vault_keep_drop_all(struct vault_run *r)
{
    struct keeping *k;
    while ((k = TAILQ_FIRST(&r->keepings)) != NULL)
        drop(k);
}

static void acknowledge(struct keeping *k, enum fedgate_refusal refusal)
{
    (void)fedgate_subscriber_ack(k->run->subscriber, k->seq, refusal);
    drop(k);
}

/* ---------------------------------------------------------------- storing */

static enum result store(struct keeping *k, const uint8_t *half)
{
    struct vault_writer *w;
    enum result r = vault_begin(k->run->place.vault, &k->entry, false, half, &w);
    if (r != RESULT_OK)
        return r;
    r = vault_write(w, buf_view(&k->content));
    enum result end = vault_finish(w);
    return r == RESULT_OK ? end : r;
}

/* One that a destruction came between is asked for again, in the next tick; one that there is no
 * room for, later. */
static void keep(struct keeping *k, const uint8_t *half)
{
    struct vault_run *run = k->run;
    enum result r = store(k, half);
    if (r == RESULT_STALE || vault_run_is_full(run, r))
        return;
    if (r != RESULT_OK && r != RESULT_EXISTS) {
        vault_run_failed(run, r);
        return;
    }
    if (r == RESULT_OK)
        vault_tell(run, "stored", k->entry.record, "kind", k->entry.kind);
    acknowledge(k, FEDGATE_TAKEN);
}

static void got_half(void *arg, const struct fedgate_half *half, const struct fedgate_end *end)
{
    struct keeping *k = arg;
    struct vault_run *run = k->run;
    k->asked = false;
    if (half == NULL && end->status == FEDGATE_UNAVAILABLE)
        return; /* later; or the delivery comes again, over another connection */
    enum result there = half == NULL ? RESULT_OK : vault_contact(run->place.vault);
    if (there != RESULT_OK && !vault_run_is_full(run, there)) {
        vault_run_failed(run, there);
        return;
    }
    if (half == NULL && end->status == FEDGATE_NOT_FOUND) {
        agent_error("the gateway does not know record %" PRIu64 ": it is left in the queue",
                    k->entry.record);
        drop(k);
    } else if (half == NULL) {
        agent_call_ended(&run->agent, end);
        vault_run_failed(run, RESULT_CLOSED);
    } else if (half->refused != 0) {
        vault_tell(run, "refused", k->entry.record, "reason", fedgate_reason_word(half->refused));
        acknowledge(k, FEDGATE_NO_PURPOSE);
    } else if (half->has_half || half->not_needed) {
        keep(k, half->has_half ? half->half : NULL);
    }
}

static const struct fedgate_half_events half_events = {got_half};

static void ask(struct keeping *k)
{
    const struct fedgate_record record = {vault_origin(k->run->place.vault), k->entry.record};
    k->asked = fedgate_half_to_store(k->run->agent.client, &record, &half_events, k) == FEDGATE_OK;
}

void vault_keep_again(struct vault_run *r)
{
    struct keeping *k, *following;
    for (k = TAILQ_FIRST(&r->keepings); k != NULL; k = following) {
        following = TAILQ_NEXT(k, next);
        if (!k->asked)
            ask(k);
    }
}

/* ---------------------------------------------------------------- deliveries */

static void copy_text(char *out, size_t room, const char *text)
{
    (void)snprintf(out, room, "%s", text);
}

void vault_entry_of(const struct fedgate_record *record, const struct fedgate_obligations *must,
                    const char *kind, const char *provider, int64_t now_us, struct vault_entry *out)
{
    *out = (struct vault_entry){.record = record->index,
                                .received_us = now_us,
                                .destroy_by_us = must->destroy_by_us,
                                .uses = must->uses,
                                .offline_us = must->offline_for_us,
                                .receipt_required = must->destruction_receipt_required};
    copy_text(out->kind, sizeof out->kind, kind);
    copy_text(out->provider, sizeof out->provider, provider);
    if (must->mou[0] != '\0')
        (void)snprintf(out->clause, sizeof out->clause, "%s#%s", must->mou, must->grant);
}

/* A message that this program cannot read is kept all the same. */
static void fill_entry(struct vault_run *r, const struct fedgate_delivery *d,
                       struct vault_entry *out)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    const char *kind = "unknown", *provider = "";
    if (message_unpack(a, &fedgate__v1__message__descriptor, bytes_of(d->message.p, d->message.n),
                       LIMIT_MESSAGE, &m, &why) == RESULT_OK) {
        const Fedgate__V1__Message *message = (const void *)m;
        const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
            &fedgate__v1__message__descriptor, message->body_case);
        kind = f == NULL ? kind : f->name;
        provider = message->header == NULL ? "" : message->header->source;
    }
    vault_entry_of(&d->record, &d->must, kind, provider, vault_now(r->place.vault), out);
    arena_free(a);
}

static struct keeping *find(struct vault_run *r, uint64_t record)
{
    struct keeping *k;
    TAILQ_FOREACH (k, &r->keepings, next)
        if (k->entry.record == record)
            return k;
    return NULL;
}

/* What was stored before, or destroyed, is not stored again: its acknowledgement was lost. What
 * there was no room for stands in the index until that is read again, and nowhere else. */
void vault_keep(struct vault_run *r, const struct fedgate_delivery *d)
{
    if (strcmp(d->record.origin, vault_origin(r->place.vault)) != 0) {
        agent_error("a delivery is on record in the log %s, and this vault is for %s",
                    d->record.origin, vault_origin(r->place.vault));
        vault_run_failed(r, RESULT_CLOSED);
        return;
    }
    struct keeping *k = find(r, d->record.index);
    if (k != NULL) {
        k->seq = d->seq; /* it came again, over another connection */
        return;
    }
    if (vault_get(r->place.vault, d->record.index) != NULL) {
        (void)fedgate_subscriber_ack(r->subscriber, d->seq, FEDGATE_TAKEN);
        return;
    }
    k = mem_new(sizeof *k);
    *k = (struct keeping){.run = r, .seq = d->seq, .content = BUF_INIT(CONTENT_MAX)};
    fill_entry(r, d, &k->entry);
    buf_put(&k->content, d->encoded.p, d->encoded.n);
    TAILQ_INSERT_TAIL(&r->keepings, k, next);
    if (r->full == 0)
        ask(k);
}
