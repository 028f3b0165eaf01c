#include "client/files.h"

#include "base/cursor.h"
#include "base/ident.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- PEM files */

static bool read_all(int fd, struct buf *out)
{
    uint8_t room[4096];
    ssize_t n = 1;
    while (n > 0 && buf_status(out) == RESULT_OK) {
        n = read(fd, room, sizeof room);
        if (n > 0)
            buf_put(out, room, (size_t)n);
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    mem_wipe(room, sizeof room);
    if (n > 0)
        errno = EFBIG;
    return n == 0;
}

bool pem_file_read(const char *path, struct buf *out, char *why, size_t n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool whole = fd >= 0 && read_all(fd, out);
    if (!whole)
        (void)snprintf(why, n, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return whole;
}

/* ---- the address */

bool address_split(const char *address, char **host, uint16_t *port)
{
    bool bracket = address[0] == '[';
    const char *begin = address + bracket, *colon = strrchr(address, ':');
    const char *end = bracket ? strchr(address, ']') : colon;
    if (colon == NULL || end == NULL || end == begin || (bracket && end + 1 != colon) ||
        (!bracket && strchr(address, ':') != colon))
        return false;
    size_t digits = strspn(colon + 1, "0123456789");
    unsigned long number = strtoul(colon + 1, NULL, 10);
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0' || number == 0 ||
        number > UINT16_MAX)
        return false;
    *host = mem_text(begin, (size_t)(end - begin));
    *port = (uint16_t)number;
    return true;
}

/* ---- the unit in a certificate: as little DER (X.690) as it takes to find it */

enum {
    DER_SEQUENCE = 0x30,
    DER_OID = 0x06,
    DER_OCTETS = 0x04,
    DER_EXTENSIONS = 0xa3,
    DER_URI = 0x86
};

static enum result der_take(struct cursor *c, uint8_t *tag, struct cursor *content)
{
    uint8_t n;
    size_t length = 0;
    struct bytes view;
    TRY(cursor_u8(c, tag));
    TRY(cursor_u8(c, &n));
    if (n < 0x80)
        length = n;
    else if (n > 0x82 || n == 0x80)
        return RESULT_MALFORMED; /* a certificate is smaller than 64 KiB */
    for (unsigned i = 0x80; i < n; i++) {
        uint8_t digit;
        TRY(cursor_u8(c, &digit));
        length = length << 8 | digit;
    }
    TRY(cursor_take(c, length, &view));
    *content = cursor_over(view);
    return RESULT_OK;
}

/* The content of the next element that has this tag; what stands before it is passed over. */
static enum result der_find(struct cursor *c, uint8_t wanted, struct cursor *content)
{
    uint8_t tag;
    do
        TRY(der_take(c, &tag, content));
    while (tag != wanted);
    return RESULT_OK;
}

/* The general names of the extension subjectAltName (RFC 5280, 4.2.1.6). */
static enum result alternative_names(struct bytes der, struct cursor *names)
{
    static const uint8_t alternative_name[] = {0x55, 0x1d, 0x11};
    struct cursor in = cursor_over(der), part, all, extension, oid;
    TRY(der_find(&in, DER_SEQUENCE, &part)); /* Certificate */
    TRY(der_find(&part, DER_SEQUENCE, &in)); /* tbsCertificate */
    TRY(der_find(&in, DER_EXTENSIONS, &part));
    TRY(der_find(&part, DER_SEQUENCE, &all));
    do {
        TRY(der_find(&all, DER_SEQUENCE, &extension));
        TRY(der_find(&extension, DER_OID, &oid));
    } while (!bytes_equal(bytes_of(oid.at, oid.left),
                          bytes_of(alternative_name, sizeof alternative_name)));
    TRY(der_find(&extension, DER_OCTETS, &part));
    return der_find(&part, DER_SEQUENCE, names);
}

bool certificate_unit(struct bytes der, char *out)
{
    static const char scheme[] = "fedgate://";
    struct cursor names, uri, other;
    if (alternative_names(der, &names) != RESULT_OK ||
        der_find(&names, DER_URI, &uri) != RESULT_OK ||
        der_find(&names, DER_URI, &other) != RESULT_END ||
        !bytes_begins(bytes_of(uri.at, uri.left), scheme))
        return false;
    struct bytes unit = bytes_of(uri.at + sizeof scheme - 1, uri.left - (sizeof scheme - 1));
    if (!ident_split_unit(unit, NULL, NULL))
        return false;
    memcpy(out, unit.p, unit.n);
    out[unit.n] = '\0';
    return true;
}

void pem_unit(struct bytes pem, char *out)
{
    struct buf der = BUF_INIT(LIMIT_TLS_CERTIFICATES);
    if (certificate_der_of_pem(pem, &der) != RESULT_OK || !certificate_unit(buf_view(&der), out))
        out[0] = '\0';
    buf_free(&der);
}
