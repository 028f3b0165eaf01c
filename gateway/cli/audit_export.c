/*
 * fedgatectl audit export: a copy of the log for an auditor, in the log's own form: checkpoint, all
 * hash tiles, and the entries, all of them or those of some time, with what the register keeps of
 * them, sealed as it is, and its digests. Every other entry stays provable by its hash. The copy is
 * verified before it is called done.
 */
#include "audit/pruned.h"
#include "audit/register_files.h"
#include "audit/tile_file.h"
#include "audit/tower.h"
#include "audit/verify.h"
#include "cli/audit_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct arguments {
    const char *log, *key, *to, *from, *until;
    int64_t from_us, until_us;
    bool quiet;
};

struct copy {
    const struct arguments *a;
    struct audit_log log;
    struct note_key key;
    struct checkpoint now;
    int folder;
    uint64_t entries; /* copied */
    uint64_t pruned;  /* entries before this one may have been let go */
    bool wanted;      /* an entry of this bundle is of the time asked for */
    struct buf note, content;
    struct audit_progress progress;
};

static enum result write_tile(struct copy *c, int level, uint64_t number, unsigned width,
                              struct bytes content)
{
    char path[TILE_PATH];
    tile_path(level, number, width, path);
    return tile_write(c->folder, path, content);
}

/* The tile as this checkpoint has it: where the log has grown, the front of the longer one. */
static enum result copy_tile(struct copy *c, unsigned level, uint64_t number, unsigned width)
{
    size_t n = (size_t)(width == 0 ? TILE_WIDTH : width) * TREE_HASH;
    bool longer;
    buf_clear(&c->content);
    TRY(tile_read_either(c->log.folder, (int)level, number, width, &c->content, &longer));
    if (c->content.n < n)
        return RESULT_MALFORMED;
    return write_tile(c, (int)level, number, width, bytes_of(c->content.p, n));
}

static enum result copy_hashes(struct copy *c)
{
    for (unsigned l = 0; l < TOWER_LEVELS; l++) {
        uint64_t full = tower_number(c->now.size, l);
        for (uint64_t n = 0; n < full; n++)
            TRY(copy_tile(c, l, n, 0));
        if (tower_width(c->now.size, l) > 0)
            TRY(copy_tile(c, l, full, tower_width(c->now.size, l)));
    }
    return RESULT_OK;
}

/* Whether the log itself let these entries go, by the statement beside its tiles. */
static bool is_pruned(const struct copy *c, uint64_t at)
{
    return at < c->pruned && !pruned_has(c->log.folder, at / TILE_WIDTH);
}

/* Entries that this program does not know stay in: an auditor decides about them. */
static enum result look_at(void *arg, uint64_t index, struct bytes entry)
{
    struct copy *c = arg;
    struct leaf leaf;
    struct leaf_room *room;
    (void)index;
    buf_bytes16(&c->content, entry);
    if (c->wanted)
        return buf_status(&c->content);
    enum result r = leaf_read(entry, &leaf, &room);
    c->wanted = r != RESULT_OK || (leaf.time_us >= c->a->from_us && leaf.time_us < c->a->until_us);
    leaf_room_free(room);
    return buf_status(&c->content);
}

static enum result copy_entries(struct copy *c)
{
    bool all = c->a->from == NULL && c->a->until == NULL;
    for (uint64_t at = 0; at < c->now.size; at += TILE_WIDTH) {
        uint64_t left = c->now.size - at;
        unsigned width = left < TILE_WIDTH ? (unsigned)left : 0;
        c->wanted = all;
        buf_clear(&c->content);
        if (is_pruned(c, at))
            continue;
        TRY(tiles_each_of(c->log.folder, c->now.size, at, look_at, c));
        if (c->wanted) {
            TRY(write_tile(c, LEVEL_ENTRIES, at / TILE_WIDTH, width, buf_view(&c->content)));
            TRY(register_file_copy(c->log.folder, c->folder, at / TILE_WIDTH, width,
                                   buf_view(&c->content)));
            c->entries += width == 0 ? TILE_WIDTH : width;
        }
        if (at / TILE_WIDTH % 64 == 0)
            audit_progress_show(&c->progress, at, c->now.size);
    }
    return RESULT_OK;
}

static enum result verify_copy(struct copy *c, char *fault, size_t n)
{
    struct verify_report report;
    const struct verify_request request = {.folder = c->folder,
                                           .key = &c->key,
                                           .partial = true,
                                           .progress = audit_progress_show,
                                           .arg = &c->progress};
    enum result r = audit_verify(&request, &report);
    (void)snprintf(fault, n, "%s", report.fault);
    return r == RESULT_OK ? register_list_check(c->folder, c->now.size, fault, n) : r;
}

static enum result list_register(struct copy *c)
{
    struct buf list = BUF_INIT(REGISTER_LIST_MAX);
    char fault[240];
    enum result r = register_list(c->folder, c->now.size, &list, fault, sizeof fault);
    if (r == RESULT_OK && !cli_write_new(c->folder, REGISTER_LIST, buf_view(&list), 0644))
        r = RESULT_IO;
    buf_free(&list);
    return r;
}

/* What witnesses confirmed goes along, whoever they are: it stands beside the tiles. */
static enum result copy_confirmations(struct copy *c)
{
    int fd = openat(c->log.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    enum result r = dir == NULL ? RESULT_IO : RESULT_OK;
    while (r == RESULT_OK && (entry = readdir(dir)) != NULL) {
        if (strncmp(entry->d_name, "witness-", 8) != 0 || strlen(entry->d_name) != 16)
            continue;
        buf_clear(&c->content);
        r = audit_log_file(&c->log, entry->d_name, &c->content);
        if (r == RESULT_OK && !cli_write_new(c->folder, entry->d_name, buf_view(&c->content), 0644))
            r = RESULT_IO;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return r;
}

/* The statement of what was let go, and its signature: why a copy lacks it. */
static enum result copy_statement(struct copy *c)
{
    static const char *const files[] = {PRUNED_STATEMENT, PRUNED_SIGNATURE};
    for (size_t i = 0; c->pruned > 0 && i < ARRAY_LEN(files); i++) {
        buf_clear(&c->content);
        TRY(audit_log_file(&c->log, files[i], &c->content));
        if (!cli_write_new(c->folder, files[i], buf_view(&c->content), 0644))
            return RESULT_IO;
    }
    return RESULT_OK;
}

/* The checkpoint last: a copy that was broken off has none. */
static enum result copy_all(struct copy *c)
{
    TRY(pruned_read(c->log.folder, &c->pruned));
    TRY(copy_statement(c));
    TRY(copy_hashes(c));
    TRY(copy_entries(c));
    TRY(list_register(c));
    TRY(copy_confirmations(c));
    if (syncfs(c->folder) != 0)
        return RESULT_IO;
    if (!cli_write_new(c->folder, "checkpoint", buf_view(&c->note), 0644) || fsync(c->folder) != 0)
        return RESULT_IO;
    return RESULT_OK;
}

static int copy_log(struct copy *c)
{
    char fault[240] = "", n[AUDIT_NUMBER], size[AUDIT_NUMBER];
    c->progress = audit_progress_begin(c->a->quiet, "entries");
    enum result r = copy_all(c);
    bool copied = r == RESULT_OK;
    if (copied)
        r = verify_copy(c, fault, sizeof fault);
    audit_progress_end(&c->progress);
    if (r == RESULT_OK && !c->a->quiet)
        (void)printf("%s: %s of %s entries of %s, verified\n", c->a->to,
                     audit_number(c->entries, n), audit_number(c->now.size, size), c->key.name);
    if (r == RESULT_OK)
        return CLI_OK;
    if (copied)
        cli_error("the log does not verify, and the copy in %s does not: %s", c->a->to, fault);
    else
        cli_error("the copy in %s is not whole: %s%s", c->a->to, result_text(r),
                  result_group(r) == RESULT_STOP
                      ? ""
                      : "; \"audit verify\" tells where the log is wrong");
    return result_group(r) == RESULT_STOP ? CLI_FAILED : CLI_NO;
}

/* A folder that is there already may hold another log: nothing is ever mixed or overwritten. */
static bool make_folder(struct copy *c)
{
    c->folder = -1;
    if (mkdir(c->a->to, 0755) == 0)
        c->folder = open(c->a->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->folder < 0)
        cli_error("%s: %s", c->a->to, strerror(errno));
    return c->folder >= 0;
}

static int run(const struct arguments *a)
{
    struct copy c = {
        .a = a, .note = BUF_INIT(AUDIT_NOTE_MAX), .content = BUF_INIT(TILE_BUNDLE_MAX)};
    int code = CLI_FAILED;
    if (!audit_key_read(a->key, NOTE_KEY_ED25519, &c.key) || !audit_log_open(a->log, &c.log))
        return CLI_FAILED;
    if (!audit_log_note(&c.log, &c.key, &c.note, &c.now)) {
        code = CLI_NO;
    } else if (make_folder(&c)) {
        code = copy_log(&c);
        (void)close(c.folder);
    }
    audit_log_close(&c.log);
    buf_free(&c.note);
    buf_free(&c.content);
    return code;
}

int audit_export_command(int argc, char **argv)
{
    struct arguments a = {.from_us = INT64_MIN, .until_us = INT64_MAX};
    const struct cli_option options[] = {{"log", &a.log, NULL},
                                         {"key", &a.key, NULL},
                                         {"to", &a.to, NULL},
                                         {"from", &a.from, NULL},
                                         {"until", &a.until, NULL},
                                         {"quiet", NULL, &a.quiet},
                                         {0}};
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 0 || a.log == NULL || a.key == NULL || a.to == NULL))
        cli_error("export needs --log DIR, --key FILE and --to DIR");
    if (rest != 0 || a.log == NULL || a.key == NULL || a.to == NULL ||
        !audit_read_time("--from", a.from, &a.from_us) ||
        !audit_read_time("--until", a.until, &a.until_us))
        return CLI_USAGE;
    return run(&a);
}
