/* What evaluate.c and conditions.c share: how far a grant came with a message, and why not further.
 */
#ifndef FEDGATE_TESTS_ORACLE_JUDGE_H
#define FEDGATE_TESTS_ORACLE_JUDGE_H

#include "model.h"

/* The order of LANGUAGE.md, "How a decision is made". Conditions follow in the order in which they
 * are judged. */
enum {
    CAME_TO_KIND,
    CAME_TO_FROM,
    CAME_TO_TO,
    CAME_TO_SERVICE,
    CAME_TO_PURPOSE,
    CAME_TO_BASIS,
    CAME_TO_CONDITIONS, /* in force, status, evidence and all conditions */
    CAME_THROUGH
};

struct judged {
    int came;
    const char *reason;
    char failed[MODEL_TEXT], law[MODEL_TEXT];
    int incident; /* which made it hold; -1: none was asked for */
    bool declares;
};

/* A condition that is asked. */
struct asked {
    const struct model_set *s;
    const struct model_question *q;
    const char *to;
    const struct grant *g;
    const struct condition *c;
    const struct model_incident *incident; /* the one that is tried; NULL: none is named */
    const char *reason;                    /* why the condition does not hold */
};

/* The conditions in the order in which they are judged (conditions.c). */
struct judged_condition {
    const char *key;
    bool (*holds)(struct asked *a);
    bool law; /* the refusal quotes the text of the basis stated */
};
extern const struct judged_condition judged_order[];
extern const size_t judged_count;

/* The sender of a message, or the watcher of a stream. */
const struct model_claim *who_acts(const struct asked *a);

/* The minute of the set's zone, since 1970; and whether it lies between two minutes of the day. */
int64_t model_local_minutes(const struct model_set *s, int64_t now_us);
bool model_in_hours(const struct model_set *s, int64_t now_us, int64_t from, int64_t to);

/* The same where a person may go past conditions; false where nobody may, or it does not help. */
bool judge_exception(const struct model_set *s, const struct model_question *q, const char *to,
                     const struct grant *g, struct judged *j);

/* Compares one grant with the message for one recipient, to the end or to the first thing that does
 * not hold. */
void judge_grant(const struct model_set *s, const struct model_question *q, const char *to,
                 const struct grant *g, struct judged *j);

/* Step 3 up to the evidence that the basis asks for. */
bool words_fit(const struct model_set *s, const struct model_question *q, const char *to,
               const struct grant *g, struct judged *j);

bool word_is(const char *a, const char *b);
void say_list(char *out, const char *key, const struct list *words);
void say_word(char *out, const char *key, const char *word);
const struct basis *basis_of(const struct model_set *s, const char *code);
const struct party *party_of(const struct model_set *s, const char *unit);
bool brings(const struct model_question *q, const struct model_claim *c, const struct list *kinds);

/* obligations.c: how long it may be kept after it was recorded, by the grant and the law; and the
 * regions whose headquarters' end starts its clock, NULL when that is something else. */
int64_t model_kept_s(const struct model_set *s, const struct grant *g);
const struct list *model_awaited(const struct grant *g);

/* conditions.c: the coarsest grid, in metres, behind which a request hides its place from this
 * party; 0: none. */
double model_hidden_from(const struct model_set *s, const char *unit);

#endif
