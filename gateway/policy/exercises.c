/* inventory/exercises.yaml: when EXERCISE messages may pass, and between which units. */
#include "policy/clause.h"

struct window {
    struct row_window row;
    uint32_t unit[POLICY_REACH_MAX];
};

static void read_window_name(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = COMPILATION_OF(r);
    struct bytes word;
    if (!read_word(r, n, "an exercise", &word))
        return;
    if (names_find(c, names_of(c, SECTION_WINDOWS), word) != ROW_NONE) {
        const struct node *root = source_root(c, "inventory/exercises.yaml");
        read_fail(r, n, DIAGNOSE_DEFINED_TWICE, node_c(n), "exercise", "this file");
        read_also(r, source_first(node_member(root, "exercises"), "exercise", word));
    }
    ((struct window *)target)->row.name = builder_text(c, word);
}

static void read_from(struct reader *r, const struct node *n, void *target)
{
    (void)read_time(r, n, "from", &((struct window *)target)->row.from_us);
}

static void read_until(struct reader *r, const struct node *n, void *target)
{
    struct window *w = target;
    if (source_end(r, n, "until", &w->row.until_us) && w->row.until_us <= w->row.from_us)
        read_fail(r, n, DIAGNOSE_ENDS_BEFORE_IT_BEGINS, NULL, NULL, NULL);
}

static void read_window_units(struct reader *r, const struct node *n, void *target)
{
    struct window *w = target;
    w->row.units = source_units(r, n, "units", w->unit);
}

static void read_windows(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"exercise", true, read_window_name},
                                           {"from", true, read_from},
                                           {"until", true, read_until},
                                           {"units", true, read_window_units}};
    struct compilation *c = COMPILATION_OF(r);
    (void)target;
    if (!read_is_list(r, n, "exercises"))
        return;
    for (size_t i = 0; i < node_count(n); i++) {
        struct window w = {0};
        (void)read_map(r, node_item(n, i), "an exercise", keys, ARRAY_LEN(keys), &w);
        w.row.unit_first = builder_numbers(c, w.unit, w.row.units);
        *(struct row_window *)builder_add(c, SECTION_WINDOWS) = w.row;
    }
}

void compile_exercises(struct compilation *c)
{
    static const struct read_key keys[] = {{"exercises", true, read_windows}};
    const struct node *root = source_document(c, "inventory/exercises.yaml");
    if (root != NULL)
        (void)read_map(&c->reader, root, "inventory/exercises.yaml", keys, ARRAY_LEN(keys), NULL);
}
