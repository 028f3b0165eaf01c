#include "journal/file.h"

#include "support.h"

#include <dirent.h>

#define OLD "who opened it, and what for"
#define NEW "nothing"

static struct bytes text(const char *t)
{
    return bytes_of_text(t);
}

static void put(const struct temp_folder *t, const char *name, const char *content)
{
    int fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(file_write(fd, 0, text(content)), RESULT_OK);
    (void)close(fd);
}

/* What stands in the blocks of a file that may have lost its name. */
static void assert_holds(int fd, struct bytes expected)
{
    uint8_t found[64];
    size_t n;
    assert_int_equal(file_read(fd, 0, found, sizeof found, &n), RESULT_OK);
    assert_int_equal(n, expected.n);
    assert_memory_equal(found, expected.p, n);
}

static void assert_only(const struct temp_folder *t, const char *name)
{
    DIR *folder = opendir(t->path);
    const struct dirent *d;
    assert_non_null(folder);
    while ((d = readdir(folder)) != NULL)
        if (d->d_name[0] != '.')
            assert_string_equal(d->d_name, name);
    (void)closedir(folder);
}

static int opened(const struct temp_folder *t, const char *name)
{
    int fd = openat(t->fd, name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void what_is_replaced_is_overwritten_too(void **state)
{
    (void)state;
    static const uint8_t zeros[sizeof OLD - 1];
    struct temp_folder t = temp_folder_new();
    put(&t, "index", OLD);
    int old = opened(&t, "index");
    assert_int_equal(file_replace_erasing(t.fd, "index", text(NEW)), RESULT_OK);
    int now = opened(&t, "index");
    assert_holds(now, text(NEW));
    assert_holds(old, bytes_of(zeros, sizeof zeros));
    assert_only(&t, "index");
    (void)close(now);
    (void)close(old);
    temp_folder_free(&t);
}

static void where_nothing_was_it_is_put_there(void **state)
{
    (void)state;
    struct temp_folder t = temp_folder_new();
    assert_int_equal(file_replace_erasing(t.fd, "index", text(NEW)), RESULT_OK);
    int now = opened(&t, "index");
    assert_holds(now, text(NEW));
    assert_only(&t, "index");
    (void)close(now);
    temp_folder_free(&t);
}

static void what_a_crash_left_beside_it_is_overwritten_by_the_next_and_by_itself(void **state)
{
    (void)state;
    static const uint8_t zeros[sizeof OLD - 1];
    for (int i = 0; i < 2; i++) {
        struct temp_folder t = temp_folder_new();
        put(&t, "index", NEW);
        put(&t, "index.new", OLD);
        int left = opened(&t, "index.new");
        assert_int_equal(i == 0 ? file_erase_left(t.fd, "index")
                                : file_replace_erasing(t.fd, "index", text(NEW)),
                         RESULT_OK);
        assert_holds(left, bytes_of(zeros, sizeof zeros));
        assert_only(&t, "index");
        assert_int_equal(file_erase_left(t.fd, "index"), RESULT_OK);
        (void)close(left);
        temp_folder_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_replaced_is_overwritten_too),
        cmocka_unit_test(where_nothing_was_it_is_put_there),
        cmocka_unit_test(what_a_crash_left_beside_it_is_overwritten_by_the_next_and_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
