#include "report/orders.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

#include <inttypes.h>

struct order {
    struct bytes id, unit, clause, cause;
    uint64_t index, policy;
    int64_t time_us, receipt_by_us;
    uint64_t items, answered; /* how many; in whatever way */
    uint64_t overdue;         /* leaf that says so; 0: none */
    struct order *next;
};

struct orders {
    struct arena *arena;
    struct map *by_id;
    struct order *first, **last;
};

static struct bytes id_of(const void *item)
{
    return ((const struct order *)item)->id;
}

struct orders *orders_new(void)
{
    struct orders *o = mem_new(sizeof *o);
    *o = (struct orders){.arena = arena_new(SIZE_MAX), .by_id = map_new(id_of)};
    o->last = &o->first;
    return o;
}

void orders_free(struct orders *o)
{
    if (o == NULL)
        return;
    map_free(o->by_id);
    arena_free(o->arena);
    mem_free(o);
}

static struct bytes word_of(struct orders *o, const struct leaf *leaf, const char *key)
{
    struct bytes detail = leaf->detail, value;
    return leaf_detail(&detail, key, &value) ? arena_copy(o->arena, value) : bytes_of(NULL, 0);
}

static void add(struct orders *o, const struct leaf *leaf)
{
    const uint64_t by_s = world_number(word_of(o, leaf, "by"));
    struct order *x = arena_take(o->arena, sizeof *x);
    *x = (struct order){.id = word_of(o, leaf, "order"),
                        .unit = arena_copy(o->arena, leaf->recipient[0].unit),
                        .clause = arena_copy(o->arena, leaf->recipient[0].clause),
                        .cause = word_of(o, leaf, "cause"),
                        .index = leaf->index,
                        .policy = leaf->policy,
                        .time_us = leaf->time_us,
                        .items = leaf->size};
    if (by_s < (uint64_t)(INT64_MAX / US_PER_S))
        x->receipt_by_us = (int64_t)by_s * US_PER_S;
    if (map_add(o->by_id, x)) {
        *o->last = x;
        o->last = &x->next;
    }
}

void orders_take(struct orders *o, const struct leaf *leaf)
{
    struct bytes detail = leaf->detail, id;
    if (leaf->recipients != 1 || !leaf_detail(&detail, "order", &id))
        return;
    struct order *x = map_get(o->by_id, id);
    switch (leaf->event) {
    case AUDIT_ORDERED: add(o, leaf); return;
    case AUDIT_RECIPIENT_DESTROYED:
    case AUDIT_NEVER_STORED:
    case AUDIT_RETAINED:
        if (x != NULL)
            x->answered += leaf->size;
        return;
    case AUDIT_RECEIPT_OVERDUE:
        if (x != NULL)
            x->overdue = leaf->index;
        return;
    default: return;
    }
}

/* ---- */

static const struct report_column columns[] = {
    {"index", {"log index", "기록 번호"}},
    {"unit", {"recipient", "제공받은 기관·부서"}},
    {"clause", {"clause", "조항"}},
    {"why", {"why", "사유"}},
    {"ordered", {"ordered at (+09:00)", "파기 요구 (+09:00)"}},
    {"by", {"receipt due (+09:00)", "확인서 기한 (+09:00)"}},
    {"lacking", {"provisions without a receipt", "확인되지 않은 제공"}},
    {"of", {"of", "전체"}},
    {"told", {"log index of the alarm", "기한 초과 기록 번호"}}};

static void add_row(const struct report *r, const struct order *x, struct report_table *t)
{
    struct buf cell = BUF_INIT(4096);
    table_number(t, x->index);
    report_unit(r, x->policy, x->unit, &cell);
    table_take(t, &cell);
    table_put(t, x->clause);
    names_put_word(r->names, x->cause, &cell);
    table_take(t, &cell);
    table_time(t, x->time_us);
    table_time(t, x->receipt_by_us);
    table_number(t, x->items - x->answered);
    table_number(t, x->items);
    if (x->overdue != 0)
        table_number(t, x->overdue);
    else
        table_text(t, "");
    buf_free(&cell);
}

struct report_table *orders_overdue(const struct report *r, const struct orders *o)
{
    static const char *const title[2] = {"Receipts of destruction that are overdue",
                                         "기한이 지난 파기 확인서"};
    struct report_table *t =
        table_new("overdue", title, columns, ARRAY_LEN(columns), r->names->korean);
    for (const struct order *x = o->first; x != NULL; x = x->next)
        if (x->answered < x->items && x->receipt_by_us != 0 && x->receipt_by_us < r->now_us)
            add_row(r, x, t);
    table_note(t, r->names->korean ? "기한이 지났다는 것만으로 파기된 것으로 보지 않음"
                                   : "A date that passed is never taken for a destruction");
    return t;
}
