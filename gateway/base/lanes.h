/*
 * Who comes next. Items wait in lanes, and inside a lane each party's in the order in which they
 * came.
 *
 *   Lanes are strict: nothing of a later one goes while an earlier one has something. So that
 *   nothing waits for ever, there is a guard: once LANES_GUARD times as many bytes as an item has
 *   have passed it, from the other lanes, it goes next.
 *
 *   Inside a lane the parties take turns by bytes (deficit round robin: Shreedhar and Varghese,
 *   1996): in one turn a party has LANES_QUANTUM bytes, the last item of it whole, and what that is
 *   too much is taken off its next turns. A small item counts as LANES_LEAST bytes. So whoever
 * comes anew waits for four messages of each other party at most, or for one large one, however
 * much those have waiting.
 *
 * Everything here takes the same time whatever waits and however many parties there are; a party
 * that has nothing in a lane any more takes no memory (but the last one, which often comes again).
 */
#ifndef FEDGATE_BASE_LANES_H
#define FEDGATE_BASE_LANES_H

#include "base/ident.h"

#include <sys/queue.h>

enum { LANES = 3, LANES_QUANTUM = 4096, LANES_LEAST = 1024, LANES_GUARD = 16 };

struct lanes_flow;
struct map;

/* Embedded in what waits. It belongs to a flow from lanes_join to lanes_leave, and may wait in it
 * meanwhile; while it does not wait, its owner may have it in a list of its own. */
struct lanes_item {
    struct lanes_flow *flow; /* NULL: in none */
    TAILQ_ENTRY(lanes_item) next;
};
TAILQ_HEAD(lanes_items, lanes_item);

/* What one party has in one lane. The three in front are its key. */
struct lanes_flow {
    struct lanes *of;
    uint8_t lane;
    char party[IDENT_WORD_MAX + 1];
    bool disordered;     /* at recovery: one came back out of order; */
    size_t items, bytes; /* that belong to it */
    int64_t credit;      /* bytes left of its turn; 0 or less: its turn is over */
    struct lanes_items waiting;
    struct lanes_item *restored; /* the last one that came back */
    TAILQ_ENTRY(lanes_flow) in_turn;
};

/* The flows of many struct lanes, and what is asked about their items. */
struct lanes_book {
    struct map *flows;
    size_t (*bytes)(const struct lanes_item *i);
    bool (*before)(const struct lanes_item *a, const struct lanes_item *b); /* in a party's order;
                        NULL where nothing is put back or restored */
};

void lanes_book_init(struct lanes_book *b, size_t (*bytes)(const struct lanes_item *i),
                     bool (*before)(const struct lanes_item *a, const struct lanes_item *b));

/* Every item must have left, or be forgotten with the book: flows are freed, items are not touched.
 * A zeroed book is accepted. */
void lanes_book_free(struct lanes_book *b);

/* Walks the flows of a book in no order; start with *at = 0, NULL at the end. Nothing may be put or
 * taken meanwhile. */
const struct lanes_flow *lanes_book_next(const struct lanes_book *b, size_t *at);

struct lanes {
    struct lanes_book *book;
    struct lanes_lane {
        TAILQ_HEAD(, lanes_flow) turns; /* those that have something waiting; the first is next */
        struct lanes_flow *last;        /* that somebody joined */
        uint64_t passed;                /* bytes of other lanes, since one of this went */
    } lane[LANES];
};

/* It may not move afterwards. */
void lanes_init(struct lanes *l, struct lanes_book *b);

/* How much may be under way of what was taken. Urgent items may have a quarter more: so there is
 * room for an alert whatever else is under way. */
struct lanes_window {
    uint32_t most, taken;
    uint64_t most_bytes, taken_bytes;
};

/* Puts an item into the flow of its party ("party" or "party/unit"), where it does not wait yet. */
void lanes_join(struct lanes *l, unsigned lane, struct bytes party, struct lanes_item *i);

/* Takes it out of its flow, and out of what waits in that with `waits`. */
void lanes_leave(struct lanes_item *i, bool waits);

/* What belongs to a flow has another size now; it had so many bytes. */
void lanes_resized(struct lanes_item *i, size_t had);

/* Lets it wait: behind all; where it was before, by its order (most come back in front, where that
 * is cheap); behind the one restored before, in front of all that were put last, at recovery. */
void lanes_put(struct lanes_item *i);
void lanes_put_back(struct lanes_item *i);
void lanes_restore(struct lanes_item *i);

/* Recovery is over: brings in order what lanes_restore put out of it. */
void lanes_sort(struct lanes *l);

/* Whoever is next, if the window lets it through, which is taken for what went of these lanes; it
 * waits still. NULL: nobody, or not now. One is always let through when nothing is under way. */
struct lanes_item *lanes_next(struct lanes *l, const struct lanes_window *w);

/* It goes: it does not wait any more, its party pays, and it is under way. Or it is only set aside,
 * and nobody pays. */
void lanes_serve(struct lanes_item *i, struct lanes_window *w);
void lanes_set_aside(struct lanes_item *i);

/* It counts in one window more; and what was under way there is not any more. */
void lanes_count(const struct lanes_item *i, struct lanes_window *w);
void lanes_done(const struct lanes_item *i, struct lanes_window *w);

/* Whether a window that many lanes share has room for one more of such a lane, however large. */
bool lanes_has_room(const struct lanes_window *w, bool urgent);

/* Whether something urgent waits. */
bool lanes_are_urgent(const struct lanes *l);
bool lanes_are_empty(const struct lanes *l);

#endif
