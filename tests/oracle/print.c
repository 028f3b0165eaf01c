/* A question in words. */
#include "judge.h"

#include "base/buf.h"

#include <inttypes.h>

static void put_words(struct buf *out, const char *key, const struct list *l)
{
    if (l->n == 0)
        return;
    buf_printf(out, "  %s:", key);
    for (size_t i = 0; i < l->n; i++)
        buf_printf(out, " %s", l->word[i]);
    buf_text(out, "\n");
}

static void put_claim(struct buf *out, const char *who, const struct model_claim *c)
{
    buf_printf(out, "  %s: purpose %s, basis %s%s\n", who, c->purpose, c->basis,
               c->actor ? ", with actor" : "");
    put_words(out, "  evidence", &c->evidence);
    put_words(out, "  evidence without a value", &c->empty_evidence);
    if (c->emergency_reason != NULL)
        buf_printf(out, "    emergency: %s%s, role %s\n", c->emergency_reason,
                   c->in_words ? ", in words" : "", c->role == NULL ? "none" : c->role);
}

static void put_incident(struct buf *out, const struct model_question *q,
                         const struct model_incident *i)
{
    buf_printf(out, "  incident %s%s\n", i->id, i->known ? "" : ", not known");
    buf_printf(out, "    type %s, opened %" PRId64 " us ago%s\n", i->type, q->now_us - i->opened_us,
               i->ended_us != 0 ? ", ended" : "");
    if (i->has_place)
        buf_printf(out, "    at %.9f, %.9f\n", i->place.latitude, i->place.longitude);
    for (size_t k = 0; k < i->points; k++)
        buf_printf(out, "    route %.9f, %.9f\n", i->route[k].latitude, i->route[k].longitude);
    put_words(out, "  emergencies", &i->emergencies);
    if (i->emergencies.n > 0)
        buf_printf(out, "      for %" PRId64 " us\n", i->emergency_until_us - q->now_us);
    put_words(out, "  participants", &i->participants);
    put_words(out, "  closed parts", &i->closed_parts);
    put_words(out, "  assigned", &i->assigned);
}

void model_print(const struct model_question *q, struct buf *out)
{
    static const char *const asks[] = {"message", "opening of a stream", "watching"};
    buf_printf(out, "%s at %" PRId64 ": kind %s, from %s, to %s, service %s, status %s\n",
               asks[q->asks], q->now_us, q->kind, q->from, q->to, q->service, q->status);
    put_claim(out, "sender", &q->sender);
    if (q->asks == MODEL_WATCHING)
        put_claim(out, "watcher", &q->watcher);
    if (q->incident_type != NULL)
        buf_printf(out, "  incident type %s\n", q->incident_type);
    put_words(out, "headquarters", &q->headquarters);
    put_words(out, "suspended", &q->suspended_units);
    if (q->suspended_grants != 0)
        buf_printf(out, "  suspended grants: mask %" PRIx64 "\n", q->suspended_grants);
    if (q->recorded)
        buf_text(out, "  a recording\n");
    if (q->moved)
        buf_printf(out, "  the camera moves, at %.6f, %.6f\n", q->at.latitude, q->at.longitude);
    if (q->lost)
        buf_text(out, "  the camera moves, and does not say where it is\n");
    put_words(out, "cameras", &q->cameras);
    put_words(out, "origins", &q->origins);
    put_words(out, "categories", &q->categories);
    if (q->age_band != NULL)
        buf_printf(out, "  age band %s\n", q->age_band);
    if (q->ground != NULL)
        buf_printf(out, "  ground %s%s%s\n", q->ground, q->wish ? ", wished" : "",
                   q->witness ? ", the witness consents" : "");
    if (q->consent.present)
        buf_printf(out, "  consent given by %s, until %" PRId64 " us%s\n", q->consent.given_by,
                   q->consent.until_us == 0 ? 0 : q->consent.until_us - q->now_us,
                   q->consent.gone ? ", withdrawn" : "");
    put_words(out, "consent lists", &q->consent.items);
    put_words(out, "consent names", &q->consent.recipients);
    put_words(out, "consent for", &q->consent.purposes);
    for (size_t i = 0; i < q->incidents; i++)
        put_incident(out, q, &q->incident[i]);
}
