/* The operating system's calls stand between the ledger and the kernel here, and fail on demand. */
#include "support.h"

#include "audit/witness.h"
#include "journal/state.h"
#include "ledger/transparency.h"

#include <errno.h>
#include <sys/syscall.h>

static struct {
    bool full;            /* no segment gets its space */
    const char *full_for; /* and no file with this in its path can be written */
    int fail_sync;        /* errno of the next syncs; 0: none */
} os;

static bool is_full_for(int fd)
{
    char link[32], path[256];
    if (os.full_for == NULL)
        return false;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = '\0';
    return strstr(path, os.full_for) != NULL;
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    errno = ENOSPC;
    return os.full ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    errno = ENOSPC;
    return is_full_for(fd) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
    errno = ENOSPC;
    return is_full_for(fd) ? -1 : (ssize_t)syscall(SYS_write, fd, p, n);
}

int fdatasync(int fd)
{
    errno = os.fail_sync;
    return os.fail_sync != 0 ? -1 : (int)syscall(SYS_fdatasync, fd);
}

static int reset(void **state)
{
    (void)state;
    memset(&os, 0, sizeof os);
    return 0;
}

static void nothing_is_answered_when_the_disk_fails(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    assert_int_equal(send_commit(&b, &c), RESULT_OK);
    os.fail_sync = EIO;
    assert_int_equal(ledger_turn(b.l), RESULT_IO);
    assert_int_equal(b.saids, 0);
    assert_int_equal(ledger_turn(b.l), RESULT_IO);
    assert_int_equal(b.saids, 0);
    os.fail_sync = 0;
    bench_restart(&b);
    bench_free(&b);
}

/* Sends messages until there is no room for them; returns how many went in. */
static uint8_t fill(struct bench *b)
{
    static uint8_t sealed[3000];
    struct road_commit c;
    for (uint8_t i = 2; i < 250; i++) {
        make_commit(b, i, 1, &c);
        c.body[0].sealed = bytes_of(sealed, sizeof sealed);
        if (commit(b, &c).answer == ROAD_NO_ROOM)
            return (uint8_t)(i - 1);
    }
    fail();
    return 0;
}

static void a_full_disk_refuses_messages_and_takes_acknowledgements(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    os.full = true;
    uint8_t count = fill(&b);
    assert_in_range(count, 2, 30);
    assert_int_equal(spool_entries(b.l->queues), count);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    send_release(&b, &d, true);
    turn(&b);
    assert_true(released(&b).go);
    acknowledge(&b, &d, 0);
    turn(&b);
    assert_int_equal(spool_entries(b.l->queues), (size_t)count - 1);
    os.full = false;
    assert_int_equal(send_event(&b, AUDIT_SESSION_OPENED, 0, 0, b.wall_us), RESULT_OK);
    turn(&b); /* every commit looks for room again */
    struct road_commit c;
    make_commit(&b, 251, 1, &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), count);
    bench_free(&b);
}

/* The last byte of room once ended the edge's channel or the process, with half a message in the
 * frame. Everything is "not now" until there is room again. */
static void with_no_room_at_all_everything_waits_and_nothing_is_lost(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    send_release(&b, &d, true);
    turn(&b);
    assert_true(released(&b).go);
    os.full = true;
    (void)fill(&b);
    enum result r;
    size_t events = 0;
    while ((r = send_event(&b, AUDIT_SESSION_OPENED, 0, 0, b.wall_us)) == RESULT_OK) {
        turn(&b);
        assert_true(++events < 200);
    }
    assert_int_equal(r, RESULT_FULL);
    while (ledger_has_room(b.l, 0)) {
        struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED};
        assert_int_equal(ledger_leaf(b.l, &leaf, NULL), RESULT_OK);
        turn(&b);
    }
    acknowledge(&b, &d, 0);
    size_t entries = spool_entries(b.l->queues);
    b.read = b.saids;
    turn(&b);
    assert_int_equal(subscribe(&b, 9, FIRE, "another"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_CONSUMER_ENDED), 1);
    assert_int_equal(heard(&b, IPC_CONSUMER_ENDED).p[8], ROAD_DISK_FULL);
    ledger_edge_went(b.l);
    advance(&b, US_PER_HOUR); /* and all of it is due */
    assert_int_equal(spool_entries(b.l->queues), entries);
    assert_int_equal(b.disk.generation, 1);
    assert_int_equal(ledger_idle_us(b.l, US_PER_S), US_PER_S); /* without spinning */
    os.full = false;
    bench_restart(&b);
    ledger_edge_went(b.l);
    turn(&b);
    assert_int_equal(b.disk.generation, 2);
    bench_restart(&b);
    bench_free(&b);
}

/* Spare segments: intake is refused at once, and what ends and destroys has room for long. */
static void spare_segments_are_for_what_ends_and_destroys(void **state)
{
    (void)state;
    struct bench b;
    bench_prepare(&b, SEGMENT);
    b.config.spare_segments = 9;
    assert_int_equal(bench_open(&b), RESULT_OK);
    publish(&b, 1);
    for (uint8_t i = 2; b.l->journal->reserve.ready < 10; i++) { /* they are made by and by */
        struct road_commit c;
        static uint8_t sealed[3000];
        make_commit(&b, i, 1, &c);
        c.body[0].sealed = bytes_of(sealed, sizeof sealed);
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    }
    os.full = true;
    (void)fill(&b);
    uint32_t full_at = journal_newest(b.l->journal);
    assert_true(journal_spare(b.l->journal) >= (uint64_t)2 * SEGMENT);
    while (journal_newest(b.l->journal) < full_at + 2) { /* sessions go on record */
        assert_int_equal(send_event(&b, AUDIT_SESSION_OPENED, 0, 0, b.wall_us), RESULT_OK);
        turn(&b);
    }
    ledger_edge_went(b.l);
    advance(&b, US_PER_HOUR);
    for (int i = 0; i < 10; i++)
        advance(&b, US_PER_S);
    assert_int_equal(b.disk.generation, 2); /* the keys are erased, */
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    bench_restart(&b); /* and a start needs no room but a spare segment's */
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    bench_free(&b);
}

/* It was stuck so: nothing could be unlinked without a snapshot, nor one written without room. */
static void a_disk_that_the_journal_filled_gets_room_again(void **state)
{
    (void)state;
    struct bench b;
    bench_prepare(&b, SEGMENT);
    b.config.spare_segments = 5;
    assert_int_equal(bench_open(&b), RESULT_OK);
    publish(&b, 1);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    for (uint8_t i = 2; i < 60; i++) {
        struct road_commit c;
        static uint8_t sealed[3000];
        make_commit(&b, i, 1, &c);
        c.body[0].sealed = bytes_of(sealed, sizeof sealed);
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
        const struct road_deliver d = delivered(&b);
        send_release(&b, &d, true);
        turn(&b);
        acknowledge(&b, &d, 0);
        forget_said(&b);
    }
    os.full = true;
    (void)fill(&b);
    uint32_t oldest = journal_oldest(b.l->journal);
    size_t entries = spool_entries(b.l->queues);
    for (int i = 0; i < 200; i++)
        advance(&b, US_PER_S / 10);
    assert_true(journal_oldest(b.l->journal) > oldest + 2);
    os.full = false; /* as what was unlinked leaves it */
    turn(&b);
    assert_false(journal_is_low(b.l->journal));
    struct road_commit c;
    make_commit(&b, 251, 1, &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    bench_restart(&b);
    assert_true(spool_entries(b.l->queues) >= entries);
    bench_free(&b);
}

static void a_log_without_room_is_settled_later_and_new_messages_wait(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    publish(&b, 2);
    uint64_t before = b.l->published_size;
    os.full_for = b.audit.path;
    advance(&b, 2 * US_PER_S);
    assert_int_equal(b.l->published_size, before);
    assert_true(before < tiles_size(b.l->tiles));
    struct road_commit c;
    make_commit(&b, 3, 1, &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_NO_ROOM); /* its leaf would stay in memory */
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b); /* and what is stored goes on */
    const struct road_deliver d = delivered(&b);
    send_release(&b, &d, true);
    turn(&b);
    assert_true(released(&b).go);
    os.full_for = NULL;
    advance(&b, 2 * US_PER_S);
    make_commit(&b, 3, 1, &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    advance(&b, 2 * US_PER_S);
    assert_int_equal(b.l->published_size, tiles_size(b.l->tiles));
    bench_free(&b);
}

static void a_key_file_without_room_lets_a_destruction_wait(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    ledger_edge_went(b.l);
    os.full_for = b.keys.path;
    advance(&b, US_PER_HOUR);
    assert_int_equal(b.disk.generation, 1);
    os.full_for = NULL;
    advance(&b, US_PER_S);
    assert_int_equal(b.disk.generation, 2);
    bench_restart(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    bench_free(&b);
}

static void a_keeper_that_will_not_sign_ends_the_ledger_and_one_that_is_gone_does_not(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    publish(&b, 2);
    b.no_keeper = true;
    advance(&b, 2 * US_PER_S);
    b.no_keeper = false;
    b.keeper_refuses = true;
    b.steady_us += 2 * US_PER_S;
    assert_int_equal(ledger_turn(b.l), RESULT_DAMAGED);
    bench_free(&b);
}

/* ---- streams that cannot be ended now */

static void open_session(struct bench *b)
{
    assert_int_equal(send_event(b, AUDIT_SESSION_OPENED, 0, 0, b->wall_us), RESULT_OK);
    turn(b);
}

/* Sessions until there is no room for one more. */
static void open_sessions(struct bench *b)
{
    os.full = true;
    while (send_event(b, AUDIT_SESSION_OPENED, 0, 0, b->wall_us) == RESULT_OK)
        turn(b);
}

/* The new edge's first sessions were recorded as ended with the old one's, when room came between
 * the two. */
static void what_an_edge_left_open_ends_later_and_not_what_the_next_one_opened(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    open_session(&b);
    open_sessions(&b);
    ledger_edge_went(b.l);
    turn(&b);
    assert_true(map_count(b.l->streams) > 0);
    ledger_edge_came(b.l);
    os.full = false;
    turn(&b); /* its commit finds room */
    const uint64_t opened = b.l->leaves;
    open_session(&b);
    assert_int_equal(map_count(b.l->streams), 1);
    assert_non_null(map_get(b.l->streams, bytes_of(&opened, sizeof opened)));
    turn(&b);
    assert_int_equal(map_count(b.l->streams), 1);
    bench_free(&b);
}

/* Room was asked for 16 KiB of what a message's deliveries take, whatever they took: with many
 * recipients and queues the snapshot ran into the end of a full disk, and the ledger ended. */
static void a_snapshot_asks_for_the_room_that_many_queues_take(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char unit[ROAD_RECIPIENTS_MAX][IDENT_UNIT_MAX + 1], queue[IDENT_WORD_MAX + 1];
    bench_prepare(&b, 4 * SEGMENT);
    assert_int_equal(bench_open(&b), RESULT_OK);
    publish(&b, 1);
    make_commit(&b, 2, 1, &c);
    c.recipients = ROAD_RECIPIENTS_MAX;
    for (unsigned i = 0; i < ROAD_RECIPIENTS_MAX; i++) {
        (void)snprintf(unit[i], sizeof unit[i], "fire-and-rescue-of-the-whole-city/%040u", i);
        c.recipient[i] = c.recipient[0];
        c.recipient[i].unit = bytes_of_text(unit[i]);
        for (unsigned q = 0; q < SPOOL_QUEUES_A_UNIT - 2; q++) {
            (void)snprintf(queue, sizeof queue, "%040u", q);
            assert_int_equal(subscribe(&b, 1 + 100 * i + q, unit[i], queue), RESULT_OK);
        }
        turn(&b);
        forget_said(&b);
    }
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    os.full = true;
    (void)fill(&b);
    while (ledger_has_room(b.l, 28 << 10))
        open_session(&b);
    assert_true(ledger_has_room(b.l, 22 << 10));
    b.l->snapshot.step = SNAPSHOT_WRITING; /* the disk became full meanwhile */
    b.l->snapshot.began_low = true;
    stored_begin_lap(&b.l->messages);
    turn(&b);
    turn(&b);
    assert_int_equal(b.l->snapshot.step, SNAPSHOT_NONE);
    os.full = false;
    bench_restart(&b);
    bench_free(&b);
}

/* No ledger could be started on a full disk while much was open. */
static void a_start_on_a_full_disk_ends_what_was_open_when_there_is_room(void **state)
{
    (void)state;
    struct bench b;
    bench_prepare(&b, SEGMENT);
    b.config.spare_segments = 1;
    assert_int_equal(bench_open(&b), RESULT_OK);
    publish(&b, 1);
    while (b.l->journal->reserve.ready < 2) /* they are made by and by */
        open_session(&b);
    open_sessions(&b);
    const size_t open = map_count(b.l->streams);
    bench_restart(&b);
    turn(&b);
    assert_true(map_count(b.l->streams) > 0);
    os.full = false;
    for (int i = 0; i < 4; i++)
        turn(&b);
    assert_int_equal(map_count(b.l->streams), 0);
    assert_int_equal(count_leaves(&b, "session-ended"), open);
    bench_free(&b);
}

/* ---- the log's folder */

static struct log_said asks(struct bench *b, enum log_what what, uint64_t index, struct bytes text)
{
    struct log_said s = {0};
    const struct log_ask a = {.ticket = ++b->next_ticket,
                              .what = (uint8_t)what,
                              .unit = bytes_of_text(CENTRE),
                              .index = index,
                              .text = text};
    struct buf body = BUF_INIT(LOG_NOTE_MAX + 1000);
    log_ask_put(&a, &body);
    assert_int_equal(tell(b, IPC_LOG_ASK, buf_view(&body)), RESULT_OK);
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_LOG_SAID));
    assert_int_equal(log_said_take(&in, &s), RESULT_OK);
    buf_free(&body);
    return s;
}

/* Each reading is an entry, and no entry gets out of memory there: a unit could fill it. */
static void a_log_without_room_is_not_read_either(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, 2 * US_PER_S);
    publish(&b, 2);
    assert_int_equal(asks(&b, LOG_PROOF, 1, bytes_of(NULL, 0)).answer, LOG_HERE);
    os.full_for = b.audit.path;
    advance(&b, 2 * US_PER_S);
    assert_true(b.l->log_is_full);
    const uint64_t leaves = b.l->leaves;
    for (int i = 0; i < 10; i++)
        assert_int_equal(asks(&b, LOG_PROOF, 1, bytes_of(NULL, 0)).answer, LOG_LATER);
    assert_int_equal(b.l->leaves, leaves);
    os.full_for = NULL;
    advance(&b, 2 * US_PER_S);
    assert_int_equal(asks(&b, LOG_PROOF, 1, bytes_of(NULL, 0)).answer, LOG_HERE);
    bench_free(&b);
}

/* The second time it was told that it had been kept, and a restart did not know it. */
static void a_confirmation_that_found_no_room_is_kept_when_it_comes_again(void **state)
{
    (void)state;
    static const uint8_t seed[SIGN_SEED] = "a witness";
    struct bench b;
    struct note_key witness;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    uint8_t key[SIGN_PUBLIC];
    struct hasher *h = hasher_new();
    sign_public_of(seed, key);
    assert_int_equal(
        note_key_make(h, bytes_of_text("w.example/1"), NOTE_KEY_COSIGNATURE, key, &witness),
        RESULT_OK);
    hasher_free(h);
    bench_prepare(&b, SEGMENT);
    b.config.witness = &witness;
    b.config.witnesses = 1;
    b.config.witness_late_us = US_PER_HOUR;
    assert_int_equal(bench_open(&b), RESULT_OK);
    publish(&b, 1);
    advance(&b, US_PER_S);
    const struct log_said s = asks(&b, LOG_CHECKPOINT, 0, bytes_of(NULL, 0));
    buf_put(&note, s.text.p, s.text.n);
    witness_sign(&witness, seed, buf_view(&note), (uint64_t)(b.wall_us / US_PER_S), &note);
    os.full_for = "/witness-";
    assert_int_equal(asks(&b, LOG_COSIGN, 0, buf_view(&note)).answer, LOG_LATER);
    assert_int_equal(asks(&b, LOG_COSIGN, 0, buf_view(&note)).answer, LOG_LATER);
    os.full_for = NULL;
    assert_int_equal(asks(&b, LOG_COSIGN, 0, buf_view(&note)).answer, LOG_HERE);
    bench_restart(&b);
    assert_true(b.l->transparency->witness[0].note.n > 0);
    buf_free(&note);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_answered_when_the_disk_fails, reset),
        cmocka_unit_test_setup(a_full_disk_refuses_messages_and_takes_acknowledgements, reset),
        cmocka_unit_test_setup(with_no_room_at_all_everything_waits_and_nothing_is_lost, reset),
        cmocka_unit_test_setup(a_disk_that_the_journal_filled_gets_room_again, reset),
        cmocka_unit_test_setup(spare_segments_are_for_what_ends_and_destroys, reset),
        cmocka_unit_test_setup(a_log_without_room_is_settled_later_and_new_messages_wait, reset),
        cmocka_unit_test_setup(a_key_file_without_room_lets_a_destruction_wait, reset),
        cmocka_unit_test_setup(
            a_keeper_that_will_not_sign_ends_the_ledger_and_one_that_is_gone_does_not, reset),
        cmocka_unit_test_setup(what_an_edge_left_open_ends_later_and_not_what_the_next_one_opened,
                               reset),
        cmocka_unit_test(a_snapshot_asks_for_the_room_that_many_queues_take),
        cmocka_unit_test_setup(a_start_on_a_full_disk_ends_what_was_open_when_there_is_room, reset),
        cmocka_unit_test_setup(a_log_without_room_is_not_read_either, reset),
        cmocka_unit_test_setup(a_confirmation_that_found_no_room_is_kept_when_it_comes_again,
                               reset),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
