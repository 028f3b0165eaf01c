#include "ledger/scrub.h"

#include <stdio.h>

#define ROUND US_PER_DAY

enum { PIECE = 1 << 20 }; /* that one journal_scrub reads, about */

/* So that the present segments take a day. */
static int64_t interval_us(const struct ledger *l)
{
    uint64_t segments = journal_newest(l->journal) - journal_oldest(l->journal) + 1;
    uint64_t pieces = segments * (1 + l->config.segment_bytes / PIECE);
    return ROUND / (int64_t)pieces;
}

static enum result record_damage(struct ledger *l, const struct journal_fault *fault)
{
    char detail[96];
    log_line(l->config.log, LOG_ALARM, "journal-damaged", "segment=%lu offset=%llu what=\"%s\"",
             (unsigned long)fault->segment, (unsigned long long)fault->offset, fault->text);
    if (!ledger_has_room(l, 0))
        return RESULT_OK;
    int n = snprintf(detail, sizeof detail, "segment=%lu offset=%llu",
                     (unsigned long)fault->segment, (unsigned long long)fault->offset);
    struct leaf leaf = {.event = AUDIT_DAMAGE_FOUND, .detail = bytes_of(detail, (size_t)n)};
    TRY(ledger_make_frame_room(l, 0));
    return ledger_leaf(l, &leaf, NULL);
}

enum result scrub_turn(struct ledger *l)
{
    int64_t now_us = clock_steady_us(&l->config.clock);
    struct journal_fault fault;
    if (l->scrub_us == 0) /* all was read at the start */
        l->scrub_us = now_us + interval_us(l);
    if (now_us < l->scrub_us)
        return RESULT_OK;
    l->scrub_us = now_us + interval_us(l);
    enum result r = journal_scrub(l->journal, &fault);
    return r == RESULT_OK || r == RESULT_END ? RESULT_OK : record_damage(l, &fault);
}
