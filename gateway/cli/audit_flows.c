/* What became of every message: the leaves of a log, brought together around each "received". */
#include "cli/audit_flows.h"

#include "cli/audit_log.h"

enum { RANGE_MOST = 65536, TEXT_MAX = 1 << 17 };

static struct bytes index_of(const void *item)
{
    const struct flow *f = item;
    return bytes_of(&f->index, sizeof f->index);
}

static struct bytes scope_of(const void *item)
{
    const struct erased *e = item;
    return e->scope;
}

/* ---- bringing together */

static struct flow *add_flow(struct flows *all, const struct leaf *leaf)
{
    struct flow *f = arena_take(all->arena, sizeof *f);
    *f = (struct flow){.index = leaf->index,
                       .time_us = leaf->time_us,
                       .event = leaf->event,
                       .kind = arena_copy(all->arena, leaf->kind),
                       .source = arena_copy(all->arena, leaf->source),
                       .detail = arena_copy(all->arena, leaf->detail)};
    f->last = &f->recipient;
    *all->last = f;
    all->last = &f->next;
    return f;
}

static struct recipient *add_recipient(struct flows *all, struct flow *f,
                                       const struct leaf_recipient *from)
{
    struct recipient *r = arena_take(all->arena, sizeof *r);
    *r = (struct recipient){.unit = arena_copy(all->arena, from->unit),
                            .reason = arena_copy(all->arena, from->reason),
                            .clause = arena_copy(all->arena, from->clause),
                            .failed = arena_copy(all->arena, from->failed),
                            .flags = arena_copy(all->arena, from->flags),
                            .deadline_us = from->deadline_us};
    *f->last = r;
    f->last = &r->next;
    return r;
}

/* What is for the gateway itself, such as an incident's opening, is taken at once. */
static enum outcome decided(struct bytes unit, struct bytes reason)
{
    if (reason.n == 0 || bytes_begins(reason, "permitted"))
        return bytes_is(unit, "gateway/self") ? TAKEN : WAITING;
    return bytes_is(reason, "approval-pending") || bytes_is(reason, "quarantined") ? HELD : REFUSED;
}

static void take_received(struct flows *all, const struct leaf *leaf)
{
    struct flow *f = add_flow(all, leaf);
    struct bytes detail = f->detail;
    (void)audit_detail(&detail, "scopes", &f->scopes);
    for (size_t i = 0; i < leaf->recipients; i++)
        add_recipient(all, f, &leaf->recipient[i])->outcome =
            decided(leaf->recipient[i].unit, leaf->recipient[i].reason);
    (void)map_add(all->by_index, f);
}

/* The row of a unit; a new one for the unit in reserve, whom "received" does not name. */
static struct recipient *recipient_of(struct flows *all, struct flow *f,
                                      const struct leaf_recipient *who)
{
    for (struct recipient *r = f->recipient; r != NULL; r = r->next)
        if (bytes_equal(r->unit, who->unit))
            return r;
    struct recipient *r = add_recipient(all, f, who);
    r->reserve = true;
    r->outcome = NOT_NEEDED;
    return r;
}

/* Nobody attended in time: from now on the unit in reserve waits for it as others do. */
static void take_escalated(struct flows *all, const struct leaf *leaf)
{
    struct flow *f = map_get(all->by_index, bytes_of(&leaf->refers, sizeof leaf->refers));
    for (size_t i = 0; f != NULL && leaf->has_refers && i < leaf->recipients; i++)
        recipient_of(all, f, &leaf->recipient[i])->outcome =
            decided(leaf->recipient[i].unit, leaf->recipient[i].reason);
}

/* Whether this step changes anything: it was not in the recipient's hands before, nor never to be;
 * and what ends while the unit in reserve was not asked for was not needed of it. */
static bool is_open(const struct recipient *r, enum outcome step)
{
    return step == RELEASED || r->outcome == WAITING || r->outcome == HELD ||
           (r->outcome == NOT_NEEDED && step != EXPIRED);
}

/* The second decision, or what came of waiting for it. */
static void take_step(struct flows *all, const struct leaf *leaf, enum outcome outcome)
{
    struct flow *f = map_get(all->by_index, bytes_of(&leaf->refers, sizeof leaf->refers));
    if (f == NULL || !leaf->has_refers)
        return;
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *said = &leaf->recipient[i];
        struct recipient *r = recipient_of(all, f, said);
        struct bytes detail = leaf->detail, scope;
        if (audit_detail(&detail, "scope", &scope))
            r->scope = arena_copy(all->arena, scope);
        if (!is_open(r, outcome))
            continue;
        r->outcome = outcome;
        r->reason = arena_copy(all->arena, said->reason);
        r->clause = arena_copy(all->arena, said->clause);
        r->failed = arena_copy(all->arena, said->failed);
        r->flags = arena_copy(all->arena, said->flags);
        if (said->deadline_us != 0)
            r->deadline_us = said->deadline_us;
    }
}

static void settle(struct flow *f, const struct leaf *leaf)
{
    const struct leaf_recipient *who = leaf->recipients == 0 ? NULL : &leaf->recipient[0];
    for (struct recipient *r = f->recipient; r != NULL; r = r->next) {
        if (who == NULL ? r->outcome != RELEASED : !bytes_equal(r->unit, who->unit))
            continue;
        if (leaf->event == AUDIT_SET_ASIDE)
            r->outcome = SET_ASIDE;
        r->acknowledged_us = leaf->time_us;
    }
}

/* "12,15-18" */
static void settle_ranges(struct flows *all, const struct leaf *leaf, struct bytes ranges)
{
    uint64_t from, to;
    size_t count = 0;
    while (leaf_range(&ranges, &from, &to))
        for (uint64_t i = from; i <= to && count < RANGE_MOST; i++, count++) {
            struct flow *f = map_get(all->by_index, bytes_of(&i, sizeof i));
            if (f != NULL)
                settle(f, leaf);
        }
}

static void take_settled(struct flows *all, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, ranges;
    if (audit_detail(&detail, "received", &ranges)) {
        settle_ranges(all, leaf, ranges);
    } else if (leaf->has_refers) {
        struct flow *f = map_get(all->by_index, bytes_of(&leaf->refers, sizeof leaf->refers));
        if (f != NULL)
            settle(f, leaf);
    }
}

static void take_destroyed(struct flows *all, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, scope;
    while (audit_detail(&detail, "scope", &scope)) {
        struct erased *e = arena_take(all->arena, sizeof *e);
        *e = (struct erased){arena_copy(all->arena, scope), leaf->time_us};
        (void)map_add(all->by_scope, e);
    }
}

static void take_stream(struct flows *all, const struct leaf *leaf)
{
    struct flow *f = add_flow(all, leaf);
    for (size_t i = 0; i < leaf->recipients; i++)
        (void)add_recipient(all, f, &leaf->recipient[i]);
}

static void take_leaf(void *arg, const struct leaf *leaf)
{
    struct flows *all = arg;
    switch (leaf->event) {
    case AUDIT_RECEIVED: take_received(all, leaf); break;
    case AUDIT_RELEASED: take_step(all, leaf, RELEASED); break;
    case AUDIT_ESCALATED: take_escalated(all, leaf); break;
    case AUDIT_WITHHELD: take_step(all, leaf, WITHHELD); break;
    case AUDIT_EXPIRED: take_step(all, leaf, EXPIRED); break;
    case AUDIT_SUPERSEDED: take_step(all, leaf, SUPERSEDED); break;
    case AUDIT_HELD_RELEASED: take_step(all, leaf, WAITING); break;
    case AUDIT_HELD_ENDED: take_step(all, leaf, REFUSED); break;
    case AUDIT_ACKNOWLEDGED:
    case AUDIT_SET_ASIDE: take_settled(all, leaf); break;
    case AUDIT_DESTROYED: take_destroyed(all, leaf); break;
    case AUDIT_STREAM_OPENED:
    case AUDIT_STREAM_ENDED:
    case AUDIT_STREAM_REFUSED:
    case AUDIT_WATCH_OPENED:
    case AUDIT_WATCH_ENDED:
    case AUDIT_WATCH_REFUSED: take_stream(all, leaf); break;
    default: break;
    }
}

static int run(const char *path, bool korean)
{
    struct audit_log log;
    if (!audit_log_open(path, &log))
        return CLI_FAILED;
    struct flows all = {.korean = korean,
                        .arena = arena_new(SIZE_MAX),
                        .by_index = map_new(index_of),
                        .by_scope = map_new(scope_of),
                        .text = BUF_INIT(TEXT_MAX)};
    all.last = &all.first;
    bool read = audit_log_each(&log, take_leaf, &all);
    audit_flows_print(&all);
    buf_free(&all.text);
    map_free(all.by_index);
    map_free(all.by_scope);
    arena_free(all.arena);
    audit_log_close(&log);
    return read ? CLI_OK : CLI_FAILED;
}

int audit_flows_command(int argc, char **argv)
{
    const char *path = NULL, *language = NULL;
    const struct cli_option options[] = {{"log", &path, NULL}, {"lang", &language, NULL}, {0}};
    bool korean;
    int rest = cli_options(options, argc, argv);
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    if (rest != 0 || audit_log_needed(path) == NULL || !cli_language(language, &korean))
        return CLI_USAGE;
    return run(path, korean);
}
