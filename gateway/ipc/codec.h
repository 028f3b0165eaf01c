/*
 * One description of a structure for both directions: the same function writes it to a buffer or
 * reads it from a cursor, so that the two cannot differ. Inside ipc/ only.
 */
#ifndef FEDGATE_IPC_CODEC_H
#define FEDGATE_IPC_CODEC_H

#include "base/buf.h"
#include "base/cursor.h"

/* Exactly one of the two is set. What reading refuses, writing refuses too; that the buffer was too
 * small is in its status. */
struct codec {
    struct buf *out;
    struct cursor *in;
};

MUST_USE enum result code_u8(struct codec *c, uint8_t *v);
MUST_USE enum result code_u16(struct codec *c, uint16_t *v);
MUST_USE enum result code_u32(struct codec *c, uint32_t *v);
MUST_USE enum result code_u64(struct codec *c, uint64_t *v);
MUST_USE enum result code_i64(struct codec *c, int64_t *v);
MUST_USE enum result code_bool(struct codec *c, bool *v);
MUST_USE enum result code_raw(struct codec *c, void *p, size_t n);
MUST_USE enum result code_bytes16(struct codec *c, struct bytes *v);
MUST_USE enum result code_bytes32(struct codec *c, struct bytes *v);

/* Valid UTF-8 without NUL, at most `most` bytes. */
MUST_USE enum result code_text(struct codec *c, struct bytes *v, size_t most);

/* A count of at most `most` items. */
MUST_USE enum result code_count(struct codec *c, size_t *v, size_t most);

/* Reading: nothing may be left. */
MUST_USE enum result code_end(struct codec *c);

/* The pair of public functions of a structure, PREFIX_NAME_put and PREFIX_NAME_take, by the file's
 * code_NAME, which reads into what was zeroed. Writing changes nothing in the structure, so casting
 * const away is safe. */
#define CODEC_PAIR(prefix, name) CODEC_PAIR_ZEROED(prefix, name, sizeof(struct prefix##_##name))

/* The same of a structure with long lists at its end, which are not zeroed, but filled as far as
 * their counts say. */
#define CODEC_PAIR_LISTS(prefix, name, first_list)                                                 \
    CODEC_PAIR_ZEROED(prefix, name, offsetof(struct prefix##_##name, first_list))

#define CODEC_PAIR_ZEROED(prefix, name, zeroed)                                                    \
    void prefix##_##name##_put(const struct prefix##_##name *m, struct buf *out)                   \
    {                                                                                              \
        struct codec c = {.out = out};                                                             \
        if (code_##name(&c, (struct prefix##_##name *)(uintptr_t)m) != RESULT_OK)                  \
            out->failed = true;                                                                    \
    }                                                                                              \
    enum result prefix##_##name##_take(struct cursor *in, struct prefix##_##name *m)               \
    {                                                                                              \
        struct codec c = {.in = in};                                                               \
        memset(m, 0, zeroed);                                                                      \
        return code_##name(&c, m);                                                                 \
    }

#endif
