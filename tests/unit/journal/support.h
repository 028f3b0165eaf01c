/* What the tests of the journal share: a journal in a folder of its own, and the records that came
 * back when it was opened. */
#ifndef FEDGATE_TESTS_JOURNAL_SUPPORT_H
#define FEDGATE_TESTS_JOURNAL_SUPPORT_H

#include "journal/journal.h"

#include "crypto/init.h"
#include "journal/frame.h"
#include "temp_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

enum { SEGMENT = 64 << 10, SEEN_MAX = 4096 };

struct bench {
    struct temp_folder folder;
    struct journal_config config;
    struct journal *j;
    struct journal_fault fault;
    size_t seen; /* records that came back */
    struct journal_record record[SEEN_MAX];
    uint32_t digest[SEEN_MAX]; /* of their bodies */
};

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static inline uint32_t digest_of(struct bytes b)
{
    uint32_t d = 2166136261u;
    for (size_t i = 0; i < b.n; i++)
        d = (d ^ b.p[i]) * 16777619u;
    return d;
}

static inline enum result bench_apply(void *arg, const struct journal_record *r)
{
    struct bench *b = arg;
    assert_true(b->seen < SEEN_MAX);
    b->digest[b->seen] = digest_of(r->body);
    b->record[b->seen++] = *r;
    return RESULT_OK;
}

static inline void bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->folder = temp_folder_new();
    b->config = (struct journal_config){.folder = b->folder.fd, .segment_bytes = SEGMENT};
    memset(b->config.mac_key, 'k', KEY_BYTES);
}

static inline enum result bench_open(struct bench *b)
{
    journal_close(b->j);
    b->seen = 0;
    return journal_open(&b->config, bench_apply, b, &b->j, &b->fault);
}

static inline void bench_free(struct bench *b)
{
    journal_close(b->j);
    temp_folder_free(&b->folder);
}

/* A body of `n` bytes, the same for the same seed; every fifth is all zero. */
static inline struct bytes body_of(uint32_t seed, size_t n, uint8_t *room)
{
    uint32_t x = seed * 2654435761u + 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        room[i] = seed % 5 == 0 ? 0 : (uint8_t)(x >> 24);
    }
    return bytes_of(room, n);
}

static inline struct journal_place bench_add(struct bench *b, struct bytes body)
{
    struct journal_place place;
    assert_int_equal(journal_add(b->j, 1, body, &place), RESULT_OK);
    return place;
}

static inline struct journal_place bench_commit(struct bench *b, struct bytes body)
{
    struct journal_place place = bench_add(b, body);
    assert_int_equal(journal_commit(b->j), RESULT_OK);
    return place;
}

/* Commits bodies of 5,000 bytes until the journal writes to segment `number`. */
static inline uint32_t bench_fill(struct bench *b, uint32_t number, uint32_t seed)
{
    uint8_t room[5000];
    while (journal_newest(b->j) < number)
        (void)bench_commit(b, body_of(seed++, sizeof room, room));
    return seed;
}

/* ---- the files themselves */

static inline void segment_path(const struct bench *b, uint32_t number, char out[128])
{
    (void)snprintf(out, 128, "%s/segment-%010lu", b->folder.path, (unsigned long)number);
}

static inline int segment_file(const struct bench *b, uint32_t number)
{
    char path[128];
    segment_path(b, number, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static inline void segment_bytes(const struct bench *b, uint32_t number, size_t at, void *to,
                                 size_t n)
{
    int fd = segment_file(b, number);
    assert_int_equal(pread(fd, to, n, (off_t)at), n);
    (void)close(fd);
}

static inline void segment_overwrite(const struct bench *b, uint32_t number, size_t at,
                                     const void *from, size_t n)
{
    int fd = segment_file(b, number);
    assert_int_equal(pwrite(fd, from, n, (off_t)at), n);
    (void)close(fd);
}

static inline void segment_flip(const struct bench *b, uint32_t number, size_t at)
{
    uint8_t c;
    segment_bytes(b, number, at, &c, 1);
    c ^= 0x10;
    segment_overwrite(b, number, at, &c, 1);
}

#endif
