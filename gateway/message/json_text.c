#include "message/json_text.h"

#include "message/times.h"

#include <inttypes.h>
#include <stdio.h>

#define DURATION_MOST_S INT64_C(315576000000) /* 10,000 years, as duration.proto says */

enum { NANOS_PER_S = 1000000000, NANO_DIGITS = 9 };

void json_name(const char *name, char *out)
{
    bool upper = false;
    size_t n = 0;
    for (; *name != '\0' && n + 1 < JSON_NAME; name++) {
        if (*name == '_') {
            upper = true;
            continue;
        }
        out[n++] = upper && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        upper = false;
    }
    out[n] = '\0';
}

/* ".5" as ".500": as many digits as are needed, in threes; nothing for 0. `nanos` is not negative.
 */
static void fraction_text(int32_t nanos, char out[NANO_DIGITS + 2])
{
    int digits = nanos % 1000 != 0 ? 9 : nanos % 1000000 != 0 ? 6 : 3;
    *out = '\0';
    if (nanos == 0)
        return;
    (void)snprintf(out, NANO_DIGITS + 2, ".%09" PRId32, nanos);
    out[1 + digits] = '\0';
}

bool json_timestamp_text(const Google__Protobuf__Timestamp *t, char *out)
{
    char fraction[NANO_DIGITS + 2], seconds[TIME_TEXT];
    if (!time_is_valid(t))
        return false;
    time_text_s(t->seconds * US_PER_S, zone_named("UTC"), seconds);
    fraction_text(t->nanos, fraction);
    (void)snprintf(out, JSON_TIME, "%.*s%sZ", (int)strlen(seconds) - 1, seconds, fraction);
    return true;
}

bool json_duration_text(const Google__Protobuf__Duration *d, char *out)
{
    char fraction[NANO_DIGITS + 2];
    bool negative = d->seconds < 0 || d->nanos < 0;
    if (d->seconds < -DURATION_MOST_S || d->seconds > DURATION_MOST_S || d->nanos <= -NANOS_PER_S ||
        d->nanos >= NANOS_PER_S || (d->seconds < 0 && d->nanos > 0) ||
        (d->seconds > 0 && d->nanos < 0))
        return false;
    fraction_text(negative ? -d->nanos : d->nanos, fraction);
    (void)snprintf(out, JSON_TIME, "%s%" PRId64 "%ss", negative ? "-" : "",
                   negative ? -d->seconds : d->seconds, fraction);
    return true;
}

/* Digits behind a point, at `at`; how many, or 0 when there are none or more than nine. */
static size_t read_fraction(struct bytes text, size_t at, int32_t *nanos)
{
    size_t n = 0;
    int32_t unit = NANOS_PER_S / 10;
    *nanos = 0;
    for (; at + n < text.n && text.p[at + n] >= '0' && text.p[at + n] <= '9'; n++, unit /= 10)
        *nanos += (text.p[at + n] - '0') * unit;
    return n <= NANO_DIGITS ? n : 0;
}

/* The fraction is read here, the rest by base/clock.h without it: "…T21:05:00" + "+09:00". */
bool json_timestamp_read(struct bytes text, int64_t *seconds, int32_t *nanos)
{
    enum { WITHOUT_FRACTION = 19 };
    char rest[JSON_TIME];
    size_t skip = 0;
    int64_t us;
    *nanos = 0;
    if (text.n <= WITHOUT_FRACTION || text.n >= sizeof rest)
        return false;
    if (text.p[WITHOUT_FRACTION] == '.') {
        skip = 1 + read_fraction(text, WITHOUT_FRACTION + 1, nanos);
        if (skip == 1)
            return false;
    }
    size_t n = text.n - skip;
    memcpy(rest, text.p, WITHOUT_FRACTION);
    memcpy(rest + WITHOUT_FRACTION, text.p + WITHOUT_FRACTION + skip, n - WITHOUT_FRACTION);
    if (!time_parse(rest, n, zone_named("UTC"), &us) || us % US_PER_S != 0)
        return false;
    *seconds = us / US_PER_S;
    return true;
}

bool json_duration_read(struct bytes text, int64_t *seconds, int32_t *nanos)
{
    bool negative = text.n > 0 && *text.p == '-';
    size_t at = negative, first = at;
    *seconds = 0;
    *nanos = 0;
    for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9'; at++) {
        *seconds = *seconds * 10 + (text.p[at] - '0');
        if (*seconds > DURATION_MOST_S)
            return false;
    }
    if (at == first)
        return false;
    if (at < text.n && text.p[at] == '.') {
        size_t digits = read_fraction(text, at + 1, nanos);
        if (digits == 0)
            return false;
        at += 1 + digits;
    }
    if (negative) {
        *seconds = -*seconds;
        *nanos = -*nanos;
    }
    return at + 1 == text.n && text.p[at] == 's';
}
