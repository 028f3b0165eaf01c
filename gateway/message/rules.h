/* Rules of the types that several kinds share. */
#ifndef FEDGATE_MESSAGE_RULES_H
#define FEDGATE_MESSAGE_RULES_H

#include "message/check.h"

#include "base/limits.h"

/* Whole tables, for rows of FORM_MESSAGE. */
extern const struct type_rules rules_header, rules_basis, rules_actor, rules_log_ref, rules_subject,
    rules_consent, rules_position, rules_area, rules_receipt, rules_video_start, rules_watch,
    rules_vault_store, rules_vault_open, rules_use_report;

extern const char *const media_jpeg[]; /* for FORM_CHOICE: the one form of photos */

/* Rows that are the same wherever a field of this sort stands. */
#define CAMERA_ID                  FIELD("camera_id", MAY, REFERENCE, .most = LIMIT_CAMERAS)
#define FREE_TEXT(name_, need_)    FIELD(name_, need_, TEXT, .high = LIMIT_TEXT)
#define LINE(name_, need_)         FIELD(name_, need_, LINE, .high = LIMIT_LINE)
#define OF_TYPE(name_, need_, of_) FIELD(name_, need_, MESSAGE, .of = &(of_))

/* Checks the header by its rules, its times and its lists; `gateway_only` when nobody but the
 * gateway sends what it heads. False through check_wrong. */
bool header_check(struct check *c, Fedgate__V1__Header *h, bool gateway_only);

/* Leaves nothing in a refused header but id and source, each if well-formed: whom to answer. */
void header_reduce(Fedgate__V1__Header *h);

/* For bodies about one incident, as the `whole` of their rules: false through check_wrong when the
 * header names none or several. */
bool header_names_one_incident(struct check *c, ProtobufCMessage *body);

/* Whether both ends of a recording are given, in order, or neither; false through check_wrong. */
bool check_span(struct check *c, const Google__Protobuf__Timestamp *begins,
                const Google__Protobuf__Timestamp *ends);

#endif
