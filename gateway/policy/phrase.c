#include "policy/phrase.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { SLOT_MAX = 64 };

/* ---- single values */

/* "{|kind,or}": a word's title, as it is or in quotation marks. */
static bool put_title(struct phrase *s, unsigned class, bool quoted, struct bytes word,
                      struct buf *out)
{
    const char *title = policy_title(s->p, class, word, s->korean);
    const char *open = s->korean ? "‘" : "“", *close = s->korean ? "’" : "”";
    if (quoted)
        buf_text(out, open);
    if (title != NULL)
        buf_text(out, title);
    else
        buf_put(out, word.p, word.n);
    if (quoted)
        buf_text(out, close);
    return true;
}

static bool put_date(const struct phrase *s, struct bytes t, struct buf *out)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    enum { MONTH_AT = 5, DAY_AT = 8, DATE = 10, MINUTE = 16, SECOND = 19 };
    int64_t us;
    char day[DATE + 1] = "";
    if (t.n >= DATE)
        memcpy(day, t.p, DATE);
    if (!time_parse(day, strlen(day), zone_named("UTC"), &us)) {
        buf_put(out, t.p, t.n);
        return true;
    }
    const long y = strtol(day, NULL, 10), m = strtol(day + MONTH_AT, NULL, 10),
               d = strtol(day + DAY_AT, NULL, 10);
    if (s->korean)
        buf_printf(out, "%ld년 %ld월 %ld일", y, m, d);
    else
        buf_printf(out, "%ld %s %ld", d, months[m - 1], y);
    if (t.n > SECOND)
        buf_printf(out, " %.*s (%.*s)", MINUTE - DATE - 1, (const char *)t.p + DATE + 1,
                   (int)(t.n - SECOND), (const char *)t.p + SECOND);
    return true;
}

/* A day on which something ends counts to its end. */
static bool put_end(const struct phrase *s, struct bytes t, struct buf *out)
{
    enum { DATE = 10 };
    buf_text(out, t.n == DATE && !s->korean ? "the end of " : "");
    return put_date(s, t, out);
}

void phrase_put_duration(struct bytes t, bool korean, struct buf *out)
{
    static const struct {
        const char *en, *ko;
    } units[] = {
        {"second", "초"}, {"minute", "분"}, {"hour", "시간"}, {"day", "일"}, {"year", "년"}};
    const char *text = (const char *)t.p;
    char *unit;
    long long number = strtoll(text, &unit, 10);
    unit += strspn(unit, " ");
    for (size_t i = 0; unit > text && i < ARRAY_LEN(units); i++) {
        if (strncmp(unit, units[i].en, strlen(units[i].en)) != 0 && strcmp(unit, units[i].ko) != 0)
            continue;
        if (korean)
            buf_printf(out, "%lld%s", number, units[i].ko);
        else
            buf_printf(out, "%lld %s%s", number, units[i].en, number == 1 ? "" : "s");
        return;
    }
    buf_put(out, t.p, t.n);
}

/* The same whatever language the file has it in. */
static bool put_duration(const struct phrase *s, struct bytes t, struct buf *out)
{
    phrase_put_duration(t, s->korean, out);
    return true;
}

/* "within 24 hours after", "as soon as": what comes before the event in English, behind it in
 * Korean. */
static bool put_delay(const struct phrase *s, struct bytes t, struct buf *out)
{
    if (bytes_begins(t, "0 ") || bytes_is(t, "0초")) {
        buf_text(out, s->korean ? " 즉시" : "as soon as");
        return true;
    }
    buf_text(out, s->korean ? "부터 " : "within ");
    put_duration(s, t, out);
    buf_text(out, s->korean ? " 이내에" : " after");
    return true;
}

static bool put_hours(const struct phrase *s, struct bytes t, struct buf *out)
{
    const uint8_t *dash = memchr(t.p, '-', t.n);
    if (dash == NULL) {
        buf_put(out, t.p, t.n);
        return true;
    }
    size_t before = (size_t)(dash - t.p);
    buf_put(out, t.p, before);
    buf_text(out, s->korean ? "부터 " : " and ");
    buf_put(out, dash + 1, t.n - before - 1);
    buf_text(out, s->korean ? "까지" : "");
    return true;
}

static bool put_persons(const struct phrase *s, struct bytes t, struct buf *out)
{
    if (bytes_is(t, "1"))
        buf_text(out, s->korean ? "한 사람" : "one officer");
    else if (bytes_is(t, "2"))
        buf_text(out, s->korean ? "서로 다른 두 사람" : "two different officers");
    else
        buf_put(out, t.p, t.n);
    return true;
}

static bool put_quote(const struct phrase *s, struct bytes t, struct buf *out)
{
    buf_printf(out, s->korean ? "‘%.*s’" : "“%.*s”", (int)t.n, (const char *)t.p);
    return true;
}

/* ---- formats */

static const struct format {
    const char *name;
    bool quoted;
    unsigned class;
} title_formats[] = {{"kind", false, TITLE_KIND},
                     {"camera-kind", false, TITLE_CAMERA_KIND},
                     {"footage", false, TITLE_FOOTAGE},
                     {"category", false, TITLE_CATEGORY},
                     {"age-band", false, TITLE_AGE_BAND},
                     {"giver", false, TITLE_GIVER},
                     {"ground", false, TITLE_GROUND},
                     {"origin", false, TITLE_ORIGIN},
                     {"starts", false, TITLE_STARTS},
                     {"register", false, TITLE_REGISTER},
                     {"party-role", false, TITLE_PARTY_ROLE},
                     {"officer-role", true, TITLE_OFFICER_ROLE},
                     {"day", false, TITLE_DAY},
                     {"service", true, TITLE_WORD_FIRST + WORD_SERVICE},
                     {"purpose", true, TITLE_WORD_FIRST + WORD_PURPOSE},
                     {"incident-type", false, TITLE_WORD_FIRST + WORD_INCIDENT_TYPE},
                     {"camera-purpose", true, TITLE_WORD_FIRST + WORD_CAMERA_PURPOSE},
                     {"region", false, TITLE_WORD_FIRST + WORD_REGION},
                     {"evidence", true, TITLE_WORD_FIRST + WORD_EVIDENCE},
                     {"reason", true, TITLE_WORD_FIRST + WORD_REASON},
                     {"consent-item", true, TITLE_WORD_FIRST + WORD_CONSENT_ITEM},
                     {"basis", true, TITLE_BASIS},
                     {"law", false, TITLE_BASIS},
                     {"party", false, TITLE_PARTY}};

static const struct {
    const char *name;
    bool (*put)(const struct phrase *s, struct bytes t, struct buf *out);
} formats[] = {{"date", put_date},   {"end", put_end},     {"duration", put_duration},
               {"delay", put_delay}, {"hours", put_hours}, {"persons", put_persons},
               {"quote", put_quote}};

static bool put_one(struct phrase *s, struct bytes t, struct bytes format, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (bytes_is(format, formats[i].name))
            return formats[i].put(s, t, out);
    for (size_t i = 0; i < ARRAY_LEN(title_formats); i++)
        if (bytes_is(format, title_formats[i].name))
            return put_title(s, title_formats[i].class, title_formats[i].quoted, t, out);
    if (bytes_is(format, "unit"))
        policy_put_unit(s->p, t, s->korean, out);
    else
        buf_put(out, t.p, t.n);
    return true;
}

static bool note(struct phrase *s, const struct node *n)
{
    if (s->count == PHRASE_NODES_MAX)
        return false;
    s->said[s->count++] = n;
    return true;
}

/* Of a text that stands in both languages, the one that is spoken; both are said then. */
static const struct node *in_language(struct phrase *s, const struct node *n)
{
    const struct node *en = NULL, *ko = NULL;
    if (node_type(n) == NODE_MAP) {
        en = node_member(n, "en");
        ko = node_member(n, "ko");
    }
    if (en == NULL || ko == NULL || !note(s, s->korean ? en : ko))
        return n;
    return s->korean ? ko : en;
}

static const char *joint(const struct phrase *s, size_t left, bool any)
{
    if (left > 1)
        return ", ";
    return any ? (s->korean ? " 또는 " : " or ") : (s->korean ? " 및 " : " and ");
}

static bool put_list(struct phrase *s, const struct node *n, struct bytes format, bool any,
                     struct buf *out)
{
    const size_t count = node_count(n);
    for (size_t i = 0; i < count; i++) {
        const struct node *item = in_language(s, node_item(n, i));
        buf_text(out, i == 0 ? "" : joint(s, count - i, any));
        if (node_type(item) != NODE_TEXT || !note(s, item) ||
            !put_one(s, node_text(item), format, out))
            return false;
    }
    return count > 0;
}

bool phrase_value(struct phrase *s, const struct node *n, const char *format, size_t format_bytes,
                  struct buf *out)
{
    struct bytes f = bytes_of(format, format_bytes);
    const bool any = f.n > 3 && memcmp(f.p + f.n - 3, ",or", 3) == 0;
    if (any)
        f.n -= 3;
    n = in_language(s, n);
    if (node_type(n) == NODE_LIST)
        return put_list(s, n, f, any, out);
    if (node_type(n) != NODE_TEXT || !note(s, n))
        return false;
    if (f.n > 0 && f.p[0] == '=') /* only when it is this word */
        return bytes_equal(node_text(n), bytes_of(f.p + 1, f.n - 1));
    return put_one(s, node_text(n), f, out);
}

/* ---- Korean particles */

/* How the last syllable ends: 0 with a vowel, 8 with ㄹ, else another consonant. Digits and
 * capitals are read aloud one by one; what stands in brackets is not. */
static unsigned ending(struct bytes text)
{
    static const unsigned digit[] = {1, 8, 0, 1, 0, 0, 1, 8, 8, 0};
    unsigned end = 0, depth = 0;
    while (text.n > 0) {
        uint32_t c = bytes_take_character(&text);
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        if (depth > 0)
            continue;
        if (c >= 0xac00 && c <= 0xd7a3)
            end = (c - 0xac00) % 28;
        else if (c >= '0' && c <= '9')
            end = digit[c - '0'];
        else if (c < 0x80 && strchr("LRlr", (int)c) != NULL)
            end = 8;
        else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            end = strchr("MNmn", (int)c) != NULL;
    }
    return end;
}

/* "<은/는>": the first behind a consonant. Of "으로/로", ㄹ counts as a vowel. Returns what is
 * behind it. */
static const char *put_particle(const char *at, struct buf *out)
{
    const char *slash = strchr(at, '/'), *end = strchr(at, '>');
    const unsigned last = ending(buf_view(out));
    const bool vowel = last == 0 || (last == 8 && strncmp(at + 1, "으로/", strlen("으로/")) == 0);
    if (vowel)
        buf_put(out, slash + 1, (size_t)(end - slash - 1));
    else
        buf_put(out, at + 1, (size_t)(slash - at - 1));
    return end + 1;
}

/* ---- templates */

static const struct node *find(const struct phrase *s, const char *path)
{
    char word[SLOT_MAX];
    const struct node *n = s->place;
    if (strcmp(path, ".") == 0)
        return n;
    for (const char *dot = path; n != NULL && dot != NULL; path = dot + 1) {
        dot = strchr(path, '.');
        (void)snprintf(word, sizeof word, "%.*s", dot == NULL ? SLOT_MAX : (int)(dot - path), path);
        n = node_type(n) == NODE_MAP ? node_member(n, word) : NULL;
    }
    return n;
}

/* The slot behind '{'; *at moves behind its '}'. */
static bool put_slot(struct phrase *s, const char **at, struct buf *out)
{
    char slot[SLOT_MAX];
    const char *end = strchr(*at, '}');
    (void)snprintf(slot, sizeof slot, "%.*s", (int)(end - *at - 1), *at + 1);
    *at = end + 1;
    if (strcmp(slot, "@") == 0) {
        buf_text(out, s->about);
        return true;
    }
    char *format = strchr(slot, '|');
    if (format != NULL)
        *format++ = '\0';
    const struct node *n = find(s, slot);
    return n != NULL && phrase_value(s, n, format, format == NULL ? 0 : strlen(format), out);
}

/* What stands in [ ], when all of it is there; *at moves behind the ']'. */
static void put_group(struct phrase *s, const char **at, struct buf *out)
{
    const size_t before = out->n, count = s->count;
    const char *end = strchr(*at, ']');
    bool whole = true;
    for (const char *c = *at + 1; c < end;) {
        if (*c == '{')
            whole = put_slot(s, &c, out) && whole;
        else if (*c == '<')
            c = put_particle(c, out);
        else
            buf_u8(out, (uint8_t)*c++);
    }
    *at = end + 1;
    if (whole)
        return;
    out->n = before;
    s->count = count;
}

bool phrase_fill(struct phrase *s, const char *template, struct buf *out)
{
    for (const char *at = template; *at != '\0';) {
        if (*at == '{') {
            if (!put_slot(s, &at, out))
                return false;
        } else if (*at == '[') {
            put_group(s, &at, out);
        } else if (*at == '<') {
            at = put_particle(at, out);
        } else {
            buf_u8(out, (uint8_t)*at++);
        }
    }
    return true;
}
