#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_word[] = {"detail", "note", "warning", "alarm", "fatal"};

enum { LINE_MAX_BYTES = 1024 };

/* One write a line, so that lines of several processes do not mix. A line that the reader has no
 * room for is lost: whoever reads the log must not be able to stop the gateway. */
static void put(int fd, char *line, size_t n)
{
    struct pollfd room = {fd, POLLOUT, 0};
    if (poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0)
        return;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[n] = '\n';
    if (write(fd, line, n + 1) < 0)
        return; /* there is nowhere left to say so */
}

void log_line(const struct log *log, enum log_level level, const char *event, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES + 1], when[TIME_TEXT];
    if (log == NULL || log->fd < 0 || level < log->least)
        return;
    time_text(clock_wall_us(&log->clock), zone_named("Asia/Seoul"), when);
    int head = snprintf(line, LINE_MAX_BYTES, "%s %s[%ld] %s %s ", when, log->role, (long)getpid(),
                        level_word[level], event);
    if (head < 0 || head >= LINE_MAX_BYTES)
        return;
    va_list args;
    va_start(args, fmt);
    int tail = vsnprintf(line + head, LINE_MAX_BYTES - (size_t)head, fmt, args);
    va_end(args);
    if (tail < 0)
        return;
    size_t n = (size_t)head + (size_t)tail;
    put(log->fd, line, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES - 1);
}
