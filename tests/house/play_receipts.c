/* Receipts of destruction in a scenario: keys of units, and what they sign. */
#include "play.h"

#include "crypto/minisign.h"
#include "message/destruction.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of each unit one of its own, the same in every run. */
static void key_of(const struct person *p, uint8_t seed[SIGN_SEED], struct minisign_public *key)
{
    memset(seed, 0, SIGN_SEED);
    memcpy(seed, p->unit, strlen(p->unit) < SIGN_SEED ? strlen(p->unit) : SIGN_SEED);
    memset(key, 0, sizeof *key);
    memcpy(key->id, strrchr(p->unit, '/') + 1, 4);
    sign_public_of(seed, key->key);
}

/* The inventory names the key's file after the unit. */
static void do_keys(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    struct buf text = BUF_INIT(MINISIGN_FILE_MAX);
    struct minisign_public key;
    uint8_t seed[SIGN_SEED];
    char file[IDENT_UNIT_MAX + 5];
    key_of(p, seed, &key);
    minisign_public_write(&key, bytes_of_text("a scenario's"), &text);
    (void)snprintf(file, sizeof file, "%s.pub", strrchr(p->unit, '/') + 1);
    house_add_key(s->h, file, buf_view(&text));
    buf_free(&text);
}

static bool says(const struct statement *t, const char *member)
{
    return t->json != NULL && strstr(t->json, member) != NULL;
}

/* Every item of the order last looked at. */
static void put_items(const struct person *p, struct buf *out)
{
    char path[80], origin[160], index[32];
    buf_text(out, ",\"destroyed\":[");
    for (unsigned i = 0;; i++) {
        (void)snprintf(path, sizeof path, "message.destructionOrder.item[%u].origin", i);
        play_text(p->delivery, path, origin, sizeof origin);
        (void)snprintf(path, sizeof path, "message.destructionOrder.item[%u].index", i);
        play_text(p->delivery, path, index, sizeof index);
        if (origin[0] == '\0')
            break;
        buf_printf(out, "%s{\"origin\":\"%s\",\"index\":\"%s\"}", i == 0 ? "" : ",", origin,
                   index[0] == '\0' ? "0" : index);
    }
    buf_text(out, "]");
}

/* The receipt as JSON, where the statement is silent. */
static void put_receipt(const struct scenario *s, const struct person *p, const struct statement *t,
                        const char *key_id, struct buf *out)
{
    char order[64], now[TIME_TEXT];
    play_text(p->delivery, "message.destructionOrder.orderId", order, sizeof order);
    time_text(house_now(s->h), zone_named("UTC"), now);
    buf_text(out, "{");
    if (!says(t, "\"header\""))
        buf_text(out, "\"header\":{\"service\":\"112-onsite-video\",\"purpose\":\"crime-response\","
                      "\"basis\":{\"code\":\"kr/pipa/18-2-3\"}},");
    if (!says(t, "\"orderId\""))
        buf_printf(out, "\"orderId\":\"%s\",", order);
    if (!says(t, "\"keyId\""))
        buf_printf(out, "\"keyId\":\"%s\",", key_id);
    buf_printf(out,
               "\"destroyedAt\":\"%s\",\"method\":\"DESTRUCTION_METHOD_KEY_ERASED\","
               "\"staffRef\":\"s-11\",\"signature\":\"AA==\"",
               now);
    if (!says(t, "\"destroyed\"") && !says(t, "\"neverStored\"") && !says(t, "\"retained\""))
        put_items(p, out);
    if (t->json != NULL && strlen(t->json) > 2)
        buf_printf(out, ",%.*s}", (int)strlen(t->json) - 2, t->json + 1);
    else
        buf_text(out, "}");
    buf_u8(out, 0);
}

/* `tampered`: a byte of the signature is turned. */
static void sign(const struct person *p, const uint8_t seed[SIGN_SEED], bool tampered,
                 struct buf *encoded)
{
    struct buf text = BUF_INIT(1 << 20);
    uint8_t signature[SIGN_SIGNATURE];
    Fedgate__V1__Message *m = fedgate__v1__message__unpack(NULL, encoded->n, encoded->p);
    if (m == NULL || m->destruction_receipt == NULL)
        abort();
    Fedgate__V1__DestructionReceipt *r = m->destruction_receipt;
    if (destruction_text(r, bytes_of_text(p->unit), &text) != RESULT_OK)
        abort();
    sign_make(seed, buf_view(&text), signature);
    signature[9] ^= tampered ? 0x10 : 0;
    free(r->signature.data);
    r->signature.data = malloc(sizeof signature);
    r->signature.len = sizeof signature;
    memcpy(r->signature.data, signature, sizeof signature);
    buf_clear(encoded);
    if (message_pack(&m->base, encoded) != RESULT_OK)
        abort();
    fedgate__v1__message__free_unpacked(m, NULL);
    buf_free(&text);
}

static void do_destroyed(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    struct buf json = BUF_INIT(TEXT_MAX);
    struct minisign_public key;
    uint8_t seed[SIGN_SEED];
    char id[MINISIGN_ID_TEXT];
    key_of(p, seed, &key);
    minisign_id_text(key.id, id);
    put_receipt(s, p, t, id, &json);
    buf_clear(&p->sent);
    if (play_encode(s, p, "fedgate.v1.Message", "destructionReceipt", (const char *)json.p,
                    &p->sent)) {
        sign(p, seed, t->words > 2 && strcmp(t->word[2], "tampered") == 0, &p->sent);
        play_publish(s, p);
    }
    buf_free(&json);
}

const struct verb play_receipts[] = {{"keys", 2, do_keys}, {"destroyed", 2, do_destroyed}, {0}};
