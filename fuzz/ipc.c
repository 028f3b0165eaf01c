/*
 * What one role says to another, read by one that trusts it less. The first byte chooses: the
 * framing of a channel, or one structure. There is one way to write each structure, so what was
 * taken is written again byte for byte.
 */
#include "fuzz.h"

#include "incident/incident.h"
#include "ipc/channel.h"
#include "ipc/half_road.h"
#include "ipc/log_road.h"
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
    X(struct half_make, half_make_take, half_make_put)

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

/* The edge is the role that peers' bytes reach first; it sends `stream` to the ledger, in two
 * pieces. */
static void passes_channel(struct bytes stream, size_t first)
{
    int fd[2];
    struct channel_message m;
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    struct channel *c = channel_new(fd[0], ROLE_ID_LEDGER, ROLE_ID_EDGE);
    const struct bytes piece[] = {{stream.p, first}, {stream.p + first, stream.n - first}};
    size_t taken = 0;
    for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
        if (piece[i].n > 0)
            HOLDS(send(fd[1], piece[i].p, piece[i].n, MSG_DONTWAIT) == (ssize_t)piece[i].n);
        enum result r = channel_receive(c);
        HOLDS(r == RESULT_OK || r == RESULT_AGAIN || r == RESULT_MALFORMED);
        if (r == RESULT_MALFORMED)
            break;
        while (channel_next(c, &m)) {
            HOLDS(m.fd < 0 && strcmp(ipc_type_name(m.type), "?") != 0);
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
        STRUCTURES(ROW)
#undef ROW
    };
    enum { STREAM_MAX = 64 << 10 }; /* fits a socket's buffer */
    struct cursor in = cursor_over(bytes_of(data, size));
    size_t chosen = fuzz_byte(&in) % (ARRAY_LEN(each) + 1);
    if (chosen > 0) {
        each[chosen - 1](bytes_of(in.at, in.left));
    } else if (in.left < STREAM_MAX) {
        size_t first = fuzz_byte(&in);
        passes_channel(bytes_of(in.at, in.left), first < in.left ? first : in.left);
    }
    return 0;
}
