/*
 * Facts of the register that were opened for a reader, and the file that the reader keeps them in:
 * an object a line, in canonical JSON. Every fact is compared with the commitment in its leaf
 * before anyone sees it.
 */
#ifndef FEDGATE_REPORT_FACTS_H
#define FEDGATE_REPORT_FACTS_H

#include "audit/fact.h"
#include "audit/leaf.h"

struct facts_file;

/* One fact as it was opened; views are the caller's. */
struct opened_fact {
    uint64_t index, scope;
    uint8_t salt[FACT_SALT];
    struct bytes text;    /* canonical JSON */
    uint8_t subjects[32]; /* key of the tags of subjects under this scope */
};

enum { FACTS_FILE_MAX = 1 << 30 };

struct facts_file *facts_new(void);
void facts_free(struct facts_file *f); /* wipes; accepts NULL */

/* Copies the fact. One of a leaf that is there already is left out. */
void facts_add(struct facts_file *f, const struct opened_fact *o);
size_t facts_count(const struct facts_file *f);

/* The text of the file, appended. */
void facts_put(const struct facts_file *f, struct buf *out);

/* Reads such a text. RESULT_MALFORMED with *line of the first line that is none. */
MUST_USE enum result facts_read(struct bytes text, struct facts_file **out, size_t *line);

enum fact_state {
    FACT_NONE,   /* the leaf has none */
    FACT_SEALED, /* it has one, which was not opened */
    FACT_OPEN,
    FACT_WRONG /* what stands in the file is not what the leaf is committed to */
};

/* The fact of a leaf; its views are valid until the next call. `f` may be NULL: nothing was opened.
 */
enum fact_state facts_of(struct facts_file *f, const struct leaf *leaf, struct fact *out);

/* The same for a leaf that facts_of answered FACT_OPEN for; empty for any other. */
void facts_at(struct facts_file *f, uint64_t index, struct fact *out);

/* The tag that the subject "party/ref" has under the scope of this leaf's fact; false when the leaf
 * has none. */
bool facts_subject(const struct facts_file *f, uint64_t index, struct bytes subject,
                   char tag[FACT_SUBJECT + 1]);

#endif
