/*
 * The index of a vault as bytes: read and written as a whole, sealed. Inside vault/ only.
 *
 *   "fedgatVX" u16 version, 32 bytes seed, sealed: origin, unit, serial, times, entries, uses
 */
#ifndef FEDGATE_VAULT_INDEX_H
#define FEDGATE_VAULT_INDEX_H

#include "base/map.h"
#include "vault/vault.h"

enum {
    VAULT_INDEX_MAX = 64 << 20,
    VAULT_ENTRIES_MAX = 2 * VAULT_ITEMS_MAX /* with what orders name and was never here */
};

struct vault_index {
    char origin[VAULT_ORIGIN_MAX + 1], unit[IDENT_UNIT_MAX + 1];
    uint64_t serial;       /* goes up with every writing */
    int64_t high_water_us; /* the latest time on record */
    int64_t contact_us;    /* when the gateway was there last */
    struct vault_entry **entry;
    size_t entries, room;
    struct map *by_record;
    struct vault_use *use;
    size_t uses, uses_room;
};

/* Empty; freed by vault_index_free, which accepts NULL and wipes what persons said. */
struct vault_index *vault_index_new(void);
void vault_index_free(struct vault_index *x);

/* A new entry, zero but for its record; NULL when it is there or there are too many. */
struct vault_entry *vault_index_add(struct vault_index *x, uint64_t record);
struct vault_entry *vault_index_get(const struct vault_index *x, uint64_t record);

/* Takes out all that `goes` says. */
void vault_index_drop(struct vault_index *x,
                      bool (*goes)(const struct vault_entry *e, int64_t now_us), int64_t now_us);

/* RESULT_FULL when as many wait already as may. */
MUST_USE enum result vault_index_add_use(struct vault_index *x, const struct vault_use *use);
void vault_index_drop_uses(struct vault_index *x, size_t n);

/* The plain form. RESULT_MALFORMED, RESULT_END for what no index can be. */
void vault_index_put(const struct vault_index *x, struct buf *out);
MUST_USE enum result vault_index_take(struct bytes plain, struct vault_index *out);

/* The same, sealed under a key. RESULT_MISMATCH when it is another's or was changed. */
MUST_USE enum result vault_index_seal(const struct vault_index *x, const uint8_t key[KEY_BYTES],
                                      struct buf *out);
MUST_USE enum result vault_index_unseal(struct bytes sealed, const uint8_t key[KEY_BYTES],
                                        struct vault_index *out);

#endif
