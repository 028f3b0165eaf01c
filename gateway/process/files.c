#include "process/files.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PRIVATE = 0700, READABLE = 0755, BACKLOG = 4096, CONTROL_BACKLOG = 16 };

/* ---- sockets that systemd hands over (sd_listen_fds(3)): from descriptor 3 on, in the order of
 * the names in LISTEN_FDNAMES; one alone may have none */

enum { HANDED_FIRST = 3, HANDED_MOST = 3 };

static int handed_over(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    char own[24];
    (void)snprintf(own, sizeof own, "%ld", (long)getpid());
    if (pid == NULL || count == NULL || strcmp(pid, own) != 0 || count[0] < '1' ||
        count[0] > '0' + HANDED_MOST || count[1] != '\0')
        return 0;
    return count[0] - '0';
}

/* Whether a socket of this name (FileDescriptorName=) is the one that is looked for; the edge's,
 * `wanted` NULL, has any name but those of the others. */
static bool is_called(struct bytes name, const char *wanted)
{
    return wanted != NULL ? bytes_is(name, wanted)
                          : !bytes_is(name, "console") && !bytes_is(name, "metrics");
}

/* The first one that is so called; -1. */
static int find_handed(const char *wanted)
{
    const char *name = getenv("LISTEN_FDNAMES");
    const int count = handed_over();
    if (name == NULL)
        return count == 1 && wanted == NULL ? HANDED_FIRST : -1;
    for (int i = 0; i < count; i++) {
        const size_t n = strcspn(name, ":");
        if (is_called(bytes_of(name, n), wanted))
            return HANDED_FIRST + i;
        name += name[n] == '\0' ? n : n + 1;
    }
    return -1;
}

/* As a rule a blocking one, on which the second accept of a turn would wait for ever. */
static int inherited_listener(const char *wanted)
{
    const int fd = find_handed(wanted);
    const int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    return fd;
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

static int open_listener(const char *address, const char *wanted)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    char host[SETTINGS_TEXT], port_text[8];
    uint16_t port;
    int fd = inherited_listener(wanted);
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

void files_listener_address(int fd, char out[FILES_ADDRESS])
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    char host[64], port[8];
    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0 ||
        getnameinfo((const struct sockaddr *)&at, n, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        (void)snprintf(out, FILES_ADDRESS, "?");
    else
        (void)snprintf(out, FILES_ADDRESS, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
                       port);
}

/* A socket of an earlier start is in the way; one that somebody still serves is not ours to take.
 */
static bool clear_the_way(const struct sockaddr_un *at)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool served = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;
    if (fd >= 0)
        (void)close(fd);
    if (served)
        errno = EADDRINUSE;
    return !served && unlink(at->sun_path) == 0;
}

/* For this user and root only: the mask holds while the file is made, so that there is no moment in
 * which others could connect. */
static int open_control(const struct settings *s)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(s->control_socket);
    if (n >= sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, s->control_socket, n);
    (void)mkdir(s->data_folder, PRIVATE);
    if (!clear_the_way(&at))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(S_IRWXG | S_IRWXO | S_IXUSR);
    bool listens = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
                   listen(fd, CONTROL_BACKLOG) == 0;
    (void)umask(mask);
    if (!listens && fd >= 0) {
        int kept = errno;
        (void)close(fd);
        errno = kept;
        fd = -1;
    }
    return fd;
}

/* Who else could read a secret of a file, or put another one into it; NULL: nobody. */
static const char *exposure(const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return "it is no regular file";
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return "it belongs to another user";
    if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "group or others may use it: chmod 600";
    return NULL;
}

/* `fd` again, or -1 when it is refused. */
static int only_ours(int fd, const char *path, enum log_level level, const struct log *log)
{
    struct stat st;
    const char *why = fstat(fd, &st) == 0 ? exposure(&st) : "its permissions cannot be read";
    if (why == NULL)
        return fd;
    log_line(log, level, "key-file-exposed", "path=\"%s\" why=\"%s\"", path, why);
    (void)close(fd);
    return -1;
}

static int say_unless_open(int fd, const char *path, const struct log *log)
{
    if (fd < 0)
        log_line(log, LOG_FATAL, "cannot-open", "path=\"%s\" why=\"%s\"", path, strerror(errno));
    return fd;
}

int files_open_path(const char *path, const struct log *log)
{
    return say_unless_open(open(path, O_RDONLY | O_CLOEXEC), path, log);
}

/* With `make` it is made when it is not there, in this mode. */
static int open_folder(const char *path, mode_t make, const struct log *log)
{
    int fd = -1;
    if (make == 0 || mkdir(path, make) == 0 || errno == EEXIST)
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return say_unless_open(fd, path, log);
}

static int open_secret(const char *path, int flags, const struct log *log)
{
    int fd = say_unless_open(open(path, flags | O_CLOEXEC), path, log);
    return fd < 0 ? fd : only_ours(fd, path, LOG_FATAL, log);
}

static int open_key(const char *folder, const char *name, int flags, const struct log *log)
{
    char path[SETTINGS_TEXT + 32];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return open_secret(path, flags | O_NOFOLLOW, log);
}

static int open_data(const char *data_folder, const char *name, const struct log *log)
{
    char path[SETTINGS_TEXT + 32];
    (void)mkdir(data_folder, PRIVATE);
    (void)snprintf(path, sizeof path, "%s/%s", data_folder, name);
    return open_folder(path, PRIVATE, log);
}

/* The device of what is there of a path: a folder that is still to be made lies where the folder
 * above it does. */
static bool device_of(const char *path, dev_t *out)
{
    char above[SETTINGS_TEXT + 8];
    struct stat st;
    if (stat(path, &st) != 0) {
        const char *slash = strrchr(path, '/');
        (void)snprintf(above, sizeof above, "%.*s/.", slash == NULL ? 1 : (int)(slash - path),
                       slash == NULL ? "." : path);
        if (stat(above, &st) != 0)
            return false;
    }
    *out = st.st_dev;
    return true;
}

/* Room of its own for the urgent lane, or none: without it the gateway still runs, but not when
 * something of the journal lies there, which the ledger knows. */
static int open_urgent(const struct settings *s, const struct log *log)
{
    int fd = open(s->urgent_journal, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *why = fd < 0 ? strerror(errno) : NULL;
    struct stat st;
    dev_t journal;
    if (fd >= 0 && fstat(fd, &st) == 0 && device_of(s->data_folder, &journal) &&
        st.st_dev == journal)
        why = "it is on the device of data_folder, and full when that is: is it mounted?";
    if (why == NULL)
        return fd;
    log_line(log, LOG_ALARM, "urgent-journal-away", "path=\"%s\" why=\"%s\"", s->urgent_journal,
             why);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* ---- what the console needs: without it the gateway runs all the same */

static int alarm_unless_open(int fd, const char *path, const struct log *log)
{
    if (fd < 0)
        log_line(log, LOG_ALARM, "console-lacks", "path=\"%s\" why=\"%s\"", path, strerror(errno));
    return fd;
}

static int open_console_key(const struct settings *s, const struct log *log)
{
    const char *path = s->console_key;
    int fd = alarm_unless_open(open(path, O_RDONLY | O_CLOEXEC), path, log);
    return fd < 0 ? fd : only_ours(fd, path, LOG_ALARM, log);
}

static int open_console_folder(const struct settings *s, const struct log *log)
{
    const char *path = s->console_folder;
    int fd = -1;
    if (mkdir(path, PRIVATE) == 0 || errno == EEXIST)
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return alarm_unless_open(fd, path, log);
}

/* Neither what the settings say nor what systemd hands over may let others in: nobody is asked for
 * a certificate there. */
static bool is_of_this_machine(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        return false;
    const struct sockaddr_in *four = (const struct sockaddr_in *)&at;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&at;
    return at.ss_family == AF_INET
               ? four->sin_addr.s_addr == htonl(INADDR_LOOPBACK)
               : at.ss_family == AF_INET6 &&
                     memcmp(&six->sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0;
}

static int open_metrics(const char *address)
{
    int fd = open_listener(address, "metrics");
    if (fd < 0 || is_of_this_machine(fd))
        return fd;
    (void)close(fd);
    errno = EADDRNOTAVAIL;
    return -1;
}

static int open_for_console(const struct settings *s, enum ipc_gift gift, const struct log *log)
{
    const char *address = s->console_listen, *certificate = s->console_certificate;
    switch (gift) {
    case GIFT_CONSOLE_LISTENER:
        return alarm_unless_open(open_listener(address, "console"), address, log);
    case GIFT_METRICS_LISTENER:
        return alarm_unless_open(open_metrics(s->metrics_listen), s->metrics_listen, log);
    case GIFT_CONSOLE_CERTIFICATE:
        return alarm_unless_open(open(certificate, O_RDONLY | O_CLOEXEC), certificate, log);
    case GIFT_CONSOLE_KEY: return open_console_key(s, log);
    default: return open_console_folder(s, log);
    }
}

int files_open(const struct settings *s, enum ipc_gift gift, const struct log *log)
{
    switch (gift) {
    case GIFT_POLICY_FOLDER: return open_folder(s->policy_folder, 0, log);
    case GIFT_CRL_FOLDER: return open_folder(s->crl_folder, 0, log);
    case GIFT_SLOTS_FOLDER: return open_folder(s->data_folder, PRIVATE, log);
    case GIFT_JOURNAL_FOLDER: return open_data(s->data_folder, "journal", log);
    case GIFT_ARCHIVE_FOLDER: return open_data(s->data_folder, "policy-archive", log);
    case GIFT_URGENT_FOLDER: return open_urgent(s, log);
    case GIFT_AUDIT_FOLDER: return open_folder(s->audit_folder, READABLE, log);
    case GIFT_CERTIFICATE: return files_open_path(s->tls_certificate, log);
    case GIFT_TLS_KEY: return open_secret(s->tls_key, O_RDONLY, log);
    case GIFT_LOG_KEY: return open_key(s->key_folder, "log.key", O_RDONLY, log);
    case GIFT_MASTER_KEY: return open_key(s->key_folder, "master.key", O_RDONLY, log);
    case GIFT_WRAPPING_SECRET: return open_key(s->key_folder, "wrapping.secret", O_RDWR, log);
    case GIFT_LISTENER: return say_unless_open(open_listener(s->listen, NULL), s->listen, log);
    case GIFT_CONTROL: return say_unless_open(open_control(s), s->control_socket, log);
    case GIFT_CONSOLE_LISTENER:
    case GIFT_METRICS_LISTENER:
    case GIFT_CONSOLE_CERTIFICATE:
    case GIFT_CONSOLE_KEY:
    case GIFT_CONSOLE_FOLDER: return open_for_console(s, gift, log);
    default: errno = EINVAL; return say_unless_open(-1, ipc_gift_name(gift), log);
    }
}
