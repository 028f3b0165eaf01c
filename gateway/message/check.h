/*
 * Checking decoded messages by rules: a table for each type of the contract says what each field
 * may hold, in the contract's order; a test holds the tables against the contract. What goes wrong
 * is told as a finding: the field's path and what was expected there, never what was found.
 *
 * In the urgent lane a bad optional field is left out and the message goes on, flagged.
 */
#ifndef FEDGATE_MESSAGE_CHECK_H
#define FEDGATE_MESSAGE_CHECK_H

#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum field_need {
    NEED_MAY,    /* a bad value may be left out in the urgent lane */
    NEED_STRICT, /* may be absent, but a bad one spoils the message that it is in: leaving it out
                    would change what the message says or permit more */
    NEED_MUST,   /* has to be there, and be good */
    NEED_GATEWAY /* the gateway's to set; a sender's is refused */
};

enum field_form {
    FORM_ANY,       /* whatever its type can hold */
    FORM_ENUM,      /* an enumerator other than "unspecified" */
    FORM_NUMBER,    /* low to high */
    FORM_TIME,      /* a Timestamp of the years 1 to 9999 */
    FORM_PAST,      /* the same, at most LIMIT_AHEAD after now */
    FORM_UUID,      /* 36 characters, lower case */
    FORM_NAME,      /* a word of base/ident.h */
    FORM_UNIT,      /* party/unit */
    FORM_INCIDENT,  /* party/unit:UUID */
    FORM_WORD,      /* a word of the vocabulary or a code: a-z 0-9 - _ . / */
    FORM_REFERENCE, /* an identifier of another system: letters, digits and - _ . : / @ + # */
    FORM_LINE,      /* text of at most `high` characters without control characters */
    FORM_TEXT,      /* the same, with line ends and tabs */
    FORM_CHOICE,    /* one of `choice` */
    FORM_BYTES,     /* at most `high` of them */
    FORM_DIGEST,    /* 32 bytes */
    FORM_MESSAGE    /* by the rules `of` its type */
};

struct field_rule {
    const char *name; /* as in the contract */
    enum field_need need;
    enum field_form form;
    double low, high;
    const char *const *choice; /* ends with NULL */
    const struct type_rules *of;
    size_t most; /* a repeated field's items */
};

struct check;

struct type_rules {
    const ProtobufCMessageDescriptor *type;
    const struct field_rule *field;
    size_t count;
    /* What one field's rule cannot say; NULL: nothing. False, through check_wrong, when it is bad.
     */
    bool (*whole)(struct check *c, ProtobufCMessage *m);
};

/* A row and a table of rules: FIELD("heading_deg", MAY, NUMBER, .high = 360). */
#define FIELD(name_, need_, form_, ...)                                                            \
    {                                                                                              \
        .name = name_, .need = NEED_##need_, .form = FORM_##form_, __VA_ARGS__                     \
    }
#define RULES(name, descriptor, fields, whole_)                                                    \
    const struct type_rules name = {&(descriptor), fields, ARRAY_LEN(fields), whole_}

enum { CHECK_DEPTH = 8 };

/* The checking of one message. */
struct check {
    const struct check_limits *limits;
    struct findings *found;
    struct arena *arena;
    const Fedgate__V1__Header *header; /* checked before the body; NULL where there is none */
    bool urgent;
    bool sets_apart;      /* a value outside its range sets the message apart (check_set_apart) */
    struct finding wrong; /* what check_wrong said last */
    size_t depth;
    struct {
        const char *name;
        size_t item; /* of a repeated field, from 0 */
        bool repeated;
    } path[CHECK_DEPTH];
};

/* Checks `m` by its rules, as the field `name` of what is being checked. False when it is bad;
 * c->wrong then says why. */
bool check_message(struct check *c, const char *name, ProtobufCMessage *m,
                   const struct type_rules *rules);

/* Says that `field` (NULL: the message itself) is not as expected. Always false. */
PRINTF_LIKE(4, 5)
bool check_wrong(struct check *c, const char *field, enum reason reason, const char *expected, ...);

/* The same for what in the urgent lane is only flagged: true there, and the finding is noted. */
bool check_doubt(struct check *c, const char *field, enum reason reason, const char *expected);

/* For an optional value that is outside its range and still means what it says: true outside the
 * urgent lane, in a message's body; c->wrong is noted, the value stays, and a person looks at it
 * before anybody gets it. */
bool check_set_apart(struct check *c);

/* For a bad value that may be left out: true in the urgent lane, with c->wrong noted as a flag; the
 * caller then leaves it out. */
bool check_left_out(struct check *c);

/* Makes c->wrong the reason of a refusal. */
void check_refuse(struct check *c);

/* Whether a value has its form, wherever it lies in a message; false through check_wrong. `value`
 * is what reflect_value gives. */
bool form_check(struct check *c, const struct field_rule *r, const ProtobufCFieldDescriptor *f,
                const void *value);

#endif
