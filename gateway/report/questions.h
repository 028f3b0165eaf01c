/* The questions that auditors have to get an answer to, each a table whose rows name their leaves.
 */
#ifndef FEDGATE_REPORT_QUESTIONS_H
#define FEDGATE_REPORT_QUESTIONS_H

#include "report/registers.h"

struct question {
    const char *word;     /* "camera" */
    const char *argument; /* "CAMERA", or NULL */
    const char *label[2]; /* what a form calls that */
    const char *summary[2];
    bool needs_facts; /* of the register: without them it has no answer */
    struct report_table *(*answer)(const struct report *r, struct bytes argument);
};

/* All of them, one by one: NULL past the last. The table is freed by table_free. */
const struct question *question_at(size_t i);
const struct question *question_named(const char *word);

/* ---- questions_*.c */
struct report_table *question_camera(const struct report *r, struct bytes camera);
struct report_table *question_case(const struct report *r, struct bytes name);
struct report_table *question_subject(const struct report *r, struct bytes subject);
struct report_table *question_exposure(const struct report *r, struct bytes unused);
struct report_table *question_publications(const struct report *r, struct bytes unused);
struct report_table *question_emergencies(const struct report *r, struct bytes unused);
struct report_table *question_notices(const struct report *r, struct bytes unused);
struct report_table *question_incidents(const struct report *r, struct bytes unused);

#endif
