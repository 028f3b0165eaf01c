/* The given message, and what is made wrong of it: one thing each. */
#include "cli/agent/conform.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdlib.h>
#include <string.h>

#define FUTURE (US_PER_HOUR)

/* Words that no policy set has: they are not well-formed party or vocabulary words of anybody's. */
static char nothing[] = "no-such-word", nobody[] = "no-such-party/unit",
            no_basis[] = "xx/no/such-act";

/* Field 2047 of a Message, with the number 1: a tag of two bytes (protobuf, encoding). */
static const uint8_t unknown_field[] = {0xf8, 0x7f, 0x01};

static void change(enum conform_check check, Fedgate__V1__Message *m)
{
    Fedgate__V1__Header *h = m->header;
    switch (check) {
    case CONFORM_SOURCE: h->source = nobody; break;
    case CONFORM_SERVICE: h->service = nothing; break;
    case CONFORM_PURPOSE: h->purpose = nothing; break;
    case CONFORM_BASIS:
        if (h->basis != NULL)
            h->basis->code = no_basis;
        break;
    case CONFORM_ACTUAL: h->status = FEDGATE__V1__STATUS__STATUS_ACTUAL; break;
    case CONFORM_RECIPIENT: h->to[0] = nobody; break;
    case CONFORM_WISH: h->test_wish = FEDGATE__V1__REASON__REASON_RATE_EXCEEDED; break;
    case CONFORM_FUTURE: h->created_at->seconds += FUTURE / US_PER_S; break;
    case CONFORM_NO_BODY: m->body_case = FEDGATE__V1__MESSAGE__BODY__NOT_SET; break;
    default: break;
    }
}

/* Nothing but the first goes to anybody else than who took it: a real message to a test bench stays
 * with it. */
static bool rework(struct conform *c, enum conform_check check, struct buf *encoded)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *pb;
    struct finding found;
    char *to[] = {c->to};
    bool good = message_unpack(a, &fedgate__v1__message__descriptor, buf_view(encoded),
                               LIMIT_MESSAGE, &pb, &found) == RESULT_OK;
    if (good) {
        Fedgate__V1__Message *m = (void *)pb;
        struct buf out = BUF_INIT(FEDGATE_MESSAGE_MAX);
        m->header->to = to;
        m->header->n_to = 1;
        change(check, m);
        good = message_pack(&m->base, &out) == RESULT_OK;
        if (check == CONFORM_UNKNOWN_FIELD)
            buf_put(&out, unknown_field, sizeof unknown_field);
        buf_free(encoded);
        *encoded = out;
    } else {
        (void)snprintf(c->why, sizeof c->why, "%s", found.text);
    }
    arena_free(a);
    return good;
}

bool conform_change(struct conform *c, enum conform_check check, struct buf *out, char id[AGENT_ID])
{
    const char *as = check == CONFORM_REUSED_ID ? c->right_id : NULL;
    *out = BUF_INIT(FEDGATE_MESSAGE_MAX);
    return agent_encode_test(c->message, fedgate_client_unit(c->agent.client), as, out, id, c->why,
                             sizeof c->why) &&
           (check == CONFORM_RIGHT || rework(c, check, out));
}

/* ---------------------------------------------------------------- video */

/* A TEST stream, whatever the file says of that: created now, the header and the stream under new
 * ids. */
static bool pack_start(const struct conform *c, struct bytes wire, struct buf *out)
{
    const struct clock clock = clock_system();
    const int64_t now_us = clock_wall_us(&clock);
    const struct uuid id[] = {random_uuid(now_us), random_uuid(now_us)};
    char text[2][UUID_TEXT + 1];
    uuid_text(&id[0], text[0]);
    uuid_text(&id[1], text[1]);
    const struct agent_header test = {
        .id = text[0], .status = "test", .sent_time = {.given = true, .from_now = true}};
    struct arena *a = arena_new(LIMIT_ARENA), *header = arena_new(AGENT_HEADER_MAX);
    struct ProtobufCMessage *pb;
    struct finding found;
    bool good = message_unpack(a, &fedgate__v1__video_start__descriptor, wire, LIMIT_REQUEST, &pb,
                               &found) == RESULT_OK;
    if (good) {
        Fedgate__V1__VideoStart *v = (void *)pb;
        v->header = agent_header_make(header, &test, c->unit, now_us, v->header);
        v->stream_id = text[1];
        good = message_pack(&v->base, out) == RESULT_OK;
    }
    arena_free(header);
    arena_free(a);
    return good;
}

bool conform_video_start(struct conform *c, struct buf *out)
{
    struct buf json = BUF_INIT(LIMIT_REQUEST + 65536);
    struct fedgate_buffer wire = {0};
    bool good = cli_read_file(c->video_start, LIMIT_REQUEST, &json) &&
                fedgate_json_read("VideoStart", (const char *)json.p, json.n, &wire, c->why,
                                  sizeof c->why) == FEDGATE_OK &&
                pack_start(c, bytes_of(wire.p, wire.n), out);
    fedgate_buffer_free(&wire);
    buf_free(&json);
    return good;
}
