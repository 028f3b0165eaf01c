#include "keeper/tls_keys.h"

#include "base/cursor.h"

/* Its place, or TLS_KEYS. */
static size_t find(const struct tls_keys *k, struct bytes wanted)
{
    uint8_t id[TLS_KEY_ID];
    for (size_t i = 0; i < TLS_KEYS && k->key[i] != NULL; i++) {
        tls_key_id(k->key[i], id);
        if (bytes_equal(wanted, bytes_of(id, TLS_KEY_ID)))
            return i;
    }
    return TLS_KEYS;
}

/* The place that a new key takes the content of: a free one, or that of the oldest not in use. */
static size_t make_room(struct tls_keys *k)
{
    size_t i = TLS_KEYS - 1;
    if (k->key[i] != NULL && k->key[i] == k->in_use)
        i--;
    tls_key_free(k->key[i]);
    k->key[i] = NULL;
    return i;
}

static void put_first(struct tls_keys *k, struct tls_key *key, size_t from)
{
    memmove(k->key + 1, k->key, from * sizeof(struct tls_key *));
    k->key[0] = key;
}

enum result tls_keys_add(struct tls_keys *k, struct bytes pem, const struct tls_keys *others)
{
    struct tls_key *added;
    uint8_t id[TLS_KEY_ID];
    TRY(tls_key_read(pem, &added));
    tls_key_id(added, id);
    if (find(others, bytes_of(id, TLS_KEY_ID)) < TLS_KEYS) {
        tls_key_free(added);
        return RESULT_EXISTS;
    }
    size_t known = find(k, bytes_of(id, TLS_KEY_ID));
    if (known == TLS_KEYS) {
        put_first(k, added, make_room(k));
    } else {
        tls_key_free(added);
        put_first(k, k->key[known], known);
    }
    return RESULT_OK;
}

void tls_keys_use_newest(struct tls_keys *k)
{
    k->in_use = k->key[0];
}

void tls_keys_drop_older(struct tls_keys *k)
{
    bool is_older = false;
    for (size_t i = 0; i < TLS_KEYS; i++) {
        if (is_older) {
            tls_key_free(k->key[i]);
            k->key[i] = NULL;
        }
        is_older = is_older || k->key[i] == k->in_use;
    }
}

enum result tls_keys_sign(const struct tls_keys *k, struct bytes body, struct buf *reply)
{
    struct cursor c = cursor_over(body);
    struct bytes wanted;
    uint8_t signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    TRY(cursor_take(&c, TLS_KEY_ID, &wanted));
    size_t i = find(k, wanted);
    if (i < TLS_KEYS && tls_key_sign(k->key[i], bytes_of(c.at, c.left), signature, &n) == RESULT_OK)
        buf_put(reply, signature, n);
    return RESULT_OK;
}

void tls_keys_free(struct tls_keys *k)
{
    for (size_t i = 0; i < TLS_KEYS; i++)
        tls_key_free(k->key[i]);
    *k = (struct tls_keys){0};
}
