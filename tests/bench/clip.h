/* The video that is sent: a transport stream, again and again, in chunks of whole packets. */
#ifndef FEDGATE_BENCH_CLIP_H
#define FEDGATE_BENCH_CLIP_H

#include "base/bytes.h"

enum { CLIP_CHUNK = 348 * 188 }; /* the most whole packets in 64 KiB */

struct clip;

struct clip *clip_open(const char *path);

/* Chunk `number` of the endless video. */
struct bytes clip_chunk(const struct clip *c, uint64_t number);

/* Whether `data` is what stands at this byte of the endless video. */
bool clip_is_at(const struct clip *c, uint64_t position, struct bytes data);

#endif
