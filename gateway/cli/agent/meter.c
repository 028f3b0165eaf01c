/* How far it is, on a terminal. */
#include "cli/agent/agent.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#define EVERY (US_PER_S / 2)

static int64_t now(void)
{
    const struct clock clock = clock_system();
    return clock_steady_us(&clock);
}

struct agent_meter agent_meter_new(const struct agent *a)
{
    return (struct agent_meter){.wanted = isatty(STDERR_FILENO) == 1 && !a->options.quiet,
                                .begun_us = now()};
}

void agent_meter_clear(struct agent_meter *m)
{
    if (m->shown)
        (void)fputs("\r\033[K", stderr);
    m->shown = false;
}

void agent_meter_make_way(struct agent_meter *m, const struct fedgate_receipt *r)
{
    bool told = r->answer != FEDGATE_ACCEPTED || isatty(STDOUT_FILENO) == 1;
    for (size_t i = 0; i < r->recipients; i++)
        told = told || r->recipient[i].flags > 0;
    if (told)
        agent_meter_clear(m);
}

bool agent_meter_is_due(struct agent_meter *m, uint64_t amount, double *per_s)
{
    int64_t at = m->wanted ? now() : 0, since = at - m->last_us;
    if (!m->wanted || since < EVERY)
        return false;
    *per_s = m->last_us == 0 ? 0 : (double)(amount - m->last) * (double)US_PER_S / (double)since;
    m->last_us = at;
    m->last = amount;
    return true;
}

void agent_meter_show(struct agent_meter *m, const char *fmt, ...)
{
    const int64_t passed = m->last_us - m->begun_us;
    va_list args;
    (void)fprintf(stderr, "\r\033[K%02" PRId64 ":%02" PRId64 "  ", passed / US_PER_MINUTE,
                  passed % US_PER_MINUTE / US_PER_S);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fflush(stderr);
    m->shown = true;
}
