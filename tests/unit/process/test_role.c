#include "process/role.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static int block_of(const char *text, int seals)
{
    int fd = memfd_create("block", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t n = strlen(text);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), n);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static void a_sealed_block_is_mapped_and_its_descriptor_closed(void **state)
{
    struct bytes block;
    int fd = block_of("settings", ALL);
    (void)state;
    assert_int_equal(role_map(fd, &block), RESULT_OK);
    assert_true(bytes_is(block, "settings"));
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    role_unmap(block);
}

/* A compiler that was taken over could else change it after the edge has checked it. */
static void a_block_that_somebody_can_still_change_is_refused(void **state)
{
    static const int missing[] = {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, ALL};
    struct bytes block;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(missing); i++)
        assert_int_equal(role_map(block_of("settings", ALL & ~missing[i]), &block), RESULT_IO);
    assert_int_equal(role_map(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), &block), RESULT_IO);
}

static void an_empty_block_and_no_block_are_refused(void **state)
{
    struct bytes block;
    (void)state;
    assert_int_equal(role_map(block_of("", ALL), &block), RESULT_IO);
    assert_int_equal(role_map(-1, &block), RESULT_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_block_is_mapped_and_its_descriptor_closed),
        cmocka_unit_test(a_block_that_somebody_can_still_change_is_refused),
        cmocka_unit_test(an_empty_block_and_no_block_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
