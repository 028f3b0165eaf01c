/* What the edge keeps between messages, and what its files ask of each other. Inside service/ only.
 */
#ifndef FEDGATE_SERVICE_STATE_H
#define FEDGATE_SERVICE_STATE_H

#include "base/arena.h"
#include "base/lanes.h"
#include "base/limits.h"
#include "base/map.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ipc/keys.h"
#include "message/message.h"
#include "service/edge.h"
#include "standing/standing.h"

#include <sys/queue.h>

TAILQ_HEAD(waiting_list, waiting);

/* A question under way to the ledger, found again by its ticket. */
struct ticket {
    uint64_t number;                                                     /* 0: not out */
    void (*committed)(struct ticket *t, const struct road_committed *c); /* COMMITTED */
    void (*recorded)(struct ticket *t, uint64_t index);                  /* EVENT_DONE */
    void (*told)(struct ticket *t, const struct road_provision *p);      /* PROVISION */
    void (*ordered)(struct ticket *t, const struct road_order_state *s); /* ORDER_IS */
    void (*shown)(struct ticket *t, const struct log_said *s);           /* LOG_SAID */
    void (*halved)(struct ticket *t, const struct half_said *s);         /* HALF_SAID */
    void (*lost)(struct ticket *t);                                      /* the ledger went */
};

/* What can wait for an incident whose change is being committed: a publication, or a stream's
 * opening. */
struct waiting {
    void (*again)(struct waiting *w);
    TAILQ_ENTRY(waiting) next;
    struct waiting_list *list; /* where it waits; NULL: it does not */
};

struct view_incident {
    struct incident is;
    unsigned pending; /* changes under way to the ledger */
    struct waiting_list waiting;
};

struct session {
    struct edge *edge;
    char name[IDENT_UNIT_MAX + 1];
    char address[64];
    uint64_t number; /* ascending */
    int64_t since_us;
    uint8_t certificate[SHA256_BYTES]; /* that it was shown */
    struct ticket ticket;
    uint64_t opened_index; /* of its leaf; 0: not on disk yet */
    bool closed;           /* gone, but for the answer about its leaf */
    TAILQ_HEAD(, publisher) publishers;
    TAILQ_HEAD(, subscriber) subscribers;
    TAILQ_HEAD(, sender) senders;
    TAILQ_HEAD(, watcher) watchers;
    TAILQ_HEAD(log_readers, log_reader) readers;  /* the first one's question is with the ledger */
    TAILQ_HEAD(vault_asks, vault_ask) vault_asks; /* the same */
    TAILQ_ENTRY(session) next;
};

struct scope_cache;
struct jumps;
struct intake;

/* What is made of one delivery. The buffers are wiped behind it and used for the next one: so many
 * of more than a kilobyte, which the C library does not have at hand, cost as much as sealing. */
struct drafts {
    struct buf body, message; /* as it came, and for its recipient */
    struct buf plain;         /* of a fact or a notice */
    struct buf fact;          /* sealed */
    struct buf sealed;        /* of a notice */
    struct buf notice;        /* its commit */
};
void drafts_init(struct drafts *d);
void drafts_end(struct drafts *d); /* of this delivery */
void drafts_free(struct drafts *d);
enum { DRAFT_KEPT = 64 << 10 /* bytes; what grew larger goes back */ };

/* What a grant let through in this second. */
struct grant_rate {
    uint32_t messages;
    uint64_t bytes;
};

/* What one message took of the limits of grants, so that it can be given back when it is decided
 * again; of more grants than that the rest is counted anew. */
enum { LIMITS_NOTED = 16 };
struct limits_taken {
    uint64_t era;
    size_t rates;
    struct {
        uint32_t number, messages;
    } rate[LIMITS_NOTED];
};

struct edge {
    struct edge_config config;
    struct {
        bool is_held;               /* the ledger does not trust the system's clock: */
        int64_t held_us, steady_us; /* it was so late, then (steady clock) */
    } clock;
    size_t under_way; /* bytes of messages whose receipt has not left yet */
    struct lanes_book publications;
    struct lanes turns;            /* of those that the ledger has not been asked about */
    struct lanes_window at_ledger; /* those that it has */
    bool is_taking_turns;
    struct map *refusals; /* by unit (refusals.c); those that have used nothing have no entry */
    struct map *offences; /* by unit (offences.c) */
    struct lanes_book deliveries; /* released, and not in their calls yet */
    struct policy *policy;
    struct arena *arena, *arena2; /* one message; a second one made beside it */
    struct hasher *hasher;
    struct random_pool random;
    uint8_t *tag_key; /* in locked memory */
    struct scope_cache *scopes;
    struct map *incidents; /* struct view_incident by id */
    struct standing *standing;
    struct map *tickets;   /* struct ticket by number */
    struct map *consumers; /* struct subscriber by its number */
    struct map *streams;   /* struct sender by stream id: permitted, and not ended */
    uint64_t next_ticket, next_consumer, next_batch, next_session;
    int64_t since_us; /* when it was made */
    bool has_ledger, view_is_complete;
    bool draining;           /* it takes nothing more (drain.c) */
    uint64_t register_scope; /* that facts are sealed under; 0: there is no register */
    bool register_ready;     /* its key is here, and */
    uint8_t *subjects_key;   /* that of its tags of subjects, in locked memory */
    TAILQ_HEAD(, session) sessions;
    TAILQ_HEAD(, health_watch) health;
    bool told_serves; /* to those */
    struct buf out;   /* an ipc message being made */
    struct drafts drafts;
    struct intake *intake; /* of the message that is decided; NULL: none was yet */
    struct buf suspended;  /* IPC_SUSPENSIONS, as it came last */
    uint64_t *grants_suspended, *units_suspended; /* bit sets by number; NULL: nothing is */
    uint64_t *units_barred;  /* of them: those of suspended parties, and offenders */
    bool has_revoked;        /* certificates are among what is suspended */
    struct buf overdue_told; /* IPC_OVERDUE, as it came last */
    uint64_t *overdue;       /* pairs of it (policy_state) */
    size_t overdues;
    struct grant_rate *rate; /* by grant */
    int64_t rate_second;
    uint64_t rate_era; /* how often they have begun anew */
    struct jumps *jumps;
    int64_t pruned_us, judged_us; /* the first on the wall's clock, the second on the steady one */
};

/* The time to go by; and how far the system's clock is ahead of it while that is not trusted. A
 * sender's time may be right or as wrong as ours then: anything between is good. */
int64_t edge_now(const struct edge *e);
int64_t edge_ahead(const struct edge *e);

/* ---- tickets (edge.c) */
uint64_t edge_ticket(struct edge *e, struct ticket *t);
void edge_forget_ticket(struct edge *e, struct ticket *t);

/* `to` hears the answer instead of `from`. */
void edge_hand_ticket(struct edge *e, struct ticket *from, struct ticket *to);

void edge_tell(struct edge *e, enum ipc_type type, struct bytes body);

/* ---- ask.c: policy_ask, with what the gateway itself knows put into the question */
enum reason edge_ask(struct edge *e, const struct facts *facts, const struct facts *watcher,
                     const struct incident *const *incident, int64_t now_us,
                     struct policy_question *out, const char **failed);

/* What officers have suspended, and what is overdue, in the numbers of the set in force. */
struct policy_state edge_suspended(const struct edge *e);

/* The review that a use under this clause asks for (cases.c); kind 0: none. */
void edge_review(const struct edge *e, enum reason reason, uint32_t grant, struct road_case *out);

/* Takes what the ledger says is suspended; open streams are judged by it at once. */
MUST_USE enum result edge_take_suspended(struct edge *e, struct bytes body);
void edge_count_suspended(struct edge *e); /* anew, for another set */

/* The same for clauses whose recipient owes a receipt of destruction. */
MUST_USE enum result edge_take_overdue(struct edge *e, struct bytes body);
void edge_count_overdue(struct edge *e);

/* ---- session.c */
void session_record(struct session *s); /* asks for its leaf */
void session_lose_ledger(struct session *s);
void session_end_calls(struct session *s, const char *why);   /* publishers and subscribers */
void session_end_streams(struct session *s, const char *why); /* senders and watchers */

void session_end_readers(struct session *s, const char *why);    /* transparency.c */
void session_end_vault_asks(struct session *s, const char *why); /* vault.c */

/* ---- publisher.c */
void publisher_end(struct publisher *p, const char *why);

void publications_init(struct edge *e);

/* Those whose turn it is are decided and go to the ledger, as far as that is to have more. Called
 * from inside itself, it leaves the rest to the outer one. */
void publications_take_turns(struct edge *e);

/* Keys of the edge's maps. */
struct bytes consumer_key(const void *item);
struct bytes stream_key(const void *item);

/* ---- refusals.c */
void refusals_init(struct edge *e);
void refusals_free(struct edge *e);

/* Whoever has refusals left again goes on. */
void refusals_tick(struct edge *e);

/* ---- offences.c */
void offences_init(struct edge *e); /* the log is told when nobody counts */
void offences_free(struct edge *e);
void offences_tick(struct edge *e); /* forgets what is too long ago to count */

/* ---- delivery.c */
void deliveries_init(struct edge *e);

/* ---- incidents.c */
struct view_incident *view_get(const struct edge *e, struct bytes id);

/* Whether the ledger may hear of an incident by this id: one of a unit that the set knows. Another
 * id could say anything, and is to stand neither in the log nor in the journal. */
bool view_may_name(const struct edge *e, struct bytes incident);

/* Adds those that it may to an envelope. */
void view_name_incidents(const struct edge *e, const struct bytes *incident, size_t count,
                         struct road_envelope *out);
struct view_incident *view_make(struct edge *e, struct bytes id);

/* Takes one incident of the ledger's view. */
MUST_USE enum result view_take(struct edge *e, struct bytes body);
void view_clear(struct edge *e);

/* Puts `w` to wait for the first of the incidents that has a change under way; false when none has.
 */
bool view_waits(struct edge *e, const struct bytes *incident, size_t count, struct waiting *w);
void view_stop_waiting(struct waiting *w);

/* A change is on its way; it is on disk (apply it) or not (forget it). Whoever waited goes on. */
void view_begin_change(struct view_incident *i);
/* For one that went ahead of those who wait: it comes first now, then they, unless it began a
 * change. */
void view_end_ahead(struct view_incident *i, void (*first)(void *arg), void *arg);
void view_end_change(struct edge *e, struct view_incident *i, const struct incident_change *change);

/* The incidents that facts name, for policy_ask; the centre is opened when it is not known yet. One
 * of another status is none: no real message rests on an exercise's, nor the other way. */
void view_lookup(struct edge *e, const struct facts *f,
                 const struct incident *out[FACTS_INCIDENT_MAX]);

/* The sealed form of a change's place under a scope: its centre and the points of its route, in
 * 1e-7 degrees. How many bytes it has. */
size_t view_seal_place(struct edge *e, uint64_t scope, const uint8_t *key,
                       const struct incident_change *c, uint8_t out[INCIDENT_PLACE_MAX]);
void view_prune(struct edge *e, int64_t now_us);

/* Forgets the places that were sealed under these scopes (each a u64): their keys are erased. */
void view_forget_places(struct edge *e, struct bytes scopes);

/* ---- standing.c */

/* Tells a question where headquarters work, and whether the consent that its message names stands.
 */
void standing_tell(const struct edge *e, struct policy_question *q);

/* Whether the unit, which is permitted, may have the message or watch the stream by a consent
 * alone: `out` says which, and for what. `by`: the grant that alone decides, or POLICY_NONE. */
bool standing_rests(const struct edge *e, const struct policy_question *q, uint32_t to, uint32_t by,
                    uint8_t out[ROAD_CONSENT]);

/* Whether all references to the subject's consents are the same, the watcher's too: no scope can
 * end with one of two. And what that asks for, for refusals. */
bool standing_names_one(const struct policy_question *q);
extern const char standing_one[];

/* ---- obligations.c */

/*
 * Where the clock has started already: what comes after a purpose ended, or ends it itself (an
 * alert's "found"), is kept until it is delivered, at most CLOSING_KEPT, and what is watched then
 * as long. `incident`: the first that is named, or NULL.
 */
#define CLOSING_KEPT US_PER_HOUR
void obligations_bound(struct obligations *o, const struct incident *incident, bool ends_purpose,
                       int64_t now_us);

/* ---- scopes.c */
struct cached_scope {
    struct keys_scope is; /* key wiped; it stands in locked memory below */
    uint8_t *key;
    bool committed; /* the ledger has it */
    uint8_t tuple[ROAD_DIGEST];
    struct buf wish; /* that it was made for; empty: known by its number alone */
    LIST_ENTRY(cached_scope) uncommitted;
};

/* What makes a scope, beside the rounded deadline. */
struct scope_wish {
    struct bytes incident; /* or empty */
    struct bytes regions;  /* words, a blank between two: whose headquarters' end it waits for */
    struct bytes subject;  /* its tag, or empty */
    struct bytes consent;  /* that it rests on: ROAD_CONSENT bytes, or empty */
    struct bytes mou;      /* the memorandum that permits it, or empty */
    enum policy_starts starts;
    int64_t delay_us, deadline_us;
};

struct scope_cache *scope_cache_new(void);
void scope_cache_free(struct scope_cache *c);

/* The scope for a wish, from the cache or the keeper; NULL when there is no keeper. `description`
 * is what a commit carries while the ledger does not know it. */
struct cached_scope *scope_for(struct edge *e, const struct scope_wish *w,
                               struct road_scope *description);

/* What a scope of this wish would have in common with others, without one: id 1, no key. */
void scope_terms(struct edge *e, const struct scope_wish *w, struct road_scope *out);

/* The key of a scope that the ledger named, valid until the next turn; until a WIPE it is known
 * from then on. RESULT_NOT_FOUND: it is gone for good. RESULT_UNAVAILABLE: the keeper cannot say
 * now. */
MUST_USE enum result scope_key(struct edge *e, uint64_t id, const uint8_t **key);
void scope_was_committed(struct edge *e, uint64_t id);

/* After RESULT_STALE: forgets what the ledger does not have. */
void scope_forget_uncommitted(struct edge *e);
void scope_forget(struct edge *e, uint64_t id);
bool scope_is_known(const struct edge *e, uint64_t id); /* its key is in the cache */
void scope_forget_all(struct edge *e);
void scope_forget_one_uncommitted(struct edge *e, uint64_t id); /* unless it is committed */

/* ---- onward.c */

/* The delivery that a message draws on, as the log has it; asked for once. */
struct drawn {
    bool is_asked;
    bool is_known;  /* it was made to the message's sender, */
    bool may_go_on; /* who may pass it on */
    char source[IDENT_UNIT_MAX + 1], clause[2 * IDENT_WORD_MAX + 2];
    int64_t deadline_us;
};
void drawn_take(struct drawn *d, const struct road_provision *p, struct bytes sender);

/* Whether what is permitted may also be passed on to this unit; when not, `out` says why, with
 * texts that live as long as `d`. */
void onward_judge(const struct policy_question *q, const struct drawn *d, uint32_t to,
                  struct decision *out);

/* ---- decide.c: the condition that a test asks not to hold (Header.test_wish), for refusals */
extern const char intake_wish[];

/* ---- limits.c */

/* Whether a permitted message of this status keeps to its grant's limits; when not, `d` says which.
 * What it takes is noted. */
void limits_judge(struct edge *e, unsigned status, size_t bytes, int64_t now_us, struct decision *d,
                  struct limits_taken *taken);

/* The message of so many bytes is decided again: whatever it took of this second is there again. */
void limits_give_back(struct edge *e, struct limits_taken *taken, size_t bytes);
void limits_reset(struct edge *e); /* another policy set */

/* A limit that messages of a status are counted in, and what is left of it. */
struct quota {
    const char *clause; /* the grant's, in words of the decision */
    const char *limit;  /* its key in the policy language; static */
    uint64_t most, left;
    int64_t renewed_us; /* when there is all of it again */
};
enum { QUOTAS_OF_GRANT = 2 };

/* What the counted limits of a grant leave at this time; how many it has. */
size_t limits_left(struct edge *e, uint32_t grant, unsigned status, const char *clause,
                   int64_t now_us, struct quota out[QUOTAS_OF_GRANT]);

/* ---- intake.c */
void intake_free(struct intake *i); /* accepts NULL */

/* ---- jumps.c */
struct jumps *jumps_new(void);
void jumps_free(struct jumps *j);
void jumps_prune(struct jumps *j, int64_t now_us);

/* What stands for the subject that the facts name: in an exercise or a test another than in
 * earnest, so that a real position is never compared with a played one. */
void jumps_tag_subject(const struct edge *e, const struct facts *f, uint8_t tag[TAG_BYTES]);

/* The same, where they tell its position, for the two below; false: they tell none. */
bool jumps_tag(const struct edge *e, const struct facts *f, uint8_t tag[TAG_BYTES]);

/* Whether the facts say of a subject that it is where it cannot have come to; to be told before
 * jumps_keep, which remembers where it is now, as long as the message's scope is there. */
bool jumps_see(const struct edge *e, const struct facts *f, const uint8_t tag[TAG_BYTES]);
void jumps_keep(struct edge *e, const struct facts *f, const uint8_t tag[TAG_BYTES], uint64_t scope,
                int64_t now_us);

/* What came with messages whose scopes are gone is not remembered any more. */
void jumps_forget_destroyed(struct edge *e);

/* Where the facts' subject was is not remembered any more. */
void jumps_forget(struct edge *e, const struct facts *f);

/* ---- seal.c */

/* SHA-256(salt || bytes). */
void commitment_of(struct edge *e, const uint8_t salt[SEAL_SALT], struct bytes bytes,
                   uint8_t out[ROAD_DIGEST]);

/* ---- notices.c: what the gateway says itself */

/*
 * Makes the commit of a message from gateway/self to one unit, sealed for at most NOTICE_KEPT,
 * appended to `out` as road_commit. `body` sets the Message's oneof. RESULT_UNAVAILABLE without a
 * keeper.
 */
struct Fedgate__V1__Message;
#define NOTICE_KEPT (24 * US_PER_HOUR)
struct notice {
    enum kind_id kind;
    unsigned status; /* of what it is about: an exercise's goes where exercises go */
    struct bytes to; /* party/unit */
    struct bytes service, purpose, basis;
    const struct bytes *incident;
    size_t incidents;
    struct bytes clause; /* that caused it */
    uint64_t ticket;
};
MUST_USE enum result notice_put(struct edge *e, const struct notice *n,
                                void (*body)(struct Fedgate__V1__Message *m, void *arg), void *arg,
                                struct buf *out);

/* A provision notice for the carrier whose subject's data is being released (LIA 19(3)); nothing
 * where no grant asks for it. */
MUST_USE enum result notice_of_provision(struct edge *e, const struct message *m,
                                         const struct decision *d, const struct obligations *o,
                                         struct bytes recipient, struct buf *out);

/* Fills what is known only when the gateway's own message is delivered: which leaf it is about. */
void notice_complete(struct message *m, const struct road_deliver *d, const char *origin);

/* The Outcome or DestructionOrder that a DELIVER without a body stands for, encoded. */
MUST_USE enum result notice_outcome(struct edge *e, const struct road_deliver *d, struct buf *out);
MUST_USE enum result notice_order(struct edge *e, const struct road_deliver *d, struct buf *out);

/* Stream notices. */
void notice_stream(struct edge *e, const struct facts *stream, struct bytes stream_id,
                   struct bytes to, struct bytes clause, bool open, enum reason why);

/* ---- delivery.c */
/* `encoded` is what `d` was taken from. */
void delivery_offered(struct edge *e, const struct road_deliver *d, struct bytes encoded);
void delivery_released(struct edge *e, const struct road_released *r);
/* What was offered under keys that are gone now. */
void delivery_forget_destroyed(struct edge *e);
/* RESULT_MALFORMED when `why` is no road_consumer_end. */
MUST_USE enum result delivery_consumer_ended(struct edge *e, uint64_t consumer, unsigned why);

/* ---- stream_judge.c */

/* Judges every open stream and watcher again. */
void stream_judge_all(struct edge *e);
void stream_tick(struct edge *e);

/* ---- bar.c: ends every session that is barred */
void sessions_bar(struct edge *e);
bool edge_is_barred(const struct edge *e, const char *unit); /* whoever shows its certificate */

/* ---- drain.c: takes nothing more from now on. And why nothing is taken now; NULL: it is. */
void edge_drain(struct edge *e);
const char *edge_takes_nothing(struct edge *e);

/* ---- cut.c: ends the sessions of a party or unit (IPC_CUT), and says how many */
MUST_USE enum result cut_sessions(struct edge *e, struct bytes body);

/* ---- live.c: what there is at this moment, for whoever asks over the ledger's control socket */
MUST_USE enum result live_tell(struct edge *e, struct bytes body);

/* ---- health.c */
void health_tick(struct edge *e);

/* ---- receipts.c */
struct receipt {
    struct bytes id; /* may be empty */
    unsigned status; /* of the message; 0: it could not be read, or is not known any more */
    enum road_verdict verdict;
    const struct road_recipient *recipient;
    size_t recipients;
    bool has_salt;
    uint8_t salt[SEAL_SALT], digest[SHA256_BYTES];
    bool repeated;
    const struct quota *quota; /* at `now_us`; none when it is repeated */
    size_t quotas;
    int64_t now_us;
    uint64_t index; /* of the leaf; put by receipt_put_record when it is known */
};
MUST_USE enum result receipt_put(struct edge *e, const struct receipt *r, struct buf *out);

/* Appends the record to an encoded receipt: fields of a message may come in any order. */
MUST_USE enum result receipt_put_record(const char *origin, uint64_t index, struct buf *out);

/* The log's name, as LogRef.origin. */
const char *edge_origin(const struct edge *e);

#endif
