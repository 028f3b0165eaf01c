#include "journal/state.h"

#include <fcntl.h>
#include <unistd.h>

enum { STEP = 1 << 20 };

static void leave_segment(struct scrub *s)
{
    (void)close(s->fd);
    s->fd = -1;
    walk_free(&s->walk);
}

void journal_scrub_leave(struct journal *j, uint32_t segment)
{
    struct scrub *s = &j->scrub;
    if (s->fd < 0 || s->next != segment)
        return;
    leave_segment(s);
    s->linked = false;
}

static enum result enter_segment(struct journal *j, struct journal_fault *fault)
{
    struct scrub *s = &j->scrub;
    TRY(folders_open_segment(&j->folders, s->next, &s->fd));
    (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_DONTNEED); /* the disk is asked, not the cache */
    s->chain.key = j->chain.key;
    s->chain.hasher = j->chain.hasher;
    TRY(walk_begin(&s->walk, s->fd, s->next, &s->chain, fault));
    enum result r = walk_segment(&s->walk, !s->linked);
    return r == RESULT_END ? walk_damage(&s->walk, 0, "the segment's first sector is missing") : r;
}

static enum result read_some(struct scrub *s)
{
    uint64_t until = s->walk.at + STEP;
    while (s->walk.at < until) {
        struct frame_header header;
        uint8_t *frame;
        uint64_t place;
        enum result r = walk_frame(&s->walk, &header, &place, &frame);
        if (r == RESULT_END) {
            TRY(walk_rest(&s->walk, false));
            leave_segment(s);
            s->next++;
            s->linked = true;
            return RESULT_OK;
        }
        TRY(r);
    }
    return RESULT_OK;
}

enum result journal_scrub(struct journal *j, struct journal_fault *fault)
{
    struct scrub *s = &j->scrub;
    *fault = (struct journal_fault){0};
    s->walk.fault = fault;
    if (s->fd < 0 && s->next < j->oldest) {
        s->next = j->oldest;
        s->linked = false;
    }
    if (s->fd < 0 && s->next >= j->number) {
        s->next = 0;
        return RESULT_END;
    }
    enum result r = s->fd < 0 ? enter_segment(j, fault) : RESULT_OK;
    if (r == RESULT_OK)
        r = read_some(s);
    if (r == RESULT_OK)
        return r;
    if (fault->text[0] == '\0')
        fault->segment = s->next;
    if (s->fd >= 0)
        leave_segment(s);
    s->next++;
    s->linked = false;
    return walk_explain(fault, r);
}
