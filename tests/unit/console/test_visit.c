/* Visits: who stated what, for how long, under which certificate. */
#include "support.h"

#include "console/visit.h"

static const uint8_t ours[32] = "our certificate", theirs[32] = "another one";

/* The cookie as a browser sends it back, among others. */
static struct bytes sent_back(const struct visit *v, struct buf *out)
{
    buf_clear(out);
    buf_text(out, "theme=x; ");
    visit_cookie(v, out);
    const char *end = strstr(buf_c(out), "; Secure");
    return bytes_of(out->p, (size_t)(end - buf_c(out)));
}

static void a_visit_is_found_by_its_cookie_and_certificate(void **state)
{
    (void)state;
    struct visits *all = visits_new();
    struct buf text = BUF_INIT(1024);
    struct visit *v = visit_begin(all, ours, B("inspection"), TEN);
    struct bytes cookie = sent_back(v, &text);
    assert_ptr_equal(visit_find(all, cookie, ours, TEN), v);
    assert_true(bytes_is(v->reason, "inspection"));
    assert_null(visit_find(all, cookie, theirs, TEN));
    assert_null(visit_find(all, B("visit="), ours, TEN));
    assert_null(visit_find(all, B(""), ours, TEN));
    assert_null(visit_find(all, bytes_of(cookie.p, cookie.n - 1), ours, TEN));
    text.p[cookie.n - 1] ^= 1;
    assert_null(visit_find(all, cookie, ours, TEN));
    buf_free(&text);
    visits_free(all);
}

static void it_ends_after_an_hour_and_is_forgotten(void **state)
{
    (void)state;
    struct visits *all = visits_new();
    struct buf text = BUF_INIT(1024);
    struct visit *v = visit_begin(all, ours, B("inspection"), TEN);
    struct bytes cookie = sent_back(v, &text);
    visits_turn(all, TEN + US_PER_HOUR - 1);
    assert_non_null(visit_find(all, cookie, ours, TEN + US_PER_HOUR - 1));
    assert_null(visit_find(all, cookie, ours, TEN + US_PER_HOUR));
    visits_turn(all, TEN + US_PER_HOUR);
    assert_null(visit_find(all, cookie, ours, TEN));
    buf_free(&text);
    visits_free(all);
}

static unsigned dropped;
static void drop(void *own)
{
    dropped += *(unsigned *)own;
}

static void the_oldest_gives_way_with_what_was_kept_for_it(void **state)
{
    (void)state;
    struct visits *all = visits_new();
    struct buf first = BUF_INIT(1024), second = BUF_INIT(1024);
    unsigned one = 1;
    struct visit *v = visit_begin(all, ours, B("first"), TEN);
    struct bytes cookie = sent_back(v, &first);
    v->own = &one;
    v->drop = drop;
    struct bytes next = sent_back(visit_begin(all, ours, B("second"), TEN), &second);
    for (size_t i = 2; i < VISITS_MAX; i++) {
        uint8_t other[32] = {(uint8_t)i, (uint8_t)(i >> 8), 1};
        (void)visit_begin(all, other, B("more"), TEN);
    }
    assert_non_null(visit_find(all, cookie, ours, TEN));
    assert_int_equal(dropped, 0);
    (void)visit_begin(all, theirs, B("one too many"), TEN);
    assert_int_equal(dropped, 1);
    assert_null(visit_find(all, cookie, ours, TEN));
    assert_non_null(visit_find(all, next, ours, TEN));
    buf_free(&first);
    buf_free(&second);
    visits_free(all);
}

/* Whoever may come in has a few, and takes no place of another's. */
static void a_certificate_ends_its_own_oldest_visit_and_no_others(void **state)
{
    (void)state;
    struct visits *all = visits_new();
    struct buf mine = BUF_INIT(1024), first = BUF_INIT(1024), last = BUF_INIT(1024);
    struct bytes cookie = sent_back(visit_begin(all, theirs, B("inspection"), TEN), &mine);
    struct bytes oldest = sent_back(visit_begin(all, ours, B("first"), TEN), &first), newest;
    for (size_t i = 1; i < VISITS_OF_ONE; i++)
        (void)visit_begin(all, ours, B("more"), TEN);
    assert_non_null(visit_find(all, oldest, ours, TEN));
    for (size_t i = 0; i < 2 * VISITS_MAX; i++)
        newest = sent_back(visit_begin(all, ours, B("flood"), TEN), &last);
    assert_null(visit_find(all, oldest, ours, TEN));
    assert_non_null(visit_find(all, newest, ours, TEN));
    assert_non_null(visit_find(all, cookie, theirs, TEN));
    buf_free(&mine);
    buf_free(&first);
    buf_free(&last);
    visits_free(all);
}

static void a_reason_is_one_line_of_500_characters(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1 << 12);
    for (size_t i = 0; i < VISIT_REASON_MAX; i++)
        buf_text(&text, "감");
    assert_true(visit_reason_is_good(buf_view(&text)));
    buf_text(&text, "사");
    assert_false(visit_reason_is_good(buf_view(&text)));
    assert_false(visit_reason_is_good(B("")));
    assert_false(visit_reason_is_good(B("two\nlines")));
    assert_false(visit_reason_is_good(B("turned \xe2\x80\xae round")));
    assert_false(visit_reason_is_good(B("\xff")));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_is_found_by_its_cookie_and_certificate),
        cmocka_unit_test(it_ends_after_an_hour_and_is_forgotten),
        cmocka_unit_test(the_oldest_gives_way_with_what_was_kept_for_it),
        cmocka_unit_test(a_certificate_ends_its_own_oldest_visit_and_no_others),
        cmocka_unit_test(a_reason_is_one_line_of_500_characters),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
