/* Passwords: from a descriptor, or typed at the terminal without an echo. */
#include "base/mem.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* To the end of the line; -1 when nothing comes, or more than `room`. */
static ssize_t read_line(int fd, char *out, size_t room)
{
    size_t n = 0;
    for (;;) {
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (got == 0 && n == 0))
            return -1;
        if (got == 0 || c == '\n')
            return (ssize_t)n;
        if (n == room)
            return -1;
        out[n++] = c;
    }
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        return; /* a terminal that is gone shows at the read */
}

/* Without echo, and without signals: one in between would leave the terminal mute. */
static ssize_t ask_at(int terminal, const char *prompt, char *out, size_t room)
{
    struct termios as_it_was, mute;
    if (tcgetattr(terminal, &as_it_was) != 0)
        return -1;
    mute = as_it_was;
    mute.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    if (tcsetattr(terminal, TCSAFLUSH, &mute) != 0)
        return -1;
    say(terminal, prompt);
    ssize_t n = read_line(terminal, out, room);
    say(terminal, "\n");
    (void)tcsetattr(terminal, TCSAFLUSH, &as_it_was);
    return n > 0 && memchr(out, '\x03', (size_t)n) != NULL ? -1 : n; /* Ctrl-C */
}

bool cli_confirm(const char *question)
{
    char answer[16];
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        cli_error("nobody is at a terminal to answer: --yes answers beforehand");
        return false;
    }
    say(terminal, question);
    ssize_t n = read_line(terminal, answer, sizeof answer);
    (void)close(terminal);
    return n == 3 && memcmp(answer, "yes", 3) == 0;
}

bool cli_descriptor(const char *word, int *fd)
{
    char *end;
    *fd = -1;
    if (word == NULL)
        return true;
    long n = strtol(word, &end, 10);
    if (*word >= '0' && *word <= '9' && *end == '\0' && n <= 1 << 20) {
        *fd = (int)n;
        return true;
    }
    cli_error("--password-fd is the number of an open descriptor");
    return false;
}

bool cli_password(const char *prompt, int fd, char out[CLI_PASSWORD_MAX], size_t *n)
{
    int terminal = fd >= 0 ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    ssize_t got = fd >= 0         ? read_line(fd, out, CLI_PASSWORD_MAX)
                  : terminal >= 0 ? ask_at(terminal, prompt, out, CLI_PASSWORD_MAX)
                                  : -1;
    if (terminal >= 0)
        (void)close(terminal);
    if (got < 0) {
        mem_wipe(out, CLI_PASSWORD_MAX);
        cli_error("no password: type it at a terminal, or give it with --password-fd");
        return false;
    }
    *n = (size_t)got;
    return true;
}
