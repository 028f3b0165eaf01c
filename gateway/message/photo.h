/* Photos in messages: inspected, freed of metadata, and told by their digest. */
#ifndef FEDGATE_MESSAGE_PHOTO_H
#define FEDGATE_MESSAGE_PHOTO_H

#include "message/check.h"

/* Whether `digest` is empty or the SHA-256 of `data`; false through check_wrong, about `field`. */
bool photo_has_digest(struct check *c, const char *field, const ProtobufCBinaryData *data,
                      const ProtobufCBinaryData *digest);

/* Checks the JPEG and takes its metadata out, in place. False through check_wrong, about `field`:
 * not a JPEG by its media type or by its structure. */
bool photo_strip(struct check *c, const char *field, const char *media_type,
                 ProtobufCBinaryData *photo);

/* Sets `digest` to the SHA-256 of `data`. */
bool photo_digest(struct check *c, const ProtobufCBinaryData *data, ProtobufCBinaryData *digest);

#endif
