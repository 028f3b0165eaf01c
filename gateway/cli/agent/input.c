/* Files and pipes that are read without holding the loop up. */
#include "cli/agent/stream.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct agent_input {
    int fd;
    bool is_ready; /* always, for what never holds a reader up */
    const char *name;
    struct fedgate_watch *watch; /* NULL: a file */
    void (*ready)(void *arg);
    void *arg;
};

/* Regular files and most devices cannot be waited for; what can is read only when it is ready.
 * Without a client there is nothing else to do meanwhile. */
static bool can_wait(int fd)
{
    struct stat s;
    return fstat(fd, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode) || isatty(fd) == 1);
}

static void input_ready(void *arg, int events)
{
    struct agent_input *in = arg;
    (void)events;
    fedgate_watch_set(in->watch, 0);
    in->is_ready = true;
    in->ready(in->arg);
}

struct agent_input *agent_input_open(struct agent *a, const char *path, void (*ready)(void *arg),
                                     void *arg)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        cli_error("%s: %s", path, strerror(errno));
        return NULL;
    }
    return agent_input_of(a, fd, standard ? "standard input" : path, ready, arg);
}

struct agent_input *agent_input_of(struct agent *a, int fd, const char *name,
                                   void (*ready)(void *arg), void *arg)
{
    struct agent_input *in = mem_new(sizeof *in);
    *in = (struct agent_input){.fd = fd, .name = name, .ready = ready, .arg = arg};
    if (a->client != NULL && can_wait(fd))
        in->watch = fedgate_watch_new(a->client, fd, input_ready, in);
    in->is_ready = in->watch == NULL;
    return in;
}

void agent_input_close(struct agent_input *in)
{
    if (in == NULL)
        return;
    fedgate_watch_free(in->watch);
    if (in->fd != STDIN_FILENO)
        (void)close(in->fd);
    mem_free(in);
}

enum result agent_input_read(struct agent_input *in, size_t most, struct buf *out)
{
    uint8_t *room = buf_reserve(out, most);
    ssize_t n = -1;
    errno = room == NULL ? EFBIG : EAGAIN;
    if (in->is_ready && room != NULL)
        n = read(in->fd, room, most);
    if (n > 0)
        (void)buf_extend(out, (size_t)n);
    in->is_ready = in->watch == NULL;
    if (n >= 0)
        return n > 0 ? RESULT_OK : RESULT_END;
    if ((errno == EAGAIN || errno == EINTR) && in->watch != NULL) {
        fedgate_watch_set(in->watch, FEDGATE_READ);
        return RESULT_AGAIN;
    }
    cli_error("%s: %s", in->name, strerror(errno));
    return RESULT_IO;
}

bool agent_input_rewind(struct agent_input *in)
{
    return in->watch == NULL && lseek(in->fd, 0, SEEK_SET) == 0;
}

const char *agent_input_name(const struct agent_input *in)
{
    return in->name;
}
