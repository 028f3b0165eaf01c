/* What a permission brings with it: deadlines, duties, transforms. Policy only ever shortens. */
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/mac.h"
#include "policy/snapshot.h"

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

static struct policy_approval approval_of(const struct policy_question *q,
                                          const struct row_grant *g, const struct row_duties *d)
{
    const struct policy *p = q->policy;
    unsigned minute, weekday;
    policy_local_time(p, q->now_us, &minute, &weekday);
    return (struct policy_approval){.persons = d->approvers,
                                    .role = d->approval_role,
                                    .party = policy_unit_party(p, g->from),
                                    .within_us = d->approval_within_us,
                                    .is_night = d->night_from != d->night_to &&
                                                policy_in_hours(minute, d->night_from, d->night_to),
                                    .second_within_us = d->second_within_us};
}

/* Waiting for an alternative's headquarters, too, would keep data longer than its purpose. */
uint64_t policy_awaited_regions(const struct policy *p, const struct row_grant *g)
{
    uint64_t regions = 0;
    for (uint32_t i = 0; i < g->conditions; i++) {
        const struct row_condition *c = &p->conditions[g->condition_first + i];
        if (c->op == CONDITION_HEADQUARTERS && c->alternative == 0)
            regions |= c->mask;
    }
    return regions;
}

/* Those that stand beside the deadline. */
static void fill_duties(const struct policy_question *q, uint32_t grant, struct obligations *out)
{
    const struct policy *p = q->policy;
    const struct row_grant *g = &p->grants[grant];
    const struct row_duties *d = &p->duties[grant];
    out->deferrable = d->deferrable;
    if (d->approvers > 0)
        out->approval = approval_of(q, g, d);
    out->attend = (struct policy_attend){d->attend_within_us, d->answer_kinds, d->else_unit};
    out->onward = (struct policy_onward){p->numbers + d->onward_first, d->onwards, d->onward_bases};
    out->uses = d->uses;
    out->offline_us = d->offline_us;
    out->receipt_within_us = d->receipt_within_us;
    out->overdue = (enum policy_overdue)d->overdue;
    out->keep_bases = d->keep_bases;
    out->supersedes = d->supersedes != 0;
    if (g->starts_at == POLICY_STARTS_DISASTER_END)
        out->regions = policy_awaited_regions(p, g);
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
    fill_duties(q, grant, out);
}

/* ---- transforms */

/* The cameras nearest to a place, in order, equally near ones by id: at most TRANSFORM_CAMERAS_MAX.
 */
struct nearest_cameras {
    size_t count;
    double metres[TRANSFORM_CAMERAS_MAX];
    const char *id[TRANSFORM_CAMERAS_MAX];
};

/* The snapshot has the cameras in the order of their ids. */
static void insert(struct nearest_cameras *n, double metres, const char *id)
{
    size_t i = n->count;
    if (i == TRANSFORM_CAMERAS_MAX && metres >= n->metres[--i])
        return;
    for (; i > 0 && metres < n->metres[i - 1]; i--) {
        n->metres[i] = n->metres[i - 1];
        n->id[i] = n->id[i - 1];
    }
    n->metres[i] = metres;
    n->id[i] = id;
    if (n->count < TRANSFORM_CAMERAS_MAX)
        n->count++;
}

/*
 * The neighbourhood's cameras: those of the recipient's within `within_m` of the centre of the
 * incident's grid cell. The recipient learns the cell, not the place in it.
 */
static void find_cameras(const struct policy *p, const struct row_transform *t, uint32_t to,
                         struct point place, struct nearest_cameras *out)
{
    struct point centre = geo_cell_centre(p->header->service_area.south_west, t->grid_m, place);
    struct box box = geo_box_around(centre, t->within_m);
    for (size_t i = 0; i < p->cameras_count; i++) {
        const struct row_camera *c = &p->cameras[i];
        struct point at = {c->latitude, c->longitude};
        if (c->owner != p->units[to].party || !geo_in_box(at, box))
            continue;
        double metres = geo_distance_m(centre, at);
        if (metres <= t->within_m)
            insert(out, metres, policy_text(p, c->id));
    }
}

/* Of the incident for which the grant held; else of any that is known, else the message's own. */
static bool place_of(const struct policy_question *q, const struct decision *d, struct point *out)
{
    const struct incident *held = d->incident == POLICY_NONE ? NULL : q->incident[d->incident];
    for (size_t i = 0; held == NULL && i < q->facts->incidents; i++)
        if (q->incident[i] != NULL && q->incident[i]->has_centre)
            held = q->incident[i];
    if (held != NULL && held->has_centre) {
        *out = held->centre;
        return true;
    }
    *out = q->facts->place;
    return q->facts->has_place;
}

static enum result apply(const struct policy_question *q, const struct decision *d, uint32_t to,
                         const struct row_transform *row, const uint8_t key[KEY_BYTES],
                         struct message *m, bool *applied)
{
    const struct policy *p = q->policy;
    struct nearest_cameras near = {0};
    struct transform t = {.op = (enum transform_op)row->op,
                          .keep = row->keep,
                          .grid_m = row->grid_m,
                          .origin = p->header->service_area.south_west,
                          .key = key,
                          .camera = near.id};
    struct point place;
    memcpy(t.path.number, row->path, sizeof t.path.number);
    if (t.op == TRANSFORM_TO_CAMERAS && place_of(q, d, &place))
        find_cameras(p, row, to, place, &near);
    t.cameras = near.count;
    return message_transform(m, &t, applied);
}

enum result policy_transform(const struct policy_question *q, const struct decision *permitted,
                             uint32_t to, const uint8_t tag_key[32], struct message *m,
                             struct field_path changed[POLICY_CHANGED_MAX], size_t *count)
{
    const struct policy *p = q->policy;
    const struct row_grant *g = &p->grants[permitted->grant];
    enum result r = RESULT_OK;
    uint8_t key[KEY_BYTES];
    struct field_path original;
    bool is_changed = false;
    *count = 0;
    if (g->transforms == 0)
        return RESULT_OK;
    mac_derive_key(tag_key, policy_unit_name(p, to), key);
    for (uint32_t i = 0; r == RESULT_OK && i < g->transforms; i++) {
        const struct row_transform *row = &p->transforms[g->transform_first + i];
        bool applied = false;
        r = apply(q, permitted, to, row, key, m, &applied);
        if (applied && *count < POLICY_CHANGED_MAX)
            memcpy(changed[(*count)++].number, row->path, sizeof row->path);
        is_changed = is_changed || applied;
    }
    if (is_changed && message_drop_original(m, &original) && *count < POLICY_CHANGED_MAX)
        changed[(*count)++] = original;
    mem_wipe(key, sizeof key);
    return r;
}
