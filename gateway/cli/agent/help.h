/* What the help of several commands has in common. */
#ifndef FEDGATE_CLI_AGENT_HELP_H
#define FEDGATE_CLI_AGENT_HELP_H

#include "cli/agent/agent.h"

#define CONNECTION                                                                                 \
    "\n"                                                                                           \
    "connection:\n"                                                                                \
    "  --gateway HOST:PORT      or the environment variable FEDGATE_GATEWAY\n"                     \
    "  --certificate FILE       the unit's certificate in PEM; FEDGATE_CERTIFICATE\n"              \
    "  --key FILE               its private key in PEM; FEDGATE_KEY\n"                             \
    "  --root FILE              root of the gateway's certificate in PEM; FEDGATE_ROOT\n"          \
    "  --server-name NAME       that the gateway's certificate must have; FEDGATE_SERVER_NAME\n"   \
    "  --config FILE            where these and other settings stand (\"settings\" tells "         \
    "which);\n"                                                                                    \
    "                           FEDGATE_CONFIG, else " AGENT_CONFIG "\n"                           \
    "  --lang en|ko             language of the sentences on standard error\n"                     \
    "  --quiet                  on standard error, only what makes the exit code 2, 3 or 4\n"

#define BASIS                                                                                      \
    "  --basis CODE             the legal basis, such as kr/pipa/18-2-3\n"                         \
    "  --evidence KIND=VALUE    as the basis requires; may be given several times\n"

#define PERSON                                                                                     \
    "  --staff REF              the person behind it, by the agency's own reference; with\n"       \
    "                           --role WORD, --workstation NAME, --authenticated-by HOW\n"

#define EXIT                                                                                       \
    "  2: usage\n"                                                                                 \
    "  3: input, output or a file is at fault\n"                                                   \
    "  4: the gateway is not reachable or not trusted, or the connection was lost\n"               \
    "  130, 143: interrupted; of several, the highest\n"

#endif
