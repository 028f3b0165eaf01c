/*
 * Opening: every frame is read and verified on one thread, and its records are applied on the
 * caller's (ahead.h); then the last segment is written anew. Nothing on the disk is touched before
 * both are done.
 *
 * Why anew: the process before this one may have died because fdatasync failed. The page cache then
 * shows its last frame as if it were on the disk, and marked clean, so that no later sync would
 * write it; the next power cut takes it away. What was read here is therefore copied to a new file,
 * which is synced and then takes the segment's name. Segments before it need no copy: a segment is
 * begun only after the last frame of the one before was synced. The name changes hands at once, so
 * a crash meanwhile leaves the old file or the new one, and the opening is done again.
 *
 * Nothing torn is left behind: the copy ends with the last whole frame and is zero beyond it.
 */
#include "journal/ahead.h"
#include "journal/state.h"

#include "base/mem.h"
#include "crypto/secret.h"
#include "journal/file.h"

#include <stdio.h>
#include <unistd.h>

static const char COPY_NAME[] = "recovered";

enum { COPY_STEP = 1 << 20, SEGMENT_LEAST = 64 << 10, SEGMENT_MOST = 1 << 30, PAGE = 4096 };

/* What opening needs besides the journal itself. */
struct recovery {
    struct journal *j; /* the reader's while there is one */
    enum result (*apply)(void *arg, const struct journal_record *r);
    void *arg;
    struct journal_fault *fault;
    bool refused; /* a record was not taken */

    /* the reader's */
    struct ahead *ahead;
    struct journal_fault met; /* by it */
    uint32_t *number;         /* of the segments */
    size_t count;
    uint64_t end;     /* of the whole frames in the last segment */
    uint32_t unnamed; /* a last segment that holds nothing; 0: none */
    bool cut;         /* something torn stands behind the last whole frame */
};

static enum result take_record(void *arg, const struct journal_record *r)
{
    struct recovery *v = arg;
    enum result result = v->apply(v->arg, r);
    v->refused = result != RESULT_OK;
    return result;
}

/* ---- reading */

static enum result give_record(void *arg, const struct journal_record *r)
{
    const struct recovery *v = arg;
    ahead_give(v->ahead, r);
    return RESULT_OK;
}

static enum result read_frames(struct recovery *v, struct walk *w)
{
    struct frame_header header;
    uint64_t place;
    uint8_t *raw;
    enum result r;
    while ((r = walk_frame(w, &header, &place, &raw)) == RESULT_OK)
        TRY(walk_records(w, &header, place, raw, give_record, v));
    return r == RESULT_END ? RESULT_OK : r;
}

static enum result read_segment(struct recovery *v, struct walk *w, bool oldest, bool last)
{
    enum result r = walk_segment(w, oldest);
    if (r == RESULT_OK)
        TRY(read_frames(v, w));
    else if (r != RESULT_END)
        return r;
    else if (!last || (oldest && w->number != 1))
        return walk_damage(w, 0, "the segment's first sector is missing");
    return walk_rest(w, last);
}

/* Reads one segment, and notes where the journal ends if this is its last. */
static enum result read_whole(struct recovery *v, uint32_t number, bool oldest, bool last)
{
    struct walk w;
    int fd;
    TRY(folders_open_segment(&v->j->folders, number, &fd));
    const struct walk_windows windows = {ahead_next, v->ahead};
    enum result r = walk_begin(&w, fd, number, &v->j->chain, &v->met);
    w.windows = &windows;
    if (r == RESULT_OK)
        r = read_segment(v, &w, oldest, last);
    if (r == RESULT_OK && w.named) {
        v->j->number = number;
        v->end = w.at;
    } else if (r == RESULT_OK) {
        v->unnamed = number;
    }
    v->cut = w.cut;
    walk_free(&w);
    (void)close(fd);
    return r;
}

static enum result read_segments(struct ahead *a, void *arg)
{
    struct recovery *v = arg;
    const uint32_t *number = v->number;
    v->ahead = a;
    for (size_t i = 0; i < v->count; i++)
        TRY(read_whole(v, number[i], i == 0, i + 1 == v->count));
    return RESULT_OK;
}

static enum result is_wrong(struct recovery *v, uint32_t segment, const char *why)
{
    v->met = (struct journal_fault){.segment = segment};
    (void)snprintf(v->met.text, sizeof v->met.text, "%s", why);
    return RESULT_DAMAGED;
}

/* One after the other, each in one folder, and as far as the second folder was reached. */
static enum result are_there(struct recovery *v)
{
    const uint32_t *number = v->number, reached = v->j->folders.reached;
    for (size_t i = 1; i < v->count; i++) {
        if (number[i] == number[i - 1])
            return is_wrong(v, number[i], "the segment is in both folders");
        if (number[i] != number[i - 1] + 1)
            return is_wrong(v, number[i - 1] + 1,
                            reached > number[i - 1]
                                ? "the segment is missing; it may lie in the second folder "
                                  "(urgent_journal), which is another one or not there"
                                : "the segment is missing");
    }
    if (reached > 0 && (v->count == 0 || number[v->count - 1] < reached))
        return is_wrong(v, reached,
                        "the segment was begun in the second folder (urgent_journal), which is "
                        "another one or not there");
    return RESULT_OK;
}

/* Nothing was ever acknowledged in it. */
static enum result remove_unnamed(struct journal *j, uint32_t number)
{
    if (j->folders.reached == number)
        TRY(folders_reach(&j->folders, number - 1));
    return folders_remove_segment(&j->folders, number);
}

/* Reads and takes all. */
static enum result take_segments(struct recovery *v)
{
    enum result r = are_there(v);
    if (r == RESULT_OK)
        r = ahead_run(read_segments, take_record, v);
    if (!v->refused)
        *v->fault = v->met;
    TRY(r);
    v->j->oldest = v->count == 0 ? 1 : v->number[0];
    if (v->cut)
        log_line(v->j->log, LOG_NOTE, "journal-torn", "segment=%lu offset=%llu",
                 (unsigned long)v->number[v->count - 1],
                 (unsigned long long)(v->unnamed == 0 ? v->end : 0));
    return v->unnamed == 0 ? RESULT_OK : remove_unnamed(v->j, v->unnamed);
}

/* ---- the last segment, written anew */

static enum result copy_bytes(int from, int to, uint64_t end)
{
    uint8_t *step = mem_new(COPY_STEP);
    enum result r = RESULT_OK;
    for (uint64_t at = 0; r == RESULT_OK && at < end; at += COPY_STEP) {
        size_t n = end - at < COPY_STEP ? (size_t)(end - at) : COPY_STEP, got = 0;
        r = file_read(from, at, step, n, &got);
        if (r == RESULT_OK)
            r = got == n ? file_write(to, at, bytes_of(step, n)) : RESULT_IO;
    }
    mem_free(step);
    return r;
}

/* The copy is as long as the file was: its first sector says so. */
static enum result write_anew(struct journal *j, int from, uint64_t end)
{
    uint64_t size;
    struct reserve *reserve = j->over ? &j->second : &j->reserve;
    TRY(file_size(from, &size));
    enum result r = segment_create(reserve->folder, COPY_NAME, size, &j->fd);
    if (r == RESULT_FULL && reserve->ready > 0 && size == reserve->size) {
        r = reserve_take(reserve, COPY_NAME, &j->fd); /* on a full disk too */
        j->low = true;
    }
    TRY(r);
    TRY(copy_bytes(from, j->fd, end));
    TRY(file_zero(j->fd, end, size));
    TRY(file_sync(j->fd));
    TRY(segment_place(reserve->folder, COPY_NAME, j->number));
    j->size = (uint32_t)size;
    j->at = (uint32_t)end;
    return RESULT_OK;
}

static enum result copy_last(struct journal *j, uint64_t end)
{
    int from;
    TRY(folders_open_segment(&j->folders, j->number, &from));
    j->over = j->low = folders_of(&j->folders, j->number) == j->folders.second;
    if (j->over)
        log_line(j->log, LOG_ALARM, "journal-over", "segment=%lu", (unsigned long)j->number);
    enum result r = write_anew(j, from, end);
    (void)close(from);
    return r;
}

/* Without room for the one file that it needs in the first folder, or when it cannot be read, there
 * is no second reserve; what lies in the folder is missed then. */
static enum result open_second(struct journal *j)
{
    enum result r = folders_open(&j->folders);
    if (j->folders.second < 0)
        return r;
    if (r == RESULT_OK)
        r = reserve_open(&j->second, 0); /* no retired segment becomes a spare one there */
    if (r == RESULT_OK)
        return r;
    log_line(j->log, LOG_ALARM, "urgent-reserve-lost", "error=\"%s\"", result_text(r));
    j->folders.second = -1;
    j->second.ready = j->second.most = 0;
    return r == RESULT_FULL ? RESULT_OK : folders_open(&j->folders);
}

static void fill_second(struct journal *j)
{
    while (j->second.ready < j->second.most && journal_fill_second(j, j->segment_bytes))
        ;
    if (j->second.ready < j->second.most)
        log_line(j->log, LOG_ALARM, "urgent-reserve-short", "segments=%lu of=%lu",
                 (unsigned long)j->second.ready, (unsigned long)j->second.most);
}

static enum result recover(struct recovery *v)
{
    TRY(open_second(v->j));
    enum result r = folders_list(&v->j->folders, &v->number, &v->count);
    if (r == RESULT_OK)
        r = reserve_open(&v->j->reserve, v->count == 0 ? 0 : v->number[v->count - 1]);
    if (r == RESULT_OK)
        r = take_segments(v);
    mem_free(v->number);
    TRY(r);
    r = v->j->number == 0 ? journal_next_segment(v->j) : copy_last(v->j, v->end);
    if (r == RESULT_OK)
        fill_second(v->j);
    return r;
}

static struct journal *journal_new(const struct journal_config *config)
{
    struct journal *j = mem_new(sizeof *j);
    j->folders = (struct folders){.first = config->folder,
                                  .second = config->second_folder > 0 ? config->second_folder : -1};
    j->segment_bytes = config->segment_bytes;
    j->log = config->log;
    j->chain = (struct chain){.hasher = hasher_new(), .sequence = 1};
    j->fd = j->scrub.fd = -1;
    j->reserve = (struct reserve){.folder = config->folder,
                                  .fd = -1,
                                  .size = config->segment_bytes,
                                  .most = 1 + config->spares};
    j->second = (struct reserve){.folder = j->folders.second, .fd = -1, .size = j->reserve.size};
    if (j->folders.second >= 0)
        j->second.most = 1 + config->second_spares;
    buf_init(&j->frame.raw, FRAME_RAW_MAX + PAGE);
    j->key = secret_new(KEY_BYTES);
    if (j->key != NULL)
        memcpy(j->key, config->mac_key, KEY_BYTES);
    j->chain.key = j->key;
    return j;
}

enum result journal_open(const struct journal_config *config,
                         enum result (*apply)(void *arg, const struct journal_record *r), void *arg,
                         struct journal **out, struct journal_fault *fault)
{
    struct recovery v = {.apply = apply, .arg = arg, .fault = fault};
    *out = NULL;
    *fault = (struct journal_fault){0};
    if (config->segment_bytes < SEGMENT_LEAST || config->segment_bytes > SEGMENT_MOST ||
        config->segment_bytes % PAGE != 0)
        return walk_explain(fault, RESULT_RANGE);
    v.j = journal_new(config);
    enum result r = v.j->key == NULL ? RESULT_NO_MEMORY : recover(&v);
    if (r == RESULT_OK) {
        v.j->aside = v.j->reserve.aside = v.j->second.aside = config->aside;
        *out = v.j;
        return RESULT_OK;
    }
    journal_close(v.j);
    return walk_explain(fault, r);
}
