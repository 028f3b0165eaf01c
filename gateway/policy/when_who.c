/* Conditions about people: the subject, the consent, why a location is asked for, where a position
 * comes from. */
#include "policy/when.h"

/* In the order of the contract's SubjectCategory, AgeBand, ConsentGiver, LocationGround and
 * PositionOrigin. Number
 * 0 means "not given" and has no word, but for an origin, where it is a place that is nobody's
 * position. */
static const char *const categories[] = {"child",
                                         "dementia",
                                         "adult-ward",
                                         "registered-severe-mental-disability",
                                         "other-disability",
                                         "living-alone",
                                         "intellectual-autistic-mental-disability"};
static const char *const age_bands[] = {"up-to-8", "9-to-13", "14-to-17", "adult"};
static const char *const givers[] = {"subject", "legal-representative", "lia-26-guardian"};
static const char *const grounds[] = {"caller", "witness", "person-to-be-rescued", "missing-person",
                                      "relative"};
static const char *const origins[] = {"place",           "caller-stated", "lia-29",  "lia-consent",
                                      "missing-persons", "device",        "disaster"};

static struct choices choices_of(enum condition_op op)
{
    switch (op) {
    case CONDITION_CATEGORY: return (struct choices){categories, ARRAY_LEN(categories), 1};
    case CONDITION_AGE_BAND: return (struct choices){age_bands, ARRAY_LEN(age_bands), 1};
    case CONDITION_ORIGIN: return (struct choices){origins, ARRAY_LEN(origins), 0};
    case CONDITION_REQUEST_GROUND: return (struct choices){grounds, ARRAY_LEN(grounds), 1};
    default: return (struct choices){givers, ARRAY_LEN(givers), 1};
    }
}

const char *when_word_of(enum condition_op op, unsigned number)
{
    const struct choices c = choices_of(op);
    return number >= c.first && number - c.first < c.count ? c.words[number - c.first] : "";
}

static void read_words_of(struct reader *r, const struct node *n, struct when *w,
                          enum condition_op op, unsigned asks)
{
    const struct choices from = choices_of(op);
    when_choices(r, n, w, op, asks, &from);
}

static void read_category(struct reader *r, const struct node *n, void *target)
{
    read_words_of(r, n, target, CONDITION_CATEGORY, ASKS_CONSENT);
}

static void read_age_band(struct reader *r, const struct node *n, void *target)
{
    read_words_of(r, n, target, CONDITION_AGE_BAND, ASKS_CONSENT);
}

void when_read_subject(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"category", false, read_category},
                                           {"age_band", false, read_age_band}};
    when_map(r, n, "subject", keys, ARRAY_LEN(keys), target);
}

static void read_given_by(struct reader *r, const struct node *n, void *target)
{
    read_words_of(r, n, target, CONDITION_CONSENT_GIVEN_BY, ASKS_CONSENT);
}

static void read_names(struct reader *r, const struct node *n, struct when *w, enum condition_op op)
{
    if (when_has_meaning(r, w, n, op, ASKS_CONSENT))
        when_word(r, n, w, op, "yes");
}

static void read_names_recipient(struct reader *r, const struct node *n, void *target)
{
    read_names(r, n, target, CONDITION_CONSENT_NAMES_RECIPIENT);
}

static void read_names_purpose(struct reader *r, const struct node *n, void *target)
{
    read_names(r, n, target, CONDITION_CONSENT_NAMES_PURPOSE);
}

static void read_names_items(struct reader *r, const struct node *n, void *target)
{
    when_words(r, n, target, CONDITION_CONSENT_NAMES_ITEMS, ASKS_CONSENT, WORD_CONSENT_ITEM,
               "item of a consent");
}

void when_read_consent(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"given_by", true, read_given_by},
                                           {"names_recipient", false, read_names_recipient},
                                           {"names_purpose", false, read_names_purpose},
                                           {"names_items", false, read_names_items}};
    (void)read_map(r, n, "consent", keys, ARRAY_LEN(keys), target);
}

static void read_ground(struct reader *r, const struct node *n, void *target)
{
    read_words_of(r, n, target, CONDITION_REQUEST_GROUND, ASKS_GROUND);
}

static void read_wish(struct reader *r, const struct node *n, void *target)
{
    if (when_has_meaning(r, target, n, CONDITION_REQUEST_WISH, ASKS_GROUND))
        when_word(r, n, target, CONDITION_REQUEST_WISH, "confirmed");
}

static void read_witness_consent(struct reader *r, const struct node *n, void *target)
{
    if (when_has_meaning(r, target, n, CONDITION_REQUEST_WITNESS_CONSENT, ASKS_GROUND))
        when_word(r, n, target, CONDITION_REQUEST_WITNESS_CONSENT, "given");
}

void when_read_request(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"ground", false, read_ground},
                                           {"wish", false, read_wish},
                                           {"witness_consent", false, read_witness_consent}};
    when_map(r, n, "request", keys, ARRAY_LEN(keys), target);
}

void when_read_origin(struct reader *r, const struct node *n, void *target)
{
    read_words_of(r, n, target, CONDITION_ORIGIN, ASKS_ORIGIN);
}
