/* A folder for one test, gone afterwards. Opened descriptors are the caller's. */
#ifndef FEDGATE_TESTS_TEMP_FOLDER_H
#define FEDGATE_TESTS_TEMP_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct temp_folder {
    char path[64];
    int fd;
};

static inline struct temp_folder temp_folder_at(const char *where)
{
    struct temp_folder t = {.fd = -1};
    (void)snprintf(t.path, sizeof t.path, "%s/fedgate-test-XXXXXX", where);
    if (mkdtemp(t.path) != NULL)
        t.fd = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t.fd < 0)
        abort();
    return t;
}

static inline struct temp_folder temp_folder_new(void)
{
    return temp_folder_at("/tmp");
}

/* Where the system has memory for it: of thousands, no disk has to hear. */
static inline struct temp_folder temp_folder_in_memory(void)
{
    return temp_folder_at(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline int temp_folder_remove_one(const char *path, const struct stat *s, int type,
                                         struct FTW *walk)
{
    (void)s;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void temp_folder_free(struct temp_folder *t)
{
    (void)close(t->fd);
    (void)nftw(t->path, temp_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
