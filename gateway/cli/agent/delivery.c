/* Deliveries as JSON. */
#include "cli/agent/message.h"

#include "base/limits.h"
#include "json/json.h"
#include "message/json.h"
#include "message/message.h"

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

/* {"message":{...},"saved":"...", and the rest of the Delivery. */
static bool put_both(const struct fedgate_delivery *d, Fedgate__V1__Delivery *outer,
                     Fedgate__V1__Message *inner, const struct agent_saving *saving,
                     struct buf *out)
{
    struct buf rest = BUF_INIT(DELIVERY_MAX), path = BUF_INIT(4096);
    bool saved = saving->folder < 0 ||
                 agent_save_photo(saving->folder, saving->name, inner, d->record.index, &path);
    outer->message.len = 0;
    buf_text(out, "{\"message\":");
    bool readable = message_to_json(&inner->base, 0, out) == RESULT_OK &&
                    message_to_json(&outer->base, 0, &rest) == RESULT_OK;
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
