/*
 * MPEG transport streams (ISO/IEC 13818-1), looked at as they pass: packet sync, PAT and PMT, which
 * codecs a programme carries, where a decoder can start, and how large the pictures are where that
 * is limited. Payload is not touched; of it, only the parameter sets of limited video are kept.
 * Continuity counters are not looked at: a stream may begin anywhere and have gaps.
 */
#ifndef FEDGATE_MESSAGE_MPEGTS_H
#define FEDGATE_MESSAGE_MPEGTS_H

#include "base/bytes.h"
#include "base/result.h"
#include "message/reason.h"

enum { TS_PACKET = 188, TS_SYNC = 0x47, TS_TABLES_MAX = 8, TS_TABLES_WITHIN = 512 };

/* One stream being looked at. */
struct mpegts;

struct mpegts_rules {
    bool refuse_audio; /* a programme that lists an audio stream, or a packet that begins one, is
                          refused (PIPA 25(5)) */
    uint32_t width, height; /* pictures may not be larger; 0: no limit */
};

struct mpegts *mpegts_new(const struct mpegts_rules *rules);
void mpegts_free(struct mpegts *t);

/* What one chunk showed. */
struct mpegts_chunk {
    bool has_start; /* a random access point of the video stream begins in it; never before the
                       tables are known */
    size_t start;   /* its offset in the chunk: the packet with the random access indicator, or
                       where an IDR picture (H.264), an IRAP picture (H.265) or their parameter
                       sets begin */
};

/*
 * Looks at a chunk of whole 188-byte packets. RESULT_OK; or RESULT_MALFORMED (reason MEDIA_REFUSED)
 * when it is no transport stream, or RESULT_DENIED (reason AUDIO_REFUSED) when it carries audio
 * that the rules refuse, or (reason QUOTA_EXCEEDED) pictures that are too large, or (reason
 * MEDIA_REFUSED) when a PAT or PMT is wrong, missing for TS_TABLES_WITHIN packets, names no video
 * or a kind of stream other than H.264, H.265, audio and private data, or a packet is scrambled,
 * or, where pictures are limited, their size cannot be read or there is a second video stream. A
 * section whose CRC-32 fails counts as not sent. `why` is a static text.
 */
MUST_USE enum result mpegts_chunk(struct mpegts *t, struct bytes chunk, struct mpegts_chunk *out,
                                  enum reason *reason, const char **why);

/* The newest PAT and PMTs, put into packets anew, for a watcher that joins: at most TS_TABLES_MAX
 * packets; empty before all were seen. Valid until the next chunk. */
struct bytes mpegts_tables(const struct mpegts *t);

/* "h264", "h265" or "" when not known yet. */
const char *mpegts_codec(const struct mpegts *t);

#endif
