#include "ipc/road.h"

#include "base/mem.h"
#include "ipc/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define CENTRE   "npa-daejeon/112-control"
#define INCIDENT CENTRE ":019aa2b0-0000-7000-8000-000000000001"

static struct bytes text(const char *s)
{
    return bytes_of_text(s);
}

static void same(struct bytes a, struct bytes b)
{
    assert_true(bytes_equal(a, b));
}

/* ---- one of each, with every field set, all different */

static void fill(uint8_t *p, size_t n, uint8_t first)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(first + i);
}

static struct road_envelope an_envelope(void)
{
    struct road_envelope e = {.source = text(CENTRE),
                              .kind = text("incident_report"),
                              .service = text("112-patrol"),
                              .purpose = text("dispatch"),
                              .basis = text("police-act-2"),
                              .status = text("actual"),
                              .incident = {text(INCIDENT), text("x")},
                              .incidents = 2,
                              .lane = 1,
                              .policy = 77,
                              .size = 1234};
    fill(e.id.b, UUID_BYTES, 1);
    return e;
}

static void same_envelope(const struct road_envelope *a, const struct road_envelope *b)
{
    assert_memory_equal(&a->id, &b->id, sizeof a->id);
    same(a->source, b->source);
    same(a->kind, b->kind);
    same(a->service, b->service);
    same(a->purpose, b->purpose);
    same(a->basis, b->basis);
    same(a->status, b->status);
    assert_int_equal(a->incidents, b->incidents);
    for (size_t i = 0; i < a->incidents; i++)
        same(a->incident[i], b->incident[i]);
    assert_int_equal(a->lane, b->lane);
    assert_int_equal(a->policy, b->policy);
    assert_int_equal(a->size, b->size);
}

static struct road_recipient a_recipient(const char *unit)
{
    return (struct road_recipient){.unit = text(unit),
                                   .reason = text("permitted"),
                                   .clause = text("mou-1#2"),
                                   .failed = text("window"),
                                   .flags = text("late far"),
                                   .permitted = true,
                                   .body = 1,
                                   .deadline_us = 99};
}

static void same_recipients(const struct road_recipient *a, size_t as,
                            const struct road_recipient *b, size_t bs)
{
    assert_int_equal(as, bs);
    for (size_t i = 0; i < as; i++) {
        same(a[i].unit, b[i].unit);
        same(a[i].reason, b[i].reason);
        same(a[i].clause, b[i].clause);
        same(a[i].failed, b[i].failed);
        same(a[i].flags, b[i].flags);
        assert_int_equal(a[i].permitted, b[i].permitted);
        assert_int_equal(a[i].body, b[i].body);
        assert_int_equal(a[i].deadline_us, b[i].deadline_us);
        assert_int_equal(a[i].duty, b[i].duty);
        assert_int_equal(a[i].reserve, b[i].reserve);
        assert_int_equal(a[i].supersedes, b[i].supersedes);
    }
}

static struct road_body a_body(uint64_t scope)
{
    struct road_body b = {.scope = scope, .sealed = text("ciphertext and tag")};
    fill(b.seed, ROAD_SEED, 90);
    return b;
}

static void same_body(const struct road_body *a, const struct road_body *b)
{
    assert_int_equal(a->scope, b->scope);
    assert_memory_equal(a->seed, b->seed, ROAD_SEED);
    same(a->sealed, b->sealed);
}

static void make_commit(struct road_commit *c)
{
    *c = (struct road_commit){
        .ticket = 5,
        .envelope = an_envelope(),
        .at_us = 6,
        .verdict = ROAD_PARTLY,
        .remembered = true,
        .recipient = {a_recipient("daejeon-fire/119"), a_recipient("kt/centre")},
        .recipients = 2,
        .duty = {{.by_us = 13,
                  .answer = {text("dispatch_answer"), text("feedback")},
                  .answers = 2,
                  .by_ack = true}},
        .duties = 1,
        .names = {14, 15},
        .named = 2,
        .drawn = 2,
        .scope = {{.id = 8,
                   .incident = text(INCIDENT),
                   .starts = 2,
                   .delay_us = 10,
                   .deadline_us = 11,
                   .generation = 12}},
        .scopes = 1,
        .body = {a_body(8), a_body(9)},
        .bodies = 2,
        .change = {text("a change"), text("another")},
        .changes = 2,
        .change_scope = 8,
        .succession = text("tag of a subject")};
    c->recipient[0].supersedes = true;
    c->recipient[0].duty = c->recipient[1].duty = 1;
    c->recipient[1].reserve = true;
    fill(c->commitment, ROAD_DIGEST, 20);
    fill(c->content, ROAD_TAG, 60);
    fill(c->scope[0].tuple, ROAD_DIGEST, 100);
    fill(c->scope[0].wrapped, ROAD_WRAPPED, 140);
}

static void same_commit(const struct road_commit *a, const struct road_commit *b)
{
    assert_int_equal(a->ticket, b->ticket);
    same_envelope(&a->envelope, &b->envelope);
    assert_int_equal(a->at_us, b->at_us);
    assert_int_equal(a->verdict, b->verdict);
    assert_memory_equal(a->commitment, b->commitment, ROAD_DIGEST);
    assert_memory_equal(a->content, b->content, ROAD_TAG);
    assert_int_equal(a->remembered, b->remembered);
    same_recipients(a->recipient, a->recipients, b->recipient, b->recipients);
    assert_int_equal(a->scopes, b->scopes);
    for (size_t i = 0; i < a->scopes; i++) {
        const struct road_scope *x = &a->scope[i], *y = &b->scope[i];
        assert_int_equal(x->id, y->id);
        assert_memory_equal(x->tuple, y->tuple, ROAD_DIGEST);
        same(x->incident, y->incident);
        assert_int_equal(x->starts, y->starts);
        assert_int_equal(x->delay_us, y->delay_us);
        assert_int_equal(x->deadline_us, y->deadline_us);
        assert_int_equal(x->generation, y->generation);
        assert_memory_equal(x->wrapped, y->wrapped, ROAD_WRAPPED);
    }
    assert_int_equal(a->bodies, b->bodies);
    for (size_t i = 0; i < a->bodies; i++)
        same_body(&a->body[i], &b->body[i]);
    assert_int_equal(a->changes, b->changes);
    for (size_t i = 0; i < a->changes; i++)
        same(a->change[i], b->change[i]);
    assert_int_equal(a->change_scope, b->change_scope);
    assert_int_equal(a->duties, b->duties);
    for (size_t i = 0; i < a->duties; i++) {
        assert_int_equal(a->duty[i].by_us, b->duty[i].by_us);
        assert_int_equal(a->duty[i].answers, b->duty[i].answers);
        for (size_t k = 0; k < a->duty[i].answers; k++)
            same(a->duty[i].answer[k], b->duty[i].answer[k]);
        assert_int_equal(a->duty[i].by_ack, b->duty[i].by_ack);
    }
    assert_int_equal(a->named, b->named);
    assert_int_equal(a->drawn, b->drawn);
    assert_memory_equal(a->names, b->names, sizeof a->names);
    same(a->succession, b->succession);
}

static void make_committed(struct road_committed *c)
{
    *c = (struct road_committed){.ticket = 1,
                                 .answer = ROAD_REPEATED,
                                 .index = 2,
                                 .verdict = ROAD_ACCEPTED,
                                 .scope = 3,
                                 .recipient = {a_recipient("kt/centre")},
                                 .recipients = 1};
    fill(c->seed, ROAD_SEED, 30);
    fill(c->commitment, ROAD_DIGEST, 70);
}

static void same_committed(const struct road_committed *a, const struct road_committed *b)
{
    assert_int_equal(a->ticket, b->ticket);
    assert_int_equal(a->answer, b->answer);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->scope, b->scope);
    assert_memory_equal(a->seed, b->seed, ROAD_SEED);
    assert_memory_equal(a->commitment, b->commitment, ROAD_DIGEST);
    same_recipients(a->recipient, a->recipients, b->recipient, b->recipients);
}

static void make_subscribe(struct road_subscribe *s)
{
    *s = (struct road_subscribe){.consumer = 1,
                                 .unit = text(CENTRE),
                                 .queue = text("desk-1"),
                                 .kind = {text("guardian_alert"), text("outcome")},
                                 .incident = {text(INCIDENT)},
                                 .kinds = 2,
                                 .incidents = 1,
                                 .most = 3,
                                 .most_bytes = 4};
}

static void same_subscribe(const struct road_subscribe *a, const struct road_subscribe *b)
{
    assert_int_equal(a->consumer, b->consumer);
    same(a->unit, b->unit);
    same(a->queue, b->queue);
    assert_int_equal(a->kinds, b->kinds);
    for (size_t i = 0; i < a->kinds; i++)
        same(a->kind[i], b->kind[i]);
    assert_int_equal(a->incidents, b->incidents);
    for (size_t i = 0; i < a->incidents; i++)
        same(a->incident[i], b->incident[i]);
    assert_int_equal(a->most, b->most);
    assert_int_equal(a->most_bytes, b->most_bytes);
}

static void make_provision(struct road_provision *p)
{
    *p = (struct road_provision){.ticket = 1,
                                 .found = true,
                                 .onward = true,
                                 .source = text(CENTRE),
                                 .unit = text("kt/centre"),
                                 .clause = text("mou-1#2"),
                                 .deadline_us = 2};
}

static void same_provision(const struct road_provision *a, const struct road_provision *b)
{
    assert_int_equal(a->ticket, b->ticket);
    assert_int_equal(a->found, b->found);
    assert_int_equal(a->onward, b->onward);
    same(a->source, b->source);
    same(a->unit, b->unit);
    same(a->clause, b->clause);
    assert_int_equal(a->deadline_us, b->deadline_us);
}

static void make_deliver(struct road_deliver *d)
{
    *d = (struct road_deliver){.consumer = 1,
                               .entry = 2,
                               .envelope = an_envelope(),
                               .unit = text("kt/centre"),
                               .clause = text("mou-1#2"),
                               .flags = text("late"),
                               .received_us = 3,
                               .deadline_us = 4,
                               .received_index = 5,
                               .refers = 6,
                               .redelivery = true,
                               .was_released = true,
                               .released_index = 7,
                               .body = a_body(8),
                               .sealed_deadline_us = 9,
                               .attend_by_us = 10,
                               .reserve = true};
    make_provision(&d->drawn);
    fill(d->released_digest, ROAD_DIGEST, 11);
    fill(d->commitment, ROAD_DIGEST, 44);
}

static void make_outcome(struct road_deliver *d)
{
    make_deliver(d);
    d->body = (struct road_body){0};
    d->is_outcome = true;
    d->outcome = (struct road_outcome){.about_index = 21,
                                       .to = text("kt/centre"),
                                       .reason = text("deadline-passed"),
                                       .step = 4,
                                       .at_us = 22};
    fill(d->outcome.about.b, UUID_BYTES, 80);
}

static void same_deliver(const struct road_deliver *a, const struct road_deliver *b)
{
    assert_int_equal(a->consumer, b->consumer);
    assert_int_equal(a->entry, b->entry);
    same_envelope(&a->envelope, &b->envelope);
    same(a->unit, b->unit);
    same(a->clause, b->clause);
    same(a->flags, b->flags);
    assert_int_equal(a->received_us, b->received_us);
    assert_int_equal(a->deadline_us, b->deadline_us);
    assert_int_equal(a->received_index, b->received_index);
    assert_int_equal(a->refers, b->refers);
    assert_int_equal(a->redelivery, b->redelivery);
    assert_int_equal(a->was_released, b->was_released);
    assert_int_equal(a->released_index, b->released_index);
    assert_memory_equal(a->released_digest, b->released_digest, ROAD_DIGEST);
    assert_int_equal(a->is_outcome, b->is_outcome);
    assert_memory_equal(&a->outcome.about, &b->outcome.about, UUID_BYTES);
    assert_int_equal(a->outcome.about_index, b->outcome.about_index);
    same(a->outcome.to, b->outcome.to);
    same(a->outcome.reason, b->outcome.reason);
    assert_int_equal(a->outcome.step, b->outcome.step);
    assert_int_equal(a->outcome.at_us, b->outcome.at_us);
    same_body(&a->body, &b->body);
    assert_int_equal(a->sealed_deadline_us, b->sealed_deadline_us);
    same_provision(&a->drawn, &b->drawn);
    assert_int_equal(a->attend_by_us, b->attend_by_us);
    assert_int_equal(a->reserve, b->reserve);
    assert_memory_equal(a->commitment, b->commitment, ROAD_DIGEST);
}

static void make_release(struct road_release *r)
{
    *r = (struct road_release){.consumer = 1,
                               .entry = 2,
                               .permitted = true,
                               .onward = true,
                               .reason = text("permitted"),
                               .clause = text("mou-1#2"),
                               .failed = text("none"),
                               .flags = text("late"),
                               .size = 3,
                               .policy = 4,
                               .at_us = 5,
                               .notice = text("a notice")};
    fill(r->commitment, ROAD_DIGEST, 6);
}

static void same_release(const struct road_release *a, const struct road_release *b)
{
    assert_int_equal(a->consumer, b->consumer);
    assert_int_equal(a->entry, b->entry);
    assert_int_equal(a->permitted, b->permitted);
    assert_int_equal(a->onward, b->onward);
    same(a->reason, b->reason);
    same(a->clause, b->clause);
    same(a->failed, b->failed);
    same(a->flags, b->flags);
    assert_memory_equal(a->commitment, b->commitment, ROAD_DIGEST);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->policy, b->policy);
    assert_int_equal(a->at_us, b->at_us);
    same(a->notice, b->notice);
}

static void make_released(struct road_released *r)
{
    *r = (struct road_released){1, 2, true, false, 3};
}

static void same_released(const struct road_released *a, const struct road_released *b)
{
    assert_int_equal(a->consumer, b->consumer);
    assert_int_equal(a->entry, b->entry);
    assert_int_equal(a->again, b->again);
    assert_int_equal(a->go, b->go);
    assert_int_equal(a->index, b->index);
}

static void make_ack(struct road_ack *a)
{
    *a = (struct road_ack){
        .consumer = 1, .refuse = 2, .unsent = true, .entry = {3, 4, 5}, .entries = 3};
}

static void same_ack(const struct road_ack *a, const struct road_ack *b)
{
    assert_int_equal(a->consumer, b->consumer);
    assert_int_equal(a->refuse, b->refuse);
    assert_int_equal(a->unsent, b->unsent);
    assert_int_equal(a->entries, b->entries);
    assert_memory_equal(a->entry, b->entry, a->entries * sizeof a->entry[0]);
}

static void make_envelope(struct road_envelope *e)
{
    *e = an_envelope();
}

static void make_event(struct road_event *e)
{
    *e = (struct road_event){.ticket = 1,
                             .event = 2,
                             .envelope = an_envelope(),
                             .at_us = 3,
                             .unit = text(CENTRE),
                             .reason = text("permitted"),
                             .clause = text("mou-1#2"),
                             .failed = text("window"),
                             .refers = 4,
                             .detail = text("frames=7")};
}

static void same_event(const struct road_event *a, const struct road_event *b)
{
    assert_int_equal(a->ticket, b->ticket);
    assert_int_equal(a->event, b->event);
    same_envelope(&a->envelope, &b->envelope);
    assert_int_equal(a->at_us, b->at_us);
    same(a->unit, b->unit);
    same(a->reason, b->reason);
    same(a->clause, b->clause);
    same(a->failed, b->failed);
    assert_int_equal(a->refers, b->refers);
    same(a->detail, b->detail);
}

static void make_scope(struct keys_scope *s)
{
    *s = (struct keys_scope){.id = 1, .generation = 2};
    fill(s->key, ROAD_KEY, 3);
    fill(s->wrapped, ROAD_WRAPPED, 50);
}

static void same_scope(const struct keys_scope *a, const struct keys_scope *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

static void make_ledger(struct keys_ledger *k)
{
    *k = (struct keys_ledger){.generation = 2};
    fill(k->mac_key, ROAD_KEY, 3);
    fill(k->log_public_key, ROAD_KEY, 50);
}

static void same_ledger(const struct keys_ledger *a, const struct keys_ledger *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

static void make_slot(struct keys_slot *s)
{
    *s = (struct keys_slot){.id = 1, .generation = 2};
    fill(s->tuple, ROAD_DIGEST, 3);
    fill(s->wrapped, ROAD_WRAPPED, 50);
}

static void same_slot(const struct keys_slot *a, const struct keys_slot *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

static void make_checkpoint(struct keys_checkpoint *k)
{
    *k = (struct keys_checkpoint){.size = 1};
    fill(k->root, ROAD_DIGEST, 2);
}

static void same_checkpoint(const struct keys_checkpoint *a, const struct keys_checkpoint *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

/* ---- what holds for each of them */

/* A copy that ends with its last byte, so that a sanitizer sees a read past it. */
static uint8_t *exact(struct bytes b)
{
    uint8_t *p = mem_new(b.n);
    memcpy(p, b.p, b.n);
    return p;
}

/* `whole`: it takes its input to the end; the others are parts of something larger. */
#define CHECK(prefix, type, make, whole)                                                           \
    static enum result take_##prefix##make(struct bytes b, struct prefix##type *out)               \
    {                                                                                              \
        uint8_t *p = exact(b);                                                                     \
        struct cursor in = {p, b.n};                                                               \
        enum result r = prefix##type##_take(&in, out);                                             \
        mem_free(p);                                                                               \
        return r;                                                                                  \
    }                                                                                              \
    static void prefix##make##_comes_back_and_nothing_shorter_or_longer_does(void **state)         \
    {                                                                                              \
        (void)state;                                                                               \
        struct prefix##type was, is;                                                               \
        struct buf b = BUF_INIT(1 << 20);                                                          \
        make_##make(&was);                                                                         \
        prefix##type##_put(&was, &b);                                                              \
        assert_int_equal(buf_status(&b), RESULT_OK);                                               \
        struct cursor in = cursor_over(buf_view(&b));                                              \
        assert_int_equal(prefix##type##_take(&in, &is), RESULT_OK);                                \
        assert_int_equal(in.left, 0);                                                              \
        same_##type(&was, &is);                                                                    \
        for (size_t n = 0; n < b.n; n++)                                                           \
            assert_int_not_equal(take_##prefix##make(bytes_of(b.p, n), &is), RESULT_OK);           \
        for (size_t i = 0; i + 2 <= b.n; i++) { /* a length here would be far too long */          \
            uint8_t kept[2] = {b.p[i], b.p[i + 1]};                                                \
            b.p[i] = b.p[i + 1] = 0xff;                                                            \
            (void)take_##prefix##make(buf_view(&b), &is);                                          \
            memcpy(b.p + i, kept, 2);                                                              \
        }                                                                                          \
        buf_u8(&b, 0);                                                                             \
        assert_int_equal(take_##prefix##make(buf_view(&b), &is),                                   \
                         (whole) ? RESULT_MALFORMED : RESULT_OK);                                  \
        buf_free(&b);                                                                              \
    }
CHECK(road_, commit, commit, true)
CHECK(road_, committed, committed, true)
CHECK(road_, subscribe, subscribe, true)
CHECK(road_, deliver, deliver, true)
CHECK(road_, deliver, outcome, true)
CHECK(road_, release, release, true)
CHECK(road_, released, released, true)
CHECK(road_, ack, ack, true)
CHECK(road_, event, event, true)
CHECK(road_, provision, provision, true)
CHECK(road_, envelope, envelope, false)
CHECK(keys_, scope, scope, false)
CHECK(keys_, ledger, ledger, false)
CHECK(keys_, slot, slot, false)
CHECK(keys_, checkpoint, checkpoint, false)
#undef CHECK

/* ---- what a commit may not say */

static void without_duties(struct road_commit *c)
{
    c->duties = 0;
    for (size_t i = 0; i < c->recipients; i++) {
        c->recipient[i].duty = 0;
        c->recipient[i].reserve = false;
    }
}

static void spoil(struct road_commit *c, unsigned how)
{
    static const char long_text[ROAD_TEXT_MAX + 2] = {[0 ... ROAD_TEXT_MAX] = 'x'};
    if (how < 30)
        c->succession.n = 0; /* which asks some of it too */
    switch (how) {
    case 0: c->verdict = 0; break;
    case 1: c->verdict = ROAD_HELD + 1; break;
    case 2: c->recipient[0].unit = text("not a unit"); break;
    case 3: c->recipient[0].body = 2; break; /* of two */
    case 4: c->recipient[0].deadline_us = -1; break;
    case 5: c->envelope.source = text("nobody"); break;
    case 6: c->envelope.kind = text("\xc3\x28"); break;
    case 7: c->envelope.kind = bytes_of("a\0b", 3); break;
    case 8: c->envelope.kind = text(long_text); break;
    case 9: c->envelope.lane = 3; break;
    case 10: c->scope[0].id = 0; break;
    case 11: c->scope[0].incident = text("somewhere"); break;
    case 12: c->scope[0].starts = 3; break;
    case 13: c->scope[0].delay_us = -1; break;
    case 14: c->scope[0].deadline_us = -1; break;
    case 15: c->recipients = ROAD_RECIPIENTS_MAX + 1; break;
    case 16: c->changes = ROAD_CHANGES_MAX + 1; break;
    case 17: c->envelope.incidents = ROAD_INCIDENTS_MAX + 1; break;
    case 18: c->recipients = 65536 + 2; break;       /* as u16: two */
    case 19: c->recipient[0].duty = 2; break;        /* of one */
    case 20: c->recipient[1].reserve = false; break; /* nobody is in reserve for the duty */
    case 21: c->recipient[0].reserve = true; break;  /* two are */
    case 22: c->recipient[1].duty = 0; break;        /* in reserve, for nothing */
    case 23: c->duty[0].by_us = -1; break;
    case 24: c->duties = ROAD_DUTIES_MAX + 1; break;
    case 25: c->duty[0].answers = ROAD_ANSWERS_MAX + 1; break;
    case 28: c->drawn = 3; break;                      /* of two */
    case 27: c->recipient[0].permitted = false; break; /* nobody can attend */
    case 26: c->named = ROAD_NAMES_MAX + 1; break;
    case 29: { /* in reserve, before one who is not */
        const struct road_recipient first = c->recipient[0];
        c->recipient[0] = c->recipient[1];
        c->recipient[1] = first;
        c->recipient[0].permitted = c->recipient[1].permitted = true;
        break;
    }
    case 30: c->succession.n--; break;
    case 31: c->recipient[1].supersedes = true; break; /* in reserve */
    case 32:
        without_duties(c);
        c->recipient[0].permitted = false;
        break;
    default: fail();
    }
}

static void a_commit_that_names_what_cannot_be_is_neither_written_nor_read(void **state)
{
    (void)state;
    for (unsigned how = 0; how <= 32; how++) {
        struct road_commit c;
        struct buf b = BUF_INIT(1 << 20);
        make_commit(&c);
        spoil(&c, how);
        /* A list that is too long is not even looked at: the count stands in front of it. */
        road_commit_put(&c, &b);
        assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
        struct cursor in = cursor_over(buf_view(&b));
        assert_int_not_equal(road_commit_take(&in, &c), RESULT_OK);
        buf_free(&b);
    }
}

/* Recovery asks only that, and never for more than a unit's name has room. */
static void whose_message_it_is_can_be_had_alone(void **state)
{
    (void)state;
    char name[ROAD_TEXT_MAX + 1], source[IDENT_UNIT_MAX + 1];
    struct road_commit *c = mem_new(sizeof *c);
    struct buf b = BUF_INIT(1 << 20);
    make_commit(c);
    for (size_t n = 0; n <= ROAD_TEXT_MAX; n++) {
        memset(name, 'x', n);
        name[n] = '\0';
        c->envelope.source = bytes_of(name, n);
        buf_clear(&b);
        road_commit_put(c, &b);
        struct cursor in = cursor_over(buf_view(&b));
        assert_int_equal(road_commit_source(&in, source), RESULT_OK);
        assert_int_equal(strlen(source), n < IDENT_UNIT_MAX ? n : IDENT_UNIT_MAX);
        in = cursor_over(bytes_of(b.p, n + 8));
        assert_int_not_equal(road_commit_source(&in, source), RESULT_OK);
    }
    buf_free(&b);
    mem_free(c);
}

static void the_gateway_itself_is_a_recipient_without_a_body(void **state)
{
    (void)state;
    struct road_commit c, is;
    struct buf b = BUF_INIT(1 << 20);
    make_commit(&c);
    without_duties(&c);
    c.succession.n = 0;
    c.recipient[0].unit = text("gateway/self");
    c.recipient[0].body = 255;
    road_commit_put(&c, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(road_commit_take(&in, &is), RESULT_OK);
    buf_free(&b);
}

static void a_refused_recipient_may_be_any_word_without_a_body(void **state)
{
    (void)state;
    struct road_commit c, is;
    struct buf b = BUF_INIT(1 << 20);
    make_commit(&c);
    without_duties(&c);
    c.succession.n = 0;
    c.recipient[0].permitted = false;
    c.recipient[0].unit = text("unknown");
    c.recipient[0].body = 255;
    road_commit_put(&c, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(road_commit_take(&in, &is), RESULT_OK);
    buf_free(&b);
}

static void a_subscription_is_a_unit_s_for_a_queue_with_a_name(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"npa-daejeon", "q"}, {CENTRE, ""}, {CENTRE, "No Word"}, {"", "q"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct road_subscribe s;
        struct buf b = BUF_INIT(1 << 20);
        make_subscribe(&s);
        s.unit = text(wrong[i][0]);
        s.queue = text(wrong[i][1]);
        road_subscribe_put(&s, &b);
        struct cursor in = cursor_over(buf_view(&b));
        assert_int_equal(road_subscribe_take(&in, &s), RESULT_MALFORMED);
        buf_free(&b);
    }
}

static void a_slot_has_the_size_that_the_key_file_counts_with_and_an_id(void **state)
{
    (void)state;
    struct keys_slot s;
    struct buf b = BUF_INIT(4096);
    make_slot(&s);
    keys_slot_put(&s, &b);
    assert_int_equal(b.n, KEYS_SLOT_BYTES);
    memset(b.p, 0, 8);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(keys_slot_take(&in, &s), RESULT_MALFORMED);
    buf_free(&b);
}

static bool case_goes(const struct road_case *x, const struct road_case *y, bool permitted)
{
    struct road_commit c, out;
    struct buf b = BUF_INIT(1 << 20);
    make_commit(&c);
    c.duties = c.named = c.drawn = 0;
    for (size_t i = 0; i < c.recipients; i++) {
        c.recipient[i].duty = 0;
        c.recipient[i].reserve = false;
    }
    struct road_recipient *r = &c.recipient[0];
    r->permitted = permitted;
    r->open[r->cases++] = *x;
    if (y != NULL)
        r->open[r->cases++] = *y;
    road_commit_put(&c, &b);
    struct cursor in = cursor_over(buf_view(&b));
    bool good = buf_status(&b) == RESULT_OK && road_commit_take(&in, &out) == RESULT_OK &&
                out.recipient[0].cases == (y == NULL ? 1u : 2u) &&
                out.recipient[0].open[0].due_us == x->due_us;
    buf_free(&b);
    return good;
}

static void cases_name_who_decides_and_are_of_different_kinds(void **state)
{
    (void)state;
    const struct road_case good = {.kind = ROAD_APPROVAL,
                                   .persons = 2,
                                   .role = bytes_of_text("privacy-officer"),
                                   .party = {bytes_of_text("kt"), bytes_of_text("skt")},
                                   .parties = 2,
                                   .due_us = 7,
                                   .second_within_us = 1};
    struct road_case x = good, y = good;
    assert_true(case_goes(&good, NULL, true));
    assert_false(case_goes(&good, NULL, false)); /* nothing is there that could be held */
    assert_false(case_goes(&good, &y, true));
    y.kind = ROAD_QUARANTINE;
    assert_true(case_goes(&good, &y, true));
    x.kind = ROAD_KEEPING;
    assert_true(case_goes(&x, NULL, true));
    x.kind++;
    assert_false(case_goes(&x, NULL, true));
    x = good;
    x.persons = 0;
    assert_false(case_goes(&x, NULL, true));
    x.persons = ROAD_CASE_PERSONS_MAX + 1;
    assert_false(case_goes(&x, NULL, true));
    x = good;
    x.role = bytes_of_text("Officer");
    assert_false(case_goes(&x, NULL, true));
    x = good;
    x.parties = 0;
    assert_false(case_goes(&x, NULL, true));
    x = good;
    x.due_us = -1;
    assert_false(case_goes(&x, NULL, true));
}

static void a_verdict_is_held_only_while_nobody_may_have_it(void **state)
{
    (void)state;
    struct road_recipient r[3] = {{.permitted = true}, {.permitted = false}, {.permitted = true}};
    r[2].open[r[2].cases++].kind = ROAD_APPROVAL;
    assert_int_equal(road_verdict_of(r, 1), ROAD_ACCEPTED);
    assert_int_equal(road_verdict_of(r, 2), ROAD_PARTLY);
    assert_int_equal(road_verdict_of(r + 1, 1), ROAD_REFUSED);
    assert_int_equal(road_verdict_of(r + 1, 2), ROAD_HELD);
    assert_int_equal(road_verdict_of(r, 3), ROAD_PARTLY);
    r[1].reserve = true; /* nobody is told of it yet */
    assert_int_equal(road_verdict_of(r, 2), ROAD_ACCEPTED);
    r[1].reserve = false;
    r[2].open[0].kind = ROAD_EMERGENCY; /* delivered, and reviewed afterwards */
    assert_int_equal(road_verdict_of(r + 2, 1), ROAD_ACCEPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(road_commit_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(whose_message_it_is_can_be_had_alone),
        cmocka_unit_test(road_committed_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_subscribe_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_deliver_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_outcome_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_release_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_released_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_ack_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_event_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_provision_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(road_envelope_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(keys_scope_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(keys_ledger_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(keys_slot_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(keys_checkpoint_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(a_commit_that_names_what_cannot_be_is_neither_written_nor_read),
        cmocka_unit_test(the_gateway_itself_is_a_recipient_without_a_body),
        cmocka_unit_test(a_refused_recipient_may_be_any_word_without_a_body),
        cmocka_unit_test(cases_name_who_decides_and_are_of_different_kinds),
        cmocka_unit_test(a_verdict_is_held_only_while_nobody_may_have_it),
        cmocka_unit_test(a_subscription_is_a_unit_s_for_a_queue_with_a_name),
        cmocka_unit_test(a_slot_has_the_size_that_the_key_file_counts_with_and_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
