#include "policy/terms.h"

/* A grant with its set, and one of the other set. */
struct both {
    const struct policy *p, *q;
    const struct row_grant *a, *b;
    const struct row_duties *da, *db;
};

/* ---- names in two sets */

static bool same_text(const struct policy *p, uint32_t a, const struct policy *q, uint32_t b)
{
    return strcmp(policy_text(p, a), policy_text(q, b)) == 0;
}

static bool same_unit(const struct policy *p, uint32_t a, const struct policy *q, uint32_t b)
{
    if (a == ROW_NONE || b == ROW_NONE)
        return a == b;
    return strcmp(policy_unit_name(p, a), policy_unit_name(q, b)) == 0;
}

/* The same units, in any order. */
static bool same_units(const struct policy *p, uint32_t first, uint32_t count,
                       const struct policy *q, uint32_t other, uint32_t others)
{
    for (uint32_t i = 0; i < count; i++) {
        bool there = false;
        for (uint32_t k = 0; k < others; k++)
            there = there || same_unit(p, p->numbers[first + i], q, q->numbers[other + k]);
        if (!there)
            return false;
    }
    return count == others;
}

/* Words stand in the order of their names, so equal sets have equal words one by one. */
static bool same_words(const struct both *x, enum word_class class, uint64_t a, uint64_t b)
{
    while (a != 0 && b != 0) {
        const uint32_t i = x->p->header->word_first[class] + (uint32_t)__builtin_ctzll(a),
                       k = x->q->header->word_first[class] + (uint32_t)__builtin_ctzll(b);
        if (!same_text(x->p, x->p->words[i].name, x->q, x->q->words[k].name))
            return false;
        a &= a - 1;
        b &= b - 1;
    }
    return a == b;
}

static bool same_bases(const struct both *x, uint64_t a, uint64_t b)
{
    uint64_t found = 0;
    for (uint32_t i = 0; i < x->p->bases_count && i < MASK_WORDS; i++) {
        if (!has_bit(a, i))
            continue;
        const uint16_t k =
            policy_basis(x->q, bytes_of_text(policy_text(x->p, x->p->bases[i].code)));
        if (!has_bit(b, k))
            return false;
        found |= UINT64_C(1) << k;
    }
    return found == b;
}

/* ---- aspects */

static bool same_destroy(const struct both *x)
{
    return x->a->starts_at == x->b->starts_at && x->a->delay_us == x->b->delay_us &&
           x->a->ceiling_us == x->b->ceiling_us &&
           x->da->receipt_within_us == x->db->receipt_within_us &&
           x->da->overdue == x->db->overdue &&
           (x->a->starts_at != POLICY_STARTS_DISASTER_END ||
            same_words(x, WORD_REGION, policy_awaited_regions(x->p, x->a),
                       policy_awaited_regions(x->q, x->b)));
}

static bool same_keep(const struct both *x)
{
    return same_bases(x, x->da->keep_bases, x->db->keep_bases) &&
           same_words(x, WORD_EVIDENCE, x->da->keep_evidence, x->db->keep_evidence) &&
           x->da->keep_role == x->db->keep_role;
}

static bool same_notify(const struct both *x)
{
    return x->a->notify_within_us == x->b->notify_within_us &&
           same_words(x, WORD_REASON, x->da->deferrable, x->db->deferrable);
}

static bool same_attend(const struct both *x)
{
    return x->da->attend_within_us == x->db->attend_within_us &&
           x->da->answer_kinds == x->db->answer_kinds &&
           same_unit(x->p, x->da->else_unit, x->q, x->db->else_unit);
}

static bool same_approval(const struct both *x)
{
    const struct row_duties *a = x->da, *b = x->db;
    return a->approvers == b->approvers &&
           (a->approvers == 0 ||
            (a->approval_role == b->approval_role &&
             a->approval_within_us == b->approval_within_us && a->night_from == b->night_from &&
             a->night_to == b->night_to && a->second_within_us == b->second_within_us));
}

static bool same_onward(const struct both *x)
{
    return same_bases(x, x->da->onward_bases, x->db->onward_bases) &&
           same_units(x->p, x->da->onward_first, x->da->onwards, x->q, x->db->onward_first,
                      x->db->onwards);
}

static bool same_offline(const struct both *x)
{
    return x->da->offline_us == x->db->offline_us;
}

static bool same_limits(const struct both *x)
{
    const struct row_duties *a = x->da, *b = x->db;
    return a->bits_per_s == b->bits_per_s && a->bytes_per_s == b->bytes_per_s &&
           a->streams_per_incident == b->streams_per_incident &&
           a->messages_per_s == b->messages_per_s && a->largest == b->largest &&
           a->uses == b->uses && a->width == b->width && a->height == b->height &&
           x->a->audio_allowed == x->b->audio_allowed && x->a->codecs == x->b->codecs;
}

static bool same_stream_digest(const struct both *x)
{
    return x->a->stream_digest == x->b->stream_digest;
}

static bool same_supersede(const struct both *x)
{
    return x->da->supersedes == x->db->supersedes;
}

static bool same_number(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool same_transform(const struct both *x)
{
    if (x->a->transforms != x->b->transforms)
        return false;
    for (uint32_t i = 0; i < x->a->transforms; i++) {
        const struct row_transform *a = &x->p->transforms[x->a->transform_first + i],
                                   *b = &x->q->transforms[x->b->transform_first + i];
        if (a->op != b->op || a->keep != b->keep || !same_number(a->grid_m, b->grid_m) ||
            !same_number(a->within_m, b->within_m) || memcmp(a->path, b->path, sizeof a->path) != 0)
            return false;
    }
    return true;
}

static bool same_duties(const struct both *x)
{
    const struct row_mou *a = &x->p->mous[x->a->mou], *b = &x->q->mous[x->b->mou];
    for (uint32_t i = 0; i < a->duties && i < b->duties; i++)
        if (!same_text(x->p, x->p->numbers[a->duty_first + i], x->q,
                       x->q->numbers[b->duty_first + i]))
            return false;
    return a->duties == b->duties;
}

static bool same_emergency(const struct both *x)
{
    const uint32_t a = x->p->mous[x->a->mou].emergency, b = x->q->mous[x->b->mou].emergency;
    if (a == ROW_NONE || b == ROW_NONE)
        return a == b;
    return x->p->emergencies[a].lasts_us == x->q->emergencies[b].lasts_us &&
           x->p->emergencies[a].review_within_us == x->q->emergencies[b].review_within_us &&
           x->p->emergencies[a].reviewers == x->q->emergencies[b].reviewers;
}

unsigned terms_differ(const struct policy *p, uint32_t a, const struct policy *q, uint32_t b,
                      bool emergency)
{
    static bool (*const same[POLICY_ASPECTS])(const struct both *x) = {
        [POLICY_ASPECT_DESTROY] = same_destroy,
        [POLICY_ASPECT_KEEP] = same_keep,
        [POLICY_ASPECT_NOTIFY] = same_notify,
        [POLICY_ASPECT_ATTEND] = same_attend,
        [POLICY_ASPECT_APPROVAL] = same_approval,
        [POLICY_ASPECT_ONWARD] = same_onward,
        [POLICY_ASPECT_OFFLINE] = same_offline,
        [POLICY_ASPECT_LIMITS] = same_limits,
        [POLICY_ASPECT_STREAM_DIGEST] = same_stream_digest,
        [POLICY_ASPECT_SUPERSEDE] = same_supersede,
        [POLICY_ASPECT_TRANSFORM] = same_transform,
        [POLICY_ASPECT_DUTIES] = same_duties,
        [POLICY_ASPECT_EMERGENCY] = same_emergency};
    const struct both x = {p, q, &p->grants[a], &q->grants[b], &p->duties[a], &q->duties[b]};
    unsigned differ = 0;
    for (unsigned i = 0; i < POLICY_ASPECTS; i++)
        if ((i != POLICY_ASPECT_EMERGENCY || emergency) && !same[i](&x))
            differ |= 1u << i;
    return differ;
}

const char *policy_aspect_text(enum policy_aspect a, bool korean)
{
    static const char *const texts[POLICY_ASPECTS][2] = {
#define ASPECT(NAME, en, ko) {en, ko},
#include "policy/aspects.def"
#undef ASPECT
    };
    return texts[a][korean];
}
