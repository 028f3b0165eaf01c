#include "policy/builder.h"

#include "base/mem.h"

/* A text that is in the pool already. */
struct interned {
    struct bytes text; /* a copy of its own: the pool moves while it grows */
    uint32_t offset;
};

static struct bytes interned_key(const void *item)
{
    return ((const struct interned *)item)->text;
}

static const size_t row_bytes[SECTION_COUNT] = {
#define SECTION(NAME, field, type) sizeof(type),
#include "policy/sections.def"
#undef SECTION
};

void builder_init(struct compilation *c)
{
    for (size_t i = 0; i < SECTION_COUNT; i++)
        c->table[i].row_bytes = row_bytes[i];
    c->interned.row_bytes = sizeof(struct interned *);
    c->grant_places.row_bytes = sizeof(const struct node *);
    c->texts = map_new(interned_key);
    (void)builder_text_c(c, "");
}

void builder_free(struct compilation *c)
{
    for (size_t i = 0; i < SECTION_COUNT; i++)
        mem_free(c->table[i].rows);
    struct interned **all = (struct interned **)(void *)c->interned.rows;
    for (size_t i = 0; i < c->interned.count; i++) {
        mem_free((void *)(uintptr_t)all[i]->text.p);
        mem_free(all[i]);
    }
    mem_free(c->interned.rows);
    mem_free(c->grant_places.rows);
    mem_free(c->basis_entries.rows);
    mem_free(c->rule_lists.rows);
    mem_free(c->rules.rows);
    map_free(c->texts);
    for (size_t i = 0; i < c->documents; i++)
        document_free(c->document[i]);
}

void *table_add(struct table *t, size_t rows)
{
    if (rows > t->room - t->count) {
        size_t room = t->room == 0 ? 64 : t->room;
        while (room - t->count < rows)
            room *= 2;
        t->rows = mem_grow_array(t->rows, t->room, room, t->row_bytes);
        t->room = room;
    }
    void *row = t->rows + t->count * t->row_bytes;
    t->count += rows;
    return row;
}

void *builder_add(struct compilation *c, enum section section)
{
    return table_add(&c->table[section], 1);
}

size_t builder_count(const struct compilation *c, enum section section)
{
    return c->table[section].count;
}

void *builder_row(const struct compilation *c, enum section section, size_t i)
{
    return c->table[section].rows + i * c->table[section].row_bytes;
}

uint32_t builder_known_text(const struct compilation *c, struct bytes text)
{
    const struct interned *known = map_get(c->texts, text);
    return known == NULL ? ROW_NONE : known->offset;
}

uint32_t builder_text(struct compilation *c, struct bytes text)
{
    uint32_t known = builder_known_text(c, text);
    if (known != ROW_NONE)
        return known;
    struct interned *i = mem_new(sizeof *i);
    i->offset = (uint32_t)c->table[SECTION_TEXTS].count;
    i->text = bytes_of(mem_text(text.p, text.n), text.n);
    memcpy(table_add(&c->table[SECTION_TEXTS], text.n + 1), i->text.p, text.n + 1);
    *(struct interned **)table_add(&c->interned, 1) = i;
    (void)map_add(c->texts, i);
    return i->offset;
}

uint32_t builder_text_c(struct compilation *c, const char *text)
{
    return builder_text(c, bytes_of_text(text));
}

const char *builder_text_at(const struct compilation *c, uint32_t text)
{
    return (const char *)c->table[SECTION_TEXTS].rows + text;
}

uint32_t builder_numbers(struct compilation *c, const uint32_t *numbers, size_t count)
{
    uint32_t first = (uint32_t)c->table[SECTION_NUMBERS].count;
    if (count > 0)
        memcpy(table_add(&c->table[SECTION_NUMBERS], count), numbers, count * sizeof *numbers);
    return first;
}

void builder_list(struct compilation *c, const uint32_t *numbers, size_t count, uint32_t *row,
                  size_t room)
{
    if (count > room)
        row[0] = builder_numbers(c, numbers, count);
    else if (count > 0)
        memcpy(row, numbers, count * sizeof *numbers);
}

uint32_t builder_blob(struct compilation *c, struct bytes blob)
{
    uint32_t first = (uint32_t)c->table[SECTION_BLOBS].count;
    if (blob.n > 0)
        memcpy(table_add(&c->table[SECTION_BLOBS], blob.n), blob.p, blob.n);
    return first;
}

void builder_add_grant(struct compilation *c, const struct row_grant *g, const struct row_duties *d,
                       const struct node *place)
{
    *(struct row_duties *)builder_add(c, SECTION_DUTIES) = *d;
    *(struct row_grant *)builder_add(c, SECTION_GRANTS) = *g;
    *(const struct node **)table_add(&c->grant_places, 1) = place;
}

const struct node *builder_grant_place(const struct compilation *c, size_t i)
{
    return ((const struct node **)(void *)c->grant_places.rows)[i];
}

static void align(struct buf *b)
{
    static const uint8_t zero[SECTION_ALIGN];
    buf_put(b, zero, (SECTION_ALIGN - b->n % SECTION_ALIGN) % SECTION_ALIGN);
}

enum result builder_finish(struct compilation *c, struct buf *block)
{
    memcpy(c->header.magic, SNAPSHOT_MAGIC, sizeof c->header.magic);
    uint8_t *room = buf_extend(block, sizeof c->header);
    if (room == NULL)
        return RESULT_TOO_LARGE;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        align(block);
        c->header.section[i].offset = block->n;
        c->header.section[i].count = c->table[i].count;
        buf_put(block, c->table[i].rows, c->table[i].count * c->table[i].row_bytes);
    }
    align(block);
    TRY(buf_status(block));
    c->header.bytes = block->n;
    memcpy(block->p, &c->header, sizeof c->header);
    return RESULT_OK;
}
