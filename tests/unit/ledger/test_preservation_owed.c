/* What officers hold is kept by recipients too: no order is made, and their vaults are told. */
#include "dump.h"
#include "officers.h"

#include "ledger/halves.h"

#define SUBJECT(text, index)                                                                       \
    char text[CONTROL_SUBJECT_MAX + 1];                                                            \
    (void)snprintf(text, sizeof text, "record %llu", (unsigned long long)(index))

/* FIRE watches something of this incident, or of none. */
static uint64_t watch(struct bench *b, const char *incident, char tuple)
{
    return watch_under(b, (struct road_scope){.incident = bytes_of_text(incident)}, tuple);
}

static void begin(struct bench *b)
{
    office_init(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

/* Of these lines, the next from *i on; NULL: none. */
static const char *next_owed(const struct dump *d, size_t *i)
{
    while (*i < d->lines && strncmp(d->line[*i], "owed ", 5) != 0 &&
           strncmp(d->line[*i], "halves ", 7) != 0)
        ++*i;
    return *i < d->lines ? d->line[(*i)++] : NULL;
}

/* What is owed, and held of it, comes back as it was. */
static void restart(struct bench *b)
{
    size_t was = 0, is = 0;
    const char *line;
    struct dump before = dump_of(b->l);
    bench_restart(b);
    struct dump after = dump_of(b->l);
    while ((line = next_owed(&before, &was)) != NULL) {
        const char *again = next_owed(&after, &is);
        assert_non_null(again);
        assert_string_equal(line, again);
    }
    assert_null(next_owed(&after, &is));
    dump_free(&before);
    dump_free(&after);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

static size_t orders(struct bench *b)
{
    return count_leaves(b, "\"ordered\"");
}

/* ---- questions */

static struct half_said ask(struct bench *b, enum half_what what, const char *unit, uint64_t index)
{
    static uint8_t reader[HALF_READER];
    struct half_ask a = {.ticket = ++b->next_ticket,
                         .what = (uint8_t)what,
                         .unit = bytes_of_text(unit),
                         .index = index};
    struct half_said said;
    uint8_t secret[BOX_KEY];
    struct buf body = BUF_INIT(4096);
    box_keys(reader, secret);
    memcpy(a.reader, reader, sizeof reader);
    half_ask_put(&a, &body);
    assert_int_equal(tell(b, IPC_HALF_ASK, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_HALF_SAID));
    assert_int_equal(half_said_take(&in, &said), RESULT_OK);
    assert_int_equal(said.ticket, a.ticket);
    return said;
}

/* Just this record of FIRE's is held, for this; 0: nothing. */
static void is_held(struct bench *b, uint64_t record, const char *subject)
{
    const struct half_said said = ask(b, HALF_HELD, FIRE, 0);
    struct cursor in = cursor_over(said.held);
    struct half_hold h;
    assert_int_equal(said.next, 0);
    if (record != 0) {
        assert_int_equal(half_hold_take(&in, &h), RESULT_OK);
        assert_true(bytes_is(h.subject, subject));
        assert_int_equal(h.since_us, NOON);
        assert_int_equal(road_items(h.records), 1);
        assert_int_equal(road_item(h.records, 0), record);
    }
    assert_int_equal(in.left, 0);
}

/* ---- holds */

static void what_a_recipient_keeps_is_not_ordered_while_it_is_held(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    const uint64_t held = watch(&b, INCIDENT, 'a'), other = watch(&b, "", 'b');
    assert_int_equal(ask(&b, HALF_STORE, FIRE, held).answer, HALF_GIVEN);
    is_held(&b, 0, "");
    both(&b, CONTROL_HOLD, "incident " INCIDENT);
    assert_int_equal(count_leaves(&b, "scopes=0 groups=1"), 1);
    is_held(&b, held, "incident " INCIDENT);
    restart(&b);
    is_held(&b, held, "incident " INCIDENT);
    forget_said(&b);
    advance(&b, US_PER_DAY);
    (void)ordered_alone(&b, other);
    assert_int_equal(orders(&b), 1);
    b.read = 0;
    assert_int_equal(count_said(&b, IPC_WIPE), 0); /* its half is kept, and nobody gets it */
    assert_int_equal(ask(&b, HALF_OPEN, FIRE, held).answer, HALF_ENDED);
    restart(&b);
    forget_said(&b);
    both(&b, CONTROL_RELEASE_HOLD, "incident " INCIDENT);
    turn(&b);
    (void)ordered_alone(&b, held);
    is_held(&b, 0, "");
    b.read = 0;
    confirm_wipe(&b);
    assert_int_equal(b.scopes, 0);
    restart(&b);
    bench_free(&b);
}

/* Nothing of it is stored at the gateway: there is what the recipient has. */
static void a_hold_of_one_record_reaches_what_only_its_recipient_has(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    const uint64_t held = watch(&b, "", 'a'), other = watch(&b, "", 'b');
    SUBJECT(subject, held);
    both(&b, CONTROL_HOLD, subject);
    is_held(&b, held, subject);
    forget_said(&b);
    advance(&b, US_PER_DAY);
    (void)ordered_alone(&b, other);
    restart(&b);
    forget_said(&b);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    turn(&b);
    (void)ordered_alone(&b, held);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, KIM, NULL), CONTROL_CODE_NOT_STORED);
    bench_free(&b);
}

static void a_hold_of_keys_reaches_what_was_released_under_them(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    begin(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    memset(c.scope[0].tuple, 'a', ROAD_DIGEST);
    c.scope[0].incident = bytes_of_text(INCIDENT);
    c.recipient[0].unit = bytes_of_text(CAR);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    const uint64_t before = watch(&b, "", 'a');
    both(&b, CONTROL_HOLD, "scope 1");
    is_held(&b, before, "scope 1");
    restart(&b);
    is_held(&b, before, "scope 1");
    both(&b, CONTROL_RELEASE_HOLD, "scope 1");
    is_held(&b, 0, "");
    restart(&b);
    bench_free(&b);
}

/* Its half is made under the hold, too. */
static void what_is_provided_while_its_incident_is_held_is_held(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)watch(&b, INCIDENT, 'a');
    both(&b, CONTROL_HOLD, "incident " INCIDENT);
    const uint64_t late = watch(&b, INCIDENT, 'b');
    assert_int_equal(ask(&b, HALF_STORE, FIRE, late).answer, HALF_GIVEN);
    restart(&b);
    advance(&b, US_PER_DAY);
    assert_int_equal(orders(&b), 0);
    assert_int_equal(count_said(&b, IPC_WIPE), 0);
    both(&b, CONTROL_RELEASE_HOLD, "incident " INCIDENT);
    turn(&b);
    assert_int_equal(orders(&b), 2);
    b.read = 0;
    confirm_wipe(&b);
    assert_int_equal(b.scopes, 0);
    bench_free(&b);
}

static void what_two_hold_is_held_until_both_let_it_go(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    const uint64_t held = watch(&b, INCIDENT, 'a');
    SUBJECT(subject, held);
    assert_int_equal(ask(&b, HALF_STORE, FIRE, held).answer, HALF_GIVEN);
    both(&b, CONTROL_HOLD, "incident " INCIDENT);
    both(&b, CONTROL_HOLD, subject);
    advance(&b, US_PER_DAY);
    both(&b, CONTROL_RELEASE_HOLD, "incident " INCIDENT);
    turn(&b);
    restart(&b);
    assert_int_equal(orders(&b), 0);
    b.read = 0;
    assert_int_equal(count_said(&b, IPC_WIPE), 0);
    is_held(&b, held, subject);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    turn(&b);
    assert_int_equal(orders(&b), 1);
    bench_free(&b);
}

static void what_a_recipient_keeps_for_a_hold_is_not_destroyed_as_unlawful(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    const uint64_t held = watch(&b, INCIDENT, 'a');
    SUBJECT(subject, held);
    both(&b, CONTROL_HOLD, subject);
    assert_int_equal(act(&b, CONTROL_DESTROY, "incident " INCIDENT, KIM, NULL),
                     CONTROL_CODE_PRESERVED);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    both(&b, CONTROL_DESTROY, "incident " INCIDENT);
    turn(&b);
    (void)ordered_alone(&b, held);
    bench_free(&b);
}

/* Of its own, and nobody else's, a thousand at a time. */
static void a_vault_asks_on_until_it_knows_all(void **state)
{
    (void)state;
    enum { MANY = HALF_HELD_MAX + 5 };
    struct bench b;
    struct half_hold h;
    uint64_t first = 0, last = 0;
    begin(&b);
    for (size_t i = 0; i < MANY; i++) {
        last = watch(&b, INCIDENT, (char)('a' + i % 7));
        first = i == 0 ? last : first;
        forget_said(&b);
    }
    both(&b, CONTROL_HOLD, "incident " INCIDENT);
    struct half_said said = ask(&b, HALF_HELD, FIRE, 0);
    struct cursor in = cursor_over(said.held);
    assert_int_equal(half_hold_take(&in, &h), RESULT_OK);
    assert_int_equal(road_items(h.records), HALF_HELD_MAX);
    assert_int_equal(road_item(h.records, 0), first);
    assert_true(said.next > road_item(h.records, HALF_HELD_MAX - 1));
    said = ask(&b, HALF_HELD, FIRE, said.next);
    in = cursor_over(said.held);
    assert_int_equal(half_hold_take(&in, &h), RESULT_OK);
    assert_int_equal(road_items(h.records), MANY - HALF_HELD_MAX);
    assert_int_equal(road_item(h.records, MANY - HALF_HELD_MAX - 1), last);
    assert_int_equal(said.next, 0);
    said = ask(&b, HALF_HELD, CAR, 0);
    assert_true(said.held.n == 0 && said.next == 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_recipient_keeps_is_not_ordered_while_it_is_held),
        cmocka_unit_test(a_hold_of_one_record_reaches_what_only_its_recipient_has),
        cmocka_unit_test(a_hold_of_keys_reaches_what_was_released_under_them),
        cmocka_unit_test(what_is_provided_while_its_incident_is_held_is_held),
        cmocka_unit_test(what_two_hold_is_held_until_both_let_it_go),
        cmocka_unit_test(what_a_recipient_keeps_for_a_hold_is_not_destroyed_as_unlawful),
        cmocka_unit_test(a_vault_asks_on_until_it_knows_all),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
