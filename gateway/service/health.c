/* Whether the gateway takes work, for whoever wants to know when that changes. */
#include "base/mem.h"
#include "service/state.h"

struct health_watch {
    struct edge *edge;
    void (*changed)(void *arg, bool serves);
    void *arg;
    TAILQ_ENTRY(health_watch) next;
};

struct health_watch *health_watch_open(struct session *s, void (*changed)(void *arg, bool serves),
                                       void *arg)
{
    struct health_watch *w = mem_new(sizeof *w);
    *w = (struct health_watch){.edge = s->edge, .changed = changed, .arg = arg};
    if (TAILQ_EMPTY(&s->edge->health))
        s->edge->told_serves = edge_takes_nothing(s->edge) == NULL; /* nobody looked before */
    TAILQ_INSERT_TAIL(&s->edge->health, w, next);
    return w;
}

void health_watch_close(struct health_watch *w)
{
    if (w == NULL)
        return;
    TAILQ_REMOVE(&w->edge->health, w, next);
    mem_free(w);
}

bool session_is_served(const struct session *s)
{
    return edge_takes_nothing(s->edge) == NULL;
}

/* One that hears of it may close its own watch. */
void health_tick(struct edge *e)
{
    struct health_watch *w, *next;
    if (TAILQ_EMPTY(&e->health))
        return;
    const bool serves = edge_takes_nothing(e) == NULL;
    if (serves == e->told_serves)
        return;
    e->told_serves = serves;
    for (w = TAILQ_FIRST(&e->health); w != NULL; w = next) {
        next = TAILQ_NEXT(w, next);
        w->changed(w->arg, serves);
    }
}
