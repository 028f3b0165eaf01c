#include "cli/audit_log.h"

#include "audit/note.h"
#include "audit/tiles.h"
#include "message/reason.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { NOTE_MAX = 1 << 20, DAY_TEXT = 10 /* 2026-11-21 */, SECONDS_TEXT = 19 };

const char *audit_log_needed(const char *path)
{
    if (path == NULL)
        cli_error("--log DIR is needed; --help tells more");
    return path;
}

static bool read_size(const char *path, struct audit_log *log)
{
    struct buf note = BUF_INIT(NOTE_MAX);
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
};

static enum result read_entry(void *arg, uint64_t index, struct bytes entry)
{
    struct reading *r = arg;
    struct leaf leaf;
    struct leaf_room *room;
    r->index = index;
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
    struct reading reading = {log, each, arg, 0};
    enum result r = tiles_each(log->folder, log->size, read_entry, &reading);
    if (r != RESULT_OK)
        cli_error("the log cannot be read beyond entry %" PRIu64 ": %s", reading.index,
                  result_text(r));
    if (log->left_out > 0)
        cli_error("%" PRIu64 " entries are no leaves that this program knows; they were left out",
                  log->left_out);
    return r == RESULT_OK;
}

/* ---- texts */

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
    size_t n = strlen(key);
    while (detail->n > 0) {
        const uint8_t *blank = memchr(detail->p, ' ', detail->n);
        struct bytes word =
            bytes_of(detail->p, blank == NULL ? detail->n : (size_t)(blank - detail->p));
        size_t skip = word.n + (blank != NULL);
        *detail = bytes_of(detail->p + skip, detail->n - skip);
        if (word.n > n && word.p[n] == '=' && memcmp(word.p, key, n) == 0) {
            *value = bytes_of(word.p + n + 1, word.n - n - 1);
            return true;
        }
    }
    return false;
}
