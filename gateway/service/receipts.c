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

static Fedgate__V1__Quota *quota(struct arena *a, const struct quota *q)
{
    Fedgate__V1__Quota *out = arena_take(a, sizeof *out);
    Google__Protobuf__Timestamp *renewed = arena_take(a, sizeof *renewed);
    if (out == NULL || renewed == NULL)
        return NULL;
    fedgate__v1__quota__init(out);
    parts_time(renewed, q->renewed_us);
    out->clause = parts_text(a, bytes_of_text(q->clause));
    out->limit = parts_text(a, bytes_of_text(q->limit));
    out->most = q->most;
    out->left = q->left;
    out->renewed_at = renewed;
    return out;
}

static void set_quotas(struct arena *a, const struct receipt *r, Fedgate__V1__Receipt *out)
{
    out->quota = arena_take(a, (r->quotas + 1) * sizeof *out->quota);
    for (size_t i = 0; out->quota != NULL && i < r->quotas; i++)
        if ((out->quota[out->n_quota] = quota(a, &r->quota[i])) != NULL)
            out->n_quota++;
}

/* A limit is whole again when its second is over. A test may ask to be refused for one that its
 * clause does not have, and waits a second. */
static void set_retry_after(const struct receipt *r, enum reason reason, Fedgate__V1__Receipt *out,
                            Google__Protobuf__Duration *after)
{
    const bool counted = reason == REASON_QUOTA_EXCEEDED && r->quotas > 0;
    if (r->repeated || !(counted || reason == REASON_RATE_EXCEEDED))
        return;
    parts_duration(after, r->quotas > 0 ? r->quota[0].renewed_us - r->now_us : US_PER_S);
    out->retry_after = after;
}

/* What the sender should do about it: the most hopeful of what its recipients' reasons allow. What
 * some recipient got, or may get, is remembered: under the same id the others never would. */
static void set_retry(const struct receipt *r, Fedgate__V1__Receipt *out,
                      Google__Protobuf__Duration *after)
{
    for (size_t i = 0; i < out->n_recipient; i++) {
        const struct reason_row *row = reason_row((enum reason)out->recipient[i]->reason);
        if (row == NULL || policy_permits(row->reason))
            continue;
        const bool same_id = row->retry == REASON_RETRY_SAME_ID && r->verdict == ROAD_REFUSED;
        Fedgate__V1__Retry retry = same_id ? FEDGATE__V1__RETRY__RETRY_SAME_ID
                                   : row->retry == REASON_RETRY_NEVER
                                       ? FEDGATE__V1__RETRY__RETRY_NEVER
                                       : FEDGATE__V1__RETRY__RETRY_LATER;
        if (retry > out->retry)
            out->retry = retry;
        set_retry_after(r, row->reason, out, after);
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
    set_quotas(a, r, &receipt);
    set_retry(r, &receipt, &after);
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
