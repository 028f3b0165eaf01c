/* Receipts of destruction: the text that a unit signs, and signing it. */
#include "base/limits.h"
#include "client/state.h"
#include "message/destruction.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>

/* NULL when the bytes are no message with a receipt and a header. */
static Fedgate__V1__Message *unpack(struct arena *a, const void *message, size_t n)
{
    struct ProtobufCMessage *pb;
    struct finding why;
    if (message_unpack(a, &fedgate__v1__message__descriptor, bytes_of(message, n), LIMIT_MESSAGE,
                       &pb, &why) != RESULT_OK)
        return NULL;
    Fedgate__V1__Message *m = (void *)pb;
    return m->header != NULL && m->body_case == FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_RECEIPT
               ? m
               : NULL;
}

enum fedgate_result fedgate_destruction_text(const void *message, size_t n,
                                             struct fedgate_buffer *out)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct buf text = BUF_INIT(LIMIT_MESSAGE);
    const Fedgate__V1__Message *m = unpack(a, message, n);
    bool good = m != NULL && destruction_text(m->destruction_receipt,
                                              bytes_of_text(m->header->source), &text) == RESULT_OK;
    if (good)
        buffer_hand_over(&text, out);
    buf_free(&text);
    arena_free(a);
    return good ? FEDGATE_OK : FEDGATE_WRONG;
}

static enum result sign(struct arena *a, Fedgate__V1__Message *m, struct bytes key,
                        const char *password, struct buf *out)
{
    struct minisign_secret *secret = NULL;
    enum result r = minisign_secret_read(
        key, bytes_of(password, password == NULL ? 0 : strlen(password)), &secret);
    if (r == RESULT_OK)
        r = destruction_sign(m->destruction_receipt, bytes_of_text(m->header->source), secret, a);
    if (r == RESULT_OK)
        r = message_pack(&m->base, out);
    minisign_secret_free(secret);
    return r;
}

enum fedgate_result fedgate_destruction_sign(const void *message, size_t n, const char *key,
                                             size_t key_n, const char *password,
                                             struct fedgate_buffer *out, char *why, size_t why_n)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct buf signed_message = BUF_INIT(LIMIT_MESSAGE);
    Fedgate__V1__Message *m = unpack(a, message, n);
    enum result r = RESULT_UNKNOWN;
    if (m == NULL)
        (void)snprintf(why, why_n, "a Message with a header and a destruction_receipt is needed");
    else if ((r = sign(a, m, bytes_of(key, key_n), password, &signed_message)) != RESULT_OK)
        (void)snprintf(why, why_n, "%s",
                       r == RESULT_MISMATCH
                           ? "the password is wrong, or the key is damaged"
                           : "the key or a field of the receipt is not well-formed");
    if (r == RESULT_OK)
        buffer_hand_over(&signed_message, out);
    buf_free(&signed_message);
    arena_free(a);
    return r == RESULT_OK ? FEDGATE_OK : r == RESULT_TOO_LARGE ? FEDGATE_TOO_LARGE : FEDGATE_WRONG;
}
