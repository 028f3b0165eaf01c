/* One grant while it is read, shared by the files that read its parts. Inside policy/ only. */
#ifndef FEDGATE_POLICY_CLAUSE_H
#define FEDGATE_POLICY_CLAUSE_H

#include "policy/builder.h"

struct grant {
    struct compilation *c;
    const struct kind *kind; /* NULL while it is not known: what depends on it is not judged */
    struct row_grant row;
    struct row_duties duties;
    const struct node *when, *transform;
    uint32_t to_unit[POLICY_REACH_MAX];
};

/* ---- keys of a grant: target is its struct grant (limits.c, duties.c, escalation.c) */
void grant_read_limits(struct reader *r, const struct node *n, void *target);
void grant_read_stream_digest(struct reader *r, const struct node *n, void *target);
void grant_read_supersede(struct reader *r, const struct node *n, void *target);
void grant_read_destroy(struct reader *r, const struct node *n, void *target);
void grant_read_notify(struct reader *r, const struct node *n, void *target);
void grant_read_keep(struct reader *r, const struct node *n, void *target);
void grant_read_onward(struct reader *r, const struct node *n, void *target);
void grant_read_offline(struct reader *r, const struct node *n, void *target);
void grant_read_attend(struct reader *r, const struct node *n, void *target);
void grant_read_answer(struct reader *r, const struct node *n, void *target);
void grant_read_approval(struct reader *r, const struct node *n, void *target);

/* What is asked of several keys together, once all were read. */
void grant_check_duties(struct reader *r, const struct node *n, const struct grant *g);

/* The unit that `attend` or `answer` names under `else`; NULL without one. */
const struct node *grant_else(const struct node *grant);

/* False, after an error, when the grant's kind cannot have the key. */
bool grant_kind_may(struct reader *r, const struct node *n, const struct grant *g, const char *key,
                    bool may);

/* ---- values that several of them have */

/* A length of time above zero. */
bool source_span(struct reader *r, const struct node *n, const char *what, int64_t *out_us);

/* "22:00-06:00": minutes of the day, not the same. */
bool source_hours(struct reader *r, const struct node *n, const char *what, uint16_t *from,
                  uint16_t *to);

/* The number of an officer's role. */
bool source_officer_role(struct reader *r, const struct node *n, uint8_t *out);

/* What a clock of destruction waits for; whether sound is allowed. False after an error. */
bool grant_read_start(struct reader *r, const struct node *n, uint8_t *start);
bool grant_read_sound(struct reader *r, const struct node *n, uint8_t *allowed);

/* A list of kinds as a mask. */
void source_kinds(struct reader *r, const struct node *n, uint64_t *mask);

/* A list of units, at most 64; returns how many. */
uint32_t source_units(struct reader *r, const struct node *n, const char *what,
                      uint32_t unit[POLICY_REACH_MAX]);

#endif
