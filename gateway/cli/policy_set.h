/* What the commands of fedgatectl policy share: a set that is compiled and opened, and its
 * language.
 */
#ifndef FEDGATE_CLI_POLICY_SET_H
#define FEDGATE_CLI_POLICY_SET_H

#include "cli/commands.h"
#include "policy/compile.h"
#include "policy/tools.h"

/* A set as its folder has it. */
struct policy_set {
    const char *path;
    int folder;
    bool korean;
    struct buf block;
    struct policy *policy;
};

/* The folder's descriptor, or -1 after an error message. */
int policy_set_folder(const char *path);

/* Compiles as a draft (tools need no root certificates) and opens. CLI_OK; else, after messages,
 * the code to end with. policy_set_close afterwards, either way. */
int policy_set_open(struct policy_set *s, const char *path, const char *language);
void policy_set_close(struct policy_set *s);

/* The text of a file below the folder; false after an error message. */
bool policy_set_read(const struct policy_set *s, const char *file, struct buf *out);

/* Prints to standard output; CLI_FAILED after an error message when that cannot be. */
int policy_set_print(const struct buf *text);

int policy_explain_run(int argc, char **argv);
/* Prints the errors to standard error. */
void policy_set_errors(const struct diagnose *d, bool korean);

/* Compiles `s->folder` and looks at its seal; `draft` allows missing roots and keys. CLI_NO, after
 * messages, when it has errors. seal_free(*out) afterwards, either way. */
struct seal;
struct seal_trust;
int policy_set_verify(const struct policy_set *s, const struct seal_trust *trust, bool draft,
                      struct seal **out);

int policy_show_run(int argc, char **argv);

/* The matrix as a table, to standard output (policy_who.c). */
void policy_who_print(const struct policy_set *set, const struct policy_who *who);

int policy_test_run(int argc, char **argv);
int policy_who_run(int argc, char **argv);

int policy_diff_run(int argc, char **argv);

int policy_replay_run(int argc, char **argv);

#endif
