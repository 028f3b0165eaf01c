/* Messages from JSON, with what their headers may leave to the agent. */
#include "cli/agent_message.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>

static char *copy(struct arena *a, const char *text)
{
    return (char *)(uintptr_t)arena_copy(a, bytes_of(text, strlen(text) + 1)).p;
}

static Google__Protobuf__Timestamp *timestamp(struct arena *a, int64_t us)
{
    Google__Protobuf__Timestamp *t = arena_take(a, sizeof *t);
    if (t == NULL)
        return NULL;
    google__protobuf__timestamp__init(t);
    t->seconds = us / US_PER_S;
    t->nanos = (int32_t)(us % US_PER_S * 1000);
    return t;
}

Fedgate__V1__Header *agent_fill_header(struct arena *a, Fedgate__V1__Header *h, const char *unit,
                                       int64_t now_us)
{
    if (h == NULL) {
        h = arena_take(a, sizeof *h);
        if (h == NULL)
            return NULL;
        fedgate__v1__header__init(h);
    }
    if (h->id[0] == '\0') {
        char id[UUID_TEXT + 1];
        struct uuid u = random_uuid(now_us);
        uuid_text(&u, id);
        h->id = copy(a, id);
    }
    if (h->source[0] == '\0')
        h->source = copy(a, unit);
    if (h->created_at == NULL)
        h->created_at = timestamp(a, now_us);
    if (h->status == FEDGATE__V1__STATUS__STATUS_UNSPECIFIED)
        h->status = FEDGATE__V1__STATUS__STATUS_ACTUAL;
    return h->id == NULL || h->source == NULL || h->created_at == NULL ? NULL : h;
}

static bool fill(struct arena *a, struct bytes encoded, const char *unit, int64_t now_us,
                 struct buf *out, char *why, size_t n)
{
    struct ProtobufCMessage *pb;
    struct finding finding;
    if (message_unpack(a, &fedgate__v1__message__descriptor, encoded, LIMIT_MESSAGE, &pb,
                       &finding) != RESULT_OK) {
        (void)snprintf(why, n, "%s", finding.text);
        return false;
    }
    Fedgate__V1__Message *m = (void *)pb;
    m->header = agent_fill_header(a, m->header, unit, now_us);
    if (m->header != NULL && message_pack(&m->base, out) == RESULT_OK)
        return true;
    (void)snprintf(why, n, "an encoded message of at most %u bytes", LIMIT_MESSAGE);
    return false;
}

bool agent_encode(struct bytes json, const char *unit, int64_t now_us, struct buf *out, char *why,
                  size_t n)
{
    struct buf encoded = BUF_INIT(LIMIT_MESSAGE);
    struct arena *a = arena_new(LIMIT_ARENA);
    bool ok =
        message_from_json(&fedgate__v1__message__descriptor, json, &encoded, why, n) == RESULT_OK &&
        fill(a, buf_view(&encoded), unit, now_us, out, why, n);
    buf_free(&encoded);
    arena_free(a);
    return ok;
}
