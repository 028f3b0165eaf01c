/*
 * Every reference in a snapshot must lead to a row. The block comes from another process; after
 * this check the rest of policy/ follows references without looking.
 */
#include "base/clock.h"
#include "policy/snapshot.h"

static bool span_fits(uint32_t first, uint32_t count, size_t total)
{
    return first <= total && count <= total - first;
}

static bool is_text(const struct policy *p, uint32_t text)
{
    return text < p->texts_count;
}

static bool are_texts(const struct policy *p, const uint32_t *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_text(p, text[i]))
            return false;
    return true;
}

static bool is_list_of(const struct policy *p, uint32_t first, uint32_t count, size_t rows)
{
    if (!span_fits(first, count, p->numbers_count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (p->numbers[first + i] >= rows)
            return false;
    return true;
}

/* The same for one that stands in its row while it is short. */
static bool is_list_in(const struct policy *p, const uint32_t *row, uint32_t room, uint32_t count,
                       size_t rows)
{
    if (count > room)
        return is_list_of(p, row[0], count, rows);
    for (uint32_t i = 0; i < count; i++)
        if (row[i] >= rows)
            return false;
    return true;
}

static bool words_hold(const struct policy *p)
{
    const struct snapshot_header *h = p->header;
    for (size_t i = 0; i < p->words_count; i++)
        if (!are_texts(p, (const uint32_t[]){p->words[i].name, p->words[i].en, p->words[i].ko}, 3))
            return false;
    for (size_t i = 0; i < WORD_CLASSES; i++)
        if (!span_fits(h->word_first[i], h->words_in[i], p->words_count) ||
            h->words_in[i] > MASK_WORDS)
            return false;
    return true;
}

static bool bases_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->bases_count; i++) {
        const struct row_basis *b = &p->bases[i];
        const uint32_t texts[] = {b->code,    b->title_en, b->title_ko,
                                  b->text_en, b->text_ko,  b->evidence_text};
        if (!are_texts(p, texts, ARRAY_LEN(texts)))
            return false;
    }
    return p->bases_count <= MASK_WORDS;
}

static bool signers_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->signers_count; i++) {
        const struct row_signer *s = &p->signers[i];
        if (!is_text(p, s->name) || s->party >= p->parties_count || s->role > SIGNER_RECEIPTS)
            return false;
    }
    return true;
}

/* All records are for auditors alone, whoever made the snapshot. */
static bool console_holds(const struct policy *p, const struct row_unit *u)
{
    return u->console < POLICY_CONSOLES && (u->console != POLICY_CONSOLE_AUDITOR ||
                                            has_bit(p->parties[u->party].roles, ROLE_AUDITOR));
}

static bool people_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->parties_count; i++) {
        const struct row_party *x = &p->parties[i];
        if (!are_texts(p, (const uint32_t[]){x->name, x->title_en, x->title_ko}, 3))
            return false;
    }
    for (size_t i = 0; i < p->units_count; i++) {
        const struct row_unit *u = &p->units[i];
        if (!are_texts(p, (const uint32_t[]){u->name, u->title_en, u->title_ko}, 3) ||
            u->party >= p->parties_count || !console_holds(p, u))
            return false;
    }
    for (size_t i = 0; i < p->identities_count; i++)
        if (p->identities[i].unit >= p->units_count ||
            memchr(p->identities[i].name, '\0', sizeof p->identities[i].name) == NULL)
            return false;
    for (size_t i = 0; i < p->certificates_count; i++)
        if (!span_fits(p->certificates[i].offset, p->certificates[i].bytes, p->blobs_count) ||
            p->certificates[i].party >= p->parties_count)
            return false;
    return p->header->self < p->units_count && p->units_count <= SLOT_REACH;
}

static bool places_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->cameras_count; i++)
        if (!is_text(p, p->cameras[i].id) || p->cameras[i].owner >= p->parties_count ||
            p->cameras[i].kind >= CAMERA_KINDS)
            return false;
    if (p->regions_count != p->header->words_in[WORD_REGION])
        return false;
    for (size_t i = 0; i < p->regions_count; i++)
        if (!span_fits(p->regions[i].corner_first, p->regions[i].corners, p->corners_count))
            return false;
    for (size_t i = 0; i < p->windows_count; i++)
        if (!is_text(p, p->windows[i].name) ||
            !is_list_of(p, p->windows[i].unit_first, p->windows[i].units, p->units_count))
            return false;
    return true;
}

static bool mous_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->mous_count; i++) {
        const struct row_mou *m = &p->mous[i];
        if (!are_texts(p, (const uint32_t[]){m->name, m->title_en, m->title_ko, m->file}, 4) ||
            !is_list_of(p, m->duty_first, m->duties, p->texts_count) ||
            (m->processor != ROW_NONE && m->processor >= p->parties_count) ||
            (m->emergency != ROW_NONE && m->emergency >= p->emergencies_count))
            return false;
    }
    for (size_t i = 0; i < p->prohibitions_count; i++) {
        const struct row_prohibition *x = &p->prohibitions[i];
        if (!is_text(p, x->clause) || !is_text(p, x->because) || x->mou >= p->mous_count)
            return false;
    }
    return true;
}

/* Times are added to others: no sum may overflow. */
static bool is_time(int64_t us)
{
    return us >= 0 && us <= INT64_C(200) * 365 * US_PER_DAY;
}

static bool grant_holds(const struct policy *p, const struct row_grant *g)
{
    const uint32_t *in = p->header->words_in;
    return is_text(p, g->name) && is_text(p, g->clause) && are_texts(p, g->dimension, DIMENSIONS) &&
           g->mou < p->mous_count && g->from < p->units_count &&
           is_list_of(p, g->to_first, g->tos, p->units_count) &&
           span_fits(g->condition_first, g->conditions, p->conditions_count) &&
           is_list_in(p, g->judged, GRANT_JUDGED, g->conditions, p->distinct_count) &&
           span_fits(g->transform_first, g->transforms, p->transforms_count) &&
           g->service < in[WORD_SERVICE] && g->purpose < in[WORD_PURPOSE] && g->kind < KIND_COUNT &&
           g->starts_at <= POLICY_STARTS_DISASTER_END && is_time(g->delay_us) &&
           is_time(g->ceiling_us) && (g->notify_within_us == -1 || is_time(g->notify_within_us)) &&
           (g->narrower_than == ROW_NONE || g->narrower_than < p->grants_count);
}

/* Of an emergency: its sums with the present must not overflow either. */
static bool emergencies_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->emergencies_count; i++) {
        const struct row_emergency *e = &p->emergencies[i];
        if (!is_list_of(p, e->unit_first, e->units, p->units_count) || !is_text(p, e->role) ||
            e->mou >= p->mous_count || !is_time(e->lasts_us) || !is_time(e->review_within_us))
            return false;
    }
    return true;
}

static bool duties_hold(const struct policy *p)
{
    enum { MINUTES_PER_DAY = 24 * 60 };
    for (size_t i = 0; i < p->duties_count; i++) {
        const struct row_duties *d = &p->duties[i];
        const int64_t times[] = {d->receipt_within_us, d->offline_us, d->attend_within_us,
                                 d->approval_within_us, d->second_within_us};
        for (size_t k = 0; k < ARRAY_LEN(times); k++)
            if (!is_time(times[k]))
                return false;
        if (!is_list_of(p, d->onward_first, d->onwards, p->units_count) ||
            (d->else_unit != ROW_NONE && d->else_unit >= p->units_count) ||
            (d->attend_within_us != 0 && d->else_unit == ROW_NONE) ||
            d->approval_role >= OFFICER_ROLES || d->overdue > OVERDUE_SUSPEND ||
            d->night_from >= MINUTES_PER_DAY || d->night_to >= MINUTES_PER_DAY)
            return false;
    }
    return p->duties_count == p->grants_count;
}

static bool conditions_hold(const struct policy *p, const struct row_condition *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_text(p, c[i].text) || c[i].op >= CONDITION_OPS ||
            (c[i].op == CONDITION_INCIDENT_PARTICIPANT && c[i].unit >= p->units_count))
            return false;
    return true;
}

static bool grants_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->grants_count; i++)
        if (!grant_holds(p, &p->grants[i]))
            return false;
    return conditions_hold(p, p->conditions, p->conditions_count) &&
           conditions_hold(p, p->distinct, p->distinct_count);
}

/* A path that leads nowhere would leave in a message what was to be taken out. */
static bool path_leads_somewhere(const struct kind *kind, const struct row_transform *t)
{
    struct field_path path, again;
    enum field_shape shape;
    const char *nearest;
    char text[256];
    memcpy(path.number, t->path, sizeof path.number);
    field_path_text(kind, &path, text, sizeof text);
    return field_path_resolve(kind, bytes_of_text(text), &again, &shape, &nearest) == RESULT_OK &&
           memcmp(&path, &again, sizeof path) == 0;
}

/* A grid of no size would make a place of no number. */
static bool transform_holds(const struct kind *kind, const struct row_transform *t)
{
    bool has_grid = t->op == TRANSFORM_COARSEN || t->op == TRANSFORM_TO_CAMERAS;
    return t->op <= TRANSFORM_TO_CAMERAS && path_leads_somewhere(kind, t) &&
           (!has_grid || (t->grid_m >= 1 && t->grid_m <= 1e6));
}

static bool transforms_hold(const struct policy *p)
{
    for (size_t i = 0; i < p->grants_count; i++) {
        const struct row_grant *g = &p->grants[i];
        if (g->kind == KIND_VIDEO && g->transforms > 0)
            return false;
        for (uint32_t k = 0; k < g->transforms; k++)
            if (!transform_holds(kind_row((enum kind_id)g->kind),
                                 &p->transforms[g->transform_first + k]))
                return false;
    }
    return true;
}

/* Each slot that is used has something in it, and one is free, so that looking ends. */
static bool slots_hold(const struct policy *p)
{
    size_t used = 0;
    if ((p->slots_count & (p->slots_count - 1)) != 0)
        return false;
    for (size_t i = 0; i < p->slots_count; i++) {
        const struct row_slot *s = &p->slots[i];
        if (!is_list_in(p, s->number, SLOT_NUMBERS, s->count,
                        slot_to(s) == SLOT_REACH ? p->units_count : p->grants_count))
            return false;
        used += s->count > 0;
    }
    return p->slots_count == 0 || used < p->slots_count;
}

/* Of the set as a whole. The zone's offset is added to the present. */
static bool header_holds(const struct policy *p)
{
    const int64_t zone_us = p->header->zone_offset_us;
    return is_text(p, p->header->name) && zone_us > -US_PER_DAY && zone_us < US_PER_DAY &&
           is_list_of(p, p->header->clause_first, (uint32_t)p->grants_count, p->grants_count);
}

bool policy_references_hold(const struct policy *p)
{
    return header_holds(p) && words_hold(p) && bases_hold(p) && people_hold(p) && signers_hold(p) &&
           places_hold(p) && mous_hold(p) && emergencies_hold(p) && duties_hold(p) &&
           grants_hold(p) && transforms_hold(p) && slots_hold(p);
}
