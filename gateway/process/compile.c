#include "process/compile.h"

#include "process/files.h"
#include "process/role.h"
#include "process/signers.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static enum result wait_readable(const struct channel *c)
{
    struct pollfd p = {channel_fd(c), POLLIN, 0};
    return poll(&p, 1, -1) < 0 && errno != EINTR ? RESULT_IO : RESULT_OK;
}

static int wait_for_block(struct channel *c, struct buf *said)
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
        r = wait_readable(c);
        if (r == RESULT_OK)
            r = channel_receive(c);
    }
    return -1;
}

/* Whether it ended by itself: one that was ended is believed nothing. */
static bool ends_well(pid_t pid, const struct log *log)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFSIGNALED(status))
        return true;
    log_line(log, LOG_ALARM, "role-ended", "role=%s signal=%d", ipc_role_name(ROLE_ID_COMPILER),
             WTERMSIG(status));
    return false;
}

/* START tells the name of what is compiled, for messages. The block, or -1; `said` gets what the
 * compiler said with it. */
static int run(struct child *compiler, const char *name, const struct log *log, struct buf *said)
{
    int block = -1;
    enum result r;
    spawn_give(compiler, GIFT_MESSAGES, STDERR_FILENO);
    channel_send(compiler->control, IPC_START, bytes_of_text(name), bytes_of(NULL, 0), -1);
    while ((r = channel_flush(compiler->control)) == RESULT_AGAIN)
        (void)usleep(1000);
    if (r == RESULT_OK)
        block = wait_for_block(compiler->control, said);
    channel_free(compiler->control);
    if (ends_well(compiler->pid, log))
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
