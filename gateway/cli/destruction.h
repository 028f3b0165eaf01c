/* What the commands of "fedgatectl destruction" share. */
#ifndef FEDGATE_CLI_DESTRUCTION_H
#define FEDGATE_CLI_DESTRUCTION_H

#include "cli/audit_log.h"
#include "report/chain.h"

int destruction_due_command(int argc, char **argv);
int destruction_overdue_command(int argc, char **argv);
int destruction_show_command(int argc, char **argv);
int destruction_certificate_command(int argc, char **argv);
int destruction_verify_command(int argc, char **argv);
int destruction_try_open_command(int argc, char **argv);

/* The chain of the record that this entry of the log belongs to, to be freed. CLI_OK; else, after
 * an error message, the code to end with, and *out is NULL. */
int destruction_chain(struct audit_log *log, const char *record, struct chain **out);

#endif
