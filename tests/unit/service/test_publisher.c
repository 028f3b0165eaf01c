/* Publish: what waits, in which order receipts come, and what ends a call. */
#include "publish.h"

struct fixture {
    struct desk d;
    struct session *police;
    struct caller c, other;
    char incident[IDENT_INCIDENT_MAX + 1];
};

static int set_up(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    char uuid[UUID_TEXT + 1];
    desk_new(&f->d);
    f->police = desk_session(&f->d, POLICE);
    caller_open(&f->c, f->police);
    desk_uuid(&f->d, uuid);
    (void)snprintf(f->incident, sizeof f->incident, "%s:%s", POLICE, uuid);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    desk_free(&f->d);
    mem_free(f);
    return 0;
}

static void send(struct fixture *f, const char *body, char *id)
{
    caller_send(&f->c, &f->d, POLICE, f->incident, body, id);
}

static void a_message_waits_for_the_opening_of_its_incident(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    send(f, DESK_ASK, NULL);
    struct road_commit *opening = desk_told_commit(&f->d);
    uint64_t ticket = opening->ticket;
    assert_int_equal(opening->changes, 1);
    assert_false(desk_has_told(&f->d, IPC_COMMIT)); /* the request was not decided yet */
    mem_free(opening);
    desk_commit(&f->d, ticket, ROAD_ON_DISK);
    assert_int_equal(f->c.receipts, 1);
    struct road_commit *request = desk_told_commit(&f->d);
    assert_int_equal(request->verdict, ROAD_ACCEPTED);
    assert_true(bytes_is(request->recipient[0].unit, CENTRE));
    ticket = request->ticket;
    mem_free(request);
    desk_commit(&f->d, ticket, ROAD_ON_DISK);
    assert_int_equal(f->c.receipts, 2);
    assert_says(f->c.receipt, "VERDICT_ACCEPTED");
}

static void what_waited_for_an_opening_that_failed_is_refused(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    send(f, DESK_ASK, NULL);
    desk_commit_next(&f->d, ROAD_ID_REUSED);
    struct road_commit *first = desk_told_commit(&f->d);
    assert_true(bytes_is(first->recipient[0].reason, reason_word(REASON_INCIDENT_UNKNOWN)));
    struct road_commit *second = desk_told_commit(&f->d);
    assert_true(bytes_is(second->recipient[0].reason, reason_word(REASON_ID_REUSED)));
    assert_int_equal(second->changes, 0);
    assert_false(second->remembered); /* the id stays with the message that had it first */
    mem_free(first);
    mem_free(second);
}

/* The change's fate matters to others than the one that asked for it. */
static void a_change_ends_although_its_caller_has_gone(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    publisher_close(f->c.publisher);
    caller_open(&f->other, f->police);
    caller_send(&f->other, &f->d, POLICE, f->incident, DESK_ASK, NULL);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_says(f->other.receipt, "VERDICT_ACCEPTED");
    assert_int_equal(f->c.receipts, 0);
}

/* The edge once freed the first then, and went on with it. */
static void what_waited_may_end_the_call_of_what_it_waited_for(void **state)
{
    struct fixture *f = *state;
    struct buf wipe = BUF_INIT(64);
    struct road_commit *c;
    send(f, DESK_REPORT, NULL);
    send(f, DESK_ASK, NULL);
    c = desk_told_commit(&f->d);
    buf_u64(&wipe, 1);
    buf_u64(&wipe, c->scope[0].id);
    desk_say(&f->d, IPC_WIPE, &wipe);
    f->d.keeper_is_away = true; /* so that the request finds no key */
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    assert_string_equal(f->c.why, "the keeper is not there");
    mem_free(c);
}

static void receipts_come_in_the_order_of_the_messages(void **state)
{
    struct fixture *f = *state;
    char first[UUID_TEXT + 1], second[UUID_TEXT + 1];
    desk_open_incident(&f->d, f->police, f->incident);
    send(f, DESK_ASK, first);
    send(f, DESK_ASK, second);
    struct road_commit *c = desk_told_commit(&f->d);
    uint64_t ticket = c->ticket;
    mem_free(c);
    desk_commit_next(&f->d, ROAD_ON_DISK); /* of the second */
    assert_int_equal(f->c.receipts, 0);
    desk_commit(&f->d, ticket, ROAD_ON_DISK);
    assert_int_equal(f->c.receipts, 2);
    assert_says(f->c.receipt, second);
}

static void a_stale_decision_is_made_again_and_at_last_given_up(void **state)
{
    struct fixture *f = *state;
    unsigned tries = 0;
    send(f, DESK_REPORT, NULL);
    while (desk_has_told(&f->d, IPC_COMMIT)) {
        struct road_commit *c = desk_told_commit(&f->d);
        uint64_t ticket = c->ticket;
        assert_int_equal(c->scopes, 1); /* that the ledger does not have, each time */
        mem_free(c);
        tries++;
        desk_commit(&f->d, ticket, ROAD_STALE);
    }
    assert_int_equal(tries, 4);
    assert_string_equal(f->c.why, "the state changed too often");
    assert_null(f->c.publisher);
}

static void a_scope_goes_with_commits_until_the_ledger_has_it(void **state)
{
    struct fixture *f = *state;
    struct road_commit *c;
    desk_open_incident(&f->d, f->police, f->incident);
    for (unsigned i = 0; i < 3; i++) {
        send(f, DESK_ASK, NULL);
        c = desk_told_commit(&f->d);
        uint64_t ticket = c->ticket;
        size_t scopes = c->scopes;
        mem_free(c);
        assert_int_equal(scopes, 0); /* the opening brought it: same incident, same deadline */
        desk_commit(&f->d, ticket, ROAD_ON_DISK);
    }
    unsigned asked = f->d.keeper_asked;
    send(f, DESK_ASK, NULL);
    assert_int_equal(f->d.keeper_asked, asked);
}

static void without_a_keeper_nothing_is_taken(void **state)
{
    struct fixture *f = *state;
    f->d.keeper_is_away = true;
    send(f, DESK_REPORT, NULL);
    assert_string_equal(f->c.why, "the keeper is not there");
    assert_false(desk_has_told(&f->d, IPC_COMMIT));
}

static void a_sender_that_is_not_who_it_says_is_refused(void **state)
{
    struct fixture *f = *state;
    caller_send(&f->c, &f->d, CENTRE, f->incident, DESK_REPORT, NULL);
    struct road_commit *c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->recipient[0].reason, reason_word(REASON_IDENTITY_MISMATCH)));
    assert_true(bytes_is(c->envelope.source, POLICE)); /* the log names who it was */
    assert_int_equal(c->changes, 0);
    publisher_close(f->c.publisher); /* nor does it become another when its call has gone */
    desk_commit(&f->d, c->ticket, ROAD_ID_REUSED);
    mem_free(c);
    c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->recipient[0].reason, reason_word(REASON_IDENTITY_MISMATCH)));
    assert_true(bytes_is(c->envelope.source, POLICE));
    mem_free(c);
}

/* An id could say anything: the log had none of it, but the scope's description did. */
static void an_incident_of_nobodys_unit_is_kept_from_the_ledger(void **state)
{
    static const char name[] = "hong-gildong/person";
    struct fixture *f = *state;
    char incident[IDENT_INCIDENT_MAX + 1];
    (void)snprintf(incident, sizeof incident, "%s:01a1fce6-0000-7000-8000-000000000112", name);
    caller_send(&f->c, &f->d, POLICE, incident,
                "'feedback':{'cameraId':['" CAMERA "'],'helped':true}", NULL);
    const struct bytes told = desk_told(&f->d, IPC_COMMIT);
    struct cursor in = cursor_over(told);
    struct road_commit *c = mem_new(sizeof *c);
    assert_int_equal(road_commit_take(&in, c), RESULT_OK);
    assert_int_equal(c->verdict, ROAD_ACCEPTED);
    assert_int_equal(c->scopes, 1);
    assert_null(memmem(told.p, told.n, name, strlen(name)));
    mem_free(c);
}

static void a_full_disk_ends_the_call(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    desk_commit_next(&f->d, ROAD_NO_ROOM);
    assert_string_equal(f->c.why, "the disk is full");
    assert_int_equal(f->c.receipts, 0);
}

static void so_does_the_last_key_that_there_can_be(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    desk_commit_next(&f->d, ROAD_MANY_KEYS);
    assert_string_equal(f->c.why, "as many keys are in use as can be");
    assert_int_equal(f->c.receipts, 0);
}

static void what_is_more_than_its_party_s_share_is_refused_by_name_and_may_come_again(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    desk_commit_next(&f->d, ROAD_MANY_OF_PARTY);
    struct road_commit *c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->recipient[0].reason, reason_word(REASON_KEYS_EXCEEDED)));
    assert_int_equal(c->scopes, 0);
    assert_int_equal(c->changes, 0);
    assert_false(c->remembered);
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    assert_int_equal(f->c.receipts, 1);
    assert_says(f->c.receipt, "VERDICT_REFUSED");
    assert_says(f->c.receipt, "RETRY_LATER");
    mem_free(c);
}

static void calls_end_when_the_ledger_goes(void **state)
{
    struct fixture *f = *state;
    send(f, DESK_REPORT, NULL);
    send(f, DESK_ASK, NULL); /* waits for the first */
    edge_ledger_went(f->d.edge);
    assert_string_equal(f->c.why, "the ledger is not there");
    caller_open(&f->c, f->police);
    send(f, DESK_REPORT, NULL);
    assert_string_equal(f->c.why, "the ledger is not there");
    desk_ledger_comes(&f->d);
    caller_open(&f->c, f->police);
    send(f, DESK_REPORT, NULL);
    struct road_commit *c = desk_told_commit(&f->d); /* of before */
    mem_free(c);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_says(f->c.receipt, "VERDICT_ACCEPTED");
}

/* ---- receipts asked for again */

/* What follows `name` in the JSON, up to the next quote. */
static void value_of(const char *json, const char *name, char out[128])
{
    const char *at = strstr(json, name);
    assert_non_null(at);
    (void)snprintf(out, 128, "%.*s", (int)strcspn(at + strlen(name), "\""), at + strlen(name));
}

/* The ledger's answer about the message of this commit. */
static struct road_committed repeated_answer(const struct road_commit *c)
{
    struct road_committed a = {.answer = ROAD_REPEATED,
                               .index = 77,
                               .verdict = c->verdict,
                               .scope = c->body[0].scope,
                               .recipients = c->recipients};
    memcpy(a.seed, c->body[0].seed, ROAD_SEED);
    memcpy(a.recipient, c->recipient, sizeof a.recipient);
    return a;
}

/* RECEIPT_GET as it was told: the ticket, after id and unit were looked at. */
static uint64_t told_receipt_get(struct fixture *f, const char *id)
{
    struct cursor in = cursor_over(desk_told(&f->d, IPC_RECEIPT_GET));
    uint64_t ticket;
    struct uuid uuid;
    struct bytes unit;
    char text[UUID_TEXT + 1];
    assert_int_equal(cursor_u64(&in, &ticket), RESULT_OK);
    assert_int_equal(cursor_copy(&in, uuid.b, UUID_BYTES), RESULT_OK);
    assert_int_equal(cursor_bytes16(&in, &unit), RESULT_OK);
    uuid_text(&uuid, text);
    assert_string_equal(text, id);
    assert_true(bytes_is(unit, POLICE));
    return ticket;
}

static void a_receipt_can_be_had_again_with_its_salt(void **state)
{
    struct fixture *f = *state;
    char id[UUID_TEXT + 1], salt[128], again[128];
    desk_open_incident(&f->d, f->police, f->incident);
    send(f, DESK_ASK, id);
    struct road_commit *c = desk_told_commit(&f->d);
    struct letter *kept = f->d.last; /* what `c` points into */
    f->d.last = NULL;
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    value_of(f->c.receipt, "\"commitmentSalt\":\"", salt);

    struct road_committed answer = repeated_answer(c);
    publisher_ask_receipt(f->c.publisher, bytes_of_text(id));
    answer.ticket = told_receipt_get(f, id);
    desk_answer(&f->d, &answer);
    assert_int_equal(f->c.receipts, 2);
    assert_says(f->c.receipt, id);
    assert_says(f->c.receipt, "\"repeated\":true");
    assert_says(f->c.receipt, "\"index\":\"77\"");
    assert_says(f->c.receipt, "molit-npa-2015#video-request");
    assert_null(strstr(f->c.receipt, "commitmentSalt")); /* without the bytes it proves nothing */

    /* The same bytes sent again: the salt and the digest too. */
    struct shared *m = desk_message(&f->d, id, POLICE, f->incident, DESK_ASK);
    (void)publisher_take(f->c.publisher, m, shared_view(m));
    shared_drop(m);
    struct road_commit *second = desk_told_commit(&f->d);
    answer.ticket = second->ticket;
    desk_answer(&f->d, &answer);
    value_of(f->c.receipt, "\"commitmentSalt\":\"", again);
    assert_string_equal(salt, again);
    assert_says(f->c.receipt, "committedSha256");
    mem_free(second);
    mem_free(c);
    desk_free_letter(kept);
}

static void a_receipt_outlives_the_message_but_not_its_salt(void **state)
{
    struct fixture *f = *state;
    char id[UUID_TEXT + 1];
    struct buf wipe = BUF_INIT(64);
    desk_open_incident(&f->d, f->police, f->incident);
    send(f, DESK_ASK, id);
    struct road_commit *c = desk_told_commit(&f->d);
    struct letter *kept = f->d.last;
    f->d.last = NULL;
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    buf_u64(&wipe, 1);
    buf_u64(&wipe, c->body[0].scope);
    desk_say(&f->d, IPC_WIPE, &wipe);
    desk_erase_keys(&f->d);
    struct road_committed answer = repeated_answer(c);
    publisher_ask_receipt(f->c.publisher, bytes_of_text(id));
    answer.ticket = told_receipt_get(f, id);
    desk_answer(&f->d, &answer);
    assert_says(f->c.receipt, "\"repeated\":true");
    assert_null(strstr(f->c.receipt, "commitmentSalt"));
    mem_free(c);
    desk_free_letter(kept);
}

static void a_receipt_that_nobody_gave_is_not_found(void **state)
{
    struct fixture *f = *state;
    char id[UUID_TEXT + 1];
    desk_uuid(&f->d, id);
    publisher_ask_receipt(f->c.publisher, bytes_of_text(id));
    desk_commit(&f->d, told_receipt_get(f, id), ROAD_NOT_FOUND);
    assert_string_equal(f->c.why, "not found");
    caller_open(&f->c, f->police);
    publisher_ask_receipt(f->c.publisher, bytes_of_text("not an id"));
    assert_string_equal(f->c.why, "not found");
    assert_false(desk_has_told(&f->d, IPC_RECEIPT_GET));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_message_waits_for_the_opening_of_its_incident),
        T(what_waited_for_an_opening_that_failed_is_refused),
        T(a_change_ends_although_its_caller_has_gone),
        T(what_waited_may_end_the_call_of_what_it_waited_for),
        T(a_sender_that_is_not_who_it_says_is_refused),
        T(receipts_come_in_the_order_of_the_messages),
        T(a_stale_decision_is_made_again_and_at_last_given_up),
        T(a_scope_goes_with_commits_until_the_ledger_has_it),
        T(without_a_keeper_nothing_is_taken),
        T(an_incident_of_nobodys_unit_is_kept_from_the_ledger),
        T(a_full_disk_ends_the_call),
        T(so_does_the_last_key_that_there_can_be),
        T(what_is_more_than_its_party_s_share_is_refused_by_name_and_may_come_again),
        T(calls_end_when_the_ledger_goes),
        T(a_receipt_can_be_had_again_with_its_salt),
        T(a_receipt_outlives_the_message_but_not_its_salt),
        T(a_receipt_that_nobody_gave_is_not_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
