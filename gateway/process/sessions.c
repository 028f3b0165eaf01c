#include "process/sessions.h"

#include "base/arena.h"
#include "base/buckets.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "process/admit.h"

#include <stdio.h>

struct sessions {
    struct loop *loop;
    struct log *log;
    struct edge *edge;
    struct trust *trust;        /* of the generation in force */
    struct map *links;          /* struct link by session */
    struct map *units;          /* struct unit by name, of those that are connected */
    struct buckets *handshakes; /* by unit */
    uint64_t refused;           /* for that */
    int64_t strict_until_us;    /* handshakes that began under an older generation are over then */
    int64_t trust_due_us;       /* wall time: all sessions are judged again then, */
    int64_t due_us;             /* or some */
};

/* A session and its connection. */
struct link {
    struct session *session;
    struct server_connection *connection;
    struct unit *unit;
    int64_t ends_us; /* wall time: the next certificate that was shown is over */
};

/* How often a unit is connected. Numbers of units change with the policy set, names do not. */
struct unit {
    unsigned connections;
    char name[IDENT_UNIT_MAX + 1];
};

static struct bytes link_key(const void *item)
{
    return bytes_of(&((const struct link *)item)->session, sizeof(struct session *));
}

static struct bytes unit_key(const void *item)
{
    return bytes_of_text(((const struct unit *)item)->name);
}

struct sessions *sessions_new(struct loop *loop, struct log *log)
{
    struct sessions *s = mem_new(sizeof *s);
    *s = (struct sessions){
        .loop = loop, .log = log, .links = map_new(link_key), .units = map_new(unit_key)};
    return s;
}

size_t sessions_count(const struct sessions *s)
{
    return map_count(s->links);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void sessions_begin(struct sessions *s, struct edge *edge, struct trust *trust,
                    struct bucket_size handshakes)
{
    s->edge = edge;
    s->trust = trust;
    s->due_us = s->trust_due_us = trust_next_end_us(trust, clock_wall_us(&s->log->clock));
    s->handshakes = buckets_new(LIMIT_UNITS_COUNTED, handshakes);
}

/* Who a peer is that roots and revocation lists of the generation in force let in; NULL. */
static const struct identity_row *verify(const struct sessions *s, const struct tls_peer *peer,
                                         const char **why)
{
    return admit_verify(edge_policy(s->edge), s->trust, peer, clock_wall_us(&s->log->clock), why);
}

/* Counts one connection more of a unit; NULL when it has as many as it may have. */
static struct unit *enter(struct sessions *s, const char *name)
{
    struct unit *u = map_get(s->units, bytes_of_text(name));
    if (u == NULL) {
        u = mem_new(sizeof *u);
        (void)snprintf(u->name, sizeof u->name, "%s", name);
        (void)map_add(s->units, u);
    }
    if (u->connections == LIMIT_UNIT_CONNECTIONS)
        return NULL;
    u->connections++;
    return u;
}

/* Each session is on record, twice: a unit that does nothing but connect would fill the disk. */
static bool may_begin(struct sessions *s, const char *name)
{
    if (buckets_pay(s->handshakes, bytes_of_text(name), loop_now_us(s->loop)))
        return true;
    s->refused++;
    edge_offends(s->edge, name, OFFENCE_HANDSHAKES);
    return false;
}

static void leave(struct sessions *s, struct unit *u)
{
    if (--u->connections == 0)
        mem_free(map_remove(s->units, unit_key(u)));
}

static int64_t ends_us(const struct sessions *s, const struct tls_peer *peer)
{
    return certificate_chain_ends_us(peer->certificate, peer->intermediates,
                                     clock_wall_us(&s->log->clock));
}

void *sessions_accept(void *sessions, const struct tls_peer *peer,
                      struct server_connection *connection, const char **why)
{
    struct sessions *s = sessions;
    const struct policy *p = edge_policy(s->edge);
    /* Whoever begins a handshake before a revocation and ends it after is not let in. */
    const struct identity_row *row = loop_now_us(s->loop) < s->strict_until_us
                                         ? verify(s, peer, why)
                                         : admit_identify(p, peer, why);
    if (row == NULL)
        return NULL;
    if (!may_begin(s, policy_unit_name(p, row->unit))) {
        *why = "too many handshakes of this unit";
        return NULL;
    }
    struct unit *unit = enter(s, policy_unit_name(p, row->unit));
    if (unit == NULL) {
        *why = "too many connections of this unit";
        return NULL;
    }
    uint8_t certificate[SHA256_BYTES];
    struct link *l = mem_new(sizeof *l);
    *l = (struct link){session_open(s->edge, row->unit, peer->address), connection, unit,
                       ends_us(s, peer)};
    certificate_fingerprint(peer->certificate, certificate);
    session_set_certificate(l->session, certificate);
    s->due_us = earlier(s->due_us, l->ends_us);
    (void)map_add(s->links, l);
    if (session_bar(l->session, why) != REASON_NONE) {
        log_line(s->log, LOG_WARNING, "session-barred", "unit=%s peer=%s why=\"%s\"",
                 session_unit(l->session), peer->address, *why);
        server_connection_close(connection, *why);
    }
    return l->session;
}

void sessions_ended(void *sessions, void *session)
{
    struct sessions *s = sessions;
    struct link *l = map_remove(s->links, bytes_of(&session, sizeof session));
    leave(s, l->unit);
    mem_free(l);
    session_close(session);
}

void sessions_abused(void *sessions, void *session)
{
    struct sessions *s = sessions;
    const char *unit = session_unit(session);
    buckets_charge(s->handshakes, bytes_of_text(unit), loop_now_us(s->loop), LIMIT_FLOOD_SESSIONS);
    edge_offends(s->edge, unit, OFFENCE_FLOOD);
}

uint64_t sessions_refused(const struct sessions *s)
{
    return s->refused;
}

void sessions_close(struct sessions *s, const struct session *session, const char *why)
{
    const struct link *l = map_get(s->links, bytes_of(&session, sizeof session));
    if (l != NULL)
        server_connection_close(l->connection, why);
}

static bool is_gone(void *sessions, uint64_t scope)
{
    return edge_scope_is_gone(((const struct sessions *)sessions)->edge, scope);
}

static void withdrawn(void *sessions, void *session, size_t messages)
{
    const struct sessions *s = sessions;
    log_line(s->log, LOG_NOTE, "delivery-withdrawn",
             "unit=%s messages=%zu why=\"destroyed before the peer took it\"",
             session_unit(session), messages);
}

void sessions_withdraw(struct sessions *s, struct server *server)
{
    server_withdraw(server, is_gone, withdrawn, s);
}

/* ---- judging again */

/* What was found about one chain of certificates. */
struct verdict {
    uint8_t chain[SHA256_BYTES];
    bool lets_in;
    const char *why;
};

static struct bytes verdict_key(const void *item)
{
    return bytes_of(((const struct verdict *)item)->chain, SHA256_BYTES);
}

/* All connections of a unit mostly show the same certificate, and its signatures are the dear part:
 * what was found once is `known`. */
static const struct verdict *judge(const struct sessions *s, const struct tls_peer *peer,
                                   struct map *known, struct arena *room)
{
    uint8_t chain[SHA256_BYTES];
    certificate_chain_fingerprint(peer->certificate, peer->intermediates, chain);
    struct verdict *v = map_get(known, bytes_of(chain, sizeof chain));
    if (v != NULL)
        return v;
    v = arena_take(room, sizeof *v);
    *v = (struct verdict){.why = ""};
    memcpy(v->chain, chain, sizeof chain);
    v->lets_in = verify(s, peer, &v->why) != NULL;
    (void)map_add(known, v);
    return v;
}

/* Everybody, or those of whose certificates one is over. */
static void judge_again(struct sessions *s, bool everybody)
{
    struct link *l;
    size_t at;
    const int64_t now_us = clock_wall_us(&s->log->clock);
    struct map *known = map_new(verdict_key);
    struct arena *room = arena_new(SIZE_MAX);
    s->due_us = s->trust_due_us = trust_next_end_us(s->trust, now_us);
    MAP_FOREACH (l, s->links, at) {
        const struct tls_peer *peer = server_connection_peer(l->connection);
        if (everybody || l->ends_us <= now_us) {
            const struct verdict *v = judge(s, peer, known, room);
            if (!v->lets_in) {
                log_line(s->log, LOG_WARNING, "session-revoked", "unit=%s why=\"%s\"",
                         session_unit(l->session), v->why);
                server_connection_close(l->connection, v->why);
            }
            l->ends_us = ends_us(s, peer);
        }
        s->due_us = earlier(s->due_us, l->ends_us);
    }
    map_free(known);
    arena_free(room);
}

void sessions_trust(struct sessions *s, struct trust *trust)
{
    s->trust = trust;
    s->strict_until_us = loop_now_us(s->loop) + 2 * LIMIT_HANDSHAKE;
    judge_again(s, true);
}

void sessions_tick(struct sessions *s)
{
    int64_t now_us = clock_wall_us(&s->log->clock);
    if (now_us >= s->due_us)
        judge_again(s, now_us >= s->trust_due_us);
}

void sessions_free(struct sessions *s)
{
    if (s == NULL)
        return;
    map_free(s->links);
    map_free(s->units);
    buckets_free(s->handshakes);
    mem_free(s);
}
