#include "audit/verify.h"

#include "cli/audit_log.h"
#include "crypto/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 1024, NOTE_MAX = 1 << 20, NUMBER_TEXT = 32 };

struct arguments {
    const char *log, *key, *old;
    bool entries, quiet;
};

/* 1234567 as "1,234,567". */
static const char *grouped(uint64_t value, char out[NUMBER_TEXT])
{
    char digits[NUMBER_TEXT];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, value);
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

/* The first line that is not empty. */
static struct bytes first_line(struct bytes text)
{
    while (text.n > 0 && (text.p[0] == '\n' || text.p[0] == '\r'))
        text = bytes_of(text.p + 1, text.n - 1);
    size_t n = 0;
    while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    return bytes_of(text.p, n);
}

static bool read_key(const char *path, struct note_key *key)
{
    struct buf text = BUF_INIT(KEY_FILE_MAX);
    bool read = cli_read_file(path, KEY_FILE_MAX, &text);
    if (read) {
        struct hasher *h = hasher_new();
        enum result r = note_key_read(h, first_line(buf_view(&text)), key);
        hasher_free(h);
        read = r == RESULT_OK && key->type == NOTE_KEY_ED25519;
        if (r == RESULT_MISMATCH)
            cli_error("%s: the key's id is not that of its name and key", path);
        else if (!read)
            cli_error("%s: this is no verifier key of a log (name+id+key)", path);
    }
    buf_free(&text);
    return read;
}

/* An empty file would ask for nothing to be compared. */
static bool read_old(const char *path, struct buf *old)
{
    if (!cli_read_file(path, NOTE_MAX, old))
        return false;
    if (old->n == 0)
        cli_error("%s: the file is empty", path);
    return old->n > 0;
}

static void show_progress(void *arg, uint64_t done, uint64_t size)
{
    char a[NUMBER_TEXT], b[NUMBER_TEXT];
    (void)arg;
    (void)fprintf(stderr, "\r%s of %s entries", grouped(done, a), grouped(size, b));
}

static void hide_progress(void)
{
    (void)fprintf(stderr, "\r%*s\r", 2 * NUMBER_TEXT, "");
}

static void print_good(const struct verify_report *report, const struct note_key *key,
                       int64_t took_us)
{
    struct buf root = BUF_INIT(100);
    char size[NUMBER_TEXT], rate[NUMBER_TEXT];
    uint64_t per_second = took_us > 0 ? report->size * 1000000 / (uint64_t)took_us : 0;
    base64_put(&root, bytes_of(report->root.b, TREE_HASH));
    (void)printf("%s verifies: %s entries, root %s; %.2f s, %s entries/s\n", key->name,
                 grouped(report->size, size), buf_c(&root), (double)took_us / 1e6,
                 grouped(per_second, rate));
    buf_free(&root);
}

static int verify(const struct arguments *a, const struct note_key *key, struct bytes old,
                  int folder)
{
    bool progress = !a->quiet && isatty(STDERR_FILENO) == 1;
    struct clock clock = clock_system();
    struct verify_report report;
    struct verify_request request = {.folder = folder,
                                     .key = key,
                                     .old = old,
                                     .leaves = a->entries,
                                     .progress = progress ? show_progress : NULL};
    int64_t began_us = clock_steady_us(&clock);
    enum result r = audit_verify(&request, &report);
    if (progress)
        hide_progress();
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
    const struct cli_option options[] = {{"log", &a.log, NULL},     {"key", &a.key, NULL},
                                         {"old", &a.old, NULL},     {"entries", NULL, &a.entries},
                                         {"quiet", NULL, &a.quiet}, {0}};
    struct buf old = BUF_INIT(NOTE_MAX);
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
    if (read_key(a.key, &key) && (a.old == NULL || read_old(a.old, &old)))
        code = with_folder(&a, &key, buf_view(&old));
    buf_free(&old);
    return code;
}
