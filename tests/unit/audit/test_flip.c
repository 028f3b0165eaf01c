/* Any single bit of the log's files or of its key: found, with the place, never read as a shorter
 * truth. */
#include "audit/tile_file.h"
#include "audit/verify.h"
#include "support.h"

#include <sys/stat.h>

static void flip(const struct log_bench *b, const char *path, off_t bit)
{
    uint8_t c;
    int fd = openat(b->folder.fd, path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &c, 1, bit / 8), 1);
    c ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(pwrite(fd, &c, 1, bit / 8), 1);
    (void)close(fd);
}

static off_t bits_of(const struct log_bench *b, const char *path)
{
    struct stat st;
    assert_int_equal(fstatat(b->folder.fd, path, &st, 0), 0);
    return 8 * st.st_size;
}

/* A verifier names the file, or the entry that it holds. */
static void expect_found(const struct log_bench *b, const char *path, off_t bit)
{
    const struct verify_request q = {.folder = b->folder.fd, .key = &b->key};
    struct verify_report report;
    enum result r = audit_verify(&q, &report);
    bool is_bundle = strncmp(path, "tile/entries/", 13) == 0;
    bool named = strncmp(report.fault, path, strlen(path)) == 0 ||
                 (is_bundle && strncmp(report.fault, "tile/0/", 7) == 0 &&
                  strstr(report.fault, "entry ") != NULL);
    if (r == RESULT_OK || !named)
        fail_msg("%s, bit %lld: %s, \"%s\"", path, (long long)bit, result_text(r), report.fault);
}

static void flip_each(struct log_bench *b, const char *path, off_t step)
{
    for (off_t bit = 0; bit < bits_of(b, path); bit += step) {
        flip(b, path, bit);
        expect_found(b, path, bit);
        flip(b, path, bit);
    }
}

static void every_bit_of_a_small_log_is_missed(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 5);
    log_publish(&b);
    flip_each(&b, "tile/entries/000.p/5", 1);
    flip_each(&b, "tile/0/000.p/5", 1);
    flip_each(&b, "checkpoint", 1);
    log_free(&b);
}

static void bits_of_every_file_of_a_larger_log_are_missed(void **state)
{
    (void)state;
    static const char *const path[] = {"tile/entries/000", "tile/entries/001.p/44", "tile/0/000",
                                       "tile/0/001.p/44", "tile/1/000.p/1"};
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 300);
    log_publish(&b);
    for (size_t i = 0; i < ARRAY_LEN(path); i++)
        flip_each(&b, path[i], 37);
    log_free(&b);
}

/* The ledger itself reads the right edge when it starts, and what it says of itself. */
static void a_log_with_any_bit_changed_at_its_edge_does_not_open(void **state)
{
    (void)state;
    static const char *const path[] = {"settled", "tile/entries/000.p/5", "tile/0/000.p/5"};
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 5);
    log_publish(&b);
    for (size_t i = 0; i < ARRAY_LEN(path); i++)
        for (off_t bit = 0; bit < bits_of(&b, path[i]); bit++) {
            flip(&b, path[i], bit);
            if (log_open(&b) != RESULT_DAMAGED || b.why[0] == '\0')
                fail_msg("%s, bit %lld: it opens", path[i], (long long)bit);
            flip(&b, path[i], bit);
        }
    assert_int_equal(log_open(&b), RESULT_OK);
    log_free(&b);
}

static void a_key_with_any_bit_changed_reads_as_none_or_verifies_nothing(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf text = BUF_INIT(400);
    log_init(&b);
    log_append_to(&b, 5);
    log_publish(&b);
    note_key_text(&b.key, &text);
    for (size_t bit = 0; bit < 8 * text.n; bit++) {
        struct note_key key;
        struct verify_report report;
        const struct verify_request q = {.folder = b.folder.fd, .key = &key};
        text.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (note_key_read(b.hasher, buf_view(&text), &key) == RESULT_OK)
            if (memcmp(&key, &b.key, sizeof key) != 0 && audit_verify(&q, &report) == RESULT_OK)
                fail_msg("bit %zu", bit);
        text.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_free(&text);
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_of_a_small_log_is_missed),
        cmocka_unit_test(bits_of_every_file_of_a_larger_log_are_missed),
        cmocka_unit_test(a_log_with_any_bit_changed_at_its_edge_does_not_open),
        cmocka_unit_test(a_key_with_any_bit_changed_reads_as_none_or_verifies_nothing),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
