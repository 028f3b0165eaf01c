/*
 * Typed messages between two roles, over a stream socket: u32 length, u16 type, u16 flags, body; a
 * descriptor may ride along. Small and non-blocking; knows no event loop. What a peer sends is
 * bounded, and what it says is not trusted.
 */
#ifndef FEDGATE_IPC_CHANNEL_H
#define FEDGATE_IPC_CHANNEL_H

#include "base/buf.h"

enum ipc_type {
#define I(NAME, number, FROM, TO, text) IPC_##NAME = (number),
#include "ipc/messages.def"
#undef I
};

enum ipc_role {
    ROLE_ID_SUPERVISOR,
    ROLE_ID_EDGE,
    ROLE_ID_LEDGER,
    ROLE_ID_KEEPER,
    ROLE_ID_COMPILER,
    ROLE_ID_CONSOLE,
    ROLE_ID_COUNT
};

/* What a GIVE message is about; the name is its whole body, one byte. */
enum ipc_gift {
#define GIFT(NAME, word, text) GIFT_##NAME,
#include "ipc/gifts.def"
#undef GIFT
    GIFT_COUNT
};
const char *ipc_gift_name(unsigned gift);

enum { CHANNEL_MESSAGE_MAX = 32 << 20 /* all key scopes that may live (keys.h) */ };

struct channel;

/* A channel between `self` and `peer` over a connected stream socket, which it owns from now on and
 * makes non-blocking. */
struct channel *channel_new(int fd, enum ipc_role self, enum ipc_role peer);

/* Closes the socket and wipes what waited. Accepts NULL. */
void channel_free(struct channel *c);

int channel_fd(const struct channel *c);

/* A message as it came. `body` is valid until the next channel_receive or channel_next; `fd` is the
 * caller's, -1 when there is none or this process had no room for it. */
struct channel_message {
    enum ipc_type type;
    struct bytes body;
    int fd;
};

/* Reads what is there, at most a few MiB. RESULT_OK, RESULT_AGAIN when there was nothing,
 * RESULT_CLOSED at the peer's end, RESULT_IO; RESULT_MALFORMED for a message that is too long or
 * not in the table for this peer, for descriptors that no message announced or that did not come,
 * and when more than two of the longest messages wait to be taken. */
MUST_USE enum result channel_receive(struct channel *c);

/* The next whole message among what was read; those before are wiped when there is none. */
bool channel_next(struct channel *c, struct channel_message *out);

/* Queues a message of one or two parts, CHANNEL_MESSAGE_MAX together; a descriptor (or -1) is
 * duplicated. A message that is too long or whose descriptor cannot be duplicated breaks the
 * channel: nothing more is sent. */
void channel_send(struct channel *c, enum ipc_type type, struct bytes body, struct bytes more,
                  int fd);

/* Writes what is queued. RESULT_OK when all is out, RESULT_AGAIN when the socket is full,
 * RESULT_CLOSED, RESULT_IO; RESULT_TOO_LARGE and RESULT_FULL for the two ways to break it. */
MUST_USE enum result channel_flush(struct channel *c);
size_t channel_queued(const struct channel *c);

/*
 * Sends one message and waits for the next one from the peer: for the short questions to the
 * keeper, on channels that carry nothing else. `reply` is cleared and receives the body, of which
 * nothing stays here. RESULT_MISMATCH when another type comes, RESULT_UNAVAILABLE when the whole
 * took `most_us` of the system's steady clock. After anything but RESULT_OK the channel is to be
 * freed: a late answer would be taken for the next one's.
 */
MUST_USE enum result channel_call(struct channel *c, enum ipc_type type, struct bytes body,
                                  enum ipc_type expected, struct buf *reply, int64_t most_us);

/* The message's name, for logs; "?" when there is none. */
const char *ipc_type_name(enum ipc_type t);
const char *ipc_role_name(enum ipc_role r);

#endif
