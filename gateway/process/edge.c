/*
 * The edge's privileges: the listening socket, three channels, the policy snapshot. It opens no
 * file and holds no long-lived private key: the keeper signs its handshakes. What is decided is
 * decided on this thread's loop; sockets are on worker threads, handshakes on a thread of their own
 * (net/server.h).
 */
#include "service/edge.h"

#include "net/server.h"
#include "process/generation.h"
#include "process/handshakes.h"
#include "process/role.h"
#include "process/sessions.h"
#include "service/calls.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#define TICK         (50 * US_PER_S / 1000)
#define DRAIN_WITHIN (3 * US_PER_S)

enum { TELL_AT_ONCE = 64 << 10 };

struct edge_role {
    struct role role;
    struct loop *loop;
    struct edge *edge;
    struct server *server;
    struct channel *ledger, *keeper;
    struct loop_watch *ledger_watch, *control_watch;
    struct loop_timer *tick;
    struct sessions *sessions;
    struct handshakes handshakes;
    struct generation_keeper trial, signer; /* this thread's way to the keeper; the door's */
    struct generation *now, *next;          /* next: made ready, not in use yet */
    int exit_code;
};

/* ---- the keeper */

static enum result ask_keeper(void *arg, enum ipc_type type, struct bytes body,
                              enum ipc_type expected, struct buf *reply)
{
    struct edge_role *e = arg;
    if (e->keeper == NULL)
        return RESULT_UNAVAILABLE;
    enum result r = channel_call(e->keeper, type, body, expected, reply, ROLE_KEEPER_PATIENCE);
    if (r == RESULT_OK)
        return r;
    log_line(&e->role.log, LOG_ALARM, "keeper-lost", "why=\"%s\"", result_text(r));
    channel_free(e->keeper);
    e->keeper = NULL;
    if (r != RESULT_CLOSED)
        role_lost_peer(&e->role, ROLE_ID_KEEPER);
    return RESULT_UNAVAILABLE;
}

/* ---- the ledger */

static void lose_ledger(struct edge_role *e, enum result why)
{
    if (why != RESULT_CLOSED)
        log_line(&e->role.log, LOG_ALARM, "peer-dropped", "peer=ledger why=\"%s\"",
                 result_text(why));
    loop_watch_free(e->ledger_watch);
    e->ledger_watch = NULL;
    channel_free(e->ledger);
    e->ledger = NULL;
    if (why != RESULT_CLOSED)
        role_lost_peer(&e->role, ROLE_ID_LEDGER);
    edge_ledger_went(e->edge);
}

static void watch_ledger(struct edge_role *e)
{
    loop_watch_set(e->ledger_watch,
                   channel_queued(e->ledger) > 0 ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

/* What is told in one turn goes out with one system call, when the loop says that there is room;
 * but the ledger is not to wait for the end of a long one, in which all that it answered is
 * followed by more. What goes wrong here shows in the loop again. */
static void tell_ledger(void *arg, enum ipc_type type, struct bytes body)
{
    struct edge_role *e = arg;
    if (e->ledger == NULL)
        return;
    bool first = channel_queued(e->ledger) == 0;
    channel_send(e->ledger, type, body, bytes_of(NULL, 0), -1);
    if (first)
        watch_ledger(e);
    if (channel_queued(e->ledger) >= TELL_AT_ONCE)
        (void)!channel_flush(e->ledger);
}

static enum result hear_ledger(struct edge_role *e)
{
    struct channel_message m;
    enum result r = channel_receive(e->ledger);
    while (r == RESULT_OK && channel_next(e->ledger, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        r = edge_ledger_said(e->edge, &m);
    }
    return r == RESULT_AGAIN ? RESULT_OK : r;
}

static void ledger_ready(void *arg, int events)
{
    struct edge_role *e = arg;
    enum result r = RESULT_OK;
    if ((events & LOOP_READ) != 0)
        r = hear_ledger(e);
    if (r == RESULT_OK && channel_queued(e->ledger) > 0)
        r = channel_flush(e->ledger);
    if (r != RESULT_OK && r != RESULT_AGAIN)
        lose_ledger(e, r);
    else
        watch_ledger(e);
}

static void adopt_peers(struct edge_role *e)
{
    int keeper = role_claim(&e->role, GIFT_PEER_KEEPER),
        ledger = role_claim(&e->role, GIFT_PEER_LEDGER),
        signer = role_claim(&e->role, GIFT_PEER_SIGNER);
    if (signer >= 0)
        handshakes_connect(&e->handshakes, signer);
    if (keeper >= 0) {
        channel_free(e->keeper);
        e->keeper = channel_new(keeper, ROLE_ID_EDGE, ROLE_ID_KEEPER);
        if (e->edge != NULL)
            edge_keeper_came(e->edge);
    }
    if (ledger >= 0) {
        if (e->ledger != NULL)
            lose_ledger(e, RESULT_CLOSED);
        e->ledger = channel_new(ledger, ROLE_ID_EDGE, ROLE_ID_LEDGER);
        e->ledger_watch = loop_watch_new(e->loop, ledger, ledger_ready, e);
        watch_ledger(e);
        if (e->edge != NULL)
            edge_ledger_came(e->edge);
    }
}

static void close_session(void *arg, struct session *s, const char *why)
{
    sessions_close(((struct edge_role *)arg)->sessions, s, why);
}

static void count_refused(void *arg, struct edge_refused *out)
{
    const struct edge_role *e = arg;
    out->of_addresses = server_waved_off(e->server);
    out->of_units = sessions_refused(e->sessions);
}

static void withdraw(void *arg)
{
    struct edge_role *e = arg;
    sessions_withdraw(e->sessions, e->server);
}

/* ---- generations */

/* Takes what the supervisor handed over last. */
static enum result make_generation(struct edge_role *e, struct generation **out, const char **why)
{
    return generation_new(role_claim(&e->role, GIFT_SNAPSHOT),
                          role_claim(&e->role, GIFT_CERTIFICATE), &e->role.settings, &e->trial,
                          &e->signer, out, why);
}

/* Its policy was never the edge's. */
static void drop_next(struct edge_role *e)
{
    if (e->next != NULL)
        policy_close(generation_policy(e->next));
    generation_free(e->next);
    e->next = NULL;
}

/* Nothing of the running generation is touched before everything of the new one stands, and the set
 * is on record. */
static void make_ready(struct edge_role *e)
{
    const char *why = "";
    drop_next(e);
    if (make_generation(e, &e->next, &why) == RESULT_OK)
        why = "";
    channel_send(e->role.control, IPC_RELOADED, bytes_of_text(why), bytes_of(NULL, 0), -1);
    (void)!channel_flush(e->role.control); /* a supervisor that is gone shows at the next read */
}

static void use_next(struct edge_role *e)
{
    struct generation *old = e->now;
    if (e->next == NULL)
        return;
    struct policy *policy = generation_policy(e->next);
    e->now = e->next;
    e->next = NULL;
    edge_set_policy(e->edge, policy);
    server_set_tls(e->server, generation_tls(e->now));
    sessions_trust(e->sessions, generation_trust(e->now));
    generation_free(old);
    log_line(&e->role.log, LOG_NOTE, "policy-in-force", "set=%s serial=%llu", policy_name(policy),
             (unsigned long long)policy_serial(policy));
}

/* ---- the supervisor */

static void drained(void *arg)
{
    loop_stop(((struct edge_role *)arg)->loop);
}

static void stop(struct edge_role *e, int exit_code)
{
    e->exit_code = exit_code;
    if (e->server == NULL)
        loop_stop(e->loop);
    else
        server_drain(e->server, DRAIN_WITHIN, drained, e);
}

static void control_ready(void *arg, int events)
{
    struct edge_role *e = arg;
    struct channel_message m;
    enum result r = channel_receive(e->role.control);
    (void)events;
    while (channel_next(e->role.control, &m)) {
        if (m.type == IPC_GIVE)
            role_take_gift(&e->role, &m);
        else if (m.type == IPC_RELOAD)
            make_ready(e);
        else if (m.type == IPC_USE)
            use_next(e);
        else if (m.type == IPC_PING)
            role_pong(&e->role, edge_is_ready(e->edge), sessions_count(e->sessions));
        else if (m.type == IPC_STOP)
            stop(e, 0);
        adopt_peers(e);
    }
    if (r == RESULT_OK || r == RESULT_AGAIN)
        return;
    loop_watch_set(e->control_watch, 0);
    stop(e, 1); /* the supervisor is gone */
}

static void tick(void *arg)
{
    struct edge_role *e = arg;
    edge_tick(e->edge);
    sessions_tick(e->sessions);
    lifetimes_tick(generation_lifetimes(e->now), &e->role.log);
    if (handshakes_lost(&e->handshakes))
        role_lost_peer(&e->role, ROLE_ID_KEEPER);
    loop_timer_set(e->tick, TICK);
}

/* ---- the beginning and the end */

/* Of the processors that this process may use: the ledger and the thread that decides have one
 * each. More threads than processors only hand bytes from one to the other. */
static unsigned workers_of(const struct settings *s)
{
    enum { OTHERS = 2, MOST_BY_ITSELF = 8 };
    cpu_set_t set;
    if (s->edge_workers > 0)
        return (unsigned)s->edge_workers;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) - OTHERS : 1;
    if (count < 1)
        return 1;
    return (unsigned)(count < MOST_BY_ITSELF ? count : MOST_BY_ITSELF);
}

static struct bucket_size bucket_of(int64_t most, int64_t a_second)
{
    return (struct bucket_size){(uint32_t)most, (uint32_t)a_second};
}

/* Its threads start when the door of the sandbox is closed. */
static void open_server(struct edge_role *e)
{
    size_t methods;
    const struct settings *s = &e->role.settings;
    const struct server_method *method = calls_methods(&methods);
    const struct server_config config = {
        .loop = e->loop,
        .log = &e->role.log,
        .listen_fd = e->role.gift[GIFT_LISTENER],
        .workers = workers_of(s),
        .method = method,
        .methods = methods,
        .get = calls_get,
        .get_events = &log_call_events,
        .arg = e->sessions,
        .accept = sessions_accept,
        .ended = sessions_ended,
        .abused = sessions_abused,
        .most_connections = (unsigned)s->connections,
        .handshakes = bucket_of(s->handshakes_of_address, s->handshakes_of_address_per_s),
        .stall_us = s->peer_stall,
        .age_us = s->connection_age,
        .grace_us = s->connection_grace};
    e->server = server_new(&config, generation_tls(e->now));
}

static enum result open_edge(struct edge_role *e)
{
    const struct settings *s = &e->role.settings;
    const struct edge_config config = {.clock = clock_system(),
                                       .log = &e->role.log,
                                       .summary_every_us = s->summary_every,
                                       .watcher_queue = (size_t)s->watcher_queue,
                                       .log_name = s->log_name,
                                       .offences = (unsigned)s->offences,
                                       .offences_within_us = s->offences_within,
                                       .arg = e,
                                       .tell_ledger = tell_ledger,
                                       .ask_keeper = ask_keeper,
                                       .close_session = close_session,
                                       .withdraw = withdraw,
                                       .count_refused = count_refused};
    const char *why = "";
    e->trial = (struct generation_keeper){ask_keeper, e, &generation_of_edge};
    e->signer = (struct generation_keeper){handshakes_ask, &e->handshakes, &generation_of_edge};
    TRY(tls_remote_key_register());
    adopt_peers(e);
    enum result r = make_generation(e, &e->now, &why);
    if (r != RESULT_OK) {
        log_line(&e->role.log, LOG_ALARM, "no-generation", "why=\"%s\"", why);
        return r;
    }
    TRY(edge_new(&config, generation_policy(e->now), &e->edge));
    sessions_begin(e->sessions, e->edge, generation_trust(e->now),
                   bucket_of(s->handshakes_of_unit, s->handshakes_of_unit_per_s));
    if (e->ledger != NULL)
        edge_ledger_came(e->edge);
    open_server(e);
    return RESULT_OK;
}

static void close_edge(struct edge_role *e)
{
    server_free(e->server);
    handshakes_end(&e->handshakes);
    edge_free(e->edge);
    loop_watch_free(e->ledger_watch);
    loop_watch_free(e->control_watch);
    loop_timer_free(e->tick);
    channel_free(e->ledger);
    channel_free(e->keeper);
    sessions_free(e->sessions);
    loop_free(e->loop);
    drop_next(e);
    generation_free(e->now);
    role_end(&e->role);
}

int edge_main(void)
{
    struct edge_role e = {.loop = loop_new()};
    enum result r = role_begin(&e.role, ROLE_ID_EDGE);
    e.sessions = sessions_new(e.loop, &e.role.log);
    handshakes_init(&e.handshakes, &e.role.log);
    if (r == RESULT_OK)
        r = open_edge(&e);
    if (r == RESULT_OK)
        r = role_close_door(&e.role);
    if (r == RESULT_OK)
        r = server_start(e.server);
    if (r == RESULT_OK) {
        e.tick = loop_timer_new(e.loop, tick, &e);
        loop_timer_set(e.tick, TICK);
        e.control_watch = loop_watch_new(e.loop, channel_fd(e.role.control), control_ready, &e);
        loop_watch_set(e.control_watch, LOOP_READ);
        control_ready(&e, LOOP_READ); /* what came right behind START */
        loop_run(e.loop);
    } else {
        log_line(&e.role.log, LOG_FATAL, "edge-ends", "why=\"%s\"", result_text(r));
        e.exit_code = 1;
    }
    int code = e.exit_code;
    close_edge(&e);
    return code;
}
