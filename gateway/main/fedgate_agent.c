/* fedgate-agent: what an agency's machines do at a command line. */
#include "cli/agent/agent.h"
#include "main/version.h"

int main(int argc, char **argv)
{
    return cli_run("fedgate-agent", FEDGATE_VERSION, agent_commands, argc, argv);
}
