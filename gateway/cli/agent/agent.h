/* fedgate-agent: what an agency's machines do at a command line. One file a command; here is what
 * they share. */
#ifndef FEDGATE_CLI_AGENT_AGENT_H
#define FEDGATE_CLI_AGENT_AGENT_H

#include "base/arena.h"
#include "cli/cli.h"
#include "client/client.h"

#include <stdint.h>

/* An exit code beside those of cli.h: the gateway is not reachable or not trusted, does not accept
 * the certificate, or went away before it had answered. */
enum { AGENT_GATEWAY = 4 };

/* The commands; argv[0] is the command's name. */
extern const struct cli_command agent_commands[];

int agent_publish_run(int argc, char **argv);
int agent_subscribe_run(int argc, char **argv);
int agent_convert_run(int argc, char **argv);
int agent_forward_run(int argc, char **argv);
int agent_receipt_run(int argc, char **argv);
int agent_settings_run(int argc, char **argv);
int agent_destroyed_run(int argc, char **argv);
int agent_send_video_run(int argc, char **argv);
int agent_watch_video_run(int argc, char **argv);
int agent_conform_run(int argc, char **argv);
int agent_answer_run(int argc, char **argv);
int agent_doctor_run(int argc, char **argv);
int agent_proof_run(int argc, char **argv);
int agent_witness_run(int argc, char **argv);

/* ---------------------------------------------------------------- connection.c */

enum { AGENT_TEXT = 512 }; /* bytes of a setting in the configuration file, with its NUL */

#define AGENT_CONFIG "/etc/fedgate-agent/agent.yaml" /* the file, where none is told */
#define AGENT_NONE   "none"                          /* of what may be left out */
#define AGENT_NEEDED "must be given"                 /* the default of what may not */

/* settings.def */
struct agent_options {
#define A(member, option, type, variable, standard, least, most, help) const char *member;
#include "cli/agent/settings.def"
#undef A
    const char *config, *lang;
    bool quiet, reconnect;
};

/* What the configuration file says of them; "" where it says nothing. */
struct agent_file {
#define A(member, option, type, variable, standard, least, most, help) char member[AGENT_TEXT];
#include "cli/agent/settings.def"
#undef A
};

/* Their rows in a command's table of options; --reconnect is added where it holds. */
#define AGENT_OPTIONS(o)                                                                           \
    {"config", &(o).config, NULL}, {"gateway", &(o).gateway, NULL},                                \
        {"certificate", &(o).certificate, NULL}, {"key", &(o).key, NULL},                          \
        {"root", &(o).root, NULL}, {"server-name", &(o).server_name, NULL},                        \
        {"lang", &(o).lang, NULL},                                                                 \
    {                                                                                              \
        "quiet", NULL, &(o).quiet                                                                  \
    }

#define AGENT_SPOOL_OPTIONS(o)                                                                     \
    {"spool", &(o).spool, NULL}, {"spool-messages", &(o).spool_messages, NULL},                    \
    {                                                                                              \
        "spool-mib", &(o).spool_mib, NULL                                                          \
    }

struct agent {
    struct agent_options options;
    struct agent_file file; /* what `options` may point into: an agent stays where it is */
    enum fedgate_language language;
    struct fedgate_client *client;
    int code;   /* the exit code: the worst of what happened */
    int signal; /* SIGINT or SIGTERM came; 0: none */
    bool connected;
    bool gone;          /* the connection is lost for good, and that was told */
    bool mute;          /* standard output takes no more */
    struct buf problem; /* of a call that ended for want of a gateway; told unless the connection
                           turns out to be lost */
    int signal_fd;
    struct fedgate_watch *signals;
    struct fedgate_timer *patience;
    void (*interrupted)(void *arg); /* the command is to end its calls, and then agent_stop */
    void *arg;
};

/* Takes an option that was not given from the environment; false after an error message. */
bool agent_setting(const char **value, const char *option, const char *variable);

/* Takes what is not among the options from the environment, else from the configuration file, and
 * the language. CLI_OK; or the exit code, after an error message: also when one is missing that
 * must be given, but with `some`. May be called again. */
int agent_settings(struct agent *a);
int agent_settings_some(struct agent *a);

/* The folder in which messages wait, by the settings, or NULL; and how many may. False after an
 * error message. */
struct outbox_limits;
const char *agent_spool(const struct agent *a);
bool agent_spool_limits(const struct agent *a, struct outbox_limits *out);

/* A client of the gateway that the options name; what it tells goes to `arg`. NULL: `why` (of n
 * characters) says which file or address is not usable. */
struct fedgate_client *agent_client_new(const struct agent *a, void (*connected)(void *arg),
                                        void (*lost)(void *arg, const struct fedgate_lost *lost),
                                        void *arg, char *why, size_t n);

/* agent_settings; then blocks the signals and begins to connect. CLI_OK; or the exit code, after an
 * error message. Ended by agent_end. */
int agent_begin(struct agent *a, void (*interrupted)(void *arg), void *arg);

/* Turns until agent_stop, or until the connection is lost for good. */
void agent_run(struct agent *a);
void agent_stop(struct agent *a);

/* The command has ended its calls: stops in five seconds even if the gateway does not answer, and
 * at once when there is no connection to it. */
void agent_stop_soon(struct agent *a);

/* Frees the client. The exit code: 130 or 143 after a signal, else `code`. */
int agent_end(struct agent *a);

/* Makes the exit code at least as bad as this. */
void agent_worse(struct agent *a, int code);

/* A call has ended: tells what it says if it is not as it should be. */
void agent_call_ended(struct agent *a, const struct fedgate_end *end);

/* ---------------------------------------------------------------- print.c */

/* One sentence to standard error, as cli_error; but control characters, which may come from
 * outside, become '?', so that they never steer a terminal. agent_say is silent when quiet. */
void agent_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void agent_say(const struct agent *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts a line on standard output, and it is there when this returns true. Waits for a slow reader,
 * but not when a signal has come. False: the agent stops, after an error message or for the signal,
 * and nothing more is put there, for the last line may be torn. */
bool agent_print(struct agent *a, struct bytes line);

/* The same for a message of the contract, as JSON. */
bool agent_print_message(struct agent *a, const char *type, struct fedgate_bytes encoded);

/* ---------------------------------------------------------------- meter.c */

/* A line on a terminal, on standard error, that tells how far it is; nothing elsewhere, nor when
 * quiet. */
struct agent_meter {
    bool wanted, shown; /* shown: a line of it stands there */
    int64_t begun_us, last_us;
    uint64_t last;
};

struct agent_meter agent_meter_new(const struct agent *a);

/* Whether a line is to be shown for this amount, twice a second at most, and how much it grew by in
 * a second since the last. */
bool agent_meter_is_due(struct agent_meter *m, uint64_t amount, double *per_s);
void agent_meter_show(struct agent_meter *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What is printed next begins on a line of its own; make_way: if something will be, of a receipt.
 */
void agent_meter_clear(struct agent_meter *m);
void agent_meter_make_way(struct agent_meter *m, const struct fedgate_receipt *r);

/* ---------------------------------------------------------------- options.c */

enum { AGENT_LIST_MAX = 16 };

struct agent_list {
    const char *item[AGENT_LIST_MAX];
    size_t count;
};

/* Takes every --name VALUE and --name=VALUE off argv, into the list. False after an error message.
 */
bool agent_list_option(const char *name, struct agent_list *list, int *argc, char **argv);

/* A whole number of at least `least`; false after an error message that names the option. NULL
 * leaves *out as it is. */
bool agent_number(const char *option, const char *text, unsigned long least, unsigned long most,
                  unsigned long *out);

/* A time of the command line. */
struct agent_time {
    bool given, from_now; /* from_now: `us` counts from each message's own moment */
    int64_t us;
};

/* RFC 3339, or "+30m", "-5s" (s, m, h, d) from now; false after an error message that names the
 * option. NULL: not given. */
bool agent_time_option(const char *option, const char *text, struct agent_time *out);

/* Every option of the list has its value; false after an error message. A row without name ends. */
struct agent_needed {
    const char *name, *value;
};
bool agent_has(const struct agent_needed *needed);

/* ---------------------------------------------------------------- text.c: sentences */

/* Appends why something was not permitted for one recipient: "refused for UNIT: text (word); ...".
 * False, and nothing, when it was permitted. */
bool agent_verdict_text(const struct fedgate_verdict *v, enum fedgate_language language,
                        struct buf *out);

/* Tells each recipient's refusal, and marks, on standard error; `what` names what was sent. The
 * exit code of the answer: CLI_OK when it was accepted for everybody, else CLI_NO. */
int agent_tell_receipt(const struct agent *a, const char *what, const struct fedgate_receipt *r);

/* Tells why a stream ended; the exit code: CLI_OK when its sender or its purpose ended. */
int agent_tell_video_end(const struct agent *a, const struct fedgate_video_end *end);

/* Tells what the recipient of a stream owes. */
void agent_tell_obligations(const struct agent *a, const struct fedgate_obligations *must);

#endif
