/* The gateway's halves of keys in vaults: judged, recorded, counted, and gone when their group is.
 */
#include "ledger/halves.h"
#include "ledger/owed.h"
#include "dump.h"
#include "full_disk.h"

#define CLAUSE "mou-1#scene"

/* ---- the road to a delivery that is owed */

static uint64_t let_go(struct bench *b, bool owes, int64_t receipt_within_us, uint32_t uses)
{
    const struct road_deliver d = delivered(b);
    const struct road_release r = {.consumer = d.consumer,
                                   .entry = d.entry,
                                   .permitted = true,
                                   .reason = bytes_of_text("permitted"),
                                   .clause = bytes_of_text(CLAUSE),
                                   .size = 100,
                                   .at_us = b->wall_us,
                                   .owes = owes,
                                   .receipt_within_us = receipt_within_us,
                                   .uses = uses};
    struct buf body = BUF_INIT(4096);
    road_release_put(&r, &body);
    assert_int_equal(tell(b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(b);
    uint64_t index = released(b).index;
    acknowledge(b, &d, 0);
    turn(b);
    return index;
}

/* To the fire service, under a scope of its own that ends in an hour. */
static uint64_t provide(struct bench *b, uint8_t id, uint32_t uses)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    return let_go(b, true, US_PER_DAY, uses);
}

/* What the gateway itself tells it. */
static uint64_t tell_it(struct bench *b, uint8_t id)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.envelope.source = bytes_of_text("gateway/self");
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    return let_go(b, false, 0, 0);
}

static void begin(struct bench *b)
{
    bench_init(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

/* ---- questions */

struct answer {
    struct half_said said;
    uint8_t half[HALF_BYTES];
};

/* With this said of who opens, and why. */
static struct answer ask_saying(struct bench *b, enum half_what what, const char *unit,
                                uint64_t index, const struct road_fact *fact)
{
    struct half_ask a = {.what = (uint8_t)what,
                         .unit = bytes_of_text(unit),
                         .index = index,
                         .fact = *fact,
                         .used_us = what == HALF_REPORT ? NOON : 0};
    struct answer out = {0};
    uint8_t secret[BOX_KEY];
    struct buf body = BUF_INIT(4096);
    a.ticket = ++b->next_ticket;
    box_keys(a.reader, secret);
    half_ask_put(&a, &body);
    assert_int_equal(tell(b, IPC_HALF_ASK, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    assert_int_equal(count_said(b, IPC_HALF_SAID), 0); /* nothing leaves before the commit */
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_HALF_SAID));
    assert_int_equal(half_said_take(&in, &out.said), RESULT_OK);
    assert_int_equal(out.said.ticket, a.ticket);
    if (out.said.box.n > 0)
        assert_int_equal(box_open(a.reader, secret, out.said.box, out.half), RESULT_OK);
    assert_true((out.said.box.n > 0) == (out.said.answer == HALF_GIVEN && a.what != HALF_REPORT));
    forget_said(b);
    out.said.clause = out.said.box = bytes_of(NULL, 0);
    return out;
}

static struct answer ask(struct bench *b, enum half_what what, const char *unit, uint64_t index)
{
    return ask_saying(b, what, unit, index, &(struct road_fact){0});
}

static void a_vault_gets_the_same_half_for_storing_and_opening(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0), two = provide(&b, 2, 0);
    const struct answer stored = ask(&b, HALF_STORE, FIRE, one),
                        other = ask(&b, HALF_STORE, FIRE, two),
                        opened = ask(&b, HALF_OPEN, FIRE, one);
    assert_int_equal(stored.said.answer, HALF_GIVEN);
    assert_int_equal(opened.said.answer, HALF_GIVEN);
    assert_memory_equal(stored.half, opened.half, HALF_BYTES);
    assert_memory_not_equal(stored.half, other.half, HALF_BYTES);
    assert_false(opened.said.limited);
    assert_int_equal(count_leaves(&b, "vault-stored"), 2);
    assert_int_equal(count_leaves(&b, "opened"), 1);
    bench_free(&b);
}

static void what_a_unit_was_not_delivered_it_gets_no_half_for(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0);
    assert_int_equal(ask(&b, HALF_STORE, CENTRE, one).said.answer, HALF_NONE);
    assert_int_equal(ask(&b, HALF_OPEN, CENTRE, one).said.answer, HALF_NONE);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one - 1).said.answer, HALF_NONE);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, 100000).said.answer, HALF_NONE);
    assert_int_equal(count_leaves(&b, "vault-stored") + count_leaves(&b, "opened") +
                         count_leaves(&b, "opening-refused"),
                     0);
    bench_free(&b);
}

static void what_nobody_has_to_destroy_needs_no_half(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = tell_it(&b, 1);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_FREE);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_FREE);
    assert_int_equal(count_leaves(&b, "opened"), 1);
    bench_free(&b);
}

static void openings_are_counted_also_over_a_restart(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 2);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.left, 2);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.left, 1);
    bench_restart(&b);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.left, 0);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_USED_UP);
    assert_int_equal(count_leaves(&b, "opened"), 2);
    assert_int_equal(count_leaves(&b, "opening-refused"), 1);
    bench_free(&b);
}

static void an_opening_without_the_gateway_is_counted_when_it_is_told(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 1);
    (void)ask(&b, HALF_STORE, FIRE, one);
    assert_int_equal(ask(&b, HALF_REPORT, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(ask(&b, HALF_REPORT, FIRE, one).said.answer, HALF_GIVEN); /* what was, was */
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_USED_UP);
    assert_int_equal(count_leaves(&b, "opened"), 2);
    bench_free(&b);
}

static void when_the_group_is_due_no_half_is_given_and_its_key_is_erased(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0);
    (void)ask(&b, HALF_STORE, FIRE, one);
    size_t before = b.scopes;
    b.wall_us += US_PER_HOUR; /* no turn yet: the clock alone says so */
    b.steady_us += US_PER_HOUR;
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    advance(&b, US_PER_MINUTE); /* the edge had its time to confirm */
    turn(&b);
    assert_true(b.scopes < before);
    for (size_t i = 0; i < b.scopes; i++)
        assert_false(half_is_tuple(b.scope[i].tuple));
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_ENDED);
    bench_restart(&b);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    size_t at = 0;
    assert_null(halves_next(b.l, &at));
    bench_free(&b);
}

/* A group of the incident's, which ends five minutes after that. */
static uint64_t provide_for_incident(struct bench *b, int64_t deadline_us,
                                     int64_t receipt_within_us)
{
    struct road_commit c;
    make_commit(b, 1, 1, &c);
    with_scope(b, &c, 1);
    c.scope[0].incident = bytes_of_text(INCIDENT);
    c.scope[0].starts = SPOOL_INCIDENT_END;
    c.scope[0].delay_us = 5 * US_PER_MINUTE;
    c.scope[0].deadline_us = c.recipient[0].deadline_us = deadline_us;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    return let_go(b, true, receipt_within_us, 0);
}

/* One that rests on a consent; and what becomes of that. */
static uint64_t provide_by_consent(struct bench *b)
{
    static uint8_t consent[ROAD_CONSENT];
    struct road_commit c;
    memset(consent, 'c', ROAD_CONSENT_DIGEST);
    make_commit(b, 1, 1, &c);
    with_scope(b, &c, 1);
    c.scope[0].consent = bytes_of(consent, sizeof consent);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    return let_go(b, true, US_PER_DAY, 0);
}

static void change_consent(struct bench *b, uint8_t id, enum standing_step step)
{
    struct standing_change x = {.step = step, .by = bytes_of_text(CENTRE), .at_us = b->wall_us};
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    memset(x.consent, 'c', sizeof x.consent);
    make_commit(b, id, 0, &c);
    c.bodies = 0;
    c.recipient[0].unit = bytes_of_text("gateway/self");
    standing_change_put(&x, &room);
    c.standing = buf_view(&room);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    buf_free(&room);
}

static void while_a_consent_is_suspended_nothing_opens_that_rests_on_it(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide_by_consent(&b), two = provide(&b, 2, 0);
    (void)ask(&b, HALF_STORE, FIRE, one);
    (void)ask(&b, HALF_STORE, FIRE, two);
    change_consent(&b, 100, STANDING_SUSPENDED);
    bench_restart(&b);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_SUSPENDED);
    assert_int_equal(count_leaves(&b, "\"opening-refused\""), 1);
    assert_int_equal(count_leaves(&b, "\"reason\":\"consent-withdrawn\""), 1);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_GIVEN); /* it is kept */
    assert_int_equal(ask(&b, HALF_REPORT, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, two).said.answer, HALF_GIVEN);
    change_consent(&b, 101, STANDING_RESUMED);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_GIVEN);
    change_consent(&b, 102, STANDING_WITHDRAWN);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    bench_free(&b);
}

static void forget_what_is_old(struct bench *b, uint8_t id)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    c.recipient[0].deadline_us = b->wall_us + US_PER_HOUR;
    with_scope(b, &c, id);
    c.scope[0].deadline_us = c.recipient[0].deadline_us;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

/* Its order was made, settled or not, and is remembered no longer; its deadline is far away. */
static void what_was_to_be_destroyed_long_ago_never_becomes_free(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    move_incident(&b, 50, INCIDENT_OPEN);
    uint64_t one = provide_for_incident(&b, NOON + 90 * US_PER_DAY, 0);
    move_incident(&b, 51, INCIDENT_CLOSE);
    advance(&b, 5 * US_PER_MINUTE);
    turn(&b);
    for (unsigned day = 0; day < 9; day++)
        advance(&b, US_PER_DAY);
    forget_what_is_old(&b, 2);
    assert_int_equal(map_count(b.l->owing->orders), 0);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_ENDED);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    assert_int_equal(count_leaves(&b, "opening-refused"), 1);
    bench_free(&b);
}

static void the_incidents_end_ends_halves_and_reopening_it_later_brings_none_back(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    move_incident(&b, 50, INCIDENT_OPEN);
    uint64_t one = provide_for_incident(&b, NOON + US_PER_DAY, US_PER_DAY);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_GIVEN);
    move_incident(&b, 51, INCIDENT_CLOSE);
    advance(&b, 5 * US_PER_MINUTE - 1);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_GIVEN);
    bench_restart(&b);
    advance(&b, 1);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    for (unsigned i = 0; i < 3; i++) /* the bodies first; the edge has its time to confirm */
        advance(&b, US_PER_MINUTE);
    for (size_t i = 0; i < b.scopes; i++)
        assert_false(half_is_tuple(b.scope[i].tuple));
    assert_true(count_leaves(&b, "cause=purpose-fulfilled") >= 1);
    move_incident(&b, 52, INCIDENT_REOPEN);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_ENDED);
    bench_free(&b);
}

static void without_a_keeper_nothing_is_given_and_nothing_recorded(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 1);
    (void)ask(&b, HALF_STORE, FIRE, one);
    b.no_keeper = true;
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_LATER);
    b.no_keeper = false;
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(count_leaves(&b, "opened"), 1);
    bench_free(&b);
}

static void vaults_leave_a_quarter_of_the_scopes_to_messages(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0), two = provide(&b, 2, 0);
    fill_scopes(&b, KEYS_SCOPES_MAX / 4 * 3 - 1);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, two).said.answer, HALF_LATER);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_GIVEN);
    (void)provide(&b, 3, 0);
    bench_free(&b);
}

static void openings_without_a_limit_take_no_place(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0);
    size_t at = 0;
    (void)ask(&b, HALF_STORE, FIRE, one);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(ask(&b, HALF_REPORT, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(halves_next(b.l, &at)->count, 0);
    assert_int_equal(count_leaves(&b, "opened"), 2);
    bench_free(&b);
}

static void what_was_never_stored_does_not_open(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    assert_int_equal(count_leaves(&b, "opening-refused"), 1);
    bench_free(&b);
}

/* ---- what is not given */

static void what_is_due_has_ended_also_when_it_was_used_up(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 1);
    (void)ask(&b, HALF_STORE, FIRE, one);
    (void)ask(&b, HALF_OPEN, FIRE, one);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_USED_UP);
    b.wall_us += US_PER_HOUR; /* no turn yet: its key is there */
    b.steady_us += US_PER_HOUR;
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    bench_free(&b);
}

static void a_report_is_taken_also_of_what_needs_no_half(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = tell_it(&b, 1);
    assert_int_equal(ask(&b, HALF_REPORT, FIRE, one).said.answer, HALF_GIVEN);
    assert_int_equal(count_leaves(&b, "used="), 1);
    bench_free(&b);
}

static void of_a_half_whose_key_the_keeper_lost_no_opening_is_recorded(void **state)
{
    (void)state;
    struct bench b;
    size_t at = 0;
    begin(&b);
    uint64_t one = provide(&b, 1, 1);
    (void)ask(&b, HALF_STORE, FIRE, one);
    kept(&b, halves_next(b.l, &at)->scope)->doomed = true;
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_ENDED);
    assert_int_equal(count_leaves(&b, "opened"), 0);
    bench_free(&b);
}

/* What cannot be recorded does not happen. */
static void on_a_full_disk_no_half_is_given_for_now(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 1);
    (void)ask(&b, HALF_STORE, FIRE, one);
    fill_disk(&b, 8 << 10);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_LATER);
    free_disk(&b);
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, one).said.answer, HALF_GIVEN);
    bench_free(&b);
}

static void who_opens_has_to_fit_into_the_register(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0);
    (void)ask(&b, HALF_STORE, FIRE, one);
    const struct road_fact fact = {.scope = 1, .sealed = bytes_of_text("sealed words of somebody")};
    assert_int_equal(ask_saying(&b, HALF_OPEN, FIRE, one, &fact).said.answer, HALF_LATER);
    assert_int_equal(count_leaves(&b, "opened"), 0);
    bench_free(&b);
}

/* ---- what no keeper and no ledger says */

static bool swaps_tuple, swaps_generation;

static enum result ask_a_confused_keeper(void *arg, enum ipc_type type, struct bytes body,
                                         enum ipc_type wanted, struct buf *reply)
{
    TRY(bench_ask(arg, type, body, wanted, reply));
    if (type != IPC_REGISTER_MAKE)
        return RESULT_OK;
    struct cursor in = cursor_over(buf_view(reply));
    struct keys_slot slot;
    TRY(keys_slot_take(&in, &slot));
    slot.tuple[0] ^= swaps_tuple;
    slot.generation += swaps_generation;
    buf_clear(reply);
    keys_slot_put(&slot, reply);
    return RESULT_OK;
}

static enum result store(struct bench *b, uint64_t index)
{
    const struct half_ask a = {.ticket = ++b->next_ticket,
                               .what = HALF_STORE,
                               .unit = bytes_of_text(FIRE),
                               .index = index};
    struct buf body = BUF_INIT(4096);
    half_ask_put(&a, &body);
    const enum result r = tell(b, IPC_HALF_ASK, buf_view(&body));
    buf_free(&body);
    return r;
}

static void a_scope_that_the_keeper_made_for_something_else_is_not_used(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    uint64_t one = provide(&b, 1, 0);
    b.l->config.ask = ask_a_confused_keeper;
    swaps_tuple = true;
    assert_int_equal(store(&b, one), RESULT_DAMAGED);
    swaps_tuple = false;
    swaps_generation = true;
    assert_int_equal(store(&b, one), RESULT_DAMAGED);
    swaps_generation = false;
    assert_int_equal(ask(&b, HALF_STORE, FIRE, one).said.answer, HALF_GIVEN);
    bench_free(&b);
}

static void halves_of_a_scope_that_is_not_there_are_damage(void **state)
{
    (void)state;
    struct bench b;
    struct buf item = BUF_INIT(100);
    begin(&b);
    halves_put(&(struct ledger_halves){.group = 7, .scope = 8}, &item);
    struct cursor in = cursor_over(buf_view(&item));
    assert_int_equal(halves_take(b.l, &in), RESULT_DAMAGED);
    buf_free(&item);
    bench_free(&b);
}

/* ---- streams */

/* A unit watches, and owes what it is sent; the leaf of its beginning. */
static uint64_t watch(struct bench *b)
{
    const struct road_event e = {.ticket = 5,
                                 .event = AUDIT_WATCH_OPENED,
                                 .envelope = {.source = bytes_of_text(CAR)},
                                 .at_us = b->wall_us,
                                 .unit = bytes_of_text(CENTRE),
                                 .clause = bytes_of_text(CLAUSE),
                                 .owes = true,
                                 .uses = 1,
                                 .terms = {.id = 1, .deadline_us = NOON + US_PER_HOUR}};
    const uint64_t index = record_event(b, &e);
    forget_said(b);
    return index;
}

static void a_recording_has_a_half_as_long_as_its_watcher_may_keep_it(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    uint64_t index = watch(&b);
    const struct answer stored = ask(&b, HALF_STORE, CENTRE, index);
    assert_int_equal(stored.said.answer, HALF_GIVEN);
    assert_int_equal(stored.said.left, 1);
    const struct answer opened = ask(&b, HALF_OPEN, CENTRE, index);
    assert_int_equal(opened.said.answer, HALF_GIVEN);
    assert_memory_equal(opened.half, stored.half, HALF_BYTES);
    assert_int_equal(ask(&b, HALF_OPEN, CENTRE, index).said.answer, HALF_USED_UP);
    bench_restart(&b);
    advance(&b, US_PER_HOUR);
    turn(&b);
    confirm_wipe(&b);
    turn(&b);
    assert_int_equal(b.scopes, 0);
    assert_int_not_equal(ask(&b, HALF_OPEN, CENTRE, index).said.answer, HALF_GIVEN);
    assert_int_not_equal(ask(&b, HALF_STORE, CENTRE, index).said.answer, HALF_GIVEN);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vault_gets_the_same_half_for_storing_and_opening),
        cmocka_unit_test(what_a_unit_was_not_delivered_it_gets_no_half_for),
        cmocka_unit_test(what_nobody_has_to_destroy_needs_no_half),
        cmocka_unit_test(openings_are_counted_also_over_a_restart),
        cmocka_unit_test(an_opening_without_the_gateway_is_counted_when_it_is_told),
        cmocka_unit_test(when_the_group_is_due_no_half_is_given_and_its_key_is_erased),
        cmocka_unit_test(while_a_consent_is_suspended_nothing_opens_that_rests_on_it),
        cmocka_unit_test(what_was_to_be_destroyed_long_ago_never_becomes_free),
        cmocka_unit_test(the_incidents_end_ends_halves_and_reopening_it_later_brings_none_back),
        cmocka_unit_test(without_a_keeper_nothing_is_given_and_nothing_recorded),
        cmocka_unit_test(vaults_leave_a_quarter_of_the_scopes_to_messages),
        cmocka_unit_test(openings_without_a_limit_take_no_place),
        cmocka_unit_test(what_was_never_stored_does_not_open),
        cmocka_unit_test(what_is_due_has_ended_also_when_it_was_used_up),
        cmocka_unit_test(a_report_is_taken_also_of_what_needs_no_half),
        cmocka_unit_test(of_a_half_whose_key_the_keeper_lost_no_opening_is_recorded),
        cmocka_unit_test(on_a_full_disk_no_half_is_given_for_now),
        cmocka_unit_test(who_opens_has_to_fit_into_the_register),
        cmocka_unit_test(a_scope_that_the_keeper_made_for_something_else_is_not_used),
        cmocka_unit_test(halves_of_a_scope_that_is_not_there_are_damage),
        cmocka_unit_test(a_recording_has_a_half_as_long_as_its_watcher_may_keep_it),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
