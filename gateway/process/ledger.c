/*
 * The ledger's privileges: three folders, two channels, the control socket and the policy set, in
 * which it looks up officers only; no network, no keys of scopes, no plain bodies. It takes what
 * came while the last commit was on its way, commits once, and only then lets answers go.
 */
#include "process/ledger_role.h"
#include "process/witness_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define KEEPER_PATIENCE (5 * INT64_C(1000000))
#define LONGEST_IDLE    INT64_C(1000000)

/* Of the console: so much in one turn, and how long the next one waits when more came; and nothing
 * more is heard while so much waits that it does not read. */
enum { CONSOLE_A_TURN = 8, CONSOLE_QUEUED_MOST = 4 << 20 };
#define CONSOLE_PAUSE INT64_C(1000)

/* ---- the keeper, asked and waited for */

static enum result ask_keeper(void *arg, enum ipc_type type, struct bytes body,
                              enum ipc_type expected, struct buf *reply)
{
    struct ledger_role *l = arg;
    if (l->keeper == NULL)
        return RESULT_UNAVAILABLE;
    enum result r = channel_call(l->keeper, type, body, expected, reply, KEEPER_PATIENCE);
    if (r == RESULT_OK)
        return r;
    log_line(&l->role.log, LOG_ALARM, "keeper-lost", "why=\"%s\"", result_text(r));
    channel_free(l->keeper);
    l->keeper = NULL;
    if (r != RESULT_CLOSED)
        role_lost_peer(&l->role, ROLE_ID_KEEPER);
    return RESULT_UNAVAILABLE;
}

static void emit(void *arg, enum ipc_type type, struct bytes body)
{
    struct ledger_role *l = arg;
    if (l->edge != NULL)
        channel_send(l->edge, type, body, bytes_of(NULL, 0), -1);
}

static void tell_console(void *arg, enum ipc_type type, struct bytes body)
{
    struct ledger_role *l = arg;
    if (l->console != NULL)
        channel_send(l->console, type, body, bytes_of(NULL, 0), -1);
}

static struct desk_peers peers_of(const struct ledger_role *l)
{
    return (struct desk_peers){l->ledger, l->edge, l->role.control, l->console};
}

/* ---- peers come and go */

/* Nothing of the ledger depends on it. */
static void forget_console(struct ledger_role *l)
{
    channel_free(l->console);
    l->console = NULL;
    l->console_waits = false;
    ledger_console_went(l->ledger);
    desk_console_went(l->desk);
}

static void adopt_console(struct ledger_role *l)
{
    int console = role_claim(&l->role, GIFT_PEER_CONSOLE);
    if (console < 0)
        return;
    if (l->console != NULL)
        forget_console(l);
    l->console = channel_new(console, ROLE_ID_LEDGER, ROLE_ID_CONSOLE);
    ledger_console_came(l->ledger);
}

static void lose_console(struct ledger_role *l, enum result why)
{
    if (why != RESULT_CLOSED) {
        log_line(&l->role.log, LOG_ALARM, "peer-dropped", "peer=console why=\"%s\"",
                 result_text(why));
        role_lost_peer(&l->role, ROLE_ID_CONSOLE);
    }
    forget_console(l);
}

static enum result lose_edge(struct ledger_role *l, enum result why)
{
    if (why != RESULT_CLOSED)
        log_line(&l->role.log, LOG_ALARM, "peer-dropped", "peer=edge why=\"%s\"", result_text(why));
    channel_free(l->edge);
    l->edge = NULL;
    if (why != RESULT_CLOSED)
        role_lost_peer(&l->role, ROLE_ID_EDGE);
    ledger_edge_went(l->ledger);
    return ledger_turn(l->ledger);
}

static enum result adopt_peers(struct ledger_role *l)
{
    int keeper = role_claim(&l->role, GIFT_PEER_KEEPER),
        edge = role_claim(&l->role, GIFT_PEER_EDGE);
    adopt_console(l);
    if (keeper >= 0) {
        channel_free(l->keeper);
        l->keeper = channel_new(keeper, ROLE_ID_LEDGER, ROLE_ID_KEEPER);
        if (l->ledger != NULL) {
            enum result r = ledger_keeper_came(l->ledger);
            if (r != RESULT_UNAVAILABLE) /* it went again: another one comes */
                TRY(r);
        }
    }
    if (edge >= 0) {
        if (l->edge != NULL) /* what the old one left is ended before the new one begins */
            TRY(lose_edge(l, RESULT_CLOSED));
        l->edge = channel_new(edge, ROLE_ID_LEDGER, ROLE_ID_EDGE);
        if (l->ledger != NULL)
            ledger_edge_came(l->ledger);
        const struct desk_peers peers = peers_of(l);
        desk_edge_came(l->desk, &peers);
    }
    return RESULT_OK;
}

static enum result hear_edge(struct ledger_role *l)
{
    struct channel_message m;
    enum result r = channel_receive(l->edge);
    while (r == RESULT_OK && channel_next(l->edge, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        r = desk_is_for(m.type) ? desk_edge_said(l->desk, &m) : ledger_handle(l->ledger, &m);
        if (result_group(r) == RESULT_STOP)
            return r;
    }
    return r == RESULT_OK || r == RESULT_AGAIN ? RESULT_OK : lose_edge(l, r);
}

/* Other results than RESULT_OK end the process, when they are of that kind, or the channel. */
static enum result take_from_console(struct ledger_role *l, const struct channel_message *m)
{
    const struct desk_peers peers = peers_of(l);
    if (m->fd >= 0)
        (void)close(m->fd);
    if (m->type == IPC_CONSOLE_VIEW)
        return ledger_console_view(l->ledger, m->body);
    return m->type == IPC_CONSOLE_ASK
               ? desk_console_asks(l->desk, m->body, clock_steady_us(&l->role.log.clock), &peers)
               : RESULT_MALFORMED;
}

/* A few, so that nobody's messages wait behind the console's. */
static enum result hear_console(struct ledger_role *l)
{
    struct channel_message m;
    enum result r = RESULT_OK;
    for (unsigned i = 0; r == RESULT_OK && i < CONSOLE_A_TURN; i++) {
        bool is_there = channel_next(l->console, &m);
        r = is_there ? take_from_console(l, &m) : channel_receive(l->console);
        if (is_there && result_group(r) == RESULT_STOP)
            return r;
    }
    l->console_waits = r == RESULT_OK;
    if (r != RESULT_OK && r != RESULT_AGAIN)
        lose_console(l, r);
    return RESULT_OK;
}

/* The supervisor learns who may sign the next policy set. */
static void tell_in_force(struct ledger_role *l)
{
    channel_send(l->role.control, IPC_IN_FORCE, ledger_in_force(l->ledger), bytes_of(NULL, 0), -1);
    (void)!channel_flush(l->role.control); /* a supervisor that is gone shows at the next read */
}

static enum result activate(struct ledger_role *l, struct bytes body)
{
    char why[LEDGER_WHY];
    TRY(ledger_activate(l->ledger, body, why));
    channel_send(l->role.control, IPC_ACTIVATED, bytes_of_text(why), bytes_of(NULL, 0), -1);
    (void)!channel_flush(l->role.control);
    return RESULT_OK;
}

/* For whoever asks, and for the log. */
static enum result take_roles(struct ledger_role *l, struct bytes roles)
{
    desk_roles(l->desk, roles);
    return ledger_roles(l->ledger, roles);
}

static enum result hear_supervisor(struct ledger_role *l)
{
    struct channel_message m;
    enum result r = channel_receive(l->role.control);
    while (channel_next(l->role.control, &m)) {
        if (m.type == IPC_ACTIVATE)
            TRY(activate(l, m.body));
        if (m.type == IPC_GIVE)
            role_take_gift(&l->role, &m);
        else if (m.type == IPC_PING)
            role_pong(&l->role, true, ledger_entries(l->ledger));
        else if (m.type == IPC_ROLES)
            TRY(take_roles(l, m.body));
        else if (m.type == IPC_RELOAD_ENDED)
            desk_reload_ended(l->desk, m.body);
        else if (m.type == IPC_STOP)
            l->stopping = true;
    }
    if (r != RESULT_OK && r != RESULT_AGAIN)
        l->stopping = true;
    ledger_adopt_policy(l);
    return adopt_peers(l);
}

static enum result flush(struct ledger_role *l)
{
    if (l->edge != NULL && channel_queued(l->edge) > 0) {
        enum result r = channel_flush(l->edge);
        if (r != RESULT_OK && r != RESULT_AGAIN)
            TRY(lose_edge(l, r));
    }
    if (l->console != NULL && channel_queued(l->console) > 0) {
        enum result r = channel_flush(l->console);
        if (r != RESULT_OK && r != RESULT_AGAIN)
            lose_console(l, r);
    }
    return RESULT_OK;
}

/* ---- turns */

static bool console_reads(const struct ledger_role *l)
{
    return l->console != NULL && channel_queued(l->console) < CONSOLE_QUEUED_MOST;
}

static struct pollfd poll_console(const struct ledger_role *l)
{
    const bool reads = console_reads(l);
    if (l->console == NULL || (l->console_waits && reads))
        return (struct pollfd){-1, 0, 0};
    return (struct pollfd){
        channel_fd(l->console),
        (short)((reads ? POLLIN : 0) | (channel_queued(l->console) > 0 ? POLLOUT : 0)), 0};
}

static bool console_speaks(const struct ledger_role *l, const struct pollfd *p)
{
    return console_reads(l) &&
           (l->console_waits || (p->revents & (POLLIN | POLLHUP | POLLERR)) != 0);
}

static enum result turn(struct ledger_role *l)
{
    bool edge_waits = l->edge != NULL && channel_queued(l->edge) > 0;
    struct pollfd p[3 + CONTROL_POLLS] = {{channel_fd(l->role.control), POLLIN, 0},
                                          {l->edge == NULL ? -1 : channel_fd(l->edge),
                                           (short)(edge_waits ? POLLIN | POLLOUT : POLLIN), 0},
                                          poll_console(l)};
    int64_t idle_us = ledger_idle_us(
        l->ledger, l->console_waits && console_reads(l) ? CONSOLE_PAUSE : LONGEST_IDLE);
    struct timespec idle = {idle_us / 1000000, idle_us % 1000000 * 1000};
    desk_poll(l->desk, p + 3);
    if (ppoll(p, ARRAY_LEN(p), &idle, NULL) < 0 && errno != EINTR)
        return RESULT_IO;
    if (l->edge != NULL && (p[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        TRY(hear_edge(l));
    if (console_speaks(l, &p[2]))
        TRY(hear_console(l));
    if (p[0].revents != 0)
        TRY(hear_supervisor(l));
    const int64_t now_us = clock_steady_us(&l->role.log.clock);
    const struct desk_peers peers = peers_of(l);
    TRY(desk_hear(l->desk, p + 3, now_us, &peers));
    TRY(ledger_turn(l->ledger));
    desk_turn(l->desk, now_us, &peers); /* what was answered and ordered is on disk now */
    return flush(l);
}

static enum result open_ledger(struct ledger_role *l)
{
    struct note_key witness[SETTINGS_FILES];
    size_t witnesses;
    const char *wrong;
    TRY(witness_keys_read(&l->role.settings, witness, &witnesses, &wrong)); /* --check tells more */
    struct ledger_config config = {.journal_folder = l->role.gift[GIFT_JOURNAL_FOLDER],
                                   .urgent_folder = l->role.gift[GIFT_URGENT_FOLDER],
                                   .urgent_segments = (uint32_t)l->role.settings.urgent_reserve,
                                   .key_folder = l->role.gift[GIFT_SLOTS_FOLDER],
                                   .audit_folder = l->role.gift[GIFT_AUDIT_FOLDER],
                                   .segment_bytes = (uint32_t)l->role.settings.journal_segment,
                                   .spare_segments = (uint32_t)l->role.settings.journal_reserve,
                                   .checkpoint_every_us = l->role.settings.checkpoint_every,
                                   .register_keep_us = l->role.settings.register_keep,
                                   .log_name = l->role.settings.log_name,
                                   .attained = l->role.attained,
                                   .witness = witness,
                                   .witnesses = witnesses,
                                   .clock_jump_us = l->role.settings.clock_jump,
                                   .destroy_share = (unsigned)l->role.settings.destroy_share,
                                   .witness_late_us = l->role.settings.witness_late,
                                   .clock = clock_system(),
                                   .log = &l->role.log,
                                   .log_aside = l->log_aside,
                                   .journal_aside = l->journal_aside,
                                   .arg = l,
                                   .ask = ask_keeper,
                                   .emit = emit,
                                   .tell_console = tell_console};
    struct journal_fault fault;
    ledger_ask_policy(&config);
    enum result r = ledger_open(&config, &l->ledger, &fault);
    if (r == RESULT_DAMAGED)
        log_line(&l->role.log, LOG_ALARM, "damaged", "segment=%u offset=%llu what=\"%s\"",
                 fault.segment, (unsigned long long)fault.offset, fault.text);
    return r;
}

int ledger_main(void)
{
    struct ledger_role l = {0};
    enum result r = role_begin(&l.role, ROLE_ID_LEDGER);
    if (r == RESULT_OK) {
        role_ask_short_turns(&l.role);
        r = role_close_door(&l.role);
    }
    if (r == RESULT_OK) {
        int keeper = role_claim(&l.role, GIFT_PEER_KEEPER);
        l.desk = desk_new(role_claim(&l.role, GIFT_CONTROL));
        ledger_adopt_policy(&l);
        l.log_aside = aside_new(); /* behind the closed door, as all threads are */
        l.journal_aside = aside_new();
        l.keeper = keeper < 0 ? NULL : channel_new(keeper, ROLE_ID_LEDGER, ROLE_ID_KEEPER);
        r = open_ledger(&l);
    }
    if (r == RESULT_OK)
        r = adopt_peers(&l);
    if (r == RESULT_OK)
        tell_in_force(&l);
    if (r == RESULT_OK)
        r = hear_supervisor(&l); /* what came right behind START */
    while (r == RESULT_OK && !l.stopping)
        r = turn(&l);
    if (r == RESULT_OK)
        r = ledger_checkpoint(l.ledger);
    if (r != RESULT_OK)
        log_line(&l.role.log, LOG_FATAL, "ledger-ends", "why=\"%s\"", result_text(r));
    ledger_close(l.ledger);
    aside_free(l.log_aside);
    aside_free(l.journal_aside);
    desk_free(l.desk);
    policy_close(l.policy);
    role_unmap(l.snapshot);
    channel_free(l.edge);
    channel_free(l.console);
    channel_free(l.keeper);
    role_end(&l.role);
    return r == RESULT_OK ? 0 : 1;
}
