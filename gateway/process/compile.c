#include "process/compile.h"

#include "process/files.h"
#include "process/role.h"
#include "process/signers.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Far more than any set takes, and less than a service manager waits for a sign of life: the
 * supervisor gives none meanwhile. */
#define COMPILE_WITHIN (20 * US_PER_S)

/* A deadline, by the clock of the log. */
struct deadline {
    int64_t at_us;
    const struct log *log;
};

static bool is_over(const struct deadline *d)
{
    return clock_steady_us(&d->log->clock) >= d->at_us;
}

static enum result wait_readable(const struct channel *c, const struct deadline *d)
{
    struct pollfd p = {channel_fd(c), POLLIN, 0};
    if (is_over(d))
        return RESULT_UNAVAILABLE;
    return poll(&p, 1, 100) < 0 && errno != EINTR ? RESULT_IO : RESULT_OK;
}

static int wait_for_block(struct channel *c, const struct deadline *d, struct buf *said)
{
    struct channel_message m;
    enum result r = RESULT_OK;
    while (r == RESULT_OK || r == RESULT_AGAIN) {
        while (channel_next(c, &m)) {
            if (m.type == IPC_COMPILED) {
                buf_put(said, m.body.p, m.body.n);
                return m.fd;
            }
            if (m.fd >= 0)
                (void)close(m.fd);
        }
        r = wait_readable(c, d);
        if (r == RESULT_OK)
            r = channel_receive(c);
    }
    return -1;
}

static void end(pid_t pid, const struct log *log, int *status)
{
    log_line(log, LOG_ALARM, "role-killed", "role=%s why=\"it was not over within %d s\"",
             ipc_role_name(ROLE_ID_COMPILER), (int)(COMPILE_WITHIN / US_PER_S));
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
}

/* Whether it ended by itself: one that was ended is believed nothing. Whatever waits for something
 * that never comes, or was taken over, must not hold up the supervisor. */
static bool ends_well(pid_t pid, const struct deadline *d)
{
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && !is_over(d))
        (void)usleep(1000);
    if (ended == 0)
        end(pid, d->log, &status);
    if (!WIFSIGNALED(status))
        return true;
    log_line(d->log, LOG_ALARM, "role-ended", "role=%s signal=%d", ipc_role_name(ROLE_ID_COMPILER),
             WTERMSIG(status));
    return false;
}

/* START tells the name of what is compiled, for messages. The block, or -1; `said` gets what the
 * compiler said with it. */
static int run(struct child *compiler, const char *name, const struct log *log, struct buf *said)
{
    const struct deadline d = {clock_steady_us(&log->clock) + COMPILE_WITHIN, log};
    int block = -1;
    enum result r;
    spawn_give(compiler, GIFT_MESSAGES, STDERR_FILENO);
    channel_send(compiler->control, IPC_START, bytes_of_text(name), bytes_of(NULL, 0), -1);
    while ((r = channel_flush(compiler->control)) == RESULT_AGAIN)
        (void)usleep(1000);
    if (r == RESULT_OK)
        block = wait_for_block(compiler->control, &d, said);
    channel_free(compiler->control);
    if (ends_well(compiler->pid, &d))
        return block;
    buf_clear(said);
    buf_text(said, "compiler");
    if (block >= 0)
        (void)close(block);
    return -1;
}

static bool read_back(int block, struct settings *out)
{
    struct bytes view;
    if (role_map(fcntl(block, F_DUPFD_CLOEXEC, 0), &view) != RESULT_OK)
        return false;
    bool fits = view.n == sizeof *out;
    if (fits)
        memcpy(out, view.p, sizeof *out);
    role_unmap(view);
    return fits && settings_valid(out);
}

int compile_settings(const char *program, const char *config_path, const struct log *log,
                     struct settings *out)
{
    struct child compiler;
    struct buf said = BUF_INIT(CLAIM_MAX);
    int block = -1, file = files_open_path(config_path, log);
    if (file < 0)
        return -1;
    if (spawn_role(program, ROLE_ID_COMPILER, &compiler) == RESULT_OK) {
        spawn_give(&compiler, GIFT_CONFIG_FILE, file);
        block = run(&compiler, config_path, log, &said);
    }
    (void)close(file);
    buf_free(&said);
    if (block < 0 || read_back(block, out))
        return block;
    (void)close(block);
    return -1;
}

static void close_all(const int *fd, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fd[i] >= 0)
            (void)close(fd[i]);
}

int compile_policy(const char *program, const struct settings *s, const struct bytes *in_force,
                   const struct log *log, struct buf *said)
{
    enum { POLICY, CRLS, ARCHIVE, TRUST, FDS };
    static const enum ipc_gift gift[FDS] = {GIFT_POLICY_FOLDER, GIFT_CRL_FOLDER,
                                            GIFT_ARCHIVE_FOLDER, GIFT_TRUST};
    int fd[FDS] = {-1, -1, -1, -1}, block = -1;
    struct child compiler;
    bool good = true;
    buf_clear(said);
    for (size_t i = POLICY; good && i <= (in_force == NULL ? CRLS : ARCHIVE); i++)
        good = (fd[i] = files_open(s, gift[i], log)) >= 0;
    if (good && in_force != NULL)
        good = (fd[TRUST] = signers_collect(s, *in_force, log)) >= 0;
    if (good && spawn_role(program, ROLE_ID_COMPILER, &compiler) == RESULT_OK) {
        for (size_t i = 0; i < FDS; i++)
            spawn_give(&compiler, gift[i], fd[i]);
        block = run(&compiler, s->policy_folder, log, said);
    }
    close_all(fd, FDS);
    return block;
}
