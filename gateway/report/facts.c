#include "report/facts.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "json/json.h"

_Static_assert(FACT_SUBJECT == 2 * TAG_BYTES, "a subject is a tag");

struct kept_scope {
    uint64_t id;
    uint8_t subjects[KEY_BYTES];
};

struct kept_fact {
    uint64_t index, scope;
    uint8_t salt[FACT_SALT];
    struct bytes text;
    bool is_good; /* it is what its leaf is committed to */
    struct kept_fact *next;
};

struct facts_file {
    struct arena *arena;
    struct map *by_index, *scopes;
    struct kept_fact *first, **last;
    struct hasher *hasher;
    struct buf room; /* of the fact looked at last */
};

static struct bytes index_of(const void *item)
{
    return bytes_of(&((const struct kept_fact *)item)->index, sizeof(uint64_t));
}

static struct bytes scope_of(const void *item)
{
    return bytes_of(&((const struct kept_scope *)item)->id, sizeof(uint64_t));
}

struct facts_file *facts_new(void)
{
    struct facts_file *f = mem_new(sizeof *f);
    *f = (struct facts_file){.arena = arena_new(SIZE_MAX),
                             .by_index = map_new(index_of),
                             .scopes = map_new(scope_of),
                             .hasher = hasher_new()};
    f->last = &f->first;
    return f;
}

void facts_free(struct facts_file *f)
{
    if (f == NULL)
        return;
    buf_free(&f->room);
    map_free(f->by_index);
    map_free(f->scopes);
    hasher_free(f->hasher);
    arena_reset(f->arena); /* wipes */
    arena_free(f->arena);
    mem_free(f);
}

static void add_scope(struct facts_file *f, uint64_t id, const uint8_t subjects[KEY_BYTES])
{
    if (map_get(f->scopes, bytes_of(&id, sizeof id)) != NULL)
        return;
    struct kept_scope *s = arena_take(f->arena, sizeof *s);
    s->id = id;
    memcpy(s->subjects, subjects, KEY_BYTES);
    (void)map_add(f->scopes, s);
}

static void add_fact(struct facts_file *f, const struct opened_fact *o)
{
    if (map_get(f->by_index, bytes_of(&o->index, sizeof o->index)) != NULL)
        return;
    struct kept_fact *k = arena_take(f->arena, sizeof *k);
    *k = (struct kept_fact){
        .index = o->index, .scope = o->scope, .text = arena_copy(f->arena, o->text)};
    memcpy(k->salt, o->salt, FACT_SALT);
    *f->last = k;
    f->last = &k->next;
    (void)map_add(f->by_index, k);
}

void facts_add(struct facts_file *f, const struct opened_fact *o)
{
    add_scope(f, o->scope, o->subjects);
    add_fact(f, o);
}

size_t facts_count(const struct facts_file *f)
{
    return map_count(f->by_index);
}

/* ---- the file */

static void put_hex(struct buf *out, const char *key, const uint8_t *p, size_t n)
{
    char hex[2 * 32 + 1];
    bytes_to_hex(bytes_of(p, n), hex);
    json_put_member_text(out, key, bytes_of(hex, 2 * n));
    mem_wipe(hex, sizeof hex);
}

static void put_scope(struct buf *out, uint64_t scope)
{
    uint8_t raw[8];
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(scope >> (8 * (7 - i)));
    put_hex(out, "scope", raw, sizeof raw);
}

void facts_put(const struct facts_file *f, struct buf *out)
{
    const struct kept_scope *s;
    size_t at;
    MAP_FOREACH (s, f->scopes, at) {
        buf_u8(out, '{');
        put_scope(out, s->id);
        put_hex(out, "subjects", s->subjects, KEY_BYTES);
        buf_text(out, "}\n");
    }
    for (const struct kept_fact *k = f->first; k != NULL; k = k->next) {
        buf_u8(out, '{');
        json_put_member_text(out, "fact", k->text);
        json_put_member_integer(out, "index", (int64_t)k->index);
        put_hex(out, "salt", k->salt, FACT_SALT);
        put_scope(out, k->scope);
        buf_text(out, "}\n");
    }
}

/* A number of 64 bits is text in JSON (RFC 7493, 2.2). */
static bool read_scope(const struct json *o, uint64_t *out)
{
    struct bytes hex = json_member_text(o, "scope");
    uint8_t raw[8];
    if (!bytes_from_hex(hex, raw, sizeof raw))
        return false;
    *out = 0;
    for (size_t i = 0; i < sizeof raw; i++)
        *out = *out << 8 | raw[i];
    return *out != 0;
}

static struct bytes take_line(struct bytes *text)
{
    const uint8_t *end = memchr(text->p, '\n', text->n);
    struct bytes line = bytes_of(text->p, end == NULL ? text->n : (size_t)(end - text->p));
    size_t skip = line.n + (end != NULL);
    *text = bytes_of(text->p + skip, text->n - skip);
    return line;
}

static bool read_line(struct facts_file *f, const struct json *o)
{
    struct bytes subjects = json_member_text(o, "subjects");
    int64_t index = json_member_integer(o, "index");
    uint64_t scope;
    uint8_t key[KEY_BYTES];
    struct opened_fact fact = {.index = (uint64_t)index, .text = json_member_text(o, "fact")};
    if (!read_scope(o, &scope) || index < 0)
        return false;
    fact.scope = scope;
    if (subjects.n > 0) {
        bool good = bytes_from_hex(subjects, key, KEY_BYTES);
        if (good)
            add_scope(f, scope, key);
        mem_wipe(key, sizeof key);
        return good;
    }
    if (fact.text.n == 0 || !bytes_from_hex(json_member_text(o, "salt"), fact.salt, FACT_SALT))
        return false;
    add_fact(f, &fact);
    return true;
}

enum result facts_read(struct bytes text, struct facts_file **out, size_t *line)
{
    struct facts_file *f = facts_new();
    bool good = true;
    *out = NULL;
    for (*line = 0; good && text.n > 0;) {
        struct json *o = NULL;
        char why[1];
        struct bytes one = take_line(&text);
        ++*line;
        good = json_read(one, &o, why, sizeof why) == RESULT_OK && read_line(f, o);
        json_free(o);
    }
    if (good)
        *out = f;
    else
        facts_free(f);
    return good ? RESULT_OK : RESULT_MALFORMED;
}

/* ---- looking at one */

static bool opens(const struct facts_file *f, const struct kept_fact *k, const uint8_t *commitment)
{
    uint8_t digest[SHA256_BYTES];
    const struct bytes part[] = {bytes_of(k->salt, FACT_SALT), k->text};
    hasher_sha256(f->hasher, part, ARRAY_LEN(part), digest);
    return memcmp(digest, commitment, sizeof digest) == 0;
}

enum fact_state facts_of(struct facts_file *f, const struct leaf *leaf, struct fact *out)
{
    struct kept_fact *k =
        f == NULL ? NULL : map_get(f->by_index, bytes_of(&leaf->index, sizeof leaf->index));
    *out = (struct fact){0};
    if (leaf->fact == NULL)
        return k == NULL ? FACT_NONE : FACT_WRONG;
    if (k == NULL)
        return FACT_SEALED;
    buf_free(&f->room);
    k->is_good = opens(f, k, leaf->fact) && fact_read(k->text, out, &f->room) == RESULT_OK;
    if (k->is_good)
        return FACT_OPEN;
    *out = (struct fact){0};
    return FACT_WRONG;
}

void facts_at(struct facts_file *f, uint64_t index, struct fact *out)
{
    const struct kept_fact *k =
        f == NULL ? NULL : map_get(f->by_index, bytes_of(&index, sizeof index));
    *out = (struct fact){0};
    if (k == NULL || !k->is_good)
        return;
    buf_free(&f->room);
    if (fact_read(k->text, out, &f->room) != RESULT_OK)
        *out = (struct fact){0};
}

bool facts_subject(const struct facts_file *f, uint64_t index, struct bytes subject,
                   char tag[FACT_SUBJECT + 1])
{
    uint8_t raw[TAG_BYTES];
    const struct kept_fact *k =
        f == NULL ? NULL : map_get(f->by_index, bytes_of(&index, sizeof index));
    const struct kept_scope *s =
        k == NULL ? NULL : map_get(f->scopes, bytes_of(&k->scope, sizeof k->scope));
    if (s == NULL)
        return false;
    mac_tag(s->subjects, subject, raw);
    bytes_to_hex(bytes_of(raw, sizeof raw), tag);
    return true;
}
