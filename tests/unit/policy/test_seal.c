#include "crypto/init.h"
#include "sealed.h"

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* One thing done to a good set; what the set is called then, and what is said. */
struct harm {
    const char *name;
    void (*do_it)(struct sealed *s);
    enum seal_verdict verdict;
    const char *says; /* as expect_says takes it */
};

static void check(const struct harm *h)
{
    for (int enforce = 0; enforce < 2; enforce++) {
        struct sealed s;
        sealed_new(&s);
        h->do_it(&s);
        sealed_compile(&s, enforce == 1);
        if (seal_verdict(s.set.seal) != h->verdict)
            fail_msg("%s: %s", h->name, seal_verdict_word(seal_verdict(s.set.seal)));
        if (enforce == 1) {
            expect_says(&s.set, h->says);
            assert_int_equal(s.set.result, RESULT_MALFORMED);
        }
        sealed_free(&s);
    }
}

static void a_set_that_is_sealed_and_signed_is_taken(void **state)
{
    struct sealed s;
    uint8_t sha256[SHA256_BYTES];
    (void)state;
    sealed_new(&s);
    digest_of(set_file(&s.set, SET)->text, sha256);
    sealed_compile(&s, true);
    if (s.set.result != RESULT_OK)
        fail_msg("%s", buf_c(&s.set.said));
    const struct seal_claim *claim = seal_claim(s.set.seal);
    assert_int_equal(seal_verdict(s.set.seal), SEAL_IS_GOOD);
    assert_string_equal(claim->set, "test");
    assert_int_equal(claim->serial, 7);
    assert_memory_equal(claim->sha256, sha256, sizeof sha256);
    assert_int_equal(claim->signers, 2);
    assert_string_equal(claim->signer[0].name, "police/kim");
    assert_string_equal(claim->signer[1].name, "police/lee");
    assert_int_equal(claim->fallback_serial, 0);
    assert_int_equal(claim->next.officers, 2);
    assert_string_equal(claim->next.officer[1].name, "police/lee");
    sealed_free(&s);
}

static void the_claim_names_the_fallback(void **state)
{
    struct sealed s;
    (void)state;
    sealed_new(&s);
    set_change(&s.set, SET, "serial: 7\n",
               "serial: 7\nfallback: {serial: 3, sha256: "
               "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff}\n");
    sign_all(&s);
    sealed_compile(&s, true);
    const struct seal_claim *claim = seal_claim(s.set.seal);
    assert_int_equal(s.set.result, RESULT_OK);
    assert_int_equal(claim->fallback_serial, 3);
    assert_int_equal(claim->fallback_sha256[15], 0xff);
    sealed_free(&s);
}

/* ---- stripped, partial */

static void take_seal(struct sealed *s)
{
    char *text = set_file(&s->set, SET)->text;
    *strstr(text, "files:") = '\0';
    sign(s, s->kim, SET, KIM);
    sign(s, s->lee, SET, LEE);
}

static void take_officers(struct sealed *s)
{
    set_put(&s->set, KIM, NULL);
    set_put(&s->set, LEE, NULL);
}

static void take_lee(struct sealed *s)
{
    set_put(&s->set, LEE, NULL);
}

static void take_mou(struct sealed *s)
{
    set_put(&s->set, MOU_A, NULL);
}

static void lee_signs_for_kim_too(struct sealed *s)
{
    trust(s, "police/lee", s->lee);
    sign(s, s->lee, SET, KIM);
}

static void name_no_officers(struct sealed *s)
{
    set_change(&s->set, SET, "officers: [police/kim, police/lee]\n", "");
    sign_all(s);
}

static void nobody_is_trusted(struct sealed *s)
{
    s->trust.officers = 0;
}

/* ---- changed */

static void change_mou(struct sealed *s)
{
    set_change(&s->set, A, "delay: 24 hours", "delay: 23 hours");
}

static void change_cameras(struct sealed *s)
{
    set_change(&s->set, CAMERAS, "cam-1,36.350000", "cam-1,36.350001");
}

static void change_key(struct sealed *s)
{
    put_key(&s->set, "park.pub", 9);
}

static void add_file(struct sealed *s)
{
    set_put(&s->set, "mou/c.yaml", b_yaml);
}

static void add_note(struct sealed *s)
{
    set_put(&s->set, "notes.txt", "nobody reads it");
}

static void take_file(struct sealed *s)
{
    set_put(&s->set, B, NULL);
}

static void add_stray(struct sealed *s)
{
    set_put(&s->set, "signatures/mou/a.yaml.centre.minisig", "x");
}

static void change_signature(struct sealed *s)
{
    char *line = strchr(set_file(&s->set, KIM)->text, '\n');
    line[60] = line[60] == 'A' ? 'B' : 'A';
}

static void change_third_signature(struct sealed *s)
{
    trust(s, "police/park", s->park);
    sign(s, s->park, SET, PARK);
    char *line = strchr(set_file(&s->set, PARK)->text, '\n');
    line[60] = line[60] == 'A' ? 'B' : 'A';
}

static void change_mou_signature(struct sealed *s)
{
    set_put(&s->set, MOU_A, "no signature\n");
}

/* ---- stale, foreign */

static void change_set_afterwards(struct sealed *s)
{
    set_change(&s->set, SET, "serial: 7", "serial: 8");
}

static void reseal_without_signing(struct sealed *s)
{
    change_mou(s);
    seal_it(s);
    sign(s, s->kim, SET, KIM);
    sign(s, s->lee, SET, LEE);
}

static void others_sign(struct sealed *s)
{
    sign(s, s->park, SET, KIM);
    sign(s, s->nobody, SET, LEE);
}

static void sign_under_anothers_name(struct sealed *s)
{
    set_put(&s->set, LEE, NULL);
    sign(s, s->lee, SET, PARK);
}

static void other_signs_mou(struct sealed *s)
{
    sign(s, s->kim, A, MOU_A);
}

#define FEW(n) SET ": error: signed by " n " of the officers who may sign; two are needed"

static void what_is_wrong_with_a_seal_is_named(void **state)
{
    static const struct harm harm[] = {
        {"no list of files", take_seal, SEAL_IS_STRIPPED,
         SET ": error: set.yaml lists no files: the set is not sealed (fedgatectl policy seal)"},
        {"no officer", take_officers, SEAL_IS_STRIPPED, FEW("0")},
        {"one officer", take_lee, SEAL_IS_PARTIAL, FEW("1")},
        {"one officer twice", lee_signs_for_kim_too, SEAL_IS_FOREIGN,
         FEW("1") "|" SET
                  ": error: the signature of 'police/kim' is by a key that is not known for "
                  "'police/kim'"},
        {"no officers for the next set", name_no_officers, SEAL_IS_STRIPPED,
         SET ": error: set.yaml names no two officers with keys who may sign the next set "
             "('officers')"},
        {"nobody is trusted", nobody_is_trusted, SEAL_IS_FOREIGN,
         SET ": error: nobody may sign it yet: 'policy_officers' of the configuration names no keys"
             "|" SET ": error: the signature of 'police/kim' is by a key that is not known for "
             "'police/kim'"
             "|" SET ": error: the signature of 'police/lee' is by a key that is not known for "
             "'police/lee'"},
        {"a memorandum's signature is gone", take_mou, SEAL_IS_STRIPPED,
         A ": error: 'police' acknowledges it, and has not signed it"},
        {"a memorandum was changed", change_mou, SEAL_IS_TAMPERED,
         A ": error: the file is not the one that set.yaml lists: its SHA-256 is another"},
        {"a camera was moved", change_cameras, SEAL_IS_TAMPERED,
         CAMERAS ": error: the file is not the one that set.yaml lists: its SHA-256 is another"},
        {"a key was changed", change_key, SEAL_IS_TAMPERED,
         "inventory/keys/park.pub: error: the file is not the one that set.yaml lists: its SHA-256 "
         "is another"},
        {"a memorandum was added", add_file, SEAL_IS_TAMPERED,
         "mou/c.yaml: error: the file is not in set.yaml's list"},
        {"a file that nobody reads was added", add_note, SEAL_IS_TAMPERED,
         "notes.txt: error: the file is not in set.yaml's list"},
        {"a memorandum was taken away", take_file, SEAL_IS_TAMPERED,
         B ": error: the file is in set.yaml's list, and not there"},
        {"a signature that nobody asked for", add_stray, SEAL_IS_TAMPERED,
         "signatures/mou/a.yaml.centre.minisig: error: the file is not in set.yaml's list"},
        {"a signature was changed", change_signature, SEAL_IS_TAMPERED,
         FEW("1") "|" SET
                  ": error: the signature of 'police/kim' does not verify: it was changed, or "
                  "never was one"},
        {"a third signature was changed", change_third_signature, SEAL_IS_TAMPERED,
         SET
         ": error: the signature of 'police/park' does not verify: it was changed, or never was "
         "one"},
        {"a memorandum's signature is none", change_mou_signature, SEAL_IS_TAMPERED,
         A ": error: the signature of 'police' does not verify: it was changed, or never was one"},
        {"set.yaml was changed after it was signed", change_set_afterwards, SEAL_IS_STALE,
         FEW("0") "|" SET ": error: 'police/kim' signed an earlier text of it, not this one"
                  "|" SET ": error: 'police/lee' signed an earlier text of it, not this one"},
        {"a memorandum was changed and only the officers signed", reseal_without_signing,
         SEAL_IS_STALE, A ": error: 'police' signed an earlier text of it, not this one"},
        {"others signed", others_sign, SEAL_IS_FOREIGN,
         FEW("0") "|" SET
                  ": error: the signature of 'police/kim' is by a key that is not known for "
                  "'police/kim'"
                  "|" SET
                  ": error: the signature of 'police/lee' is by a key that is not known for "
                  "'police/lee'"},
        {"an officer signed under another's name", sign_under_anothers_name, SEAL_IS_FOREIGN,
         FEW("1") "|" SET
                  ": error: the signature of 'police/park' is by a key that is not known for "
                  "'police/park'"},
        {"another signed the memorandum", other_signs_mou, SEAL_IS_FOREIGN,
         A ": error: the signature of 'police' is by a key that is not known for 'police'"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(harm); i++)
        check(&harm[i]);
}

/* ---- nothing is parsed that was not checked */

static void an_unsigned_set_is_not_even_parsed(void **state)
{
    struct sealed s;
    (void)state;
    sealed_new(&s);
    set_put(&s.set, SET, "set: [\n");
    take_officers(&s);
    sealed_compile(&s, true);
    expect_says(&s.set, FEW("0"));
    sealed_free(&s);
}

static void a_changed_file_is_not_even_parsed(void **state)
{
    struct sealed s;
    (void)state;
    sealed_new(&s);
    set_put(&s.set, EXERCISES, "exercises: [\n");
    sealed_compile(&s, true);
    expect_says(&s.set,
                EXERCISES ": error: the file is not the one that set.yaml lists: its SHA-256 "
                          "is another");
    sealed_free(&s);
}

/* ---- what else may be there */

/* An officer who is to be, or was late, does not stop the two who signed. */
static void further_signatures_that_do_not_count_are_only_shown(void **state)
{
    struct sealed s;
    struct seal_row row;
    bool shown = false;
    (void)state;
    sealed_new(&s);
    sign(&s, s.park, SET, PARK);
    sealed_compile(&s, true);
    assert_int_equal(s.set.result, RESULT_OK);
    assert_int_equal(seal_claim(s.set.seal)->signers, 2);
    for (size_t i = 0; seal_row(s.set.seal, i, &row); i++)
        shown = shown || (strcmp(row.who, "police/park") == 0 && row.state == SEAL_FOREIGN);
    assert_true(shown);
    sealed_free(&s);
}

/* The first officers are keys of the configuration, whose names nobody knows yet. */
static void an_officer_without_a_name_is_known_by_the_key(void **state)
{
    struct sealed s;
    (void)state;
    sealed_new(&s);
    s.trust.officers = 0;
    trust(&s, "", s.kim);
    trust(&s, "", s.lee);
    trust(&s, "", s.lee); /* twice the same key is one officer */
    assert_int_equal(s.trust.officers, 2);
    sealed_compile(&s, true);
    assert_int_equal(s.set.result, RESULT_OK);
    assert_string_equal(seal_claim(s.set.seal)->signer[0].name, "police/kim");
    sealed_free(&s);
}

/* The set in force may have named other officers than those who signed it; a fallback is older. */
static void a_set_that_is_known_by_its_digest_needs_no_officer(void **state)
{
    (void)state;
    for (int changed = 0; changed < 2; changed++) {
        struct sealed s;
        uint8_t sha256[SHA256_BYTES];
        sealed_new(&s);
        digest_of(set_file(&s.set, SET)->text, sha256);
        s.trust.officers = 0;
        trust(&s, "police/park", s.park);
        seal_trust_know(&s.trust, (const uint8_t[SHA256_BYTES]){1});
        seal_trust_know(&s.trust, sha256);
        if (changed == 1)
            change_cameras(&s); /* its files are what they were, or it is another */
        sealed_compile(&s, true);
        assert_int_equal(s.set.result == RESULT_OK, changed == 0);
        assert_int_equal(seal_verdict(s.set.seal), changed == 0 ? SEAL_IS_GOOD : SEAL_IS_TAMPERED);
        sealed_free(&s);
    }
}

static void a_set_that_is_not_sealed_is_named_by_all_its_files(void **state)
{
    uint8_t first[SHA256_BYTES];
    (void)state;
    for (int changed = 0; changed < 2; changed++) {
        struct sealed s;
        sealed_new(&s);
        take_seal(&s);
        if (changed == 1)
            change_cameras(&s);
        sealed_compile(&s, false);
        assert_int_equal(s.set.result, RESULT_OK);
        assert_int_equal(memcmp(first, seal_claim(s.set.seal)->sha256, sizeof first) == 0, 0);
        memcpy(first, seal_claim(s.set.seal)->sha256, sizeof first);
        sealed_free(&s);
    }
}

static void what_is_wrong_in_set_yaml_is_told(void **state)
{
    static const struct change row[] = {
        {SET, "serial: 7\n", "serial: 7\nfiles: [a]\n",
         SET ":3:8: error: expected 'key: value' lines for files"},
        {SET, "serial: 7\n", "serial: 7\nfiles: {../a: x}\n",
         SET ":3:9: error: '../a' is no path of a file of the set"},
        {SET, "serial: 7\n", "serial: 7\nfiles: {set.yaml: x}\n",
         SET ":3:9: error: 'set.yaml' is no path of a file of the set"},
        {SET, "serial: 7\n", "serial: 7\nfiles: {mou//a: x}\n",
         SET ":3:9: error: 'mou//a' is no path of a file of the set"},
        {SET, "serial: 7\n", "serial: 7\nfiles: {mou/a.yaml: 12}\n",
         SET ":3:21: error: expected 64 hexadecimal digits for files"},
        {SET, "serial: 7\n", "serial: 7\nfallback: {serial: 1}\n",
         SET ":3:11: error: fallback needs the key 'sha256'"},
        {SET, "serial: 7\n", "serial: 7\nfallback: {serial: 0, sha256: x}\n",
         SET ":3:20: error: expected a whole number from 1 to 4503599627370496 for serial"
             "|" SET ":3:31: error: expected 64 hexadecimal digits for sha256"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_that_is_sealed_and_signed_is_taken),
        cmocka_unit_test(the_claim_names_the_fallback),
        cmocka_unit_test(what_is_wrong_with_a_seal_is_named),
        cmocka_unit_test(an_unsigned_set_is_not_even_parsed),
        cmocka_unit_test(a_changed_file_is_not_even_parsed),
        cmocka_unit_test(further_signatures_that_do_not_count_are_only_shown),
        cmocka_unit_test(an_officer_without_a_name_is_known_by_the_key),
        cmocka_unit_test(a_set_that_is_known_by_its_digest_needs_no_officer),
        cmocka_unit_test(a_set_that_is_not_sealed_is_named_by_all_its_files),
        cmocka_unit_test(what_is_wrong_in_set_yaml_is_told),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
