#include "process/lifetimes.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define END     (1000 * US_PER_HOUR)
#define WARNING (6 * US_PER_HOUR)
#define GRACE   (24 * US_PER_HOUR)

struct desk {
    struct lifetimes *lifetimes;
    struct log log;
    int64_t now_us;
    char said[4096];
};

static int64_t turn_of(void *now_us)
{
    return *(int64_t *)now_us;
}

static int begin(void **state)
{
    struct desk *d = mem_new(sizeof *d);
    d->lifetimes = lifetimes_new();
    d->log = (struct log){.role = "edge",
                          .fd = memfd_create("log", MFD_CLOEXEC),
                          .clock = {turn_of, turn_of, &d->now_us}};
    *state = d;
    return d->log.fd < 0;
}

static int end(void **state)
{
    struct desk *d = *state;
    (void)close(d->log.fd);
    lifetimes_free(d->lifetimes);
    lifetimes_free(NULL);
    mem_free(d);
    return 0;
}

/* What is said at that time, and nothing else: `event` NULL, nothing. */
static void expect_at(struct desk *d, int64_t now_us, const char *event)
{
    d->now_us = now_us;
    assert_int_equal(ftruncate(d->log.fd, 0), 0);
    assert_int_equal(lseek(d->log.fd, 0, SEEK_SET), 0);
    lifetimes_tick(d->lifetimes, &d->log);
    ssize_t n = pread(d->log.fd, d->said, sizeof d->said - 1, 0);
    assert_true(n >= 0);
    d->said[n] = '\0';
    if (event == NULL)
        assert_string_equal(d->said, "");
    else
        assert_non_null(strstr(d->said, event));
}

static void add(struct desk *d, const char *what, int64_t grace_us)
{
    lifetimes_add(d->lifetimes, what, "police", END, WARNING, grace_us);
}

static void a_list_is_alarmed_before_at_and_after_its_grace_once_each(void **state)
{
    struct desk *d = *state;
    add(d, "revocation-list", GRACE);
    expect_at(d, END - WARNING - US_PER_S, NULL);
    expect_at(d, END - WARNING,
              "alarm ends-soon what=revocation-list party=police "
              "ends=1970-02-12T01:00:00+09:00 "
              "counts_until=1970-02-13T01:00:00+09:00\n");
    expect_at(d, END - US_PER_S, NULL);
    expect_at(d, END, "alarm ended-counts-on what=revocation-list party=police ");
    expect_at(d, END + GRACE - US_PER_S, NULL);
    expect_at(d, END + GRACE, "alarm ended what=revocation-list party=police ");
    expect_at(d, END + 2 * GRACE, NULL);
}

static void what_has_no_grace_is_over_at_its_end(void **state)
{
    struct desk *d = *state;
    add(d, "root", 0);
    expect_at(d, END - US_PER_S, "ends-soon what=root");
    expect_at(d, END, "alarm ended what=root");
}

static void a_list_that_is_over_at_the_start_is_told_at_once(void **state)
{
    struct desk *d = *state;
    add(d, "revocation-list", GRACE);
    lifetimes_add(d->lifetimes, "certificate", "gateway", INT64_MAX, WARNING, 0);
    expect_at(d, END + US_PER_DAY, "alarm ended what=revocation-list");
    assert_null(strstr(d->said, "what=certificate"));
}

static void a_clock_that_was_set_back_has_it_told_again(void **state)
{
    struct desk *d = *state;
    add(d, "revocation-list", GRACE);
    expect_at(d, END, "ended-counts-on");
    expect_at(d, END - US_PER_S, NULL);
    expect_at(d, END + US_PER_S, "ended-counts-on");
}

static void each_of_many_is_told(void **state)
{
    enum { MANY = 40 };
    struct desk *d = *state;
    for (int64_t i = 0; i < MANY; i++)
        lifetimes_add(d->lifetimes, "root", "police", END + i * US_PER_DAY, 0, 0);
    for (int64_t i = 0; i < MANY; i++) {
        expect_at(d, END + i * US_PER_DAY - US_PER_S, NULL);
        expect_at(d, END + i * US_PER_DAY, "alarm ended what=root");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
        T(a_list_is_alarmed_before_at_and_after_its_grace_once_each),
        T(what_has_no_grace_is_over_at_its_end),
        T(a_list_that_is_over_at_the_start_is_told_at_once),
        T(a_clock_that_was_set_back_has_it_told_again),
        T(each_of_many_is_told),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
