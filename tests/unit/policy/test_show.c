/* policy/show*.c, sentences.def and titles.def: what people sign. Run from the project's folder. */
#include "golden.h"
#include "set.h"

#include "config/tree.h"
#include "message/check.h"
#include "policy/titles.h"
#include "policy/tools.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { WIDTH = 100 };

struct show_bench {
    struct set set;
    struct buf text; /* of the memorandum */
};

static void bench_new(struct show_bench *b)
{
    set_new(&b->set);
    set_open(&b->set);
    b->text = BUF_INIT(1 << 20);
    golden_read("show.yaml", &b->text);
}

static void bench_free(struct show_bench *b)
{
    buf_free(&b->text);
    set_free(&b->set);
}

static enum result show(const struct show_bench *b, struct bytes text, bool korean,
                        enum policy_form form, struct buf *out, unsigned *unsaid)
{
    return policy_show(b->set.policy, "mou/everything.yaml", text, korean, form, WIDTH, out,
                       unsaid);
}

static void expect_shown(enum policy_form form, bool korean, const char *golden)
{
    struct show_bench b;
    struct buf out = BUF_INIT(1 << 22);
    unsigned unsaid = 0;
    bench_new(&b);
    enum result r = show(&b, buf_view(&b.text), korean, form, &out, &unsaid);
    if (r != RESULT_OK)
        fail_msg("line %u is not said", unsaid);
    expect_golden(golden, &out);
    buf_free(&out);
    bench_free(&b);
}

static void a_memorandum_reads_in_english(void **state)
{
    (void)state;
    expect_shown(POLICY_FORM_TEXT, false, "show.en.txt");
}

static void a_memorandum_reads_in_korean(void **state)
{
    (void)state;
    expect_shown(POLICY_FORM_TEXT, true, "show.ko.txt");
}

static void a_page_has_every_letter_escaped(void **state)
{
    (void)state;
    expect_shown(POLICY_FORM_HTML, false, "show.en.html");
}

/* ---- completeness: no value can be changed without the sentences changing, or the tool refusing
 */

/* The value at `n` replaced by "ZZ9". */
static void replace(const struct show_bench *b, const struct node *n, struct buf *out)
{
    const struct diagnose_place place = node_place(n);
    struct bytes rest = buf_view(&b->text);
    unsigned line = 1, column = 1;
    while (line < place.line || column < place.column) {
        const uint8_t *at = rest.p;
        uint32_t c = bytes_take_character(&rest);
        buf_put(out, at, (size_t)(rest.p - at));
        line += c == '\n';
        column = c == '\n' ? 1 : column + 1;
    }
    for (unsigned i = 0; i < place.length; i++)
        (void)bytes_take_character(&rest);
    buf_text(out, "ZZ9");
    buf_put(out, rest.p, rest.n);
}

static void expect_value_said(const struct show_bench *b, const struct node *n, bool korean)
{
    struct buf changed = BUF_INIT(1 << 20), out = BUF_INIT(1 << 22);
    unsigned unsaid = 0;
    replace(b, n, &changed);
    enum result r = show(b, buf_view(&changed), korean, POLICY_FORM_TEXT, &out, &unsaid);
    if (r == RESULT_OK && strstr(buf_c(&out), "ZZ9") == NULL) /* a title says it in its language */
        r = show(b, buf_view(&changed), !korean, POLICY_FORM_TEXT, &out, &unsaid);
    if (r == RESULT_OK && strstr(buf_c(&out), "ZZ9") == NULL)
        fail_msg("line %u: '%s' is not said", node_line(n), node_c(n));
    if (r == RESULT_UNKNOWN)
        assert_int_equal(unsaid, node_line(n));
    else
        assert_int_equal(r, RESULT_OK);
    buf_free(&changed);
    buf_free(&out);
}

static size_t expect_values_said(const struct show_bench *b, const struct node *n, bool korean)
{
    size_t count = 0;
    if (node_type(n) == NODE_TEXT) {
        expect_value_said(b, n, korean);
        return 1;
    }
    for (size_t i = 0; i < node_count(n); i++)
        count += expect_values_said(
            b, node_type(n) == NODE_MAP ? node_value(n, i) : node_item(n, i), korean);
    return count;
}

static void no_value_goes_unsaid(void **state)
{
    (void)state;
    struct show_bench b;
    bench_new(&b);
    for (unsigned korean = 0; korean < 2; korean++) {
        struct diagnose *d = diagnose_new();
        struct document *doc = document_read(buf_view(&b.text), "show.yaml", d);
        const struct node *root = document_root(doc);
        const struct node *title = node_member(node_member(root, "title"), korean ? "ko" : "en");
        assert_true(expect_values_said(&b, node_member(root, "grants"), korean) > 90);
        static const char *const keys[] = {"mou",       "instrument",       "acknowledged",
                                           "processor", "recipient_duties", "assessment",
                                           "in_force",  "publication",      "registers",
                                           "emergency", "prohibitions"};
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
            assert_true(expect_values_said(&b, node_member(root, keys[i]), korean) > 0);
        expect_value_said(&b, title, korean);
        document_free(doc);
        diagnose_free(d);
    }
    bench_free(&b);
}

static void what_no_sentence_says_is_not_shown(void **state)
{
    (void)state;
    struct show_bench b;
    struct buf out = BUF_INIT(1 << 22);
    unsigned unsaid = 0;
    bench_new(&b);
    buf_text(&b.text, "new_key: 1\n");
    assert_int_equal(show(&b, buf_view(&b.text), false, POLICY_FORM_TEXT, &out, &unsaid),
                     RESULT_UNKNOWN);
    assert_int_equal(unsaid, 95);
    assert_int_equal(out.n, 0);
    buf_free(&out);
    bench_free(&b);
}

/* ---- words */

static void expect_fields_titled(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        if (policy_title(NULL, TITLE_FIELD, bytes_of_text(f->name), true) == NULL)
            fail_msg("titles.def has no T(FIELD, \"%s\", ...)", f->name);
        if (f->type == PROTOBUF_C_TYPE_MESSAGE && strcmp(type->package_name, "fedgate.v1") == 0 &&
            strcmp(((const ProtobufCMessageDescriptor *)f->descriptor)->package_name,
                   "fedgate.v1") == 0)
            expect_fields_titled(f->descriptor);
    }
}

static void every_kind_and_field_has_a_title(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const struct kind *kind = kind_row((enum kind_id)i);
        if (policy_title(NULL, TITLE_KIND, bytes_of_text(kind->name), false) == NULL)
            fail_msg("titles.def has no T(KIND, \"%s\", ...)", kind->name);
        if (kind->rules != NULL)
            expect_fields_titled(kind->rules->type);
    }
}

static void every_role_has_a_title(void **state)
{
    (void)state;
    static const char *const words[] = {
#define ROLE(NAME, word) word,
#include "policy/party_roles.def"
#undef ROLE
    };
    static const char *const officers[] = {
#define OFFICER(NAME, word) word,
#include "policy/officer_roles.def"
#undef OFFICER
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (policy_title(NULL, TITLE_PARTY_ROLE, bytes_of_text(words[i]), false) == NULL)
            fail_msg("titles.def has no T(PARTY_ROLE, \"%s\", ...)", words[i]);
    for (size_t i = 0; i < ARRAY_LEN(officers); i++)
        if (policy_title(NULL, TITLE_OFFICER_ROLE, bytes_of_text(officers[i]), false) == NULL)
            fail_msg("titles.def has no T(OFFICER_ROLE, \"%s\", ...)", officers[i]);
}

static const struct {
    const char *place, *text[2];
} sentences[] = {
#define S(place, STYLE, en, ko) {place, {en, ko}},
#include "policy/sentences.def"
#undef S
};

static bool is_said(const char *key, bool korean)
{
    char slot[100];
    (void)snprintf(slot, sizeof slot, "{%s", key);
    for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
        const char *at = strstr(sentences[i].text[korean], slot);
        if (strcmp(sentences[i].place, "when") == 0 && at != NULL &&
            strchr("|}", at[strlen(slot)]) != NULL)
            return true;
    }
    return false;
}

static void every_condition_has_a_sentence(void **state)
{
    (void)state;
    static const char *const keys[] = {
#define CONDITION(NAME, reason, ground, text) text,
#include "policy/conditions.def"
#undef CONDITION
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        for (unsigned korean = 0; korean < 2; korean++)
            if (!is_said(keys[i], korean))
                fail_msg("sentences.def says nothing of \"%s\"", keys[i]);
}

/* ---- one clause */

struct said {
    struct buf text;
    size_t titles, sentences;
    unsigned line; /* of the first */
};

static void take_sentence(void *arg, const struct policy_sentence *sentence)
{
    struct said *s = arg;
    s->titles += sentence->depth == 0;
    s->line = s->sentences++ == 0 ? sentence->line : s->line;
    buf_printf(&s->text, "%s %s\n", sentence->mark, sentence->text);
}

static enum result say_clause(const struct show_bench *b, struct bytes text, const char *name,
                              struct said *out)
{
    *out = (struct said){.text = BUF_INIT(1 << 20)};
    return policy_show_clause(b->set.policy, "mou/everything.yaml", text, name, false,
                              take_sentence, out);
}

/* Of each grant its own article, from its line in the file on, and nothing of the next. */
static void a_clause_reads_as_it_does_in_its_memorandum(void **state)
{
    (void)state;
    struct show_bench b;
    struct said said;
    bench_new(&b);
    struct diagnose *d = diagnose_new();
    struct document *doc = document_read(buf_view(&b.text), "show.yaml", d);
    const struct node *grants = node_member(document_root(doc), "grants");
    for (size_t i = 0; i < node_count(grants); i++) {
        const struct node *name = node_member(node_item(grants, i), "grant");
        assert_int_equal(say_clause(&b, buf_view(&b.text), node_c(name), &said), RESULT_OK);
        assert_int_equal(said.titles, 1);
        assert_true(said.sentences > 2);
        assert_int_equal(said.line, node_line(name));
        buf_free(&said.text);
    }
    document_free(doc);
    diagnose_free(d);
    bench_free(&b);
}

static void a_clause_that_is_not_there_is_not_said(void **state)
{
    (void)state;
    struct show_bench b;
    struct said said;
    bench_new(&b);
    assert_int_equal(say_clause(&b, buf_view(&b.text), "no-such-clause", &said), RESULT_NOT_FOUND);
    assert_int_equal(said.sentences, 0);
    assert_int_equal(say_clause(&b, bytes_of_text("mou: [x]"), "a", &said), RESULT_MALFORMED);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memorandum_reads_in_english),
        cmocka_unit_test(a_memorandum_reads_in_korean),
        cmocka_unit_test(a_page_has_every_letter_escaped),
        cmocka_unit_test(no_value_goes_unsaid),
        cmocka_unit_test(what_no_sentence_says_is_not_shown),
        cmocka_unit_test(every_kind_and_field_has_a_title),
        cmocka_unit_test(every_role_has_a_title),
        cmocka_unit_test(every_condition_has_a_sentence),
        cmocka_unit_test(a_clause_reads_as_it_does_in_its_memorandum),
        cmocka_unit_test(a_clause_that_is_not_there_is_not_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
