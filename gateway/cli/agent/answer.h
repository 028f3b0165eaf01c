/* fedgate-agent answer: plays a unit of a test bench, the other side of whoever develops against a
 * gateway. An ordinary client: it answers what it is delivered as TEST, and nothing else. */
#ifndef FEDGATE_CLI_AGENT_ANSWER_H
#define FEDGATE_CLI_AGENT_ANSWER_H

#include "base/geo.h"
#include "base/ident.h"
#include "cli/agent/message.h"
#include "cli/agent/stream.h"

#include <sys/queue.h>

struct answer_stream;
struct answer_watch;

struct answer {
    struct agent agent;
    struct agent_header own;    /* of what it says of its own accord: as the options say */
    struct agent_header header; /* of answers: person and status; the rest is what they answer */
    const char *unit;           /* that the certificate names */
    const char *queue, *receipt_key, *video, *camera, *codec, *open;
    bool locate; /* asks for positions */
    bool has_position;
    struct point position;
    int64_t every_us;
    struct minisign_secret *key;
    struct buf packets; /* of --video */
    struct fedgate_subscriber *subscriber;
    struct fedgate_publisher *publisher[2]; /* by lane */
    unsigned ended;                         /* publishers */
    struct fedgate_timer *next;             /* when it begins something again */
    char incident[IDENT_INCIDENT_MAX + 1];  /* that it opened last; "": none */
    LIST_HEAD(, answer_stream) streams;
    LIST_HEAD(, answer_watch) watches;
    unsigned watching;
    bool finishing;
};

/* ---- answer_make.c: what is said. Everything lives in the arena, or in the message answered. */

/* The answer to a message that was delivered as this record; NULL: it has none. */
struct Fedgate__V1__Message *answer_to(const struct answer *w, struct arena *a,
                                       const struct Fedgate__V1__Message *m,
                                       const struct fedgate_record *record);

/* Messages about w->incident: it begins, video of its place is asked for, it is over. */
struct Fedgate__V1__Message *answer_report(const struct answer *w, struct arena *a);
struct Fedgate__V1__Message *answer_request(const struct answer *w, struct arena *a);
struct Fedgate__V1__Message *answer_close(const struct answer *w, struct arena *a);

/* Asks for the position of whoever has made the emergency call that the options' evidence names. */
struct Fedgate__V1__Message *answer_locate(const struct answer *w, struct arena *a);

/* The start of a stream of this camera, in answer to a video_request; and what watches a stream of
 * which a stream_notice tells. False: larger than a request can be. */
bool answer_start(const struct answer *w, const struct Fedgate__V1__Message *request,
                  const char *camera, struct buf *out);
bool answer_watch_request(const struct answer *w, const struct Fedgate__V1__Message *notice,
                          struct buf *out);

/* The camera that a video_request is answered with; "": none. */
const char *answer_camera(const struct answer *w, const struct Fedgate__V1__Message *request);

/* ---- answer_video.c */

/* Sends --video once somebody watches, or after a while; watches a stream to its end. */
void answer_send(struct answer *w, const struct Fedgate__V1__Message *request);
void answer_watch(struct answer *w, const struct Fedgate__V1__Message *notice);
void answer_video_end(struct answer *w); /* frees what is left */

#endif
