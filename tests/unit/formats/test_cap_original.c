/* A public notice with its signed original: both say the same, or it does not go through. */
#include "document.h"

/* The sample notice, with a signature and whatever else stands in front of its end. */
static void signed_notice(struct buf *out, const char *from, const char *to)
{
    struct buf text, other = BUF_INIT(1u << 20);
    sample(&text, "daejeon.cap");
    (void)changed(&other, buf_c(&text), from, to);
    *out = BUF_INIT(1u << 20);
    (void)changed(out, buf_c(&other), "</alert>",
                  "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignatureValue>x"
                  "</SignatureValue></Signature></alert>");
    buf_free(&other);
    buf_free(&text);
}

static const char *judged(const struct document *d)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    const char *wrong = format_original_wrong(a, d->m);
    arena_free(a);
    return wrong;
}

static void read_signed(struct document *d, const char *from, const char *to)
{
    struct buf text;
    signed_notice(&text, from, to);
    document_read(d, "cap", buf_view(&text));
    assert_string_equal(d->report.why, "");
    assert_int_equal(d->m->public_notice->signed_cap.len, text.n);
    buf_free(&text);
}

static void an_original_that_says_the_same_is_good(void **state)
{
    struct document d;
    struct buf text;
    (void)state;
    read_signed(&d, "Met", "Met");
    assert_null(judged(&d));
    document_free(&d);
    sample(&text, "canada_signed.cap"); /* with two signatures, and much beside the fields */
    document_read(&d, "cap", buf_view(&text));
    assert_null(judged(&d));
    document_free(&d);
    buf_free(&text);
    sample(&text, "daejeon.cap");
    document_read(&d, "cap", buf_view(&text));
    assert_null(judged(&d)); /* it has none */
    document_free(&d);
    buf_free(&text);
}

static void the_header_may_say_what_the_original_does_not(void **state)
{
    struct document d;
    static char purpose[] = "public-warning", source[] = "a/b", to[] = "c/d";
    static char *recipients[] = {to};
    (void)state;
    read_signed(&d, "Met", "Met");
    Fedgate__V1__Header *h = d.m->header;
    h->purpose = purpose;
    h->source = source;
    h->to = recipients;
    h->n_to = 1;
    h->retransmission_allowed = true;
    h->created_at->seconds += 60;
    assert_null(judged(&d));
    document_free(&d);
}

static void a_field_that_says_something_else_is_told(void **state)
{
    struct document d;
    (void)state;
    read_signed(&d, "Met", "Met");
    Fedgate__V1__PublicNotice *p = d.m->public_notice;
    p->headline[0] ^= 1;
    assert_contains(judged(&d), "says the same as the other fields");
    p->headline[0] ^= 1;
    assert_null(judged(&d));
    p->severity = FEDGATE__V1__SEVERITY__SEVERITY_MINOR;
    assert_contains(judged(&d), "says the same as the other fields");
    document_free(&d);
}

static void status_recipients_and_terms_of_the_original_hold(void **state)
{
#define TERM(name, value)                                                                          \
    "<parameter><valueName>fedgate:" name "</valueName><value>" value "</value></parameter><area>"
    static const char *const changes[][2] = {
        {"Met", "Met"},
        {"<scope>Public</scope>", "<scope>Private</scope><addresses>a/b c/d</addresses>"},
        {"<area>", TERM("purpose", "rescue")},
        {"<area>", TERM("destroy-by", "2026-12-01T00:00:00Z")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct document d;
        read_signed(&d, changes[i][0], changes[i][1]);
        Fedgate__V1__Header *h = d.m->header;
        assert_null(judged(&d));
        switch (i) {
        case 0: h->status = FEDGATE__V1__STATUS__STATUS_TEST; break;
        case 1: h->n_to = 0; break;
        case 2: h->purpose[0] ^= 1; break;
        default: h->destroy_by->seconds++;
        }
        assert_contains(judged(&d), "the header's status, recipients and terms");
        document_free(&d);
    }
}

static void a_changed_byte_of_what_is_compared_is_told(void **state)
{
    static const char *const words[] = {"alert",  "Actual", "Met",   "침수되어",
                                        "Severe", "36.33",  "ko-KR", "하상도로</areaDesc>"};
    struct document d;
    (void)state;
    read_signed(&d, "Met", "Met");
    ProtobufCBinaryData *original = &d.m->public_notice->signed_cap;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        uint8_t *at = memmem(original->data, original->len, words[i], strlen(words[i]));
        assert_non_null(at);
        at[2] ^= 1;
        assert_non_null(judged(&d));
        at[2] ^= 1;
        assert_null(judged(&d));
    }
    original->len -= 3;
    assert_contains(judged(&d), "a notice of CAP 1.2");
    document_free(&d);
}

/* Whose it is, and over what, is for those who know the signer. */
static void the_signature_itself_is_not_judged(void **state)
{
    struct document d;
    (void)state;
    read_signed(&d, "Met", "Met");
    ProtobufCBinaryData *original = &d.m->public_notice->signed_cap;
    uint8_t *value = memmem(original->data, original->len, ">x<", 3);
    assert_non_null(value);
    value[1] ^= 1;
    assert_null(judged(&d));
    document_free(&d);
}

static void an_unsigned_original_is_none(void **state)
{
    struct document d;
    struct buf text;
    (void)state;
    sample(&text, "daejeon.cap");
    document_read(&d, "cap", buf_view(&text));
    d.m->public_notice->signed_cap = (ProtobufCBinaryData){text.n, text.p};
    assert_contains(judged(&d), "says the same as the other fields");
    document_free(&d);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_original_that_says_the_same_is_good),
        cmocka_unit_test(the_header_may_say_what_the_original_does_not),
        cmocka_unit_test(a_field_that_says_something_else_is_told),
        cmocka_unit_test(status_recipients_and_terms_of_the_original_hold),
        cmocka_unit_test(a_changed_byte_of_what_is_compared_is_told),
        cmocka_unit_test(the_signature_itself_is_not_judged),
        cmocka_unit_test(an_unsigned_original_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
