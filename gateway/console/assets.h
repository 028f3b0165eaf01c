/* What browsers load beside pages: files of assets/, built into the program, under an address with
 * their digest, so that they may be kept for ever. */
#ifndef FEDGATE_CONSOLE_ASSETS_H
#define FEDGATE_CONSOLE_ASSETS_H

#include "base/buf.h"

enum { ASSET_DIGEST = 16 /* characters */ };

struct asset {
    const char *name, *type;
    struct bytes content;
    char digest[ASSET_DIGEST + 1];
};

struct assets;
struct assets *assets_new(void);
void assets_free(struct assets *a);

/* The one with this name, or NULL. */
const struct asset *asset_named(const struct assets *a, struct bytes name);

/* "/assets/NAME?v=DIGEST", appended. */
void asset_path(const struct assets *a, const char *name, struct buf *out);

#endif
