#include "console/now.h"

#include "base/mem.h"
#include "console/state.h"

enum { NOW_EVERY_S = 2 };

struct now {
    struct console *console;
    uint64_t ticket; /* of what is being asked; 0: nothing is */
    unsigned asking; /* enum now_list */
    bool failed;     /* the ledger did not answer one of them */
    int64_t asked_us, said_us;
    struct buf fresh[NOW_LISTS], frame[NOW_LISTS]; /* what comes in; what is shown */
};

struct now *now_new(struct console *c)
{
    struct now *n = mem_new(sizeof *n);
    n->console = c;
    for (size_t i = 0; i < NOW_LISTS; i++) {
        buf_init(&n->fresh[i], CONTROL_ANSWER_MAX);
        buf_init(&n->frame[i], CONTROL_ANSWER_MAX);
    }
    return n;
}

void now_free(struct now *n)
{
    if (n == NULL)
        return;
    if (n->ticket != 0)
        console_unask(n->console, n->ticket);
    for (size_t i = 0; i < NOW_LISTS; i++) {
        buf_free(&n->fresh[i]);
        buf_free(&n->frame[i]);
    }
    mem_free(n);
}

static void ask_next(struct now *n);

/* All of them, or none: what is shown was said together. */
static void take_all(struct now *n)
{
    for (size_t i = 0; i < NOW_LISTS; i++) {
        struct buf was = n->frame[i];
        n->frame[i] = n->fresh[i];
        n->fresh[i] = was;
    }
    n->said_us = n->failed ? 0 : console_now(n->console);
}

static void said(void *arg, struct bytes answer)
{
    struct now *n = arg;
    n->ticket = 0;
    n->failed = n->failed || answer.n == 0;
    buf_put(&n->fresh[n->asking], answer.p, answer.n);
    n->asking++;
    if (n->asking == NOW_LISTS || n->failed)
        take_all(n);
    else
        ask_next(n);
}

static void ask_next(struct now *n)
{
    static const uint8_t lists[NOW_LISTS] = {
        [NOW_LEDGER] = CONTROL_LEDGER,   [NOW_EDGE] = CONTROL_EDGE,
        [NOW_ROLES] = CONTROL_ROLES,     [NOW_UNITS] = CONTROL_UNITS,
        [NOW_STREAMS] = CONTROL_STREAMS, [NOW_DUE] = CONTROL_DUE,
        [NOW_PARTIES] = CONTROL_PARTIES};
    const struct control_request r = {.ask = CONTROL_LIST, .list = lists[n->asking]};
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    buf_clear(&n->fresh[n->asking]);
    control_request_put(&r, &request);
    /* It may be answered within the call; then a ticket of a later question stands there. */
    uint64_t before = n->ticket = UINT64_MAX;
    uint64_t ticket = console_ask(n->console, bytes_of(NULL, 0), buf_view(&request), said, n);
    if (n->ticket == before)
        n->ticket = ticket;
    buf_free(&request);
}

int64_t now_look(struct now *n)
{
    int64_t now = console_now(n->console);
    bool old = n->asked_us == 0 || now - n->asked_us >= NOW_EVERY_S * US_PER_S;
    if (old && n->ticket == 0) {
        n->asked_us = now == 0 ? 1 : now;
        n->asking = 0;
        n->failed = false;
        ask_next(n);
    }
    return n->said_us;
}

bool now_is_asking(const struct now *n)
{
    return n->ticket != 0;
}

bool now_items(const struct now *n, enum now_list list, struct cursor *items, size_t *count,
               bool *more)
{
    struct control_answer a;
    *items = cursor_over(buf_view(&n->frame[list]));
    if (n->said_us == 0 || control_answer_take(items, &a) != RESULT_OK ||
        a.code != CONTROL_CODE_DONE)
        return false;
    *count = a.items;
    *more = a.more;
    return true;
}
