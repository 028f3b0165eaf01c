/*
 * inventory/cameras.csv (RFC 4180 without quotes): id, latitude, longitude, kind, installed_for,
 * owner, audio. Several purposes are parted by semicolons. The file changes weekly and is made by
 * programs, so it is a table and not YAML.
 */
#include "policy/builder.h"

#include "base/ident.h"
#include "base/mem.h"
#include "base/nearest.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADING "id,latitude,longitude,kind,installed_for,owner,audio"

enum column { ID, LATITUDE, LONGITUDE, KIND, INSTALLED_FOR, OWNER, AUDIO, COLUMNS };
enum { CAMERAS_MAX = 1000000, CSV_BYTES_MAX = 128 << 20, CELL_MAX = 127 };

static const char path[] = "inventory/cameras.csv";

/* One line of the file, cut into cells; and what was found over all lines. */
struct line {
    struct compilation *c;
    struct bytes source;
    unsigned number;
    char cell[COLUMNS][CELL_MAX + 1];
    unsigned column[COLUMNS]; /* in characters */
    size_t outside;           /* fixed cameras outside the service area, and the first of them */
    struct diagnose_place first_outside;
    char outside_id[CELL_MAX + 1];
};

static unsigned characters(struct bytes text)
{
    unsigned n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += (text.p[i] & 0xc0) != 0x80;
    return n;
}

static struct diagnose_place place_of(const struct line *l, enum column cell)
{
    return (struct diagnose_place){path, l->source, l->number, l->column[cell],
                                   characters(bytes_of_text(l->cell[cell]))};
}

static void fail(const struct line *l, enum column cell, enum diagnose_code code, const char *a1,
                 const char *a2, const char *a3)
{
    const struct diagnose_place w = place_of(l, cell);
    diagnose_add(l->c->reader.d, code, &w, a1, a2, a3);
}

/* About the line, or (number 0) the file. */
static void fail_line(const struct line *l, enum diagnose_code code, const char *a1, const char *a2)
{
    const struct diagnose_place w = {path, l->source, l->number, 1, 1};
    diagnose_add(l->c->reader.d, code, &w, a1, a2, NULL);
}

static bool cut(struct line *l, struct bytes text)
{
    size_t cell = 0, begin = 0;
    char found[24];
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != ',')
            continue;
        if (i - begin > CELL_MAX) {
            fail_line(l, DIAGNOSE_TOO_LONG, "a cell", "127");
            return false;
        }
        if (cell < COLUMNS) {
            memcpy(l->cell[cell], text.p + begin, i - begin);
            l->cell[cell][i - begin] = '\0';
            l->column[cell] = characters(bytes_of(text.p, begin)) + 1;
        }
        cell++;
        begin = i + 1;
    }
    if (cell == COLUMNS)
        return true;
    (void)snprintf(found, sizeof found, "%zu", cell);
    fail_line(l, DIAGNOSE_CSV_COLUMNS, "7", found);
    return false;
}

static double degrees(const struct line *l, enum column cell, const char *what, double most)
{
    double v;
    if (!source_degrees(l->cell[cell], most, &v))
        fail(l, cell, DIAGNOSE_NOT_DEGREES, most > 90 ? "180" : "90", what, NULL);
    return v;
}

static uint8_t kind(const struct line *l)
{
    static const char *const words[CAMERA_KINDS] = {"fixed", "drone", "vehicle"};
    const char *nearest = NULL;
    for (unsigned i = 0; i < CAMERA_KINDS; i++) {
        if (strcmp(l->cell[KIND], words[i]) == 0)
            return (uint8_t)i;
        nearest_offer(bytes_of_text(l->cell[KIND]), words[i], &nearest);
    }
    fail(l, KIND, DIAGNOSE_UNKNOWN_WORD, l->cell[KIND], "kind of camera", NULL);
    diagnose_hint(l->c->reader.d, nearest, "fixed, drone, vehicle");
    return 0;
}

static uint8_t audio(const struct line *l)
{
    bool yes = strcmp(l->cell[AUDIO], "yes") == 0;
    if (!yes && strcmp(l->cell[AUDIO], "no") != 0)
        fail(l, AUDIO, DIAGNOSE_NOT_YES_NO, "audio", NULL, NULL);
    return yes;
}

/* The row of this name; 0 after an error with the nearest one. */
static uint32_t find(const struct line *l, enum column cell, const char *name, struct names names,
                     enum diagnose_code unknown, const char *what)
{
    uint32_t i = names_find(l->c, names, bytes_of_text(name));
    if (i != ROW_NONE)
        return i;
    fail(l, cell, unknown, name, what, NULL);
    names_hint(l->c, names, bytes_of_text(name));
    return 0;
}

static uint64_t purposes(const struct line *l)
{
    const struct names words = names_of_words(l->c, WORD_CAMERA_PURPOSE);
    char text[CELL_MAX + 1], *rest = text;
    uint64_t mask = 0;
    (void)snprintf(text, sizeof text, "%s", l->cell[INSTALLED_FOR]);
    for (char *word; (word = strsep(&rest, ";")) != NULL;)
        mask |= UINT64_C(1) << find(l, INSTALLED_FOR, word, words, DIAGNOSE_UNKNOWN_WORD,
                                    "camera purpose");
    return mask;
}

static void check_place(struct line *l, const struct row_camera *camera)
{
    struct point place = {camera->latitude, camera->longitude};
    if (camera->kind != CAMERA_FIXED || geo_in_box(place, l->c->header.service_area))
        return;
    if (l->outside++ > 0)
        return;
    l->first_outside = place_of(l, LATITUDE);
    memcpy(l->outside_id, l->cell[ID], sizeof l->outside_id);
}

static uint32_t identifier(struct line *l)
{
    const struct bytes id = bytes_of_text(l->cell[ID]);
    if (!ident_is_word(id))
        fail(l, ID, DIAGNOSE_NOT_A_WORD, l->cell[ID], NULL, NULL);
    else if (names_find(l->c, names_of(l->c, SECTION_CAMERAS), id) != ROW_NONE)
        fail(l, ID, DIAGNOSE_DEFINED_TWICE, l->cell[ID], "camera", path);
    return builder_text(l->c, id);
}

static void take_line(struct line *l, struct bytes text)
{
    size_t before = diagnose_errors(l->c->reader.d);
    if (!cut(l, text))
        return;
    const struct row_camera camera = {.id = identifier(l),
                                      .latitude = degrees(l, LATITUDE, "latitude", 90),
                                      .longitude = degrees(l, LONGITUDE, "longitude", 180),
                                      .kind = kind(l),
                                      .purposes = purposes(l),
                                      .owner = find(l, OWNER, l->cell[OWNER],
                                                    names_of(l->c, SECTION_PARTIES),
                                                    DIAGNOSE_UNKNOWN_PARTY, NULL),
                                      .audio = audio(l)};
    if (diagnose_errors(l->c->reader.d) == before)
        check_place(l, &camera);
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
    for (size_t i = 0; i < count; i++)
        *(struct row_camera *)builder_row(c, SECTION_CAMERAS, i) = all[i].row;
    mem_free(all);
}

static void take_lines(struct line *l, struct bytes rest)
{
    char count[24];
    while (rest.n > 0) {
        struct bytes line = next_line(&rest);
        l->number++;
        if (builder_count(l->c, SECTION_CAMERAS) == CAMERAS_MAX) {
            fail_line(l, DIAGNOSE_TOO_MANY, "1000000", "cameras");
            break;
        }
        if (line.n > 0)
            take_line(l, line);
    }
    (void)snprintf(count, sizeof count, "%zu", l->outside);
    if (l->outside > 0)
        diagnose_add(l->c->reader.d, DIAGNOSE_OUTSIDE_AREA, &l->first_outside, l->outside_id, count,
                     NULL);
}

void compile_cameras(struct compilation *c)
{
    struct buf text = BUF_INIT(CSV_BYTES_MAX + 2 * 65536);
    struct line l = {.c = c};
    if (source_text(c, c->sources->folder, path, CSV_BYTES_MAX, &text)) {
        struct bytes rest = l.source = buf_view(&text);
        if (!bytes_is_text(rest)) {
            fail_line(&l, DIAGNOSE_YAML_NOT_UTF8, NULL, NULL);
        } else {
            l.number = 1;
            if (bytes_is(next_line(&rest), HEADING))
                take_lines(&l, rest);
            else
                fail_line(&l, DIAGNOSE_CSV_HEADING, HEADING, NULL);
        }
    }
    sort_cameras(c);
    buf_free(&text);
}
