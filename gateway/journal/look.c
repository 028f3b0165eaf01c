/* Looking at a journal without opening it: nothing is written, so the crash argument is not
 * touched. */
#include "journal/state.h"

#include "base/mem.h"

#include <sys/stat.h>
#include <unistd.h>

struct look {
    struct chain chain;
    enum result (*apply)(void *arg, const struct journal_record *r);
    void *arg;
    struct journal_fault *fault;
    bool linked; /* the chain comes from the segment before */
};

static enum result look_at_frames(struct look *l, struct walk *w)
{
    struct frame_header h;
    uint8_t *raw;
    uint64_t place;
    enum result r = walk_segment(w, !l->linked);
    while (r == RESULT_OK) {
        r = walk_frame(w, &h, &place, &raw);
        if (r == RESULT_OK)
            r = walk_records(w, &h, place, raw, l->apply, l->arg);
    }
    return r == RESULT_END ? RESULT_OK : r;
}

/* Whether the name stands for this file no more: the segment was retired, and another one may be
 * written into the file by now. */
static bool is_gone(const struct folders *folders, uint32_t number, int fd)
{
    struct stat was, is;
    int now;
    if (folders_open_segment(folders, number, &now) != RESULT_OK)
        return true;
    bool same = fstat(fd, &was) == 0 && fstat(now, &is) == 0 && was.st_dev == is.st_dev &&
                was.st_ino == is.st_ino;
    (void)close(now);
    return !same;
}

/* It was retired, and the next one begins the journal. */
static enum result pass_over(struct look *l)
{
    *l->fault = (struct journal_fault){0};
    l->linked = false;
    return RESULT_OK;
}

static enum result look_at_segment(struct look *l, const struct folders *folders, uint32_t number)
{
    struct walk w;
    int fd;
    enum result r = folders_open_segment(folders, number, &fd);
    if (r == RESULT_NOT_FOUND)
        return pass_over(l);
    TRY(r);
    r = walk_begin(&w, fd, number, &l->chain, l->fault);
    if (r == RESULT_OK)
        r = look_at_frames(l, &w);
    l->linked = true;
    if (r == RESULT_DAMAGED && l->fault->text[0] != '\0' && is_gone(folders, number, fd))
        r = pass_over(l);
    walk_free(&w);
    (void)close(fd);
    return r;
}

enum result journal_look(const struct journal_config *config,
                         enum result (*apply)(void *arg, const struct journal_record *r), void *arg,
                         struct journal_fault *fault)
{
    const struct folders folders = {
        .first = config->folder, .second = config->second_folder > 0 ? config->second_folder : -1};
    struct look l = {.chain = {.key = config->mac_key, .hasher = hasher_new(), .sequence = 1},
                     .apply = apply,
                     .arg = arg,
                     .fault = fault};
    uint32_t *number = NULL;
    size_t count = 0;
    *fault = (struct journal_fault){0};
    enum result r = folders_list(&folders, &number, &count);
    for (size_t i = 0; r == RESULT_OK && i < count; i++)
        r = look_at_segment(&l, &folders, number[i]);
    mem_free(number);
    hasher_free(l.chain.hasher);
    return r == RESULT_OK ? r : walk_explain(fault, r);
}
