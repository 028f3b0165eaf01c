#include "identity/identity.h"

static const struct identity_row *find_name(const struct identity_row *rows, size_t count,
                                            struct bytes name)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bytes_compare(name, bytes_of_text(rows[middle].name));
        if (order == 0)
            return &rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

enum identity_verdict identity_find(const struct identity_row *rows, size_t count,
                                    const uint8_t root[SHA256_BYTES], const char *uri,
                                    const struct identity_row **out)
{
    static const char scheme[] = "fedgate://";
    struct bytes text = bytes_of_text(uri);
    if (!bytes_begins(text, scheme))
        return IDENTITY_MALFORMED_URI;
    struct bytes name = bytes_of(text.p + sizeof scheme - 1, text.n - (sizeof scheme - 1));
    if (!ident_split_unit(name, NULL, NULL))
        return IDENTITY_MALFORMED_URI;
    const struct identity_row *row = find_name(rows, count, name);
    if (row == NULL)
        return IDENTITY_UNKNOWN_UNIT;
    for (size_t i = 0; i < IDENTITY_ROOTS; i++) {
        if (memcmp(row->root[i], root, SHA256_BYTES) != 0)
            continue;
        *out = row;
        return IDENTITY_FOUND;
    }
    return IDENTITY_FOREIGN_ROOT;
}

const char *identity_verdict_text(enum identity_verdict v)
{
    switch (v) {
    case IDENTITY_FOUND: return "found";
    case IDENTITY_MALFORMED_URI: return "the certificate's URI is not fedgate://party/unit";
    case IDENTITY_UNKNOWN_UNIT: return "the policy set has no such unit";
    case IDENTITY_FOREIGN_ROOT: return "the unit belongs to a party with another root certificate";
    }
    return "unknown";
}
