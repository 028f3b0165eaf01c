/* Keys and signatures of minisign: a file that is taken is one that could have been written, and
 * no signature of anybody's verifies by chance. */
#include "fuzz.h"

#include "crypto/init.h"
#include "crypto/minisign.h"

static void public_comes_back(struct bytes text)
{
    struct minisign_public key, again;
    struct buf out = BUF_INIT(MINISIGN_FILE_MAX);
    if (minisign_public_read(text, &key) != RESULT_OK)
        return;
    minisign_public_write(&key, bytes_of(NULL, 0), &out);
    HOLDS(minisign_public_read(buf_view(&out), &again) == RESULT_OK);
    HOLDS(memcmp(&key, &again, sizeof key) == 0);
    buf_free(&out);
}

static void signature_is_nobodys(struct bytes text)
{
    static const struct minisign_public nobody = {{0}, {1}};
    struct minisign_signature s;
    if (minisign_signature_read(text, &s) != RESULT_OK)
        return;
    struct minisign_public key = nobody;
    memcpy(key.id, s.id, sizeof key.id);
    HOLDS(bytes_is_text(s.trusted) && s.trusted.n <= MINISIGN_TRUSTED_MAX);
    HOLDS(minisign_check(&key, &s, text) == RESULT_MISMATCH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes text = bytes_of(data, size);
    struct minisign_secret *secret;
    if (crypto_init() != RESULT_OK)
        return 0;
    public_comes_back(text);
    signature_is_nobodys(text);
    /* An encrypted one costs seconds. */
    if (!minisign_secret_is_encrypted(text) &&
        minisign_secret_read(text, bytes_of(NULL, 0), &secret) == RESULT_OK)
        minisign_secret_free(secret);
    return 0;
}
