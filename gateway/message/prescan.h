/*
 * The look at a message's wire form before protobuf-c unpacks it: what that library would pass over
 * or be hurt by is refused here. It skips unknown fields, accepts invalid UTF-8, embedded NULs and
 * unknown enumerators, joins what comes twice, and has no bound on depth or memory.
 */
#ifndef FEDGATE_MESSAGE_PRESCAN_H
#define FEDGATE_MESSAGE_PRESCAN_H

#include "message/message.h"

#include <protobuf-c/protobuf-c.h>

/*
 * RESULT_OK when `wire` encodes a message of this type and nothing else: every field known, of its
 * wire type, once unless repeated, one of a oneof's members at most, whole, with values that its
 * type has (proto3; varints need not be minimal). Else RESULT_UNKNOWN, RESULT_MALFORMED or
 * RESULT_TOO_LARGE (LIMIT_WIRE_DEPTH, LIMIT_WIRE_FIELDS) with `why` filled.
 */
MUST_USE enum result prescan(const ProtobufCMessageDescriptor *type, struct bytes wire,
                             struct finding *why);

#endif
