/* Names in policy files, and the rows that they name. */
#include "policy/clause.h"

#include "base/nearest.h"

static const size_t name_at[SECTION_COUNT] = {[SECTION_WORDS] = offsetof(struct row_word, name),
                                              [SECTION_BASES] = offsetof(struct row_basis, code),
                                              [SECTION_PARTIES] = offsetof(struct row_party, name),
                                              [SECTION_UNITS] = offsetof(struct row_unit, name),
                                              [SECTION_CAMERAS] = offsetof(struct row_camera, id),
                                              [SECTION_WINDOWS] = offsetof(struct row_window, name),
                                              [SECTION_MOUS] = offsetof(struct row_mou, name),
                                              [SECTION_GRANTS] = offsetof(struct row_grant, clause),
                                              [SECTION_PROHIBITIONS] =
                                                  offsetof(struct row_prohibition, clause)};

struct names names_of(const struct compilation *c, enum section section)
{
    return (struct names){section, 0, (uint32_t)builder_count(c, section)};
}

struct names names_of_words(const struct compilation *c, enum word_class class)
{
    return (struct names){SECTION_WORDS, c->header.word_first[class], c->header.words_in[class]};
}

static uint32_t name_of(const struct compilation *c, struct names names, uint32_t i)
{
    const uint8_t *row = builder_row(c, names.section, names.first + i);
    return *(const uint32_t *)(const void *)(row + name_at[names.section]);
}

/* Equal texts are one text in the pool, so it is enough to compare offsets. */
uint32_t names_find(const struct compilation *c, struct names names, struct bytes name)
{
    uint32_t text = builder_known_text(c, name);
    for (uint32_t i = 0; text != ROW_NONE && i < names.count; i++)
        if (name_of(c, names, i) == text)
            return i;
    return ROW_NONE;
}

void names_hint(const struct compilation *c, struct names names, struct bytes name)
{
    const char *nearest = NULL;
    struct buf expected = BUF_INIT(16384);
    for (uint32_t i = 0; i < names.count; i++) {
        const char *text = builder_text_at(c, name_of(c, names, i));
        nearest_offer(name, text, &nearest);
        if (names.count <= MASK_WORDS)
            buf_printf(&expected, "%s%s", i == 0 ? "" : ", ", text);
    }
    diagnose_hint(c->reader.d, nearest, expected.n == 0 ? NULL : buf_c(&expected));
    buf_free(&expected);
}

static uint32_t find(struct reader *r, const struct node *n, struct names names, const char *what,
                     enum diagnose_code unknown)
{
    struct compilation *c = COMPILATION_OF(r);
    if (!read_is_text(r, n, what))
        return ROW_NONE;
    uint32_t i = names_find(c, names, node_text(n));
    if (i == ROW_NONE) {
        read_fail(r, n, unknown, node_c(n), what, NULL);
        names_hint(c, names, node_text(n));
    }
    return i;
}

uint16_t source_word(struct reader *r, const struct node *n, enum word_class class,
                     const char *what)
{
    struct names words = names_of_words(COMPILATION_OF(r), class);
    uint32_t i = find(r, n, words, what, DIAGNOSE_UNKNOWN_WORD);
    return i == ROW_NONE ? NO_WORD : (uint16_t)i;
}

uint32_t source_unit(struct reader *r, const struct node *n)
{
    return find(r, n, names_of(COMPILATION_OF(r), SECTION_UNITS), "a unit", DIAGNOSE_UNKNOWN_UNIT);
}

uint32_t source_party(struct reader *r, const struct node *n)
{
    return find(r, n, names_of(COMPILATION_OF(r), SECTION_PARTIES), "a party",
                DIAGNOSE_UNKNOWN_PARTY);
}

const struct kind *source_kind(struct reader *r, const struct node *n)
{
    static const char *const words[KIND_COUNT] = {
#define K(NAME, name, lane, sender, state) #name,
#include "message/kinds.def"
#undef K
        "video"};
    unsigned chosen;
    return read_choice(r, n, "kind", words, KIND_COUNT, &chosen) ? kind_row((enum kind_id)chosen)
                                                                 : NULL;
}

struct word_mask {
    enum word_class class;
    const char *what;
    uint64_t mask;
};

static void add_word(struct reader *r, const struct node *n, void *target)
{
    struct word_mask *m = target;
    uint16_t word = source_word(r, n, m->class, m->what);
    if (word != NO_WORD)
        m->mask |= UINT64_C(1) << word;
}

void source_words(struct reader *r, const struct node *n, enum word_class class, const char *what,
                  uint64_t *mask)
{
    struct word_mask m = {class, what, 0};
    source_each_text(r, n, what, add_word, &m);
    *mask = m.mask;
}

static void add_basis(struct reader *r, const struct node *n, void *target)
{
    uint64_t *mask = target;
    struct names bases = names_of(COMPILATION_OF(r), SECTION_BASES);
    uint32_t i = find(r, n, bases, "legal basis", DIAGNOSE_UNKNOWN_WORD);
    if (i != ROW_NONE)
        *mask |= UINT64_C(1) << i;
}

void source_bases(struct reader *r, const struct node *n, uint64_t *mask)
{
    *mask = 0;
    source_each_text(r, n, "legal bases", add_basis, mask);
}

static void add_role(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {
#define ROLE(NAME, word) word,
#include "policy/party_roles.def"
#undef ROLE
    };
    uint32_t *mask = target;
    unsigned role;
    if (read_choice(r, n, "role", words, ARRAY_LEN(words), &role))
        *mask |= 1u << role;
}

void source_roles(struct reader *r, const struct node *n, uint32_t *mask)
{
    *mask = 0;
    source_each_text(r, n, "roles", add_role, mask);
}

static void add_kind(struct reader *r, const struct node *n, void *target)
{
    uint64_t *mask = target;
    const struct kind *kind = source_kind(r, n);
    if (kind != NULL)
        *mask |= UINT64_C(1) << kind->id;
}

void source_kinds(struct reader *r, const struct node *n, uint64_t *mask)
{
    *mask = 0;
    source_each_text(r, n, "kinds", add_kind, mask);
}

struct unit_list {
    const char *what;
    uint32_t *unit;
    uint32_t count;
};

static void add_unit(struct reader *r, const struct node *n, void *target)
{
    struct unit_list *l = target;
    uint32_t unit = source_unit(r, n);
    if (unit == ROW_NONE)
        return;
    if (l->count == POLICY_REACH_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, l->what, "64", NULL);
    else
        l->unit[l->count++] = unit;
}

uint32_t source_units(struct reader *r, const struct node *n, const char *what,
                      uint32_t unit[POLICY_REACH_MAX])
{
    struct unit_list l = {what, unit, 0};
    source_each_text(r, n, what, add_unit, &l);
    return l.count;
}
