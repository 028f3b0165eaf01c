/* fedgate-agent: what an agency's machines do at a command line. */
#include "cli/agent/agent.h"
#include "crypto/init.h"
#include "main/version.h"

int main(int argc, char **argv)
{
    if (crypto_init() != RESULT_OK) {
        cli_error("a cryptographic library does not start");
        return CLI_FAILED;
    }
    return cli_run("fedgate-agent", FEDGATE_VERSION, agent_commands, argc, argv);
}
