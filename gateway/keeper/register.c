#include "keeper/register.h"

#include "base/mem.h"
#include "crypto/box.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/seal.h"

/* Opens one into `plain`. RESULT_NOT_FOUND: its key is gone, or it is no fact. */
static enum result open_fact(struct scopes *s, const struct road_fact *f, struct buf *plain,
                             struct register_opened *out)
{
    const struct scope *x = scopes_get(s, f->scope);
    if (x == NULL || x->doomed)
        return RESULT_NOT_FOUND;
    uint8_t *room = f->sealed.n < SEAL_TAG ? NULL : buf_extend(plain, f->sealed.n - SEAL_TAG);
    if (room == NULL)
        return RESULT_NOT_FOUND;
    if (seal_open_body(x->key, f->seed, bytes_of_text(REGISTER_CONTEXT), f->sealed, room) !=
        RESULT_OK)
        return RESULT_NOT_FOUND;
    out->scope = f->scope;
    out->fact = buf_view(plain);
    seal_own_salt(x->key, f->seed, out->salt);
    mac_derive_key(x->key, REGISTER_SUBJECTS, out->subjects);
    return RESULT_OK;
}

static enum result open_all(struct scopes *s, struct cursor *in, struct buf *content)
{
    struct buf plain = BUF_INIT(UINT16_MAX);
    enum result r = RESULT_OK;
    for (size_t n = 0; r == RESULT_OK && in->left > 0; n++) {
        struct register_opened out = {0};
        struct road_fact fact;
        struct bytes sealed;
        r = n == ROAD_FACTS_A_BOX ? RESULT_MALFORMED : cursor_u64(in, &out.index);
        if (r == RESULT_OK)
            r = cursor_bytes16(in, &sealed);
        struct cursor one = cursor_over(r == RESULT_OK ? sealed : bytes_of(NULL, 0));
        if (r == RESULT_OK)
            r = road_fact_take(&one, &fact);
        if (r == RESULT_OK)
            r = cursor_done(&one);
        if (r != RESULT_OK)
            break;
        buf_clear(&plain);
        (void)!open_fact(s, &fact, &plain, &out); /* without content, then */
        register_opened_put(&out, content);
        mem_wipe(&out, sizeof out);
        r = buf_status(content);
    }
    buf_free(&plain);
    return r;
}

enum result register_open_facts(struct scopes *s, struct bytes body, struct buf *reply)
{
    struct cursor in = cursor_over(body);
    struct buf content = BUF_INIT(ROAD_BOX_MAX - BOX_MORE);
    struct bytes reader;
    enum result r = cursor_take(&in, ROAD_READER, &reader);
    if (r == RESULT_OK)
        r = open_all(s, &in, &content);
    if (r == RESULT_OK) {
        uint8_t *room = buf_extend(reply, content.n + BOX_MORE);
        if (room == NULL)
            r = RESULT_TOO_LARGE;
        else if (box_seal(reader.p, buf_view(&content), room) != RESULT_OK)
            buf_clear(reply);
    }
    buf_free(&content);
    return r;
}

/* ---- sealing */

static void commit_to(const uint8_t salt[SEAL_SALT], struct bytes plain, uint8_t out[ROAD_DIGEST])
{
    const struct bytes part[] = {bytes_of(salt, SEAL_SALT), plain};
    struct hasher *h = hasher_new();
    hasher_sha256(h, part, ARRAY_LEN(part), out);
    hasher_free(h);
}

enum result register_seal_fact(struct scopes *s, struct bytes body, struct buf *reply)
{
    struct cursor in = cursor_over(body);
    struct register_plain p;
    struct body_keys k;
    TRY(register_plain_take(&in, &p));
    const struct scope *x = scopes_get(s, p.scope);
    if (x == NULL || x->doomed)
        return RESULT_OK;
    struct buf sealed = BUF_INIT(UINT16_MAX);
    uint8_t *to = buf_extend(&sealed, p.fact.n + SEAL_TAG);
    if (to == NULL)
        return RESULT_TOO_LARGE;
    struct road_fact f = {.scope = x->id};
    random_fill(f.seed, ROAD_SEED);
    seal_body_keys(x->key, f.seed, &k);
    commit_to(k.salt, p.fact, f.commitment);
    seal_body_under(&k, bytes_of_text(REGISTER_CONTEXT), p.fact, to);
    f.sealed = buf_view(&sealed);
    road_fact_put(&f, reply);
    buf_free(&sealed);
    return RESULT_OK;
}
