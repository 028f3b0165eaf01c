/* What a permission brings with it: deadlines, duties, transforms. Policy only ever shortens. */
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/mac.h"
#include "policy/rows.h"

#include <stdlib.h>

int64_t policy_bucket(int64_t deadline_us, int64_t now_us)
{
    int64_t left = deadline_us - now_us;
    int64_t unit = left < US_PER_HOUR ? US_PER_S : left < US_PER_DAY ? US_PER_MINUTE : US_PER_HOUR;
    return deadline_us - deadline_us % unit;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return b != 0 && b < a ? b : a;
}

void policy_obligations(const struct policy_question *q, uint32_t grant, struct obligations *out)
{
    const struct policy *p = q->policy;
    const struct row_grant *g = &p->grants[grant];
    const struct row_mou *m = &p->mous[g->mou];
    int64_t since = q->facts->recorded_us != 0 && q->facts->recorded_us < q->now_us
                        ? q->facts->recorded_us
                        : q->now_us;
    int64_t latest = since + g->ceiling_us;
    if (g->starts_at == POLICY_STARTS_ARRIVAL)
        latest = earlier(latest, q->now_us + g->delay_us);
    latest = earlier(latest, q->facts->destroy_by_us);
    *out = (struct obligations){
        .mou = policy_text(p, m->name),
        .grant = policy_text(p, g->name),
        .purpose = policy_text(p, p->words[p->header->word_first[WORD_PURPOSE] + g->purpose].name),
        .starts = (enum policy_starts)g->starts_at,
        .delay_us = g->delay_us,
        .destroy_by_us = policy_bucket(latest, q->now_us),
        .notify_within_us = g->notify_within_us,
        .duties = m->duties};
}

/* A camera near the cell, for sorting by distance. */
struct near_camera {
    double metres;
    const char *id;
};

static int by_distance(const void *a, const void *b)
{
    const struct near_camera *x = a, *y = b;
    if (x->metres != y->metres)
        return x->metres < y->metres ? -1 : 1;
    return strcmp(x->id, y->id);
}

/*
 * The neighbourhood's cameras: those of the recipient's within `within_m` of the centre of the
 * incident's grid cell, the nearest TRANSFORM_CAMERAS_MAX of them. The recipient learns the cell,
 * not the place in it.
 */
static size_t neighbourhood(const struct policy *p, const struct row_transform *t, uint32_t to,
                            struct point place, const char *out[TRANSFORM_CAMERAS_MAX])
{
    struct point centre = geo_cell_centre(p->header->service_area.south_west, t->grid_m, place);
    struct box box = geo_box_around(centre, t->within_m);
    struct near_camera *near = mem_new_array(p->cameras_count, sizeof *near);
    size_t found = 0;
    for (size_t i = 0; i < p->cameras_count; i++) {
        const struct row_camera *c = &p->cameras[i];
        struct point at = {c->latitude, c->longitude};
        if (c->owner != p->units[to].party || !geo_in_box(at, box))
            continue;
        double metres = geo_distance_m(centre, at);
        if (metres <= t->within_m)
            near[found++] = (struct near_camera){metres, policy_text(p, c->id)};
    }
    if (found > 0)
        qsort(near, found, sizeof *near, by_distance);
    if (found > TRANSFORM_CAMERAS_MAX)
        found = TRANSFORM_CAMERAS_MAX;
    for (size_t i = 0; i < found; i++)
        out[i] = near[i].id;
    mem_free(near);
    return found;
}

static bool place_of(const struct policy_question *q, struct point *out)
{
    for (size_t i = 0; i < q->facts->incidents; i++) {
        if (q->incident[i] != NULL && q->incident[i]->has_centre) {
            *out = q->incident[i]->centre;
            return true;
        }
    }
    *out = q->facts->place;
    return q->facts->has_place;
}

enum result policy_transform(const struct policy_question *q, uint32_t grant, uint32_t to,
                             const uint8_t tag_key[32], struct message *m,
                             struct field_path changed[POLICY_CHANGED_MAX], size_t *count)
{
    const struct policy *p = q->policy;
    const struct row_grant *g = &p->grants[grant];
    uint8_t key[KEY_BYTES];
    mac_derive_key(tag_key, policy_unit_name(p, to), key);
    *count = 0;
    for (uint32_t i = 0; i < g->transforms; i++) {
        const struct row_transform *row = &p->transforms[g->transform_first + i];
        const char *camera[TRANSFORM_CAMERAS_MAX];
        struct transform t = {.op = (enum transform_op)row->op,
                              .keep = row->keep,
                              .grid_m = row->grid_m,
                              .origin = p->header->service_area.south_west,
                              .key = key,
                              .camera = camera};
        struct point place;
        bool applied = false;
        memcpy(t.path.number, row->path, sizeof t.path.number);
        if (t.op == TRANSFORM_TO_CAMERAS && place_of(q, &place))
            t.cameras = neighbourhood(p, row, to, place, camera);
        TRY(message_transform(m, &t, &applied));
        if (applied && *count < POLICY_CHANGED_MAX)
            changed[(*count)++] = t.path;
    }
    mem_wipe(key, sizeof key);
    return RESULT_OK;
}
