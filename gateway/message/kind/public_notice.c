#include "message/kind.h"
#include "message/times.h"

/* The code values of CAP 1.2, 3.2.2. */
static const char *const category[] = {"Geo",   "Met",    "Safety", "Security",  "Rescue",
                                       "Fire",  "Health", "Env",    "Transport", "Infra",
                                       "CBRNE", "Other",  NULL};
static const char *const urgency[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const certainty[] = {"Observed", "Likely",  "Possible",
                                        "Unlikely", "Unknown", NULL};

static bool is_letter_or_digit(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
}

/* The shape of a language tag such as "ko-KR" (RFC 5646): parts of at most eight letters or digits
 * between hyphens, the first of at least two. */
static bool is_language(const char *tag)
{
    size_t part = 0, least = 2;
    for (;; tag++) {
        if (is_letter_or_digit(*tag)) {
            if (++part > 8)
                return false;
            continue;
        }
        if (part < least || (*tag != '-' && *tag != '\0'))
            return false;
        if (*tag == '\0')
            return true;
        part = 0;
        least = 1;
    }
}

/*
 * A notice to the public, in the terms of CAP 1.2: what it calls required is required here, an
 * update or a cancellation names what it replaces, an area has its description in words. What a
 * signed original (signed_cap) says is compared with these fields where the message comes in
 * (formats/cap_original.c); here it is as many bytes as it may be.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__PublicNotice *p = (const void *)m;
    if (p->type != FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_ALERT && p->n_references == 0)
        return check_wrong(c, "references", REASON_MALFORMED, "required but for an alert");
    if (p->area != NULL && *p->area_description == '\0')
        return check_wrong(c, "area_description", REASON_MALFORMED, "required with an area");
    if (*p->language != '\0' && !is_language(p->language))
        return check_wrong(c, "language", REASON_MALFORMED, "a language tag such as ko-KR");
    return p->expires_at == NULL || p->effective_at == NULL ||
           time_us(p->effective_at) < time_us(p->expires_at) ||
           check_wrong(c, "expires_at", REASON_OUT_OF_RANGE, "a time after effective_at");
}

static const struct field_rule fields[] = {
    FIELD("type", MUST, ENUM),
    FIELD("references", STRICT, LINE, .high = LIMIT_LINE, .most = LIMIT_REFERENCES),
    FIELD("category", MUST, CHOICE, .choice = category),
    LINE("event", MUST),
    FIELD("urgency", MUST, CHOICE, .choice = urgency),
    FIELD("severity", MAY, ENUM), /* absent: CAP's "Unknown" */
    FIELD("certainty", MUST, CHOICE, .choice = certainty),
    LINE("headline", MAY),
    FREE_TEXT("description", MAY),
    FREE_TEXT("instruction", MAY),
    OF_TYPE("area", MAY, rules_area),
    LINE("area_description", MAY),
    FIELD("effective_at", STRICT, TIME),
    FIELD("expires_at", STRICT, TIME),
    FIELD("language", MAY, LINE, .high = LIMIT_WORD),
    FIELD("signed_cap", STRICT, BYTES, .high = LIMIT_SIGNED_CAP)};
RULES(kind_rules_public_notice, fedgate__v1__public_notice__descriptor, fields, whole);

void kind_facts_public_notice(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_area(f, m->public_notice->area);
    f->media_bytes = m->public_notice->signed_cap.len;
}
