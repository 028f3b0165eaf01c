/* The register of citizens' and companies' requests for footage, from the log alone. */
#ifndef FEDGATE_REPORT_CLAIMS_H
#define FEDGATE_REPORT_CLAIMS_H

#include "report/registers.h"

enum { CLAIM_COLUMNS = 12 };

extern const struct report_column claim_columns[CLAIM_COLUMNS];

/* A row for each request that was received in the report's time. */
void claim_rows(const struct report *r, struct report_table *t);

/* Whether it was answered late, or is open and late by now. */
bool claim_is_late(const struct report *r, const struct world_claim *c);

#endif
