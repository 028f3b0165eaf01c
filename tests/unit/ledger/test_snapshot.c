/*
 * Snapshots against the whole journal. A town's worth of everything that a ledger records is played
 * by chance, over segments so small that several snapshots come and go. What goes is kept
 * aside, so that at any moment three ledgers can be compared: the living one, one that recovers
 * from what is left of the journal, and one that recovers from all that was ever written.
 */
#include "dump.h"
#include "officers.h"

#include "ipc/activation.h"
#include "ledger/owed.h"
#include "ledger/snapshot.h"

#include <errno.h>
#include <sys/syscall.h>

#define RESCUE "daejeon-fire/rescue-1"

enum { LIVE_SCOPES = 24, OFFERS = 512, SUBJECTS = 64 };

/* ---- what goes is kept */

static struct {
    int from, to;
    size_t count;
    int fail; /* errno of the next one */
} unlinked;

/* A copy: the file may be written again. */
static bool keep_copy(const char *name)
{
    int from = openat(unlinked.from, name, O_RDONLY | O_CLOEXEC),
        to = openat(unlinked.to, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n;
    while ((n = copy_file_range(from, NULL, to, NULL, SEGMENT, 0)) > 0)
        ;
    (void)close(from);
    (void)close(to);
    return n == 0;
}

static bool may_go(int folder, const char *name)
{
    if (folder != unlinked.from || unlinked.to <= 0 || strncmp(name, "segment-", 8) != 0)
        return true;
    errno = unlinked.fail;
    if (unlinked.fail != 0 || !keep_copy(name))
        return false;
    unlinked.count++;
    return true;
}

int unlinkat(int folder, const char *name, int flags)
{
    return may_go(folder, name) ? (int)syscall(SYS_unlinkat, folder, name, flags) : -1;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return may_go(from_folder, from) ? (int)syscall(SYS_renameat, from_folder, from, to_folder, to)
                                     : -1;
}

/* Nothing here is about what a disk keeps, and syncs take most of the time. */
int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

int fsync(int fd)
{
    (void)fd;
    return 0;
}

int syncfs(int fd)
{
    (void)fd;
    return 0;
}

/* ---- the town */

struct offer {
    uint64_t consumer, entry;
};

struct town {
    struct bench b;
    struct temp_folder kept; /* segments that were unlinked */
    uint32_t random;
    uint64_t next_message, next_scope, next_consumer, releasing, serial, stream[16], named[16];
    char named_unit[16][IDENT_UNIT_MAX + 1];
    struct offer offered[OFFERS], released[OFFERS];
    size_t offers, releases, streams, names, incident;
    char subject[SUBJECTS][CONTROL_SUBJECT_MAX + 1];
    size_t subjects;
};

static uint32_t chance(struct town *t, uint32_t n)
{
    t->random = t->random * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)t->random * n) >> 32);
}

static void town_init(struct town *t, uint32_t seed)
{
    memset(t, 0, sizeof *t);
    dismissed = NULL;
    bench_prepare(&t->b, SEGMENT);
    t->b.config.register_keep_us = 40 * US_PER_DAY;
    t->b.config.officer = find_officer;
    t->b.config.can_suspend = can_suspend;
    t->kept = temp_folder_new();
    unlinked.from = t->b.journal.fd;
    unlinked.to = t->kept.fd;
    unlinked.count = 0;
    unlinked.fail = 0;
    t->random = seed;
    t->next_scope = t->next_message = t->next_consumer = 1;
    assert_int_equal(bench_open(&t->b), RESULT_OK);
}

static void town_free(struct town *t)
{
    unlinked.to = 0;
    bench_free(&t->b);
    temp_folder_free(&t->kept);
}

static void note_released(struct town *t, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_released r;
    assert_int_equal(road_released_take(&in, &r), RESULT_OK);
    const struct entry *e = r.go ? spool_entry(t->b.l->queues, r.entry) : NULL;
    if (e == NULL)
        return;
    if (t->releases < OFFERS)
        t->released[t->releases++] = (struct offer){r.consumer, r.entry};
    size_t i = t->names++ % ARRAY_LEN(t->named);
    t->named[i] = r.index;
    (void)snprintf(t->named_unit[i], sizeof t->named_unit[0], "%s", e->queue->unit);
}

/* What the edge was told since: it is asked for second decisions, and to wipe keys. */
static void listen(struct town *t)
{
    struct bench *b = &t->b;
    for (size_t i = 0; i < b->saids; i++) {
        struct cursor in = cursor_over(b->said[i].body);
        struct road_deliver d;
        if (b->said[i].type == IPC_DELIVER) {
            assert_int_equal(road_deliver_take(&in, &d), RESULT_OK);
            if (t->offers < OFFERS)
                t->offered[t->offers++] = (struct offer){d.consumer, d.entry};
        } else if (b->said[i].type == IPC_RELEASED) {
            note_released(t, b->said[i].body);
        } else if (b->said[i].type == IPC_WIPE && chance(t, 3) > 0) {
            assert_int_equal(tell(b, IPC_WIPED, bytes_of(b->said[i].body.p, 8)), RESULT_OK);
        }
    }
    forget_said(b);
}

static void town_turn(struct town *t)
{
    turn(&t->b);
    listen(t);
}

/* ---- messages */

/* One of those that change_standing changes. */
static struct bytes some_consent(struct town *t)
{
    static uint8_t consent[2][ROAD_CONSENT];
    size_t i = t->next_scope % 2;
    memset(consent[i], (int)(1 + chance(t, 5)), ROAD_CONSENT_DIGEST);
    memset(consent[i] + ROAD_CONSENT_DIGEST, (int)chance(t, 3), ROAD_CONSENT - ROAD_CONSENT_DIGEST);
    return bytes_of(consent[i], ROAD_CONSENT);
}

static uint64_t some_scope(struct town *t, struct road_commit *c)
{
    size_t at = 0, skip = chance(t, LIVE_SCOPES);
    const struct spool_scope *x, *last = NULL;
    while ((x = spool_scopes_next(t->b.l->scopes, &at)) != NULL && skip-- > 0)
        if (!x->dying)
            last = x;
    if (last != NULL && last->incident[0] == '\0' &&
        (chance(t, 3) > 0 || spool_scopes_count(t->b.l->scopes) >= LIVE_SCOPES))
        return last->slot.id;
    if (spool_scopes_count(t->b.l->scopes) >= 2 * LIVE_SCOPES)
        return 0;
    with_scope(&t->b, c, t->next_scope++);
    c->scope[c->scopes - 1].deadline_us = t->b.wall_us + 1 + chance(t, 90) * US_PER_MINUTE;
    if (chance(t, 4) == 0)
        c->scope[c->scopes - 1].consent = some_consent(t);
    return c->scope[c->scopes - 1].id;
}

static void incident_name(size_t number, char out[IDENT_INCIDENT_MAX + 1])
{
    (void)snprintf(out, IDENT_INCIDENT_MAX + 1, CENTRE ":019aa2b0-0000-7000-8000-%012zu", number);
}

/* The last scope waits for an end. */
static void bind_scope(struct town *t, struct road_commit *c, const char *incident)
{
    if (c->scopes == 0)
        return;
    struct road_scope *x = &c->scope[c->scopes - 1];
    if (chance(t, 3) == 0) {
        x->starts = SPOOL_DISASTER_END;
        x->regions = bytes_of_text(chance(t, 2) == 0 ? "seo" : "seo dong");
    } else {
        x->incident = bytes_of_text(incident);
        x->starts = (uint8_t)(SPOOL_INCIDENT_END + chance(t, 2));
    }
    x->delay_us = 1 + chance(t, 10) * US_PER_MINUTE;
}

static void add_recipient(struct town *t, struct road_commit *c, const char *unit, uint8_t body)
{
    c->recipient[c->recipients++] =
        (struct road_recipient){.unit = bytes_of_text(unit),
                                .reason = bytes_of_text("permitted"),
                                .clause = bytes_of_text("mou#clause"),
                                .permitted = true,
                                .body = body,
                                .deadline_us = t->b.wall_us + chance(t, 120) * US_PER_MINUTE};
}

static void hold_back(struct town *t, struct road_commit *c)
{
    struct road_recipient *r = &c->recipient[0];
    uint8_t kind = (uint8_t)(ROAD_APPROVAL + chance(t, 3));
    r->open[r->cases++] = (struct road_case){
        .kind = kind,
        .persons = (uint8_t)(1 + chance(t, 2)),
        .role = bytes_of_text("privacy-officer"),
        .party = {bytes_of_text("npa-daejeon")},
        .parties = 1,
        .due_us = kind == ROAD_QUARANTINE ? 0 : t->b.wall_us + chance(t, 60) * US_PER_MINUTE,
        .second_within_us = chance(t, 2) * US_PER_HOUR};
    if (kind == ROAD_APPROVAL && chance(t, 3) == 0) {
        r->open[r->cases] = r->open[0];
        r->open[r->cases++].kind = ROAD_QUARANTINE;
    }
    c->verdict = (uint8_t)road_verdict_of(c->recipient, c->recipients);
}

static void ask_to_attend(struct town *t, struct road_commit *c)
{
    c->recipient[0].duty = 1;
    add_recipient(t, c, CAR, 0);
    c->recipient[c->recipients - 1].duty = 1;
    c->recipient[c->recipients - 1].reserve = true;
    c->duty[0] = (struct road_duty){.by_us = t->b.wall_us + (1 + chance(t, 20)) * US_PER_MINUTE,
                                    .by_ack = chance(t, 2) == 0};
    c->duties = 1;
}

/* Puts a change of an incident in, when it fits. */
static void change_incident(struct town *t, struct road_commit *c, struct buf *room)
{
    static char name[IDENT_INCIDENT_MAX + 1];
    incident_name(t->incident, name);
    const struct ledger_incident *i = ledger_incident(t->b.l, bytes_of_text(name));
    uint32_t dice = chance(t, 10);
    struct incident_change x = {.step = i == NULL  ? INCIDENT_OPEN
                                        : dice < 2 ? INCIDENT_ASSIGN
                                        : dice < 3 ? INCIDENT_FOUND
                                        : dice < 4 ? INCIDENT_EMERGENCY
                                        : dice < 6 ? INCIDENT_CLOSE
                                        : dice < 7 ? INCIDENT_REOPEN
                                        : dice < 8 ? INCIDENT_OFFER
                                                   : INCIDENT_OPEN,
                                .id = bytes_of_text(name),
                                .by = bytes_of_text(CENTRE),
                                .type = bytes_of_text("fire"),
                                .unit = bytes_of_text(CAR),
                                .mou = bytes_of_text("mou"),
                                .until_us = t->b.wall_us + US_PER_HOUR,
                                .at_us = t->b.wall_us};
    if (x.step != INCIDENT_OPEN)
        x.type.n = 0;
    if (i != NULL && i->is.ended_us != 0 && dice > 7)
        t->incident++; /* the next one is another one */
    bind_scope(t, c, name);
    if (c->scopes > 0 && x.step == INCIDENT_OPEN && chance(t, 2) == 0) {
        x.place = bytes_of_text("sealed place");
        c->change_scope = c->scope[c->scopes - 1].id;
    }
    incident_change_put(&x, room);
    c->change[c->changes++] = buf_view(room);
}

static void change_standing(struct town *t, struct road_commit *c, struct buf *room)
{
    struct standing_change x = {.step = (enum standing_step)(STANDING_ACTIVE + chance(t, 5)),
                                .by = bytes_of_text(CENTRE),
                                .at_us = t->b.wall_us};
    if (x.step <= STANDING_ENDED)
        x.region = bytes_of_text(chance(t, 2) == 0 ? "seo" : "dong");
    else
        memset(x.consent, (int)(1 + chance(t, 5)), sizeof x.consent);
    if (x.step > STANDING_ENDED && chance(t, 2) == 0)
        x.purpose[x.purposes++][0] = (uint8_t)chance(t, 3);
    standing_change_put(&x, room);
    c->standing = buf_view(room);
}

/* Every third message says where one of four persons is; for whom persons hold it, it stands for
 * nothing. */
static void stand_for_older_ones(const struct town *t, struct road_commit *c)
{
    static uint8_t who[ROAD_TAG];
    if (t->next_message % 3 != 0)
        return;
    who[0] = (uint8_t)(t->next_message % 4);
    c->succession = bytes_of(who, sizeof who);
    for (size_t i = 0; i < c->recipients; i++)
        c->recipient[i].supersedes = !c->recipient[i].reserve;
}

static void send_message(struct town *t)
{
    static const char *const to[] = {FIRE, RESCUE, CAR};
    static uint8_t sealed[2][3000];
    struct buf room = BUF_INIT(4096), more = BUF_INIT(4096);
    struct road_commit c;
    make_commit(&t->b, 0, 0, &c);
    memcpy(c.envelope.id.b, &t->next_message, sizeof t->next_message);
    memcpy(c.content, &t->next_message, sizeof t->next_message);
    memset(c.commitment, (int)t->next_message, ROAD_DIGEST);
    t->next_message++;
    c.envelope.lane = (uint8_t)chance(t, 3);
    c.envelope.kind = bytes_of_text(chance(t, 4) == 0 ? "alert" : "incident_report");
    c.remembered = chance(t, 8) > 0;
    c.recipients = c.bodies = 0;
    for (uint32_t n = 1 + chance(t, 2); n > 0; n--) {
        uint64_t scope = some_scope(t, &c);
        if (scope == 0)
            return;
        memset(sealed[c.bodies], (int)chance(t, 256), sizeof sealed[0]);
        c.body[c.bodies] = (struct road_body){
            .scope = scope, .sealed = bytes_of(sealed[c.bodies], chance(t, sizeof sealed[0]))};
        memset(c.body[c.bodies].seed, (int)chance(t, 256), ROAD_SEED);
        c.bodies++;
    }
    for (uint32_t n = 1 + chance(t, 2), first = chance(t, 3); n > 0; n--)
        add_recipient(t, &c, to[(first + n) % 3], (uint8_t)chance(t, (uint32_t)c.bodies));
    if (chance(t, 4) == 0 && !bytes_is(c.recipient[0].unit, CAR))
        ask_to_attend(t, &c);
    if (chance(t, 5) == 0)
        hold_back(t, &c);
    stand_for_older_ones(t, &c);
    if (chance(t, 4) == 0)
        change_incident(t, &c, &room);
    if (chance(t, 12) == 0)
        change_standing(t, &c, &more);
    if (chance(t, 4) == 0)
        c.fact = (struct road_fact){.scope = t->b.l->register_scope,
                                    .sealed = bytes_of_text("a sealed fact")};
    size_t i = chance(t, ARRAY_LEN(t->named));
    if (t->named[i] != 0 && chance(t, 3) == 0) { /* an answer */
        c.envelope.source = bytes_of_text(t->named_unit[i]);
        c.changes = 0;
        c.standing.n = 0;
        c.change_scope = 0;
        c.names[c.named++] = t->named[i];
    }
    assert_int_equal(send_commit(&t->b, &c), RESULT_OK);
    buf_free(&room);
    buf_free(&more);
    if (chance(t, 3) > 0)
        turn(&t->b);
    struct bytes said = heard(&t->b, IPC_COMMITTED);
    struct cursor in = cursor_over(said);
    struct road_committed answer;
    if (said.n > 0 && road_committed_take(&in, &answer) == RESULT_OK && c.recipient[0].cases > 0 &&
        answer.answer == ROAD_ON_DISK)
        subject_of(&answer, t->subject[t->subjects++ % SUBJECTS]);
    listen(t);
}

/* ---- what else happens */

static void come_and_listen(struct town *t)
{
    static const char *const unit[] = {FIRE, RESCUE, CAR, CENTRE};
    static const char *const queue[] = {"default", "desk", "alerts"};
    struct buf body = BUF_INIT(4096);
    struct road_subscribe s = {.consumer = t->next_consumer++,
                               .unit = bytes_of_text(unit[chance(t, 4)]),
                               .queue = bytes_of_text(queue[chance(t, 3)]),
                               .most = 1 + chance(t, 8),
                               .most_bytes = 1 << 20};
    if (bytes_is(s.queue, "alerts"))
        s.kind[s.kinds++] = bytes_of_text("alert");
    road_subscribe_put(&s, &body);
    assert_int_equal(tell(&t->b, IPC_SUBSCRIBE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    town_turn(t);
}

/* Never with the same bytes twice: nothing is recorded then, and only a snapshot knows of it. */
static void release(struct town *t, const struct offer *o, bool permitted)
{
    struct road_release r = {.consumer = o->consumer,
                             .entry = o->entry,
                             .permitted = permitted,
                             .reason = bytes_of_text(permitted ? "permitted" : "no-grant"),
                             .size = 100,
                             .at_us = t->b.wall_us};
    struct buf body = BUF_INIT(4096);
    t->releasing++;
    memcpy(r.commitment, &t->releasing, sizeof t->releasing);
    if (permitted && chance(t, 10) == 0)
        r.review = (struct road_case){.kind = ROAD_EMERGENCY,
                                      .persons = 1,
                                      .role = bytes_of_text("privacy-officer"),
                                      .party = {bytes_of_text("npa-daejeon")},
                                      .parties = 1,
                                      .due_us = t->b.wall_us + US_PER_HOUR};
    if (permitted && chance(t, 4) > 0) {
        r.owes = true;
        r.clause = bytes_of_text(chance(t, 2) == 0 ? "mou#clause" : "mou#another");
        r.receipt_within_us = chance(t, 4) * 10 * US_PER_MINUTE;
        r.suspends = r.receipt_within_us > 0 && chance(t, 2) == 0;
        r.uses = chance(t, 3);
    }
    road_release_put(&r, &body);
    assert_int_equal(tell(&t->b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
}

static void decide_again(struct town *t)
{
    for (uint32_t n = chance(t, 6); n > 0 && t->offers > 0; n--) {
        const struct offer o = t->offered[chance(t, (uint32_t)t->offers)];
        release(t, &o, chance(t, 8) > 0);
    }
    if (t->offers > OFFERS / 2)
        t->offers = 0;
    town_turn(t);
}

/* A vault stores something of a group, or opens it. */
static void use_vault(struct town *t)
{
    const struct ledger_owed *g;
    size_t at;
    MAP_FOREACH (g, t->b.l->owing->groups, at) {
        struct half_ask a = {.ticket = 1, .what = (uint8_t)(HALF_STORE + chance(t, 3))};
        struct buf body = BUF_INIT(4096);
        if (g->items == 0 || chance(t, 4) > 0)
            continue;
        a.unit = bytes_of_text(g->unit);
        a.index = g->item[chance(t, (uint32_t)g->items)];
        box_keys(a.reader, (uint8_t[BOX_KEY]){0});
        half_ask_put(&a, &body);
        assert_int_equal(tell(&t->b, IPC_HALF_ASK, buf_view(&body)), RESULT_OK);
        buf_free(&body);
        break;
    }
    town_turn(t);
}

static void take_over(struct town *t)
{
    struct road_ack a = {0};
    struct buf body = BUF_INIT(4096);
    for (size_t i = t->releases, n = chance(t, 8); i > 0 && n > 0; i--, n--) {
        const struct offer o = t->released[i - 1];
        if (a.entries == 0)
            a.consumer = o.consumer;
        if (o.consumer == a.consumer)
            a.entry[a.entries++] = o.entry;
    }
    if (t->releases > OFFERS / 2)
        t->releases = 0;
    a.refuse = chance(t, 10) == 0 ? 1 : 0;
    if (a.entries > 0) {
        road_ack_put(&a, &body);
        assert_int_equal(tell(&t->b, IPC_ACK, buf_view(&body)), RESULT_OK);
    }
    buf_free(&body);
    town_turn(t);
}

/* Some of an order's items, each said to be one thing; what was settled otherwise is refused. */
static void answer_order(struct town *t)
{
    size_t at = 0, count = map_count(t->b.l->owing->orders);
    const struct ledger_order *o = NULL;
    for (size_t skip = count == 0 ? 0 : 1 + chance(t, (uint32_t)count); skip > 0; skip--)
        o = map_next(t->b.l->owing->orders, &at);
    if (o == NULL)
        return;
    struct buf items[2] = {BUF_INIT(8192), BUF_INIT(8192)}, settle = BUF_INIT(32768);
    struct road_settle s = {.order = o->id, .at_us = t->b.wall_us, .method = 1};
    struct road_commit c;
    make_commit(&t->b, 0, 0, &c);
    memcpy(c.envelope.id.b, &t->next_message, sizeof t->next_message);
    t->next_message++;
    c.envelope.source = bytes_of_text(o->unit);
    c.envelope.kind = bytes_of_text("destruction_receipt");
    c.recipient[0].unit = bytes_of_text("gateway/self");
    c.bodies = 0;
    for (size_t i = 0; i < o->items; i++) {
        uint32_t what = chance(t, 4);
        if (what < 2)
            buf_u64(&items[what], o->item[i]);
        else if (what == 2 && s.retains < ROAD_RETAINED_MAX)
            s.retained[s.retains++] =
                (struct road_retained){o->item[i], bytes_of_text("kr/pipa/18-2-7"),
                                       t->b.wall_us + (1 + chance(t, 3)) * US_PER_HOUR};
    }
    s.destroyed = buf_view(&items[0]);
    s.never_stored = buf_view(&items[1]);
    road_settle_put(&s, &settle);
    c.settle = buf_view(&settle);
    assert_int_equal(send_commit(&t->b, &c), RESULT_OK);
    buf_free(&items[0]);
    buf_free(&items[1]);
    buf_free(&settle);
    town_turn(t);
}

/* Two of them order to preserve or to destroy, and release. */
static void order_about_stored(struct town *t)
{
    static const enum control_act acts[] = {CONTROL_HOLD, CONTROL_HOLD, CONTROL_RELEASE_HOLD,
                                            CONTROL_RELEASE_HOLD, CONTROL_DESTROY};
    static const char *const officers[] = {KIM, LEE};
    char subject[CONTROL_SUBJECT_MAX + 1], name[IDENT_INCIDENT_MAX + 1];
    incident_name(t->incident, name);
    if (chance(t, 3) > 0)
        (void)snprintf(subject, sizeof subject, "incident %s", name);
    else
        (void)snprintf(subject, sizeof subject, "record %llu",
                       (unsigned long long)(t->b.l->leaves - 1 - chance(t, 20)));
    const enum control_act what = acts[chance(t, ARRAY_LEN(acts))];
    for (size_t i = 0; i < 2; i++)
        (void)act(&t->b, what, subject, officers[i], NULL);
}

/* One after the other is entered; some are masked, some of those decided by one officer, some by
 * two. No chance is taken: what else is played stays the same. */
static void work_on_request(struct town *t)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    const unsigned long long number = t->serial / 4;
    static const struct {
        enum control_act act;
        const char *what, *officer;
    } steps[] = {{CONTROL_OPEN_REQUEST, "by company received 2023-11-15", JO},
                 {CONTROL_MASK_REQUEST, "masked nobody-else", JO},
                 {CONTROL_DECIDE_REQUEST, "outcome granted", MIN},
                 {CONTROL_DECIDE_REQUEST, "outcome granted", SEO}};
    const size_t step = t->serial % ARRAY_LEN(steps);
    if (number % 3 == 1 && step > 0) /* left as it came in */
        return;
    (void)snprintf(subject, sizeof subject, "request r-%llu %s", number, steps[step].what);
    const unsigned code = act(&t->b, steps[step].act, subject, steps[step].officer, NULL);
    assert_true(code == CONTROL_CODE_DONE || number == 0);
}

static void decide_case(struct town *t)
{
    static const enum control_act acts[] = {CONTROL_APPROVE, CONTROL_REFUSE, CONTROL_RELEASE,
                                            CONTROL_REJECT,  CONTROL_REVIEW, CONTROL_APPROVE,
                                            CONTROL_RELEASE};
    static const char *const officers[] = {KIM, LEE};
    if (chance(t, 4) == 0)
        order_about_stored(t);
    else if (chance(t, 6) == 0)
        (void)act(&t->b, chance(t, 2) == 0 ? CONTROL_SUSPEND : CONTROL_RESUME,
                  chance(t, 2) == 0 ? "grant mou#clause" : "unit " CAR, officers[chance(t, 2)],
                  NULL);
    else if (t->subjects > 0)
        (void)act(
            &t->b, acts[chance(t, ARRAY_LEN(acts))],
            t->subject[chance(t, (uint32_t)(t->subjects < SUBJECTS ? t->subjects : SUBJECTS))],
            officers[chance(t, 2)], NULL);
    listen(t);
}

static void open_or_end_stream(struct town *t)
{
    size_t i = chance(t, ARRAY_LEN(t->stream));
    uint64_t index = t->b.l->leaves;
    bool opens = t->stream[i] == 0;
    assert_int_equal(send_event(&t->b, opens ? AUDIT_STREAM_OPENED : AUDIT_STREAM_ENDED, 0,
                                t->stream[i], t->b.wall_us),
                     RESULT_OK);
    t->stream[i] = opens ? index : 0;
    town_turn(t);
}

static void activate_set(struct town *t)
{
    struct activation a = {.set = bytes_of_text("daejeon"), .serial = ++t->serial};
    struct buf body = BUF_INIT(4096);
    char why[LEDGER_WHY];
    activation_put(&a, &body);
    assert_int_equal(ledger_activate(t->b.l, buf_view(&body), why), RESULT_OK);
    assert_string_equal(why, "");
    buf_free(&body);
    town_turn(t);
    work_on_request(t);
    listen(t);
}

static void lose_edge(struct town *t)
{
    ledger_edge_went(t->b.l);
    ledger_edge_came(t->b.l);
    memset(t->stream, 0, sizeof t->stream);
    t->offers = t->releases = 0;
    town_turn(t);
}

static void pass_time(struct town *t)
{
    static const int64_t step[] = {US_PER_S, US_PER_MINUTE, 5 * US_PER_MINUTE};
    int64_t us = chance(t, 60) == 0 ? US_PER_DAY : step[chance(t, 3)] * chance(t, 10);
    t->b.wall_us += us;
    t->b.steady_us += us;
    for (int i = 0; i < 3; i++)
        town_turn(t);
}

static void restart(struct town *t)
{
    bench_restart(&t->b);
    memset(t->stream, 0, sizeof t->stream);
    t->offers = t->releases = 0;
}

static void play_once(struct town *t)
{
    uint32_t dice = chance(t, 100);
    if (chance(t, 150) == 0)
        restart(t);
    if (chance(t, 20) == 0)
        answer_order(t);
    if (chance(t, 10) == 0)
        use_vault(t);
    if (dice < 45)
        send_message(t);
    else if (dice < 55)
        come_and_listen(t);
    else if (dice < 70)
        decide_again(t);
    else if (dice < 80)
        take_over(t);
    else if (dice < 86)
        decide_case(t);
    else if (dice < 90)
        open_or_end_stream(t);
    else if (dice < 91)
        activate_set(t);
    else if (dice < 92)
        lose_edge(t);
    else
        pass_time(t);
}

/* ---- three ledgers */

static void copy_into(const struct temp_folder *from, const struct temp_folder *to, bool links)
{
    char command[256];
    (void)snprintf(command, sizeof command, "cp -rf%s %s/. %s/", links ? "l" : "", from->path,
                   to->path);
    assert_int_equal(system(command), 0);
}

/* Segments are linked, for a recovery writes into new files only. Spare ones are not: they are
 * taken for new segments, and what the copy wrote stood in the living journal then, which sometimes
 * did not open any more. */
static void link_segments(const struct temp_folder *from, const struct temp_folder *to)
{
    char command[256];
    copy_into(from, to, true);
    (void)snprintf(command, sizeof command, "rm -f %s/spare-*", to->path);
    assert_int_equal(system(command), 0);
}

/* A ledger that starts from copies of the folders, with what was unlinked or without. */
static struct dump recovered(const struct town *t, bool with_unlinked)
{
    static struct bench other;
    other = t->b;
    other.saids = other.read = 0;
    other.l = NULL;
    other.journal = temp_folder_new();
    other.keys = temp_folder_new();
    other.audit = temp_folder_new();
    if (with_unlinked)
        link_segments(&t->kept, &other.journal);
    link_segments(&t->b.journal, &other.journal);
    copy_into(&t->b.keys, &other.keys, false);
    copy_into(&t->b.audit, &other.audit, false);
    other.config.journal_folder = other.journal.fd;
    other.config.key_folder = other.keys.fd;
    other.config.audit_folder = other.audit.fd;
    other.config.arg = &other;
    other.config.clock = (struct clock){bench_wall, bench_steady, &other};
    enum result r = ledger_open(&other.config, &other.l, &other.fault);
    if (r != RESULT_OK)
        fail_msg("%s: segment %u at %llu: %s", with_unlinked ? "all" : "what is left",
                 other.fault.segment, U(other.fault.offset), other.fault.text);
    struct dump d = dump_of(other.l);
    bench_free(&other);
    return d;
}

/* What was there when ledgers were compared: each has to have been, else nothing was proved. */
static const char *const kinds[] = {"start: stream", "incident ", "standing ", "scope ",
                                    "queue ",        "message ",  "record ",   "delivery of",
                                    "duty ",         "name ",     "case ",     "suspended ",
                                    "act ",          "owed ",     "order ",    "seen "};

static struct {
    size_t kind[ARRAY_LEN(kinds)], held, outcomes, orders_queued, overdue, writing, unlinking,
        superseded, compared;
} met;

static void note_what_was_met(const struct town *t, const struct dump *d)
{
    const struct ledger *l = t->b.l;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        met.kind[i] += dump_count(d, kinds[i]);
    for (size_t i = 0; i < d->lines; i++) {
        met.held += strstr(d->line[i], " held") != NULL;
        met.outcomes += strstr(d->line[i], "outcome ") != NULL;
        met.orders_queued += strstr(d->line[i], " queued 1 ") != NULL;
        met.overdue += strstr(d->line[i], " overdue owed ") != NULL;
    }
    met.writing += l->snapshot.step == SNAPSHOT_WRITING;
    met.unlinking += l->snapshot.step == SNAPSHOT_WHOLE;
    met.compared++;
}

static void compare(struct town *t, const char *where)
{
    assert_int_equal(ledger_commit(t->b.l), RESULT_OK); /* a turn would write the snapshot on */
    struct dump alive = dump_of(t->b.l), left = recovered(t, false), all = recovered(t, true);
    assert_dumps_equal(&left, &all, true, where);
    assert_dumps_equal(&left, &alive, false, where);
    note_what_was_met(t, &alive);
    dump_free(&alive);
    dump_free(&left);
    dump_free(&all);
}

static void what_is_left_of_the_journal_says_as_much_as_all_of_it(void **state)
{
    (void)state;
    static struct town t;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        char where[64];
        town_init(&t, seed);
        for (int i = 1; i <= 1500; i++) {
            play_once(&t);
            (void)snprintf(where, sizeof where, "seed %u step %d", seed, i);
            bool often = t.b.l->snapshot.step != SNAPSHOT_NONE;
            if (chance(&t, often ? 8 : 80) == 0)
                compare(&t, where);
        }
        if (unlinked.count < 10)
            fail_msg("seed %u: only %zu segments were unlinked", seed, unlinked.count);
        met.superseded += count_leaves(&t.b, "\"superseded\"");
        town_free(&t);
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (met.kind[i] == 0)
            fail_msg("no '%s' was ever there", kinds[i]);
    assert_true(met.held > 0 && met.outcomes > 0);
    assert_true(met.orders_queued > 0 && met.overdue > 0 && met.superseded > 0);
    assert_true(met.writing > met.compared / 20 && met.unlinking > 0);
}

/* ---- how much there is */

static uint32_t segments(const struct bench *b)
{
    return journal_newest(b->l->journal) - journal_oldest(b->l->journal) + 1;
}

/* A message of so many bytes to FIRE, under scope 1, which the first one brings. */
static void post(struct bench *b, uint32_t number, size_t bytes)
{
    static uint8_t sealed[8000];
    struct road_commit c;
    make_commit(b, 0, 1, &c);
    memcpy(c.envelope.id.b, &number, sizeof number);
    c.recipient[0].deadline_us = b->wall_us + US_PER_HOUR;
    if (spool_scopes_get(b->l->scopes, 1) == NULL) {
        with_scope(b, &c, 1);
        c.scope[0].deadline_us = b->wall_us + 365 * US_PER_DAY;
    }
    c.body[0].sealed = bytes_of(sealed, bytes);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

static void take_one(struct bench *b)
{
    const struct road_deliver d = delivered(b);
    send_release(b, &d, true);
    turn(b);
    acknowledge(b, &d, 0);
    turn(b);
}

static size_t records_read;

static enum result count_record(void *arg, const struct journal_record *r)
{
    (void)arg;
    (void)r;
    records_read++;
    return RESULT_OK;
}

static void an_endless_load_leaves_a_short_journal(void **state)
{
    (void)state;
    struct bench b;
    struct journal *j;
    unlinked.to = 0;
    bench_init(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    for (uint32_t i = 0; i < 6000; i++) {
        forget_said(&b);
        b.wall_us += 4 * US_PER_MINUTE; /* so ids are forgotten after a while */
        b.steady_us += 4 * US_PER_MINUTE;
        post(&b, i, 1000);
        take_one(&b);
        /* seven days of ids, 2520 of them, 106 bytes each, are some 6 segments, each three quarters
         * full */
        if (segments(&b) > 5 * 6 + 8)
            fail_msg("%u segments after %u messages", segments(&b), i);
    }
    assert_true(journal_newest(b.l->journal) > 300);
    ledger_close(b.l);
    b.l = NULL;
    struct journal_config config = {.folder = b.journal.fd, .segment_bytes = SEGMENT};
    memset(config.mac_key, 'm', ROAD_KEY);
    records_read = 0;
    assert_int_equal(journal_open(&config, count_record, NULL, &j, &b.fault), RESULT_OK);
    journal_close(j);
    assert_in_range(records_read, 300, 3000); /* of more than 60,000 that were written */
    assert_int_equal(bench_open(&b), RESULT_OK);
    bench_free(&b);
}

static void what_waits_is_written_again_and_no_more_often_than_twice(void **state)
{
    (void)state;
    struct bench b;
    unlinked.to = 0;
    bench_init(&b);
    for (uint32_t i = 0; i < 1500; i++) {
        forget_said(&b);
        post(&b, i, 6000);
    }
    uint32_t before = journal_newest(b.l->journal), needed = 1500 * 6500 / (SEGMENT * 3 / 4);
    assert_in_range(before, needed, 3 * needed + 32);
    for (int i = 0; i < 1000; i++)
        advance(&b, 10000); /* with nothing new nothing is written */
    assert_in_range(journal_newest(b.l->journal), before, before + needed + 8);
    forget_said(&b);
    bench_restart(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    for (uint32_t i = 0; i < 100; i++) { /* in the order in which they came */
        const struct road_deliver d = delivered(&b);
        uint32_t number;
        memcpy(&number, d.envelope.id.b, sizeof number);
        assert_int_equal(number, i);
        assert_int_equal(d.body.sealed.n, 6000);
    }
    bench_free(&b);
}

/* What everybody has leaves its id in snapshots, and no record that they write again. */
static void a_receipt_outlives_the_record_of_its_message(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    unlinked.to = 0;
    bench_init(&b);
    make_commit(&b, 7, 2, &c);
    with_scope(&b, &c, 2);
    memset(c.body[0].seed, 8, ROAD_SEED);
    c.recipient[0].clause = bytes_of_text("mou#clause");
    const struct road_committed first = commit(&b, &c);
    struct road_commit waits; /* and keeps their scope */
    make_commit(&b, 8, 2, &waits);
    waits.recipient[0].unit = bytes_of_text(CAR);
    waits.recipient[0].deadline_us = NOON + US_PER_DAY;
    const struct road_committed second = commit(&b, &waits);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    take_one(&b);
    for (uint32_t i = 1000; journal_oldest(b.l->journal) < 20; i++) {
        forget_said(&b);
        post(&b, i, 6000);
        take_one(&b);
        advance(&b, US_PER_S);
    }
    const struct stored *left = TAILQ_FIRST(&b.l->messages.turns);
    assert_int_equal(left->index, second.index);
    assert_null(TAILQ_NEXT(left, in_turn));
    for (int again = 0; again < 2; again++) {
        c.ticket++;
        const struct road_committed repeat = commit(&b, &c);
        assert_int_equal(repeat.answer, ROAD_REPEATED);
        assert_int_equal(repeat.index, first.index);
        assert_int_equal(repeat.verdict, ROAD_ACCEPTED);
        assert_int_equal(repeat.recipients, 1);
        assert_true(bytes_is(repeat.recipient[0].unit, FIRE));
        assert_true(bytes_is(repeat.recipient[0].clause, "mou#clause"));
        assert_int_equal(repeat.scope, 2);
        assert_int_equal(repeat.seed[5], 8);
        bench_restart(&b);
    }
    bench_free(&b);
}

/* ---- what must not go */

static void load(struct bench *b, uint32_t *number, uint32_t messages)
{
    for (uint32_t i = 0; i < messages; i++) {
        forget_said(b);
        post(b, (*number)++, 6000);
    }
}

static void nothing_is_unlinked_before_its_leaves_are_settled(void **state)
{
    (void)state;
    struct bench b;
    uint32_t number = 1;
    unlinked.to = 0;
    bench_init(&b);
    load(&b, &number, 100); /* without time passing there is no checkpoint */
    assert_int_equal(b.l->snapshot.step, SNAPSHOT_WHOLE);
    assert_int_equal(journal_oldest(b.l->journal), 1);
    advance(&b, US_PER_S);
    for (int i = 0; i < 50; i++)
        turn(&b);
    assert_true(journal_oldest(b.l->journal) > 1);
    assert_int_equal(journal_oldest(b.l->journal), b.l->snapshot.segment);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 100);
    bench_free(&b);
}

static void without_its_beginning_a_journal_is_damaged(void **state)
{
    (void)state;
    struct bench b;
    uint32_t number = 1;
    unlinked.to = 0;
    bench_init(&b);
    load(&b, &number, 22);
    assert_int_equal(b.l->snapshot.step, SNAPSHOT_NONE);
    ledger_close(b.l);
    b.l = NULL;
    assert_int_equal(unlinkat(b.journal.fd, "segment-0000000001", 0), 0);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_non_null(strstr(b.fault.text, "beginning is missing"));
    bench_free(&b);
}

static void a_log_that_lacks_what_the_journal_let_go_is_damaged(void **state)
{
    (void)state;
    struct bench b;
    uint32_t number = 1;
    unlinked.to = 0;
    bench_init(&b);
    for (int i = 0; journal_oldest(b.l->journal) == 1; i++) {
        load(&b, &number, 1);
        advance(&b, US_PER_S);
    }
    ledger_close(b.l);
    b.l = NULL;
    temp_folder_free(&b.audit);
    b.audit = temp_folder_new();
    b.config.audit_folder = b.audit.fd;
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    bench_free(&b);
}

static void what_officers_decide_is_in_the_snapshot_first(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    unlinked.to = 0;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    b.l->snapshot.step = SNAPSHOT_WRITING; /* it has not come to that message yet */
    stored_begin_lap(&b.l->messages);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(offered(&b, 1), 1);
    bench_free(&b);
}

static void a_record_that_recovery_could_not_read_is_not_committed(void **state)
{
    (void)state;
    struct bench b;
    unlinked.to = 0;
    bench_init(&b);
    publish(&b, 1);
    b.l->snapshot.step = SNAPSHOT_WRITING; /* as if somebody had forgotten snapshot_ready */
    stored_begin_lap(&b.l->messages);
    ledger_end_delivery(b.l, spool_entry(b.l->queues, 1)->delivery, b.wall_us);
    assert_int_equal(ledger_turn(b.l), RESULT_STATE);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_of_the_journal_says_as_much_as_all_of_it),
        cmocka_unit_test(an_endless_load_leaves_a_short_journal),
        cmocka_unit_test(what_waits_is_written_again_and_no_more_often_than_twice),
        cmocka_unit_test(a_receipt_outlives_the_record_of_its_message),
        cmocka_unit_test(nothing_is_unlinked_before_its_leaves_are_settled),
        cmocka_unit_test(without_its_beginning_a_journal_is_damaged),
        cmocka_unit_test(a_log_that_lacks_what_the_journal_let_go_is_damaged),
        cmocka_unit_test(what_officers_decide_is_in_the_snapshot_first),
        cmocka_unit_test(a_record_that_recovery_could_not_read_is_not_committed),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
