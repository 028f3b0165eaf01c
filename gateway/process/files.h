/* The files and folders that the supervisor opens for the roles. Inside process/ only. */
#ifndef FEDGATE_PROCESS_FILES_H
#define FEDGATE_PROCESS_FILES_H

#include "config/settings.h"
#include "ipc/channel.h"

/* Opens what a gift stands for; -1 with *what set to the path and errno to the reason. A folder of
 * the gateway's own is made when it is not there. Only gifts that are files and folders; LISTENER
 * opens the listening socket. */
int files_open(const struct settings *s, enum ipc_gift gift, char *what, size_t n);

#endif
