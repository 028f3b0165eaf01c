/* Messages to the edge of desk.h, and what it says to those who send them. They are written as
 * JSON, with ' for ". */
#ifndef FEDGATE_TESTS_SERVICE_PUBLISH_H
#define FEDGATE_TESTS_SERVICE_PUBLISH_H

#include "desk.h"

#include "message/json.h"
#include "message/message.h"

#define CAMERA "dj-3028" /* at the scene */
#define DESK_CLAIM                                                                                 \
    "'service':'112-onsite-video','purpose':'crime-response','basis':{'code':'kr/pipa/18-2-3'}"
#define DESK_SCENE "'point':[{'latitude':36.3504,'longitude':127.3845}]"

static inline void desk_uuid(const struct desk *d, char out[UUID_TEXT + 1])
{
    struct uuid u = random_uuid(d->wall_us);
    uuid_text(&u, out);
}

static inline void desk_encode(const char *type, struct buf *json, struct buf *out)
{
    char why[256] = "";
    for (size_t i = 0; i < json->n; i++)
        if (json->p[i] == '\'')
            json->p[i] = '"';
    if (message_from_json(message_type(type), buf_view(json), out, why, sizeof why) != RESULT_OK)
        fail_msg("%s: %.*s", why, (int)json->n, (const char *)json->p);
    buf_free(json);
}

/* "'header':{...}" about an incident. */
static inline void desk_header(const struct desk *d, const char *id, const char *source,
                               const char *incident, struct buf *json)
{
    char created[64];
    int64_t s = d->wall_us / US_PER_S % 86400; /* of the day of DESK_NOW, in UTC */
    (void)snprintf(created, sizeof created, "2026-11-21T%02d:%02d:%02dZ", (int)(s / 3600),
                   (int)(s / 60 % 60), (int)(s % 60));
    buf_printf(json,
               "'header':{'id':'%s','source':'%s','createdAt':'%s','status':'STATUS_ACTUAL',"
               "'incidentId':['%s']," DESK_CLAIM "}",
               id, source, created, incident);
}

/* A message of `source` about an incident; `body` is its oneof, as JSON. */
static inline struct shared *desk_message(const struct desk *d, const char *id, const char *source,
                                          const char *incident, const char *body)
{
    struct buf json = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
    buf_text(&json, "{");
    desk_header(d, id, source, incident, &json);
    buf_printf(&json, ",%s}", body);
    desk_encode("fedgate.v1.Message", &json, &out);
    struct shared *s = shared_copy(buf_view(&out));
    buf_free(&out);
    return s;
}

#define DESK_REPORT "'incidentReport':{'type':'robbery','area':{" DESK_SCENE ",'radiusM':50}}"
#define DESK_CLOSE  "'incidentClose':{'outcome':'INCIDENT_OUTCOME_RESOLVED'}"
#define DESK_ASK    "'videoRequest':{'around':{" DESK_SCENE ",'radiusM':200},'maxStreams':4}"

/* A message that came, as JSON in one line. */
enum { DESK_JSON = 4096 };
static inline void desk_json(const char *type, struct bytes encoded, char out[DESK_JSON])
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct buf text = BUF_INIT(1 << 20);
    struct ProtobufCMessage *m;
    struct finding why;
    assert_int_equal(message_unpack(a, message_type(type), encoded, LIMIT_MESSAGE, &m, &why),
                     RESULT_OK);
    assert_int_equal(message_to_json(m, 0, &text), RESULT_OK);
    (void)snprintf(out, DESK_JSON, "%.*s", (int)text.n, (const char *)text.p);
    buf_free(&text);
    arena_free(a);
}

static inline void assert_says(const char *json, const char *text)
{
    if (strstr(json, text) == NULL)
        fail_msg("no '%s' in %s", text, json);
}

/* ---- a call of Publish */

struct caller {
    struct publisher *publisher; /* NULL: it has ended */
    unsigned receipts, rooms;
    char receipt[DESK_JSON]; /* the last one */
    char why[64];            /* it was ended */
};

static inline void caller_receipt(void *arg, struct bytes receipt, uint64_t scope)
{
    (void)scope;
    struct caller *c = arg;
    c->receipts++;
    desk_json("fedgate.v1.Receipt", receipt, c->receipt);
}

static inline void caller_unavailable(void *arg, const char *why)
{
    struct caller *c = arg;
    c->publisher = NULL;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
}

static inline void caller_room(void *arg)
{
    ((struct caller *)arg)->rooms++;
}

static inline void caller_open(struct caller *c, struct session *s)
{
    static const struct publisher_events events = {caller_receipt, caller_unavailable, caller_room};
    *c = (struct caller){0};
    c->publisher = publisher_open(s, &events, c);
}

/* Publishes, under a fresh id that is left in `id` when that is not NULL. */
static inline void caller_send(struct caller *c, struct desk *d, const char *source,
                               const char *incident, const char *body, char *id)
{
    char fresh[UUID_TEXT + 1];
    desk_uuid(d, fresh);
    if (id != NULL)
        memcpy(id, fresh, sizeof fresh);
    struct shared *m = desk_message(d, fresh, source, incident, body);
    assert_int_equal(publisher_take(c->publisher, m, shared_view(m)), RESULT_OK);
    shared_drop(m);
}

/* 112 opens an incident, which is on disk when this returns. */
static inline void desk_open_incident(struct desk *d, struct session *police,
                                      char incident[IDENT_INCIDENT_MAX + 1])
{
    struct caller c;
    char uuid[UUID_TEXT + 1];
    desk_uuid(d, uuid);
    (void)snprintf(incident, IDENT_INCIDENT_MAX + 1, "%s:%s", POLICE, uuid);
    caller_open(&c, police);
    caller_send(&c, d, POLICE, incident, DESK_REPORT, NULL);
    desk_commit_next(d, ROAD_ON_DISK);
    assert_says(c.receipt, "VERDICT_ACCEPTED");
    publisher_close(c.publisher);
}

#endif
