/*
 * load --driver D --port P --pki FOLDER --count N [...]: connects, warms up, says "ready" on its
 * standard output, waits for a line on its input, runs, and says in one line of JSON what it saw.
 * Then it stays connected until its input ends, so that the server's CPU time can be read.
 *
 * With a driver that can begin again, all waits at the server first: load says "queued", waits for
 * a line while the server is started anew, says "first" when the first alert has arrived, and sends
 * one more itself.
 */
#include "load.h"

#include "alert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "clip.h"

#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)
#define PATIENCE  (30 * NS_PER_S) /* without anything that moves */
#define NAP_US    10000

struct load {
    struct load_options options;
    const struct driver *driver;
    void *state; /* the driver's */
    int wake;

    /* the sender's */
    struct alert *alert;
    struct clip *clip;
    uint64_t first, goal; /* pieces, of this phase */
    bool queues;          /* nothing arrives in it */
    int64_t began_ns;

    /* both threads' */
    atomic_uint_fast64_t sent, acknowledged, arrived;
    atomic_int_fast64_t moved_ns; /* when something arrived last */
    atomic_int_fast64_t first_receipt_ns, first_arrival_ns, receipt_ns; /* of this phase; last */
    atomic_bool sleeping;

    /* the taker's; the sender's too, when everything has arrived */
    struct alert *expected;
    uint8_t *seen; /* by number */
    uint64_t next, repeated, out_of_order, position;
    uint32_t *latency_us; /* in order of arrival */
};

/* ---- small things */

const struct load_options *load_options(const struct load *l)
{
    return &l->options;
}

/* ---- the window */

int load_wake_fd(const struct load *l)
{
    return l->wake;
}

void load_woken(struct load *l)
{
    eventfd_t count;
    (void)eventfd_read(l->wake, &count);
}

void load_wait(struct load *l, int64_t most_us)
{
    struct pollfd p = {.fd = l->wake, .events = POLLIN};
    const struct timespec most = {most_us / US_PER_S, most_us % US_PER_S * NS_PER_US};
    if (ppoll(&p, 1, &most, NULL) == 1)
        load_woken(l);
}

static uint64_t under_way(const struct load *l)
{
    return atomic_load(&l->sent) - atomic_load(&l->acknowledged);
}

/* A sender that sleeps is woken when half of its window is free: each time costs it a switch. */
void load_acknowledged(struct load *l, uint64_t n)
{
    int_fast64_t now = load_now_ns(), none = 0;
    atomic_store(&l->receipt_ns, now);
    (void)atomic_compare_exchange_strong(&l->first_receipt_ns, &none, now);
    atomic_fetch_add(&l->acknowledged, n);
    if (under_way(l) <= l->options.window / 2 && atomic_exchange(&l->sleeping, false))
        (void)eventfd_write(l->wake, 1);
}

/* ---- what arrives */

static uint64_t all_pieces(const struct load *l)
{
    return l->options.warm + l->options.count + (l->driver->again != NULL ? 1 : 0);
}

static void note_arrival(struct load *l, uint64_t pieces)
{
    int_fast64_t now = load_now_ns(), none = 0;
    atomic_store(&l->moved_ns, now);
    (void)atomic_compare_exchange_strong(&l->first_arrival_ns, &none, now);
    atomic_fetch_add(&l->arrived, pieces);
}

void load_alert_arrived(struct load *l, struct bytes alert)
{
    uint64_t number;
    int64_t sent_ns;
    if (!alert_read(l->expected, alert, &number, &sent_ns) || number >= all_pieces(l))
        load_fail("an alert arrived with other bytes than were sent");
    if (l->seen[number] != 0) {
        l->repeated++;
        return;
    }
    l->seen[number] = 1;
    if (number != l->next)
        l->out_of_order++;
    l->next = number + 1;
    int64_t us = (load_now_ns() - sent_ns) / NS_PER_US;
    l->latency_us[atomic_load(&l->arrived)] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    note_arrival(l, 1);
}

void load_video_arrived(struct load *l, struct bytes data)
{
    if (!clip_is_at(l->clip, l->position, data))
        load_fail("other bytes arrived than were sent, behind byte %" PRIu64, l->position);
    load_video_reached(l, l->position + data.n);
}

/* Chunks may arrive in other pieces than they were sent in. */
void load_video_reached(struct load *l, uint64_t position)
{
    uint64_t before = l->position / CLIP_CHUNK;
    l->position = position;
    uint64_t pieces = l->position / CLIP_CHUNK - before;
    if (pieces == 0)
        return;
    note_arrival(l, pieces);
    load_acknowledged(l, pieces);
}

/* ---- what is sent */

/* With a rate, pieces are due on a grid of a millisecond, or of the rate where that is slower. */
static int64_t due_ns(const struct load *l, uint64_t number, int64_t now_ns)
{
    const uint64_t rate = l->options.rate;
    if (rate == 0)
        return now_ns;
    int64_t after = (int64_t)((number - l->first) * (uint64_t)NS_PER_S / rate);
    return l->began_ns + after / NS_PER_MS * NS_PER_MS;
}

/* True when a piece went; else how long there is nothing to send, at most. */
static bool send_next(struct load *l, int64_t *wait_us)
{
    uint64_t number = atomic_load(&l->sent);
    *wait_us = NAP_US;
    if (number == l->goal || under_way(l) >= l->options.window)
        return false;
    int64_t now = load_now_ns(), due = due_ns(l, number, now);
    if (due > now) {
        *wait_us = (due - now + NS_PER_US - 1) / NS_PER_US;
        return false;
    }
    struct bytes piece =
        l->driver->video ? clip_chunk(l->clip, number) : alert_make(l->alert, number, due);
    /* Counted before: it may arrive before send returns. */
    atomic_fetch_add(&l->sent, 1);
    if (l->driver->send(l->state, piece))
        return true;
    atomic_fetch_sub(&l->sent, 1);
    return false;
}

static bool is_over(const struct load *l)
{
    return atomic_load(&l->acknowledged) == l->goal &&
           (l->queues || atomic_load(&l->arrived) == l->goal);
}

static void fail_when_stuck(const struct load *l)
{
    int64_t before_ns = load_now_ns() - PATIENCE;
    if (atomic_load(&l->moved_ns) < before_ns && atomic_load(&l->receipt_ns) < before_ns)
        load_fail("stuck: %" PRIu64 " sent, %" PRIu64 " acknowledged, %" PRIu64 " arrived",
                  atomic_load(&l->sent), atomic_load(&l->acknowledged), atomic_load(&l->arrived));
}

static void begin_phase(struct load *l, uint64_t count)
{
    l->first = atomic_load(&l->sent);
    l->goal = l->first + count;
    l->began_ns = load_now_ns();
    atomic_store(&l->moved_ns, l->began_ns);
    atomic_store(&l->first_receipt_ns, 0);
    atomic_store(&l->first_arrival_ns, 0);
}

static void go_on(struct load *l)
{
    int64_t wait_us;
    if (send_next(l, &wait_us))
        return;
    /* What is acknowledged just before this line wakes nobody: that costs one nap. */
    atomic_store(&l->sleeping, under_way(l) >= l->options.window);
    l->driver->turn(l->state, wait_us);
    atomic_store(&l->sleeping, false);
    fail_when_stuck(l);
}

static void run_phase(struct load *l, uint64_t count)
{
    begin_phase(l, count);
    while (!is_over(l))
        go_on(l);
}

static void *take(void *arg)
{
    struct load *l = arg;
    for (;;)
        l->driver->take(l->state, NAP_US);
    return NULL;
}

/* All that waits at the server, and one alert that it gets now. */
static void run_behind_restart(struct load *l)
{
    bool is_told = false;
    load_say("queued");
    (void)load_await_line();
    begin_phase(l, 1);
    l->queues = false;
    l->driver->again(l->state);
    while (!is_over(l)) {
        go_on(l);
        if (!is_told && atomic_load(&l->first_arrival_ns) != 0)
            load_say("first");
        is_told = atomic_load(&l->first_arrival_ns) != 0;
    }
}

/* ---- the result */

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* `per_mille` of the alerts were as quick as this, or quicker. */
static double latency_ms(const struct load *l, unsigned per_mille)
{
    return l->latency_us[l->first + (l->goal - l->first - 1) * per_mille / 1000] / 1000.0;
}

static void report_latency(struct load *l)
{
    static const struct {
        const char *name;
        unsigned per_mille;
    } point[] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p999", 999}, {"max", 1000}};
    qsort(l->latency_us + l->first, l->goal - l->first, sizeof *l->latency_us, ascending);
    for (size_t i = 0; i < ARRAY_LEN(point); i++)
        printf(", \"%s_ms\": %.3f", point[i].name, latency_ms(l, point[i].per_mille));
}

static double cpu_s(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void report(struct load *l, double cpu_before_s)
{
    const size_t piece = l->driver->video ? CLIP_CHUNK : ALERT_BYTES;
    double elapsed_s = (double)(atomic_load(&l->moved_ns) - l->began_ns) / (double)NS_PER_S;
    printf("{\"pieces\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"elapsed_s\": %.6f, "
           "\"load_cpu_s\": %.3f, \"repeated\": %" PRIu64 ", \"out_of_order\": %" PRIu64,
           l->options.count, l->options.count * piece, elapsed_s, cpu_s() - cpu_before_s,
           l->repeated, l->out_of_order);
    if (!l->driver->video)
        report_latency(l);
    if (l->driver->again != NULL) /* of the clock that all processes have in common */
        printf(
            ", \"first_receipt_ns\": %lld, \"first_arrival_ns\": %lld, \"last_arrival_ns\": %lld",
            (long long)atomic_load(&l->first_receipt_ns),
            (long long)atomic_load(&l->first_arrival_ns), (long long)atomic_load(&l->moved_ns));
    load_say("}");
}

/* ---- options */

static const struct driver *const drivers[] = {
    &driver_fedgate,   &driver_fedgate_restart, &driver_fedgate_video, &driver_mosquitto,
    &driver_jetstream, &driver_rabbitmq,        &driver_tls_relay};

static const struct driver *driver_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < ARRAY_LEN(drivers); i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    load_fail("--driver: one of fedgate, fedgate-restart, fedgate-video, mosquitto, jetstream, "
              "rabbitmq, tls-relay");
}

static void read_options(struct load_options *o, int argc, char **argv)
{
    static const struct option names[] = {{"driver", required_argument, NULL, 'd'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"sink", required_argument, NULL, 's'},
                                          {"pki", required_argument, NULL, 'k'},
                                          {"clip", required_argument, NULL, 'c'},
                                          {"count", required_argument, NULL, 'n'},
                                          {"warm", required_argument, NULL, 'w'},
                                          {"window", required_argument, NULL, 'W'},
                                          {"rate", required_argument, NULL, 'r'},
                                          {"run", required_argument, NULL, 'R'},
                                          {"incidents", required_argument, NULL, 'i'},
                                          {"watchers", required_argument, NULL, 'o'},
                                          {NULL, 0, NULL, 0}};
    int c;
    *o = (struct load_options){.port = "8443",
                               .sink_port = "0",
                               .pki = "pki",
                               .count = 1000,
                               .warm = 100,
                               .window = 256,
                               .watchers = 1};
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'd': o->driver = optarg; break;
        case 'p': o->port = optarg; break;
        case 's': o->sink_port = optarg; break;
        case 'k': o->pki = optarg; break;
        case 'c': o->clip = optarg; break;
        case 'n': o->count = load_number(optarg); break;
        case 'w': o->warm = load_number(optarg); break;
        case 'W': o->window = load_number(optarg); break;
        case 'r': o->rate = load_number(optarg); break;
        case 'R': o->run = load_number(optarg); break;
        case 'o': o->watchers = load_number(optarg); break;
        case 'i': o->incidents = load_number(optarg); break;
        default: load_fail("an option that is not known");
        }
    }
    if (o->count == 0 || o->warm == 0 || o->window == 0)
        load_fail("--count, --warm, --window: at least 1");
    if (o->watchers == 0)
        load_fail("--watchers: at least 1");
    if (o->run > UINT8_MAX)
        load_fail("--run: at most 255");
}

struct alert *load_new_alert(const struct load *l)
{
    return alert_new(load_wall_us(), (unsigned)l->options.run);
}

static struct load *load_new(int argc, char **argv)
{
    struct load *l = mem_new(sizeof *l);
    read_options(&l->options, argc, argv);
    l->driver = driver_named(l->options.driver);
    l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (l->wake < 0)
        load_fail("eventfd");
    if (l->driver->video) {
        l->clip = clip_open(l->options.clip == NULL ? "" : l->options.clip);
        return l;
    }
    const size_t all = all_pieces(l);
    l->queues = l->driver->again != NULL;
    l->alert = load_new_alert(l);
    l->expected = alert_copy(l->alert);
    l->seen = mem_new_array(all, 1);
    l->latency_us = mem_new_array(all, sizeof *l->latency_us);
    return l;
}

int main(int argc, char **argv)
{
    struct load *l = load_new(argc, argv);
    pthread_t taker;
    l->state = l->driver->open(l);
    if (pthread_create(&taker, NULL, take, l) != 0)
        load_fail("pthread_create");
    run_phase(l, l->options.warm);
    load_say("ready");
    (void)load_await_line();
    double cpu_before_s = cpu_s();
    run_phase(l, l->options.count);
    if (l->driver->again != NULL)
        run_behind_restart(l);
    report(l, cpu_before_s);
    (void)load_await_line();
    _exit(0); /* the other thread never ends */
}
