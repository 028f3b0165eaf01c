#include "message/destruction.h"

#include "base/limits.h"
#include "base/mem.h"

#include <fedgate/v1/fedgate.pb-c.h>

#include <inttypes.h>
#include <stdlib.h>

/* One item, in whichever list it stands. */
struct item {
    const Fedgate__V1__LogRef *ref;
    char letter;
    const Fedgate__V1__Retained *retained; /* of letter R */
};

static int by_place(const void *a, const void *b)
{
    const Fedgate__V1__LogRef *x = ((const struct item *)a)->ref,
                              *y = ((const struct item *)b)->ref;
    int order = strcmp(x->origin, y->origin);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Sorted by origin, then index; the caller frees them. NULL when one is missing. */
static struct item *sorted(const Fedgate__V1__DestructionReceipt *r, size_t *count)
{
    struct item *item =
        mem_new_array(r->n_destroyed + r->n_never_stored + r->n_retained + 1, sizeof *item);
    size_t n = 0;
    for (size_t i = 0; i < r->n_destroyed; i++)
        item[n++] = (struct item){r->destroyed[i], 'D', NULL};
    for (size_t i = 0; i < r->n_never_stored; i++)
        item[n++] = (struct item){r->never_stored[i], 'N', NULL};
    for (size_t i = 0; i < r->n_retained; i++)
        item[n++] = (struct item){r->retained[i]->item, 'R', r->retained[i]};
    for (size_t i = 0; i < n; i++) {
        if (item[i].ref != NULL)
            continue;
        mem_free(item);
        return NULL;
    }
    qsort(item, n, sizeof *item, by_place);
    *count = n;
    return item;
}

bool destruction_names_each_once(const Fedgate__V1__DestructionReceipt *r)
{
    size_t count = 0;
    struct item *item = sorted(r, &count);
    bool once = item != NULL;
    for (size_t i = 1; once && i < count; i++)
        once = by_place(&item[i - 1], &item[i]) != 0;
    mem_free(item);
    return once;
}

/* A field of a line, with what ends it. */
static bool put_field(struct buf *out, const char *text, char end)
{
    buf_text(out, text);
    buf_u8(out, (uint8_t)end);
    return strpbrk(text, "\t\n") == NULL;
}

static int64_t seconds(const Google__Protobuf__Timestamp *t)
{
    return t == NULL ? 0 : t->seconds;
}

static bool put_item(struct buf *out, const struct item *i)
{
    bool good = true;
    buf_u8(out, (uint8_t)i->letter);
    buf_u8(out, '\t');
    good = put_field(out, i->ref->origin, '\t');
    buf_printf(out, "%" PRIu64, i->ref->index);
    if (i->retained != NULL) {
        buf_u8(out, '\t');
        good = put_field(out, i->retained->act, '\t') && good;
        good = put_field(out, i->retained->case_ref, '\t') && good;
        buf_printf(out, "%" PRId64 "\t%d", seconds(i->retained->until),
                   i->retained->stored_separately ? 1 : 0);
    }
    buf_u8(out, '\n');
    return good;
}

enum result destruction_text(const Fedgate__V1__DestructionReceipt *r, struct bytes unit,
                             struct buf *out)
{
    size_t count = 0;
    struct item *item = sorted(r, &count);
    if (item == NULL)
        return RESULT_MALFORMED;
    buf_text(out, "fedgate-destruction-v1\n");
    bool good = bytes_is_text(unit) && memchr(unit.p, '\n', unit.n) == NULL;
    buf_put(out, unit.p, unit.n);
    buf_u8(out, '\n');
    good = put_field(out, r->order_id, '\n') && good;
    for (size_t i = 0; i < count; i++)
        good = put_item(out, &item[i]) && good;
    buf_printf(out, "%" PRId64 "\n%d\n", seconds(r->destroyed_at), (int)r->method);
    good = put_field(out, r->staff_ref, '\n') && good;
    mem_free(item);
    return good ? buf_status(out) : RESULT_MALFORMED;
}

/* minisign's older form signs the text itself, which is what the contract asks for. */
static enum result sign(const struct minisign_secret *key, struct bytes text,
                        uint8_t out[SIGN_SIGNATURE])
{
    struct buf file = BUF_INIT(MINISIGN_FILE_MAX);
    struct minisign_signature signature;
    enum result r = minisign_sign(key, text, true, bytes_of(NULL, 0), &file);
    if (r == RESULT_OK)
        r = minisign_signature_read(buf_view(&file), &signature);
    if (r == RESULT_OK)
        memcpy(out, signature.signature, SIGN_SIGNATURE);
    buf_free(&file);
    return r;
}

enum result destruction_sign(Fedgate__V1__DestructionReceipt *r, struct bytes unit,
                             const struct minisign_secret *key, struct arena *a)
{
    struct minisign_public public_key;
    struct buf text = BUF_INIT(LIMIT_MESSAGE);
    uint8_t *signature = arena_take(a, SIGN_SIGNATURE);
    char *id = arena_take(a, MINISIGN_ID_TEXT);
    if (signature == NULL || id == NULL)
        return RESULT_NO_MEMORY;
    minisign_secret_public(key, &public_key);
    minisign_id_text(public_key.id, id);
    enum result result = destruction_text(r, unit, &text);
    if (result == RESULT_OK)
        result = sign(key, buf_view(&text), signature);
    r->key_id = id;
    r->signature = (ProtobufCBinaryData){SIGN_SIGNATURE, signature};
    buf_free(&text);
    return result;
}
