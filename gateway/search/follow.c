/* The index goes after the log: bundle by bundle, as far as its checkpoint says. */
#include "search/pending.h"

#include "audit/pruned.h"
#include "audit/tiles.h"

enum { SETTLE_LEAVES = 4096 };

struct following {
    struct search *s;
    int folder;
    uint64_t upto;
    bool is_other; /* the log, than that of the index */
};

/* ---- whether it is its log */

static enum result compare(void *arg, uint64_t index, struct bytes entry)
{
    struct following *f = arg;
    struct leaf leaf;
    struct leaf_room *room;
    if (index != f->s->last)
        return RESULT_OK;
    f->is_other = leaf_read(entry, &leaf, &room) != RESULT_OK ||
                  memcmp(leaf.salt, f->s->salt, sizeof leaf.salt) != 0;
    leaf_room_free(room);
    return RESULT_OK;
}

/* By the salt of the last entry, which no other log has. */
static enum result check(struct following *f)
{
    struct search *s = f->s;
    f->is_other = s->taken > f->upto;
    if (!f->is_other && !s->is_checked && s->has_last) {
        enum result r = tiles_each_of(f->folder, f->upto, s->last, compare, f);
        if (r != RESULT_OK && r != RESULT_NOT_FOUND)
            return r;
    }
    if (f->is_other)
        TRY(search_begin_anew(s, "other-log"));
    s->is_checked = true;
    return RESULT_OK;
}

/* ---- taking */

static void pass_over(struct search *s, uint64_t next)
{
    s->taken = next;
    if (s->pending->leaves == 0)
        s->size = next;
}

static enum result take(void *arg, uint64_t index, struct bytes entry)
{
    struct following *f = arg;
    struct leaf leaf;
    struct leaf_room *room;
    if (index < f->s->taken)
        return RESULT_OK;
    enum result r = leaf_read(entry, &leaf, &room);
    if (r == RESULT_OK && leaf.index == index) {
        r = search_take(f->s, &leaf);
    } else {
        log_line(f->s->log, LOG_WARNING, "search-entry-unread", "index=%llu",
                 (unsigned long long)index);
        pass_over(f->s, index + 1);
        r = RESULT_OK;
    }
    leaf_room_free(room);
    return r;
}

/* Bundles that are not there may have been let go: up to where says a statement. */
static enum result take_bundle(struct following *f)
{
    struct search *s = f->s;
    uint64_t below;
    enum result r = tiles_each_of(f->folder, f->upto, s->taken, take, f);
    if (r != RESULT_NOT_FOUND)
        return r;
    TRY(pruned_read(f->folder, &below) == RESULT_OK ? RESULT_OK : RESULT_NOT_FOUND);
    if (below <= s->taken)
        return RESULT_NOT_FOUND;
    pass_over(s, below < f->upto ? below : f->upto);
    return RESULT_OK;
}

static bool is_over(const struct search *s, int64_t began_us, int64_t within_us)
{
    return s->log == NULL || clock_steady_us(&s->log->clock) - began_us >= within_us;
}

static enum result go_on(struct following *f, int64_t within_us)
{
    struct search *s = f->s;
    const int64_t began_us = s->log == NULL ? 0 : clock_steady_us(&s->log->clock);
    TRY(check(f));
    while (s->taken < f->upto) {
        if (s->pending->leaves >= SETTLE_LEAVES)
            TRY(search_settle(s));
        TRY(take_bundle(f));
        if (s->taken < f->upto && is_over(s, began_us, within_us))
            return RESULT_AGAIN;
    }
    return search_settle(s);
}

enum result search_follow(struct search *s, int folder, uint64_t upto, int64_t within_us)
{
    struct following f = {.s = s, .folder = folder, .upto = upto};
    TRY(search_ready(s));
    enum result r = go_on(&f, within_us);
    return r == RESULT_DAMAGED ? RESULT_AGAIN : r; /* it begins anew */
}
