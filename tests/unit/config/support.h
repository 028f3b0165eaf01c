/* What the tests of config/ share: what is said about a text. */
#ifndef FEDGATE_TESTS_CONFIG_SUPPORT_H
#define FEDGATE_TESTS_CONFIG_SUPPORT_H

#include "config/document.h"

#include "../base/support.h"

/* The document, and what was said; freed by told_free. */
struct told {
    struct diagnose *d;
    struct document *doc;
    struct buf text;
};

static inline struct told tell(struct bytes source)
{
    struct told t = {.d = diagnose_new(), .text = BUF_INIT(1 << 20)};
    t.doc = document_read(source, "set.yaml", t.d);
    diagnose_print(t.d, DIAGNOSE_ENGLISH, &t.text);
    return t;
}

static inline void told_free(struct told *t)
{
    document_free(t->doc);
    diagnose_free(t->d);
    buf_free(&t->text);
}

/* Reads a text in which one thing is wrong: what is printed begins so. */
static inline void assert_refused_n(struct bytes source, const char *beginning)
{
    struct told t = tell(source);
    assert_null(t.doc);
    assert_int_equal(diagnose_errors(t.d), 1);
    if (strncmp(buf_c(&t.text), beginning, strlen(beginning)) != 0)
        fail_msg("said:\n%swanted:\n%s", buf_c(&t.text), beginning);
    told_free(&t);
}

static inline void assert_refused(const char *source, const char *beginning)
{
    assert_refused_n(bytes_of_text(source), beginning);
}

#endif
