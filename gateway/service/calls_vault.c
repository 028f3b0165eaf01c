/* VaultService: one request, one answer. */
#include "service/calls_vault.h"

#include "base/limits.h"
#include "base/mem.h"
#include "message/half.h"
#include "service/parts.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* A method: its request, the question that is made of it once it was checked, and what the answer
 * is encoded as. A question about no record in particular answers NULL. */
struct vault_method {
    const ProtobufCMessageDescriptor *request;
    void (*check)(ProtobufCMessage *m, const struct check_limits *limits, struct findings *found);
    const Fedgate__V1__LogRef *(*question)(const ProtobufCMessage *m, struct vault_question *out);
    void (*put)(const char *origin, const struct vault_answer *a, struct buf *out);
};

struct vault_call {
    struct server_call *call;
    struct session *session;
    const struct vault_method *method;
    struct vault_ask *ask;
    bool asked, over;
};

/* ---- answers */

static void refused(void *arg, int status, const char *why)
{
    struct vault_call *c = arg;
    c->ask = NULL;
    if (!c->over)
        server_call_finish(c->call, (enum grpc_status)status, why);
    c->over = true;
}

static void put_half(const char *origin, const struct vault_answer *a, struct buf *out)
{
    Fedgate__V1__VaultHalf half = FEDGATE__V1__VAULT_HALF__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    char *clause = mem_text(a->clause.p, a->clause.n);
    half.refused = (Fedgate__V1__Reason)a->refused;
    half.half = (ProtobufCBinaryData){a->half.n, (uint8_t *)(uintptr_t)a->half.p};
    half.not_needed = a->not_needed;
    half.uses_limited = a->limited;
    half.uses_left = a->left;
    half.clause = clause;
    record.origin = (char *)(uintptr_t)origin;
    record.index = a->entry;
    half.record = a->entry == 0 ? NULL : &record;
    if (message_pack(&half.base, out) != RESULT_OK)
        out->failed = true;
    mem_free(clause);
}

/* In the arena. */
static Fedgate__V1__Hold *hold_of(struct arena *a, const struct half_hold *h)
{
    Fedgate__V1__Hold *out = arena_take(a, sizeof *out);
    Google__Protobuf__Timestamp *since = arena_take(a, sizeof *since);
    char *subject = arena_take(a, h->subject.n + 1);
    uint64_t *index = arena_take(a, (road_items(h->records) + 1) * sizeof *index);
    if (out == NULL || since == NULL || subject == NULL || index == NULL)
        return NULL;
    fedgate__v1__hold__init(out);
    memcpy(subject, h->subject.p, h->subject.n);
    parts_time(since, h->since_us);
    out->subject = subject;
    out->since = since;
    out->index = index;
    for (size_t i = 0; i < road_items(h->records); i++)
        index[out->n_index++] = road_item(h->records, i);
    return out;
}

static void put_held(const char *origin, const struct vault_answer *answer, struct buf *out)
{
    Fedgate__V1__VaultHeld held = FEDGATE__V1__VAULT_HELD__INIT;
    struct arena *a = arena_new(LIMIT_ARENA);
    struct cursor in = cursor_over(answer->held);
    struct half_hold h;
    bool good = (held.hold = arena_take(a, HALF_HELD_MAX * sizeof(void *))) != NULL;
    held.origin = (char *)(uintptr_t)origin;
    held.next = answer->next;
    while (good && in.left > 0)
        good = held.n_hold < HALF_HELD_MAX && half_hold_take(&in, &h) == RESULT_OK &&
               (held.hold[held.n_hold++] = hold_of(a, &h)) != NULL;
    if (!good || message_pack(&held.base, out) != RESULT_OK)
        out->failed = true;
    arena_free(a);
}

static void answered(void *arg, const struct vault_answer *a)
{
    struct vault_call *c = arg;
    struct buf out = BUF_INIT(HALF_HELD_BYTES + LIMIT_REQUEST);
    c->ask = NULL;
    if (c->over)
        return;
    c->over = true;
    c->method->put(session_origin(c->session), a, &out);
    if (buf_status(&out) == RESULT_OK) {
        (void)!server_call_send(c->call, buf_view(&out), NULL, bytes_of(NULL, 0));
        server_call_finish(c->call, GRPC_OK, "");
    } else {
        server_call_finish(c->call, GRPC_INTERNAL, "the answer could not be packed");
    }
    buf_free(&out);
}

static const struct vault_ask_events ask_events = {answered, refused};

/* ---- questions */

static void check_store(ProtobufCMessage *m, const struct check_limits *limits,
                        struct findings *found)
{
    vault_store_check((void *)m, limits, found);
}

static const Fedgate__V1__LogRef *question_store(const ProtobufCMessage *m,
                                                 struct vault_question *out)
{
    const Fedgate__V1__VaultStoreRequest *r = (const void *)m;
    *out = (struct vault_question){.what = HALF_STORE, .reader = r->reader.data};
    return r->record;
}

static void check_open(ProtobufCMessage *m, const struct check_limits *limits,
                       struct findings *found)
{
    vault_open_check((void *)m, limits, found);
}

static const Fedgate__V1__LogRef *question_open(const ProtobufCMessage *m,
                                                struct vault_question *out)
{
    const Fedgate__V1__VaultOpenRequest *r = (const void *)m;
    *out = (struct vault_question){.what = HALF_OPEN,
                                   .reader = r->reader.data,
                                   .actor = r->actor,
                                   .reason = bytes_of_text(r->reason)};
    return r->record;
}

static void check_report(ProtobufCMessage *m, const struct check_limits *limits,
                         struct findings *found)
{
    use_report_check((void *)m, limits, found);
}

static const Fedgate__V1__LogRef *question_report(const ProtobufCMessage *m,
                                                  struct vault_question *out)
{
    const Fedgate__V1__UseReport *r = (const void *)m;
    *out = (struct vault_question){.what = HALF_REPORT,
                                   .used_us = r->used_at->seconds * US_PER_S,
                                   .actor = r->actor,
                                   .reason = bytes_of_text(r->reason)};
    return r->item;
}

/* Any number may be asked about. */
static void check_held(ProtobufCMessage *m, const struct check_limits *limits,
                       struct findings *found)
{
    (void)m;
    (void)limits;
    (void)found;
}

static const Fedgate__V1__LogRef *question_held(const ProtobufCMessage *m,
                                                struct vault_question *out)
{
    const Fedgate__V1__VaultHeldRequest *r = (const void *)m;
    *out = (struct vault_question){.what = HALF_HELD, .index = r->from};
    return NULL;
}

static void ask(struct vault_call *c, ProtobufCMessage *m)
{
    struct check_limits limits = session_limits(c->session);
    struct findings found = {0};
    struct vault_question q;
    static const struct vault_answer suspended = {.refused = REASON_PARTY_SUSPENDED};
    c->method->check(m, &limits, &found);
    if (found.refused) {
        refused(c, GRPC_INVALID_ARGUMENT, found.finding[0].text);
        return;
    }
    const Fedgate__V1__LogRef *record = c->method->question(m, &q);
    if (record != NULL)
        q.index = record->index;
    if (record != NULL && strcmp(record->origin, session_origin(c->session)) != 0)
        refused(c, GRPC_INVALID_ARGUMENT, "the record's origin is another log's");
    else if (q.what == HALF_OPEN && session_is_suspended(c->session))
        answered(c, &suspended);
    else
        c->ask = vault_ask_open(c->session, &ask_events, c, &q);
}

/* ---- calls */

static enum result vault_message(void *arg, struct shared *owner, struct bytes message)
{
    struct vault_call *c = arg;
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    struct ProtobufCMessage *m;
    struct finding finding;
    (void)owner;
    enum result r =
        c->asked ? RESULT_MALFORMED /* one request a call */
                 : message_unpack(a, c->method->request, message, LIMIT_REQUEST, &m, &finding);
    c->asked = true;
    if (r == RESULT_OK)
        ask(c, m);
    arena_free(a);
    return r;
}

static void vault_half_closed(void *arg)
{
    struct vault_call *c = arg;
    if (!c->asked)
        refused(c, GRPC_INVALID_ARGUMENT, "a request is missing");
}

static void vault_closed(void *arg, enum grpc_status status, const char *text)
{
    struct vault_call *c = arg;
    (void)status;
    (void)text;
    if (c->ask != NULL)
        vault_ask_close(c->ask);
    mem_free(c);
}

const struct grpc_call_events vault_call_events = {vault_message, vault_half_closed, NULL,
                                                   vault_closed, NULL};

static struct vault_call *new_call(void *session, struct server_call *call,
                                   const struct vault_method *method)
{
    struct vault_call *c = mem_new(sizeof *c);
    *c = (struct vault_call){.call = call, .session = session, .method = method};
    return c;
}

void *vault_store_open(void *session, struct server_call *call)
{
    static const struct vault_method m = {&fedgate__v1__vault_store_request__descriptor,
                                          check_store, question_store, put_half};
    return new_call(session, call, &m);
}

void *vault_open_open(void *session, struct server_call *call)
{
    static const struct vault_method m = {&fedgate__v1__vault_open_request__descriptor, check_open,
                                          question_open, put_half};
    return new_call(session, call, &m);
}

void *vault_report_open(void *session, struct server_call *call)
{
    static const struct vault_method m = {&fedgate__v1__use_report__descriptor, check_report,
                                          question_report, put_half};
    return new_call(session, call, &m);
}

void *vault_held_open(void *session, struct server_call *call)
{
    static const struct vault_method m = {&fedgate__v1__vault_held_request__descriptor, check_held,
                                          question_held, put_held};
    return new_call(session, call, &m);
}
