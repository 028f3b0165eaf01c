/*
 * What pages of the console take by its engine, from the request to the last byte of HTML: the
 * entries are found in the index, read from the log's files, and written down. Without HTTP, TLS,
 * and the ledger's entry of who looked.
 */
#ifndef FEDGATE_BENCH_SEARCH_PAGES_H
#define FEDGATE_BENCH_SEARCH_PAGES_H

#include "base/bytes.h"
#include "base/clock.h"

struct search;

struct bench_page {
    const char *name, *path, *query;
};

/* Opens a console over the log in the folder, states a reason, and asks for each page `turns`
 * times; `told` gets what each took, in us, and how large it was. Ends the program when one is not
 * answered with 200. */
void pages_ask(int log_folder, const char *origin, struct search *s, const struct bench_page *page,
               size_t pages, size_t turns,
               void (*told)(const struct bench_page *p, int64_t *us, size_t n, size_t bytes));

#endif
