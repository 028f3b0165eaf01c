#include "cli/audit_log.h"

#include "audit/note.h"
#include "audit/tile_file.h"
#include "base/ident.h"
#include "base/mem.h"
#include "journal/file.h"
#include "message/reason.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { TOLD_EVERY = 16384, DAY_TEXT = 10 /* 2026-11-21 */, SECONDS_TEXT = 19 };

const char *audit_log_needed(const char *path)
{
    if (path == NULL)
        cli_error("--log DIR is needed; --help tells more");
    return path;
}

static bool read_size(const char *path, struct audit_log *log)
{
    struct buf note = BUF_INIT(AUDIT_NOTE_MAX);
    struct bytes body;
    struct checkpoint c;
    enum result r = tiles_read_checkpoint(log->folder, &note);
    if (r == RESULT_OK)
        r = note_body(buf_view(&note), &body);
    if (r == RESULT_OK)
        r = checkpoint_read(body, &c);
    if (r == RESULT_OK)
        log->size = c.size;
    else
        cli_error("%s/checkpoint: %s", path, result_text(r));
    buf_free(&note);
    return r == RESULT_OK;
}

bool audit_log_open(const char *path, struct audit_log *log)
{
    *log = (struct audit_log){.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (log->folder < 0) {
        cli_error("%s: %s", path, strerror(errno));
        return false;
    }
    if (read_size(path, log))
        return true;
    audit_log_close(log);
    return false;
}

void audit_log_close(struct audit_log *log)
{
    (void)close(log->folder);
}

/* ---- entries */

struct reading {
    struct audit_log *log;
    void (*each)(void *arg, const struct leaf *leaf);
    void *arg;
    uint64_t index;
    struct audit_progress progress;
};

static enum result read_entry(void *arg, uint64_t index, struct bytes entry)
{
    struct reading *r = arg;
    struct leaf leaf;
    struct leaf_room *room;
    r->index = index;
    if (index % TOLD_EVERY == 0 && index > 0)
        audit_progress_show(&r->progress, index, r->log->size);
    if (leaf_read(entry, &leaf, &room) != RESULT_OK || leaf.index != index) {
        r->log->left_out++;
    } else {
        r->each(r->arg, &leaf);
    }
    leaf_room_free(room);
    return RESULT_OK;
}

bool audit_log_each(struct audit_log *log, void (*each)(void *arg, const struct leaf *leaf),
                    void *arg)
{
    /* not between the lines of what is printed */
    bool quiet = isatty(STDOUT_FILENO) == 1;
    struct reading reading = {log, each, arg, 0, audit_progress_begin(quiet, "entries")};
    uint64_t absent = 0;
    enum result r = tiles_each_there(log->folder, log->size, read_entry, &reading, &absent);
    audit_progress_end(&reading.progress);
    if (r != RESULT_OK)
        cli_error("the log cannot be read beyond entry %" PRIu64 ": %s", reading.index,
                  result_text(r));
    if (log->left_out > 0)
        cli_error("%" PRIu64 " entries are no leaves that this program knows; they were left out",
                  log->left_out);
    if (absent > 0)
        cli_error("%" PRIu64 " of %" PRIu64 " entries are not in this copy of the log", absent,
                  log->size);
    return r == RESULT_OK;
}

bool audit_log_note(const struct audit_log *log, const struct note_key *key, struct buf *note,
                    struct checkpoint *c)
{
    const char *why = "";
    enum result r = tiles_read_checkpoint(log->folder, note);
    if (r != RESULT_OK)
        cli_error("checkpoint: %s", result_text(r));
    else if ((r = checkpoint_open(buf_view(note), key, c, &why)) != RESULT_OK)
        cli_error("checkpoint: %s", why);
    return r == RESULT_OK;
}

enum result audit_log_file(const struct audit_log *log, const char *name, struct buf *out)
{
    return tile_read_file(log->folder, name, out);
}

char *audit_log_origin(const struct audit_log *log)
{
    struct buf note = BUF_INIT(AUDIT_NOTE_MAX);
    struct bytes body;
    struct checkpoint c = {0};
    if (tiles_read_checkpoint(log->folder, &note) != RESULT_OK ||
        note_body(buf_view(&note), &body) != RESULT_OK || checkpoint_read(body, &c) != RESULT_OK)
        c.origin = bytes_of(NULL, 0);
    char *origin = mem_text((const char *)c.origin.p, c.origin.n);
    buf_free(&note);
    return origin;
}

/* ---- texts */

const char *audit_number(uint64_t value, char out[AUDIT_NUMBER])
{
    char digits[AUDIT_NUMBER];
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

struct audit_progress audit_progress_begin(bool quiet, const char *what)
{
    return (struct audit_progress){!quiet && isatty(STDERR_FILENO) == 1, what};
}

void audit_progress_show(void *arg, uint64_t done, uint64_t size)
{
    const struct audit_progress *p = arg;
    char a[AUDIT_NUMBER], b[AUDIT_NUMBER];
    if (p->shown)
        (void)fprintf(stderr, "\r%s of %s %s", audit_number(done, a), audit_number(size, b),
                      p->what);
}

void audit_progress_end(const struct audit_progress *p)
{
    if (p->shown)
        (void)fprintf(stderr, "\r%*s\r", 2 * AUDIT_NUMBER + 20, "");
}

void audit_time(int64_t us, int64_t day_us, char *out)
{
    char day[TIME_TEXT];
    const struct zone *seoul = zone_named("Asia/Seoul");
    out[0] = '\0';
    if (us == 0)
        return;
    time_text_s(us, seoul, out);
    time_text_s(day_us, seoul, day);
    out[SECONDS_TEXT] = '\0';
    out[DAY_TEXT] = ' ';
    if (strncmp(out, day, DAY_TEXT) == 0)
        memmove(out, out + DAY_TEXT + 1, SECONDS_TEXT - DAY_TEXT);
}

bool audit_read_time(const char *option, const char *text, int64_t *us)
{
    if (text == NULL || time_parse(text, strlen(text), zone_named("Asia/Seoul"), us))
        return true;
    cli_error("%s is a day (2026-11-21) or a time (2026-11-21T10:00:00+09:00)", option);
    return false;
}

bool audit_is_of(struct bytes unit, const char *who)
{
    struct bytes party;
    return bytes_is(unit, who) || (ident_split_unit(unit, &party, NULL) && bytes_is(party, who));
}

void audit_reason(struct buf *out, struct bytes word, bool korean)
{
    const struct reason_row *row = reason_row(reason_of_word(word));
    if (korean && row != NULL)
        buf_text(out, row->text[1]);
    else
        buf_put(out, word.p, word.n);
}

bool audit_detail(struct bytes *detail, const char *key, struct bytes *value)
{
    return leaf_detail(detail, key, value);
}
