#include "files.h"

#include "check.h"

#include "audit/note.h"
#include "audit/tiles.h"
#include "crypto/init.h"

#include <stdio.h>
#include <stdlib.h>

struct tiles *files_begin(int folder)
{
    struct tiles *t;
    char why[200];
    check(crypto_init() == RESULT_OK, "no crypto");
    check(tiles_open(folder, &t, why, sizeof why) == RESULT_OK, "no log");
    return t;
}

void files_end(struct tiles *t, const char *origin)
{
    static const uint8_t seed[SIGN_SEED] = "a key of the bench, for its log";
    uint8_t public_key[SIGN_PUBLIC], signature[SIGN_SIGNATURE];
    struct hasher *h = hasher_new();
    struct note_key key;
    struct buf note = BUF_INIT(1000);
    sign_public_of(seed, public_key);
    check(note_key_make(h, bytes_of_text(origin), NOTE_KEY_ED25519, public_key, &key) == RESULT_OK,
          "no key");
    check(tiles_settle(t) == RESULT_OK, "not settled");
    const struct checkpoint c = {bytes_of_text(origin), tiles_size(t), tiles_root(t)};
    checkpoint_put(&c, &note);
    sign_make(seed, buf_view(&note), signature);
    buf_text(&note, "\n");
    note_put_signature(&key, signature, &note);
    check(tiles_publish(t, buf_view(&note)) == RESULT_OK, "not published");
    buf_free(&note);
    hasher_free(h);
    tiles_close(t);
}
