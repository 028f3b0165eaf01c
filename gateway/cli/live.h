/* fedgatectl's looks at what a running gateway has at this moment (ipc/live.h): columns that say
 * how they are printed, as a table with headings in either language or as JSON. Inside cli/ only.
 */
#ifndef FEDGATE_CLI_LIVE_H
#define FEDGATE_CLI_LIVE_H

#include "cli/control.h"

enum live_form { LIVE_TEXT, LIVE_NUMBER, LIVE_TIME, LIVE_BYTES, LIVE_HEX, LIVE_FLAG };

/* A column: its key in JSON, its headings, and what stands in it. */
struct live_column {
    const char *key, *heading[2];
    enum live_form form;
};

/* A value of it: `text`, or `number` (LIVE_TIME: microseconds, 0 is nothing; LIVE_FLAG: 0 or 1). */
struct live_value {
    struct bytes text;
    int64_t number;
};

enum { LIVE_COLUMNS_MAX = 16, LIVE_CELL = 200 };

/* The text of a value as people read it, with its unit. */
void live_text(const struct live_column *c, const struct live_value *v, bool korean,
               char out[LIVE_CELL]);

/* A JSON object of these values, members in the order of their keys; what is empty is left out. */
void live_put_json(struct buf *out, const struct live_column *column,
                   const struct live_value *value, size_t columns);

/* A row of a table whose columns these are; a line for each value of one item. */
void live_row(struct cli_table *t, const struct live_column *column, const struct live_value *value,
              size_t columns, bool korean);
void live_lines(struct cli_table *t, const struct live_column *column,
                const struct live_value *value, size_t columns, bool korean);

/* One item: a JSON object, or a line for each value, as is asked. */
void live_print(const struct control_print *p, const struct live_column *column,
                const struct live_value *value, size_t columns);

/* One page of a list: what is behind `after`. CLI_OK, or another exit code after an error message.
 * The caller frees `frame` in any case. */
int live_ask_page(const struct control_print *p, unsigned list, const char *after,
                  struct buf *frame, struct control_answer *a, struct cursor *items);

/*
 * A whole list, page by page: `take` takes one item from the cursor, and puts into `after` what the
 * list goes on behind. As live_ask_page; CLI_FAILED, too, for an item that is not one.
 */
enum { LIVE_AFTER = CONTROL_SUBJECT_MAX + 1 };
int live_walk(const struct control_print *p, unsigned list,
              enum result (*take)(void *arg, struct cursor *items, char after[LIVE_AFTER]),
              void *arg);
void live_after_number(uint64_t number, char after[LIVE_AFTER]);

/* Those units that are connected, as live_unit behind each other, appended. As live_ask_page. */
enum { LIVE_UNITS_MAX = 16 << 20 };
int live_ask_units(const struct control_print *p, struct buf *units);

/* Whether a unit is this one, or of this party; and what the connected units of one have together.
 */
bool live_is_of(struct bytes unit, const char *whose);
void live_count(struct bytes units, const char *whose, struct live_unit *sum);

/* What a suspension or revocation would cut: sessions, streams, what waits (live_reach.c). */
int live_print_reach(const struct control_print *p, const char *subject);

/* An item that does not belong into an answer of this version: CLI_FAILED after an error message.
 */
int live_wrong(const struct control_print *p);

#endif
