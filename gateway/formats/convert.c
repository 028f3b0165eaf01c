/* The ways to carry a value that several formats share. */
#include "formats/format.h"

#include "base/clock.h"
#include "base/ident.h"
#include "message/times.h"

#include <stdio.h>
#include <strings.h>

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct bytes next_word(struct bytes *text)
{
    struct bytes rest = xml_trimmed(*text);
    size_t n = 0;
    while (n < rest.n && !is_blank(rest.p[n]))
        n++;
    *text = bytes_of(rest.n == 0 ? rest.p : rest.p + n, rest.n - n);
    return bytes_of(rest.p, n);
}

static bool too_large(struct reading *r)
{
    return reading_wrong(r, "a smaller document");
}

/* ---------------------------------------------------------------- texts */

static bool set_text(struct reading *r, const struct field *f, struct bytes text)
{
    char *copy = arena_take(r->arena, text.n + 1), **at = field_add(r->arena, f);
    if (copy == NULL || at == NULL)
        return too_large(r);
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    *at = copy;
    return true;
}

static bool put_text_at(struct reading *r, const struct format_row *row, struct bytes text)
{
    struct field f;
    if (!reading_field(r, row, &f))
        return r->result == RESULT_OK;
    return set_text(r, &f, text);
}

static bool take_lost(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    (void)in;
    return reading_lost(r);
}

static bool take_text(struct reading *r, const struct format_row *row, const struct item *in)
{
    return put_text_at(r, row, in->text);
}

static bool take_line(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct bytes rest = in->text, word;
    char *line = arena_take(r->arena, in->text.n + 1);
    size_t n = 0;
    if (line == NULL)
        return too_large(r);
    while ((word = next_word(&rest)).n > 0) {
        if (n > 0)
            line[n++] = ' ';
        memcpy(line + n, word.p, word.n);
        n += word.n;
    }
    return put_text_at(r, row, bytes_of(line, n));
}

static void put_text(struct writing *w, const struct format_row *row)
{
    struct field f;
    if (!writing_field(w, row, &f))
        return;
    for (size_t i = 0; i < reflect_count(f.m, f.f); i++)
        writing_put(w, row, bytes_of_text(*(char **)reflect_value(f.m, f.f, i)));
}

/* ---------------------------------------------------------------- names */

static bool is_uuid(struct bytes text)
{
    struct uuid u;
    return uuid_parse(text, &u);
}

static bool is_unit(struct bytes text)
{
    return ident_split_unit(text, NULL, NULL);
}

static bool is_incident(struct bytes text)
{
    return ident_split_incident(text, NULL, NULL);
}

static bool take_uuid(struct reading *r, const struct format_row *row, const struct item *in)
{
    return is_uuid(in->text) ? put_text_at(r, row, in->text) : reading_lost(r);
}

static bool take_unit(struct reading *r, const struct format_row *row, const struct item *in)
{
    return is_unit(in->text) ? put_text_at(r, row, in->text) : reading_lost(r);
}

static bool take_units(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct bytes rest = in->text, word;
    while ((word = next_word(&rest)).n > 0) {
        if (!is_unit(word))
            return reading_wrong(r, "units, such as npa-daejeon/112-control, for a recipient that "
                                    "is none cannot be carried");
        if (!put_text_at(r, row, word))
            return false;
    }
    return true;
}

static bool take_words(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct bytes rest = in->text, word;
    while ((word = next_word(&rest)).n > 0)
        if (!put_text_at(r, row, word))
            return false;
    return true;
}

static bool take_incidents(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct bytes rest = in->text, word;
    while ((word = next_word(&rest)).n > 0)
        if (!(is_incident(word) ? put_text_at(r, row, word) : reading_lost(r)))
            return false;
    return true;
}

/* All items of a repeated text in one place. */
static void put_words(struct writing *w, const struct format_row *row)
{
    struct field f;
    if (!writing_field(w, row, &f))
        return;
    struct buf all = BUF_INIT(1u << 20);
    for (size_t i = 0; i < reflect_count(f.m, f.f); i++)
        buf_printf(&all, "%s%s", i == 0 ? "" : " ", *(char **)reflect_value(f.m, f.f, i));
    writing_put(w, row, buf_view(&all));
    buf_free(&all);
}

/* ---------------------------------------------------------------- evidence */

static bool take_evidence(struct reading *r, const struct format_row *row, const struct item *in)
{
    const uint8_t *equals = memchr(in->text.p, '=', in->text.n);
    struct field f;
    if (equals == NULL)
        return reading_wrong(r, "KIND=VALUE");
    if (!reading_field(r, row, &f))
        return r->result == RESULT_OK;
    Fedgate__V1__Evidence *e = field_add(r->arena, &f);
    size_t n = (size_t)(equals - in->text.p);
    if (e == NULL)
        return too_large(r);
    const struct field kind = {&e->base, reflect_named(e->base.descriptor, bytes_of_text("kind"))},
                       value = {&e->base,
                                reflect_named(e->base.descriptor, bytes_of_text("value"))};
    return set_text(r, &kind, bytes_of(in->text.p, n)) &&
           set_text(r, &value, bytes_of(equals + 1, in->text.n - n - 1));
}

static void put_evidence(struct writing *w, const struct format_row *row)
{
    struct field f;
    if (!writing_field(w, row, &f))
        return;
    for (size_t i = 0; i < reflect_count(f.m, f.f); i++) {
        const Fedgate__V1__Evidence *e = *(Fedgate__V1__Evidence **)reflect_value(f.m, f.f, i);
        struct buf text = BUF_INIT(1u << 20);
        buf_printf(&text, "%s=%s", e->kind, e->value);
        writing_put(w, row, buf_view(&text));
        buf_free(&text);
    }
}

/* ---------------------------------------------------------------- times */

bool format_time(struct bytes text, int64_t *us)
{
    return text.n > 19 && time_parse((const char *)text.p, text.n, zone_named("UTC"), us);
}

static bool set_time(struct reading *r, const struct format_row *row, const struct item *in,
                     bool earliest)
{
    struct field f;
    int64_t us;
    if (!format_time(in->text, &us))
        return reading_wrong(r, "a time such as 2026-11-28T12:00:00+09:00");
    if (!reading_field(r, row, &f))
        return r->result == RESULT_OK;
    Google__Protobuf__Timestamp **old = reflect_value(f.m, f.f, 0);
    if (earliest && *old != NULL && time_us(*old) <= us)
        return true;
    Google__Protobuf__Timestamp *t = field_add(r->arena, &f);
    if (t == NULL)
        return too_large(r);
    int64_t part = us % US_PER_S;
    t->seconds = us / US_PER_S - (part < 0);
    t->nanos = (int32_t)((part < 0 ? part + US_PER_S : part) * 1000);
    return true;
}

static bool take_time(struct reading *r, const struct format_row *row, const struct item *in)
{
    return set_time(r, row, in, false);
}

static bool take_earliest(struct reading *r, const struct format_row *row, const struct item *in)
{
    return set_time(r, row, in, true);
}

/* What is finer than a second is left out, which makes a deadline no later. */
static void put_time(struct writing *w, const struct format_row *row)
{
    char text[TIME_TEXT];
    struct field f;
    if (!writing_field(w, row, &f))
        return;
    const Google__Protobuf__Timestamp *t =
        *(Google__Protobuf__Timestamp **)reflect_value(f.m, f.f, 0);
    if (!time_is_valid(t)) {
        (void)writing_wrong(w, RESULT_MALFORMED, row->fields, "a time of this calendar");
        return;
    }
    time_text_s(t->seconds * US_PER_S, zone_named("Asia/Seoul"), text);
    writing_put(w, row, bytes_of_text(text));
}

/* ---------------------------------------------------------------- flags and words */

static bool is_yes(struct bytes text)
{
    static const char *const yes[] = {"true", "1", "yes"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (text.n == strlen(yes[i]) && strncasecmp((const char *)text.p, yes[i], text.n) == 0)
            return true;
    return false;
}

static bool take_flag(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct field f;
    if (!reading_field(r, row, &f))
        return r->result == RESULT_OK;
    *(protobuf_c_boolean *)reflect_value(f.m, f.f, 0) = is_yes(in->text);
    return true;
}

/* Absent is false, here and in the formats. */
static void put_flag(struct writing *w, const struct format_row *row)
{
    struct field f;
    if (writing_field(w, row, &f))
        writing_put(w, row, bytes_of_text("true"));
}

bool is_word_of(const char *const *words, struct bytes text)
{
    while (*words != NULL && !bytes_is(text, *words))
        words++;
    return *words != NULL;
}

bool take_word(struct reading *r, const struct format_row *row, const struct item *in,
               const struct format_word *words, const char *expected)
{
    struct field f;
    while (words->word != NULL && !bytes_is(in->text, words->word))
        words++;
    if (words->word == NULL)
        return reading_wrong(r, expected);
    if (!reading_field(r, row, &f))
        return r->result == RESULT_OK;
    *(int *)reflect_value(f.m, f.f, 0) = words->value;
    return true;
}

void put_word(struct writing *w, const struct format_row *row, const struct format_word *words)
{
    struct field f;
    int value = writing_field(w, row, &f) ? *(int *)reflect_value(f.m, f.f, 0) : 0;
    while (words->word != NULL && words->value != value)
        words++;
    if (words->word != NULL)
        writing_put(w, row, bytes_of_text(words->word));
    else
        (void)writing_wrong(w, RESULT_UNKNOWN, row->fields, "a value that the format has");
}

/* ---------------------------------------------------------------- the table */

const struct converter as_lost = {take_lost, NULL, {"not carried", "전달하지 않음"}, true};
const struct converter as_text = {take_text, put_text, {"as it is", "그대로"}, false};
const struct converter as_line = {
    take_line,
    put_text,
    {"one line: runs of blanks become one", "한 줄: 연속 공백은 하나로"},
    false};
const struct converter as_time = {
    take_time, put_time, {"a time, written to the second", "시각, 초 단위로 씀"}, false};
const struct converter as_earliest = {
    take_earliest,
    put_time,
    {"a time; of several, the earliest holds", "시각, 여럿이면 가장 이른 것"},
    false};
const struct converter as_earliest_read = {
    take_earliest,
    NULL,
    {"a time; of several, the earliest holds", "시각, 여럿이면 가장 이른 것"},
    false};
const struct converter as_uuid = {take_uuid,
                                  put_text,
                                  {"a UUID; another is not carried, and a new one is made",
                                   "UUID, 아니면 전달하지 않고 새로 만듦"},
                                  false};
const struct converter as_unit = {
    take_unit,
    put_text,
    {"party/unit; another is not carried", "기관/부서, 아니면 전달하지 않음"},
    false};
const struct converter as_units = {
    take_units,
    put_words,
    {"units, parted by blanks; anything else is refused", "부서 목록(공백 구분), 다른 것은 거부"},
    false};
const struct converter as_words = {
    take_words, put_words, {"parted by blanks", "공백으로 구분"}, false};
const struct converter as_incidents = {take_incidents,
                                       put_words,
                                       {"incidents as party/unit:UUID; others are not carried",
                                        "사건(기관/부서:UUID), 다른 것은 전달하지 않음"},
                                       false};
const struct converter as_flag = {
    take_flag,
    put_flag,
    {"true, 1 or yes; all else is false", "true, 1, yes는 참, 나머지는 거짓"},
    false};
const struct converter as_evidence = {
    take_evidence, put_evidence, {"KIND=VALUE", "종류=값"}, false};
