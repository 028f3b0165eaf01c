#include "cli/policy_replay.h"

#include "base/clock.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const keys[REPLAY_CHANGES] = {"same", "refused_now", "permitted_now", "other",
                                                 "not_replayable"};

/* ---- a table of clauses, then the totals */

static void count_cell(struct cli_table *t, size_t count)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%zu", count);
    cli_table_cell(t, text);
}

static void print_row(struct cli_table *t, const char *name, const size_t count[REPLAY_CHANGES])
{
    cli_table_cell(t, name);
    for (unsigned i = 0; i < REPLAY_CHANGES; i++)
        count_cell(t, count[i]);
}

static void print_table(const struct replay_found *f, bool korean, struct buf *out)
{
    static const char *const heading[2][REPLAY_CHANGES + 1] = {
        {"decided by", "same", "refused now", "permitted now", "other clause or way",
         "not replayable"},
        {"판정한 조항", "같음", "이제 거부", "이제 허가", "다른 조항·방식", "재현 불가"}};
    struct cli_table *t = cli_table_new(REPLAY_CHANGES + 1);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    for (unsigned i = 0; i <= REPLAY_CHANGES; i++)
        cli_table_cell(t, heading[korean][i]);
    for (size_t i = 0; i < f->clauses; i++)
        print_row(t, f->clause[i].clause[0] == '\0' ? "-" : f->clause[i].clause,
                  f->clause[i].count);
    print_row(t, korean ? "합계" : "all", f->total);
    if (stream != NULL) {
        cli_table_print(t, stream);
        (void)fclose(stream);
        buf_put(out, text, size);
    }
    free(text);
    cli_table_free(t);
}

/* ---- examples, and why the rest is open */

static void print_examples(const struct replay_found *f, bool korean, struct buf *out)
{
    char time[TIME_TEXT];
    if (f->examples > 0)
        buf_text(out, korean ? "\n예:\n" : "\nfor example:\n");
    for (size_t i = 0; i < f->examples; i++) {
        const struct replay_example *e = &f->example[i];
        time_text_s(e->time_us, zone_named("Asia/Seoul"), time);
        buf_printf(out, "  #%" PRIu64 " %s %s, %s -> %s: %s -> %s\n", e->index, time, e->kind,
                   e->from, e->to, e->then, e->now);
    }
}

static void print_open(const struct replay_found *f, bool korean, struct buf *out)
{
    if (f->total[REPLAY_OPEN] == 0)
        return;
    buf_text(out, korean ? "\n재현할 수 없는 판정은 기록에 남기지 않는 사실에 달려 있습니다:\n"
                         : "\nwhat is not replayable hangs on facts that the log does not hold:\n");
    for (unsigned i = 0; i < REPLAY_FACTS_MAX && policy_fact_key(i) != NULL; i++)
        if (f->facts[i] > 0)
            buf_printf(out, "  %s: %zu\n", policy_fact_key(i), f->facts[i]);
    if (f->withheld > 0)
        buf_printf(out,
                   korean ? "  정책집이 몰랐던 낱말: %zu\n"
                          : "  words that the set did not know: %zu\n",
                   f->withheld);
}

void replay_print(const struct replay_found *f, bool korean, struct buf *out)
{
    print_table(f, korean, out);
    if (f->not_by_set > 0)
        buf_printf(out,
                   korean
                       ? "\n정책집이 아닌 것(형식, 한도, 정지)으로 판정된 %zu건은 제외했습니다\n"
                       : "\n%zu left out: decided by something else than a set (a form, a limit, a "
                         "suspension)\n",
                   f->not_by_set);
    print_examples(f, korean, out);
    print_open(f, korean, out);
}

/* ---- JSON */

static void put_counts(struct buf *out, const size_t count[REPLAY_CHANGES])
{
    static const enum replay_change sorted[REPLAY_CHANGES] = {
        REPLAY_OPEN, REPLAY_OTHER, REPLAY_PERMITTED, REPLAY_REFUSED, REPLAY_SAME};
    for (unsigned i = 0; i < REPLAY_CHANGES; i++)
        json_put_member_integer(out, keys[sorted[i]], (int64_t)count[sorted[i]]);
}

static void put_example(struct buf *out, const struct replay_example *e)
{
    char time[TIME_TEXT];
    time_text_s(e->time_us, zone_named("Asia/Seoul"), time);
    buf_u8(out, '{');
    json_put_member_text(out, "change", bytes_of_text(keys[e->change]));
    json_put_member_text(out, "from", bytes_of_text(e->from));
    json_put_member_integer(out, "index", (int64_t)e->index);
    json_put_member_text(out, "kind", bytes_of_text(e->kind));
    json_put_member_text(out, "now", bytes_of_text(e->now));
    json_put_member_text(out, "then", bytes_of_text(e->then));
    json_put_member_text(out, "time", bytes_of_text(time));
    json_put_member_text(out, "to", bytes_of_text(e->to));
    buf_u8(out, '}');
}

void replay_print_json(const struct replay_found *f, struct buf *out)
{
    buf_text(out, "{\"clauses\":[");
    for (size_t i = 0; i < f->clauses; i++) {
        buf_text(out, i == 0 ? "{" : ",{");
        json_put_member_text(out, "clause", bytes_of_text(f->clause[i].clause));
        put_counts(out, f->clause[i].count);
        buf_u8(out, '}');
    }
    buf_text(out, "],\"examples\":[");
    for (size_t i = 0; i < f->examples; i++) {
        buf_text(out, i == 0 ? "" : ",");
        put_example(out, &f->example[i]);
    }
    buf_text(out, "],\"hangs_on\":{");
    for (unsigned i = 0; i < REPLAY_FACTS_MAX && policy_fact_key(i) != NULL; i++)
        if (f->facts[i] > 0)
            json_put_member_integer(out, policy_fact_key(i), (int64_t)f->facts[i]);
    buf_u8(out, '}');
    json_put_member_integer(out, "not_by_set", (int64_t)f->not_by_set);
    json_put_key(out, "total");
    buf_u8(out, '{');
    put_counts(out, f->total);
    buf_u8(out, '}');
    json_put_member_integer(out, "withheld_words", (int64_t)f->withheld);
    buf_text(out, "}\n");
}
