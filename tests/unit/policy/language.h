/* The examples of policy/LANGUAGE.md, which together are one set. */
#ifndef FEDGATE_TESTS_POLICY_LANGUAGE_H
#define FEDGATE_TESTS_POLICY_LANGUAGE_H

#include "set.h"

#define DOCUMENT "policy/LANGUAGE.md"

/* Appends to the file that a block's first line ("```yaml mou/example.yaml") names. */
static inline void add_block(struct set *s, const char *path, const char *text, size_t n)
{
    struct buf whole = BUF_INIT(1 << 20);
    struct set_file *f = set_file(s, path);
    if (f->text != NULL)
        buf_text(&whole, f->text);
    buf_put(&whole, text, n);
    set_put(s, path, buf_c(&whole));
    buf_free(&whole);
}

static inline size_t add_blocks(struct set *s, const char *document)
{
    static const char fence[] = "\n```";
    size_t blocks = 0;
    for (const char *at = document; (at = strstr(at, fence)) != NULL; blocks++) {
        char path[100] = "";
        const char *begin = strchr(at + 1, '\n') + 1, *end = strstr(begin - 1, fence);
        assert_int_equal(sscanf(at, "\n```%*[a-z] %99[^\n ]", path), 1);
        assert_non_null(end);
        add_block(s, path, begin, (size_t)(end + 1 - begin));
        at = end + sizeof fence - 1;
    }
    return blocks;
}

/* Freed by set_free. */
static inline void language_set(struct set *s)
{
    struct buf document = BUF_INIT(1 << 20);
    *s = (struct set){.now_us = NOW_US, .said = BUF_INIT(1 << 22), .block = BUF_INIT(0)};
    append_file(DOCUMENT, &document);
    assert_true(add_blocks(s, buf_c(&document)) >= 12);
    buf_free(&document);
}

#endif
