/*
 * What fedgatectl asks of the ledger over the control socket, and the answers: one request a
 * connection, one frame each way, u32 length and body. Envelope facts only; no body ever passes
 * here. Takers and putters as in road.h.
 */
#ifndef FEDGATE_IPC_CONTROL_H
#define FEDGATE_IPC_CONTROL_H

#include "ipc/live.h"

enum {
    CONTROL_REQUEST_MAX = 32 << 10, /* an act's text and a signature */
    CONTROL_ANSWER_MAX = 1 << 20,
    CONTROL_ITEMS_MAX = 200,  /* in one answer; the next ones are asked for */
    CONTROL_REASON_MAX = 500, /* characters */
    CONTROL_TEXT_MAX = 16 << 10,
    CONTROL_SUBJECT_MAX = 160 /* "incident " and the longest id of one */
};

enum control_act {
#define A(NAME, number, word, en, ko) CONTROL_##NAME = (number),
#include "ipc/acts.def"
#undef A
    CONTROL_ACTS
};

enum control_code {
#define C(NAME, number, word, en, ko) CONTROL_CODE_##NAME = (number),
#include "ipc/control_answers.def"
#undef C
    CONTROL_CODES
};

/* Whether it is an operator's (CONTROL_OPERATE), not an officer's. */
bool control_act_operates(unsigned act);

/* Words and texts of the two tables; "?" for what is no row. */
const char *control_act_word(unsigned act);
const char *control_act_text(unsigned act, bool korean);
const char *control_code_word(unsigned code);
const char *control_code_text(unsigned code, bool korean);

enum control_ask {
    CONTROL_LIST = 1,    /* cases of one kind, or suspensions */
    CONTROL_PREPARE = 2, /* the text of an act, to be signed */
    CONTROL_SUBMIT = 3,  /* that text, signed */
    CONTROL_OPERATE = 5, /* an operator's act, which needs no signature */
    CONTROL_READ = 4     /* the next facts of the register, after an act that lets them be read */
};

/* What can be listed: the kinds of cases (road_case_kind), and */
enum {
    CONTROL_SUSPENSIONS = 4,
    CONTROL_CLOCK = 5, /* one item: whether the clock is trusted, and what hangs on it */
    CONTROL_HOLDS = 6, /* what is preserved, or was ordered to be by one officer so far */
    CONTROL_NAMED = 7, /* one item: how much has this subject's name */
    CONTROL_DUE = 8,   /* live key scopes, those that are due first in front */
    /* Of live.h, with items as that says; `after` is a name, or of the edge's a number. */
    CONTROL_LEDGER = 9,
    CONTROL_PARTIES = 10,
    CONTROL_INCIDENTS = 11,
    CONTROL_EDGE = 12,
    CONTROL_UNITS = 13,
    CONTROL_SESSIONS = 14,
    CONTROL_STREAMS = 15,
    CONTROL_ROLES = 16,    /* of live.h, as the supervisor told last */
    CONTROL_REQUESTS = 17, /* citizens' and companies' requests for footage that are open */
    CONTROL_LISTS
};

/* Each question uses its own fields; the others are empty. CONTROL_READ: `subject` is the act's
 * leaf and `after` the last leaf that was answered, as numbers. */
struct control_request {
    uint8_t ask;
    uint8_t list;                 /* CONTROL_LIST: which */
    struct bytes after;           /* CONTROL_LIST: the last subject that was seen, or empty */
    struct bytes subject;         /* CONTROL_LIST: this one alone, or empty; CONTROL_PREPARE */
    uint8_t act;                  /* CONTROL_PREPARE, CONTROL_OPERATE: control_act */
    struct bytes officer;         /* CONTROL_PREPARE: party/person; CONTROL_OPERATE: a name */
    struct bytes reason;          /* CONTROL_PREPARE, CONTROL_OPERATE */
    struct bytes text, signature; /* CONTROL_SUBMIT */
};

void control_request_put(const struct control_request *r, struct buf *out);
MUST_USE enum result control_request_take(struct cursor *in, struct control_request *out);

/* One line of a list. A suspension has subject, since_us, reason and the officers, no envelope. The
 * clock has the gateway's time in since_us and the system's in due_us; when it is asked about, it
 * is overdue, what would be destroyed is in `failed`, and went_ahead says that it was refused.
 * A hold is as a suspension; went_ahead says that it is in force. What has a name is in `failed`,
 * the times of the oldest and newest message in since_us and due_us. A key scope has its memorandum
 * in `clause`, why it is due in `failed`, what its time begins with in `reason`, how many
 * deliveries wait in it in `unit` (digits), when it is due at the latest in since_us, its incident
 * in the envelope, and in went_ahead whether officers preserve it. A request has who asks in
 * `role`, what for in `reason`, when it came in since_us, the masked file in `clause`, who stated
 * that in `unit`, what the first of two officers decided in `failed`, and in went_ahead whether it
 * was postponed. */
struct control_item {
    struct bytes
        subject; /* "1234-0": leaf and recipient; or "grant MOU#GRANT", "unit PARTY/UNIT" */
    struct road_envelope envelope;
    struct bytes unit, clause, failed; /* failed: what it is held for, or went past */
    struct bytes role, party[ROAD_CASE_PARTIES_MAX], officer[ROAD_CASE_PERSONS_MAX], reason;
    size_t parties, officers; /* who has acted */
    uint8_t persons;
    int64_t since_us, due_us; /* due_us 0: none */
    bool went_ahead, overdue;
};

/* The answer's head; `items` control_item, or what live.h has for the list, follow it in the same
 * frame. */
struct control_answer {
    uint8_t code;      /* control_code */
    struct bytes text; /* PREPARE: what is to be signed; OPERATE: what came of it */
    bool done;      /* SUBMIT: the act took effect; false: it counts, and a second person has to */
    uint64_t index; /* SUBMIT: its leaf */
    size_t items;
    bool more; /* ask again, after the last one */
};

void control_answer_put(const struct control_answer *a, struct buf *out);
MUST_USE enum result control_answer_take(struct cursor *in, struct control_answer *out);
void control_item_put(const struct control_item *i, struct buf *out);
MUST_USE enum result control_item_take(struct cursor *in, struct control_item *out);

/* CONTROL_READ: up to which leaf this answers, and a box for the reader that holds register_opened
 * (ipc/register.h), one behind the other. */
struct control_box {
    uint64_t last;
    struct bytes box;
};
void control_box_put(const struct control_box *b, struct buf *out);
MUST_USE enum result control_box_take(struct cursor *in, struct control_box *out);

#endif
