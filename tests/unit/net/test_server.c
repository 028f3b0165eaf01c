/* A server on several threads, over real sockets: what it tells the deciding thread, and what its
 * workers and its door do without it. Every test runs with one worker and with four. */
#include "net/server.h"

#include "base/limits.h"
#include "net/server_state.h"
#include "peers.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 3u << 20, SERVED = 1024, CLIENTS = 8 };

/* One call at the gateway. */
struct served {
    struct house *house;
    struct server_call *call;
    unsigned messages, writable, withdrawn;
    size_t bytes;
    char last[16];
    bool half_closed, closed;
    enum grpc_status status;
};

/* One unit's connection and its call. */
struct client {
    struct house *house;
    struct grpc_channel *channel;
    struct grpc_call *call;
    unsigned connected, lost, messages;
    size_t bytes;
    bool hold, closed;
    enum grpc_status status;
    char why[128], text[128];
};

struct house {
    struct peers *peers;
    struct loop *loop;
    struct log log;
    int listen_fd;
    uint16_t port;
    struct tls_context *gateway_tls, *unit_tls;
    struct server *server;
    unsigned sessions, ended, drained;
    const char *refuse, *cut;
    bool hold;
    struct served served[SERVED];
    size_t calls;
    struct client client[CLIENTS];
    char order[512]; /* 'b' and 'm': bulk and other messages as they came */
    size_t ordered;
    size_t withdrawn;
};

/* ---- the gateway's methods */

static void *served_open(void *session, struct server_call *call)
{
    struct house *h = session;
    assert_true(h->calls < SERVED);
    struct served *s = &h->served[h->calls++];
    *s = (struct served){.house = h, .call = call};
    server_call_set_mark(call, 100000);
    return s;
}

static void served_half_closed(void *arg)
{
    struct served *s = arg;
    s->half_closed = true;
    server_call_finish(s->call, GRPC_OK, NULL);
}

static void served_closed(void *arg, enum grpc_status status, const char *text)
{
    struct served *s = arg;
    (void)text;
    assert_false(s->closed);
    s->closed = true;
    s->call = NULL;
    s->status = status;
}

static void served_writable(void *arg)
{
    ((struct served *)arg)->writable++;
}

static void served_withdrawn(void *arg)
{
    ((struct served *)arg)->withdrawn++;
}

static void count(struct served *s, struct bytes message)
{
    s->messages++;
    s->bytes += message.n;
    size_t n = message.n < sizeof s->last - 1 ? message.n : sizeof s->last - 1;
    memcpy(s->last, message.p, n);
    s->last[n] = '\0';
}

static enum result echo_message(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    count(s, message);
    (void)!server_call_send(s->call, bytes_of_text("echo "), owner, message);
    return RESULT_OK;
}

static enum result hold_message(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    (void)owner;
    count(s, message);
    return s->house->hold ? RESULT_AGAIN : RESULT_OK;
}

static enum result bad_message(void *arg, struct shared *owner, struct bytes message)
{
    (void)arg;
    (void)owner;
    (void)message;
    return RESULT_MALFORMED;
}

static void note(struct house *h, char c)
{
    assert_true(h->ordered < sizeof h->order - 1);
    h->order[h->ordered++] = c;
}

static enum result bulk_message(void *arg, struct shared *owner, struct bytes message)
{
    (void)owner;
    count(arg, message);
    note(((struct served *)arg)->house, 'b');
    return RESULT_OK;
}

static enum result quick_message(void *arg, struct shared *owner, struct bytes message)
{
    (void)owner;
    count(arg, message);
    note(((struct served *)arg)->house, 'm');
    return RESULT_OK;
}

static void *refuse_open(void *session, struct server_call *call)
{
    (void)session;
    server_call_finish(call, GRPC_PERMISSION_DENIED, "not you");
    return NULL;
}

static void *nothing_open(void *session, struct server_call *call)
{
    (void)session;
    (void)call;
    return NULL;
}

#define EVENTS(message)                                                                            \
    {                                                                                              \
        message, served_half_closed, served_writable, served_closed, served_withdrawn              \
    }
static const struct grpc_call_events echo_events = EVENTS(echo_message),
                                     hold_events = EVENTS(hold_message),
                                     bad_events = EVENTS(bad_message),
                                     bulk_events = EVENTS(bulk_message),
                                     quick_events = EVENTS(quick_message);

static const struct server_method methods[] = {
    {"/t/Echo", LARGEST, &echo_events, served_open, false},
    {"/t/Hold", LARGEST, &hold_events, served_open, false},
    {"/t/Bad", LARGEST, &bad_events, served_open, false},
    {"/t/Bulk", LARGEST, &bulk_events, served_open, true},
    {"/t/Quick", LARGEST, &quick_events, served_open, false},
    {"/t/Refuse", LARGEST, &echo_events, refuse_open, false},
    {"/t/Nothing", LARGEST, &echo_events, nothing_open, false},
};

static void *house_accept(void *arg, const struct tls_peer *peer,
                          struct server_connection *connection, const char **why)
{
    struct house *h = arg;
    char uri[CERTIFICATE_URI_MAX + 1];
    assert_string_equal(peer->address, "127.0.0.1");
    assert_int_equal(certificate_uri(peer->certificate, uri), RESULT_OK);
    assert_ptr_equal(server_connection_peer(connection), peer);
    *why = h->refuse;
    if (h->refuse != NULL)
        return NULL;
    h->sessions++;
    if (h->cut != NULL)
        server_connection_close(connection, h->cut);
    return h;
}

static void house_ended(void *arg, void *session)
{
    struct house *h = arg;
    assert_ptr_equal(arg, session);
    h->ended++;
}

static void house_drained(void *arg)
{
    ((struct house *)arg)->drained++;
}

/* ---- the units' side */

static void client_connected(void *arg)
{
    ((struct client *)arg)->connected++;
}

static void client_lost(void *arg, const char *why)
{
    struct client *c = arg;
    c->lost++;
    strncpy(c->why, why, sizeof c->why - 1);
}

static enum result client_message(void *arg, struct shared *owner, struct bytes message)
{
    struct client *c = arg;
    (void)owner;
    c->messages++;
    c->bytes += message.n;
    return c->hold ? RESULT_AGAIN : RESULT_OK;
}

static void client_closed(void *arg, enum grpc_status status, const char *text)
{
    struct client *c = arg;
    assert_false(c->closed);
    c->closed = true;
    c->call = NULL;
    c->status = status;
    strncpy(c->text, text, sizeof c->text - 1);
}

static const struct grpc_call_events client_events = {client_message, NULL, NULL, client_closed,
                                                      NULL};

static int64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

/* Other threads have their part in it, so there is nothing but to wait, and a deadline that only a
 * failure reaches. */
#define UNTIL(h, condition)                                                                        \
    do {                                                                                           \
        for (int64_t end_ = now_us() + US_PER_MINUTE; !(condition) && now_us() < end_;)            \
            loop_turn((h)->loop, 20000);                                                           \
        assert_true(condition);                                                                    \
    } while (0)

static struct client *connect_client(struct house *h, size_t i)
{
    struct client *c = &h->client[i];
    *c = (struct client){.house = h};
    const struct grpc_channel_config config = {.loop = h->loop,
                                               .log = &h->log,
                                               .host = "127.0.0.1",
                                               .port = h->port,
                                               .arg = c,
                                               .connected = client_connected,
                                               .lost = client_lost};
    c->channel = grpc_channel_new(&config, h->unit_tls);
    return c;
}

static void call(struct client *c, const char *path)
{
    c->closed = false;
    c->messages = 0;
    c->call = grpc_channel_call(c->channel, path, LARGEST, &client_events, c);
    assert_non_null(c->call);
}

static void say(struct client *c, const char *text)
{
    assert_int_equal(grpc_call_send(c->call, bytes_of_text(text), NULL, bytes_of(NULL, 0)),
                     RESULT_OK);
}

static void say_much(struct client *c, size_t n)
{
    struct shared *s = shared_new(n);
    memset(shared_room(s), 'x', n);
    assert_int_equal(grpc_call_send(c->call, bytes_of(NULL, 0), s, shared_view(s)), RESULT_OK);
    shared_drop(s);
}

/* A client whose call at `path` the gateway knows. */
static struct client *caller(struct house *h, size_t i, const char *path)
{
    struct client *c = connect_client(h, i);
    size_t calls = h->calls;
    call(c, path);
    UNTIL(h, h->calls == calls + 1);
    return c;
}

/* ---- the house */

static int listen_anywhere(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static void open_server(struct house *h, unsigned workers)
{
    const struct server_config config = {.loop = h->loop,
                                         .log = &h->log,
                                         .listen_fd = h->listen_fd,
                                         .workers = workers,
                                         .method = methods,
                                         .methods = sizeof methods / sizeof methods[0],
                                         .arg = h,
                                         .accept = house_accept,
                                         .ended = house_ended,
                                         .most_connections = CLIENTS};
    h->server = server_new(&config, h->gateway_tls);
    assert_int_equal(server_start(h->server), RESULT_OK);
}

static int begin(void **state, unsigned workers)
{
    struct house *h = calloc(1, sizeof *h);
    *state = h;
    h->peers = peers_new();
    h->loop = loop_new();
    h->log = (struct log){"test", -1, LOG_NOTE, clock_system()};
    h->gateway_tls = gateway_context(h->peers);
    h->unit_tls = unit_context(h->peers, &h->peers->unit, "127.0.0.1");
    h->listen_fd = listen_anywhere(&h->port);
    open_server(h, workers);
    return 0;
}

static int one_worker(void **state)
{
    return begin(state, 1);
}

static int four_workers(void **state)
{
    return begin(state, 4);
}

static int end(void **state)
{
    struct house *h = *state;
    for (size_t i = 0; i < CLIENTS; i++)
        grpc_channel_free(h->client[i].channel);
    server_free(h->server);
    assert_int_equal(h->sessions, h->ended);
    for (size_t i = 0; i < h->calls; i++)
        assert_true(h->served[i].closed);
    loop_free(h->loop);
    tls_context_drop(h->gateway_tls);
    tls_context_drop(h->unit_tls);
    (void)close(h->listen_fd);
    peers_free(h->peers);
    free(h);
    return 0;
}

/* Waits until a thread has taken all mail to it. */
static void pass(struct outpost *p)
{
    sem_t passed;
    assert_int_equal(sem_init(&passed, 0, 0), 0);
    mail_post(p->server->room, p->inbox, MAIL_PASS, &passed, 0);
    mailbox_ring(p->inbox);
    if (p->at_home)
        (void)outpost_clear(p);
    assert_int_equal(sem_wait(&passed), 0);
    (void)sem_destroy(&passed);
}

/* ---- connections */

static void calls_are_answered_as_on_one_loop(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Echo");
    say(c, "one");
    UNTIL(h, c->messages == 1);
    assert_int_equal(c->bytes, strlen("echo one"));
    say_much(c, 2u << 20);
    UNTIL(h, c->messages == 2);
    grpc_call_half_close(c->call);
    UNTIL(h, c->closed && h->served[0].closed);
    assert_int_equal(c->status, GRPC_OK);
    assert_int_equal(h->served[0].status, GRPC_OK);
    assert_int_equal(h->served[0].bytes, 3 + (2u << 20));
    assert_int_equal(h->ended, 0);
    grpc_channel_free(c->channel);
    c->channel = NULL;
    UNTIL(h, h->ended == 1);
}

static void connections_are_spread_over_the_workers(void **state)
{
    struct house *h = *state;
    for (size_t i = 0; i < CLIENTS; i++)
        (void)caller(h, i, "/t/Echo");
    for (unsigned i = 0; i < h->server->workers; i++)
        assert_int_equal(h->server->worker[i].connections, CLIENTS / h->server->workers);
    for (size_t i = 0; i < CLIENTS; i++)
        say(&h->client[i], "hello");
    for (size_t i = 0; i < CLIENTS; i++)
        UNTIL(h, h->client[i].messages == 1);
}

static void more_connections_than_allowed_are_closed(void **state)
{
    struct house *h = *state;
    for (size_t i = 0; i < CLIENTS; i++)
        (void)caller(h, i, "/t/Echo");
    struct client extra = {.house = h};
    const struct grpc_channel_config config = {.loop = h->loop,
                                               .log = &h->log,
                                               .host = "127.0.0.1",
                                               .port = h->port,
                                               .arg = &extra,
                                               .connected = client_connected,
                                               .lost = client_lost};
    extra.channel = grpc_channel_new(&config, h->unit_tls);
    UNTIL(h, extra.lost == 1);
    assert_int_equal(h->sessions, CLIENTS);
    grpc_channel_free(extra.channel);
}

static void whom_the_deciding_thread_refuses_gets_the_alert(void **state)
{
    struct house *h = *state;
    h->refuse = "party is suspended";
    struct client *c = connect_client(h, 0);
    UNTIL(h, c->lost == 1);
    assert_string_equal(c->why, "tlsv1 alert access denied");
    h->refuse = NULL;
    (void)caller(h, 1, "/t/Echo");
}

static void whom_accept_closes_at_once_is_let_in_and_out_again(void **state)
{
    struct house *h = *state;
    h->cut = "party-suspended";
    struct client *c = connect_client(h, 0);
    UNTIL(h, c->lost == 1);
    assert_string_equal(c->why, "the peer ended the session"); /* no alert: it was open */
    UNTIL(h, h->ended == 1);
    h->cut = NULL;
    (void)caller(h, 1, "/t/Echo");
}

/* A unit whose certificate officers had revoked sent its call along with the end of the handshake:
 * the worker read it before it was told to close, and the message was decided and delivered. */
static void no_call_is_opened_for_whom_accept_closes_at_once(void **state)
{
    struct house *h = *state;
    h->cut = "certificate-revoked";
    for (unsigned i = 1; i <= 20; i++) {
        struct client *c = connect_client(h, 0);
        call(c, "/t/Echo");
        say(c, "x");
        UNTIL(h, c->lost == 1 && c->closed && h->ended == i);
        grpc_channel_free(c->channel);
        c->channel = NULL;
    }
    assert_int_equal(h->calls, 0);
}

static void a_connection_that_is_closed_ends_its_calls_and_then_its_session(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Bulk"), too = {.house = h, .channel = c->channel};
    call(&too, "/t/Echo");
    UNTIL(h, h->calls == 2);
    server_connection_close(h->served[0].call->connection, "revoked");
    UNTIL(h, h->ended == 1);
    assert_true(h->served[0].closed && h->served[1].closed);
    assert_int_equal(h->served[0].status, GRPC_CANCELLED);
    UNTIL(h, c->lost == 1 && c->closed && too.closed);
}

/* ---- calls */

static void a_refused_call_and_a_bad_message_end_with_their_status(void **state)
{
    struct house *h = *state;
    struct client *c = connect_client(h, 0);
    call(c, "/t/Refuse");
    UNTIL(h, c->closed);
    assert_int_equal(c->status, GRPC_PERMISSION_DENIED);
    assert_string_equal(c->text, "not you");
    call(c, "/t/Nothing");
    UNTIL(h, c->closed);
    assert_int_equal(c->status, GRPC_INTERNAL);
    call(c, "/t/Nowhere");
    UNTIL(h, c->closed);
    assert_int_equal(c->status, GRPC_UNIMPLEMENTED);
    call(c, "/t/Bad");
    say(c, "x");
    UNTIL(h, c->closed && h->calls == 1 && h->served[0].closed);
    assert_int_equal(c->status, GRPC_INVALID_ARGUMENT);
}

static void a_held_call_gets_its_messages_later_and_in_order(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Hold"), *other = caller(h, 1, "/t/Echo");
    h->hold = true;
    say(c, "0");
    for (unsigned i = 1; i <= 100; i++) {
        char text[8];
        (void)snprintf(text, sizeof text, "%u", i);
        say(c, text);
    }
    grpc_call_half_close(c->call);
    say(other, "goes on");
    UNTIL(h, other->messages == 1 && h->served[0].messages == 1);
    for (unsigned i = 1; i <= 100; i++) {
        UNTIL(h, h->served[0].messages == i);
        assert_int_equal(atoi(h->served[0].last), i - 1);
        assert_false(h->served[0].half_closed);
        server_call_resume(h->served[0].call);
    }
    UNTIL(h, h->served[0].messages == 101);
    h->hold = false;
    server_call_resume(h->served[0].call);
    UNTIL(h, h->served[0].closed && c->closed);
    assert_true(h->served[0].half_closed);
    assert_int_equal(c->status, GRPC_OK);
}

/* As messages, tens of thousands of small ones once stood between the threads, and others' behind
 * them. */
static void what_comes_for_a_held_call_stays_with_its_worker(void **state)
{
    enum { MESSAGES = 1000 };
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Hold"), *other = caller(h, 1, "/t/Echo");
    h->hold = true;
    say(c, "first");
    UNTIL(h, h->served[0].messages == 1);
    pass(&h->served[0].call->connection->worker->post); /* it knows */
    for (unsigned i = 0; i < MESSAGES; i++)
        say(c, "x");
    for (unsigned i = 1; i <= 100; i++) {
        say(other, "x");
        UNTIL(h, other->messages == i);
    }
    UNTIL(h, grpc_call_queued(c->call) == 0);
    assert_int_equal(h->served[0].call->later_count, 0);
    h->hold = false;
    server_call_resume(h->served[0].call);
    UNTIL(h, h->served[0].messages == 1 + MESSAGES);
}

/* Nothing of what is between the threads grows with what a peer would like to send. */
static void a_held_call_presses_back_on_its_sender(void **state)
{
    enum { MESSAGE = 100000, MESSAGES = 200 };
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Hold"), *other = caller(h, 1, "/t/Echo");
    h->hold = true;
    for (unsigned i = 0; i < MESSAGES; i++)
        say_much(c, MESSAGE);
    for (unsigned i = 1; i <= 200; i++) { /* others have all the time in the world meanwhile */
        say(other, "x");
        UNTIL(h, other->messages == i);
    }
    /* the credit and what exceeds it, the engine's window, both sockets and a turn of the client's
     */
    size_t most = CREDIT_CALL + 2 * LIMIT_STREAM_WINDOW + MESSAGE;
    assert_in_range((size_t)MESSAGES * MESSAGE - grpc_call_queued(c->call), MESSAGE, most);
    assert_int_equal(h->served[0].messages, 1);
    h->hold = false;
    server_call_resume(h->served[0].call);
    UNTIL(h, h->served[0].messages == MESSAGES);
    assert_int_equal(h->served[0].bytes, (size_t)MESSAGES * MESSAGE);
}

static void credit_comes_back_for_as_long_as_a_call_lasts(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Hold");
    for (unsigned i = 0; i < 64; i++)
        say_much(c, 1u << 20);
    UNTIL(h, h->served[0].messages == 64);
    for (unsigned i = 0; i < 20000; i++)
        say(c, "");
    UNTIL(h, h->served[0].messages == 64 + 20000);
}

static void whoever_reads_slowly_is_waited_for_and_told_of(void **state)
{
    enum { MESSAGE = 64 << 10, MESSAGES = 64 };
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Echo");
    struct served *s = &h->served[0];
    struct shared *owner = shared_new(MESSAGE);
    memset(shared_room(owner), 'y', MESSAGE);
    c->hold = true;
    for (unsigned i = 0; i < MESSAGES; i++)
        assert_int_equal(server_call_send(s->call, bytes_of(NULL, 0), owner, shared_view(owner)),
                         RESULT_OK);
    shared_drop(owner);
    assert_in_range(server_call_queued(s->call), 1, MESSAGES * (MESSAGE + GRPC_PREFIX));
    UNTIL(h, c->messages > 0);
    assert_int_equal(s->writable, 0);
    c->hold = false;
    grpc_call_resume(c->call);
    UNTIL(h, c->messages == MESSAGES && s->writable == 1);
    UNTIL(h, server_call_queued(s->call) == 0);
}

static bool is_odd(void *arg, uint64_t tag)
{
    (void)arg;
    return tag % 2 == 1;
}

static void told(void *arg, void *session, size_t messages)
{
    struct house *h = arg;
    assert_ptr_equal(session, h);
    h->withdrawn += messages;
}

static void send_tagged(struct served *s, uint64_t tag, size_t n)
{
    struct shared *owner = shared_new(n);
    memset(shared_room(owner), 'z', n);
    assert_int_equal(
        server_call_send_tagged(s->call, tag, bytes_of(NULL, 0), owner, shared_view(owner)),
        RESULT_OK);
    shared_drop(owner);
}

static void what_is_withdrawn_leaves_no_more_once_it_returns(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Echo"), *other = caller(h, 1, "/t/Echo");
    c->hold = true;
    for (uint64_t i = 0; i < 10; i++) /* windows and sockets take the first few */
        send_tagged(&h->served[0], i < 5 ? 2 : 2 * i + 1, 1u << 20);
    send_tagged(&h->served[1], 4, 100);
    UNTIL(h, c->messages == 1 && other->messages == 1);
    server_withdraw(h->server, is_odd, told, h);
    assert_int_equal(h->withdrawn, 5);
    assert_int_equal(h->served[0].withdrawn, 1);
    assert_int_equal(h->served[1].withdrawn, 0);
    server_withdraw(h->server, is_odd, told, h);
    assert_int_equal(h->withdrawn, 5);
    c->hold = false;
    grpc_call_resume(c->call);
    UNTIL(h, c->messages == 5 && server_call_queued(h->served[0].call) == 0);
}

static bool is_two(void *arg, uint64_t tag)
{
    (void)arg;
    return tag == 2;
}

/* What is withdrawn behind a message does not tell that the message has left: it waits, and has to
 * be found when it is destroyed as well, also when more was sent meanwhile. */
static void what_waits_is_withdrawn_after_what_was_behind_it(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Echo");
    struct served *s = &h->served[0];
    c->hold = true;
    for (uint64_t i = 0; i < 15; i++) /* windows and sockets take the first few */
        send_tagged(s, i < 5 ? 6 : i < 7 ? 2 : 2 * i + 1, 1u << 20);
    UNTIL(h, c->messages == 1);
    server_withdraw(h->server, is_odd, told, h);
    assert_int_equal(h->withdrawn, 8);
    send_tagged(s, 6, 1u << 20);
    server_withdraw(h->server, is_two, told, h);
    assert_int_equal(h->withdrawn, 10);
    assert_int_equal(s->withdrawn, 2);
    c->hold = false;
    grpc_call_resume(c->call);
    UNTIL(h, c->messages == 6 && server_call_queued(s->call) == 0);
}

static void calls_that_come_and_go_are_all_told_of(void **state)
{
    struct house *h = *state;
    struct client *c = connect_client(h, 0);
    for (unsigned i = 0; i < 100; i++) {
        call(c, i % 2 == 0 ? "/t/Bulk" : "/t/Echo");
        say(c, "x");
        UNTIL(h, h->calls == i + 1);
        if (c->call != NULL)
            grpc_call_cancel(c->call);
        UNTIL(h, c->closed);
    }
    for (unsigned i = 0; i < 100; i++)
        UNTIL(h, h->served[i].closed);
}

/* ---- lanes. The workers have nothing to do, so this thread puts mail in their place. */

static void put_message(struct mailbox *m, struct server_call *c)
{
    struct mail *mail = mail_put(m, MAIL_MESSAGE, c, bytes_of(NULL, 0));
    mail->owner = shared_copy(bytes_of_text("m"));
    mail->payload = shared_view(mail->owner);
    mailbox_post(m);
}

static void bulk_waits_behind_the_others_but_not_for_ever(void **state)
{
    struct house *h = *state;
    (void)caller(h, 0, "/t/Bulk");
    (void)caller(h, 1, "/t/Quick");
    struct server_call *bulk = h->served[0].call, *quick = h->served[1].call;
    struct worker *w = bulk->connection->worker;
    for (unsigned i = 0; i < h->server->workers; i++)
        pass(&h->server->worker[i].post);
    for (unsigned i = 0; i < 64; i++)
        put_message(w->post.bulk, bulk);
    for (unsigned i = 0; i < 64; i++)
        put_message(quick->connection->worker->post.mail, quick);
    mailbox_ring(w->post.bulk);
    mailbox_ring(quick->connection->worker->post.mail);
    UNTIL(h, h->ordered == 128);
    unsigned bulk_before = 0, quick_before = 0;
    for (size_t i = 0; quick_before < 64; i++) {
        quick_before += h->order[i] == 'm';
        bulk_before += h->order[i] == 'b';
    }
    assert_in_range(bulk_before, 3, 6); /* one in sixteen */
}

static void whoever_comes_is_heard_however_much_mail_there_is(void **state)
{
    struct house *h = *state;
    (void)caller(h, 0, "/t/Hold");
    struct server_call *c = h->served[0].call;
    for (unsigned i = 0; i < h->server->workers; i++)
        pass(&h->server->worker[i].post);
    pass(&h->server->door.post);
    for (unsigned i = 0; i < 10000; i++)
        put_message(c->connection->worker->post.mail, c);
    mail_put(h->server->door.post.mail, MAIL_DRAINED, &h->server->door.post, bytes_of(NULL, 0));
    mailbox_post(h->server->door.post.mail);
    mailbox_ring(h->server->door.post.mail);
    UNTIL(h, h->server->door.post.drained);
    assert_in_range(h->served[0].messages, 1, 5000);
    UNTIL(h, h->served[0].messages == 10000);
}

/* ---- the door */

struct slow_key {
    struct peers *peers;
    sem_t asked, go;
};

static enum result slow_sign(void *arg, struct bytes content, uint8_t *out, size_t *n)
{
    struct slow_key *k = arg;
    (void)sem_post(&k->asked);
    (void)sem_wait(&k->go);
    return tls_key_sign(k->peers->keeper, content, out, n);
}

static void a_keeper_that_is_slow_holds_up_handshakes_and_nothing_else(void **state)
{
    struct house *h = *state;
    struct slow_key key = {.peers = h->peers};
    const struct tls_remote_key remote = {slow_sign, &key};
    const struct tls_server_config config = {buf_view(&h->peers->gateway.certificate_pem), &remote,
                                             h->peers->trust};
    struct tls_context *slow;
    const char *why;
    assert_int_equal(sem_init(&key.asked, 0, 0) | sem_init(&key.go, 0, 0), 0);
    assert_int_equal(tls_context_server(&config, &slow, &why), RESULT_OK);
    struct client *c = caller(h, 0, "/t/Echo");
    server_set_tls(h->server, slow);
    tls_context_drop(slow);
    pass(&h->server->door.post);
    struct client *late = connect_client(h, 1);
    bool asked = false;
    UNTIL(h, asked = asked || sem_trywait(&key.asked) == 0);
    for (unsigned i = 1; i <= 50; i++) {
        say(c, "x");
        UNTIL(h, c->messages == i);
    }
    assert_int_equal(h->sessions, 1);
    (void)sem_post(&key.go);
    UNTIL(h, late->connected == 1 && h->sessions == 2);
    server_set_tls(h->server, h->gateway_tls);
    pass(&h->server->door.post);
    (void)caller(h, 2, "/t/Echo"); /* whose signature nobody holds up */
    server_free(h->server);
    h->server = NULL;
    (void)sem_destroy(&key.asked);
    (void)sem_destroy(&key.go);
}

/* ---- the end */

static void draining_lets_calls_end_and_nobody_in(void **state)
{
    struct house *h = *state;
    struct client *c = caller(h, 0, "/t/Echo");
    server_drain(h->server, US_PER_MINUTE, house_drained, h);
    say(c, "still");
    UNTIL(h, c->messages == 1);
    assert_int_equal(h->drained, 0);
    grpc_call_half_close(c->call);
    UNTIL(h, c->closed);
    UNTIL(h, h->drained == 1);
    assert_int_equal(h->ended, 1);
}

static void an_end_in_the_middle_of_everything_tells_everybody(void **state)
{
    struct house *h = *state;
    for (size_t i = 0; i < CLIENTS; i++) {
        struct client *c = caller(h, i, i % 2 == 0 ? "/t/Echo" : "/t/Bulk");
        for (unsigned j = 0; j < 50; j++)
            say_much(c, 10000);
    }
    UNTIL(h, h->client[0].messages > 0);
    server_free(h->server);
    h->server = NULL;
    assert_int_equal(h->ended, h->sessions);
    for (size_t i = 0; i < h->calls; i++)
        assert_true(h->served[i].closed);
}

static void nothing_is_freed_as_nothing(void **state)
{
    (void)state;
    server_free(NULL);
}

#define BOTH(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, one_worker, end),                                        \
        cmocka_unit_test_setup_teardown(test, four_workers, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(calls_are_answered_as_on_one_loop),
        BOTH(connections_are_spread_over_the_workers),
        BOTH(more_connections_than_allowed_are_closed),
        BOTH(whom_the_deciding_thread_refuses_gets_the_alert),
        BOTH(whom_accept_closes_at_once_is_let_in_and_out_again),
        BOTH(no_call_is_opened_for_whom_accept_closes_at_once),
        BOTH(a_connection_that_is_closed_ends_its_calls_and_then_its_session),
        BOTH(a_refused_call_and_a_bad_message_end_with_their_status),
        BOTH(a_held_call_gets_its_messages_later_and_in_order),
        BOTH(what_comes_for_a_held_call_stays_with_its_worker),
        BOTH(a_held_call_presses_back_on_its_sender),
        BOTH(credit_comes_back_for_as_long_as_a_call_lasts),
        BOTH(whoever_reads_slowly_is_waited_for_and_told_of),
        BOTH(what_is_withdrawn_leaves_no_more_once_it_returns),
        BOTH(what_waits_is_withdrawn_after_what_was_behind_it),
        BOTH(calls_that_come_and_go_are_all_told_of),
        BOTH(bulk_waits_behind_the_others_but_not_for_ever),
        BOTH(whoever_comes_is_heard_however_much_mail_there_is),
        BOTH(a_keeper_that_is_slow_holds_up_handshakes_and_nothing_else),
        BOTH(draining_lets_calls_end_and_nobody_in),
        BOTH(an_end_in_the_middle_of_everything_tells_everybody),
        cmocka_unit_test(nothing_is_freed_as_nothing),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
