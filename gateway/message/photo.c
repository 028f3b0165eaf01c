#include "message/photo.h"

#include "base/limits.h"
#include "crypto/digest.h"
#include "message/jpeg.h"

static void sha256(const ProtobufCBinaryData *data, uint8_t out[SHA256_BYTES])
{
    struct bytes all = bytes_of(data->data, data->len);
    struct hasher *h = hasher_new();
    hasher_sha256(h, &all, 1, out);
    hasher_free(h);
}

bool photo_has_digest(struct check *c, const char *field, const ProtobufCBinaryData *data,
                      const ProtobufCBinaryData *digest)
{
    uint8_t found[SHA256_BYTES];
    if (digest->len == 0)
        return true;
    sha256(data, found);
    return bytes_equal(bytes_of(found, sizeof found), bytes_of(digest->data, digest->len)) ||
           check_wrong(c, field, REASON_MEDIA_REFUSED, "the SHA-256 of the picture as sent");
}

bool photo_strip(struct check *c, const char *field, const char *media_type,
                 ProtobufCBinaryData *photo)
{
    struct buf stripped = BUF_INIT(photo->len); /* it never grows */
    struct jpeg_facts facts;
    if (strcmp(media_type, "image/jpeg") != 0)
        return check_wrong(c, "media_type", REASON_MEDIA_REFUSED, "image/jpeg");
    enum result r = jpeg_strip(bytes_of(photo->data, photo->len), &stripped, &facts);
    if (r == RESULT_OK) {
        memcpy(photo->data, stripped.p, stripped.n);
        photo->len = stripped.n;
    }
    buf_free(&stripped);
    return r == RESULT_OK || check_wrong(c, field, REASON_MEDIA_REFUSED,
                                         "a whole baseline or progressive JPEG of at most %u "
                                         "pixels a side",
                                         LIMIT_PHOTO_SIDE);
}

bool photo_digest(struct check *c, const ProtobufCBinaryData *data, ProtobufCBinaryData *digest)
{
    if (digest->len != SHA256_BYTES) {
        digest->data = arena_take(c->arena, SHA256_BYTES);
        digest->len = digest->data == NULL ? 0 : SHA256_BYTES;
    }
    if (digest->data == NULL)
        return check_wrong(c, NULL, REASON_TOO_LARGE, "a message that fits its memory budget");
    sha256(data, digest->data);
    return true;
}
