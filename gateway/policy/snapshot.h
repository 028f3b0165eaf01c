/* A compiled snapshot as it lies in memory, and what several files ask of it. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_SNAPSHOT_H
#define FEDGATE_POLICY_SNAPSHOT_H

#include "policy/rows.h"

/* The block begins with this. */
struct snapshot_header {
    char magic[8];
    uint64_t bytes;
    uint64_t serial;
    struct box service_area;
    uint32_t name;
    uint32_t self;          /* the unit gateway/self */
    uint32_t clause_first;  /* in numbers: every grant, in the order of clauses */
    int64_t zone_offset_us; /* of the set's time zone, east of UTC */
    uint32_t word_first[WORD_CLASSES], words_in[WORD_CLASSES];
    struct {
        uint64_t offset, count;
    } section[32];
};

#define SNAPSHOT_MAGIC "fedgate3"

/* Tables begin with a cache line, where the block does. */
enum { SECTION_ALIGN = 64 };

enum section {
#define SECTION(NAME, field, type) SECTION_##NAME,
#include "policy/sections.def"
#undef SECTION
    SECTION_COUNT
};

/* An opened snapshot: where each table lies. */
struct policy {
    const struct snapshot_header *header;
#define SECTION(NAME, field, type)                                                                 \
    const type *field;                                                                             \
    size_t field##_count;
#include "policy/sections.def"
#undef SECTION
};

static inline bool has_bit(uint64_t mask, unsigned bit)
{
    return bit < 64 && (mask >> bit & 1) != 0;
}

static inline const char *policy_text(const struct policy *p, uint32_t text)
{
    return p->texts + text;
}

static inline bool is_synthetic(const struct policy *p, uint32_t unit)
{
    return p->parties[p->units[unit].party].synthetic != 0;
}

/* TEST messages go to synthetic units, and from these to the gateway itself: their incidents. */
static inline bool test_passes(const struct policy *p, uint32_t from, uint32_t to)
{
    return is_synthetic(p, to) || (to == p->header->self && is_synthetic(p, from));
}

/* The hash index: a kind, from and to (28 bits each), and where to look first. These stand in a key
 * instead of a unit. */
#define SLOT_ANY   UINT32_C(0xfffffff)
#define SLOT_REACH UINT32_C(0xffffffe)

static inline uint64_t slot_key(unsigned kind, uint32_t from, uint32_t to)
{
    return (uint64_t)kind << 56 | (uint64_t)(from & SLOT_ANY) << 28 | (to & SLOT_ANY);
}

/* The numbers of a slot, and the rows of a grant's conditions in `distinct`. */
static inline const uint32_t *slot_numbers(const struct policy *p, const struct row_slot *slot)
{
    return slot->count <= SLOT_NUMBERS ? slot->number : p->numbers + slot->number[0];
}

static inline const uint32_t *grant_judged(const struct policy *p, const struct row_grant *g)
{
    return g->conditions <= GRANT_JUDGED ? g->judged : p->numbers + g->judged[0];
}

static inline uint32_t slot_to(const struct row_slot *slot)
{
    return (uint32_t)slot->key & SLOT_ANY;
}

/* The kind stands in the highest bits, which a product alone would not carry down. */
static inline size_t slot_home(uint64_t key, size_t slots)
{
    return (size_t)(((key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (slots - 1);
}

/* Whether every reference in the tables leads to a row. */
bool policy_references_hold(const struct policy *p);

/* The number of a word in its class, or NO_WORD; of a basis's code, or NO_WORD. */
uint16_t policy_word(const struct policy *p, enum word_class class, struct bytes name);
uint16_t policy_basis(const struct policy *p, struct bytes code);

/* The local time of the set: minutes of the day, and the day of the week from Monday (0). */
void policy_local_time(const struct policy *p, int64_t now_us, unsigned *minute, unsigned *weekday);

/* Whether a minute of the day lies in [from, to), which may pass midnight. */
bool policy_in_hours(unsigned minute, unsigned from, unsigned to);

/* Whether a person may go past conditions of the grant for this recipient: because the message
 * declares an emergency, or because one covers the incident (its place in facts->incident). */
bool policy_emergency_declared(const struct policy_question *q, const struct row_grant *g);
bool policy_emergency_covers(const struct policy_question *q, const struct row_grant *g,
                             uint32_t incident, uint32_t to);

/* Whether one condition holds. REASON_PERMITTED, or the reason to give. `incident` is the place in
 * facts->incident of the one being tried, or POLICY_NONE. */
enum reason policy_condition_holds(const struct policy_question *q, const struct row_condition *c,
                                   uint32_t incident, uint32_t to);

/* Whether the condition's answer depends on an incident's state. */
bool policy_condition_asks_incident(const struct policy_question *q, const struct row_condition *c);

/* The regions whose headquarters every message of the grant needs: their end starts the clock. */
uint64_t policy_awaited_regions(const struct policy *p, const struct row_grant *g);

/* The slot of this key, or NULL. */
const struct row_slot *policy_slot(const struct policy *p, uint64_t key);

#endif
