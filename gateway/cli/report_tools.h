/* What commands that make reports share: policy sets for names, and printing of tables. */
#ifndef FEDGATE_CLI_REPORT_TOOLS_H
#define FEDGATE_CLI_REPORT_TOOLS_H

#include "cli/policy_set.h"
#include "report/names.h"
#include "report/table.h"

/* The sets of --policy DIR, which may be given several times, and the language of --lang. */
struct report_sets {
    const char *path[NAMES_SETS_MAX];
    int paths;
    struct policy_set set[NAMES_SETS_MAX];
    struct names names; /* of those that were opened */
};

/* Takes every --policy out of argv, before cli_options. False after an error message. */
bool report_sets_options(struct report_sets *s, int *argc, char **argv);

/* Compiles and opens them, in the language of the names. False after error messages. Closed by
 * report_sets_close, either way. */
bool report_sets_open(struct report_sets *s);
void report_sets_close(struct report_sets *s);

/* Whether it is table, csv, json or html; false after an error message. */
bool report_format_is_known(const char *format);

struct report_print {
    const char *format, *title, *below; /* the last two: of a page */
    bool korean;
    /* What stands on a page; NULL: the tables, one below the other. */
    void (*html)(struct report_table *const *table, struct buf *out);
};

/* To standard output. CLI_OK, or CLI_FAILED after an error message. */
int report_print(const struct report_print *p, struct report_table *const *table, size_t tables);

#endif
