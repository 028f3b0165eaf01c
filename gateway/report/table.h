/* A table with titles in both languages, filled row by row, and written for spreadsheets, programs,
 * paper or a terminal's tables. Its first column is the index of the leaf that a row comes from. */
#ifndef FEDGATE_REPORT_TABLE_H
#define FEDGATE_REPORT_TABLE_H

#include "base/buf.h"
#include "base/clock.h"

/* What a column is called: a word for programs, and in English and Korean. */
struct report_column {
    const char *word, *title[2];
};

struct report_table;

/* `column` lives for ever; so do `word` and `title`, English and Korean. */
struct report_table *table_new(const char *word, const char *const title[2],
                               const struct report_column *column, size_t columns, bool korean);
void table_free(struct report_table *t);

/* The next cell, copied; rows follow one another without a word. What is no valid text is left out.
 */
void table_put(struct report_table *t, struct bytes text);

/* The same of what was put together in `cell`, which is empty afterwards. */
void table_take(struct report_table *t, struct buf *cell);

void table_text(struct report_table *t, const char *text);
void table_number(struct report_table *t, uint64_t n);

/* A time of Asia/Seoul to the second, as "2026-11-21 10:00:00"; empty for 0. Headings say the
 * zone. */
void table_time(struct report_table *t, int64_t us);
void table_time_text(int64_t us, char out[TIME_TEXT]);

/* A line that stands below the table: what a reader has to know of it. */
void table_note(struct report_table *t, const char *text);

/* A number about the whole of it that its files end with, such as entries that were not there: in
 * CSV a row of table_csv_count, in JSON a member of "counts". `word` and `title` live for ever. */
void table_count(struct report_table *t, const char *word, const char *title, uint64_t n);

/* What a reader asks of a table. */
const char *table_title(const struct report_table *t);
size_t table_rows(const struct report_table *t);
size_t table_columns(const struct report_table *t);
const char *table_word(const struct report_table *t, size_t column); /* a column's, for programs */
const char *table_heading(const struct report_table *t, size_t column);
struct bytes table_cell(const struct report_table *t, size_t row, size_t column);
const char *table_note_at(const struct report_table *t, size_t i); /* NULL past the last */

/* RFC 4180 in UTF-8 with a byte order mark, for spreadsheet programs. A cell that such a program
 * would take for a formula has an apostrophe in front. */
void table_csv(const struct report_table *t, struct buf *out);
void table_csv_cell(struct buf *out, struct bytes text); /* one cell, in quotes */

/* A row of so many cells (at least two) that is none of the data: "# what", the number, the rest
 * empty. */
void table_csv_count(struct buf *out, size_t columns, const char *what, uint64_t n);

/* The same in pieces: from a row on (0 at first) so many rows that it comes to about `most` bytes,
 * at least one. True once all is written; else *row is the next. */
bool table_csv_part(const struct report_table *t, size_t *row, size_t most, struct buf *out);
bool table_json_part(const struct report_table *t, size_t *row, size_t most, struct buf *out);

/* One object: its word, its title, an object for each row with the columns' words, its notes, and
 * its counts if it has any. */
void table_json(const struct report_table *t, struct buf *out);

/* A section of a page (page.h). */
void table_html(const struct report_table *t, struct buf *out);

#endif
