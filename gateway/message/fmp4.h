/*
 * Fragmented MP4 (ISO/IEC 14496-12, 8.8; CMAF), looked at as it passes: a file type, one movie box
 * with one track of H.264 or H.265, then fragments, each a moof and the mdat that it describes, to
 * the byte. All else - unknown boxes at any depth, what is free - is made free boxes with nothing
 * in them. Boxes are held back until they are whole and were found good, so nothing depends on how
 * the stream is cut; media data passes as it comes, and its units are gone through.
 */
#ifndef FEDGATE_MESSAGE_FMP4_H
#define FEDGATE_MESSAGE_FMP4_H

#include "message/media.h"

enum {
    FMP4_HELD_MAX = 128 << 10,   /* a box that is held back; movies have a few KiB, fragments 16
                                    bytes a picture */
    FMP4_FRAGMENT_MAX = 8 << 20, /* media data of a fragment: whoever is too slow is left behind
                                    between two of them */
    FMP4_BLANK_MAX = 1 << 20     /* a box with nothing in it: meanwhile nobody gets a picture */
};

/* One stream being looked at. */
struct fmp4;

struct fmp4 *fmp4_new(const struct media_rules *rules);
void fmp4_free(struct fmp4 *f); /* accepts NULL */

/* As media_chunk. A start is behind the moof of a fragment whose first picture stands alone. */
MUST_USE enum result fmp4_chunk(struct fmp4 *f, uint8_t *chunk, size_t n, struct media_found *out,
                                enum reason *reason, const char **why);

/* File type, movie, and the moof of the newest start. */
struct bytes fmp4_head(const struct fmp4 *f);

const char *fmp4_codec(const struct fmp4 *f);

/* Whether it stands between two boxes, and no media data is awaited. */
bool fmp4_may_gap(const struct fmp4 *f);

#endif
