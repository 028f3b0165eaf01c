/* Deliveries as JSON. */
#include "cli/agent/message.h"

#include "base/limits.h"
#include "json/json.h"
#include "message/json.h"
#include "message/message.h"
#include "message/times.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { DELIVERY_MAX = LIMIT_MESSAGE + LIMIT_REQUEST };

static void *unpack(struct arena *a, const struct ProtobufCMessageDescriptor *type,
                    struct fedgate_bytes b)
{
    struct ProtobufCMessage *m;
    struct finding why;
    return message_unpack(a, type, bytes_of(b.p, b.n), DELIVERY_MAX, &m, &why) == RESULT_OK ? m
                                                                                            : NULL;
}

/* What the obligations say is earlier or less holds in the document too. */
static void narrow(const Fedgate__V1__Obligations *must, Fedgate__V1__Header *h)
{
    if (must == NULL)
        return;
    h->retransmission_allowed = h->retransmission_allowed && must->retransmission_allowed;
    if (must->destroy_by != NULL &&
        (h->destroy_by == NULL || time_us(must->destroy_by) < time_us(h->destroy_by)))
        h->destroy_by = must->destroy_by;
}

/* Nobody may add anything to what is signed: its header stands beside it. */
static bool put_original(const struct format *f, struct arena *a, const Fedgate__V1__Message *m,
                         struct buf *out)
{
    const struct bytes original = format_original(f, m);
    if (original.n == 0 || format_original_wrong(a, m) != NULL)
        return false;
    json_put_member_text(out, "document", original);
    json_put_key(out, "header");
    return message_to_json(&m->header->base, 0, out) == RESULT_OK;
}

/* "document":..., "notCarried":[...]; or "refused", and false. */
static bool put_written(const struct format *f, struct arena *a, const Fedgate__V1__Message *m,
                        struct buf *out)
{
    struct buf document = BUF_INIT(DELIVERY_MAX);
    struct format_report report;
    bool written = format_write(f, a, m, &document, &report) == RESULT_OK;
    json_put_member_text(out, written ? "document" : "refused",
                         written ? buf_view(&document) : bytes_of_text(report.why));
    if (written)
        agent_put_losses(out, &report);
    buf_free(&document);
    return written;
}

/* "format", and the document with what belongs to it; or why there is none, and false. */
static bool put_document(const struct format *f, const Fedgate__V1__Obligations *must,
                         Fedgate__V1__Message *m, struct buf *out)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    Fedgate__V1__Header *header = m->header, narrowed = FEDGATE__V1__HEADER__INIT;
    if (header != NULL)
        narrowed = *header;
    json_put_member_text(out, "format", bytes_of_text(format_name(f)));
    m->header = &narrowed;
    narrow(must, &narrowed);
    bool put = put_original(f, a, m, out) || put_written(f, a, m, out);
    m->header = header;
    arena_free(a);
    return put;
}

/* {"message":{...},"saved":"...", and the rest of the Delivery. */
static bool put_both(const struct fedgate_delivery *d, Fedgate__V1__Delivery *outer,
                     Fedgate__V1__Message *inner, const struct agent_saving *saving,
                     struct buf *out)
{
    struct buf rest = BUF_INIT(DELIVERY_MAX), path = BUF_INIT(4096);
    bool readable = true,
         saved = saving->folder < 0 ||
                 agent_save_photo(saving->folder, saving->name, inner, d->record.index, &path);
    outer->message.len = 0;
    buf_u8(out, '{');
    if (saving->format == NULL || !put_document(saving->format, outer->must, inner, out)) {
        json_put_key(out, "message");
        readable = message_to_json(&inner->base, 0, out) == RESULT_OK;
    }
    readable = readable && message_to_json(&outer->base, 0, &rest) == RESULT_OK;
    if (path.n > 0)
        json_put_member_text(out, "saved", buf_view(&path));
    if (readable && rest.n > 2) { /* more than {} */
        buf_u8(out, ',');
        buf_put(out, rest.p + 1, rest.n - 1);
    } else {
        buf_u8(out, '}');
    }
    if (!readable) {
        cli_error("a delivery holds a time that JSON cannot express");
        saved = false;
    }
    buf_free(&rest);
    buf_free(&path);
    return saved;
}

bool agent_put_delivery(const struct fedgate_delivery *d, const struct agent_saving *saving,
                        struct buf *out)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    bool done = true;
    Fedgate__V1__Delivery *outer = unpack(a, &fedgate__v1__delivery__descriptor, d->encoded);
    Fedgate__V1__Message *inner = unpack(a, &fedgate__v1__message__descriptor, d->message);
    if (outer != NULL && inner != NULL)
        done = put_both(d, outer, inner, saving, out);
    else if (outer != NULL)
        done = message_to_json(&outer->base, 0, out) == RESULT_OK;
    arena_free(a);
    return done;
}
