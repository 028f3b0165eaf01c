/* JPEG photos (ITU-T T.81): the structure is walked from SOI to EOI, and everything that is not
 * needed to show the picture goes. */
#ifndef FEDGATE_MESSAGE_JPEG_H
#define FEDGATE_MESSAGE_JPEG_H

#include "base/buf.h"

struct jpeg_facts {
    uint16_t width, height;
    bool stripped; /* anything was removed */
};

/*
 * Appends the picture, never longer than it was, without application segments (EXIF with its GPS,
 * XMP, ICC, embedded thumbnails; JFIF and Adobe's colour transform stay), comments, and bytes
 * behind EOI. RESULT_MALFORMED unless it is a baseline or progressive JPEG whose every segment is
 * whole, with a frame before the first scan and sides of 1 to 8192 pixels.
 */
MUST_USE enum result jpeg_strip(struct bytes jpeg, struct buf *out, struct jpeg_facts *facts);

#endif
