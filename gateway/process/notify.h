/*
 * What the service manager is told, by the protocol of sd_notify(3), which is documented as stable
 * and made to be spoken without its library: datagrams of lines to the socket that $NOTIFY_SOCKET
 * names. libsystemd would bring three decompressors and a cipher library into the process that
 * hands out every key, for one call. Inside process/ only.
 */
#ifndef FEDGATE_PROCESS_NOTIFY_H
#define FEDGATE_PROCESS_NOTIFY_H

#include "base/attr.h"

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int fd; /* -1: nobody wants to be told */
    struct sockaddr_un to;
    socklen_t to_bytes;
    int64_t watchdog_us; /* within which WATCHDOG=1 is to come again; 0: none is asked for */
};

/* Takes it from the environment, which roles do not inherit it from then. */
struct notify notify_from_environment(void);

/* Lines such as "READY=1". One that the manager has no room for is lost: this never waits. */
void notify_send(const struct notify *n, const char *fmt, ...) PRINTF_LIKE(2, 3);

void notify_close(struct notify *n);

#endif
