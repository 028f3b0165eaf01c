/* fedgatectl audit checkpoint: the log's newest signed head, checked, shown, and kept for later. */
#include "audit/proof.h"
#include "audit/witness.h"
#include "cli/audit_log.h"
#include "crypto/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *log, *key, *save;
    struct audit_witnesses witnesses;
};

static void print(const struct checkpoint *c)
{
    struct buf root = BUF_INIT(100);
    char size[AUDIT_NUMBER];
    base64_put(&root, bytes_of(c->root.b, TREE_HASH));
    (void)printf("%.*s: %s entries, root %s\n", (int)c->origin.n, (const char *)c->origin.p,
                 audit_number(c->size, size), buf_c(&root));
    buf_free(&root);
}

/* Under traffic the newest checkpoint is younger than what witnesses confirmed: the gateway keeps
 * that beside the tiles. RESULT_OK when the log still holds it. */
static enum result last_confirmed(const struct audit_log *log, const struct note_key *key,
                                  struct bytes newest, const struct note_key *witness,
                                  struct buf *note, struct witness_report *report)
{
    char name[WITNESS_FILE];
    struct bytes body, line;
    witness_file(witness, name);
    enum result r = audit_log_file(log, name, note);
    if (r == RESULT_OK)
        r = note_find(buf_view(note), witness, &body, &line);
    if (r != RESULT_OK)
        return r;
    const struct witness_request q = {.log = key,
                                      .seen = buf_view(note),
                                      .note = newest,
                                      .tiles = proof_source_folder(&log->folder)};
    struct hasher *h = hasher_new();
    r = witness_check(h, &q, report);
    hasher_free(h);
    return r;
}

static bool say_witness(const struct audit_log *log, const struct note_key *key,
                        struct bytes newest, const struct note_key *witness, int64_t now_us)
{
    struct buf note = BUF_INIT(AUDIT_NOTE_MAX);
    struct witness_report report = {0};
    struct bytes body, line;
    enum result r = note_find(newest, witness, &body, &line);
    if (r == RESULT_NOT_FOUND)
        r = last_confirmed(log, key, newest, witness, &note, &report);
    if (r == RESULT_OK)
        audit_say_confirmed(note.n > 0 ? buf_view(&note) : newest, witness, now_us);
    else if (report.fault[0] != '\0')
        (void)printf("  witness %s: %s\n", witness->name, report.fault);
    else
        (void)printf("  witness %s: %s\n", witness->name,
                     r == RESULT_NOT_FOUND ? "has confirmed nothing" : "its confirmation is wrong");
    buf_free(&note);
    return r == RESULT_OK;
}

static bool say_witnesses(const struct arguments *a, const struct audit_log *log,
                          const struct note_key *key, struct bytes newest)
{
    struct clock clock = clock_system();
    bool all = true;
    for (size_t i = 0; i < a->witnesses.count; i++)
        all &= say_witness(log, key, newest, &a->witnesses.key[i], clock_wall_us(&clock));
    return all;
}

/* What was saved before is replaced only by a checkpoint whose log holds it. */
static bool holds_saved(const struct arguments *a, const struct audit_log *log,
                        const struct note_key *key, struct bytes note, struct bytes saved)
{
    struct witness_request q = {
        .log = key, .seen = saved, .note = note, .tiles = proof_source_folder(&log->folder)};
    struct witness_report report;
    struct hasher *h = hasher_new();
    enum result r = witness_check(h, &q, &report);
    hasher_free(h);
    if (r != RESULT_OK)
        cli_error("%s stays as it is: %s", a->save, report.fault);
    return r == RESULT_OK;
}

/* The folder that a file stands in, opened; -1 after an error message. */
static int open_folder_of(const char *path, const char **name)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    *name = slash == NULL ? path : slash + 1;
    if (slash != NULL)
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        cli_error("%s: %s", folder, strerror(errno));
    return fd;
}

static int save_in(const struct arguments *a, const struct audit_log *log,
                   const struct note_key *key, struct bytes note, int folder, const char *name)
{
    struct buf saved = BUF_INIT(AUDIT_NOTE_MAX);
    int code = CLI_FAILED;
    if (faccessat(folder, name, F_OK, 0) != 0)
        code = cli_write_new(folder, name, note, 0644) && fsync(folder) == 0 ? CLI_OK : CLI_FAILED;
    else if (audit_note_read(a->save, &saved))
        code = !holds_saved(a, log, key, note, buf_view(&saved)) ? CLI_NO
               : cli_replace(folder, name, note)                 ? CLI_OK
                                                                 : CLI_FAILED;
    buf_free(&saved);
    return code;
}

static int save(const struct arguments *a, const struct audit_log *log, const struct note_key *key,
                struct bytes note)
{
    const char *name;
    int folder = open_folder_of(a->save, &name);
    if (folder < 0)
        return CLI_FAILED;
    int code = save_in(a, log, key, note, folder, name);
    (void)close(folder);
    return code;
}

static int run(const struct arguments *a)
{
    struct buf note = BUF_INIT(AUDIT_NOTE_MAX);
    struct audit_log log;
    struct note_key key;
    struct checkpoint c;
    if (!a->witnesses.files || !audit_key_read(a->key, NOTE_KEY_ED25519, &key) ||
        !audit_log_open(a->log, &log))
        return CLI_FAILED;
    int code = CLI_NO;
    if (audit_log_note(&log, &key, &note, &c)) {
        print(&c);
        code = say_witnesses(a, &log, &key, buf_view(&note)) ? CLI_OK : CLI_NO;
        int saved = a->save == NULL ? CLI_OK : save(a, &log, &key, buf_view(&note));
        code = saved > code ? saved : code;
    }
    audit_log_close(&log);
    buf_free(&note);
    return code;
}

int audit_checkpoint_command(int argc, char **argv)
{
    struct arguments a = {0};
    const struct cli_option options[] = {
        {"log", &a.log, NULL}, {"key", &a.key, NULL}, {"save", &a.save, NULL}, {0}};
    if (!audit_witnesses_read(&argc, argv, &a.witnesses))
        return CLI_USAGE;
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 0 || a.log == NULL || a.key == NULL))
        cli_error("checkpoint needs --log DIR and --key FILE");
    if (rest != 0 || a.log == NULL || a.key == NULL)
        return CLI_USAGE;
    return run(&a);
}
