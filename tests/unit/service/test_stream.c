/* How a stream begins and ends, and what is on record of it. */
#include "video.h"

#include "service/state.h"

/* ---- the beginning */

static void a_stream_waits_for_the_opening_of_its_incident(void **state)
{
    struct fixture *f = *state;
    char uuid[UUID_TEXT + 1];
    desk_uuid(&f->d, uuid);
    (void)snprintf(f->incident, sizeof f->incident, "%s:%s", POLICE, uuid);
    publish(f, DESK_REPORT);
    begin_stream(f, &f->x);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_OPENED] + f->d.recorded[AUDIT_STREAM_REFUSED], 0);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_OPENED], 1);
    assert_string_equal(f->x.opened, ""); /* its record is not on disk */
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
}

static void a_second_start_ends_the_call(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    assert_int_equal(give(&f->x, 1, bytes_of(NULL, 0)), RESULT_MALFORMED);
    assert_int_equal(give(&f->x, 7, bytes_of(NULL, 0)), RESULT_MALFORMED);
}

static void of_two_streams_with_one_id_the_second_is_refused(void **state)
{
    struct fixture *f = *state;
    struct source *other = &f->more[0];
    begin_stream(f, &f->x);
    begin_stream(f, other); /* in one breath */
    desk_record_events(&f->d);
    assert_says(other->opened, "REASON_ID_REUSED");
    assert_int_equal(other->status, GRPC_PERMISSION_DENIED);
    begin_stream(f, other);
    desk_record_events(&f->d);
    assert_says(other->opened, "REASON_ID_REUSED");
    open_watch(f); /* the first goes on */
    sender_finish(f->x.sender);
    begin_stream(f, other); /* and its id is free when it has ended */
    desk_record_events(&f->d);
    assert_says(other->opened, "VERDICT_ACCEPTED");
}

static void streams_that_open_at_once_are_counted_together(void **state)
{
    struct fixture *f = *state;
    struct source *x = f->more;
    for (size_t i = 0; i < ARRAY_LEN(f->more); i++) {
        desk_uuid(&f->d, f->stream);
        begin_stream(f, &x[i]);
    }
    desk_record_events(&f->d);
    for (size_t i = 0; i < STREAMS_MOST; i++)
        assert_says(x[i].opened, "VERDICT_ACCEPTED");
    assert_says(x[STREAMS_MOST].opened, "REASON_STREAM_LIMIT");
    sender_close(x[0].sender);
    desk_uuid(&f->d, f->stream);
    begin_stream(f, &x[0]);
    desk_record_events(&f->d);
    assert_says(x[0].opened, "VERDICT_ACCEPTED");
}

static void in_an_emergency_one_stream_more_opens_and_says_so(void **state)
{
    struct fixture *f = *state;
    struct source *x = f->more;
    struct incident *i = &view_get(f->d.edge, bytes_of_text(f->incident))->is;
    (void)snprintf(i->emergency[0].mou, sizeof i->emergency[0].mou, "molit-npa-2015");
    i->emergency[0].until_us = edge_now(f->d.edge) + US_PER_MINUTE;
    for (size_t k = 0; k < ARRAY_LEN(f->more); k++) {
        desk_uuid(&f->d, f->stream);
        begin_stream(f, &x[k]);
    }
    desk_record_events(&f->d);
    assert_says(x[STREAMS_MOST].opened, "VERDICT_ACCEPTED");
    assert_non_null(x[STREAMS_MOST].sender);
    begin_stream(f, &f->x); /* its id is taken: it is listed like the others */
    desk_record_events(&f->d);
    assert_says(f->x.opened, "REASON_ID_REUSED");
    stream_judge_all(f->d.edge);
    assert_string_equal(x[STREAMS_MOST].stop, "");
    i->emergency[0].until_us = edge_now(f->d.edge); /* it is over: so is this stream */
    stream_judge_all(f->d.edge);
    assert_says(x[STREAMS_MOST].stop, "REASON_STREAM_LIMIT");
    for (size_t k = 0; k < STREAMS_MOST; k++)
        assert_string_equal(x[k].stop, "");
}

/* ---- the end */

static void a_closed_incident_stops_its_streams_at_once(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    publish(f, DESK_CLOSE);
    assert_non_null(f->x.sender);
    desk_commit_next(&f->d, ROAD_ON_DISK); /* no time passes */
    assert_int_equal(f->caller.receipts, 1);
    assert_null(f->x.sender);
    assert_null(f->v.watcher);
    assert_says(f->x.stop, "REASON_PURPOSE_FULFILLED");
}

static void a_closing_that_is_not_on_disk_stops_nothing(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    publish(f, DESK_CLOSE);
    desk_commit_next(&f->d, ROAD_NO_ROOM);
    assert_string_equal(f->caller.why, "the disk is full");
    desk_pass(&f->d, 2 * US_PER_S);
    assert_non_null(f->x.sender);
}

/* The oldest EVENT is this end, and refers to the leaf. */
static void assert_end_refers(struct fixture *f, enum audit_event event, uint64_t index)
{
    struct cursor in = cursor_over(desk_told(&f->d, IPC_EVENT));
    struct road_event e;
    assert_int_equal(road_event_take(&in, &e), RESULT_OK);
    assert_int_equal(e.event, event);
    assert_int_equal(e.refers, index);
    assert_true(bytes_is(e.envelope.source, CENTRE));
}

/* The oldest EVENT is on disk; its leaf. */
static uint64_t record_beginning(struct fixture *f)
{
    struct cursor in = cursor_over(desk_told(&f->d, IPC_EVENT));
    struct road_event e;
    struct buf out = BUF_INIT(64);
    uint64_t index = f->d.next_index++;
    assert_int_equal(road_event_take(&in, &e), RESULT_OK);
    buf_u64(&out, e.ticket);
    buf_u64(&out, index);
    desk_say(&f->d, IPC_EVENT_DONE, &out);
    return index;
}

static void what_ends_before_its_beginning_is_on_disk_is_recorded_after_it(void **state)
{
    struct fixture *f = *state;
    desk_record_events(&f->d); /* of the sessions */
    begin_stream(f, &f->x);
    sender_close(f->x.sender);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_ENDED], 0);
    assert_end_refers(f, AUDIT_STREAM_ENDED, record_beginning(f));
    open_stream(f);
    begin_watch(f, f->police, OFFICER);
    watcher_close(f->v.watcher);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_ENDED], 0);
    assert_end_refers(f, AUDIT_WATCH_ENDED, record_beginning(f));
    begin_watch(f, f->police, OFFICER);
    edge_ledger_went(f->d.edge); /* the ledger ends it itself */
    assert_null(f->v.watcher);
}

static void what_was_refused_never_ends(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    begin_watch(f, f->police, "'purpose':'crime-response','basis':{'code':'kr/pipa/18-2-3'}");
    watcher_close(f->v.watcher);
    desk_record_events(&f->d);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_REFUSED], 1);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_ENDED], 0);
}

static void video_ends_when_the_ledger_goes(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    edge_ledger_went(f->d.edge);
    assert_null(f->x.sender);
    assert_null(f->v.watcher);
    assert_int_equal(f->x.status, GRPC_UNAVAILABLE);
    assert_int_equal(f->v.status, GRPC_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_stream_waits_for_the_opening_of_its_incident),
        T(a_second_start_ends_the_call),
        T(of_two_streams_with_one_id_the_second_is_refused),
        T(streams_that_open_at_once_are_counted_together),
        T(in_an_emergency_one_stream_more_opens_and_says_so),
        T(a_closed_incident_stops_its_streams_at_once),
        T(a_closing_that_is_not_on_disk_stops_nothing),
        T(what_ends_before_its_beginning_is_on_disk_is_recorded_after_it),
        T(what_was_refused_never_ends),
        T(video_ends_when_the_ledger_goes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
