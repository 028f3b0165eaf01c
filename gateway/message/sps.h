/*
 * The size of a video's pictures, from its sequence parameter sets (H.264: Rec. ITU-T H.264,
 * 7.3.2.1.1; H.265: Rec. ITU-T H.265, 7.3.2.2.1). They are looked for in the bytes of an elementary
 * stream, wherever its packets are cut.
 */
#ifndef FEDGATE_MESSAGE_SPS_H
#define FEDGATE_MESSAGE_SPS_H

#include "message/psi.h"

enum { SPS_MAX = 1024 /* bytes of a set; one with all scaling lists has about 800 */ };

/* Samples, as shown: what an encoder adds to fill whole blocks is taken off. More than that is part
 * of the picture, whatever a set says of cropping it. */
struct sps_size {
    uint32_t width, height;
};

/* A search in one elementary stream. Zeroed, it is at the stream's beginning. */
struct sps_search {
    unsigned zeros; /* bytes of a start code that came last */
    bool collecting;
    uint8_t unit[SPS_MAX];
    size_t have;
};

/*
 * Looks through the next bytes; `each` is called with the size of every set that ends in them, and
 * what it answers other than RESULT_OK ends the search with that. RESULT_MALFORMED for a set that
 * cannot be read, or is one of layered video; RESULT_TOO_LARGE past SPS_MAX.
 */
MUST_USE enum result sps_look(struct sps_search *s, enum psi_kind video, struct bytes data,
                              enum result (*each)(void *arg, const struct sps_size *size),
                              void *arg);

/* Whether nothing of a set, and no zero in front of one, came last. */
bool sps_is_idle(const struct sps_search *s);

/* Goes on from `i`, at most data.n, to where a start code may begin: two zeros, or one at the end;
 * else to the end. Two zeros with something else than a 1 behind them may be passed. What is passed
 * means nothing to a search that is idle. */
size_t sps_pass(struct bytes data, size_t i);

/* Reads one set: a whole unit with its header, without start code. RESULT_MALFORMED,
 * RESULT_TOO_LARGE. */
MUST_USE enum result sps_read(enum psi_kind video, struct bytes unit, struct sps_size *out);

#endif
