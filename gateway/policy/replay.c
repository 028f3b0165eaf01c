/* What a set makes of a decision that a log holds, where what the log holds settles it. */
#include "base/mem.h"
#include "policy/answers.h"

enum { NOW, THEN };

struct policy_replayer {
    struct universe universe;
    struct space space;
    struct answers answers[SIDES];
};

struct policy_replayer *policy_replayer_new(const struct policy *now, const struct policy *then)
{
    struct policy_replayer *r = mem_new(sizeof *r);
    universe_init(&r->universe, now, then, 0);
    return r;
}

void policy_replayer_free(struct policy_replayer *r)
{
    if (r == NULL)
        return;
    universe_free(&r->universe);
    mem_free(r);
}

const char *policy_fact_key(unsigned i)
{
    return i < DIMS_KINDS ? dim_key((enum dim)i) : NULL;
}

/* ---- what the log holds, as a box */

/* A word that the set of that time did not know, stands in the log as "unknown". */
static bool is_withheld(struct bytes word)
{
    return bytes_is(word, "unknown");
}

/* Names that the sets know, so that they live as long as these; false when neither does. */
static bool name_in(const struct policy_replayer *r, enum word_class class, struct bytes word,
                    const char **out)
{
    const struct knowns *k = &r->universe.words[class];
    for (size_t i = 0; i < k->count; i++)
        if (bytes_is(word, k->item[i].name)) {
            *out = k->item[i].name;
            return true;
        }
    return false;
}

static bool unit_in(const struct policy_replayer *r, struct bytes name, const char **out)
{
    for (unsigned side = 0; side < r->universe.sides; side++) {
        const uint32_t unit = policy_unit(r->universe.p[side], name);
        if (unit != POLICY_NONE) {
            *out = policy_unit_name(r->universe.p[side], unit);
            return true;
        }
    }
    return false;
}

/* False when a word is none that these sets know. */
static bool line_of_record(const struct policy_replayer *r, const struct policy_recorded *x,
                           struct line_of *line)
{
    const struct kind *kind = kind_named(x->kind);
    if (kind == NULL || kind->id == KIND_VIDEO)
        return false;
    *line = (struct line_of){.kind = kind->id, .manner = MANNER_MESSAGE};
    if (!unit_in(r, x->from, &line->from) || !unit_in(r, x->to, &line->to) ||
        !name_in(r, WORD_SERVICE, x->service, &line->service) ||
        !name_in(r, WORD_PURPOSE, x->purpose, &line->purpose))
        return false;
    line->watcher_purpose = line->purpose;
    return true;
}

/* A status is one of three words; the time's cell is the first (cells_of_time). */
static bool known_box(const struct policy_replayer *r, const struct policy_recorded *x,
                      struct box_cells *out)
{
    static const char *const words[] = {"actual", "exercise", "test"};
    space_all(&r->space, out);
    out->cells[DIM_TIME] = 1;
    out->cells[DIM_BASIS] = cells_with_basis(&r->space, x->basis);
    out->cells[DIM_STATUS] = 0;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (bytes_is(x->status, words[i]))
            out->cells[DIM_STATUS] = UINT64_C(1) << i;
    return out->cells[DIM_BASIS] != 0 && out->cells[DIM_STATUS] != 0;
}

/* ---- what was decided then tells more */

static bool is_as_recorded(const struct policy_recorded *x, const struct answers *then, size_t i)
{
    const struct one_answer *a = &then->answer[i];
    return a->verdict == x->verdict &&
           bytes_is(x->clause, policy_text(then->p, then->p->grants[a->grant].clause));
}

/* Leaves the messages that the old set decided as recorded. Where there are none (the set is not
 * that one after all), all are left. */
static void as_recorded(const struct policy_replayer *r, const struct policy_recorded *x,
                        struct region *known)
{
    const struct answers *then = &r->answers[THEN];
    struct region rest = {0};
    if (r->universe.sides == 1 || policy_serial(r->universe.p[THEN]) != x->serial)
        return;
    region_copy(known, &rest);
    if (x->verdict == POLICY_REFUSED) {
        for (size_t i = 0; i < then->count; i++)
            region_minus(&rest, &then->answer[i].where);
    } else {
        struct region all = {0};
        for (size_t i = 0; i < then->count; i++)
            if (is_as_recorded(x, then, i))
                region_add_all(&all, &then->answer[i].where);
        region_and(&rest, &all);
        region_free(&all);
    }
    if (rest.count > 0) {
        region_free(known);
        *known = rest;
    } else {
        region_free(&rest);
    }
}

/* ---- whether the answer is one */

/* The facts that a region asks more of than is known. */
static uint64_t facts_of(const struct region *known, const struct region *where)
{
    uint64_t facts = 0;
    for (size_t i = 0; i < known->count; i++)
        for (size_t k = 0; k < where->count; k++) {
            struct box_cells both;
            if (!box_and(&known->box[i], &where->box[k], &both))
                continue;
            for (unsigned d = 0; d < DIMS; d++) {
                const unsigned once = DIMS_KINDS - DIMS_ONCE;
                const unsigned kind = d < DIMS_ONCE ? d : DIMS_ONCE + (d - DIMS_ONCE) % once;
                if (both.cells[d] != known->box[i].cells[d])
                    facts |= UINT64_C(1) << kind;
            }
        }
    return facts;
}

static struct policy_decided decided(const struct answers *a, size_t i)
{
    const struct one_answer *x = &a->answer[i];
    return (struct policy_decided){
        x->verdict, x->verdict == POLICY_EMERGENCY ? REASON_PERMITTED_EMERGENCY : REASON_PERMITTED,
        policy_text(a->p, a->p->grants[x->grant].clause), ""};
}

/* What the answers ask of the messages left; where these are so many pieces that no answer asks
 * more of one, of all that the log alone leaves. */
static uint64_t all_facts(const struct answers *now, const struct region *known,
                          const struct region *logged)
{
    uint64_t facts = 0;
    for (size_t i = 0; i < now->count; i++)
        facts |= facts_of(known, &now->answer[i].where);
    for (size_t i = 0; facts == 0 && i < now->count; i++)
        facts |= facts_of(logged, &now->answer[i].where);
    return facts;
}

static void settle(const struct policy_replayer *r, const struct region *known,
                   const struct region *logged, struct policy_replayed *out)
{
    const struct answers *now = &r->answers[NOW];
    struct region rest = {0};
    size_t ways = 0;
    out->now = (struct policy_decided){POLICY_REFUSED, REASON_NO_GRANT, "", ""};
    region_copy(known, &rest);
    for (size_t i = 0; i < now->count; i++) {
        struct region both = {0};
        region_copy(known, &both);
        region_and(&both, &now->answer[i].where);
        if (both.count > 0) {
            ways++;
            out->now = decided(now, i);
        }
        region_free(&both);
        region_minus(&rest, &now->answer[i].where);
    }
    ways += rest.count > 0;
    out->settled = ways == 1 && !rest.full && !now->full && !r->space.full;
    if (!out->settled)
        out->facts = all_facts(now, known, logged);
    region_free(&rest);
}

static void refuse(struct policy_replayed *out)
{
    out->settled = true;
    out->now = (struct policy_decided){POLICY_REFUSED, REASON_NO_GRANT, "", ""};
}

/* A decision of a message that names as many incidents as the log says, or as make a difference. */
static unsigned incidents_of(const struct space *s, const struct policy_recorded *x)
{
    const unsigned most = space_most_incidents(s);
    return x->incidents < most ? (unsigned)x->incidents : most;
}

void policy_replay(struct policy_replayer *r, const struct policy_recorded *record,
                   struct policy_replayed *out)
{
    struct line_of line;
    struct box_cells box;
    struct region known = {0}, logged = {0};
    bool all = true;
    *out = (struct policy_replayed){0};
    if (is_withheld(record->to) || is_withheld(record->service) || is_withheld(record->purpose) ||
        is_withheld(record->basis) || kind_named(record->kind) == NULL)
        return;
    if (!line_of_record(r, record, &line)) {
        refuse(out);
        return;
    }
    r->universe.now_us = record->time_us;
    space_begin(&r->space, &r->universe, &line);
    for (unsigned side = 0; side < r->universe.sides; side++)
        all = answers_begin(&r->answers[side], &r->space, side) && all;
    space_build(&r->space, incidents_of(&r->space, record));
    if (!known_box(r, record, &box)) {
        refuse(out);
    } else if (all) {
        for (unsigned side = 0; side < r->universe.sides; side++) {
            answers_ask(&r->answers[side]);
            answers_find(&r->answers[side], &box);
        }
        region_add(&known, &box);
        region_add(&logged, &box);
        as_recorded(r, record, &known);
        settle(r, &known, &logged, out);
    }
    region_free(&known);
    region_free(&logged);
    for (unsigned side = 0; side < r->universe.sides; side++)
        answers_free(&r->answers[side]);
}
