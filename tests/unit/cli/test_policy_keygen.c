#include "../journal/temp_folder.h"
#include "capture.h"
#include "cli/commands.h"
#include "crypto/init.h"
#include "crypto/minisign.h"

#include <fcntl.h>
#include <sys/stat.h>

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static int run(int argc, char **argv)
{
    return policy_keygen_run(argc, argv);
}

static void read_text(const char *path, struct buf *out)
{
    uint8_t text[4096];
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, sizeof text);
    assert_true(n > 0);
    buf_put(out, text, (size_t)n);
    (void)close(fd);
}

static void a_key_without_password_signs_what_its_public_half_verifies(void **state)
{
    struct temp_folder t = temp_folder_new();
    struct printed *p = calloc(1, sizeof *p);
    struct buf secret = BUF_INIT(4096), public_key = BUF_INIT(4096), signature = BUF_INIT(4096);
    struct minisign_secret *s;
    struct stat st;
    (void)state;
    assert_int_equal(fchdir(t.fd), 0);
    run_line(p, run, "keygen --key kim.key --no-password --comment Kim");
    assert_int_equal(p->code, CLI_OK);
    read_text("kim.key", &secret);
    read_text("kim.pub", &public_key);
    assert_says(buf_c(&public_key), "untrusted comment: Kim\n");
    assert_says(p->out, buf_c(&public_key));
    assert_int_equal(stat("kim.key", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(minisign_secret_read(buf_view(&secret), bytes_of(NULL, 0), &s), RESULT_OK);
    assert_int_equal(minisign_sign(s, bytes_of_text("x"), false, bytes_of_text(""), &signature),
                     RESULT_OK);
    assert_int_equal(
        minisign_verify(buf_view(&public_key), buf_view(&signature), bytes_of_text("x"), NULL),
        RESULT_OK);
    minisign_secret_free(s);
    buf_free(&secret);
    buf_free(&public_key);
    buf_free(&signature);
    free(p);
    temp_folder_free(&t);
}

static void nothing_is_overwritten(void **state)
{
    struct temp_folder t = temp_folder_new();
    struct printed *p = calloc(1, sizeof *p);
    struct buf before = BUF_INIT(4096), after = BUF_INIT(4096);
    (void)state;
    assert_int_equal(fchdir(t.fd), 0);
    run_line(p, run, "keygen --key kim --no-password");
    assert_int_equal(p->code, CLI_OK);
    read_text("kim", &before);
    run_line(p, run, "keygen --key kim --no-password");
    assert_int_equal(p->code, CLI_FAILED);
    read_text("kim", &after);
    assert_true(bytes_equal(buf_view(&before), buf_view(&after)));
    buf_free(&before);
    buf_free(&after);
    free(p);
    temp_folder_free(&t);
}

static void what_is_missing_or_wrong_is_usage(void **state)
{
    static const char *const lines[] = {"keygen", "keygen --key k more",
                                        "keygen --key k --password-fd x",
                                        "keygen --key k --comment \x01"};
    struct printed *p = calloc(1, sizeof *p);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        run_line(p, run, lines[i]);
        assert_int_equal(p->code, CLI_USAGE);
    }
    /* Nobody is at a terminal that is closed: no key without a password by accident. */
    run_line(p, run, "keygen --key /nonexistent/k --password-fd 999");
    assert_int_equal(p->code, CLI_FAILED);
    assert_says(p->err, "no password");
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_without_password_signs_what_its_public_half_verifies),
        cmocka_unit_test(nothing_is_overwritten),
        cmocka_unit_test(what_is_missing_or_wrong_is_usage),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
