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

/* ---- of one unit */

static void expect_unit_flows(struct set *s, const char *unit, const char *expected)
{
    struct buf out = BUF_INIT(1 << 16);
    uint32_t number = policy_unit(s->policy, bytes_of_text(unit));
    size_t looked = 0;
    assert_int_equal(policy_unit_flows(s->policy, number, 0, note, &out, &looked), 0);
    assert_string_equal(buf_c(&out), expected);
    assert_true(looked >= policy_grants(s->policy)); /* those of others too */
    buf_free(&out);
}

static void a_unit_is_told_what_it_sends_and_what_it_gets_and_nothing_else(void **state)
{
    (void)state;
    struct set s;
    set_new(&s);
    set_open(&s);
    expect_unit_flows(&s, "centre/desk",
                      "b#alert guardian_alert mou/b.yaml; b#dispatch dispatch_request mou/b.yaml; "
                      "b#dispatch dispatch_request mou/b.yaml");
    expect_unit_flows(&s, "police/car", "a#photo scene_image mou/a.yaml");
    expect_unit_flows(&s, "lab/bench", "");
    set_free(&s);
}

static void what_is_behind_the_last_grant_is_nothing(void **state)
{
    (void)state;
    struct set s;
    struct buf out = BUF_INIT(1 << 16);
    set_new(&s);
    set_open(&s);
    uint32_t unit = policy_unit(s.policy, bytes_of_text("police/control"));
    const uint32_t grants = (uint32_t)policy_grants(s.policy);
    size_t looked = 1;
    assert_int_equal(policy_unit_flows(s.policy, unit, grants, note, &out, &looked), 0);
    assert_int_equal(policy_unit_flows(s.policy, unit, UINT32_MAX, note, &out, &looked), 0);
    assert_int_equal(out.n, 0);
    assert_int_equal(looked, 0);
    assert_int_equal(policy_unit_flows(s.policy, unit, grants - 1, note, &out, &looked), 0);
    assert_string_equal(buf_c(&out), "b#dispatch dispatch_request mou/b.yaml");
    buf_free(&out);
    set_free(&s);
}

/* Why nothing of a status can pass on the one way of a kind. */
struct shut {
    const struct policy *policy;
    struct policy_state state;
    int64_t now_us;
    unsigned status;
    enum reason reason;
    const char *failed;
};

static void ask_flow(const struct policy_flow *f, void *arg)
{
    struct shut *q = arg;
    q->reason = policy_flow_closed(q->policy, f, &q->state, q->status, q->now_us, &q->failed);
}

static struct shut photo_is_shut(struct set *s, unsigned status, int64_t now_us,
                                 struct policy_state state)
{
    struct shut q = {s->policy, state, now_us, status, REASON_NONE, ""};
    policy_flows(s->policy, &(struct policy_who){.kind = "scene_image"}, ask_flow, &q);
    return q;
}

static void a_way_is_shut_as_messages_find_it(void **state)
{
    (void)state;
    struct set s;
    set_new(&s);
    set_open(&s);
    const struct policy_state none = {0};
    struct shut q = photo_is_shut(&s, STATUS_ACTUAL, s.now_us, none);
    assert_int_equal(q.reason, REASON_PERMITTED);
    assert_null(q.failed);
    q = photo_is_shut(&s, STATUS_TEST, s.now_us, none);
    assert_int_equal(q.reason, REASON_STATUS_NOT_LIVE);
    assert_string_equal(q.failed, "status: test, to synthetic units only");
    q = photo_is_shut(&s, STATUS_ACTUAL, s.now_us + 365 * US_PER_DAY, none);
    assert_int_equal(q.reason, REASON_MOU_NOT_IN_FORCE);
    uint64_t car[1] = {0};
    car[0] = UINT64_C(1) << policy_unit(s.policy, bytes_of_text("police/car"));
    q = photo_is_shut(&s, STATUS_ACTUAL, s.now_us, (struct policy_state){.units_suspended = car});
    assert_int_equal(q.reason, REASON_PARTY_SUSPENDED);
    assert_string_equal(q.failed, "suspended: unit");
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_of_each_grant_is_a_way),
        cmocka_unit_test(what_a_prohibition_always_forbids_is_left_out),
        cmocka_unit_test(bases_are_told_in_the_order_of_the_catalogue),
        cmocka_unit_test(names_of_the_set_are_escaped_on_the_page),
        cmocka_unit_test(a_unit_is_told_what_it_sends_and_what_it_gets_and_nothing_else),
        cmocka_unit_test(what_is_behind_the_last_grant_is_nothing),
        cmocka_unit_test(a_way_is_shut_as_messages_find_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
