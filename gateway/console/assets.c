#include "console/assets.h"

#include "base/mem.h"
#include "crypto/digest.h"

#include <console_assets.inc>

struct assets {
    struct asset asset[
#define A(word, name, type) 1 +
#include "console/assets.def"
#undef A
        0];
};

struct assets *assets_new(void)
{
    static const struct asset files[] = {
#define A(word, name, type) {name, type, {asset_##word, sizeof asset_##word}, ""},
#include "console/assets.def"
#undef A
    };
    struct assets *a = mem_new(sizeof *a);
    struct hasher *h = hasher_new();
    memcpy(a->asset, files, sizeof files);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        uint8_t digest[SHA256_BYTES];
        hasher_sha256(h, &a->asset[i].content, 1, digest);
        bytes_to_hex(bytes_of(digest, ASSET_DIGEST / 2), a->asset[i].digest);
    }
    hasher_free(h);
    return a;
}

void assets_free(struct assets *a)
{
    mem_free(a);
}

const struct asset *asset_named(const struct assets *a, struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(a->asset); i++)
        if (bytes_is(name, a->asset[i].name))
            return &a->asset[i];
    return NULL;
}

void asset_path(const struct assets *a, const char *name, struct buf *out)
{
    const struct asset *one = asset_named(a, bytes_of_text(name));
    if (one != NULL)
        buf_printf(out, "/assets/%s?v=%s", one->name, one->digest);
}
