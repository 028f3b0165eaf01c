#include "process/generation.h"

#include "base/mem.h"
#include "process/role.h"

#include <unistd.h>

enum { CERTIFICATE_MAX = 65536 };

const struct generation_kind generation_of_edge = {IPC_TLS_SIGN, IPC_TLS_SIGNED, "gateway", true};
const struct generation_kind generation_of_console = {IPC_CONSOLE_SIGN, IPC_CONSOLE_SIGNED,
                                                      "console", false};

/* Which key the keeper signs with, for one certificate. */
struct key_of_certificate {
    const struct generation_keeper *keeper;
    uint8_t id[TLS_KEY_ID];
    struct tls_remote_key remote;
};

struct generation {
    struct bytes snapshot; /* mapped */
    struct policy *policy;
    struct trust *trust;
    struct tls_context *tls;
    struct lifetimes *lifetimes;
};

static enum result sign(void *arg, struct bytes content, uint8_t *out, size_t *n)
{
    const struct key_of_certificate *key = arg;
    const struct generation_keeper *keeper = key->keeper;
    struct buf body = BUF_INIT(1024), reply = BUF_INIT(1024);
    buf_put(&body, key->id, TLS_KEY_ID);
    buf_put(&body, content.p, content.n);
    enum result r = keeper->ask(keeper->arg, keeper->kind->sign, buf_view(&body),
                                keeper->kind->is_signed, &reply);
    if (r == RESULT_OK && (reply.n == 0 || reply.n > *n))
        r = RESULT_DENIED;
    if (r == RESULT_OK) {
        memcpy(out, reply.p, reply.n);
        *n = reply.n;
    }
    buf_free(&body);
    buf_free(&reply);
    return r;
}

/* Whether the keeper signs for this certificate: asked with a text of the right shape and a hash of
 * nothing. */
static enum result try_key(const struct tls_remote_key *key)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    uint8_t content[64 + sizeof context + 32], out[TLS_SIGNATURE_MAX];
    size_t n = sizeof out;
    memset(content, 0, sizeof content);
    memset(content, 0x20, 64);
    memcpy(content + 64, context, sizeof context);
    return key->sign(key->arg, bytes_of(content, sizeof content), out, &n);
}

static enum result read_trust(struct generation *g, const struct settings *s)
{
    struct bytes der;
    bool is_crl;
    enum result r = RESULT_OK;
    g->trust = trust_new();
    for (size_t i = 0; r == RESULT_OK && policy_certificate(g->policy, i, &is_crl, &der); i++)
        r = is_crl ? trust_add_crl(g->trust, der) : trust_add_root(g->trust, der);
    trust_require_crls(g->trust, s->crl_grace);
    return r;
}

static enum result make_tls(struct generation *g, struct bytes pem,
                            const struct generation_keeper *trial,
                            const struct generation_keeper *signer, const char **why)
{
    struct key_of_certificate *key = mem_new(sizeof *key);
    key->keeper = trial;
    key->remote = (struct tls_remote_key){sign, key};
    enum result r = tls_key_id_of_certificate(pem, key->id);
    if (r == RESULT_OK) {
        *why = "the keeper's private key does not fit the certificate";
        r = try_key(&key->remote);
    }
    key->keeper = signer;
    if (r != RESULT_OK) {
        mem_free(key);
        return r;
    }
    const struct tls_server_config config = {pem, &key->remote, g->trust};
    return tls_context_server(&config, &g->tls, why);
}

static enum result fill(struct generation *g, int snapshot_fd, int certificate_fd,
                        const struct settings *settings, const struct generation_keeper *trial,
                        const struct generation_keeper *signer, const char **why)
{
    struct buf pem = BUF_INIT(2 * CERTIFICATE_MAX);
    *why = "the policy snapshot cannot be read";
    TRY(role_map(snapshot_fd, &g->snapshot));
    TRY(policy_open(g->snapshot, &g->policy));
    *why = "a root or revocation list in the policy snapshot cannot be read";
    TRY(read_trust(g, settings));
    *why = "the certificate cannot be read";
    enum result r = certificate_fd < 0 ? RESULT_NOT_FOUND
                                       : role_read_file(certificate_fd, CERTIFICATE_MAX, &pem);
    if (r == RESULT_OK)
        r = make_tls(g, buf_view(&pem), trial, signer, why);
    if (r == RESULT_OK && signer->kind->tells_of_set)
        lifetimes_add_set(g->lifetimes, g->policy, settings);
    if (r == RESULT_OK)
        lifetimes_add_own(g->lifetimes, signer->kind->whose, buf_view(&pem));
    buf_free(&pem);
    return r;
}

enum result generation_new(int snapshot_fd, int certificate_fd, const struct settings *settings,
                           const struct generation_keeper *trial,
                           const struct generation_keeper *signer, struct generation **out,
                           const char **why)
{
    struct generation *g = mem_new(sizeof *g);
    g->lifetimes = lifetimes_new();
    enum result r = fill(g, snapshot_fd, certificate_fd, settings, trial, signer, why);
    if (certificate_fd >= 0)
        (void)close(certificate_fd);
    if (r == RESULT_OK) {
        *out = g;
        return r;
    }
    policy_close(g->policy);
    generation_free(g);
    return r;
}

void generation_free(struct generation *g)
{
    if (g == NULL)
        return;
    lifetimes_free(g->lifetimes);
    tls_context_drop(g->tls);
    trust_free(g->trust);
    role_unmap(g->snapshot);
    mem_free(g);
}

struct policy *generation_policy(const struct generation *g)
{
    return g->policy;
}

struct trust *generation_trust(const struct generation *g)
{
    return g->trust;
}

struct tls_context *generation_tls(const struct generation *g)
{
    return g->tls;
}

struct lifetimes *generation_lifetimes(const struct generation *g)
{
    return g->lifetimes;
}
