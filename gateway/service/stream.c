/*
 * Video: Send. A stream is decided and recorded when it opens, and judged again whenever the
 * policy, an incident or a session changes. Its frames go from the sender to the watchers without
 * touching the disk. Here it opens; stream_feed.c, stream_judge.c and stream_end.c are the rest of
 * its life, stream_place.c is where its camera is, stream_tell.c what is said about it.
 */
#include "service/stream.h"

#include "audit/leaf.h"
#include "base/mem.h"
#include "net/grpc.h"

#include <fedgate/v1/fedgate.pb-c.h>
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

enum reason stream_ask(struct sender *s, const struct facts *watcher,
                       const struct incident *incident[FACTS_INCIDENT_MAX],
                       struct policy_question *q, const char **failed)
{
    stream_place(s);
    view_lookup(s->edge, &s->facts, incident);
    enum reason r = edge_ask(s->edge, &s->facts, watcher, incident, edge_now(s->edge), q, failed);
    if (r != REASON_PERMITTED || standing_names_one(q))
        return r;
    *failed = standing_one;
    return REASON_OUT_OF_RANGE;
}

/* ---- opening */

void stream_refuse(struct sender *s, enum reason reason, const char *clause, const char *failed)
{
    s->refused = reason;
    stream_copy(s->clause, sizeof s->clause, clause);
    stream_copy(s->failed, sizeof s->failed, failed);
}

const char stream_limit[] = "limits.streams_per_incident";

bool stream_is_one_too_many(const struct sender *s)
{
    const struct sender *x;
    size_t at, others = 0;
    MAP_FOREACH (x, s->edge->streams, at)
        others += x != s && x->facts.incidents > 0 && s->facts.incidents > 0 &&
                  bytes_equal(x->facts.incident[0], s->facts.incident[0]);
    return s->limits.streams_per_incident != 0 && others >= s->limits.streams_per_incident;
}

/* False: not before it is known where the camera is. */
static bool decide(struct sender *s)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    struct decision d;
    const char *failed;
    uint32_t to;
    enum reason r = stream_ask(s, NULL, incident, &q, &failed);
    if (r != REASON_PERMITTED) {
        stream_refuse(s, r, "", failed);
        return true;
    }
    policy_decide_send(&q, &to, &d);
    if (d.reason != REASON_PERMITTED && stream_waits_for_place(s))
        return false;
    if (!policy_permits(d.reason))
        stream_blame(s, &q, &d);
    stream_refuse(s, d.reason, d.clause, d.failed);
    if (!policy_permits(d.reason))
        return true;
    if (s->facts.test_wish != 0) {
        stream_refuse(s, (enum reason)s->facts.test_wish, d.clause, intake_wish);
        return true;
    }
    s->limits = policy_limits(s->edge->policy, d.grant);
    s->beyond_limit = stream_is_one_too_many(s);
    if (s->beyond_limit && !policy_is_excepted(&q, d.grant, to)) {
        stream_refuse(s, REASON_STREAM_LIMIT, d.clause, stream_limit);
        return true;
    }
    if (s->beyond_limit)
        stream_refuse(s, REASON_PERMITTED_EMERGENCY, d.clause, stream_limit);
    if (!(s->listed = map_add(s->edge->streams, s)))
        stream_refuse(s, REASON_ID_REUSED, "", "stream_id: of a stream that is open");
    return true;
}

void stream_run(struct sender *s)
{
    struct stream_event event = {.unit = s->session->name, .detail = ""};
    s->state = STREAM_DECIDING;
    if (s->refused == REASON_NONE) {
        if (view_waits(s->edge, s->facts.incident, s->facts.incidents, &s->waiting))
            return;
        if (!decide(s)) {
            s->state = STREAM_PLACING;
            return;
        }
    }
    event.event = policy_permits(s->refused) ? AUDIT_STREAM_OPENED : AUDIT_STREAM_REFUSED;
    event.reason = s->refused;
    event.clause = s->clause;
    event.failed = s->failed;
    event.actor = policy_permits(s->refused) ? &s->facts : NULL;
    stream_record(s, &event, &s->ticket);
}

static void run_again(struct waiting *w)
{
    stream_run(CONTAINER_OF(w, struct sender, waiting));
}

/* Those that some unit that may watch now may be sent; each watcher gets only its own clause's. */
static uint8_t codecs_of(const struct sender *s, const struct policy_question *q)
{
    const struct policy *p = s->edge->policy;
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(p, KIND_VIDEO, q->from, reach);
    uint8_t codecs = 0;
    for (size_t i = 0; i < count; i++) {
        struct decision d;
        policy_decide(q, reach[i], &d);
        if (!policy_permits(d.reason))
            continue;
        uint8_t its = policy_limits(p, d.grant).codecs;
        if (its == 0)
            return 0;
        codecs |= its;
    }
    return codecs;
}

static void opened(struct sender *s)
{
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct media_rules rules = {.refuse_audio = !s->limits.audio_allowed,
                                .width = s->limits.width,
                                .height = s->limits.height};
    struct policy_question q;
    const char *failed;
    bool may = stream_ask(s, NULL, incident, &q, &failed) == REASON_PERMITTED;
    s->state = STREAM_OPEN;
    s->since_us = edge_now(s->edge);
    if (may)
        rules.codecs = codecs_of(s, &q);
    s->media = media_new(s->container, &rules);
    stream_tell_opened(s, ROAD_ACCEPTED);
    if (may)
        stream_tell_units(s, &q);
}

static void opening_recorded(struct ticket *t, uint64_t index)
{
    struct sender *s = CONTAINER_OF(t, struct sender, ticket);
    s->index = index;
    if (policy_permits(s->refused)) {
        opened(s);
        return;
    }
    stream_tell_opened(s, ROAD_REFUSED);
    stream_finish_call(s, GRPC_PERMISSION_DENIED, "the stream is not permitted; see the receipt");
}

static void opening_lost(struct ticket *t)
{
    (void)t; /* the session ends its streams */
}

static void take_start(struct sender *s, const Fedgate__V1__VideoStart *start)
{
    const struct check_limits limits = {edge_now(s->edge), policy_service_area(s->edge->policy),
                                        LIMIT_ID_WINDOW, edge_ahead(s->edge)};
    struct findings found = {0};
    struct uuid id = random_uuid(edge_now(s->edge));
    struct bytes bytes = buf_view(&s->start);
    video_start_check((Fedgate__V1__VideoStart *)(uintptr_t)start, &limits, &found);
    facts_of_video_start(start, &s->facts);
    s->container = media_container_of(start->container);
    if (start->stream_id[0] != '\0')
        (void)uuid_parse(bytes_of_text(start->stream_id), &id);
    uuid_text(&id, s->id);
    random_take(&s->edge->random, s->salt, sizeof s->salt);
    hasher_sha256(s->edge->hasher, &bytes, 1, s->digest);
    if (found.refused)
        stream_refuse(s, found.finding[0].reason, "", found.finding[0].text);
    else if (!bytes_is(s->facts.source, s->session->name))
        stream_refuse(s, REASON_IDENTITY_MISMATCH, "",
                      "source: the unit that the certificate names");
    else if (start->begins_at != NULL)
        stream_refuse(s, REASON_OUT_OF_RANGE, "",
                      "begins_at: recordings are not carried; live only");
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

enum result stream_begin(struct sender *s, struct bytes frame)
{
    struct ProtobufCMessage *m;
    struct finding why;
    if (s->edge->draining) {
        stream_finish_call(s, GRPC_UNAVAILABLE, edge_takes_nothing(s->edge));
        return RESULT_OK;
    }
    buf_put(&s->start, frame.p, frame.n);
    TRY(buf_status(&s->start));
    TRY(message_unpack(s->arena, &fedgate__v1__video_frame__descriptor, buf_view(&s->start),
                       LIMIT_REQUEST, &m, &why));
    const Fedgate__V1__VideoFrame *f = (const void *)m;
    if (f->part_case != FEDGATE__V1__VIDEO_FRAME__PART_START)
        return RESULT_MALFORMED;
    s->begun_us = clock_steady_us(&s->edge->config.clock);
    take_start(s, f->start);
    stream_run(s);
    return RESULT_OK;
}
