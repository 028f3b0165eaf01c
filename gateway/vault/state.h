/* An open vault from the inside. Inside vault/ only. */
#ifndef FEDGATE_VAULT_STATE_H
#define FEDGATE_VAULT_STATE_H

#include "vault/index.h"
#include "vault/keys.h"

#include <sys/stat.h>

struct vault {
    struct vault_config config;
    struct vault_keys *keys;
    struct vault_index *index;
    bool locked;
    bool names_persons; /* the index on disk: it tells of openings */
    bool is_known;      /* the index on disk is what is here, and looks like this: */
    struct stat known;
};

/* Waits for other processes, and reads what they changed. Whoever locked it unlocks it. */
MUST_USE enum result vault_lock(struct vault *v);
void vault_unlock(struct vault *v);

/* Puts the index in place of what is there, for good; without what was over long ago, whose entries
 * are gone then. Under the lock. */
MUST_USE enum result vault_save(struct vault *v);

/* ---- the files of items (store.c) */

/*
 *   "fedgatVI" u16 version u64 record, and then pieces: u8 last, u32 length, 32 bytes seed, sealed
 *
 * A piece is sealed with the item's record, its own number and whether it is the last, so that
 * pieces cannot be left out, swapped or cut off unseen.
 */
enum {
    VAULT_PIECE = 256 << 10, /* bytes of content in one piece */
    VAULT_ITEM_HEAD = 8 + 2 + 8,
    VAULT_PIECE_HEAD = 1 + 4 + 32,
    VAULT_ITEM_NAME = 40,
    VAULT_CONTEXT = 40
};

void vault_item_name(uint64_t record, char out[VAULT_ITEM_NAME]);

/* The record that a file's name stands for; false for other files. */
bool vault_item_record(const char *name, uint64_t *record);

void vault_item_head(uint64_t record, struct buf *out);

/* What piece `number` is sealed with; `out` is emptied before. */
void vault_piece_context(uint64_t record, uint64_t number, bool last, struct buf *out);

/* The key of an item, of its two halves; `gateways` NULL: of one. */
void vault_item_key(const uint8_t own[KEY_BYTES], const uint8_t gateways[KEY_BYTES],
                    uint8_t key[KEY_BYTES]);

/* Removes the bytes of an item; RESULT_OK also when there are none. The folder is not synced. */
MUST_USE enum result vault_item_remove(const struct vault *v, uint64_t record);

/* How many bytes of content its whole pieces hold, by their heads. 0 when there is no file. */
MUST_USE enum result vault_item_size(const struct vault *v, uint64_t record, uint64_t *size);

/* ---- open.c */

/* Whether the gateway's half of this item is of no use any more in the key store. */
bool vault_is_away_too_long(const struct vault *v, const struct vault_entry *e);

/* ---- destroy.c */

/* Erases every half that no item needs any more: of those doomed, of those that never came into the
 * index, and the gateway's that are of no use. Under the lock. */
MUST_USE enum result vault_erase_halves(struct vault *v);

/* Goes on with what was begun. Under the lock. */
MUST_USE enum result vault_destroy_doomed(struct vault *v);

/* Takes the entries out of the index that nobody asks for any more. */
void vault_forget_old(struct vault *v);

#endif
