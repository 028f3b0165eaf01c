/*
 * A picture of the federation: parties as places around the gateway, what flowed between them as
 * lines by service and volume, refused ones broken; each leads to its records. Drawn here, of the
 * log's counts, in SVG without a script; the same stands below as a table.
 */
#include "base/mem.h"
#include "console/access.h"
#include "console/fields.h"
#include "console/flows.h"
#include "console/index.h"
#include "console/state.h"
#include "console/tables.h"
#include "console/when.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 1000, HEIGHT = 640, ACROSS = 370, DOWN = 255, HUB = 46, COLOURS = 8, WIDEST = 9 };
#define LONGEST (31 * US_PER_DAY) /* that is counted in one go */

struct picture {
    struct flows flows;
    int64_t from_us, until_us;
};

struct place {
    int x, y;
};

static const struct place hub = {WIDTH / 2, HEIGHT / 2};

/* What the gateway itself sends and gets begins and ends in the middle. */
static bool is_hub(const struct flows *f, size_t party)
{
    return strcmp(f->party[party], "gateway") == 0;
}

/* Around the gateway, from the top on. */
static struct place place_of(const struct flows *f, size_t party)
{
    size_t at = 0, around = 0;
    if (is_hub(f, party))
        return hub;
    for (size_t i = 0; i < f->parties; i++)
        if (!is_hub(f, i)) {
            at += i < party;
            around++;
        }
    const double turn = 2 * 3.14159265358979 * (double)at / (double)around;
    return (struct place){(int)lround(hub.x + ACROSS * sin(turn)),
                          (int)lround(hub.y - DOWN * cos(turn))};
}

/* Where a line meets the gateway's edge, that comes from `from`; `side` parts the services. */
static struct place edge_towards(struct place from, int side)
{
    const double turn = atan2(from.y - hub.y, from.x - hub.x) + side / 120.0;
    return (struct place){(int)lround(hub.x + HUB * cos(turn)),
                          (int)lround(hub.y + HUB * sin(turn))};
}

/* ---- what a line says, and where it leads */

static void say_flow(const struct flows *f, const struct flow *x, bool ko, struct buf *out)
{
    buf_printf(out, "%s → %s, %s: %" PRIu64 " %s", f->party[x->from], f->party[x->to],
               f->service[x->service], x->count,
               text_of(x->refused ? TEXT_FLOW_REFUSED : TEXT_FLOW_PERMITTED, ko));
}

static void put_filter(struct buf *to, enum search_field field, const char *word)
{
    query_put(to, search_field_word(field), bytes_of_text(word));
}

static void link_flow(const struct web_call *w, const struct picture *p, const struct flow *x,
                      struct buf *to)
{
    char time[TIME_TEXT];
    web_path(w, "records", to);
    put_filter(to, SEARCH_SOURCE_PARTY, p->flows.party[x->from]);
    put_filter(to, SEARCH_UNIT_PARTY, p->flows.party[x->to]);
    put_filter(to, SEARCH_SERVICE, p->flows.service[x->service]);
    put_filter(to, SEARCH_EVENT, audit_event_word(AUDIT_RECEIVED));
    time_text_s(p->from_us, zone_named("Asia/Seoul"), time);
    query_put(to, "from", bytes_of_text(time));
}

/* ---- drawing */

/* A line grows by one for four times as many. */
static unsigned width_of(uint64_t count)
{
    unsigned width = 2;
    for (; count >= 4 && width < WIDEST; count /= 4)
        width++;
    return width;
}

/* By the gateway's side, each service a little beside the others; or to its edge. */
static void path_of(const struct flows *f, const struct flow *x, char *out, size_t room)
{
    const int side = (int)(x->service % COLOURS) * 12 - 42 + (x->refused ? 24 : 0);
    struct place a = place_of(f, x->from), b = place_of(f, x->to);
    const struct place via = {hub.x + (b.y > a.y ? side : -side),
                              hub.y + (b.x > a.x ? side : -side)};
    if (is_hub(f, x->from))
        a = edge_towards(b, side);
    else if (is_hub(f, x->to))
        b = edge_towards(a, side);
    if (is_hub(f, x->from) || is_hub(f, x->to))
        (void)snprintf(out, room, "M%d %d L%d %d", a.x, a.y, b.x, b.y);
    else
        (void)snprintf(out, room, "M%d %d Q%d %d %d %d", a.x, a.y, via.x, via.y, b.x, b.y);
}

static void put_line(struct web_call *w, struct html *h, const struct picture *p,
                     const struct flow *x)
{
    const struct flows *f = &p->flows;
    char path[128], class[32];
    struct buf said = BUF_INIT(1024), to = BUF_INIT(CONSOLE_PATH_MAX);
    say_flow(f, x, w->korean, &said);
    path_of(f, x, path, sizeof path);
    (void)snprintf(class, sizeof class, "flow c%zu%s", x->service % COLOURS,
                   x->refused ? " refused" : "");
    if (web_may_open(w, "records")) {
        link_flow(w, p, x, &to);
        html_open(h, "a");
        html_attr(h, "href", buf_view(&to));
        html_attr(h, "aria-label", buf_view(&said));
    }
    html_open(h, "path");
    html_attr_text(h, "class", class);
    html_attr_text(h, "d", path);
    html_attr_number(h, "stroke-width", width_of(x->count));
    html_attr_text(h, "marker-end", x->refused ? "url(#stop)" : "url(#arrow)");
    html_element(h, "title", NULL, buf_view(&said));
    html_close(h);
    if (to.n > 0)
        html_close(h);
    buf_free(&said);
    buf_free(&to);
}

static void put_text_at(struct html *h, int x, int y, const char *class, const char *text)
{
    html_open(h, "text");
    html_attr_text(h, "class", class);
    html_attr_number(h, "x", (uint64_t)x);
    html_attr_number(h, "y", (uint64_t)y);
    html_attr_text(h, "text-anchor", "middle");
    html_text(h, text);
    html_close(h);
}

static void put_circle(struct html *h, struct place at, unsigned radius, const char *class)
{
    html_open(h, "circle");
    html_attr_text(h, "class", class);
    html_attr_number(h, "cx", (uint64_t)at.x);
    html_attr_number(h, "cy", (uint64_t)at.y);
    html_attr_number(h, "r", radius);
    html_close(h);
}

static void put_places(struct web_call *w, struct html *h, const struct flows *f)
{
    put_circle(h, hub, HUB, "hub");
    put_text_at(h, hub.x, hub.y + 5, "hub", text_of(TEXT_GATEWAY, w->korean));
    for (size_t i = 0; i < f->parties; i++) {
        const struct place at = place_of(f, i);
        if (is_hub(f, i))
            continue;
        put_circle(h, at, 9, "party");
        put_text_at(h, at.x, at.y < HEIGHT / 2 ? at.y - 18 : at.y + 28, "party", f->party[i]);
    }
}

/* The end of a line: an arrow, or a bar where it was refused. */
static void put_marker(struct html *h, const char *id, const char *path)
{
    html_open(h, "marker");
    html_attr_text(h, "id", id);
    html_attr_text(h, "viewBox", "0 0 10 10");
    html_attr_text(h, "refX", "15");
    html_attr_text(h, "refY", "5");
    html_attr_text(h, "markerWidth", "12");
    html_attr_text(h, "markerHeight", "12");
    html_attr_text(h, "markerUnits", "userSpaceOnUse");
    html_attr_text(h, "orient", "auto");
    html_open(h, "path");
    html_attr_text(h, "class", "end");
    html_attr_text(h, "d", path);
    html_close(h);
    html_close(h);
}

static void put_drawing(struct web_call *w, struct html *h, const struct picture *p)
{
    char box[32];
    (void)snprintf(box, sizeof box, "0 0 %d %d", WIDTH, HEIGHT);
    html_open(h, "svg");
    html_attr_text(h, "class", "picture");
    html_attr_text(h, "xmlns", "http://www.w3.org/2000/svg");
    html_attr_text(h, "viewBox", box);
    html_attr_text(h, "role", "group");
    html_attr_text(h, "aria-label", text_of(TEXT_NAV_PICTURE, w->korean));
    html_open(h, "defs");
    put_marker(h, "arrow", "M0 0 L10 5 L0 10 z");
    put_marker(h, "stop", "M3 0 L6 0 L6 10 L3 10 z");
    html_close(h);
    for (size_t i = 0; i < p->flows.flows; i++)
        put_line(w, h, p, &p->flows.flow[i]);
    put_places(w, h, &p->flows);
    html_close(h);
}

/* ---- what stands around it */

static void put_legend(struct html *h, const struct flows *f)
{
    html_open(h, "ul");
    html_attr_text(h, "class", "legend");
    for (size_t i = 0; i < f->services; i++) {
        char class[8];
        (void)snprintf(class, sizeof class, "c%zu", i % COLOURS);
        html_element_text(h, "li", class, f->service[i][0] == '\0' ? "-" : f->service[i]);
    }
    html_element_t(h, "li", "refused", TEXT_FLOW_REFUSED);
    html_close(h);
}

static void put_table(struct web_call *w, const struct flows *f)
{
    static const struct report_column columns[] = {
        {"from", {"from", "제공자"}},           {"to", {"to", "받는 자"}},
        {"service", {"service", "서비스"}},     {"outcome", {"outcome", "판정"}},
        {"count", {"recipients", "수신 건수"}}, {"bytes", {"bytes", "바이트"}},
        {"last", {"last entry", "마지막 기록"}}};
    static const char *const title[2] = {"Flows between parties", "기관 사이의 흐름"};
    struct report_table *t = table_new("flows", title, columns, ARRAY_LEN(columns), w->korean);
    for (size_t i = 0; i < f->flows; i++) {
        const struct flow *x = &f->flow[i];
        table_text(t, f->party[x->from]);
        table_text(t, f->party[x->to]);
        table_text(t, f->service[x->service]);
        table_text(t, text_of(x->refused ? TEXT_FLOW_REFUSED : TEXT_FLOW_PERMITTED, w->korean));
        table_number(t, x->count);
        table_number(t, x->bytes);
        table_number(t, x->last);
    }
    table_note(t, text_of(TEXT_HOURS, w->korean));
    if (f->left_out > 0)
        table_note(t, text_of(TEXT_FLOWS_LEFT_OUT, w->korean));
    tables_put(w, t);
    table_free(t);
}

static void put_times(struct web_call *w, struct html *h, const struct picture *p)
{
    const struct {
        const char *name;
        enum text label;
        int64_t us;
    } rows[] = {{"from", TEXT_FROM, p->from_us}, {"until", TEXT_UNTIL, p->until_us}};
    struct buf to = BUF_INIT(64);
    web_path(w, "picture", &to);
    field_form(h, false, buf_view(&to), "filter");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char value[WHEN_FIELD];
        when_field(rows[i].us, value);
        const struct field f = {.form = "picture",
                                .name = rows[i].name,
                                .type = "datetime-local",
                                .label = bytes_of_text(text_of(rows[i].label, w->korean)),
                                .value = bytes_of_text(value)};
        field_input(h, &f);
    }
    field_form_end(h, TEXT_SHOW);
    buf_free(&to);
}

static void show(struct web_call *w, const struct picture *p)
{
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_PICTURE, w->korean)));
    const bool is_behind = index_is_behind(w);
    put_times(w, h, p);
    if (is_behind)
        index_put_progress(w);
    if (p->flows.flows > 0) {
        put_drawing(w, h, p);
        put_legend(h, &p->flows);
        put_table(w, &p->flows);
    } else if (!is_behind) {
        html_element_t(h, "p", "empty", TEXT_NO_FLOWS);
    }
    web_show(w, NULL);
}

void page_picture(struct web_call *w);
void page_picture(struct web_call *w)
{
    struct picture *p = mem_new(sizeof *p);
    struct search *s = w->console->config.search;
    const int64_t now = console_wall(w->console);
    p->from_us = (now / US_PER_HOUR - 23) * US_PER_HOUR; /* a day, with this hour */
    p->until_us = INT64_MAX;
    if (!when_read(query_get(&w->query, "from"), &p->from_us) ||
        !when_read(query_get(&w->query, "until"), &p->until_us) || p->from_us >= p->until_us)
        web_fail(w, 400, TEXT_TIME_UNREADABLE, TEXT_TIME_UNREADABLE_DO);
    else if ((p->until_us < now ? p->until_us : now) - p->from_us > LONGEST)
        web_fail(w, 400, TEXT_TIME_UNREADABLE, TEXT_PICTURE_LONG_DO);
    else if (s == NULL || flows_read(s, p->from_us, p->until_us, access_party(&w->visitor),
                                     &p->flows) != RESULT_OK)
        web_fail(w, 503, TEXT_NO_INDEX, TEXT_NO_INDEX_DO);
    else
        show(w, p);
    mem_free(p);
}
