/*
 * A small OpenSSL provider (provider(7)): one key type, EC on P-256, whose private operation is a
 * call to somebody else. It is a provider rather than an EC_KEY_METHOD because only the provider
 * interface shows the whole text to be signed, not its hash.
 */
#include "crypto/tls_key.h"

#include "base/mem.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#define PROVIDER_NAME "fedgate-keeper"
#define PROPERTY      "provider=" PROVIDER_NAME
#define PARAM_SIGNER  "fedgate-signer"

enum { POINT_MAX = 65 }; /* an uncompressed point of P-256 */

/* A key: its public point, and who signs; `signer` is NULL for a public key that was only brought
 * here to be compared. */
struct key {
    uint8_t point[POINT_MAX];
    size_t point_bytes;
    const struct tls_remote_key *signer;
};

static void *key_new(void *provider)
{
    (void)provider;
    return mem_new(sizeof(struct key));
}

static void key_free(void *key)
{
    mem_free(key);
}

static int key_has(const void *data, int selection)
{
    const struct key *key = data;
    if ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 && key->point_bytes == 0)
        return 0;
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || key->signer != NULL;
}

static int key_match(const void *one, const void *other, int selection)
{
    const struct key *a = one, *b = other;
    (void)selection;
    return a->point_bytes == b->point_bytes && a->point_bytes > 0 &&
           CRYPTO_memcmp(a->point, b->point, a->point_bytes) == 0;
}

static int key_import(void *data, int selection, const OSSL_PARAM params[])
{
    struct key *key = data;
    const OSSL_PARAM *point = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PUB_KEY);
    const OSSL_PARAM *signer = OSSL_PARAM_locate_const(params, PARAM_SIGNER);
    const void *place = NULL;
    size_t n = 0;
    (void)selection;
    if (point == NULL || OSSL_PARAM_get_octet_string_ptr(point, &place, &n) != 1 || n > POINT_MAX)
        return 0;
    memcpy(key->point, place, n);
    key->point_bytes = n;
    if (signer != NULL) {
        if (OSSL_PARAM_get_octet_ptr(signer, &place, &n) != 1)
            return 0;
        key->signer = place;
    }
    return 1;
}

static const OSSL_PARAM *key_import_types(int selection)
{
    static const OSSL_PARAM types[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
                                       OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
                                       OSSL_PARAM_octet_ptr(PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};
    (void)selection;
    return types;
}

static int key_get_params(void *data, OSSL_PARAM params[])
{
    OSSL_PARAM *p;
    (void)data;
    if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_BITS)) != NULL &&
        OSSL_PARAM_set_int(p, 256) != 1)
        return 0;
    if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_SECURITY_BITS)) != NULL &&
        OSSL_PARAM_set_int(p, 128) != 1)
        return 0;
    if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_MAX_SIZE)) != NULL &&
        OSSL_PARAM_set_int(p, TLS_SIGNATURE_MAX) != 1)
        return 0;
    if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_GROUP_NAME)) != NULL &&
        OSSL_PARAM_set_utf8_string(p, "prime256v1") != 1)
        return 0;
    return 1;
}

static const OSSL_PARAM *key_gettable_params(void *provider)
{
    static const OSSL_PARAM types[] = {OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
                                       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
                                       OSSL_PARAM_END};
    (void)provider;
    return types;
}

static const char *key_operation_name(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

/* A signature in the making. */
struct signing {
    const struct key *key;
};

static void *signing_new(void *provider, const char *properties)
{
    (void)provider;
    (void)properties;
    return mem_new(sizeof(struct signing));
}

static void signing_free(void *signing)
{
    mem_free(signing);
}

/* OpenSSL has two names for it: its own, and that of the fetched digest that TLS passes. */
static bool is_sha256(const char *digest)
{
    return digest != NULL && (OPENSSL_strcasecmp(digest, "SHA256") == 0 ||
                              OPENSSL_strcasecmp(digest, "SHA2-256") == 0);
}

static int signing_begin(void *data, const char *digest, void *key, const OSSL_PARAM params[])
{
    struct signing *s = data;
    (void)params;
    if (!is_sha256(digest))
        return 0;
    s->key = key;
    return s->key != NULL && s->key->signer != NULL;
}

static int signing_make(void *data, unsigned char *out, size_t *n, size_t room,
                        const unsigned char *content, size_t content_bytes)
{
    const struct signing *s = data;
    if (out == NULL) {
        *n = TLS_SIGNATURE_MAX;
        return 1;
    }
    *n = room;
    const struct tls_remote_key *signer = s->key->signer;
    return signer->sign(signer->arg, bytes_of(content, content_bytes), out, n) == RESULT_OK;
}

#define FUNCTION(id, f)                                                                            \
    {                                                                                              \
        id, (void (*)(void))(f)                                                                    \
    }

static const OSSL_DISPATCH key_functions[] = {
    FUNCTION(OSSL_FUNC_KEYMGMT_NEW, key_new),
    FUNCTION(OSSL_FUNC_KEYMGMT_FREE, key_free),
    FUNCTION(OSSL_FUNC_KEYMGMT_HAS, key_has),
    FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, key_match),
    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT, key_import),
    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, key_import_types),
    FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, key_get_params),
    FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, key_gettable_params),
    FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, key_operation_name),
    {0, NULL}};

static const OSSL_DISPATCH signing_functions[] = {
    FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, signing_new),
    FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, signing_free),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, signing_begin),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, signing_make),
    {0, NULL}};

static const OSSL_ALGORITHM key_types[] = {
    {"EC:id-ecPublicKey:1.2.840.10045.2.1", PROPERTY, key_functions, "a key of the keeper's"},
    {NULL, NULL, NULL, NULL}};

static const OSSL_ALGORITHM signature_types[] = {
    {"ECDSA", PROPERTY, signing_functions, "signatures by the keeper"}, {NULL, NULL, NULL, NULL}};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return key_types;
    return operation == OSSL_OP_SIGNATURE ? signature_types : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
    FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), {0, NULL}};

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                         const OSSL_DISPATCH **out, void **provider)
{
    static char context; /* OpenSSL wants an address; there is nothing to keep */
    (void)handle;
    (void)in;
    *out = provider_functions;
    *provider = &context;
    return 1;
}

/* Gives the load of tls_remote_key_register back, and this one, which finds it. */
static void unload(void)
{
    OSSL_PROVIDER *p = OSSL_PROVIDER_try_load(NULL, PROVIDER_NAME, 1);
    if (p == NULL)
        return;
    (void)OSSL_PROVIDER_unload(p);
    (void)OSSL_PROVIDER_unload(p);
}

enum result tls_remote_key_register(void)
{
    if (OSSL_PROVIDER_add_builtin(NULL, PROVIDER_NAME, provider_init) != 1 ||
        OSSL_PROVIDER_try_load(NULL, PROVIDER_NAME, 1) == NULL || OPENSSL_atexit(unload) != 1)
        return RESULT_CRYPTO;
    /* Everything else stays with the default provider. A preference, not an exclusion: signing with
     * one of our keys looks for its algorithm under this query too. */
    return EVP_set_default_properties(NULL, "?provider=default") == 1 ? RESULT_OK : RESULT_CRYPTO;
}

struct evp_pkey_st *tls_remote_key_for(struct x509_st *certificate,
                                       const struct tls_remote_key *key)
{
    uint8_t point[POINT_MAX];
    char group[32] = "";
    size_t n = 0, group_bytes;
    EVP_PKEY *public_key = X509_get0_pubkey(certificate), *out = NULL;
    if (public_key == NULL ||
        EVP_PKEY_get_group_name(public_key, group, sizeof group, &group_bytes) != 1 ||
        strcmp(group, "prime256v1") != 0 ||
        EVP_PKEY_get_octet_string_param(public_key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
                                        &n) != 1)
        return NULL;
    const void *signer = key;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, n),
        OSSL_PARAM_construct_octet_ptr(PARAM_SIGNER, (void **)(uintptr_t)&signer, sizeof *key),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", PROPERTY);
    if (c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
        EVP_PKEY_fromdata(c, &out, EVP_PKEY_KEYPAIR, params) != 1)
        out = NULL;
    EVP_PKEY_CTX_free(c);
    return out;
}
