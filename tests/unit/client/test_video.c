/* Video, both ways: who is told what, and that neither side holds more than it may. */
#include "net/connection.h"
#include "support.h"

/* ---- sending */

struct sending {
    struct fedgate_sender *sender;
    unsigned opened, rooms, stopped, ended;
    int answer, status;
    uint32_t watchers;
    char reason[64], failed[64];
};

static void got_opened(void *arg, const struct fedgate_receipt *r)
{
    struct sending *s = arg;
    s->opened++;
    s->answer = r->answer;
    assert_true(r->encoded.n > 0);
    assert_int_equal(r->record.index, 17);
}

static void got_watchers(void *arg, uint32_t count)
{
    ((struct sending *)arg)->watchers = count;
}

static void got_room(void *arg)
{
    ((struct sending *)arg)->rooms++;
}

static void got_stop(void *arg, const struct fedgate_video_end *end)
{
    struct sending *s = arg;
    s->stopped++;
    (void)snprintf(s->reason, sizeof s->reason, "%s", fedgate_reason_word(end->why.reason));
    (void)snprintf(s->failed, sizeof s->failed, "%s", end->why.failed);
    assert_int_equal(end->bytes, 188);
    assert_true(end->encoded.n > 0);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct sending *s = arg;
    s->ended++;
    s->status = end->status;
}

static const struct fedgate_sender_events sender_events = {got_opened, got_watchers, got_room,
                                                           got_stop, got_end};

static void begin_in(struct sending *s, struct pair *p, const char *purpose, const char *container)
{
    Fedgate__V1__VideoStart start = FEDGATE__V1__VIDEO_START__INIT;
    Fedgate__V1__Header h = FEDGATE__V1__HEADER__INIT;
    struct buf out = BUF_INIT(1000);
    char camera[] = "cam-7";
    h.purpose = (char *)(uintptr_t)purpose;
    start.header = &h;
    start.camera_id = camera;
    start.container = (char *)(uintptr_t)container;
    assert_int_equal(message_pack(&start.base, &out), RESULT_OK);
    *s = (struct sending){0};
    s->sender = fedgate_sender_new(p->client, out.p, out.n, &sender_events, s);
    assert_non_null(s->sender);
    buf_free(&out);
}

static void begin(struct sending *s, struct pair *p, const char *purpose)
{
    begin_in(s, p, purpose, "mpegts");
}

static void fill(uint8_t *packets, size_t n, uint8_t value)
{
    memset(packets, value, n);
    for (size_t i = 0; i < n; i += 188)
        packets[i] = 0x47;
}

static void a_stream_is_opened_sent_and_ended(void **state)
{
    struct pair *p = *state;
    struct sending s;
    uint8_t packets[10 * 188];
    uint64_t sum = 0;
    begin(&s, p, "crime-response");
    fill(packets, sizeof packets, 3);
    assert_int_equal(fedgate_sender_data(s.sender, packets, sizeof packets), FEDGATE_WAIT);
    TURN_UNTIL(p, s.rooms == 1);
    assert_int_equal(s.opened, 1);
    assert_int_equal(s.answer, FEDGATE_ACCEPTED);
    assert_string_equal(p->fake->camera, "cam-7");
    for (int k = 0; k < 2; k++) {
        assert_int_equal(fedgate_sender_data(s.sender, packets, sizeof packets), FEDGATE_OK);
        for (size_t i = 0; i < sizeof packets; i++)
            sum = sum * 31 + packets[i];
    }
    assert_int_equal(fedgate_sender_gap(s.sender, 1000, 1500000), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->video_frames == 2 && s.watchers == 2);
    assert_int_equal(p->fake->video_sum, sum);
    fedgate_sender_finish(s.sender);
    assert_int_equal(fedgate_sender_data(s.sender, packets, 188), FEDGATE_CLOSED);
    TURN_UNTIL(p, s.ended == 1);
    assert_true(p->fake->video_ended);
    assert_true(p->fake->half_closed);
    assert_int_equal(s.status, 0);
    assert_int_equal(s.stopped, 0);
    fedgate_sender_free(s.sender);
}

static void data_that_is_not_whole_packets_is_not_taken(void **state)
{
    struct pair *p = *state;
    struct sending s;
    uint8_t *packets = calloc(1, FEDGATE_VIDEO_MAX + 188);
    begin(&s, p, "any");
    TURN_UNTIL(p, s.opened == 1);
    assert_int_equal(fedgate_sender_data(s.sender, packets, 0), FEDGATE_WRONG);
    assert_int_equal(fedgate_sender_data(s.sender, packets, 187), FEDGATE_WRONG);
    assert_int_equal(fedgate_sender_data(s.sender, packets, FEDGATE_VIDEO_MAX + 188),
                     FEDGATE_TOO_LARGE);
    assert_int_equal(fedgate_sender_gap(s.sender, 1, -1), FEDGATE_WRONG);
    fill(packets, FEDGATE_VIDEO_MAX, 1);
    assert_int_equal(fedgate_sender_data(s.sender, packets, FEDGATE_VIDEO_MAX), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->video_bytes == FEDGATE_VIDEO_MAX);
    free(packets);
    fedgate_sender_free(s.sender);
}

static void fragmented_mp4_is_sent_wherever_it_is_cut(void **state)
{
    struct pair *p = *state;
    struct sending s;
    begin_in(&s, p, "any", "fmp4");
    TURN_UNTIL(p, s.opened == 1);
    assert_int_equal(fedgate_sender_data(s.sender, "", 0), FEDGATE_WRONG);
    assert_int_equal(fedgate_sender_data(s.sender,
                                         "\0\0\0\x1c"
                                         "fty",
                                         7),
                     FEDGATE_OK);
    TURN_UNTIL(p, p->fake->video_bytes == 7);
    fedgate_sender_free(s.sender);
}

static enum fedgate_result tell_position(struct sending *s, double latitude)
{
    Fedgate__V1__Position position = FEDGATE__V1__POSITION__INIT;
    struct buf out = BUF_INIT(100);
    position.latitude = latitude;
    assert_int_equal(message_pack(&position.base, &out), RESULT_OK);
    enum fedgate_result r = fedgate_sender_position(s->sender, out.p, out.n);
    buf_free(&out);
    return r;
}

/* Before there is a connection the last one waits; then they go at once, accepted or not. */
static void a_camera_that_moves_tells_where_it_is(void **state)
{
    struct pair *p = *state;
    struct sending s;
    static const uint8_t large[2000];
    begin(&s, p, "any");
    assert_int_equal(tell_position(&s, 36.1), FEDGATE_OK);
    assert_int_equal(tell_position(&s, 36.2), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->positions >= 1 && s.opened == 1);
    assert_int_equal(tell_position(&s, 36.3), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->latitude > 36.25);
    assert_in_range(p->fake->positions, 2, 3);
    assert_int_equal(fedgate_sender_position(s.sender, large, 0), FEDGATE_WRONG);
    assert_int_equal(fedgate_sender_position(s.sender, large, sizeof large), FEDGATE_TOO_LARGE);
    fedgate_sender_finish(s.sender);
    assert_int_equal(tell_position(&s, 36.4), FEDGATE_CLOSED);
    TURN_UNTIL(p, s.ended == 1);
    fedgate_sender_free(s.sender);
}

static void a_refused_stream_says_so_and_ends(void **state)
{
    struct pair *p = *state;
    struct sending s;
    uint8_t packet[188];
    begin(&s, p, "refused");
    TURN_UNTIL(p, s.ended == 1);
    assert_int_equal(s.answer, FEDGATE_REFUSED);
    assert_int_equal(s.status, GRPC_PERMISSION_DENIED);
    assert_int_equal(s.rooms, 0);
    fill(packet, sizeof packet, 0);
    assert_int_equal(fedgate_sender_data(s.sender, packet, sizeof packet), FEDGATE_CLOSED);
    fedgate_sender_free(s.sender);
}

static void a_stop_tells_its_reason(void **state)
{
    struct pair *p = *state;
    struct sending s;
    uint8_t packet[188];
    begin(&s, p, "stopped");
    TURN_UNTIL(p, s.opened == 1);
    fill(packet, sizeof packet, 0);
    assert_int_equal(fedgate_sender_data(s.sender, packet, sizeof packet), FEDGATE_OK);
    TURN_UNTIL(p, s.ended == 1);
    assert_int_equal(s.stopped, 1);
    assert_string_equal(s.reason, "incident-closed");
    assert_string_equal(s.failed, "incident.state: open");
    fedgate_sender_free(s.sender);
}

static void a_sender_waits_for_the_network(void **state)
{
    struct pair *p = *state;
    struct sending s;
    const size_t n = 100 * 188;
    uint8_t *packets = calloc(1, n);
    size_t taken = 0;
    begin(&s, p, "any");
    TURN_UNTIL(p, s.opened == 1);
    fill(packets, n, 1);
    while (fedgate_sender_data(s.sender, packets, n) == FEDGATE_OK)
        taken += n;
    assert_true(taken >= 512u << 10 && taken < (512u << 10) + 2 * n);
    assert_int_equal(s.rooms, 0);
    TURN_UNTIL(p, s.rooms == 1);
    TURN_UNTIL(p, p->fake->video_bytes == taken);
    assert_int_equal(s.rooms, 1);
    free(packets);
    fedgate_sender_free(s.sender);
}

static void a_lost_connection_ends_a_stream_even_of_a_client_that_reconnects(void **state)
{
    struct pair *p = *state;
    struct sending s;
    begin(&s, p, "any");
    TURN_UNTIL(p, s.opened == 1);
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, s.ended == 1);
    assert_int_equal(s.status, GRPC_UNAVAILABLE);
    PASS_UNTIL(p, p->connected == 2, 2 * US_PER_S);
    assert_int_equal(s.opened, 1);
    fedgate_sender_free(s.sender);
}

/* ---- watching */

struct watching {
    struct fedgate_watcher *watcher;
    unsigned opened, frames, gaps, stopped, ended;
    size_t bytes;
    uint64_t gap_bytes;
    int64_t gap_us;
    int status;
    char reason[64], duty[64], stream[64];
    bool hold, leave;
};

static void saw_start(void *arg, const struct fedgate_video_start *start)
{
    struct watching *w = arg;
    w->opened++;
    assert_string_equal(start->camera_id, "cam-1");
    assert_string_equal(start->codec, "h264");
    assert_int_equal(start->must.duties, 1);
    assert_true(start->encoded.n > 0);
    (void)snprintf(w->duty, sizeof w->duty, "%s", start->must.duty[0]);
    (void)snprintf(w->stream, sizeof w->stream, "%s", start->stream_id);
}

static enum fedgate_result saw_data(void *arg, const void *packets, size_t n)
{
    struct watching *w = arg;
    const uint8_t *p = packets;
    assert_int_equal(n, 10 * 188);
    assert_int_equal(p[0], 0x47);
    assert_int_equal(p[1], w->frames & 0xff);
    w->frames++;
    w->bytes += n;
    if (w->leave)
        fedgate_watcher_free(w->watcher);
    return w->hold ? FEDGATE_WAIT : FEDGATE_OK;
}

static void saw_gap(void *arg, uint64_t bytes, int64_t duration_us)
{
    struct watching *w = arg;
    w->gaps++;
    w->gap_bytes = bytes;
    w->gap_us = duration_us;
}

static void saw_stop(void *arg, const struct fedgate_video_end *end)
{
    struct watching *w = arg;
    w->stopped++;
    (void)snprintf(w->reason, sizeof w->reason, "%s", fedgate_reason_word(end->why.reason));
}

static void saw_end(void *arg, const struct fedgate_end *end)
{
    struct watching *w = arg;
    w->ended++;
    w->status = end->status;
}

static const struct fedgate_watcher_events watcher_events = {saw_start, saw_data, saw_gap, saw_stop,
                                                             saw_end};

static void watch(struct watching *w, struct pair *p, const char *purpose)
{
    Fedgate__V1__WatchRequest request = FEDGATE__V1__WATCH_REQUEST__INIT;
    struct buf out = BUF_INIT(1000);
    char stream[] = "019aa2b0-0000-7000-8000-00000000000a";
    request.stream_id = stream;
    request.purpose = (char *)(uintptr_t)purpose;
    assert_int_equal(message_pack(&request.base, &out), RESULT_OK);
    *w = (struct watching){0};
    w->watcher = fedgate_watcher_new(p->client, out.p, out.n, &watcher_events, w);
    assert_non_null(w->watcher);
    buf_free(&out);
}

static void a_watcher_gets_obligations_data_gaps_and_the_end(void **state)
{
    struct pair *p = *state;
    struct watching w;
    p->fake->frames = 20;
    watch(&w, p, "crime-response");
    TURN_UNTIL(p, w.ended == 1);
    assert_int_equal(w.opened, 1);
    assert_string_equal(w.duty, "respond only");
    assert_string_equal(w.stream, "019aa2b0-0000-7000-8000-00000000000a");
    assert_int_equal(w.frames, 20);
    assert_int_equal(w.gaps, 1);
    assert_int_equal(w.gap_bytes, 376);
    assert_int_equal(w.gap_us, US_PER_S);
    assert_int_equal(w.stopped, 1);
    assert_string_equal(w.reason, "sender-ended");
    assert_int_equal(w.status, 0);
    fedgate_watcher_free(w.watcher);
}

static void a_refused_watcher_hears_why(void **state)
{
    struct pair *p = *state;
    struct watching w;
    watch(&w, p, "refused");
    TURN_UNTIL(p, w.ended == 1);
    assert_int_equal(w.opened, 0);
    assert_string_equal(w.reason, "not-participant");
    assert_int_equal(w.status, GRPC_PERMISSION_DENIED);
    fedgate_watcher_free(w.watcher);
}

static void a_watcher_that_waits_gets_no_more_until_it_resumes(void **state)
{
    struct pair *p = *state;
    struct watching w;
    watch(&w, p, "endless");
    w.hold = true;
    TURN_UNTIL(p, w.frames > 0);
    for (int i = 0; i < 50; i++)
        turn(p);
    size_t held = w.bytes;
    assert_true(held <= 2u << 20);
    for (int i = 0; i < 50; i++)
        turn(p);
    assert_int_equal(w.bytes, held);
    w.hold = false;
    fedgate_watcher_resume(w.watcher);
    TURN_UNTIL(p, w.bytes > held + (4u << 20));
    fedgate_watcher_free(w.watcher);
    settle(p);
}

/* What else goes over it waits for the next connection, too. */
static void video_keeps_an_old_connection_as_long_as_the_gateway_lets_it(void **state)
{
    struct pair *p = *state;
    struct watching w;
    watch(&w, p, "endless");
    w.hold = true;
    TURN_UNTIL(p, w.frames > 0);
    connection_set_age(p->fake->connection, 10 * US_PER_S, 10 * US_PER_S);
    for (unsigned i = 0; i < 17; i++) {
        p->now_us += US_PER_S;
        settle(p);
    }
    assert_int_equal(p->lost, 0);
    PASS_UNTIL(p, w.ended == 1 && p->connected == 2, 10 * US_PER_S);
    assert_int_equal(w.status, GRPC_UNAVAILABLE);
    fedgate_watcher_free(w.watcher);
}

static void a_watcher_may_be_freed_at_its_data(void **state)
{
    struct pair *p = *state;
    struct watching w;
    watch(&w, p, "endless");
    w.leave = true;
    TURN_UNTIL(p, w.frames == 1);
    settle(p);
    assert_int_equal(w.frames, 1);
    assert_int_equal(w.ended, 0);
}

static void a_request_larger_than_one_may_be_is_not_made(void **state)
{
    struct pair *p = *state;
    uint8_t *large = calloc(1, FEDGATE_REQUEST_MAX + 1);
    assert_null(
        fedgate_watcher_new(p->client, large, FEDGATE_REQUEST_MAX + 1, &watcher_events, NULL));
    assert_null(
        fedgate_sender_new(p->client, large, FEDGATE_REQUEST_MAX + 1, &sender_events, NULL));
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stream_is_opened_sent_and_ended, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(
            video_keeps_an_old_connection_as_long_as_the_gateway_lets_it, pair_reconnecting,
            pair_end),
        cmocka_unit_test_setup_teardown(fragmented_mp4_is_sent_wherever_it_is_cut,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(data_that_is_not_whole_packets_is_not_taken,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_camera_that_moves_tells_where_it_is, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_refused_stream_says_so_and_ends, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_stop_tells_its_reason, pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_sender_waits_for_the_network, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(
            a_lost_connection_ends_a_stream_even_of_a_client_that_reconnects, pair_reconnecting,
            pair_end),
        cmocka_unit_test_setup_teardown(a_watcher_gets_obligations_data_gaps_and_the_end,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_refused_watcher_hears_why, pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_watcher_that_waits_gets_no_more_until_it_resumes,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_watcher_may_be_freed_at_its_data, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_request_larger_than_one_may_be_is_not_made,
                                        pair_connected_once, pair_end)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
