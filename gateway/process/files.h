/* The files and folders that the supervisor opens for the roles. Inside process/ only. */
#ifndef FEDGATE_PROCESS_FILES_H
#define FEDGATE_PROCESS_FILES_H

#include "base/log.h"
#include "config/settings.h"
#include "ipc/channel.h"

/*
 * Opens what a gift stands for; -1 after it told the log which path, and why. A folder of the
 * gateway's own is made when it is not there. A file with a secret is refused (key-file-exposed)
 * unless it is a regular file that belongs to this user or to root, and that neither group nor
 * others may read or change. Only gifts that are files and folders; LISTENER,
 * CONSOLE_LISTENER and METRICS_LISTENER open the listening socket, or are the one that systemd
 * handed over: the console's is named "console", that of its metrics "metrics", the edge's anything
 * else. METRICS_LISTENER is refused unless it listens on 127.0.0.1 or [::1]. What the console lacks
 * costs no start either (console-lacks). URGENT_FOLDER is also refused when it lies on the
 * journal's device, and costs no start (an alarm tells of it).
 */
int files_open(const struct settings *s, enum ipc_gift gift, const struct log *log);

/* Opens a file to be read; -1 after it told the log why. */
int files_open_path(const char *path, const struct log *log);

/* Where a listening socket is reached, "192.0.2.1:8443" or "[::]:8443"; "?" when it cannot be told.
 */
enum { FILES_ADDRESS = 80 };
void files_listener_address(int fd, char out[FILES_ADDRESS]);

#endif
