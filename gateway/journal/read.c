#include "journal/state.h"

#include "crypto/secret.h"
#include "base/mem.h"
#include "journal/file.h"

#include <errno.h>
#include <unistd.h>

static void close_reader(struct reader *r)
{
    if (r->segment != 0)
        (void)close(r->fd);
    r->segment = 0;
}

static enum result reader_of(struct journal *j, uint32_t segment, int *fd)
{
    struct reader *r = &j->reader[segment % READERS];
    if (segment < j->oldest || segment > j->number)
        return RESULT_NOT_FOUND;
    if (segment == j->number) {
        *fd = j->fd;
        return RESULT_OK;
    }
    if (r->segment != segment) {
        close_reader(r);
        TRY(folders_open_segment(&j->folders, segment, &r->fd));
        r->segment = segment;
    }
    *fd = r->fd;
    return RESULT_OK;
}

/* The frame at `at` of the file, when the place is in it. */
static bool copy_from(const struct buf *raw, uint32_t at, struct journal_place place, uint8_t *to,
                      size_t n)
{
    if (place.offset < at || place.offset - at > raw->n || n > raw->n - (place.offset - at))
        return false;
    memcpy(to, raw->p + (place.offset - at), n);
    return true;
}

static bool copy_from_recent(const struct journal *j, struct journal_place place, uint8_t *to,
                             size_t n)
{
    for (size_t i = 0; i < JOURNAL_RECENT; i++) {
        const struct recent *r = &j->recent[(j->newest + JOURNAL_RECENT - i) % JOURNAL_RECENT];
        if (r->segment == place.segment && place.segment >= j->oldest &&
            copy_from(&r->raw, r->at, place, to, n))
            return true;
    }
    return false;
}

/* What stands from `place` on, `n` bytes with their marks: on the disk, or in a frame that was
 * written a moment ago, or in the one that is being collected, which is laid out as it will stand
 * there. */
static enum result read_raw(struct journal *j, struct journal_place place, uint8_t *to, size_t n)
{
    int fd;
    size_t got;
    if (place.segment == j->number && place.offset >= j->at && j->frame.records > 0)
        return copy_from(&j->frame.raw, j->at, place, to, n) ? RESULT_OK : RESULT_NOT_FOUND;
    if (copy_from_recent(j, place, to, n))
        return RESULT_OK;
    TRY(reader_of(j, place.segment, &fd));
    if (place.segment == j->number && place.offset + (uint64_t)n > j->at)
        return RESULT_NOT_FOUND; /* nothing was ever committed there */
    TRY(file_read(fd, place.offset, to, n, &got));
    return got == n ? RESULT_OK : RESULT_DAMAGED;
}

/* The same with the marks taken out in place. */
static enum result read_content(struct journal *j, struct journal_place place, uint8_t *to,
                                size_t n)
{
    bool sound = place.offset % SECTOR < SECTOR_CONTENT;
    TRY(read_raw(j, place, to, n));
    size_t got = sector_content(place.offset, bytes_of(to, n), to, &sound);
    return sound && (uint32_t)bytes_hash(bytes_of(to, got)) == place.check ? RESULT_OK
                                                                           : RESULT_DAMAGED;
}

enum result journal_read(struct journal *j, struct journal_place place, struct buf *out)
{
    size_t span = sector_span(place.offset, place.length);
    uint8_t *to = buf_reserve(out, span);
    if (to == NULL)
        return RESULT_TOO_LARGE;
    enum result r = read_content(j, place, to, span);
    if (r == RESULT_DAMAGED)
        log_line(j->log, LOG_ALARM, "journal-damaged",
                 "segment=%lu offset=%lu what=\"a record is not what was written\"",
                 (unsigned long)place.segment, (unsigned long)place.offset);
    size_t used = r == RESULT_OK ? place.length : 0;
    mem_wipe(to + used, span - used);
    out->n += used;
    return r;
}

uint32_t journal_oldest(const struct journal *j)
{
    return j->oldest;
}

uint32_t journal_newest(const struct journal *j)
{
    return j->number;
}

/* ---- segments that go */

static void remove_segment(void *arg)
{
    struct retiring *r = arg;
    r->result = r->stays ? folders_set_aside(r->folders, r->segment, reserve_retired)
                         : folders_remove_segment(r->folders, r->segment);
    r->error = errno;
}

enum result journal_end_retiring(struct journal *j)
{
    struct retiring *r = &j->retiring;
    if (r->segment == 0)
        return RESULT_OK;
    if (!aside_is_done(j->aside))
        return RESULT_AGAIN;
    r->segment = 0;
    errno = r->error;
    if (r->result == RESULT_OK && r->stays)
        r->result = reserve_keep_retired(&j->reserve);
    return r->result == RESULT_OK ? RESULT_OK : journal_fail(j, "retire");
}

/* On a full disk, what others need is given back to it. One that lies in the second folder goes. */
static bool can_stay(const struct journal *j, uint32_t segment)
{
    char name[SEGMENT_NAME];
    segment_name(segment, name);
    return reserve_wants(&j->reserve, name, j->low ? 0 : j->kept) &&
           folders_of(&j->folders, segment) == j->folders.first;
}

/* It is gone for everybody who reads as soon as its file is about to go. */
static void begin_retiring(struct journal *j)
{
    struct reader *r = &j->reader[j->oldest % READERS];
    if (r->segment == j->oldest)
        close_reader(r);
    journal_scrub_leave(j, j->oldest);
    j->retiring = (struct retiring){
        .folders = &j->folders, .segment = j->oldest, .stays = can_stay(j, j->oldest)};
    j->oldest++;
    aside_do(j->aside, remove_segment, &j->retiring);
}

bool journal_may_retire(const struct journal *j)
{
    return aside_is_done(j->aside);
}

void journal_keep_retired(struct journal *j, uint32_t segments)
{
    j->kept = segments;
}

/* Oldest first, and one is synced before the next goes, so that a crash leaves no gap. The last
 * segment with a frame in it stays: the chain goes on from there. */
enum result journal_retire(struct journal *j, uint32_t segment)
{
    uint32_t stays = j->at == 0 ? j->number - 1 : j->number;
    uint32_t until = segment < stays ? segment : stays;
    if (j->failed)
        return RESULT_IO;
    if (until <= j->oldest)
        return RESULT_OK;
    while (j->oldest < until && journal_may_retire(j)) {
        TRY(journal_end_retiring(j));
        begin_retiring(j);
    }
    enum result r = journal_end_retiring(j);
    if (r != RESULT_OK)
        return r == RESULT_AGAIN ? RESULT_OK : r;
    return j->low ? journal_advance_reserve(j) : RESULT_OK;
}

void journal_close(struct journal *j)
{
    if (j == NULL)
        return;
    for (size_t i = 0; i < READERS; i++)
        close_reader(&j->reader[i]);
    aside_wait(j->aside);
    reserve_close(&j->reserve);
    reserve_close(&j->second);
    const int fd[] = {j->fd, j->scrub.fd};
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        if (fd[i] >= 0)
            (void)close(fd[i]);
    walk_free(&j->scrub.walk);
    buf_free(&j->frame.raw);
    for (size_t i = 0; i < JOURNAL_RECENT; i++)
        buf_free(&j->recent[i].raw);
    hasher_free(j->chain.hasher);
    secret_free(j->key);
    mem_free(j);
}
