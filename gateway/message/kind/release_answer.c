#include "message/kind.h"

/* What became of a request for a recording: `request_id` is that request's header.id. A refusal
 * says why (PIPA 35(5)), and only what was released can be masked. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__ReleaseAnswer *a = (const void *)m;
    if (a->result == FEDGATE__V1__RELEASE_RESULT__RELEASE_RESULT_REFUSED && a->reason[0] == '\0')
        return check_wrong(c, "reason", REASON_MALFORMED, "required with a refusal");
    return !a->masked || a->result == FEDGATE__V1__RELEASE_RESULT__RELEASE_RESULT_RELEASED ||
           check_wrong(c, "masked", REASON_MALFORMED, "of what was released only");
}

static const struct field_rule fields[] = {
    FIELD("request_id", MUST, UUID), FIELD("result", MUST, ENUM), FIELD("masked", STRICT, ANY),
    FREE_TEXT("reason", STRICT)};
RULES(kind_rules_release_answer, fedgate__v1__release_answer__descriptor, fields, whole);

void kind_facts_release_answer(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}
