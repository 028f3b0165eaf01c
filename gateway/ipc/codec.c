#include "ipc/codec.h"

#define CODE(name, type)                                                                           \
    enum result code_##name(struct codec *c, type *v)                                              \
    {                                                                                              \
        if (c->in != NULL)                                                                         \
            return cursor_##name(c->in, v);                                                        \
        buf_##name(c->out, *v);                                                                    \
        return RESULT_OK;                                                                          \
    }
CODE(u8, uint8_t)
CODE(u16, uint16_t)
CODE(u32, uint32_t)
CODE(u64, uint64_t)
CODE(i64, int64_t)
CODE(bool, bool)
CODE(bytes16, struct bytes)
CODE(bytes32, struct bytes)
#undef CODE

enum result code_raw(struct codec *c, void *p, size_t n)
{
    if (c->in != NULL)
        return cursor_copy(c->in, p, n);
    buf_put(c->out, p, n);
    return RESULT_OK;
}

enum result code_text(struct codec *c, struct bytes *v, size_t most)
{
    TRY(code_bytes16(c, v));
    return v->n <= most && bytes_is_text(*v) ? RESULT_OK : RESULT_MALFORMED;
}

enum result code_count(struct codec *c, size_t *v, size_t most)
{
    uint16_t n = 0;
    if (c->in != NULL) {
        TRY(cursor_u16(c->in, &n));
        *v = n;
    } else {
        buf_u16(c->out, (uint16_t)*v);
    }
    return *v <= most ? RESULT_OK : RESULT_MALFORMED;
}

enum result code_end(struct codec *c)
{
    return c->in == NULL ? RESULT_OK : cursor_done(c->in);
}
