/* Samples of the metrics, and how they are written: the text format of Prometheus, version 0.0.4.
 * Inside console/ only. */
#ifndef FEDGATE_CONSOLE_METRIC_SET_H
#define FEDGATE_CONSOLE_METRIC_SET_H

#include "base/buf.h"

#define METRIC_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Stands for every word that is none of the policy's: no word begins so. */
#define METRIC_OTHER "_other"

enum metric {
#define M(NAME, name, type, label, second, help) METRIC_##NAME,
#include "console/metrics.def"
    METRICS
};

enum { METRIC_BYTES_MAX = 1 << 20 /* of the samples of one metric */ };

/* Embedded by value; metric_set_init first, metric_set_free last. */
struct metric_set {
    struct buf sample[METRICS];
};

void metric_set_init(struct metric_set *s);
void metric_set_free(struct metric_set *s);
void metric_set_clear(struct metric_set *s);

/* A sample; `label` and `second` are the values of the labels that the table names for it, whatever
 * bytes they are, and are not looked at where it names none. */
void metric_put(struct metric_set *s, enum metric m, struct bytes label, struct bytes second,
                uint64_t value);

/* The same of what has no label, and of what has one. */
void metric_put_one(struct metric_set *s, enum metric m, uint64_t value);
void metric_put_of(struct metric_set *s, enum metric m, const char *label, uint64_t value);

/* A time in microseconds since 1970, as seconds. Nothing for one before that. The same of what has
 * two labels. */
void metric_put_time(struct metric_set *s, enum metric m, struct bytes label, int64_t us);
void metric_put_time_of(struct metric_set *s, enum metric m, struct bytes label,
                        struct bytes second, int64_t us);

/* Appends all of it: each metric with its help and type, in the order of the table; those without a
 * sample are left out. RESULT_TOO_LARGE when one did not fit. */
MUST_USE enum result metric_set_write(const struct metric_set *s, struct buf *out);

#endif
