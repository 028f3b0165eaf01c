#include "policy/universe.h"

#include "base/mem.h"

/* One table of a set that has names. */
struct named {
    const struct policy *p;
    size_t first, count;
    const char *(*name)(const struct policy *p, size_t row);
};

static const char *word_name(const struct policy *p, size_t row)
{
    return policy_text(p, p->words[row].name);
}

static const char *basis_name(const struct policy *p, size_t row)
{
    return policy_text(p, p->bases[row].code);
}

static const char *camera_name(const struct policy *p, size_t row)
{
    return policy_text(p, p->cameras[row].id);
}

static void add(struct knowns *k, const char *name, size_t a, size_t b)
{
    k->item[k->count++] = (struct known){name, {(uint32_t)a, (uint32_t)b}};
}

/* Both tables are sorted by name, as bytes. */
static void merge(struct knowns *k, const struct named *a, const struct named *b)
{
    size_t i = 0, j = 0;
    k->item = mem_new_array(a->count + b->count + 1, sizeof *k->item);
    while (i < a->count || j < b->count) {
        const char *x = i < a->count ? a->name(a->p, a->first + i) : NULL;
        const char *y = j < b->count ? b->name(b->p, b->first + j) : NULL;
        const int order = x == NULL ? 1 : y == NULL ? -1 : strcmp(x, y);
        add(k, order <= 0 ? x : y, order <= 0 ? i : ROW_NONE, order >= 0 ? j : ROW_NONE);
        i += order <= 0;
        j += order >= 0;
    }
}

/* The catalogue of laws stands in the order of its files. */
static void merge_bases(struct knowns *k, const struct policy *a, const struct policy *b)
{
    const size_t more = b == NULL ? 0 : b->bases_count;
    k->item = mem_new_array(a->bases_count + more + 1, sizeof *k->item);
    for (size_t i = 0; i < a->bases_count; i++) {
        const char *code = basis_name(a, i);
        const uint16_t there = b == NULL ? NO_WORD : policy_basis(b, bytes_of_text(code));
        add(k, code, i, there == NO_WORD ? ROW_NONE : there);
    }
    for (size_t i = 0; i < more; i++)
        if (policy_basis(a, bytes_of_text(basis_name(b, i))) == NO_WORD)
            add(k, basis_name(b, i), ROW_NONE, i);
}

struct point universe_camera_place(const struct universe *u, size_t camera, unsigned side)
{
    const struct known *k = &u->cameras.item[camera];
    const unsigned knows = k->row[side] == ROW_NONE ? 1 - side : side;
    const struct row_camera *c = &u->p[knows]->cameras[k->row[knows]];
    return (struct point){c->latitude, c->longitude};
}

/* To the last bit: both come from an inventory's own digits. */
static bool same_place(struct point a, struct point b)
{
    return !(a.latitude < b.latitude) && !(a.latitude > b.latitude) &&
           !(a.longitude < b.longitude) && !(a.longitude > b.longitude);
}

static struct camera_class class_of(const struct universe *u, size_t camera)
{
    struct camera_class c = {0};
    for (unsigned side = 0; side < u->sides; side++) {
        const uint32_t row = u->cameras.item[camera].row[side];
        if (row == ROW_NONE)
            continue;
        c.known[side] = true;
        c.kind[side] = u->p[side]->cameras[row].kind;
        c.purposes[side] = u->p[side]->cameras[row].purposes;
    }
    c.moved = !same_place(universe_camera_place(u, camera, 0), universe_camera_place(u, camera, 1));
    return c;
}

static bool same_class(const struct camera_class *a, const struct camera_class *b)
{
    for (unsigned side = 0; side < SIDES; side++)
        if (a->known[side] != b->known[side] || a->kind[side] != b->kind[side] ||
            a->purposes[side] != b->purposes[side])
            return false;
    return a->moved == b->moved;
}

/* There are few of them: kinds times combinations of purposes that occur. */
static void sort_into_classes(struct universe *u)
{
    size_t room = 16;
    u->class_of = mem_new_array(u->cameras.count + 1, sizeof *u->class_of);
    u->classes = mem_new_array(room, sizeof *u->classes);
    for (size_t i = 0; i < u->cameras.count; i++) {
        const struct camera_class c = class_of(u, i);
        size_t k = 0;
        while (k < u->classes_count && !same_class(&u->classes[k], &c))
            k++;
        if (k == room) {
            u->classes = mem_grow_array(u->classes, room, room * 2, sizeof *u->classes);
            room *= 2;
        }
        if (k == u->classes_count)
            u->classes[u->classes_count++] = c;
        u->class_of[i] = (uint32_t)k;
        u->moved = u->moved || c.moved;
    }
}

static struct named words_of(const struct policy *p, unsigned class)
{
    if (p == NULL)
        return (struct named){0};
    return (struct named){p, p->header->word_first[class], p->header->words_in[class], word_name};
}

static struct named cameras_of(const struct policy *p)
{
    return p == NULL ? (struct named){0} : (struct named){p, 0, p->cameras_count, camera_name};
}

void universe_init(struct universe *u, const struct policy *one, const struct policy *other,
                   int64_t now_us)
{
    *u = (struct universe){.p = {one, other}, .sides = other == NULL ? 1 : 2, .now_us = now_us};
    for (unsigned class = 0; class < WORD_CLASSES; class ++) {
        const struct named a = words_of(one, class), b = words_of(other, class);
        merge(&u->words[class], &a, &b);
    }
    const struct named a = cameras_of(one), b = cameras_of(other);
    merge(&u->cameras, &a, &b);
    merge_bases(&u->bases, one, other);
    sort_into_classes(u);
    u->shifted = other != NULL && !same_place(one->header->service_area.south_west,
                                              other->header->service_area.south_west);
}

void universe_free(struct universe *u)
{
    for (unsigned class = 0; class < WORD_CLASSES; class ++)
        mem_free(u->words[class].item);
    mem_free(u->bases.item);
    mem_free(u->cameras.item);
    mem_free(u->class_of);
    mem_free(u->classes);
}
