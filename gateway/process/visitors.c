#include "process/visitors.h"

#include "base/buckets.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ipc/control.h"
#include "process/admit.h"

#include <stdio.h>

enum { SUSPENDED_MAX = 1 << 20 };

struct visitors {
    struct loop *loop;
    const struct log *log;
    void *host;
    const struct policy *policy; /* of the generation in force; */
    struct trust *trust;         /* NULL: nobody is let in */
    struct buf suspended;        /* subjects, as the ledger told them last; */
    bool knows_suspended;        /* before, nobody is let in */
    struct buckets *handshakes;  /* by unit */
    int64_t strict_until_us;     /* handshakes that began under an older generation are over then */
    int64_t due_us;              /* wall time: a chain may be over then */
    LIST_HEAD(, guest) guests;
};

struct visitors *visitors_new(struct loop *loop, const struct log *log,
                              struct bucket_size handshakes, void *host)
{
    struct visitors *v = mem_new(sizeof *v);
    *v = (struct visitors){.loop = loop,
                           .log = log,
                           .host = host,
                           .suspended = BUF_INIT(SUSPENDED_MAX),
                           .handshakes = buckets_new(LIMIT_UNITS_COUNTED, handshakes)};
    LIST_INIT(&v->guests);
    return v;
}

void visitors_free(struct visitors *v)
{
    if (v == NULL)
        return;
    buckets_free(v->handshakes);
    buf_free(&v->suspended);
    mem_free(v);
}

/* ---- who may be here */

static bool is_suspended(const struct visitors *v, const char *word, const char *name)
{
    char text[CONTROL_SUBJECT_MAX + 1];
    struct cursor in = cursor_over(buf_view(&v->suspended));
    struct bytes subject;
    (void)snprintf(text, sizeof text, "%s %s", word, name);
    while (cursor_bytes16(&in, &subject) == RESULT_OK)
        if (bytes_is(subject, text))
            return true;
    return false;
}

/* The gateway's own suspensions of offenders count here too: nobody else has that unit's key. */
static const char *bar_of(const struct visitors *v, const struct guest *g)
{
    char certificate[2 * SHA256_BYTES + 1], party[IDENT_UNIT_MAX + 1];
    bytes_to_hex(bytes_of(g->certificate, SHA256_BYTES), certificate);
    (void)snprintf(party, sizeof party, "%.*s", (int)strcspn(g->unit, "/"), g->unit);
    if (is_suspended(v, "certificate", certificate))
        return "an officer has revoked this certificate";
    if (is_suspended(v, "party", party))
        return "officers have suspended this agency";
    if (is_suspended(v, "unit", g->unit))
        return "officers have suspended this unit";
    return is_suspended(v, "offender", g->unit) ? "the gateway has suspended this unit" : NULL;
}

/* What a unit is here, by the policy set in force. */
static bool describe(const struct visitors *v, uint32_t unit, struct guest *out, const char **why)
{
    const struct policy *p = v->policy;
    const struct bytes party = bytes_of_text(policy_unit_party(p, unit));
    out->role = policy_unit_console(p, unit);
    out->reads_all =
        policy_party_has_role(p, party, "operator") || policy_party_has_role(p, party, "auditor");
    (void)snprintf(out->unit, sizeof out->unit, "%s", policy_unit_name(p, unit));
    if (out->role == POLICY_CONSOLE_NONE)
        *why = "this unit may not use the console";
    else
        *why = bar_of(v, out);
    return *why == NULL;
}

static bool judge(const struct visitors *v, const struct tls_peer *peer, bool strictly,
                  struct guest *out, const char **why)
{
    const int64_t now_us = clock_wall_us(&v->log->clock);
    const struct identity_row *row = strictly ? admit_verify(v->policy, v->trust, peer, now_us, why)
                                              : admit_identify(v->policy, peer, why);
    certificate_fingerprint(peer->certificate, out->certificate);
    out->ends_us = certificate_chain_ends_us(peer->certificate, peer->intermediates, now_us);
    return row != NULL && describe(v, row->unit, out, why);
}

/* ---- coming and going */

static size_t connections_of(const struct visitors *v, const char *unit)
{
    const struct guest *g;
    size_t count = 0;
    LIST_FOREACH (g, &v->guests, next)
        count += strcmp(g->unit, unit) == 0;
    return count;
}

static bool has_room(struct visitors *v, const struct guest *g, const char **why)
{
    if (!buckets_pay(v->handshakes, bytes_of_text(g->unit), loop_now_us(v->loop)))
        *why = "too many handshakes of this unit";
    else if (connections_of(v, g->unit) >= LIMIT_CONSOLE_UNIT_CONNECTIONS)
        *why = "too many connections of this unit";
    else
        return true;
    return false;
}

void *visitors_accept(void *visitors, const struct tls_peer *peer,
                      struct grpc_connection *connection, const char **why)
{
    struct visitors *v = visitors;
    struct guest is = {.connection = connection, .host = v->host};
    if (!v->knows_suspended)
        *why = "the ledger has not told yet who is suspended";
    if (v->trust == NULL || !v->knows_suspended ||
        !judge(v, peer, loop_now_us(v->loop) < v->strict_until_us, &is, why) ||
        !has_room(v, &is, why))
        return NULL;
    struct guest *g = mem_new(sizeof *g);
    *g = is;
    LIST_INSERT_HEAD(&v->guests, g, next);
    v->due_us = g->ends_us < v->due_us ? g->ends_us : v->due_us;
    log_line(v->log, LOG_NOTE, "visitor-came", "unit=%s peer=%s", g->unit, peer->address);
    return g;
}

void visitors_ended(void *visitors, void *guest)
{
    const struct visitors *v = visitors;
    struct guest *g = guest;
    log_line(v->log, LOG_NOTE, "visitor-went", "unit=%s", g->unit);
    LIST_REMOVE(g, next);
    mem_free(g);
}

void visitors_abused(void *visitors, void *guest)
{
    struct visitors *v = visitors;
    const struct guest *g = guest;
    buckets_charge(v->handshakes, bytes_of_text(g->unit), loop_now_us(v->loop),
                   LIMIT_FLOOD_SESSIONS);
}

/* ---- judging again */

/* What a page shows hangs on who asks: whoever is something else now comes in anew. */
static bool still_holds(const struct visitors *v, struct guest *g, const char **why)
{
    struct guest is = {0};
    if (!judge(v, grpc_connection_peer(g->connection), true, &is, why))
        return false;
    g->ends_us = is.ends_us;
    *why = "what this unit may do here has changed";
    return is.role == g->role && is.reads_all == g->reads_all && strcmp(is.unit, g->unit) == 0;
}

static void judge_all(struct visitors *v)
{
    const char *why = "";
    struct guest *g;
    v->due_us = trust_next_end_us(v->trust, clock_wall_us(&v->log->clock));
    LIST_FOREACH (g, &v->guests, next) {
        if (!still_holds(v, g, &why)) {
            log_line(v->log, LOG_WARNING, "visitor-ended", "unit=%s why=\"%s\"", g->unit, why);
            grpc_connection_close(g->connection, why);
        }
        v->due_us = g->ends_us < v->due_us ? g->ends_us : v->due_us;
    }
}

void visitors_trust(struct visitors *v, const struct policy *policy, struct trust *trust)
{
    v->policy = policy;
    v->trust = trust;
    v->strict_until_us = loop_now_us(v->loop) + 2 * LIMIT_HANDSHAKE;
    judge_all(v);
}

void visitors_suspend(struct visitors *v, struct bytes subjects)
{
    buf_clear(&v->suspended);
    buf_put(&v->suspended, subjects.p, subjects.n);
    v->knows_suspended = buf_status(&v->suspended) == RESULT_OK;
    if (v->trust != NULL)
        judge_all(v);
}

void visitors_tick(struct visitors *v)
{
    if (v->trust != NULL && clock_wall_us(&v->log->clock) >= v->due_us)
        judge_all(v);
}
