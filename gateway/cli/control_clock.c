/* The clock of a running gateway, for people and for programs. */
#include "base/clock.h"
#include "cli/control.h"
#include "json/json.h"

#include <string.h>

static void put_time(struct buf *out, const char *key, int64_t us)
{
    char text[TIME_TEXT];
    time_text_s(us, zone_named("Asia/Seoul"), text);
    json_put_member_text(out, key, bytes_of_text(text));
}

static void print_json(const struct control_item *i)
{
    struct buf out = BUF_INIT(4096);
    buf_text(&out, "{");
    put_time(&out, "gateway", i->since_us);
    json_put_member_bool(&out, "refused", i->went_ahead);
    json_put_member_text(&out, "subject", i->subject);
    put_time(&out, "system", i->due_us);
    json_put_member_bool(&out, "trusted", !i->overdue);
    if (i->overdue)
        json_put_member_text(&out, "would_destroy", i->failed);
    buf_text(&out, "}");
    (void)puts(buf_c(&out));
    buf_free(&out);
}

static void row(struct cli_table *t, const char *name, const char *value, enum cli_paint paint)
{
    cli_table_cell(t, name);
    cli_table_paint(t, CLI_FAINT);
    cli_table_cell(t, value);
    cli_table_paint(t, paint);
}

static const char *state_text(const struct control_item *i, bool korean)
{
    static const char *const texts[][2] = {
        {"trusted", "신뢰함"},
        {"far ahead: an officer of the operator has to accept or refuse it",
         "크게 앞서 있음: 운영기관 담당관이 승인하거나 거부해야 함"},
        {"refused: the time is held until the clock is repaired",
         "거부됨: 시각이 복구될 때까지 멈춤"}};
    return texts[!i->overdue ? 0 : i->went_ahead ? 2 : 1][korean];
}

static void print_table(const struct control_item *i, bool korean)
{
    char gateway[TIME_TEXT], system[TIME_TEXT], text[256];
    struct cli_table *t = cli_table_new(2);
    time_text_s(i->since_us, zone_named("Asia/Seoul"), gateway);
    time_text_s(i->due_us, zone_named("Asia/Seoul"), system);
    row(t, korean ? "시각" : "clock", state_text(i, korean), i->overdue ? CLI_BAD : CLI_PLAIN);
    row(t, korean ? "게이트웨이" : "gateway", gateway, CLI_PLAIN);
    row(t, korean ? "시스템" : "system", system, CLI_PLAIN);
    if (i->overdue) {
        (void)snprintf(text, sizeof text, "%.*s", (int)i->failed.n, (const char *)i->failed.p);
        row(t, korean ? "파기될 것" : "would destroy", text, CLI_BAD);
        (void)snprintf(text, sizeof text, "%.*s", (int)i->subject.n, (const char *)i->subject.p);
        row(t, korean ? "대상" : "subject", text, CLI_PLAIN);
    }
    cli_table_print(t, stdout);
    cli_table_free(t);
}

int control_print_clock(const struct control_print *p)
{
    struct buf frame;
    struct control_answer a;
    struct control_item i;
    struct cursor items;
    const struct control_request r = {.ask = CONTROL_LIST, .list = CONTROL_CLOCK};
    bool good = control_ask(p->socket, &r, &frame, &a, &items);
    if (good && (a.items != 1 || control_item_take(&items, &i) != RESULT_OK)) {
        cli_error("%s: the answer is not one of this version", p->socket);
        good = false;
    }
    if (good && p->json)
        print_json(&i);
    else if (good)
        print_table(&i, p->korean);
    const int code = !good ? CLI_FAILED : i.overdue ? CLI_NO : CLI_OK;
    buf_free(&frame);
    return code;
}
