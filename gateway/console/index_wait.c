#include "console/index_wait.h"

#include "console/state.h"

enum { WITHIN_S = 5 };

struct index_wait index_wait_begin(const struct web_call *w)
{
    const int64_t now = console_now(w->console);
    const struct leaves_head *head = leaves_look(w->console->leaves, now);
    return (struct index_wait){head->checkpoint.size, now + WITHIN_S * US_PER_S};
}

enum result index_wait_look(const struct web_call *w, const struct index_wait *i)
{
    struct console *c = w->console;
    if (console_caught_up(c, i->size))
        return RESULT_OK;
    return c->config.search != NULL && console_now(c) < i->until_us ? RESULT_AGAIN
                                                                    : RESULT_UNAVAILABLE;
}
