/* The transforms of a grant: a field's path, and what becomes of it. */
#include "policy/builder.h"

#include "base/limits.h"

#include <stdio.h>

struct transforms {
    struct compilation *c;
    struct row_grant *grant;
    struct row_transform row;
    enum field_shape shape;
};

static void refuse(struct reader *r, const struct node *n, const char *op)
{
    read_fail(r, n, DIAGNOSE_WRONG_TRANSFORM, op, node_c(n), NULL);
}

static void read_keep(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "keep", 0, 100, &v))
        ((struct transforms *)target)->row.keep = (uint32_t)v;
}

static void read_mask(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"keep", true, read_keep}};
    struct transforms *t = target;
    t->row.op = TRANSFORM_MASK;
    if (t->shape != FIELD_TEXT)
        refuse(r, n, "mask");
    if (node_type(n) == NODE_TEXT && bytes_is(node_text(n), "all"))
        return;
    (void)read_map(r, n, "mask", keys, ARRAY_LEN(keys), target);
}

static void read_grid(struct reader *r, const struct node *n, void *target)
{
    (void)read_length(r, n, "grid", &((struct transforms *)target)->row.grid_m);
}

static void read_within(struct reader *r, const struct node *n, void *target)
{
    (void)read_length(r, n, "within", &((struct transforms *)target)->row.within_m);
}

static void read_coarsen(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"grid", true, read_grid}};
    struct transforms *t = target;
    t->row.op = TRANSFORM_COARSEN;
    if (t->shape != FIELD_POSITION && t->shape != FIELD_AREA)
        refuse(r, n, "coarsen");
    (void)read_map(r, n, "coarsen", keys, ARRAY_LEN(keys), target);
}

static void read_to_cameras(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"grid", true, read_grid},
                                           {"within", true, read_within}};
    struct transforms *t = target;
    t->row.op = TRANSFORM_TO_CAMERAS;
    if (t->shape != FIELD_AREA)
        refuse(r, n, "to-cameras");
    (void)read_map(r, n, "to-cameras", keys, ARRAY_LEN(keys), target);
}

static void read_plain(struct reader *r, const struct node *n, struct transforms *t)
{
    static const char *const words[] = {"drop", "pseudonymise"};
    unsigned chosen;
    if (!read_choice(r, n, "transform", words, ARRAY_LEN(words), &chosen))
        return;
    t->row.op = chosen == 0 ? TRANSFORM_DROP : TRANSFORM_PSEUDONYM;
    if (chosen == 1 && t->shape != FIELD_TEXT)
        refuse(r, n, "pseudonymise");
}

static void read_one(struct reader *r, const struct node *key, const struct node *value,
                     struct row_grant *grant)
{
    static const struct read_key keys[] = {{"mask", false, read_mask},
                                           {"coarsen", false, read_coarsen},
                                           {"to-cameras", false, read_to_cameras}};
    struct compilation *c = COMPILATION_OF(r);
    struct transforms t = {.c = c, .grant = grant};
    struct field_path path;
    const char *nearest = NULL;
    if (field_path_resolve(kind_row((enum kind_id)grant->kind), node_text(key), &path, &t.shape,
                           &nearest) != RESULT_OK) {
        read_fail(r, key, DIAGNOSE_UNKNOWN_FIELD_PATH, node_c(key),
                  kind_text((enum kind_id)grant->kind), NULL);
        diagnose_hint(r->d, nearest, NULL);
        return;
    }
    memcpy(t.row.path, path.number, sizeof t.row.path);
    if (node_type(value) == NODE_TEXT)
        read_plain(r, value, &t);
    else
        (void)read_map(r, value, "a transform", keys, ARRAY_LEN(keys), &t);
    *(struct row_transform *)builder_add(c, SECTION_TRANSFORMS) = t.row;
    grant->transforms++;
}

void compile_transforms(struct reader *r, const struct node *n, struct row_grant *grant)
{
    struct compilation *c = COMPILATION_OF(r);
    grant->transform_first = (uint32_t)builder_count(c, SECTION_TRANSFORMS);
    if (grant->kind == KIND_VIDEO) {
        read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, "transform", "video", NULL);
        return;
    }
    if (!read_is_map(r, n, "transform"))
        return;
    for (size_t i = 0; i < node_count(n); i++)
        read_one(r, node_key(n, i), node_value(n, i), grant);
}

bool grant_keeps_positions(const struct compilation *c, const struct row_grant *grant)
{
    struct field_path removed[64];
    size_t count = 0;
    if (grant->kind == KIND_VIDEO)
        return false;
    for (uint32_t i = 0; i < grant->transforms && count < ARRAY_LEN(removed); i++) {
        const struct row_transform *t =
            builder_row(c, SECTION_TRANSFORMS, grant->transform_first + i);
        if (t->op == TRANSFORM_DROP || t->op == TRANSFORM_TO_CAMERAS)
            memcpy(removed[count++].number, t->path, sizeof t->path);
    }
    return kind_carries_position(kind_row((enum kind_id)grant->kind), removed, count);
}
