/* What later leaves say of what stands in a world already: that it was taken over or destroyed, of
 * incidents, and what officers did. */
#include "report/world_take.h"

#include "base/arena.h"
#include "base/map.h"

enum { RANGE_MOST = 65536 };

/* ---- acknowledged, destroyed */

static bool take_number(struct bytes *text, uint64_t *out)
{
    size_t n = 0;
    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
        n++;
    *out = world_number(bytes_of(text->p, n));
    *text = bytes_of(text->p + n, text->n - n);
    return n > 0;
}

static void acknowledge(struct world *w, const struct leaf *leaf, uint64_t received)
{
    const struct world_message *m = world_message(w, received);
    for (struct world_provision *p = m == NULL ? NULL : m->first; p != NULL; p = p->of_message)
        if (leaf->recipients == 1 && bytes_equal(p->unit, leaf->recipient[0].unit))
            p->acknowledged_us = leaf->time_us;
}

/* "received=12,15-18" */
void world_take_acknowledged(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, ranges;
    uint64_t from, to;
    size_t count = 0;
    if (!leaf_detail(&detail, "received", &ranges))
        return;
    while (leaf_range(&ranges, &from, &to))
        for (uint64_t i = from; i <= to && count < RANGE_MOST; i++, count++)
            acknowledge(w, leaf, i);
}

void world_take_destroyed(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, scope;
    while (leaf_detail(&detail, "scope", &scope)) {
        struct world_erased *e = arena_take(w->arena, sizeof *e);
        *e = (struct world_erased){arena_copy(w->arena, scope), leaf->index, leaf->time_us};
        (void)map_add(w->erased, e);
    }
}

/* ---- ordered, and what recipients said */

int64_t world_second(const struct leaf *leaf, const char *word)
{
    struct bytes detail = leaf->detail, value;
    uint64_t s = leaf_detail(&detail, word, &value) ? world_number(value) : 0;
    return s < (uint64_t)(INT64_MAX / US_PER_S) ? (int64_t)s * US_PER_S : 0;
}

/* Without an order there is nothing to answer. */
static void take_owed(struct world *w, struct world_provision *p, const struct leaf *leaf)
{
    if (p == NULL || !bytes_equal(p->unit, leaf->recipient[0].unit))
        return;
    if (leaf->event == AUDIT_ORDERED && p->owed == NULL)
        p->owed = arena_take(w->arena, sizeof *p->owed);
    if (p->owed != NULL)
        owed_take_leaf(p->owed, leaf, w->arena);
}

void world_take_owed(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, ranges;
    uint64_t from, to;
    size_t count = 0;
    if (leaf->recipients != 1 || !leaf_detail(&detail, "items", &ranges))
        return;
    while (leaf_range(&ranges, &from, &to))
        for (uint64_t i = from; i <= to && count < RANGE_MOST; i++, count++)
            take_owed(w, world_provision(w, i), leaf);
}

/* ---- incidents */

void world_take_opened(struct world *w, const struct leaf *leaf)
{
    const struct world_message *m = leaf->has_refers ? world_message(w, leaf->refers) : NULL;
    if (leaf->incidents == 0 || map_get(w->incidents, leaf->incident[0]) != NULL ||
        !world_is_real(leaf->status))
        return;
    struct world_incident *i = arena_take(w->arena, sizeof *i);
    *i = (struct world_incident){.id = arena_copy(w->arena, leaf->incident[0]),
                                 .source = world_word(w, leaf->source),
                                 .opened = leaf->index,
                                 .opened_us = leaf->time_us};
    if (m != NULL)
        i->service = m->service;
    *w->last_incident = i;
    w->last_incident = &i->next;
    (void)map_add(w->incidents, i);
}

/* One that is opened again goes on. */
void world_take_incident(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, step;
    struct world_incident *i =
        leaf->incidents == 0 ? NULL : map_get(w->incidents, leaf->incident[0]);
    if (i == NULL)
        return;
    bool ends = leaf->event == AUDIT_INCIDENT_ENDED;
    bool reopens = leaf_detail(&detail, "step", &step) && bytes_is(step, "reopen");
    if (ends || reopens) {
        i->ended = ends ? leaf->index : 0;
        i->ended_us = ends ? leaf->time_us : 0;
    }
}

/* ---- what officers did */

bool world_take_text(struct bytes *t, const char *text)
{
    if (!bytes_begins(*t, text))
        return false;
    *t = bytes_of(t->p + strlen(text), t->n - strlen(text));
    return true;
}

static void take_review(struct world *w, const struct leaf *leaf)
{
    struct world_use *u = leaf->has_refers ? map_get(w->uses, world_key(&leaf->refers)) : NULL;
    struct bytes detail = leaf->detail, officer, effect;
    if (u == NULL || !leaf_detail(&detail, "officer", &officer))
        return;
    if (u->officers < ARRAY_LEN(u->officer))
        u->officer[u->officers++] = world_word(w, officer);
    if (leaf_detail(&detail, "effect", &effect) && bytes_is(effect, "done")) {
        u->review = leaf->index;
        u->review_us = leaf->time_us;
    }
}

/* act=published subject="mou NAME leaves FROM-TO" officer=PARTY/PERSON effect=done */
static void take_published(struct world *w, const struct leaf *leaf)
{
    struct bytes t = leaf->detail, rest = leaf->detail, officer;
    uint64_t from, to;
    size_t n = 0;
    if (!world_take_text(&t, "act=published subject=\"mou ") ||
        !leaf_detail(&rest, "officer", &officer))
        return;
    while (n < t.n && t.p[n] != ' ')
        n++;
    struct bytes mou = bytes_of(t.p, n);
    t = bytes_of(t.p + n, t.n - n);
    if (!world_take_text(&t, " leaves ") || !take_number(&t, &from) || !world_take_text(&t, "-") ||
        !take_number(&t, &to))
        return;
    struct world_published *p = arena_take(w->arena, sizeof *p);
    *p = (struct world_published){.index = leaf->index,
                                  .from = from,
                                  .to = to + 1,
                                  .time_us = leaf->time_us,
                                  .mou = world_word(w, mou),
                                  .officer = world_word(w, officer),
                                  .next = w->published};
    w->published = p;
}

void world_take_act(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, act;
    if (!leaf_detail(&detail, "act", &act))
        return;
    if (bytes_is(act, "review"))
        take_review(w, leaf);
    else if (bytes_is(act, "published"))
        take_published(w, leaf);
    else
        world_take_claim(w, leaf);
}

bool world_is_later(const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, act;
    switch (leaf->event) {
    case AUDIT_ORDERED:
    case AUDIT_RECIPIENT_DESTROYED:
    case AUDIT_NEVER_STORED:
    case AUDIT_RETAINED:
    case AUDIT_RECEIPT_OVERDUE:
    case AUDIT_INCIDENT_CHANGED:
    case AUDIT_INCIDENT_ENDED: return true;
    case AUDIT_ACT:
        return leaf_detail(&detail, "act", &act) &&
               (bytes_is(act, "review") || bytes_is(act, "published"));
    default: return false;
    }
}

void world_take_overdue(struct world *w, const struct leaf *leaf)
{
    struct world_use *u = leaf->has_refers ? map_get(w->uses, world_key(&leaf->refers)) : NULL;
    if (u != NULL)
        u->is_overdue = true;
}
