#include "process/compile.h"

#include "process/files.h"
#include "process/role.h"
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

static int wait_for_block(struct channel *c)
{
    struct channel_message m;
    enum result r = RESULT_OK;
    while (r == RESULT_OK || r == RESULT_AGAIN) {
        while (channel_next(c, &m)) {
            if (m.type == IPC_COMPILED)
                return m.fd;
            if (m.fd >= 0)
                (void)close(m.fd);
        }
        r = wait_readable(c);
        if (r == RESULT_OK)
            r = channel_receive(c);
    }
    return -1;
}

/* START tells the name of what is compiled, for messages. The block, or -1. */
static int run(struct child *compiler, const char *name)
{
    int block = -1;
    enum result r;
    spawn_give(compiler, GIFT_MESSAGES, STDERR_FILENO);
    channel_send(compiler->control, IPC_START, bytes_of_text(name), bytes_of(NULL, 0), -1);
    while ((r = channel_flush(compiler->control)) == RESULT_AGAIN)
        (void)usleep(1000);
    if (r == RESULT_OK)
        block = wait_for_block(compiler->control);
    channel_free(compiler->control);
    while (waitpid(compiler->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return block;
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
    int block = -1, file = files_open_path(config_path, log);
    if (file < 0)
        return -1;
    if (spawn_role(program, ROLE_ID_COMPILER, &compiler) == RESULT_OK) {
        spawn_give(&compiler, GIFT_CONFIG_FILE, file);
        block = run(&compiler, config_path);
    }
    (void)close(file);
    if (block < 0 || read_back(block, out))
        return block;
    (void)close(block);
    return -1;
}

int compile_policy(const char *program, const struct settings *s, const struct log *log)
{
    struct child compiler;
    int block = -1, crls = -1, policy = files_open(s, GIFT_POLICY_FOLDER, log);
    if (policy >= 0)
        crls = files_open(s, GIFT_CRL_FOLDER, log);
    if (crls >= 0 && spawn_role(program, ROLE_ID_COMPILER, &compiler) == RESULT_OK) {
        spawn_give(&compiler, GIFT_POLICY_FOLDER, policy);
        spawn_give(&compiler, GIFT_CRL_FOLDER, crls);
        block = run(&compiler, s->policy_folder);
    }
    if (policy >= 0)
        (void)close(policy);
    if (crls >= 0)
        (void)close(crls);
    return block;
}
