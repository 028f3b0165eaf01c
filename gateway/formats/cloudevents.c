/* CloudEvents 1.0 around a message of the contract. */
#include "formats/rows.h"

#include "base/limits.h"
#include "json/json.h"
#include "message/json.h"
#include "message/times.h"

#include <stdio.h>

#define VERSION    "1.0"
#define MEDIA_TYPE "application/json"
#define TYPE       "fedgate.v1." /* and the kind: fedgate.v1.public_notice */

/* ---------------------------------------------------------------- attributes that say nothing new
 */

static bool take_version(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return bytes_is(in->text, VERSION) || reading_wrong(r, "the version " VERSION);
}

static void put_version(struct writing *w, const struct format_row *row)
{
    writing_put(w, row, bytes_of_text(VERSION));
}

static bool take_media_type(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return bytes_is(in->text, MEDIA_TYPE) || reading_wrong(r, MEDIA_TYPE);
}

static void put_media_type(struct writing *w, const struct format_row *row)
{
    writing_put(w, row, bytes_of_text(MEDIA_TYPE));
}

static bool take_kind(struct reading *r, const struct format_row *row, const struct item *in)
{
    const size_t n = strlen(TYPE);
    (void)row;
    return (bytes_begins(in->text, TYPE) &&
            bytes_is(bytes_of(in->text.p + n, in->text.n - n), r->kind)) ||
           reading_wrong(r, TYPE " and the kind of the message in data");
}

static void put_kind(struct writing *w, const struct format_row *row)
{
    char type[100];
    int n = snprintf(type, sizeof type, TYPE "%s", w->kind);
    writing_put(w, row, bytes_of(type, (size_t)n));
}

/* ---------------------------------------------------------------- attributes of the header */

/* Takes what the header does not say; else it has to say the same. */
static bool take_text(struct reading *r, const struct format_row *row, const struct item *in,
                      const struct converter *as)
{
    struct field f;
    if (!field_find(NULL, r->m, row->fields, &f) || reflect_count(f.m, f.f) == 0)
        return as->take(r, row, in);
    return bytes_is(in->text, *(char **)reflect_value(f.m, f.f, 0)) ||
           reading_wrong(r, "what the header in data says");
}

static bool take_id(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_text(r, row, in, &as_uuid);
}

static bool take_source(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_text(r, row, in, &as_unit);
}

static void put_text(struct writing *w, const struct format_row *row)
{
    as_text.put(w, row);
}

static bool take_moment(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct field f;
    int64_t us;
    if (!field_find(NULL, r->m, row->fields, &f) || reflect_count(f.m, f.f) == 0)
        return as_time.take(r, row, in);
    const Google__Protobuf__Timestamp *t =
        *(Google__Protobuf__Timestamp **)reflect_value(f.m, f.f, 0);
    /* to the second, as it is written */
    return (format_time(in->text, &us) && time_us(t) / US_PER_S == us / US_PER_S) ||
           reading_wrong(r, "the time that the header in data says");
}

static void put_moment(struct writing *w, const struct format_row *row)
{
    as_time.put(w, row);
}

/* ---------------------------------------------------------------- the message */

/* Comes first, wherever it stands: read_event. */
static bool take_data(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)r;
    (void)row;
    (void)in;
    return true;
}

static void put_data(struct writing *w, const struct format_row *row)
{
    w->written[row - w->format->row] = true;
    json_put_key(w->xml.out, row->place);
    if (message_to_json(&w->m->base, 0, w->xml.out) != RESULT_OK)
        (void)writing_wrong(w, RESULT_MALFORMED, "the message", "times of this calendar");
}

static bool read_data(struct reading *r, const struct json *data)
{
    char why[160];
    (void)snprintf(r->place, sizeof r->place, "data");
    if (json_type_of(data) != JSON_MAP)
        return reading_wrong(r, "a JSON object with a message");
    struct buf json = BUF_INIT(16u << 20);
    json_put(&json, data);
    bool good = reading_json(r, buf_view(&json), why, sizeof why);
    buf_free(&json);
    return good || reading_wrong(r, why);
}

/* ---------------------------------------------------------------- the envelope */

static bool read_member(struct reading *r, const char *key, const struct json *value)
{
    size_t i = 0;
    (void)snprintf(r->place, sizeof r->place, "%.80s", key);
    while (i < r->format->rows && strcmp(r->format->row[i].place, key) != 0)
        i++;
    if (i == r->format->rows) /* an extension */
        return strcmp(key, "data_base64") == 0 ? reading_wrong(r, "a message as JSON, in data")
                                               : reading_lost(r);
    const struct format_row *row = &r->format->row[i];
    const struct item in = {json_text_of(value), NULL};
    r->seen[i]++;
    if (strcmp(key, "data") != 0 && in.text.n == 0)
        return reading_wrong(r, "a text");
    return row->converter->take(r, row, &in);
}

static bool read_event(struct reading *r, const struct json *root)
{
    void *at = NULL;
    const struct json *value;
    const char *key;
    if (!read_data(r, json_member(root, "data")))
        return false;
    while ((key = json_each(root, &at, &value)) != NULL)
        if (!read_member(r, key, value))
            return false;
    for (size_t i = 0; i < r->format->rows; i++) {
        (void)snprintf(r->place, sizeof r->place, "%s", r->format->row[i].place);
        if (r->format->row[i].must && r->seen[i] == 0)
            return reading_wrong(r, "it, for CloudEvents requires it");
    }
    return true;
}

static bool read(struct reading *r, struct bytes document)
{
    struct json *root;
    r->result = json_read(document, &root, r->report->why, sizeof r->report->why);
    if (r->result != RESULT_OK)
        return false;
    bool good = read_event(r, root);
    json_free(root);
    return good;
}

static void emit(struct writing *w, const struct format_row *row, struct bytes text)
{
    if (bytes_is_text(text))
        json_put_member_text(w->xml.out, row->place, text);
    else
        (void)writing_wrong(w, RESULT_MALFORMED, row->fields, "text");
}

static void write(struct writing *w)
{
    w->emit = emit;
    buf_u8(w->xml.out, '{');
    for (size_t i = 0; i < w->format->rows; i++)
        w->format->row[i].converter->put(w, &w->format->row[i]);
    buf_text(w->xml.out, "}\n");
    writing_check(w);
}

/* ---------------------------------------------------------------- the table */

static const struct converter as_version = {take_version, put_version, {VERSION, VERSION}, false};
static const struct converter as_id = {take_id,
                                       put_text,
                                       {"as the header in data; another than a UUID is not carried",
                                        "data의 header와 같아야 함, UUID가 아니면 전달하지 않음"},
                                       false};
static const struct converter as_source = {
    take_source,
    put_text,
    {"as the header in data; another than party/unit is not carried",
     "data의 header와 같아야 함, 기관/부서가 아니면 전달하지 않음"},
    false};
static const struct converter as_kind = {
    take_kind,
    put_kind,
    {TYPE "KIND, of the message in data", TYPE "종류, data의 메시지와 같아야 함"},
    false};
static const struct converter as_moment = {
    take_moment,
    put_moment,
    {"as the header in data, to the second", "data의 header와 같아야 함, 초 단위"},
    false};
static const struct converter as_media_type = {
    take_media_type, put_media_type, {MEDIA_TYPE, MEDIA_TYPE}, false};
static const struct converter as_data = {
    take_data,
    put_data,
    {"the whole message in protobuf's JSON mapping", "메시지 전체, protobuf JSON 형식"},
    true};

static const struct format_row rows[] = {
#include "formats/cloudevents.def"
};

const struct format format_cloudevents = {.name = "cloudevents",
                                          .title = "CloudEvents 1.0, structured mode, JSON",
                                          .row = rows,
                                          .rows = ARRAY_LEN(rows),
                                          .read = read,
                                          .write = write};
