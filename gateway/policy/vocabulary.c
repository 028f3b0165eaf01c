/* set.yaml and vocabulary.yaml. */
#include "policy/builder.h"

#include "base/limits.h"

#include <stdlib.h>

/* ---- set.yaml */

static void read_set_name(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = target;
    struct bytes word;
    if (read_word(r, n, "the set's name", &word))
        c->header.name = builder_text(c, word);
}

static void read_serial(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = target;
    int64_t serial;
    if (read_number(r, n, "serial", 1, SERIAL_MAX, &serial))
        c->header.serial = (uint64_t)serial;
}

static void keep_officers(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct compilation *)target)->set_officers = n;
}

static void read_south_west(struct reader *r, const struct node *n, void *target)
{
    source_place(r, n, "south_west", &((struct box *)target)->south_west);
}

static void read_north_east(struct reader *r, const struct node *n, void *target)
{
    source_place(r, n, "north_east", &((struct box *)target)->north_east);
}

/* Until it is known, cameras anywhere are within it: one error is enough. */
static const struct box whole_earth = {{-90, -180}, {90, 180}};

static void read_area(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"south_west", true, read_south_west},
                                           {"north_east", true, read_north_east}};
    struct compilation *c = target;
    struct box area;
    size_t before = diagnose_errors(r->d);
    (void)read_map(r, n, "the service area", keys, ARRAY_LEN(keys), &area);
    if (diagnose_errors(r->d) != before)
        return;
    if (area.south_west.latitude < area.north_east.latitude &&
        area.south_west.longitude < area.north_east.longitude)
        c->header.service_area = area;
    else
        read_fail(r, n, DIAGNOSE_NO_AREA, NULL, NULL, NULL);
}

static void read_zone(struct reader *r, const struct node *n, void *target)
{
    static const char *const names[] = {"Asia/Seoul", "UTC"};
    unsigned zone;
    if (read_choice(r, n, "time zone", names, ARRAY_LEN(names), &zone))
        r->zone = zone_named(names[zone]);
    ((struct compilation *)target)->header.zone_offset_us = r->zone->offset_s * US_PER_S;
}

void compile_set(struct compilation *c)
{
    static const struct read_key keys[] = {
        {"set", true, read_set_name},       {"serial", true, read_serial},
        {"time_zone", true, read_zone},     {"service_area", true, read_area},
        {"officers", false, keep_officers}, {"fallback", false, seal_read_fallback},
        {"files", false, seal_read_files}};
    const struct node *root = source_document(c, "set.yaml");
    c->header.service_area = whole_earth;
    if (root != NULL)
        (void)read_map(&c->reader, root, "set.yaml", keys, ARRAY_LEN(keys), c);
}

/* ---- vocabulary.yaml */

/* Words are looked up by name at run time, so they stand in that order. */
static int by_key(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
    return bytes_compare(node_text(x), node_text(y));
}

static void read_class(struct reader *r, const struct node *n, enum word_class class,
                       const char *what)
{
    struct compilation *c = COMPILATION_OF(r);
    const struct node *key[MASK_WORDS];
    size_t count = node_count(n);
    if (!read_is_map(r, n, what))
        return;
    if (count > MASK_WORDS) {
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, what, "64", NULL);
        count = MASK_WORDS;
    }
    for (size_t i = 0; i < count; i++)
        key[i] = node_key(n, i);
    if (count > 0)
        qsort(key, count, sizeof key[0], by_key);
    c->header.word_first[class] = (uint32_t)builder_count(c, SECTION_WORDS);
    for (size_t i = 0; i < count; i++) {
        struct bytes word;
        uint32_t en = 0, ko = 0;
        if (!read_word(r, key[i], what, &word))
            continue;
        const struct node *title = node_member(n, node_c(key[i]));
        if (class == WORD_REGION)
            compile_region(r, title, &en, &ko);
        else
            source_both(r, title, what, &en, &ko);
        uint32_t name = builder_text(c, word);
        *(struct row_word *)builder_add(c, SECTION_WORDS) = (struct row_word){name, en, ko};
    }
    c->header.words_in[class] =
        (uint32_t)builder_count(c, SECTION_WORDS) - c->header.word_first[class];
}

#define WORDS(name, class)                                                                         \
    static void read_##name(struct reader *r, const struct node *n, void *target)                  \
    {                                                                                              \
        (void)target;                                                                              \
        read_class(r, n, class, #name);                                                            \
    }
WORDS(services, WORD_SERVICE)
WORDS(purposes, WORD_PURPOSE)
WORDS(incident_types, WORD_INCIDENT_TYPE)
WORDS(camera_purposes, WORD_CAMERA_PURPOSE)
WORDS(regions, WORD_REGION)
WORDS(evidence, WORD_EVIDENCE)
WORDS(reasons, WORD_REASON)
WORDS(consent_items, WORD_CONSENT_ITEM)
#undef WORDS

void compile_vocabulary(struct compilation *c)
{
    static const struct read_key keys[] = {{"services", true, read_services},
                                           {"purposes", true, read_purposes},
                                           {"incident_types", true, read_incident_types},
                                           {"camera_purposes", true, read_camera_purposes},
                                           {"regions", true, read_regions},
                                           {"evidence", true, read_evidence},
                                           {"reasons", false, read_reasons},
                                           {"consent_items", false, read_consent_items}};
    const struct node *root = source_document(c, "vocabulary.yaml");
    if (root != NULL)
        (void)read_map(&c->reader, root, "vocabulary.yaml", keys, ARRAY_LEN(keys), c);
}
