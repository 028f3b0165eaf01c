/* Headers: what the options say, and what may be left to the agent. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/ident.h"
#include "crypto/random.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- checked first */

static const struct {
    const char *word;
    Fedgate__V1__Status status;
} statuses[] = {{"actual", FEDGATE__V1__STATUS__STATUS_ACTUAL},
                {"exercise", FEDGATE__V1__STATUS__STATUS_EXERCISE},
                {"test", FEDGATE__V1__STATUS__STATUS_TEST}};

static Fedgate__V1__Status status_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (strcmp(word, statuses[i].word) == 0)
            return statuses[i].status;
    return FEDGATE__V1__STATUS__STATUS_UNSPECIFIED;
}

static bool is_evidence(const char *word)
{
    const char *equals = strchr(word, '=');
    return equals != NULL && equals != word && equals[1] != '\0';
}

static bool is_wrong(const char *what)
{
    cli_error("%s", what);
    return false;
}

static bool lists_are_good(const struct agent_header *o)
{
    for (size_t i = 0; i < o->evidence.count; i++)
        if (!is_evidence(o->evidence.item[i]))
            return is_wrong("--evidence is KIND=VALUE, such as case-number=2026-1102");
    if (o->evidence.count > 0 && o->basis == NULL)
        return is_wrong("--evidence is given without --basis");
    for (size_t i = 0; i < o->incident.count; i++)
        if (!ident_split_incident(bytes_of_text(o->incident.item[i]), NULL, NULL))
            return is_wrong("--incident is party/unit:UUID, such as "
                            "npa-daejeon/112-control:019aa2b0-0000-7000-8000-000000000001");
    for (size_t i = 0; i < o->to.count; i++)
        if (!ident_split_unit(bytes_of_text(o->to.item[i]), NULL, NULL))
            return is_wrong("--to is party/unit, such as npa-daejeon/112-control");
    return true;
}

/* By its word, or by its name as receipts and the table of reasons have it. */
static enum reason reason_wished(const char *text)
{
    static const char prefix[] = "REASON_";
    const bool is_long = strncmp(text, prefix, sizeof prefix - 1) == 0;
    const char *name = is_long ? text + sizeof prefix - 1 : text;
    const struct reason_row *r;
    for (size_t i = 0; (r = reason_at(i)) != NULL; i++)
        if (strcmp(r->name, name) == 0)
            return r->reason;
    return reason_of_word(bytes_of_text(text));
}

bool agent_header_check(struct agent_header *o)
{
    struct uuid id;
    if (o->id != NULL && !uuid_parse(bytes_of_text(o->id), &id))
        return is_wrong("--id is a UUID in lower case");
    if (o->status != NULL && status_of(o->status) == FEDGATE__V1__STATUS__STATUS_UNSPECIFIED)
        return is_wrong("--status is actual, exercise or test");
    if (o->wish != NULL && reason_wished(o->wish) == REASON_NONE)
        return is_wrong("--wish is a reason, such as rate-exceeded; the appendix of README.md "
                        "lists them");
    if (o->staff == NULL &&
        (o->role != NULL || o->workstation != NULL || o->authenticated_by != NULL))
        return is_wrong("--role, --workstation and --authenticated-by tell of a person: give "
                        "--staff");
    return lists_are_good(o) && agent_time_option("sent", o->sent, &o->sent_time) &&
           agent_time_option("destroy-by", o->destroy_by, &o->destroy_time);
}

/* ---------------------------------------------------------------- parts, in the arena */

static void *take(struct arena *a, size_t n)
{
    void *p = arena_take(a, n); /* zeroed */
    if (p == NULL)
        abort(); /* Linux passes no command line that is as long as AGENT_HEADER_MAX */
    return p;
}

static char *copy(struct arena *a, const char *text, size_t n)
{
    return memcpy(take(a, n + 1), text, n);
}

static char *copy_text(struct arena *a, const char *text)
{
    return copy(a, text, strlen(text));
}

static Google__Protobuf__Timestamp *timestamp(struct arena *a, int64_t us)
{
    Google__Protobuf__Timestamp *t = take(a, sizeof *t);
    int64_t part = us % US_PER_S;
    google__protobuf__timestamp__init(t);
    t->seconds = us / US_PER_S - (part < 0);
    t->nanos = (int32_t)((part < 0 ? part + US_PER_S : part) * 1000);
    return t;
}

static char **list_of(struct arena *a, const struct agent_list *list)
{
    char **out = take(a, AGENT_LIST_MAX * sizeof *out);
    for (size_t i = 0; i < list->count; i++)
        out[i] = copy_text(a, list->item[i]);
    return out;
}

static Fedgate__V1__Evidence *evidence_of(struct arena *a, const char *word)
{
    const char *equals = strchr(word, '=');
    Fedgate__V1__Evidence *e = take(a, sizeof *e);
    fedgate__v1__evidence__init(e);
    e->kind = copy(a, word, (size_t)(equals - word));
    e->value = copy_text(a, equals + 1);
    return e;
}

struct Fedgate__V1__LegalBasis *agent_header_basis(struct arena *a, const struct agent_header *o)
{
    Fedgate__V1__LegalBasis *b = take(a, sizeof *b);
    Fedgate__V1__Evidence **list = take(a, AGENT_LIST_MAX * sizeof *list);
    fedgate__v1__legal_basis__init(b);
    b->code = copy_text(a, o->basis);
    b->evidence = list;
    for (b->n_evidence = 0; b->n_evidence < o->evidence.count; b->n_evidence++)
        list[b->n_evidence] = evidence_of(a, o->evidence.item[b->n_evidence]);
    return b;
}

struct Fedgate__V1__Actor *agent_header_actor(struct arena *a, const struct agent_header *o)
{
    if (o->staff == NULL)
        return NULL;
    Fedgate__V1__Actor *actor = take(a, sizeof *actor);
    fedgate__v1__actor__init(actor);
    actor->staff_ref = copy_text(a, o->staff);
    actor->role = copy_text(a, o->role == NULL ? "" : o->role);
    actor->workstation = copy_text(a, o->workstation == NULL ? "" : o->workstation);
    actor->authenticated_by = copy_text(a, o->authenticated_by == NULL ? "" : o->authenticated_by);
    return actor;
}

/* ---------------------------------------------------------------- the header */

static int64_t moment(const struct agent_time *t, int64_t now_us)
{
    return t->from_now ? now_us + t->us : t->us;
}

/* What the options say replaces what the message says. */
static void put_options(struct arena *a, const struct agent_header *o, int64_t now_us,
                        Fedgate__V1__Header *h)
{
    const struct {
        const char *option;
        char **field;
    } texts[] = {{o->id, &h->id}, {o->service, &h->service}, {o->purpose, &h->purpose}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i].option != NULL)
            *texts[i].field = copy_text(a, texts[i].option);
    if (o->basis != NULL)
        h->basis = agent_header_basis(a, o);
    if (o->incident.count > 0) {
        h->incident_id = list_of(a, &o->incident);
        h->n_incident_id = o->incident.count;
    }
    if (o->to.count > 0) {
        h->to = list_of(a, &o->to);
        h->n_to = o->to.count;
    }
    if (o->staff != NULL)
        h->actor = agent_header_actor(a, o);
    if (o->status != NULL)
        h->status = status_of(o->status);
    if (o->wish != NULL)
        h->test_wish = (Fedgate__V1__Reason)reason_wished(o->wish);
    if (o->sent_time.given)
        h->created_at = timestamp(a, moment(&o->sent_time, now_us));
    if (o->destroy_time.given)
        h->destroy_by = timestamp(a, moment(&o->destroy_time, now_us));
}

static void fill(struct arena *a, const char *unit, int64_t now_us, Fedgate__V1__Header *h)
{
    if (h->id[0] == '\0') {
        char id[UUID_TEXT + 1];
        struct uuid u = random_uuid(now_us);
        uuid_text(&u, id);
        h->id = copy_text(a, id);
    }
    if (h->source[0] == '\0')
        h->source = copy_text(a, unit);
    if (h->created_at == NULL)
        h->created_at = timestamp(a, now_us);
    if (h->status == FEDGATE__V1__STATUS__STATUS_UNSPECIFIED)
        h->status = FEDGATE__V1__STATUS__STATUS_ACTUAL;
}

struct Fedgate__V1__Header *agent_header_make(struct arena *a, const struct agent_header *options,
                                              const char *unit, int64_t now_us,
                                              struct Fedgate__V1__Header *h)
{
    if (h == NULL) {
        h = take(a, sizeof *h);
        fedgate__v1__header__init(h);
    }
    put_options(a, options, now_us, h);
    fill(a, unit, now_us, h);
    return h;
}
