/*
 * A certificate of destruction, as whoever checks one reads it. An input that begins with "{" is
 * such a file. Any other gives a place and what to turn there, then leaves, a line each: they
 * become a log and a certificate about the first of them, which is checked as it is and changed.
 * What was changed proves nothing, or the same.
 */
#include "fuzz.h"

#include "base/mem.h"
#include "crypto/init.h"
#include "report/certificate.h"

enum { LEAVES_MAX = 16 };

static const uint8_t seed[SIGN_SEED] = "the key of a log for fuzzing...";

struct made_log {
    struct hasher *hasher;
    struct note_key key;
    struct chain *chain;
    struct tree_hash hash[LEAVES_MAX];
    size_t leaves;
};

/* RFC 6962, 2.1: of the leaves from `begin` on; and the path of one of them, where it is wanted. */
static struct tree_hash tree_of(struct made_log *w, size_t begin, size_t n, size_t index,
                                struct proof *path)
{
    size_t k = 1;
    if (n == 1)
        return w->hash[begin];
    while (k * 2 < n)
        k *= 2;
    bool left = index < begin + k;
    struct tree_hash a = tree_of(w, begin, k, index, left ? path : NULL);
    struct tree_hash b = tree_of(w, begin + k, n - k, index, left ? NULL : path);
    if (path != NULL)
        path->hash[path->count++] = left ? b : a;
    return tree_node_hash(w->hasher, &a, &b);
}

/* A log has no other leaves than those that are at their places. */
static bool take_line(struct made_log *w, struct bytes line)
{
    struct leaf leaf;
    struct leaf_room *room;
    bool good = w->leaves < LEAVES_MAX && leaf_read(line, &leaf, &room) == RESULT_OK;
    if (!good)
        return false;
    good = leaf.index == w->leaves;
    if (good) {
        w->hash[w->leaves++] = tree_leaf_hash(w->hasher, line);
        (void)chain_take(w->chain, &leaf);
    }
    leaf_room_free(room);
    return good;
}

static void put_note(struct made_log *w, struct buf *note)
{
    uint8_t signature[SIGN_SIGNATURE];
    const struct checkpoint c = {bytes_of_text(w->key.name), w->leaves,
                                 tree_of(w, 0, w->leaves, 0, NULL)};
    checkpoint_put(&c, note);
    sign_make(seed, buf_view(note), signature);
    buf_u8(note, '\n');
    note_put_signature(&w->key, signature, note);
}

/* Whether it is one; then `says` has what it says. */
static bool check(const struct made_log *w, struct bytes file, struct buf *says)
{
    struct chain *chain;
    struct checkpoint c;
    struct buf note = BUF_INIT(1 << 20);
    char fault[240];
    bool good =
        certificate_check(file, &w->key, &chain, &note, &c, fault, sizeof fault) == RESULT_OK;
    HOLDS(good == (fault[0] == '\0') && bytes_is_text(bytes_of_text(fault)));
    if (good) {
        HOLDS(chain_state(chain) <= CHAIN_DESTROYED && c.size > 0);
        chain_json(chain, says);
    }
    chain_free(chain);
    buf_free(&note);
    return good;
}

static void make_and_change(struct made_log *w, size_t at, uint8_t turn)
{
    struct buf note = BUF_INIT(4096), file = BUF_INIT(CERTIFICATE_MAX);
    struct buf says = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
    put_note(w, &note);
    for (struct chain_link *l = w->chain->link; l != NULL; l = l->next)
        (void)tree_of(w, 0, w->leaves, l->index, &l->proof);
    const struct certificate x = {w->chain, buf_view(&note), FUZZ_NOW_US};
    certificate_json(&x, &file);
    HOLDS(check(w, buf_view(&file), &says));
    file.p[at % file.n] ^= turn;
    if (check(w, buf_view(&file), &again))
        HOLDS(bytes_equal(buf_view(&says), buf_view(&again)));
    buf_free(&note);
    buf_free(&file);
    buf_free(&says);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    struct made_log w = {.chain = chain_new(0)};
    struct buf says = BUF_INIT(1 << 20);
    uint8_t public_key[SIGN_PUBLIC];
    struct bytes line;
    HOLDS(crypto_init() == RESULT_OK);
    w.hasher = hasher_new();
    sign_public_of(seed, public_key);
    HOLDS(note_key_make(w.hasher, bytes_of_text("fedgate.example/log"), NOTE_KEY_ED25519,
                        public_key, &w.key) == RESULT_OK);
    if (size > 0 && data[0] == '{') {
        (void)check(&w, bytes_of(data, size), &says);
    } else {
        size_t at = fuzz_u16(&in);
        uint8_t turn = fuzz_byte(&in);
        while (cursor_until(&in, '\n', &line) == RESULT_OK && take_line(&w, line))
            ;
        if (w.leaves > 0)
            make_and_change(&w, at, turn);
    }
    buf_free(&says);
    chain_free(w.chain);
    hasher_free(w.hasher);
    return 0;
}
