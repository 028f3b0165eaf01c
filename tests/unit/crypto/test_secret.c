#include "crypto/secret.h"

#include "../base/support.h"
#include "crypto/init.h"
#include "crypto/mac.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The address sanitizer takes mlock away; what is asserted of it is asserted without that only. */
#if defined(__SANITIZE_ADDRESS__)
static const bool has_mlock = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
static const bool has_mlock = false;
#else
static const bool has_mlock = true;
#endif
#else
static const bool has_mlock = true;
#endif

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

static void they_are_locked_and_outside_core_dumps(void **state)
{
    (void)state;
    uint8_t *p = secret_new(64);
    assert_true(has_flag(p, " lo") || !has_mlock);
    assert_true(has_flag(p, " dd"));
    secret_free(p);
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
    return secret_new(32) != NULL || secret_pool_take(pool) != NULL;
}

static void there_is_no_secret_that_cannot_be_locked(void **state)
{
    (void)state;
    if (has_mlock)
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
    assert_true(has_flag(key[0], " lo") || !has_mlock);
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
        cmocka_unit_test(a_step_beyond_either_end_ends_the_process),
        cmocka_unit_test(there_is_no_secret_that_cannot_be_locked),
        cmocka_unit_test(keys_of_a_pool_come_zeroed_and_do_not_overlap),
        cmocka_unit_test(a_key_that_is_given_back_is_wiped_and_used_again),
        cmocka_unit_test(a_pool_holds_what_was_taken_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
