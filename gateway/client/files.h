/* What a client is configured with: its files, and the gateway's address. */
#ifndef FEDGATE_CLIENT_FILES_H
#define FEDGATE_CLIENT_FILES_H

#include "base/buf.h"

enum { PEM_FILE_MAX = 64 << 10 };

/* Appends the file, at most PEM_FILE_MAX bytes. False with `why` (of n characters) naming it. */
bool pem_file_read(const char *path, struct buf *out, char *why, size_t n);

/* "host:port" or "[address]:port"; false when it is neither. *host is freed by mem_free. */
bool address_split(const char *address, char **host, uint16_t *port);

/* The unit that a certificate (DER) names: "party/unit", of the one URI fedgate://party/unit among
 * its subject alternative names. False when there is none, or another URI beside it. `out` holds
 * IDENT_UNIT_MAX + 1 characters. */
bool certificate_unit(struct bytes der, char *out);

/* The same of the first certificate in a PEM file's text; "" when it names none. */
void pem_unit(struct bytes pem, char *out);

#endif
