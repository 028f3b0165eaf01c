/* /metrics, for Prometheus. That a unit reads it is on record once an hour (as reading the hashes
 * of the log is), so that a scrape every few seconds does not make the log grow. Of whoever is on
 * this machine nothing is known that could be on record. */
#include "console/metrics.h"
#include "console/state.h"

enum { POLL_MS = 5 };

static void send_metrics(struct web_call *w)
{
    struct metrics *m = w->console->metrics;
    if (metrics_text(m).n == 0) {
        web_fail(w, 500, TEXT_FAULT, TEXT_FAULT_DO);
        return;
    }
    if (w->is_viewed)
        metrics_reader_add(m, w->visitor.unit);
    web_begin(w, METRIC_TYPE, NULL);
    (void)web_put(w, metrics_text(m));
    web_end(w);
}

static int64_t wait_for_metrics(struct web_call *w)
{
    static const struct web_seen seen = {.form = "text"};
    if (metrics_are_asked(w->console->metrics))
        return POLL_MS * (US_PER_S / 1000);
    if (w->visitor.is_local || metrics_reader_is_known(w->console->metrics, w->visitor.unit))
        send_metrics(w);
    else
        web_record(w, &seen, send_metrics);
    return -1;
}

void page_metrics(struct web_call *w);
void page_metrics(struct web_call *w)
{
    metrics_look(w->console->metrics);
    const int64_t again = wait_for_metrics(w);
    if (again >= 0)
        web_turn(w, wait_for_metrics, again);
}
