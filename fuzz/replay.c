/*
 * A harness without a fuzzer: <harness> FILE-OR-FOLDER ... runs every file once and prints how many
 * there were. Files that end in .txt tell a crash's story and are no inputs. Each input's name goes
 * to stderr before it runs, so that the last one is the culprit when the process dies.
 */
#include "fuzz.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static NORETURN void give_up(const char *path)
{
    (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(2);
}

static bool is_input(const FTSENT *e)
{
    return e->fts_info == FTS_F &&
           !(e->fts_namelen > 4 && strcmp(e->fts_name + e->fts_namelen - 4, ".txt") == 0);
}

/* In memory of exactly its size, so that a read past its end is seen. */
static void run(const char *path, size_t size)
{
    uint8_t *data = mem_new(size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, data, size) != (ssize_t)size || close(fd) != 0)
        give_up(path);
    (void)fprintf(stderr, "%s\n", path);
    (void)LLVMFuzzerTestOneInput(data, size);
    mem_free(data);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

int main(int argc, char **argv)
{
    unsigned inputs = 0;
    FTS *files = argc < 2 ? NULL : fts_open(argv + 1, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (files == NULL)
        give_up("usage: <harness> FILE-OR-FOLDER ...");
    for (FTSENT *e; (e = fts_read(files)) != NULL;) {
        if (is_input(e)) {
            run(e->fts_accpath, (size_t)e->fts_statp->st_size);
            inputs++;
        } else if (e->fts_info == FTS_ERR || e->fts_info == FTS_NS || e->fts_info == FTS_DNR) {
            errno = e->fts_errno;
            give_up(e->fts_path);
        }
    }
    (void)fts_close(files);
    (void)printf("%u\n", inputs);
    return 0;
}
