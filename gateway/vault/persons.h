/*
 * Who may open: a file of lines, each a person's reference at the agency, a role and the public
 * half of a minisign key, parted by blanks. A line that begins with # and an empty one say nothing.
 *
 *   p-417 duty-officer RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3
 *
 * Whoever opens signs a text that says what is opened, why and when; so the name that goes on
 * record is not one that was typed.
 */
#ifndef FEDGATE_VAULT_PERSONS_H
#define FEDGATE_VAULT_PERSONS_H

#include "base/buf.h"
#include "crypto/minisign.h"
#include "vault/vault.h"

enum { VAULT_PERSONS_FILE_MAX = 256 << 10 };

struct vault_person {
    char staff[VAULT_WORD_MAX + 1], role[IDENT_WORD_MAX + 1];
    struct minisign_public key;
};

/* The person with this key, in a file that is well-formed as a whole. RESULT_UNKNOWN when there is
 * none; RESULT_MALFORMED, and the line. */
MUST_USE enum result vault_persons_find(struct bytes text, const struct minisign_public *key,
                                        struct vault_person *out, size_t *line);

/* Appends the text that an opening is signed over. */
void vault_opening_text(const char *origin, const struct vault_use *use, struct buf *out);

#endif
