/* What the drivers of alerts and of video have in common towards the gateway. */
#ifndef FEDGATE_BENCH_FEDGATE_H
#define FEDGATE_BENCH_FEDGATE_H

#include "base/bytes.h"
#include "client/client.h"
#include "common.h"

/* One unit's connection. */
struct fedgate_end_point {
    const char *unit;
    struct fedgate_client *client;
    bool connected, patient;
};

/* Connects, and returns when the connection stands. `patient`: a gateway that does not answer yet
 * is asked again and again. */
void fedgate_connect(struct fedgate_end_point *e, const char *port, const char *pki,
                     const char *unit, bool patient);

/* Turns until `*done`; `what` says what did not come when it takes too long. */
void fedgate_await(struct fedgate_end_point *e, const bool *done, const char *what);

/* Publishes one message and awaits that it is accepted. */
void fedgate_publish_one(struct fedgate_end_point *e, struct bytes message);

/* For events that end the benchmark. */
void fedgate_call_ended(void *arg, const struct fedgate_end *end);

#endif
