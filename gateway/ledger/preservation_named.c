/* What has the name that a hold or an order to destroy says. */
#include "ledger/preservation.h"

#include "base/mem.h"

#include <stdio.h>

/* ---- the name */

static const char incident_word[] = "incident ", record_word[] = "record ", scope_word[] = "scope ";

static struct bytes behind(struct bytes subject, const char *word)
{
    return bytes_of(subject.p + strlen(word), subject.n - strlen(word));
}

struct bytes preservation_incident(const struct preservation *p)
{
    const struct bytes subject = bytes_of_text(p->key + 1);
    return bytes_begins(subject, incident_word) ? behind(subject, incident_word)
                                                : bytes_of(NULL, 0);
}

uint64_t preservation_record(const struct preservation *p)
{
    const struct bytes subject = bytes_of_text(p->key + 1);
    struct bytes rest =
        bytes_begins(subject, record_word) ? behind(subject, record_word) : bytes_of(NULL, 0);
    uint64_t record;
    return rest.n > 0 && act_take_number(&rest, UINT64_MAX / 2, &record) ? record : 0;
}

void preservation_named_free(struct preservation_named *n)
{
    mem_free(n->scope);
    mem_free(n->group);
}

static void own(struct preservation_named *n, struct bytes unit)
{
    struct bytes party;
    if (n->owner[0] == '\0' && ident_split_unit(unit, &party, NULL))
        memcpy(n->owner, party.p, party.n);
}

static void own_incident(struct preservation_named *n, struct bytes incident)
{
    struct bytes unit;
    if (ident_split_incident(incident, &unit, NULL))
        own(n, unit);
}

/* The groups of the incident; or those with what was under the same keys, or was released there. */
static void find_groups(const struct ledger *l, struct preservation_named *n, struct bytes incident,
                        uint64_t record)
{
    const struct preservation_about about = {
        .incident = incident, .record = record, .scope = n->scope, .scopes = n->scopes};
    const struct ledger_owed *g;
    size_t at;
    n->group = mem_new_array(map_count(l->owing->groups) + 1, sizeof *n->group);
    MAP_FOREACH (g, l->owing->groups, at)
        if (preservation_covers(l, &about, g))
            n->group[n->groups++] = g->id;
}

static void add_scope(const struct ledger *l, struct preservation_named *n, uint64_t id)
{
    const struct spool_scope *x = spool_scopes_get(l->scopes, id);
    if (x == NULL || x->dying || x->starts == SPOOL_REGISTER)
        return;
    n->scope[n->scopes++] = id;
    own_incident(n, bytes_of_text(x->incident));
}

static void find_incident(const struct ledger *l, struct bytes incident,
                          struct preservation_named *n)
{
    const struct spool_scope *x = spool_scopes_of(l->scopes, SPOOL_OF_INCIDENT, incident);
    n->scope = mem_new_array(spool_scopes_count(l->scopes) + 1, sizeof *n->scope);
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_INCIDENT))
        add_scope(l, n, x->slot.id);
    own_incident(n, incident);
    find_groups(l, n, incident, 0);
}

/* "scopes=1,2" of a leaf "received", "scope=1 ..." of a leaf "released". */
static void scopes_in(const struct ledger *l, struct bytes detail, struct preservation_named *n)
{
    static const char many[] = "scopes=", one[] = "scope=";
    uint64_t id;
    if (bytes_begins(detail, many))
        detail = behind(detail, many);
    else if (bytes_begins(detail, one))
        detail = behind(detail, one);
    else
        return;
    while (n->scopes < ROAD_BODIES_MAX && act_take_number(&detail, UINT64_MAX / 2, &id)) {
        add_scope(l, n, id);
        if (detail.n == 0 || detail.p[0] != ',')
            return;
        detail = bytes_of(detail.p + 1, detail.n - 1);
    }
}

/* What the log says of the record; nothing when it is no message's, or was let go. */
static void find_record(struct ledger *l, uint64_t index, struct preservation_named *n)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf_room *room = NULL;
    struct leaf leaf;
    if (tiles_entry(l->tiles, index, &entry) == RESULT_OK &&
        leaf_read(buf_view(&entry), &leaf, &room) == RESULT_OK &&
        (leaf.event == AUDIT_RECEIVED || leaf.event == AUDIT_RELEASED ||
         leaf.event == AUDIT_WATCH_OPENED)) {
        own(n, leaf.source);
        scopes_in(l, leaf.detail, n);
        find_groups(l, n, bytes_of(NULL, 0), index);
    }
    leaf_room_free(room);
    buf_free(&entry);
}

void preservation_find(struct ledger *l, struct bytes subject, struct preservation_named *n)
{
    uint64_t number;
    *n = (struct preservation_named){0};
    if (bytes_begins(subject, incident_word)) {
        find_incident(l, behind(subject, incident_word), n);
        return;
    }
    const bool record = bytes_begins(subject, record_word);
    if (!record && !bytes_begins(subject, scope_word))
        return;
    struct bytes rest = behind(subject, record ? record_word : scope_word);
    if (!act_take_number(&rest, UINT64_MAX / 2, &number) || rest.n > 0)
        return;
    n->scope = mem_new_array(ROAD_BODIES_MAX, sizeof *n->scope);
    if (record) {
        find_record(l, number, n);
        return;
    }
    add_scope(l, n, number);
    find_groups(l, n, bytes_of(NULL, 0), 0);
}

size_t preservation_count_kept(const struct ledger *l, const struct preservation_named *n)
{
    size_t count = 0;
    for (size_t i = 0; i < n->scopes; i++)
        count += spool_scopes_get(l->scopes, n->scope[i])->preserved > 0;
    for (size_t i = 0; i < n->groups; i++)
        count += spool_scopes_get(l->owing->clocks, n->group[i])->preserved > 0;
    return count;
}

/* ---- measuring */

static enum result count_deliveries(struct ledger *l, const struct preservation_named *n,
                                    size_t *deliveries, struct map *units, int64_t *oldest_us,
                                    int64_t *newest_us)
{
    const struct delivery *d;
    for (size_t i = 0; i < n->scopes; i++)
        TAILQ_FOREACH (d, &spool_scopes_get(l->scopes, n->scope[i])->deliveries, of_scope) {
            struct road_commit c;
            TRY(ledger_recall(l, d->stored->place, &c));
            ++*deliveries;
            const struct bytes unit = c.recipient[d->recipient].unit;
            if (map_get(units, unit) == NULL)
                (void)map_add(units, mem_text(unit.p, unit.n));
            if (*oldest_us == 0 || d->stored->at_us < *oldest_us)
                *oldest_us = d->stored->at_us;
            if (d->stored->at_us > *newest_us)
                *newest_us = d->stored->at_us;
        }
    return RESULT_OK;
}

static struct bytes text_of(const void *item)
{
    return bytes_of_text(item);
}

enum control_code preservation_measure(struct ledger *l, struct bytes subject, struct buf *out,
                                       int64_t *oldest_us, int64_t *newest_us)
{
    struct preservation_named n;
    struct map *units = map_new(text_of);
    size_t deliveries = 0, owed = 0, at;
    char *unit;
    *oldest_us = *newest_us = 0;
    preservation_find(l, subject, &n);
    const enum result r = count_deliveries(l, &n, &deliveries, units, oldest_us, newest_us);
    for (size_t i = 0; i < n.groups; i++) {
        const struct ledger_owed *g =
            map_get(l->owing->groups, bytes_of(&n.group[i], sizeof n.group[i]));
        owed += g->items - g->ordered;
    }
    buf_printf(out, "scopes=%zu deliveries=%zu recipients=%zu owed=%zu preserved=%zu", n.scopes,
               deliveries, map_count(units), owed, preservation_count_kept(l, &n));
    const bool is_any = n.scopes + n.groups > 0;
    MAP_FOREACH (unit, units, at)
        mem_free(unit);
    map_free(units);
    preservation_named_free(&n);
    return r == RESULT_OK && is_any ? CONTROL_CODE_DONE : CONTROL_CODE_NOT_STORED;
}
