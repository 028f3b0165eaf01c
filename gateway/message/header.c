#include "message/rules.h"

#include "base/ident.h"
#include "message/times.h"

/*
 * Past the window within which ids are remembered, a message may be one that was seen before: it is
 * stale. One from the future would stay "new" for longer than ids are remembered, so a clock may be
 * ahead by no more than LIMIT_AHEAD.
 */
static bool times_good(struct check *c, const Fedgate__V1__Header *h)
{
    int64_t created = time_us(h->created_at), now = c->limits->now_us;
    if (created > time_after(now, c->limits->ahead_us) + LIMIT_AHEAD)
        return check_wrong(c, "created_at", REASON_OUT_OF_RANGE,
                           "at most two minutes after the gateway's time");
    if (h->destroy_by != NULL && time_us(h->destroy_by) <= created)
        return check_wrong(c, "destroy_by", REASON_OUT_OF_RANGE, "a time after created_at");
    return created >= now - c->limits->id_window_us ||
           check_doubt(c, "created_at", REASON_STALE, "a time within the window of remembered ids");
}

static bool all_different(char *const *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(text[i], text[k]) == 0)
                return false;
    return true;
}

static bool lists_good(struct check *c, const Fedgate__V1__Header *h)
{
    if (!all_different(h->incident_id, h->n_incident_id))
        return check_wrong(c, "incident_id", REASON_MALFORMED, "each incident once");
    return all_different(h->to, h->n_to) ||
           check_wrong(c, "to", REASON_MALFORMED, "each recipient once");
}

/* A reason that refuses, asked for by a test. */
static bool wish_good(struct check *c, const Fedgate__V1__Header *h)
{
    if (h->test_wish == FEDGATE__V1__REASON__REASON_UNSPECIFIED)
        return true;
    if (h->status != FEDGATE__V1__STATUS__STATUS_TEST)
        return check_wrong(c, "test_wish", REASON_OUT_OF_RANGE, "absent, but in TEST messages");
    return (h->test_wish > FEDGATE__V1__REASON__REASON_PERMITTED_EMERGENCY &&
            reason_row((enum reason)h->test_wish) != NULL) ||
           check_wrong(c, "test_wish", REASON_OUT_OF_RANGE, "a reason that refuses");
}

static bool whole_good(struct check *c, const Fedgate__V1__Header *h, bool gateway_only)
{
    if (gateway_only && strcmp(h->source, GATEWAY_UNIT) != 0)
        return check_wrong(c, "source", REASON_IDENTITY_MISMATCH,
                           "the gateway, which alone sends this kind");
    return wish_good(c, h) && lists_good(c, h) && times_good(c, h);
}

bool header_check(struct check *c, Fedgate__V1__Header *h, bool gateway_only)
{
    if (h == NULL)
        return check_wrong(c, "header", REASON_MALFORMED, "required");
    if (!check_message(c, "header", &h->base, &rules_header))
        return false;
    c->depth = 1; /* "header" still stands in the path */
    bool good = whole_good(c, h, gateway_only);
    c->depth = 0;
    return good;
}

bool header_names_one_incident(struct check *c, ProtobufCMessage *body)
{
    (void)body;
    return c->header->n_incident_id == 1 ||
           check_wrong(c, NULL, REASON_MALFORMED, "exactly one incident in header.incident_id");
}

void header_reduce(Fedgate__V1__Header *h)
{
    struct uuid uuid;
    Fedgate__V1__Header was = *h;
    fedgate__v1__header__init(h);
    if (uuid_parse(bytes_of_text(was.id), &uuid))
        h->id = was.id;
    if (ident_split_unit(bytes_of_text(was.source), NULL, NULL))
        h->source = was.source;
}
