/*
 * The live key scopes: what the ledger knows of each, which bodies it holds, and when its key must
 * be erased. Only the wrapped key is here.
 */
#ifndef FEDGATE_SPOOL_SCOPES_H
#define FEDGATE_SPOOL_SCOPES_H

#include "base/clock.h"
#include "base/heap.h"
#include "ipc/keys.h"

#include <sys/queue.h>

enum spool_starts {
    SPOOL_ARRIVAL,
    SPOOL_INCIDENT_END,
    SPOOL_FOUND,
    SPOOL_DISASTER_END,
    SPOOL_REGISTER /* the register's: no body is under it, and it ends at its deadline alone */
};

/* Why a scope ended before its deadline: the numbers of the contract's DestructionCause. */
enum spool_cause {
    SPOOL_NOT_ENDED = 0, /* its deadline, or what its clock waits for, ends it */
    SPOOL_DEADLINE = 1,
    SPOOL_PURPOSE_FULFILLED = 2,
    SPOOL_CONSENT_WITHDRAWN = 3,
    SPOOL_UNLAWFUL = 4,
    SPOOL_MOU_ENDED = 5
};

/* What scopes can have in common, and so be found by. */
enum spool_grouping {
    SPOOL_OF_INCIDENT,
    SPOOL_OF_CONSENT,
    SPOOL_OF_MOU,
    SPOOL_OF_PARTY, /* whose message brought it; of none: what the gateway itself keeps */
    SPOOL_GROUPS
};

struct delivery;
struct spool_group;

struct spool_scope {
    struct keys_slot slot;
    char incident[IDENT_INCIDENT_MAX + 1]; /* or empty */
    uint8_t consent[ROAD_CONSENT];         /* the one that it rests on (road.h), */
    bool has_consent;                      /* if it rests on one */
    char mou[IDENT_WORD_MAX + 1];          /* the memorandum that its bodies are under, or empty */
    char *regions;                         /* words, a blank between two, or NULL */
    enum spool_starts starts;
    int64_t delay_us;
    int64_t deadline_us;    /* the latest */
    int64_t ends_us;        /* the same, or earlier while its clock runs */
    enum spool_cause cause; /* ended before its time, for good, and why */
    struct heap_entry due;  /* when its key is to be erased: then, or earlier without holds */
    size_t holds;           /* deliveries not done, and places of open incidents */
    uint16_t preserved;     /* holds of officers: not erased while there is one */
    bool dying; /* in the destruction under way: nothing of it leaves, nothing is added */
    TAILQ_HEAD(, delivery) deliveries;
    struct spool_group *group[SPOOL_GROUPS]; /* NULL: in none */
    TAILQ_ENTRY(spool_scope) of_group[SPOOL_GROUPS];
};

/* How long the key of a scope without bodies is kept for the next body of the same scope. A
 * destruction wraps all that live anew, so beside so many of them those that linger go together, at
 * whole intervals: up to one of them later. What ends at a time that was promised does not wait. */
#define SPOOL_LINGER   US_PER_MINUTE
#define SPOOL_TOGETHER (10 * US_PER_S)
enum { SPOOL_MANY = 4096 };

struct spool_scopes;

struct spool_scopes *spool_scopes_new(void);
void spool_scopes_free(struct spool_scopes *s);

/* Adds a scope, which ends at its deadline; NULL when its id is there already. */
struct spool_scope *spool_scopes_add(struct spool_scopes *s, const struct road_scope *scope);
struct spool_scope *spool_scopes_get(const struct spool_scopes *s, uint64_t id);
size_t spool_scopes_count(const struct spool_scopes *s);

/* A scope that was just added is of this party's share, which may be none; whose it is (a view),
 * and how many a party has. */
void spool_scope_charge(struct spool_scopes *s, struct spool_scope *scope, struct bytes party);
struct bytes spool_scope_party(const struct spool_scope *scope);
size_t spool_scopes_share(const struct spool_scopes *s, struct bytes party);

/* One hold more, or one less; when none is left it is due SPOOL_LINGER after `now_us`, or earlier,
 * unless it is held again before; of SPOOL_MANY at the end of that SPOOL_TOGETHER. */
void spool_scope_hold(struct spool_scopes *s, struct spool_scope *scope);
void spool_scope_drop(struct spool_scopes *s, struct spool_scope *scope, int64_t now_us);

/* What its clock waited for has happened: every scope of the incident with this start ends `delay`
 * after `at_us` at the latest. */
void spool_scopes_start(struct spool_scopes *s, const char *incident, enum spool_starts starts,
                        int64_t at_us);

/* The opposite, for an incident that is open again: they end at their deadlines. */
void spool_scopes_stop(struct spool_scopes *s, const char *incident, enum spool_starts starts);

/* The same for one scope, whatever it waits for. */
void spool_scope_start(struct spool_scopes *s, struct spool_scope *scope, int64_t at_us);
void spool_scope_stop(struct spool_scopes *s, struct spool_scope *scope);

/* Ends it for good, whatever holds it and whatever its clock waits for: its key is to be erased at
 * `at_us`, unless it is earlier. The first cause stays. */
void spool_scope_end(struct spool_scopes *s, struct spool_scope *scope, enum spool_cause cause,
                     int64_t at_us);

/* One more order to preserve it, or one less: with the last it is due when it would have been. */
void spool_scope_preserve(struct spool_scopes *s, struct spool_scope *scope);
void spool_scope_let_go(struct spool_scopes *s, struct spool_scope *scope);

/* The scopes of one incident, of one consent (its digest alone, whatever the purpose) or of one
 * memorandum, one after the other; NULL past the last. None may be removed meanwhile. */
struct spool_scope *spool_scopes_of(const struct spool_scopes *s, enum spool_grouping by,
                                    struct bytes key);
struct spool_scope *spool_scopes_beside(const struct spool_scope *scope, enum spool_grouping by);

/* The memoranda that scopes are under, one by one, as map_next; views. False past the last. */
bool spool_scopes_mou(const struct spool_scopes *s, size_t *at, struct bytes *mou);

/* What a snapshot says of a scope that was just added: when it ends, and why, when its key is to be
 * erased, how many hold it (they do not hold it again). */
void spool_scope_restore(struct spool_scopes *s, struct spool_scope *scope, int64_t ends_us,
                         enum spool_cause cause, int64_t due_us, size_t holds);

/* The scope that is due first, or NULL; whether it is due is for the caller to see (due.due_us).
 * Dying ones are left out. */
struct spool_scope *spool_scopes_first(const struct spool_scopes *s);

/* Marks it dying and takes it out of the order of deadlines. */
void spool_scope_doom(struct spool_scopes *s, struct spool_scope *scope);

/* Removes and frees it; it must hold no delivery. */
void spool_scopes_remove(struct spool_scopes *s, struct spool_scope *scope);

/* Walks all scopes in no order, as map_next. */
struct spool_scope *spool_scopes_next(const struct spool_scopes *s, size_t *at);

#endif
