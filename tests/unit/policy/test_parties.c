#include "../crypto/pki.h" /* before the names of set.h */

#include "keys.h"

#include "crypto/init.h"

static void what_is_wrong_in_a_party_is_told(void **state)
{
    static const struct change row[] = {
        {PARTIES, "  carrier:\n", "  Carrier:\n",
         PARTIES
         ":25:3: error: 'Carrier' is not a name: lower-case letters, digits and hyphens, at most 40"
         "|" B ":15:11: error: no unit 'carrier/alerts' in inventory/parties.yaml"
         "|" B ":29:11: error: no unit 'carrier/alerts' in inventory/parties.yaml"},
        {PARTIES, "  lab:\n", "  gateway:\n",
         PARTIES ":32:3: error: the name 'gateway' is the gateway's own"},
        {PARTIES, "name: {en: Centre, ko: 센터}", "name: {ko: 센터}",
         PARTIES ":3:11: error: name needs the key 'en'"},
        {PARTIES, "role: carrier", "role: telco", PARTIES ":27:11: error: unknown role 'telco'"},
        {PARTIES, "role: carrier", "role: []",
         PARTIES ":27:11: error: the list for roles is empty"},
        {PARTIES, "    public_institution: no\n", "    public_institution: maybe\n",
         PARTIES ":28:25: error: expected yes or no for public_institution"},
        {PARTIES, "    public_institution: no\n", "",
         PARTIES ":26:5: error: a party needs the key 'public_institution'"},
        {PARTIES, "synthetic: yes", "synthetic: true",
         PARTIES ":36:16: error: expected yes or no for synthetic"},
        {PARTIES, "root: lab.pem", "root: ../lab.pem",
         PARTIES ":37:11: error: expected the name of a file, without folders, for root"},
        {PARTIES, "root: lab.pem", "root: [lab.pem]",
         PARTIES ":37:11: error: expected a text for root"},
        {PARTIES, "      bench: {name: Bench}\n", "      Bench: {name: Bench}\n",
         PARTIES
         ":39:7: error: 'Bench' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {PARTIES, "      bench: {name: Bench}\n", "      bench: {}\n",
         PARTIES ":39:14: error: a unit needs the key 'name'"},
        {PARTIES, "      bench: {name: Bench}\n", "      bench: {name: Bench, root: x.pem}\n",
         PARTIES ":39:28: error: unknown key 'root' in a unit"},
        {PARTIES, "      bench: {name: Bench}\n", "      bench: {name: Bench, console: all}\n",
         PARTIES ":39:37: error: unknown console 'all'"},
        {PARTIES, "      bench: {name: Bench}\n", "      bench: {name: Bench, console: auditor}\n",
         PARTIES ":39:37: error: 'console: auditor' shows the records of all parties, so party "
                 "'lab' needs the role 'auditor'"},
        {PARTIES, "      bench: {name: Bench}\n", "      bench: Bench\n",
         PARTIES ":39:14: error: expected 'key: value' lines for a unit"},
        {PARTIES, "      bench: {name: Bench}\n", "      - bench\n",
         PARTIES ":39:7: error: expected 'key: value' lines for units"},
        {PARTIES,
         "    units:\n"
         "      bench: {name: Bench}\n",
         "", PARTIES ":33:5: error: a party needs the key 'units'"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* ---- the console */

static enum policy_console console_of(struct set *s, const char *unit)
{
    return policy_unit_console(s->policy, policy_unit(s->policy, bytes_of_text(unit)));
}

static void a_unit_may_use_the_console_as_it_is_said_of_it(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_change(&s, PARTIES, "role: [other]", "role: [other, auditor]");
    set_change(&s, PARTIES, "      bench: {name: Bench}\n",
               "      bench: {name: Bench, console: auditor}\n"
               "      desk: {name: Desk, console: officer}\n"
               "      room: {console: operator, name: Room}\n"
               "      yard: {name: Yard}\n");
    set_open(&s);
    assert_int_equal(console_of(&s, "lab/bench"), POLICY_CONSOLE_AUDITOR);
    assert_int_equal(console_of(&s, "lab/desk"), POLICY_CONSOLE_OFFICER);
    assert_int_equal(console_of(&s, "lab/room"), POLICY_CONSOLE_OPERATOR);
    assert_int_equal(console_of(&s, "lab/yard"), POLICY_CONSOLE_NONE);
    assert_int_equal(console_of(&s, "gateway/self"), POLICY_CONSOLE_NONE);
    assert_string_equal(policy_console_word(console_of(&s, "lab/desk")), "officer");
    assert_string_equal(policy_console_word(POLICY_CONSOLE_NONE), "none");
    set_free(&s);
}

/* ---- roots and revocation lists */

/* A root certificate as PEM in the folder of roots, and its revocation list in that of lists. */
static void put_root(struct set *s, const char *party)
{
    EVP_PKEY *key = pki_key();
    X509 *root = pki_certificate(&(struct pki_spec){.name = party, .key = key, .ca = true});
    X509_CRL *crl = pki_crl(root, key, 0, 86400);
    struct buf pem = BUF_INIT(1 << 16), list = BUF_INIT(1 << 16);
    char path[100];
    pki_put_certificate(root, &pem);
    pki_put_crl(crl, &list);
    (void)snprintf(path, sizeof path, "inventory/roots/%s.pem", party);
    set_put(s, path, buf_c(&pem));
    (void)snprintf(path, sizeof path, "crls/%s.crl", party);
    set_put(s, path, buf_c(&list));
    buf_free(&pem);
    buf_free(&list);
    X509_CRL_free(crl);
    X509_free(root);
    EVP_PKEY_free(key);
}

static void set_new_real(struct set *s)
{
    static const char *const parties[] = {"centre", "police", "rescue", "carrier", "lab"};
    set_new(s);
    s->real = s->crls = true;
    set_change(s, PARTIES, "root: police.pem\n", "root: police.pem\n    signing_key: police.pub\n");
    put_key(s, "police.pub", 1);
    for (size_t i = 0; i < ARRAY_LEN(parties); i++)
        put_root(s, parties[i]);
}

static void every_unit_is_found_under_its_partys_root(void **state)
{
    struct set s;
    size_t count;
    const struct identity_row *found;
    (void)state;
    set_new_real(&s);
    set_open(&s);
    const struct identity_row *rows = policy_identities(s.policy, &count);
    assert_int_equal(count, 7);
    assert_int_equal(s.counts.without_root, 0);
    for (size_t i = 0; i < count; i++) {
        char uri[120];
        (void)snprintf(uri, sizeof uri, "fedgate://%s", rows[i].name);
        assert_int_equal(identity_find(rows, count, rows[i].root[0], uri, &found), IDENTITY_FOUND);
        assert_ptr_equal(found, &rows[i]);
        assert_string_equal(policy_unit_name(s.policy, rows[i].unit), rows[i].name);
    }
    assert_memory_equal(rows[1].root, rows[2].root, sizeof rows[1].root); /* both of the centre */
    assert_memory_not_equal(rows[0].root[0], rows[1].root[0], SHA256_BYTES);
    set_free(&s);
}

static void roots_and_lists_stand_in_the_snapshot(void **state)
{
    struct set s;
    bool is_crl;
    struct bytes der;
    size_t roots = 0, lists = 0;
    (void)state;
    set_new_real(&s);
    set_open(&s);
    for (size_t i = 0; policy_certificate(s.policy, i, &is_crl, &der); i++) {
        const unsigned char *p = der.p;
        X509 *x = is_crl ? NULL : d2i_X509(NULL, &p, (long)der.n);
        X509_CRL *crl = is_crl ? d2i_X509_CRL(NULL, &p, (long)der.n) : NULL;
        roots += x != NULL;
        lists += crl != NULL;
        X509_free(x);
        X509_CRL_free(crl);
    }
    assert_int_equal(roots, 5);
    assert_int_equal(lists, 5);
    set_free(&s);
}

/* Behind a file's text that of another. */
static void append(struct set *s, const char *path, const char *other)
{
    struct buf text = BUF_INIT(1 << 16);
    buf_text(&text, set_file(s, path)->text);
    buf_text(&text, set_file(s, other)->text);
    set_put(s, path, buf_c(&text));
    buf_free(&text);
}

/* A set in which the lab goes from one root to another, with a list of each. */
static void set_new_renewing(struct set *s)
{
    set_new_real(s);
    put_root(s, "next");
    append(s, "inventory/roots/lab.pem", "inventory/roots/next.pem");
    append(s, "crls/lab.crl", "crls/next.crl");
}

static void a_party_may_have_its_old_and_its_new_root(void **state)
{
    struct set s;
    size_t count, lists = 0, roots = 0;
    bool is_crl;
    struct bytes der;
    const struct identity_row *found = NULL;
    (void)state;
    set_new_renewing(&s);
    set_open(&s);
    const struct identity_row *rows = policy_identities(s.policy, &count);
    for (size_t i = 0; policy_certificate(s.policy, i, &is_crl, &der); i++) {
        if (strcmp(policy_certificate_party(s.policy, i), "lab") != 0)
            continue;
        uint8_t root[SHA256_BYTES];
        struct hasher *h = hasher_new();
        hasher_sha256(h, &der, 1, root);
        hasher_free(h);
        roots += !is_crl;
        lists += is_crl;
        assert_int_equal(identity_find(rows, count, root, "fedgate://lab/bench", &found),
                         is_crl ? IDENTITY_FOREIGN_ROOT : IDENTITY_FOUND);
        assert_int_equal(identity_find(rows, count, root, "fedgate://police/car", &found),
                         IDENTITY_FOREIGN_ROOT);
    }
    assert_int_equal(roots, 2);
    assert_int_equal(lists, 2);
    set_free(&s);
}

static void a_third_root_or_one_of_another_party_is_told(void **state)
{
    struct set s;
    (void)state;
    set_new_renewing(&s);
    put_root(&s, "third");
    append(&s, "inventory/roots/lab.pem", "inventory/roots/third.pem");
    set_compile(&s);
    expect_says(&s, PARTIES ":38:11: error: 'inventory/roots/lab.pem' holds more than two "
                            "certificates: one root, or the old and the new one");
    set_free(&s);
    set_new_real(&s);
    append(&s, "inventory/roots/lab.pem", "inventory/roots/police.pem");
    set_compile(&s);
    expect_says(&s, PARTIES ":38:11: error: party 'lab' has the same root certificate as "
                            "'police'; each agency has its own");
    set_free(&s);
}

static void what_is_wrong_with_a_root_or_a_list_is_told(void **state)
{
    static const struct {
        const char *path, *from, *says; /* `from` NULL: the file is not there; "": it is no PEM */
    } row[] = {
        {"inventory/roots/lab.pem", NULL,
         PARTIES ":38:11: error: party 'lab' has no root certificate: 'inventory/roots/lab.pem' is "
                 "not in the folder of roots"},
        {"inventory/roots/lab.pem", "",
         PARTIES ":38:11: error: 'inventory/roots/lab.pem' holds no certificate in PEM"},
        {"inventory/roots/lab.pem", "crls/lab.crl",
         PARTIES ":38:11: error: 'inventory/roots/lab.pem' holds no certificate in PEM"},
        {"inventory/roots/lab.pem", "inventory/roots/police.pem",
         PARTIES ":38:11: error: party 'lab' has the same root certificate as 'police'; each "
                 "agency has its own"},
        {"crls/lab.crl", NULL,
         PARTIES ":33:3: warning: party 'lab' has no revocation list ('lab.crl'), so its "
                 "certificates will be refused"},
        {"crls/lab.crl", "", PARTIES ":33:3: error: 'lab.crl' holds no revocation list in PEM"},
        {"crls/lab.crl", "inventory/roots/lab.pem",
         PARTIES ":33:3: error: 'lab.crl' holds no revocation list in PEM"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new_real(&s);
        set_put(&s, row[i].path,
                row[i].from == NULL      ? NULL
                : row[i].from[0] == '\0' ? "x\n"
                                         : set_file(&s, row[i].from)->text);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

static void a_draft_may_lack_roots_but_nobody_connects_under_it(void **state)
{
    struct set s;
    size_t count;
    (void)state;
    set_new_real(&s);
    s.real = s.crls = false;
    set_put(&s, "inventory/roots/lab.pem", NULL);
    set_open(&s);
    (void)policy_identities(s.policy, &count);
    assert_int_equal(count, 6);
    assert_int_equal(s.counts.without_root, 1);
    set_free(&s);
}

static void units_are_found_by_name(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    assert_int_equal(policy_units(s.policy), 8);
    for (uint32_t i = 0; i < policy_units(s.policy); i++)
        assert_int_equal(policy_unit(s.policy, bytes_of_text(policy_unit_name(s.policy, i))), i);
    assert_string_equal(policy_unit_name(s.policy, policy_self(s.policy)), "gateway/self");
    uint32_t car = policy_unit(s.policy, bytes_of_text("police/car"));
    assert_string_equal(policy_unit_party(s.policy, car), "police");
    assert_int_equal(policy_unit(s.policy, bytes_of_text("police/ca")), POLICY_NONE);
    assert_int_equal(policy_unit(s.policy, bytes_of_text("")), POLICY_NONE);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_party_is_told),
        cmocka_unit_test(a_unit_may_use_the_console_as_it_is_said_of_it),
        cmocka_unit_test(every_unit_is_found_under_its_partys_root),
        cmocka_unit_test(roots_and_lists_stand_in_the_snapshot),
        cmocka_unit_test(a_party_may_have_its_old_and_its_new_root),
        cmocka_unit_test(a_third_root_or_one_of_another_party_is_told),
        cmocka_unit_test(what_is_wrong_with_a_root_or_a_list_is_told),
        cmocka_unit_test(a_draft_may_lack_roots_but_nobody_connects_under_it),
        cmocka_unit_test(units_are_found_by_name)};
    if (crypto_init() != RESULT_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
