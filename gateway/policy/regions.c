/* A region of vocabulary.yaml: its names, and where it lies. */
#include "policy/builder.h"

#include <stdio.h>

enum { CORNERS_MIN = 3, CORNERS_MAX = 64 };

struct region {
    struct compilation *c;
    struct row_region row;
    uint32_t en, ko;
};

static void read_en(struct reader *r, const struct node *n, void *target)
{
    struct region *g = target;
    source_title(r, n, "a region", &g->en);
}

static void read_ko(struct reader *r, const struct node *n, void *target)
{
    struct region *g = target;
    source_title(r, n, "a region", &g->ko);
}

static void read_corners(struct reader *r, const struct node *n, void *target)
{
    struct region *g = target;
    char most[16];
    if (!read_is_list(r, n, "corners"))
        return;
    (void)snprintf(most, sizeof most, "%d", CORNERS_MAX);
    if (node_count(n) < CORNERS_MIN)
        read_fail(r, n, DIAGNOSE_TOO_FEW_CORNERS, NULL, NULL, NULL);
    if (node_count(n) > CORNERS_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "corners", most, NULL);
    g->row.corner_first = (uint32_t)builder_count(g->c, SECTION_CORNERS);
    for (size_t i = 0; i < node_count(n) && i < CORNERS_MAX; i++) {
        struct point corner = {0, 0};
        source_place(r, node_item(n, i), "a corner", &corner);
        *(struct point *)builder_add(g->c, SECTION_CORNERS) = corner;
        g->row.corners++;
    }
}

void compile_region(struct reader *r, const struct node *n, uint32_t *en, uint32_t *ko)
{
    static const struct read_key keys[] = {
        {"en", true, read_en}, {"ko", true, read_ko}, {"corners", false, read_corners}};
    struct compilation *c = COMPILATION_OF(r);
    struct region g = {.c = c};
    if (node_type(n) == NODE_TEXT)
        source_both(r, n, "a region", &g.en, &g.ko);
    else
        (void)read_map(r, n, "a region", keys, ARRAY_LEN(keys), &g);
    *en = g.en;
    *ko = g.ko;
    *(struct row_region *)builder_add(c, SECTION_REGIONS) = g.row;
}
