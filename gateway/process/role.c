#include "process/role.h"

#include "base/mem.h"
#include "base/turns.h"
#include "crypto/init.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS_MAX = 4 };

void role_take_gift(struct role *r, const struct channel_message *m)
{
    unsigned gift = m->body.n == 1 ? m->body.p[0] : GIFT_COUNT;
    if (gift >= GIFT_COUNT || m->fd < 0) {
        if (m->fd >= 0)
            (void)close(m->fd);
        return;
    }
    if (r->gift[gift] >= 0)
        (void)close(r->gift[gift]);
    r->gift[gift] = m->fd;
}

int role_claim(struct role *r, enum ipc_gift gift)
{
    int fd = r->gift[gift];
    r->gift[gift] = -1;
    return fd;
}

static enum result take_gifts(struct role *r)
{
    for (;;) {
        struct channel_message m;
        while (channel_next(r->control, &m)) {
            if (m.type == IPC_START) {
                (void)snprintf(r->config_name, sizeof r->config_name, "%.*s", (int)m.body.n,
                               (const char *)m.body.p);
                return RESULT_OK;
            }
            if (m.type == IPC_GIVE)
                role_take_gift(r, &m);
        }
        struct pollfd p = {channel_fd(r->control), POLLIN, 0};
        if (poll(&p, 1, -1) < 0 && errno != EINTR)
            return RESULT_IO;
        enum result got = channel_receive(r->control);
        if (got != RESULT_OK && got != RESULT_AGAIN)
            return got;
    }
}

static enum result read_settings(struct role *r)
{
    struct bytes block;
    if (r->gift[GIFT_SETTINGS] < 0)
        return RESULT_OK; /* the compiler makes them */
    TRY(role_map(role_claim(r, GIFT_SETTINGS), &block));
    if (block.n != sizeof r->settings)
        return RESULT_MALFORMED;
    memcpy(&r->settings, block.p, sizeof r->settings);
    role_unmap(block);
    return settings_valid(&r->settings) ? RESULT_OK : RESULT_MALFORMED;
}

enum result role_begin(struct role *r, enum ipc_role id)
{
    *r = (struct role){.id = id, .control = channel_new(ROLE_CONTROL_FD, id, ROLE_ID_SUPERVISOR)};
    r->log = (struct log){
        .role = ipc_role_name(id), .fd = STDERR_FILENO, .least = LOG_NOTE, .clock = clock_system()};
    for (size_t i = 0; i < GIFT_COUNT; i++)
        r->gift[i] = -1;
    TRY(sandbox_hide());
    TRY(crypto_init());
    TRY(take_gifts(r));
    return read_settings(r);
}

void role_ask_short_turns(const struct role *r)
{
    log_line(&r->log, LOG_DETAIL, "turns", "short=%s", turns_ask_short() ? "asked" : "no");
}

static unsigned folders_of(const struct role *r, struct sandbox_folder out[FOLDERS_MAX])
{
    enum { READ = 0, WRITE = 1 };
    static const struct {
        enum ipc_role role;
        enum ipc_gift gift;
        int mode;
    } table[] = {
#define FOLDER(NAME, gift, mode) {ROLE_ID_##NAME, GIFT_##gift, mode},
#include "process/roles.def"
    };
    unsigned count = 0;
    for (size_t i = 0; i < ARRAY_LEN(table) && count < FOLDERS_MAX; i++)
        if (table[i].role == r->id && r->gift[table[i].gift] >= 0)
            out[count++] = (struct sandbox_folder){r->gift[table[i].gift], table[i].mode == WRITE};
    return count;
}

unsigned role_calls(enum ipc_role id)
{
    static const struct {
        enum ipc_role role;
        unsigned group;
    } table[] = {
#define MAY(NAME, group) {ROLE_ID_##NAME, SANDBOX_##group},
#include "process/roles.def"
    };
    unsigned groups = SANDBOX_BASE;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].role == id)
            groups |= table[i].group;
    return groups;
}

enum result role_close_door(struct role *r)
{
    struct sandbox_folder folder[FOLDERS_MAX];
    struct sandbox_level level;
    unsigned folders = folders_of(r, folder);
    TRY(sandbox_enter(folder, folders, &level));
    TRY(sandbox_limit(role_calls(r->id), &level));
    (void)snprintf(r->attained, sizeof r->attained, "landlock=%d calls=%u memory=%s",
                   level.landlock, level.calls, level.locks ? "locked" : "hidden");
    log_line(&r->log, LOG_NOTE, "ready", "folders=%u %s", folders, r->attained);
    channel_send(r->control, IPC_READY, bytes_of_text(r->attained), bytes_of(NULL, 0), -1);
    return channel_flush(r->control);
}

void role_pong(struct role *r, bool serves, uint64_t count)
{
    struct buf said = BUF_INIT(16);
    buf_bool(&said, serves);
    buf_u64(&said, count);
    channel_send(r->control, IPC_PONG, buf_view(&said), bytes_of(NULL, 0), -1);
    buf_free(&said);
    (void)!channel_flush(r->control); /* a supervisor that is gone shows at the next read */
}

void role_lost_peer(struct role *r, enum ipc_role peer)
{
    uint8_t who = (uint8_t)peer;
    channel_send(r->control, IPC_PEER_LOST, bytes_of(&who, 1), bytes_of(NULL, 0), -1);
    (void)!channel_flush(r->control); /* a supervisor that is gone shows at the next read */
}

enum result role_read_file(int fd, size_t most, struct buf *out)
{
    for (;;) {
        uint8_t *room = buf_reserve(out, 4096);
        ssize_t n = room == NULL ? -1 : read(fd, room, 4096);
        if (n < 0)
            return room == NULL ? RESULT_TOO_LARGE : RESULT_IO;
        if (n == 0)
            return RESULT_OK;
        out->n += (size_t)n;
        if (out->n > most)
            return RESULT_TOO_LARGE;
    }
}

/* Nobody who has the block can change or cut it under its readers any more. */
static bool is_sealed(int fd)
{
    const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & all) == all;
}

enum result role_map(int fd, struct bytes *out)
{
    struct stat st;
    void *p = MAP_FAILED;
    if (fd >= 0 && is_sealed(fd) && fstat(fd, &st) == 0 && st.st_size > 0)
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        (void)close(fd);
    if (p == MAP_FAILED)
        return RESULT_IO;
    *out = bytes_of(p, (size_t)st.st_size);
    return RESULT_OK;
}

void role_unmap(struct bytes block)
{
    if (block.p != NULL)
        (void)munmap((void *)(uintptr_t)block.p, block.n);
}

void role_end(struct role *r)
{
    for (size_t i = 0; i < GIFT_COUNT; i++)
        if (r->gift[i] >= 0)
            (void)close(r->gift[i]);
    channel_free(r->control);
}
