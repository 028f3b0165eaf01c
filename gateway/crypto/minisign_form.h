/* The lines and blocks that minisign's files consist of. Inside crypto/ only. */
#ifndef FEDGATE_CRYPTO_MINISIGN_FORM_H
#define FEDGATE_CRYPTO_MINISIGN_FORM_H

#include "base/cursor.h"
#include "crypto/minisign.h"

#define FORM_UNTRUSTED "untrusted comment: "
#define FORM_TRUSTED   "trusted comment: "

enum { FORM_DIGEST = 64 };

/* The next line is a comment: `begins`, then text of at most `most` bytes. */
MUST_USE enum result form_comment(struct cursor *in, const char *begins, size_t most,
                                  struct bytes *comment);

/* The next line is the base64 of exactly `n` bytes. */
MUST_USE enum result form_block(struct cursor *in, void *out, size_t n);

/* Whether a comment may stand in a file: UTF-8 without control characters but TAB. */
bool form_is_comment(struct bytes comment, size_t most);

/* What a pre-hashed signature is over. */
void form_digest(struct bytes message, uint8_t out[FORM_DIGEST]);

#endif
