/* What fragmented MP4 says of itself: the track, and each fragment. Inside message/ only. */
#ifndef FEDGATE_MESSAGE_FMP4_PARTS_H
#define FEDGATE_MESSAGE_FMP4_PARTS_H

#include "message/media.h"
#include "message/sps.h"

/* Why something was not let through. */
struct fmp4_refusal {
    enum reason reason;
    const char *why; /* NULL: nothing was said yet */
};

/* Says why, if nothing was said before: RESULT_DENIED. */
enum result fmp4_refuse(struct fmp4_refusal *r, enum reason reason, const char *why);

/* The one track, of video. */
struct fmp4_track {
    uint32_t id;
    enum psi_kind codec;
    uint8_t length_size;         /* bytes of the length in front of each unit: 1, 2, 4 */
    uint32_t sample_size, flags; /* of samples of which a fragment says nothing */
};

/* Reads a moov box's content, and blanks in it (8.2.1, 8.8.1; ISO/IEC 14496-15, 5.3 and 8.3). */
MUST_USE enum result fmp4_read_movie(uint8_t *p, size_t n, const struct media_rules *rules,
                                     struct fmp4_track *out, struct fmp4_refusal *refusal);

/* Whether the pictures of a parameter set are small enough. */
MUST_USE enum result fmp4_check_size(const struct media_rules *rules, enum psi_kind codec,
                                     struct bytes unit, struct fmp4_refusal *refusal);

struct fmp4_fragment {
    uint64_t bytes;       /* of all samples */
    uint32_t data_offset; /* of the first, from the beginning of its moof box */
    bool is_start;        /* the first one is a picture that stands alone */
};

/* Reads a moof box's content, and blanks in it (8.8.4 to 8.8.8): one run of samples after the
 * other, without a gap. */
MUST_USE enum result fmp4_read_fragment(uint8_t *p, size_t n, const struct fmp4_track *track,
                                        struct fmp4_fragment *out, struct fmp4_refusal *refusal);

#endif
