#include "cli/live.h"

#include "base/clock.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- values */

static void put_bytes(int64_t bytes, char out[LIVE_CELL])
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double n = (double)bytes;
    size_t i = 0;
    while (n >= 1024 && i + 1 < ARRAY_LEN(unit)) {
        n /= 1024;
        i++;
    }
    (void)snprintf(out, LIVE_CELL, i == 0 ? "%.0f %s" : "%.1f %s", n, unit[i]);
}

static void put_time(int64_t us, char out[LIVE_CELL])
{
    char text[TIME_TEXT] = "";
    if (us != 0)
        time_text_s(us, zone_named("Asia/Seoul"), text);
    (void)snprintf(out, LIVE_CELL, "%s", text);
}

static void put_hex(struct bytes b, char out[LIVE_CELL])
{
    char hex[LIVE_CELL] = "";
    if (2 * b.n < sizeof hex)
        bytes_to_hex(b, hex);
    (void)snprintf(out, LIVE_CELL, "%s", hex);
}

void live_text(const struct live_column *c, const struct live_value *v, bool korean,
               char out[LIVE_CELL])
{
    static const char *const flag[][2] = {{"no", "아니요"}, {"yes", "예"}};
    switch (c->form) {
    case LIVE_TEXT: (void)snprintf(out, LIVE_CELL, "%.*s", (int)v->text.n, v->text.p); return;
    case LIVE_NUMBER: (void)snprintf(out, LIVE_CELL, "%" PRId64, v->number); return;
    case LIVE_TIME: put_time(v->number, out); return;
    case LIVE_BYTES: put_bytes(v->number, out); return;
    case LIVE_HEX: put_hex(v->text, out); return;
    case LIVE_FLAG: (void)snprintf(out, LIVE_CELL, "%s", flag[v->number != 0][korean]); return;
    }
}

/* ---- JSON */

static void put_member(struct buf *out, const struct live_column *c, const struct live_value *v)
{
    char text[LIVE_CELL];
    switch (c->form) {
    case LIVE_NUMBER:
    case LIVE_BYTES: json_put_member_integer(out, c->key, v->number); return;
    case LIVE_FLAG: json_put_member_bool(out, c->key, v->number != 0); return;
    case LIVE_TIME:
        if (v->number == 0)
            return;
        break;
    case LIVE_TEXT:
    case LIVE_HEX:
        if (v->text.n == 0)
            return;
        break;
    }
    live_text(c, v, false, text);
    json_put_member_text(out, c->key, bytes_of_text(text));
}

void live_put_json(struct buf *out, const struct live_column *column,
                   const struct live_value *value, size_t columns)
{
    const char *last = "";
    buf_text(out, "{");
    for (size_t done = 0; done < columns; done++) {
        size_t next = columns;
        for (size_t i = 0; i < columns; i++)
            if (strcmp(column[i].key, last) > 0 &&
                (next == columns || strcmp(column[i].key, column[next].key) < 0))
                next = i;
        put_member(out, &column[next], &value[next]);
        last = column[next].key;
    }
    buf_text(out, "}");
}

/* ---- tables */

void live_row(struct cli_table *t, const struct live_column *column, const struct live_value *value,
              size_t columns, bool korean)
{
    char text[LIVE_CELL];
    for (size_t i = 0; i < columns; i++) {
        live_text(&column[i], &value[i], korean, text);
        cli_table_cell(t, text);
    }
}

void live_lines(struct cli_table *t, const struct live_column *column,
                const struct live_value *value, size_t columns, bool korean)
{
    char text[LIVE_CELL];
    for (size_t i = 0; i < columns; i++) {
        live_text(&column[i], &value[i], korean, text);
        cli_table_cell(t, column[i].heading[korean]);
        cli_table_paint(t, CLI_FAINT);
        cli_table_cell(t, text);
    }
}

void live_print(const struct control_print *p, const struct live_column *column,
                const struct live_value *value, size_t columns)
{
    struct buf out = BUF_INIT(1 << 16);
    struct cli_table *t = cli_table_new(2);
    if (p->json) {
        live_put_json(&out, column, value, columns);
        (void)puts(buf_c(&out));
    } else {
        live_lines(t, column, value, columns, p->korean);
        cli_table_print(t, stdout);
    }
    cli_table_free(t);
    buf_free(&out);
}

/* ---- asking */

int live_ask_page(const struct control_print *p, unsigned list, const char *after,
                  struct buf *frame, struct control_answer *a, struct cursor *items)
{
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = (uint8_t)list, .after = bytes_of_text(after)};
    if (!control_ask(p->socket, &r, frame, a, items))
        return CLI_FAILED;
    if (a->code == CONTROL_CODE_DONE)
        return CLI_OK;
    cli_error("%s: %s", p->socket, control_code_text(a->code, p->korean));
    return CLI_FAILED;
}

int live_wrong(const struct control_print *p)
{
    cli_error("%s: the answer is not one of this version", p->socket);
    return CLI_FAILED;
}

int live_walk(const struct control_print *p, unsigned list,
              enum result (*take)(void *arg, struct cursor *items, char after[LIVE_AFTER]),
              void *arg)
{
    char after[LIVE_AFTER] = "";
    bool more = true;
    int code = CLI_OK;
    while (code == CLI_OK && more) {
        struct buf frame;
        struct control_answer a;
        struct cursor items;
        code = live_ask_page(p, list, after, &frame, &a, &items);
        for (size_t i = 0; code == CLI_OK && i < a.items; i++)
            if (take(arg, &items, after) != RESULT_OK)
                code = live_wrong(p);
        more = code == CLI_OK && a.more && a.items > 0;
        buf_free(&frame);
    }
    return code;
}

void live_after_number(uint64_t number, char after[LIVE_AFTER])
{
    (void)snprintf(after, LIVE_AFTER, "%" PRIu64, number);
}

static enum result take_unit(void *units, struct cursor *items, char after[LIVE_AFTER])
{
    const uint8_t *from = items->at;
    struct live_unit u;
    TRY(live_unit_take(items, &u));
    buf_put(units, from, (size_t)(items->at - from));
    live_after_number(u.number, after);
    return RESULT_OK;
}

int live_ask_units(const struct control_print *p, struct buf *units)
{
    return live_walk(p, CONTROL_UNITS, take_unit, units);
}

bool live_is_of(struct bytes unit, const char *whose)
{
    struct bytes party;
    return bytes_is(unit, whose) ||
           (ident_split_unit(unit, &party, NULL) && bytes_is(party, whose));
}

void live_count(struct bytes units, const char *whose, struct live_unit *sum)
{
    struct cursor in = cursor_over(units);
    struct live_unit u;
    *sum = (struct live_unit){0};
    while (in.left > 0 && live_unit_take(&in, &u) == RESULT_OK) {
        if (!live_is_of(u.unit, whose))
            continue;
        sum->sessions += u.sessions;
        sum->streams += u.streams;
        sum->watchers += u.watchers;
        sum->subscribers += u.subscribers;
    }
}
