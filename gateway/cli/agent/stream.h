/* Streams of bytes as fedgate-agent reads and writes them: files and pipes, transport-stream
 * packets, and what is told meanwhile. */
#ifndef FEDGATE_CLI_AGENT_STREAM_H
#define FEDGATE_CLI_AGENT_STREAM_H

#include "cli/agent/agent.h"

/* ---------------------------------------------------------------- input.c, output.c */

/* A file, or standard input ("-"), read without holding the loop up; an agent without a client has
 * none, and waits. */
struct agent_input;

/* `ready` is called from the loop when there is something to read, after agent_input_read answered
 * RESULT_AGAIN. NULL after an error message. */
struct agent_input *agent_input_open(struct agent *a, const char *path, void (*ready)(void *arg),
                                     void *arg);
/* The same of a descriptor, which it closes at the end; `name` outlives it. */
struct agent_input *agent_input_of(struct agent *a, int fd, const char *name,
                                   void (*ready)(void *arg), void *arg);
void agent_input_close(struct agent_input *in); /* accepts NULL */

/* Appends at most `most` bytes. RESULT_OK; RESULT_AGAIN; RESULT_END; RESULT_IO after an error
 * message. */
MUST_USE enum result agent_input_read(struct agent_input *in, size_t most, struct buf *out);

/* Goes back to the beginning of a file; false when it is none. */
bool agent_input_rewind(struct agent_input *in);
const char *agent_input_name(const struct agent_input *in);

/* A file, or standard output (NULL), written without holding the loop up. */
struct agent_output;

/* `drained` is called from the loop: with RESULT_OK each time that everything is written which
 * could not be at once, else as agent_output_put answers. NULL after an error message; a terminal
 * is refused. */
struct agent_output *agent_output_open(struct agent *a, const char *path,
                                       void (*drained)(void *arg, enum result r), void *arg);
struct agent_output *agent_output_of(struct agent *a, int fd, const char *name,
                                     void (*drained)(void *arg, enum result r), void *arg);
void agent_output_close(struct agent_output *o); /* accepts NULL */

/* RESULT_OK; RESULT_AGAIN: taken, but wait for `drained`; RESULT_CLOSED: the reader is gone;
 * RESULT_IO after an error message. */
MUST_USE enum result agent_output_put(struct agent_output *o, struct bytes data);

/* Bytes that are not written yet. */
size_t agent_output_waiting(const struct agent_output *o);

/* ---------------------------------------------------------------- packets.c */

/* How many bytes at the front are whole transport-stream packets, up to the first without its sync
 * byte; *wrong: whether there is such a one. */
size_t agent_packets(struct bytes data, bool *wrong);

/* Paces packets by the clock that is in them (PCR; ISO/IEC 13818-1, 2.4.2). */
struct agent_pace {
    bool begun;
    uint16_t pid;    /* whose clock it is */
    uint64_t last;   /* its value, in 27 MHz */
    uint64_t passed; /* since the first, in 27 MHz */
};

/* How many bytes at the front of whole packets belong together, up to the next clock value, and
 * when they are due: *due_us after the first of all. May be asked again for the same packets. A
 * clock that jumps goes on from where it was. */
size_t agent_pace_next(struct agent_pace *p, struct bytes packets, int64_t *due_us);

/* ---------------------------------------------------------------- clip.c */

/* The front of a file, sent in one go: whole packets, a mebibyte at most, which is a camera's
 * second.
 */
struct agent_clip;

struct agent_clip_end {
    struct agent_clip *clip; /* to be freed */
    bool good;               /* it was taken to its end */
    size_t sent;
    const char *why; /* it was not; valid as long as the clip */
};

/* Reads that front into a buffer of this ceiling; false after an error message. */
enum { AGENT_CLIP_FILE = (64 << 20) + 65536 };
bool agent_clip_read(const char *path, struct buf *out);

/* Opens a stream with an encoded VideoStart and sends the packets, which stay the caller's; waits
 * so long for somebody who watches first (0: for nobody). `over` is called once. NULL when the
 * start is larger than a request may be. */
struct agent_clip *agent_clip_new(struct fedgate_client *c, struct bytes start,
                                  struct bytes packets, int64_t patience_us,
                                  void (*over)(void *arg, const struct agent_clip_end *end),
                                  void *arg);
void agent_clip_free(struct agent_clip *c); /* accepts NULL; also from `over` */

/* ---------------------------------------------------------------- events.c */

/* What happens to a stream, one JSON object a line; and a line of progress on a terminal. */
struct agent_events;

/* To a file (path), which grows; or to standard output (standard); or nowhere. NULL after an error
 * message. */
struct agent_events *agent_events_open(struct agent *a, const char *path, bool standard,
                                       const char *stream);
void agent_events_close(struct agent_events *e); /* accepts NULL */

/* {"at":...,"event":...,"streamId":..., MEMBERS}; members "" or JSON members without the comma in
 * front. */
void agent_event(struct agent_events *e, const char *event, const char *members);

/* The same with one member: a message of the contract. */
void agent_event_message(struct agent_events *e, const char *event, const char *member,
                         const char *type, struct fedgate_bytes encoded);

/* Bytes that have passed; shown at most twice a second. */
void agent_progress(struct agent_events *e, uint64_t bytes, const char *more);

/* ---------------------------------------------------------------- positions.c */

/* Tells the gateway where the sender's camera is, line for line of a file or of standard input
 * ("-"): {"time":...,"lat":...,"lon":...,"accuracy":...}, each at its time. */
struct agent_positions;

struct agent_positions *agent_positions_open(struct agent *a, const char *path,
                                             struct agent_events *events,
                                             struct fedgate_sender *sender);
void agent_positions_close(struct agent_positions *p); /* accepts NULL; before the sender ends */

#endif
