#include "crypto/digest.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct hasher {
    EVP_MD *sha256;
    EVP_MD_CTX *context;
    EVP_MAC *poly1305;
    EVP_MAC_CTX *mac_context; /* wiped by the library, with the key of its last use */
};

/* A digest over memory can fail only when the library is broken; going on would write false
 * evidence. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

struct hasher *hasher_new(void)
{
    struct hasher *h = mem_new(sizeof *h);
    h->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    h->context = EVP_MD_CTX_new();
    must(h->sha256 != NULL && h->context != NULL);
    must(EVP_DigestInit_ex2(h->context, h->sha256, NULL));
    h->poly1305 = EVP_MAC_fetch(NULL, "POLY1305", NULL);
    must(h->poly1305 != NULL);
    h->mac_context = EVP_MAC_CTX_new(h->poly1305);
    must(h->mac_context != NULL);
    return h;
}

void hasher_free(struct hasher *h)
{
    if (h == NULL)
        return;
    EVP_MAC_CTX_free(h->mac_context);
    EVP_MAC_free(h->poly1305);
    EVP_MD_CTX_free(h->context);
    EVP_MD_free(h->sha256);
    mem_free(h);
}

void hasher_begin(struct hasher *h)
{
    must(EVP_DigestInit_ex2(h->context, NULL, NULL));
}

void hasher_add(struct hasher *h, struct bytes part)
{
    must(EVP_DigestUpdate(h->context, part.p, part.n));
}

void hasher_end(struct hasher *h, uint8_t out[SHA256_BYTES])
{
    must(EVP_DigestFinal_ex(h->context, out, NULL));
}

void hasher_so_far(const struct hasher *h, uint8_t out[SHA256_BYTES])
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    must(copy != NULL);
    must(EVP_MD_CTX_copy_ex(copy, h->context));
    must(EVP_DigestFinal_ex(copy, out, NULL));
    EVP_MD_CTX_free(copy);
}

void hasher_sha256(struct hasher *h, const struct bytes *part, size_t parts,
                   uint8_t out[SHA256_BYTES])
{
    hasher_begin(h);
    for (size_t i = 0; i < parts; i++)
        hasher_add(h, part[i]);
    hasher_end(h, out);
}

void hasher_poly1305(struct hasher *h, const uint8_t key[POLY1305_KEY], struct bytes what,
                     uint8_t out[POLY1305_BYTES])
{
    size_t n;
    must(EVP_MAC_init(h->mac_context, key, POLY1305_KEY, NULL));
    must(EVP_MAC_update(h->mac_context, what.p, what.n));
    must(EVP_MAC_final(h->mac_context, out, &n, POLY1305_BYTES));
}
