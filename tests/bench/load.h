/*
 * The load generator of the benchmark: one sender and one taker in one process, each on a thread of
 * its own, and a server between them. It sends as fast as the window allows, or at a rate, and
 * checks that what arrived is what was sent.
 *
 * A driver connects both ends to one kind of server and moves bytes; load.c counts, paces, checks
 * and times.
 */
#ifndef FEDGATE_BENCH_LOAD_H
#define FEDGATE_BENCH_LOAD_H

#include "base/bytes.h"
#include "common.h"

#include <stdatomic.h>

struct load_options {
    const char *driver;
    const char *port;      /* of the server, on localhost */
    const char *sink_port; /* where a relay connects to */
    const char *pki;       /* a folder of certs/make-dev-pki */
    const char *clip;      /* a transport stream; video only */
    uint64_t count, warm;  /* pieces: alerts, or chunks of video */
    uint64_t window;       /* pieces that may be under way */
    uint64_t rate;         /* pieces a second; 0: as fast as possible */
    uint64_t run;          /* those of another are others */
    uint64_t watchers;     /* of the video */
    uint64_t incidents;    /* that are opened before, besides that of the alerts */
};

struct load;

struct driver {
    const char *name;
    bool video;
    /* Connects both ends; returns when a piece that is sent would arrive. */
    void *(*open)(struct load *l);
    /* The sender's thread: takes a piece, or has no room for it now. */
    bool (*send)(void *arg, struct bytes piece);
    /* The sender's thread: lets things happen until something did, at most `most_us`. */
    void (*turn)(void *arg, int64_t most_us);
    /* The taker's thread: the same. */
    void (*take)(void *arg, int64_t most_us);
    /* NULL, or: nothing is taken before the server was started again, and this connects both ends
     * then. */
    void (*again)(void *arg);
};

extern const struct driver driver_fedgate, driver_fedgate_restart, driver_fedgate_video,
    driver_mosquitto, driver_jetstream, driver_rabbitmq, driver_tls_relay;

const struct load_options *load_options(const struct load *l);

/* `n` pieces that were sent are the server's now. From any thread. */
void load_acknowledged(struct load *l, uint64_t n);

/* From the taker's thread: an alert, or the next bytes of the video; or that everybody has it up to
 * there, where the driver compared it. */
void load_alert_arrived(struct load *l, struct bytes alert);
void load_video_arrived(struct load *l, struct bytes data);
void load_video_reached(struct load *l, uint64_t position);

/* The alerts of this load. */
struct alert;
struct alert *load_new_alert(const struct load *l);

/* A descriptor that becomes readable when a sender that waits for its window may go on; load_wait
 * waits for it, load_woken empties it. */
int load_wake_fd(const struct load *l);
void load_woken(struct load *l);
void load_wait(struct load *l, int64_t most_us);

#endif
