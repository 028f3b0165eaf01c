/* Reading a log's folder for people: what the commands of "fedgatectl audit" share. */
#ifndef FEDGATE_CLI_AUDIT_LOG_H
#define FEDGATE_CLI_AUDIT_LOG_H

#include "audit/leaf.h"
#include "audit/note.h"
#include "cli/cli.h"

struct audit_log {
    int folder;
    uint64_t size;     /* entries under its checkpoint; nothing is verified here */
    uint64_t left_out; /* entries that are no leaves of ours */
};

/* The commands; argv[0] is the command's name. */
int audit_verify_command(int argc, char **argv);
int audit_show_command(int argc, char **argv);
int audit_events_command(int argc, char **argv);
int audit_flows_command(int argc, char **argv);
int audit_unseal_command(int argc, char **argv);
int audit_prove_command(int argc, char **argv);
int audit_verify_proof_command(int argc, char **argv);
int audit_checkpoint_command(int argc, char **argv);
int audit_export_command(int argc, char **argv);
int audit_keygen_command(int argc, char **argv);
int audit_cosign_command(int argc, char **argv);
int audit_reconcile_command(int argc, char **argv);
int audit_register_command(int argc, char **argv);
int audit_ask_command(int argc, char **argv);
int audit_statistics_command(int argc, char **argv);
int audit_prune_command(int argc, char **argv);

/* False after an error message. Closed by audit_log_close. */
bool audit_log_open(const char *path, struct audit_log *log);
void audit_log_close(struct audit_log *log);

/* Hands every leaf to `each`, in order. False after an error message. Entries that are no leaves
 * are counted, and told at the end. */
bool audit_log_each(struct audit_log *log, void (*each)(void *arg, const struct leaf *leaf),
                    void *arg);

/* Its checkpoint, which this key must have signed; views point into `note`. False after an error
 * message. */
bool audit_log_note(const struct audit_log *log, const struct note_key *key, struct buf *note,
                    struct checkpoint *c);

/* A small file beside the tiles, appended; nothing is said. RESULT_NOT_FOUND, RESULT_TOO_LARGE,
 * RESULT_IO. */
MUST_USE enum result audit_log_file(const struct audit_log *log, const char *name, struct buf *out);

/* The origin that its checkpoint says, to be freed; "" when it says none. */
char *audit_log_origin(const struct audit_log *log);

/* ---- keys and notes in files (audit_keys.c): false after an error message */

enum { AUDIT_KEY_FILE_MAX = 1024, AUDIT_NOTE_MAX = 1 << 20, AUDIT_WITNESSES_MAX = 16 };

/* A verifier key of this type (NOTE_KEY_ED25519: a log's; NOTE_KEY_COSIGNATURE: a witness's). */
bool audit_key_read(const char *path, uint8_t type, struct note_key *key);

/* A note that is not empty, appended. */
bool audit_note_read(const char *path, struct buf *out);

struct audit_witnesses {
    struct note_key key[AUDIT_WITNESSES_MAX];
    size_t count;
    bool files; /* false: one could not be read, and that was told */
};

/* Takes every --witness FILE out of argv, before cli_options. */
bool audit_witnesses_read(int *argc, char **argv, struct audit_witnesses *out);

/* Prints a line for each: when it confirmed the checkpoint in this note. False when one has not. */
bool audit_say_witnesses(struct bytes note, const struct audit_witnesses *w, int64_t now_us);

/* One such line, for a note that the witness confirmed. */
void audit_say_confirmed(struct bytes note, const struct note_key *witness, int64_t now_us);

/* The secret key of a witness, in locked memory: freed by secret_free. */
struct audit_secret {
    struct note_key key;
    uint8_t seed[SIGN_SEED];
};
bool audit_secret_read(const char *path, struct audit_secret **out);

/* ---- long work: how far it is, on a terminal */
struct audit_progress {
    bool shown;
    const char *what;
};
struct audit_progress audit_progress_begin(bool quiet, const char *what);
void audit_progress_show(void *arg, uint64_t done, uint64_t size); /* arg: the progress */
void audit_progress_end(const struct audit_progress *p);

/* 1234567 as "1,234,567"; returns `out`. */
enum { AUDIT_NUMBER = 32 };
const char *audit_number(uint64_t value, char out[AUDIT_NUMBER]);

/* The folder of --log; NULL after an error message when it was not given. */
const char *audit_log_needed(const char *path);

/* A time in Asia/Seoul: "2026-11-21 10:00:00"; just "10:00:00" when it is on the same day as
 * `day_us`; "" for 0. `out` holds TIME_TEXT characters. */
void audit_time(int64_t us, int64_t day_us, char *out);

/* The time that an option gives, unchanged when it was not given. False after an error message. */
bool audit_read_time(const char *option, const char *text, int64_t *us);

/* Whether a unit is `who`, or one of the agency `who`. */
bool audit_is_of(struct bytes unit, const char *who);

/* A reason's word, or in Korean its text. Appended. */
void audit_reason(struct buf *out, struct bytes word, bool korean);

/* The value of `key` in "key=value key=value"; each call goes on behind the one before. */
bool audit_detail(struct bytes *detail, const char *key, struct bytes *value);

#endif
