#include "common.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void load_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "%s: ", program_invocation_short_name);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    _exit(1); /* another thread may be anywhere */
}

int64_t load_now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int64_t load_wall_us(void)
{
    const struct clock clock = clock_system();
    return clock_wall_us(&clock);
}

const char *load_path(const char *pki, const char *name, const char *end, char *out)
{
    if (snprintf(out, LOAD_PATH, "%s/%s%s", pki, name, end) >= LOAD_PATH)
        load_fail("%s: a path that is too long", pki);
    return out;
}

void load_files(const char *pki, const char *unit, struct load_files *out)
{
    load_path(pki, unit, ".pem", out->certificate);
    load_path(pki, unit, ".key", out->key);
    load_path(pki, "gateway/root", ".pem", out->root);
}

uint64_t load_number(const char *text)
{
    char *end;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text == '\0' || *end != '\0' || v > UINT32_MAX)
        load_fail("%s: not a number", text);
    return v;
}

void load_say(const char *line)
{
    puts(line);
    (void)fflush(stdout);
}

bool load_await_line(void)
{
    int c;
    do {
        c = getchar();
    } while (c != EOF && c != '\n');
    return c != EOF;
}
