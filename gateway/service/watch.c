/* Video: Watch. Decided with the sender's facts and the watcher's own purpose, basis and actor;
 * both must match one grant. What it is sent then: watch_feed.c. */
#include "service/parts.h"
#include "service/stream.h"

#include "audit/leaf.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "net/grpc.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <stdio.h>

void watch_put_frame(struct watcher *w, const Fedgate__V1__VideoFrame *frame)
{
    struct buf out = BUF_INIT(LIMIT_REQUEST);
    if (message_pack(&frame->base, &out) == RESULT_OK)
        w->events->frame(w->arg, buf_view(&out), NULL, bytes_of(NULL, 0));
    buf_free(&out);
}

/* ---- the end */

static void put_end(struct watcher *w, enum reason reason, const char *clause, const char *failed)
{
    Fedgate__V1__VideoFrame frame = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoEnd end = FEDGATE__V1__VIDEO_END__INIT;
    Fedgate__V1__RecipientVerdict why = FEDGATE__V1__RECIPIENT_VERDICT__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    uint8_t digest[SHA256_BYTES];
    why.to = w->session->name;
    why.reason = (Fedgate__V1__Reason)reason;
    why.clause = (char *)(uintptr_t)clause;
    why.failed = (char *)(uintptr_t)failed;
    record.origin = (char *)(uintptr_t)edge_origin(w->edge);
    record.index = w->index;
    end.why = &why;
    end.bytes = w->bytes;
    if (w->sent != NULL) {
        hasher_so_far(w->sent, digest);
        end.sha256 = (ProtobufCBinaryData){sizeof digest, digest};
    }
    end.record = &record;
    frame.part_case = FEDGATE__V1__VIDEO_FRAME__PART_END;
    frame.end = &end;
    watch_put_frame(w, &frame);
}

enum { DETAIL = 192 };

/* What was sent so far, in words of words.def. */
static void put_sent(const struct watcher *w, char detail[DETAIL])
{
    char hex[2 * SHA256_BYTES + 1] = "";
    uint8_t digest[SHA256_BYTES];
    if (w->sent != NULL) {
        hasher_so_far(w->sent, digest);
        bytes_to_hex(bytes_of(digest, sizeof digest), hex);
    }
    (void)snprintf(detail, DETAIL, "bytes=%" PRIu64 " frames=%" PRIu64 " gaps=%" PRIu64 "%s%s",
                   w->bytes, w->frames, w->gaps, w->sent != NULL ? " sha256=" : "", hex);
}

/* `detail` is the caller's. */
static struct stream_event event_of(const struct watcher *w, enum audit_event event,
                                    enum reason reason, const char *failed, char detail[DETAIL])
{
    bool begins = event == AUDIT_WATCH_OPENED || event == AUDIT_WATCH_REFUSED;
    detail[0] = '\0';
    if (!begins)
        put_sent(w, detail);
    return (struct stream_event){.event = event,
                                 .unit = w->session->name,
                                 .reason = reason,
                                 .clause = w->clause,
                                 .failed = failed,
                                 .detail = detail,
                                 .refers = w->index != 0 ? w->index : w->sender->index};
}

/* Every watch that began on record ends there. */
static void record_end(struct watcher *w, enum reason reason, const char *clause,
                       const char *failed)
{
    char detail[DETAIL];
    if (w->state == WATCH_ENDED || w->decision.reason == REASON_NONE)
        return;
    struct stream_event event = event_of(w, AUDIT_WATCH_ENDED, reason, failed, detail);
    event.clause = clause;
    if (w->state == WATCH_LIVE)
        stream_record(w->sender, &event, NULL);
    else if (policy_permits(w->decision.reason))
        stream_record_after(w->sender, &event, &w->ticket);
    w->state = WATCH_ENDED;
}

static void leave_stream(struct watcher *w)
{
    struct sender *s = w->sender;
    if (s == NULL)
        return;
    TAILQ_REMOVE(&s->watchers, w, of_stream);
    w->sender = NULL;
    stream_watchers_changed(s);
}

void watcher_close(struct watcher *w)
{
    record_end(w, REASON_NONE, w->clause, "");
    leave_stream(w);
    edge_forget_ticket(w->edge, &w->ticket);
    TAILQ_REMOVE(&w->session->watchers, w, next);
    hasher_free(w->sent);
    arena_free(w->arena);
    mem_free(w);
}

static void end(struct watcher *w, int status, const char *why, int64_t within_us)
{
    const struct watcher_events *events = w->events;
    void *arg = w->arg;
    watcher_close(w);
    events->ended(arg, status, why, within_us);
}

/* What a decision ends is over within a second, also for who is slow. */
void watch_stop(struct watcher *w, enum reason reason, const char *clause, const char *failed)
{
    record_end(w, reason, clause, failed);
    put_end(w, reason, clause, failed);
    end(w, GRPC_OK, "", reason == REASON_SENDER_ENDED ? 0 : US_PER_S);
}

/* ---- the beginning */

static void put_start(struct watcher *w)
{
    const struct facts *f = &w->sender->facts;
    Fedgate__V1__VideoFrame frame = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoStart start = FEDGATE__V1__VIDEO_START__INIT;
    Fedgate__V1__Header header = FEDGATE__V1__HEADER__INIT;
    Fedgate__V1__Obligations must = FEDGATE__V1__OBLIGATIONS__INIT;
    Fedgate__V1__LogRef log = FEDGATE__V1__LOG_REF__INIT;
    Google__Protobuf__Timestamp destroy_by = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    char camera[IDENT_WORD_MAX + 1] = "";
    if (f->cameras > 0)
        (void)snprintf(camera, sizeof camera, "%.*s", (int)f->camera[0].n,
                       (const char *)f->camera[0].p);
    header.status = (Fedgate__V1__Status)f->status; /* and nothing else of the sender's words */
    start.header = &header;
    start.stream_id = w->sender->id;
    start.camera_id = camera;
    start.container = (char *)(uintptr_t)media_container_word(w->sender->container);
    start.codec = (char *)(uintptr_t)media_codec(w->sender->media);
    parts_obligations(w->arena, w->edge->policy, w->decision.grant, &w->obligations, &must);
    destroy_by.seconds = w->obligations.destroy_by_us / US_PER_S;
    must.destroy_by = &destroy_by;
    log.origin = (char *)(uintptr_t)edge_origin(w->edge);
    log.index = w->index;
    start.must = &must;
    start.record = &log;
    frame.part_case = FEDGATE__V1__VIDEO_FRAME__PART_START;
    frame.start = &start;
    watch_put_frame(w, &frame);
}

static void take_obligations(struct watcher *w, const struct policy_question *q, uint32_t to)
{
    policy_obligations(q, w->decision.grant, &w->obligations);
    obligations_bound(&w->obligations, q->facts->incidents > 0 ? q->incident[0] : NULL, false,
                      q->now_us);
    if (w->state == WATCH_DECIDING) /* it is recorded once */
        w->rests = standing_rests(w->edge, q, to, POLICY_NONE, w->consent);
}

static void decide(struct watcher *w)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    const char *failed;
    uint32_t to = policy_unit(w->edge->policy, bytes_of_text(w->session->name));
    enum reason r = stream_ask(w->sender, &w->facts, incident, &q, &failed);
    w->decision = (struct decision){
        .reason = r, .grant = POLICY_NONE, .clause = "", .failed = failed, .law = ""};
    if (r == REASON_PERMITTED)
        policy_decide(&q, to, &w->decision);
    stream_copy(w->clause, sizeof w->clause, w->decision.clause);
    stream_copy(w->failed, sizeof w->failed, w->decision.failed);
    if (policy_permits(w->decision.reason))
        take_obligations(w, &q, to);
    w->decision.clause = w->decision.failed = w->decision.law = "";
}

static void opening_recorded(struct ticket *t, uint64_t index)
{
    struct watcher *w = CONTAINER_OF(t, struct watcher, ticket);
    w->index = index;
    if (!policy_permits(w->decision.reason)) {
        put_end(w, w->decision.reason, w->clause, w->failed);
        end(w, GRPC_PERMISSION_DENIED, "watching is not permitted; see the end's reason", 0);
        return;
    }
    /* The state may have changed while this was on its way to disk. */
    decide(w);
    w->state = WATCH_LIVE;
    w->summed_us = clock_steady_us(&w->edge->config.clock);
    if (!policy_permits(w->decision.reason)) {
        watch_stop(w, w->decision.reason, w->clause, w->failed);
        return;
    }
    if (policy_limits(w->edge->policy, w->decision.grant).stream_digest)
        w->sent = hasher_new();
    put_start(w);
    stream_watchers_changed(w->sender);
}

static void opening_lost(struct ticket *t)
{
    (void)t; /* the session ends its watchers */
}

/* NULL, or what is wrong with the request. */
static const char *read_request(struct watcher *w, struct bytes request)
{
    const struct check_limits limits = session_limits(w->session);
    struct ProtobufCMessage *m;
    struct finding why;
    struct findings found = {0};
    struct bytes kept = arena_copy(w->arena, request);
    if (message_unpack(w->arena, &fedgate__v1__watch_request__descriptor, kept, LIMIT_REQUEST, &m,
                       &why) != RESULT_OK)
        return "not a WatchRequest";
    Fedgate__V1__WatchRequest *asked = (void *)m;
    watch_check(asked, &limits, &found);
    if (found.refused)
        return "a field of the WatchRequest is not well-formed";
    facts_of_watch(asked, &w->facts);
    w->sender = map_get(w->edge->streams, bytes_of_text(asked->stream_id));
    if (w->sender != NULL && w->sender->state != STREAM_OPEN)
        w->sender = NULL; /* its beginning is not on disk */
    return NULL;
}

struct watcher *watcher_open(struct session *session, const struct watcher_events *events,
                             void *arg, struct bytes request)
{
    struct watcher *w = mem_new(sizeof *w);
    *w = (struct watcher){.session = session,
                          .edge = session->edge,
                          .events = events,
                          .arg = arg,
                          .arena = arena_new(4 * LIMIT_REQUEST),
                          .ticket = {.recorded = opening_recorded, .lost = opening_lost}};
    TAILQ_INSERT_TAIL(&session->watchers, w, next);
    const char *wrong =
        edge_is_ready(w->edge) ? read_request(w, request) : "the ledger is not there";
    if (wrong != NULL || w->sender == NULL) {
        int status = !edge_is_ready(w->edge) ? GRPC_UNAVAILABLE
                     : wrong != NULL         ? GRPC_INVALID_ARGUMENT
                                             : GRPC_NOT_FOUND;
        w->sender = NULL;
        end(w, status, wrong != NULL ? wrong : "stream_id: no such stream is open", 0);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&w->sender->watchers, w, of_stream);
    decide(w);
    char detail[DETAIL];
    bool may = policy_permits(w->decision.reason);
    struct stream_event event = event_of(w, may ? AUDIT_WATCH_OPENED : AUDIT_WATCH_REFUSED,
                                         w->decision.reason, w->failed, detail);
    event.actor = may ? &w->facts : NULL;
    event.owed = may ? &w->obligations : NULL;
    event.consent = bytes_of(w->consent, w->rests ? sizeof w->consent : 0);
    event.incident = w->decision.incident;
    stream_record(w->sender, &event, &w->ticket);
    return w;
}

static void sum_up(struct watcher *w, enum reason reason)
{
    char detail[DETAIL];
    const struct stream_event event = event_of(w, AUDIT_WATCH_SUMMARY, reason, w->failed, detail);
    w->summed_us = clock_steady_us(&w->edge->config.clock);
    stream_record(w->sender, &event, NULL);
}

/* What went on by right and goes on past a condition is a use of that emergency: on record, and to
 * be reviewed. */
void watch_judge(struct watcher *w)
{
    if (w->state != WATCH_LIVE)
        return;
    enum reason before = w->decision.reason;
    decide(w);
    enum reason r = w->decision.reason;
    if (r == REASON_PERMITTED_EMERGENCY && before != r)
        sum_up(w, r);
    if (policy_permits(r))
        return;
    watch_stop(w, stream_reason_of_end(r), w->clause, w->failed);
}

/* ---- time */

void watch_tick(struct watcher *w)
{
    int64_t now_us = clock_steady_us(&w->edge->config.clock);
    if (w->state != WATCH_LIVE || now_us - w->summed_us < w->edge->config.summary_every_us)
        return;
    sum_up(w, REASON_NONE);
}
