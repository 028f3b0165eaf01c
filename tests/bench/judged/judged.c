/*
 * judged PORT PKI UNIT SESSIONS WATCHES: many sessions and watchers of one stream, and how long it
 * takes until all were judged again. Commands come as lines, each is answered with one:
 *
 *   sessions   connects SESSIONS sessions: a hundred as UNIT-00, a hundred as UNIT-01 and so on
 *   watches    reports an incident, opens a stream for it and WATCHES watches of that
 *   close      closes the incident; until the last watch was told so
 *   gone       until the gateway has closed the last session
 *   stay       looks for a second whether one is closed
 */
#include "common.h"
#include "fedgate.h"
#include "footage.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { A_UNIT = 100, A_CONNECTION = 100 };
#define PATIENCE_NS INT64_C(60000000000)

struct many {
    const char *port, *pki, *unit;
    struct session {
        struct fedgate_client *client;
        struct many *all;
        bool stands;
    } * session;
    struct fedgate_end_point control, centre, *watching; /* the last: for a hundred watches each */
    struct fedgate_sender *sender;
    size_t sessions, watches, standing, watched;
    int64_t first_ns, last_ns; /* of what ended */
    bool opened;
};

static void note_end(struct many *m)
{
    m->last_ns = load_now_ns();
    if (m->first_ns == 0)
        m->first_ns = m->last_ns;
}

/* ---- sessions */

static void stands(void *arg)
{
    struct session *s = arg;
    s->stands = true;
    s->all->standing++;
}

static void lost(void *arg, const struct fedgate_lost *why)
{
    struct session *s = arg;
    if (!s->stands)
        load_fail("a session was refused: %s", why->why);
    s->stands = false;
    s->all->standing--;
    note_end(s->all);
}

static void connect_one(struct many *m, size_t i)
{
    struct session *s = &m->session[i];
    char address[64], unit[256], why[256];
    struct load_files f;
    const int64_t until_ns = load_now_ns() + PATIENCE_NS;
    (void)snprintf(address, sizeof address, "localhost:%s", m->port);
    (void)snprintf(unit, sizeof unit, "%s-%02zu", m->unit, i / A_UNIT);
    load_files(m->pki, unit, &f);
    const struct fedgate_client_config config = {.gateway = address,
                                                 .certificate_file = f.certificate,
                                                 .key_file = f.key,
                                                 .root_file = f.root,
                                                 .arg = s,
                                                 .connected = stands,
                                                 .lost = lost};
    fedgate_client_free(s->client);
    *s = (struct session){.all = m};
    s->client = fedgate_client_new(&config, why, sizeof why);
    if (s->client == NULL)
        load_fail("%s", why);
    while (!s->stands && load_now_ns() < until_ns)
        fedgate_client_turn(s->client, 100000);
    if (!s->stands)
        load_fail("%s: no connection", unit);
}

static void turn_sessions(struct many *m)
{
    for (size_t i = 0; i < m->sessions; i++)
        if (m->session[i].stands)
            fedgate_client_turn(m->session[i].client, 0);
}

/* The gateway waits five seconds for the answer to its SETTINGS: those that stand get their turns
 * while others connect. */
static void connect_all(struct many *m)
{
    for (size_t i = 0; i < m->sessions; i++) {
        if (!m->session[i].stands)
            connect_one(m, i);
        if (i % A_UNIT == A_UNIT - 1)
            turn_sessions(m);
    }
    fedgate_client_turn(m->session[m->sessions - 1].client, 100000);
    turn_sessions(m);
}

/* ---- watches */

static size_t connections_of(const struct many *m)
{
    return (m->watches + A_CONNECTION - 1) / A_CONNECTION;
}

static void sender_opened(void *arg, const struct fedgate_receipt *receipt)
{
    if (receipt->answer != FEDGATE_ACCEPTED)
        load_fail("the stream was refused");
    ((struct many *)arg)->opened = true;
}

static void watcher_opened(void *arg, const struct fedgate_video_start *start)
{
    (void)start;
    ((struct many *)arg)->watched++;
}

static void watch_ended(void *arg, const struct fedgate_end *end)
{
    struct many *m = arg;
    (void)end;
    m->watched--;
    note_end(m);
}

static void turn_watches(struct many *m)
{
    for (size_t i = 0; i < connections_of(m); i++)
        fedgate_client_turn(m->watching[i].client, 0);
    fedgate_client_turn(m->centre.client, 0);
    fedgate_client_turn(m->control.client, 0);
}

static void open_stream(struct many *m)
{
    static const struct fedgate_sender_events sending = {.opened = sender_opened};
    struct buf report = footage_incident(load_wall_us()), start = footage_start(load_wall_us());
    fedgate_connect(&m->control, m->port, m->pki, FOOTAGE_WATCHER, false);
    fedgate_connect(&m->centre, m->port, m->pki, FOOTAGE_SENDER, false);
    fedgate_publish_one(&m->control, buf_view(&report));
    m->sender = fedgate_sender_new(m->centre.client, start.p, start.n, &sending, m);
    fedgate_await(&m->centre, &m->opened, "answer to the VideoStart");
    buf_free(&report);
    buf_free(&start);
}

static void watch_all(struct many *m)
{
    static const struct fedgate_watcher_events watching = {.opened = watcher_opened,
                                                           .ended = watch_ended};
    struct buf request = footage_request();
    const int64_t until_ns = load_now_ns() + PATIENCE_NS;
    open_stream(m);
    m->watching = mem_new_array(connections_of(m), sizeof *m->watching);
    for (size_t i = 0; i < connections_of(m); i++)
        fedgate_connect(&m->watching[i], m->port, m->pki, FOOTAGE_WATCHER, false);
    for (size_t i = 0; i < m->watches; i++)
        (void)fedgate_watcher_new(m->watching[i / A_CONNECTION].client, request.p, request.n,
                                  &watching, m);
    while (m->watched < m->watches && load_now_ns() < until_ns)
        turn_watches(m);
    if (m->watched < m->watches)
        load_fail("%zu of %zu watches were opened", m->watched, m->watches);
    buf_free(&request);
}

/* ---- what is timed */

static void await_none(struct many *m, const size_t *left, void (*turn)(struct many *m),
                       int64_t began_ns)
{
    while (*left > 0 && load_now_ns() < began_ns + PATIENCE_NS)
        turn(m);
    if (*left > 0)
        load_fail("%zu still stand after a minute", *left);
    printf("{\"first_s\": %.4f, \"last_s\": %.4f}\n", (double)(m->first_ns - began_ns) / 1e9,
           (double)(m->last_ns - began_ns) / 1e9);
}

/* From before the message that closes it is sent. */
static void close_incident(struct many *m)
{
    struct buf close = footage_close(load_wall_us());
    const int64_t began_ns = load_now_ns();
    fedgate_publish_one(&m->control, buf_view(&close));
    await_none(m, &m->watched, turn_watches, began_ns);
    buf_free(&close);
}

static void stay(struct many *m)
{
    const int64_t until_ns = load_now_ns() + INT64_C(1000000000);
    while (load_now_ns() < until_ns)
        turn_sessions(m);
    if (m->standing != m->sessions)
        load_fail("%zu of %zu sessions stand", m->standing, m->sessions);
    puts("stayed");
}

static void obey(struct many *m, const char *command)
{
    m->first_ns = 0;
    if (strcmp(command, "sessions\n") == 0) {
        connect_all(m);
        puts("sessions");
    } else if (strcmp(command, "watches\n") == 0) {
        watch_all(m);
        puts("watches");
    } else if (strcmp(command, "close\n") == 0) {
        close_incident(m);
    } else if (strcmp(command, "gone\n") == 0) {
        await_none(m, &m->standing, turn_sessions, load_now_ns());
    } else if (strcmp(command, "stay\n") == 0) {
        stay(m);
    } else {
        load_fail("%s: sessions, watches, close, gone or stay", command);
    }
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    char command[32];
    if (argc != 6 || load_number(argv[4]) == 0)
        load_fail("PORT PKI UNIT SESSIONS WATCHES");
    struct many m = {.port = argv[1],
                     .pki = argv[2],
                     .unit = argv[3],
                     .sessions = load_number(argv[4]),
                     .watches = load_number(argv[5])};
    m.session = mem_new_array(m.sessions, sizeof *m.session);
    while (fgets(command, sizeof command, stdin) != NULL)
        obey(&m, command);
    return 0;
}
