#include "crypto/certificate.h"

#include "base/clock.h"
#include "base/mem.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static BIO *reader(struct bytes b)
{
    return b.n > INT_MAX ? NULL : BIO_new_mem_buf(b.p, (int)b.n);
}

/* Appends what OpenSSL wrote to `der`, and gives its memory back. */
static enum result take_der(int n, uint8_t *const *der, struct buf *out)
{
    if (n <= 0)
        return RESULT_MALFORMED;
    buf_put(out, *der, (size_t)n);
    OPENSSL_free(*der);
    return buf_status(out);
}

int64_t certificate_time_us(const ASN1_TIME *t)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    bool good = t != NULL && epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;
    ASN1_TIME_free(epoch);
    ERR_clear_error();
    return good ? days * US_PER_DAY + seconds * US_PER_S : INT64_MIN;
}

/* A list that never ends could never be missed. */
static bool has_end(const X509_CRL *x)
{
    return certificate_time_us(X509_CRL_get0_nextUpdate(x)) != INT64_MIN;
}

/* What OpenSSL has not read of `pem`. */
static struct bytes behind(BIO *in, struct bytes pem)
{
    size_t left = BIO_ctrl_pending(in);
    return bytes_of(pem.p + pem.n - left, left);
}

/* Why there was nothing to be read. */
static enum result no_block(void)
{
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE
               ? RESULT_NOT_FOUND
               : RESULT_MALFORMED;
}

enum result certificate_next_of_pem(struct bytes *pem, struct buf *der)
{
    BIO *in = reader(*pem);
    X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
    uint8_t *out = NULL;
    enum result r = x == NULL ? no_block() : take_der(i2d_X509(x, &out), &out, der);
    if (r == RESULT_OK)
        *pem = behind(in, *pem);
    X509_free(x);
    BIO_free(in);
    ERR_clear_error();
    return r;
}

enum result certificate_crl_next_of_pem(struct bytes *pem, struct buf *der)
{
    BIO *in = reader(*pem);
    X509_CRL *x = in == NULL ? NULL : PEM_read_bio_X509_CRL(in, NULL, NULL, NULL);
    uint8_t *out = NULL;
    enum result r = x == NULL     ? no_block()
                    : !has_end(x) ? RESULT_MALFORMED
                                  : take_der(i2d_X509_CRL(x, &out), &out, der);
    if (r == RESULT_OK)
        *pem = behind(in, *pem);
    X509_CRL_free(x);
    BIO_free(in);
    ERR_clear_error();
    return r;
}

static enum result first(enum result found)
{
    return found == RESULT_NOT_FOUND ? RESULT_MALFORMED : found;
}

enum result certificate_der_of_pem(struct bytes pem, struct buf *der)
{
    return first(certificate_next_of_pem(&pem, der));
}

enum result certificate_crl_der_of_pem(struct bytes pem, struct buf *der)
{
    return first(certificate_crl_next_of_pem(&pem, der));
}

void certificate_fingerprint(struct x509_st *certificate, uint8_t out[SHA256_BYTES])
{
    unsigned n = SHA256_BYTES;
    if (X509_digest(certificate, EVP_sha256(), out, &n) != 1)
        abort(); /* only a broken library fails here */
}

/* Each is hashed together with what was before it. */
void certificate_chain_fingerprint(struct x509_st *certificate,
                                   const struct stack_st_X509 *intermediates,
                                   uint8_t out[SHA256_BYTES])
{
    uint8_t pair[2 * SHA256_BYTES];
    certificate_fingerprint(certificate, out);
    for (int i = 0; i < sk_X509_num(intermediates); i++) { /* -1 of NULL */
        memcpy(pair, out, SHA256_BYTES);
        certificate_fingerprint(sk_X509_value(intermediates, i), pair + SHA256_BYTES);
        if (EVP_Digest(pair, sizeof pair, out, NULL, EVP_sha256(), NULL) != 1)
            abort(); /* as above */
    }
}

static bool is_uri_character(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/' || c == ':' ||
           c == '.';
}

static enum result copy_uri(struct bytes uri, char *out)
{
    if (uri.n > CERTIFICATE_URI_MAX)
        return RESULT_TOO_LARGE;
    for (size_t i = 0; i < uri.n; i++)
        if (!is_uri_character(uri.p[i]))
            return RESULT_MISMATCH;
    memcpy(out, uri.p, uri.n);
    out[uri.n] = '\0';
    return RESULT_OK;
}

enum result certificate_uri(struct x509_st *certificate, char out[CERTIFICATE_URI_MAX + 1])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const ASN1_IA5STRING *uri = NULL;
    int count = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_URI) {
            uri = name->d.uniformResourceIdentifier;
            count++;
        }
    }
    enum result r = RESULT_MISMATCH;
    if (count == 1)
        r = copy_uri(bytes_of(ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri)), out);
    GENERAL_NAMES_free(names);
    return r;
}

bool certificate_is_for_clients(struct x509_st *certificate)
{
    uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_KUSAGE) == 0 || (flags & EXFLAG_XKUSAGE) == 0)
        return false;
    return (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0 &&
           (X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT) != 0;
}

int64_t certificate_ends_us(struct x509_st *certificate)
{
    return certificate_time_us(X509_get0_notAfter(certificate));
}

int64_t certificate_begins_us(struct x509_st *certificate)
{
    return certificate_time_us(X509_get0_notBefore(certificate));
}

int64_t certificate_der_ends_us(struct bytes der)
{
    const uint8_t *p = der.p;
    X509 *x = der.n > LONG_MAX ? NULL : d2i_X509(NULL, &p, (long)der.n);
    int64_t ends_us = x == NULL ? INT64_MIN : certificate_ends_us(x);
    X509_free(x);
    ERR_clear_error();
    return ends_us;
}

int64_t certificate_crl_der_ends_us(struct bytes der)
{
    const uint8_t *p = der.p;
    X509_CRL *x = der.n > LONG_MAX ? NULL : d2i_X509_CRL(NULL, &p, (long)der.n);
    int64_t ends_us = x == NULL ? INT64_MIN : certificate_time_us(X509_CRL_get0_nextUpdate(x));
    X509_CRL_free(x);
    ERR_clear_error();
    return ends_us;
}

static int64_t first_after(int64_t now_us, int64_t one_us, int64_t other_us)
{
    return other_us > now_us && other_us < one_us ? other_us : one_us;
}

int64_t certificate_chain_ends_us(struct x509_st *certificate,
                                  const struct stack_st_X509 *intermediates, int64_t now_us)
{
    int64_t first = first_after(now_us, INT64_MAX, certificate_ends_us(certificate));
    for (int i = 0; i < sk_X509_num(intermediates); i++) /* -1 of NULL */
        first = first_after(now_us, first, certificate_ends_us(sk_X509_value(intermediates, i)));
    return first;
}

/* A root's time, or a revocation list's without its grace. */
struct end {
    int64_t us;
    bool is_list;
};

struct trust {
    X509_STORE *store;
    struct end *end;
    size_t ends, room;
    int64_t grace_us;
};

/* What a store knows beside its own: the grace, in OpenSSL's first slot for applications, for the
 * store may outlive its trust. */
enum { GRACE_SLOT = 0 };

/* Whether the certificate of this chain that has the list's name signed it. */
static bool is_signed_in(const X509_STORE_CTX *c, X509_CRL *list)
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(c);
    bool is_signed = false;
    (void)ERR_set_mark();
    for (int i = 0; i < sk_X509_num(chain) && !is_signed; i++) {
        X509 *x = sk_X509_value(chain, i);
        is_signed = X509_NAME_cmp(X509_get_subject_name(x), X509_CRL_get_issuer(list)) == 0 &&
                    X509_CRL_verify(list, X509_get0_pubkey(x)) == 1;
    }
    (void)ERR_pop_to_mark();
    return is_signed;
}

/* Of several lists in one name, those that this chain's authority signed: one party's file may hold
 * a list in the name of another's authority, and an authority keeps its name with a new key.
 * OpenSSL takes the newest, and refuses everybody when that is not signed. */
static STACK_OF(X509_CRL) * lists_of(const X509_STORE_CTX *c, const X509_NAME *name)
{
    STACK_OF(X509_CRL) *all = X509_STORE_CTX_get1_crls(c, name);
    for (int i = sk_X509_CRL_num(all); i > 0 && sk_X509_CRL_num(all) > 1; i--)
        if (!is_signed_in(c, sk_X509_CRL_value(all, i - 1)))
            X509_CRL_free(sk_X509_CRL_delete(all, i - 1));
    return all;
}

struct trust *trust_new(void)
{
    struct trust *t = mem_new(sizeof *t);
    t->store = X509_STORE_new();
    if (t->store == NULL)
        abort();
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(t->store);
    X509_VERIFY_PARAM_set_depth(param, 3);
    X509_VERIFY_PARAM_set_auth_level(param, 2); /* as net/tls_context.c: no SHA-1, no RSA-1024 */
    X509_STORE_set_verify_cb(t->store, trust_verify_callback);
    X509_STORE_set_lookup_crls(t->store, lists_of);
    (void)X509_STORE_set_flags(t->store, X509_V_FLAG_X509_STRICT);
    return t;
}

void trust_free(struct trust *t)
{
    if (t == NULL)
        return;
    X509_STORE_free(t->store);
    mem_free(t->end);
    mem_free(t);
}

static void add_end(struct trust *t, int64_t us, bool is_list)
{
    if (t->ends == t->room) {
        size_t room = t->room == 0 ? 16 : 2 * t->room;
        t->end = mem_grow_array(t->end, t->ends, room, sizeof *t->end);
        t->room = room;
    }
    t->end[t->ends++] = (struct end){us, is_list};
}

enum result trust_add_root(struct trust *t, struct bytes der)
{
    const uint8_t *p = der.p;
    if (der.n > LONG_MAX)
        return RESULT_TOO_LARGE;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    int added = x == NULL ? 0 : X509_STORE_add_cert(t->store, x);
    if (added == 1)
        add_end(t, certificate_ends_us(x), false);
    X509_free(x);
    ERR_clear_error();
    return added == 1 ? RESULT_OK : RESULT_MALFORMED;
}

enum result trust_add_crl(struct trust *t, struct bytes der)
{
    const uint8_t *p = der.p;
    if (der.n > LONG_MAX)
        return RESULT_TOO_LARGE;
    X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)der.n);
    int added = x == NULL || !has_end(x) ? 0 : X509_STORE_add_crl(t->store, x);
    if (added == 1)
        add_end(t, certificate_time_us(X509_CRL_get0_nextUpdate(x)), true);
    X509_CRL_free(x);
    ERR_clear_error();
    return added == 1 ? RESULT_OK : RESULT_MALFORMED;
}

static int64_t end_of(const struct trust *t, const struct end *e)
{
    return e->is_list ? time_after(e->us, t->grace_us) : e->us;
}

int64_t trust_next_end_us(const struct trust *t, int64_t now_us)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < t->ends; i++)
        first = first_after(now_us, first, end_of(t, &t->end[i]));
    return first;
}

void trust_require_crls(struct trust *t, int64_t grace_us)
{
    t->grace_us = grace_us;
    if (X509_STORE_set_ex_data(t->store, GRACE_SLOT, (void *)(intptr_t)grace_us) != 1)
        abort(); /* out of memory */
    (void)X509_STORE_set_flags(t->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

int trust_verify_callback(int ok, X509_STORE_CTX *c)
{
    const X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(c);
    if (ok == 1 || X509_STORE_CTX_get_error(c) != X509_V_ERR_CRL_HAS_EXPIRED ||
        (X509_VERIFY_PARAM_get_flags(param) & X509_V_FLAG_USE_CHECK_TIME) == 0)
        return ok;
    int64_t now_us = X509_VERIFY_PARAM_get_time(param) * US_PER_S;
    int64_t ends_us =
        certificate_time_us(X509_CRL_get0_nextUpdate(X509_STORE_CTX_get0_current_crl(c)));
    int64_t grace_us = (intptr_t)X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(c), GRACE_SLOT);
    if (now_us >= time_after(ends_us, grace_us))
        return 0;
    X509_STORE_CTX_set_error(c, X509_V_OK);
    return 1;
}

struct x509_store_st *trust_store(struct trust *t)
{
    return t->store;
}

enum result trust_verify_client(struct trust *t, struct x509_st *certificate,
                                struct stack_st_X509 *intermediates, int64_t now_us,
                                uint8_t root[SHA256_BYTES], const char **why)
{
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    enum result r = RESULT_MISMATCH;
    *why = "no memory for the check";
    if (c != NULL && X509_STORE_CTX_init(c, t->store, certificate, intermediates) == 1 &&
        X509_STORE_CTX_set_purpose(c, X509_PURPOSE_SSL_CLIENT) == 1) {
        X509_STORE_CTX_set_time(c, 0, now_us / US_PER_S);
        if (X509_verify_cert(c) == 1) {
            STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(c);
            certificate_fingerprint(sk_X509_value(chain, sk_X509_num(chain) - 1), root);
            r = RESULT_OK;
        } else {
            *why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(c));
        }
    }
    X509_STORE_CTX_free(c);
    ERR_clear_error();
    return r;
}
