#include "audit/register_files.h"
#include "audit/verify.h"

#include "cli/audit_log.h"
#include "crypto/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *log, *key, *old;
    bool entries, partial, quiet;
};

static void print_good(const struct verify_report *report, const struct note_key *key,
                       int64_t took_us)
{
    struct buf root = BUF_INIT(100);
    char size[AUDIT_NUMBER], rate[AUDIT_NUMBER];
    uint64_t per_second = took_us > 0 ? report->size * 1000000 / (uint64_t)took_us : 0;
    base64_put(&root, bytes_of(report->root.b, TREE_HASH));
    (void)printf("%s verifies: %s entries, root %s; %.2f s, %s entries/s\n", key->name,
                 audit_number(report->size, size), buf_c(&root), (double)took_us / 1e6,
                 audit_number(per_second, rate));
    if (report->absent > 0)
        (void)printf("%s of them are not in this copy: of these only the hashes were there\n",
                     audit_number(report->absent, size));
    buf_free(&root);
}

static int verify(const struct arguments *a, const struct note_key *key, struct bytes old,
                  int folder)
{
    struct audit_progress progress = audit_progress_begin(a->quiet, "entries");
    struct clock clock = clock_system();
    struct verify_report report;
    struct verify_request request = {.folder = folder,
                                     .key = key,
                                     .old = old,
                                     .leaves = a->entries,
                                     .partial = a->partial,
                                     .progress = audit_progress_show,
                                     .arg = &progress};
    int64_t began_us = clock_steady_us(&clock);
    enum result r = audit_verify(&request, &report);
    if (r == RESULT_OK) /* beside a copy; the log itself has no list */
        r = register_list_check(folder, report.size, report.fault, sizeof report.fault);
    if (r == RESULT_NOT_FOUND && report.fault[0] == '\0')
        r = RESULT_OK;
    audit_progress_end(&progress);
    if (r == RESULT_OK && !a->quiet)
        print_good(&report, key, clock_steady_us(&clock) - began_us);
    if (r == RESULT_OK)
        return CLI_OK;
    cli_error("%s does not verify: %s", a->log, report.fault);
    return result_group(r) == RESULT_STOP ? CLI_FAILED : CLI_NO;
}

static int with_folder(const struct arguments *a, const struct note_key *key, struct bytes old)
{
    int folder = open(a->log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        cli_error("%s: %s", a->log, strerror(errno));
        return CLI_FAILED;
    }
    int code = verify(a, key, old, folder);
    (void)close(folder);
    return code;
}

int audit_verify_command(int argc, char **argv)
{
    struct arguments a = {0};
    const struct cli_option options[] = {{"log", &a.log, NULL},
                                         {"key", &a.key, NULL},
                                         {"old", &a.old, NULL},
                                         {"entries", NULL, &a.entries},
                                         {"partial", NULL, &a.partial},
                                         {"quiet", NULL, &a.quiet},
                                         {0}};
    struct buf old = BUF_INIT(AUDIT_NOTE_MAX);
    struct note_key key;
    int rest = cli_options(options, argc, argv);
    if (rest == 0 && a.log != NULL && a.key == NULL)
        cli_error("--key FILE is needed; --help tells more");
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    a.log = rest != 0 ? NULL : audit_log_needed(a.log);
    if (a.log == NULL || a.key == NULL)
        return CLI_USAGE;
    int code = CLI_FAILED;
    if (audit_key_read(a.key, NOTE_KEY_ED25519, &key) &&
        (a.old == NULL || audit_note_read(a.old, &old)))
        code = with_folder(&a, &key, buf_view(&old));
    buf_free(&old);
    return code;
}
