/* Sealing a decided message: once for each distinct scope among its recipients; and the
 * commitments. */
#include "base/mem.h"
#include "service/intake.h"

#include <stdio.h>

enum { BODIES_BYTES = 8 << 20 /* of one commit, before the last */ };

void commitment_of(struct edge *e, const uint8_t salt[SEAL_SALT], struct bytes bytes,
                   uint8_t out[ROAD_DIGEST])
{
    const struct bytes part[] = {bytes_of(salt, SEAL_SALT), bytes};
    hasher_sha256(e->hasher, part, 2, out);
}

/* The subject's tag, so that one subject's withdrawal ends whole scopes. Its name may say anything,
 * and a wish is kept as long as the scope. */
static struct bytes subject_of(struct intake *i)
{
    if (!i->m.facts.has_subject)
        return bytes_of(NULL, 0);
    if (!i->has_position)
        jumps_tag_subject(i->e, &i->m.facts, i->subject_tag);
    return bytes_of(i->subject_tag, TAG_BYTES);
}

/* The names of regions, for the ledger, which knows no numbers of a policy set. */
static struct bytes regions_text(struct intake *i, uint64_t regions)
{
    struct buf names = BUF_INIT(ROAD_REGIONS_MAX);
    policy_region_names(i->e->policy, regions, &names);
    const struct bytes kept = arena_copy(i->e->arena, buf_view(&names));
    buf_free(&names);
    return kept;
}

static struct cached_scope *scope_of(struct intake *i, size_t recipient,
                                     struct road_scope *description)
{
    const struct obligations *o = &i->obligations[recipient];
    uint32_t named = i->decision[recipient].incident;
    const struct facts *f = &i->m.facts;
    const struct road_envelope *e = &i->commit.envelope;
    struct scope_wish wish = {.subject = subject_of(i),
                              .mou = bytes_of_text(o->mou == NULL ? "" : o->mou),
                              .starts = o->starts,
                              .delay_us = o->starts == POLICY_STARTS_ARRIVAL ? 0 : o->delay_us,
                              .deadline_us = o->destroy_by_us};
    if (standing_rests(i->e, &i->q, i->to[recipient],
                       i->commit.recipient[recipient].reserve ? i->decision[recipient].grant
                                                              : POLICY_NONE,
                       i->consent))
        wish.consent = bytes_of(i->consent, ROAD_CONSENT);
    if (o->starts == POLICY_STARTS_DISASTER_END)
        wish.regions = regions_text(i, o->regions);
    if (named != POLICY_NONE)
        wish.incident = f->incident[named];
    else if (e->incidents > 0) /* what names nobody of the set may say anything, and ends never */
        wish.incident = e->incident[0];
    return scope_for(i->e, &wish, description);
}

/* The scope goes with the commit while the ledger does not know it. */
static void describe(struct road_commit *c, const struct cached_scope *s,
                     const struct road_scope *description)
{
    for (size_t k = 0; k < c->scopes; k++)
        if (c->scope[k].id == s->is.id)
            return;
    if (!s->committed && c->scopes < ROAD_SCOPES_MAX)
        c->scope[c->scopes++] = *description;
}

/* The body for this scope and deadline, made when there is none yet; its number. */
static size_t body_for(struct intake *i, const struct cached_scope *s, int64_t deadline_us,
                       const int64_t *deadlines)
{
    struct road_commit *c = &i->commit;
    for (size_t k = 0; k < c->bodies; k++)
        if (c->body[k].scope == s->is.id && deadlines[k] == deadline_us)
            return k;
    if (c->bodies == ROAD_BODIES_MAX)
        return ROAD_BODIES_MAX;
    c->body[c->bodies].scope = s->is.id;
    random_take(&i->e->random, c->body[c->bodies].seed, ROAD_SEED);
    return c->bodies++;
}

/* Which copy lives longest: its scope gives the sender's salt, and where its subject is may be
 * remembered as long. No copy (refused, or for the gateway alone): a salt of its own. */
static void choose_salt(struct intake *i, const struct cached_scope *const *scope,
                        const struct body_keys *keys, const int64_t *deadlines)
{
    struct road_commit *c = &i->commit;
    size_t longest = 0;
    for (size_t k = 1; k < c->bodies; k++)
        if (deadlines[k] > deadlines[longest])
            longest = k;
    if (c->bodies > 0) {
        memcpy(i->p->salt, keys[longest].salt, SEAL_SALT);
        i->p->salt_scope = scope[longest]->is.id;
        if (i->has_position)
            jumps_keep(i->e, &i->m.facts, i->subject_tag, scope[longest]->is.id, i->now_us);
    } else {
        i->p->salt_scope = 0;
        random_take(&i->e->random, i->p->salt, SEAL_SALT);
    }
    commitment_of(i->e, i->p->salt, i->p->bytes, c->commitment);
    hasher_sha256(i->e->hasher, &i->p->bytes, 1, i->p->digest);
    mac_tag(i->e->tag_key, bytes_of(i->p->digest, SHA256_BYTES), c->content); /* hashed already */
}

static void seal_bodies(struct intake *i, const struct cached_scope *const *scope,
                        const int64_t *deadlines)
{
    struct road_commit *c = &i->commit;
    struct body_keys keys[ROAD_BODIES_MAX] UNSET;
    for (size_t k = 0; k < c->bodies; k++)
        seal_body_keys(scope[k]->key, c->body[k].seed, &keys[k]);
    choose_salt(i, scope, keys, deadlines);
    for (size_t k = 0; k < c->bodies; k++) {
        uint8_t context[ROAD_CONTEXT];
        uint8_t *room = buf_extend(&i->sealed[k], i->p->bytes.n + SEAL_TAG);
        road_context(&i->commit.envelope.id, c->commitment, deadlines[k], context);
        seal_body_under(&keys[k], bytes_of(context, sizeof context), i->p->bytes, room);
        c->body[k].sealed = buf_view(&i->sealed[k]);
    }
}

/* An incident's place is sealed under the scope of the report that gave it. */
static enum result seal_place(struct intake *i, struct incident_change *change)
{
    struct road_scope description;
    size_t k = 0;
    while (k + 1 < i->commit.recipients && !i->commit.recipient[k].permitted)
        k++;
    const struct cached_scope *s = scope_of(i, k, &description);
    if (s == NULL)
        return RESULT_UNAVAILABLE;
    describe(&i->commit, s, &description);
    change->place = bytes_of(i->place, view_seal_place(i->e, s->is.id, s->key, change, i->place));
    i->commit.change_scope = s->is.id;
    return RESULT_OK;
}

/* The change outlives this run: its views move to the publication's own text. */
static enum result keep_change(struct planned_change *c)
{
    const struct incident_change was = c->is;
    buf_clear(&c->text);
    incident_change_put(&was, &c->text);
    struct cursor in = cursor_over(buf_view(&c->text));
    TRY(incident_change_take(&in, &c->is));
    c->is.has_centre = was.has_centre;
    c->is.centre = was.centre;
    memcpy(c->is.route, was.route, sizeof was.route);
    c->is.route_points = was.route_points;
    return RESULT_OK;
}

static enum result seal_changes(struct intake *i)
{
    struct publication *m = i->p;
    for (size_t k = 0; k < m->changes; k++) {
        if (m->change[k].is.has_centre)
            TRY(seal_place(i, &m->change[k].is));
        TRY(keep_change(&m->change[k]));
        i->commit.change[i->commit.changes++] = buf_view(&m->change[k].text);
    }
    TRY(standing_keep(m));
    i->commit.standing = buf_view(&m->standing_text);
    return RESULT_OK;
}

enum result intake_seal(struct intake *i)
{
    struct road_commit *c = &i->commit;
    const struct cached_scope *scope[ROAD_BODIES_MAX] = {0};
    int64_t deadlines[ROAD_BODIES_MAX] = {0};
    for (size_t k = 0; k < c->recipients; k++) {
        struct road_scope description;
        if (!c->recipient[k].permitted || i->to[k] == policy_self(i->e->policy))
            continue;
        const struct cached_scope *s = scope_of(i, k, &description);
        if (s == NULL)
            return RESULT_UNAVAILABLE;
        describe(c, s, &description);
        size_t body = body_for(i, s, c->recipient[k].deadline_us, deadlines);
        if (body == ROAD_BODIES_MAX || c->scopes == ROAD_SCOPES_MAX ||
            (c->bodies) * i->p->bytes.n > BODIES_BYTES)
            return RESULT_TOO_LARGE;
        scope[body] = s;
        deadlines[body] = c->recipient[k].deadline_us;
        c->recipient[k].body = (uint8_t)body;
    }
    seal_bodies(i, scope, deadlines);
    return seal_changes(i);
}
