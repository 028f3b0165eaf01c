/* The tables of commands that fedgatectl's groups consist of. */
#ifndef FEDGATE_CLI_COMMANDS_H
#define FEDGATE_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_audit_commands[];

int policy_check_run(int argc, char **argv);
int init_run(int argc, char **argv);

#endif
