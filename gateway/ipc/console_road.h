/* What the console and the ledger say to each other. */
#ifndef FEDGATE_IPC_CONSOLE_ROAD_H
#define FEDGATE_IPC_CONSOLE_ROAD_H

#include "base/buf.h"

/* Somebody is about to look at a page, or to take records from it. */
struct console_view {
    uint64_t ticket;
    struct bytes unit, page, form; /* party/unit; words */
    bool has_record;
    uint64_t record;     /* the one leaf that is looked at */
    uint64_t from, to;   /* a range of leaves; `to` is not among them; 0, 0: none */
    struct bytes reason; /* stated; may be empty */
    uint8_t certificate[32];
};

#endif
