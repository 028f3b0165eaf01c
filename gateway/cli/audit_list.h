/* What an agency says it sent and received: a list of messages, as "audit reconcile" compares it.
 * Inside audit_list.c and audit_reconcile.c only. */
#ifndef FEDGATE_CLI_AUDIT_LIST_H
#define FEDGATE_CLI_AUDIT_LIST_H

#include "audit/leaf.h"
#include "base/arena.h"

struct said {
    struct said *next;
    bool sent; /* else received */
    bool has_index, has_commitment;
    uint64_t index;  /* of the receipt's or delivery's record */
    struct bytes id; /* of the message; may be empty when there is an index */
    uint8_t commitment[LEAF_COMMITMENT];
    size_t line;
};

struct said_list {
    struct arena *arena; /* the texts live in it */
    const char *origin;  /* of the log */
    struct said *first, **last;
    size_t count;
    size_t elsewhere; /* lines about other logs */
};

/*
 * Reads the list and appends to it. Either JSON lines - objects with direction (sent, received),
 * id, index, commitment; or receipts and deliveries, as fedgate-agent prints them - or CSV with
 * these four columns, named in its first line. False after an error message with the line.
 */
bool said_read(struct bytes text, const char *file, struct said_list *list);

#endif
