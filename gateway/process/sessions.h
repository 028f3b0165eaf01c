/* Who is connected to the edge: lets peers in by roots, revocation lists and policy set, and ends
 * what a newer generation would not have let in. Inside process/ only. */
#ifndef FEDGATE_PROCESS_SESSIONS_H
#define FEDGATE_PROCESS_SESSIONS_H

#include "net/server.h"
#include "service/edge.h"

struct sessions;

/* Loop and log stay the caller's, and outlive it. Begins without an edge: nobody is let in before
 * sessions_begin. */
struct sessions *sessions_new(struct loop *loop, struct log *log);

/* The edge that sessions are of, and whom its first generation trusts. Both stay the caller's. A
 * unit may begin so many of them. */
void sessions_begin(struct sessions *s, struct edge *edge, struct trust *trust,
                    struct bucket_size handshakes);

/* Whom a new generation trusts, when the edge has its policy set: connections of everybody whom it
 * would not have let in are ended, and handshakes that began before are judged anew. The trust of
 * the generation before is not used any more. */
void sessions_trust(struct sessions *s, struct trust *trust);

/* To be called often: ends the sessions whose certificate is over, whose root is, or whose
 * revocation list does not count any more. Costs nothing before any of that. */
void sessions_tick(struct sessions *s);

/* struct server_config: the session of a peer (`sessions` is a struct sessions), or NULL and
 * *why; and its end. */
void *sessions_accept(void *sessions, const struct tls_peer *peer,
                      struct server_connection *connection, const char **why);
void sessions_ended(void *sessions, void *session);

/* The same: a session ends for what only its unit can have done, which costs it further ones. */
void sessions_abused(void *sessions, void *session);

/* How many handshakes were refused because their unit had begun too many. */
uint64_t sessions_refused(const struct sessions *s);

/* How many there are. */
size_t sessions_count(const struct sessions *s);

/* Closes the connection of a session; its peer is told why. */
void sessions_close(struct sessions *s, const struct session *session, const char *why);

/* Wipes what waits unsent under keys that the edge has forgotten (edge_scope_is_gone). */
void sessions_withdraw(struct sessions *s, struct server *server);

/* When no connection is left. Accepts NULL. */
void sessions_free(struct sessions *s);

#endif
