/* Reading a log's folder for people: what the commands of "fedgatectl audit" share. */
#ifndef FEDGATE_CLI_AUDIT_LOG_H
#define FEDGATE_CLI_AUDIT_LOG_H

#include "audit/leaf.h"
#include "cli/cli.h"

struct audit_log {
    int folder;
    uint64_t size;     /* entries under its checkpoint; nothing is verified here */
    uint64_t left_out; /* entries that are no leaves of ours */
};

/* The commands; argv[0] is the command's name. */
int audit_verify_command(int argc, char **argv);
int audit_show_command(int argc, char **argv);
int audit_flows_command(int argc, char **argv);
int audit_unseal_command(int argc, char **argv);

/* False after an error message. Closed by audit_log_close. */
bool audit_log_open(const char *path, struct audit_log *log);
void audit_log_close(struct audit_log *log);

/* Hands every leaf to `each`, in order. False after an error message. Entries that are no leaves
 * are counted, and told at the end. */
bool audit_log_each(struct audit_log *log, void (*each)(void *arg, const struct leaf *leaf),
                    void *arg);

/* The folder of --log; NULL after an error message when it was not given. */
const char *audit_log_needed(const char *path);

/* A time in Asia/Seoul: "2026-11-21 10:00:00"; just "10:00:00" when it is on the same day as
 * `day_us`; "" for 0. `out` holds TIME_TEXT characters. */
void audit_time(int64_t us, int64_t day_us, char *out);

/* The time that an option gives, unchanged when it was not given. False after an error message. */
bool audit_read_time(const char *option, const char *text, int64_t *us);

/* A reason's word, or in Korean its text. Appended. */
void audit_reason(struct buf *out, struct bytes word, bool korean);

/* The value of `key` in "key=value key=value"; each call goes on behind the one before. */
bool audit_detail(struct bytes *detail, const char *key, struct bytes *value);

#endif
