/*
 * The crash argument.
 *
 * What was added stands in one frame. It goes to the disk with one write, into sectors that the
 * disk holds as zeros or as those of an earlier segment, and counts only when fdatasync has
 * returned 0; nothing is acknowledged before.
 *
 *   crash before or during the write   all, some or none of the frame's sectors are there: the
 *                                      frame is whole or torn, which opening tells apart (walk.c)
 *   crash during fdatasync             the same
 *   crash after it                     the frame is whole
 *
 * The frame before was synced before this one is written, so at most one frame is ever in doubt.
 * Sectors of that frame that share a page with this one are written again, with the same bytes, and
 * behind this one zeros, up to the end of the page. A segment gets its name, and the name is
 * synced, before its first frame is written; until then the frame does not exist, and after that
 * the name cannot go away. A segment that is not named in its first sector holds nothing.
 *
 * A file whose segment is needed no more becomes a spare one and is written again. Then the old
 * name is gone from the disk before the file gets the new one, and all that is left in it carries a
 * smaller number than the segment that is written now; a MAC covers the one before it, so none of
 * it would verify there either.
 *
 * A second folder lies on another device, which a power cut may leave older or newer than the
 * first: nothing rests on the order of what is not synced in both. Going over and coming back is
 * the same step: the name is synced in its own folder; for the second then what was reached in the
 * first (folders.h); only then is a frame written.
 *
 *   crash before the name is there     nothing happened
 *   crash before "reached" is there    the segment is unwritten and is removed
 *   crash before the first frame       the same, behind "reached" going back by one; in between, it
 *                                      is still the segment that is to be there
 *   later                              the chain goes from one folder to the other as from segment
 *                                      to segment; without the second folder, "reached" says so
 *
 * What is removed is synced at once, so no segment goes before an older one, and none is begun in
 * one folder while the other may get one of its number back.
 *
 * When write or fdatasync fails, the kernel may have dropped the pages or marked them clean:
 * nothing that this process does could tell. It neither writes nor syncs again, and opening copies
 * what the next process can read (recover.c).
 */
#include "journal/state.h"

#include "journal/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096, OWED_MOST = 256 << 10, GROW_STEP = 256 << 10, LEFT_LEAST = 256 << 10 };

enum result journal_fail(struct journal *j, const char *what)
{
    j->failed = true;
    log_line(j->log, LOG_FATAL, "journal-failed", "segment=%lu at=%s error=\"%s\"",
             (unsigned long)j->number, what, strerror(errno));
    return RESULT_IO;
}

/* A full disk leaves the journal as it is; any other failure ends it. `low`: what success says. */
static enum result full_or_fail(struct journal *j, enum result r, const char *what, bool low)
{
    if (r == RESULT_FULL && !j->low)
        log_line(j->log, LOG_ALARM, "journal-low", "segment=%lu spares=%lu urgent=%lu",
                 (unsigned long)j->number, (unsigned long)j->reserve.ready,
                 (unsigned long)j->second.ready);
    j->low = r == RESULT_FULL || low;
    return r == RESULT_OK || r == RESULT_FULL ? r : journal_fail(j, what);
}

bool journal_fill_second(struct journal *j, uint32_t bytes)
{
    enum result r = reserve_advance(&j->second, bytes);
    if (r == RESULT_OK || r == RESULT_FULL)
        return r == RESULT_OK;
    log_line(j->log, LOG_ALARM, "urgent-reserve-lost", "error=\"%s\"", strerror(errno));
    j->second.ready = j->second.most = 0;
    return false;
}

enum result journal_advance_reserve(struct journal *j)
{
    enum result retired = journal_end_retiring(j);
    if (retired != RESULT_OK && retired != RESULT_AGAIN)
        return retired;
    bool first = j->reserve.ready < j->reserve.most;
    enum result r = full_or_fail(j, reserve_advance(&j->reserve, j->owed), "reserve", false);
    if (r == RESULT_FULL || (r == RESULT_OK && !first))
        (void)journal_fill_second(j, j->owed);
    j->owed = 0;
    return r == RESULT_FULL ? RESULT_OK : r;
}

/* What the next segment is taken from; NULL: from nowhere. On a full disk the last spare one of a
 * folder stays for the next start, which copies a segment. */
static const struct reserve *next_reserve(const struct journal *j)
{
    if (j->low && j->second.ready > 1)
        return &j->second;
    return !j->low || j->reserve.most == 1 || j->reserve.ready > 1 ? &j->reserve : NULL;
}

/* The name is on the disk, and for the second folder what was reached, before anything is written.
 */
static enum result take_next(struct journal *j, struct reserve *from, int *fd)
{
    char name[SEGMENT_NAME];
    segment_name(j->number + 1, name);
    enum result r = reserve_take(from, name, fd);
    if (r == RESULT_OK && folder_sync(from->folder) != RESULT_OK)
        return journal_fail(j, "next-segment");
    TRY(full_or_fail(j, r, "next-segment", j->low));
    if (from == &j->second && folders_reach(&j->folders, j->number + 1) != RESULT_OK)
        return journal_fail(j, "next-segment");
    return RESULT_OK;
}

static void say_where(struct journal *j, bool over)
{
    if (over && !j->over)
        log_line(j->log, LOG_ALARM, "journal-over", "segment=%lu why=\"%s\"",
                 (unsigned long)j->number,
                 "the device is full: the journal goes on in the second folder");
    else if (!over && j->over)
        log_line(j->log, LOG_NOTE, "journal-back", "segment=%lu", (unsigned long)j->number);
    j->over = over;
}

enum result journal_next_segment(struct journal *j)
{
    const bool over = next_reserve(j) == &j->second;
    struct reserve *from = over ? &j->second : &j->reserve;
    int fd;
    if (next_reserve(j) == NULL)
        return RESULT_FULL;
    TRY(take_next(j, from, &fd));
    if (j->fd >= 0 && close(j->fd) != 0)
        return journal_fail(j, "close");
    if (j->number > 0 && j->at < j->segment_bytes)
        j->owed +=
            2 * (j->segment_bytes - j->at); /* what is left of the old one counts as filled */
    j->fd = fd;
    j->number++;
    j->size = j->segment_bytes;
    j->at = 0;
    say_where(j, over);
    return RESULT_OK;
}

/* Makes the segment larger for a frame that began in it and reaches beyond its end. */
static enum result grow(struct journal *j, uint64_t end)
{
    uint64_t to = (end + GROW_STEP - 1) / GROW_STEP * GROW_STEP;
    enum result r = segment_extend(j->fd, j->size, to);
    if (r == RESULT_FULL)
        return r;
    if (r != RESULT_OK || file_sync(j->fd) != RESULT_OK)
        return journal_fail(j, "grow");
    j->size = (uint32_t)to;
    return RESULT_OK;
}

/* Where the frame would end on the disk with a record of this size added. */
static uint64_t end_with(const struct journal *j, size_t record)
{
    return j->at + (uint64_t)frame_size_with(&j->frame, record);
}

/* A frame begins in the present segment when its first record fits there. */
static enum result begin_frame(struct journal *j, size_t record)
{
    frame_begin(&j->frame, j->number, j->at == 0);
    if (j->at > 0 && (j->at >= j->segment_bytes || end_with(j, record) > j->size)) {
        TRY(journal_next_segment(j));
        frame_begin(&j->frame, j->number, true);
    }
    return RESULT_OK;
}

enum result journal_add(struct journal *j, uint8_t type, struct bytes body,
                        struct journal_place *place)
{
    if (j->failed)
        return RESULT_IO;
    if (body.n > FRAME_RECORDS_MAX - FRAME_RECORD_HEADER)
        return RESULT_TOO_LARGE;
    size_t record = FRAME_RECORD_HEADER + body.n;
    if (j->frame.records == 0)
        TRY(begin_frame(j, record));
    if (record > FRAME_RECORDS_MAX - (j->frame.content - FRAME_HEADER))
        return RESULT_TOO_LARGE;
    if (end_with(j, record) > j->size)
        TRY(grow(j, end_with(j, record)));
    size_t at = frame_add(&j->frame, type, body);
    *place = (struct journal_place){j->number, j->at + (uint32_t)at, (uint32_t)body.n,
                                    (uint32_t)bytes_hash(body)};
    return RESULT_OK;
}

enum result journal_begin_segment(struct journal *j)
{
    if (j->failed)
        return RESULT_IO;
    if (j->frame.records > 0)
        return RESULT_STATE;
    return j->at == 0 ? RESULT_OK : journal_next_segment(j);
}

bool journal_has_next(const struct journal *j)
{
    const struct reserve *from = next_reserve(j);
    return from != NULL && from->ready > 0;
}

uint64_t journal_left(const struct journal *j)
{
    uint64_t end = j->frame.records > 0 ? end_with(j, 0) : j->at;
    return end < j->segment_bytes ? j->segment_bytes - end : 0;
}

uint64_t journal_spare(const struct journal *j)
{
    uint32_t second = j->second.ready > 1 ? j->second.ready - 1 : 0;
    return (uint64_t)(j->reserve.ready + second) * j->segment_bytes;
}

bool journal_is_pending(const struct journal *j)
{
    return j->frame.records > 0;
}

bool journal_is_low(const struct journal *j)
{
    return j->low;
}

bool journal_takes_urgent(const struct journal *j)
{
    return j->low && (j->over || j->second.ready > 1);
}

bool journal_is_over(const struct journal *j)
{
    return j->over;
}

/* On a full disk, space is looked for again; without any, a spare segment is begun before there is
 * too little left in the present one for what belongs together. From the second folder the journal
 * goes back as soon as the first has a segment for it. */
static enum result use_spares(struct journal *j)
{
    uint32_t least = j->segment_bytes / 2 < LEFT_LEAST ? j->segment_bytes / 2 : LEFT_LEAST;
    TRY(journal_advance_reserve(j));
    bool begins = j->low ? journal_left(j) < least : j->over;
    return begins && j->at > 0 && journal_has_next(j) ? journal_next_segment(j) : RESULT_OK;
}

/* Moves on behind the frame, which stays for a while in the place of the oldest one. A large one is
 * not worth the memory. */
static void keep_recent(struct journal *j)
{
    const uint32_t at = j->at, n = (uint32_t)j->frame.raw.n;
    j->at += n;
    j->frame.records = 0;
    if (n > JOURNAL_RECENT_BYTES)
        return;
    j->newest = (j->newest + 1) % JOURNAL_RECENT;
    struct recent *r = &j->recent[j->newest];
    struct buf oldest = r->raw;
    oldest.max = j->frame.raw.max;
    *r = (struct recent){j->number, at, j->frame.raw};
    j->frame.raw = oldest;
}

/* Up to the end of a page, with zeros: so the kernel need not read a page of which only a part is
 * written, for what stands there may not be in its cache. */
static enum result write_frame(struct journal *j)
{
    struct buf *raw = &j->frame.raw;
    const size_t n = raw->n;
    const size_t more = (PAGE - (j->at + n) % PAGE) % PAGE;
    static const uint8_t zeros[PAGE];
    buf_put(raw, zeros, more);
    enum result r = buf_status(raw);
    if (r == RESULT_OK)
        r = file_write(j->fd, j->at, buf_view(raw));
    raw->n = n;
    return r;
}

enum result journal_commit(struct journal *j)
{
    if (j->failed)
        return RESULT_IO;
    if (j->frame.records == 0)
        return j->low || j->over ? use_spares(j) : RESULT_OK;
    frame_end(&j->frame, &j->chain, j->size);
    if (write_frame(j) != RESULT_OK)
        return journal_fail(j, "write");
    if (file_sync(j->fd) != RESULT_OK)
        return journal_fail(j, "fdatasync");
    j->owed += 2 * (uint32_t)j->frame.raw.n;
    keep_recent(j);
    /* Twice as fast as the segment fills, so that nothing ever waits for the reserve; and between
     * frames, so that what belongs together is not surprised by a full disk. */
    if (j->owed >= OWED_MOST || j->owed >= j->segment_bytes / 8)
        TRY(journal_advance_reserve(j));
    return j->low || j->over ? use_spares(j) : RESULT_OK;
}
