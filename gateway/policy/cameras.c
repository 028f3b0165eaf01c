/*
 * inventory/cameras.csv (RFC 4180 without quotes): id, latitude, longitude, kind, installed_for,
 * owner, audio. Several purposes are parted by semicolons. The file changes weekly and is made by
 * programs, so it is a table and not YAML.
 */
#include "policy/builder.h"

#include "base/ident.h"
#include "base/limits.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADING "id,latitude,longitude,kind,installed_for,owner,audio"

enum { COLUMNS = 7, CAMERAS_MAX = 1000000, CSV_BYTES_MAX = 128 << 20, CELL_MAX = 128 };

static const char path[] = "inventory/cameras.csv";

/* One line of the file, cut into cells. */
struct line {
    struct compilation *c;
    struct bytes source;
    unsigned number;
    char cell[COLUMNS][CELL_MAX];
    unsigned column[COLUMNS];
};

static void fail(const struct line *l, unsigned cell, enum diagnose_code code, const char *a1,
                 const char *a2)
{
    struct diagnose_place w = {path, l->source, l->number, l->column[cell],
                               (unsigned)strlen(l->cell[cell])};
    diagnose_add(l->c->reader.d, code, &w, a1, a2, NULL);
}

static bool cut(struct line *l, struct bytes text)
{
    size_t cell = 0, begin = 0;
    char found[16];
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != ',')
            continue;
        if (cell < COLUMNS && i - begin < CELL_MAX) {
            memcpy(l->cell[cell], text.p + begin, i - begin);
            l->cell[cell][i - begin] = '\0';
            l->column[cell] = (unsigned)begin + 1;
        }
        cell++;
        begin = i + 1;
    }
    if (cell == COLUMNS)
        return true;
    l->cell[0][0] = '\0';
    l->column[0] = 1;
    (void)snprintf(found, sizeof found, "%zu", cell);
    fail(l, 0, DIAGNOSE_CSV_COLUMNS, "7", found);
    return false;
}

static double degrees(const struct line *l, unsigned cell, double most)
{
    char *end;
    double v = strtod(l->cell[cell], &end);
    if (l->cell[cell][0] == '\0' || *end != '\0' || !(v >= -most && v <= most))
        fail(l, cell, DIAGNOSE_NOT_A_PLACE, path, NULL);
    return v;
}

static uint8_t choice(const struct line *l, unsigned cell, const char *what,
                      const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(l->cell[cell], words[i]) == 0)
            return (uint8_t)i;
    fail(l, cell, DIAGNOSE_UNKNOWN_WORD, l->cell[cell], what);
    return 0;
}

static uint64_t purposes(const struct line *l, unsigned cell)
{
    const struct compilation *c = l->c;
    char text[CELL_MAX], *rest = text;
    uint64_t mask = 0;
    (void)snprintf(text, sizeof text, "%s", l->cell[cell]);
    for (char *word; (word = strsep(&rest, ";")) != NULL;) {
        uint64_t bit = 0;
        for (uint32_t i = 0; i < c->header.words_in[WORD_CAMERA_PURPOSE]; i++) {
            const struct row_word *w =
                builder_row(c, SECTION_WORDS, c->header.word_first[WORD_CAMERA_PURPOSE] + i);
            if (strcmp(builder_text_at(c, w->name), word) == 0)
                bit = UINT64_C(1) << i;
        }
        if (bit == 0)
            fail(l, cell, DIAGNOSE_UNKNOWN_WORD, word, "camera purpose");
        mask |= bit;
    }
    return mask;
}

static uint32_t owner(const struct line *l, unsigned cell)
{
    for (size_t i = 0; i < builder_count(l->c, SECTION_PARTIES); i++) {
        const struct row_party *p = builder_row(l->c, SECTION_PARTIES, i);
        if (strcmp(builder_text_at(l->c, p->name), l->cell[cell]) == 0)
            return (uint32_t)i;
    }
    fail(l, cell, DIAGNOSE_UNKNOWN_PARTY, l->cell[cell], NULL);
    return 0;
}

static void take_line(struct line *l, struct bytes text)
{
    static const char *const kinds[CAMERA_KINDS] = {"fixed", "drone", "vehicle"};
    static const char *const yes_no[] = {"no", "yes"};
    if (!cut(l, text))
        return;
    struct row_camera camera = {.latitude = degrees(l, 1, 90), .longitude = degrees(l, 2, 180)};
    if (!ident_is_word(bytes_of_text(l->cell[0])))
        fail(l, 0, DIAGNOSE_NOT_A_WORD, l->cell[0], NULL);
    camera.kind = choice(l, 3, "kind of camera", kinds, CAMERA_KINDS);
    camera.purposes = purposes(l, 4);
    camera.owner = owner(l, 5);
    camera.audio = choice(l, 6, "audio (yes or no)", yes_no, 2);
    struct point place = {camera.latitude, camera.longitude};
    if (camera.kind == CAMERA_FIXED && !geo_in_box(place, l->c->header.service_area))
        fail(l, 1, DIAGNOSE_OUTSIDE_AREA, l->cell[0], NULL);
    camera.id = builder_text_c(l->c, l->cell[0]);
    *(struct row_camera *)builder_add(l->c, SECTION_CAMERAS) = camera;
}

/* The next line, without CR and LF; moves `rest` behind it. */
static struct bytes next_line(struct bytes *rest)
{
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    size_t n = end == NULL ? rest->n : (size_t)(end - rest->p);
    struct bytes line = bytes_of(rest->p, n);
    size_t past = end == NULL ? n : n + 1;
    *rest = bytes_of(rest->p + past, rest->n - past);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

struct named_camera {
    const char *id;
    struct row_camera row;
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct named_camera *)a)->id, ((const struct named_camera *)b)->id);
}

/* Cameras are looked up by id at run time. */
static void sort_cameras(struct compilation *c)
{
    size_t count = builder_count(c, SECTION_CAMERAS);
    struct named_camera *all = mem_new_array(count, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        all[i].row = *(const struct row_camera *)builder_row(c, SECTION_CAMERAS, i);
        all[i].id = builder_text_at(c, all[i].row.id);
    }
    qsort(all, count, sizeof *all, by_id);
    for (size_t i = 0; i < count; i++) {
        *(struct row_camera *)builder_row(c, SECTION_CAMERAS, i) = all[i].row;
        if (i > 0 && strcmp(all[i].id, all[i - 1].id) == 0) {
            struct diagnose_place w = {path, {0}, 0, 0, 0};
            diagnose_add(c->reader.d, DIAGNOSE_DEFINED_TWICE, &w, all[i].id, "camera", path);
        }
    }
    mem_free(all);
}

void compile_cameras(struct compilation *c)
{
    struct buf text = BUF_INIT(CSV_BYTES_MAX + 65536);
    struct line l = {.c = c, .number = 1};
    if (source_text(c, c->sources->folder, path, CSV_BYTES_MAX, &text)) {
        struct bytes rest = buf_view(&text);
        l.source = rest;
        if (!bytes_is_text(rest))
            fail(&l, 0, DIAGNOSE_YAML_NOT_UTF8, NULL, NULL);
        else if (!bytes_is(next_line(&rest), HEADING))
            fail(&l, 0, DIAGNOSE_CSV_HEADING, HEADING, NULL);
        else
            while (rest.n > 0 && builder_count(c, SECTION_CAMERAS) < CAMERAS_MAX) {
                struct bytes line = next_line(&rest);
                l.number++;
                if (line.n > 0)
                    take_line(&l, line);
            }
    }
    sort_cameras(c);
    buf_free(&text);
}
