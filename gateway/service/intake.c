/*
 * One message on its way in: identify, decode, decide (decide.c), seal (seal.c), commit. Every
 * refusal is on record too.
 */
#include "service/intake.h"
#include "service/register.h"

#include "base/mem.h"
#include "formats/formats.h"

#include <stdio.h>

/* ---- the steps before the decision */

/* The sender is what the certificate says: a header that claims otherwise is refused. */
static void identify(struct intake *i)
{
    if (!bytes_is(i->m.facts.source, i->p->sender))
        intake_refuse(i, REASON_IDENTITY_MISMATCH, "source: the unit that the certificate names");
}

static void decode(struct intake *i)
{
    struct finding why;
    if (message_decode(i->e->arena, i->p->bytes, &i->m, &why) != RESULT_OK) {
        intake_refuse(i, why.reason, why.text);
        return;
    }
    identify(i);
}

/* Looking into an original costs more than deciding, so it is done for those who may send such
 * messages at all; the others are refused for that. */
static void check_original(struct intake *i)
{
    const struct policy *p = i->e->policy;
    const uint32_t from = policy_unit(p, bytes_of_text(i->p->sender));
    uint32_t reach[POLICY_REACH_MAX];
    const char *wrong = NULL;
    if (i->m.kind->id == KIND_PUBLIC_NOTICE && i->m.facts.media_bytes > 0 && from != POLICY_NONE &&
        policy_reach(p, KIND_PUBLIC_NOTICE, from, reach) > 0)
        wrong = format_original_wrong(i->e->arena, i->m.pb);
    if (wrong != NULL)
        intake_refuse(i, REASON_MEDIA_REFUSED, wrong);
}

static void check(struct intake *i)
{
    const struct check_limits limits = {i->now_us, policy_service_area(i->e->policy),
                                        LIMIT_ID_WINDOW, edge_ahead(i->e)};
    message_check(&i->m, &limits, &i->found);
    if (i->found.refused)
        intake_refuse(i, i->found.finding[0].reason, i->found.finding[0].text);
    else
        check_original(i);
}

static void fill_envelope(struct intake *i)
{
    struct road_envelope *e = &i->commit.envelope;
    const struct facts *f = &i->m.facts;
    (void)uuid_parse(f->id, &e->id);
    e->source = bytes_of_text(i->p->sender);
    e->kind = bytes_of_text(i->m.kind == NULL ? "unknown" : i->m.kind->name);
    e->service = policy_known(i->e->policy, POLICY_SERVICE, f->service);
    e->purpose = policy_known(i->e->policy, POLICY_PURPOSE, f->purpose);
    e->basis = policy_known(i->e->policy, POLICY_BASIS, f->basis);
    e->status = bytes_of_text(status_word(f->status));
    view_name_incidents(i->e, f->incident, f->incidents, e);
    e->lane = (uint8_t)(i->m.kind == NULL ? LANE_NORMAL : i->m.kind->lane);
    if (e->lane == LANE_URGENT && i->p->bytes.n > LIMIT_URGENT_BYTES)
        e->lane = LANE_NORMAL; /* urgent rules, but it queues behind alerts */
    e->policy = policy_serial(i->e->policy);
    e->size = i->p->bytes.n;
}

/* Only durable decisions are remembered: what may be sent again with the same id is not. */
static bool is_remembered(const struct intake *i)
{
    struct uuid id;
    if (!uuid_parse(i->m.facts.id, &id) || i->p->forced != REASON_NONE)
        return false;
    if (i->commit.verdict != ROAD_REFUSED)
        return true;
    for (size_t k = 0; k < i->commit.recipients; k++) {
        const struct reason_row *row = reason_row(reason_of_word(i->commit.recipient[k].reason));
        if (row != NULL && row->retry != REASON_RETRY_NEVER)
            return false;
    }
    return true;
}

/* ---- the way to the ledger */

static void commit(struct intake *i)
{
    struct publication *m = i->p;
    struct edge *e = i->e;
    m->tries++;
    i->commit.ticket = edge_ticket(e, &m->ticket);
    buf_clear(&e->out);
    road_commit_put(&i->commit, &e->out);
    m->scopes = i->commit.scopes;
    for (size_t k = 0; k < m->scopes; k++)
        m->scope[k] = i->commit.scope[k].id;
    for (size_t k = 0; k < m->changes; k++)
        view_begin_change(m->change[k].incident);
    edge_tell(e, IPC_COMMIT, buf_view(&e->out));
}

/* What all of the message's recipients left of the limits that it was held to. */
static size_t quotas(const struct intake *i, struct quota out[INTAKE_LIMITED * QUOTAS_OF_GRANT])
{
    size_t n = 0;
    for (size_t k = 0; k < i->limited; k++)
        n += limits_left(i->e, i->limit[k].grant, i->m.facts.status, i->limit[k].clause, i->now_us,
                         out + n);
    return n;
}

static enum result make_receipt(struct intake *i)
{
    struct publication *m = i->p;
    struct quota quota[INTAKE_LIMITED * QUOTAS_OF_GRANT];
    struct receipt r = {.id = bytes_of_text(m->id),
                        .status = m->status,
                        .verdict = (enum road_verdict)i->commit.verdict,
                        .recipient = i->commit.recipient,
                        .recipients = i->commit.recipients,
                        .quota = quota,
                        .quotas = quotas(i, quota),
                        .now_us = i->now_us,
                        .has_salt = true};
    /* The log says "unknown" for a recipient that the set does not know; its sender sees what it
     * wrote. */
    for (size_t k = 0; k < i->commit.recipients && k < i->m.facts.tos; k++)
        if (i->to[k] == POLICY_NONE)
            i->commit.recipient[k].unit = i->m.facts.to[k];
    memcpy(r.salt, m->salt, SEAL_SALT);
    memcpy(r.digest, m->digest, SHA256_BYTES);
    buf_clear(&m->receipt);
    enum result put = receipt_put(i->e, &r, &m->receipt);
    mem_wipe(r.salt, sizeof r.salt);
    return put;
}

/* ---- the intake, from message to message */

static struct intake *new_intake(void)
{
    struct intake *i = mem_room(sizeof *i);
    for (size_t k = 0; k < ROAD_BODIES_MAX; k++)
        i->sealed[k] = BUF_INIT(LIMIT_MESSAGE + SEAL_TAG);
    i->flags = BUF_INIT(ROAD_TEXT_MAX);
    i->fact = BUF_INIT(LIMIT_REQUEST);
    i->settle = BUF_INIT(LIMIT_REQUEST);
    return i;
}

static void reuse_bufs(struct intake *i, size_t kept)
{
    for (size_t k = 0; k < ROAD_BODIES_MAX; k++)
        buf_reuse(&i->sealed[k], kept);
    buf_reuse(&i->flags, kept);
    buf_reuse(&i->fact, kept);
    buf_reuse(&i->settle, kept);
}

void intake_free(struct intake *i)
{
    if (i != NULL)
        reuse_bufs(i, 0);
    mem_free(i);
}

static struct intake *begin(struct publication *m)
{
    struct edge *e = m->edge;
    if (e->intake == NULL)
        e->intake = new_intake();
    struct intake *i = e->intake;
    memset(i, 0, offsetof(struct intake, to));
    road_commit_init(&i->commit);
    i->e = e;
    i->p = m;
    i->now_us = edge_now(e);
    return i;
}

static void end(struct intake *i)
{
    reuse_bufs(i, DRAFT_KEPT);
    mem_wipe(i, offsetof(struct intake, to));
}

/* ---- one run: from bytes to a commit under way */

static const char *forced_text(enum reason forced)
{
    return forced == REASON_ID_REUSED ? "id: used before with other content"
                                      : "keys: as many of its party's as are left free";
}

static enum result decide_and_seal(struct intake *i)
{
    struct publication *m = i->p;
    decode(i);
    if (i->commit.verdict == 0)
        check(i);
    (void)snprintf(m->id, sizeof m->id, "%.*s", (int)i->m.facts.id.n,
                   (const char *)i->m.facts.id.p);
    m->status = i->m.facts.status;
    if (i->commit.verdict == 0 && m->forced != REASON_NONE)
        intake_refuse(i, m->forced, forced_text(m->forced));
    if (i->commit.verdict == 0) {
        if (onward_waits(i) || settle_waits(i) || intake_waits(i))
            return RESULT_AGAIN;
        if (i->m.kind->answers_order && i->m.facts.test_wish != 0)
            intake_refuse(i, (enum reason)i->m.facts.test_wish, intake_wish);
        else if (i->m.kind->answers_order)
            settle_decide(i);
        else
            intake_decide(i);
    }
    fill_envelope(i);
    i->commit.at_us = i->now_us;
    i->commit.remembered = is_remembered(i);
    enum result r = intake_seal(i);
    if (r != RESULT_TOO_LARGE)
        return r;
    intake_refuse(i, REASON_TOO_LARGE,
                  "this size, for so many recipients with different deadlines");
    i->commit.bodies = i->commit.scopes = i->commit.changes = m->changes = 0;
    m->changes_standing = false;
    return intake_seal(i);
}

void intake_run(struct publication *m)
{
    const char *nothing = edge_takes_nothing(m->edge);
    if (nothing != NULL) {
        publication_give_up(m, nothing);
        return;
    }
    struct intake *i = begin(m);
    arena_reset(m->edge->arena);
    limits_give_back(m->edge, &m->taken, m->bytes.n);
    m->changes = 0;
    m->changes_standing = false;
    enum result r = decide_and_seal(i);
    if (r == RESULT_OK && i->commit.verdict != ROAD_REFUSED)
        r = register_received(i->e, &i->m, &i->commit.fact, &i->fact);
    if (r == RESULT_OK) {
        if (i->commit.verdict == ROAD_REFUSED)
            refusals_count(m->edge, m->sender);
        commit(i);
        r = make_receipt(i);
    }
    end(i);
    arena_reset(m->edge->arena);
    if (r != RESULT_OK && r != RESULT_AGAIN)
        publication_give_up(m, r == RESULT_UNAVAILABLE ? "the keeper is not there"
                                                       : "no room for this message");
}

void intake_again(struct waiting *w)
{
    intake_run(CONTAINER_OF(w, struct publication, waiting));
}
