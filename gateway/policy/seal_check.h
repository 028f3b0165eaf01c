/* The seal while a set is compiled. Inside policy/ only. */
#ifndef FEDGATE_POLICY_SEAL_CHECK_H
#define FEDGATE_POLICY_SEAL_CHECK_H

#include "policy/builder.h"
#include "policy/seal.h"

struct seal {
    const struct seal_trust *trust;
    bool enforce, is_listed; /* is_listed: set.yaml has `files` */
    struct seal_row *row;
    size_t rows, room;
    uint8_t set_sha256[SHA256_BYTES]; /* of set.yaml as it was signed */
    struct manifest listed, there;    /* what set.yaml lists; what the folder has */
    struct manifest signatures;       /* files of signatures/ that the set asks for; no digests */
    enum seal_verdict verdict;
    struct seal_claim claim;
};

/* Adds a row, and a diagnostic when the seal is enforced and the state is not good. */
void seal_say(struct compilation *c, const char *file, const char *who, enum seal_state state);

/* The same, the diagnostic only if `wrong`. */
void seal_say_if(struct compilation *c, bool wrong, const char *file, const char *who,
                 enum seal_state state);

/* Too few officers signed, or none is trusted. */
void seal_say_too_few(struct compilation *c);

/* The worst so far. */
void seal_judge(struct seal *s, enum seal_verdict v);
enum seal_verdict seal_state_verdict(enum seal_state state);

/* ---- signatures (seal_sign.c) */

/* The officers' over set.yaml. */
void seal_check_officers(struct compilation *c, struct bytes set_yaml);

/* What a signature in a file of signatures/ is worth, by one of these keys; *which says whose.
 * SEAL_UNSIGNED when there is no such file. */
enum seal_state seal_check_signature(struct compilation *c, const char *path,
                                     const struct seal_trust *keys, struct bytes text,
                                     size_t *which);

#endif
