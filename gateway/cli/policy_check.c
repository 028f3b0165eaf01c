/* fedgatectl policy check: is a policy set well-formed, lawful by the catalogue's rules, and free of overlaps? */
#include "cli/commands.h"

#include "base/clock.h"
#include "cli/audit_log.h"
#include "policy/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *folder, *crls;
    bool draft;
    enum diagnose_language language;
};

static bool parse(int argc, char **argv, struct arguments *a)
{
    const char *lang = NULL;
    const struct cli_option options[] = {{"crls", &a->crls, NULL},
                                         {"draft", NULL, &a->draft},
                                         {"lang", &lang, NULL},
                                         {NULL, NULL, NULL}};
    *a = (struct arguments){0};
    int count = cli_options(options, argc, argv);
    if (count != 1) {
        if (count >= 0)
            cli_error("policy check takes one folder");
        return false;
    }
    a->folder = argv[1];
    bool korean = false;
    if (!audit_language(lang, &korean))
        return false;
    a->language = korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH;
    return true;
}

static int open_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        cli_error("%s: %s", path, strerror(errno));
    return fd;
}

static int report(enum result r, const struct diagnose *d, const struct arguments *a,
                  const struct policy_counts *n)
{
    struct buf text = BUF_INIT(1 << 20);
    diagnose_print(d, a->language, &text);
    (void)fputs(buf_c(&text), stderr);
    buf_free(&text);
    if (r != RESULT_OK)
        return CLI_NO;
    (void)printf("%s: in order: %zu memoranda with %zu grants and %zu prohibitions, %zu parties with %zu units, "
                 "%zu cameras, %zu legal bases\n",
                 a->folder, n->memoranda, n->grants, n->prohibitions, n->parties, n->units, n->cameras,
                 n->bases);
    return CLI_OK;
}

int policy_check_run(int argc, char **argv)
{
    struct arguments a;
    if (!parse(argc, argv, &a))
        return CLI_USAGE;
    struct policy_sources sources = {.folder = open_folder(a.folder),
                                     .crls = -1,
                                     .draft = a.draft};
    if (sources.folder < 0)
        return CLI_FAILED;
    if (a.crls != NULL && (sources.crls = open_folder(a.crls)) < 0)
        return CLI_FAILED;
    const struct clock clock = clock_system();
    struct policy_counts counts;
    struct diagnose *d = diagnose_new();
    struct buf block = BUF_INIT(0);
    sources.now_us = clock_wall_us(&clock);
    int code = report(policy_compile(&sources, d, &block, &counts), d, &a, &counts);
    buf_free(&block);
    diagnose_free(d);
    (void)close(sources.folder);
    if (sources.crls >= 0)
        (void)close(sources.crls);
    return code;
}
