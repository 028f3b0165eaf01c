/* Looking at a journal without opening it: nothing is written, so the crash argument is not
 * touched. */
#include "journal/state.h"

#include "base/cursor.h"
#include "base/mem.h"

#include <unistd.h>

struct look {
    struct chain chain;
    enum result (*apply)(void *arg, const struct journal_record *r);
    void *arg;
    struct journal_fault *fault;
    struct buf records;
    bool linked; /* the chain comes from the segment before */
};

static enum result look_at_frame(struct look *l, const struct walk *w, const struct frame_header *h,
                                 const uint8_t *raw)
{
    buf_clear(&l->records);
    frame_records(h, raw, &l->records);
    struct cursor in = cursor_over(buf_view(&l->records));
    for (uint64_t sequence = h->first; in.left > 0; sequence++) {
        struct journal_record r = {.sequence = sequence, .place = {.segment = w->number}};
        TRY(cursor_u8(&in, &r.type));
        TRY(cursor_bytes32(&in, &r.body));
        TRY(l->apply(l->arg, &r));
    }
    return RESULT_OK;
}

static enum result look_at_frames(struct look *l, struct walk *w)
{
    struct frame_header h;
    const uint8_t *raw;
    uint64_t place;
    enum result r = walk_segment(w, !l->linked);
    while (r == RESULT_OK) {
        r = walk_frame(w, &h, &place, &raw);
        if (r == RESULT_OK)
            r = look_at_frame(l, w, &h, raw);
    }
    return r == RESULT_END ? RESULT_OK : r;
}

static enum result look_at_segment(struct look *l, const struct folders *folders, uint32_t number)
{
    struct walk w;
    int fd;
    enum result r = folders_open_segment(folders, number, &fd);
    if (r == RESULT_NOT_FOUND) { /* it was retired, and the next one begins the journal */
        l->linked = false;
        return RESULT_OK;
    }
    TRY(r);
    r = walk_begin(&w, fd, number, &l->chain, l->fault);
    if (r == RESULT_OK)
        r = look_at_frames(l, &w);
    walk_free(&w);
    (void)close(fd);
    l->linked = true;
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
                     .fault = fault,
                     .records = BUF_INIT(FRAME_RECORDS_MAX)};
    uint32_t *number = NULL;
    size_t count = 0;
    *fault = (struct journal_fault){0};
    enum result r = folders_list(&folders, &number, &count);
    for (size_t i = 0; r == RESULT_OK && i < count; i++)
        r = look_at_segment(&l, &folders, number[i]);
    mem_free(number);
    buf_free(&l.records);
    hasher_free(l.chain.hasher);
    return r == RESULT_OK ? r : walk_explain(fault, r);
}
