/*
 * Views of the console: who looked at which page, and which records were on it, is a leaf of the
 * log before the page leaves. The reason that somebody stated is sealed for the register, as other
 * facts are, and stands in no leaf. A view that cannot be recorded does not happen.
 *
 * The console is taken for an enemy: it may be wrong about everything it says, but not make the
 * ledger slow, nor the log grow without bound. What it reads of the log's files without telling is
 * out of the ledger's reach. Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_VIEWS_H
#define FEDGATE_LEDGER_VIEWS_H

#include "ledger/state.h"

/* So many views at once, and a second, of one unit, so that nobody who reloads a page on and on
 * takes the others' away; and of all: all people at all agencies together look at fewer. */
enum {
    VIEWS_UNIT_MOST = 100,
    VIEWS_UNIT_A_SECOND = 5,
    VIEWS_MOST = 200,
    VIEWS_A_SECOND = 20,
    VIEWS_UNITS = 64 /* whose views are counted apart; of more, those who look most */
};

struct views;

struct views *views_new(const struct ledger *l);
void views_free(struct views *v); /* accepts NULL */

/* After the commit: answers go to the console. */
void views_let_go(struct ledger *l);

#endif
