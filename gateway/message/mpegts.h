/*
 * MPEG transport streams (ISO/IEC 13818-1), looked at as they pass: packet sync, PAT and PMT, which
 * codecs a programme carries, whether its video is video, where a decoder can start, and how large
 * the pictures are where that is limited. Packets that are not of a table, of video, of sound where
 * that may pass, or of the clock become null packets where they stand. Continuity counters are not
 * looked at: a stream may begin anywhere and have gaps.
 */
#ifndef FEDGATE_MESSAGE_MPEGTS_H
#define FEDGATE_MESSAGE_MPEGTS_H

#include "message/media.h"

enum { TS_PACKET = 188, TS_SYNC = 0x47, TS_TABLES_MAX = 8, TS_TABLES_WITHIN = 512 };

/* One stream being looked at. */
struct mpegts;

struct mpegts *mpegts_new(const struct media_rules *rules);
void mpegts_free(struct mpegts *t);

/*
 * Looks at a chunk of whole 188-byte packets. RESULT_OK; or RESULT_MALFORMED (reason MEDIA_REFUSED)
 * when it is no transport stream, or RESULT_DENIED (reason AUDIO_REFUSED) when it carries audio
 * that the rules refuse (a programme lists it, or a packet begins it), or (reason QUOTA_EXCEEDED)
 * pictures that are too large, or (reason MEDIA_REFUSED) when a PAT or PMT is wrong, missing for
 * TS_TABLES_WITHIN packets, names no video, or a codec that the rules do not list, or a kind of
 * stream other than H.264, H.265, audio and private data, or the packets of the video are not
 * video, or a packet is scrambled, or, where pictures are limited, their size cannot be read or
 * there is a second video stream. A section whose CRC-32 fails counts as not sent. `why` is a
 * static text. A start is the packet with the random access indicator, or where an IDR picture
 * (H.264), an IRAP picture (H.265) or their parameter sets begin; never before the tables are
 * known.
 */
MUST_USE enum result mpegts_chunk(struct mpegts *t, uint8_t *chunk, size_t n,
                                  struct media_found *out, enum reason *reason, const char **why);

/* The newest PAT and PMTs, put into packets anew, for a watcher that joins: at most TS_TABLES_MAX
 * packets; empty before all were seen. Valid until the next chunk. */
struct bytes mpegts_tables(const struct mpegts *t);

/* "h264", "h265" or "" when not known yet. */
const char *mpegts_codec(const struct mpegts *t);

#endif
