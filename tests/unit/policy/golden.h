/* What a person reads, compared with a file that a person has read: FILE under tests/data/policy/.
 * Written anew by GOLDEN=write, to be read again before it is committed. */
#ifndef FEDGATE_TESTS_POLICY_GOLDEN_H
#define FEDGATE_TESTS_POLICY_GOLDEN_H

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define GOLDEN_FOLDER "tests/data/policy/"

static inline void golden_read(const char *file, struct buf *out)
{
    char path[200], room[4096];
    (void)snprintf(path, sizeof path, GOLDEN_FOLDER "%s", file);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(room, 1, sizeof room, f)) > 0;)
        buf_put(out, room, n);
    (void)fclose(f);
}

static inline void golden_write(const char *file, const struct buf *text)
{
    char path[200];
    (void)snprintf(path, sizeof path, GOLDEN_FOLDER "%s", file);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text->p, 1, text->n, f), text->n);
    (void)fclose(f);
}

static inline void expect_golden(const char *file, struct buf *text)
{
    struct buf golden = BUF_INIT(1 << 22);
    if (getenv("GOLDEN") != NULL)
        golden_write(file, text);
    golden_read(file, &golden);
    size_t same = 0;
    while (same < golden.n && same < text->n && golden.p[same] == text->p[same])
        same++;
    if (same < golden.n || same < text->n)
        fail_msg("%s differs behind:\n%.*s", file, (int)same, buf_c(text));
    buf_free(&golden);
}

#endif
