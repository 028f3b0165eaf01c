/*
 * What an index is made of. Inside search/ only.
 *
 * `words` and `numbers` have, for each term and each chunk of 65536 entries that has it, the set of
 * those entries (set.h): two terms are brought together by two rows a chunk, however many entries
 * have one. A word's term is its id in `word`; a number's is its key (terms.h). Word 0 is of all
 * entries. `slice` and `span` have the times, `tally` the counts, `onward` what chains look for,
 * and `name` the texts of counts.
 */
#ifndef FEDGATE_SEARCH_STATE_H
#define FEDGATE_SEARCH_STATE_H

#include "search/files.h"
#include "search/search.h"
#include "search/set.h"
#include "search/terms.h"

enum statement {
#define S(NAME, sql) SQL_##NAME,
#include "search/statements.def"
#undef S
    SQL_STATEMENTS
};

enum { WORD_ALL = 0, ORIGIN_MAX = 255 };

struct pending; /* what was taken and is not settled (pending.h) */

struct search {
    const struct log *log;
    struct files files;
    sqlite3 *db;
    sqlite3_stmt *statement[SQL_STATEMENTS];
    struct pending *pending;
    uint64_t begun;               /* anew, so many times */
    uint64_t size;                /* settled */
    uint64_t taken;               /* and taken */
    uint64_t words;               /* ids given to words */
    uint64_t levels[TERM_FIELDS]; /* of numbers that any entry has: bit n for level n */
    uint8_t salt[LEAF_SALT];      /* of the last entry settled, `last` */
    uint64_t last;
    bool has_last;
    bool is_checked; /* that the log in the folder has that entry */
    size_t origin_n;
    uint8_t origin[ORIGIN_MAX];
    char boot[40]; /* of the system, since it started; empty: unknown */
};

/* ---- sql.c: how statements are run */

enum result sql_result(int sqlite);

/* A statement, ready to be given its values, and reset when done. */
sqlite3_stmt *sql_use(const struct search *s, enum statement which);
void sql_done(sqlite3_stmt *st);

/* Runs one that gives no row, and is done with it. */
MUST_USE enum result sql_run(sqlite3_stmt *st);

/* The next row. RESULT_NOT_FOUND: there is none; is done with it then, and on failure. */
MUST_USE enum result sql_row(sqlite3_stmt *st);

void sql_put_bytes(sqlite3_stmt *st, int at, struct bytes b);
struct bytes sql_bytes(sqlite3_stmt *st, int column);

MUST_USE enum result sql_meta_put(const struct search *s, const char *name, struct bytes value);
MUST_USE enum result sql_meta_get(const struct search *s, const char *name, void *out, size_t room,
                                  size_t *n);

/* ---- open.c */

/* Answers `r`; when that is RESULT_DAMAGED the index is empty and begins anew. */
enum result search_judge(struct search *s, enum result r);

/* Throws all of it away. */
MUST_USE enum result search_begin_anew(struct search *s, const char *why);

/* Before statements are run: makes good for a beginning anew that failed. */
MUST_USE enum result search_ready(struct search *s);

/* Ends as a process does that is killed. */
void search_abandon(struct search *s);

/* ---- settle.c */

/* The row of a term of these at a chunk, added to `out`. RESULT_NOT_FOUND. */
MUST_USE enum result rows_read(const struct search *s, bool is_number, int64_t term, uint64_t chunk,
                               struct set *out);
MUST_USE enum result word_id(const struct search *s, unsigned field, struct bytes text,
                             int64_t *out);

/* ---- times.c: to the times of a chunk, of which `there` were taken; and from them: keeps in `s`
 * what is of [from, until). */
MUST_USE enum result times_write(const struct search *s, uint64_t chunk, const struct set *there,
                                 const int64_t *time);
MUST_USE enum result times_keep(const struct search *s, uint64_t chunk, int64_t from_us,
                                int64_t until_us, struct set *set);

/* ---- tally.c */

enum { TALLY_LEVELS = 3 /* of 1, 32 and 1024 hours */, TALLY_BITS = 5 };

struct tally_row {
    int64_t hour;
    struct term_count what; /* its texts are the holder's */
    uint64_t count, last;
};
MUST_USE enum result tally_write(const struct search *s, const struct tally_row *t);

#endif
