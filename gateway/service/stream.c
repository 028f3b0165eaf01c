/*
 * Video: Send. The stream is decided and recorded when it opens, and judged again whenever the
 * policy, an incident or a session changes. Its frames go from the sender to the watchers without
 * touching the disk.
 */
#include "service/stream.h"

#include "audit/leaf.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "net/grpc.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <stdio.h>

struct bytes stream_key(const void *item)
{
    return bytes_of_text(((const struct sender *)item)->id);
}

void stream_copy(char *out, size_t room, const char *text)
{
    (void)snprintf(out, room, "%.*s", (int)room - 1, text);
}

/* ---- records and questions */

enum reason stream_ask(const struct sender *s, const struct facts *watcher,
                       const struct incident *incident[FACTS_INCIDENT_MAX],
                       struct policy_question *q, const char **failed)
{
    view_lookup(s->edge, &s->facts, incident);
    return policy_ask(s->edge->policy, &s->facts, watcher, incident, edge_now(s->edge), q, failed);
}

void stream_record(const struct sender *s, const struct stream_event *event, struct ticket *ticket)
{
    struct edge *e = s->edge;
    const struct facts *f = &s->facts;
    const char *reason = event->reason == REASON_NONE ? "" : reason_word(event->reason);
    struct road_event out = {
        .ticket = ticket == NULL ? 0 : edge_ticket(e, ticket),
        .event = (uint8_t)event->event,
        .envelope = {.source = bytes_of_text(s->session->name),
                     .kind = bytes_of_text("video"),
                     .service = policy_known(e->policy, POLICY_SERVICE, f->service),
                     .purpose = policy_known(e->policy, POLICY_PURPOSE, f->purpose),
                     .basis = policy_known(e->policy, POLICY_BASIS, f->basis),
                     .lane = LANE_BULK,
                     .policy = policy_serial(e->policy),
                     .size = s->bytes},
        .at_us = edge_now(e),
        .unit = bytes_of_text(event->unit),
        .reason = bytes_of_text(reason),
        .clause = bytes_of_text(event->clause),
        .failed = bytes_of_text(event->failed),
        .refers = event->refers,
        .detail = bytes_of_text(event->detail)};
    (void)uuid_parse(bytes_of_text(s->id), &out.envelope.id);
    for (size_t i = 0; i < f->incidents; i++)
        if (view_get(e, f->incident[i]) != NULL)
            out.envelope.incident[out.envelope.incidents++] = f->incident[i];
    buf_clear(&e->out);
    road_event_put(&out, &e->out);
    edge_tell(e, IPC_EVENT, buf_view(&e->out));
}

/* ---- telling the sender */

static void send_control(struct sender *s, const Fedgate__V1__VideoControl *control)
{
    struct buf out = BUF_INIT(LIMIT_REQUEST);
    if (message_pack(&control->base, &out) == RESULT_OK)
        s->events->control(s->arg, buf_view(&out));
    buf_free(&out);
}

static void tell_opened(struct sender *s, enum road_verdict verdict)
{
    const struct road_recipient who = {.unit = bytes_of_text(s->session->name),
                                       .reason = bytes_of_text(reason_word(s->refused)),
                                       .clause = bytes_of_text(s->clause),
                                       .failed = bytes_of_text(s->failed)};
    struct receipt r = {.id = s->facts.id,
                        .verdict = verdict,
                        .recipient = &who,
                        .recipients = 1,
                        .has_salt = true};
    struct buf receipt = BUF_INIT(LIMIT_REQUEST), control = BUF_INIT(LIMIT_REQUEST);
    memcpy(r.salt, s->salt, sizeof r.salt);
    memcpy(r.digest, s->digest, sizeof r.digest);
    if (receipt_put(s->edge, &r, &receipt) == RESULT_OK &&
        receipt_put_record(edge_origin(s->edge), s->index, &receipt) == RESULT_OK) {
        /* VideoControl { opened = 1 }: the receipt, as an embedded message. */
        buf_u8(&control, 0x0a);
        buf_varint(&control, receipt.n);
        buf_put(&control, receipt.p, receipt.n);
        s->events->control(s->arg, buf_view(&control));
    }
    buf_free(&receipt);
    buf_free(&control);
}

static void tell_watchers(struct sender *s)
{
    Fedgate__V1__VideoControl control = FEDGATE__V1__VIDEO_CONTROL__INIT;
    const struct watcher *w;
    TAILQ_FOREACH (w, &s->watchers, of_stream)
        control.watchers += w->state == WATCH_LIVE;
    control.step_case = FEDGATE__V1__VIDEO_CONTROL__STEP_WATCHERS;
    send_control(s, &control);
}

static void tell_stop(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    Fedgate__V1__VideoControl control = FEDGATE__V1__VIDEO_CONTROL__INIT;
    Fedgate__V1__VideoEnd end = FEDGATE__V1__VIDEO_END__INIT;
    Fedgate__V1__RecipientVerdict why = FEDGATE__V1__RECIPIENT_VERDICT__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    why.to = s->session->name;
    why.reason = (Fedgate__V1__Reason)reason;
    why.clause = (char *)(uintptr_t)clause;
    why.failed = (char *)(uintptr_t)failed;
    record.origin = (char *)(uintptr_t)edge_origin(s->edge);
    record.index = s->index;
    end.why = &why;
    end.bytes = s->bytes;
    end.record = &record;
    control.step_case = FEDGATE__V1__VIDEO_CONTROL__STEP_STOP;
    control.stop = &end;
    send_control(s, &control);
}

/* ---- units that may watch are told, once */

static bool was_told(const struct sender *s, const char *unit)
{
    for (size_t i = 0; i < s->tolds; i++)
        if (strcmp(s->told[i].unit, unit) == 0)
            return true;
    return false;
}

static void tell_unit(struct sender *s, uint32_t unit, const struct decision *d)
{
    const char *name = policy_unit_name(s->edge->policy, unit);
    if (s->tolds == STREAM_TOLD_MAX || was_told(s, name))
        return;
    struct stream_told *t = &s->told[s->tolds++];
    stream_copy(t->unit, sizeof t->unit, name);
    stream_copy(t->clause, sizeof t->clause, d->clause);
    notice_stream(s->edge, &s->facts, bytes_of_text(s->id), bytes_of_text(t->unit),
                  bytes_of_text(t->clause), true, REASON_PERMITTED);
}

/* A unit's own purpose may differ from the sender's (joins), and its actor comes with its request:
 * the sender's question leaves both open, and Watch asks again with them. */
static void tell_units(struct sender *s, const struct policy_question *q)
{
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(s->edge->policy, KIND_VIDEO, q->from, reach);
    for (size_t i = 0; i < count; i++) {
        struct decision d;
        policy_decide(q, reach[i], &d);
        if (d.reason == REASON_PERMITTED)
            tell_unit(s, reach[i], &d);
    }
}

/* ---- opening */

static void refuse(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    s->refused = reason;
    stream_copy(s->clause, sizeof s->clause, clause);
    stream_copy(s->failed, sizeof s->failed, failed);
}

static size_t streams_of_incident(const struct sender *s)
{
    const struct sender *x;
    size_t at, count = 0;
    MAP_FOREACH (x, s->edge->streams, at)
        count += x->facts.incidents > 0 && s->facts.incidents > 0 &&
                 bytes_equal(x->facts.incident[0], s->facts.incident[0]);
    return count;
}

static void decide(struct sender *s)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    struct decision d;
    const char *failed;
    uint32_t to;
    enum reason r = stream_ask(s, NULL, incident, &q, &failed);
    if (r != REASON_PERMITTED) {
        refuse(s, r, "", failed);
        return;
    }
    policy_decide_send(&q, &to, &d);
    refuse(s, d.reason, d.clause, d.failed);
    if (d.reason != REASON_PERMITTED)
        return;
    s->limits = policy_limits(s->edge->policy, d.grant);
    if (s->limits.streams_per_incident != 0 &&
        streams_of_incident(s) >= s->limits.streams_per_incident)
        refuse(s, REASON_STREAM_LIMIT, d.clause, "limits.streams_per_incident");
    else if (map_get(s->edge->streams, bytes_of_text(s->id)) != NULL)
        refuse(s, REASON_ID_REUSED, "", "stream_id: of a stream that is open");
}

static void run(struct sender *s)
{
    struct stream_event event = {.unit = s->session->name, .detail = ""};
    s->state = STREAM_DECIDING;
    if (s->refused == REASON_NONE) {
        if (view_waits(s->edge, s->facts.incident, s->facts.incidents, &s->waiting))
            return;
        decide(s);
    }
    event.event = s->refused == REASON_PERMITTED ? AUDIT_STREAM_OPENED : AUDIT_STREAM_REFUSED;
    event.reason = s->refused;
    event.clause = s->clause;
    event.failed = s->failed;
    stream_record(s, &event, &s->ticket);
}

static void run_again(struct waiting *w)
{
    run(CONTAINER_OF(w, struct sender, waiting));
}

static void finish_call(struct sender *s, int status, const char *why)
{
    const struct sender_events *events = s->events;
    void *arg = s->arg;
    sender_close(s);
    events->ended(arg, status, why);
}

static void opened(struct sender *s)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    const struct mpegts_rules rules = {.refuse_audio = !s->limits.audio_allowed};
    struct policy_question q;
    const char *failed;
    s->state = STREAM_OPEN;
    s->ts = mpegts_new(&rules);
    (void)map_add(s->edge->streams, s);
    tell_opened(s, ROAD_ACCEPTED);
    if (stream_ask(s, NULL, incident, &q, &failed) == REASON_PERMITTED)
        tell_units(s, &q);
}

static void opening_recorded(struct ticket *t, uint64_t index)
{
    struct sender *s = CONTAINER_OF(t, struct sender, ticket);
    s->index = index;
    if (s->refused == REASON_PERMITTED) {
        opened(s);
        return;
    }
    tell_opened(s, ROAD_REFUSED);
    finish_call(s, GRPC_PERMISSION_DENIED, "the stream is not permitted; see the receipt");
}

static void opening_lost(struct ticket *t)
{
    (void)t; /* the session ends its streams */
}

static void take_start(struct sender *s, const Fedgate__V1__VideoStart *start)
{
    const struct check_limits limits = {edge_now(s->edge), policy_service_area(s->edge->policy),
                                        LIMIT_ID_WINDOW};
    struct findings found = {0};
    struct uuid id = random_uuid(edge_now(s->edge));
    struct bytes bytes = buf_view(&s->start);
    video_start_check((Fedgate__V1__VideoStart *)(uintptr_t)start, &limits, &found);
    facts_of_video_start(start, &s->facts);
    if (start->stream_id[0] != '\0')
        (void)uuid_parse(bytes_of_text(start->stream_id), &id);
    uuid_text(&id, s->id);
    random_fill(s->salt, sizeof s->salt);
    hasher_sha256(s->edge->hasher, &bytes, 1, s->digest);
    if (found.refused)
        refuse(s, found.finding[0].reason, "", found.finding[0].text);
    else if (!bytes_is(s->facts.source, s->session->name))
        refuse(s, REASON_IDENTITY_MISMATCH, "", "source: the unit that the certificate names");
    else if (start->begins_at != NULL)
        refuse(s, REASON_OUT_OF_RANGE, "", "begins_at: recordings are not carried; live only");
}

struct sender *sender_open(struct session *session, const struct sender_events *events, void *arg)
{
    struct sender *s = mem_new(sizeof *s);
    *s = (struct sender){.session = session,
                         .edge = session->edge,
                         .events = events,
                         .arg = arg,
                         .arena = arena_new(4 * LIMIT_REQUEST),
                         .start = BUF_INIT(LIMIT_REQUEST),
                         .waiting = {.again = run_again},
                         .ticket = {.recorded = opening_recorded, .lost = opening_lost}};
    TAILQ_INIT(&s->watchers);
    TAILQ_INSERT_TAIL(&session->senders, s, next);
    return s;
}

static enum result first_frame(struct sender *s, struct bytes frame)
{
    struct ProtobufCMessage *m;
    struct finding why;
    buf_put(&s->start, frame.p, frame.n);
    TRY(buf_status(&s->start));
    TRY(message_unpack(s->arena, &fedgate__v1__video_frame__descriptor, buf_view(&s->start),
                       LIMIT_REQUEST, &m, &why));
    const Fedgate__V1__VideoFrame *f = (const void *)m;
    if (f->part_case != FEDGATE__V1__VIDEO_FRAME__PART_START)
        return RESULT_MALFORMED;
    take_start(s, f->start);
    run(s);
    return RESULT_OK;
}

/* ---- ending */

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
    stream_record(s, &event, NULL);
}

/* Ends an open stream for everybody; the call itself is the caller's to end. */
static void end_stream(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    struct watcher *w;
    if (s->state != STREAM_OPEN)
        return;
    s->state = STREAM_ENDED;
    (void)map_remove(s->edge->streams, stream_key(s));
    while ((w = TAILQ_FIRST(&s->watchers)) != NULL)
        watch_stop(w, reason, clause, failed);
    for (size_t i = 0; i < s->tolds; i++)
        notice_stream(s->edge, &s->facts, bytes_of_text(s->id), bytes_of_text(s->told[i].unit),
                      bytes_of_text(s->told[i].clause), false, reason);
    record_end(s, reason, clause, failed);
}

/* Ended from this side: the sender hears why. */
static void stop(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    char kept_clause[STREAM_CLAUSE_MAX], kept_failed[ROAD_TEXT_MAX];
    stream_copy(kept_clause, sizeof kept_clause, clause);
    stream_copy(kept_failed, sizeof kept_failed, failed);
    end_stream(s, reason, kept_clause, kept_failed);
    tell_stop(s, reason, kept_clause, kept_failed);
    finish_call(s, GRPC_OK, "");
}

void sender_finish(struct sender *s)
{
    end_stream(s, REASON_SENDER_ENDED, "", "");
    finish_call(s, GRPC_OK, "");
}

void sender_close(struct sender *s)
{
    struct watcher *w;
    end_stream(s, REASON_SENDER_ENDED, "", "");
    while ((w = TAILQ_FIRST(&s->watchers)) != NULL) /* still being decided */
        watch_stop(w, REASON_SENDER_ENDED, "", "");
    view_stop_waiting(&s->waiting);
    edge_forget_ticket(s->edge, &s->ticket);
    TAILQ_REMOVE(&s->session->senders, s, next);
    mpegts_free(s->ts);
    arena_free(s->arena);
    buf_free(&s->start);
    mem_free(s);
}

/* ---- data */

/* A second's worth may pass at once; more presses back on the sender. */
static bool is_paced(struct sender *s, size_t bytes)
{
    int64_t now_us = clock_steady_us(&s->edge->config.clock);
    int64_t most = (int64_t)s->limits.bits_per_s;
    if (most == 0)
        return false;
    if (s->allowance_us == 0)
        s->allowance_bits = most;
    else
        s->allowance_bits += (now_us - s->allowance_us) * (most / 1000) / 1000;
    s->allowance_us = now_us;
    if (s->allowance_bits > most)
        s->allowance_bits = most;
    s->allowance_bits -= (int64_t)bytes * 8;
    return s->allowance_bits < 0;
}

static enum result take_data(struct sender *s, struct shared *owner, struct bytes data)
{
    struct mpegts_chunk chunk;
    struct watcher *w, *next;
    enum reason reason;
    const char *why;
    if (s->state != STREAM_OPEN)
        return RESULT_OK; /* before the answer "opened" it is discarded */
    if (mpegts_chunk(s->ts, data, &chunk, &reason, &why) != RESULT_OK) {
        stop(s, reason, s->clause, why);
        return RESULT_OK;
    }
    s->bytes += data.n;
    s->frames++;
    for (w = TAILQ_FIRST(&s->watchers); w != NULL; w = next) {
        next = TAILQ_NEXT(w, of_stream);
        watch_feed(w, owner, data, &chunk);
    }
    s->paced = is_paced(s, data.n);
    return s->paced ? RESULT_AGAIN : RESULT_OK;
}

static enum result take_gap(struct sender *s, struct shared *owner, struct bytes frame)
{
    struct watcher *w;
    if (s->state == STREAM_OPEN)
        TAILQ_FOREACH (w, &s->watchers, of_stream)
            watch_gap(w, frame, owner);
    return RESULT_OK;
}

enum result sender_take(struct sender *s, struct shared *owner, struct bytes frame)
{
    enum video_part part;
    struct bytes content;
    if (s->state == STREAM_NEW)
        return first_frame(s, frame);
    TRY(video_frame_peek(frame, &part, &content));
    switch (part) {
    case VIDEO_DATA: return take_data(s, owner, content);
    case VIDEO_GAP: return take_gap(s, owner, frame);
    case VIDEO_END: sender_finish(s); return RESULT_OK;
    case VIDEO_START:
    case VIDEO_POSITION: break;
    }
    return RESULT_MALFORMED;
}

/* ---- judging again */

/* What a fulfilled purpose looks like to those who are stopped by it. */
static enum reason reason_of_end(enum reason r)
{
    return r == REASON_INCIDENT_CLOSED || r == REASON_INCIDENT_UNKNOWN ? REASON_PURPOSE_FULFILLED
                                                                       : r;
}

static void judge(struct sender *s)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    struct decision d = {.clause = "", .failed = ""};
    struct watcher *w, *next;
    const char *failed;
    uint32_t to;
    if (s->state != STREAM_OPEN)
        return;
    for (w = TAILQ_FIRST(&s->watchers); w != NULL; w = next) {
        next = TAILQ_NEXT(w, of_stream);
        watch_judge(w);
    }
    enum reason r = stream_ask(s, NULL, incident, &q, &failed);
    if (r == REASON_PERMITTED) {
        policy_decide_send(&q, &to, &d);
        r = d.reason;
        failed = d.failed;
    }
    if (r != REASON_PERMITTED)
        stop(s, reason_of_end(r), d.clause, failed);
    else
        tell_units(s, &q);
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
    for_every_stream(e, judge);
}

static void tick(struct sender *s)
{
    struct watcher *w;
    if (s->paced && !is_paced(s, 0)) {
        s->paced = false;
        s->events->room(s->arg);
    }
    TAILQ_FOREACH (w, &s->watchers, of_stream)
        watch_tick(w);
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

void session_end_streams(struct session *s, const char *why)
{
    struct sender *x;
    struct watcher *w;
    while ((w = TAILQ_FIRST(&s->watchers)) != NULL) {
        const struct watcher_events *events = w->events;
        void *arg = w->arg;
        watcher_close(w);
        events->ended(arg, GRPC_UNAVAILABLE, why);
    }
    while ((x = TAILQ_FIRST(&s->senders)) != NULL)
        finish_call(x, GRPC_UNAVAILABLE, why);
}

void stream_watchers_changed(struct sender *s)
{
    if (s->state == STREAM_OPEN)
        tell_watchers(s);
}
