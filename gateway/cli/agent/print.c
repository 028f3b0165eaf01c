/* Sentences for people, lines for programs. */
#include "cli/agent/agent.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- sentences */

static void say(const char *fmt, va_list args) PRINTF_LIKE(1, 0);

static void say(const char *fmt, va_list args)
{
    char text[2000];
    (void)vsnprintf(text, sizeof text, fmt, args);
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++)
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
    cli_error("%s", text);
}

void agent_error(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void agent_say(const struct agent *a, const char *fmt, ...)
{
    va_list args;
    if (a->options.quiet)
        return;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

/* ---------------------------------------------------------------- lines */

/* The signals are blocked and come through a descriptor, so nothing interrupts a write: it is not
 * begun before there is room. Of a pipe that is ready, PIPE_BUF bytes are there. */
static bool wait_for_room(const struct agent *a)
{
    struct pollfd p[] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
                         {.fd = a->signal_fd, .events = POLLIN}};
    while (poll(p, ARRAY_LEN(p), -1) < 0)
        if (errno != EINTR && errno != EAGAIN)
            return true; /* write says what is wrong */
    return p[0].revents != 0;
}

/* EINTR: a signal came while the reader took nothing. */
static int write_all(const struct agent *a, struct bytes b)
{
    for (size_t done = 0; done < b.n;) {
        size_t n = b.n - done < PIPE_BUF ? b.n - done : PIPE_BUF;
        if (!wait_for_room(a))
            return EINTR;
        ssize_t written = write(STDOUT_FILENO, b.p + done, n);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return errno;
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

bool agent_print(struct agent *a, struct bytes line)
{
    const uint8_t end = '\n';
    if (a->mute)
        return false;
    int error = write_all(a, line);
    if (error == 0)
        error = write_all(a, bytes_of(&end, 1));
    if (error == 0)
        return true;
    a->mute = true;
    if (error == EINTR)
        return false;
    cli_error("standard output: %s", strerror(error));
    agent_worse(a, CLI_FAILED);
    agent_stop(a);
    return false;
}

bool agent_print_message(struct agent *a, const char *type, struct fedgate_bytes encoded)
{
    struct fedgate_buffer json;
    if (fedgate_json_write(type, encoded.p, encoded.n, 0, &json) != FEDGATE_OK) {
        cli_error("a %s of the gateway's holds a time that JSON cannot express", type);
        agent_worse(a, AGENT_GATEWAY);
        return true;
    }
    bool printed = agent_print(a, bytes_of(json.p, json.n));
    fedgate_buffer_free(&json);
    return printed;
}
