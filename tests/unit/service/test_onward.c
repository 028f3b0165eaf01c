/* A message that draws on a delivery waits for what the log has of it. */
#include "publish.h"

struct fixture {
    struct desk d;
    struct session *police;
    struct caller c;
};

static int set_up(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    desk_new(&f->d);
    f->police = desk_session(&f->d, POLICE);
    caller_open(&f->c, f->police);
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

/* A message of 112 about an incident ("": none) that names a delivery of this origin. */
static void send_drawing(struct fixture *f, const char *origin, const char *incident,
                         const char *body)
{
    struct buf json = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
    char id[UUID_TEXT + 1];
    desk_uuid(&f->d, id);
    buf_printf(
        &json,
        "{'header':{'id':'%s','source':'" POLICE "','createdAt':'2026-11-21T01:00:00Z',"
        "'status':'STATUS_ACTUAL','derivedFrom':{'origin':'%s','index':'7'},%s%s%s" DESK_CLAIM
        "},%s}",
        id, origin, incident[0] == '\0' ? "" : "'incidentId':['", incident,
        incident[0] == '\0' ? "" : "'],", body);
    desk_encode("fedgate.v1.Message", &json, &out);
    struct shared *m = shared_copy(buf_view(&out));
    assert_int_equal(publisher_take(f->c.publisher, m, shared_view(m)), RESULT_OK);
    shared_drop(m);
    buf_free(&out);
}

static void send_derived(struct fixture *f, const char *origin)
{
    send_drawing(f, origin, "", DESK_ASK);
}

/* The ticket of the question that was asked about leaf 7. */
static uint64_t asked(struct fixture *f)
{
    struct cursor in = cursor_over(desk_told(&f->d, IPC_PROVISION_GET));
    uint64_t ticket, index;
    assert_int_equal(cursor_u64(&in, &ticket), RESULT_OK);
    assert_int_equal(cursor_u64(&in, &index), RESULT_OK);
    assert_int_equal(in.left, 0);
    assert_int_equal(index, 7);
    return ticket;
}

static void tell(struct fixture *f, uint64_t ticket, bool found, const char *unit,
                 int64_t deadline_us)
{
    const struct road_provision p = {.ticket = ticket,
                                     .found = found,
                                     .onward = true,
                                     .source = bytes_of_text(CENTRE),
                                     .unit = bytes_of_text(unit),
                                     .clause = bytes_of_text("molit-npa-2015#video-answer"),
                                     .deadline_us = deadline_us};
    struct buf out = BUF_INIT(4096);
    road_provision_put(&p, &out);
    desk_say(&f->d, IPC_PROVISION, &out);
}

static void assert_refused(struct fixture *f, enum reason reason)
{
    struct road_commit *c = desk_told_commit(&f->d);
    assert_int_equal(c->verdict, ROAD_REFUSED);
    assert_true(bytes_is(c->recipient[0].unit, "gateway/self"));
    assert_true(bytes_is(c->recipient[0].reason, reason_word(reason)));
    mem_free(c);
}

static void nothing_is_decided_before_the_log_was_asked(void **state)
{
    struct fixture *f = *state;
    send_derived(f, "fedgate.test/log");
    assert_false(desk_has_told(&f->d, IPC_COMMIT));
    uint64_t ticket = asked(f);
    tell(f, ticket, true, POLICE, DESK_NOW + 1);
    struct road_commit *c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->recipient[0].unit, CENTRE)); /* decided, whatever came of it */
    assert_int_equal(c->named, c->verdict == ROAD_REFUSED ? 0 : 1);
    assert_false(desk_has_told(&f->d, IPC_PROVISION_GET)); /* it is asked once */
    mem_free(c);
}

static void what_was_not_delivered_to_the_sender_is_refused(void **state)
{
    struct fixture *f = *state;
    send_derived(f, "fedgate.test/log");
    tell(f, asked(f), false, "", 0);
    assert_refused(f, REASON_ONWARD_NOT_ALLOWED);
    send_derived(f, "fedgate.test/log");
    tell(f, asked(f), true, CENTRE, DESK_NOW + 1);
    assert_refused(f, REASON_ONWARD_NOT_ALLOWED);
    send_derived(f, "other.test/log");
    assert_false(desk_has_told(&f->d, IPC_PROVISION_GET)); /* nobody here could say */
    assert_refused(f, REASON_ONWARD_NOT_ALLOWED);
}

static void what_had_to_be_destroyed_by_now_is_refused(void **state)
{
    struct fixture *f = *state;
    send_derived(f, "fedgate.test/log");
    tell(f, asked(f), true, POLICE, DESK_NOW);
    assert_refused(f, REASON_DEADLINE_PASSED);
}

static void a_message_whose_call_ended_while_it_waited_is_forgotten(void **state)
{
    struct fixture *f = *state;
    send_derived(f, "fedgate.test/log");
    uint64_t ticket = asked(f);
    publisher_close(f->c.publisher);
    tell(f, ticket, true, POLICE, DESK_NOW + 1);
    assert_false(desk_has_told(&f->d, IPC_COMMIT));
}

static void a_ledger_that_goes_ends_the_waiting(void **state)
{
    struct fixture *f = *state;
    send_derived(f, "fedgate.test/log");
    (void)asked(f);
    edge_ledger_went(f->d.edge);
    assert_null(f->c.publisher);
}

/* It was once refused: the report that opens the incident waited for the log, the request behind it
 * did not. */
static void who_names_an_incident_waits_while_its_report_asks_the_log(void **state)
{
    struct fixture *f = *state;
    char uuid[UUID_TEXT + 1], incident[IDENT_INCIDENT_MAX + 1];
    desk_uuid(&f->d, uuid);
    (void)snprintf(incident, sizeof incident, "%s:%s", POLICE, uuid);
    send_drawing(f, "fedgate.test/log", incident, DESK_REPORT);
    uint64_t ticket = asked(f);
    caller_send(&f->c, &f->d, POLICE, incident, DESK_ASK, NULL);
    assert_false(desk_has_told(&f->d, IPC_COMMIT));
    tell(f, ticket, true, POLICE, DESK_NOW + 1);
    struct road_commit *c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->envelope.kind, "incident_report"));
    assert_int_equal(c->verdict, ROAD_ACCEPTED);
    assert_false(desk_has_told(&f->d, IPC_COMMIT)); /* the request waits for the opening now */
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    mem_free(c);
    c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->envelope.kind, "video_request"));
    assert_int_equal(c->verdict, ROAD_ACCEPTED);
    mem_free(c);
}

static void who_waited_goes_on_when_the_report_is_refused(void **state)
{
    struct fixture *f = *state;
    char uuid[UUID_TEXT + 1], incident[IDENT_INCIDENT_MAX + 1];
    desk_uuid(&f->d, uuid);
    (void)snprintf(incident, sizeof incident, "%s:%s", POLICE, uuid);
    send_drawing(f, "fedgate.test/log", incident, DESK_REPORT);
    uint64_t ticket = asked(f);
    caller_send(&f->c, &f->d, POLICE, incident, DESK_ASK, NULL);
    tell(f, ticket, false, "", 0);
    assert_refused(f, REASON_ONWARD_NOT_ALLOWED);
    struct road_commit *c = desk_told_commit(&f->d);
    assert_true(bytes_is(c->envelope.kind, "video_request"));
    assert_true(bytes_is(c->recipient[0].reason, reason_word(REASON_INCIDENT_UNKNOWN)));
    mem_free(c);
}

static void a_ledger_that_goes_ends_those_who_wait_behind_too(void **state)
{
    struct fixture *f = *state;
    char uuid[UUID_TEXT + 1], incident[IDENT_INCIDENT_MAX + 1];
    desk_uuid(&f->d, uuid);
    (void)snprintf(incident, sizeof incident, "%s:%s", POLICE, uuid);
    send_drawing(f, "fedgate.test/log", incident, DESK_REPORT);
    (void)asked(f);
    caller_send(&f->c, &f->d, POLICE, incident, DESK_ASK, NULL);
    edge_ledger_went(f->d.edge);
    assert_null(f->c.publisher);
    assert_false(desk_has_told(&f->d, IPC_COMMIT));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_is_decided_before_the_log_was_asked),
        T(what_was_not_delivered_to_the_sender_is_refused),
        T(what_had_to_be_destroyed_by_now_is_refused),
        T(a_message_whose_call_ended_while_it_waited_is_forgotten),
        T(a_ledger_that_goes_ends_the_waiting),
        T(who_names_an_incident_waits_while_its_report_asks_the_log),
        T(who_waited_goes_on_when_the_report_is_refused),
        T(a_ledger_that_goes_ends_those_who_wait_behind_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
