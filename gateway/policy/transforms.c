/* The transforms of a grant: a field's path, and what becomes of it. */
#include "policy/builder.h"

struct one_transform {
    const struct kind *kind;
    struct row_transform row;
    enum field_shape shape;
};

static bool is_place(enum field_shape shape)
{
    return shape == FIELD_POSITION || shape == FIELD_AREA;
}

static void read_keep(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "keep", 0, 100, &v))
        ((struct one_transform *)target)->row.keep = (uint32_t)v;
}

static void read_grid(struct reader *r, const struct node *n, void *target)
{
    (void)read_length(r, n, "grid", &((struct one_transform *)target)->row.grid_m);
}

static void read_within(struct reader *r, const struct node *n, void *target)
{
    (void)read_length(r, n, "within", &((struct one_transform *)target)->row.within_m);
}

static void read_mask(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"keep", true, read_keep}};
    ((struct one_transform *)target)->row.op = TRANSFORM_MASK;
    if (!bytes_is(node_text(n), "all"))
        (void)read_map(r, n, "mask (all, or keep)", keys, ARRAY_LEN(keys), target);
}

static void read_coarsen(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"grid", true, read_grid}};
    ((struct one_transform *)target)->row.op = TRANSFORM_COARSEN;
    (void)read_map(r, n, "coarsen", keys, ARRAY_LEN(keys), target);
}

static void read_to_cameras(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"grid", true, read_grid},
                                           {"within", true, read_within}};
    ((struct one_transform *)target)->row.op = TRANSFORM_TO_CAMERAS;
    (void)read_map(r, n, "to-cameras", keys, ARRAY_LEN(keys), target);
}

static void read_plain(struct reader *r, const struct node *n, struct one_transform *t)
{
    static const char *const words[] = {"drop", "pseudonymise"};
    unsigned chosen;
    if (read_choice(r, n, "transform", words, ARRAY_LEN(words), &chosen))
        t->row.op = chosen == 0 ? TRANSFORM_DROP : TRANSFORM_PSEUDONYM;
}

/* An operation that does not fit would drop the field at run time; the author meant something else.
 */
static bool fits(const struct one_transform *t)
{
    switch ((enum transform_op)t->row.op) {
    case TRANSFORM_DROP: return true;
    case TRANSFORM_MASK:
    case TRANSFORM_PSEUDONYM: return t->shape == FIELD_TEXT;
    case TRANSFORM_COARSEN: return is_place(t->shape);
    case TRANSFORM_TO_CAMERAS: return is_place(t->shape) && kind_names_cameras(t->kind);
    }
    return false;
}

/* drop, pseudonymise, or a map with the one key that names the operation. */
static void read_operation(struct reader *r, const struct node *n, struct one_transform *t)
{
    static const struct read_key keys[] = {{"mask", false, read_mask},
                                           {"coarsen", false, read_coarsen},
                                           {"to-cameras", false, read_to_cameras}};
    if (node_type(n) == NODE_TEXT)
        read_plain(r, n, t);
    else if (node_count(n) != 1)
        read_fail(r, n, DIAGNOSE_ONE_TRANSFORM, NULL, NULL, NULL);
    else
        (void)read_map(r, n, "a transform", keys, ARRAY_LEN(keys), t);
}

static void read_one(struct reader *r, const struct node *key, const struct node *value,
                     struct row_grant *grant)
{
    static const char *const op_words[] = {"drop", "mask", "coarsen", "pseudonymise", "to-cameras"};
    struct one_transform t = {.kind = kind_row((enum kind_id)grant->kind)};
    struct field_path path;
    const char *nearest = NULL;
    size_t before = diagnose_errors(r->d);
    if (field_path_resolve(t.kind, node_text(key), &path, &t.shape, &nearest) != RESULT_OK) {
        read_fail(r, key, DIAGNOSE_UNKNOWN_FIELD_PATH, node_c(key), t.kind->name, NULL);
        diagnose_hint(r->d, nearest, NULL);
        return;
    }
    memcpy(t.row.path, path.number, sizeof t.row.path);
    read_operation(r, value, &t);
    if (diagnose_errors(r->d) == before && !fits(&t))
        read_fail(r, key, DIAGNOSE_WRONG_TRANSFORM, op_words[t.row.op], node_c(key), NULL);
    *(struct row_transform *)builder_add(COMPILATION_OF(r), SECTION_TRANSFORMS) = t.row;
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
    if (node_count(n) == 0 || node_count(n) > TRANSFORMS_MAX) {
        read_fail(r, n, node_count(n) == 0 ? DIAGNOSE_EMPTY_LIST : DIAGNOSE_LIST_TOO_LONG,
                  "transform", "16", NULL);
        return;
    }
    for (size_t i = 0; i < node_count(n); i++)
        read_one(r, node_key(n, i), node_value(n, i), grant);
}

bool grant_keeps_positions(const struct compilation *c, const struct row_grant *grant)
{
    struct field_path removed[TRANSFORMS_MAX];
    size_t count = 0;
    if (grant->kind == KIND_VIDEO)
        return false;
    for (uint32_t i = 0; i < grant->transforms; i++) {
        const struct row_transform *t =
            builder_row(c, SECTION_TRANSFORMS, grant->transform_first + i);
        if (t->op == TRANSFORM_DROP || t->op == TRANSFORM_TO_CAMERAS)
            memcpy(removed[count++].number, t->path, sizeof t->path);
    }
    return kind_carries_position(kind_row((enum kind_id)grant->kind), removed, count);
}
