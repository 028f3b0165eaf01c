/* The Delivery that goes out: a message for one recipient, with its duties. */
#include "service/delivery.h"
#include "service/parts.h"

enum { FRAME_REST = 512 /* bytes that a Delivery has mostly beside its message, at most */ };

static void put_changes(const struct offer *x, Fedgate__V1__Obligations *must)
{
    must->changed_field = arena_take(x->e->arena2, (x->changes + 1) * sizeof(char *));
    for (size_t i = 0; must->changed_field != NULL && i < x->changes; i++) {
        char path[128];
        field_path_text(x->m.kind, &x->changed[i], path, sizeof path);
        must->changed_field[must->n_changed_field++] =
            parts_text(x->e->arena2, bytes_of_text(path));
    }
}

static void put_obligations(const struct offer *x, Fedgate__V1__Obligations *must)
{
    struct arena *a = x->e->arena2;
    parts_obligations(a, x->e->policy, x->decision.grant, &x->obligations, must);
    must->retransmission_allowed = offer_may_go_on(x);
    put_changes(x, must);
    if (x->d->attend_by_us != 0)
        parts_attend(a, x->d->attend_by_us, &x->obligations, must);
}

enum result offer_frame_put(const struct offer *x)
{
    Fedgate__V1__Delivery out = FEDGATE__V1__DELIVERY__INIT;
    Fedgate__V1__Obligations must = FEDGATE__V1__OBLIGATIONS__INIT;
    Google__Protobuf__Timestamp destroy_by;
    const struct buf *message = &x->e->drafts.message;
    arena_reset(x->e->arena2);
    parts_time(&destroy_by, x->d->deadline_us);
    if (!x->d->is_order) /* which is kept until it is taken over */
        must.destroy_by = &destroy_by;
    if (x->decision.grant != POLICY_NONE)
        put_obligations(x, &must);
    out.message = (ProtobufCBinaryData){message->n, message->p};
    out.must = &must;
    out.commitment_salt = (ProtobufCBinaryData){SEAL_SALT, (uint8_t *)(uintptr_t)x->salt};
    out.redelivery = x->d->redelivery;
    out.n_flag = parts_flags(x->e->arena2, x->d->flags, &out.flag);
    buf_clear(&x->o->frame);
    (void)buf_reserve(&x->o->frame, message->n + FRAME_REST);
    return message_pack(&out.base, &x->o->frame);
}

enum result offer_frame_put_record(const struct edge *e, struct outgoing *o, uint64_t index)
{
    Fedgate__V1__Delivery out = FEDGATE__V1__DELIVERY__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    record.origin = (char *)(uintptr_t)edge_origin(e);
    record.index = index;
    out.record = &record;
    out.seq = o->seq;
    return message_pack(&out.base, &o->frame);
}
