#include "crypto/known_chains.h"

#include "base/clock.h"
#include "chain.h"
#include "crypto/init.h"

#include <openssl/err.h>
#include <pthread.h>
#include <time.h>

enum { MOST = 3, LISTS_END_S = 3600, GRACE_S = 300 }; /* the usual certificate ends in a day */

/* One set of roots and lists, and what is known of it. */
struct world {
    struct chain chain;
    struct trust *trust;
    struct known_chains *known;
    int64_t now_us;
};

static int verified; /* certificates that OpenSSL has looked at and found good */

static int count_good(int ok, X509_STORE_CTX *c)
{
    (void)c;
    verified += ok;
    return ok;
}

static void world_begin(struct world *w, long revoked)
{
    *w = (struct world){
        .chain = chain_new(), .trust = trust_new(), .now_us = (int64_t)time(NULL) * US_PER_S};
    trust_root(w->trust, w->chain.root);
    trust_crl(w->trust, w->chain.root, w->chain.root_key, 0, LISTS_END_S);
    trust_crl(w->trust, w->chain.middle, w->chain.middle_key, revoked, LISTS_END_S);
    trust_require_crls(w->trust, GRACE_S * US_PER_S);
    w->known = known_chains_new(MOST, w->trust);
}

static void world_end(struct world *w)
{
    known_chains_free(w->known);
    trust_free(w->trust);
    chain_free(&w->chain);
}

static void expect_whole_chain(X509_STORE_CTX *c, const struct world *w, X509 *unit)
{
    STACK_OF(X509) *found = X509_STORE_CTX_get0_chain(c);
    assert_int_equal(sk_X509_num(found), 3);
    assert_ptr_equal(sk_X509_value(found, 0), unit);
    assert_int_equal(X509_cmp(sk_X509_value(found, 1), w->chain.middle), 0);
    assert_int_equal(X509_cmp(sk_X509_value(found, 2), w->chain.root), 0);
    assert_int_equal(X509_STORE_CTX_get_error(c), X509_V_OK);
}

/* How many certificates OpenSSL had to look at for `unit`, which must be let in. */
static int work_for(struct world *w, X509 *unit, STACK_OF(X509) * shown)
{
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_CTX_init(c, trust_store(w->trust), unit, shown), 1);
    X509_STORE_CTX_set_verify_cb(c, count_good);
    verified = 0;
    assert_int_equal(known_chains_verify(w->known, c, w->now_us), 1);
    expect_whole_chain(c, w, unit);
    X509_STORE_CTX_free(c);
    return verified;
}

static int usual_work(struct world *w)
{
    return work_for(w, w->chain.unit, w->chain.intermediates);
}

static X509 *another_unit(const struct world *w, long serial)
{
    struct pki_spec spec = unit_spec(&w->chain);
    spec.serial = serial;
    return pki_certificate(&spec);
}

static void who_comes_again_is_not_verified_again(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    assert_int_not_equal(usual_work(&w), 0);
    X509 *again = X509_dup(w.chain.unit); /* what a new connection decodes */
    assert_int_equal(work_for(&w, again, w.chain.intermediates), 0);
    X509_free(again);
    world_end(&w);
}

static void whoever_shows_anything_else_is_verified(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    (void)usual_work(&w);
    X509 *other = another_unit(&w, 78);
    assert_int_not_equal(work_for(&w, other, w.chain.intermediates), 0);
    sk_X509_push(w.chain.intermediates, other);
    assert_int_not_equal(usual_work(&w), 0);
    X509_free(other);
    world_end(&w);
}

static void expect_refused(struct world *w, X509 *unit, int error)
{
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_CTX_init(c, trust_store(w->trust), unit, w->chain.intermediates),
                     1);
    assert_int_equal(known_chains_verify(w->known, c, w->now_us), 0);
    assert_int_equal(X509_STORE_CTX_get_error(c), error);
    X509_STORE_CTX_free(c);
    ERR_clear_error();
}

static void who_is_refused_is_refused_each_time(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 77);
    expect_refused(&w, w.chain.unit, X509_V_ERR_CERT_REVOKED);
    expect_refused(&w, w.chain.unit, X509_V_ERR_CERT_REVOKED);
    world_end(&w);
}

/* The name and the key of somebody who was let in do not help. */
static void a_flipped_bit_in_a_known_certificate_is_found(void **state)
{
    struct world w;
    uint8_t *der = NULL;
    (void)state;
    world_begin(&w, 0);
    (void)usual_work(&w);
    int n = i2d_X509(w.chain.unit, &der);
    der[n - 1] ^= 1; /* the signature's end */
    const uint8_t *p = der;
    X509 *flipped = d2i_X509(NULL, &p, n);
    expect_refused(&w, flipped, X509_V_ERR_CERT_SIGNATURE_FAILURE);
    X509_free(flipped);
    OPENSSL_free(der);
    world_end(&w);
}

static void nothing_is_known_when_a_revocation_list_is_over(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    (void)usual_work(&w);
    const int64_t over_us = trust_next_end_us(w.trust, w.now_us);
    w.now_us = over_us - 1;
    assert_int_equal(usual_work(&w), 0);
    w.now_us = over_us;
    expect_refused(&w, w.chain.unit, X509_V_ERR_CRL_HAS_EXPIRED);
    world_end(&w);
}

static void nothing_is_known_of_a_certificate_that_is_over(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    struct pki_spec spec = unit_spec(&w.chain);
    spec.ends_s = LISTS_END_S / 2;
    X509 *short_lived = pki_certificate(&spec);
    (void)work_for(&w, short_lived, w.chain.intermediates);
    const int64_t over_us = certificate_ends_us(short_lived);
    assert_true(over_us > w.now_us && over_us < trust_next_end_us(w.trust, w.now_us));
    w.now_us = over_us - 1;
    assert_int_equal(work_for(&w, short_lived, w.chain.intermediates), 0);
    w.now_us = over_us;
    expect_refused(&w, short_lived, X509_V_ERR_CERT_HAS_EXPIRED);
    X509_free(short_lived);
    world_end(&w);
}

static void nothing_is_known_when_the_clock_was_set_back(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    (void)usual_work(&w);
    w.now_us--;
    assert_int_not_equal(usual_work(&w), 0);
    assert_int_equal(usual_work(&w), 0); /* known anew, from then on */
    world_end(&w);
}

static void the_oldest_is_forgotten_for_one_too_many(void **state)
{
    struct world w;
    X509 *unit[MOST];
    (void)state;
    world_begin(&w, 0);
    (void)usual_work(&w);
    for (long i = 0; i < MOST; i++) {
        unit[i] = another_unit(&w, 100 + i);
        (void)work_for(&w, unit[i], w.chain.intermediates);
    }
    for (size_t i = 0; i < MOST; i++)
        assert_int_equal(work_for(&w, unit[i], w.chain.intermediates), 0);
    assert_int_not_equal(usual_work(&w), 0);
    for (size_t i = 0; i < MOST; i++)
        X509_free(unit[i]);
    world_end(&w);
    known_chains_free(NULL);
}

/* One unit's share of the next test. */
struct peer {
    struct known_chains *known;
    struct world *world;
    X509 *unit;
    unsigned let_in;
};

static void *come_again_and_again(void *arg)
{
    struct peer *p = arg;
    for (int i = 0; i < 50; i++) {
        X509_STORE_CTX *c = X509_STORE_CTX_new();
        if (X509_STORE_CTX_init(c, trust_store(p->world->trust), p->unit,
                                p->world->chain.intermediates) == 1 &&
            known_chains_verify(p->known, c, p->world->now_us) == 1)
            p->let_in += sk_X509_num(X509_STORE_CTX_get0_chain(c)) == 3;
        X509_STORE_CTX_free(c);
    }
    return NULL;
}

/* With room for one chain, each of them makes the others forget. */
static void several_threads_may_ask_at_once(void **state)
{
    struct world w;
    pthread_t thread[MOST];
    struct peer peer[MOST];
    (void)state;
    world_begin(&w, 0);
    struct known_chains *narrow = known_chains_new(1, w.trust);
    for (size_t i = 0; i < MOST; i++) {
        peer[i] = (struct peer){narrow, &w, another_unit(&w, 100 + (long)i / 2), 0};
        assert_int_equal(pthread_create(&thread[i], NULL, come_again_and_again, &peer[i]), 0);
    }
    for (size_t i = 0; i < MOST; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(peer[i].let_in, 50);
        X509_free(peer[i].unit);
    }
    known_chains_free(narrow);
    world_end(&w);
}

static void the_first_list_that_ends_ends_them_all(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    const int64_t usual_us = trust_next_end_us(w.trust, w.now_us);
    assert_in_range(usual_us - w.now_us, (LISTS_END_S + GRACE_S - 2) * US_PER_S,
                    (LISTS_END_S + GRACE_S + 2) * US_PER_S);
    trust_crl(w.trust, w.chain.root, w.chain.root_key, 0, LISTS_END_S / 2);
    assert_true(trust_next_end_us(w.trust, w.now_us) < usual_us);
    world_end(&w);
    struct trust *none = trust_new();
    assert_true(trust_next_end_us(none, 0) == INT64_MAX);
    trust_free(none);
}

/* Once, one agency that let its list end made every handshake of all agencies a dear one. */
static void a_list_that_is_over_costs_its_own_agency_alone(void **state)
{
    struct world w;
    (void)state;
    world_begin(&w, 0);
    struct chain other = chain_new();
    trust_crl(w.trust, other.root, other.root_key, 0, 60);
    known_chains_free(w.known);
    w.known = known_chains_new(MOST, w.trust);
    const int64_t over_us = trust_next_end_us(w.trust, w.now_us);
    (void)usual_work(&w);
    w.now_us = over_us;
    assert_int_not_equal(usual_work(&w), 0); /* that may have changed its answer */
    w.now_us += US_PER_S;
    assert_int_equal(usual_work(&w), 0);
    w.now_us = trust_next_end_us(w.trust, over_us);
    expect_refused(&w, w.chain.unit, X509_V_ERR_CRL_HAS_EXPIRED);
    chain_free(&other);
    world_end(&w);
}

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_again_is_not_verified_again),
        cmocka_unit_test(whoever_shows_anything_else_is_verified),
        cmocka_unit_test(who_is_refused_is_refused_each_time),
        cmocka_unit_test(a_flipped_bit_in_a_known_certificate_is_found),
        cmocka_unit_test(nothing_is_known_when_a_revocation_list_is_over),
        cmocka_unit_test(nothing_is_known_of_a_certificate_that_is_over),
        cmocka_unit_test(nothing_is_known_when_the_clock_was_set_back),
        cmocka_unit_test(the_oldest_is_forgotten_for_one_too_many),
        cmocka_unit_test(a_list_that_is_over_costs_its_own_agency_alone),
        cmocka_unit_test(several_threads_may_ask_at_once),
        cmocka_unit_test(the_first_list_that_ends_ends_them_all),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
