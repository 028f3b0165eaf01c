/* What the log says of requests for footage: act by act, and those that were not answered in time.
 */
#include "report/world_take.h"

#include "base/arena.h"
#include "base/map.h"

/* act=... subject="..." officer=PARTY/PERSON effect=...: what stands between the quotes; `t` goes
 * on behind them. */
static bool take_subject(struct bytes *t, struct bytes *out)
{
    const uint8_t *end;
    if (!world_take_text(t, "subject=\"") || t->n == 0 || (end = memchr(t->p, '"', t->n)) == NULL)
        return false;
    *out = bytes_of(t->p, (size_t)(end - t->p));
    *t = bytes_of(end + 1, t->n - out->n - 1);
    return true;
}

static void open_claim(struct world *w, const struct leaf *leaf, const struct claim_subject *s)
{
    struct world_claim *c = arena_take(w->arena, sizeof *c);
    *c = (struct world_claim){.number = arena_copy(w->arena, s->number),
                              .by = s->by,
                              .received_us = s->received_us,
                              .opened = leaf->index};
    *w->last_claim = c;
    w->last_claim = &c->next;
    (void)map_remove(w->claims, c->number); /* one of this number that was decided before */
    (void)map_add(w->claims, c);
}

/* As the ledger counts: another outcome, or another file, begins anew. */
static void decide(struct world *w, struct world_claim *c, const struct leaf *leaf,
                   unsigned outcome, struct bytes officer, bool is_done)
{
    if (outcome != c->outcome)
        c->officers = 0;
    c->outcome = outcome;
    if (c->officers < ARRAY_LEN(c->officer))
        c->officer[c->officers++] = world_word(w, officer);
    if (is_done) {
        c->decided = leaf->index;
        c->decided_us = leaf->time_us;
    }
}

void world_take_claim(struct world *w, const struct leaf *leaf)
{
    struct bytes t = leaf->detail, act, subject, officer, effect;
    struct claim_subject s;
    if (!leaf_detail(&t, "act", &act) || !take_subject(&t, &subject) ||
        !claim_subject_take(subject, &s) || !leaf_detail(&t, "officer", &officer) ||
        !leaf_detail(&t, "effect", &effect))
        return;
    struct world_claim *c = map_get(w->claims, s.number);
    if (s.step == CLAIM_OPENS)
        open_claim(w, leaf, &s);
    else if (c == NULL || c->decided != 0)
        return; /* of a log whose beginning is not here */
    else if (s.step == CLAIM_IS_POSTPONED)
        c->postponed = true;
    else if (s.step == CLAIM_IS_DECIDED)
        decide(w, c, leaf, s.outcome, officer, bytes_is(effect, "done"));
    if (s.step != CLAIM_IS_MASKED)
        return;
    c->masked = arena_copy(w->arena, s.masked);
    c->masker = world_word(w, officer);
    c->outcome = 0;
    c->officers = 0;
}

void world_take_late_claim(struct world *w, const struct leaf *leaf)
{
    struct bytes t = leaf->detail, subject;
    if (!take_subject(&t, &subject) || !world_take_text(&subject, "request "))
        return;
    struct world_claim *c = map_get(w->claims, subject);
    if (c != NULL && c->overdue == 0)
        c->overdue = leaf->index;
}
