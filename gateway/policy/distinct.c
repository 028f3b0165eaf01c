/*
 * Each condition once. Thousands of grants ask the same few things ("incident.state: open"): a
 * decision reads them here, where they stay in the processor's caches, and never at the grant,
 * where each would have to be fetched from memory.
 */
#include "policy/builder.h"

#include "base/mem.h"

#include <stdlib.h>

/* A condition of a grant, without its line. */
struct copy {
    struct row_condition condition;
    uint32_t row; /* in SECTION_CONDITIONS */
};

/* Rows have no holes, and their padding is zero: equal bytes, equal meaning. */
static struct bytes bytes_in(const struct copy *c)
{
    return bytes_of((const uint8_t *)&c->condition, sizeof c->condition);
}

static int by_meaning(const void *a, const void *b)
{
    const struct copy *x = a, *y = b;
    const int order = bytes_compare(bytes_in(x), bytes_in(y));
    if (order != 0)
        return order;
    return x->row < y->row ? -1 : x->row > y->row;
}

static struct copy *copies(const struct compilation *c, size_t count)
{
    struct copy *all = mem_new_array(count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        memcpy(&all[i].condition, builder_row(c, SECTION_CONDITIONS, i), sizeof all[i].condition);
        all[i].condition.line = 0;
        all[i].row = (uint32_t)i;
    }
    if (count > 0)
        qsort(all, count, sizeof *all, by_meaning);
    return all;
}

/* Appends the distinct ones; which of them each condition is. */
static uint32_t *number(struct compilation *c, const struct copy *all, size_t count)
{
    uint32_t *distinct = mem_new_array(count + 1, sizeof *distinct);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !bytes_equal(bytes_in(&all[i]), bytes_in(&all[i - 1])))
            memcpy(builder_add(c, SECTION_DISTINCT), &all[i].condition, sizeof all[i].condition);
        distinct[all[i].row] = (uint32_t)builder_count(c, SECTION_DISTINCT) - 1;
    }
    return distinct;
}

void link_conditions(struct compilation *c)
{
    const size_t count = builder_count(c, SECTION_CONDITIONS);
    struct copy *all = copies(c, count);
    uint32_t *distinct = number(c, all, count);
    for (size_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        builder_list(c, distinct + g->condition_first, g->conditions, g->judged, GRANT_JUDGED);
    }
    mem_free(distinct);
    mem_free(all);
}
