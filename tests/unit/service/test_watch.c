/* Who may watch, and how long. */
#include "video.h"

static void a_watcher_that_is_refused_hears_the_clause(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    begin_watch(f, f->police, "'purpose':'crime-response','basis':{'code':'kr/pipa/18-2-3'}");
    assert_int_equal(f->d.recorded[AUDIT_WATCH_REFUSED], 1);
    assert_non_null(f->v.watcher); /* the refusal is not on disk */
    desk_record_events(&f->d);
    assert_null(f->v.watcher);
    assert_int_equal(f->v.status, GRPC_PERMISSION_DENIED);
    assert_says(f->v.end, "REASON_ACTOR_MISSING");
    assert_says(f->v.end, "molit-npa-2015#onsite-live-video");
    assert_int_equal(f->x.watchers, 0);
}

static void a_watcher_of_nothing_is_told_so(void **state)
{
    struct fixture *f = *state;
    static const struct watcher_events events = {on_frame, on_queued, on_viewer_ended};
    begin_watch(f, f->police, OFFICER);
    assert_null(f->v.watcher);
    assert_int_equal(f->v.status, GRPC_NOT_FOUND);
    begin_stream(f, &f->x); /* its record is not on disk */
    begin_watch(f, f->police, OFFICER);
    assert_int_equal(f->v.status, GRPC_NOT_FOUND);
    assert_null(watcher_open(f->police, &events, &f->v, bytes_of("\xff", 1)));
    assert_int_equal(f->v.status, GRPC_INVALID_ARGUMENT);
    edge_ledger_went(f->d.edge);
    assert_null(watcher_open(f->police, &events, &f->v, bytes_of(NULL, 0)));
    assert_int_equal(f->v.status, GRPC_UNAVAILABLE);
}

/* This grant is for incidents younger than six hours. */
static void a_watch_ends_within_a_second_when_its_time_is_over(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    desk_pass(&f->d, 6 * US_PER_HOUR - US_PER_S);
    assert_non_null(f->v.watcher);
    for (unsigned i = 0; i < 20 && f->v.watcher != NULL; i++)
        desk_pass(&f->d, US_PER_S / 10);
    assert_null(f->v.watcher);
    assert_in_range(f->d.wall_us - DESK_NOW, 6 * US_PER_HOUR, 6 * US_PER_HOUR + US_PER_S);
    assert_says(f->v.end, "incident");
    assert_int_equal(f->v.within_us, US_PER_S); /* of one that is slow, too */
}

static void what_the_sender_ends_is_sent_to_its_end(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    sender_finish(f->x.sender);
    assert_null(f->v.watcher);
    assert_says(f->v.end, "REASON_SENDER_ENDED");
    assert_int_equal(f->v.within_us, 0);
}

static void a_running_watch_is_summed_up(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    desk_pass(&f->d, US_PER_MINUTE - 1);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_SUMMARY], 0);
    desk_pass(&f->d, 1);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_SUMMARY], 1);
    desk_pass(&f->d, 1);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_SUMMARY], 1);
}

static void one_buffer_serves_all_watchers_and_a_slow_one_holds_up_no_other(void **state)
{
    enum { VIEWERS = 64, SLOW = 7, PACKETS = 300 };
    struct fixture *f = *state;
    struct viewer *view = mem_new_array(VIEWERS, sizeof *view);
    open_stream(f);
    for (size_t i = 0; i < VIEWERS; i++) {
        begin_view(f, &view[i], f->police, OFFICER);
        desk_record_events(&f->d);
    }
    assert_int_equal(give_data(&f->x, packets(f, 0, PACKETS)), RESULT_OK);
    const size_t before = view[SLOW].bytes;
    assert_true(before > 0);
    view[SLOW].queued = SIZE_MAX;
    assert_int_equal(give_data(&f->x, packets(f, PACKETS, PACKETS)), RESULT_OK);
    for (size_t i = 0; i < VIEWERS; i++) {
        assert_int_equal(view[i].bytes, before + (i == SLOW ? 0 : PACKETS * TS_PACKET));
        assert_true(i == SLOW || view[i].last == view[0].last);
        watcher_close(view[i].watcher);
        buf_free(&view[i].came);
    }
    mem_free(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_watcher_that_is_refused_hears_the_clause),
        T(a_watcher_of_nothing_is_told_so),
        T(a_watch_ends_within_a_second_when_its_time_is_over),
        T(what_the_sender_ends_is_sent_to_its_end),
        T(a_running_watch_is_summed_up),
        T(one_buffer_serves_all_watchers_and_a_slow_one_holds_up_no_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
