/*
 * Video as it passes, in the containers that are let through: MPEG transport streams (mpegts.h) and
 * fragmented MP4 (fmp4.h). What
 * is not video as the rules have it ends the stream; what stands beside it (private data, boxes and
 * packets that nobody lists) is blanked where it stands, so that nothing moves. The video itself is
 * not touched, and so is what a camera signs in it.
 */
#ifndef FEDGATE_MESSAGE_MEDIA_H
#define FEDGATE_MESSAGE_MEDIA_H

#include "base/bytes.h"
#include "base/result.h"
#include "message/reason.h"

enum media_container { MEDIA_MPEGTS, MEDIA_FMP4 };

/* Bits: which codecs may pass. */
enum { MEDIA_H264 = 1, MEDIA_H265 = 2, MEDIA_CODECS = 2 };

struct media_rules {
    bool refuse_audio;      /* what carries sound is refused (PIPA 25(5)) */
    uint8_t codecs;         /* 0: all that are known */
    uint32_t width, height; /* pictures may not be larger; 0: no limit */
};

/* What one chunk showed, and what of it passes: `before`, then its bytes [from, to). */
struct media_found {
    struct bytes before; /* held back from earlier chunks until it was whole; valid until the next
                            call */
    size_t from, to;
    bool has_start; /* a decoder can start in it, at `start` of the chunk, when it was given
                       media_head */
    size_t start;
    bool has_cut; /* whoever is too slow can be left behind from `cut` on, until a start */
    size_t cut;
};

/* One stream being looked at. */
struct media;

struct media *media_new(enum media_container container, const struct media_rules *rules);
void media_free(struct media *m); /* accepts NULL */

/* Looks at the next chunk, and blanks in it. What is answered other than RESULT_OK ends the stream,
 * with a reason and a static text: RESULT_MALFORMED or RESULT_DENIED. */
MUST_USE enum result media_chunk(struct media *m, uint8_t *chunk, size_t n, struct media_found *out,
                                 enum reason *reason, const char **why);

/* What a watcher who joins gets in front of a start; empty before there is one. Valid until the
 * next chunk. */
struct bytes media_head(const struct media *m);

/* "h264", "h265" or "" when not known yet. */
const char *media_codec(const struct media *m);

/* Whether some of the stream may be missing here: nothing is half sent. */
bool media_may_gap(const struct media *m);

/* The container's word in the contract; and the container of a word or media type of it, MPEG
 * transport stream where it is none (the contract's rules know both). */
const char *media_container_word(enum media_container container);
enum media_container media_container_of(const char *word);

/* Its media type (RFC 3555, RFC 4337). */
const char *media_container_type(enum media_container container);

/* The word of the codec whose bit is 1 << i. */
const char *media_codec_word(unsigned i);

#endif
