/*
 * What an auditor asks of the whole log: a register, a question of report/questions.h, the
 * statistics, the receipts that are overdue. Read in slices (job.h), of the entries that the answer
 * needs where the index can tell (narrow.h), bounded in memory; answered as tables.
 */
#ifndef FEDGATE_CONSOLE_INQUIRY_H
#define FEDGATE_CONSOLE_INQUIRY_H

#include "console/job.h"
#include "console/sets.h"
#include "report/questions.h"
#include "report/statistics.h"

struct inquiry;
struct search;

enum inquiry_kind { INQUIRY_REGISTER, INQUIRY_QUESTION, INQUIRY_STATISTICS, INQUIRY_OVERDUE };

enum {
    INQUIRY_ARGUMENT_MAX = 200, /* bytes */
    INQUIRY_TABLES = STATISTICS_TABLES,
    INQUIRY_SETS = 3,        /* policy sets that names are looked up in, besides the one in force */
    INQUIRY_MOST = 256 << 20 /* bytes that one keeps of the log */
};

struct inquiry_config {
    enum inquiry_kind kind;
    const char *word;      /* of the register or question: one of theirs; lives for ever */
    struct bytes argument; /* copied */
    int64_t from_us, until_us, now_us;
    struct bytes party;       /* only what concerns it, copied; empty: all. Its rows are the same */
    struct facts_file *facts; /* opened ones, which outlive it; NULL: none */
    int folder;               /* the log's, */
    uint64_t size;            /* and its entries under the checkpoint */
    struct clock clock;
    struct search *search; /* that has all of them; or NULL */
};

struct inquiry *inquiry_new(const struct inquiry_config *c);
void inquiry_free(struct inquiry *q); /* accepts NULL */

/* Reads on for about so long. */
enum job_state inquiry_turn(struct inquiry *q, int64_t within_us);
void inquiry_progress(const struct inquiry *q, struct job_progress *out);

/* After JOB_DONE, once: the tables, each freed by table_free; how many. */
size_t inquiry_answer(struct inquiry *q, const struct names *names,
                      struct report_table *out[INQUIRY_TABLES]);

/* The newest sets that came into force, as far as it met their records; how many. */
size_t inquiry_sets(const struct inquiry *q, struct activated out[INQUIRY_SETS]);

/* Facts that are not what the log is committed to, and were left out. */
uint64_t inquiry_wrong(const struct inquiry *q);

/* Whether an entry concerns a party: it sent or got it, or its officer acted; or it names nobody.
 */
bool inquiry_concerns(const struct leaf *leaf, struct bytes party);

#endif
