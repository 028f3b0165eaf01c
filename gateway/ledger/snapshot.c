/*
 * The crash argument.
 *
 * A snapshot begins a segment. First comes all that stands but messages, in one go, with nothing
 * else between; messages follow a few at a time, while the ledger goes on. A message is written
 * again with what has become of it before any record changes it. So whoever reads the journal from
 * the snapshot's begin finds at each record all that the record touches, exactly as it was when the
 * record was written: the same functions apply it, and as strictly as from the journal's beginning.
 * The ids that are remembered come last, since no record changes one: a message's record whose id
 * is that of an older message says so itself, for that one is too old by its time. When the last of
 * them was written, the record WHOLE says so. Segments before it are unlinked only when it is on
 * the disk, and when the entries of the log that they hold are settled in tiles.
 *
 *   crash before WHOLE is on the disk   all segments are there: what was begun is passed over, and
 *                                       what follows changes messages that are not in it
 *   crash between two unlinks           the oldest segment is some segment before the snapshot:
 *                                       what stands before the snapshot is passed over, also one
 *                                       that a crash ended, and what does not fit it
 *   crash after them                    the oldest segment begins with the snapshot
 *
 * A journal whose beginning is missing and that has no whole snapshot behind it is damaged.
 *
 * On a full disk a snapshot is written when it fits into the journal's spare segments, so that a
 * disk that the journal itself has filled gets room again when messages were taken over or expired.
 *
 * Nothing waits long: between two commits little more is written than the ledger wrote by itself.
 * All of it is written once for each time that the journal has grown by twice as much and a few
 * segments, so the journal stays below five times what is needed and a constant.
 */
#include "ledger/owed.h"
#include "ledger/snapshot.h"

enum {
    AFTER_SEGMENTS = 4,   /* the journal grows by these, and */
    AFTER_SNAPSHOTS = 2,  /* by as many times what the last snapshot took; */
    AFTER_FULL = 3,       /* on a full disk, by these */
    STEP = 256 << 10,     /* bytes of messages written at once, */
    STEPS_A_SEGMENT = 16, /* or less when segments are small, and */
    STEP_FOR_OTHERS = 2,  /* for each byte of other records */
    SEEN_AT_ONCE = 16384, /* of remembered ids in a record, */
    MESSAGE_STATE = 1024, /* what a message's deliveries and duties take, about */
    STANDING_THING = 1500 /* a scope, incident, case */
};

#define RETRY_AFTER    US_PER_S
#define ACT_KEPT_LEAST (365 * US_PER_DAY) /* also where no register is kept */

/* ---- writing on */

static void give_up(struct ledger *l)
{
    l->snapshot.step = SNAPSHOT_NONE;
    l->snapshot.retry_us = clock_steady_us(&l->config.clock) + RETRY_AFTER;
}

/* An act that was kept long enough. */
static bool is_over(const struct ledger *l, const struct stored *s)
{
    return s->is_act && s->at_us < l->high_water_us - ACT_KEPT_LEAST &&
           s->at_us < l->high_water_us - l->config.register_keep_us;
}

/* About how much a snapshot, or what is left of it, will take. */
static uint64_t estimate(const struct ledger *l)
{
    const struct stored *s;
    const bool writing = l->snapshot.step == SNAPSHOT_WRITING;
    uint64_t bytes = writing ? seen_left(l->seen) : seen_bytes(l->seen);
    TAILQ_FOREACH (s, &l->messages.turns, in_turn)
        if (!(writing && stored_is_done(&l->messages, s)) && !is_over(l, s))
            bytes += (uint64_t)s->place.length + MESSAGE_STATE;
    if (l->snapshot.step == SNAPSHOT_NONE)
        bytes += STANDING_THING * (spool_scopes_count(l->scopes) + map_count(l->incidents) +
                                   map_count(l->cases) + standing_consents(l->standing)) +
                 owed_bytes(l);
    return bytes;
}

/* On a full disk, one that does not fit into the spare segments would only use them up. One of them
 * stays for the next start, and half of one for what ends and destroys meanwhile. */
static bool fits(const struct ledger *l)
{
    uint64_t stays = (uint64_t)l->config.segment_bytes * 3 / 2;
    return !journal_is_low(l->journal) || estimate(l) + stays <= journal_spare(l->journal);
}

enum result snapshot_make_room(struct ledger *l, size_t bytes)
{
    if (!ledger_has_room(l, bytes) && journal_has_next(l->journal)) {
        TRY(ledger_commit(l));
        if (!ledger_has_room(l, bytes))
            TRY(journal_begin_segment(l->journal));
    }
    if (!ledger_has_room(l, bytes))
        return RESULT_FULL;
    return ledger_make_frame_room(l, bytes);
}

/* Writes one message. RESULT_FULL: there is no room, and the snapshot is over. */
static enum result write_message(struct ledger *l, struct stored *s)
{
    if (is_over(l, s)) {
        stored_done(&l->messages, s);
        stored_drop(&l->messages, s);
        return RESULT_OK;
    }
    enum result r = snapshot_put_message(l, s);
    if (r == RESULT_FULL)
        give_up(l);
    TRY(r);
    stored_done(&l->messages, s);
    return RESULT_OK;
}

enum result snapshot_ready(struct ledger *l, struct stored *s, size_t more)
{
    if (l->snapshot.step != SNAPSHOT_WRITING || stored_is_done(&l->messages, s))
        return RESULT_OK;
    enum result r = write_message(l, s);
    if (r != RESULT_OK)
        return r == RESULT_FULL ? RESULT_OK : r;
    return ledger_make_frame_room(l, more);
}

enum result snapshot_ready_for(struct ledger *l, const struct road_commit *c, size_t more)
{
    for (size_t i = 0; i < c->named; i++) {
        const struct duty_name *name = map_get(l->names, bytes_of(&c->names[i], sizeof(uint64_t)));
        if (name != NULL)
            TRY(snapshot_ready(l, name->duty->stored, more));
    }
    return RESULT_OK;
}

void snapshot_changes(struct ledger *l, const struct stored *s)
{
    if (l->snapshot.step == SNAPSHOT_WRITING && !stored_is_done(&l->messages, s))
        l->snapshot.missed = true;
}

static enum result finish(struct ledger *l)
{
    struct snapshot *x = &l->snapshot;
    struct journal_place place;
    enum result r = snapshot_make_room(l, 0);
    if (r == RESULT_FULL) {
        give_up(l);
        return RESULT_OK;
    }
    TRY(r);
    buf_clear(&x->item);
    buf_u32(&x->item, x->segment);
    TRY(ledger_add(l, RECORD_WHOLE, buf_view(&x->item), &place));
    TRY(ledger_commit(l));
    x->step = SNAPSHOT_WHOLE;
    x->segments = place.segment - x->segment + 1;
    log_line(l->config.log, LOG_NOTE, "snapshot", "segment=%lu segments=%lu",
             (unsigned long)x->segment, (unsigned long)x->segments);
    return RESULT_OK;
}

/* Writes on, `most` bytes of it. Whether all of it is written stands in *all; RESULT_FULL: there is
 * no room, and the snapshot is over. */
static enum result write_some(struct ledger *l, size_t most, bool *all)
{
    struct stored *s;
    size_t bytes, done = 0;
    *all = false;
    while ((s = stored_next(&l->messages)) != NULL) {
        done += (size_t)s->place.length + MESSAGE_STATE;
        TRY(write_message(l, s));
        if (done >= most)
            return RESULT_OK;
    }
    while (done < most) {
        enum result r =
            snapshot_put_seen(l, most - done < SEEN_AT_ONCE ? most - done : SEEN_AT_ONCE, &bytes);
        if (r == RESULT_FULL)
            give_up(l);
        TRY(r);
        *all = bytes == 0;
        if (*all)
            return RESULT_OK;
        done += bytes;
    }
    return RESULT_OK;
}

static enum result write_on(struct ledger *l)
{
    bool all;
    size_t step = l->config.segment_bytes / STEPS_A_SEGMENT;
    size_t most = (step < STEP ? step : STEP) + STEP_FOR_OTHERS * l->snapshot.others;
    l->snapshot.others = 0;
    if (journal_is_low(l->journal) && !l->snapshot.began_low) {
        l->snapshot.began_low = true; /* the disk became full meanwhile */
        if (!fits(l)) {
            give_up(l);
            return RESULT_OK;
        }
    }
    enum result r = write_some(l, most, &all);
    if (r == RESULT_FULL)
        return RESULT_OK;
    TRY(r);
    return all ? finish(l) : RESULT_OK;
}

/* ---- beginning */

/* By how many segments the journal grows until the next one. */
static uint32_t grows_by(const struct snapshot *x)
{
    return AFTER_SEGMENTS + AFTER_SNAPSHOTS * x->segments;
}

/* A full disk is reason enough, when segments will go. */
static bool is_due(struct ledger *l)
{
    struct snapshot *x = &l->snapshot;
    uint32_t grown = journal_newest(l->journal) - journal_oldest(l->journal);
    bool low = journal_is_low(l->journal);
    if (grown < (low ? AFTER_FULL : grows_by(x)) || !journal_has_next(l->journal) ||
        clock_steady_us(&l->config.clock) < x->retry_us)
        return false;
    if (!fits(l)) {
        give_up(l);
        return false;
    }
    return true;
}

static enum result begin(struct ledger *l)
{
    struct snapshot *x = &l->snapshot;
    TRY(ledger_commit(l));
    enum result r = journal_begin_segment(l->journal);
    if (r == RESULT_OK) {
        x->segment = journal_newest(l->journal);
        x->leaves = l->leaves;
        r = snapshot_put_standing(l);
    }
    if (r == RESULT_FULL) {
        give_up(l);
        return RESULT_OK;
    }
    TRY(r);
    stored_begin_lap(&l->messages);
    seen_begin_lap(l->seen);
    x->others = 0;
    x->began_low = journal_is_low(l->journal);
    x->step = SNAPSHOT_WRITING;
    return RESULT_OK;
}

/* ---- unlinking */

static bool may_unlink(const struct ledger *l)
{
    return tiles_settled(l->tiles) >= l->snapshot.leaves;
}

/* One at a time: it takes the file system a while. As many files are kept as will be written until
 * the next time. */
static enum result unlink_oldest(struct ledger *l)
{
    uint32_t oldest = journal_oldest(l->journal);
    journal_keep_retired(l->journal, grows_by(&l->snapshot));
    if (oldest < l->snapshot.segment)
        return may_unlink(l) ? journal_retire(l->journal, oldest + 1) : RESULT_OK;
    l->snapshot.step = SNAPSHOT_NONE;
    return RESULT_OK;
}

bool snapshot_is_busy(const struct ledger *l)
{
    return l->snapshot.step == SNAPSHOT_WRITING ||
           (l->snapshot.step == SNAPSHOT_WHOLE && may_unlink(l) && journal_may_retire(l->journal));
}

enum result snapshot_turn(struct ledger *l)
{
    switch (l->snapshot.step) {
    case SNAPSHOT_NONE: return is_due(l) ? begin(l) : RESULT_OK;
    case SNAPSHOT_WRITING: return write_on(l);
    case SNAPSHOT_WHOLE: break;
    }
    return unlink_oldest(l);
}
