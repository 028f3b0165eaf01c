#include "message/kind.h"

/*
 * Somebody asks for a recording of one camera: the person in it, who acts for them, a company, a
 * court, an investigator. A court and an investigator ask by a document. What was asked for is
 * never left out.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__ReleaseRequest *r = (const void *)m;
    bool by_document = r->requester == FEDGATE__V1__REQUESTER__REQUESTER_COURT ||
                       r->requester == FEDGATE__V1__REQUESTER__REQUESTER_INVESTIGATOR;
    if (by_document && r->document_no[0] == '\0')
        return check_wrong(c, "document_no", REASON_MALFORMED,
                           "required of a court and an investigator");
    return check_span(c, r->begins_at, r->ends_at);
}

static const struct field_rule fields[] = {
    FIELD("requester", MUST, ENUM), FIELD("camera_id", MUST, REFERENCE),
    FIELD("begins_at", MUST, PAST), FIELD("ends_at", MUST, PAST),
    FREE_TEXT("reason", MUST),      FIELD("document_no", STRICT, LINE, .high = LIMIT_WORD),
    FIELD("due", STRICT, TIME)};
RULES(kind_rules_release_request, fedgate__v1__release_request__descriptor, fields, whole);

void kind_facts_release_request(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_camera(f, m->release_request->camera_id);
}
