/*
 * What a log says, brought together: which provision came of which message, when it was
 * acknowledged and destroyed, what became of incidents, notices and emergencies. Leaves are taken
 * in their order; everything that is kept lives as long as the world.
 */
#ifndef FEDGATE_REPORT_WORLD_H
#define FEDGATE_REPORT_WORLD_H

#include "audit/claim.h"
#include "report/facts.h"
#include "report/owed.h"

/* A key that was erased. */
struct world_erased {
    struct bytes scope; /* its number, in digits */
    uint64_t index;
    int64_t time_us;
};

/* The subject of a provision is to be told of it. */
struct world_notice {
    uint64_t index;          /* leaf "received" of the notice to the carrier */
    int64_t time_us;         /* when the gateway made it */
    int64_t sent_us;         /* when the carrier got it; 0: it did not */
    uint64_t told, deferred; /* leaves of receipt and deferral; 0: none */
    int64_t told_us, deferred_us, until_us;
};

/* A message as it came in, or a stream as it opened. */
struct world_message {
    uint64_t index;
    int64_t time_us;
    enum audit_event event; /* AUDIT_RECEIVED, AUDIT_STREAM_OPENED */
    struct bytes id, source, kind, service, purpose, basis, incident, status;
    bool is_permitted;                     /* for somebody, at once */
    struct world_provision *first, **last; /* that came of it */
    struct world_message *next;
};

/* What one recipient got: a delivery, or a stream that it watched. */
struct world_provision {
    uint64_t index;
    int64_t time_us;
    enum audit_event event; /* AUDIT_RELEASED, AUDIT_WATCH_OPENED */
    struct world_message *of;
    struct bytes unit, clause, reason, flags, scope;
    uint64_t policy, size;
    int64_t deadline_us, acknowledged_us;
    uint64_t ended; /* a watch: the leaf of its end; 0: none yet */
    int64_t ended_us;
    uint64_t bytes, gaps; /* that went to the watcher */
    struct world_notice *notice;
    struct owed *owed; /* NULL: it was ordered nothing */
    struct world_provision *next, *of_message;
};

/* An incident from its opening; not of exercises and tests. */
struct world_incident {
    struct bytes id, source, service;
    uint64_t opened, ended; /* leaves; ended 0: it is open */
    int64_t opened_us, ended_us;
    struct world_incident *next;
};

/* A use that went past a condition, by an emergency. */
struct world_use {
    uint64_t index; /* of the leaf that its reviews refer to */
    int64_t time_us;
    struct bytes source, unit, kind, service, clause, failed;
    bool is_overdue;
    uint64_t review; /* leaf of the act that completed it; 0: none */
    int64_t review_us;
    struct bytes officer[4]; /* who reviewed */
    size_t officers;
    struct world_use *next;
};

/* That provisions were published. */
struct world_published {
    uint64_t index, from, to; /* to: not among them */
    int64_t time_us;
    struct bytes mou, officer;
    struct world_published *next;
};

/* A citizen's or company's request for footage, from its receipt. */
struct world_claim {
    struct bytes number;
    unsigned by; /* claimant */
    int64_t received_us;
    uint64_t opened, decided, overdue; /* leaves; 0: it is open, it was not late so far */
    int64_t decided_us;
    bool postponed;
    struct bytes masked, masker; /* empty: nobody stated it */
    unsigned outcome;            /* stated by these officers, enough of them once `decided` */
    struct bytes officer[2];
    size_t officers;
    struct world_claim *next;
};

/* Why something real was refused, and how often; of one service. */
struct world_refusal {
    struct bytes reason, service;
    uint64_t count, last; /* leaf */
    struct world_refusal *next;
};

struct world {
    struct arena *arena;
    struct map *words, *messages, *provisions, *erased, *incidents, *uses, *notices;
    struct map *claims; /* the last of each number */
    struct world_message *message, **last_message;
    struct world_provision *provision, **last_provision;
    struct world_incident *incident, **last_incident;
    struct world_use *use, **last_use;
    struct world_claim *claim, **last_claim;
    struct world_published *published;
    struct world_refusal *refusal;
    struct facts_file *facts;  /* the caller's, or NULL */
    uint64_t size;             /* leaves taken */
    uint64_t sealed, wrong;    /* facts of what is real that were not opened; all facts that are
                                  not what was committed */
    int64_t from_us, until_us; /* refusals are counted within these alone */
};

/* Whether a message's status says that it was sent in earnest: neither exercise nor test. */
bool world_is_real(struct bytes status);

struct world *world_new(struct facts_file *facts, int64_t from_us, int64_t until_us);
void world_free(struct world *w);
void world_take(struct world *w, const struct leaf *leaf);

/* Whether a leaf only adds to what stands in a world already, perhaps by another party: an order
 * and its receipt, a review, a publication, an incident's end. Of what does not stand there it
 * makes nothing. */
bool world_is_later(const struct leaf *leaf);

struct world_message *world_message(const struct world *w, uint64_t index);
struct world_provision *world_provision(const struct world *w, uint64_t index);

/* When the key of what was provided was erased, or NULL: it was not, or nothing was sealed. */
const struct world_erased *world_erased(const struct world *w, const struct world_provision *p);

/* The opened fact of a leaf; empty when there is none. Views are valid until the next call. */
void world_fact(const struct world *w, uint64_t index, struct fact *out);

/* Decimal digits; 0 for anything else. */
uint64_t world_number(struct bytes digits);

/* A time of a leaf's detail, there in seconds since 1970; 0: none. */
int64_t world_second(const struct leaf *leaf, const char *word);

#endif
