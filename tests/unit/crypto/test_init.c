/* How the libraries are started by a process that holds private keys. */
#include "crypto/init.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 200, LIST = 2 * sizeof(void *) /* of an allocator, in front */ };

/* Read as a debugger would, for it is nobody's memory any more. */
static bool is_wiped(uintptr_t at)
{
    static const uint8_t nothing[SIZE];
    uint8_t found[SIZE] = {1};
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    assert_true(memory >= 0);
    assert_int_equal(pread(memory, found, SIZE, (off_t)at), SIZE);
    (void)close(memory);
    return memcmp(found + LIST, nothing, SIZE - LIST) == 0;
}

static uint8_t *filled(void)
{
    uint8_t *p = OPENSSL_malloc(SIZE);
    assert_non_null(p);
    memset(p, 0x5a, SIZE);
    assert_false(is_wiped((uintptr_t)p));
    return p;
}

static void what_openssl_frees_is_wiped(void **state)
{
    (void)state;
    uint8_t *p = filled();
    const uintptr_t at = (uintptr_t)p;
    OPENSSL_free(p);
    OPENSSL_free(NULL);
    assert_true(is_wiped(at));
}

static void what_openssl_moves_is_kept_there_and_wiped_here(void **state)
{
    static const size_t size[] = {SIZE / 2, 100 * SIZE, SIZE};
    (void)state;
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
        uint8_t *p = filled();
        const uintptr_t at = (uintptr_t)p;
        p = OPENSSL_realloc(p, size[i]);
        assert_non_null(p);
        assert_int_not_equal((uintptr_t)p, at);
        assert_true(is_wiped(at));
        for (size_t k = 0; k < SIZE && k < size[i]; k++)
            assert_int_equal(p[k], 0x5a);
        assert_null(OPENSSL_realloc(p, 0));
    }
    uint8_t *p = OPENSSL_realloc(NULL, SIZE);
    assert_non_null(p);
    OPENSSL_free(p);
}

static int too_late; /* how a process ended that tried it after crypto_init */

static void it_is_too_late_once_openssl_has_memory(void **state)
{
    (void)state;
    assert_true(WIFEXITED(too_late));
    assert_int_equal(WEXITSTATUS(too_late), RESULT_STATE);
}

static int start(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(crypto_init() == RESULT_OK ? (int)crypto_wipe_freed() : 255);
    if (waitpid(pid, &too_late, 0) != pid)
        return -1;
    return crypto_wipe_freed() == RESULT_OK && crypto_init() == RESULT_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_openssl_frees_is_wiped),
        cmocka_unit_test(what_openssl_moves_is_kept_there_and_wiped_here),
        cmocka_unit_test(it_is_too_late_once_openssl_has_memory),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
