#include "report/world.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

enum { RANGE_MOST = 65536 };

/* ---- making */

#define KEY(name, type, member)                                                                    \
    static struct bytes name(const void *item)                                                     \
    {                                                                                              \
        return bytes_of(&((const struct type *)item)->member, sizeof(uint64_t));                   \
    }
KEY(message_key, world_message, index)
KEY(provision_key, world_provision, index)
KEY(use_key, world_use, index)
KEY(notice_key, world_notice, index)
#undef KEY

static struct bytes erased_key(const void *item)
{
    return ((const struct world_erased *)item)->scope;
}

static struct bytes incident_key(const void *item)
{
    return ((const struct world_incident *)item)->id;
}

static struct bytes word_key(const void *item)
{
    return *(const struct bytes *)item;
}

struct world *world_new(struct facts_file *facts, int64_t from_us, int64_t until_us)
{
    struct world *w = mem_new(sizeof *w);
    *w = (struct world){.arena = arena_new(SIZE_MAX),
                        .words = map_new(word_key),
                        .messages = map_new(message_key),
                        .provisions = map_new(provision_key),
                        .erased = map_new(erased_key),
                        .incidents = map_new(incident_key),
                        .uses = map_new(use_key),
                        .notices = map_new(notice_key),
                        .facts = facts,
                        .from_us = from_us,
                        .until_us = until_us};
    w->last_message = &w->message;
    w->last_provision = &w->provision;
    w->last_incident = &w->incident;
    w->last_use = &w->use;
    return w;
}

void world_free(struct world *w)
{
    if (w == NULL)
        return;
    map_free(w->words);
    map_free(w->messages);
    map_free(w->provisions);
    map_free(w->erased);
    map_free(w->incidents);
    map_free(w->uses);
    map_free(w->notices);
    arena_free(w->arena);
    mem_free(w);
}

/* Few words stand in many leaves: each is kept once. */
static struct bytes word(struct world *w, struct bytes text)
{
    if (text.n == 0)
        return bytes_of(NULL, 0);
    struct bytes *known = map_get(w->words, text);
    if (known != NULL)
        return *known;
    known = arena_take(w->arena, sizeof *known);
    *known = arena_copy(w->arena, text);
    (void)map_add(w->words, known);
    return *known;
}

static struct bytes number_key(const uint64_t *n)
{
    return bytes_of(n, sizeof *n);
}

struct world_message *world_message(const struct world *w, uint64_t index)
{
    return map_get(w->messages, number_key(&index));
}

struct world_provision *world_provision(const struct world *w, uint64_t index)
{
    return map_get(w->provisions, number_key(&index));
}

const struct world_erased *world_erased(const struct world *w, const struct world_provision *p)
{
    return p->scope.n == 0 ? NULL : map_get(w->erased, p->scope);
}

uint64_t world_number(struct bytes digits)
{
    uint64_t n = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9' || n > UINT64_MAX / 16)
            return 0;
        n = n * 10 + (uint64_t)(digits.p[i] - '0');
    }
    return n;
}

void world_fact(const struct world *w, uint64_t index, struct fact *out)
{
    facts_at(w->facts, index, out);
}

/* ---- messages, and what came of them */

static struct world_message *add_message(struct world *w, const struct leaf *leaf)
{
    struct world_message *m = arena_take(w->arena, sizeof *m);
    *m = (struct world_message){.index = leaf->index,
                                .time_us = leaf->time_us,
                                .event = leaf->event,
                                .id = arena_copy(w->arena, leaf->id),
                                .source = word(w, leaf->source),
                                .kind = word(w, leaf->kind),
                                .service = word(w, leaf->service),
                                .purpose = word(w, leaf->purpose),
                                .basis = word(w, leaf->basis),
                                .status = word(w, leaf->status)};
    if (leaf->incidents > 0)
        m->incident = word(w, leaf->incident[0]);
    m->last = &m->first;
    *w->last_message = m;
    w->last_message = &m->next;
    (void)map_add(w->messages, m);
    return m;
}

static bool is_permitted(struct bytes reason)
{
    return reason.n == 0 || bytes_begins(reason, "permitted");
}

/* Persons decide: "held-ended" tells when it came to nothing. */
static bool is_held(struct bytes reason)
{
    return bytes_is(reason, "approval-pending") || bytes_is(reason, "quarantined");
}

static void count_refusal(struct world *w, const struct leaf *leaf, struct bytes reason)
{
    if (leaf->time_us < w->from_us || leaf->time_us >= w->until_us)
        return;
    struct world_refusal *r = w->refusal;
    while (r != NULL &&
           (!bytes_equal(r->reason, reason) || !bytes_equal(r->service, leaf->service)))
        r = r->next;
    if (r == NULL) {
        r = arena_take(w->arena, sizeof *r);
        *r = (struct world_refusal){
            .reason = word(w, reason), .service = word(w, leaf->service), .next = w->refusal};
        w->refusal = r;
    }
    r->count++;
    r->last = leaf->index;
}

static void add_use(struct world *w, uint64_t index, const struct leaf *leaf,
                    const struct leaf_recipient *r)
{
    if (map_get(w->uses, number_key(&index)) != NULL)
        return;
    struct world_use *u = arena_take(w->arena, sizeof *u);
    *u = (struct world_use){.index = index,
                            .time_us = leaf->time_us,
                            .source = word(w, leaf->source),
                            .unit = word(w, r->unit),
                            .kind = word(w, leaf->kind),
                            .service = word(w, leaf->service),
                            .clause = word(w, r->clause),
                            .failed = arena_copy(w->arena, r->failed)};
    *w->last_use = u;
    w->last_use = &u->next;
    (void)map_add(w->uses, u);
}

static bool is_emergency(struct bytes reason)
{
    return bytes_is(reason, "permitted-emergency");
}

/* A notice to a carrier, that its subject is to be told of a provision. */
static void add_notice(struct world *w, const struct leaf *leaf)
{
    struct world_provision *p = leaf->has_refers ? world_provision(w, leaf->refers) : NULL;
    if (p == NULL || !bytes_is(leaf->kind, "provision_notice"))
        return;
    struct world_notice *n = arena_take(w->arena, sizeof *n);
    *n = (struct world_notice){.index = leaf->index, .time_us = leaf->time_us};
    p->notice = n;
    (void)map_add(w->notices, n);
}

/* A receipt or deferral names the provision; what it names stands in the register. */
static void take_answer(struct world *w, const struct leaf *leaf, const struct fact *f)
{
    struct world_provision *p = f->has_about ? world_provision(w, f->about) : NULL;
    if (p == NULL || p->notice == NULL)
        return;
    if (bytes_is(leaf->kind, "notice_receipt")) {
        p->notice->told = leaf->index;
        p->notice->told_us = leaf->time_us;
    } else if (bytes_is(leaf->kind, "notice_deferral")) {
        p->notice->deferred = leaf->index;
        p->notice->deferred_us = leaf->time_us;
        p->notice->until_us = f->until_us;
    }
}

static void take_received(struct world *w, const struct leaf *leaf, const struct fact *f)
{
    struct world_message *m = add_message(w, leaf);
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *r = &leaf->recipient[i];
        m->is_permitted = m->is_permitted || is_permitted(r->reason);
        if (is_emergency(r->reason))
            add_use(w, leaf->index, leaf, r);
        else if (!is_permitted(r->reason) && !is_held(r->reason))
            count_refusal(w, leaf, r->reason);
    }
    if (bytes_is(leaf->source, "gateway/self"))
        add_notice(w, leaf);
    else if (m->is_permitted)
        take_answer(w, leaf, f);
}

static struct world_provision *add_provision(struct world *w, const struct leaf *leaf)
{
    struct world_message *m = leaf->has_refers ? world_message(w, leaf->refers) : NULL;
    if (m == NULL || leaf->recipients != 1)
        return NULL;
    struct bytes detail = leaf->detail, scope = {0};
    (void)leaf_detail(&detail, "scope", &scope);
    struct world_provision *p = arena_take(w->arena, sizeof *p);
    *p = (struct world_provision){.index = leaf->index,
                                  .time_us = leaf->time_us,
                                  .event = leaf->event,
                                  .of = m,
                                  .unit = word(w, leaf->recipient[0].unit),
                                  .clause = word(w, leaf->recipient[0].clause),
                                  .reason = word(w, leaf->recipient[0].reason),
                                  .flags = word(w, leaf->recipient[0].flags),
                                  .scope = word(w, scope),
                                  .policy = leaf->policy,
                                  .size = leaf->size,
                                  .deadline_us = leaf->recipient[0].deadline_us};
    *w->last_provision = p;
    w->last_provision = &p->next;
    *m->last = p;
    m->last = &p->of_message;
    (void)map_add(w->provisions, p);
    return p;
}

static void take_released(struct world *w, const struct leaf *leaf)
{
    struct world_provision *p = add_provision(w, leaf);
    if (p == NULL)
        return;
    if (is_emergency(p->reason))
        add_use(w, p->of->index, leaf, &leaf->recipient[0]);
    struct world_notice *n = map_get(w->notices, number_key(&p->of->index));
    if (n != NULL)
        n->sent_us = leaf->time_us;
}

/* ---- streams and watchers */

static void take_watch(struct world *w, const struct leaf *leaf)
{
    const struct world_provision *p = add_provision(w, leaf);
    if (p != NULL && is_emergency(p->reason))
        add_use(w, leaf->index, leaf, &leaf->recipient[0]);
}

static void take_watched(struct world *w, const struct leaf *leaf)
{
    struct world_provision *p = leaf->has_refers ? world_provision(w, leaf->refers) : NULL;
    struct bytes detail = leaf->detail, value;
    if (p == NULL)
        return;
    if (leaf_detail(&detail, "bytes", &value))
        p->bytes = world_number(value);
    if (leaf_detail(&detail, "gaps", &value))
        p->gaps = world_number(value);
    if (leaf->event != AUDIT_WATCH_ENDED)
        return;
    p->ended = leaf->index;
    p->ended_us = leaf->time_us;
}

static void take_stream(struct world *w, const struct leaf *leaf)
{
    add_message(w, leaf)->is_permitted = true;
    if (leaf->recipients == 1 && is_emergency(leaf->recipient[0].reason))
        add_use(w, leaf->index, leaf, &leaf->recipient[0]);
}

static void take_refused(struct world *w, const struct leaf *leaf)
{
    for (size_t i = 0; i < leaf->recipients; i++)
        count_refusal(w, leaf, leaf->recipient[i].reason);
}

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
static void take_acknowledged(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, ranges;
    uint64_t from, to;
    size_t count = 0;
    if (!leaf_detail(&detail, "received", &ranges))
        return;
    while (take_number(&ranges, &from)) {
        to = from;
        if (ranges.n > 0 && ranges.p[0] == '-') {
            ranges = bytes_of(ranges.p + 1, ranges.n - 1);
            (void)take_number(&ranges, &to);
        }
        for (uint64_t i = from; i <= to && count < RANGE_MOST; i++, count++)
            acknowledge(w, leaf, i);
        if (ranges.n == 0)
            return;
        ranges = bytes_of(ranges.p + 1, ranges.n - 1);
    }
}

static void take_destroyed(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, scope;
    while (leaf_detail(&detail, "scope", &scope)) {
        struct world_erased *e = arena_take(w->arena, sizeof *e);
        *e = (struct world_erased){arena_copy(w->arena, scope), leaf->index, leaf->time_us};
        (void)map_add(w->erased, e);
    }
}

/* ---- incidents */

static void take_opened(struct world *w, const struct leaf *leaf)
{
    const struct world_message *m = leaf->has_refers ? world_message(w, leaf->refers) : NULL;
    if (leaf->incidents == 0 || map_get(w->incidents, leaf->incident[0]) != NULL)
        return;
    struct world_incident *i = arena_take(w->arena, sizeof *i);
    *i = (struct world_incident){.id = arena_copy(w->arena, leaf->incident[0]),
                                 .source = word(w, leaf->source),
                                 .opened = leaf->index,
                                 .opened_us = leaf->time_us};
    if (m != NULL)
        i->service = m->service;
    *w->last_incident = i;
    w->last_incident = &i->next;
    (void)map_add(w->incidents, i);
}

/* One that is opened again goes on. */
static void take_incident(struct world *w, const struct leaf *leaf)
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

static bool take_text(struct bytes *t, const char *text)
{
    if (!bytes_begins(*t, text))
        return false;
    *t = bytes_of(t->p + strlen(text), t->n - strlen(text));
    return true;
}

static void take_review(struct world *w, const struct leaf *leaf)
{
    struct world_use *u = leaf->has_refers ? map_get(w->uses, number_key(&leaf->refers)) : NULL;
    struct bytes detail = leaf->detail, officer, effect;
    if (u == NULL || !leaf_detail(&detail, "officer", &officer))
        return;
    if (u->officers < ARRAY_LEN(u->officer))
        u->officer[u->officers++] = word(w, officer);
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
    if (!take_text(&t, "act=published subject=\"mou ") || !leaf_detail(&rest, "officer", &officer))
        return;
    while (n < t.n && t.p[n] != ' ')
        n++;
    struct bytes mou = bytes_of(t.p, n);
    t = bytes_of(t.p + n, t.n - n);
    if (!take_text(&t, " leaves ") || !take_number(&t, &from) || !take_text(&t, "-") ||
        !take_number(&t, &to))
        return;
    struct world_published *p = arena_take(w->arena, sizeof *p);
    *p = (struct world_published){.index = leaf->index,
                                  .from = from,
                                  .to = to + 1,
                                  .time_us = leaf->time_us,
                                  .mou = word(w, mou),
                                  .officer = word(w, officer),
                                  .next = w->published};
    w->published = p;
}

static void take_act(struct world *w, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, act;
    if (!leaf_detail(&detail, "act", &act))
        return;
    if (bytes_is(act, "review"))
        take_review(w, leaf);
    else if (bytes_is(act, "published"))
        take_published(w, leaf);
}

static void take_overdue(struct world *w, const struct leaf *leaf)
{
    struct world_use *u = leaf->has_refers ? map_get(w->uses, number_key(&leaf->refers)) : NULL;
    if (u != NULL)
        u->is_overdue = true;
}

/* ---- */

static void look_at_fact(struct world *w, const struct leaf *leaf, struct fact *f)
{
    enum fact_state s = facts_of(w->facts, leaf, f);
    w->sealed += s == FACT_SEALED;
    w->wrong += s == FACT_WRONG;
}

void world_take(struct world *w, const struct leaf *leaf)
{
    struct fact f;
    look_at_fact(w, leaf, &f);
    w->size = leaf->index + 1;
    switch (leaf->event) {
    case AUDIT_RECEIVED: take_received(w, leaf, &f); break;
    case AUDIT_RELEASED: take_released(w, leaf); break;
    case AUDIT_ACKNOWLEDGED: take_acknowledged(w, leaf); break;
    case AUDIT_DESTROYED: take_destroyed(w, leaf); break;
    case AUDIT_STREAM_OPENED: take_stream(w, leaf); break;
    case AUDIT_WATCH_OPENED: take_watch(w, leaf); break;
    case AUDIT_WATCH_SUMMARY:
    case AUDIT_WATCH_ENDED: take_watched(w, leaf); break;
    case AUDIT_HELD_ENDED:
    case AUDIT_WATCH_REFUSED:
    case AUDIT_STREAM_REFUSED: take_refused(w, leaf); break;
    case AUDIT_INCIDENT_OPENED: take_opened(w, leaf); break;
    case AUDIT_INCIDENT_CHANGED:
    case AUDIT_INCIDENT_ENDED: take_incident(w, leaf); break;
    case AUDIT_ACT: take_act(w, leaf); break;
    case AUDIT_REVIEW_OVERDUE: take_overdue(w, leaf); break;
    default: break;
    }
}
