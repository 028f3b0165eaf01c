/* Runs a command and keeps what it printed. */
#ifndef FEDGATE_TESTS_CLI_CAPTURE_H
#define FEDGATE_TESTS_CLI_CAPTURE_H

#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

enum { PRINTED_MAX = 200000, WORDS_MAX = 24 };

struct printed {
    int code;
    char out[PRINTED_MAX], err[PRINTED_MAX];
};

static inline void take_file(FILE *f, char *to)
{
    rewind(f);
    to[fread(to, 1, PRINTED_MAX - 1, f)] = '\0';
    (void)fclose(f);
}

/* `command` is run with the words of `line`, which blanks part. */
static inline void run_line(struct printed *p, int (*command)(int argc, char **argv),
                            const char *line)
{
    char words[1000], *argv[WORDS_MAX + 1] = {NULL}, *rest = NULL;
    int argc = 0, saved[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    FILE *out = tmpfile(), *err = tmpfile();
    (void)snprintf(words, sizeof words, "%s", line);
    for (char *w = strtok_r(words, " ", &rest); w != NULL && argc < WORDS_MAX;
         w = strtok_r(NULL, " ", &rest))
        argv[argc++] = w;
    (void)fflush(stdout);
    (void)dup2(fileno(out), STDOUT_FILENO);
    (void)dup2(fileno(err), STDERR_FILENO);
    p->code = command(argc, argv);
    (void)fflush(stdout);
    (void)fflush(stderr);
    (void)dup2(saved[0], STDOUT_FILENO);
    (void)dup2(saved[1], STDERR_FILENO);
    (void)close(saved[0]);
    (void)close(saved[1]);
    take_file(out, p->out);
    take_file(err, p->err);
}

static inline void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

#endif
