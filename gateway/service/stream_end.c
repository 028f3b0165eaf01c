/* The end of a stream: by its sender, by a decision, or with its session. */
#include "service/stream.h"

#include "audit/leaf.h"
#include "base/mem.h"
#include "net/grpc.h"

#include <inttypes.h>
#include <stdio.h>

void stream_finish_call(struct sender *s, int status, const char *why)
{
    const struct sender_events *events = s->events;
    void *arg = s->arg;
    sender_close(s);
    events->ended(arg, status, why);
}

static void record_end(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    char detail[96];
    (void)snprintf(detail, sizeof detail, "bytes=%" PRIu64 " frames=%" PRIu64, s->bytes, s->frames);
    const struct stream_event event = {.event = AUDIT_STREAM_ENDED,
                                       .unit = s->session->name,
                                       .reason = reason,
                                       .clause = clause,
                                       .failed = failed,
                                       .detail = detail,
                                       .refers = s->index};
    if (!policy_permits(s->refused))
        return; /* it never began */
    if (s->index != 0)
        stream_record(s, &event, NULL);
    else
        stream_record_after(s, &event, &s->ticket);
}

/* Ends a stream for everybody; the call itself is the caller's to end. */
static void end_stream(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    struct watcher *w;
    if (s->state == STREAM_ENDED)
        return;
    s->state = STREAM_ENDED;
    if (s->listed)
        (void)map_remove(s->edge->streams, stream_key(s));
    while ((w = TAILQ_FIRST(&s->watchers)) != NULL)
        watch_stop(w, reason, clause, failed);
    stream_tell_units_end(s, reason);
    record_end(s, reason, clause, failed);
}

/* Ended from this side: the sender hears why. */
void stream_stop(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    char kept_clause[STREAM_CLAUSE_MAX], kept_failed[ROAD_TEXT_MAX];
    stream_copy(kept_clause, sizeof kept_clause, clause);
    stream_copy(kept_failed, sizeof kept_failed, failed);
    end_stream(s, reason, kept_clause, kept_failed);
    stream_tell_stop(s, reason, kept_clause, kept_failed);
    stream_finish_call(s, GRPC_OK, "");
}

void sender_finish(struct sender *s)
{
    end_stream(s, REASON_SENDER_ENDED, "", "");
    stream_finish_call(s, GRPC_OK, "");
}

void sender_close(struct sender *s)
{
    end_stream(s, REASON_SENDER_ENDED, "", "");
    view_stop_waiting(&s->waiting);
    edge_forget_ticket(s->edge, &s->ticket);
    TAILQ_REMOVE(&s->session->senders, s, next);
    media_free(s->media);
    arena_free(s->arena);
    buf_free(&s->start);
    mem_wipe(s, sizeof *s); /* the salt */
    mem_free(s);
}

void session_end_streams(struct session *s, const char *why)
{
    struct sender *x;
    struct watcher *w;
    while ((w = TAILQ_FIRST(&s->watchers)) != NULL) {
        const struct watcher_events *events = w->events;
        void *arg = w->arg;
        watcher_close(w);
        events->ended(arg, GRPC_UNAVAILABLE, why, 0);
    }
    while ((x = TAILQ_FIRST(&s->senders)) != NULL)
        stream_finish_call(x, GRPC_UNAVAILABLE, why);
}
