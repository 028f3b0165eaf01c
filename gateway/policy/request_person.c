/* What a request says of the person concerned: the subject, the consent, why a location is asked
 * for; and who declares an emergency. */
#include "policy/request.h"

#include "policy/builder.h"
#include "policy/titles.h"

/* ---- message.subject */

static void add_category(struct reader *r, const struct node *n, void *target)
{
    unsigned category;
    if (request_enum(r, n, "category", TITLE_CATEGORY, 1, &category))
        ((struct request *)target)->facts.categories |= 1u << category;
}

static void subject_category(struct reader *r, const struct node *n, void *target)
{
    ((struct request *)target)->facts.categories = 0;
    if (!request_is_none(n))
        source_each_text(r, n, "category", add_category, target);
}

static void subject_age_band(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    f->age_band = 0;
    if (!request_is_none(n))
        (void)request_enum(r, n, "age_band", TITLE_AGE_BAND, 1, &f->age_band);
}

const struct read_key request_subject_keys[REQUEST_SUBJECT_KEYS] = {
    {"category", false, subject_category}, {"age_band", false, subject_age_band}};

void request_read_subject(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    if (request_is_none(n))
        f->categories = f->age_band = 0;
    else
        (void)read_map(r, n, "a subject", request_subject_keys, REQUEST_SUBJECT_KEYS, target);
}

/* ---- message.consent */

static void consent_given_by(struct reader *r, const struct node *n, void *target)
{
    (void)request_enum(r, n, "given_by", TITLE_GIVER, 1,
                       &((struct request *)target)->facts.consent.given_by);
}

static void consent_items(struct reader *r, const struct node *n, void *target)
{
    struct facts_consent *c = &((struct request *)target)->facts.consent;
    c->items = request_words(r, n, "items", c->item, FACTS_LIST_MAX);
}

static void consent_recipients(struct reader *r, const struct node *n, void *target)
{
    struct facts_consent *c = &((struct request *)target)->facts.consent;
    c->recipients = request_words(r, n, "recipients", c->recipient, FACTS_LIST_MAX);
}

static void consent_purposes(struct reader *r, const struct node *n, void *target)
{
    struct facts_consent *c = &((struct request *)target)->facts.consent;
    c->purposes = request_words(r, n, "purposes", c->purpose, FACTS_LIST_MAX);
}

static void consent_until(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    q->consent_until = (struct moment){0};
    if (!request_is_none(n))
        (void)request_moment(r, n, "until", &q->consent_until);
}

const struct read_key request_consent_keys[REQUEST_CONSENT_KEYS] = {
    {"given_by", false, consent_given_by},
    {"items", false, consent_items},
    {"recipients", false, consent_recipients},
    {"purposes", false, consent_purposes},
    {"until", false, consent_until}};

void request_read_consent(struct reader *r, const struct node *n, void *target)
{
    struct facts_consent *c = &((struct request *)target)->facts.consent;
    c->present = !request_is_none(n);
    if (c->present)
        (void)read_map(r, n, "a consent", request_consent_keys, REQUEST_CONSENT_KEYS, target);
}

/* ---- message.request: of a location_request */

static void request_ground(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    f->ground = 0;
    if (!request_is_none(n))
        (void)request_enum(r, n, "ground", TITLE_GROUND, 1, &f->ground);
}

/* One word, or `none`. */
static void read_given(struct reader *r, const struct node *n, const char *what, const char *word,
                       bool *out)
{
    const char *const words[] = {word, "none"};
    unsigned chosen;
    if (read_choice(r, n, what, words, ARRAY_LEN(words), &chosen))
        *out = chosen == 0;
}

static void request_wish(struct reader *r, const struct node *n, void *target)
{
    read_given(r, n, "wish", "confirmed", &((struct request *)target)->facts.wish_confirmed);
}

static void request_witness(struct reader *r, const struct node *n, void *target)
{
    read_given(r, n, "witness_consent", "given",
               &((struct request *)target)->facts.witness_consents);
}

const struct read_key request_request_keys[REQUEST_REQUEST_KEYS] = {
    {"ground", false, request_ground},
    {"wish", false, request_wish},
    {"witness_consent", false, request_witness}};

void request_read_request(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    if (request_is_none(n)) {
        f->ground = 0;
        f->wish_confirmed = f->witness_consents = false;
        return;
    }
    (void)read_map(r, n, "a request for a location", request_request_keys, REQUEST_REQUEST_KEYS,
                   target);
}

/* ---- message.emergency */

static void emergency_code(struct reader *r, const struct node *n, void *target)
{
    request_line(r, n, "reason_code", &((struct request *)target)->facts.emergency_reason);
}

static void emergency_reason(struct reader *r, const struct node *n, void *target)
{
    struct bytes text = {NULL, 0};
    request_line(r, n, "reason", &text);
    ((struct request *)target)->facts.emergency_text = text.n > 0;
}

const struct read_key request_emergency_keys[REQUEST_EMERGENCY_KEYS] = {
    {"reason_code", false, emergency_code}, {"reason", false, emergency_reason}};

void request_read_emergency(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    f->has_emergency = !request_is_none(n);
    if (f->has_emergency)
        (void)read_map(r, n, "a declaration of an emergency", request_emergency_keys,
                       REQUEST_EMERGENCY_KEYS, target);
}
