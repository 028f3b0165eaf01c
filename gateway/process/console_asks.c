#include "process/console_asks.h"

#include "base/buckets.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ipc/console_road.h"

struct asked {
    uint64_t ticket; /* the console's; 0: free */
    uint64_t later;  /* of whoever answers; 0: it is answered */
    int64_t until_us;
    struct buf answer;
};

struct budget {
    const struct bucket_size *size;
    struct bucket all;
    unsigned for_all; /* so much of it is not for units */
    struct buckets *units;
};

struct console_asks {
    struct budget lists, acts;
    struct asked asked[CONSOLE_ASKS_MAX];
};

static const struct bucket_size of_lists = {CONSOLE_LISTS_MOST, CONSOLE_LISTS_A_SECOND},
                                of_acts = {CONSOLE_ACTS_MOST, CONSOLE_ACTS_A_SECOND},
                                lists_of_unit = {CONSOLE_LISTS_OF_UNIT,
                                                 CONSOLE_LISTS_OF_UNIT_A_SECOND},
                                acts_of_unit = {CONSOLE_ACTS_OF_UNIT,
                                                CONSOLE_ACTS_OF_UNIT_A_SECOND};

static struct budget budget_of(const struct bucket_size *all, unsigned for_all,
                               const struct bucket_size *unit)
{
    struct budget b = {
        .size = all, .for_all = for_all, .units = buckets_new(LIMIT_UNITS_COUNTED, *unit)};
    bucket_init(&b.all, all, 0);
    return b;
}

struct console_asks *console_asks_new(void)
{
    struct console_asks *a = mem_new(sizeof *a);
    a->lists = budget_of(&of_lists, CONSOLE_LISTS_FOR_ALL, &lists_of_unit);
    a->acts = budget_of(&of_acts, 0, &acts_of_unit);
    for (size_t i = 0; i < CONSOLE_ASKS_MAX; i++)
        a->asked[i].answer = BUF_INIT(CONTROL_ANSWER_MAX);
    return a;
}

static void end(struct asked *q)
{
    buf_free(&q->answer);
    *q = (struct asked){.answer = BUF_INIT(CONTROL_ANSWER_MAX)};
}

void console_asks_forget(struct console_asks *a)
{
    for (size_t i = 0; i < CONSOLE_ASKS_MAX; i++)
        end(&a->asked[i]);
}

void console_asks_free(struct console_asks *a)
{
    if (a == NULL)
        return;
    console_asks_forget(a);
    buckets_free(a->lists.units);
    buckets_free(a->acts.units);
    mem_free(a);
}

/* ---- answers */

static void send_answer(struct channel *console, uint64_t ticket, struct bytes answer)
{
    const struct console_said said = {ticket, answer};
    struct buf body = BUF_INIT(CONTROL_ANSWER_MAX + 64);
    console_said_put(&said, &body);
    channel_send(console, IPC_CONSOLE_SAID, buf_view(&body), bytes_of(NULL, 0), -1);
    buf_free(&body);
}

static void send_code(struct channel *console, uint64_t ticket, enum control_code code)
{
    const struct control_answer a = {.code = (uint8_t)code};
    struct buf answer = BUF_INIT(64);
    control_answer_put(&a, &answer);
    send_answer(console, ticket, buf_view(&answer));
    buf_free(&answer);
}

/* ---- questions */

/* The unit's first: who has none left takes nothing from the others. */
static bool has_budget(struct budget *b, struct bytes unit, int64_t now_us)
{
    return (unit.n == 0 || buckets_pay(b->units, unit, now_us)) &&
           bucket_left(&b->all, b->size, now_us) > (unit.n == 0 ? 0 : b->for_all) &&
           bucket_spend(&b->all, b->size, now_us, 1);
}

/* Whether it may be asked at all, and now. */
static enum control_code judge(struct console_asks *a, const struct console_ask *ask,
                               int64_t now_us)
{
    struct cursor in = cursor_over(ask->request);
    struct control_request r;
    const bool good = control_request_take(&in, &r) == RESULT_OK;
    if (!good || (r.ask != CONTROL_LIST && r.ask != CONTROL_PREPARE && r.ask != CONTROL_SUBMIT))
        return CONTROL_CODE_MALFORMED;
    struct budget *b = r.ask == CONTROL_LIST ? &a->lists : &a->acts;
    const bool may = has_budget(b, ask->unit, now_us);
    return may ? CONTROL_CODE_DONE : CONTROL_CODE_TOO_MANY;
}

/* The last ones are not for units. */
static struct asked *free_place(struct console_asks *a, struct bytes unit)
{
    const size_t places = CONSOLE_ASKS_MAX - (unit.n == 0 ? 0 : CONSOLE_ASKS_FOR_ALL);
    for (size_t i = 0; i < places; i++)
        if (a->asked[i].ticket == 0)
            return &a->asked[i];
    return NULL;
}

enum result console_asks_take(struct console_asks *a, struct bytes body, int64_t now_us,
                              struct channel *console, control_answerer *answer, void *arg)
{
    struct cursor in = cursor_over(body);
    struct console_ask ask;
    struct control_later later = {0};
    TRY(console_ask_take(&in, &ask));
    struct asked *q = free_place(a, ask.unit);
    enum control_code code = q == NULL ? CONTROL_CODE_TOO_MANY : judge(a, &ask, now_us);
    if (q == NULL || code != CONTROL_CODE_DONE) {
        send_code(console, ask.ticket, code);
        return RESULT_OK;
    }
    enum result r = answer(arg, ask.request, &q->answer, &later);
    if (r != RESULT_OK && r != RESULT_AGAIN)
        return r;
    q->ticket = ask.ticket;
    q->later = r == RESULT_AGAIN ? later.ticket : 0;
    q->until_us = now_us + later.within_us;
    return RESULT_OK;
}

void console_asks_reply(struct console_asks *a, uint64_t ticket, const struct buf *body)
{
    for (size_t i = 0; i < CONSOLE_ASKS_MAX; i++) {
        struct asked *q = &a->asked[i];
        if (q->ticket == 0 || q->later != ticket)
            continue;
        buf_put(&q->answer, body->p, body->n);
        q->later = 0;
    }
}

void console_asks_turn(struct console_asks *a, int64_t now_us, struct channel *console)
{
    for (size_t i = 0; i < CONSOLE_ASKS_MAX; i++) {
        struct asked *q = &a->asked[i];
        const bool late = q->later != 0 && now_us >= q->until_us;
        if (q->ticket == 0 || (q->later != 0 && !late))
            continue;
        if (late || buf_status(&q->answer) != RESULT_OK)
            send_code(console, q->ticket, late ? CONTROL_CODE_NO_EDGE : CONTROL_CODE_MALFORMED);
        else
            send_answer(console, q->ticket, buf_view(&q->answer));
        end(q);
    }
}
