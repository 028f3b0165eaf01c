/* What the tests of the audit log share: a log in a folder of its own, and the key that signs it.
 */
#ifndef FEDGATE_TESTS_AUDIT_SUPPORT_H
#define FEDGATE_TESTS_AUDIT_SUPPORT_H

#include "audit/note.h"
#include "audit/pruned.h"
#include "audit/tiles.h"

#include "base/log.h"
#include "crypto/init.h"
#include "../journal/temp_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define LOG_NAME "daejeon.example/log"

static const uint8_t log_seed[SIGN_SEED] = "the log's own key, for the tests";

struct log_bench {
    struct temp_folder folder;
    struct hasher *hasher;
    struct note_key key;
    struct tiles *tiles;
    char why[200];
};

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static inline enum result log_open(struct log_bench *b)
{
    tiles_close(b->tiles);
    return tiles_open(b->folder.fd, &b->tiles, b->why, sizeof b->why);
}

static inline void log_init(struct log_bench *b)
{
    uint8_t key[SIGN_PUBLIC];
    *b = (struct log_bench){.folder = temp_folder_new(), .hasher = hasher_new()};
    sign_public_of(log_seed, key);
    assert_int_equal(
        note_key_make(b->hasher, bytes_of_text(LOG_NAME), NOTE_KEY_ED25519, key, &b->key),
        RESULT_OK);
    assert_int_equal(log_open(b), RESULT_OK);
}

static inline void log_free(struct log_bench *b)
{
    tiles_close(b->tiles);
    hasher_free(b->hasher);
    temp_folder_free(&b->folder);
}

/* The entry that the tests put at this index; lengths differ. */
static inline size_t entry_at(uint64_t index, char out[64])
{
    return (size_t)snprintf(out, 64, "entry %llu%.*s", (unsigned long long)index, (int)(index % 23),
                            "......................");
}

static inline void log_append_to(struct log_bench *b, uint64_t size)
{
    char entry[64];
    while (tiles_size(b->tiles) < size) {
        size_t n = entry_at(tiles_size(b->tiles), entry);
        tiles_append(b->tiles, bytes_of(entry, n));
    }
}

/* A checkpoint signed by the log. */
static inline void log_note(const struct log_bench *b, const char *origin, uint64_t size,
                            struct tree_hash root, struct buf *out)
{
    struct checkpoint c = {bytes_of_text(origin), size, root};
    uint8_t signature[SIGN_SIGNATURE];
    checkpoint_put(&c, out);
    sign_make(log_seed, buf_view(out), signature);
    buf_text(out, "\n");
    note_put_signature(&b->key, signature, out);
}

static inline void log_publish(struct log_bench *b)
{
    struct buf note = BUF_INIT(1000);
    assert_int_equal(tiles_settle(b->tiles), RESULT_OK);
    log_note(b, LOG_NAME, tiles_size(b->tiles), tiles_root(b->tiles), &note);
    assert_int_equal(tiles_publish(b->tiles, buf_view(&note)), RESULT_OK);
    buf_free(&note);
}

static inline bool file_exists(const struct log_bench *b, const char *path)
{
    return faccessat(b->folder.fd, path, F_OK, 0) == 0;
}

/* The bundle with this number is not there any more. */
static inline void log_lose(const struct log_bench *b, uint64_t number)
{
    char path[TILE_PATH];
    tile_path(-1, number, 0, path);
    assert_int_equal(unlinkat(b->folder.fd, path, 0), 0);
}

/* An officer's statement that all entries before this one were let go. */
static inline void log_state_pruned(const struct log_bench *b, uint64_t below)
{
    char text[64];
    (void)snprintf(text, sizeof text, "\nsubject: entries before %llu\n",
                   (unsigned long long)below);
    assert_int_equal(pruned_write(b->folder.fd, bytes_of_text(text), bytes_of_text("signature")),
                     RESULT_OK);
}

/* Changes one bit in the middle of a file. */
static inline void file_flip(const struct log_bench *b, const char *path)
{
    uint8_t c;
    int fd = openat(b->folder.fd, path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    off_t at = lseek(fd, 0, SEEK_END) / 2;
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    (void)close(fd);
}

static inline void file_put(const struct log_bench *b, const char *path, struct bytes content)
{
    int fd = openat(b->folder.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.p, content.n), content.n);
    (void)close(fd);
}

static inline void file_get(const struct log_bench *b, const char *path, struct buf *out)
{
    uint8_t room[4096];
    int fd = openat(b->folder.fd, path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (ssize_t n; (n = read(fd, room, sizeof room)) > 0;)
        buf_put(out, room, (size_t)n);
    (void)close(fd);
}

#endif
