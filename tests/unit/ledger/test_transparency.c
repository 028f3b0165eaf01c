/* What units see of the log, and what witnesses say of it. */
#include "audit/tlog_proof.h"
#include "audit/witness.h"
#include "ledger/transparency.h"
#include "support.h"

#include <pthread.h>

#define AUDITOR "board/audit"

static const uint8_t seed[2][SIGN_SEED] = {"the first witness", "the second witness"};
static struct note_key witness[2];

static bool is_auditor(void *arg, struct bytes unit)
{
    (void)arg;
    return bytes_is(unit, AUDITOR);
}

/* A ledger that knows two witnesses, with a message of CENTRE to FIRE on record. */
static void open_bench(struct bench *b)
{
    struct hasher *h = hasher_new();
    uint8_t key[SIGN_PUBLIC];
    for (size_t i = 0; i < 2; i++) {
        sign_public_of(seed[i], key);
        assert_int_equal(note_key_make(h, bytes_of_text(i == 0 ? "w.example/1" : "w.example/2"),
                                       NOTE_KEY_COSIGNATURE, key, &witness[i]),
                         RESULT_OK);
    }
    hasher_free(h);
    bench_prepare(b, SEGMENT);
    b->config.witness = witness;
    b->config.witnesses = 2;
    b->config.witness_late_us = US_PER_HOUR;
    b->config.is_auditor = is_auditor;
    assert_int_equal(bench_open(b), RESULT_OK);
    publish(b, 1);
    advance(b, US_PER_S);
}

/* Asks, without a turn. */
static void ask(struct bench *b, const char *unit, enum log_what what, uint64_t index,
                struct bytes text)
{
    const struct log_ask a = {.ticket = ++b->next_ticket,
                              .what = (uint8_t)what,
                              .unit = bytes_of_text(unit),
                              .index = index,
                              .text = text};
    struct buf body = BUF_INIT(LOG_NOTE_MAX + 1000);
    log_ask_put(&a, &body);
    assert_int_equal(tell(b, IPC_LOG_ASK, buf_view(&body)), RESULT_OK);
    buf_free(&body);
}

static struct log_said said(struct bench *b)
{
    struct log_said s = {0};
    struct cursor in = cursor_over(heard(b, IPC_LOG_SAID));
    if (in.left > 0)
        assert_int_equal(log_said_take(&in, &s), RESULT_OK);
    return s;
}

/* Asks, turns, and returns the answer. */
static struct log_said answer(struct bench *b, const char *unit, enum log_what what, uint64_t index,
                              const char *text)
{
    ask(b, unit, what, index, bytes_of_text(text));
    turn(b);
    return said(b);
}

static enum result find_received(void *arg, uint64_t index, struct bytes entry)
{
    uint64_t *found = arg;
    if (memmem(entry.p, entry.n, "\"event\":\"received\"", 18) != NULL)
        *found = index;
    return RESULT_OK;
}

/* The index of the leaf "received". */
static uint64_t received(struct bench *b)
{
    uint64_t index = UINT64_MAX;
    assert_int_equal(tiles_each(b->audit.fd, b->l->published_size, find_received, &index),
                     RESULT_OK);
    assert_true(index != UINT64_MAX);
    return index;
}

static void assert_proves(struct bench *b, const struct log_said *s, uint64_t index)
{
    struct buf extra = BUF_INIT(10);
    struct tlog_proof p;
    struct checkpoint c;
    const char *fault = "";
    assert_int_equal(s->answer, LOG_HERE);
    assert_int_equal(tlog_proof_read(s->text, &p, &extra), RESULT_OK);
    assert_int_equal(p.index, index);
    assert_int_equal(tlog_proof_check(b->l->hasher, &p, &b->l->log_key, s->entry, &c, &fault),
                     RESULT_OK);
    buf_free(&extra);
}

/* ---- reading */

static void a_checkpoint_is_for_everybody(void **state)
{
    (void)state;
    struct bench b;
    struct checkpoint c;
    const char *fault = "";
    open_bench(&b);
    uint64_t size = b.l->published_size;
    struct log_said s = answer(&b, FIRE, LOG_CHECKPOINT, 0, "");
    assert_int_equal(s.answer, LOG_HERE);
    assert_int_equal(checkpoint_open(s.text, &b.l->log_key, &c, &fault), RESULT_OK);
    assert_int_equal(c.size, size);
    bench_free(&b);
}

/* A witness looks every second, and the log must not grow every second for that. */
static void reading_hashes_is_on_record_once_an_hour_for_each_unit(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(answer(&b, FIRE, LOG_CHECKPOINT, 0, "").answer, LOG_HERE);
        advance(&b, US_PER_S);
    }
    assert_int_equal(answer(&b, CENTRE, LOG_CHECKPOINT, 0, "").answer, LOG_HERE);
    assert_int_equal(count_leaves(&b, "what=hashes"), 2);
    advance(&b, US_PER_HOUR);
    assert_int_equal(answer(&b, FIRE, LOG_CHECKPOINT, 0, "").answer, LOG_HERE);
    assert_int_equal(count_leaves(&b, "what=hashes"), 3);
    bench_free(&b);
}

static void hashes_are_for_everybody_and_entries_for_auditors(void **state)
{
    (void)state;
    struct bench b;
    char hashes[TILE_PATH], entries[TILE_PATH];
    open_bench(&b);
    uint64_t size = b.l->published_size;
    tile_path(0, 0, (unsigned)size, hashes);
    tile_path(-1, 0, (unsigned)size, entries);
    struct log_said s = answer(&b, FIRE, LOG_TILE, 0, hashes);
    assert_int_equal(s.answer, LOG_HERE);
    assert_int_equal(s.text.n, size * TREE_HASH);
    assert_int_equal(answer(&b, FIRE, LOG_TILE, 0, entries).answer, LOG_DENIED);
    assert_int_equal(answer(&b, AUDITOR, LOG_TILE, 0, entries).answer, LOG_HERE);
    assert_int_equal(count_leaves(&b, "\"detail\":\"what=entries bundle=0\""), 1);
    assert_int_equal(answer(&b, FIRE, LOG_TILE, 0, "tile/0/007").answer, LOG_NONE);
    bench_free(&b);
}

static void what_is_no_path_of_a_tile_opens_no_file(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "tile",
                                      "tile/0",
                                      "tile/0/0",
                                      "tile/0/0000",
                                      "tile/8/000",
                                      "tile/00/000",
                                      "tile/-1/000",
                                      "tile/0/x000/000",
                                      "tile/0/001.p/256",
                                      "/tile/0/000",
                                      "tile/0/000/",
                                      "tile/0/000.p",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/01",
                                      "settled",
                                      "checkpoint",
                                      "../journal/1",
                                      "tile/0/../settled",
                                      "tile/entries/x001/x002",
                                      "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
                                      "register/000"};
    struct bench b;
    open_bench(&b);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (answer(&b, AUDITOR, LOG_TILE, 0, bad[i]).answer != LOG_WRONG)
            fail_msg("%s", bad[i]);
    bench_free(&b);
}

static void a_proof_is_for_sender_and_auditor(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    uint64_t index = received(&b);
    struct log_said s = answer(&b, CENTRE, LOG_PROOF, index, "");
    assert_proves(&b, &s, index);
    s = answer(&b, AUDITOR, LOG_PROOF, index, "");
    assert_proves(&b, &s, index);
    assert_int_equal(count_leaves(&b, "what=proof"), 2);
    bench_free(&b);
}

/* The only recipient has the leaf about itself; others of the sender's agency have not. */
static void a_proof_is_for_the_recipient_it_is_about_alone(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    open_bench(&b);
    uint64_t index = received(&b);
    assert_int_equal(answer(&b, FIRE, LOG_PROOF, index, "").answer, LOG_HERE);
    assert_int_equal(answer(&b, CAR, LOG_PROOF, index, "").answer, LOG_NONE);
    assert_int_equal(answer(&b, CAR, LOG_PROOF, 4711, "").answer, LOG_NONE);
    assert_int_equal(count_leaves(&b, "what=proof"), 1);
    make_commit(&b, 2, 1, &c);
    c.recipient[1] = c.recipient[0];
    c.recipient[1].unit = bytes_of_text(CAR);
    c.recipients = 2;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    advance(&b, US_PER_S);
    index = received(&b);
    assert_int_equal(answer(&b, FIRE, LOG_PROOF, index, "").answer, LOG_NONE);
    assert_int_equal(answer(&b, CENTRE, LOG_PROOF, index, "").answer, LOG_HERE);
    bench_free(&b);
}

static void a_proof_waits_for_a_checkpoint_that_covers_it(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    publish(&b, 2); /* with which a checkpoint was due */
    publish(&b, 3);
    uint64_t index = b.l->leaves - 1;
    assert_true(index >= b.l->published_size);
    assert_int_equal(answer(&b, CENTRE, LOG_PROOF, index, "").answer, 0);
    advance(&b, US_PER_S);
    struct log_said s = said(&b);
    assert_proves(&b, &s, index);
    bench_free(&b);
}

static void nobody_is_told_whose_edge_went(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    publish(&b, 2); /* with which a checkpoint was due */
    publish(&b, 3);
    assert_int_equal(answer(&b, CENTRE, LOG_PROOF, b.l->leaves - 1, "").answer, 0);
    ledger_edge_went(b.l);
    ledger_edge_came(b.l);
    forget_said(&b);
    advance(&b, US_PER_S);
    assert_int_equal(count_said(&b, IPC_LOG_SAID), 0);
    bench_free(&b);
}

static void a_question_that_is_none_ends_the_channel(void **state)
{
    (void)state;
    struct bench b;
    struct buf body = BUF_INIT(1000);
    open_bench(&b);
    assert_int_equal(tell(&b, IPC_LOG_ASK, bytes_of_text("x")), RESULT_END);
    const struct log_ask a = {.ticket = 1, .what = 9, .unit = bytes_of_text(FIRE)};
    log_ask_put(&a, &body);
    assert_true(body.failed);
    buf_free(&body);
    bench_free(&b);
}

/* ---- a log that is not what was written */

/* Turns a bit of a file in the log's folder, in its `at`-th byte. */
static void turn_a_bit(struct bench *b, const char *path, off_t at)
{
    int fd = openat(b->audit.fd, path, O_RDWR | O_CLOEXEC);
    uint8_t byte = 0;
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x40;
    assert_true(pwrite(fd, &byte, 1, at) == 1);
    (void)close(fd);
    tiles_forget_looked(b->l->tiles); /* others were asked for meanwhile */
}

/* Any unit could name such an entry: once all others lost their connections by that, and a ledger
 * that had the entry to offer ended at each start. */
static void a_damaged_entry_ends_no_channel_and_no_process(void **state)
{
    (void)state;
    enum { INDEX = 200 };
    struct bench b;
    struct road_provision p = {0};
    struct leaf_room *room;
    struct buf body = BUF_INIT(100);
    open_bench(&b);
    while (tiles_size(b.l->tiles) < TILE_WIDTH + 10) {
        const struct leaf_recipient fire = {.unit = bytes_of_text(FIRE)};
        struct leaf leaf = {.event = AUDIT_RELEASED, .recipient = &fire, .recipients = 1};
        assert_int_equal(ledger_leaf(b.l, &leaf, NULL), RESULT_OK);
        turn(&b);
    }
    advance(&b, US_PER_S);
    assert_int_equal(answer(&b, FIRE, LOG_PROOF, INDEX, "").answer, LOG_HERE);
    turn_a_bit(&b, "tile/entries/000", 0); /* the first entry's length: no other is found */
    assert_int_equal(answer(&b, FIRE, LOG_PROOF, INDEX, "").answer, LOG_LATER);
    buf_u64(&body, 1);
    buf_u64(&body, INDEX);
    assert_int_equal(tell(&b, IPC_PROVISION_GET, buf_view(&body)), RESULT_OK);
    assert_int_equal(provision_read(b.l, INDEX, &p, &room), RESULT_OK); /* as an offer does */
    assert_false(p.found);
    leaf_room_free(room);
    turn_a_bit(&b, "tile/entries/000", 0);
    assert_int_equal(answer(&b, FIRE, LOG_PROOF, INDEX, "").answer, LOG_HERE);
    turn_a_bit(&b, "tile/entries/000", 2); /* and one that is no leaf any more */
    assert_int_equal(answer(&b, AUDITOR, LOG_PROOF, 0, "").answer, LOG_LATER);
    buf_free(&body);
    bench_free(&b);
}

/* ---- witnesses */

static void cosign(struct bench *b, unsigned which, int64_t at_us, struct buf *out)
{
    struct log_said s = answer(b, FIRE, LOG_CHECKPOINT, 0, "");
    buf_clear(out);
    buf_put(out, s.text.p, s.text.n);
    witness_sign(&witness[which], seed[which], buf_view(out), (uint64_t)(at_us / US_PER_S), out);
}

static struct log_said hand_in(struct bench *b, const struct buf *note)
{
    ask(b, FIRE, LOG_COSIGN, 0, buf_view(note));
    turn(b);
    return said(b);
}

static bool confirms(struct bytes note, unsigned which)
{
    struct bytes body;
    return note_open(note, &witness[which], &body) == RESULT_OK;
}

static void a_confirmation_stands_under_the_checkpoint_from_then_on(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX), file = BUF_INIT(LOG_NOTE_MAX);
    open_bench(&b);
    assert_int_equal(answer(&b, FIRE, LOG_CHECKPOINT, 0, "").answer, LOG_HERE);
    assert_int_equal(answer(&b, CENTRE, LOG_CHECKPOINT, 0, "").answer, LOG_HERE);
    advance(&b, 2 * US_PER_S); /* that they read is in the log now */
    cosign(&b, 0, b.wall_us, &note);
    struct log_said s = hand_in(&b, &note);
    assert_int_equal(s.answer, LOG_HERE);
    s = answer(&b, CENTRE, LOG_CHECKPOINT, 0, "");
    assert_true(confirms(s.text, 0) && !confirms(s.text, 1));
    assert_int_equal(tiles_read_checkpoint(b.audit.fd, &file), RESULT_OK);
    assert_true(confirms(buf_view(&file), 0));
    cosign(&b, 1, b.wall_us, &note);
    s = hand_in(&b, &note);
    assert_true(confirms(s.text, 0) && confirms(s.text, 1));
    buf_free(&note);
    buf_free(&file);
    bench_free(&b);
}

static void a_proof_comes_with_what_witnesses_confirmed(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX), extra = BUF_INIT(10);
    struct tlog_proof p;
    open_bench(&b);
    cosign(&b, 0, b.wall_us, &note);
    assert_int_equal(hand_in(&b, &note).answer, LOG_HERE);
    publish(&b, 2);
    advance(&b, US_PER_S); /* the newest checkpoint is another */
    struct log_said s = answer(&b, CENTRE, LOG_PROOF, 1, "");
    assert_int_equal(tlog_proof_read(s.text, &p, &extra), RESULT_OK);
    assert_true(confirms(p.note, 0));
    uint64_t index = b.l->published_size - 1;
    s = answer(&b, AUDITOR, LOG_PROOF, index, ""); /* which nobody confirmed yet */
    assert_int_equal(tlog_proof_read(s.text, &p, &extra), RESULT_OK);
    assert_false(confirms(p.note, 0));
    buf_free(&note);
    buf_free(&extra);
    bench_free(&b);
}

static void confirmations_survive_a_restart(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    open_bench(&b);
    cosign(&b, 0, b.wall_us, &note);
    assert_int_equal(hand_in(&b, &note).answer, LOG_HERE);
    bench_restart(&b);
    advance(&b, US_PER_S);
    struct log_said s = answer(&b, CENTRE, LOG_PROOF, 1, "");
    assert_non_null(memmem(s.text.p, s.text.n, "w.example/1", 11));
    assert_int_equal(b.l->transparency->witness[0].at_us, NOON + US_PER_S);
    buf_free(&note);
    bench_free(&b);
}

/* The disk takes as long as the test holds it. */
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

int syncfs(int fd)
{
    (void)fd;
    (void)pthread_mutex_lock(&disk);
    return pthread_mutex_unlock(&disk);
}

static void turns_go_on_while_a_checkpoint_is_written_aside(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    struct aside *aside = aside_new();
    open_bench(&b);
    tiles_write_aside(b.l->tiles, aside);
    const uint64_t before = b.l->published_size;
    cosign(&b, 0, b.wall_us, &note);
    (void)pthread_mutex_lock(&disk);
    advance(&b, US_PER_S);
    publish(&b, 2); /* it has its receipt, and another second passes */
    advance(&b, US_PER_S);
    assert_int_equal(b.l->published_size, before);
    assert_true(ledger_idle_us(b.l, US_PER_S) > 0);
    assert_int_equal(hand_in(&b, &note).answer, LOG_HERE);
    (void)pthread_mutex_unlock(&disk);
    tiles_wait(b.l->tiles);
    turn(&b);
    const uint64_t then = b.l->published_size;
    assert_in_range(then, before + 1, tiles_size(b.l->tiles) - 1);
    advance(&b, US_PER_S);
    tiles_wait(b.l->tiles);
    turn(&b);
    assert_true(b.l->published_size > then);
    buf_free(&note);
    bench_free(&b);
    aside_free(aside);
}

static void what_no_known_witness_signed_changes_nothing(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    open_bench(&b);
    cosign(&b, 0, b.wall_us, &note);
    uint8_t *letter = note.p + note.n - 20, was = *letter;
    *letter = was == 'A' ? 'B' : 'A'; /* its signature, in base64 still */
    assert_int_equal(hand_in(&b, &note).answer, LOG_DENIED);
    *letter = was;
    note.p[2] ^= 1; /* the checkpoint */
    assert_int_equal(hand_in(&b, &note).answer, LOG_WRONG);
    note.p[2] ^= 1;
    cosign(&b, 0, b.wall_us + US_PER_HOUR, &note); /* of the future */
    assert_int_equal(hand_in(&b, &note).answer, LOG_DENIED);
    assert_int_equal(b.l->transparency->witness[0].note.n, 0);
    struct log_said s = answer(&b, FIRE, LOG_CHECKPOINT, 0, "");
    buf_clear(&note);
    buf_put(&note, s.text.p, s.text.n); /* nobody signed */
    assert_int_equal(hand_in(&b, &note).answer, LOG_DENIED);
    buf_free(&note);
    bench_free(&b);
}

static void an_older_confirmation_does_not_replace_a_newer_one(void **state)
{
    (void)state;
    struct bench b;
    struct buf older = BUF_INIT(LOG_NOTE_MAX), newer = BUF_INIT(LOG_NOTE_MAX);
    open_bench(&b);
    cosign(&b, 0, b.wall_us, &older);
    publish(&b, 2);
    advance(&b, 2 * US_PER_S);
    cosign(&b, 0, b.wall_us, &newer);
    assert_int_equal(hand_in(&b, &newer).answer, LOG_HERE);
    uint64_t size = b.l->transparency->witness[0].size;
    assert_int_equal(hand_in(&b, &older).answer, LOG_HERE);
    assert_int_equal(b.l->transparency->witness[0].size, size);
    buf_free(&older);
    buf_free(&newer);
    bench_free(&b);
}

/* A checkpoint that our key signed and our tree does not have: somebody saw another log. */
static void a_confirmation_of_another_tree_is_not_taken(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    struct checkpoint c = {.origin = bytes_of_text(LOG_NAME)};
    open_bench(&b);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t signature[SIGN_SIGNATURE];
        c.size = i == 0 ? b.l->published_size : b.l->published_size + 100;
        buf_clear(&note);
        checkpoint_put(&c, &note);
        sign_make(log_seed, buf_view(&note), signature);
        buf_u8(&note, '\n');
        note_put_signature(&b.l->log_key, signature, &note);
        witness_sign(&witness[0], seed[0], buf_view(&note), NOON / US_PER_S, &note);
        assert_int_equal(hand_in(&b, &note).answer, LOG_WRONG);
    }
    buf_free(&note);
    bench_free(&b);
}

static void a_silent_witness_is_told_once_and_again_when_it_is_back(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    open_bench(&b);
    cosign(&b, 0, b.wall_us, &note);
    assert_int_equal(hand_in(&b, &note).answer, LOG_HERE);
    advance(&b, US_PER_HOUR - 10 * US_PER_S);
    assert_int_equal(count_leaves(&b, "witness-late"), 0);
    advance(&b, 20 * US_PER_S);
    advance(&b, US_PER_HOUR);
    assert_int_equal(count_leaves(&b, "witness-late"), 2); /* both, the second was never there */
    assert_int_equal(count_leaves(&b, "witness=w.example/2 confirmed=0"), 1);
    cosign(&b, 0, b.wall_us, &note);
    assert_int_equal(hand_in(&b, &note).answer, LOG_HERE);
    assert_int_equal(count_leaves(&b, "witness-back"), 1);
    advance(&b, 2 * US_PER_HOUR);
    assert_int_equal(count_leaves(&b, "witness-late"), 3);
    buf_free(&note);
    bench_free(&b);
}

static void a_damaged_confirmation_is_forgotten_and_the_ledger_starts(void **state)
{
    (void)state;
    struct bench b;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    char name[64], id[9];
    open_bench(&b);
    cosign(&b, 0, b.wall_us, &note);
    assert_int_equal(hand_in(&b, &note).answer, LOG_HERE);
    bytes_to_hex(bytes_of(witness[0].id, 4), id);
    (void)snprintf(name, sizeof name, "witness-%s", id);
    /* Turned, not overwritten: byte 30 is of the root's base64, and one time in 64 it was the "x"
     * that stood here before. */
    int fd = openat(b.audit.fd, name, O_RDWR | O_CLOEXEC);
    char was = 0;
    assert_true(fd >= 0 && pread(fd, &was, 1, 30) == 1);
    was ^= 1;
    assert_true(pwrite(fd, &was, 1, 30) == 1);
    (void)close(fd);
    bench_restart(&b);
    assert_int_equal(b.l->transparency->witness[0].note.n, 0);
    buf_free(&note);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_is_for_everybody),
        cmocka_unit_test(reading_hashes_is_on_record_once_an_hour_for_each_unit),
        cmocka_unit_test(hashes_are_for_everybody_and_entries_for_auditors),
        cmocka_unit_test(what_is_no_path_of_a_tile_opens_no_file),
        cmocka_unit_test(a_proof_is_for_sender_and_auditor),
        cmocka_unit_test(a_proof_is_for_the_recipient_it_is_about_alone),
        cmocka_unit_test(a_proof_waits_for_a_checkpoint_that_covers_it),
        cmocka_unit_test(nobody_is_told_whose_edge_went),
        cmocka_unit_test(a_question_that_is_none_ends_the_channel),
        cmocka_unit_test(a_damaged_entry_ends_no_channel_and_no_process),
        cmocka_unit_test(a_confirmation_stands_under_the_checkpoint_from_then_on),
        cmocka_unit_test(a_proof_comes_with_what_witnesses_confirmed),
        cmocka_unit_test(confirmations_survive_a_restart),
        cmocka_unit_test(turns_go_on_while_a_checkpoint_is_written_aside),
        cmocka_unit_test(what_no_known_witness_signed_changes_nothing),
        cmocka_unit_test(an_older_confirmation_does_not_replace_a_newer_one),
        cmocka_unit_test(a_confirmation_of_another_tree_is_not_taken),
        cmocka_unit_test(a_silent_witness_is_told_once_and_again_when_it_is_back),
        cmocka_unit_test(a_damaged_confirmation_is_forgotten_and_the_ledger_starts),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
