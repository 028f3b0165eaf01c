/* Opening a stored body with all that a gateway has, from files that the tests make themselves. */
#include "attempt/attempt.h"

#include "../journal/temp_folder.h"
#include "crypto/init.h"
#include "crypto/seal.h"
#include "journal/journal.h"
#include "keeper/key_file.h"
#include "spool/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

enum { MESSAGE = 2, RECORD = 40, SCOPE = 7001, OTHER = 7002 };

#define DEADLINE INT64_C(1763686800000000)

static const char body[] = "what nobody shall read";

struct bench {
    struct temp_folder data, keys;
    struct attempt_files files;
    struct wrapping_secret secret;
    uint8_t master[KEY_BYTES], mac[KEY_BYTES], key[KEY_BYTES];
    struct attempt a;
    char fault[ATTEMPT_FAULT];
};

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static void put_file(const struct temp_folder *f, const char *name, struct bytes content)
{
    int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.p, content.n), content.n);
    (void)close(fd);
}

static void put_secret(struct bench *b, uint64_t generation)
{
    uint8_t sector[SECRET_SECTOR];
    b->secret.generation = generation;
    memset(b->secret.secret, (int)generation, KEY_BYTES);
    wrapping_secret_write(&b->secret, sector);
    put_file(&b->keys, "wrapping.secret", bytes_of(sector, sizeof sector));
}

static void put_master(struct bench *b)
{
    struct buf text = BUF_INIT(KEY_FILE_MAX);
    key_file_write("master", b->master, &text);
    put_file(&b->keys, "master.key", buf_view(&text));
    buf_free(&text);
    mac_derive_key(b->master, "journal", b->mac);
}

static enum result nothing(void *arg, const struct journal_record *r)
{
    (void)arg;
    (void)r;
    return RESULT_OK;
}

static void put_record(const struct bench *b, struct bytes content)
{
    struct journal_config config = {
        .folder = openat(b->data.fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .segment_bytes = 64 << 10};
    struct journal *j;
    struct journal_fault fault;
    struct journal_place place;
    memcpy(config.mac_key, b->mac, KEY_BYTES);
    assert_int_equal(journal_open(&config, nothing, NULL, &j, &fault), RESULT_OK);
    assert_int_equal(journal_add(j, MESSAGE, content, &place), RESULT_OK);
    assert_int_equal(journal_commit(j), RESULT_OK);
    journal_close(j);
    (void)close(config.folder);
}

/* A message with one copy, which its record brings the wrapped key of. */
static void put_message(struct bench *b)
{
    struct road_commit c = {.ticket = 1,
                            .envelope = {.source = bytes_of_text("centre/video"),
                                         .kind = bytes_of_text("scene_image"),
                                         .status = bytes_of_text("actual"),
                                         .size = sizeof body},
                            .at_us = DEADLINE - 1,
                            .verdict = ROAD_ACCEPTED,
                            .recipients = 1,
                            .bodies = 1,
                            .scopes = 1};
    uint8_t context[ROAD_CONTEXT], sealed[sizeof body + SEAL_TAG];
    struct buf record = BUF_INIT(1 << 16);
    c.recipient[0] = (struct road_recipient){.unit = bytes_of_text("police/control"),
                                             .reason = bytes_of_text("permitted"),
                                             .permitted = true,
                                             .deadline_us = DEADLINE};
    c.scope[0] = (struct road_scope){.id = SCOPE, .deadline_us = DEADLINE, .generation = 1};
    seal_wrap(b->secret.secret, SCOPE, b->key, c.scope[0].wrapped);
    road_context(&c.envelope.id, c.commitment, DEADLINE, context);
    c.body[0].scope = SCOPE;
    memset(c.body[0].seed, 's', ROAD_SEED);
    seal_body(b->key, c.body[0].seed, bytes_of(context, sizeof context),
              bytes_of(body, sizeof body), sealed);
    c.body[0].sealed = bytes_of(sealed, sizeof sealed);
    buf_u64(&record, RECORD);
    buf_u64(&record, 0);
    road_commit_put(&c, &record);
    assert_int_equal(buf_status(&record), RESULT_OK);
    put_record(b, buf_view(&record));
    buf_free(&record);
}

/* The key file after a rotation: with the scope, or without. */
static void put_slots(const struct bench *b, uint64_t scope)
{
    struct buf encoded = BUF_INIT(4096);
    struct keys_slot slot = {.id = scope, .generation = b->secret.generation};
    struct slots *s = slots_new(b->data.fd, b->mac);
    seal_wrap(b->secret.secret, scope, b->key, slot.wrapped);
    keys_slot_put(&slot, &encoded);
    assert_int_equal(slots_write(s, b->secret.generation, buf_view(&encoded)), RESULT_OK);
    slots_free(s);
    buf_free(&encoded);
}

static void bench_init(struct bench *b)
{
    *b = (struct bench){.data = temp_folder_new(), .keys = temp_folder_new()};
    b->files = (struct attempt_files){b->data.fd, b->keys.fd, -1};
    memset(b->master, 'm', KEY_BYTES);
    memset(b->key, 'k', KEY_BYTES);
    assert_int_equal(mkdirat(b->data.fd, "journal", 0700), 0);
    put_master(b);
    put_secret(b, 1);
    put_message(b);
}

static void bench_free(struct bench *b)
{
    temp_folder_free(&b->data);
    temp_folder_free(&b->keys);
}

static enum result try_record(struct bench *b, uint64_t index)
{
    const uint64_t scope[] = {SCOPE};
    return attempt_open(&b->files, index, scope, 1, &b->a, b->fault);
}

static void what_is_not_destroyed_opens(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(try_record(&b, RECORD), RESULT_OK);
    assert_true(attempt_succeeded(&b.a) && b.a.found);
    assert_int_equal(b.a.generation, 1);
    assert_int_equal(b.a.copies, 1);
    assert_int_equal(b.a.copy[0].opened, sizeof body);
    assert_false(b.a.copy[0].has_slot);
    bench_free(&b);
}

static void once_the_secret_was_overwritten_no_place_gives_its_key(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    put_secret(&b, 2);
    put_slots(&b, OTHER);
    assert_int_equal(try_record(&b, RECORD), RESULT_OK);
    assert_false(attempt_succeeded(&b.a));
    assert_true(b.a.found && !b.a.copy[0].has_slot && !b.a.copy[0].has_key);
    assert_true(b.a.copy[0].wrapped > 0); /* they were tried */
    assert_int_equal(b.a.copy[0].bytes, sizeof body + SEAL_TAG);
    bench_free(&b);
}

static void what_survived_a_destruction_opens_by_its_slot(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    put_secret(&b, 2);
    put_slots(&b, SCOPE);
    assert_int_equal(try_record(&b, RECORD), RESULT_OK);
    assert_true(attempt_succeeded(&b.a) && b.a.copy[0].has_slot);
    bench_free(&b);
}

static void a_key_without_bytes_and_bytes_without_a_record_open_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(try_record(&b, RECORD + 1), RESULT_OK); /* its record is gone, its key not */
    assert_false(attempt_succeeded(&b.a) || b.a.found);
    assert_true(b.a.copy[0].has_key);
    assert_int_equal(b.a.copy[0].bytes, 0);
    bench_free(&b);
}

static void what_cannot_be_read_is_no_answer(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.master[0] ^= 1;
    put_master(&b); /* of another gateway */
    assert_int_equal(try_record(&b, RECORD), RESULT_DAMAGED);
    assert_non_null(strstr(b.fault, "journal, segment 1"));
    put_file(&b.keys, "master.key", bytes_of_text("no key"));
    assert_int_equal(try_record(&b, RECORD), RESULT_MALFORMED);
    assert_string_equal(b.fault, "master.key: it is no master key");
    b.master[0] ^= 1;
    put_master(&b);
    put_file(&b.keys, "wrapping.secret", bytes_of_text("torn"));
    assert_int_equal(try_record(&b, RECORD), RESULT_DAMAGED);
    assert_string_equal(b.fault, "wrapping.secret: it is not whole");
    assert_int_equal(unlinkat(b.keys.fd, "wrapping.secret", 0), 0);
    assert_int_equal(try_record(&b, RECORD), RESULT_IO);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_destroyed_opens),
        cmocka_unit_test(once_the_secret_was_overwritten_no_place_gives_its_key),
        cmocka_unit_test(what_survived_a_destruction_opens_by_its_slot),
        cmocka_unit_test(a_key_without_bytes_and_bytes_without_a_record_open_nothing),
        cmocka_unit_test(what_cannot_be_read_is_no_answer),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
