/* A question to a policy set as a person writes it: a message, who watches, the incidents, what the
 * gateway knows. Parts that are read later change parts that were read before, so defaults come
 * first. Inside policy/ only. */
#ifndef FEDGATE_POLICY_REQUEST_H
#define FEDGATE_POLICY_REQUEST_H

#include "config/read.h"
#include "policy/snapshot.h"

/* A time, or one counted from `now`. */
struct moment {
    bool given, relative;
    int64_t us;
};

struct request_incident {
    struct bytes id; /* a name of the file's own */
    struct incident state;
    struct moment opened, closed, found, emergency_until[INCIDENT_EMERGENCIES_MAX];
    size_t emergencies;
};

/* Views point into the document that it was read from. Copied by value. */
struct request {
    const struct policy *p;
    int64_t now_us;
    bool has_kind, watched;
    bool has_facts;       /* of a message as it is sent: its times are settled */
    bool names_incidents; /* else the message names all of them */
    struct facts facts, watcher;
    struct moment recorded, destroy_by, consent_until;
    struct request_incident incident[FACTS_INCIDENT_MAX];
    size_t incidents;
    uint64_t regions_active;
    enum policy_consent consent;
    const struct node *suspended; /* grants, units and parties; NULL: none */
};

/* A message of status ACTUAL, at `now_us`. */
void request_new(struct request *q, const struct policy *p, int64_t now_us);

/* The keys that a map may have beside those of its own (a test's, say): `now`, `message`,
 * `watcher`, `incident`, `incidents`, `state`; the target of each is a struct request. */
extern const struct read_key request_keys[];
enum { REQUEST_KEYS = 6 };

/* `message` by itself. */
void request_read_message(struct reader *r, const struct node *n, void *target);

/* Reads one value by the path of its key ("incident.opened", "message.consent.until"). False, after
 * an error at `place`, when there is no such key. */
bool request_set(struct reader *r, const struct node *place, const char *path,
                 const struct node *value, struct request *q);

/* "2 hours ago", "2시간 전", "in 30 minutes", a date or a time. */
bool request_moment(struct reader *r, const struct node *n, const char *what, struct moment *out);
int64_t moment_us(const struct moment *m, int64_t now_us);

/* Whether the node is the word `none`: what was read before is taken away. */
bool request_is_none(const struct node *n);

/* ---- values: each takes `none` for an empty one */

/* The number of a word of titles.def, from `first` on; false after an error. */
bool request_enum(struct reader *r, const struct node *n, const char *what, unsigned class,
                  unsigned first, unsigned *out);

/* A text, or a list of at most `most`, as they are: what the set does not know, the decision says.
 */
size_t request_words(struct reader *r, const struct node *n, const char *what, struct bytes *word,
                     size_t most);
void request_line(struct reader *r, const struct node *n, const char *what, struct bytes *out);

/* ---- parts in files of their own: their targets are requests */
enum {
    REQUEST_SUBJECT_KEYS = 2,
    REQUEST_CONSENT_KEYS = 5,
    REQUEST_REQUEST_KEYS = 3,
    REQUEST_EMERGENCY_KEYS = 2
};
extern const struct read_key request_subject_keys[REQUEST_SUBJECT_KEYS];
extern const struct read_key request_consent_keys[REQUEST_CONSENT_KEYS];
extern const struct read_key request_request_keys[REQUEST_REQUEST_KEYS];
extern const struct read_key request_emergency_keys[REQUEST_EMERGENCY_KEYS];
void request_read_subject(struct reader *r, const struct node *n, void *target);
void request_read_consent(struct reader *r, const struct node *n, void *target);
void request_read_request(struct reader *r, const struct node *n, void *target);
void request_read_emergency(struct reader *r, const struct node *n, void *target);
void request_read_incident(struct reader *r, const struct node *n, void *target);
void request_read_incidents(struct reader *r, const struct node *n, void *target);
void request_read_state(struct reader *r, const struct node *n, void *target);
const struct read_key *request_incident_key(const char *key);
const struct read_key *request_state_key(const char *key);

/* ---- asking */

/* What must outlive a question that was asked. */
struct request_asked {
    uint64_t *grants_suspended, *units_suspended;
};

/* Resolves the request: REASON_PERMITTED with a question that can be asked, or the reason why it
 * cannot, with *failed. `asked` is freed by request_free. The question refers to the request. */
enum reason request_ask(struct request *q, struct policy_question *out, struct request_asked *asked,
                        const char **failed);
void request_free(struct request_asked *asked);

/* Those that the message names, or whoever its kind can reach from there. */
size_t request_recipients(const struct request *q, uint32_t to[POLICY_REACH_MAX]);

/* The set's time zone. */
const struct zone *request_zone(const struct policy *p);

#endif
