/*
 * The crash argument: a message is written under a name that begins with a dot, synced, renamed and
 * its folder synced, before anybody hears that it was taken. It is removed behind its receipt; if
 * that is lost it is sent again under its id, which the gateway knows. A refused one has its reason
 * on disk before it moves.
 */
#include "cli/agent/outbox.h"

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 20, FOLDERS = 3, REFUSED = 2 }; /* the folders: the lanes, then refused */

static const char *const folder_name[FOLDERS] = {"urgent", "normal", "refused"};
_Static_assert(FEDGATE_URGENT == 0 && FEDGATE_NORMAL == 1, "a lane is the number of its folder");

struct outbox {
    char *path;
    int fd, folder[FOLDERS], writing, sending;
    struct outbox_limits most;
    size_t count; /* that wait: as last counted, and what was put since */
    uint64_t bytes;
    int64_t counted_us, last_us; /* the time of the last name */
};

static enum result failed(const struct outbox *o, const char *name)
{
    cli_error("%s/%s: %s", o->path, name, strerror(errno));
    return RESULT_IO;
}

/* ---------------------------------------------------------------- names */

/* The name of a message; others are passed over. */
static bool is_name(const char *name)
{
    struct uuid id;
    return strlen(name) == OUTBOX_NAME && strspn(name, "0123456789") == DIGITS &&
           name[DIGITS] == '-' && uuid_parse(bytes_of_text(name + DIGITS + 1), &id);
}

/* Calls `take` for each name in a folder; RESULT_IO after an error message. */
static enum result each(const struct outbox *o, int which,
                        void (*take)(void *arg, int folder, const char *name), void *arg)
{
    int fd = openat(o->folder[which], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *e;
    if (d == NULL) {
        enum result r = failed(o, folder_name[which]);
        if (fd >= 0)
            (void)close(fd);
        return r;
    }
    for (errno = 0; (e = readdir(d)) != NULL; errno = 0)
        take(arg, fd, e->d_name);
    enum result r = errno == 0 ? RESULT_OK : failed(o, folder_name[which]);
    (void)closedir(d);
    return r;
}

static void take_name(void *arg, int folder, const char *name)
{
    struct outbox_list *list = arg;
    (void)folder;
    if (!is_name(name))
        return;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        list->name = mem_grow_array(list->name, list->room, room, sizeof *list->name);
        list->room = room;
    }
    memcpy(list->name[list->count++], name, OUTBOX_NAME + 1);
}

static int by_name(const void *a, const void *b)
{
    return memcmp(a, b, OUTBOX_NAME);
}

static enum result list_of(const struct outbox *o, int which, struct outbox_list *out)
{
    *out = (struct outbox_list){0};
    TRY(each(o, which, take_name, out));
    if (out->count > 0)
        qsort(out->name, out->count, sizeof *out->name, by_name);
    return RESULT_OK;
}

enum result outbox_list(struct outbox *o, enum fedgate_lane lane, size_t most,
                        struct outbox_list *out)
{
    TRY(list_of(o, (int)lane, out));
    out->count = out->count < most ? out->count : most;
    return RESULT_OK;
}

void outbox_list_free(struct outbox_list *list)
{
    mem_free(list->name);
    *list = (struct outbox_list){0};
}

/* ---------------------------------------------------------------- how many wait */

static void count_one(void *arg, int folder, const char *name)
{
    struct outbox *o = arg;
    struct stat s;
    int64_t at_us;
    if (!is_name(name) || fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) != 0)
        return; /* sent meanwhile */
    o->count++;
    o->bytes += (uint64_t)s.st_size;
    at_us = strtoll(name, NULL, 10);
    o->last_us = at_us > o->last_us ? at_us : o->last_us;
}

static enum result count_all(struct outbox *o, int64_t now_us)
{
    o->count = 0;
    o->bytes = 0;
    o->counted_us = now_us;
    TRY(each(o, FEDGATE_URGENT, count_one, o));
    return each(o, FEDGATE_NORMAL, count_one, o);
}

enum result outbox_count(struct outbox *o, size_t *count, uint64_t *bytes)
{
    TRY(count_all(o, o->counted_us));
    *count = o->count;
    *bytes = o->bytes;
    return RESULT_OK;
}

static bool is_full(const struct outbox *o, size_t n)
{
    return o->count >= o->most.count || o->bytes > o->most.bytes || n > o->most.bytes - o->bytes;
}

/* Others put and send meanwhile. */
static enum result look_for_room(struct outbox *o, size_t n, int64_t now_us)
{
    bool is_old = now_us < o->counted_us || now_us - o->counted_us > US_PER_S;
    if (is_old || is_full(o, n))
        TRY(count_all(o, now_us));
    return is_full(o, n) ? RESULT_FULL : RESULT_OK;
}

/* ---------------------------------------------------------------- open */

static int open_file(struct outbox *o, const char *name)
{
    int fd = openat(o->fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        (void)failed(o, name);
    return fd;
}

static int open_folder(int at, const char *name)
{
    if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
        return -1;
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool is_ours_alone(const struct outbox *o)
{
    struct stat s;
    if (fstat(o->fd, &s) == 0 && s.st_uid == geteuid() && (s.st_mode & 077) == 0)
        return true;
    cli_error("%s: must be this user's alone (chmod 700)", o->path);
    return false;
}

static void sweep_one(void *arg, int folder, const char *name)
{
    (void)arg;
    if (name[0] == '.' && is_name(name + 1))
        (void)unlinkat(folder, name, 0);
}

/* What a process left half written goes when nobody else writes. */
static bool join_writers(struct outbox *o)
{
    o->writing = open_file(o, "writing");
    if (o->writing < 0)
        return false;
    if (flock(o->writing, LOCK_EX | LOCK_NB) == 0 &&
        (each(o, FEDGATE_URGENT, sweep_one, NULL) != RESULT_OK ||
         each(o, FEDGATE_NORMAL, sweep_one, NULL) != RESULT_OK))
        return false;
    if (flock(o->writing, LOCK_SH) == 0)
        return true;
    (void)failed(o, "writing");
    return false;
}

static bool open_all(struct outbox *o)
{
    o->fd = open_folder(AT_FDCWD, o->path);
    if (o->fd < 0) {
        cli_error("%s: %s", o->path, strerror(errno));
        return false;
    }
    if (!is_ours_alone(o))
        return false;
    for (int i = 0; i < FOLDERS; i++) {
        o->folder[i] = open_folder(o->fd, folder_name[i]);
        if (o->folder[i] < 0) {
            (void)failed(o, folder_name[i]);
            return false;
        }
    }
    if (fsync(o->fd) != 0)
        return failed(o, ".") == RESULT_OK;
    return join_writers(o) && count_all(o, 0) == RESULT_OK;
}

struct outbox *outbox_open(const char *path, struct outbox_limits most)
{
    struct outbox *o = mem_new(sizeof *o);
    *o = (struct outbox){.path = mem_text(path, strlen(path)),
                         .fd = -1,
                         .folder = {-1, -1, -1},
                         .writing = -1,
                         .sending = -1,
                         .most = most};
    if (open_all(o))
        return o;
    outbox_close(o);
    return NULL;
}

static void close_one(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

void outbox_close(struct outbox *o)
{
    if (o == NULL)
        return;
    for (int i = 0; i < FOLDERS; i++)
        close_one(o->folder[i]);
    close_one(o->writing);
    close_one(o->sending);
    close_one(o->fd);
    mem_free(o->path);
    mem_free(o);
}

bool outbox_claim(struct outbox *o)
{
    o->sending = open_file(o, "sending");
    if (o->sending < 0)
        return false;
    if (flock(o->sending, LOCK_EX | LOCK_NB) == 0)
        return true;
    cli_error("%s: another process sends what is in it", o->path);
    return false;
}

/* ---------------------------------------------------------------- in */

enum result outbox_put(struct outbox *o, enum fedgate_lane lane, const char *id,
                       struct bytes message, int64_t now_us)
{
    char name[1 + OUTBOX_NAME + 1] = "."; /* behind the dot, the name that it gets */
    const int folder = o->folder[lane];
    struct uuid u;
    if (!uuid_parse(bytes_of_text(id), &u))
        return RESULT_MALFORMED;
    TRY(look_for_room(o, message.n, now_us));
    o->last_us = now_us > o->last_us ? now_us : o->last_us + 1;
    (void)snprintf(name + 1, sizeof name - 1, "%020" PRId64 "-%.36s", o->last_us, id);
    if (!cli_write_new(folder, name, message, 0600))
        return RESULT_IO;
    if (renameat(folder, name, folder, name + 1) != 0 || fsync(folder) != 0) {
        enum result r = failed(o, name + 1);
        (void)unlinkat(folder, name, 0);
        return r;
    }
    o->count++;
    o->bytes += message.n;
    return RESULT_OK;
}

/* ---------------------------------------------------------------- out */

enum result outbox_read(struct outbox *o, enum fedgate_lane lane, const char *name, struct buf *out)
{
    int fd = openat(o->folder[lane], name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    uint8_t part[16384];
    ssize_t n = 1;
    if (fd < 0)
        return errno == ENOENT ? RESULT_NOT_FOUND : failed(o, name);
    while (n > 0 && buf_status(out) == RESULT_OK) {
        n = read(fd, part, sizeof part);
        if (n > 0)
            buf_put(out, part, (size_t)n);
    }
    enum result r = n < 0 ? failed(o, name) : buf_status(out);
    mem_wipe(part, sizeof part);
    (void)close(fd);
    return r;
}

enum result outbox_remove(struct outbox *o, enum fedgate_lane lane, const char *name)
{
    if (unlinkat(o->folder[lane], name, 0) == 0 || errno == ENOENT)
        return RESULT_OK;
    return failed(o, name);
}

void outbox_settle(struct outbox *o)
{
    for (int i = 0; i < REFUSED; i++)
        (void)fsync(o->folder[i]); /* what is there again after a crash is sent again, no more */
}

/* ---------------------------------------------------------------- refused */

static void reason_name(const char *name, char out[OUTBOX_NAME + 6])
{
    (void)snprintf(out, OUTBOX_NAME + 6, "%.*s.json", (int)OUTBOX_NAME, name);
}

/* The oldest go. */
static enum result trim_refused(struct outbox *o)
{
    struct outbox_list list;
    char reason[OUTBOX_NAME + 6];
    enum result r = list_of(o, REFUSED, &list);
    for (size_t i = 0; r == RESULT_OK && i + OUTBOX_REFUSED_MAX < list.count; i++) {
        reason_name(list.name[i], reason);
        (void)unlinkat(o->folder[REFUSED], reason, 0);
        if (unlinkat(o->folder[REFUSED], list.name[i], 0) != 0)
            r = failed(o, list.name[i]);
    }
    outbox_list_free(&list);
    return r;
}

enum result outbox_refuse(struct outbox *o, enum fedgate_lane lane, const char *name,
                          struct bytes why)
{
    char reason[OUTBOX_NAME + 6];
    const int from = o->folder[lane], to = o->folder[REFUSED];
    reason_name(name, reason);
    (void)unlinkat(to, reason, 0); /* of an attempt that ended */
    if (!cli_write_new(to, reason, why, 0600))
        return RESULT_IO;
    if (renameat(from, name, to, name) != 0 || fsync(to) != 0 || fsync(from) != 0)
        return failed(o, name);
    return trim_refused(o);
}

/* ---------------------------------------------------------------- watching */

int outbox_watch(const struct outbox *o)
{
    struct buf path = BUF_INIT(8192);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    for (int i = 0; fd >= 0 && i < REFUSED; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s/%s", o->path, folder_name[i]);
        if (inotify_add_watch(fd, buf_c(&path), IN_MOVED_TO) < 0) {
            int error = errno;
            (void)close(fd);
            errno = error;
            fd = -1;
        }
    }
    if (fd < 0)
        cli_error("%s: it cannot be watched: %s", o->path, strerror(errno));
    buf_free(&path);
    return fd;
}

void outbox_watch_read(int fd)
{
    uint8_t events[4096];
    while (read(fd, events, sizeof events) > 0)
        continue;
}
