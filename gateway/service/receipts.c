/* Receipts, encoded. The clause carries its file and line, so that its reader can open the policy
 * set there. */
#include "base/mem.h"
#include "message/reason.h"
#include "service/parts.h"
#include "service/state.h"

static Fedgate__V1__RecipientVerdict *recipient(struct arena *a, const struct road_recipient *r)
{
    Fedgate__V1__RecipientVerdict *v = arena_take(a, sizeof *v);
    if (v == NULL)
        return NULL;
    fedgate__v1__recipient_verdict__init(v);
    v->to = parts_text(a, r->unit);
    v->reason = (Fedgate__V1__Reason)reason_of_word(r->reason);
    v->clause = parts_text(a, r->clause);
    v->failed = parts_text(a, r->failed);
    v->n_flag = parts_flags(a, r->flags, &v->flag);
    return v;
}

/* What the sender should do about it: the most hopeful of what its recipients' reasons allow. */
static void set_retry(Fedgate__V1__Receipt *out, Google__Protobuf__Duration *after)
{
    for (size_t i = 0; i < out->n_recipient; i++) {
        const struct reason_row *row = reason_row((enum reason)out->recipient[i]->reason);
        if (row == NULL || policy_permits(row->reason))
            continue;
        Fedgate__V1__Retry retry =
            row->retry == REASON_RETRY_SAME_ID ? FEDGATE__V1__RETRY__RETRY_SAME_ID
            : row->retry == REASON_RETRY_LATER ? FEDGATE__V1__RETRY__RETRY_LATER
                                               : FEDGATE__V1__RETRY__RETRY_NEVER;
        if (retry > out->retry)
            out->retry = retry;
        if (row->reason == REASON_RATE_EXCEEDED) {
            after->seconds = 1;
            out->retry_after = after;
        }
    }
}

enum result receipt_put(struct edge *e, const struct receipt *r, struct buf *out)
{
    struct arena *a = e->arena2;
    Fedgate__V1__Receipt receipt = FEDGATE__V1__RECEIPT__INIT;
    Google__Protobuf__Duration after = GOOGLE__PROTOBUF__DURATION__INIT;
    uint8_t salt[SEAL_SALT], digest[SHA256_BYTES];
    arena_reset(a);
    receipt.id = parts_text(a, r->id);
    receipt.verdict = (Fedgate__V1__Verdict)r->verdict;
    receipt.status = (Fedgate__V1__Status)r->status;
    receipt.recipient = arena_take(a, (r->recipients + 1) * sizeof *receipt.recipient);
    for (size_t i = 0; receipt.recipient != NULL && i < r->recipients; i++)
        if (!r->recipient[i].reserve && /* it may never get the message */
            (receipt.recipient[receipt.n_recipient] = recipient(a, &r->recipient[i])) != NULL)
            receipt.n_recipient++;
    if (r->has_salt) {
        memcpy(salt, r->salt, sizeof salt);
        memcpy(digest, r->digest, sizeof digest);
        receipt.commitment_salt = (ProtobufCBinaryData){sizeof salt, salt};
        receipt.committed_sha256 = (ProtobufCBinaryData){sizeof digest, digest};
    }
    receipt.repeated = r->repeated;
    set_retry(&receipt, &after);
    enum result packed = message_pack(&receipt.base, out);
    mem_wipe(salt, sizeof salt);
    return packed;
}

enum result receipt_put_record(const char *origin, uint64_t index, struct buf *out)
{
    Fedgate__V1__Receipt receipt = FEDGATE__V1__RECEIPT__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    record.origin = (char *)(uintptr_t)origin;
    record.index = index;
    receipt.record = &record;
    return message_pack(&receipt.base, out);
}
