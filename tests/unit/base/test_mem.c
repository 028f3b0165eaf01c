#include "base/mem.h"

#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_comes_zeroed_and_is_never_null(void **state)
{
    (void)state;
    for (size_t n = 0; n < 5000; n += 100) {
        uint8_t *p = mem_new(n);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        mem_free(p);
    }
    void *none = mem_new_array(0, 8);
    assert_non_null(none);
    mem_free(none);
    mem_free(NULL);
}

static void what_is_added_to_an_array_is_zero_and_the_rest_stays(void **state)
{
    (void)state;
    uint32_t *p = mem_new_array(3, sizeof *p);
    for (uint32_t i = 0; i < 3; i++)
        p[i] = i + 1;
    p = mem_grow_array(p, 3, 1000, sizeof *p);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(p[i], i < 3 ? i + 1 : 0);
    p = mem_grow_array(p, 1000, 2, sizeof *p);
    assert_int_equal(p[1], 2);
    mem_free(p);
    p = mem_grow_array(NULL, 0, 4, sizeof *p);
    assert_int_equal(p[3], 0);
    mem_free(p);
}

static void memory_in_large_pages_is_zero_as_any_other(void **state)
{
    (void)state;
    const size_t size[] = {1, 4096, 2 << 20, (6 << 20) + 17};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        uint8_t *p = mem_new(size[i]);
        mem_in_large_pages(p, size[i]);
        for (size_t k = 0; k < size[i]; k += 511)
            assert_int_equal(p[k], 0);
        p[size[i] - 1] = 1;
        mem_free(p);
    }
    mem_in_large_pages(NULL, 0);
}

static void a_text_is_copied_with_a_nul_behind_it(void **state)
{
    (void)state;
    char *t = mem_text("abcdef", 3), *none = mem_text(NULL, 0);
    assert_string_equal(t, "abc");
    assert_string_equal(none, "");
    mem_free(t);
    mem_free(none);
}

static void wiping_nothing_is_allowed(void **state)
{
    (void)state;
    char text[] = "secret";
    mem_wipe(text, 3);
    assert_memory_equal(text, "\0\0\0ret", 7);
    mem_wipe(NULL, 0);
}

/* In a process of its own, which says nothing and leaves no core. */
static int end_of(void (*run)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)close(STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        run();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static volatile size_t huge = SIZE_MAX / 2 + 2;

static void an_array_too_large(void)
{
    mem_free(mem_new_array(huge, 2));
}

static void growth_too_large(void)
{
    mem_free(mem_grow_array(NULL, 0, huge, 2));
}

static void a_count_that_overflows_ends_the_process(void **state)
{
    (void)state;
    assert_int_not_equal(end_of(an_array_too_large), 0);
    assert_int_not_equal(end_of(growth_too_large), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_comes_zeroed_and_is_never_null),
        cmocka_unit_test(what_is_added_to_an_array_is_zero_and_the_rest_stays),
        cmocka_unit_test(memory_in_large_pages_is_zero_as_any_other),
        cmocka_unit_test(a_text_is_copied_with_a_nul_behind_it),
        cmocka_unit_test(wiping_nothing_is_allowed),
        cmocka_unit_test(a_count_that_overflows_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
