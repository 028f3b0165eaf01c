#include "report/statistics.h"

#include "report/claims.h"

#include "base/arena.h"
#include "base/mem.h"
#include "report/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- counting words */

struct count {
    char name[160];
    uint64_t n, last; /* last: of the leaves that were counted */
};

struct counts {
    struct count *list;
    size_t n, room;
};

static struct count *count_of(struct counts *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->list[i].name, name) == 0)
            return &c->list[i];
    if (c->n == c->room) {
        size_t room = c->room == 0 ? 16 : 2 * c->room;
        c->list = mem_grow_array(c->list, c->room, room, sizeof *c->list);
        c->room = room;
    }
    struct count *x = &c->list[c->n++];
    *x = (struct count){0};
    (void)snprintf(x->name, sizeof x->name, "%s", name);
    return x;
}

static void add(struct counts *c, const char *name, uint64_t by, uint64_t index)
{
    struct count *x = count_of(c, name);
    x->n += by;
    x->last = index;
}

static int by_number(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct count *)a)->name, ((const struct count *)b)->name);
}

/* ---- tables: what is counted, how many, the last leaf */

static const struct report_column columns[] = {{"what", {"what", "구분"}},
                                               {"count", {"count", "건수"}},
                                               {"index", {"last log index", "마지막 기록 번호"}}};

static struct report_table *table_of(const struct report *r, const char *word, const char *en,
                                     const char *ko)
{
    const char *const title[2] = {en, ko};
    return table_new(word, title, columns, ARRAY_LEN(columns), r->names->korean);
}

static void put_count(struct report_table *t, const char *name, uint64_t n, uint64_t last)
{
    table_text(t, name);
    table_number(t, n);
    if (last == 0)
        table_text(t, "");
    else
        table_number(t, last);
}

static void put_counts(struct report_table *t, struct counts *c,
                       int (*order)(const void *a, const void *b))
{
    if (c->n > 0)
        qsort(c->list, c->n, sizeof *c->list, order);
    for (size_t i = 0; i < c->n; i++)
        put_count(t, c->list[i].name, c->list[i].n, c->list[i].last);
    mem_free(c->list);
}

/* ---- cases */

static struct report_table *cases_by_service(const struct report *r)
{
    struct report_table *t = table_of(r, "cases", "Cases by service", "서비스별 사건 수");
    struct counts c = {0};
    struct buf name = BUF_INIT(4096);
    for (const struct world_incident *i = r->world->incident; i != NULL; i = i->next) {
        if (!report_is_within(r, i->opened_us))
            continue;
        buf_clear(&name);
        names_put(r->names, 0, POLICY_NAME_SERVICE, i->service, &name);
        add(&c, buf_c(&name), 1, i->opened);
    }
    put_counts(t, &c, by_number);
    buf_free(&name);
    return t;
}

static struct report_table *cases_by_month(const struct report *r)
{
    enum { MONTH = 7 /* 2026-11 */ };
    struct report_table *t = table_of(r, "months", "Cases by month", "월별 사건 수");
    struct counts c = {0};
    for (const struct world_incident *i = r->world->incident; i != NULL; i = i->next) {
        char text[TIME_TEXT];
        if (!report_is_within(r, i->opened_us))
            continue;
        time_text_s(i->opened_us, zone_named("Asia/Seoul"), text);
        text[MONTH] = '\0';
        add(&c, text, 1, i->opened);
    }
    put_counts(t, &c, by_name);
    return t;
}

/* ---- requests for release: what they came to; the register alone knows */

static bool is_counted(const struct report *r, const struct world_message *m, const char *kind)
{
    return bytes_is(m->kind, kind) && (m->is_permitted || m->first != NULL) &&
           report_is_within(r, m->time_us) && world_is_real(m->status);
}

/* Whether the answer is to a request of the time asked for, as far as that is known. */
static bool is_answer_to_counted(const struct report *r, const struct fact *f)
{
    const struct world_provision *p = f->has_about ? world_provision(r->world, f->about) : NULL;
    return p == NULL || report_is_within(r, p->of->time_us);
}

static struct report_table *requests(const struct report *r)
{
    bool ko = r->names->korean;
    struct report_table *t = table_of(r, "requests", "Requests for recordings, by outcome",
                                      "영상 열람·제공 청구의 처리 결과");
    struct counts c = {0};
    struct buf name = BUF_INIT(4096);
    uint64_t asked = 0, last = 0, answered = 0;
    for (const struct world_message *m = r->world->message; m != NULL; m = m->next) {
        struct fact f;
        if (is_counted(r, m, "release_request")) {
            asked++;
            last = m->index;
        }
        if (!is_counted(r, m, "release_answer"))
            continue;
        world_fact(r->world, m->index, &f);
        answered += is_answer_to_counted(r, &f);
        buf_clear(&name);
        names_put_word(r->names, f.result, &name);
        add(&c, f.result.n > 0 ? buf_c(&name) : ko ? "(봉인됨)" : "(sealed)", 1, m->index);
    }
    put_count(t, ko ? "청구" : "requests", asked, last);
    put_counts(t, &c, by_number);
    put_count(t, ko ? "처리 중" : "pending", asked > answered ? asked - answered : 0, 0);
    buf_free(&name);
    report_notes(r, t);
    return t;
}

/* ---- hits */

static struct report_table *hits(const struct report *r)
{
    bool ko = r->names->korean;
    struct report_table *t = table_of(r, "hits", "How often cameras helped", "카메라 활용 결과");
    uint64_t helped = 0, not_helped = 0, sealed = 0, last[3] = {0};
    char share[64];
    for (const struct world_message *m = r->world->message; m != NULL; m = m->next) {
        struct fact f;
        if (!is_counted(r, m, "feedback"))
            continue;
        world_fact(r->world, m->index, &f);
        bool yes = bytes_is(f.result, "helped"), no = bytes_is(f.result, "not-helped");
        helped += yes;
        not_helped += no;
        sealed += !yes && !no;
        last[yes ? 0 : no ? 1 : 2] = m->index;
    }
    put_count(t, ko ? "도움 됨" : "helped", helped, last[0]);
    put_count(t, ko ? "도움 안 됨" : "did not help", not_helped, last[1]);
    if (sealed > 0)
        put_count(t, ko ? "(봉인됨)" : "(sealed)", sealed, last[2]);
    if (helped + not_helped > 0) {
        uint64_t permille = helped * 1000 / (helped + not_helped);
        (void)snprintf(share, sizeof share,
                       ko ? "적중률 %" PRIu64 ".%" PRIu64 " %%"
                          : "hit rate %" PRIu64 ".%" PRIu64 " %%",
                       permille / 10, permille % 10);
        table_note(t, share);
    }
    return t;
}

/* ---- refusals */

static struct report_table *refusals(const struct report *r)
{
    struct report_table *t = table_of(r, "refusals", "Why something was refused", "거부 사유");
    struct counts c = {0};
    struct buf name = BUF_INIT(4096);
    for (const struct world_refusal *x = r->world->refusal; x != NULL; x = x->next) {
        buf_clear(&name);
        names_put_reason(r->names, x->reason, &name);
        add(&c, buf_c(&name), x->count, x->last);
    }
    put_counts(t, &c, by_number);
    buf_free(&name);
    return t;
}

/* ---- location: the two counts of LIA 30 */

/* Whether a position of an emergency request goes on from whoever got it of the carrier. Without a
 * set nobody is known as one: then the basis has to tell. */
static bool is_passed_on(const struct report *r, const struct world_provision *p)
{
    const struct policy *set = names_set(r->names, p->policy);
    struct bytes party;
    if (set == NULL)
        return !bytes_is(p->of->basis, "kr/location/29");
    return ident_split_unit(p->of->source, &party, NULL) &&
           !policy_party_has_role(set, party, "carrier");
}

/* What a carrier gave on an emergency request, and what was then given to a third party. */
static struct report_table *locations(const struct report *r)
{
    bool ko = r->names->korean;
    struct report_table *t = table_of(r, "location", "Location: requests and provisions (LIA 30)",
                                      "위치정보 요청·제공(위치정보법 30조)");
    uint64_t asked = 0, given = 0, passed = 0, last[3] = {0};
    for (const struct world_message *m = r->world->message; m != NULL; m = m->next) {
        if (is_counted(r, m, "location_request") && bytes_is(m->basis, "kr/location/29")) {
            asked++;
            last[0] = m->index;
        }
    }
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next) {
        struct fact f;
        if (!report_is_within(r, p->time_us) || !report_is_provision(p))
            continue;
        world_fact(r->world, p->index, &f);
        bool rescue =
            bytes_is(p->of->basis, "kr/location/29") && !bytes_is(p->of->kind, "location_request");
        bool third = bytes_is(f.origin, "lia-29") && is_passed_on(r, p);
        given += rescue && !third;
        passed += third;
        if (rescue || third)
            last[third ? 2 : 1] = p->index;
    }
    put_count(t, ko ? "30조 1항: 요청" : "30(1): requests", asked, last[0]);
    put_count(t, ko ? "30조 1항: 제공" : "30(1): provisions", given, last[1]);
    put_count(t, ko ? "29조 11항: 제3자 제공" : "29(11): disclosures to third parties", passed,
              last[2]);
    return t;
}

/* ---- what citizens and companies asked for, of those received in the time */

static struct report_table *claims(const struct report *r)
{
    bool ko = r->names->korean;
    struct report_table *t =
        table_of(r, "claims", "Footage asked for by citizens and companies, by outcome",
                 "시민·기업의 영상 열람·제공 청구");
    struct counts c = {0};
    uint64_t n = 0, last = 0, open = 0, late = 0;
    for (const struct world_claim *x = r->world->claim; x != NULL; x = x->next) {
        if (!report_is_within(r, x->received_us))
            continue;
        n++;
        last = x->opened;
        open += x->decided == 0;
        late += claim_is_late(r, x);
        if (x->decided != 0)
            add(&c, claim_outcome_text(x->outcome, ko), 1, x->decided);
    }
    put_count(t, ko ? "청구" : "requests", n, last);
    put_counts(t, &c, by_number);
    put_count(t, ko ? "처리 중" : "open", open, 0);
    put_count(t, ko ? "기한 초과" : "late", late, 0);
    return t;
}

/* ---- all */

void statistics_make(const struct report *r, struct report_table *out[STATISTICS_TABLES])
{
    struct report_table *const made[STATISTICS_TABLES] = {
        cases_by_service(r), cases_by_month(r), requests(r), hits(r),
        refusals(r),         locations(r),      claims(r)};
    memcpy(out, made, sizeof made);
}

void statistics_html(struct report_table *const table[STATISTICS_TABLES], struct buf *out)
{
    for (size_t i = 0; i < STATISTICS_TABLES; i++) {
        const struct report_table *t = table[i];
        size_t rows = table_rows(t);
        struct chart_bar *bar = mem_new_array(rows + 1, sizeof *bar);
        for (size_t k = 0; k < rows; k++)
            bar[k] = (struct chart_bar){table_cell(t, k, 0), world_number(table_cell(t, k, 1))};
        table_html(t, out);
        chart_bars(out, table_title(t), bar, rows);
        mem_free(bar);
    }
}
