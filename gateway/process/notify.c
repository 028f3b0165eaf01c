#include "process/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 512 };

/* A path, or "@" and a name without a file. */
static socklen_t address_of(const char *name, struct sockaddr_un *out)
{
    size_t n = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof out->sun_path)
        return 0;
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, name, n);
    if (name[0] == '@')
        out->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* The watchdog may be meant for another process. */
static int64_t watchdog_of_this_process(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char own[24];
    (void)snprintf(own, sizeof own, "%ld", (long)getpid());
    if (us == NULL || (pid != NULL && strcmp(pid, own) != 0))
        return 0;
    char *end;
    long long value = strtoll(us, &end, 10);
    return *end == '\0' && value > 0 && value < INT64_MAX ? value : 0;
}

struct notify notify_from_environment(void)
{
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};
    struct notify n = {.fd = -1};
    const char *name = getenv(names[0]);
    if (name != NULL)
        n.to_bytes = address_of(name, &n.to);
    if (n.to_bytes > 0)
        n.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (n.fd >= 0)
        n.watchdog_us = watchdog_of_this_process();
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)unsetenv(names[i]);
    return n;
}

void notify_send(const struct notify *n, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    if (n->fd < 0)
        return;
    va_start(args, fmt);
    int length = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (length > 0 && length < TEXT_MAX)
        (void)!sendto(n->fd, text, (size_t)length, MSG_NOSIGNAL, (const struct sockaddr *)&n->to,
                      n->to_bytes);
}

void notify_close(struct notify *n)
{
    if (n->fd >= 0)
        (void)close(n->fd);
    n->fd = -1;
}
