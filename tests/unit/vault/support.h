/* A vault in two folders of its own, on a clock that stands. */
#ifndef FEDGATE_TESTS_VAULT_SUPPORT_H
#define FEDGATE_TESTS_VAULT_SUPPORT_H

#include "vault/vault.h"

#include "../journal/temp_folder.h"
#include "base/attr.h"
#include "base/mem.h"
#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define ORIGIN  "fedgate.test/log"
#define UNIT    "npa-daejeon/112-control"
#define NOON    (INT64_C(1700000000) * US_PER_S)
#define CONTENT "what was delivered: marker-7f3a"

static const uint8_t gateways[KEY_BYTES] = "the gateway's half of the key", others[KEY_BYTES] = "!";

struct bench {
    struct temp_folder items, keys;
    int64_t now_us;
    struct vault_config config;
    struct vault *v;
};

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static inline int64_t bench_time(void *arg)
{
    return ((const struct bench *)arg)->now_us;
}

static inline void bench_begin(struct bench *b)
{
    *b = (struct bench){.items = temp_folder_in_memory(), .keys = temp_folder_in_memory()};
    b->now_us = NOON;
    b->config = (struct vault_config){b->items.fd, b->keys.fd, {bench_time, bench_time, b}};
}

static inline void bench_init(struct bench *b)
{
    bench_begin(b);
    assert_int_equal(vault_create(&b->config, ORIGIN, UNIT), RESULT_OK);
    assert_int_equal(vault_open(&b->config, &b->v), RESULT_OK);
}

static inline void bench_free(struct bench *b)
{
    vault_close(b->v);
    temp_folder_free(&b->items);
    temp_folder_free(&b->keys);
}

/* As a new process would. */
static inline void reopen(struct bench *b)
{
    vault_close(b->v);
    b->v = NULL;
    assert_int_equal(vault_open(&b->config, &b->v), RESULT_OK);
}

static inline struct vault_entry an_entry(uint64_t record)
{
    return (struct vault_entry){.record = record,
                                .kind = "scene_image",
                                .provider = "daejeon/centre",
                                .clause = "112-onsite#images",
                                .received_us = NOON,
                                .destroy_by_us = NOON + US_PER_HOUR,
                                .receipt_required = true};
}

static inline enum result store(struct bench *b, const struct vault_entry *e, struct bytes content)
{
    struct vault_writer *w;
    enum result r = vault_begin(b->v, e, false, gateways, &w);
    if (r != RESULT_OK)
        return r;
    r = vault_write(w, content);
    enum result end = vault_finish(w);
    return r == RESULT_OK ? end : r;
}

static inline void store_one(struct bench *b, uint64_t record)
{
    const struct vault_entry e = an_entry(record);
    assert_int_equal(store(b, &e, bytes_of_text(CONTENT)), RESULT_OK);
}

/* All of an item; what ended the reading. */
static inline enum result read_all(struct bench *b, uint64_t record, const uint8_t *half,
                                   struct buf *out)
{
    struct vault_reader *reader;
    enum result r = vault_read_begin(b->v, record, half, &reader);
    if (r != RESULT_OK)
        return r;
    while ((r = vault_read(reader, out)) == RESULT_OK)
        ;
    vault_read_end(reader);
    return r;
}

/* Whether it opens and is what was stored. */
static inline bool opens(struct bench *b, uint64_t record)
{
    struct buf out = BUF_INIT(1 << 20);
    bool good =
        read_all(b, record, gateways, &out) == RESULT_END && bytes_is(buf_view(&out), CONTENT);
    buf_free(&out);
    return good;
}

static inline enum vault_state state_of(const struct bench *b, uint64_t record)
{
    const struct vault_entry *e = vault_get(b->v, record);
    return e == NULL ? (enum vault_state)0 : e->state;
}

/* A file of a folder, and whether some bytes stand in it. */
static inline void read_whole(int folder, const char *name, struct buf *out)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (ssize_t n = 1; n > 0;) {
        uint8_t *room = buf_reserve(out, 65536);
        assert_non_null(room);
        n = read(fd, room, 65536);
        assert_true(n >= 0);
        out->n += (size_t)n;
    }
    (void)close(fd);
}

static inline void write_whole(int folder, const char *name, struct bytes content)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.p, content.n), content.n);
    (void)close(fd);
}

static inline void flip_byte(int folder, const char *name, off_t at)
{
    uint8_t c;
    int fd = openat(folder, name, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    (void)close(fd);
}

static inline off_t size_of(int folder, const char *name)
{
    struct stat s;
    return fstatat(folder, name, &s, 0) == 0 ? s.st_size : -1;
}

#endif
