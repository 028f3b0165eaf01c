#include "console/metric_set.h"

#include "base/clock.h"

#include <inttypes.h>

static const struct {
    const char *name, *type, *label, *second, *help;
} metrics[METRICS] = {
#define M(NAME, name, type, label, second, help) {name, #type, label, second, help},
#include "console/metrics.def"
};

void metric_set_init(struct metric_set *s)
{
    for (size_t i = 0; i < METRICS; i++)
        buf_init(&s->sample[i], METRIC_BYTES_MAX);
}

void metric_set_free(struct metric_set *s)
{
    for (size_t i = 0; i < METRICS; i++)
        buf_free(&s->sample[i]);
}

void metric_set_clear(struct metric_set *s)
{
    for (size_t i = 0; i < METRICS; i++)
        buf_clear(&s->sample[i]);
}

/* What the format has an escape for; what is no printable ASCII is none of our words. */
static void put_value(struct buf *out, struct bytes value)
{
    for (size_t i = 0; i < value.n; i++) {
        const uint8_t c = value.p[i];
        if (c == '\n')
            buf_text(out, "\\n");
        else if (c == '\\' || c == '"')
            buf_printf(out, "\\%c", c);
        else
            buf_u8(out, c < 0x20 || c > 0x7e ? '?' : c);
    }
}

static void put_label(struct buf *out, const char *before, const char *name, struct bytes value)
{
    buf_printf(out, "%s%s=\"", before, name);
    put_value(out, value);
    buf_u8(out, '"');
}

static struct buf *begin_sample(struct metric_set *s, enum metric m, struct bytes label,
                                struct bytes second)
{
    struct buf *out = &s->sample[m];
    buf_text(out, metrics[m].name);
    if (metrics[m].label[0] != '\0')
        put_label(out, "{", metrics[m].label, label);
    if (metrics[m].second[0] != '\0')
        put_label(out, ",", metrics[m].second, second);
    buf_text(out, metrics[m].label[0] != '\0' ? "} " : " ");
    return out;
}

void metric_put(struct metric_set *s, enum metric m, struct bytes label, struct bytes second,
                uint64_t value)
{
    buf_printf(begin_sample(s, m, label, second), "%" PRIu64 "\n", value);
}

void metric_put_one(struct metric_set *s, enum metric m, uint64_t value)
{
    metric_put(s, m, bytes_of(NULL, 0), bytes_of(NULL, 0), value);
}

void metric_put_of(struct metric_set *s, enum metric m, const char *label, uint64_t value)
{
    metric_put(s, m, bytes_of_text(label), bytes_of(NULL, 0), value);
}

void metric_put_time_of(struct metric_set *s, enum metric m, struct bytes label,
                        struct bytes second, int64_t us)
{
    if (us >= 0)
        buf_printf(begin_sample(s, m, label, second), "%" PRId64 ".%06" PRId64 "\n", us / US_PER_S,
                   us % US_PER_S);
}

void metric_put_time(struct metric_set *s, enum metric m, struct bytes label, int64_t us)
{
    metric_put_time_of(s, m, label, bytes_of(NULL, 0), us);
}

enum result metric_set_write(const struct metric_set *s, struct buf *out)
{
    for (size_t i = 0; i < METRICS; i++) {
        TRY(buf_status(&s->sample[i]));
        if (s->sample[i].n == 0)
            continue;
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metrics[i].name, metrics[i].help,
                   metrics[i].name, metrics[i].type);
        buf_put(out, s->sample[i].p, s->sample[i].n);
    }
    return buf_status(out);
}
