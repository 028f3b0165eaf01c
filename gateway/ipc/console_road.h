/*
 * What the console and the ledger say to each other: questions of the control socket (control.h)
 * that a page asks, and views, which are on record before the page leaves. Takers and putters as in
 * road.h. What is wrong with a field is answered with a code; only what is no such message at all
 * ends the channel.
 */
#ifndef FEDGATE_IPC_CONSOLE_ROAD_H
#define FEDGATE_IPC_CONSOLE_ROAD_H

#include "ipc/control.h"

enum { CONSOLE_FINGERPRINT = 32 };

/* IPC_CONSOLE_ASK: a control_request. Of these a list, a text to be signed and a signed text are
 * answered; everything else with CONTROL_CODE_MALFORMED. */
struct console_ask {
    uint64_t ticket;      /* not 0 */
    struct bytes unit;    /* for whom: party/unit; empty: for all who look, as one */
    struct bytes request; /* at most CONTROL_REQUEST_MAX bytes */
};
void console_ask_put(const struct console_ask *a, struct buf *out);
MUST_USE enum result console_ask_take(struct cursor *in, struct console_ask *out);

/* IPC_CONSOLE_SAID: the control_answer to that, its items behind it. */
struct console_said {
    uint64_t ticket;
    struct bytes answer; /* at most CONTROL_ANSWER_MAX bytes */
};
void console_said_put(const struct console_said *s, struct buf *out);
MUST_USE enum result console_said_take(struct cursor *in, struct console_said *out);

/* IPC_CONSOLE_VIEW: somebody is about to look at a page, or to take records from it. */
struct console_view {
    uint64_t ticket;               /* not 0 */
    struct bytes unit, page, form; /* party/unit; words of console_pages.def */
    bool has_record;
    uint64_t record;     /* the one leaf that is looked at */
    uint64_t from, to;   /* a range of leaves; `to` is not among them; 0, 0: none */
    struct bytes reason; /* stated, as an officer states one; may be empty */
    uint8_t certificate[CONSOLE_FINGERPRINT]; /* SHA-256 of the certificate that came in */
};
void console_view_put(const struct console_view *v, struct buf *out);
MUST_USE enum result console_view_take(struct cursor *in, struct console_view *out);

/* IPC_CONSOLE_VIEWED. CONTROL_CODE_DONE: the view is on disk, at this leaf, and the page may leave;
 * anything else: it may not. */
struct console_viewed {
    uint64_t ticket;
    uint8_t code; /* control_code */
    uint64_t index;
};
void console_viewed_put(const struct console_viewed *v, struct buf *out);
MUST_USE enum result console_viewed_take(struct cursor *in, struct console_viewed *out);

/* Whether it is a word of console_pages.def. */
bool console_is_page(struct bytes word);
bool console_is_form(struct bytes word);

#endif
