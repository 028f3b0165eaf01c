/* A file of tests of the small set; behind a line "=== mou", a memorandum to be shown. Whatever is
 * written there, it is run or said what is wrong, and everything that comes out is text. */
#include "ask.h"
#include "fuzz.h"

#include "base/mem.h"
#include "policy/tools.h"

struct results {
    size_t passed, failed;
};

static void count(const struct policy_test_result *r, void *arg)
{
    struct results *n = arg;
    *(r->passed ? &n->passed : &n->failed) += 1;
    HOLDS(bytes_is_text(bytes_of_text(r->name)) && bytes_is_text(bytes_of_text(r->report)));
    HOLDS(r->passed == (r->report[0] == '\0'));
}

static void run(const struct policy *p, struct bytes text)
{
    struct results n = {0, 0};
    struct diagnose *d = diagnose_new();
    struct policy_tests *t = policy_tests_new(p, true, count, &n);
    struct policy_coverage c;
    struct buf said = BUF_INIT(8u << 20);
    bool good = policy_tests_run(t, "tests/t.yaml", text, d);
    HOLDS(good == (diagnose_errors(d) == 0));
    HOLDS(n.passed == policy_tests_passed(t) && n.failed == policy_tests_failed(t));
    policy_tests_coverage(t, &c, &said);
    HOLDS(c.percent <= 100);
    diagnose_print(d, DIAGNOSE_KOREAN, &said);
    HOLDS(buf_status(&said) == RESULT_OK && bytes_is_text(buf_view(&said)));
    buf_free(&said);
    policy_tests_free(t);
    diagnose_free(d);
}

static void show(const struct policy *p, struct bytes text)
{
    for (unsigned i = 0; i < 4; i++) {
        struct buf page = BUF_INIT(8u << 20);
        unsigned unsaid = 0;
        enum result r =
            policy_show(p, "mou/m.yaml", text, i % 2 == 1,
                        i < 2 ? POLICY_FORM_TEXT : POLICY_FORM_HTML, 80, &page, &unsaid);
        HOLDS(r == RESULT_OK || page.n == 0);
        HOLDS((r == RESULT_UNKNOWN) == (unsaid > 0));
        HOLDS(buf_status(&page) != RESULT_OK || bytes_is_text(buf_view(&page)));
        buf_free(&page);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "=== mou\n";
    static struct policy *p;
    static struct buf block, said;
    if (p == NULL) {
        buf_init(&block, 16u << 20);
        buf_init(&said, 1u << 20);
        HOLDS(ask_compile(ask_small_set(), &block, &said) == RESULT_OK);
        HOLDS(policy_open(buf_view(&block), &p) == RESULT_OK);
    }
    const uint8_t *at = size == 0 ? NULL : memmem(data, size, mark, sizeof mark - 1);
    run(p, bytes_of(data, at == NULL ? size : (size_t)(at - data)));
    if (at != NULL)
        show(p, bytes_of(at + sizeof mark - 1, size - (size_t)(at - data) - (sizeof mark - 1)));
    return 0;
}
