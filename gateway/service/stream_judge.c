/* Open streams and their watchers are judged again: when something changes, and as time passes. */
#include "service/stream.h"

enum reason stream_reason_of_end(enum reason r)
{
    return r == REASON_INCIDENT_CLOSED || r == REASON_INCIDENT_UNKNOWN ? REASON_PURPOSE_FULFILLED
                                                                       : r;
}

static bool tells_most(const struct sender *s, const struct decision *d)
{
    if (s->clause[0] != '\0')
        return strcmp(d->clause, s->clause) == 0;
    return s->facts.camera_place != CAMERA_LISTED &&
           (d->reason == REASON_NO_POSITION || d->reason == REASON_OUTSIDE_RADIUS);
}

void stream_blame(const struct sender *s, const struct policy_question *q, struct decision *d)
{
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(s->edge->policy, KIND_VIDEO, q->from, reach);
    for (size_t i = 0; i < count; i++) {
        struct decision x;
        policy_decide(q, reach[i], &x);
        if (tells_most(s, &x)) {
            *d = x;
            return;
        }
    }
}

void stream_judge(struct sender *s)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    struct decision d = {.clause = "", .failed = ""};
    struct watcher *w, *next;
    const char *failed;
    uint32_t to = POLICY_NONE;
    if (s->state != STREAM_OPEN)
        return;
    for (w = TAILQ_FIRST(&s->watchers); w != NULL; w = next) {
        next = TAILQ_NEXT(w, of_stream);
        watch_judge(w);
    }
    enum reason r = stream_ask(s, NULL, incident, &q, &failed);
    if (r == REASON_PERMITTED) {
        policy_decide_send(&q, &to, &d);
        if (!policy_permits(d.reason))
            stream_blame(s, &q, &d);
        r = d.reason;
        failed = d.failed;
    }
    s->beyond_limit = s->beyond_limit && stream_is_one_too_many(s);
    if (s->beyond_limit && policy_permits(r) && !policy_is_excepted(&q, d.grant, to)) {
        r = REASON_STREAM_LIMIT; /* the emergency is over */
        failed = stream_limit;
    }
    if (!policy_permits(r))
        stream_stop(s, stream_reason_of_end(r), d.clause, failed);
    else
        stream_tell_units(s, &q);
}

static void for_every_stream(struct edge *e, void (*each)(struct sender *s))
{
    struct session *session;
    TAILQ_FOREACH (session, &e->sessions, next) {
        struct sender *s, *next;
        for (s = TAILQ_FIRST(&session->senders); s != NULL; s = next) {
            next = TAILQ_NEXT(s, next);
            each(s);
        }
    }
}

void stream_judge_all(struct edge *e)
{
    for_every_stream(e, stream_judge);
}

static void tick(struct sender *s)
{
    struct watcher *w;
    TAILQ_FOREACH (w, &s->watchers, of_stream)
        watch_tick(w);
    if (s->state == STREAM_PLACING && !stream_waits_for_place(s))
        stream_run(s); /* without */
    else
        stream_feed_tick(s);
}

/* Times pass too (an incident grows old, a memorandum ends): once a second everything open is
 * judged again. */
void stream_tick(struct edge *e)
{
    int64_t now_us = clock_steady_us(&e->config.clock);
    for_every_stream(e, tick);
    if (now_us - e->judged_us < US_PER_S)
        return;
    e->judged_us = now_us;
    stream_judge_all(e);
}
