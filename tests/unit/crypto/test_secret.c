#include "crypto/secret.h"

#include "../base/support.h"
#include "crypto/init.h"
#include "crypto/mac.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* How a process of its own ends that runs this: its exit code, or 128 and more when it was killed.
 */
static int end_of(int (*run)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)close(STDERR_FILENO);
        (void)signal(SIGSEGV, SIG_DFL);
        (void)signal(SIGABRT, SIG_DFL);
        _exit(run());
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void secrets_come_zeroed(void **state)
{
    (void)state;
    for (size_t n = 1; n < 10000; n += 999) {
        uint8_t *p = secret_new(n);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        secret_free(p);
    }
    secret_free(NULL);
}

/* The flags of the mapping that holds the address (proc(5), VmFlags). */
static bool has_flag(const void *p, const char *flag)
{
    char line[1000];
    unsigned long from, to;
    bool inside = false, found = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = (uintptr_t)p >= from && (uintptr_t)p < to;
        if (inside && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, flag) != NULL;
    }
    (void)fclose(f);
    return found;
}

static void assert_protected(const uint8_t *p)
{
    assert_true(has_flag(p, " lo") || !HAS_MLOCK);
    assert_true(has_flag(p, " dd"));
    assert_true(has_flag(p, " wf"));
}

static void they_are_locked_and_outside_core_dumps(void **state)
{
    (void)state;
    for (size_t n = 1; n < 20000; n += 4095) { /* of one page and of several, up to their ends */
        uint8_t *p = secret_new(n);
        assert_protected(p);
        assert_protected(p + n - 1);
        secret_free(p);
    }
}

static const uint8_t *volatile inherited;

static int find_nothing(void)
{
    for (size_t i = 0; i < 5000; i++)
        if (inherited[i] != 0)
            return 1;
    return 0;
}

static void a_child_finds_nothing_where_they_were(void **state)
{
    (void)state;
    uint8_t *p = secret_new(5000);
    memset(p, 0x5a, 5000);
    inherited = p;
    assert_int_equal(end_of(find_nothing), 0);
    assert_int_equal(p[4999], 0x5a);
    secret_free(p);
}

/* OpenSSL takes private keys from there; a key of its own shows it. */
static void openssls_keys_lie_there_too(void **state)
{
    (void)state;
    assert_int_equal(secret_heap(), RESULT_OK);
    assert_int_equal(secret_heap(), RESULT_OK);
    uint8_t *p = OPENSSL_secure_malloc(32);
    assert_int_equal(CRYPTO_secure_allocated(p), 1);
    assert_protected(p);
    memset(p, 0x5a, 32);
    OPENSSL_secure_free(p);
    for (size_t i = 2 * sizeof(void *); i < 32; i++) /* before: a list's places */
        assert_int_equal(p[i], 0);
}

static uint8_t *volatile block;
static volatile size_t place;

static int touch(void)
{
    block[place] = 1;
    return 0;
}

static void a_step_beyond_either_end_ends_the_process(void **state)
{
    (void)state;
    block = secret_new(4096);
    place = 4095;
    assert_int_equal(end_of(touch), 0);
    place = 4096;
    assert_true(end_of(touch) > 0);
    place = (size_t)-1 - 4096;
    assert_true(end_of(touch) > 0);
    secret_free(block);
}

static int lock_nothing(void)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (getuid() == 0 && setuid(65534) != 0))
        return 3;
    struct secret_pool *pool = secret_pool_new();
    return secret_new(32) != NULL || secret_pool_take(pool) != NULL ||
           secret_heap() != RESULT_NO_MEMORY;
}

static void there_is_no_secret_that_cannot_be_locked(void **state)
{
    (void)state;
    if (HAS_MLOCK)
        assert_int_equal(end_of(lock_nothing), 0);
}

enum { KEYS = 3000 };

static void keys_of_a_pool_come_zeroed_and_do_not_overlap(void **state)
{
    (void)state;
    static uint8_t *key[KEYS];
    static const uint8_t zero[KEY_BYTES];
    uint8_t expected[KEY_BYTES];
    struct secret_pool *p = secret_pool_new();
    for (size_t i = 0; i < KEYS; i++) {
        key[i] = secret_pool_take(p);
        assert_non_null(key[i]);
        assert_memory_equal(key[i], zero, KEY_BYTES);
        memset(key[i], (int)(i % 251 + 1), KEY_BYTES);
    }
    for (size_t i = 0; i < KEYS; i++) {
        memset(expected, (int)(i % 251 + 1), KEY_BYTES);
        assert_memory_equal(key[i], expected, KEY_BYTES);
    }
    assert_true(has_flag(key[0], " lo") || !HAS_MLOCK);
    /* A block costs pages of its own, so keys share it. */
    for (size_t i = 1; i < 1024; i++)
        assert_true(key[i] == key[i - 1] + KEY_BYTES || key[i] == key[i - 1] - KEY_BYTES);
    secret_pool_free(p);
    secret_pool_free(NULL);
}

/* A free place holds where the next one is, and nothing of the key. */
static void a_key_that_is_given_back_is_wiped_and_used_again(void **state)
{
    (void)state;
    static const uint8_t zero[KEY_BYTES];
    struct secret_pool *p = secret_pool_new();
    uint8_t *key = secret_pool_take(p), *other = secret_pool_take(p);
    memset(key, 0x5a, KEY_BYTES);
    memset(other, 0x33, KEY_BYTES);
    secret_pool_drop(p, key);
    secret_pool_drop(p, NULL);
    assert_memory_equal(key + sizeof(void *), zero, KEY_BYTES - sizeof(void *));
    assert_memory_not_equal(key, "\x5a\x5a\x5a\x5a", 4);
    assert_int_equal(other[0], 0x33);
    assert_ptr_equal(secret_pool_take(p), key);
    assert_memory_equal(key, zero, KEY_BYTES);
    secret_pool_free(p);
}

static void a_pool_holds_what_was_taken_whatever_the_order(void **state)
{
    (void)state;
    static uint8_t *key[KEYS];
    struct chance c = {0};
    struct secret_pool *p = secret_pool_new();
    memset(key, 0, sizeof key);
    for (size_t round = 0; round < 20000; round++) {
        size_t i = chance_below(&c, KEYS);
        if (key[i] == NULL) {
            key[i] = secret_pool_take(p);
            memset(key[i], (int)(i % 256), KEY_BYTES);
            continue;
        }
        for (size_t k = 0; k < KEY_BYTES; k++)
            assert_int_equal(key[i][k], i % 256);
        secret_pool_drop(p, key[i]);
        key[i] = NULL;
    }
    secret_pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_come_zeroed),
        cmocka_unit_test(they_are_locked_and_outside_core_dumps),
        cmocka_unit_test(a_child_finds_nothing_where_they_were),
        cmocka_unit_test(a_step_beyond_either_end_ends_the_process),
        cmocka_unit_test(there_is_no_secret_that_cannot_be_locked),
        cmocka_unit_test(openssls_keys_lie_there_too),
        cmocka_unit_test(keys_of_a_pool_come_zeroed_and_do_not_overlap),
        cmocka_unit_test(a_key_that_is_given_back_is_wiped_and_used_again),
        cmocka_unit_test(a_pool_holds_what_was_taken_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
