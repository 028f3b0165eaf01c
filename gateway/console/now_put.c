/* How the gateway stands, as parts of a page. */
#include "console/now.h"

#include "base/ident.h"
#include "console/index.h"
#include "console/state.h"
#include "console/tables.h"
#include "ipc/channel.h"
#include "report/names.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- the gateway as a whole */

static void put_flag(struct html *h, bool is_bad, enum text good, enum text bad)
{
    html_open(h, "li");
    html_element_t(h, "span", is_bad ? "bad" : "good", is_bad ? bad : good);
    html_close(h);
}

static bool ledger_of(const struct now *n, struct live_ledger *l)
{
    struct cursor items;
    size_t count;
    bool more;
    return now_items(n, NOW_LEDGER, &items, &count, &more) && count == 1 &&
           live_ledger_take(&items, l) == RESULT_OK;
}

static bool edge_of(const struct now *n, struct live_edge *e)
{
    struct cursor items;
    size_t count;
    bool more;
    return now_items(n, NOW_EDGE, &items, &count, &more) && count == 1 &&
           live_edge_take(&items, e) == RESULT_OK;
}

static void put_health(struct web_call *w, const struct live_ledger *l, const struct live_edge *e)
{
    struct html *h = &w->html;
    html_element_t(h, "h2", NULL, TEXT_HEALTH);
    html_open(h, "ul");
    put_flag(h, e == NULL || !e->serves, TEXT_EDGE_SERVES, TEXT_EDGE_AWAY);
    if (e != NULL && e->draining)
        put_flag(h, true, TEXT_EDGE_DRAINS, TEXT_EDGE_DRAINS);
    put_flag(h, l->second_device, TEXT_FIRST_DEVICE, TEXT_SECOND_DEVICE);
    put_flag(h, l->log_is_full, TEXT_LOG_HAS_ROOM, TEXT_LOG_IS_FULL);
    put_flag(h, l->clock_is_held, TEXT_CLOCK_GOOD, TEXT_CLOCK_HELD);
    html_close(h);
}

static void fact_put(struct html *h, enum text name, struct bytes value)
{
    html_open(h, "div");
    html_element_t(h, "dt", NULL, name);
    html_element(h, "dd", NULL, value);
    html_close(h);
}

static void fact_put_number(struct html *h, enum text name, uint64_t n)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, n);
    fact_put(h, name, bytes_of_text(text));
}

static void put_tiles(struct web_call *w, const struct live_ledger *l, const struct live_edge *e)
{
    struct html *h = &w->html;
    html_open(h, "dl");
    html_attr_text(h, "class", "tiles");
    if (e != NULL) {
        fact_put_number(h, TEXT_SESSIONS, e->sessions);
        fact_put_number(h, TEXT_STREAMS, e->streams);
        fact_put_number(h, TEXT_WATCHERS, e->watchers);
        fact_put_number(h, TEXT_REFUSED_HANDSHAKES, e->refused_addresses + e->refused_units);
    }
    fact_put_number(h, TEXT_INCIDENTS, l->incidents);
    fact_put_number(h, TEXT_WAITING, l->waiting);
    fact_put_number(h, TEXT_UNACKNOWLEDGED, l->unacknowledged);
    fact_put_number(h, TEXT_CASES, l->cases);
    fact_put_number(h, TEXT_SUSPENSIONS, l->suspensions);
    fact_put_number(h, TEXT_SCOPES, l->scopes);
    fact_put_number(h, TEXT_ENTRIES, l->entries);
    fact_put_number(h, TEXT_UNPUBLISHED, l->entries - l->published);
    fact_put(h, TEXT_SET, l->set);
    fact_put_number(h, TEXT_SERIAL, l->serial);
    html_close(h);
}

/* ---- lists */

static const struct report_column unit_columns[] = {{"unit", {"unit", "단위"}},
                                                    {"sessions", {"sessions", "접속"}},
                                                    {"streams", {"streams", "영상 송출"}},
                                                    {"watching", {"watching", "영상 열람"}},
                                                    {"queues", {"queues read", "수신 중인 큐"}}};

static bool add_unit(struct web_call *w, struct report_table *t, struct cursor *items)
{
    struct live_unit u;
    (void)w;
    if (live_unit_take(items, &u) != RESULT_OK)
        return false;
    table_put(t, u.unit);
    table_number(t, u.sessions);
    table_number(t, u.streams);
    table_number(t, u.watchers);
    table_number(t, u.subscribers);
    return true;
}

static const struct report_column party_columns[] = {
    {"party", {"party", "기관"}},
    {"urgent", {"urgent, waiting", "긴급 대기"}},
    {"normal", {"normal, waiting", "일반 대기"}},
    {"bulk", {"bulk, waiting", "대용량 대기"}},
    {"unacknowledged", {"unacknowledged", "수신 확인 전"}},
    {"oldest", {"oldest waiting, since (+09:00)", "가장 오래된 대기, 시작 (+09:00)"}}};

static bool add_party(struct web_call *w, struct report_table *t, struct cursor *items)
{
    struct live_party p;
    int64_t oldest_us = INT64_MAX;
    (void)w;
    if (live_party_take(items, &p) != RESULT_OK)
        return false;
    if (p.waiting + p.unacknowledged == 0)
        return true;
    table_put(t, p.party);
    for (size_t i = 0; i < ROAD_LANES; i++) {
        table_number(t, p.lane[i].waiting);
        if (p.lane[i].oldest_us != 0 && p.lane[i].oldest_us < oldest_us)
            oldest_us = p.lane[i].oldest_us;
    }
    table_number(t, p.unacknowledged);
    table_time(t, oldest_us == INT64_MAX ? 0 : oldest_us);
    return true;
}

static const struct report_column stream_columns[] = {
    {"index", {"log index", "기록 번호"}}, {"unit", {"from", "송출 단위"}},
    {"clause", {"clause", "조항"}},        {"since", {"since (+09:00)", "시작 (+09:00)"}},
    {"watchers", {"watchers", "열람"}},    {"frames", {"pieces", "조각"}},
    {"bytes", {"bytes", "바이트"}}};

static bool add_stream(struct web_call *w, struct report_table *t, struct cursor *items)
{
    struct live_stream s;
    (void)w;
    if (live_stream_take(items, &s) != RESULT_OK)
        return false;
    table_number(t, s.index);
    table_put(t, s.unit);
    table_put(t, s.clause);
    table_time(t, s.since_us);
    table_number(t, s.watchers);
    table_number(t, s.frames);
    table_number(t, s.bytes);
    return true;
}

static const struct report_column role_columns[] = {{"role", {"process", "프로세스"}},
                                                    {"since", {"since (+09:00)", "시작 (+09:00)"}},
                                                    {"ends", {"restarts", "재시작"}},
                                                    {"reason", {"last end", "최근 종료 사유"}},
                                                    {"shutIn", {"shut in", "격리"}}};

static bool add_role(struct web_call *w, struct report_table *t, struct cursor *items)
{
    struct live_role r;
    (void)w;
    if (live_role_take(items, &r) != RESULT_OK)
        return false;
    table_text(t, ipc_role_name((enum ipc_role)r.role));
    table_time(t, r.since_us);
    table_number(t, r.ends);
    table_put(t, r.end);
    table_put(t, r.attained);
    return true;
}

static const struct report_column due_columns[] = {{"due", {"due (+09:00)", "파기 기한 (+09:00)"}},
                                                   {"state", {"state", "상태"}},
                                                   {"mou", {"memorandum", "협약"}},
                                                   {"why", {"why", "사유"}},
                                                   {"scope", {"key scope", "키 번호"}}};

static const char *due_state(const struct web_call *w, const struct control_item *i)
{
    static const char *const words[3][2] = {
        {"due", "예정"}, {"overdue", "기한 초과"}, {"preserved", "보존 명령"}};
    bool late = i->due_us <= console_wall(w->console);
    return words[i->went_ahead ? 2 : late][w->korean];
}

/* Only what is due within a day, or was: the rest is for the page of destruction. */
static bool add_due(struct web_call *w, struct report_table *t, struct cursor *items)
{
    const struct names names = {.korean = w->korean};
    struct control_item i;
    if (control_item_take(items, &i) != RESULT_OK)
        return false;
    if (i.due_us > time_after(console_wall(w->console), US_PER_DAY))
        return true;
    struct buf why = BUF_INIT(4096);
    names_put_word(&names, i.failed, &why);
    table_time(t, i.due_us);
    table_text(t, due_state(w, &i));
    table_put(t, i.clause);
    table_take(t, &why);
    table_put(t, i.subject);
    buf_free(&why);
    return true;
}

struct part {
    enum now_list list;
    const char *word, *title[2];
    const struct report_column *column;
    size_t columns;
    bool (*add)(struct web_call *w, struct report_table *t, struct cursor *items);
};

static const struct part parts[] = {
    {NOW_PARTIES,
     "parties",
     {"Parties that deliveries are for", "제공을 받을 기관"},
     party_columns,
     ARRAY_LEN(party_columns),
     add_party},
    {NOW_DUE,
     "due",
     {"Due for destruction within a day", "하루 안에 파기할 것"},
     due_columns,
     ARRAY_LEN(due_columns),
     add_due},
    {NOW_STREAMS,
     "streams",
     {"Live video", "실시간 영상"},
     stream_columns,
     ARRAY_LEN(stream_columns),
     add_stream},
    {NOW_UNITS, "units", {"Units", "단위"}, unit_columns, ARRAY_LEN(unit_columns), add_unit},
    {NOW_ROLES,
     "roles",
     {"Processes of the gateway", "게이트웨이의 프로세스"},
     role_columns,
     ARRAY_LEN(role_columns),
     add_role}};

static void put_part(struct web_call *w, const struct now *n, const struct part *p)
{
    struct report_table *t = table_new(p->word, p->title, p->column, p->columns, w->korean);
    struct cursor items;
    size_t count = 0;
    bool more = false, good = now_items(n, p->list, &items, &count, &more);
    for (size_t i = 0; good && i < count; i++)
        good = p->add(w, t, &items);
    if (!good)
        table_note(t, text_of(TEXT_NOT_SAID, w->korean));
    if (more)
        table_note(t, text_of(TEXT_MORE_THAN_SHOWN, w->korean));
    tables_put(w, t);
    table_free(t);
}

void now_put(struct web_call *w)
{
    const struct now *n = w->console->now;
    struct live_ledger l;
    struct live_edge e;
    if (!ledger_of(n, &l)) {
        html_element_t(&w->html, "p", "remedy", TEXT_NO_LEDGER_DO);
        return;
    }
    bool has_edge = edge_of(n, &e);
    put_tiles(w, &l, has_edge ? &e : NULL);
    put_health(w, &l, has_edge ? &e : NULL);
    now_put_lanes(w, &l);
    if (w->console->config.search != NULL && index_is_behind(w))
        index_put_progress(w);
    now_put_ages(w, &l);
    now_put_late(w);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        put_part(w, n, &parts[i]);
    now_put_log(w);
}
