#include "console/narrow.h"

#include "base/mem.h"

#include <stdlib.h>

/* Ascending, each once. */
struct indexes {
    uint64_t *at;
    size_t n, room;
};

struct narrow {
    struct search *search;
    uint64_t begun;            /* of the index: one begun anew has not all */
    struct indexes all, fresh; /* settled; of them the newest */
    struct indexes added;      /* in no order */
};

struct narrow *narrow_new(struct search *s)
{
    struct narrow *n = mem_new(sizeof *n);
    n->search = s;
    n->begun = search_begun(s);
    return n;
}

void narrow_free(struct narrow *n)
{
    if (n == NULL)
        return;
    mem_free(n->all.at);
    mem_free(n->fresh.at);
    mem_free(n->added.at);
    mem_free(n);
}

static void put(struct indexes *x, uint64_t index)
{
    if (x->n == x->room) {
        x->at = mem_grow_array(x->at, x->room, 2 * x->room + 256, sizeof *x->at);
        x->room = 2 * x->room + 256;
    }
    x->at[x->n++] = index;
}

static bool add(struct narrow *n, uint64_t index)
{
    put(&n->added, index);
    return n->all.n + n->added.n <= NARROW_MAX;
}

bool narrow_add(struct narrow *n, enum search_field field, struct bytes value,
                enum audit_event event)
{
    uint64_t found[SEARCH_PAGE_MAX], reached = 0;
    size_t count;
    bool more = true, good = search_begun(n->search) == n->begun;
    struct search_query q = {.term = {{field, value}},
                             .terms = 1,
                             .from_us = INT64_MIN,
                             .until_us = INT64_MAX,
                             .before = UINT64_MAX,
                             .oldest_first = true,
                             .reached = &reached};
    if (event != AUDIT_EVENT_COUNT)
        q.term[q.terms++] =
            (struct search_term){SEARCH_EVENT, bytes_of_text(audit_event_word(event))};
    for (size_t looks = 0; good && more && looks < NARROW_MAX / SEARCH_PAGE_MAX; looks++) {
        good = search_find(n->search, &q, found, SEARCH_PAGE_MAX, &count, &more) == RESULT_OK;
        for (size_t i = 0; good && i < count; i++)
            good = add(n, found[i]);
        q.after = reached;
    }
    return good && !more;
}

bool narrow_look(struct narrow *n, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, scope;
    bool good = !leaf->has_refers || leaf->refers >= leaf->index || add(n, leaf->refers);
    if (leaf->event == AUDIT_RELEASED && leaf_detail(&detail, "scope", &scope))
        good = good && narrow_add(n, SEARCH_SCOPE, scope, AUDIT_DESTROYED);
    return good;
}

/* ---- settling */

static int by_index(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool has(const struct indexes *x, uint64_t index)
{
    return x->n > 0 && bsearch(&index, x->at, x->n, sizeof *x->at, by_index) != NULL;
}

size_t narrow_settle(struct narrow *n, const uint64_t **fresh)
{
    struct indexes *added = &n->added;
    n->fresh.n = 0;
    if (added->n > 0)
        qsort(added->at, added->n, sizeof *added->at, by_index);
    for (size_t i = 0; i < added->n; i++)
        if ((i == 0 || added->at[i] != added->at[i - 1]) && !has(&n->all, added->at[i]))
            put(&n->fresh, added->at[i]);
    added->n = 0;
    for (size_t i = 0; i < n->fresh.n; i++)
        put(&n->all, n->fresh.at[i]);
    if (n->fresh.n > 0)
        qsort(n->all.at, n->all.n, sizeof *n->all.at, by_index);
    *fresh = n->fresh.at;
    return n->fresh.n;
}

size_t narrow_all(const struct narrow *n, const uint64_t **all)
{
    *all = n->all.at;
    return n->all.n;
}
