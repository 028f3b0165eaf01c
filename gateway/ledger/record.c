/* Records on their way into the journal and back: written and applied at once, committed together,
 * read again by their place. */
#include "ledger/state.h"

enum result ledger_add(struct ledger *l, enum record_type type, struct bytes body,
                       struct journal_place *place)
{
    enum result r = journal_add(l->journal, (uint8_t)type, body, place);
    if (r == RESULT_FULL || r == RESULT_TOO_LARGE)
        return RESULT_IO; /* half of what belongs together: none of it may be committed */
    TRY(r);
    l->pending_bytes += body.n;
    return RESULT_OK;
}

static enum result add(struct ledger *l, enum record_type type, struct bytes body,
                       struct journal_place *place)
{
    l->snapshot.others += body.n;
    return ledger_add(l, type, body, place);
}

enum result ledger_record(struct ledger *l, enum record_type type, struct bytes body)
{
    struct journal_place place;
    TRY(add(l, type, body, &place));
    return ledger_apply(l, type, body, place);
}

enum result ledger_record_message(struct ledger *l, const struct road_commit *c,
                                  struct bytes encoded, uint64_t index, uint64_t refers)
{
    struct journal_place place;
    buf_clear(&l->record);
    buf_u64(&l->record, index);
    buf_u64(&l->record, refers);
    buf_put(&l->record, encoded.p, encoded.n);
    TRY(add(l, RECORD_MESSAGE, buf_view(&l->record), &place));
    return ledger_apply_commit(l, c, index, refers, place);
}

bool ledger_has_room(const struct ledger *l, size_t bytes)
{
    /* A record holds the message, another one what the log says of it, and an incident's two more;
     * sectors are filled up. */
    enum { MORE = 16384, TIMES = 3 };
    return !journal_is_low(l->journal) ||
           journal_left(l->journal) >= MORE + (uint64_t)TIMES * bytes;
}

enum result ledger_take_text(struct cursor *in, char *out, size_t room)
{
    struct bytes t;
    TRY(cursor_bytes16(in, &t));
    if (t.n >= room)
        return RESULT_DAMAGED;
    if (t.n > 0)
        memcpy(out, t.p, t.n);
    out[t.n] = '\0';
    return RESULT_OK;
}

enum result ledger_commit(struct ledger *l)
{
    l->pending_bytes = 0;
    if (l->snapshot.missed)
        return RESULT_STATE; /* recovery could not read this */
    return journal_commit(l->journal);
}

/* A frame that begins where it does not fit makes its segment longer, for which a full disk has no
 * room: the next segment is begun instead, when it is ready. */
enum result ledger_make_frame_room(struct ledger *l, size_t bytes)
{
    enum { MORE = 16384, TIMES = 2 };
    uint64_t needed = MORE + (uint64_t)TIMES * bytes, most = l->config.segment_bytes / 4;
    bool ends =
        journal_left(l->journal) < (needed < most ? needed : most) && journal_has_next(l->journal);
    if (ends || l->pending_bytes + bytes > FRAME_FULL)
        TRY(ledger_commit(l));
    return ends ? journal_begin_segment(l->journal) : RESULT_OK;
}

/* The record of a message as the edge encoded it. */
static enum result read_commit(struct ledger *l, struct journal_place place, struct cursor *in)
{
    uint64_t skipped;
    buf_clear(&l->scratch);
    TRY(journal_read(l->journal, place, &l->scratch));
    *in = cursor_over(buf_view(&l->scratch));
    TRY(cursor_u64(in, &skipped));
    return cursor_u64(in, &skipped);
}

enum result ledger_recall(struct ledger *l, struct journal_place place, struct road_commit *out)
{
    struct cursor in;
    TRY(read_commit(l, place, &in));
    return road_commit_take(&in, out);
}

enum result ledger_recall_envelope(struct ledger *l, struct journal_place place,
                                   struct road_envelope *out)
{
    struct cursor in;
    TRY(read_commit(l, place, &in));
    return road_commit_envelope(&in, out);
}
