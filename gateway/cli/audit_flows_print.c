#include "cli/audit_flows.h"

#include "cli/audit_log.h"

static const struct {
    const char *text[2];
    enum cli_paint paint;
} outcomes[] = {
    [WAITING] = {{"waiting", "대기"}, CLI_PLAIN},
    [HELD] = {{"held", "승인 대기"}, CLI_PLAIN},
    [TAKEN] = {{"taken", "접수"}, CLI_GOOD},
    [REFUSED] = {{"refused", "거부"}, CLI_BAD},
    [RELEASED] = {{"delivered", "제공"}, CLI_GOOD},
    [WITHHELD] = {{"withheld", "보류"}, CLI_BAD},
    [SET_ASIDE] = {{"set aside", "수신자 거부"}, CLI_BAD},
    [EXPIRED] = {{"expired", "만료"}, CLI_BAD},
    [SUPERSEDED] = {{"superseded", "새 위치로 대체"}, CLI_PLAIN},
    [NOT_NEEDED] = {{"not needed", "전달 불필요"}, CLI_PLAIN},
};

static void cell(struct flows *all, enum cli_paint paint)
{
    cli_table_cell(all->table, buf_c(&all->text));
    cli_table_paint(all->table, paint);
    buf_clear(&all->text);
}

static void put_bytes(struct buf *out, struct bytes b)
{
    buf_put(out, b.p, b.n);
}

static void time_cell(struct flows *all, int64_t us, int64_t day_us)
{
    char text[TIME_TEXT];
    audit_time(us, day_us, text);
    buf_text(&all->text, text);
    cell(all, CLI_PLAIN);
}

/* When the last of the scopes in "7,9" was erased; 0 while one of them lives. */
static int64_t erased_us(const struct flows *all, struct bytes scopes)
{
    int64_t last = 0;
    while (scopes.n > 0) {
        const uint8_t *comma = memchr(scopes.p, ',', scopes.n);
        size_t n = comma == NULL ? scopes.n : (size_t)(comma - scopes.p);
        const struct erased *e = map_get(all->by_scope, bytes_of(scopes.p, n));
        if (e == NULL)
            return 0;
        last = e->time_us > last ? e->time_us : last;
        n += comma != NULL;
        scopes = bytes_of(scopes.p + n, scopes.n - n);
    }
    return last;
}

/* The clause that permitted it, and whether in an emergency; or the reason, with the condition that
 * did not hold. */
static void put_why(struct flows *all, const struct recipient *r, bool good)
{
    struct buf *out = &all->text;
    bool emergency = bytes_is(r->reason, "permitted-emergency");
    if (!good || emergency || r->clause.n == 0)
        audit_reason(out, r->reason, all->korean);
    if (r->clause.n > 0)
        buf_text(out, out->n > 0 ? " - " : "");
    put_bytes(out, r->clause);
    if (r->failed.n > 0)
        buf_text(out, ": ");
    put_bytes(out, r->failed);
    if (r->flags.n > 0)
        buf_text(out, all->korean ? "; 표시: " : "; flagged: ");
    put_bytes(out, r->flags);
}

static void print_source(struct flows *all, const struct flow *f, const char *kind)
{
    char time[TIME_TEXT];
    audit_time(f->time_us, all->last_us, time);
    all->last_us = f->time_us;
    buf_printf(&all->text, "%19s", time); /* the day stands where it begins */
    cell(all, CLI_PLAIN);
    put_bytes(&all->text, f->kind.n > 0 ? f->kind : bytes_of_text(kind));
    buf_text(&all->text, f->source.n > 0 ? "  " : "");
    put_bytes(&all->text, f->source);
    cell(all, CLI_PLAIN);
}

static void print_unit(struct flows *all, const struct recipient *r)
{
    cell(all, CLI_PLAIN);
    buf_text(&all->text, "  \xe2\x86\x92 ");
    put_bytes(&all->text, r->unit);
    if (r->reserve)
        buf_text(&all->text, all->korean ? " (예비)" : " (in reserve)");
    cell(all, CLI_PLAIN);
}

static void print_recipient(struct flows *all, const struct flow *f, const struct recipient *r)
{
    enum outcome o = r->outcome;
    bool never_there = o == REFUSED || o == NOT_NEEDED;
    int64_t gone_us = never_there ? 0 : erased_us(all, r->scope.n > 0 ? r->scope : f->scopes);
    print_unit(all, r);
    buf_text(&all->text, outcomes[o].text[all->korean]);
    cell(all, outcomes[o].paint);
    time_cell(all, o == NOT_NEEDED ? 0 : r->deadline_us, f->time_us);
    time_cell(all, r->acknowledged_us, f->time_us);
    time_cell(all, gone_us, f->time_us);
    put_why(all, r, o == RELEASED || o == TAKEN || o == WAITING || o == SUPERSEDED);
    cell(all, CLI_PLAIN);
}

static void print_message(struct flows *all, const struct flow *f)
{
    print_source(all, f, "?");
    for (int i = 0; i < 5; i++)
        cell(all, CLI_PLAIN);
    for (const struct recipient *r = f->recipient; r != NULL; r = r->next)
        print_recipient(all, f, r);
}

/* What happened to the stream, or to one who watches it, and how much it carried. */
static void print_stream(struct flows *all, const struct flow *f)
{
    static const struct recipient nobody;
    const struct recipient *r = f->recipient == NULL ? &nobody : f->recipient;
    bool bad = f->event == AUDIT_STREAM_REFUSED || f->event == AUDIT_WATCH_REFUSED;
    print_source(all, f, "video");
    if (r->unit.n > 0 && !bytes_equal(r->unit, f->source)) {
        for (int i = 0; i < 5; i++)
            cell(all, CLI_PLAIN);
        print_unit(all, r);
    }
    buf_text(&all->text,
             all->korean ? audit_event_text(f->event, true) : audit_event_word(f->event));
    cell(all, bad ? CLI_BAD : CLI_PLAIN);
    for (int i = 0; i < 3; i++)
        cell(all, CLI_PLAIN);
    put_why(all, r, !bad);
    if (f->detail.n > 0)
        buf_text(&all->text, all->text.n > 0 ? "; " : "");
    put_bytes(&all->text, f->detail);
    cell(all, CLI_PLAIN);
}

void audit_flows_print(struct flows *all)
{
    static const char *const heading[2][7] = {{"time (+09:00)", "message", "outcome", "keep until",
                                               "acknowledged", "destroyed",
                                               "clause, or reason and condition"},
                                              {"시각 (+09:00)", "메시지", "결과", "보존 기한",
                                               "수신 확인", "파기", "조항, 또는 사유와 조건"}};
    all->last_us = 0;
    all->table = cli_table_new(7);
    for (size_t i = 0; i < 7; i++) {
        buf_text(&all->text, heading[all->korean][i]);
        cell(all, CLI_FAINT);
    }
    for (const struct flow *f = all->first; f != NULL; f = f->next) {
        if (f->event == AUDIT_RECEIVED)
            print_message(all, f);
        else
            print_stream(all, f);
    }
    cli_table_print(all->table, stdout);
    cli_table_free(all->table);
}
