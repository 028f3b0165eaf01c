/* The legal catalogue while a set is compiled: bases and rules. Inside policy/ only. */
#ifndef FEDGATE_POLICY_LAW_H
#define FEDGATE_POLICY_LAW_H

#include "policy/builder.h"

/* What every entry has: where it stands, and how far it is known and in force. */
struct law_entry {
    struct compilation *c;
    const struct node *node; /* its code */
    uint32_t code;
    uint32_t from_text, until_text; /* the days as the file has them */
    int64_t from_us, until_us;      /* in force from, and before; INT64_MAX: no end */
    enum diagnose_status status;
    bool is_whole; /* of a rule: read without errors, so that it can be asked */
};

/* The rows of their keys; the target begins with a struct law_entry. */
#define LAW_ENTRY_KEYS                                                                             \
    {"status", true, law_read_status}, {"version_read", true, law_read_version},                   \
        {"effective_from", true, law_read_from}, {"effective_until", false, law_read_until},       \
    {                                                                                              \
        "verify_by", true, law_read_verify_by                                                      \
    }
void law_read_status(struct reader *r, const struct node *n, void *target);
void law_read_version(struct reader *r, const struct node *n, void *target);
void law_read_from(struct reader *r, const struct node *n, void *target);
void law_read_until(struct reader *r, const struct node *n, void *target);
void law_read_verify_by(struct reader *r, const struct node *n, void *target);

/* Whether a text can be a code such as kr/pipa/18-2-3. */
bool law_is_code(struct bytes t);

/* Who may rely on a basis, in the order of enum rely. */
bool law_read_rely(struct reader *r, const struct node *n, unsigned *rely);

/* ---- rules */
enum predicate {
#define PREDICATE(NAME, key, sides, values) PREDICATE_##NAME,
#include "policy/rule_predicates.def"
#undef PREDICATE
    PREDICATES
};

enum { RULE_CONDITIONS_MAX = 8 };

/* What stands behind a predicate's key: words as a mask, a length of time, a text or conditions. */
struct predicate_value {
    bool stated;
    uint64_t mask;
    int64_t us;
    uint32_t text;
    const struct node *node; /* of the text */
    uint32_t conditions;
    struct row_condition condition[RULE_CONDITIONS_MAX];
};

struct rule_side {
    struct predicate_value value[PREDICATES];
};

struct rule {
    struct law_entry entry; /* first */
    uint32_t says_en, says_ko, ground_en, ground_ko, text_en, text_ko, advice_en, advice_ko;
    bool of_memorandum, is_warning;
    bool has_requires; /* else what it applies to is never lawful */
    bool met;          /* a grant of this memorandum is one that it applies to */
    struct rule_side applies, requires;
};

/* Reads the rules under `rules`, once all bases of the set are known. */
void law_read_rules(struct reader *r, const struct node *n);

/* After all rules: what they say of each other. */
void law_link_rules(struct compilation *c);

size_t law_rules(const struct compilation *c);
struct rule *law_rule(const struct compilation *c, size_t i);
void law_add_rule(struct compilation *c, const struct rule *rule);

/* The entry of a basis. */
const struct law_entry *law_basis(const struct compilation *c, size_t i);

#endif
