#include "message/kind.h"
#include "message/photo.h"

#include "base/ident.h"

#define PHASE_NEW FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_NEW

/* What the first alert has to say, so that somebody can be sent. */
static bool new_is_complete(struct check *c, const Fedgate__V1__GuardianAlert *a)
{
    const char *lacks = a->subject == NULL    ? "subject"
                        : a->n_category == 0  ? "category"
                        : a->trigger == 0     ? "trigger"
                        : a->position == NULL ? "position"
                                              : NULL;
    return lacks == NULL ||
           check_wrong(c, lacks, REASON_MALFORMED, "required, and good, in phase NEW");
}

/* A later phase names the alert's incident, <centre unit>:<alert_id>. */
static bool names_its_incident(struct check *c, const Fedgate__V1__GuardianAlert *a)
{
    struct uuid alert, incident;
    for (size_t i = 0; i < c->header->n_incident_id; i++)
        if (ident_split_incident(bytes_of_text(c->header->incident_id[i]), NULL, &incident) &&
            uuid_parse(bytes_of_text(a->alert_id), &alert) &&
            memcmp(&alert, &incident, sizeof alert) == 0)
            return true;
    return check_wrong(c, "alert_id", REASON_MALFORMED,
                       "the UUID of an incident in header.incident_id after phase NEW");
}

/* The digest that recipients get is that of the photo that they get. */
static bool photo_good(struct check *c, Fedgate__V1__GuardianAlert *a)
{
    return a->photo.len == 0 || (photo_has_digest(c, "photo_sha256", &a->photo, &a->photo_sha256) &&
                                 photo_strip(c, "photo", a->media_type, &a->photo) &&
                                 photo_digest(c, &a->photo, &a->photo_sha256));
}

/*
 * A person at risk: a button was pressed, a zone was left, a guardian reports. The first alert has
 * to say who, why and where; whatever else is bad is left out and never stops it. The photo comes
 * once and later only its digest. Consent, category and age are the policy's to judge; a consent
 * counts only with its subject, for else nobody could tell whether it was withdrawn.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    Fedgate__V1__GuardianAlert *a = (void *)m;
    if (!(a->phase == PHASE_NEW ? new_is_complete(c, a) : names_its_incident(c, a)))
        return false;
    if (a->consent != NULL && a->subject == NULL) {
        (void)check_wrong(c, "consent", REASON_MALFORMED, "with the subject that it is about");
        a->consent = NULL;
        if (!check_left_out(c))
            return false;
    }
    if (photo_good(c, a))
        return true;
    a->photo = a->photo_sha256 = (ProtobufCBinaryData){0, NULL};
    return check_left_out(c);
}

static const struct field_rule fields[] = {FIELD("alert_id", MUST, UUID),
                                           FIELD("sequence", MAY, ANY),
                                           FIELD("phase", MUST, ENUM),
                                           OF_TYPE("subject", STRICT, rules_subject),
                                           FIELD("category", MAY, ENUM, .most = FACTS_LIST_MAX),
                                           FIELD("age_band", MAY, ENUM),
                                           OF_TYPE("consent", MAY, rules_consent),
                                           FIELD("trigger", MAY, ENUM),
                                           OF_TYPE("position", MAY, rules_position),
                                           FIELD("speed_mps", MAY, NUMBER, .high = LIMIT_SPEED_MPS),
                                           FIELD("heading_deg", MAY, NUMBER, .high = 360),
                                           FIELD("zone_ref", MAY, LINE, .high = LIMIT_WORD),
                                           FIELD("battery_percent", MAY, NUMBER, .high = 100),
                                           FIELD("media_type", MAY, CHOICE, .choice = media_jpeg),
                                           FIELD("photo", MAY, BYTES, .high = LIMIT_PHOTO),
                                           FIELD("photo_sha256", MAY, DIGEST),
                                           FIELD("height_cm", MAY, NUMBER, .high = LIMIT_HEIGHT_CM),
                                           FREE_TEXT("features", MAY),
                                           LINE("guardian_contact", MAY)};
RULES(kind_rules_guardian_alert, fedgate__v1__guardian_alert__descriptor, fields, whole);

/* One of the many positions of an alert, which brings nothing that is said once. */
static bool is_position(const Fedgate__V1__GuardianAlert *a)
{
    return a->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_UPDATE && a->position != NULL &&
           a->photo.len == 0 && a->features[0] == '\0' && a->guardian_contact[0] == '\0' &&
           a->height_cm == 0;
}

void kind_facts_guardian_alert(const Fedgate__V1__Message *m, struct facts *f)
{
    const Fedgate__V1__GuardianAlert *a = m->guardian_alert;
    fill_subject(f, a->subject);
    for (size_t i = 0; i < a->n_category; i++)
        f->categories |= UINT32_C(1) << a->category[i];
    f->age_band = a->age_band;
    fill_consent(f, a->consent);
    fill_person(f, a->position);
    f->media_bytes = a->photo.len;
    f->is_position = is_position(a);
    f->trigger = a->trigger;
}
