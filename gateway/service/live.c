/* What the edge has at this moment: who is connected, and which streams run. The ledger asks for
 * somebody at its control socket, and hands it on. */
#include "base/mem.h"
#include "ipc/live.h"
#include "service/delivery.h"
#include "service/stream.h"

#include <stdlib.h>

/* What is being answered; items go behind each other. */
struct answer {
    struct live_said head;
    struct buf items;
};

/* Whether there is room for one more; else the asker comes again. */
static bool has_room(struct answer *a)
{
    a->head.more = a->head.items == LIVE_ITEMS_MAX;
    a->head.items += !a->head.more;
    return !a->head.more;
}

/* What one session has open. */
struct open_calls {
    uint32_t streams, watchers, subscribers;
};

static struct open_calls calls_of(const struct session *s)
{
    struct open_calls n = {0};
    const struct sender *sender;
    const struct watcher *watcher;
    const struct subscriber *subscriber;
    TAILQ_FOREACH (sender, &s->senders, next)
        n.streams += sender->state == STREAM_OPEN;
    TAILQ_FOREACH (watcher, &s->watchers, next)
        n.watchers += watcher->state == WATCH_LIVE;
    TAILQ_FOREACH (subscriber, &s->subscribers, next)
        n.subscribers++;
    return n;
}

static void put_edge(struct edge *e, struct answer *a)
{
    const struct session *s;
    struct live_edge is = {.serves = edge_takes_nothing(e) == NULL,
                           .draining = e->draining,
                           .since_us = e->since_us,
                           .under_way = e->under_way};
    struct edge_refused refused = {0};
    if (e->config.count_refused != NULL)
        e->config.count_refused(e->config.arg, &refused);
    is.refused_addresses = refused.of_addresses;
    is.refused_units = refused.of_units;
    TAILQ_FOREACH (s, &e->sessions, next) {
        const struct open_calls n = calls_of(s);
        is.sessions++;
        is.streams += n.streams;
        is.watchers += n.watchers;
        is.subscribers += n.subscribers;
    }
    if (has_room(a))
        live_edge_put(&is, &a->items);
}

/* Those units that are connected, by their numbers in the set. */
static void put_units(const struct edge *e, uint64_t after, struct answer *a)
{
    const size_t units = policy_units(e->policy);
    struct live_unit *all = mem_new_array(units, sizeof *all);
    const struct session *s;
    TAILQ_FOREACH (s, &e->sessions, next) {
        const uint32_t unit = policy_unit(e->policy, bytes_of_text(s->name));
        if (unit == POLICY_NONE)
            continue; /* it is being closed */
        const struct open_calls n = calls_of(s);
        all[unit].sessions++;
        all[unit].streams += n.streams;
        all[unit].watchers += n.watchers;
        all[unit].subscribers += n.subscribers;
    }
    for (size_t i = (size_t)after; i < units; i++) {
        if (all[i].sessions == 0)
            continue;
        if (!has_room(a))
            break;
        all[i].number = i + 1;
        all[i].unit = bytes_of_text(policy_unit_name(e->policy, (uint32_t)i));
        live_unit_put(&all[i], &a->items);
    }
    mem_free(all);
}

static void put_sessions(const struct edge *e, uint64_t after, struct answer *a)
{
    const struct session *s;
    TAILQ_FOREACH (s, &e->sessions, next) {
        if (s->number <= after)
            continue;
        if (!has_room(a))
            return;
        const struct open_calls n = calls_of(s);
        struct live_session is = {.number = s->number,
                                  .unit = bytes_of_text(s->name),
                                  .address = bytes_of_text(s->address),
                                  .since_us = s->since_us,
                                  .streams = n.streams,
                                  .watchers = n.watchers,
                                  .subscribers = n.subscribers};
        memcpy(is.certificate, s->certificate, LIVE_DIGEST);
        live_session_put(&is, &a->items);
    }
}

static int by_index(const void *a, const void *b)
{
    const struct sender *x = *(struct sender *const *)a, *y = *(struct sender *const *)b;
    return (x->index > y->index) - (x->index < y->index);
}

static void put_stream(const struct sender *s, struct buf *out)
{
    const struct watcher *w;
    struct live_stream is = {.index = s->index,
                             .id = bytes_of_text(s->id),
                             .unit = bytes_of_text(s->session->name),
                             .clause = bytes_of_text(s->clause),
                             .incident =
                                 s->facts.incidents > 0 ? s->facts.incident[0] : bytes_of(NULL, 0),
                             .status = (uint8_t)s->facts.status,
                             .since_us = s->since_us,
                             .frames = s->frames,
                             .bytes = s->bytes};
    TAILQ_FOREACH (w, &s->watchers, of_stream)
        is.watchers += w->state == WATCH_LIVE;
    live_stream_put(&is, out);
}

static void put_streams(const struct edge *e, uint64_t after, struct answer *a)
{
    struct sender **all = mem_new_array(map_count(e->streams) + 1, sizeof *all), *s;
    size_t count = 0, at;
    MAP_FOREACH (s, e->streams, at)
        if (s->state == STREAM_OPEN && s->index > after)
            all[count++] = s;
    qsort(all, count, sizeof(struct sender *), by_index);
    for (size_t i = 0; i < count && has_room(a); i++)
        put_stream(all[i], &a->items);
    mem_free(all);
}

enum result live_tell(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct live_ask ask;
    TRY(live_ask_take(&in, &ask));
    struct answer a = {.head = {.ticket = ask.ticket, .what = ask.what},
                       .items = BUF_INIT(LIVE_SAID_MAX)};
    switch (ask.what) {
    case LIVE_EDGE: put_edge(e, &a); break;
    case LIVE_UNITS: put_units(e, ask.after, &a); break;
    case LIVE_SESSIONS: put_sessions(e, ask.after, &a); break;
    default: put_streams(e, ask.after, &a); break;
    }
    buf_clear(&e->out);
    live_said_put(&a.head, &e->out);
    buf_put(&e->out, a.items.p, a.items.n);
    edge_tell(e, IPC_LIVE_SAID, buf_view(&e->out));
    buf_free(&a.items);
    return RESULT_OK;
}
