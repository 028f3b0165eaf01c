/* Officers of a set for the ledger's tests, what they sign, and a control socket without a socket.
 */
#ifndef FEDGATE_TESTS_LEDGER_OFFICERS_H
#define FEDGATE_TESTS_LEDGER_OFFICERS_H

#include "support.h"

#include "ledger/acts.h"

#define KIM  "npa-daejeon/kim"
#define LEE  "npa-daejeon/lee"
#define PARK "daejeon-fire/park"
#define CHOI "npa-daejeon/choi"     /* a records-officer */
#define HAN  "board-of-audit/han"   /* one too, of an auditor */
#define YOON "npa-daejeon/yoon"     /* a duty-officer */
#define SEO  "gateway-operator/seo" /* of whoever runs the gateway */
#define MIN  "city-center/min"      /* of a centre */
#define JO   "city-center/jo"       /* a records-officer, of it too */

struct officer {
    const char *name, *role;
    struct minisign_secret *key;
};

/* The whole process has one set; a test may leave an officer out of it. */
static struct officer set[] = {{KIM, "privacy-officer", NULL},  {LEE, "privacy-officer", NULL},
                               {PARK, "privacy-officer", NULL}, {CHOI, "records-officer", NULL},
                               {HAN, "records-officer", NULL},  {YOON, "duty-officer", NULL},
                               {SEO, "privacy-officer", NULL},  {MIN, "privacy-officer", NULL},
                               {JO, "records-officer", NULL}};
static const char *dismissed;

static inline struct officer *officer_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(set); i++)
        if (bytes_is(name, set[i].name))
            return &set[i];
    return NULL;
}

static inline bool find_officer(void *arg, struct bytes name, struct ledger_officer *out)
{
    const struct officer *o = officer_named(name);
    (void)arg;
    if (o == NULL || (dismissed != NULL && bytes_is(name, dismissed)))
        return false;
    *out = (struct ledger_officer){0};
    memcpy(out->role, o->role, strlen(o->role));
    minisign_secret_public(o->key, &out->key);
    out->operates = strcmp(o->name, SEO) == 0;
    out->of_centre = bytes_begins(name, "city-center/");
    out->reads_all = strcmp(o->name, HAN) == 0 || out->operates;
    return true;
}

static inline bool can_suspend(void *arg, struct bytes subject)
{
    (void)arg;
    return bytes_is(subject, "grant mou#clause") || bytes_is(subject, "unit " CAR) ||
           bytes_is(subject, "unit " FIRE) || bytes_is(subject, "party daejeon-fire") ||
           bytes_is(subject, "certificate 00ff");
}

static inline int appoint(void **state)
{
    if (start_crypto(state) != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(set); i++)
        set[i].key = minisign_secret_new();
    return 0;
}

static inline int dismiss_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(set); i++)
        minisign_secret_free(set[i].key);
    return 0;
}

static inline void office_init(struct bench *b)
{
    dismissed = NULL;
    bench_prepare(b, SEGMENT);
    b->config.officer = find_officer;
    b->config.can_suspend = can_suspend;
    assert_int_equal(bench_open(b), RESULT_OK);
}

/* ---- asking */

/* An answer with memory of its own. */
struct answered {
    struct buf bytes;
    struct control_answer is;
    struct control_item item[8];
};

static inline void ask_bytes(struct bench *b, struct bytes request, struct answered *out)
{
    out->bytes = BUF_INIT(CONTROL_ANSWER_MAX);
    assert_int_equal(ledger_control(b->l, request, &out->bytes), RESULT_OK);
    turn(b);
    struct cursor in = cursor_over(buf_view(&out->bytes));
    assert_int_equal(control_answer_take(&in, &out->is), RESULT_OK);
    assert_true(out->is.items <= ARRAY_LEN(out->item));
    for (size_t i = 0; i < out->is.items; i++)
        assert_int_equal(control_item_take(&in, &out->item[i]), RESULT_OK);
    assert_int_equal(in.left, 0);
}

static inline void ask_control(struct bench *b, const struct control_request *r,
                               struct answered *out)
{
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    control_request_put(r, &request);
    assert_int_equal(buf_status(&request), RESULT_OK);
    ask_bytes(b, buf_view(&request), out);
    buf_free(&request);
}

static inline size_t listed(struct bench *b, unsigned list)
{
    struct answered a;
    ask_control(b, &(struct control_request){.ask = CONTROL_LIST, .list = (uint8_t)list}, &a);
    size_t count = a.is.items;
    buf_free(&a.bytes);
    return count;
}

static inline unsigned prepare(struct bench *b, unsigned act, const char *subject,
                               const char *officer, struct answered *out)
{
    ask_control(b,
                &(struct control_request){.ask = CONTROL_PREPARE,
                                          .act = (uint8_t)act,
                                          .subject = bytes_of_text(subject),
                                          .officer = bytes_of_text(officer),
                                          .reason = bytes_of_text("사건 접수 확인")},
                out);
    return out->is.code;
}

/* Sends a text with a signature that `officer` made. */
static inline unsigned submit(struct bench *b, struct bytes text, const char *officer, bool *done)
{
    struct buf signature = BUF_INIT(4096);
    struct answered a;
    assert_int_equal(minisign_sign(officer_named(bytes_of_text(officer))->key, text, false,
                                   bytes_of_text("act"), &signature),
                     RESULT_OK);
    ask_control(b,
                &(struct control_request){
                    .ask = CONTROL_SUBMIT, .text = text, .signature = buf_view(&signature)},
                &a);
    unsigned code = a.is.code;
    if (done != NULL)
        *done = a.is.done;
    buf_free(&signature);
    buf_free(&a.bytes);
    return code;
}

/* Prepares, signs and sends. The code of whichever refused first. */
static inline unsigned act(struct bench *b, unsigned what, const char *subject, const char *officer,
                           bool *done)
{
    struct answered a;
    unsigned code = prepare(b, what, subject, officer, &a);
    if (code == CONTROL_CODE_DONE)
        code = submit(b, a.is.text, officer, done);
    buf_free(&a.bytes);
    return code;
}

/* Two officers, one after the other. */
static inline void both(struct bench *b, unsigned what, const char *subject)
{
    bool done = true;
    assert_int_equal(act(b, what, subject, KIM, &done), CONTROL_CODE_DONE);
    assert_false(done);
    assert_int_equal(act(b, what, subject, KIM, NULL), CONTROL_CODE_SAME_PERSON);
    assert_int_equal(act(b, what, subject, SEO, &done), CONTROL_CODE_DONE);
    assert_true(done);
}

/* ---- messages that wait */

/* A message of CENTRE to FIRE that is held, with a scope of its own; its subject. */
static inline void make_held(struct bench *b, uint8_t id, enum road_case_kind kind,
                             unsigned persons, struct road_commit *c)
{
    make_commit(b, id, id, c);
    with_scope(b, c, id);
    struct road_recipient *r = &c->recipient[0];
    r->clause = bytes_of_text("mou#clause");
    r->failed = bytes_of_text("approval");
    r->open[r->cases++] =
        (struct road_case){.kind = (uint8_t)kind,
                           .persons = (uint8_t)persons,
                           .role = bytes_of_text("privacy-officer"),
                           .party = {bytes_of_text("npa-daejeon")},
                           .parties = 1,
                           .due_us = kind == ROAD_QUARANTINE ? 0 : b->wall_us + 30 * US_PER_MINUTE};
    if (kind != ROAD_EMERGENCY) {
        r->reason = bytes_of_text(kind == ROAD_APPROVAL ? "approval-pending" : "quarantined");
        c->verdict = ROAD_HELD;
    }
}

static inline void subject_of(const struct road_committed *c, char out[CONTROL_SUBJECT_MAX + 1])
{
    (void)snprintf(out, CONTROL_SUBJECT_MAX + 1, "%llu-0", (unsigned long long)c->index);
}

static inline void hold(struct bench *b, uint8_t id, enum road_case_kind kind, unsigned persons,
                        char subject[CONTROL_SUBJECT_MAX + 1])
{
    struct road_commit c;
    make_held(b, id, kind, persons, &c);
    const struct road_committed answer = commit(b, &c);
    assert_int_equal(answer.answer, ROAD_ON_DISK);
    subject_of(&answer, subject);
}

/* How many deliveries wait in FIRE's queue: a new consumer is offered all of them. */
static inline size_t offered(struct bench *b, uint64_t consumer)
{
    forget_said(b);
    assert_int_equal(subscribe(b, consumer, FIRE, "default"), RESULT_OK);
    turn(b);
    return count_said(b, IPC_DELIVER);
}

/* What the sender is told next; reason "" when nothing. */
static inline struct road_outcome told(struct bench *b, uint64_t consumer)
{
    forget_said(b);
    assert_int_equal(subscribe(b, consumer, CENTRE, "default"), RESULT_OK);
    turn(b);
    if (count_said(b, IPC_DELIVER) == 0)
        return (struct road_outcome){0};
    const struct road_deliver d = delivered(b);
    assert_true(d.is_outcome);
    return d.outcome;
}

/* The receipt of message `id` as it now stands. */
static inline struct road_committed receipt_of(struct bench *b, uint8_t id)
{
    struct buf body = BUF_INIT(256);
    buf_u64(&body, ++b->next_ticket);
    const struct uuid which = {{id}};
    buf_put(&body, which.b, UUID_BYTES);
    buf_bytes16(&body, bytes_of_text(CENTRE));
    assert_int_equal(tell(b, IPC_RECEIPT_GET, buf_view(&body)), RESULT_OK);
    turn(b);
    buf_free(&body);
    return committed(b);
}

#endif
