#include "console/gaps.h"

#include "audit/pruned.h"
#include "console/access.h"
#include "console/state.h"
#include "report/table.h"

#include <inttypes.h>

void gaps_begin(struct gaps *g, const struct web_call *w)
{
    *g = (struct gaps){.shown = 0};
    (void)!pruned_read(w->console->config.audit_folder, &g->let_go_before);
}

/* The statement may be newer than the one that was read when it began. Without one that names the
 * entry it was never let go. */
static void count_absent(struct gaps *g, const struct web_call *w, uint64_t index)
{
    if (index >= g->let_go_before)
        (void)!pruned_read(w->console->config.audit_folder, &g->let_go_before);
    if (index < g->let_go_before)
        g->let_go++;
    else
        g->unreadable++;
}

bool gaps_read(struct gaps *g, const struct web_call *w, uint64_t index, struct leaf *leaf,
               struct leaf_room **room)
{
    const enum result r = leaves_read(w->console->leaves, index, leaf, room);
    const bool may = r == RESULT_OK && access_may_read(&w->visitor, leaf);
    if (may)
        g->shown++;
    else if (r == RESULT_OK)
        g->withheld++;
    else if (r == RESULT_NOT_FOUND)
        count_absent(g, w, index);
    else
        g->unreadable++;
    return may;
}

/* ---- saying so */

static void put(struct html *h, enum text what, uint64_t n)
{
    if (n == 0)
        return;
    html_open(h, "p");
    html_attr_text(h, "class", "remedy");
    html_t(h, what);
    html_say(h, ": %" PRIu64, n);
    html_close(h);
}

void gaps_put(const struct gaps *g, struct html *h, bool is_end)
{
    put(h, TEXT_LET_GO, g->let_go);
    put(h, TEXT_UNREADABLE, g->unreadable);
    put(h, TEXT_WITHHELD, g->withheld);
    put(h, TEXT_LET_GO_BEFORE, is_end || g->let_go > 0 ? g->let_go_before : 0);
}

static void csv(struct buf *out, size_t columns, bool korean, enum text what, uint64_t n)
{
    if (n > 0 || what == TEXT_RECORDS_HERE)
        table_csv_count(out, columns, text_of(what, korean), n);
}

void gaps_csv(const struct gaps *g, size_t columns, bool korean, struct buf *out)
{
    csv(out, columns, korean, TEXT_RECORDS_HERE, g->shown);
    csv(out, columns, korean, TEXT_LET_GO, g->let_go);
    csv(out, columns, korean, TEXT_UNREADABLE, g->unreadable);
    csv(out, columns, korean, TEXT_WITHHELD, g->withheld);
    csv(out, columns, korean, TEXT_LET_GO_BEFORE, g->let_go_before);
}

void gaps_json(const struct gaps *g, struct buf *out)
{
    buf_printf(out,
               "{\"end\":{\"records\":%" PRIu64 ",\"let_go\":%" PRIu64 ",\"unreadable\":%" PRIu64
               ",\"withheld\":%" PRIu64 ",\"let_go_before\":%" PRIu64 "}}",
               g->shown, g->let_go, g->unreadable, g->withheld, g->let_go_before);
}
