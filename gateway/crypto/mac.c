#include "crypto/mac.h"

#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Parts these MACs from every other use of BLAKE2b. */
static const uint8_t person[crypto_generichash_blake2b_PERSONALBYTES] = "fedgate-mac-v2";

static void must(int zero)
{
    if (zero != 0)
        abort();
}

static void keyed(const uint8_t *key, const struct bytes *part, size_t parts, uint8_t *out,
                  size_t n)
{
    crypto_generichash_state s;
    must(crypto_generichash_blake2b_init_salt_personal(&s, NULL, 0, n, NULL, person));
    must(crypto_generichash_update(&s, key, KEY_BYTES));
    for (size_t i = 0; i < parts; i++)
        must(crypto_generichash_update(&s, part[i].p, part[i].n));
    must(crypto_generichash_final(&s, out, n));
}

void mac_keyed(const uint8_t key[KEY_BYTES], const struct bytes *part, size_t parts,
               uint8_t out[MAC_BYTES])
{
    keyed(key, part, parts, out, MAC_BYTES);
}

void mac_keyed_two(const uint8_t key[KEY_BYTES], const struct bytes *part, size_t parts,
                   uint8_t first[MAC_BYTES], uint8_t second[MAC_BYTES])
{
    uint8_t both[2 * MAC_BYTES];
    keyed(key, part, parts, both, sizeof both);
    memcpy(first, both, MAC_BYTES);
    memcpy(second, both + MAC_BYTES, MAC_BYTES);
    mem_wipe(both, sizeof both);
}

void mac_derive_key(const uint8_t key[KEY_BYTES], const char *label, uint8_t out[KEY_BYTES])
{
    struct bytes part[] = {bytes_of_text("fedgate-key-v1"), bytes_of_text(label)};
    keyed(key, part, 2, out, KEY_BYTES);
}

void mac_tag(const uint8_t key[KEY_BYTES], struct bytes what, uint8_t out[TAG_BYTES])
{
    keyed(key, &what, 1, out, TAG_BYTES);
}

bool mac_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}
