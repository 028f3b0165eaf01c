/*
 * A whole connection, the server's or a client's: HTTP/2, the fields of requests and answers, gRPC,
 * queues and windows. TLS is left out: what is defined here takes the place of net/tls_session.c,
 * and passes bytes as they are.
 *
 * The input: flags, the size of the pieces in which it comes and whether the server takes plain
 * HTTP, then what the peer sends, a client behind its magic. Whatever that is, every call that
 * began ends once, the connection ends, and what the peer gets is HTTP/2.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/connection.h"
#include "net/grpc_call.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    NO_MAGIC = 1,
    SLOW = 2,
    DEAF = 4,
    DROP = 8,
    CLIENT = 16,
    ALERT = 32,
    GARBLE = 64,
    DENY = 128
};                   /* the flags */
enum { HTTP = 128 }; /* in the second byte, beside the size of pieces */
enum { INPUT_MAX = 64 << 10, ANSWER_MAX = 8 << 20, PIECE_UNIT = 16, BODY_MOST = 1000 };

/* ---- instead of TLS */

struct tls_session {
    struct bytes in;
    struct buf out;
};

/* What a peer's records end in: nothing yet, its alert, or one that is none. */
static enum result records_end;

struct tls_session *tls_session_new(struct tls_context *context)
{
    struct tls_session *s = mem_new(sizeof *s);
    (void)context;
    buf_init(&s->out, ANSWER_MAX);
    return s;
}

void tls_session_free(struct tls_session *s)
{
    if (s != NULL)
        buf_free(&s->out);
    mem_free(s);
}

void tls_session_feed(struct tls_session *s, struct bytes ciphertext)
{
    s->in = ciphertext;
}

void tls_session_keep(struct tls_session *s)
{
    (void)s; /* no connection moves to another loop here */
}

enum result tls_session_handshake(struct tls_session *s)
{
    (void)s;
    return RESULT_OK;
}

enum result tls_session_read(struct tls_session *s, uint8_t *out, size_t room, size_t *n)
{
    *n = s->in.n < room ? s->in.n : room;
    if (*n == 0)
        return records_end;
    memcpy(out, s->in.p, *n);
    s->in = bytes_of(s->in.p + *n, s->in.n - *n);
    return RESULT_OK;
}

enum result tls_session_write(struct tls_session *s, struct bytes plain)
{
    buf_put(&s->out, plain.p, plain.n);
    return RESULT_OK;
}

void tls_session_deny(struct tls_session *s, const char *why)
{
    (void)s;
    (void)why;
}

void tls_session_close(struct tls_session *s)
{
    (void)s;
}

struct bytes tls_session_outgoing(const struct tls_session *s)
{
    return buf_view(&s->out);
}

void tls_session_sent(struct tls_session *s, size_t n)
{
    buf_drop(&s->out, n);
}

void tls_session_tick(struct tls_session *s, int64_t now_us)
{
    (void)s;
    (void)now_us;
}

const char *tls_session_why(const struct tls_session *s)
{
    (void)s;
    return "";
}

void tls_session_peer(const struct tls_session *s, struct tls_peer *out)
{
    (void)s;
    (void)out;
}

/* ---- the application */

struct world {
    uint8_t flags;
    bool http;
    int64_t now_us;
    struct loop *loop;
    struct grpc_connection *connection; /* NULL when it is gone */
    int fd;                             /* the peer's */
    struct buf answer;
    unsigned begun, closed, ended;
    struct grpc_call *held;
};

static int64_t now(void *arg)
{
    return ((struct world *)arg)->now_us;
}

struct served {
    struct world *world;
    struct grpc_call *call;
};

static void *open_call(void *session, struct grpc_call *call)
{
    struct served *s = mem_new(sizeof *s);
    *s = (struct served){session, call};
    s->world->begun++;
    grpc_call_set_mark(call, 1024);
    return s;
}

static void *open_refused(void *session, struct grpc_call *call)
{
    (void)session;
    grpc_call_finish(call, GRPC_PERMISSION_DENIED, "not you: 100 %");
    return NULL;
}

static enum result echo(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    enum result r = grpc_call_send(s->call, bytes_of_text("echo:"), owner, message);
    HOLDS(r == RESULT_OK || r == RESULT_CLOSED);
    return message.n > 0 && message.p[0] == '!' ? RESULT_MALFORMED : RESULT_OK;
}

static enum result hold(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    (void)owner;
    (void)message;
    s->world->held = s->call;
    return RESULT_AGAIN;
}

static void half_closed(void *arg)
{
    struct served *s = arg;
    grpc_call_finish(s->call, GRPC_OK, NULL);
}

static void closed(void *arg, enum grpc_status status, const char *text)
{
    struct served *s = arg;
    HOLDS(status <= GRPC_UNAUTHENTICATED && text != NULL);
    if (s->world->held == s->call)
        s->world->held = NULL;
    s->world->closed++;
    mem_free(s);
}

static const struct grpc_call_events echoes = {
    .message = echo, .half_closed = half_closed, .closed = closed};
static const struct grpc_call_events holds = {
    .message = hold, .half_closed = half_closed, .closed = closed};
static const struct grpc_method methods[] = {{"/f.F/Echo", 4096, &echoes, open_call},
                                             {"/f.F/Hold", 4096, &holds, open_call},
                                             {"/f.F/Refuse", 4096, &echoes, open_refused}};

/* A plain GET is answered with its own path. */
static void *get(void *session, struct grpc_call *call, const char *path)
{
    void *s = open_call(session, call);
    grpc_call_answer(call, 200, "text/plain", "", bytes_of_text(path));
    return s;
}

static const struct grpc_call_events gets = {.closed = closed};
static const struct grpc_server_config config = {
    .method = methods, .methods = ARRAY_LEN(methods), .get = get, .get_events = &gets};

/* ---- an application for plain HTTP: a body is answered with itself, and the cookie with a field
 */

static void check_request(const struct http_request *r)
{
    const char *const kept[] = {r->path, r->authority, r->cookie,  r->origin,
                                r->site, r->type,      r->language};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        HOLDS(strlen(kept[i]) <= LIMIT_HTTP_FIELD);
    HOLDS(strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0 ||
          strcmp(r->method, "POST") == 0);
    HOLDS(r->length <= BODY_MOST && (r->has_length || r->length == 0));
}

static void *request(void *session, struct grpc_call *call, const struct http_request *r)
{
    const struct http_field cookie = {"x-cookie", r->cookie};
    const struct http_head h = {
        .status = 200, .type = r->type, .field = &cookie, .fields = r->cookie[0] != '\0'};
    check_request(r);
    if (strcmp(r->path, "/nothing") == 0)
        return NULL;
    void *s = open_call(session, call);
    if (strcmp(r->path, "/answer") == 0)
        grpc_call_answer(call, 200, r->type, "no-store", bytes_of_text(r->path));
    else if (strcmp(r->path, "/later") != 0)
        grpc_call_answer_begin(call, &h);
    return s;
}

static enum result take_piece(void *arg, struct shared *owner, struct bytes piece)
{
    struct served *s = arg;
    HOLDS(owner == NULL && piece.n > 0 && piece.n <= BODY_MOST);
    enum result r = grpc_call_answer_put(s->call, piece);
    HOLDS(r == RESULT_OK || r == RESULT_CLOSED || r == RESULT_STATE);
    if (piece.p[0] == '?') {
        s->world->held = s->call;
        return RESULT_AGAIN;
    }
    return piece.p[0] == '!' ? RESULT_MALFORMED : RESULT_OK;
}

static void body_is_whole(void *arg)
{
    struct served *s = arg;
    grpc_call_answer_end(s->call);
    grpc_call_finish(s->call, (enum grpc_status)(s->world->begun % 17), ""); /* or it has begun */
}

static const struct grpc_call_events requests = {
    .message = take_piece, .half_closed = body_is_whole, .closed = closed};
static const struct grpc_server_config http_config = {.method = methods,
                                                      .methods = ARRAY_LEN(methods),
                                                      .request = request,
                                                      .request_events = &requests,
                                                      .request_largest = BODY_MOST};

/* ---- an application that calls */

static enum result answered(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    (void)owner;
    HOLDS(message.n <= 4096);
    if (message.n > 0 && message.p[0] == '?') { /* and goes on: it says more, then waits */
        s->world->held = s->call;
        return RESULT_AGAIN;
    }
    return message.n > 0 && message.p[0] == '!' ? RESULT_MALFORMED : RESULT_OK;
}

static const struct grpc_call_events answers = {.message = answered, .closed = closed};

/* One call that has said everything, and one that goes on. */
static void call_twice(struct world *w)
{
    for (unsigned i = 0; i < 2; i++) {
        struct served *s = mem_new(sizeof *s);
        *s = (struct served){
            w, grpc_answer_call(w->connection, "g:1", "/f.F/Echo", 4096, &answers, s)};
        HOLDS(s->call != NULL);
        w->begun++;
        HOLDS(grpc_call_send(s->call, bytes_of_text("hello"), NULL, bytes_of(NULL, 0)) ==
              RESULT_OK);
        if (i == 0)
            grpc_call_half_close(s->call);
    }
}

/* ---- what server and channel do for their connections */

static enum result established(struct grpc_connection *c)
{
    struct world *w = c->owner;
    c->session = w;
    return (w->flags & DENY) != 0 ? RESULT_DENIED : RESULT_OK;
}

static void fields_done(struct grpc_call *call, bool last)
{
    const struct world *w = call->connection->owner;
    (void)last;
    grpc_request_done(call, w->http ? &http_config : &config);
}

static void ended(struct grpc_connection *c, const char *why)
{
    struct world *w = c->owner;
    HOLDS(bytes_is_text(bytes_of_text(why)) && w->begun == w->closed);
    w->ended++;
}

static void gone(struct grpc_connection *c)
{
    ((struct world *)c->owner)->connection = NULL;
}

static void refused(struct grpc_connection *c, const char *why)
{
    (void)c;
    (void)why;
}

static const struct connection_role role = {.server = true,
                                            .established = established,
                                            .refused = refused,
                                            .field = grpc_request_field,
                                            .fields_done = fields_done,
                                            .ended = ended,
                                            .gone = gone};

static void answer_fields_done(struct grpc_call *call, bool last)
{
    (void)last;
    grpc_answer_done(call);
}

static const struct connection_role client_role = {.established = established,
                                                   .refused = refused,
                                                   .field = grpc_answer_field,
                                                   .fields_done = answer_fields_done,
                                                   .ended = ended,
                                                   .gone = gone};

/* ---- the peer */

static void hear(struct world *w)
{
    uint8_t piece[16384];
    ssize_t n;
    while ((n = recv(w->fd, piece, sizeof piece, MSG_DONTWAIT)) > 0)
        buf_put(&w->answer, piece, (size_t)n);
}

static void turn(struct world *w, bool deaf)
{
    loop_turn(w->loop, 0);
    if (w->held != NULL)
        grpc_call_resume(w->held);
    loop_turn(w->loop, 0);
    if (!deaf)
        hear(w);
}

static void say(struct world *w, struct bytes piece)
{
    while (piece.n > 0 && w->connection != NULL) {
        ssize_t n = send(w->fd, piece.p, piece.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            return; /* the server reads no more of it */
        piece = bytes_of(piece.p + n, piece.n - (size_t)n);
        turn(w, (w->flags & DEAF) != 0);
    }
}

/* Begins what the input goes to. */
static void begin(struct world *w, int fd)
{
    bool client = (w->flags & CLIENT) != 0;
    records_end = (w->flags & ALERT) != 0    ? RESULT_CLOSED
                  : (w->flags & GARBLE) != 0 ? RESULT_DENIED
                                             : RESULT_AGAIN;
    w->connection = connection_new(client ? &client_role : &role, w, w->loop, NULL, NULL);
    w->connection->takes_http = w->http;
    if (client) { /* calls may begin before the handshake */
        http2_open(w->connection);
        call_twice(w);
    }
    connection_attach(w->connection, fd, "192.0.2.1");
    turn(w, false);
    if ((w->flags & (NO_MAGIC | CLIENT)) == 0)
        say(w, bytes_of_text(NGHTTP2_CLIENT_MAGIC));
}

/* Second by second, as server and channel call it. */
static void tick(struct world *w)
{
    w->now_us += US_PER_S;
    if (w->connection != NULL)
        connection_tick(w->connection, w->now_us);
    turn(w, false);
}

static void end(struct world *w)
{
    if ((w->flags & DROP) != 0)
        HOLDS(close(w->fd) == 0);
    else
        HOLDS(shutdown(w->fd, SHUT_WR) == 0);
    for (int64_t s = 0; s < (LIMIT_STALL + LIMIT_LINGER) / US_PER_S + 2; s++)
        tick(w);
    HOLDS(w->connection == NULL && w->ended == 1 && w->begun == w->closed && w->held == NULL);
    if ((w->flags & DROP) == 0)
        HOLDS(close(w->fd) == 0);
}

/* Frames that a peer may get (RFC 9113, 4.1): whole but for the last. */
static void is_http2(struct bytes said)
{
    const size_t magic = bytes_begins(said, NGHTTP2_CLIENT_MAGIC) ? NGHTTP2_CLIENT_MAGIC_LEN : 0;
    struct cursor c = cursor_over(bytes_of(said.p + magic, said.n - magic));
    uint8_t high, type, flags;
    uint16_t low;
    uint32_t stream;
    struct bytes payload;
    for (bool first = true; c.left > 0; first = false) {
        if (cursor_u8(&c, &high) != RESULT_OK || cursor_u16(&c, &low) != RESULT_OK ||
            cursor_u8(&c, &type) != RESULT_OK || cursor_u8(&c, &flags) != RESULT_OK ||
            cursor_u32(&c, &stream) != RESULT_OK)
            return;
        HOLDS((high == 0 && low <= 16384) && type <= NGHTTP2_CONTINUATION);
        HOLDS(!first || type == NGHTTP2_SETTINGS);
        if (cursor_take(&c, low, &payload) != RESULT_OK)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    struct world w = {.now_us = FUZZ_NOW_US, .answer = BUF_INIT(ANSWER_MAX)};
    const struct clock clock = {now, now, &w};
    int pair[2];
    w.flags = fuzz_byte(&in);
    const uint8_t pieces = fuzz_byte(&in);
    w.http = (pieces & HTTP) != 0;
    size_t most = (size_t)(pieces & ~HTTP) * PIECE_UNIT;
    if (in.left > INPUT_MAX)
        return 0;
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    w.fd = pair[1];
    w.loop = loop_new_with_clock(&clock);
    begin(&w, pair[0]);
    while (in.left > 0 && w.connection != NULL) {
        struct bytes piece = bytes_of(in.at, most == 0 || in.left < most ? in.left : most);
        HOLDS(cursor_take(&in, piece.n, &piece) == RESULT_OK);
        say(&w, piece);
        if ((w.flags & SLOW) != 0)
            tick(&w);
        HOLDS(w.connection == NULL || w.connection->open_calls <= LIMIT_CALLS);
    }
    end(&w);
    is_http2(buf_view(&w.answer));
    loop_free(w.loop);
    buf_free(&w.answer);
    return 0;
}
