/* fedgate-agent conform: what a vendor's messages and files have to stand before they go live. */
#ifndef FEDGATE_CLI_AGENT_CONFORM_H
#define FEDGATE_CLI_AGENT_CONFORM_H

#include "cli/agent/message.h"
#include "base/ident.h"
#include "message/reason.h"

struct Fedgate__V1__Message;

enum conform_check {
#define MESSAGE(NAME, word, reason, en, ko) CONFORM_##NAME,
#define STEP(NAME, word, mandatory, en, ko) CONFORM_##NAME,
#include "cli/agent/conform.def"
#undef MESSAGE
#undef STEP
    CONFORM_CHECKS
};

/* A receipt, as far as a check looks at it. */
struct conform_receipt {
    bool came, repeated;
    int answer;                  /* enum fedgate_answer */
    unsigned reason;             /* of the first recipient that was not permitted, or PERMITTED */
    char to[IDENT_UNIT_MAX + 1]; /* the first that was; else "" */
    uint64_t record;
};

struct conform {
    struct agent agent; /* its options and its language; a client for each connection */
    const char *message, *queue, *video, *video_start, *receipt_key, *staff;
    bool json, markdown, korean;
    int64_t patience_us;
    bool connected, gone; /* of the connection */
    char why[300];        /* what ended it, or a call */
    char unit[IDENT_UNIT_MAX + 1];
    bool has_test;    /* TEST messages may pass from this unit */
    struct buf right; /* the message as it was accepted, encoded */
    char right_id[AGENT_ID], to[IDENT_UNIT_MAX + 1];
    struct conform_receipt first; /* its receipt */
    struct minisign_secret *key;
    /* the report */
    struct cli_step step[CONFORM_CHECKS];
    struct buf text[CONFORM_CHECKS];
};

/* What came of a check; says it. */
enum cli_step_result conform_say(struct conform *c, enum conform_check check,
                                 enum cli_step_result result, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#define CONFORM_SAYS(c, en, ko) ((c)->korean ? (ko) : (en))

/* ---- conform_link.c: one thing after the other; each waits at most patience_us. False: c->why */
bool conform_connect(struct conform *c);
void conform_cut(struct conform *c);   /* closes it without a word */
bool conform_learn(struct conform *c); /* has_test */
bool conform_publish(struct conform *c, struct bytes encoded, struct conform_receipt *out);
bool conform_receipt_of(struct conform *c, const char *id, struct conform_receipt *out);

/* Turns while `wait` says so, the connection stands and the time is not over; whether `wait` ended
 * it. */
bool conform_turn(struct conform *c, bool (*wait)(void *arg), void *arg);

/* ---- conform_change.c */

/* The given message, changed for a check, encoded; and its id. False after an error message, or
 * c->why. */
bool conform_change(struct conform *c, enum conform_check check, struct buf *out,
                    char id[AGENT_ID]);

/* The VideoStart of --video-start as a TEST stream, encoded; false as above. */
bool conform_video_start(struct conform *c, struct buf *out);

/* ---- conform_steps.c, conform_receive.c: one a STEP */
enum cli_step_result conform_again(struct conform *c);
enum cli_step_result conform_later(struct conform *c);
enum cli_step_result conform_reconnect(struct conform *c);
enum cli_step_result conform_video(struct conform *c);
enum cli_step_result conform_slow_ack(struct conform *c);
enum cli_step_result conform_destruction(struct conform *c);

/* ---- conform_print.c: to standard output; false after an error message */
bool conform_print(const struct conform *c, bool passed);

#endif
