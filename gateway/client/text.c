/* Reasons in words, and JSON: what message/ knows, for those who link with this library only. */
#include "base/limits.h"
#include "base/mem.h"
#include "client/state.h"
#include "message/json.h"
#include "message/message.h"

#include <stdio.h>

/* ---------------------------------------------------------------- reasons */

const char *fedgate_reason_word(unsigned reason)
{
    return reason_word((enum reason)reason);
}

const char *fedgate_reason_text(unsigned reason, enum fedgate_language language)
{
    const struct reason_row *row = reason_row((enum reason)reason);
    return row == NULL ? "" : row->text[language == FEDGATE_KOREAN];
}

const char *fedgate_reason_advice(unsigned reason, enum fedgate_language language)
{
    const struct reason_row *row = reason_row((enum reason)reason);
    return row == NULL ? "" : row->advice[language == FEDGATE_KOREAN];
}

/* ---------------------------------------------------------------- JSON */

enum { JSON_LARGEST = 32 << 20 }; /* a message's bytes as base64, its control characters escaped */

static const struct ProtobufCMessageDescriptor *type_of(const char *name)
{
    char full[64];
    (void)snprintf(full, sizeof full, "fedgate.v1.%s", name);
    return message_type(full);
}

void buffer_hand_over(struct buf *from, struct fedgate_buffer *to)
{
    (void)buf_c(from);
    *to = (struct fedgate_buffer){from->p, from->n};
    *from = BUF_INIT(0);
}

enum fedgate_result fedgate_json_read(const char *type, const char *json, size_t n,
                                      struct fedgate_buffer *out, char *why, size_t why_n)
{
    const struct ProtobufCMessageDescriptor *descriptor = type_of(type);
    struct buf encoded = BUF_INIT(LIMIT_MESSAGE + LIMIT_REQUEST);
    if (descriptor == NULL) {
        (void)snprintf(why, why_n, "the contract has no type %.40s", type);
        return FEDGATE_WRONG;
    }
    enum result r = message_from_json(descriptor, bytes_of(json, n), &encoded, why, why_n);
    if (r == RESULT_OK)
        buffer_hand_over(&encoded, out);
    buf_free(&encoded);
    return r == RESULT_OK ? FEDGATE_OK : r == RESULT_TOO_LARGE ? FEDGATE_TOO_LARGE : FEDGATE_WRONG;
}

enum fedgate_result fedgate_json_write(const char *type, const void *encoded, size_t n,
                                       unsigned indent, struct fedgate_buffer *out)
{
    const struct ProtobufCMessageDescriptor *descriptor = type_of(type);
    struct arena *a = arena_new(LIMIT_ARENA);
    struct buf json = BUF_INIT(JSON_LARGEST);
    struct ProtobufCMessage *m;
    struct finding why;
    enum result r = descriptor == NULL ? RESULT_UNKNOWN
                                       : message_unpack(a, descriptor, bytes_of(encoded, n),
                                                        LIMIT_MESSAGE + LIMIT_REQUEST, &m, &why);
    if (r == RESULT_OK)
        r = message_to_json(m, indent, &json);
    if (r == RESULT_OK)
        buffer_hand_over(&json, out);
    buf_free(&json);
    arena_free(a);
    return r == RESULT_OK ? FEDGATE_OK : FEDGATE_WRONG;
}

void fedgate_buffer_free(struct fedgate_buffer *b)
{
    if (b->p != NULL)
        mem_wipe(b->p, b->n);
    mem_free(b->p);
    *b = (struct fedgate_buffer){0};
}
