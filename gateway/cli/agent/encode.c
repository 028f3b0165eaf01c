/* Messages from JSON. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/limits.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>

static bool finish(struct arena *a, const struct agent_addition *more, int64_t now_us,
                   Fedgate__V1__Message *m, struct buf *out, char *why, size_t n)
{
    Google__Protobuf__Timestamp taken = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    taken.seconds = more->taken_us / US_PER_S;
    if (more->photo.n > 0 && !agent_put_photo(m, more->photo, &taken)) {
        (void)snprintf(why, n, "--photo is for sceneImage, guardianAlert and dispatchRequest");
        return false;
    }
    m->header = agent_header_make(a, &more->header, more->unit, now_us, m->header);
    if (message_pack(&m->base, out) == RESULT_OK)
        return true;
    (void)snprintf(why, n, "an encoded message of at most %u bytes", LIMIT_MESSAGE);
    return false;
}

bool agent_encode(struct bytes json, const struct agent_addition *more, int64_t now_us,
                  struct buf *out, char id[AGENT_ID], char *why, size_t n)
{
    const ProtobufCMessageDescriptor *type = &fedgate__v1__message__descriptor;
    struct arena *a = arena_new(LIMIT_ARENA), *header = arena_new(AGENT_HEADER_MAX);
    struct buf encoded = BUF_INIT(LIMIT_MESSAGE);
    struct ProtobufCMessage *pb;
    struct finding found;
    bool ok = message_from_json(type, json, &encoded, why, n) == RESULT_OK;
    if (ok &&
        message_unpack(a, type, buf_view(&encoded), LIMIT_MESSAGE, &pb, &found) != RESULT_OK) {
        (void)snprintf(why, n, "%s", found.text);
        ok = false;
    }
    if (ok) {
        Fedgate__V1__Message *m = (void *)pb;
        ok = finish(header, more, now_us, m, out, why, n);
        (void)snprintf(id, AGENT_ID, "%s", m->header == NULL ? "" : m->header->id);
    }
    buf_free(&encoded);
    arena_free(header);
    arena_free(a);
    return ok;
}
