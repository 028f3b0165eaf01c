/* What reports say of a provision. */
#include "report/registers.h"

#include <inttypes.h>
#include <stdio.h>

bool report_is_within(const struct report *r, int64_t at_us)
{
    return at_us >= r->from_us && at_us < r->until_us;
}

bool report_is_provision(const struct world_provision *p)
{
    return !bytes_is(p->of->source, "gateway/self") && world_is_real(p->of->status);
}

void report_unit(const struct report *r, uint64_t policy, struct bytes unit, struct buf *out)
{
    size_t before = out->n;
    if (unit.n == 0)
        return;
    names_put(r->names, policy, POLICY_NAME_UNIT, unit, out);
    if (!bytes_equal(bytes_of(out->p + before, out->n - before), unit))
        buf_printf(out, " [%.*s]", (int)unit.n, (const char *)unit.p);
}

void report_file(const struct report *r, const struct world_provision *p, struct buf *out)
{
    struct fact f;
    uint64_t about = p->event == AUDIT_WATCH_OPENED ? p->of->index : p->index;
    names_put(r->names, p->policy, POLICY_NAME_KIND, p->of->kind, out);
    world_fact(r->world, about, &f);
    for (size_t i = 0; i < f.cameras; i++)
        buf_printf(out, "%s%.*s", i == 0 ? ": " : ", ", (int)f.camera[i].n,
                   (const char *)f.camera[i].p);
}

void report_items(const struct report *r, const struct world_provision *p, struct buf *out)
{
    struct fact f;
    world_fact(r->world, p->index, &f);
    for (size_t i = 0; i < f.items; i++) {
        buf_text(out, i == 0 ? "" : ", ");
        names_put(r->names, p->policy,
                  bytes_is(f.item[i], "video") ? POLICY_NAME_KIND : POLICY_NAME_FIELD, f.item[i],
                  out);
    }
    if (f.items == 0)
        buf_text(out, r->names->korean ? "(봉인됨)" : "(sealed)");
}

static void put_time(int64_t us, struct buf *out)
{
    char text[TIME_TEXT];
    table_time_text(us, text);
    buf_text(out, text);
}

void report_period(const struct report *r, const struct world_provision *p, struct buf *out)
{
    bool ko = r->names->korean;
    put_time(p->time_us, out);
    if (p->event != AUDIT_WATCH_OPENED) {
        buf_text(out, ko ? ", 1회" : ", once");
        return;
    }
    buf_text(out, ko ? " ~ " : " to ");
    if (p->ended_us == 0)
        buf_text(out, ko ? "진행 중" : "now");
    else
        put_time(p->ended_us, out);
}

/* Of the time asked for; what was decided under sets that are not at hand has other sets' titles.
 */
static uint64_t without_their_set(const struct report *r)
{
    uint64_t n = 0;
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next)
        n += report_is_within(r, p->time_us) && names_set_of(r->names, p->policy) == NULL;
    return n;
}

void report_notes(const struct report *r, struct report_table *t)
{
    bool ko = r->names->korean;
    char text[400];
    if (r->world->sealed > 0) {
        (void)snprintf(text, sizeof text,
                       ko ? "대장 내용 %" PRIu64 "건은 열지 않아 빈칸으로 둠(audit unseal)"
                          : "%" PRIu64 " facts of the register were not opened; their cells are "
                            "empty (audit unseal)",
                       r->world->sealed);
        table_note(t, text);
    }
    if (r->world->wrong > 0) {
        (void)snprintf(text, sizeof text,
                       ko ? "주의: %" PRIu64 "건은 기록의 확약값과 일치하지 않아 제외함"
                          : "Caution: %" PRIu64 " facts are not what their leaves are committed "
                            "to, and were left out",
                       r->world->wrong);
        table_note(t, text);
    }
    uint64_t foreign = r->names->sets == 0 ? 0 : without_their_set(r);
    if (foreign > 0) {
        (void)snprintf(text, sizeof text,
                       ko ? "당시의 정책 집합이 없는 제공 %" PRIu64
                            "건: 명칭은 다른 집합의 것이고 조건은 비워 둠(--policy DIR 추가)"
                          : "%" PRIu64 " provisions were decided under policy sets that are not "
                            "here: titles are those of another, their measures are left out "
                            "(more --policy DIR)",
                       foreign);
        table_note(t, text);
    }
    if (r->names->sets == 0)
        table_note(t, ko ? "정책 집합 없이 작성됨: 이름 대신 낱말로 표시(--policy DIR)"
                         : "Made without a policy set: words stand for titles (--policy DIR)");
}
