#include "report/world_take.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

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

static struct bytes claim_key(const void *item)
{
    return ((const struct world_claim *)item)->number;
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
                        .claims = map_new(claim_key),
                        .facts = facts,
                        .from_us = from_us,
                        .until_us = until_us};
    w->last_message = &w->message;
    w->last_provision = &w->provision;
    w->last_incident = &w->incident;
    w->last_use = &w->use;
    w->last_claim = &w->claim;
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
    map_free(w->claims);
    arena_free(w->arena);
    mem_free(w);
}

struct bytes world_word(struct world *w, struct bytes text)
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

struct world_message *world_message(const struct world *w, uint64_t index)
{
    return map_get(w->messages, world_key(&index));
}

struct world_provision *world_provision(const struct world *w, uint64_t index)
{
    return map_get(w->provisions, world_key(&index));
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
                                .source = world_word(w, leaf->source),
                                .kind = world_word(w, leaf->kind),
                                .service = world_word(w, leaf->service),
                                .purpose = world_word(w, leaf->purpose),
                                .basis = world_word(w, leaf->basis),
                                .status = world_word(w, leaf->status)};
    if (leaf->incidents > 0)
        m->incident = world_word(w, leaf->incident[0]);
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

bool world_is_real(struct bytes status)
{
    return !bytes_is(status, "exercise") && !bytes_is(status, "test");
}

static void count_refusal(struct world *w, const struct leaf *leaf, struct bytes reason)
{
    if (leaf->time_us < w->from_us || leaf->time_us >= w->until_us || !world_is_real(leaf->status))
        return;
    struct world_refusal *r = w->refusal;
    while (r != NULL &&
           (!bytes_equal(r->reason, reason) || !bytes_equal(r->service, leaf->service)))
        r = r->next;
    if (r == NULL) {
        r = arena_take(w->arena, sizeof *r);
        *r = (struct world_refusal){.reason = world_word(w, reason),
                                    .service = world_word(w, leaf->service),
                                    .next = w->refusal};
        w->refusal = r;
    }
    r->count++;
    r->last = leaf->index;
}

static void add_use(struct world *w, uint64_t index, const struct leaf *leaf,
                    const struct leaf_recipient *r)
{
    if (map_get(w->uses, world_key(&index)) != NULL)
        return;
    struct world_use *u = arena_take(w->arena, sizeof *u);
    *u = (struct world_use){.index = index,
                            .time_us = leaf->time_us,
                            .source = world_word(w, leaf->source),
                            .unit = world_word(w, r->unit),
                            .kind = world_word(w, leaf->kind),
                            .service = world_word(w, leaf->service),
                            .clause = world_word(w, r->clause),
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
                                  .unit = world_word(w, leaf->recipient[0].unit),
                                  .clause = world_word(w, leaf->recipient[0].clause),
                                  .reason = world_word(w, leaf->recipient[0].reason),
                                  .flags = world_word(w, leaf->recipient[0].flags),
                                  .scope = world_word(w, scope),
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
    struct world_notice *n = map_get(w->notices, world_key(&p->of->index));
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

/* ---- */

static void look_at_fact(struct world *w, const struct leaf *leaf, struct fact *f)
{
    enum fact_state s = facts_of(w->facts, leaf, f);
    w->sealed += s == FACT_SEALED && world_is_real(leaf->status);
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
    case AUDIT_ACKNOWLEDGED: world_take_acknowledged(w, leaf); break;
    case AUDIT_DESTROYED: world_take_destroyed(w, leaf); break;
    case AUDIT_ORDERED:
    case AUDIT_RECIPIENT_DESTROYED:
    case AUDIT_NEVER_STORED:
    case AUDIT_RETAINED:
    case AUDIT_RECEIPT_OVERDUE: world_take_owed(w, leaf); break;
    case AUDIT_STREAM_OPENED: take_stream(w, leaf); break;
    case AUDIT_WATCH_OPENED: take_watch(w, leaf); break;
    case AUDIT_WATCH_SUMMARY:
    case AUDIT_WATCH_ENDED: take_watched(w, leaf); break;
    case AUDIT_HELD_ENDED:
    case AUDIT_WATCH_REFUSED:
    case AUDIT_STREAM_REFUSED: take_refused(w, leaf); break;
    case AUDIT_INCIDENT_OPENED: world_take_opened(w, leaf); break;
    case AUDIT_INCIDENT_CHANGED:
    case AUDIT_INCIDENT_ENDED: world_take_incident(w, leaf); break;
    case AUDIT_ACT: world_take_act(w, leaf); break;
    case AUDIT_REVIEW_OVERDUE: world_take_overdue(w, leaf); break;
    case AUDIT_REQUEST_OVERDUE: world_take_late_claim(w, leaf); break;
    default: break;
    }
}
