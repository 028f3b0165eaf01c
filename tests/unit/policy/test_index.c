#include "ask.h"

static void a_kind_reaches_units_in_the_order_of_their_names_once_each(void **state)
{
    struct set s;
    uint32_t to[POLICY_REACH_MAX];
    (void)state;
    set_new(&s);
    set_change(&s, B, "prohibitions:\n",
               "  - grant: second\n"
               "    service: protection\n"
               "    kind: dispatch_request\n"
               "    from: centre/desk\n"
               "    to: [rescue/control, police/car]\n"
               "    purpose: life-rescue\n"
               "    basis_any_of: [kr/pipa/18-2-3]\n"
               "    destroy: {starts_at: found, delay: 0 seconds}\n"
               "prohibitions:\n");
    set_open(&s);
    uint32_t desk = policy_unit(s.policy, bytes_of_text("centre/desk"));
    assert_int_equal(policy_reach(s.policy, KIND_DISPATCH_REQUEST, desk, to), 3);
    assert_string_equal(policy_unit_name(s.policy, to[0]), "police/car");
    assert_string_equal(policy_unit_name(s.policy, to[1]), "police/control");
    assert_string_equal(policy_unit_name(s.policy, to[2]), "rescue/control");
    assert_int_equal(policy_reach(s.policy, KIND_VIDEO, desk, to), 0);
    set_free(&s);
}

/* One unit of the centre, and a grant of its own, for each of many. */
static void add_units_and_grants(struct set *s, int count)
{
    struct buf text = BUF_INIT(1 << 24);
    buf_text(&text, "      bench: {name: Bench}\n"
                    "  field:\n"
                    "    name: Field\n"
                    "    role: [other]\n"
                    "    public_institution: yes\n"
                    "    root: field.pem\n"
                    "    units:\n");
    for (int i = 0; i < count; i++)
        buf_printf(&text, "      u-%04d: {name: Unit}\n", i);
    set_change(s, PARTIES, "      bench: {name: Bench}\n", buf_c(&text));
    buf_clear(&text);
    for (int i = 0; i < count; i++)
        buf_printf(&text,
                   "  - grant: g-%04d\n"
                   "    service: protection\n"
                   "    kind: traffic_info\n"
                   "    from: field/u-%04d\n"
                   "    to: [centre/desk]\n"
                   "    purpose: life-rescue\n"
                   "    basis_any_of: [kr/pipa/18-2-3]\n"
                   "    destroy: {starts_at: found, delay: 0 seconds}\n",
                   i, i);
    buf_text(&text, "prohibitions:\n");
    set_change(s, B, "prohibitions:\n", buf_c(&text));
    buf_free(&text);
}

static void each_of_many_grants_is_found(void **state)
{
    enum { GRANTS = 500 };
    struct ask a;
    char from[40], clause[40];
    (void)state;
    ask_new(&a);
    add_units_and_grants(&a.set, GRANTS);
    ask_open(&a, "dispatch");
    a.facts.kind = KIND_TRAFFIC_INFO;
    a.facts.purpose = bytes_of_text("life-rescue");
    a.facts.origins = 0;
    a.to = "centre/desk";
    for (int i = 0; i < GRANTS; i++) {
        (void)snprintf(from, sizeof from, "field/u-%04d", i);
        (void)snprintf(clause, sizeof clause, "b#g-%04d", i);
        a.facts.source = bytes_of_text(from);
        expect_permitted(&a, clause);
    }
    a.to = "centre/video";
    expect_decision(&a, REASON_NO_GRANT, "b#g-0499", "to: centre/desk", "");
    a.facts.source = bytes_of_text("carrier/alerts");
    expect_decision(&a, REASON_NO_GRANT, "b#g-0000", "from: field/u-0000", "");
    ask_free(&a);
}

/* Five stand in their place of the index. */
static void a_place_with_more_grants_than_it_holds_finds_each(void **state)
{
    static const char *const service[] = {"onsite-video", "patrol", "protection"};
    static const char *const purpose[] = {"crime-response", "life-rescue", "safe-return"};
    struct buf text = BUF_INIT(1 << 16);
    struct ask a;
    char clause[40];
    (void)state;
    ask_new(&a);
    for (int i = 0; i < 9; i++)
        buf_printf(&text,
                   "  - grant: g-%d\n"
                   "    service: %s\n"
                   "    kind: traffic_info\n"
                   "    from: centre/desk\n"
                   "    to: [police/control]\n"
                   "    purpose: %s\n"
                   "    basis_any_of: [kr/pipa/18-2-3]\n"
                   "    destroy: {starts_at: arrival, delay: 0 seconds}\n",
                   i, service[i / 3], purpose[i % 3]);
    buf_text(&text, "prohibitions:\n");
    set_change(&a.set, B, "prohibitions:\n", buf_c(&text));
    ask_open(&a, "dispatch");
    a.facts.kind = KIND_TRAFFIC_INFO;
    a.facts.origins = 0;
    for (int i = 0; i < 9; i++) {
        a.facts.service = bytes_of_text(service[i / 3]);
        a.facts.purpose = bytes_of_text(purpose[i % 3]);
        (void)snprintf(clause, sizeof clause, "b#g-%d", i);
        expect_permitted(&a, clause);
    }
    buf_free(&text);
    ask_free(&a);
}

/* Several grants together may not reach more than a message without `to` goes to. */
static void a_kind_reaches_at_most_64_units(void **state)
{
    (void)state;
    for (int more = 0; more <= 1; more++) {
        struct buf text = BUF_INIT(1 << 20);
        struct set s;
        set_new(&s);
        add_units_and_grants(&s, 0);
        set_change(&s, PARTIES, "    root: field.pem\n    units:\n",
                   "    root: field.pem\n    units:\n      u-last: {name: Unit}\n");
        for (int i = 0; i < 64; i++)
            buf_printf(&text, "      u-%04d: {name: Unit}\n", i);
        buf_text(&text, "      u-last: {name: Unit}\n");
        set_change(&s, PARTIES, "      u-last: {name: Unit}\n", buf_c(&text));
        buf_clear(&text);
        for (int i = 0; i < 2; i++) {
            buf_printf(&text,
                       "  - grant: g-%d\n"
                       "    service: protection\n"
                       "    kind: traffic_info\n"
                       "    from: centre/desk\n"
                       "    purpose: life-rescue\n"
                       "    basis_any_of: [kr/pipa/18-2-3]\n"
                       "    destroy: {starts_at: found, delay: 0 seconds}\n"
                       "    to: [field/u-%04d",
                       i, 32 * i);
            for (int k = 1; k < 32; k++)
                buf_printf(&text, ", field/u-%04d", 32 * i + k);
            buf_text(&text, i == 1 && more ? ", field/u-last]\n" : "]\n");
        }
        buf_text(&text, "prohibitions:\n");
        set_change(&s, B, "prohibitions:\n", buf_c(&text));
        set_compile(&s);
        expect_says(
            &s, more ? B
                    ":54:12: error: more than 64 recipients of one kind from one unit in one set"
                     : "");
        set_free(&s);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_reaches_units_in_the_order_of_their_names_once_each),
        cmocka_unit_test(each_of_many_grants_is_found),
        cmocka_unit_test(a_place_with_more_grants_than_it_holds_finds_each),
        cmocka_unit_test(a_kind_reaches_at_most_64_units)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
