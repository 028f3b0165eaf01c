#include "process/files.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIVATE = 0700, READABLE = 0755, BACKLOG = 4096 };

static int open_folder(const char *path, mode_t make)
{
    if (make != 0 && mkdir(path, make) != 0 && errno != EEXIST)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_below(const char *folder, const char *name, char *what, size_t n, int flags)
{
    (void)snprintf(what, n, "%s/%s", folder, name);
    return open(what, flags | O_CLOEXEC | O_NOFOLLOW);
}

/* systemd hands the socket over as descriptor 3 (sd_listen_fds(3)), as a rule a blocking one, on
 * which the second accept of a turn would wait for ever. */
static int inherited_listener(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    char own[24];
    (void)snprintf(own, sizeof own, "%ld", (long)getpid());
    if (pid == NULL || count == NULL || strcmp(pid, own) != 0 || strcmp(count, "1") != 0)
        return -1;
    int flags = fcntl(3, F_GETFL);
    if (flags < 0 || fcntl(3, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(3, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    return 3;
}

static int bind_first(const struct addrinfo *list)
{
    int one = 1, fd = -1;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
            return fd;
        int kept = errno;
        (void)close(fd);
        errno = kept;
        fd = -1;
    }
    return fd;
}

static int open_listener(const char *address)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    char host[SETTINGS_TEXT], port_text[8];
    uint16_t port;
    int fd = inherited_listener();
    if (fd >= 0)
        return fd;
    if (!settings_split_address(address, host, sizeof host, &port)) {
        errno = EINVAL;
        return -1;
    }
    (void)snprintf(port_text, sizeof port_text, "%u", port);
    if (getaddrinfo(host, port_text, &hints, &list) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    fd = bind_first(list);
    freeaddrinfo(list);
    return fd;
}

int files_open(const struct settings *s, enum ipc_gift gift, char *what, size_t n)
{
    (void)snprintf(what, n, "%s", ipc_gift_name(gift));
    switch (gift) {
    case GIFT_POLICY_FOLDER:
        (void)snprintf(what, n, "%s", s->policy_folder);
        return open_folder(what, 0);
    case GIFT_CRL_FOLDER: (void)snprintf(what, n, "%s", s->crl_folder); return open_folder(what, 0);
    case GIFT_SLOTS_FOLDER:
        (void)snprintf(what, n, "%s", s->data_folder);
        return open_folder(what, PRIVATE);
    case GIFT_JOURNAL_FOLDER:
        (void)mkdir(s->data_folder, PRIVATE);
        (void)snprintf(what, n, "%s/journal", s->data_folder);
        return open_folder(what, PRIVATE);
    case GIFT_AUDIT_FOLDER:
        (void)snprintf(what, n, "%s", s->audit_folder);
        return open_folder(what, READABLE);
    case GIFT_CERTIFICATE:
        (void)snprintf(what, n, "%s", s->tls_certificate);
        return open(what, O_RDONLY | O_CLOEXEC);
    case GIFT_TLS_KEY:
        (void)snprintf(what, n, "%s", s->tls_key);
        return open(what, O_RDONLY | O_CLOEXEC);
    case GIFT_LOG_KEY: return open_below(s->key_folder, "log.key", what, n, O_RDONLY);
    case GIFT_MASTER_KEY: return open_below(s->key_folder, "master.key", what, n, O_RDONLY);
    case GIFT_WRAPPING_SECRET: return open_below(s->key_folder, "wrapping.secret", what, n, O_RDWR);
    case GIFT_LISTENER: (void)snprintf(what, n, "%s", s->listen); return open_listener(s->listen);
    default: errno = EINVAL; return -1;
    }
}
