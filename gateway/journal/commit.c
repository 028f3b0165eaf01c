/*
 * The crash argument.
 *
 * What was added stands in one frame. It goes to the disk with one write, into sectors that the
 * disk holds as zeros, and counts only when fdatasync has returned 0; nothing is acknowledged
 * before.
 *
 *   crash before or during the write   all, some or none of the frame's sectors are there: the
 *                                      frame is whole or torn, which opening tells apart (walk.c)
 *   crash during fdatasync             the same
 *   crash after it                     the frame is whole
 *
 * The frame before was synced before this one is written, so at most one frame is ever in doubt.
 * Sectors of that frame that share a page with this one are written again, with the same bytes. A
 * segment gets its name, and the name is synced, before its first frame is written; until then the
 * frame does not exist, and after that the name cannot go away. A segment that is not named in its
 * first sector holds nothing.
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

enum { OWED_MOST = 256 << 10, GROW_STEP = 256 << 10, LEFT_LEAST = 256 << 10 };

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
        log_line(j->log, LOG_ALARM, "journal-low", "segment=%lu spares=%lu",
                 (unsigned long)j->number, (unsigned long)j->reserve.ready);
    j->low = r == RESULT_FULL || low;
    return r == RESULT_OK || r == RESULT_FULL ? r : journal_fail(j, what);
}

enum result journal_advance_reserve(struct journal *j, uint32_t owed)
{
    enum result r =
        full_or_fail(j, reserve_advance(&j->reserve, j->folder, owed), "reserve", false);
    j->owed = 0;
    return r == RESULT_FULL ? RESULT_OK : r;
}

/* On a full disk the last spare one stays for the next start, which copies a segment. */
static bool may_take(const struct journal *j)
{
    return !j->low || j->reserve.most == 1 || j->reserve.ready > 1;
}

enum result journal_next_segment(struct journal *j)
{
    char name[SEGMENT_NAME];
    int fd;
    if (!may_take(j))
        return RESULT_FULL;
    segment_name(j->number + 1, name);
    enum result r = reserve_take(&j->reserve, j->folder, name, &fd);
    if (r == RESULT_OK && folder_sync(j->folder) != RESULT_OK)
        return journal_fail(j, "next-segment");
    TRY(full_or_fail(j, r, "next-segment", j->low));
    if (j->fd >= 0 && close(j->fd) != 0)
        return journal_fail(j, "close");
    if (j->number > 0 && j->at < j->segment_bytes)
        j->owed +=
            2 * (j->segment_bytes - j->at); /* what is left of the old one counts as filled */
    j->fd = fd;
    j->number++;
    j->size = j->segment_bytes;
    j->at = 0;
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
    frame_begin(&j->frame, j->at == 0);
    if (j->at > 0 && (j->at >= j->segment_bytes || end_with(j, record) > j->size)) {
        TRY(journal_next_segment(j));
        frame_begin(&j->frame, true);
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
    j->owed += 2 * (uint32_t)record;
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
    return j->reserve.ready > 0 && may_take(j);
}

uint64_t journal_left(const struct journal *j)
{
    uint64_t end = j->frame.records > 0 ? end_with(j, 0) : j->at;
    return end < j->segment_bytes ? j->segment_bytes - end : 0;
}

uint64_t journal_spare(const struct journal *j)
{
    return (uint64_t)j->reserve.ready * j->segment_bytes;
}

bool journal_is_pending(const struct journal *j)
{
    return j->frame.records > 0;
}

bool journal_is_low(const struct journal *j)
{
    return j->low;
}

/* On a full disk, space is looked for again; without any, a spare segment is begun before there is
 * too little left in the present one for what belongs together. */
static enum result use_spares(struct journal *j)
{
    uint32_t least = j->segment_bytes / 2 < LEFT_LEAST ? j->segment_bytes / 2 : LEFT_LEAST;
    TRY(journal_advance_reserve(j, 0));
    if (j->low && j->at > 0 && journal_has_next(j) && journal_left(j) < least)
        return journal_next_segment(j);
    return RESULT_OK;
}

enum result journal_commit(struct journal *j)
{
    if (j->failed)
        return RESULT_IO;
    if (j->frame.records == 0)
        return j->low ? use_spares(j) : RESULT_OK;
    const struct segment_header segment = {j->number, j->size};
    frame_end(&j->frame, &j->chain, &segment);
    if (buf_status(&j->frame.raw) != RESULT_OK)
        return journal_fail(j, "frame");
    if (file_write(j->fd, j->at, buf_view(&j->frame.raw)) != RESULT_OK)
        return journal_fail(j, "write");
    if (file_sync(j->fd) != RESULT_OK)
        return journal_fail(j, "fdatasync");
    j->at += (uint32_t)j->frame.raw.n;
    j->frame.records = 0;
    /* Twice as fast as the segment fills, so that nothing ever waits for the reserve; and between
     * frames, so that what belongs together is not surprised by a full disk. */
    if (j->owed >= OWED_MOST || j->owed >= j->segment_bytes / 8)
        TRY(journal_advance_reserve(j, j->owed));
    return j->low ? use_spares(j) : RESULT_OK;
}
