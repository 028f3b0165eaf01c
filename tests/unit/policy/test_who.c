/* policy/who.c: the access matrix. */
#include "set.h"

#include "policy/tools.h"

/* "clause kind file" of each way, parted by "; ". */
static void note(const struct policy_flow *f, void *arg)
{
    struct buf *out = arg;
    buf_printf(out, "%s%s %s %s", out->n == 0 ? "" : "; ", f->clause, f->kind, f->file);
}

static void expect_flows(struct set *s, struct policy_who who, const char *expected)
{
    struct buf out = BUF_INIT(1 << 16);
    policy_flows(s->policy, &who, note, &out);
    assert_string_equal(buf_c(&out), expected);
    buf_free(&out);
}

static void each_recipient_of_each_grant_is_a_way(void **state)
{
    (void)state;
    struct set s;
    set_new(&s);
    set_open(&s);
    expect_flows(&s, (struct policy_who){.kind = "video"}, "a#live video mou/a.yaml");
    expect_flows(&s, (struct policy_who){.to = "rescue"},
                 "b#position location_update mou/b.yaml; b#dispatch dispatch_request "
                 "mou/b.yaml");
    expect_flows(&s, (struct policy_who){.from = "centre/video", .purpose = "crime-response"},
                 "a#live video mou/a.yaml; a#photo scene_image mou/a.yaml");
    expect_flows(&s, (struct policy_who){.from = "centre/video", .purpose = "safe-return"}, "");
    set_free(&s);
}

static void what_a_prohibition_always_forbids_is_left_out(void **state)
{
    (void)state;
    struct set s;
    set_new(&s);
    set_change(&s, B, "  - prohibit: positions-to-others\n",
               "  - prohibit: no-requests\n"
               "    kind: dispatch_request\n"
               "    to_other_than: {role: [police]}\n"
               "    because: the council\n"
               "  - prohibit: positions-to-others\n");
    set_open(&s);
    expect_flows(&s, (struct policy_who){.to = "rescue"}, "b#position location_update mou/b.yaml");
    expect_flows(&s, (struct policy_who){.to = "police", .kind = "dispatch_request"},
                 "b#dispatch dispatch_request mou/b.yaml");
    set_free(&s);
}

static void the_legal_bases_of_a_way_are_told(const struct policy_flow *f, void *arg)
{
    struct set *s = arg;
    struct buf bases = BUF_INIT(1000);
    policy_flow_bases(s->policy, f, &bases);
    assert_string_equal(buf_c(&bases), "kr/pipa/18-2-3, kr/pipa/18-2-7");
    buf_free(&bases);
}

static void bases_are_told_in_the_order_of_the_catalogue(void **state)
{
    (void)state;
    struct set s;
    struct policy_who who = {.kind = "video"};
    set_new(&s);
    set_open(&s);
    policy_flows(s.policy, &who, the_legal_bases_of_a_way_are_told, &s);
    set_free(&s);
}

static void names_of_the_set_are_escaped_on_the_page(void **state)
{
    (void)state;
    struct set s;
    struct policy_who who = {.kind = "video"};
    struct buf page = BUF_INIT(1 << 20);
    set_new(&s);
    set_change(&s, PARTIES, "video: {name: Video room}", "video: {name: \"<b>Video & room\"}");
    set_open(&s);
    policy_who_page(s.policy, &who, false, &page);
    assert_non_null(strstr(buf_c(&page), "Centre (&lt;b&gt;Video &amp; room)"));
    assert_null(strstr(buf_c(&page), "<b>"));
    buf_free(&page);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_of_each_grant_is_a_way),
        cmocka_unit_test(what_a_prohibition_always_forbids_is_left_out),
        cmocka_unit_test(bases_are_told_in_the_order_of_the_catalogue),
        cmocka_unit_test(names_of_the_set_are_escaped_on_the_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
