#include "console/metrics.h"

#include "base/mem.h"
#include "console/state.h"

#include <stdio.h>

enum { GATHER_EVERY_S = 1, PAGES_MOST = 5 /* of one list */, READERS_MOST = 64 };

struct metrics {
    struct console *console;
    uint64_t ticket; /* of what is being asked; 0: nothing is */
    size_t asking, pages;
    struct metrics_sum sum;
    bool is_asked;
    int64_t asked_us;
    struct metric_set set;
    struct buf after; /* the item that a list goes on behind */
    struct buf text;

    /* Who is on record for reading this; the oldest makes room. */
    struct reader {
        char unit[IDENT_UNIT_MAX + 1];
        int64_t at_us;
    } reader[READERS_MOST];
};

struct metrics *metrics_new(struct console *c)
{
    struct metrics *m = mem_new(sizeof *m);
    m->console = c;
    metric_set_init(&m->set);
    buf_init(&m->after, CONTROL_SUBJECT_MAX);
    buf_init(&m->text, CONSOLE_PAGE_MAX);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m == NULL)
        return;
    if (m->ticket != 0)
        console_unask(m->console, m->ticket);
    metric_set_free(&m->set);
    buf_free(&m->after);
    buf_free(&m->text);
    mem_free(m);
}

/* ---- gathering */

static void finish(struct metrics *m, bool has_ledger)
{
    struct console *c = m->console;
    if (!has_ledger)
        metric_set_clear(&m->set);
    metric_put_one(&m->set, METRIC_LEDGER_UP, has_ledger);
    metrics_put_log(&m->set, c);
    metric_put_one(&m->set, METRIC_CALLS, c->calls);
    metric_put_one(&m->set, METRIC_LIVE, c->live);
    buf_clear(&m->text);
    if (metric_set_write(&m->set, &m->text) != RESULT_OK) {
        log_line(c->config.log, LOG_WARNING, "metrics-too-large", "most=%d", METRIC_BYTES_MAX);
        buf_clear(&m->text);
    }
    m->is_asked = false;
}

static void ask(struct metrics *m);

static void begin_list(struct metrics *m, size_t i)
{
    m->asking = i;
    m->pages = 0;
    m->sum = (struct metrics_sum){.now_us = console_wall(m->console)};
    buf_clear(&m->after);
    if (metrics_list_at(i) == NULL)
        finish(m, true);
    else
        ask(m);
}

/* The items of an answer. False: it has something else. An answer that is none, since there is no
 * edge, say, has no items. */
static bool take_items(struct metrics *m, const struct metrics_list *list, struct cursor *in,
                       bool *more)
{
    struct control_answer a;
    if (control_answer_take(in, &a) != RESULT_OK)
        return false;
    *more = a.code == CONTROL_CODE_DONE && a.more;
    for (size_t i = 0; a.code == CONTROL_CODE_DONE && i < a.items; i++) {
        buf_clear(&m->after);
        m->sum.items++;
        if (list->take(&m->set, &m->sum, in, &m->after) != RESULT_OK)
            return false;
    }
    return true;
}

static void said(void *arg, struct bytes answer)
{
    struct metrics *m = arg;
    const struct metrics_list *list = metrics_list_at(m->asking);
    struct cursor in = cursor_over(answer);
    bool more = false;
    m->ticket = 0;
    if (answer.n == 0 || !take_items(m, list, &in, &more)) {
        finish(m, false);
        return;
    }
    if (more && !m->sum.is_enough && m->after.n > 0 && ++m->pages < PAGES_MOST) {
        ask(m);
        return;
    }
    if (list->end != NULL)
        list->end(&m->set, &m->sum);
    begin_list(m, m->asking + 1);
}

static void ask(struct metrics *m)
{
    const struct control_request r = {.ask = CONTROL_LIST,
                                      .list = metrics_list_at(m->asking)->list,
                                      .after = buf_view(&m->after)};
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    control_request_put(&r, &request);
    /* As in now.c: it may be answered within the call. */
    m->ticket = UINT64_MAX;
    const uint64_t ticket = console_ask(m->console, bytes_of(NULL, 0), buf_view(&request), said, m);
    if (m->ticket == UINT64_MAX)
        m->ticket = ticket;
    buf_free(&request);
}

void metrics_look(struct metrics *m)
{
    const int64_t now = console_now(m->console);
    if (m->is_asked || (m->asked_us != 0 && now - m->asked_us < GATHER_EVERY_S * US_PER_S))
        return;
    m->asked_us = now == 0 ? 1 : now;
    m->is_asked = true;
    metric_set_clear(&m->set);
    begin_list(m, 0);
}

bool metrics_are_asked(const struct metrics *m)
{
    return m->is_asked;
}

struct bytes metrics_text(const struct metrics *m)
{
    return buf_view(&m->text);
}

/* ---- who reads it */

bool metrics_reader_is_known(const struct metrics *m, struct bytes unit)
{
    const int64_t now = console_now(m->console);
    for (size_t i = 0; i < READERS_MOST; i++)
        if (bytes_is(unit, m->reader[i].unit))
            return now - m->reader[i].at_us < US_PER_HOUR;
    return false;
}

void metrics_reader_add(struct metrics *m, struct bytes unit)
{
    struct reader *r = &m->reader[0];
    for (size_t i = 0; i < READERS_MOST; i++) {
        if (bytes_is(unit, m->reader[i].unit)) {
            r = &m->reader[i];
            break;
        }
        if (m->reader[i].at_us < r->at_us)
            r = &m->reader[i];
    }
    (void)snprintf(r->unit, sizeof r->unit, "%.*s", (int)unit.n, (const char *)unit.p);
    r->at_us = console_now(m->console);
}
