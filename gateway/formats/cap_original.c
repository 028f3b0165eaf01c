/*
 * The signed original of a public notice: a notice of CAP 1.2 with a signature over its bytes,
 * which nobody may touch. So it has to say what the fields beside it say; a reader of either reads
 * the same. Whose signature it is, and whether it is good, is for those who know its signers.
 */
#include "formats/cap.h"

#include "message/message.h"

static bool is_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    struct buf x = BUF_INIT(8u << 20), y = BUF_INIT(8u << 20);
    bool same = message_pack(a, &x) == RESULT_OK && message_pack(b, &y) == RESULT_OK &&
                bytes_equal(buf_view(&x), buf_view(&y));
    buf_free(&x);
    buf_free(&y);
    return same;
}

bool cap_is_same_header(const Fedgate__V1__Header *ours, const Fedgate__V1__Header *original)
{
    Fedgate__V1__Header a = *ours, b = *original;
    if (*b.id == '\0')
        a.id = b.id;
    if (*b.source == '\0')
        a.source = b.source;
    a.actor = NULL;
    a.derived_from = a.in_reply_to = NULL;
    return is_same(&a.base, &b.base);
}

/* The same, where a header stands beside it on its own: what the original does not say of
 * recipients and terms is the header's to say. Who passes it on, and when, need not be who made it.
 */
static bool is_within_header(const Fedgate__V1__Header *ours, const Fedgate__V1__Header *original)
{
    Fedgate__V1__Header a = *ours;
    a.id = original->id;
    a.source = original->source;
    a.created_at = original->created_at;
    a.emergency = original->emergency;
    if (*original->service == '\0')
        a.service = original->service;
    if (*original->purpose == '\0')
        a.purpose = original->purpose;
    if (original->basis == NULL)
        a.basis = NULL;
    if (original->n_incident_id == 0)
        a.n_incident_id = 0;
    if (original->destroy_by == NULL)
        a.destroy_by = NULL;
    if (original->n_to == 0)
        a.n_to = 0;
    a.retransmission_allowed = original->retransmission_allowed;
    return cap_is_same_header(&a, original);
}

enum result cap_original_read(struct arena *a, const Fedgate__V1__Message *m,
                              Fedgate__V1__Message **original)
{
    struct format_report report;
    TRY(format_read(&format_cap, a, format_original(&format_cap, m), original, &report));
    return (*original)->body_case == m->body_case &&
                   is_same(&m->public_notice->base, &(*original)->public_notice->base)
               ? RESULT_OK
               : RESULT_MISMATCH;
}

struct bytes format_original(const struct format *f, const Fedgate__V1__Message *m)
{
    bool has = f == &format_cap && m->body_case == FEDGATE__V1__MESSAGE__BODY_PUBLIC_NOTICE;
    return has ? bytes_of(m->public_notice->signed_cap.data, m->public_notice->signed_cap.len)
               : bytes_of(NULL, 0);
}

const char *format_original_wrong(struct arena *a, const Fedgate__V1__Message *m)
{
    Fedgate__V1__Message *original;
    if (format_original(&format_cap, m).n == 0)
        return NULL;
    switch (cap_original_read(a, m, &original)) {
    case RESULT_OK: break;
    case RESULT_MISMATCH:
        return "public_notice.signed_cap: a signed original that says the same as the other fields";
    case RESULT_NO_MEMORY:
    case RESULT_TOO_LARGE: return "public_notice.signed_cap: a smaller original";
    default: return "public_notice.signed_cap: a notice of CAP 1.2";
    }
    return m->header != NULL && is_within_header(m->header, original->header)
               ? NULL
               : "public_notice.signed_cap: an original with the header's status, recipients and "
                 "terms";
}
