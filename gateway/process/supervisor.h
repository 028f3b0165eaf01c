/* The supervisor: starts the roles, hands each what roles.def says, connects them, restarts them,
 * reloads. It never sees a peer's byte, and parses no file: the compiler does. */
#ifndef FEDGATE_PROCESS_SUPERVISOR_H
#define FEDGATE_PROCESS_SUPERVISOR_H

/* Runs the gateway until SIGTERM or SIGINT, and tells the service manager (manager.h) if there is
 * one; the exit code. `program` is this program's own path,
 * for the roles. */
int supervisor_run(const char *program, const char *config_path);

/* Compiles configuration and policy, says what is wrong on standard error, and ends: 0 when a start
 * would succeed so far. */
int supervisor_check(const char *program, const char *config_path);

#endif
