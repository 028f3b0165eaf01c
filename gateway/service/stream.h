/* Live video: a sender's stream and its watchers. Inside service/ only. */
#ifndef FEDGATE_SERVICE_STREAM_H
#define FEDGATE_SERVICE_STREAM_H

#include "message/media.h"
#include "message/video.h"
#include "service/state.h"

enum { STREAM_TOLD_MAX = 32, STREAM_CLAUSE_MAX = 128 };

enum stream_state {
    STREAM_NEW,      /* the VideoStart has not come */
    STREAM_PLACING,  /* of a camera that moves: its first position has not come */
    STREAM_DECIDING, /* it waits for an incident, or its record is on the way to disk */
    STREAM_OPEN,
    STREAM_ENDED
};

/* A unit that was told that it may watch, and under which clause. */
struct stream_told {
    char unit[IDENT_UNIT_MAX + 1];
    char clause[STREAM_CLAUSE_MAX];
};

struct sender {
    struct session *session;
    struct edge *edge;
    const struct sender_events *events;
    void *arg;
    enum stream_state state;
    bool listed;         /* among the edge's streams */
    struct arena *arena; /* of the facts */
    struct buf start;    /* the encoded VideoFrame with the VideoStart */
    struct facts facts;
    char id[UUID_TEXT + 1];
    struct waiting waiting;
    struct ticket ticket;
    uint64_t index; /* of the leaf that opened it */
    int64_t since_us;
    enum reason refused;
    char clause[STREAM_CLAUSE_MAX], failed[ROAD_TEXT_MAX];
    uint8_t salt[SEAL_SALT], digest[SHA256_BYTES];
    enum media_container container;
    struct media *media;
    struct policy_limits limits;
    struct video_fix place;               /* of a camera that moves; fixed_us 0: not known, */
    int64_t placed_us;                    /* and when it was told, steady clock; */
    int64_t begun_us;                     /* when the VideoStart came, steady clock */
    bool beyond_limit;                    /* opened past streams_per_incident in an emergency */
    int64_t allowance_bits, allowance_us; /* what may pass now, and when that was computed */
    bool paced;
    uint64_t bytes, frames;
    struct stream_told told[STREAM_TOLD_MAX];
    size_t tolds;
    TAILQ_HEAD(, watcher) watchers;
    TAILQ_ENTRY(sender) next;
};

enum watch_state { WATCH_DECIDING, WATCH_LIVE, WATCH_ENDED };

struct watcher {
    struct session *session;
    struct edge *edge;
    const struct watcher_events *events;
    void *arg;
    enum watch_state state;
    struct sender *sender; /* NULL: the stream has ended, or was never found */
    struct arena *arena;
    struct facts facts; /* purpose, basis, actor */
    struct ticket ticket;
    uint64_t index;
    struct decision decision; /* its texts are copied below */
    char clause[STREAM_CLAUSE_MAX], failed[ROAD_TEXT_MAX];
    struct obligations obligations;
    bool rests; /* on a consent: */
    uint8_t consent[ROAD_CONSENT];
    bool started; /* it gets data; else it waits for a point where a decoder can start */
    bool in_gap;
    uint64_t gap_bytes;
    int64_t gap_us; /* when it began, steady clock */
    uint64_t bytes, frames, gaps;
    struct hasher *sent; /* over those bytes where the grant asks for stream_digest; else NULL */
    int64_t summed_us;
    TAILQ_ENTRY(watcher) of_stream;
    TAILQ_ENTRY(watcher) next;
};

/* ---- stream.c */

/* The first frame of a sender's call, which has the VideoStart: the stream is decided, or waits for
 * an incident's change to be decided. RESULT_MALFORMED, RESULT_TOO_LARGE: the call is to be ended.
 */
MUST_USE enum result stream_begin(struct sender *s, struct bytes frame);

/* The question of a watcher, or of the sender itself (watcher NULL). */
/* Whether there are as many other streams of its incident as its grant allows; and the limit's
 * name, for refusals. */
bool stream_is_one_too_many(const struct sender *s);
extern const char stream_limit[];

enum reason stream_ask(struct sender *s, const struct facts *watcher,
                       const struct incident *incident[FACTS_INCIDENT_MAX],
                       struct policy_question *q, const char **failed);

/* Decides what has not been decided, and puts it on record. */
void stream_run(struct sender *s);

/* A refusal before that. */
void stream_refuse(struct sender *s, enum reason reason, const char *clause, const char *failed);

/* Copies at most `room` - 1 characters. */
void stream_copy(char *out, size_t room, const char *text);

/* ---- stream_record.c */

/* An event about a stream, with its envelope. */
struct stream_event {
    unsigned event;
    const char *unit; /* or "" */
    enum reason reason;
    const char *clause, *failed, *detail;
    uint64_t refers;
    const struct facts *actor; /* of a beginning: who sends or watches; the register keeps it */
    const struct obligations *owed; /* of a watcher's: what it is to destroy; */
    struct bytes consent;           /* the consent that it rests on, or empty; */
    uint32_t incident; /* which of the stream's incidents made it hold, or POLICY_NONE */
};
void stream_record(const struct sender *s, const struct stream_event *event, struct ticket *ticket);

/* The end of what has a beginning on its way to disk, under this ticket: recorded after it. Nothing
 * when the ticket is not out. */
void stream_record_after(const struct sender *s, const struct stream_event *event,
                         struct ticket *beginning);

/* ---- stream_tell.c */

/* The answer to the start: a receipt, with what was decided. */
void stream_tell_opened(struct sender *s, enum road_verdict verdict);
void stream_tell_stop(struct sender *s, enum reason reason, const char *clause, const char *failed);

/* Someone began or stopped watching: the sender is told how many there are. */
void stream_watchers_changed(struct sender *s);

/* Units that may watch are told that the stream is open, each once; then that it has ended. `q` is
 * the sender's question. */
void stream_tell_units(struct sender *s, const struct policy_question *q);
void stream_tell_units_end(struct sender *s, enum reason reason);

/* ---- stream_feed.c */

/* Tells a sender that was asked to wait when there is room. It may send at once, and so be gone. */
void stream_feed_tick(struct sender *s);

/* ---- stream_end.c: each frees the sender */

/* Ends the stream from this side: watchers, units that were told and the sender hear why. */
void stream_stop(struct sender *s, enum reason reason, const char *clause, const char *failed);

/* Closes the sender; its call hears of it last, when nothing of it is left. */
void stream_finish_call(struct sender *s, int status, const char *why);

/* ---- stream_place.c */

/* Fills the facts with where the camera is now. */
void stream_place(struct sender *s);

/* Whether it may still be told where the camera is before this is decided. */
bool stream_waits_for_place(const struct sender *s);

/* A frame with the position of a camera that moves: decides the stream, or judges it again. It may
 * be stopped by that, and freed. RESULT_MALFORMED: the call is to be ended. */
MUST_USE enum result stream_take_position(struct sender *s, struct bytes frame);

/* ---- stream_judge.c */

/* Judges an open stream and its watchers again; it may be stopped by that, and freed. */
void stream_judge(struct sender *s);

/* Of several clauses that refuse a stream, the one that tells its sender most: that it was opened
 * under; at the opening, of a camera that moves, one that asks where it is. Else *d stays. */
void stream_blame(const struct sender *s, const struct policy_question *q, struct decision *d);

/* What a fulfilled purpose looks like to those who are stopped by it. */
enum reason stream_reason_of_end(enum reason r);

/* ---- watch_feed.c */
/* A chunk that passes, and what was found in it; `before` passes in front of it (NULL: nothing). */
struct passing {
    struct shared *before, *owner;
    struct bytes chunk;
    struct media_found found;
};

/* It may be stopped by that. */
void watch_feed(struct watcher *w, const struct passing *p);
void watch_gap(struct watcher *w, struct bytes frame, struct shared *owner);

/* ---- watch.c */
struct Fedgate__V1__VideoFrame;
void watch_put_frame(struct watcher *w, const struct Fedgate__V1__VideoFrame *frame);

/* Judges a watcher again; one that may not go on is stopped, with the reason. */
void watch_judge(struct watcher *w);
void watch_stop(struct watcher *w, enum reason reason, const char *clause, const char *failed);
void watch_tick(struct watcher *w);

#endif
