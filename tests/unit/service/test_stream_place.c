/* A drone's stream: judged by where the drone is, as it says between its frames. */
#include "video.h"

#include "service/state.h"

#define DRONE  "dj-4282"
#define INSIDE 36.3520 /* 180 m north of the scene, of whose cell the grant allows 500 */
#define BEYOND 36.3570 /* 730 m */

/* Tells the position that the drone had so long ago; `more` as further members of the JSON. */
static enum result tell(struct fixture *f, struct source *x, double latitude, int64_t ago_us,
                        const char *more)
{
    struct buf json = BUF_INIT(1 << 10), position = BUF_INIT(1 << 10);
    char at[TIME_TEXT];
    time_text(f->d.wall_us - ago_us, zone_named("UTC"), at);
    buf_printf(&json, "{'latitude':%.4f,'longitude':127.3845,'fixedAt':'%s'%s}", latitude, at,
               more);
    desk_encode("fedgate.v1.Position", &json, &position);
    enum result r = give(x, 5, buf_view(&position));
    buf_free(&position);
    return r;
}

static void told(struct fixture *f, double latitude)
{
    assert_int_equal(tell(f, &f->x, latitude, 0, ",'accuracyM':5"), RESULT_OK);
}

static void begin_drone(struct fixture *f)
{
    f->camera = DRONE;
    begin_stream(f, &f->x);
}

static void open_drone(struct fixture *f)
{
    begin_drone(f);
    told(f, INSIDE);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
    desk_commit_next(&f->d, ROAD_ON_DISK); /* 112's notice that it is open */
}

/* ---- the beginning */

static void it_is_decided_with_its_first_position(void **state)
{
    struct fixture *f = *state;
    begin_drone(f);
    assert_int_equal(give_data(&f->x, packets(f, 0, 4)), RESULT_OK); /* discarded, as before */
    desk_pass(&f->d, 9 * US_PER_S);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_OPENED], 0);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_REFUSED], 0);
    told(f, INSIDE);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_OPENED], 1);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
}

static void without_one_it_is_refused_after_ten_seconds(void **state)
{
    struct fixture *f = *state;
    begin_drone(f);
    desk_pass(&f->d, 10 * US_PER_S);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_REFUSED], 1);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "REASON_NO_POSITION");
    assert_null(f->x.sender);
}

static void its_place_in_the_inventory_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    begin_drone(f);
    told(f, BEYOND);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "REASON_OUTSIDE_RADIUS");
    assert_null(f->x.sender);
}

static void a_first_position_that_cannot_be_true_refuses_it(void **state)
{
    static const struct {
        double latitude;
        int64_t ago_us;
        const char *more, *says;
    } wrong[] = {{INSIDE, 11 * US_PER_S, "", "REASON_STALE"},
                 {INSIDE, -5 * US_PER_MINUTE, "", "REASON_IMPLAUSIBLE"},
                 {38, 0, "", "REASON_OUTSIDE_SERVICE_AREA"},
                 {INSIDE, 0, ",'accuracyM':101", "REASON_OUT_OF_RANGE"}};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        begin_drone(f);
        assert_int_equal(tell(f, &f->x, wrong[i].latitude, wrong[i].ago_us, wrong[i].more),
                         RESULT_OK);
        assert_int_equal(f->d.recorded[AUDIT_STREAM_REFUSED], i + 1);
        desk_record_events(&f->d);
        assert_says(f->x.opened, wrong[i].says);
        assert_null(f->x.sender);
    }
}

/* ---- as it moves */

static void out_of_the_circle_it_ends_on_record_and_back_in_it_begins_anew(void **state)
{
    struct fixture *f = *state;
    open_drone(f);
    open_watch(f);
    desk_pass(&f->d, 6 * US_PER_S);
    told(f, INSIDE + 0.0005);
    assert_non_null(f->x.sender);
    desk_pass(&f->d, 6 * US_PER_S);
    told(f, BEYOND);
    assert_null(f->x.sender);
    assert_null(f->v.watcher);
    assert_says(f->x.stop, "REASON_OUTSIDE_RADIUS");
    assert_says(f->x.stop, "camera.within_m_of_incident");
    assert_says(f->v.end, "REASON_OUTSIDE_RADIUS");
    assert_int_equal(f->d.recorded[AUDIT_STREAM_ENDED], 1);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_ENDED], 1);
    desk_pass(&f->d, 6 * US_PER_S);
    begin_drone(f);
    told(f, INSIDE);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
}

static void unheard_of_for_ten_seconds_it_ends(void **state)
{
    struct fixture *f = *state;
    open_drone(f);
    desk_pass(&f->d, 9 * US_PER_S);
    assert_non_null(f->x.sender);
    told(f, INSIDE);
    desk_pass(&f->d, 9 * US_PER_S);
    assert_non_null(f->x.sender);
    desk_pass(&f->d, 2 * US_PER_S);
    assert_null(f->x.sender);
    assert_says(f->x.stop, "REASON_NO_POSITION");
    assert_int_equal(f->d.recorded[AUDIT_STREAM_ENDED], 1);
}

/* Its own clock is a minute ahead. */
static void a_time_ahead_keeps_no_position_alive(void **state)
{
    struct fixture *f = *state;
    begin_drone(f);
    assert_int_equal(tell(f, &f->x, INSIDE, -US_PER_MINUTE, ""), RESULT_OK);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
    desk_pass(&f->d, 11 * US_PER_S);
    assert_says(f->x.stop, "REASON_NO_POSITION");
}

/* It came nine seconds late. */
static void a_position_counts_from_its_own_time_on(void **state)
{
    struct fixture *f = *state;
    begin_drone(f);
    assert_int_equal(tell(f, &f->x, INSIDE, 9 * US_PER_S, ""), RESULT_OK);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
    desk_pass(&f->d, 2 * US_PER_S);
    assert_says(f->x.stop, "REASON_NO_POSITION");
}

static void a_jump_ends_it(void **state)
{
    struct fixture *f = *state;
    open_drone(f);
    desk_pass(&f->d, 2 * US_PER_S);
    told(f, BEYOND + 0.01); /* 1.6 km in two seconds */
    assert_null(f->x.sender);
    assert_says(f->x.stop, "REASON_IMPLAUSIBLE");
    assert_int_equal(f->d.recorded[AUDIT_STREAM_ENDED], 1);
}

static void a_position_that_is_too_old_ends_it(void **state)
{
    struct fixture *f = *state;
    open_drone(f);
    desk_pass(&f->d, US_PER_S);
    assert_int_equal(tell(f, &f->x, INSIDE, 11 * US_PER_S, ""), RESULT_OK);
    assert_says(f->x.stop, "REASON_STALE");
    assert_says(f->x.stop, "position.fixed_at");
}

static void too_soon_and_out_of_order_they_are_passed_over(void **state)
{
    struct fixture *f = *state;
    open_drone(f);
    told(f, BEYOND); /* in the same instant */
    assert_non_null(f->x.sender);
    desk_pass(&f->d, 7 * US_PER_S);
    told(f, INSIDE);
    desk_pass(&f->d, US_PER_S);
    assert_int_equal(tell(f, &f->x, BEYOND, 2 * US_PER_S, ""), RESULT_OK); /* before the last */
    assert_non_null(f->x.sender);
    desk_pass(&f->d, US_PER_S);
    assert_non_null(f->x.sender);
}

static void while_its_opening_is_on_the_way_to_disk_the_next_one_tells(void **state)
{
    struct fixture *f = *state;
    begin_drone(f);
    told(f, INSIDE);
    desk_pass(&f->d, 6 * US_PER_S);
    assert_int_equal(tell(f, &f->x, 38, 0, ""), RESULT_OK);
    told(f, BEYOND);
    assert_non_null(f->x.sender);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
    desk_pass(&f->d, US_PER_S);
    assert_says(f->x.stop, "REASON_OUTSIDE_RADIUS");
}

/* ---- what is none */

static void a_fixed_camera_has_no_position_to_tell(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    assert_int_equal(tell(f, &f->x, INSIDE, 0, ""), RESULT_MALFORMED);
}

static void what_is_no_position_ends_the_call(void **state)
{
    static const uint8_t broken[] = {0x09, 0}; /* a latitude of one byte */
    struct fixture *f = *state;
    open_drone(f);
    assert_int_not_equal(give(&f->x, 5, bytes_of(broken, sizeof broken)), RESULT_OK);
}

static void a_position_without_a_time_is_malformed(void **state)
{
    struct fixture *f = *state;
    open_drone(f);
    assert_int_equal(give(&f->x, 5, bytes_of(NULL, 0)), RESULT_OK);
    assert_says(f->x.stop, "REASON_MALFORMED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_is_decided_with_its_first_position),
        T(without_one_it_is_refused_after_ten_seconds),
        T(its_place_in_the_inventory_counts_for_nothing),
        T(a_first_position_that_cannot_be_true_refuses_it),
        T(out_of_the_circle_it_ends_on_record_and_back_in_it_begins_anew),
        T(unheard_of_for_ten_seconds_it_ends),
        T(a_time_ahead_keeps_no_position_alive),
        T(a_position_counts_from_its_own_time_on),
        T(a_jump_ends_it),
        T(a_position_that_is_too_old_ends_it),
        T(too_soon_and_out_of_order_they_are_passed_over),
        T(while_its_opening_is_on_the_way_to_disk_the_next_one_tells),
        T(a_fixed_camera_has_no_position_to_tell),
        T(what_is_no_position_ends_the_call),
        T(a_position_without_a_time_is_malformed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
