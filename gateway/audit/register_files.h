/*
 * The register's files beside a copy of the log, sealed as they are: copied bundle by bundle, and
 * listed with their digests. Nothing here opens them.
 */
#ifndef FEDGATE_AUDIT_REGISTER_FILES_H
#define FEDGATE_AUDIT_REGISTER_FILES_H

#include "base/buf.h"

/* The list in a copy, as sha256sum(1) writes and checks it. */
#define REGISTER_LIST "register.sha256"
enum { REGISTER_LIST_MAX = 64 << 20 };

/* Whether `facts` are those that a bundle's entries are committed to: one for each such entry, in
 * their order, and no other. */
bool register_facts_fit(struct bytes entries, struct bytes facts);

/*
 * Copies what the register keeps of the first `width` entries (0: of all) of one bundle, whose
 * content is `entries`. No file is made when it keeps nothing. RESULT_MALFORMED when it is not what
 * the entries are committed to; RESULT_IO, RESULT_FULL.
 */
MUST_USE enum result register_file_copy(int from, int to, uint64_t number, unsigned width,
                                        struct bytes entries);

/*
 * Appends a line for each of the register's files in the folder of a copy of `size` entries. Where
 * the bundle of entries is there too, its file must be what they are committed to: RESULT_MALFORMED
 * with `fault` (of n characters) naming the file. RESULT_IO.
 */
MUST_USE enum result register_list(int folder, uint64_t size, struct buf *out, char *fault,
                                   size_t n);

/* Compares the list in the folder with what register_list gives. RESULT_NOT_FOUND: there is no
 * list, as in the gateway's own folder; RESULT_MISMATCH with `fault` naming the first line that
 * differs. */
MUST_USE enum result register_list_check(int folder, uint64_t size, char *fault, size_t n);

#endif
