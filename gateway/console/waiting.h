/* What waits for officers, asked of the ledger: shared by its lists, one item's page, and the acts
 * about it. */
#ifndef FEDGATE_CONSOLE_WAITING_H
#define FEDGATE_CONSOLE_WAITING_H

#include "console/web.h"
#include "ipc/control.h"

struct waiting_list {
    const char *path; /* of the page, and the word by which the log tells of it */
    unsigned list;    /* of CONTROL_LIST */
    enum text title;
    unsigned act[2]; /* that officers do about an item; 0: none, it is only shown */
};

/* One by one: NULL past the last. */
const struct waiting_list *waiting_list_at(size_t i);

/* The list whose page this is. */
const struct waiting_list *waiting_list_of(const struct web_call *w);

/* Whether the visitor may see an item: all, who reads all; else what the own party decides, sent or
 * gets, or of requests entered, masked or decided. Suspensions concern everybody. */
bool waiting_shows(const struct web_call *w, const struct waiting_list *l,
                   const struct control_item *i);

/* That a unit is suspended concerns everybody; why, when an officer wrote it, those two parties and
 * who reads all: for others the item's reason says so. */
void waiting_narrow(const struct web_call *w, const struct waiting_list *l, struct control_item *i);

/* ---- asking for a page: one question at a time */

/* Sends a request; `said` gets its answer, with the items behind it, once, unless the visitor goes
 * before; it may ask again. A ledger that is away, or says what cannot be read, is told to the
 * visitor. The call's `own` is taken for it. */
void waiting_ask(struct web_call *w, const struct control_request *r,
                 void (*said)(struct web_call *w, const struct control_answer *a,
                              struct cursor *items));

/* A page that says why the ledger refuses, and leads back to a path of ours. */
void waiting_refused(struct web_call *w, uint8_t code, const char *back);

/* ---- page_act.c: the text of an act that was prepared, and how it is signed */
void act_show(struct web_call *w, unsigned act, struct bytes subject, struct bytes text);

#endif
