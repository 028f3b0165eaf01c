#include "console/index.h"

#include "console/state.h"
#include "search/search.h"

#include <inttypes.h>

enum { WITHIN_S = 5, SOON = 256 /* entries that it is behind while it follows */ };

static uint64_t size_of_log(const struct web_call *w)
{
    return leaves_look(w->console->leaves, console_now(w->console))->checkpoint.size;
}

struct index_wait index_wait_begin(const struct web_call *w)
{
    return (struct index_wait){size_of_log(w), console_now(w->console) + WITHIN_S * US_PER_S};
}

enum result index_wait_look(const struct web_call *w, const struct index_wait *i)
{
    struct console *c = w->console;
    if (console_caught_up(c, i->size))
        return RESULT_OK;
    return c->config.search != NULL && console_now(c) < i->until_us ? RESULT_AGAIN
                                                                    : RESULT_UNAVAILABLE;
}

bool index_is_behind(const struct web_call *w)
{
    const struct console *c = w->console;
    return c->config.search == NULL || c->index_fault != RESULT_OK ||
           search_size(c->config.search) + SOON < size_of_log(w);
}

void index_put_progress(struct web_call *w)
{
    const struct search *s = w->console->config.search;
    struct html *h = &w->html;
    html_open(h, "p");
    html_attr_text(h, "class", "remedy");
    html_attr_text(h, "role", "status");
    html_t(h, s == NULL ? TEXT_NO_INDEX : TEXT_INDEX_BUILDS);
    if (s != NULL)
        html_say(h, " %" PRIu64 " / %" PRIu64, search_size(s), size_of_log(w));
    html_close(h);
}
