#include "message/check.h"

#include "base/ident.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "message/times.h"

#include <stdio.h>

static struct bytes text_of(const void *value)
{
    return bytes_of_text(*(const char *const *)value);
}

static double number_of(const ProtobufCFieldDescriptor *f, const void *value)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_FLOAT: return (double)*(const float *)value;
    case PROTOBUF_C_TYPE_DOUBLE: return *(const double *)value;
    default: return *(const uint32_t *)value;
    }
}

/* NaN is in no range. What may be left out, and is too large or small but not absurd, is for a
 * person to look at. */
static bool check_number(struct check *c, const struct field_rule *r, double v)
{
    const double any = 1e9;
    if (v >= r->low && v <= r->high)
        return true;
    (void)check_wrong(c, NULL, REASON_OUT_OF_RANGE, "%g to %g", r->low, r->high);
    return r->need == NEED_MAY && v >= -any && v <= any && check_set_apart(c);
}

static bool check_time(struct check *c, const struct field_rule *r, const void *value)
{
    const Google__Protobuf__Timestamp *t = *(Google__Protobuf__Timestamp *const *)value;
    if (!time_is_valid(t))
        return check_wrong(c, NULL, REASON_OUT_OF_RANGE, "a time of the years 1 to 9999");
    if (r->form == FORM_PAST && time_us(t) > c->limits->now_us + LIMIT_AHEAD)
        return check_wrong(c, NULL, REASON_OUT_OF_RANGE, "a time in the past");
    return true;
}

static bool is_letter_or_digit(uint8_t ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
}

/* A letter or digit, then up to LIMIT_WORD - 1 of those and the marks given. */
static bool is_code(struct bytes b, bool capitals, const char *marks)
{
    if (b.n == 0 || b.n > LIMIT_WORD || !is_letter_or_digit(b.p[0]))
        return false;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t ch = b.p[i];
        if (!capitals && ch >= 'A' && ch <= 'Z')
            return false;
        if (!is_letter_or_digit(ch) && strchr(marks, ch) == NULL)
            return false;
    }
    return true;
}

/* C0 with DEL, and C1, which UTF-8 writes as C2 80 to C2 9F. */
static bool has_controls(struct bytes b, const char *allowed)
{
    for (size_t i = 0; i < b.n; i++) {
        if ((b.p[i] < 0x20 || b.p[i] == 0x7f) && strchr(allowed, b.p[i]) == NULL)
            return true;
        if (b.p[i] == 0xc2 && i + 1 < b.n && b.p[i + 1] < 0xa0)
            return true;
    }
    return false;
}

static size_t characters(struct bytes b)
{
    size_t n = 0;
    for (size_t i = 0; i < b.n; i++)
        n += (b.p[i] & 0xc0) != 0x80;
    return n;
}

static bool check_text(struct check *c, const struct field_rule *r, struct bytes b)
{
    size_t printable = bytes_printable_prefix(b); /* mostly all of it */
    struct bytes rest = bytes_of(b.p + printable, b.n - printable);
    if (printable + characters(rest) > (size_t)r->high)
        return check_wrong(c, NULL, REASON_OUT_OF_RANGE, "at most %.0f characters", r->high);
    if (has_controls(rest, r->form == FORM_TEXT ? "\t\n\r" : ""))
        return check_wrong(c, NULL, REASON_MALFORMED, "text without control characters");
    return true;
}

static bool check_choice(struct check *c, const struct field_rule *r, struct bytes b)
{
    char words[FINDING_TEXT] = "";
    size_t n = 0;
    for (const char *const *choice = r->choice; *choice != NULL; choice++)
        if (bytes_is(b, *choice))
            return true;
    for (const char *const *choice = r->choice; *choice != NULL && n < sizeof words; choice++)
        n += (size_t)snprintf(words + n, sizeof words - n, "%s%s", n == 0 ? "" : ", ", *choice);
    return check_wrong(c, NULL, REASON_OUT_OF_RANGE, "%s", words);
}

static bool malformed_unless(bool good, struct check *c, const char *expected)
{
    return good || check_wrong(c, NULL, REASON_MALFORMED, "%s", expected);
}

static bool check_name(struct check *c, enum field_form form, struct bytes b)
{
    struct uuid uuid;
    switch (form) {
    case FORM_UUID:
        return malformed_unless(uuid_parse(b, &uuid), c, "a UUID of 36 lower-case characters");
    case FORM_NAME:
        return malformed_unless(ident_is_word(b), c, "a word: a-z, 0-9 and hyphens, at most 40");
    case FORM_UNIT:
        return malformed_unless(ident_split_unit(b, NULL, NULL), c, "a unit, party/unit");
    case FORM_INCIDENT:
        return malformed_unless(ident_split_incident(b, NULL, NULL), c,
                                "an incident, party/unit:UUID");
    case FORM_WORD:
        return malformed_unless(is_code(b, false, "-_./"), c,
                                "a word: a-z, 0-9 and - _ . /, at most 100");
    default:
        return malformed_unless(is_code(b, true, "-_.:/@+#"), c,
                                "an identifier: letters, digits and - _ . : / @ + #, at most 100");
    }
}

static bool check_bytes(struct check *c, const struct field_rule *r, size_t n)
{
    if (r->form == FORM_DIGEST)
        return malformed_unless(n == SHA256_BYTES, c, "32 bytes");
    return n <= (size_t)r->high ||
           check_wrong(c, NULL, REASON_TOO_LARGE, "at most %.0f bytes", r->high);
}

bool form_check(struct check *c, const struct field_rule *r, const ProtobufCFieldDescriptor *f,
                const void *value)
{
    switch (r->form) {
    case FORM_ANY:
    case FORM_MESSAGE: return true;
    case FORM_ENUM:
        return malformed_unless(*(const int *)value != 0, c, "an enumerator other than zero");
    case FORM_NUMBER: return check_number(c, r, number_of(f, value));
    case FORM_TIME:
    case FORM_PAST: return check_time(c, r, value);
    case FORM_LINE:
    case FORM_TEXT: return check_text(c, r, text_of(value));
    case FORM_CHOICE: return check_choice(c, r, text_of(value));
    case FORM_BYTES:
    case FORM_DIGEST: return check_bytes(c, r, ((const ProtobufCBinaryData *)value)->len);
    case FORM_UUID:
    case FORM_NAME:
    case FORM_UNIT:
    case FORM_INCIDENT:
    case FORM_WORD:
    case FORM_REFERENCE: return check_name(c, r->form, text_of(value));
    }
    return false;
}
