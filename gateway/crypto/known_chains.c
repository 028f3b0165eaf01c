#include "crypto/known_chains.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/certificate.h"

#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

struct known {
    TAILQ_ENTRY(known) next;
    uint8_t shown[SHA256_BYTES];
    STACK_OF(X509) * above; /* the chain from the peer's own certificate, without it, to the root */
    int64_t since_us, until_us; /* until: exclusive */
};

struct known_chains {
    pthread_mutex_t lock;
    struct map *by_shown;
    TAILQ_HEAD(, known) all; /* the oldest first */
    size_t most;
    int64_t *end_us; /* when a list or a root counts no more; ascending */
    size_t ends;
};

static struct bytes shown_of(const void *item)
{
    return bytes_of(((const struct known *)item)->shown, SHA256_BYTES);
}

/* Its own copy: handshakes may outlast the trust. */
static void copy_ends(struct known_chains *k, const struct trust *t)
{
    int64_t us = INT64_MIN;
    while ((us = trust_next_end_us(t, us)) != INT64_MAX) {
        k->end_us = mem_grow_array(k->end_us, k->ends, k->ends + 1, sizeof *k->end_us);
        k->end_us[k->ends++] = us;
    }
}

struct known_chains *known_chains_new(size_t most, const struct trust *t)
{
    struct known_chains *k = mem_new(sizeof *k);
    (void)pthread_mutex_init(&k->lock, NULL);
    k->by_shown = map_new(shown_of);
    TAILQ_INIT(&k->all);
    k->most = most;
    copy_ends(k, t);
    return k;
}

static void forget(struct known_chains *k, struct known *known)
{
    (void)map_remove(k->by_shown, shown_of(known));
    TAILQ_REMOVE(&k->all, known, next);
    sk_X509_pop_free(known->above, X509_free);
    mem_free(known);
}

void known_chains_free(struct known_chains *k)
{
    if (k == NULL)
        return;
    while (!TAILQ_EMPTY(&k->all))
        forget(k, TAILQ_FIRST(&k->all));
    map_free(k->by_shown);
    (void)pthread_mutex_destroy(&k->lock);
    mem_free(k->end_us);
    mem_free(k);
}

/* The chain that is known under this digest, a hold on each of its certificates, without the
 * peer's own; or NULL. A clock that was set back knows nothing. */
static STACK_OF(X509) * find(struct known_chains *k, const uint8_t *shown, int64_t now_us)
{
    STACK_OF(X509) *above = NULL;
    (void)pthread_mutex_lock(&k->lock);
    struct known *known = map_get(k->by_shown, bytes_of(shown, SHA256_BYTES));
    if (known != NULL && now_us >= known->since_us && now_us < known->until_us)
        above = X509_chain_up_ref(known->above);
    else if (known != NULL)
        forget(k, known);
    (void)pthread_mutex_unlock(&k->lock);
    return above;
}

static void keep(struct known_chains *k, struct known *known)
{
    (void)pthread_mutex_lock(&k->lock);
    struct known *before = map_get(k->by_shown, shown_of(known)); /* another thread was faster */
    if (before != NULL)
        forget(k, before);
    else if (map_count(k->by_shown) == k->most)
        forget(k, TAILQ_FIRST(&k->all));
    (void)map_add(k->by_shown, known);
    TAILQ_INSERT_TAIL(&k->all, known, next);
    (void)pthread_mutex_unlock(&k->lock);
}

/* A list that is over already changes no answer any more: what holds now holds without it. */
static int64_t next_end_us(const struct known_chains *k, int64_t now_us)
{
    for (size_t i = 0; i < k->ends; i++)
        if (k->end_us[i] > now_us)
            return k->end_us[i];
    return INT64_MAX;
}

/* What X509_verify_cert has just found to hold. */
static void remember(struct known_chains *k, const uint8_t *shown, STACK_OF(X509) * chain,
                     int64_t now_us)
{
    struct known *known = mem_new(sizeof *known);
    *known = (struct known){
        .above = X509_chain_up_ref(chain), .since_us = now_us, .until_us = next_end_us(k, now_us)};
    if (known->above == NULL)
        abort(); /* out of memory */
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t ends_us = certificate_ends_us(sk_X509_value(chain, i));
        known->until_us = ends_us < known->until_us ? ends_us : known->until_us;
    }
    X509_free(sk_X509_shift(known->above));
    memcpy(known->shown, shown, SHA256_BYTES);
    keep(k, known);
}

/* The peer's own certificate in front of what is above it. */
static void set_chain(X509_STORE_CTX *c, STACK_OF(X509) * above)
{
    X509 *own = X509_STORE_CTX_get0_cert(c);
    if (sk_X509_unshift(above, own) == 0 || X509_up_ref(own) != 1)
        abort(); /* out of memory */
    X509_STORE_CTX_set0_verified_chain(c, above);
    X509_STORE_CTX_set_error(c, X509_V_OK);
}

int known_chains_verify(struct known_chains *k, struct x509_store_ctx_st *c, int64_t now_us)
{
    uint8_t shown[SHA256_BYTES];
    certificate_chain_fingerprint(X509_STORE_CTX_get0_cert(c), X509_STORE_CTX_get0_untrusted(c),
                                  shown);
    STACK_OF(X509) *above = find(k, shown, now_us);
    if (above != NULL) {
        set_chain(c, above);
        return 1;
    }
    X509_STORE_CTX_set_time(c, 0, now_us / US_PER_S);
    int holds = X509_verify_cert(c);
    if (holds == 1)
        remember(k, shown, X509_STORE_CTX_get0_chain(c), now_us);
    return holds;
}
