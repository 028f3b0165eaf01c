/*
 * What a verifier of the audit log reads. The first byte chooses: a note, a key, an entry, a whole
 * log whose files were changed behind its back, a proof, or a fact of the register. A log that
 * verifies holds the entries that were written, and one that was not changed verifies.
 */
#include "fuzz.h"

#include "audit/fact.h"
#include "audit/leaf.h"
#include "audit/tiles.h"
#include "audit/tlog_proof.h"
#include "audit/verify.h"
#include "base/mem.h"
#include "crypto/init.h"

#include <stdio.h>
#include <unistd.h>

enum { NOTE, KEY, LEAF, LOG, PROOF, FACT, FORMATS };
enum { ENTRIES_MAX = 600, ENTRY_MAX = 40 };

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
};

static struct bytes entry_of(const struct world *w, size_t i)
{
    static char text[ENTRY_MAX];
    int n = snprintf(text, sizeof text, "entry %zu of %zu", i, w->entries);
    return bytes_of(text, (size_t)n);
}

static void write_log(struct world *w)
{
    struct buf note = BUF_INIT(1024);
    uint8_t signature[SIGN_SIGNATURE];
    struct tiles *t;
    char why[200];
    HOLDS(tiles_open(w->folder, &t, why, sizeof why) == RESULT_OK);
    for (size_t i = 0; i < w->entries; i++)
        tiles_append(t, entry_of(w, i));
    HOLDS(tiles_settle(t) == RESULT_OK);
    const struct checkpoint c = {bytes_of_text(w->key.name), tiles_size(t), tiles_root(t)};
    checkpoint_put(&c, &note);
    sign_make(seed, buf_view(&note), signature);
    buf_u8(&note, '\n');
    note_put_signature(&w->key, signature, &note);
    HOLDS(tiles_publish(t, buf_view(&note)) == RESULT_OK);
    tiles_close(t);
    buf_free(&note);
}

static void choose_file(const struct world *w, struct cursor *in, char path[TILE_PATH])
{
    uint8_t which = fuzz_byte(in), number = fuzz_byte(in) % 3;
    int level = which % 4 - 1;
    if (which % 5 == 4)
        (void)snprintf(path, TILE_PATH, "%s", which < 128 ? "checkpoint" : "settled");
    else
        tile_path(level, level == 1 ? 0 : number,
                  number == w->entries / TILE_WIDTH ? (unsigned)(w->entries % TILE_WIDTH) : 0,
                  path);
}

/* Overwrites a piece of one file, cuts it, or takes it away. */
static void change(struct world *w, struct cursor *in)
{
    char path[TILE_PATH];
    choose_file(w, in, path);
    size_t at = fuzz_u16(in);
    struct bytes piece = fuzz_piece(in), before = fuzz_file_read(w->folder, path);
    uint8_t *file = (uint8_t *)(uintptr_t)before.p;
    if (before.p == NULL)
        return;
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
    const struct verify_request request = {.folder = w->folder, .key = &w->key};
    if (audit_verify(&request, &report) == RESULT_OK) {
        HOLDS(report.size == w->entries && report.checked == w->entries);
        HOLDS(tiles_each(w->folder, report.size, is_entry, w) == RESULT_OK);
        HOLDS(w->seen == w->entries);
    } else {
        HOLDS(w->changed && report.fault[0] != '\0');
        HOLDS(bytes_is_text(bytes_of_text(report.fault)));
    }
}

static void open_again(const struct world *w)
{
    struct tiles *t;
    char why[200] = "";
    if (tiles_open(w->folder, &t, why, sizeof why) == RESULT_OK) {
        HOLDS(w->changed || tiles_size(t) == w->entries);
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
    open_again(&w);
    HOLDS(close(w.folder) == 0);
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
    default: change_log(h, &in); break;
    }
    hasher_free(h);
    return 0;
}
