/* What the command-line programs share: their tables of commands, exit codes, and output that fits
 * a terminal or a pipe. */
#ifndef FEDGATE_CLI_CLI_H
#define FEDGATE_CLI_CLI_H

#include "base/attr.h"
#include "base/buf.h"
#include "crypto/minisign.h"

#include <stdbool.h>
#include <stdio.h>

/* Exit codes of every program. */
enum {
    CLI_OK = 0,
    CLI_NO = 1, /* the answer is no: refused, does not verify */
    CLI_USAGE = 2,
    CLI_FAILED = 3 /* could not be done */
};

/* One command, or a group of them when `sub` is set. A table ends with a row without name. */
struct cli_command {
    const char *name;
    const char *arguments; /* "[--lang en|ko] DIR" */
    const char *summary;   /* one line */
    const char *help;      /* the rest of --help: options, a line each, examples; may be NULL */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
    const struct cli_command *sub;
};

/* Finds and runs the command that argv names. Prints the version for --version, help for --help, -h
 * and help (CLI_OK) and for nothing at all (CLI_USAGE); CLI_USAGE with the nearest command for a
 * wrong one. */
int cli_run(const char *program, const char *version, const struct cli_command *table, int argc,
            char **argv);

/* One option of a command: exactly one of `value` (the option takes one: --name VALUE or
 * --name=VALUE) and `flag` is set. A table ends with a row without name. */
struct cli_option {
    const char *name; /* without the two hyphens */
    const char **value;
    bool *flag;
};

/* Reads the options anywhere behind argv[0]; what is no option is moved to the front, and its count
 * returned: argv[1] to argv[count]. "--" ends the options. -1 after an error message, which names
 * the nearest option for a wrong one. */
int cli_options(const struct cli_option *table, int argc, char **argv);

/* Takes every --NAME VALUE and --NAME=VALUE out of argv, for an option that may stand several
 * times; their count, or -1 after an error message when there are more than `most`. Before
 * cli_options. */
int cli_repeated(const char *name, int *argc, char **argv, const char **out, int most);

/* Whether the person at the terminal answers "yes"; false, after an error message, without one. */
bool cli_confirm(const char *question);

/* Prints "program: ..." to standard error. */
void cli_error(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Says that there is no such thing, and which one is nearest (NULL: none). Always false. */
bool cli_no_such(const char *what, const char *word, const char *nearest);

/* Whether an option names a kind of message; one that was not given (NULL) does. False after an
 * error message with the nearest kind. */
bool cli_is_kind(const char *word);

/* What --lang says, en or ko; NULL: what the locale says (LC_ALL, LC_MESSAGES, LANG), English
 * otherwise. False after an error message. */
bool cli_language(const char *word, bool *korean);

/* Whether to colour: a terminal, and NO_COLOR is not set. */
bool cli_colour(FILE *stream);

/* The whole of a file, at most `most` bytes, appended; "-" is standard input. False after an error
 * message. */
bool cli_read_file(const char *path, size_t most, struct buf *out);

/* Makes a file that is not there yet, and syncs it; false after an error message. Nothing is ever
 * overwritten. */
bool cli_write_new(int folder, const char *name, struct bytes content, unsigned mode);

/* Puts this content into the place of a file, whole or not at all; false after an error message. */
bool cli_replace(int folder, const char *name, struct bytes content);

/* A password of at most this many bytes, without NUL: a line from the descriptor, or (fd below 0)
 * typed at the terminal without an echo. `out` belongs into locked memory. False after an error
 * message. */
enum { CLI_PASSWORD_MAX = 1024 };
bool cli_password(const char *prompt, int fd, char out[CLI_PASSWORD_MAX], size_t *n);

/* The secret key in a file, for signing; its password, if it has one, as cli_password. Anything but
 * RESULT_OK after an error message. */
MUST_USE enum result cli_secret_key(const char *path, int password_fd,
                                    struct minisign_secret **out);

/* The number that --password-fd gives; -1 for NULL. False after an error message. */
bool cli_descriptor(const char *word, int *fd);

/* Columns: rows of cells, printed with the width that they need (UTF-8, Korean letters two wide).
 * Control characters are printed as '?'. */
struct cli_table;

/* How a cell looks on a terminal. */
enum cli_paint { CLI_PLAIN, CLI_GOOD, CLI_BAD, CLI_FAINT };

struct cli_table *cli_table_new(size_t columns);
void cli_table_free(struct cli_table *t);

/* Copied; after `columns` cells a new row begins. The first row is the heading. */
void cli_table_cell(struct cli_table *t, const char *text);

/* Paints the cell that was added last. */
void cli_table_paint(struct cli_table *t, enum cli_paint paint);

/* On a terminal with colours (cli_colour), and the last column wrapped to its width; elsewhere
 * plain, one line a row. */
void cli_table_print(const struct cli_table *t, FILE *stream);

/* The same for a stream of this width (0: without end), with or without colours. */
void cli_table_print_as(const struct cli_table *t, FILE *stream, size_t width, bool colour);

/* ---- steps.c: what was looked at, step by step */

enum cli_step_result { CLI_STEP_SKIPPED, CLI_STEP_OK, CLI_STEP_FAILED };

struct cli_step {
    const char *word, *text;
    enum cli_step_result result;
    const char *tell; /* a word for whom it concerns, or NULL */
};

/* A table to standard output; an array of JSON objects, appended. */
void cli_steps_print(const struct cli_step *step, size_t count, bool korean);
void cli_steps_json(const struct cli_step *step, size_t count, struct buf *out);

/* The columns that UTF-8 text takes on a terminal. */
size_t cli_width(const char *text);

#endif
