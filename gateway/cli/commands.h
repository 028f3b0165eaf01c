/* The tables of commands that fedgatectl's groups consist of. */
#ifndef FEDGATE_CLI_COMMANDS_H
#define FEDGATE_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_audit_commands[];

extern const struct cli_command cli_destruction_commands[];

extern const struct cli_command cli_policy_commands[];
extern const struct cli_command cli_party_commands[];

int policy_seal_run(int argc, char **argv);
int policy_sign_run(int argc, char **argv);
int policy_verify_run(int argc, char **argv);
extern const struct cli_command cli_approvals_commands[];
extern const struct cli_command cli_quarantine_commands[];
extern const struct cli_command cli_emergencies_commands[];
extern const struct cli_command cli_suspensions_commands[];
extern const struct cli_command cli_clock_commands[];
extern const struct cli_command cli_hold_commands[];
extern const struct cli_command cli_request_commands[];

/* What every act of an officer takes, and its help (control_commands.c). */
#define CONTROL_ACT_ARGUMENTS                                                                      \
    "--socket FILE (--officer PARTY/PERSON --reason TEXT (--key FILE | --print FILE) | "           \
    "--signature FILE)"
extern const char control_act_help[], control_stop_help[];
int suspend_run(int argc, char **argv);
int resume_run(int argc, char **argv);
int revoke_run(int argc, char **argv);
extern const char control_destroy_help[];
int destroy_run(int argc, char **argv);

/* What a running gateway has at this moment (live_status.c, live_lists.c). */
#define LIVE_ARGUMENTS "--socket FILE [--json] [--lang en|ko]"
extern const char live_help[], live_list_help[];
int status_run(int argc, char **argv);
int health_run(int argc, char **argv);
int reload_run(int argc, char **argv);
int drain_run(int argc, char **argv);
int cut_run(int argc, char **argv);
extern const char operate_help[], drain_help[];
#define OPERATE_ARGUMENTS "--socket FILE --reason TEXT [--operator NAME] [--lang en|ko]"
int parties_run(int argc, char **argv);
int sessions_run(int argc, char **argv);
int streams_run(int argc, char **argv);
int incidents_run(int argc, char **argv);

int policy_keygen_run(int argc, char **argv);

int init_run(int argc, char **argv);
int reasons_run(int argc, char **argv);

#endif
