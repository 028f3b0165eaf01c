/* policy/LANGUAGE.md: its examples together are one valid set. Run from the project's folder. */
#include "set.h"

#include "policy/snapshot.h"
#include "policy/tools.h"

#define DOCUMENT "policy/LANGUAGE.md"

static void read_document(struct buf *out)
{
    int fd = open(DOCUMENT, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (ssize_t n = 1; n > 0;) {
        uint8_t *room = buf_reserve(out, 65536);
        assert_non_null(room);
        n = read(fd, room, 65536);
        assert_true(n >= 0);
        out->n += (size_t)n;
    }
    (void)close(fd);
}

/* Appends to the file that a block's first line ("```yaml mou/example.yaml") names. */
static void add_block(struct set *s, const char *path, const char *text, size_t n)
{
    struct buf whole = BUF_INIT(1 << 20);
    struct set_file *f = set_file(s, path);
    if (f->text != NULL)
        buf_text(&whole, f->text);
    buf_put(&whole, text, n);
    set_put(s, path, buf_c(&whole));
    buf_free(&whole);
}

static size_t add_blocks(struct set *s, const char *document)
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

static void note_result(const struct policy_test_result *r, void *arg)
{
    (void)arg;
    if (!r->passed)
        fail_msg("%s:%u: %s\n%s", r->file, r->line, r->name, r->report);
}

/* The example's own tests. */
static void run_own_tests(struct set *s)
{
    struct policy_tests *tests = policy_tests_new(s->policy, false, note_result, NULL);
    struct diagnose *d = diagnose_new();
    const char *text = set_file(s, "tests/example.yaml")->text;
    bool good = policy_tests_run(tests, "tests/example.yaml", bytes_of_text(text), d);
    diagnose_print(d, DIAGNOSE_ENGLISH, &s->said);
    if (!good)
        fail_msg("%s", buf_c(&s->said));
    assert_int_equal(policy_tests_passed(tests), 6);
    policy_tests_free(tests);
    diagnose_free(d);
}

static void the_examples_are_a_valid_set(void **state)
{
    struct buf document = BUF_INIT(1 << 20);
    struct set s = {.now_us = NOW_US, .said = BUF_INIT(1 << 22), .block = BUF_INIT(0)};
    (void)state;
    read_document(&document);
    assert_true(add_blocks(&s, buf_c(&document)) >= 12);
    set_open(&s);
    assert_int_equal(s.counts.memoranda, 1);
    assert_true(s.counts.grants >= 6);
    run_own_tests(&s);
    set_free(&s);
    buf_free(&document);
}

static void every_condition_and_role_is_described(void **state)
{
    static const char *const words[] = {
#define CONDITION(NAME, reason, ground, text) "| `" text "` |",
#include "policy/conditions.def"
#undef CONDITION
#define ROLE(NAME, word) "`" word "`",
#include "policy/party_roles.def"
#undef ROLE
#define OFFICER(NAME, word) "`" word "`",
#include "policy/officer_roles.def"
#undef OFFICER
#define K(NAME, name, lane, sender, state) "`" #name "`",
#include "message/kinds.def"
#undef K
    };
    struct buf document = BUF_INIT(1 << 20);
    (void)state;
    read_document(&document);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(buf_c(&document), words[i]) == NULL)
            fail_msg("%s is not in " DOCUMENT, words[i]);
    buf_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_examples_are_a_valid_set),
                                       cmocka_unit_test(every_condition_and_role_is_described)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
