/* Names and text forms of protobuf's JSON mapping, shared by its two directions. */
#ifndef FEDGATE_MESSAGE_JSON_TEXT_H
#define FEDGATE_MESSAGE_JSON_TEXT_H

#include "base/bytes.h"

#include <google/protobuf/duration.pb-c.h>
#include <google/protobuf/timestamp.pb-c.h>

enum { JSON_NAME = 64, JSON_TIME = 48 };

/* lowerCamelCase of a field's name: "created_at" becomes "createdAt". `out` holds JSON_NAME
 * characters; longer names are cut off. */
void json_name(const char *name, char *out);

/* RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second, and seconds with an "s". False when the
 * value is outside its type's range. `out` holds JSON_TIME characters. */
bool json_timestamp_text(const Google__Protobuf__Timestamp *t, char *out);
bool json_duration_text(const Google__Protobuf__Duration *d, char *out);

/* The opposite: any offset and up to nine digits, years from 1900. False for anything else. */
bool json_timestamp_read(struct bytes text, int64_t *seconds, int32_t *nanos);
bool json_duration_read(struct bytes text, int64_t *seconds, int32_t *nanos);

#endif
