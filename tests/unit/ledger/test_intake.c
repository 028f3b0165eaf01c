#include "support.h"

/* Adds a change of an incident; `room` keeps it. */
static void with_change(struct road_commit *c, struct buf *room, enum incident_step step,
                        const char *by)
{
    struct incident_change change = {
        .step = step, .id = bytes_of_text(INCIDENT), .by = bytes_of_text(by), .at_us = c->at_us};
    if (step == INCIDENT_OPEN) {
        change.type = bytes_of_text("robbery");
        change.participant[change.participants++] = bytes_of_text(FIRE);
    }
    if (step == INCIDENT_ASSIGN)
        change.unit = bytes_of_text(CAR);
    buf_clear(room);
    incident_change_put(&change, room);
    c->change[c->changes++] = buf_view(room);
}

/* A message with no recipient that changes the incident; the answer. */
static struct road_committed change(struct bench *b, uint8_t id, enum incident_step step,
                                    const char *by)
{
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    make_commit(b, id, 0, &c);
    c.recipients = c.bodies = 0;
    with_change(&c, &room, step, by);
    const struct road_committed out = commit(b, &c);
    buf_free(&room);
    return out;
}

static void nothing_is_answered_before_it_is_on_disk(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    assert_int_equal(send_commit(&b, &c), RESULT_OK);
    assert_int_equal(b.saids, 0);
    turn(&b);
    const struct road_committed a = committed(&b);
    assert_int_equal(a.ticket, c.ticket);
    assert_int_equal(a.answer, ROAD_ON_DISK);
    assert_int_equal(a.verdict, ROAD_ACCEPTED);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 1);
    bench_free(&b);
}

static void a_repeat_is_answered_as_the_first_and_other_content_is_not(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    memset(c.commitment, 7, ROAD_DIGEST);
    memset(c.body[0].seed, 8, ROAD_SEED);
    const struct road_committed first = commit(&b, &c);
    for (unsigned restarted = 0; restarted < 2; restarted++) {
        make_commit(&b, 1, 1, &c);
        const struct road_committed again = commit(&b, &c);
        assert_int_equal(again.answer, ROAD_REPEATED);
        assert_int_equal(again.index, first.index);
        assert_int_equal(again.commitment[5], 7);
        assert_int_equal(again.scope, 1);
        assert_int_equal(again.seed[5], 8);
        assert_int_equal(again.recipients, 1);
        assert_true(bytes_is(again.recipient[0].unit, FIRE));
        c.content[0]++;
        assert_int_equal(commit(&b, &c).answer, ROAD_ID_REUSED);
        assert_int_equal(spool_entries(b.l->queues), 1);
        bench_restart(&b);
    }
    bench_free(&b);
}

/* All of it, but for who is in reserve: nobody knows whether it will ever get the message. */
static void a_repeat_s_receipt_says_of_each_recipient_what_the_first_said(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    c.recipients = 3;
    c.recipient[0].clause = bytes_of_text("mou#clause");
    c.recipient[0].flags = bytes_of_text("plate-unknown speed-unlikely");
    c.recipient[0].duty = 1;
    c.recipient[1] = (struct road_recipient){.unit = bytes_of_text("npa-daejeon/\"quoted\""),
                                             .reason = bytes_of_text("no-grant"),
                                             .failed = bytes_of_text("purpose (거절)")};
    c.recipient[2] = c.recipient[0];
    c.recipient[2].unit = bytes_of_text(CAR);
    c.recipient[2].reserve = true;
    c.duty[c.duties++] = (struct road_duty){.by_us = b.wall_us + US_PER_MINUTE};
    c.verdict = ROAD_PARTLY;
    (void)commit(&b, &c);
    for (unsigned restarted = 0; restarted < 2; restarted++) {
        c.ticket++;
        const struct road_committed again = commit(&b, &c);
        assert_int_equal(again.answer, ROAD_REPEATED);
        assert_int_equal(again.verdict, ROAD_PARTLY);
        assert_int_equal(again.recipients, 2);
        for (size_t i = 0; i < again.recipients; i++) {
            const struct road_recipient *r = &again.recipient[i], *first = &c.recipient[i];
            assert_true(bytes_equal(r->unit, first->unit));
            assert_true(bytes_equal(r->reason, first->reason));
            assert_true(bytes_equal(r->clause, first->clause));
            assert_true(bytes_equal(r->failed, first->failed));
            assert_true(bytes_equal(r->flags, first->flags));
            assert_int_equal(r->permitted, first->permitted);
            assert_int_equal(r->deadline_us, first->deadline_us);
        }
        bench_restart(&b);
    }
    bench_free(&b);
}

/* A message whose entry is in a whole file of the log, which a new ledger has not in memory. */
static void commit_into_whole_file(struct bench *b, struct road_commit *c)
{
    bench_init(b);
    make_commit(b, 1, 1, c);
    with_scope(b, c, 1);
    (void)commit(b, c);
    for (int i = 0; i < 300; i++)
        assert_int_equal(send_event(b, AUDIT_SESSION_OPENED, 1, 0, b->wall_us), RESULT_OK);
    assert_int_equal(ledger_checkpoint(b->l), RESULT_OK);
    bench_restart(b);
}

/* As long as ids are remembered the log has their entries; a file of it may be damaged. */
static void a_receipt_that_the_log_cannot_tell_any_more_is_not_found(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    commit_into_whole_file(&b, &c);
    const int fd = openat(b.audit.fd, "tile/entries/000", O_RDWR | O_CLOEXEC);
    uint8_t old[4096];
    assert_int_equal(pread(fd, old, sizeof old, 0), sizeof old);
    for (size_t i = 0; i < sizeof old; i++)
        old[i] ^= 1;
    assert_int_equal(pwrite(fd, old, sizeof old, 0), sizeof old);
    (void)close(fd);
    assert_int_equal(commit(&b, &c).answer, ROAD_NOT_FOUND);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    bench_free(&b);
}

/* Changes a letter of the first recipient's name, so that the entry is still one; or back. */
static void change_name(struct bench *b, const char *from)
{
    static uint8_t file[1 << 16];
    const int fd = openat(b->audit.fd, "tile/entries/000", O_RDWR | O_CLOEXEC);
    const ssize_t n = pread(fd, file, sizeof file, 0);
    assert_true(n > 0);
    uint8_t *name = memmem(file, (size_t)n, from, strlen(from));
    assert_non_null(name);
    name[1] ^= 1; /* "d" and "e" */
    assert_int_equal(pwrite(fd, file, (size_t)n, 0), n);
    (void)close(fd);
}

/* It was told as the receipt. */
static void a_receipt_out_of_an_entry_that_was_changed_is_not_found(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    commit_into_whole_file(&b, &c);
    change_name(&b, "\"daejeon-fire/");
    assert_int_equal(commit(&b, &c).answer, ROAD_NOT_FOUND);
    change_name(&b, "\"eaejeon-fire/");
    bench_restart(&b);
    assert_int_equal(commit(&b, &c).answer, ROAD_REPEATED);
    bench_free(&b);
}

/* A unit closed an incident, and the ledger ended before the receipt had left. Sent again, the
 * close was refused: the incident was closed, by itself. */
static void a_repeat_that_would_be_refused_by_now_is_answered_as_the_first(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    const struct road_committed first = commit(&b, &c);
    for (uint8_t other = 0; other < 2; other++) {
        make_commit(&b, 1, 1, &c);
        c.content[0] = (uint8_t)(c.content[0] ^ other);
        c.remembered = false; /* what may be sent again is not */
        c.verdict = ROAD_REFUSED;
        c.recipient[0].permitted = false;
        c.recipient[0].reason = bytes_of_text("incident-closed");
        c.bodies = 0;
        const struct road_committed again = commit(&b, &c);
        assert_int_equal(again.answer, other ? ROAD_ON_DISK : ROAD_REPEATED);
        assert_true((again.index == first.index) == (other == 0));
        assert_int_equal(again.verdict, other ? ROAD_REFUSED : ROAD_ACCEPTED);
    }
    bench_free(&b);
}

static void a_repeat_in_the_same_turn_waits_for_the_first(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    assert_int_equal(send_commit(&b, &c), RESULT_OK);
    assert_int_equal(send_commit(&b, &c), RESULT_OK);
    assert_int_equal(b.saids, 0);
    turn(&b);
    assert_int_equal(committed(&b).answer, ROAD_ON_DISK);
    assert_int_equal(committed(&b).answer, ROAD_REPEATED);
    bench_free(&b);
}

static void what_is_not_to_be_remembered_may_come_again(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 0, &c);
    c.recipients = c.bodies = 0;
    c.verdict = ROAD_REFUSED;
    c.remembered = false;
    uint64_t first = commit(&b, &c).index;
    assert_int_equal(commit(&b, &c).index, first + 1);
    bench_free(&b);
}

static void a_receipt_can_be_asked_for_until_its_id_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    struct buf ask = BUF_INIT(256);
    struct uuid id = {{1}};
    bench_init(&b);
    publish(&b, 1);
    for (unsigned round = 0; round < 2; round++) {
        buf_clear(&ask);
        buf_u64(&ask, 77);
        buf_put(&ask, id.b, UUID_BYTES);
        buf_bytes16(&ask, bytes_of_text(CENTRE));
        assert_int_equal(tell(&b, IPC_RECEIPT_GET, buf_view(&ask)), RESULT_OK);
        turn(&b);
        const struct road_committed a = committed(&b);
        assert_int_equal(a.ticket, 77);
        assert_int_equal(a.answer, round == 0 ? ROAD_REPEATED : ROAD_NOT_FOUND);
        b.wall_us += LIMIT_ID_WINDOW + US_PER_HOUR;
        if (round == 0)
            assert_int_equal(change(&b, 9, INCIDENT_OPEN, CENTRE).answer, ROAD_ON_DISK);
    }
    buf_free(&ask);
    bench_free(&b);
}

/* ---- scopes */

static void a_body_belongs_to_a_scope_that_lives(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 5, &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    with_scope(&b, &c, 5);
    c.scope[0].generation++;
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    c.scope[0].generation--;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    make_commit(&b, 2, 5, &c);
    with_scope(&b, &c, 5);
    c.scope[0].tuple[0] ^= 1; /* another one under its name */
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    c.scopes = 0;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    c.change_scope = 6;
    c.envelope.id.b[0] = 3;
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    bench_free(&b);
}

/* Garbage in the place of a wrapped key once stopped every later destruction, and every start. */
static void a_scope_that_the_keeper_did_not_make_is_not_committed(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    c.scope[0].wrapped[0] ^= 1;
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    c.scope[0].wrapped[0] ^= 1;
    b.no_keeper = true;
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    b.no_keeper = false;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    bench_restart(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 1);
    bench_free(&b);
}

/* Of 100,000 incidents the last ones were once refused because "the disk is full". */
static void as_many_scopes_live_as_one_destruction_can_wrap_again(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    fill_scopes(&b, KEYS_SCOPES_MAX - 1);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    assert_int_equal(commit(&b, &c).answer, ROAD_MANY_KEYS);
    make_commit(&b, 3, 1, &c);
    with_scope(&b, &c, 1);
    c.scopes = 0;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    bench_free(&b);
}

static size_t share(const struct bench *b, const char *party)
{
    return spool_scopes_share(b->l->scopes, bytes_of_text(party));
}

static uint8_t answer_to(struct bench *b, const char *source, uint8_t id, uint64_t scope)
{
    struct road_commit c;
    make_commit(b, id, scope, &c);
    with_scope(b, &c, scope);
    c.envelope.source = bytes_of_text(source);
    return commit(b, &c).answer;
}

/* One party's alerts could once take every scope there is, and everybody else's were refused. */
static void a_party_has_as_many_scopes_as_are_left_for_all_others(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    fill_share(&b, "npa-daejeon", KEYS_SCOPES_MAX / 2 - 1);
    assert_int_equal(answer_to(&b, CENTRE, 1, 1), ROAD_ON_DISK);
    assert_int_equal(share(&b, "npa-daejeon"), KEYS_SCOPES_MAX / 2);
    assert_int_equal(answer_to(&b, CENTRE, 2, 2), ROAD_MANY_OF_PARTY);
    assert_int_not_equal(b.l->share_told_us, 0);
    make_commit(&b, 4, 1, &c); /* under a key that it has */
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_int_equal(answer_to(&b, FIRE, 5, 5), ROAD_ON_DISK);
    fill_share(&b, "daejeon-fire", KEYS_SCOPES_MAX / 4 + 1);
    assert_int_equal(answer_to(&b, FIRE, 6, 6), ROAD_MANY_OF_PARTY);
    assert_int_equal(answer_to(&b, "carrier-hana/guardian-service", 7, 7), ROAD_ON_DISK);
    bench_free(&b);
}

static void a_share_is_known_after_a_restart(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(answer_to(&b, CENTRE, 1, 1), ROAD_ON_DISK);
    assert_int_equal(answer_to(&b, CENTRE, 2, 2), ROAD_ON_DISK);
    assert_int_equal(answer_to(&b, FIRE, 3, 3), ROAD_ON_DISK);
    bench_restart(&b); /* what snapshots keep of it: test_snapshot.c */
    assert_int_equal(share(&b, "npa-daejeon"), 2);
    assert_int_equal(share(&b, "daejeon-fire"), 1);
    bench_free(&b);
}

/* ---- an edge that lies */

/* One message once moved the clock of all deadlines: everything stored was due at once. */
static void a_time_to_come_does_not_move_the_clock(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    publish(&b, 1);
    make_commit(&b, 2, 1, &c);
    c.at_us = NOON + US_PER_DAY;
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    assert_int_equal(send_event(&b, AUDIT_SESSION_OPENED, 1, 0, NOON + US_PER_DAY), RESULT_RANGE);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    b.wall_us += US_PER_DAY;
    int64_t later = b.wall_us;
    b.wall_us = NOON;
    const struct road_release r = {
        .consumer = 1, .entry = d.entry, .permitted = true, .at_us = later};
    struct buf body = BUF_INIT(4096);
    road_release_put(&r, &body);
    assert_int_equal(tell(&b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(&b);
    assert_true(released(&b).again);
    assert_int_equal(ledger_now(b.l), NOON);
    assert_int_equal(spool_entries(b.l->queues), 1);
    bench_free(&b);
}

static void what_is_no_message_ends_the_channel_and_changes_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    uint8_t *zeros = mem_new(MESSAGE_MOST + 1);
    static const enum ipc_type types[] = {IPC_COMMIT,  IPC_RECEIPT_GET, IPC_SUBSCRIBE,
                                          IPC_RELEASE, IPC_ACK,         IPC_EVENT,
                                          IPC_WIPED,   IPC_UNSUBSCRIBE};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        for (size_t n = 0; n < 40; n += 3)
            if (n != 12 || types[i] != IPC_ACK) /* of no entries */
                assert_int_equal(result_group(tell(&b, types[i], bytes_of(zeros, n))),
                                 RESULT_REFUSE);
    assert_int_equal(tell(&b, IPC_COMMIT, bytes_of(zeros, MESSAGE_MOST + 1)), RESULT_TOO_LARGE);
    assert_int_equal(tell(&b, IPC_TLS_SIGN, bytes_of(NULL, 0)), RESULT_MALFORMED);
    assert_false(journal_is_pending(b.l->journal));
    mem_free(zeros);
    bench_free(&b);
}

/* Some that were large enough once made a frame that no journal takes. */
static void large_messages_are_committed_before_a_frame_is_too_small(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    static const size_t sizes[] = {FRAME_FULL - 4096, MESSAGE_MOST - 4096, 5 << 20, 5 << 20};
    bench_init(&b);
    uint8_t *sealed = mem_new(MESSAGE_MOST);
    for (uint8_t i = 1; i <= 4; i++) {
        make_commit(&b, i, 1, &c);
        if (i == 1)
            with_scope(&b, &c, 1);
        c.body[0].sealed = bytes_of(sealed, sizes[i - 1]);
        assert_int_equal(send_commit(&b, &c), RESULT_OK);
    }
    turn(&b);
    for (uint8_t i = 1; i <= 4; i++)
        assert_int_equal(committed(&b).answer, ROAD_ON_DISK);
    mem_free(sealed);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 4);
    bench_free(&b);
}

/* ---- incidents */

static void the_owner_and_participants_change_an_incident_and_nobody_else(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(change(&b, 1, INCIDENT_CLOSE, CENTRE).answer, ROAD_STALE);
    assert_int_equal(change(&b, 1, INCIDENT_OPEN, FIRE).answer, ROAD_STALE);
    assert_int_equal(change(&b, 1, INCIDENT_OPEN, CENTRE).answer, ROAD_ON_DISK);
    assert_int_equal(change(&b, 2, INCIDENT_ASSIGN, CAR).answer, ROAD_STALE);
    assert_int_equal(change(&b, 2, INCIDENT_ASSIGN, FIRE).answer, ROAD_ON_DISK);
    assert_int_equal(change(&b, 3, INCIDENT_CLOSE, FIRE).answer, ROAD_ON_DISK);
    assert_int_equal(change(&b, 4, INCIDENT_CLOSE, FIRE).answer, ROAD_STALE);
    const struct ledger_incident *i = ledger_incident(b.l, bytes_of_text(INCIDENT));
    assert_true(incident_is_open(&i->is));
    assert_int_equal(change(&b, 4, INCIDENT_CLOSE, CENTRE).answer, ROAD_ON_DISK);
    assert_false(incident_is_open(&i->is));
    assert_int_equal(count_leaves(&b, "incident-opened"), 1);
    assert_int_equal(count_leaves(&b, "incident-changed"), 2);
    assert_int_equal(count_leaves(&b, "incident-ended"), 1);
    bench_restart(&b);
    i = ledger_incident(b.l, bytes_of_text(INCIDENT));
    assert_true(i->is.exists && !incident_is_open(&i->is));
    assert_true(incident_is_assigned(&i->is, bytes_of_text(CAR)));
    bench_free(&b);
}

/* The second change of a message was once judged upon the state before the first. */
static void two_changes_of_a_message_are_judged_one_after_the_other(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    struct buf one = BUF_INIT(4096), two = BUF_INIT(4096);
    bench_init(&b);
    make_commit(&b, 1, 0, &c);
    c.recipients = c.bodies = 0;
    with_change(&c, &one, INCIDENT_OPEN, CENTRE);
    with_change(&c, &two, INCIDENT_ASSIGN, CENTRE);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    make_commit(&b, 2, 0, &c);
    c.recipients = c.bodies = 0;
    with_change(&c, &one, INCIDENT_CLOSE, FIRE);
    with_change(&c, &two, INCIDENT_CLOSE, FIRE);
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    buf_free(&one);
    buf_free(&two);
    bench_free(&b);
}

/* A week after its end an incident's name is free again. Recovery once still knew the old one, and
 * took the journal for damaged. */
static void a_name_that_is_used_again_after_a_week_is_no_damage(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(change(&b, 1, INCIDENT_OPEN, CENTRE).answer, ROAD_ON_DISK);
    assert_int_equal(change(&b, 2, INCIDENT_CLOSE, FIRE).answer, ROAD_ON_DISK);
    assert_int_equal(change(&b, 3, INCIDENT_CLOSE, CENTRE).answer, ROAD_ON_DISK);
    assert_int_equal(change(&b, 4, INCIDENT_OPEN, CENTRE).answer, ROAD_STALE);
    b.wall_us += 7 * US_PER_DAY + US_PER_HOUR;
    struct road_commit c;
    make_commit(&b, 5, 0, &c);
    c.recipients = c.bodies = 0;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_null(ledger_incident(b.l, bytes_of_text(INCIDENT)));
    assert_int_equal(change(&b, 1, INCIDENT_OPEN, CENTRE).answer, ROAD_ON_DISK); /* and the id */
    bench_restart(&b);
    const struct ledger_incident *i = ledger_incident(b.l, bytes_of_text(INCIDENT));
    assert_true(incident_is_open(&i->is));
    assert_int_equal(change(&b, 1, INCIDENT_OPEN, CENTRE).answer, ROAD_REPEATED);
    bench_free(&b);
}

static void a_new_edge_is_shown_every_incident(void **state)
{
    (void)state;
    struct bench b;
    struct incident i;
    bench_init(&b);
    assert_int_equal(change(&b, 1, INCIDENT_OPEN, CENTRE).answer, ROAD_ON_DISK);
    assert_int_equal(tell(&b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(&b);
    struct cursor in = cursor_over(heard(&b, IPC_VIEW_INCIDENT));
    assert_int_equal(incident_take(&in, &i), RESULT_OK);
    assert_string_equal(i.id, INCIDENT);
    assert_int_equal(count_said(&b, IPC_VIEW_DONE), 1);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_answered_before_it_is_on_disk),
        cmocka_unit_test(a_repeat_is_answered_as_the_first_and_other_content_is_not),
        cmocka_unit_test(a_repeat_s_receipt_says_of_each_recipient_what_the_first_said),
        cmocka_unit_test(a_receipt_that_the_log_cannot_tell_any_more_is_not_found),
        cmocka_unit_test(a_receipt_out_of_an_entry_that_was_changed_is_not_found),
        cmocka_unit_test(a_repeat_that_would_be_refused_by_now_is_answered_as_the_first),
        cmocka_unit_test(a_repeat_in_the_same_turn_waits_for_the_first),
        cmocka_unit_test(what_is_not_to_be_remembered_may_come_again),
        cmocka_unit_test(a_receipt_can_be_asked_for_until_its_id_is_forgotten),
        cmocka_unit_test(a_body_belongs_to_a_scope_that_lives),
        cmocka_unit_test(a_scope_that_the_keeper_did_not_make_is_not_committed),
        cmocka_unit_test(as_many_scopes_live_as_one_destruction_can_wrap_again),
        cmocka_unit_test(a_party_has_as_many_scopes_as_are_left_for_all_others),
        cmocka_unit_test(a_share_is_known_after_a_restart),
        cmocka_unit_test(a_time_to_come_does_not_move_the_clock),
        cmocka_unit_test(what_is_no_message_ends_the_channel_and_changes_nothing),
        cmocka_unit_test(large_messages_are_committed_before_a_frame_is_too_small),
        cmocka_unit_test(the_owner_and_participants_change_an_incident_and_nobody_else),
        cmocka_unit_test(two_changes_of_a_message_are_judged_one_after_the_other),
        cmocka_unit_test(a_name_that_is_used_again_after_a_week_is_no_damage),
        cmocka_unit_test(a_new_edge_is_shown_every_incident),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
