#include "journal/folders.h"

#include "base/mem.h"
#include "journal/file.h"
#include "journal/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char REACHED[] = "reached-";

static void reached_name(uint32_t number, char out[SEGMENT_NAME])
{
    (void)snprintf(out, SEGMENT_NAME, "%s%010lu", REACHED, (unsigned long)number);
}

static enum result make_file(int folder)
{
    char name[SEGMENT_NAME];
    reached_name(0, name);
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_result();
    return close(fd) == 0 ? folder_sync(folder) : RESULT_IO;
}

enum result folders_open(struct folders *f)
{
    uint32_t *number = NULL;
    size_t count = 0;
    enum result r = segment_list(f->first, REACHED, &number, &count);
    f->reached = 0;
    for (size_t i = 0; i < count; i++)
        f->reached = number[i] > f->reached ? number[i] : f->reached;
    mem_free(number);
    TRY(r);
    return f->second < 0 || f->reached > 0 ? RESULT_OK : make_file(f->first);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

enum result folders_list(const struct folders *f, uint32_t **number, size_t *count)
{
    *number = NULL;
    *count = 0;
    if (f->second >= 0) {
        TRY(folder_sync(f->first));
        TRY(folder_sync(f->second));
        TRY(segment_list(f->second, "segment-", number, count));
    }
    TRY(segment_list(f->first, "segment-", number, count));
    if (*count > 0)
        qsort(*number, *count, sizeof **number, by_number);
    return RESULT_OK;
}

int folders_of(const struct folders *f, uint32_t number)
{
    char name[SEGMENT_NAME];
    segment_name(number, name);
    bool elsewhere = f->second >= 0 && faccessat(f->first, name, F_OK, 0) != 0 &&
                     faccessat(f->second, name, F_OK, 0) == 0;
    return elsewhere ? f->second : f->first;
}

enum result folders_open_segment(const struct folders *f, uint32_t number, int *fd)
{
    char name[SEGMENT_NAME];
    segment_name(number, name);
    *fd = openat(folders_of(f, number), name, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? file_result() : RESULT_OK;
}

enum result folders_remove_segment(const struct folders *f, uint32_t number)
{
    char name[SEGMENT_NAME];
    int folder = folders_of(f, number);
    segment_name(number, name);
    return unlinkat(folder, name, 0) == 0 ? folder_sync(folder) : file_result();
}

enum result folders_set_aside(const struct folders *f, uint32_t number, const char *name)
{
    char segment[SEGMENT_NAME];
    segment_name(number, segment);
    return renameat(f->first, segment, f->first, name) == 0 ? folder_sync(f->first) : file_result();
}

enum result folders_reach(struct folders *f, uint32_t number)
{
    char from[SEGMENT_NAME], to[SEGMENT_NAME];
    reached_name(f->reached, from);
    reached_name(number, to);
    if (renameat(f->first, from, f->first, to) != 0)
        return file_result();
    f->reached = number;
    return folder_sync(f->first);
}
