/* The message of a request, and who watches. One reader a key. */
#include "policy/request.h"

#include "base/limits.h"
#include "policy/builder.h"
#include "policy/titles.h"

enum { CHOICES_MAX = 64 };

void request_new(struct request *q, const struct policy *p, int64_t now_us)
{
    *q = (struct request){.p = p,
                          .now_us = now_us,
                          .facts = {.status = STATUS_ACTUAL},
                          .watcher = {.kind = KIND_VIDEO, .status = STATUS_ACTUAL}};
}

bool request_is_none(const struct node *n)
{
    return bytes_is(node_text(n), "none");
}

/* ---- values */

/* The number of a word of the contract's own, from `first` on; false after an error. */
bool request_enum(struct reader *r, const struct node *n, const char *what, unsigned class,
                  unsigned first, unsigned *out)
{
    const char *words[CHOICES_MAX];
    unsigned chosen;
    size_t count = policy_title_words(class, words, CHOICES_MAX);
    if (!read_choice(r, n, what, words, count, &chosen))
        return false;
    *out = first + chosen;
    return true;
}

/* A list of words as they are: what the set does not know, the decision says. */
struct words {
    const char *what;
    struct bytes *word;
    size_t count, most;
};

static void add_word(struct reader *r, const struct node *n, void *target)
{
    struct words *w = target;
    struct bytes text;
    if (!read_text(r, n, w->what, LIMIT_TEXT, &text))
        return;
    if (w->count == w->most)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, w->what, "64", NULL);
    else
        w->word[w->count++] = text;
}

size_t request_words(struct reader *r, const struct node *n, const char *what, struct bytes *word,
                     size_t most)
{
    struct words w = {what, word, 0, most};
    if (!request_is_none(n))
        source_each_text(r, n, what, add_word, &w);
    return w.count;
}

void request_line(struct reader *r, const struct node *n, const char *what, struct bytes *out)
{
    if (request_is_none(n))
        *out = bytes_of(NULL, 0);
    else
        (void)read_text(r, n, what, LIMIT_TEXT, out);
}

/* ---- what a message and a watcher both say */

static void read_evidence_of(struct reader *r, const struct node *n, struct facts *f)
{
    struct bytes kind[FACTS_EVIDENCE_MAX];
    f->evidences = request_words(r, n, "evidence", kind, FACTS_EVIDENCE_MAX);
    for (size_t i = 0; i < f->evidences; i++)
        f->evidence[i] = (struct facts_evidence){kind[i], bytes_of_text("stated")};
}

/* The role in which a person acts; `yes`: somebody is named, without a role. */
static void read_actor_of(struct reader *r, const struct node *n, struct facts *f)
{
    f->has_actor = !request_is_none(n);
    f->actor_role = bytes_of(NULL, 0);
    if (f->has_actor && !bytes_is(node_text(n), "yes"))
        (void)read_text(r, n, "actor", LIMIT_WORD, &f->actor_role);
}

#define OF_MESSAGE(key, read_it)                                                                   \
    static void message_##key(struct reader *r, const struct node *n, void *target)                \
    {                                                                                              \
        read_it(r, n, &((struct request *)target)->facts);                                         \
    }
#define OF_WATCHER(key, read_it)                                                                   \
    static void watcher_##key(struct reader *r, const struct node *n, void *target)                \
    {                                                                                              \
        read_it(r, n, &((struct request *)target)->watcher);                                       \
    }
#define LINE(key, field)                                                                           \
    static void read_##key##_of(struct reader *r, const struct node *n, struct facts *f)           \
    {                                                                                              \
        request_line(r, n, #key, &f->field);                                                       \
    }                                                                                              \
    OF_MESSAGE(key, read_##key##_of)
OF_MESSAGE(evidence, read_evidence_of)
OF_WATCHER(evidence, read_evidence_of)
OF_MESSAGE(actor, read_actor_of)
OF_WATCHER(actor, read_actor_of)
LINE(purpose, purpose)
OF_WATCHER(purpose, read_purpose_of)
LINE(basis, basis)
OF_WATCHER(basis, read_basis_of)
LINE(from, source)
LINE(service, service)
LINE(incident_type, incident_type)
LINE(reason_code, reason_code)
LINE(region, region)
#undef LINE
#undef OF_MESSAGE
#undef OF_WATCHER

/* ---- message */

static void message_kind(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    const struct kind *kind = source_kind(r, n);
    q->has_kind = kind != NULL;
    if (kind != NULL)
        q->facts.kind = kind->id;
}

static void message_to(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    f->tos = request_words(r, n, "to", f->to, FACTS_TO_MAX);
}

static void message_incident(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    q->names_incidents = true;
    q->facts.incidents = request_words(r, n, "incident", q->facts.incident, FACTS_INCIDENT_MAX);
}

static void message_camera(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    f->cameras = request_words(r, n, "camera", f->camera, FACTS_CAMERA_MAX);
}

static void message_position(struct reader *r, const struct node *n, void *target)
{
    struct facts *f = &((struct request *)target)->facts;
    f->has_place = !request_is_none(n);
    if (f->has_place)
        source_place(r, n, "position", &f->place);
}

static void add_origin(struct reader *r, const struct node *n, void *target)
{
    unsigned origin;
    if (request_enum(r, n, "origin", TITLE_ORIGIN, 0, &origin))
        ((struct request *)target)->facts.origins |= 1u << origin;
}

static void message_origin(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    q->facts.origins = 0;
    if (!request_is_none(n))
        source_each_text(r, n, "origin", add_origin, q);
}

static void message_status(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"actual", "exercise", "test"};
    unsigned chosen;
    if (read_choice(r, n, "status", words, ARRAY_LEN(words), &chosen))
        ((struct request *)target)->facts.status = STATUS_ACTUAL + chosen;
}

static void message_footage(struct reader *r, const struct node *n, void *target)
{
    unsigned footage;
    if (request_enum(r, n, "footage", TITLE_FOOTAGE, 0, &footage))
        ((struct request *)target)->facts.recorded = footage == 1;
}

static void message_recorded(struct reader *r, const struct node *n, void *target)
{
    (void)request_moment(r, n, "recorded", &((struct request *)target)->recorded);
}

static void message_destroy_by(struct reader *r, const struct node *n, void *target)
{
    (void)request_moment(r, n, "destroy_by", &((struct request *)target)->destroy_by);
}

/* ---- the maps */

static const struct read_key message_keys[] = {{"kind", false, message_kind},
                                               {"from", false, message_from},
                                               {"to", false, message_to},
                                               {"service", false, message_service},
                                               {"purpose", false, message_purpose},
                                               {"basis", false, message_basis},
                                               {"evidence", false, message_evidence},
                                               {"incident", false, message_incident},
                                               {"incident_type", false, message_incident_type},
                                               {"camera", false, message_camera},
                                               {"position", false, message_position},
                                               {"origin", false, message_origin},
                                               {"subject", false, request_read_subject},
                                               {"consent", false, request_read_consent},
                                               {"request", false, request_read_request},
                                               {"status", false, message_status},
                                               {"actor", false, message_actor},
                                               {"emergency", false, request_read_emergency},
                                               {"reason_code", false, message_reason_code},
                                               {"region", false, message_region},
                                               {"footage", false, message_footage},
                                               {"recorded", false, message_recorded},
                                               {"destroy_by", false, message_destroy_by}};

static const struct read_key watcher_keys[] = {{"purpose", false, watcher_purpose},
                                               {"basis", false, watcher_basis},
                                               {"evidence", false, watcher_evidence},
                                               {"actor", false, watcher_actor}};

void request_read_message(struct reader *r, const struct node *n, void *target)
{
    (void)read_map(r, n, "a message", message_keys, ARRAY_LEN(message_keys), target);
}

static void read_watcher(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    q->watched = !request_is_none(n);
    if (q->watched)
        (void)read_map(r, n, "a watcher", watcher_keys, ARRAY_LEN(watcher_keys), target);
}

static void read_now(struct reader *r, const struct node *n, void *target)
{
    (void)read_time(r, n, "now", &((struct request *)target)->now_us);
}

const struct read_key request_keys[REQUEST_KEYS] = {{"now", false, read_now},
                                                    {"message", false, request_read_message},
                                                    {"watcher", false, read_watcher},
                                                    {"incidents", false, request_read_incidents},
                                                    {"incident", false, request_read_incident},
                                                    {"state", false, request_read_state}};

/* ---- one value by its path */

static const struct read_key *find_key(const struct read_key *keys, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].key, key) == 0)
            return &keys[i];
    return NULL;
}

/* Behind its map's path and a dot. */
static const char *behind(const char *path, const char *map)
{
    size_t n = strlen(map);
    return strncmp(path, map, n) == 0 && path[n] == '.' ? path + n + 1 : NULL;
}

static const struct read_key *key_of_path(const char *path)
{
    static const struct {
        const char *map;
        const struct read_key *keys;
        size_t count;
    } maps[] = {{"message.subject", request_subject_keys, REQUEST_SUBJECT_KEYS},
                {"message.consent", request_consent_keys, REQUEST_CONSENT_KEYS},
                {"message.request", request_request_keys, REQUEST_REQUEST_KEYS},
                {"message.emergency", request_emergency_keys, REQUEST_EMERGENCY_KEYS},
                {"message", message_keys, ARRAY_LEN(message_keys)},
                {"watcher", watcher_keys, ARRAY_LEN(watcher_keys)}};
    const char *rest;
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        if ((rest = behind(path, maps[i].map)) != NULL)
            return find_key(maps[i].keys, maps[i].count, rest);
    if ((rest = behind(path, "incident")) != NULL)
        return request_incident_key(rest);
    if ((rest = behind(path, "state")) != NULL)
        return request_state_key(rest);
    return find_key(request_keys, REQUEST_KEYS, path);
}

bool request_set(struct reader *r, const struct node *place, const char *path,
                 const struct node *value, struct request *q)
{
    const struct read_key *key = key_of_path(path);
    if (key == NULL) {
        read_fail(r, place, DIAGNOSE_NOTHING_TO_VARY, path, NULL, NULL);
        return false;
    }
    if (behind(path, "watcher") != NULL)
        q->watched = true;
    if (behind(path, "incident") != NULL && q->incidents == 0)
        request_read_incident(r, NULL, q);
    key->read(r, value, q);
    return true;
}
