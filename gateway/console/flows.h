/* What flowed between parties in a time, as the index counts it by the hour. */
#ifndef FEDGATE_CONSOLE_FLOWS_H
#define FEDGATE_CONSOLE_FLOWS_H

#include "base/ident.h"
#include "search/search.h"

enum { FLOWS_MAX = 400, FLOWS_PARTIES_MAX = 48, FLOWS_SERVICES_MAX = 64 };

struct flow {
    size_t from, to, service; /* their numbers */
    bool refused;
    uint64_t count, bytes, last; /* recipients, bytes of their messages, the last entry */
};

/* Names in the order in which they came; `left_out`: flows that did not fit. */
struct flows {
    char party[FLOWS_PARTIES_MAX][IDENT_WORD_MAX + 1], service[FLOWS_SERVICES_MAX][64 + 1];
    struct flow flow[FLOWS_MAX];
    size_t parties, services, flows, left_out;
};

/* The whole hours from and until; `party`: those that it has a part in, empty: all. */
MUST_USE enum result flows_read(struct search *s, int64_t from_us, int64_t until_us,
                                struct bytes party, struct flows *out);

#endif
