/*
 * The audit log over the wire: TransparencyService, and the paths of C2SP tlog-tiles by plain GET,
 * for witnesses that have nothing but curl and their certificate.
 */
#include "service/calls_log.h"

#include "base/limits.h"
#include "base/mem.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* A method: its request, the question that is made of it, and its answer. */
struct question {
    const ProtobufCMessageDescriptor *request;
    /* NULL, or why it is none (static). */
    const char *(*ask)(const struct session *s, const ProtobufCMessage *m, struct log_ask *out);
    enum result (*pack)(struct bytes text, struct bytes entry, struct buf *out);
};

struct log_call {
    struct server_call *call;
    struct session *session;
    const struct question *question; /* NULL: a GET */
    const char *type, *caching;      /* of a GET's answer */
    struct log_reader *reader;
    bool asked, over;
};

/* ---------------------------------------------------------------- answers */

/* HTTP's word for it. */
static unsigned http_status(int grpc_status)
{
    switch (grpc_status) {
    case GRPC_NOT_FOUND:
    case GRPC_INVALID_ARGUMENT: return 404;
    case GRPC_PERMISSION_DENIED: return 403;
    default: return 503;
    }
}

static void refused(void *arg, int status, const char *why)
{
    struct log_call *c = arg;
    c->reader = NULL;
    if (c->over)
        return;
    c->over = true;
    if (c->question != NULL)
        server_call_finish(c->call, (enum grpc_status)status, why);
    else
        server_call_answer(c->call, http_status(status), "text/plain; charset=utf-8", "no-store",
                           bytes_of_text(why));
}

static void answered(void *arg, struct bytes text, struct bytes entry)
{
    struct log_call *c = arg;
    struct buf message = BUF_INIT(LOG_TEXT_MAX + 2 * LOG_ENTRY_MAX);
    c->reader = NULL;
    if (c->over)
        return;
    c->over = true;
    if (c->question == NULL) {
        server_call_answer(c->call, 200, c->type, c->caching, text);
    } else if (c->question->pack(text, entry, &message) != RESULT_OK) {
        server_call_finish(c->call, GRPC_INTERNAL, "the answer could not be packed");
    } else {
        (void)!server_call_send(c->call, buf_view(&message), NULL, bytes_of(NULL, 0));
        server_call_finish(c->call, GRPC_OK, "");
    }
    buf_free(&message);
}

static const struct log_reader_events reader_events = {answered, refused};

static enum result pack_checkpoint(struct bytes text, struct bytes entry, struct buf *out)
{
    Fedgate__V1__Checkpoint m = FEDGATE__V1__CHECKPOINT__INIT;
    char *note = mem_text(text.p, text.n);
    (void)entry;
    m.note = note;
    enum result r = message_pack(&m.base, out);
    mem_free(note);
    return r;
}

static enum result pack_proof(struct bytes text, struct bytes entry, struct buf *out)
{
    Fedgate__V1__Proof m = FEDGATE__V1__PROOF__INIT;
    char *proof = mem_text(text.p, text.n);
    m.tlog_proof = proof;
    m.entry = (ProtobufCBinaryData){entry.n, (uint8_t *)(uintptr_t)entry.p};
    enum result r = message_pack(&m.base, out);
    mem_free(proof);
    return r;
}

static enum result pack_tile(struct bytes text, struct bytes entry, struct buf *out)
{
    Fedgate__V1__Tile m = FEDGATE__V1__TILE__INIT;
    (void)entry;
    m.data = (ProtobufCBinaryData){text.n, (uint8_t *)(uintptr_t)text.p};
    return message_pack(&m.base, out);
}

/* ---------------------------------------------------------------- questions */

static const char *ask_checkpoint(const struct session *s, const ProtobufCMessage *m,
                                  struct log_ask *out)
{
    (void)s;
    (void)m;
    out->what = LOG_CHECKPOINT;
    return NULL;
}

static const char *ask_proof(const struct session *s, const ProtobufCMessage *m,
                             struct log_ask *out)
{
    const Fedgate__V1__GetProofRequest *r = (const void *)m;
    if (r->record == NULL)
        return "record is missing";
    if (strcmp(r->record->origin, session_origin(s)) != 0)
        return "record.origin is another log's";
    out->what = LOG_PROOF;
    out->index = r->record->index;
    return NULL;
}

static const char *ask_tile(const struct session *s, const ProtobufCMessage *m, struct log_ask *out)
{
    const Fedgate__V1__GetTileRequest *r = (const void *)m;
    (void)s;
    out->what = LOG_TILE;
    out->text = bytes_of_text(r->path);
    return NULL;
}

static const char *ask_cosignature(const struct session *s, const ProtobufCMessage *m,
                                   struct log_ask *out)
{
    const Fedgate__V1__AddCosignatureRequest *r = (const void *)m;
    (void)s;
    out->what = LOG_COSIGN;
    out->text = bytes_of_text(r->note);
    return NULL;
}

/* ---------------------------------------------------------------- calls */

static enum result log_message(void *arg, struct shared *owner, struct bytes message)
{
    struct log_call *c = arg;
    struct log_ask ask = {0};
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    struct ProtobufCMessage *m;
    struct finding finding;
    (void)owner;
    enum result r =
        c->question == NULL || c->asked
            ? RESULT_MALFORMED /* one request a call */
            : message_unpack(a, c->question->request, message, LIMIT_REQUEST, &m, &finding);
    if (r == RESULT_OK) {
        const char *why = c->question->ask(c->session, m, &ask);
        c->asked = true;
        if (why != NULL)
            refused(c, GRPC_INVALID_ARGUMENT, why);
        else
            c->reader = log_reader_open(c->session, &reader_events, c, &ask);
    }
    arena_free(a);
    return r;
}

static void log_half_closed(void *arg)
{
    struct log_call *c = arg;
    if (c->question != NULL && !c->asked)
        refused(c, GRPC_INVALID_ARGUMENT, "a request is missing");
}

static void log_closed(void *arg, enum grpc_status status, const char *text)
{
    struct log_call *c = arg;
    (void)status;
    (void)text;
    if (c->reader != NULL)
        log_reader_close(c->reader);
    mem_free(c);
}

const struct grpc_call_events log_call_events = {log_message, log_half_closed, NULL, log_closed,
                                                 NULL};

static struct log_call *new_call(void *session, struct server_call *call, const struct question *q)
{
    struct log_call *c = mem_new(sizeof *c);
    *c = (struct log_call){.call = call, .session = session, .question = q};
    return c;
}

void *log_checkpoint_open(void *session, struct server_call *call)
{
    static const struct question q = {&fedgate__v1__get_checkpoint_request__descriptor,
                                      ask_checkpoint, pack_checkpoint};
    return new_call(session, call, &q);
}

void *log_proof_open(void *session, struct server_call *call)
{
    static const struct question q = {&fedgate__v1__get_proof_request__descriptor, ask_proof,
                                      pack_proof};
    return new_call(session, call, &q);
}

void *log_tile_open(void *session, struct server_call *call)
{
    static const struct question q = {&fedgate__v1__get_tile_request__descriptor, ask_tile,
                                      pack_tile};
    return new_call(session, call, &q);
}

void *log_cosignature_open(void *session, struct server_call *call)
{
    static const struct question q = {&fedgate__v1__add_cosignature_request__descriptor,
                                      ask_cosignature, pack_checkpoint};
    return new_call(session, call, &q);
}

/* ---------------------------------------------------------------- GET */

void *calls_get(void *session, struct server_call *call, const char *path)
{
    struct log_call *c = new_call(session, call, NULL);
    struct log_ask ask = {.what = LOG_TILE, .text = bytes_of_text(path + (path[0] == '/'))};
    c->type = "application/octet-stream";
    c->caching = "private, max-age=31536000, immutable";
    if (strcmp(path, "/checkpoint") == 0) {
        ask = (struct log_ask){.what = LOG_CHECKPOINT};
        c->type = "text/plain; charset=utf-8";
        c->caching = "no-store";
    }
    c->reader = log_reader_open(session, &reader_events, c, &ask);
    return c;
}
