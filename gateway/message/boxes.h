/*
 * Boxes of ISO base media files (ISO/IEC 14496-12, 4.2): one after the other, each a length, a type
 * and content. A table says which ones may stand where; every other one is made a free box with
 * nothing in it, so that nothing moves.
 */
#ifndef FEDGATE_MESSAGE_BOXES_H
#define FEDGATE_MESSAGE_BOXES_H

#include "base/cursor.h"
#include "base/result.h"

#define BOX(a, b, c, d)                                                                            \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum { BOX_HEADER = 8, BOX_LARGE_HEADER = 16 };

/* How a box begins. */
struct box_start {
    uint32_t type;
    size_t header; /* 8, or 16 where the size has 64 bits */
    uint64_t size; /* of all of it, not less than the header */
};

/* RESULT_AGAIN when more of its beginning is needed (`header` says how much), RESULT_MALFORMED when
 * it is smaller than its header, or goes to the end of a file. */
MUST_USE enum result box_start(struct bytes in, struct box_start *out);

/* What stands at one place. `read` gets the content (NULL: it is not looked at); `within` are the
 * boxes in it, behind `fixed` bytes of its own (NULL: none are looked for). */
struct box_rule {
    uint32_t type;
    bool once;
    size_t most; /* bytes of its content: one with more is blanked; 0: no limit */
    enum result (*read)(void *arg, uint32_t type, struct bytes content);
    const struct box_rule *within; /* ends with type 0 */
    size_t fixed;
};

/*
 * Goes through the boxes in `p`, in their order: what the rules know is read, what they do not know
 * is blanked. The first answer other than RESULT_OK ends it; RESULT_MALFORMED when boxes do not
 * fill their place exactly, have 64-bit sizes, or come twice that may come once.
 */
MUST_USE enum result boxes_walk(const struct box_rule *rules, uint8_t *p, size_t n, void *arg);

/* Makes a box free, from its header on. */
void box_blank(uint8_t *p, size_t n);

/* The version and flags in front of the content of a full box. */
MUST_USE enum result box_flags(struct cursor *c, uint8_t *version, uint32_t *flags);

#endif
