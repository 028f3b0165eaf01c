/*
 * measure POLICY alerts|video CLIP COUNT [where]: COUNT alerts from publish to acknowledgement, or
 * COUNT chunks of video from sender to watcher, through the engines of edge, ledger and keeper, in
 * one process, without sockets, on a clock and with random numbers that are the same each time.
 * Before, as many as fill what is kept for reuse. Tells how often memory was allocated; `where`
 * tells by whom. Under callgrind only the counted ones are looked at.
 */
#include "alert.h"
#include "allocations.h"
#include "clip.h"
#include "common.h"
#include "footage.h"
#include "house.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <valgrind/callgrind.h>

#define BEGIN_US INT64_C(1795262400000000)               /* 2026-11-21 */
enum { BATCH = 50, BATCH_US = 10000, CHUNK_US = 50000 }; /* as fast as the set lets a camera send */

/* ---- chance, the same each time: for hash seeds, ids and keys */

ssize_t getrandom(void *out, size_t n, unsigned flags)
{
    static uint64_t state = 1;
    uint8_t *p = out;
    (void)flags;
    for (size_t i = 0; i < n; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        p[i] = (uint8_t)(state >> 56);
    }
    return (ssize_t)n;
}

/* ---- what both have in common */

static struct session *connect_unit(struct house *h, const char *unit)
{
    struct edge *e = house_edge(h);
    return session_open(e, policy_unit(edge_policy(e), bytes_of_text(unit)), "guard");
}

static void count_receipt(void *arg, struct bytes encoded, uint64_t scope)
{
    (void)scope;
    (void)encoded; /* whether it was accepted shows in what arrives */
    (*(size_t *)arg)++;
}

static void unavailable(void *arg, const char *why)
{
    (void)arg;
    load_fail("%s", why);
}

static void call_ended(void *arg, int status, const char *why)
{
    (void)arg;
    load_fail("a call ended: %d %s", status, why);
}

static void watch_ended(void *arg, int status, const char *why, int64_t within_us)
{
    (void)within_us;
    call_ended(arg, status, why);
}

static size_t none_queued(void *arg)
{
    (void)arg;
    return 0;
}

static void have_room(void *arg)
{
    (void)arg;
}

static const struct publisher_events publishing = {count_receipt, unavailable, have_room};

static void publish(struct publisher *p, struct bytes message)
{
    struct shared *owner = shared_copy(message);
    if (publisher_take(p, owner, shared_view(owner)) == RESULT_CLOSED)
        load_fail("a message was not taken");
    shared_drop(owner);
}

/* ---- alerts: published, decided, committed, delivered, acknowledged, settled; in batches */

struct alerts {
    struct house *house;
    struct alert *sent, *expected;
    struct session *carrier, *desk;
    struct publisher *publisher;
    struct subscriber *subscriber;
    size_t receipts, arrived, acknowledged;
};

static void delivery(void *arg, struct bytes encoded, uint64_t scope)
{
    static const uint8_t before[] = {2 << 3 | 2, (ALERT_BYTES & 127) | 128, ALERT_BYTES >> 7};
    struct alerts *a = arg;
    uint64_t number;
    int64_t sent_ns;
    (void)scope;
    if (a->arrived++ == 0)
        return; /* what opened the incident */
    const uint8_t *at = memmem(encoded.p, encoded.n, before, sizeof before);
    if (at == NULL || at + sizeof before + ALERT_BYTES > encoded.p + encoded.n ||
        !alert_read(a->expected, bytes_of(at + sizeof before, ALERT_BYTES), &number, &sent_ns) ||
        number != a->arrived - 2)
        load_fail("an alert arrived with other bytes than were sent");
}

static void acknowledge(struct alerts *a)
{
    uint64_t seq[BATCH];
    size_t n = 0;
    while (a->acknowledged < a->arrived)
        seq[n++] = ++a->acknowledged;
    subscriber_ack(a->subscriber, seq, n, 0);
    house_advance(a->house, BATCH_US);
}

static void *open_alerts(struct house *h, const char *clip)
{
    static const struct subscriber_events subscribing = {delivery, none_queued, call_ended};
    static struct alerts a;
    const char *why = "";
    (void)clip;
    a = (struct alerts){.house = h, .sent = alert_new(BEGIN_US, 0)};
    a.expected = alert_copy(a.sent);
    a.carrier = connect_unit(h, ALERT_SENDER);
    a.desk = connect_unit(h, ALERT_RECEIVER);
    a.publisher = publisher_open(a.carrier, &publishing, &a.receipts);
    a.subscriber = subscriber_open(a.desk, &subscribing, &a, bytes_of("", 0), &why);
    if (a.subscriber == NULL)
        load_fail("%s", why);
    publish(a.publisher, alert_opening(a.sent, 0));
    house_settle(h);
    acknowledge(&a);
    return &a;
}

static void pass_alerts(void *arg, size_t count)
{
    struct alerts *a = arg;
    const size_t goal = a->arrived + count;
    while (a->arrived < goal) {
        for (size_t i = 0; i < BATCH; i++)
            publish(a->publisher, alert_make(a->sent, a->arrived - 1 + i, 0));
        const size_t before = a->arrived;
        house_settle(a->house);
        if (a->arrived != before + BATCH || a->receipts != a->arrived)
            load_fail("%zu receipts came and %zu alerts", a->receipts, a->arrived);
        acknowledge(a);
    }
}

static void close_alerts(void *arg)
{
    struct alerts *a = arg;
    publisher_close(a->publisher);
    subscriber_close(a->subscriber);
    session_close(a->carrier);
    session_close(a->desk);
}

/* ---- video: chunks from a sender, judged every second, to a watcher */

struct video {
    struct house *house;
    struct clip *clip;
    struct session *centre, *control;
    struct publisher *publisher;
    struct sender *sender;
    struct watcher *watcher;
    struct buf frame;
    size_t receipts;
    uint64_t chunks, seen;
};

static void on_control(void *arg, struct bytes control)
{
    (void)arg;
    (void)control;
}

/* What comes before a decoder can start is left out of the first chunk. */
static void on_frame(void *arg, struct bytes head, struct shared *owner, struct bytes payload)
{
    struct video *v = arg;
    (void)head;
    (void)owner;
    if (payload.n == 0)
        return;
    if (v->seen == 0) { /* the tables come first, by themselves */
        if (!clip_is_at(v->clip, CLIP_CHUNK - payload.n, payload))
            return;
        v->seen = CLIP_CHUNK - payload.n;
    }
    if (!clip_is_at(v->clip, v->seen, payload))
        load_fail("other video arrived than was sent");
    v->seen += payload.n;
}

/* A VideoFrame with one field. */
static void give(struct video *v, unsigned field, struct bytes content)
{
    buf_clear(&v->frame);
    buf_u8(&v->frame, (uint8_t)(field << 3 | 2));
    buf_varint(&v->frame, content.n);
    buf_put(&v->frame, content.p, content.n);
    struct shared *owner = shared_copy(buf_view(&v->frame));
    if (sender_take(v->sender, owner, shared_view(owner)) != RESULT_OK)
        load_fail("video was not taken");
    shared_drop(owner);
}

static void *open_video(struct house *h, const char *clip)
{
    static const struct sender_events sending = {on_control, call_ended, have_room};
    static const struct watcher_events watching = {on_frame, none_queued, watch_ended};
    static struct video v;
    struct buf report = footage_incident(BEGIN_US), start = footage_start(BEGIN_US),
               request = footage_request();
    v = (struct video){.house = h, .clip = clip_open(clip), .frame = BUF_INIT(2 * CLIP_CHUNK)};
    v.centre = connect_unit(h, FOOTAGE_SENDER);
    v.control = connect_unit(h, FOOTAGE_WATCHER);
    v.publisher = publisher_open(v.control, &publishing, &v.receipts);
    publish(v.publisher, buf_view(&report));
    house_settle(h);
    v.sender = sender_open(v.centre, &sending, &v);
    give(&v, 1, buf_view(&start));
    house_settle(h);
    v.watcher = watcher_open(v.control, &watching, &v, buf_view(&request));
    house_settle(h);
    buf_free(&report);
    buf_free(&start);
    buf_free(&request);
    return &v;
}

static void pass_video(void *arg, size_t count)
{
    struct video *v = arg;
    for (size_t i = 0; i < count; i++) {
        give(v, 2, clip_chunk(v->clip, v->chunks++));
        house_advance(v->house, CHUNK_US);
    }
    if (v->seen != v->chunks * CLIP_CHUNK)
        load_fail("not all of the video arrived");
}

static void close_video(void *arg)
{
    struct video *v = arg;
    watcher_close(v->watcher);
    sender_close(v->sender);
    publisher_close(v->publisher);
    session_close(v->centre);
    session_close(v->control);
    buf_free(&v->frame);
}

/* ---- which */

static const struct script {
    const char *name;
    size_t warm;
    void *(*open)(struct house *h, const char *clip);
    void (*pass)(void *arg, size_t count);
    void (*close)(void *arg);
} scripts[] = {{"alerts", 10 * BATCH, open_alerts, pass_alerts, close_alerts},
               {"video", 100, open_video, pass_video, close_video}};

static const struct script *script_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (strcmp(scripts[i].name, name) == 0)
            return &scripts[i];
    load_fail("alerts, or video");
}

int main(int argc, char **argv)
{
    if (argc < 5)
        load_fail("measure POLICY alerts|video CLIP COUNT [where]");
    const struct script *s = script_named(argv[2]);
    const size_t count = strtoul(argv[4], NULL, 10) / BATCH * BATCH;
    struct house *h = house_new(argv[1], BEGIN_US);
    void *arg = s->open(h, argv[3]);
    s->pass(arg, s->warm);
    allocations_trace(argc > 5);
    size_t before = allocations_count();
    CALLGRIND_START_INSTRUMENTATION;
    s->pass(arg, count);
    CALLGRIND_STOP_INSTRUMENTATION;
    size_t after = allocations_count();
    allocations_trace(false);
    /* But for the one in which each piece was handed in. */
    printf("{\"pieces\": %zu, \"allocations\": %zu}\n", count, after - before - count);
    allocations_print();
    s->close(arg);
    house_free(h);
    return 0;
}
