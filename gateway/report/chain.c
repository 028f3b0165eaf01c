#include "report/chain.h"

#include "base/arena.h"
#include "base/mem.h"

struct chain *chain_new(uint64_t record)
{
    struct chain *c = mem_new(sizeof *c);
    *c = (struct chain){.arena = arena_new(SIZE_MAX), .record = record};
    c->last_provision = &c->provision;
    c->last_link = &c->link;
    return c;
}

void chain_free(struct chain *c)
{
    if (c == NULL)
        return;
    arena_free(c->arena);
    mem_free(c);
}

bool chain_is_root(const struct leaf *leaf)
{
    return leaf->event == AUDIT_RECEIVED || leaf->event == AUDIT_STREAM_OPENED ||
           leaf->event == AUDIT_STREAM_REFUSED;
}

enum chain_state chain_state(const struct chain *c)
{
    if (!c->is_there)
        return CHAIN_ABSENT;
    for (size_t i = 0; i < c->scopes; i++)
        if (c->scope[i].destroyed == 0)
            return CHAIN_STORED;
    return c->scopes == 0 ? CHAIN_UNSTORED : CHAIN_DESTROYED;
}

/* ---- what leaves say */

static void keep_link(struct chain *c, const struct leaf *leaf)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    if (c->links == CHAIN_LINKS_MAX || leaf_write(leaf, &entry) != RESULT_OK) {
        c->is_full = true;
    } else {
        struct chain_link *l = arena_take(c->arena, sizeof *l);
        *l = (struct chain_link){.index = leaf->index,
                                 .entry = arena_copy(c->arena, buf_view(&entry))};
        *c->last_link = l;
        c->last_link = &l->next;
        c->links++;
    }
    buf_free(&entry);
}

static void add_scope(struct chain *c, struct bytes number)
{
    for (size_t i = 0; i < c->scopes; i++)
        if (bytes_equal(c->scope[i].number, number))
            return;
    if (c->scopes == CHAIN_SCOPES_MAX)
        c->is_full = true;
    else
        c->scope[c->scopes++].number = arena_copy(c->arena, number);
}

/* "scopes=7,9", of the copies that were sealed when it came. */
static bool take_root(struct chain *c, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, list;
    c->is_there = true;
    if (leaf->incidents > 0)
        c->incident = arena_copy(c->arena, leaf->incident[0]);
    if (!leaf_detail(&detail, "scopes", &list))
        return true;
    while (list.n > 0) {
        const uint8_t *comma = memchr(list.p, ',', list.n);
        size_t n = comma == NULL ? list.n : (size_t)(comma - list.p);
        add_scope(c, bytes_of(list.p, n));
        n += comma != NULL;
        list = bytes_of(list.p + n, list.n - n);
    }
    return true;
}

static bool take_destroyed(struct chain *c, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, word;
    bool belongs = false;
    while (leaf_detail(&detail, "scope", &word))
        for (size_t i = 0; i < c->scopes; i++) {
            struct chain_scope *s = &c->scope[i];
            struct bytes rest = leaf->detail, value;
            if (!bytes_equal(s->number, word) || s->destroyed != 0)
                continue;
            belongs = true;
            s->destroyed = leaf->index;
            s->destroyed_us = leaf->time_us;
            if (leaf_detail(&rest, "cause", &value))
                s->cause = arena_copy(c->arena, value);
            rest = leaf->detail;
            if (leaf_detail(&rest, "method", &value))
                s->method = arena_copy(c->arena, value);
            rest = leaf->detail;
            if (leaf_detail(&rest, "level", &value))
                s->level = arena_copy(c->arena, value);
            rest = leaf->detail;
            s->edge_unconfirmed =
                leaf_detail(&rest, "edge", &value) && bytes_is(value, "unconfirmed");
        }
    return belongs;
}

static bool take_provision(struct chain *c, const struct leaf *leaf)
{
    if (leaf->recipients != 1)
        return true;
    const struct leaf_recipient *to = &leaf->recipient[0];
    struct bytes detail = leaf->detail, scope;
    struct chain_provision *p = arena_take(c->arena, sizeof *p);
    *p = (struct chain_provision){.unit = arena_copy(c->arena, to->unit),
                                  .clause = arena_copy(c->arena, to->clause),
                                  .index = leaf->index,
                                  .policy = leaf->policy,
                                  .time_us = leaf->time_us,
                                  .destroy_by_us = to->deadline_us,
                                  .event = leaf->event};
    *c->last_provision = p;
    c->last_provision = &p->next;
    if (leaf_detail(&detail, "scope", &scope))
        add_scope(c, scope);
    return true;
}

static void take_over(const struct chain *c, const struct leaf *leaf)
{
    for (struct chain_provision *p = c->provision; p != NULL; p = p->next)
        if (p->taken == 0 && leaf->recipients == 1 &&
            bytes_equal(p->unit, leaf->recipient[0].unit)) {
            p->taken = leaf->index;
            p->taken_us = leaf->time_us;
        }
}

/* Whether "received=12,15-18" or "items=..." names an entry. */
static bool names(const struct leaf *leaf, const char *word, uint64_t index)
{
    struct bytes detail = leaf->detail, ranges;
    uint64_t from, to;
    if (!leaf_detail(&detail, word, &ranges))
        return false;
    while (leaf_range(&ranges, &from, &to))
        if (from <= index && index <= to)
            return true;
    return false;
}

static bool take_settled(struct chain *c, const struct leaf *leaf)
{
    if (!(leaf->has_refers && leaf->refers == c->record) && !names(leaf, "received", c->record))
        return false;
    take_over(c, leaf);
    return true;
}

static struct chain_provision *provision_at(const struct chain *c, uint64_t index)
{
    struct chain_provision *p = c->provision;
    while (p != NULL && p->index != index)
        p = p->next;
    return p;
}

static bool take_watch(struct chain *c, const struct leaf *leaf)
{
    struct chain_provision *p = leaf->has_refers ? provision_at(c, leaf->refers) : NULL;
    if (p != NULL && leaf->event == AUDIT_WATCH_ENDED) {
        p->taken = leaf->index;
        p->taken_us = leaf->time_us;
    }
    return p != NULL;
}

/* ---- what recipients owe */

/* An order, or what became of it, is about the provisions that it lists; nobody answers for another
 * unit. */
static bool take_owed(const struct chain *c, const struct leaf *leaf)
{
    bool belongs = false;
    for (struct chain_provision *p = c->provision; p != NULL; p = p->next) {
        if (!names(leaf, "items", p->index) || leaf->recipients != 1 ||
            !bytes_equal(p->unit, leaf->recipient[0].unit))
            continue;
        belongs = true;
        owed_take_leaf(&p->owed, leaf, c->arena);
    }
    return belongs;
}

/* Its recipient makes as many of them as it likes, and must not crowd out what became of it. */
static bool take_vault(struct chain *c, const struct leaf *leaf)
{
    if (!leaf->has_refers || provision_at(c, leaf->refers) == NULL)
        return false;
    c->is_cut = c->is_cut || c->openings == CHAIN_OPENINGS_MAX;
    c->openings += !c->is_cut;
    return !c->is_cut;
}

/* The end of the incident that ends the record, or that it was opened again: as long as there is
 * something to end. */
static bool take_incident(const struct chain *c, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, step;
    if (chain_state(c) != CHAIN_STORED || leaf->incidents == 0 ||
        !bytes_equal(leaf->incident[0], c->incident))
        return false;
    return leaf->event == AUDIT_INCIDENT_ENDED ||
           (leaf_detail(&detail, "step", &step) && bytes_is(step, "reopen"));
}

static bool belongs(struct chain *c, const struct leaf *leaf)
{
    bool about = leaf->has_refers && leaf->refers == c->record;
    switch (leaf->event) {
    case AUDIT_RELEASED:
    case AUDIT_WATCH_OPENED: return about && take_provision(c, leaf);
    case AUDIT_ACKNOWLEDGED:
    case AUDIT_SET_ASIDE: return take_settled(c, leaf);
    case AUDIT_DESTROYED: return take_destroyed(c, leaf);
    case AUDIT_WATCH_SUMMARY:
    case AUDIT_WATCH_ENDED: return take_watch(c, leaf);
    case AUDIT_INCIDENT_ENDED:
    case AUDIT_INCIDENT_CHANGED: return take_incident(c, leaf);
    case AUDIT_ORDERED:
    case AUDIT_RECIPIENT_DESTROYED:
    case AUDIT_NEVER_STORED:
    case AUDIT_RETAINED:
    case AUDIT_RECEIPT_OVERDUE: return take_owed(c, leaf);
    case AUDIT_VAULT_STORED:
    case AUDIT_OPENED:
    case AUDIT_OPENING_REFUSED: return take_vault(c, leaf);
    case AUDIT_WITHHELD:
    case AUDIT_EXPIRED:
    case AUDIT_SUPERSEDED:
    case AUDIT_STREAM_ENDED:
    case AUDIT_WATCH_REFUSED:
    case AUDIT_ATTENDED:
    case AUDIT_ESCALATED:
    case AUDIT_ACT:
    case AUDIT_HELD_RELEASED:
    case AUDIT_HELD_ENDED:
    case AUDIT_REVIEW_OVERDUE: return about;
    default: return false;
    }
}

bool chain_take(struct chain *c, const struct leaf *leaf)
{
    bool taken = leaf->index == c->record ? chain_is_root(leaf) && take_root(c, leaf)
                                          : c->is_there && belongs(c, leaf);
    if (taken)
        keep_link(c, leaf);
    return taken;
}
