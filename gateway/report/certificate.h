/*
 * A certificate that a record was destroyed: the leaves of its chain, each with its proof under one
 * signed checkpoint, and what they come to. A file for programs, which whoever has the log's
 * verifier key can check without the log and without us; and a page for paper. What a certificate
 * leaves out it says nothing about.
 */
#ifndef FEDGATE_REPORT_CERTIFICATE_H
#define FEDGATE_REPORT_CERTIFICATE_H

#include "audit/tlog_proof.h"
#include "report/chain.h"

enum { CERTIFICATE_MAX = 64 << 20 };

/* Of a chain whose links have their proofs, under the checkpoint in `note`. */
struct certificate {
    const struct chain *chain;
    struct bytes note;
    int64_t made_us; /* which no signature bears out */
};

/* Makes the proof of every link of a chain under this checkpoint of the log in a folder, and checks
 * it. What tiles say when they cannot be read, RESULT_MISMATCH where the log is wrong; *at is the
 * entry then. */
MUST_USE enum result certificate_prove(int folder, const struct checkpoint *c,
                                       const struct chain *chain, uint64_t *at);

/*
 * The file, appended: one JSON object.
 *
 *   certificate  "fedgate destruction 1"
 *   checkpoint   the signed note (C2SP tlog-checkpoint), as a text
 *   leaves       in order: index; entry, the exact text of the leaf; proof, the hashes from the
 *                leaf up in base64 (RFC 6962)
 *   made         RFC 3339
 *   says         what the leaves come to: chain_json
 */
void certificate_json(const struct certificate *x, struct buf *out);

/* The page, appended; `file` is the text of the file, whose digest stands on the page. */
void certificate_html(const struct certificate *x, const struct report *r, struct bytes file,
                      struct buf *out);

/*
 * Checks such a file against the log's key: `chain` is what its leaves come to, made anew of them,
 * to be freed, and `c` the checkpoint, a view into `note`, which is appended. RESULT_OK also when
 * the state is not CHAIN_DESTROYED. Else RESULT_MALFORMED for no such file, RESULT_MISMATCH and
 * those of checkpoint_open where it proves nothing; `fault` (of n characters) says where and why.
 */
MUST_USE enum result certificate_check(struct bytes file, const struct note_key *key,
                                       struct chain **chain, struct buf *note, struct checkpoint *c,
                                       char *fault, size_t n);

#endif
