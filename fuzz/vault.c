/*
 * A vault's files, changed by whoever got at them: its index, its persons, a slot of its key store,
 * or (the first byte says which) one of its files as a whole. Nothing opens that was not stored,
 * and whatever stands there, what the vault says of itself can be written again.
 */
#include "fuzz.h"

#include "crypto/init.h"
#include "spool/slots.h"
#include "vault/index.h"
#include "vault/keys.h"
#include "vault/persons.h"
#include "vault/state.h"

#include <unistd.h>

static const uint8_t half[KEY_BYTES] = "the gateway's half";

static int64_t now(void *arg)
{
    (void)arg;
    return FUZZ_NOW_US;
}

static void index_comes_back(struct bytes plain)
{
    struct vault_index *x = vault_index_new(), *again = vault_index_new();
    struct buf out = BUF_INIT(VAULT_INDEX_MAX);
    if (vault_index_take(plain, x) == RESULT_OK) {
        vault_index_put(x, &out);
        HOLDS(bytes_equal(buf_view(&out), plain));
        HOLDS(vault_index_take(buf_view(&out), again) == RESULT_OK);
    }
    vault_index_free(x);
    vault_index_free(again);
    buf_free(&out);
}

static void nobody_sealed_it(struct bytes file)
{
    struct vault_index *x = vault_index_new();
    HOLDS(vault_index_unseal(file, half, x) != RESULT_OK);
    vault_index_free(x);
}

static void slot_is_nobodys(struct bytes b)
{
    struct keys_slot slot;
    HOLDS(vault_fresh_take(b, half, &slot) != RESULT_OK);
}

static void persons_are_read(struct bytes text)
{
    static const struct minisign_public nobody = {{0}, {1}};
    struct vault_person p;
    size_t line;
    enum result r = vault_persons_find(text, &nobody, &p, &line);
    HOLDS(r == RESULT_UNKNOWN || r == RESULT_MALFORMED || r == RESULT_OK);
    HOLDS(line >= 1 && line <= text.n + 1);
}

/* ---- files */

static void store(struct vault *v, uint64_t record)
{
    const struct vault_entry e = {.record = record, .kind = "scene_image"};
    struct vault_writer *w;
    HOLDS(vault_begin(v, &e, false, half, &w) == RESULT_OK);
    HOLDS(vault_write(w, bytes_of_text("content")) == RESULT_OK);
    HOLDS(vault_finish(w) == RESULT_OK);
}

/* What is read is what was stored. */
static void look_at(struct vault *v, uint64_t record)
{
    struct vault_reader *r;
    struct buf out = BUF_INIT(1 << 20);
    if (vault_read_begin(v, record, half, &r) == RESULT_OK) {
        enum result end;
        while ((end = vault_read(r, &out)) == RESULT_OK)
            ;
        HOLDS(end != RESULT_END || bytes_is(buf_view(&out), "content"));
        HOLDS(out.n <= 7);
        vault_read_end(r);
    }
    buf_free(&out);
}

static void use_it(const struct vault_config *config)
{
    static const uint64_t one = 1;
    struct vault *v;
    if (vault_open(config, &v) != RESULT_OK)
        return;
    if (vault_claim(v) == RESULT_OK) {
        look_at(v, 1);
        look_at(v, 2);
        (void)!vault_destroy(v, &one, 1, "order", 1);
    }
    vault_close(v);
}

static void a_file_was_changed(const char *folder, const char *name, struct bytes content)
{
    struct vault_config config = {
        fuzz_folder_empty("items"), fuzz_folder_empty("keys"), {now, now, NULL}};
    struct vault *v;
    HOLDS(vault_create(&config, "fedgate.test/log", "police/control") == RESULT_OK);
    HOLDS(vault_open(&config, &v) == RESULT_OK);
    store(v, 1);
    store(v, 2);
    vault_close(v);
    fuzz_file_write(strcmp(folder, "items") == 0 ? config.items : config.keys, name, content);
    use_it(&config);
    (void)close(config.items);
    (void)close(config.keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    uint8_t what = fuzz_byte(&in);
    struct bytes rest = bytes_of(in.at, in.left);
    if (crypto_init() != RESULT_OK)
        return 0;
    switch (what % 9) {
    case 0: index_comes_back(rest); break;
    case 1: nobody_sealed_it(rest); break;
    case 2: slot_is_nobodys(rest); break;
    case 3: persons_are_read(rest); break;
    case 4: a_file_was_changed("items", "1.item", rest); break;
    case 5: a_file_was_changed("items", "index", rest); break;
    case 6: a_file_was_changed("keys", "fresh", rest); break;
    case 7: a_file_was_changed("keys", "secret", rest); break;
    default: a_file_was_changed("keys", "slots.0", rest); break;
    }
    return 0;
}
