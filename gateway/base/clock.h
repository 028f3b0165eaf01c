/*
 * Time as a parameter. Nothing outside process/, net/ and the programs asks the operating system
 * for it; tests turn a clock of their own. Times are int64_t microseconds: wall time since
 * 1970-01-01T00:00:00Z, or monotonic time since some start.
 */
#ifndef FEDGATE_BASE_CLOCK_H
#define FEDGATE_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define US_PER_S      INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_S)
#define US_PER_HOUR   (60 * US_PER_MINUTE)
#define US_PER_DAY    (24 * US_PER_HOUR)

/* Read through the two functions below; a test's clock keeps its time in `arg`. */
struct clock {
    int64_t (*wall)(void *arg);
    int64_t (*steady)(void *arg);
    void *arg;
};

int64_t clock_wall_us(const struct clock *c);
int64_t clock_steady_us(const struct clock *c);

/* `at_us` and so much more, or the end of time where that is later still. `by_us` is not below 0.
 */
static inline int64_t time_after(int64_t at_us, int64_t by_us)
{
    return at_us > INT64_MAX - by_us ? INT64_MAX : at_us + by_us;
}

/* The operating system's clocks. */
struct clock clock_system(void);

/* A time zone with a fixed offset; Korea has had no daylight saving since 1988. */
struct zone {
    const char *name; /* as in the IANA database */
    int32_t offset_s; /* east of UTC */
};

/* The zone of this name (Asia/Seoul, UTC), or NULL. */
const struct zone *zone_named(const char *name);

enum { TIME_TEXT = 64 };

/* RFC 3339 with the zone's offset, to the millisecond or (seconds) to the second; `out` holds
 * TIME_TEXT characters. */
void time_text(int64_t wall_us, const struct zone *z, char *out);
void time_text_s(int64_t wall_us, const struct zone *z, char *out);

/* Reads "2026-11-21" (midnight in `z`) or an RFC 3339 time with an offset, from the year 1900 on;
 * what is finer than a microsecond is left out. False when it is neither, or no such day exists. */
bool time_parse(const char *text, size_t n, const struct zone *z, int64_t *wall_us);

/* A length of time in the words that policy files use: "90 seconds", "6 hours", "30 days"; parts of
 * a second are left out. `out` holds TIME_TEXT characters. */
void duration_text(int64_t us, char *out);

#endif
