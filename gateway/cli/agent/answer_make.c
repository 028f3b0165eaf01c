/* What a unit of a test bench says. An answer has service, purpose and basis of what it answers;
 * what the unit begins itself has those of the options. */
#include "cli/agent/answer.h"

#include "base/clock.h"
#include "crypto/random.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdlib.h>
#include <string.h>

#define EMERGENCY_CALL "emergency-call"

static void *take(struct arena *a, size_t n)
{
    void *p = arena_take(a, n); /* zeroed */
    if (p == NULL)
        abort(); /* an answer takes a small part of AGENT_HEADER_MAX */
    return p;
}

static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static char *new_id(struct arena *a)
{
    const struct clock clock = clock_system();
    const struct uuid id = random_uuid(clock_wall_us(&clock));
    char *text = take(a, UUID_TEXT + 1);
    uuid_text(&id, text);
    return text;
}

static int64_t now(void)
{
    const struct clock clock = clock_system();
    return clock_wall_us(&clock);
}

/* ---------------------------------------------------------------- headers */

static Fedgate__V1__Header *make(const struct answer *w, struct arena *a,
                                 const struct agent_header *options, Fedgate__V1__Header *h)
{
    return agent_header_make(a, options, w->unit, now(), h);
}

static void name_incident(struct arena *a, const char *incident, Fedgate__V1__Header *h)
{
    h->incident_id = take(a, sizeof *h->incident_id);
    h->incident_id[0] = text_of(incident);
    h->n_incident_id = 1;
}

/* Service, purpose, basis and incidents of what is answered. */
static Fedgate__V1__Header *header_of(const struct answer *w, struct arena *a,
                                      const Fedgate__V1__Message *m)
{
    Fedgate__V1__Header *h = take(a, sizeof *h);
    fedgate__v1__header__init(h);
    h->service = m->header->service;
    h->purpose = m->header->purpose;
    h->basis = m->header->basis;
    h->incident_id = m->header->incident_id;
    h->n_incident_id = m->header->n_incident_id;
    return make(w, a, &w->header, h);
}

static void reply_to(struct arena *a, const Fedgate__V1__Message *m,
                     const struct fedgate_record *record, Fedgate__V1__Header *h)
{
    h->to = take(a, sizeof *h->to);
    h->to[0] = m->header->source;
    h->n_to = 1;
    h->in_reply_to = take(a, sizeof *h->in_reply_to);
    fedgate__v1__log_ref__init(h->in_reply_to);
    h->in_reply_to->origin = text_of(record->origin);
    h->in_reply_to->index = record->index;
}

static Fedgate__V1__Message *message_with(struct arena *a, Fedgate__V1__Header *h)
{
    Fedgate__V1__Message *out = take(a, sizeof *out);
    fedgate__v1__message__init(out);
    out->header = h;
    return out;
}

/* ---------------------------------------------------------------- places */

static Fedgate__V1__Position *position(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Position *p = take(a, sizeof *p);
    fedgate__v1__position__init(p);
    p->latitude = w->position.latitude;
    p->longitude = w->position.longitude;
    return p;
}

static Fedgate__V1__Area *area(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Area *out = take(a, sizeof *out);
    fedgate__v1__area__init(out);
    out->point = take(a, sizeof *out->point);
    out->point[0] = position(w, a);
    out->n_point = 1;
    out->radius_m = 200;
    return out;
}

/* ---------------------------------------------------------------- answers, one a kind */

/* What is being answered, and what with. */
struct draft {
    const struct answer *w;
    struct arena *a;
    const Fedgate__V1__Message *m;
    Fedgate__V1__Message *out;
};

/* A centre: the police are sent for whoever an alert is about, and its incident ends with it. */
static bool to_alert(struct draft *d)
{
    const Fedgate__V1__GuardianAlert *alert = d->m->guardian_alert;
    const bool over = alert->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_FOUND ||
                      alert->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_CANCEL;
    const char *unit = d->w->unit;
    (void)make(d->w, d->a, &d->w->own, d->out->header);
    d->out->header->n_to = 0; /* whoever policy permits */
    if (over) {
        Fedgate__V1__IncidentClose *c = take(d->a, sizeof *c);
        fedgate__v1__incident_close__init(c);
        c->outcome = FEDGATE__V1__INCIDENT_OUTCOME__INCIDENT_OUTCOME_RESOLVED;
        d->out->body_case = FEDGATE__V1__MESSAGE__BODY_INCIDENT_CLOSE;
        d->out->incident_close = c;
        return true;
    }
    if (alert->phase != FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_NEW)
        return false;
    const size_t n = strlen(unit) + 1 + strlen(alert->alert_id) + 1;
    char *incident = take(d->a, n);
    (void)snprintf(incident, n, "%s:%s", unit, alert->alert_id);
    name_incident(d->a, incident, d->out->header);
    Fedgate__V1__DispatchRequest *r = take(d->a, sizeof *r);
    fedgate__v1__dispatch_request__init(r);
    r->type = text_of("vulnerable-person");
    r->position = alert->position;
    r->subject = alert->subject;
    d->out->body_case = FEDGATE__V1__MESSAGE__BODY_DISPATCH_REQUEST;
    d->out->dispatch_request = r;
    return true;
}

/* The police. */
static bool to_dispatch(struct draft *d)
{
    Fedgate__V1__DispatchAnswer *answer = take(d->a, sizeof *answer);
    fedgate__v1__dispatch_answer__init(answer);
    answer->step = FEDGATE__V1__DISPATCH_STEP__DISPATCH_STEP_ACCEPTED;
    d->out->body_case = FEDGATE__V1__MESSAGE__BODY_DISPATCH_ANSWER;
    d->out->dispatch_answer = answer;
    return true;
}

/* A centre; the stream follows. */
static bool to_video_request(struct draft *d)
{
    const char *camera = answer_camera(d->w, d->m);
    Fedgate__V1__VideoAnswer *answer = take(d->a, sizeof *answer);
    fedgate__v1__video_answer__init(answer);
    answer->result = camera[0] == '\0'
                         ? FEDGATE__V1__VIDEO_ANSWER_RESULT__VIDEO_ANSWER_RESULT_NO_CAMERA
                         : FEDGATE__V1__VIDEO_ANSWER_RESULT__VIDEO_ANSWER_RESULT_OFFERED;
    answer->camera_id = take(d->a, sizeof *answer->camera_id);
    answer->camera_id[0] = text_of(camera);
    answer->n_camera_id = camera[0] != '\0';
    d->out->body_case = FEDGATE__V1__MESSAGE__BODY_VIDEO_ANSWER;
    d->out->video_answer = answer;
    return true;
}

/* The number of the emergency call is evidence of it. */
static void bring_call(struct draft *d, char *call)
{
    const Fedgate__V1__LegalBasis *said = d->out->header->basis;
    Fedgate__V1__LegalBasis *basis = take(d->a, sizeof *basis);
    Fedgate__V1__Evidence *e = take(d->a, sizeof *e);
    if (said == NULL || said->n_evidence > 0 || call[0] == '\0')
        return;
    fedgate__v1__legal_basis__init(basis);
    fedgate__v1__evidence__init(e);
    e->kind = text_of(EMERGENCY_CALL);
    e->value = call;
    basis->code = said->code;
    basis->evidence = take(d->a, sizeof(Fedgate__V1__Evidence *));
    basis->evidence[0] = e;
    basis->n_evidence = 1;
    d->out->header->basis = basis;
}

/* A carrier. */
static bool to_location_request(struct draft *d)
{
    const Fedgate__V1__LocationRequest *request = d->m->location_request;
    Fedgate__V1__LocationUpdate *update = take(d->a, sizeof *update);
    Fedgate__V1__SubjectRef *subject = take(d->a, sizeof *subject);
    struct bytes party;
    if (!d->w->has_position ||
        !ident_split_unit(bytes_of_text(d->out->header->source), &party, NULL))
        return false;
    fedgate__v1__location_update__init(update);
    fedgate__v1__subject_ref__init(subject);
    subject->party = memcpy(take(d->a, party.n + 1), party.p, party.n);
    subject->ref = text_of("test");
    update->subject = request->subject != NULL ? request->subject : subject;
    update->position = position(d->w, d->a);
    update->position->origin = FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_LIA_29;
    update->position->accuracy_m = 30;
    bring_call(d, request->call_id);
    d->out->body_case = FEDGATE__V1__MESSAGE__BODY_LOCATION_UPDATE;
    d->out->location_update = update;
    return true;
}

static bool to_release_request(struct draft *d)
{
    Fedgate__V1__ReleaseAnswer *answer = take(d->a, sizeof *answer);
    fedgate__v1__release_answer__init(answer);
    answer->request_id = d->m->header->id;
    answer->result = FEDGATE__V1__RELEASE_RESULT__RELEASE_RESULT_NONEXISTENT;
    d->out->body_case = FEDGATE__V1__MESSAGE__BODY_RELEASE_ANSWER;
    d->out->release_answer = answer;
    return true;
}

static const struct {
    Fedgate__V1__Message__BodyCase kind;
    bool (*answer)(struct draft *d);
} answers[] = {{FEDGATE__V1__MESSAGE__BODY_GUARDIAN_ALERT, to_alert},
               {FEDGATE__V1__MESSAGE__BODY_DISPATCH_REQUEST, to_dispatch},
               {FEDGATE__V1__MESSAGE__BODY_VIDEO_REQUEST, to_video_request},
               {FEDGATE__V1__MESSAGE__BODY_LOCATION_REQUEST, to_location_request},
               {FEDGATE__V1__MESSAGE__BODY_RELEASE_REQUEST, to_release_request}};

struct Fedgate__V1__Message *answer_to(const struct answer *w, struct arena *a,
                                       const struct Fedgate__V1__Message *m,
                                       const struct fedgate_record *record)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        if (answers[i].kind != m->body_case)
            continue;
        struct draft d = {w, a, m, message_with(a, header_of(w, a, m))};
        reply_to(a, m, record, d.out->header);
        return answers[i].answer(&d) ? d.out : NULL;
    }
    return NULL;
}

/* ---------------------------------------------------------------- an incident of its own */

static Fedgate__V1__Message *about_incident(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Message *out = message_with(a, make(w, a, &w->own, NULL));
    name_incident(a, w->incident, out->header);
    return out;
}

struct Fedgate__V1__Message *answer_report(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Message *out = about_incident(w, a);
    Fedgate__V1__IncidentReport *r = take(a, sizeof *r);
    fedgate__v1__incident_report__init(r);
    r->type = text_of(w->open);
    r->area = area(w, a);
    out->body_case = FEDGATE__V1__MESSAGE__BODY_INCIDENT_REPORT;
    out->incident_report = r;
    return out;
}

struct Fedgate__V1__Message *answer_request(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Message *out = about_incident(w, a);
    Fedgate__V1__VideoRequest *r = take(a, sizeof *r);
    fedgate__v1__video_request__init(r);
    r->around = area(w, a);
    r->max_streams = 1;
    out->body_case = FEDGATE__V1__MESSAGE__BODY_VIDEO_REQUEST;
    out->video_request = r;
    return out;
}

struct Fedgate__V1__Message *answer_close(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Message *out = about_incident(w, a);
    Fedgate__V1__IncidentClose *c = take(a, sizeof *c);
    fedgate__v1__incident_close__init(c);
    c->outcome = FEDGATE__V1__INCIDENT_OUTCOME__INCIDENT_OUTCOME_RESOLVED;
    out->body_case = FEDGATE__V1__MESSAGE__BODY_INCIDENT_CLOSE;
    out->incident_close = c;
    return out;
}

/* ---------------------------------------------------------------- a position */

static char *call_of(const Fedgate__V1__LegalBasis *basis)
{
    for (size_t i = 0; basis != NULL && i < basis->n_evidence; i++)
        if (strcmp(basis->evidence[i]->kind, EMERGENCY_CALL) == 0)
            return basis->evidence[i]->value;
    return text_of("");
}

struct Fedgate__V1__Message *answer_locate(const struct answer *w, struct arena *a)
{
    Fedgate__V1__Message *out = message_with(a, make(w, a, &w->own, NULL));
    Fedgate__V1__LocationRequest *r = take(a, sizeof *r);
    fedgate__v1__location_request__init(r);
    r->ground = FEDGATE__V1__LOCATION_GROUND__LOCATION_GROUND_CALLER;
    r->call_id = call_of(out->header->basis);
    r->phone_number = text_of("010-0000-0000");
    out->body_case = FEDGATE__V1__MESSAGE__BODY_LOCATION_REQUEST;
    out->location_request = r;
    return out;
}

/* ---------------------------------------------------------------- video */

const char *answer_camera(const struct answer *w, const struct Fedgate__V1__Message *request)
{
    const Fedgate__V1__VideoRequest *r = request->video_request;
    if (w->camera != NULL)
        return w->camera;
    return r->n_camera_id == 0 ? "" : r->camera_id[0];
}

bool answer_start(const struct answer *w, const struct Fedgate__V1__Message *request,
                  const char *camera, struct buf *out)
{
    struct arena *a = arena_new(AGENT_HEADER_MAX);
    Fedgate__V1__VideoStart start = FEDGATE__V1__VIDEO_START__INIT;
    start.header = header_of(w, a, request);
    start.stream_id = new_id(a);
    start.camera_id = text_of(camera);
    start.container = text_of("mpegts");
    start.codec = text_of(w->codec);
    bool good = message_pack(&start.base, out) == RESULT_OK;
    arena_free(a);
    return good;
}

bool answer_watch_request(const struct answer *w, const struct Fedgate__V1__Message *notice,
                          struct buf *out)
{
    struct arena *a = arena_new(AGENT_HEADER_MAX);
    Fedgate__V1__WatchRequest request = FEDGATE__V1__WATCH_REQUEST__INIT;
    const Fedgate__V1__Header *h = header_of(w, a, notice);
    request.stream_id = notice->stream_notice->stream_id;
    request.purpose = h->purpose;
    request.basis = h->basis;
    request.actor = h->actor;
    bool good = message_pack(&request.base, out) == RESULT_OK;
    arena_free(a);
    return good;
}
