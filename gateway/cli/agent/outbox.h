/*
 * The folder in which messages wait until the gateway has given a receipt for each: what --spool
 * names.
 *
 *   urgent/TIME-ID, normal/TIME-ID   a message as it is sent, by lane; TIME is their order
 *   refused/TIME-ID                  one that the gateway refused, and TIME-ID.json, why
 *   writing, sending                 locked by those who put messages, by the one who sends
 *
 * Whatever moment a process or the machine ends at: a message that outbox_put took is there, whole,
 * until it is removed. Several processes may put at once; the order is that of each of them.
 */
#ifndef FEDGATE_CLI_AGENT_OUTBOX_H
#define FEDGATE_CLI_AGENT_OUTBOX_H

#include "base/buf.h"
#include "base/ident.h"
#include "client/client.h"

enum {
    OUTBOX_NAME = 20 + 1 + UUID_TEXT, /* characters of a message's name in it */
    OUTBOX_REFUSED_MAX = 1000         /* refused messages that are kept, the latest */
};

struct outbox;

struct outbox_limits {
    size_t count;
    uint64_t bytes;
};

/* Opens it, and makes it where it is not there. NULL after an error message: also when others than
 * its owner may look into it. */
struct outbox *outbox_open(const char *path, struct outbox_limits most);
void outbox_close(struct outbox *o); /* accepts NULL */

/* RESULT_OK: the message is on disk. RESULT_MALFORMED: its id is no UUID. RESULT_FULL: as many wait
 * as may; what other processes put counts within a second. RESULT_IO after an error message. */
MUST_USE enum result outbox_put(struct outbox *o, enum fedgate_lane lane, const char *id,
                                struct bytes message, int64_t now_us);

/* How many wait, and their bytes, counted anew. RESULT_IO after an error message. */
MUST_USE enum result outbox_count(struct outbox *o, size_t *count, uint64_t *bytes);

/* This process is the one that sends, until it closes. False after an error message. */
bool outbox_claim(struct outbox *o);

/* Names of messages, in order. */
struct outbox_list {
    char (*name)[OUTBOX_NAME + 1];
    size_t count, room;
};

/* The first `most` of a lane. RESULT_OK, RESULT_IO after an error message. Freed in any case. */
MUST_USE enum result outbox_list(struct outbox *o, enum fedgate_lane lane, size_t most,
                                 struct outbox_list *out);
void outbox_list_free(struct outbox_list *list);

/* Appends a message. RESULT_NOT_FOUND; RESULT_TOO_LARGE: than the buffer may become; RESULT_IO
 * after an error message. */
MUST_USE enum result outbox_read(struct outbox *o, enum fedgate_lane lane, const char *name,
                                 struct buf *out);

/* It has its receipt. RESULT_OK, RESULT_IO after an error message. */
MUST_USE enum result outbox_remove(struct outbox *o, enum fedgate_lane lane, const char *name);

/* It was refused: set aside with what says why, JSON. RESULT_OK, RESULT_IO after an error message.
 */
MUST_USE enum result outbox_refuse(struct outbox *o, enum fedgate_lane lane, const char *name,
                                   struct bytes why);

/* What was removed is gone from the disk's folders too. */
void outbox_settle(struct outbox *o);

/* A descriptor that can be read when a message may have come, and what reads it empty; -1 after an
 * error message. The caller's to close. */
int outbox_watch(const struct outbox *o);
void outbox_watch_read(int fd);

#endif
