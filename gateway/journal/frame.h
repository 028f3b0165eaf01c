/*
 * The layout of a segment file. All numbers are big-endian.
 *
 * A segment is a file of 512-byte sectors, which before its use are zero or those of an earlier
 * segment whose file it was. Its first sector names it; frames follow, each beginning on a sector.
 *
 *   segment   magic u32, version u16, number u32, size u32, first sequence u64,
 *             MAC before (32), padding, MAC (32)
 *
 *   frame     magic u32, version u16, first sequence u64, count of records u32, their bytes u32,
 *             check (16), the records, padding, MAC (32)
 *
 *   record    type u8, length u32, body
 *
 *   mark      number of the segment u32, its check (3), what the sector is (1)
 *
 * The last eight bytes of every sector are such a mark, and no part of the content above: content
 * byte i of a frame stands at i + 8 * (i / 504). What a sector is is never zero, and numbers only
 * grow. So a sector is all zero, or of an earlier segment, only when the disk never got what was
 * written there, whatever the records hold; and a frame's first sector can be told from the others.
 * The check is the number's own: one that was damaged does not pass for an earlier one. Marks cost
 * 1.6 % of the space, and nothing has to be searched or escaped.
 *
 * Each MAC is keyed and covers the MAC before it, so nothing can be taken out, put in or moved. The
 * check does the same for a frame's header alone: its length can be trusted before the frame was
 * read. MACs are keyed BLAKE2b; a frame's is over the chain and a Poly1305 hash of the bytes, whose
 * key is made from the chain, so that it serves this frame alone (and a torn one that it replaces;
 * the hashes themselves are seen by nobody, which is what that construction, hash then PRF, rests
 * on: Carter and Wegman, 1981). It takes a fifth of the time of BLAKE2b over the bytes.
 */
#ifndef FEDGATE_JOURNAL_FRAME_H
#define FEDGATE_JOURNAL_FRAME_H

#include "base/buf.h"
#include "crypto/digest.h"
#include "crypto/mac.h"

enum {
    SECTOR = 512,
    SECTOR_MARK = 8,
    SECTOR_CONTENT = SECTOR - SECTOR_MARK,
    FRAME_RECORDS_MAX = 16 << 20, /* bytes of records in one frame */
    FRAME_RAW_MAX = FRAME_RECORDS_MAX / SECTOR_CONTENT * SECTOR + 8 * SECTOR, /* and on disk */
    FRAME_HEADER = 38,
    FRAME_RECORD_HEADER = 5,
    MARK_SEGMENT = 0x53, /* first sector of a segment */
    MARK_FRAME = 0x46,   /* first sector of a frame */
    MARK_MORE = 0x6d     /* any other sector of a frame */
};

/* Where the chain of MACs stands, for writing or for reading. */
struct chain {
    const uint8_t *key; /* KEY_BYTES; the owner's */
    struct hasher *hasher;
    uint8_t mac[MAC_BYTES]; /* of what was written or read last; zero before the first segment */
    uint64_t sequence;      /* of the next record */
    uint32_t segment;       /* the one that is read */
};

/* ---- writing */

/* A frame being collected, as it will stand on disk; behind the segment's first sector when it is
 * the first. */
struct frame {
    struct buf raw;
    uint32_t segment; /* that it will stand in */
    size_t start;     /* of the frame in raw: 0 or SECTOR */
    size_t content;   /* bytes of content so far */
    uint32_t records;
};

/* A frame without records for this segment, in the buffer of the one before. */
void frame_begin(struct frame *f, uint32_t segment, bool opens_segment);

/* The bytes that the frame takes on disk once `more` bytes of records were added. */
size_t frame_size_with(const struct frame *f, size_t more);

/* Adds a record; returns where in `raw` its body begins. */
size_t frame_add(struct frame *f, uint8_t type, struct bytes body);

/* Completes the frame (and the segment's first sector, which says how large the file is at least)
 * and moves the chain on. */
void frame_end(struct frame *f, struct chain *c, uint32_t segment_size);

/* ---- reading */

/* What a segment's first sector says of it: its number, and how large its file is at least. */
struct segment_header {
    uint32_t number, size;
};

/* The first sector of a segment whose file is as `file` says: the chain goes on from it. `oldest`:
 * nothing is known of what came before, and the sector's own word for it is taken. RESULT_DAMAGED
 * with a static text. */
MUST_USE enum result frame_read_segment(struct chain *c, const uint8_t sector[SECTOR],
                                        const struct segment_header *file, bool oldest,
                                        const char **why);

/* A frame's first sector: how many bytes the frame takes, and its records. RESULT_DAMAGED. */
struct frame_header {
    uint64_t first; /* sequence */
    uint32_t records, bytes;
    size_t raw; /* bytes on disk */
};
MUST_USE enum result frame_read_header(const struct chain *c, const uint8_t sector[SECTOR],
                                       struct frame_header *out, const char **why);

/* Whether these bytes are the frame that the header announced; the chain moves on then. */
bool frame_verify(struct chain *c, const struct frame_header *h, const uint8_t *raw);

/* The records of a verified frame: its marks are taken out in place. */
struct bytes frame_unmark(const struct frame_header *h, uint8_t *raw);

/* Where in the frame on disk byte `i` of its records stands. */
size_t frame_offset_of_record_byte(size_t i);

/* ---- sectors */

/* Whether nothing was written there in this segment's life: it is all zero, or was written in an
 * earlier one's. */
bool sector_is_unwritten(const uint8_t *sector, uint32_t segment);

/* What the sector is (MARK_FRAME and so on), if it was written in this segment's life; else 0. */
uint8_t sector_is(const uint8_t *sector, uint32_t segment);

/* The number of bytes on disk from a content byte at offset `at` of the file to the end of `n`
 * bytes of content. */
size_t sector_span(uint64_t at, size_t n);

/* Copies the content of `raw`, which was read from offset `at`, to `out`; returns how much. False
 * in *sound when a mark is not one. */
size_t sector_content(uint64_t at, struct bytes raw, uint8_t *out, bool *sound);

#endif
