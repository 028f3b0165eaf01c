/*
 * A recipient's vault: what a unit was delivered, each item sealed under a key of two halves. One
 * half rests in the vault's key store, the other comes from the gateway for each opening and is
 * kept nowhere; so the end of either is the end of the item, and a copy of both folders opens
 * nothing once the gateway has erased its half.
 *
 *   items folder   index        what there is of each item, sealed under a key of the key store
 *                  N.item       the bytes delivered at record N, sealed in pieces
 *   key store      index.key    what the index is sealed with, and what damage is told by
 *                  secret       the wrapping secret: the only thing that must be truly erasable
 *                  slots.0, .1  wrapped halves that a destruction left (spool/slots.h)
 *                  fresh        those that came after it
 *
 * Several processes may use one vault: each call that writes waits for the others, and reads first
 * what they wrote. Whatever moment a process or the machine ends at, vault_open finds the item as
 * it was before, or finishes what was begun. No socket is used here, and no clock but the one
 * given.
 */
#ifndef FEDGATE_VAULT_VAULT_H
#define FEDGATE_VAULT_VAULT_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/ident.h"
#include "crypto/mac.h"

enum {
    VAULT_ITEMS_MAX =
        50000, /* as many entries, and none is stored: the index is written as a whole */
    VAULT_USES_MAX = 10000, /* openings that wait to be reported */
    VAULT_WORD_MAX = 100,   /* a reference, an order's id */
    VAULT_REASON_MAX = 400, /* bytes of what a person says the opening is for */
    VAULT_ORIGIN_MAX = 200,
    VAULT_CLAUSE_MAX = 2 * IDENT_WORD_MAX + 1, /* "mou#grant" */
    VAULT_ASK_MAX = 1000,                      /* items that one order names */
    VAULT_HOLD_MAX = 200                       /* what a hold is of, in the gateway's words */
};

enum vault_state {
    VAULT_KEPT = 1,        /* sealed, and can be opened with both halves */
    VAULT_RECORDING = 2,   /* being written; what is there of one that was cut off can be opened */
    VAULT_DOOMED = 3,      /* its destruction was begun */
    VAULT_DESTROYED = 4,   /* its half of the key is erased, its bytes are gone */
    VAULT_NEVER_STORED = 5 /* an order named it, and it was never here */
};

/* What the vault knows of an item without opening it: nothing of what it says, and of nobody. */
struct vault_entry {
    uint64_t record; /* the leaf "released" (a message) or "watch-opened" (a stream) */
    char kind[IDENT_WORD_MAX + 1];
    char provider[IDENT_UNIT_MAX + 1];
    char clause[VAULT_CLAUSE_MAX + 1];
    int64_t received_us, destroy_by_us; /* destroy_by_us 0: no time is set */
    uint64_t size;                      /* bytes of content */
    uint32_t uses, uses_left;           /* uses 0: as often as it is needed */
    int64_t offline_us;                 /* how long without the gateway; 0: not at all */
    bool receipt_required;
    bool alone;   /* the gateway keeps no half for it: the vault's own is enough */
    bool cut_off; /* a recording without its end */
    enum vault_state state;
    uint8_t cause; /* DestructionCause of the contract, once it is doomed */
    char order[VAULT_WORD_MAX + 1];
    int64_t destroyed_us, reported_us; /* 0: not yet */
    uint64_t slot;                     /* of its half in the key store */
    int64_t held_us;                   /* since when an order keeps it from destruction; 0: none */
    char hold[VAULT_HOLD_MAX + 1];     /* of what, as the gateway calls it */
};

/* An opening without the gateway, which is to be reported. */
struct vault_use {
    uint64_t record;
    int64_t at_us;
    char staff[VAULT_WORD_MAX + 1], role[IDENT_WORD_MAX + 1], workstation[VAULT_WORD_MAX + 1];
    char reason[VAULT_REASON_MAX + 1];
};

struct vault;

struct vault_config {
    int items, keys; /* descriptors of the folders; stay the caller's */
    struct clock clock;
};

/* Makes a vault in two empty folders, for what this unit is delivered by the log `origin`.
 * RESULT_EXISTS when there is one, or a part of one; otherwise as vault_open. */
MUST_USE enum result vault_create(const struct vault_config *config, const char *origin,
                                  const char *unit);

/*
 * Opens it, and finishes a destruction that a crash left. RESULT_NOT_FOUND when there is none;
 * RESULT_DENIED when one folder lies in the other, or others than the owner may look into one;
 * RESULT_DAMAGED, RESULT_MISMATCH (the index is another key store's), RESULT_IO.
 */
MUST_USE enum result vault_open(const struct vault_config *config, struct vault **out);
void vault_close(struct vault *v); /* accepts NULL */

/* This process is the one that stores, as long as `items` is open: what another one left is put in
 * order, a recording without its end, bytes of an item that was never acknowledged. RESULT_EXISTS
 * when another one does. */
MUST_USE enum result vault_claim(struct vault *v);

const char *vault_origin(const struct vault *v);
const char *vault_unit(const struct vault *v);

/* Now, or the latest time on record: a clock that goes back brings nothing back. */
int64_t vault_now(const struct vault *v);

/* A time on record as others are told it: none that is still to come by the machine's clock, which
 * may have been ahead then. */
int64_t vault_told_us(const struct vault *v, int64_t us);

/* Whether the machine's clock is an hour and more behind the latest time on record. That one may
 * be wrong: vault_set_clock goes by the clock from now on, and forgets that the gateway was there,
 * so that nobody opens for longer without it. */
bool vault_clock_is_behind(const struct vault *v);
MUST_USE enum result vault_set_clock(struct vault *v);

/* Reads what other processes wrote. Entries and uses that were got before are gone. */
MUST_USE enum result vault_refresh(struct vault *v);

/* In the order of their coming; NULL past the end, and for a record that is not here. */
const struct vault_entry *vault_at(const struct vault *v, size_t i);
const struct vault_entry *vault_get(const struct vault *v, uint64_t record);

/* Whether the key store has this item's half, as it should. */
bool vault_has_half(const struct vault *v, const struct vault_entry *e);

/* ---- storing (store.c) */

struct vault_writer;

/*
 * Begins an item. Of `entry`, everything down to `receipt_required` counts, but `size`; `half` is
 * the gateway's (NULL: there is none, it is sealed under the vault's own alone), and is not kept,
 * unless the entry may be opened without the gateway: then sealed in the key store. A recording is
 * in the index from now on, so that its destruction is owed even if it is cut off. RESULT_EXISTS
 * when it is here, or was; RESULT_FULL; RESULT_RANGE while the clock is behind: what is stored then
 * would be past its deadline at once.
 */
MUST_USE enum result vault_begin(struct vault *v, const struct vault_entry *entry, bool recording,
                                 const uint8_t half[KEY_BYTES], struct vault_writer **out);
MUST_USE enum result vault_write(struct vault_writer *w, struct bytes content);

/* The end: when this answers RESULT_OK, it is on disk with its key and its place in the index.
 * RESULT_STALE: a destruction came between, and it is to be stored again; RESULT_DENIED: a
 * recording that was destroyed meanwhile. Frees the writer in any case. */
MUST_USE enum result vault_finish(struct vault_writer *w);

/* Frees it without an end: a recording stays, cut off; anything else is removed. Accepts NULL. */
void vault_abandon(struct vault_writer *w);

/* ---- opening (open.c) */

struct vault_reader;

/* `half` does not count for an item that is sealed under the vault's own alone. RESULT_NOT_FOUND;
 * RESULT_DENIED for one that is not kept any more; RESULT_MISMATCH without a half. A half that does
 * not fit shows when it is read. */
MUST_USE enum result vault_read_begin(struct vault *v, uint64_t record,
                                      const uint8_t half[KEY_BYTES], struct vault_reader **out);

/* The next piece, appended to `out`. RESULT_END behind the last; RESULT_CLOSED where a recording
 * was cut off, by the index; RESULT_DAMAGED where anything else ends too early; RESULT_MISMATCH,
 * RESULT_IO. Nothing is appended then. */
MUST_USE enum result vault_read(struct vault_reader *r, struct buf *out);
void vault_read_end(struct vault_reader *r); /* accepts NULL */

/* The gateway has counted an opening, so many are left (of a limited number): fewer here, by those
 * that wait to be reported. */
MUST_USE enum result vault_used(struct vault *v, uint64_t record, uint32_t left);

/* The gateway is there: openings without it count from now. Kept at most once in ten seconds. */
MUST_USE enum result vault_contact(struct vault *v);

/*
 * The gateway's half from the key store, for an opening without the gateway, which is on record and
 * counted when this answers RESULT_OK. RESULT_DENIED: this item may not be opened without it;
 * (also while it is held); RESULT_STALE: the gateway has been away for too long, or the clock went
 * back; RESULT_RANGE: no
 * use is left; RESULT_FULL: too many wait to be reported.
 */
MUST_USE enum result vault_offline_half(struct vault *v, const struct vault_use *use,
                                        uint8_t half[KEY_BYTES]);

/* The openings that wait to be reported; and the first `n` of them were. */
const struct vault_use *vault_use_at(const struct vault *v, size_t i);
MUST_USE enum result vault_uses_reported(struct vault *v, size_t n);

/* ---- holds (hold.c) */

/* What an order keeps from destruction: of these records. */
struct vault_hold {
    const char *subject;
    int64_t since_us;
    const uint64_t *record;
    size_t records;
};

/*
 * The gateway said what is held of the records from `from` on, and below `below` (0: of all that
 * follow): these, and no other. What is held is not destroyed at its deadline, nor by a person, and
 * opens with the gateway alone, which opens nothing past its end. It stays so until the gateway
 * says otherwise, or orders its destruction.
 */
MUST_USE enum result vault_hold(struct vault *v, uint64_t from, uint64_t below,
                                const struct vault_hold *hold, size_t holds);

/* ---- destroying (destroy.c) */

/*
 * Destroys these items: their halves are erased (everything else in the key store is wrapped
 * again under a new secret, and the old one is overwritten), then their bytes, and it is in the
 * index when this answers RESULT_OK. `order` may be "" (a deadline, a person); with an order, what
 * was never here is noted too, and what was destroyed before comes under this order. Items of
 * unknown records, and what is held, are left out without an order. At most VAULT_ASK_MAX.
 */
MUST_USE enum result vault_destroy(struct vault *v, const uint64_t *record, size_t n,
                                   const char *order, uint8_t cause);

/* Records that are to be destroyed by now and not held, at most `most`; their count. */
size_t vault_due(const struct vault *v, uint64_t *record, size_t most);

/* When the next is to be; INT64_MAX: none. */
int64_t vault_next_due(const struct vault *v);

/* The receipt of this order was accepted. Its entries are forgotten after VAULT_REPORTED_KEPT. */
MUST_USE enum result vault_reported(struct vault *v, const char *order);
#define VAULT_REPORTED_KEPT (30 * US_PER_DAY)

/* Erases the gateway's halves that no opening may use any more, because the gateway has been away
 * for too long. */
MUST_USE enum result vault_drop_stale_halves(struct vault *v);

#endif
