/*
 * What one role says to another, read by one that trusts it less. The first byte chooses: the
 * framing of a channel, or one structure. There is one way to write each structure, so what was
 * taken is written again byte for byte.
 */
#include "fuzz.h"

#include "incident/incident.h"
#include "ipc/activation.h"
#include "ipc/channel.h"
#include "ipc/console_road.h"
#include "ipc/half_road.h"
#include "ipc/live.h"
#include "ipc/log_road.h"
#include "ipc/offender.h"
#include "ipc/register.h"
#include "ipc/road.h"
#include "standing/standing.h"

#include <sys/socket.h>
#include <unistd.h>

/* X(structure, taker, putter) */
#define STRUCTURES(X)                                                                              \
    X(struct road_commit, road_commit_take, road_commit_put)                                       \
    X(struct road_committed, road_committed_take, road_committed_put)                              \
    X(struct road_subscribe, road_subscribe_take, road_subscribe_put)                              \
    X(struct road_deliver, road_deliver_take, road_deliver_put)                                    \
    X(struct road_release, road_release_take, road_release_put)                                    \
    X(struct road_released, road_released_take, road_released_put)                                 \
    X(struct road_ack, road_ack_take, road_ack_put)                                                \
    X(struct road_event, road_event_take, road_event_put)                                          \
    X(struct keys_scope, keys_scope_take, keys_scope_put)                                          \
    X(struct keys_ledger, keys_ledger_take, keys_ledger_put)                                       \
    X(struct keys_slot, keys_slot_take, keys_slot_put)                                             \
    X(struct keys_checkpoint, keys_checkpoint_take, keys_checkpoint_put)                           \
    X(struct incident_change, incident_change_take, incident_change_put)                           \
    X(struct incident, incident_take, incident_put)                                                \
    X(struct road_provision, road_provision_take, road_provision_put)                              \
    X(struct standing_change, standing_change_take, standing_change_put)                           \
    X(struct log_ask, log_ask_take, log_ask_put)                                                   \
    X(struct log_said, log_said_take, log_said_put)                                                \
    X(struct road_fact, road_fact_take, road_fact_put)                                             \
    X(struct register_scope, register_scope_take, register_scope_put)                              \
    X(struct register_opened, register_opened_take, register_opened_put)                           \
    X(struct road_settle, road_settle_take, road_settle_put)                                       \
    X(struct road_order_state, road_order_state_take, road_order_state_put)                        \
    X(struct half_ask, half_ask_take, half_ask_put)                                                \
    X(struct half_said, half_said_take, half_said_put)                                             \
    X(struct half_make, half_make_take, half_make_put)                                             \
    X(struct activation, activation_take, activation_put)                                          \
    X(struct half_hold, half_hold_take, half_hold_put)                                             \
    X(struct keys_slot, register_slot_take, keys_slot_put)                                         \
    X(struct live_ask, live_ask_take, live_ask_put)                                                \
    X(struct live_said, live_said_take, live_said_put)                                             \
    X(struct live_edge, live_edge_take, live_edge_put)                                             \
    X(struct live_unit, live_unit_take, live_unit_put)                                             \
    X(struct live_session, live_session_take, live_session_put)                                    \
    X(struct live_stream, live_stream_take, live_stream_put)                                       \
    X(struct live_ledger, live_ledger_take, live_ledger_put)                                       \
    X(struct live_party, live_party_take, live_party_put)                                          \
    X(struct live_incident, live_incident_take, live_incident_put)                                 \
    X(struct live_role, live_role_take, live_role_put)

#define COMES_BACK(structure, taker, putter)                                                       \
    static void comes_back_##taker(struct bytes bytes)                                             \
    {                                                                                              \
        static structure s;                                                                        \
        struct cursor in = cursor_over(bytes);                                                     \
        struct buf out = BUF_INIT(CHANNEL_MESSAGE_MAX);                                            \
        if (taker(&in, &s) == RESULT_OK) {                                                         \
            putter(&s, &out);                                                                      \
            HOLDS(buf_status(&out) == RESULT_OK);                                                  \
            HOLDS(bytes_equal(buf_view(&out), bytes_of(bytes.p, bytes.n - in.left)));              \
        }                                                                                          \
        buf_free(&out);                                                                            \
    }
STRUCTURES(COMES_BACK)
/* Behind all others, so that seeds keep their numbers. */
#define LATER(X)                                                                                   \
    X(struct road_offender, road_offender_take, road_offender_put)                                 \
    X(struct console_ask, console_ask_take, console_ask_put)                                       \
    X(struct console_said, console_said_take, console_said_put)                                    \
    X(struct console_view, console_view_take, console_view_put)                                    \
    X(struct console_viewed, console_viewed_take, console_viewed_put)                              \
    X(struct register_plain, register_plain_take, register_plain_put)
LATER(COMES_BACK)

static void are_words(struct bytes bytes)
{
    HOLDS(!console_is_page(bytes) || !console_is_form(bytes));
}

/* Items that fit are so many, and nothing is left behind them. */
static void items_fit(struct bytes bytes)
{
    struct live_said said;
    struct cursor in = cursor_over(bytes);
    if (live_said_take(&in, &said) == RESULT_OK && live_items_fit(in, said.what, said.items))
        HOLDS(!live_items_fit(in, said.what, said.items + 1));
}

/* Roles that fit are none twice. */
static void roles_fit(struct bytes bytes)
{
    size_t count;
    if (live_roles_fit(bytes, &count))
        HOLDS(count <= ROLE_ID_COUNT);
}

/* A descriptor comes with the first byte, or none does. */
static void say(int to, struct bytes piece, bool with_descriptor)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec v = {(void *)(uintptr_t)piece.p, piece.n};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    memcpy(CMSG_DATA(&control.head), &to, sizeof to);
    if (with_descriptor) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
    }
    HOLDS(piece.n == 0 || sendmsg(to, &m, MSG_DONTWAIT) == (ssize_t)piece.n);
}

/* The edge is the role that peers' bytes reach first; it sends `stream` to the ledger, in two
 * pieces, as many of them with a descriptor as `flags` says. What is handed out is what was sent,
 * and a descriptor comes only with a message that announced one. */
static void passes_channel(struct bytes stream, size_t first, uint8_t flags)
{
    int fd[2];
    struct channel_message m;
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    struct channel *c = channel_new(fd[0], ROLE_ID_LEDGER, ROLE_ID_EDGE);
    const struct bytes piece[] = {{stream.p, first}, {stream.p + first, stream.n - first}};
    size_t taken = 0;
    for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
        say(fd[1], piece[i], (flags >> i & 1) != 0);
        enum result r = channel_receive(c);
        HOLDS(r == RESULT_OK || r == RESULT_AGAIN || r == RESULT_MALFORMED);
        if (r == RESULT_MALFORMED)
            break;
        while (channel_next(c, &m)) {
            HOLDS(strcmp(ipc_type_name(m.type), "?") != 0);
            HOLDS((m.fd >= 0) == (stream.p[taken + 7] == 1));
            if (m.fd >= 0)
                HOLDS(close(m.fd) == 0);
            taken += 8 + m.body.n;
            HOLDS(taken <= stream.n &&
                  bytes_equal(m.body, bytes_of(stream.p + taken - m.body.n, m.body.n)));
        }
    }
    channel_free(c);
    (void)close(fd[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const each[])(struct bytes) = {
#define ROW(structure, taker, putter) comes_back_##taker,
        STRUCTURES(ROW) items_fit, roles_fit, LATER(ROW) are_words};
#undef ROW
    enum { STREAM_MAX = 64 << 10 }; /* fits a socket's buffer */
    struct cursor in = cursor_over(bytes_of(data, size));
    size_t chosen = fuzz_byte(&in) % (ARRAY_LEN(each) + 1);
    if (chosen > 0) {
        each[chosen - 1](bytes_of(in.at, in.left));
    } else if (in.left < STREAM_MAX) {
        uint8_t flags = fuzz_byte(&in);
        size_t first = flags >> 2;
        passes_channel(bytes_of(in.at, in.left), first < in.left ? first : in.left, flags);
    }
    return 0;
}
