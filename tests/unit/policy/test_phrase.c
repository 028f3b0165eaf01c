/* policy/phrase.c: values in words, and the little language of sentences.def. */
#include "set.h"

#include "policy/phrase.h"

struct phrase_bench {
    struct set set;
    struct diagnose *d;
    struct document *doc;
    struct phrase *phrase;
};

static void bench_new(struct phrase_bench *b, const char *yaml)
{
    set_new(&b->set);
    set_open(&b->set);
    b->d = diagnose_new();
    b->doc = document_read(bytes_of_text(yaml), "t.yaml", b->d);
    assert_non_null(b->doc);
    b->phrase = mem_new(sizeof *b->phrase);
}

static void bench_free(struct phrase_bench *b)
{
    mem_free(b->phrase);
    document_free(b->doc);
    diagnose_free(b->d);
    set_free(&b->set);
}

/* What a template says of the document; NULL: nothing. */
static void expect_said(struct phrase_bench *b, bool korean, const char *template,
                        const char *expected)
{
    struct buf out = BUF_INIT(1 << 16);
    *b->phrase = (struct phrase){
        .p = b->set.policy, .korean = korean, .about = "the photo", .place = document_root(b->doc)};
    bool said = phrase_fill(b->phrase, template, &out);
    assert_int_equal(said, expected != NULL);
    if (said)
        assert_string_equal(buf_c(&out), expected);
    buf_free(&out);
}

static void slots_are_filled_and_groups_left_out(void **state)
{
    (void)state;
    struct phrase_bench b;
    bench_new(&b, "{a: one, b: {c: two}, yes: yes}");
    expect_said(&b, false, "{a} and {b.c}", "one and two");
    expect_said(&b, false, "{a} and {d}", NULL);
    expect_said(&b, false, "{a}[ and {d}]", "one");
    expect_said(&b, false, "{a}[ and {b.c}].", "one and two.");
    expect_said(&b, false, "{@} is dropped", "the photo is dropped");
    expect_said(&b, false, "it holds{yes|=yes}", "it holds");
    expect_said(&b, false, "it holds{yes|=no}", NULL);
    expect_said(&b, false, "{b}", NULL); /* a map is no value */
    bench_free(&b);
}

static void what_was_said_is_noted(void **state)
{
    (void)state;
    struct phrase_bench b;
    bench_new(&b, "{a: one, b: two, c: [three, four]}");
    expect_said(&b, false, "{a}[ {b} {x}] {c}", "one three and four");
    assert_int_equal(b.phrase->count, 3); /* the group's was taken back */
    bench_free(&b);
}

static void lists_are_joined_as_people_do(void **state)
{
    (void)state;
    struct phrase_bench b;
    bench_new(&b, "{one: [a], two: [a, b], three: [a, b, c], none: []}");
    expect_said(&b, false, "{one}, {two}, {three}", "a, a and b, a, b and c");
    expect_said(&b, false, "{two|text,or}; {three|text,or}", "a or b; a, b or c");
    expect_said(&b, true, "{two}; {three|text,or}", "a 및 b; a, b 또는 c");
    expect_said(&b, false, "{none}", NULL);
    bench_free(&b);
}

static void words_have_the_titles_of_the_set(void **state)
{
    (void)state;
    struct phrase_bench b;
    bench_new(&b, "{s: onsite-video, u: police/control, self: gateway/self, k: video, p: centre, "
                  "b: kr/location/19, unknown: x}");
    expect_said(&b, false, "{s|service}", "“Video of the scene”");
    expect_said(&b, true, "{s|service}", "‘긴급영상’");
    expect_said(&b, false, "{u|unit}; {self|unit}", "Police (Control room); the gateway itself");
    expect_said(&b, true, "{self|unit}", "게이트웨이");
    expect_said(&b, false, "{k|kind}; {p|party}", "live or recorded video; Centre");
    expect_said(&b, false, "{b|basis}; {b|law}",
                "“Title of kr/location/19”; Title of kr/location/19");
    expect_said(&b, false, "{unknown|service}; {unknown|unit}; {unknown|kind}", "“x”; x; x");
    bench_free(&b);
}

static void dates_and_lengths_are_in_the_language(void **state)
{
    (void)state;
    struct phrase_bench b;
    bench_new(&b, "{day: 2026-03-01, time: 2026-11-21T09:30:00+09:00, bad: 2026-13-01, h: 6 hours, "
                  "ko: 1시간, zero: 0 seconds, night: 22:00-06:00, n: 2}");
    expect_said(
        &b, false, "{day|date}; {day|end}; {time|end}; {bad|date}",
        "1 March 2026; the end of 1 March 2026; 21 November 2026 09:30 (+09:00); 2026-13-01");
    expect_said(&b, true, "{day|date}; {time|date}",
                "2026년 3월 1일; 2026년 11월 21일 09:30 (+09:00)");
    expect_said(&b, false, "{h|duration}; {ko|duration}; {n|duration}", "6 hours; 1 hour; 2");
    expect_said(&b, true, "{h|duration}; {ko|duration}", "6시간; 1시간");
    expect_said(&b, false, "{zero|delay} it ended; {h|delay} it ended",
                "as soon as it ended; within 6 hours after it ended");
    expect_said(&b, true, "끝난 때{zero|delay}; 끝난 때{h|delay}",
                "끝난 때 즉시; 끝난 때부터 6시간 이내에");
    expect_said(&b, false, "{night|hours}", "22:00 and 06:00");
    expect_said(&b, true, "{night|hours}; {n|persons}", "22:00부터 06:00까지; 서로 다른 두 사람");
    bench_free(&b);
}

static void korean_particles_fit_what_stands_before(void **state)
{
    (void)state;
    static const struct {
        const char *word, *said;
    } row[] = {{"경찰", "경찰은 경찰을 경찰로"},
               {"센터", "센터는 센터를 센터로"},
               {"상황실", "상황실은 상황실을 상황실로"},
               {"기관", "기관은 기관을 기관으로"},
               {"112", "112는 112를 112로"},
               {"119", "119는 119를 119로"},
               {"10", "10은 10을 10으로"},
               {"MOU", "MOU는 MOU를 MOU로"},
               {"CCTV", "CCTV는 CCTV를 CCTV로"},
               {"URL", "URL은 URL을 URL로"},
               {"통신사(주)", "통신사(주)는 통신사(주)를 통신사(주)로"},
               {"\"‘본부장’\"", "‘본부장’은 ‘본부장’을 ‘본부장’으로"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct phrase_bench b;
        char yaml[200];
        (void)snprintf(yaml, sizeof yaml, "{w: %s}", row[i].word);
        bench_new(&b, yaml);
        expect_said(&b, true, "{w}<은/는> {w}<을/를> {w}<으로/로>", row[i].said);
        bench_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slots_are_filled_and_groups_left_out),
                                       cmocka_unit_test(what_was_said_is_noted),
                                       cmocka_unit_test(lists_are_joined_as_people_do),
                                       cmocka_unit_test(words_have_the_titles_of_the_set),
                                       cmocka_unit_test(dates_and_lengths_are_in_the_language),
                                       cmocka_unit_test(korean_particles_fit_what_stands_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
