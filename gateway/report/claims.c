#include "report/claims.h"

#include <stdio.h>

const struct report_column claim_columns[CLAIM_COLUMNS] = {
    {"index", {"log index", "기록 번호"}},
    {"number", {"number", "청구 번호"}},
    {"asked_by", {"asked by", "청구인"}},
    {"received", {"received (+09:00)", "접수 일자 (+09:00)"}},
    {"due", {"due (+09:00)", "회신 기한 (+09:00)"}},
    {"postponed", {"postponed", "연기"}},
    {"masked", {"masked file", "가림 처리 파일"}},
    {"masked_by", {"masked by", "가림 처리한 사람"}},
    {"outcome", {"outcome", "처리 결과"}},
    {"officers", {"decided by", "처분한 담당관"}},
    {"decided", {"decided (+09:00)", "처리 일시 (+09:00)"}},
    {"late", {"late", "기한 초과"}}};

bool claim_is_late(const struct report *r, const struct world_claim *c)
{
    const int64_t until_us = c->decided == 0 ? r->now_us : c->decided_us;
    return claim_due_us(c->received_us, c->postponed) + US_PER_S <= until_us;
}

/* The day alone: the hour at which a letter came is not known. */
static void put_day(struct report_table *t, int64_t us)
{
    enum { DAY = sizeof "2026-11-28" - 1 };
    char text[TIME_TEXT];
    table_time_text(us, text);
    text[DAY] = '\0';
    table_text(t, text);
}

/* A log that was handed in may name them at any length. */
static void put_officers(const struct world_claim *c, struct report_table *t)
{
    struct buf text = BUF_INIT(2 * LEAF_MAX);
    for (size_t i = 0; i < c->officers; i++) {
        if (i > 0)
            buf_put(&text, ", ", 2);
        buf_put(&text, c->officer[i].p, c->officer[i].n);
    }
    table_put(t, buf_view(&text));
    buf_free(&text);
}

static const char *outcome_of(const struct world_claim *c, bool korean)
{
    return c->decided == 0 ? (korean ? "처리 중" : "open") : claim_outcome_text(c->outcome, korean);
}

static void put_row(const struct report *r, const struct world_claim *c, struct report_table *t)
{
    const bool ko = r->names->korean;
    const char *yes = ko ? "예" : "yes";
    table_number(t, c->opened);
    table_put(t, c->number);
    table_text(t, claimant_text(c->by, ko));
    put_day(t, c->received_us);
    put_day(t, claim_due_us(c->received_us, c->postponed));
    table_text(t, c->postponed ? yes : "");
    table_put(t, c->masked);
    table_put(t, c->masker);
    table_text(t, outcome_of(c, ko));
    put_officers(c, t);
    table_time(t, c->decided_us);
    table_text(t, claim_is_late(r, c) ? yes : "");
}

void claim_rows(const struct report *r, struct report_table *t)
{
    for (const struct world_claim *c = r->world->claim; c != NULL; c = c->next)
        if (report_is_within(r, c->received_us))
            put_row(r, c, t);
}
