#include "process/desk.h"

#include "base/mem.h"
#include "ipc/control.h"
#include "process/console_asks.h"

#include <stdio.h>

#define EDGE_PATIENCE   (5 * US_PER_S)
#define RELOAD_PATIENCE (120 * US_PER_S)
#define DRAIN_GRACE     (5 * US_PER_S) /* to say what came of it */

/* An order whose answer is out. */
struct order {
    uint64_t ticket; /* 0: free */
    struct ledger_operation is;
    char subject[IDENT_UNIT_MAX + 1];
    int64_t until_us;
    bool begun;
};

struct desk {
    struct control *control;
    struct console_asks *console;
    uint64_t tickets;
    struct order order[CONTROL_CONNECTIONS];
    struct buf roles; /* how they stand, as the supervisor told last: live_role; */
    size_t role_count;
    struct {
        bool runs, is_over, edge_takes_nothing, stays;
        int64_t until_us;
    } drain;
    bool reloads;                   /* the supervisor was told, and has not said what came of it */
    int64_t now_us;                 /* of this turn */
    const struct desk_peers *peers; /* of this turn */
};

struct desk *desk_new(int listener)
{
    struct desk *d = mem_new(sizeof *d);
    d->control = control_new(listener);
    d->console = console_asks_new();
    d->roles = BUF_INIT(4096);
    return d;
}

void desk_free(struct desk *d)
{
    if (d == NULL)
        return;
    control_free(d->control);
    console_asks_free(d->console);
    buf_free(&d->roles);
    mem_free(d);
}

void desk_poll(const struct desk *d, struct pollfd p[CONTROL_POLLS])
{
    control_poll(d->control, p);
}

/* ---- answers that come later */

/* Nothing, when the order was given up. */
static void conclude(struct desk *d, struct order *o, unsigned code, struct bytes text)
{
    const struct control_answer a = {.code = (uint8_t)code,
                                     .text = text,
                                     .done = code == CONTROL_CODE_DONE,
                                     .index = o->is.index};
    struct buf out = BUF_INIT(CONTROL_ANSWER_MAX);
    control_answer_put(&a, &out);
    control_reply(d->control, o->ticket, &out);
    buf_free(&out);
    *o = (struct order){0};
}

static struct order *order_of(struct desk *d, uint64_t ticket)
{
    for (size_t i = 0; i < ARRAY_LEN(d->order); i++)
        if (d->order[i].ticket == ticket)
            return &d->order[i];
    return NULL;
}

/* Every order of this kind that was begun. */
static void conclude_all(struct desk *d, unsigned act, unsigned code, struct bytes text)
{
    for (size_t i = 0; i < ARRAY_LEN(d->order); i++)
        if (d->order[i].ticket != 0 && d->order[i].begun && d->order[i].is.act == act)
            conclude(d, &d->order[i], code, text);
}

/* ---- requests */

static enum result ask_edge(struct desk *d, struct live_ask *ask, struct control_later *later)
{
    struct buf body = BUF_INIT(64);
    ask->ticket = ++d->tickets;
    *later = (struct control_later){ask->ticket, EDGE_PATIENCE};
    live_ask_put(ask, &body);
    channel_send(d->peers->edge, IPC_LIVE_ASK, buf_view(&body), bytes_of(NULL, 0), -1);
    buf_free(&body);
    return RESULT_AGAIN;
}

static int64_t patience(const struct ledger_operation *o)
{
    return o->act == CONTROL_DRAIN    ? o->within_us + DRAIN_GRACE
           : o->act == CONTROL_RELOAD ? RELOAD_PATIENCE
                                      : EDGE_PATIENCE;
}

/* It is in the next commit. Each order has a connection, which outlives it: there is a place. */
static enum result note_order(struct desk *d, const struct ledger_operation *is,
                              struct control_later *later)
{
    struct order *o = order_of(d, 0);
    if (o == NULL)
        return RESULT_STATE;
    d->drain.runs = d->drain.runs || is->act == CONTROL_DRAIN;
    *o = (struct order){.ticket = ++d->tickets, .is = *is, .until_us = d->now_us + patience(is)};
    (void)snprintf(o->subject, sizeof o->subject, "%.*s", (int)is->subject.n,
                   (const char *)is->subject.p);
    *later = (struct control_later){o->ticket, patience(is) + EDGE_PATIENCE};
    return RESULT_AGAIN;
}

/* What the ledger's engine does not know, or has no say in. */
static bool answer_alone(const struct desk *d, struct bytes request, struct buf *out)
{
    static const struct control_answer busy = {.code = CONTROL_CODE_BUSY};
    const struct control_answer roles = {.items = d->role_count};
    struct cursor in = cursor_over(request);
    struct control_request r;
    if (control_request_take(&in, &r) != RESULT_OK)
        return false;
    if (r.ask == CONTROL_LIST && r.list == CONTROL_ROLES) {
        control_answer_put(&roles, out);
        buf_put(out, d->roles.p, d->roles.n);
        return true;
    }
    if (!d->drain.runs || r.ask != CONTROL_OPERATE || r.act != CONTROL_DRAIN)
        return false;
    control_answer_put(&busy, out); /* a second drain is refused before it is recorded */
    return true;
}

static enum result answer(void *arg, struct bytes request, struct buf *out,
                          struct control_later *later)
{
    struct desk *d = arg;
    struct ledger_operation operation;
    struct live_ask ask;
    if (answer_alone(d, request, out))
        return RESULT_OK;
    if (d->peers->edge != NULL && ledger_control_asks_edge(request, &ask))
        return ask_edge(d, &ask, later);
    TRY(ledger_control(d->peers->ledger, request, out));
    return ledger_operation(request, buf_view(out), &operation) ? note_order(d, &operation, later)
                                                                : RESULT_OK;
}

enum result desk_hear(struct desk *d, const struct pollfd p[CONTROL_POLLS], int64_t now_us,
                      const struct desk_peers *peers)
{
    d->now_us = now_us;
    d->peers = peers;
    return control_hear(d->control, p, now_us, answer, d);
}

/* ---- the console */

static enum result answer_console(void *arg, struct bytes request, struct buf *out,
                                  struct control_later *later)
{
    struct desk *d = arg;
    struct live_ask ask;
    if (answer_alone(d, request, out))
        return RESULT_OK;
    if (d->peers->edge != NULL && ledger_control_asks_edge(request, &ask))
        return ask_edge(d, &ask, later);
    return ledger_control_by_console(d->peers->ledger, request, out);
}

enum result desk_console_asks(struct desk *d, struct bytes body, int64_t now_us,
                              const struct desk_peers *peers)
{
    d->now_us = now_us;
    d->peers = peers;
    return console_asks_take(d->console, body, now_us, peers->console, answer_console, d);
}

void desk_console_went(struct desk *d)
{
    console_asks_forget(d->console);
}

/* ---- orders */

static void cut(struct desk *d, struct order *o)
{
    struct buf body = BUF_INIT(256);
    if (d->peers->edge == NULL) {
        conclude(d, o, CONTROL_CODE_NO_EDGE, bytes_of(NULL, 0));
        return;
    }
    buf_u64(&body, o->ticket);
    buf_bytes16(&body, bytes_of_text(o->subject));
    channel_send(d->peers->edge, IPC_CUT, buf_view(&body), bytes_of(NULL, 0), -1);
    buf_free(&body);
}

static void tell_drain(const struct desk_peers *peers)
{
    if (peers->edge != NULL)
        channel_send(peers->edge, IPC_DRAIN, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
}

static void drain(struct desk *d, const struct order *o)
{
    d->drain.stays = o->is.stays;
    d->drain.until_us = d->now_us + o->is.within_us;
    tell_drain(d->peers);
}

static void begin(struct desk *d, struct order *o)
{
    o->begun = true;
    if (o->is.act == CONTROL_CUT)
        cut(d, o);
    else if (o->is.act == CONTROL_DRAIN)
        drain(d, o);
}

/* One at a time for all who wait: what came of a reload is no answer to who asked during it, for
 * another set may lie there since. */
static void begin_reload(struct desk *d)
{
    bool wanted = false;
    for (size_t i = 0; i < ARRAY_LEN(d->order) && !d->reloads; i++) {
        struct order *o = &d->order[i];
        if (o->ticket == 0 || o->begun || o->is.act != CONTROL_RELOAD)
            continue;
        o->begun = wanted = true;
    }
    if (!wanted)
        return;
    d->reloads = true;
    channel_send(d->peers->supervisor, IPC_RELOAD_WANTED, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
}

/* Without an edge nobody is connected, and nothing more is taken either. */
static void look_at_drain(struct desk *d)
{
    if (!d->drain.runs || d->drain.is_over)
        return;
    const bool late = d->now_us >= d->drain.until_us;
    const bool nothing = (d->drain.edge_takes_nothing || d->peers->edge == NULL) &&
                         ledger_deliverable(d->peers->ledger) == 0;
    if (!late && !nothing)
        return;
    d->drain.is_over = true;
    conclude_all(d, CONTROL_DRAIN, nothing ? CONTROL_CODE_DONE : CONTROL_CODE_STILL_WAITING,
                 bytes_of(NULL, 0));
}

void desk_turn(struct desk *d, int64_t now_us, const struct desk_peers *peers)
{
    d->now_us = now_us;
    d->peers = peers;
    const bool was_over = d->drain.is_over;
    for (size_t i = 0; i < ARRAY_LEN(d->order); i++)
        if (d->order[i].ticket != 0 && !d->order[i].begun && d->order[i].is.act != CONTROL_RELOAD)
            begin(d, &d->order[i]);
    begin_reload(d);
    look_at_drain(d);
    for (size_t i = 0; i < ARRAY_LEN(d->order); i++)
        if (d->order[i].ticket != 0 && now_us >= d->order[i].until_us)
            conclude(d, &d->order[i], CONTROL_CODE_TOO_LATE, bytes_of(NULL, 0));
    control_flush(d->control);
    if (peers->console != NULL)
        console_asks_turn(d->console, now_us, peers->console);
    if (d->drain.is_over && !was_over && !d->drain.stays)
        channel_send(peers->supervisor, IPC_DRAINED, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    (void)!channel_flush(peers->supervisor); /* one that is gone shows at the next read */
}

/* ---- what others say */

static enum result take_live(struct desk *d, struct bytes said)
{
    struct buf out = BUF_INIT(CONTROL_ANSWER_MAX);
    uint64_t ticket;
    enum result r = ledger_control_live(said, &ticket, &out);
    if (r == RESULT_OK && order_of(d, ticket) == NULL) { /* none is answered by a list */
        control_reply(d->control, ticket, &out);
        console_asks_reply(d->console, ticket, &out);
    }
    buf_free(&out);
    return r;
}

static enum result take_cut(struct desk *d, struct bytes body)
{
    struct cursor in = cursor_over(body);
    char text[16];
    uint64_t ticket;
    uint32_t count;
    TRY(cursor_u64(&in, &ticket));
    TRY(cursor_u32(&in, &count));
    TRY(cursor_done(&in));
    struct order *o = ticket == 0 ? NULL : order_of(d, ticket);
    (void)snprintf(text, sizeof text, "%u", count);
    if (o != NULL && o->begun && o->is.act == CONTROL_CUT)
        conclude(d, o, CONTROL_CODE_DONE, bytes_of_text(text));
    return RESULT_OK;
}

bool desk_is_for(enum ipc_type type)
{
    return type == IPC_LIVE_SAID || type == IPC_CUT_DONE || type == IPC_DRAINING;
}

enum result desk_edge_said(struct desk *d, const struct channel_message *m)
{
    if (m->type == IPC_LIVE_SAID)
        return take_live(d, m->body);
    if (m->type == IPC_CUT_DONE)
        return take_cut(d, m->body);
    d->drain.edge_takes_nothing = d->drain.runs;
    return RESULT_OK;
}

void desk_edge_came(struct desk *d, const struct desk_peers *peers)
{
    d->drain.edge_takes_nothing = false;
    if (d->drain.runs)
        tell_drain(peers);
}

void desk_roles(struct desk *d, struct bytes roles)
{
    size_t count;
    if (!live_roles_fit(roles, &count))
        return;
    buf_clear(&d->roles);
    buf_put(&d->roles, roles.p, roles.n);
    d->role_count = count;
}

void desk_reload_ended(struct desk *d, struct bytes why)
{
    d->reloads = false;
    conclude_all(d, CONTROL_RELOAD, why.n == 0 ? CONTROL_CODE_DONE : CONTROL_CODE_RELOAD_REFUSED,
                 why);
}
