/* Messages of the contract as JSON, after protobuf's JSON mapping (proto3): for the agent, the
 * tests and people. Never on the road of a message through the gateway. */
#ifndef FEDGATE_MESSAGE_JSON_H
#define FEDGATE_MESSAGE_JSON_H

#include "base/arena.h"
#include "base/buf.h"

/* protobuf-c's descriptor of any message type of the contract. */
struct ProtobufCMessageDescriptor;
struct ProtobufCMessage;

/* The type with this full name ("fedgate.v1.Message"); NULL when there is none. */
const struct ProtobufCMessageDescriptor *message_type(const char *full_name);

/* Appends the message as JSON: lowerCamelCase names, enums by name, bytes in base64, Timestamp and
 * Duration in their text forms; `indent` 0 for one line. Fields with their default value are left
 * out. */
MUST_USE enum result message_to_json(const struct ProtobufCMessage *m, unsigned indent,
                                     struct buf *out);

/* Appends the encoded form of the JSON text. Both camelCase and the contract's own names are read,
 * enumerators also by number, times from the year 1900; unknown names are refused. On failure `why`
 * (of n characters) says where and what was expected; RESULT_TOO_LARGE past the buffer's ceiling.
 */
MUST_USE enum result message_from_json(const struct ProtobufCMessageDescriptor *type,
                                       struct bytes json, struct buf *encoded, char *why, size_t n);

#endif
