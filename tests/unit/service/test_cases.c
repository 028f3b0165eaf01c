/* What persons decide, as the edge sees it: suspensions, and messages that wait. */
#include "video.h"

#include "../journal/temp_folder.h"
#include "service/state.h"

static void suspend(struct fixture *f, const char *subject)
{
    struct buf body = BUF_INIT(256);
    if (subject != NULL)
        buf_bytes16(&body, bytes_of_text(subject));
    desk_say(&f->d, IPC_SUSPENSIONS, &body);
}

static const char *asked(struct fixture *f)
{
    publish(f, DESK_ASK);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    return f->caller.receipt;
}

static void what_is_suspended_is_refused_until_it_is_resumed(void **state)
{
    struct fixture *f = *state;
    assert_says(asked(f), "VERDICT_ACCEPTED");
    suspend(f, "unit " CENTRE);
    assert_says(asked(f), "REASON_PARTY_SUSPENDED");
    suspend(f, "grant molit-npa-2015#video-request");
    assert_says(asked(f), "REASON_SUSPENDED");
    suspend(f, "grant molit-npa-2015#nothing"); /* no set has it: nothing stops */
    assert_says(asked(f), "VERDICT_ACCEPTED");
    suspend(f, NULL);
    assert_says(asked(f), "VERDICT_ACCEPTED");
}

static void a_suspension_ends_open_streams_at_once(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    suspend(f, "unit " POLICE); /* no time passes */
    assert_null(f->v.watcher);
    assert_says(f->v.end, "REASON_PARTY_SUSPENDED");
    assert_null(f->x.sender);
}

static void a_suspension_outlives_a_new_set_and_a_ledger_that_went(void **state)
{
    struct fixture *f = *state;
    suspend(f, "unit " CENTRE);
    edge_set_policy(f->d.edge, desk_policy(&f->d));
    assert_says(asked(f), "REASON_PARTY_SUSPENDED");
}

static void what_the_ledger_would_not_say_ends_its_channel(void **state)
{
    struct fixture *f = *state;
    const struct channel_message m = {IPC_SUSPENSIONS, bytes_of("\0\5abc", 5), -1};
    assert_int_not_equal(edge_ledger_said(f->d.edge, &m), RESULT_OK);
    assert_says(asked(f), "VERDICT_ACCEPTED");
}

/* The last event of this kind that the edge asked for. */
static struct road_event event_told(struct fixture *f, enum audit_event event)
{
    struct road_event e, found = {0};
    const struct letter *l;
    TAILQ_FOREACH (l, &f->d.told, next) {
        struct cursor in = cursor_over(buf_view(&l->body));
        if (l->type != IPC_EVENT)
            continue;
        assert_int_equal(road_event_take(&in, &e), RESULT_OK);
        if (e.event == event)
            found = e;
    }
    return found;
}

/* 112's duty officer declares an emergency for the incidents, as JSON lists them. */
static void declare(struct fixture *f, const char *incidents)
{
    struct buf json = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
    char id[UUID_TEXT + 1];
    desk_uuid(&f->d, id);
    buf_printf(&json,
               "{'header':{'id':'%s','source':'" POLICE "','createdAt':'2026-11-21T06:50:00Z',"
               "'status':'STATUS_ACTUAL','incidentId':[%s]," DESK_CLAIM
               ",'emergency':{'reasonCode':'life-at-stake','reason':'in the water'},"
               "'actor':{'staffRef':'p-1','role':'duty-officer','workstation':'w',"
               "'authenticatedBy':'smartcard'}}," DESK_ASK "}",
               id, incidents);
    desk_encode("fedgate.v1.Message", &json, &out);
    struct shared *m = shared_copy(buf_view(&out));
    struct caller c;
    caller_open(&c, f->police);
    assert_int_equal(publisher_take(c.publisher, m, shared_view(m)), RESULT_OK);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_says(c.receipt, "REASON_PERMITTED_EMERGENCY");
    publisher_close(c.publisher);
    shared_drop(m);
    buf_free(&out);
}

/* The clause lets 112 watch for six hours. Then it is the emergency that lets it, for half an hour
 * after it was declared: a use of its own, to be reviewed. */
static void a_watch_that_goes_on_past_a_condition_is_to_be_reviewed(void **state)
{
    struct fixture *f = *state;
    char named[IDENT_INCIDENT_MAX + 3];
    open_stream(f);
    open_watch(f);
    f->d.wall_us += 5 * US_PER_HOUR + 50 * US_PER_MINUTE;
    (void)snprintf(named, sizeof named, "'%s'", f->incident);
    declare(f, named);
    f->d.wall_us += 11 * US_PER_MINUTE;
    f->d.steady_us += 2 * US_PER_S;
    edge_tick(f->d.edge);
    assert_non_null(f->v.watcher);
    const struct road_event e = event_told(f, AUDIT_WATCH_SUMMARY);
    assert_true(bytes_is(e.reason, "permitted-emergency"));
    assert_int_equal(e.review.kind, ROAD_EMERGENCY);
    assert_int_equal(e.review.persons, 2);
    assert_true(bytes_is(e.review.role, "privacy-officer"));
    assert_true(bytes_is(e.review.party[0], "daejeon-gateway-operator"));
    assert_int_equal(e.review.due_us, f->d.wall_us + US_PER_DAY);
    unsigned summaries = f->d.recorded[AUDIT_WATCH_SUMMARY];
    f->d.steady_us += 2 * US_PER_S;
    edge_tick(f->d.edge);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_SUMMARY], summaries); /* once */
    f->d.wall_us += 20 * US_PER_MINUTE;
    f->d.steady_us += 2 * US_PER_S;
    edge_tick(f->d.edge);
    assert_null(f->v.watcher);
}

/* The set with questions for video that ask of an incident what an ended one still has. */
static void ask_for_the_type_alone(struct desk *d)
{
    static const char change[] =
        "cp -r policy/. %s && sed -i 's/incident: {state: open, participant: "
        "npa-daejeon.112-control}, footage: live/incident_type: [robbery], footage: live/' "
        "%s/mou/molit-npa-2015.yaml";
    struct temp_folder t = temp_folder_new();
    char command[400];
    (void)snprintf(command, sizeof command, change, t.path, t.path);
    assert_int_equal(system(command), 0);
    struct buf before = d->snapshot; /* in use until there is another */
    d->snapshot = BUF_INIT(0);
    desk_compile(d, t.path);
    edge_set_policy(d->edge, desk_policy(d));
    buf_free(&before);
    temp_folder_free(&t);
}

/* Story: an officer named the incident of six hours ago before that of now. The question for video
 * met its conditions in the ended one; an emergency was asked for that one, and all was refused as
 * INCIDENT_CLOSED. */
static void an_emergency_is_for_the_open_one_of_the_incidents_named(void **state)
{
    struct fixture *f = *state;
    char ended[IDENT_INCIDENT_MAX + 1], named[2 * IDENT_INCIDENT_MAX + 6];
    memcpy(ended, f->incident, sizeof ended);
    publish(f, DESK_CLOSE);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_says(f->caller.receipt, "VERDICT_ACCEPTED");
    f->d.wall_us += 5 * US_PER_HOUR + 50 * US_PER_MINUTE;
    desk_open_incident(&f->d, f->police, f->incident);
    ask_for_the_type_alone(&f->d);
    (void)snprintf(named, sizeof named, "'%s','%s'", ended, f->incident);
    declare(f, named);
    const struct view_incident *i = view_get(f->d.edge, bytes_of_text(f->incident));
    assert_true(
        incident_has_emergency(&i->is, bytes_of_text("molit-npa-2015"), edge_now(f->d.edge)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_suspended_is_refused_until_it_is_resumed),
        T(a_suspension_ends_open_streams_at_once),
        T(a_suspension_outlives_a_new_set_and_a_ledger_that_went),
        T(a_watch_that_goes_on_past_a_condition_is_to_be_reviewed),
        T(an_emergency_is_for_the_open_one_of_the_incidents_named),
        T(what_the_ledger_would_not_say_ends_its_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
