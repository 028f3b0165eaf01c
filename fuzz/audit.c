/*
 * What a verifier of the audit log reads. The first byte chooses: a note, a key, an entry, a whole
 * log whose files were changed behind its back, a proof, a fact of the register, or a tile's path.
 * A log that verifies holds the entries that were written, and one that was not changed verifies;
 * no proof out of changed tiles shows what is not so, and a witness signs no other history.
 */
#include "fuzz.h"

#include "audit/fact.h"
#include "audit/leaf.h"
#include "audit/pruned.h"
#include "audit/register_files.h"
#include "audit/tiles.h"
#include "audit/tlog_proof.h"
#include "audit/verify.h"
#include "audit/witness.h"
#include "base/mem.h"
#include "crypto/init.h"

#include <stdio.h>
#include <unistd.h>

enum { NOTE, KEY, LEAF, LOG, PROOF, FACT, PATH, FORMATS };
enum { ENTRIES_MAX = 600, ENTRY_MAX = 400, FACT_EVERY = 64 };

static const uint8_t seed[SIGN_SEED] = "the key of a log for fuzzing...";

static void read_note(struct bytes note)
{
    struct bytes body;
    struct checkpoint c;
    struct buf again = BUF_INIT(note.n + 64);
    if (note_body(note, &body) == RESULT_OK) {
        HOLDS(body.p == note.p && body.n < note.n);
        if (checkpoint_read(body, &c) == RESULT_OK) {
            checkpoint_put(&c, &again);
            HOLDS(buf_status(&again) == RESULT_OK && again.n <= body.n);
            HOLDS(bytes_equal(buf_view(&again), bytes_of(body.p, again.n)));
        }
    }
    buf_free(&again);
}

static void read_key(struct hasher *h, struct bytes text)
{
    struct note_key key;
    struct buf again = BUF_INIT(1024);
    if (note_key_read(h, text, &key) == RESULT_OK) {
        note_key_text(&key, &again);
        HOLDS(bytes_equal(buf_view(&again), text));
    }
    buf_free(&again);
}

/* A secret key is read as it was written; what it is the key of follows from it. */
static void read_secret(struct hasher *h, struct bytes text)
{
    struct note_key key;
    uint8_t half[SIGN_SEED];
    struct buf again = BUF_INIT(1024);
    if (note_secret_read(h, text, &key, half) == RESULT_OK) {
        uint8_t public_key[SIGN_PUBLIC];
        sign_public_of(half, public_key);
        HOLDS(memcmp(public_key, key.key, SIGN_PUBLIC) == 0);
        note_secret_text(&key, half, &again);
        HOLDS(bytes_is(text, buf_c(&again)));
    }
    buf_free(&again);
}

/* A proof writes as it was read. One that came from elsewhere holds for no key of ours. */
static void read_proof(struct hasher *h, struct bytes text)
{
    static struct tlog_proof p;
    struct buf extra = BUF_INIT(text.n), again = BUF_INIT(2 * text.n + 64);
    struct note_key key;
    struct checkpoint c;
    const char *fault = "";
    uint8_t public_key[SIGN_PUBLIC];
    sign_public_of(seed, public_key);
    HOLDS(note_key_make(h, bytes_of_text("fedgate.example/log"), NOTE_KEY_ED25519, public_key,
                        &key) == RESULT_OK);
    if (tlog_proof_read(text, &p, &extra) == RESULT_OK) {
        tlog_proof_put(&p, buf_view(&extra), &again);
        HOLDS(bytes_equal(buf_view(&again), text));
        if (tlog_proof_check(h, &p, &key, buf_view(&extra), &c, &fault) == RESULT_OK)
            HOLDS(p.index < c.size && bytes_is(c.origin, "fedgate.example/log"));
        else
            HOLDS(fault[0] != '\0');
    }
    buf_free(&extra);
    buf_free(&again);
}

/* There is one way to write an entry. */
static void read_leaf(struct bytes entry)
{
    struct leaf_room *room;
    struct leaf leaf;
    struct buf again = BUF_INIT(LEAF_MAX);
    enum result r = leaf_read(entry, &leaf, &room);
    HOLDS(r == RESULT_OK || r == RESULT_MALFORMED);
    if (r == RESULT_OK) {
        HOLDS(leaf_write(&leaf, &again) == RESULT_OK);
        HOLDS(bytes_equal(buf_view(&again), entry));
        leaf_room_free(room);
    }
    buf_free(&again);
}

/* Nor is there another one to write a fact. */
static void read_fact(struct bytes text)
{
    struct buf room;
    struct fact f;
    struct buf again = BUF_INIT(FACT_MAX);
    if (fact_read(text, &f, &room) == RESULT_OK) {
        HOLDS(fact_write(&f, &again) == RESULT_OK);
        HOLDS(bytes_equal(buf_view(&again), text));
        buf_free(&room);
    }
    buf_free(&again);
}

/* ---- a log */

struct world {
    struct hasher *hasher;
    struct note_key key;
    int folder;
    size_t entries, seen;
    bool changed;
    struct buf note[2]; /* the checkpoints of half of the entries, and of all */
};

static bool has_fact(size_t i)
{
    return i % FACT_EVERY == 3;
}

/* Those that have a fact beside them are leaves. */
static struct bytes entry_of(const struct world *w, size_t i)
{
    static const uint8_t commitment[LEAF_COMMITMENT];
    static struct buf text = BUF_INIT(ENTRY_MAX);
    buf_clear(&text);
    if (has_fact(i)) {
        const struct leaf leaf = {.index = i, .fact = commitment};
        HOLDS(leaf_write(&leaf, &text) == RESULT_OK);
    } else {
        buf_printf(&text, "entry %zu of %zu", i, w->entries);
    }
    return buf_view(&text);
}

static void publish(struct world *w, struct tiles *t, struct buf *note)
{
    const struct checkpoint c = {bytes_of_text(w->key.name), tiles_size(t), tiles_root(t)};
    uint8_t signature[SIGN_SIGNATURE];
    HOLDS(tiles_settle(t) == RESULT_OK);
    buf_init(note, 1024);
    checkpoint_put(&c, note);
    sign_make(seed, buf_view(note), signature);
    buf_u8(note, '\n');
    note_put_signature(&w->key, signature, note);
    HOLDS(tiles_publish(t, buf_view(note)) == RESULT_OK);
}

static void write_log(struct world *w)
{
    struct tiles *t;
    char why[200];
    HOLDS(tiles_open(w->folder, &t, why, sizeof why) == RESULT_OK);
    for (size_t i = 0; i < w->entries; i++) {
        if (i == w->entries / 2)
            publish(w, t, &w->note[0]);
        if (has_fact(i))
            tiles_append_fact(t, bytes_of_text("sealed"));
        tiles_append(t, entry_of(w, i));
    }
    publish(w, t, &w->note[1]);
    tiles_close(t);
}

static void choose_file(const struct world *w, struct cursor *in, char path[TILE_PATH])
{
    static const char *const others[] = {"checkpoint", "settled", PRUNED_STATEMENT, REGISTER_LIST};
    uint8_t which = fuzz_byte(in), number = fuzz_byte(in) % 3;
    int level = which % 5 - 2;
    if (which >= 0xf0)
        (void)snprintf(path, TILE_PATH, "%s", others[which % ARRAY_LEN(others)]);
    else
        tile_path(level, level == 1 ? 0 : number,
                  number == w->entries / TILE_WIDTH ? (unsigned)(w->entries % TILE_WIDTH) : 0,
                  path);
}

/* Overwrites a piece of one file, cuts it, or takes it away; one that is not there is made. */
static void change(struct world *w, struct cursor *in)
{
    char path[TILE_PATH];
    choose_file(w, in, path);
    size_t at = fuzz_u16(in);
    struct bytes piece = fuzz_piece(in), before = fuzz_file_read(w->folder, path);
    uint8_t *file = (uint8_t *)(uintptr_t)before.p;
    if (before.p == NULL) {
        if (strcmp(path, PRUNED_STATEMENT) == 0 || strcmp(path, REGISTER_LIST) == 0)
            fuzz_file_write(w->folder, path, piece);
        w->changed |= strcmp(path, REGISTER_LIST) == 0;
        return;
    }
    at %= before.n + 1;
    size_t n = piece.n < before.n - at ? piece.n : before.n - at;
    if (piece.n == 0) {
        w->changed |= at < before.n;
        before.n = at;
    } else {
        w->changed |= memcmp(file + at, piece.p, n) != 0;
        memcpy(file + at, piece.p, n);
    }
    if (before.n == 0)
        fuzz_file_remove(w->folder, path);
    else
        fuzz_file_write(w->folder, path, before);
    mem_free(file);
}

static enum result is_entry(void *arg, uint64_t index, struct bytes entry)
{
    struct world *w = arg;
    HOLDS(index == w->seen && bytes_equal(entry, entry_of(w, w->seen)));
    w->seen++;
    return RESULT_OK;
}

static void verify(struct world *w)
{
    struct verify_report report;
    const struct verify_request request = {
        .folder = w->folder, .key = &w->key, .old = buf_view(&w->note[0])};
    if (audit_verify(&request, &report) == RESULT_OK) {
        HOLDS(report.size == w->entries && report.checked == w->entries);
        HOLDS(tiles_each(w->folder, report.size, is_entry, w) == RESULT_OK);
        HOLDS(w->seen == w->entries);
    } else {
        HOLDS(w->changed && report.fault[0] != '\0');
        HOLDS(bytes_is_text(bytes_of_text(report.fault)));
    }
    const struct verify_request copy = {.folder = w->folder, .key = &w->key, .partial = true};
    HOLDS(audit_verify(&copy, &report) == RESULT_OK || w->changed);
    const struct verify_request leaves = {.folder = w->folder, .key = &w->key, .leaves = true};
    HOLDS(audit_verify(&leaves, &report) != RESULT_OK || w->entries == 0); /* the first is none */
}

/* To whoever has nothing but this file, the log's key and the entry. */
static void shows_elsewhere(struct world *w, size_t i, const struct proof *path)
{
    static struct tlog_proof proof;
    struct checkpoint c;
    const char *fault = "";
    proof = (struct tlog_proof){.index = i, .path = *path, .note = buf_view(&w->note[1])};
    HOLDS(tlog_proof_check(w->hasher, &proof, &w->key, entry_of(w, i), &c, &fault) == RESULT_OK);
    HOLDS(tlog_proof_check(w->hasher, &proof, &w->key, bytes_of_text("x"), &c, &fault) !=
          RESULT_OK);
}

/* What the tiles say, as they are now, of an entry and of the first half. */
static void prove(struct world *w)
{
    const struct proof_source tiles = proof_source_folder(&w->folder);
    struct checkpoint half, all;
    struct proof p;
    const char *why;
    HOLDS(checkpoint_open(buf_view(&w->note[1]), &w->key, &all, &why) == RESULT_OK);
    HOLDS(checkpoint_open(buf_view(&w->note[0]), &w->key, &half, &why) == RESULT_OK);
    const size_t i = w->entries / 3;
    struct tree_hash leaf = tree_leaf_hash(w->hasher, entry_of(w, i)), root;
    bool shows = proof_inclusion(&tiles, w->hasher, i, all.size, &p) == RESULT_OK &&
                 tree_check_inclusion(w->hasher, &leaf, i, all.size, p.hash, p.count, &all.root) ==
                     RESULT_OK;
    HOLDS(shows || w->changed);
    leaf.b[0] ^= 1;
    HOLDS(!shows || tree_check_inclusion(w->hasher, &leaf, i, all.size, p.hash, p.count,
                                         &all.root) == RESULT_MISMATCH);
    if (shows)
        shows_elsewhere(w, i, &p);
    if (half.size > 0)
        HOLDS((proof_consistency(&tiles, w->hasher, half.size, all.size, &p) == RESULT_OK &&
               tree_check_consistency(w->hasher, half.size, all.size, p.hash, p.count, &half.root,
                                      &all.root) == RESULT_OK) ||
              w->changed);
    HOLDS(proof_root(&tiles, w->hasher, all.size, &root) != RESULT_OK || w->changed ||
          memcmp(&root, &all.root, sizeof root) == 0);
    HOLDS(proof_inclusion(&tiles, w->hasher, all.size, all.size, &p) == RESULT_RANGE);
}

/* A witness that saw the first half, and is shown the checkpoint as it lies there now. */
static void witness(struct world *w)
{
    static const uint8_t witness_seed[SIGN_SEED] = "the key of a witness for fuzzing";
    struct bytes note = fuzz_file_read(w->folder, "checkpoint"), body, line;
    const struct witness_request request = {&w->key, buf_view(&w->note[0]), note,
                                            proof_source_folder(&w->folder)};
    struct witness_report report;
    struct note_key key;
    uint8_t public_key[SIGN_PUBLIC];
    struct buf signed_note = BUF_INIT(note.n + 1024);
    char name[WITNESS_FILE];
    struct witness_confirmed last;
    sign_public_of(witness_seed, public_key);
    HOLDS(note_key_make(w->hasher, bytes_of_text("w.example"), NOTE_KEY_COSIGNATURE, public_key,
                        &key) == RESULT_OK);
    if (witness_check(w->hasher, &request, &report) == RESULT_OK) {
        buf_put(&signed_note, note.p, note.n);
        witness_sign(&key, witness_seed, note, 7, &signed_note);
        HOLDS(note_find(buf_view(&signed_note), &key, &body, &line) == RESULT_OK &&
              cosignature_time(line) == 7);
        witness_file(&key, name);
        fuzz_file_write(w->folder, name, buf_view(&signed_note));
        HOLDS(witness_last(w->folder, &key, &last) == RESULT_OK && last.time_s == 7 &&
              last.size == report.now.size);
        fuzz_file_remove(w->folder, name);
    } else {
        HOLDS(w->changed && report.fault[0] != '\0');
    }
    buf_free(&signed_note);
    mem_free((void *)(uintptr_t)note.p);
}

/* What is kept beside the entries, and said of those that are gone. */
static void read_beside(const struct world *w)
{
    uint64_t below;
    char why[200] = "";
    struct buf list = BUF_INIT(REGISTER_LIST_MAX);
    enum result r = pruned_read(w->folder, &below);
    HOLDS(r == RESULT_OK || r == RESULT_DAMAGED);
    HOLDS(below % TILE_WIDTH == 0);
    r = register_list(w->folder, w->entries, &list, why, sizeof why);
    HOLDS(r == RESULT_OK || w->changed);
    r = register_list_check(w->folder, w->entries, why, sizeof why);
    HOLDS(r == RESULT_OK || why[0] != '\0' || r == RESULT_NOT_FOUND);
    buf_free(&list);
    int to = fuzz_folder_empty("copy");
    unsigned width = w->entries < TILE_WIDTH ? (unsigned)w->entries : 0;
    char path[TILE_PATH];
    tile_path(-1, 0, width, path);
    struct bytes entries = fuzz_file_read(w->folder, path);
    HOLDS(register_file_copy(w->folder, to, 0, width, entries) == RESULT_OK || w->changed);
    mem_free((void *)(uintptr_t)entries.p);
    HOLDS(close(to) == 0);
}

static enum result is_fact(void *arg, uint64_t index, struct bytes fact)
{
    const struct world *w = arg;
    HOLDS(w->changed || (has_fact(index) && bytes_is(fact, "sealed")));
    return RESULT_OK;
}

static void open_again(struct world *w)
{
    struct tiles *t;
    char why[200] = "";
    if (tiles_open(w->folder, &t, why, sizeof why) == RESULT_OK) {
        HOLDS(w->changed || tiles_size(t) == w->entries);
        HOLDS(tiles_each_fact(t, 0, w->entries, is_fact, w) == RESULT_OK || w->changed);
        tiles_close(t);
    } else {
        HOLDS(w->changed && why[0] != '\0');
    }
}

static void change_log(struct hasher *h, struct cursor *in)
{
    struct world w = {.hasher = h, .folder = fuzz_folder_empty("audit")};
    uint8_t public_key[SIGN_PUBLIC];
    sign_public_of(seed, public_key);
    HOLDS(note_key_make(h, bytes_of_text("fedgate.example/log"), NOTE_KEY_ED25519, public_key,
                        &w.key) == RESULT_OK);
    w.entries = fuzz_u16(in) % (ENTRIES_MAX + 1);
    write_log(&w);
    while (in->left > 0)
        change(&w, in);
    verify(&w);
    if (w.entries > 0) {
        prove(&w);
        witness(&w);
    }
    read_beside(&w);
    open_again(&w);
    HOLDS(close(w.folder) == 0);
    buf_free(&w.note[0]);
    buf_free(&w.note[1]);
}

/* There is one path to a tile. */
static void read_path(struct bytes text)
{
    int level;
    uint64_t number;
    unsigned width;
    char again[TILE_PATH];
    if (!tile_path_read(text, &level, &number, &width))
        return;
    tile_path(level, number, width, again);
    HOLDS(bytes_is(text, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    HOLDS(crypto_init() == RESULT_OK);
    struct hasher *h = hasher_new();
    switch (fuzz_byte(&in) % FORMATS) {
    case NOTE: read_note(bytes_of(in.at, in.left)); break;
    case KEY:
        read_key(h, bytes_of(in.at, in.left));
        read_secret(h, bytes_of(in.at, in.left));
        break;
    case LEAF: read_leaf(bytes_of(in.at, in.left)); break;
    case FACT: read_fact(bytes_of(in.at, in.left)); break;
    case PROOF: read_proof(h, bytes_of(in.at, in.left)); break;
    case PATH: read_path(bytes_of(in.at, in.left)); break;
    default: change_log(h, &in); break;
    }
    hasher_free(h);
    return 0;
}
