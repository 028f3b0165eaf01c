/* A program of others, with fixed arguments and without a shell, at the other end of a pipe. It
 * ends with the agent. What it says on standard error is told line by line, without what stands
 * before the host of an address: that may be a password. */
#ifndef FEDGATE_CLI_AGENT_CHILD_H
#define FEDGATE_CLI_AGENT_CHILD_H

#include "cli/agent/agent.h"

struct agent_child;

/* argv[0] is looked for in PATH; the array ends with NULL. It `gives` by its standard output, or
 * takes by its standard input; *fd is our end, the caller's, not blocking. NULL after an error
 * message. That it could not be executed shows as its end. */
struct agent_child *agent_child_start(struct agent *a, const char *const *argv, bool gives,
                                      int *fd);

/* Ends it, if it has not, and frees it: to `finish`, it has three seconds to end by itself, for its
 * pipe was closed; then it is told to, and three seconds later killed. Accepts NULL. Whether it
 * ended by itself, with status 0. */
bool agent_child_stop(struct agent_child *c, bool finish);

#endif
