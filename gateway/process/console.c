/*
 * The console's privileges: its own listening sockets, two channels, the policy set, the audit log
 * and the archive of policy sets to be read, and the index that it makes of the log. It has no key
 * (the keeper signs its handshakes, with the console's key and no other), no body, and no way to
 * the edge. One loop, no threads. All that it shows is somebody's who showed a certificate, and
 * what is shown is on record before.
 */
#include "process/generation.h"
#include "process/pages.h"
#include "process/role.h"
#include "process/scrapes.h"
#include "process/visitors.h"
#include "process/witness_keys.h"
#include "search/search.h"

#include "base/limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define TICK         (250 * US_PER_S / 1000)
#define DRAIN_WITHIN (US_PER_S / 2)

enum { BEHIND_OTHERS = 10 }; /* nice(2) */

struct console_role {
    struct role role;
    struct loop *loop;
    struct channel *ledger, *keeper;
    struct loop_watch *ledger_watch, *control_watch;
    struct loop_timer *tick;
    struct search *search; /* NULL: it could not be opened, and pages of records say so */
    struct pages *pages;
    struct scrapes *scrapes; /* NULL: /metrics is for units alone */
    struct visitors *visitors;
    struct generation_keeper signer;
    struct generation *now;
    struct grpc_server *server;
    struct note_key witness[SETTINGS_FILES];
    size_t witnesses;
    int exit_code;
};

/* ---- the keeper */

static enum result ask_keeper(void *arg, enum ipc_type type, struct bytes body,
                              enum ipc_type expected, struct buf *reply)
{
    struct console_role *c = arg;
    if (c->keeper == NULL)
        return RESULT_UNAVAILABLE;
    enum result r = channel_call(c->keeper, type, body, expected, reply, ROLE_KEEPER_PATIENCE);
    if (r == RESULT_OK)
        return r;
    log_line(&c->role.log, LOG_ALARM, "keeper-lost", "why=\"%s\"", result_text(r));
    channel_free(c->keeper);
    c->keeper = NULL;
    if (r != RESULT_CLOSED)
        role_lost_peer(&c->role, ROLE_ID_KEEPER);
    return RESULT_UNAVAILABLE;
}

/* ---- the ledger */

static void lose_ledger(struct console_role *c, enum result why)
{
    if (why != RESULT_CLOSED)
        log_line(&c->role.log, LOG_ALARM, "peer-dropped", "peer=ledger why=\"%s\"",
                 result_text(why));
    loop_watch_free(c->ledger_watch);
    c->ledger_watch = NULL;
    channel_free(c->ledger);
    c->ledger = NULL;
    pages_ledger_went(c->pages);
    if (why != RESULT_CLOSED)
        role_lost_peer(&c->role, ROLE_ID_LEDGER);
}

static void watch_ledger(struct console_role *c)
{
    loop_watch_set(c->ledger_watch,
                   channel_queued(c->ledger) > 0 ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static enum result hear_ledger(struct console_role *c)
{
    struct channel_message m;
    enum result r = channel_receive(c->ledger);
    while (r == RESULT_OK && channel_next(c->ledger, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        if (m.type == IPC_CONSOLE_BARRED)
            visitors_suspend(c->visitors, m.body);
        else
            r = pages_ledger_said(c->pages, &m);
    }
    return r == RESULT_AGAIN ? RESULT_OK : r;
}

static void ledger_ready(void *arg, int events)
{
    struct console_role *c = arg;
    enum result r = RESULT_OK;
    if ((events & LOOP_READ) != 0)
        r = hear_ledger(c);
    if (r == RESULT_OK && channel_queued(c->ledger) > 0)
        r = channel_flush(c->ledger);
    if (r != RESULT_OK && r != RESULT_AGAIN)
        lose_ledger(c, r);
    else
        watch_ledger(c);
}

/* It goes out when the loop says that there is room. */
static bool tell_ledger(void *arg, enum ipc_type type, struct bytes body)
{
    struct console_role *c = arg;
    if (c->ledger == NULL)
        return false;
    channel_send(c->ledger, type, body, bytes_of(NULL, 0), -1);
    watch_ledger(c);
    return true;
}

static void adopt_ledger(struct console_role *c)
{
    int ledger = role_claim(&c->role, GIFT_PEER_LEDGER);
    if (ledger < 0)
        return;
    if (c->ledger != NULL)
        lose_ledger(c, RESULT_CLOSED);
    c->ledger = channel_new(ledger, ROLE_ID_CONSOLE, ROLE_ID_LEDGER);
    c->ledger_watch = loop_watch_new(c->loop, ledger, ledger_ready, c);
    watch_ledger(c);
}

static void adopt_keeper(struct console_role *c)
{
    int keeper = role_claim(&c->role, GIFT_PEER_KEEPER);
    if (keeper < 0)
        return;
    channel_free(c->keeper);
    c->keeper = channel_new(keeper, ROLE_ID_CONSOLE, ROLE_ID_KEEPER);
}

/* ---- generations */

static enum result make_generation(struct console_role *c, struct generation **out)
{
    const char *why = "";
    enum result r = generation_new(role_claim(&c->role, GIFT_SNAPSHOT),
                                   role_claim(&c->role, GIFT_CONSOLE_CERTIFICATE),
                                   &c->role.settings, &c->signer, &c->signer, out, &why);
    if (r != RESULT_OK)
        log_line(&c->role.log, LOG_ALARM, "no-generation", "why=\"%s\"", why);
    return r;
}

static void drop_generation(struct generation *g)
{
    if (g != NULL)
        policy_close(generation_policy(g));
    generation_free(g);
}

/* ---- the supervisor */

static void drained(void *arg)
{
    loop_stop(((struct console_role *)arg)->loop);
}

static void stop(struct console_role *c, int exit_code)
{
    c->exit_code = exit_code;
    grpc_server_drain(c->server, DRAIN_WITHIN, drained, c);
}

/* Another set, list of revocations or certificate is in force. Without them there is nothing that
 * this console may show: it ends, and begins anew with what there is then. */
static void refresh(struct console_role *c)
{
    struct generation *next = NULL, *old = c->now;
    if (make_generation(c, &next) != RESULT_OK) {
        c->exit_code = 1;
        loop_stop(c->loop);
        return;
    }
    c->now = next;
    pages_set_policy(c->pages, generation_policy(next));
    visitors_trust(c->visitors, generation_policy(next), generation_trust(next));
    grpc_server_set_tls(c->server, generation_tls(next));
    drop_generation(old);
    log_line(&c->role.log, LOG_NOTE, "console-in-force", "set=%s serial=%llu",
             policy_name(generation_policy(next)),
             (unsigned long long)policy_serial(generation_policy(next)));
}

static void control_ready(void *arg, int events)
{
    struct console_role *c = arg;
    struct channel_message m;
    enum result r = channel_receive(c->role.control);
    (void)events;
    while (channel_next(c->role.control, &m)) {
        if (m.type == IPC_GIVE)
            role_take_gift(&c->role, &m);
        else if (m.type == IPC_REFRESH)
            refresh(c);
        else if (m.type == IPC_PING)
            role_pong(&c->role, true, 0);
        else if (m.type == IPC_STOP)
            stop(c, 0);
        adopt_keeper(c);
        adopt_ledger(c);
    }
    if (r == RESULT_OK || r == RESULT_AGAIN)
        return;
    loop_watch_set(c->control_watch, 0);
    stop(c, 1); /* the supervisor is gone */
}

static void tick(void *arg)
{
    struct console_role *c = arg;
    visitors_tick(c->visitors);
    lifetimes_tick(generation_lifetimes(c->now), &c->role.log);
    loop_timer_set(c->tick, TICK);
}

/* ---- the beginning and the end */

/* Messages between agencies go before pages: this process gives way to the others, and when memory
 * runs out the kernel takes it first. Before it is hidden, for then that file is root's. */
static bool stand_behind(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    const bool goes_first = fd >= 0 && write(fd, "1000", 4) == 4;
    if (fd >= 0)
        (void)close(fd);
    return setpriority(PRIO_PROCESS, 0, BEHIND_OTHERS) == 0 && goes_first;
}

static void open_server(struct console_role *c)
{
    const struct settings *s = &c->role.settings;
    const struct grpc_server_config config = {
        .loop = c->loop,
        .log = &c->role.log,
        .listen_fd = c->role.gift[GIFT_CONSOLE_LISTENER],
        .request = pages_open,
        .request_events = &pages_events,
        .request_largest = PAGES_BODY_MAX,
        .arg = c->visitors,
        .accept = visitors_accept,
        .ended = visitors_ended,
        .abused = visitors_abused,
        .most_connections = LIMIT_CONSOLE_CONNECTIONS,
        .handshakes = {(uint32_t)s->handshakes_of_address,
                       (uint32_t)s->handshakes_of_address_per_s},
        .stall_us = s->peer_stall,
        .age_us = s->connection_age,
        .grace_us = s->connection_grace};
    c->server = grpc_server_new(&config, generation_tls(c->now));
}

/* All files of the index are opened here; another console that has them still is about to end. */
static enum result open_index(struct console_role *c)
{
    int folder = role_claim(&c->role, GIFT_CONSOLE_FOLDER);
    enum result r = folder < 0 ? RESULT_NOT_FOUND
                               : search_open(folder, bytes_of_text(c->role.settings.log_name),
                                             &c->role.log, &c->search);
    if (folder >= 0)
        (void)close(folder);
    if (r == RESULT_FULL || r == RESULT_IO || r == RESULT_NOT_FOUND) {
        log_line(&c->role.log, LOG_ALARM, "no-index", "why=\"%s\"", result_text(r));
        return RESULT_OK;
    }
    return r;
}

static void open_pages(struct console_role *c)
{
    const struct pages_config config = {.loop = c->loop,
                                        .log = &c->role.log,
                                        .search = c->search,
                                        .audit_folder = c->role.gift[GIFT_AUDIT_FOLDER],
                                        .archive_folder = c->role.gift[GIFT_ARCHIVE_FOLDER],
                                        .log_name = c->role.settings.log_name,
                                        .witness = c->witness,
                                        .witnesses = c->witnesses,
                                        .tell_ledger = tell_ledger,
                                        .arg = c};
    c->pages = pages_new(&config);
    pages_set_policy(c->pages, generation_policy(c->now));
}

static enum result open_console(struct console_role *c)
{
    const struct settings *s = &c->role.settings;
    const char *wrong;
    TRY(witness_keys_read(s, c->witness, &c->witnesses, &wrong));
    c->signer = (struct generation_keeper){ask_keeper, c, &generation_of_console};
    TRY(open_index(c));
    TRY(tls_remote_key_register());
    adopt_keeper(c);
    TRY(make_generation(c, &c->now));
    open_pages(c);
    adopt_ledger(c);
    c->visitors = visitors_new(c->loop, &c->role.log,
                               (struct bucket_size){(uint32_t)s->handshakes_of_unit,
                                                    (uint32_t)s->handshakes_of_unit_per_s},
                               c->pages);
    visitors_trust(c->visitors, generation_policy(c->now), generation_trust(c->now));
    open_server(c);
    c->scrapes = scrapes_new(c->loop, &c->role.log, c->role.gift[GIFT_METRICS_LISTENER], c->pages);
    return RESULT_OK;
}

static void close_console(struct console_role *c)
{
    if (c->server != NULL)
        grpc_server_free(c->server);
    loop_watch_free(c->ledger_watch);
    loop_watch_free(c->control_watch);
    loop_timer_free(c->tick);
    channel_free(c->ledger);
    channel_free(c->keeper);
    visitors_free(c->visitors);
    scrapes_free(c->scrapes);
    pages_free(c->pages);
    search_close(c->search);
    loop_free(c->loop);
    drop_generation(c->now);
    role_end(&c->role);
}

int console_main(void)
{
    struct console_role c = {.loop = loop_new()};
    const bool stands_behind = stand_behind();
    enum result r = role_begin(&c.role, ROLE_ID_CONSOLE);
    if (!stands_behind)
        log_line(&c.role.log, LOG_WARNING, "not-behind",
                 "why=\"it may take processor or memory from the roles that carry messages\"");
    if (r == RESULT_OK)
        r = open_console(&c);
    if (r == RESULT_OK)
        r = role_close_door(&c.role);
    if (r == RESULT_OK) {
        c.tick = loop_timer_new(c.loop, tick, &c);
        loop_timer_set(c.tick, TICK);
        c.control_watch = loop_watch_new(c.loop, channel_fd(c.role.control), control_ready, &c);
        loop_watch_set(c.control_watch, LOOP_READ);
        control_ready(&c, LOOP_READ); /* what came right behind START */
        loop_run(c.loop);
    } else {
        log_line(&c.role.log, LOG_FATAL, "console-ends", "why=\"%s\"", result_text(r));
        c.exit_code = 1;
    }
    int code = c.exit_code;
    close_console(&c);
    return code;
}
