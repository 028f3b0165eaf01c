/* Whether this machine lets the roles be shut in as the configuration asks for. Inside process/
 * only. */
#ifndef FEDGATE_PROCESS_HOST_H
#define FEDGATE_PROCESS_HOST_H

#include "base/log.h"
#include "config/settings.h"

/* Hides this process, which has every key file open for a moment, and all that it starts. False
 * after the log was told. */
MUST_USE bool host_hides(const struct log *log);

/* Gives up, for this process and all that it starts, what nothing here needs (sandbox_forbid): new
 * sockets too. False after the log was told. */
MUST_USE bool host_forbids(const struct log *log);

/* Whether the kernel keeps roles to their folders (landlock_least), and memory may be locked for
 * secrets. False after the log was told what it lacks. */
MUST_USE bool host_fits(const struct settings *s, const struct log *log);

#endif
