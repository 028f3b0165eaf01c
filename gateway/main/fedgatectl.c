/* fedgatectl: what officers, operators and auditors do at a command line. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "crypto/init.h"

static const struct cli_command commands[] = {
    {"audit", NULL, "check and read the audit log, without a running gateway", NULL, NULL,
     cli_audit_commands},
    {0}};

int main(int argc, char **argv)
{
    if (crypto_init() != RESULT_OK) {
        cli_error("a cryptographic library does not start");
        return CLI_FAILED;
    }
    return cli_run("fedgatectl", commands, argc, argv);
}
