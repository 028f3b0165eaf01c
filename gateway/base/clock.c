#include "base/clock.h"

#include "base/attr.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_wall_us(const struct clock *c)
{
    return c->wall(c->arg);
}

int64_t clock_steady_us(const struct clock *c)
{
    return c->steady(c->arg);
}

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t system_wall(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_steady(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_MONOTONIC);
}

struct clock clock_system(void)
{
    return (struct clock){system_wall, system_steady, NULL};
}

static const struct zone zones[] = {{"Asia/Seoul", 9 * 3600}, {"UTC", 0}};

const struct zone *zone_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(zones); i++)
        if (strcmp(zones[i].name, name) == 0)
            return &zones[i];
    return NULL;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void format(int64_t wall_us, const struct zone *z, bool millis, char *out)
{
    int64_t seconds = floor_div(wall_us, US_PER_S);
    int64_t local = seconds + z->offset_s;
    time_t t = (time_t)local;
    struct tm tm;
    char day[32] = "?", fraction[8] = "", offset[12] = "Z";
    if (gmtime_r(&t, &tm) != NULL)
        (void)strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    if (millis)
        (void)snprintf(fraction, sizeof fraction, ".%03d",
                       (int)((wall_us - seconds * US_PER_S) / 1000));
    if (z->offset_s != 0)
        (void)snprintf(offset, sizeof offset, "%c%02d:%02d", z->offset_s < 0 ? '-' : '+',
                       (z->offset_s < 0 ? -z->offset_s : z->offset_s) / 3600 % 24,
                       (z->offset_s < 0 ? -z->offset_s : z->offset_s) / 60 % 60);
    (void)snprintf(out, TIME_TEXT, "%s%s%s", day, fraction, offset);
}

void time_text(int64_t wall_us, const struct zone *z, char *out)
{
    format(wall_us, z, true, out);
}

void time_text_s(int64_t wall_us, const struct zone *z, char *out)
{
    format(wall_us, z, false, out);
}

/* Exactly `n` decimal digits at `p`; -1 when there are others. */
static int digits(const char *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Days since 1970-01-01 of a Gregorian date. */
static int64_t day_number(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool parse_offset(const char *p, size_t n, int *offset_s)
{
    if (n == 1 && *p == 'Z') {
        *offset_s = 0;
        return true;
    }
    if (n != 6 || (*p != '+' && *p != '-') || p[3] != ':')
        return false;
    int h = digits(p + 1, 2), m = digits(p + 4, 2);
    if (h < 0 || h > 14 || m < 0 || m > 59)
        return false;
    *offset_s = (*p == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

static bool parse_time_of_day(const char *p, size_t n, int64_t *us, int *offset_s)
{
    if (n < 9 || p[2] != ':' || p[5] != ':')
        return false;
    int h = digits(p, 2), m = digits(p + 3, 2), s = digits(p + 6, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
        return false;
    *us = (h * 3600 + m * 60 + s) * US_PER_S;
    p += 8, n -= 8;
    if (*p == '.') {
        int64_t unit = US_PER_S / 10;
        if (n < 2 || p[1] < '0' || p[1] > '9')
            return false;
        for (p++, n--; n > 0 && *p >= '0' && *p <= '9'; p++, n--, unit /= 10)
            *us += (*p - '0') * unit;
    }
    return parse_offset(p, n, offset_s);
}

bool time_parse(const char *p, size_t n, const struct zone *z, int64_t *wall_us)
{
    if (n < 10 || p[4] != '-' || p[7] != '-')
        return false;
    int year = digits(p, 4), month = digits(p + 5, 2), day = digits(p + 8, 2);
    if (year < 1900 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    int64_t of_day = 0;
    int offset_s = z->offset_s;
    if (n > 10 && (p[10] != 'T' || !parse_time_of_day(p + 11, n - 11, &of_day, &offset_s)))
        return false;
    *wall_us = day_number(year, month, day) * US_PER_DAY + of_day - offset_s * US_PER_S;
    return true;
}

void duration_text(int64_t us, char *out)
{
    static const struct {
        int64_t us;
        const char *one, *many;
    } unit[] = {{US_PER_DAY, "day", "days"},
                {US_PER_HOUR, "hour", "hours"},
                {US_PER_MINUTE, "minute", "minutes"},
                {US_PER_S, "second", "seconds"}};
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(unit) && (us == 0 || us % unit[i].us != 0))
        i++;
    int64_t count = us / unit[i].us;
    (void)snprintf(out, TIME_TEXT, "%" PRId64 " %s", count,
                   count == 1 ? unit[i].one : unit[i].many);
}
