#include "message/fill.h"

#include "message/times.h"

static void fill_ref(const Fedgate__V1__LogRef *r, bool *has, uint64_t *index, struct bytes *origin)
{
    if (r == NULL)
        return;
    *has = true;
    *index = r->index;
    *origin = bytes_of_text(r->origin);
}

static size_t fill_texts(struct bytes *to, size_t room, char *const *text, size_t n)
{
    if (n > room)
        n = room;
    for (size_t i = 0; i < n; i++)
        to[i] = bytes_of_text(text[i]);
    return n;
}

void fill_basis(struct facts *f, const Fedgate__V1__LegalBasis *b)
{
    if (b == NULL)
        return;
    f->basis = bytes_of_text(b->code);
    f->evidences = b->n_evidence < FACTS_EVIDENCE_MAX ? b->n_evidence : FACTS_EVIDENCE_MAX;
    for (size_t i = 0; i < f->evidences; i++)
        f->evidence[i] = (struct facts_evidence){bytes_of_text(b->evidence[i]->kind),
                                                 bytes_of_text(b->evidence[i]->value)};
}

void fill_evidence(struct facts *f, const char *kind, const char *value)
{
    if (*value == '\0' || f->evidences == FACTS_EVIDENCE_MAX)
        return;
    f->evidence[f->evidences++] =
        (struct facts_evidence){bytes_of_text(kind), bytes_of_text(value)};
}

void fill_actor(struct facts *f, const Fedgate__V1__Actor *a)
{
    f->has_actor = a != NULL;
    if (a == NULL)
        return;
    f->actor_role = bytes_of_text(a->role);
    f->actor_ref = bytes_of_text(a->staff_ref);
}

void fill_header(struct facts *f, const Fedgate__V1__Header *h)
{
    if (h == NULL)
        return;
    f->id = bytes_of_text(h->id);
    f->source = bytes_of_text(h->source);
    f->service = bytes_of_text(h->service);
    f->purpose = bytes_of_text(h->purpose);
    fill_basis(f, h->basis);
    f->incidents = fill_texts(f->incident, FACTS_INCIDENT_MAX, h->incident_id, h->n_incident_id);
    f->tos = fill_texts(f->to, FACTS_TO_MAX, h->to, h->n_to);
    f->created_us = time_us(h->created_at);
    f->destroy_by_us = time_us(h->destroy_by);
    f->status = h->status;
    f->test_wish = (unsigned)h->test_wish;
    f->retransmission_allowed = h->retransmission_allowed;
    fill_actor(f, h->actor);
    f->has_emergency = h->emergency != NULL;
    if (f->has_emergency) {
        f->emergency_reason = bytes_of_text(h->emergency->reason_code);
        f->emergency_text = h->emergency->reason[0] != '\0';
    }
    fill_ref(h->derived_from, &f->has_derived, &f->derived_index, &f->derived_origin);
    fill_ref(h->in_reply_to, &f->has_reply, &f->reply_index, &f->reply_origin);
}

void fill_subject(struct facts *f, const Fedgate__V1__SubjectRef *s)
{
    if (s == NULL)
        return;
    f->has_subject = true;
    f->subject_party = bytes_of_text(s->party);
    f->subject_ref = bytes_of_text(s->ref);
}

void fill_consent(struct facts *f, const Fedgate__V1__Consent *c)
{
    if (c == NULL)
        return;
    struct facts_consent *to = &f->consent;
    to->present = true;
    to->ref = bytes_of_text(c->ref);
    to->given_by = c->given_by;
    to->items = fill_texts(to->item, FACTS_LIST_MAX, c->item, c->n_item);
    to->recipients = fill_texts(to->recipient, FACTS_LIST_MAX, c->recipient, c->n_recipient);
    to->purposes = fill_texts(to->purpose, FACTS_LIST_MAX, c->purpose, c->n_purpose);
    to->until_us = time_us(c->until);
}

static void add_place(struct facts *f, struct point p)
{
    if (f->has_place)
        return;
    f->has_place = true;
    f->place = p;
}

static void add_origin(struct facts *f, Fedgate__V1__PositionOrigin origin)
{
    f->origins |= UINT32_C(1) << origin;
}

void fill_person(struct facts *f, const Fedgate__V1__Position *p)
{
    if (p == NULL)
        return;
    add_place(f, (struct point){p->latitude, p->longitude});
    f->accuracy_m = (double)p->accuracy_m;
    f->fixed_us = p->fixed_at != NULL ? time_us(p->fixed_at) : f->created_us;
    add_origin(f, p->origin == FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_UNSPECIFIED
                      ? FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_LIA_29
                      : p->origin);
}

void fill_place(struct facts *f, const Fedgate__V1__Position *p)
{
    if (p == NULL)
        return;
    add_place(f, (struct point){p->latitude, p->longitude});
    add_origin(f, p->origin);
}

/* Of more points than are kept, evenly many are left out; the first and the last stay. */
static void fill_route(struct facts *f, const Fedgate__V1__Area *a)
{
    size_t kept = a->n_point < FACTS_ROUTE_MAX ? a->n_point : FACTS_ROUTE_MAX;
    for (size_t i = 0; i < kept; i++) {
        const Fedgate__V1__Position *p =
            a->point[kept == 1 ? 0 : i * (a->n_point - 1) / (kept - 1)];
        f->route[i] = (struct point){p->latitude, p->longitude};
    }
    f->route_points = kept;
}

void fill_area(struct facts *f, const Fedgate__V1__Area *a)
{
    struct point sum = {0, 0};
    if (a == NULL || a->n_point == 0)
        return;
    for (size_t i = 0; i < a->n_point; i++) {
        sum.latitude += a->point[i]->latitude;
        sum.longitude += a->point[i]->longitude;
        add_origin(f, a->point[i]->origin);
    }
    double n = (double)a->n_point;
    add_place(f, (struct point){sum.latitude / n, sum.longitude / n});
    fill_route(f, a);
}

void fill_cameras(struct facts *f, char *const *id, size_t n)
{
    f->cameras = fill_texts(f->camera, FACTS_CAMERA_MAX, id, n);
}

void fill_camera(struct facts *f, char *id)
{
    fill_cameras(f, &id, *id != '\0');
}
