#include "keys.h"

static void officers_are_found_by_name_and_by_key(void **state)
{
    static const uint8_t id[] = {4, 4, 4, 4, 4, 4, 4, 4}, nobodys[8] = {9},
                         partys[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct policy_officer o;
    struct set s;
    (void)state;
    set_new(&s);
    put_officers(&s);
    set_open(&s);
    uint32_t park = policy_officer(s.policy, bytes_of_text("police/park"));
    assert_int_equal(policy_officer_of_key(s.policy, id), park);
    assert_true(policy_officer_row(s.policy, park, &o));
    assert_string_equal(o.name, "police/park");
    assert_string_equal(o.party, "police");
    assert_string_equal(policy_officer_role(o.role), "privacy-officer");
    assert_true(o.has_key);
    assert_false(o.signs_sets);
    assert_int_equal(o.key.key[31], 4);
    assert_true(
        policy_officer_row(s.policy, policy_officer(s.policy, bytes_of_text("police/lee")), &o));
    assert_true(o.signs_sets);
    /* A party's own key is no officer's. */
    assert_int_equal(policy_officer_of_key(s.policy, partys), POLICY_NONE);
    assert_int_equal(policy_officer_of_key(s.policy, nobodys), POLICY_NONE);
    assert_int_equal(policy_officer(s.policy, bytes_of_text("police")), POLICY_NONE);
    assert_int_equal(policy_officer(s.policy, bytes_of_text("police/choi")), POLICY_NONE);
    size_t officers = 0;
    for (uint32_t i = 0; i < policy_signers(s.policy); i++)
        officers += policy_officer_row(s.policy, i, &o);
    assert_int_equal(officers, 3);
    set_free(&s);
}

static void a_draft_may_lack_keys_and_nobody_is_known_by_them(void **state)
{
    static const uint8_t id[] = {2, 2, 2, 2, 2, 2, 2, 2};
    struct policy_officer o;
    struct set s;
    (void)state;
    set_new(&s);
    put_officers(&s);
    set_put(&s, "inventory/keys/kim.pub", NULL);
    set_open(&s);
    assert_int_equal(policy_officer_of_key(s.policy, id), POLICY_NONE);
    assert_true(
        policy_officer_row(s.policy, policy_officer(s.policy, bytes_of_text("police/kim")), &o));
    assert_false(o.has_key);
    set_free(&s);
}

static void expect(const char *path, const char *old, const char *new, const char *says)
{
    struct set s;
    set_new(&s);
    put_officers(&s);
    if (old == NULL)
        set_put(&s, path, new);
    else
        set_change(&s, path, old, new);
    set_compile(&s);
    expect_says(&s, says);
    set_free(&s);
}

static void what_is_wrong_with_officers_and_keys_is_told(void **state)
{
    (void)state;
    expect(PARTIES, "role: privacy-officer", "role: boss",
           PARTIES ":19:20: error: unknown role of an officer 'boss'");
    expect(PARTIES, "park: {role", "Park: {role",
           PARTIES ":19:7: error: 'Park' is not a name: lower-case letters, digits and hyphens, at "
                   "most 40");
    expect(PARTIES, "key: park.pub", "key: ../park.pub",
           PARTIES ":19:42: error: expected the name of a file, without folders, for key");
    expect(PARTIES, ", key: park.pub", "", PARTIES ":19:13: error: an officer needs the key 'key'");
    expect(PARTIES, "signing_key: police.pub", "signing_key: a/b.pub",
           PARTIES ":15:18: error: expected the name of a file, without folders, for signing_key");
    expect("inventory/keys/park.pub", NULL, "no key\n",
           PARTIES ":19:42: error: 'inventory/keys/park.pub' holds no public key of minisign");
    expect(PARTIES, "key: park.pub", "key: lee.pub",
           PARTIES ":19:42: error: 'police/park' has the same key as 'police/lee'; each has one of "
                   "its own");
    expect(PARTIES, "signing_key: police.pub", "signing_key: kim.pub",
           PARTIES ":17:37: error: 'police/kim' has the same key as 'police'; each has one of its "
                   "own");
}

static void those_who_sign_the_next_set_are_two_known_set_officers(void **state)
{
    (void)state;
    static const char officers[] = "[police/kim, police/lee]";
    expect(SET, officers, "[police/kim]",
           SET ":3:11: error: at least two officers sign the next set");
    expect(SET, officers, "[police/kim, police/kim]",
           SET ":3:24: error: officer 'police/kim' stands here a second time; two persons sign");
    expect(SET, officers, "[police/kim, police/park]",
           SET ":3:24: error: 'police/park' is no set-officer, so it cannot sign policy sets");
    expect(SET, officers, "[police/kim, police]",
           SET ":3:24: error: no officer 'police' in inventory/parties.yaml (party/person)");
    expect(SET, officers, "[police/kim, police/choi]",
           SET ":3:24: error: no officer 'police/choi' in inventory/parties.yaml (party/person)");
    expect(SET, officers, "police/kim", SET ":3:11: error: expected a list for officers");
}

static void whoever_acknowledges_has_a_key_unless_in_a_draft(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_compile(&s);
    assert_int_equal(s.result, RESULT_OK);
    set_free(&s);
    set_new(&s);
    s.real = true;
    set_compile(&s);
    expect_line(&s,
                A ":4:21: error: party 'police' has no 'signing_key', so it cannot sign what it "
                  "acknowledges");
    set_free(&s);
    set_new(&s);
    put_officers(&s);
    set_put(&s, "inventory/keys/police.pub", NULL);
    s.real = true;
    set_compile(&s);
    expect_line(&s,
                PARTIES ":15:18: error: 'police' has no key: 'inventory/keys/police.pub' is not "
                        "in the folder of keys");
    set_free(&s);
}

#define CAR  "      car: {name: Car"
#define DESK "      desk: {name: Protection desk"
static const char owes_receipts[] =
    "'police/car' owes receipts of destruction and has no 'receipt_key' to sign them with (PIPA "
    "18(5), 21)";

static void put_set_with_receipts(struct set *s, bool with_key)
{
    set_new(s);
    put_officers(s);
    set_change(s, A, "delay: 2 hours}", "delay: 2 hours, receipt_within: 72 hours}");
    if (!with_key)
        return;
    set_change(s, PARTIES, CAR "}", CAR ", receipt_key: car.pub}");
    put_key(s, "car.pub", 7);
}

static void a_unit_that_owes_receipts_has_a_key_for_them_unless_in_a_draft(void **state)
{
    struct minisign_public key;
    struct set s;
    (void)state;
    put_set_with_receipts(&s, false);
    set_compile(&s);
    assert_int_equal(s.result, RESULT_OK);
    set_free(&s);
    for (unsigned with_key = 0; with_key < 2; with_key++) {
        put_set_with_receipts(&s, with_key == 1);
        s.real = true;
        set_compile(&s);
        assert_int_equal(strstr(buf_c(&s.said), owes_receipts) != NULL, with_key == 0);
        set_free(&s);
    }
    put_set_with_receipts(&s, true);
    set_open(&s);
    assert_true(policy_receipt_key(s.policy, bytes_of_text("police/car"), &key));
    assert_int_equal(key.key[31], 7);
    assert_false(policy_receipt_key(s.policy, bytes_of_text("police/kim"), &key));
    assert_int_equal(policy_officer_of_key(s.policy, key.id), POLICY_NONE);
    set_free(&s);
    expect(PARTIES, CAR "}", CAR ", receipt_key: a/b.pub}",
           PARTIES ":22:37: error: expected the name of a file, without folders, for receipt_key");
}

/* Who got it in the others' place had no key, and none of its receipts could be verified. */
static void who_gets_it_by_else_has_a_key_for_receipts_too(void **state)
{
    (void)state;
    for (unsigned with_key = 0; with_key < 2; with_key++) {
        struct set s;
        put_set_with_receipts(&s, true);
        set_change(&s, A, "receipt_within: 72 hours}\n",
                   "receipt_within: 72 hours}\n"
                   "    attend: {within: 1 minute, else: centre/desk}\n");
        if (with_key == 1) {
            set_change(&s, PARTIES, DESK "}", DESK ", receipt_key: desk.pub}");
            put_key(&s, "desk.pub", 8);
        }
        s.real = true;
        set_compile(&s);
        assert_int_equal(strstr(buf_c(&s.said), A ":62:38: error: 'centre/desk' owes receipts") !=
                             NULL,
                         with_key == 0);
        set_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(officers_are_found_by_name_and_by_key),
        cmocka_unit_test(a_draft_may_lack_keys_and_nobody_is_known_by_them),
        cmocka_unit_test(what_is_wrong_with_officers_and_keys_is_told),
        cmocka_unit_test(those_who_sign_the_next_set_are_two_known_set_officers),
        cmocka_unit_test(a_unit_that_owes_receipts_has_a_key_for_them_unless_in_a_draft),
        cmocka_unit_test(who_gets_it_by_else_has_a_key_for_receipts_too),
        cmocka_unit_test(whoever_acknowledges_has_a_key_unless_in_a_draft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
