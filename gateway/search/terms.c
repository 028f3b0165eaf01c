#include "search/terms.h"

#include "base/ident.h"

static const struct {
    const char *word;
    bool is_number;
} fields[TERM_FIELDS] = {
#define WORD                      false
#define NUMBER                    true
#define F(NAME, word, kind, text) [SEARCH_##NAME] = {word, kind},
#include "search/fields.def"
#undef F
    [TERM_ERASES] = {"", NUMBER},
    [TERM_ENDS] = {"", WORD},
#undef WORD
#undef NUMBER
};

_Static_assert(TERM_FIELDS <= 32, "a field has five bits of a key");

const char *search_field_word(enum search_field f)
{
    return (unsigned)f < SEARCH_FIELDS ? fields[f].word : "";
}

enum search_field search_field_of_word(struct bytes word)
{
    unsigned f = 0;
    while (f < SEARCH_FIELDS && !bytes_is(word, fields[f].word))
        f++;
    return (enum search_field)f;
}

bool term_field_is_number(unsigned field)
{
    return fields[field].is_number;
}

bool term_read_number(struct bytes digits, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(digits.p[i] - '0');
        if (*out >> TERM_NUMBER_BITS != 0)
            return false;
    }
    return digits.n > 0;
}

int64_t term_key(unsigned field, uint64_t number, unsigned level)
{
    return (int64_t)(number << 11 | (uint64_t)level << 5 | field);
}

/* ---- of one entry */

struct taking {
    void (*each)(void *arg, const struct term *t);
    void *arg;
};

static void word(const struct taking *t, unsigned field, struct bytes text)
{
    if (text.n > 0)
        t->each(t->arg, &(struct term){.field = field, .text = text});
}

static struct bytes party_of(struct bytes unit)
{
    struct bytes party;
    return ident_split_unit(unit, &party, NULL) ? party : bytes_of(NULL, 0);
}

/* The largest pieces of [from, to] that begin at a multiple of their own size. */
static void range(const struct taking *t, unsigned field, uint64_t from, uint64_t to)
{
    while (from <= to && from >> TERM_NUMBER_BITS == 0) {
        unsigned level = 0;
        while (level < TERM_NUMBER_BITS && (from >> level & 1) == 0 &&
               to - from >= (UINT64_C(2) << level) - 1)
            level++;
        t->each(t->arg,
                &(struct term){
                    .field = field, .is_number = true, .number = from >> level, .level = level});
        from += UINT64_C(1) << level;
    }
}

static void ranges(const struct taking *t, unsigned field, struct bytes list)
{
    uint64_t from, to;
    while (leaf_range(&list, &from, &to))
        range(t, field, from, to);
}

static void take_recipients(const struct taking *t, const struct leaf *leaf)
{
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *r = &leaf->recipient[i];
        const uint8_t *mark = r->clause.n == 0 ? NULL : memchr(r->clause.p, '#', r->clause.n);
        word(t, SEARCH_UNIT, r->unit);
        word(t, SEARCH_UNIT_PARTY, party_of(r->unit));
        word(t, SEARCH_PARTY, party_of(r->unit));
        word(t, SEARCH_CLAUSE, r->clause);
        if (mark != NULL)
            word(t, SEARCH_MOU, bytes_of(r->clause.p, (size_t)(mark - r->clause.p)));
        word(t, SEARCH_REASON, r->reason);
        struct bytes flags = r->flags;
        while (flags.n > 0) {
            const uint8_t *blank = memchr(flags.p, ' ', flags.n);
            size_t n = blank == NULL ? flags.n : (size_t)(blank - flags.p);
            word(t, SEARCH_REASON, bytes_of(flags.p, n));
            n += blank != NULL;
            flags = bytes_of(flags.p + n, flags.n - n);
        }
    }
}

/* Entries "received" and "stream-opened" list the scopes of their copies; in others `scopes` is a
 * count. */
static bool lists_scopes(const struct leaf *leaf)
{
    return leaf->event == AUDIT_RECEIVED || leaf->event == AUDIT_STREAM_OPENED;
}

static void onward_scope(const struct taking *t, uint64_t scope)
{
    t->each(t->arg,
            &(struct term){
                .field = TERM_ERASES, .is_number = true, .is_onward = true, .number = scope});
}

static void take_scopes(const struct taking *t, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, list;
    uint64_t from, to;
    while (leaf_detail(&detail, "scope", &list)) {
        ranges(t, SEARCH_SCOPE, list);
        if (leaf->event == AUDIT_DESTROYED)
            ranges(t, TERM_ERASES, list);
        else if (term_read_number(list, &from))
            onward_scope(t, from);
    }
    detail = leaf->detail;
    if (!lists_scopes(leaf) || !leaf_detail(&detail, "scopes", &list))
        return;
    ranges(t, SEARCH_SCOPE, list);
    while (leaf_range(&list, &from, &to)) /* one by one, as chains read them */
        if (from >> TERM_NUMBER_BITS == 0)
            onward_scope(t, from);
}

static void take_about(const struct taking *t, const struct leaf *leaf)
{
    static const char *const lists[] = {"received", "items", "newer"};
    struct bytes detail, list;
    if (leaf->has_refers)
        range(t, SEARCH_ABOUT, leaf->refers, leaf->refers);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        detail = leaf->detail;
        if (leaf_detail(&detail, lists[i], &list))
            ranges(t, SEARCH_ABOUT, list);
    }
}

/* An incident's end, or that it was opened again, belongs to the chains of what it ends. */
static void take_incidents(const struct taking *t, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, value;
    for (size_t i = 0; i < leaf->incidents; i++)
        word(t, SEARCH_INCIDENT, leaf->incident[i]);
    if (leaf_detail(&detail, "other", &value))
        word(t, SEARCH_INCIDENT, value);
    if (leaf->incidents == 0)
        return;
    if (lists_scopes(leaf))
        t->each(t->arg,
                &(struct term){.field = TERM_ENDS, .is_onward = true, .text = leaf->incident[0]});
    detail = leaf->detail;
    if (leaf->event == AUDIT_INCIDENT_ENDED ||
        (leaf->event == AUDIT_INCIDENT_CHANGED && leaf_detail(&detail, "step", &value) &&
         bytes_is(value, "reopen")))
        word(t, TERM_ENDS, leaf->incident[0]);
}

void terms_each(const struct leaf *leaf, void (*each)(void *arg, const struct term *t), void *arg)
{
    const struct taking t = {each, arg};
    struct bytes detail = leaf->detail, value;
    word(&t, SEARCH_EVENT, bytes_of_text(audit_event_word(leaf->event)));
    word(&t, SEARCH_SOURCE, leaf->source);
    word(&t, SEARCH_SOURCE_PARTY, party_of(leaf->source));
    word(&t, SEARCH_PARTY, party_of(leaf->source));
    word(&t, SEARCH_KIND, leaf->kind);
    word(&t, SEARCH_SERVICE, leaf->service);
    word(&t, SEARCH_PURPOSE, leaf->purpose);
    word(&t, SEARCH_STATUS, leaf->status);
    word(&t, SEARCH_ID, leaf->id);
    if (leaf_detail(&detail, "order", &value))
        word(&t, SEARCH_ID, value);
    detail = leaf->detail;
    if (leaf_detail(&detail, "mou", &value))
        word(&t, SEARCH_MOU, value);
    take_recipients(&t, leaf);
    take_incidents(&t, leaf);
    take_scopes(&t, leaf);
    take_about(&t, leaf);
}

/* ---- what is counted */

/* As the statistics of report/ have it. */
static bool is_permitted(struct bytes reason)
{
    return reason.n == 0 || bytes_begins(reason, "permitted");
}

/* Persons decide: "held-ended" tells when it came to nothing. */
static bool is_held(struct bytes reason)
{
    return bytes_is(reason, "approval-pending") || bytes_is(reason, "quarantined");
}

static bool is_decision(enum audit_event e)
{
    return e == AUDIT_RECEIVED || e == AUDIT_STREAM_OPENED || e == AUDIT_WATCH_OPENED ||
           e == AUDIT_WATCH_REFUSED || e == AUDIT_STREAM_REFUSED || e == AUDIT_HELD_ENDED;
}

void terms_each_count(const struct leaf *leaf, void (*each)(void *arg, const struct term_count *c),
                      void *arg)
{
    each(arg, &(struct term_count){.what = SEARCH_COUNT_EVENT,
                                   .value = bytes_of_text(audit_event_word(leaf->event)),
                                   .bytes = leaf->size});
    if (leaf->event == AUDIT_RECEIVED || leaf->event == AUDIT_STREAM_OPENED)
        each(arg, &(struct term_count){.what = SEARCH_COUNT_KIND,
                                       .value = leaf->kind,
                                       .second = leaf->service,
                                       .bytes = leaf->size});
    for (size_t i = 0; is_decision(leaf->event) && i < leaf->recipients; i++) {
        const struct leaf_recipient *r = &leaf->recipient[i];
        const bool permitted = is_permitted(r->reason);
        if (!permitted && is_held(r->reason))
            continue;
        if (!permitted)
            each(arg, &(struct term_count){.what = SEARCH_COUNT_REASON,
                                           .value = r->reason,
                                           .second = leaf->service,
                                           .bytes = leaf->size});
        each(arg,
             &(struct term_count){.what = permitted ? SEARCH_COUNT_FLOW : SEARCH_COUNT_FLOW_REFUSED,
                                  .value = party_of(leaf->source),
                                  .second = party_of(r->unit),
                                  .third = leaf->service,
                                  .bytes = leaf->size});
    }
}
