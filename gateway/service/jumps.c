/*
 * Positions that a subject cannot have come to: farther from the last one than the fastest train
 * goes, beyond what both may be off. Either may be the wrong one, so the message is flagged, never
 * refused.
 *
 * The last positions stand in memory only, under a keyed tag of the subject, for JUMP_KEPT and for
 * so many subjects at most; whichever was not heard of for longest makes room. None outlives the
 * message that it came with: it goes with the key of that message's scope.
 */
#include "service/state.h"

#include "base/mem.h"

#include <math.h>

enum { SUBJECTS_MAX = 65536 };

#define JUMP_KEPT US_PER_HOUR /* after that the fastest train could be anywhere */

/* Where a subject was last. */
struct seen_at {
    uint8_t tag[TAG_BYTES];
    struct point place;
    double accuracy_m;
    int64_t fixed_us, heard_us;
    uint64_t scope; /* of the copy of its message that lives longest */
    TAILQ_ENTRY(seen_at) next;
};

struct jumps {
    struct map *by_tag;
    TAILQ_HEAD(, seen_at) oldest_first;
};

static struct bytes tag_of(const void *item)
{
    return bytes_of(((const struct seen_at *)item)->tag, TAG_BYTES);
}

struct jumps *jumps_new(void)
{
    struct jumps *j = mem_new(sizeof *j);
    j->by_tag = map_new(tag_of);
    TAILQ_INIT(&j->oldest_first);
    return j;
}

static void forget(struct jumps *j, struct seen_at *s)
{
    TAILQ_REMOVE(&j->oldest_first, s, next);
    (void)map_remove(j->by_tag, tag_of(s));
    mem_wipe(s, sizeof *s);
    mem_free(s);
}

static void forget_first(struct jumps *j)
{
    forget(j, TAILQ_FIRST(&j->oldest_first));
}

void jumps_free(struct jumps *j)
{
    if (j == NULL)
        return;
    while (!TAILQ_EMPTY(&j->oldest_first))
        forget_first(j);
    map_free(j->by_tag);
    mem_free(j);
}

void jumps_prune(struct jumps *j, int64_t now_us)
{
    const struct seen_at *s;
    while ((s = TAILQ_FIRST(&j->oldest_first)) != NULL && s->heard_us < now_us - JUMP_KEPT)
        forget_first(j);
}

void jumps_forget_destroyed(struct edge *e)
{
    struct jumps *j = e->jumps;
    struct seen_at *next;
    for (struct seen_at *s = TAILQ_FIRST(&j->oldest_first); s != NULL; s = next) {
        next = TAILQ_NEXT(s, next);
        if (!scope_is_known(e, s->scope))
            forget(j, s);
    }
}

void jumps_tag_subject(const struct edge *e, const struct facts *f, uint8_t tag[TAG_BYTES])
{
    uint8_t mac[MAC_BYTES];
    const uint8_t parted = 0, status = f->status == STATUS_ACTUAL ? 0 : (uint8_t)f->status;
    const struct bytes part[] = {bytes_of_text("subject's position"), bytes_of(&status, 1),
                                 f->subject_party, bytes_of(&parted, 1), f->subject_ref};
    mac_keyed(e->tag_key, part, ARRAY_LEN(part), mac);
    memcpy(tag, mac, TAG_BYTES);
}

static bool is_jump(const struct seen_at *from, const struct facts *f)
{
    double seconds = fabs((double)(f->fixed_us - from->fixed_us)) / (double)US_PER_S;
    double metres = geo_distance_m(from->place, f->place) - from->accuracy_m - f->accuracy_m;
    return metres > LIMIT_SPEED_MPS * (seconds < 1 ? 1 : seconds);
}

bool jumps_tag(const struct edge *e, const struct facts *f, uint8_t tag[TAG_BYTES])
{
    if (!f->has_subject || !f->has_place || f->fixed_us == 0)
        return false;
    jumps_tag_subject(e, f, tag);
    return true;
}

bool jumps_see(const struct edge *e, const struct facts *f, const uint8_t tag[TAG_BYTES])
{
    const struct seen_at *s = map_get(e->jumps->by_tag, bytes_of(tag, TAG_BYTES));
    return s != NULL && is_jump(s, f);
}

void jumps_forget(struct edge *e, const struct facts *f)
{
    struct jumps *j = e->jumps;
    uint8_t tag[TAG_BYTES];
    jumps_tag_subject(e, f, tag);
    struct seen_at *s = map_get(j->by_tag, bytes_of(tag, TAG_BYTES));
    if (s != NULL)
        forget(j, s);
}

/* A fix older than the last one says nothing about where the subject is. */
void jumps_keep(struct edge *e, const struct facts *f, const uint8_t tag[TAG_BYTES], uint64_t scope,
                int64_t now_us)
{
    struct jumps *j = e->jumps;
    struct seen_at *s = map_get(j->by_tag, bytes_of(tag, TAG_BYTES));
    if (s != NULL && f->fixed_us < s->fixed_us)
        return;
    if (s != NULL) {
        TAILQ_REMOVE(&j->oldest_first, s, next);
    } else {
        if (map_count(j->by_tag) == SUBJECTS_MAX)
            forget_first(j);
        s = mem_new(sizeof *s);
        memcpy(s->tag, tag, TAG_BYTES);
        (void)map_add(j->by_tag, s);
    }
    s->place = f->place;
    s->accuracy_m = f->accuracy_m;
    s->fixed_us = f->fixed_us;
    s->heard_us = now_us;
    s->scope = scope;
    TAILQ_INSERT_TAIL(&j->oldest_first, s, next);
}
