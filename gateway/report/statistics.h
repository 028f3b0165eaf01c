/*
 * The year in figures, in the form of Daejeon's of 2017: cases by service, requests by outcome, how
 * often a camera helped, why something was refused, and the two counts that the National Assembly
 * is told every half year (LIA 30(1) and 29(11)).
 */
#ifndef FEDGATE_REPORT_STATISTICS_H
#define FEDGATE_REPORT_STATISTICS_H

#include "report/registers.h"

enum { STATISTICS_TABLES = 7 };

/* The tables, in the order above, each freed by table_free: cases by service, cases by month,
 * requests, hits, refusals, location, citizens' requests. The first columns of a row are what is
 * counted and its number. */
void statistics_make(const struct report *r, struct report_table *out[STATISTICS_TABLES]);

/* All of them with their plots, as sections of a page. */
void statistics_html(struct report_table *const table[STATISTICS_TABLES], struct buf *out);

#endif
