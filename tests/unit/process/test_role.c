#include "process/role.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
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

static struct sched_attr how_it_is_scheduled(void)
{
    struct sched_attr attr = {.size = sizeof attr};
    assert_int_equal(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0), 0);
    return attr;
}

/* A kernel before 6.12 says of every process that it has none. */
static bool kernel_has_turns(void)
{
    struct utsname u;
    unsigned major = 0, minor = 0;
    assert_int_equal(uname(&u), 0);
    assert_int_equal(sscanf(u.release, "%u.%u", &major, &minor), 2);
    return major > 6 || (major == 6 && minor >= 12);
}

static void who_asks_for_short_turns_has_them_and_is_scheduled_as_before(void **state)
{
    const struct role r = {.log = {.least = LOG_FATAL, .fd = -1}};
    (void)state;
    const struct sched_attr before = how_it_is_scheduled();
    role_ask_short_turns(&r);
    const struct sched_attr after = how_it_is_scheduled();
    if (kernel_has_turns() && before.sched_policy == SCHED_NORMAL)
        assert_int_equal(after.sched_runtime, 200000);
    assert_int_equal(after.sched_policy, before.sched_policy);
    assert_int_equal(after.sched_nice, before.sched_nice);
    assert_int_equal(after.sched_flags, before.sched_flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_block_is_mapped_and_its_descriptor_closed),
        cmocka_unit_test(a_block_that_somebody_can_still_change_is_refused),
        cmocka_unit_test(an_empty_block_and_no_block_are_refused),
        cmocka_unit_test(who_asks_for_short_turns_has_them_and_is_scheduled_as_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
