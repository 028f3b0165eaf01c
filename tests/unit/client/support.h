/* A fake gateway and a client of it in one process, both on a clock that the test turns. */
#ifndef FEDGATE_TESTS_CLIENT_SUPPORT_H
#define FEDGATE_TESTS_CLIENT_SUPPORT_H

#include "client/state.h"
#include "fake.h"

struct pair {
    struct fake *fake;
    struct fedgate_client *client;
    int64_t now_us;
    unsigned connected, lost;
    struct fedgate_lost last;
    char why[160], text[400];
};

static inline int64_t pair_time(void *arg)
{
    return ((struct pair *)arg)->now_us;
}

static inline void pair_connected(void *arg)
{
    ((struct pair *)arg)->connected++;
}

static inline void pair_lost(void *arg, const struct fedgate_lost *lost)
{
    struct pair *p = arg;
    p->lost++;
    p->last = *lost;
    (void)snprintf(p->why, sizeof p->why, "%s", lost->why);
    (void)snprintf(p->text, sizeof p->text, "%s", lost->text[FEDGATE_ENGLISH]);
    assert_true((lost->text[FEDGATE_ENGLISH][0] == '\0') ==
                (lost->text[FEDGATE_KOREAN][0] == '\0'));
}

/* One turn of both. */
static inline void turn(struct pair *p)
{
    if (p->fake->server != NULL)
        loop_turn(p->fake->loop, 500);
    if (p->client != NULL)
        fedgate_client_turn(p->client, 500);
}

#define TURN_UNTIL(p, condition)                                                                   \
    do {                                                                                           \
        for (int turns_ = 0; turns_ < 20000 && !(condition); turns_++)                             \
            turn(p);                                                                               \
        assert_true(condition);                                                                    \
    } while (0)

/* A few turns in which nothing more is expected. */
static inline void settle(struct pair *p)
{
    for (int i = 0; i < 10; i++)
        turn(p);
}

/* Time passes until the condition holds, a tenth of a second at a time. */
#define PASS_UNTIL(p, condition, most_us)                                                          \
    do {                                                                                           \
        for (int64_t end_ = (p)->now_us + (most_us); (p)->now_us < end_ && !(condition);) {        \
            (p)->now_us += US_PER_S / 10;                                                          \
            settle(p);                                                                             \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

/* Another client of the same gateway; the files are those in its folder with these names. */
static inline struct fedgate_client *client_with(struct pair *p, const char *certificate,
                                                 const char *key, const char *root, bool reconnect,
                                                 char *why, size_t n)
{
    char path[3][128];
    const struct clock clock = {pair_time, pair_time, p};
    const struct fedgate_client_config config = {.gateway = p->fake->address,
                                                 .certificate_file =
                                                     fake_path(p->fake, certificate, path[0]),
                                                 .key_file = fake_path(p->fake, key, path[1]),
                                                 .root_file = fake_path(p->fake, root, path[2]),
                                                 .reconnect = reconnect,
                                                 .arg = p,
                                                 .connected = pair_connected,
                                                 .lost = pair_lost};
    return client_new(&config, &clock, why, n);
}

static inline void pair_connect(struct pair *p, bool reconnect)
{
    char why[200] = "";
    p->client = client_with(p, "unit.pem", "unit.key", "root.pem", reconnect, why, sizeof why);
    if (p->client == NULL)
        fail_msg("%s", why);
}

/* The gateway serves; no client yet. */
static inline int pair_begin(void **state)
{
    struct pair *p = calloc(1, sizeof *p);
    const struct clock clock = {pair_time, pair_time, p};
    p->now_us = US_PER_HOUR;
    p->fake = fake_new(&clock);
    fake_serve(p->fake);
    *state = p;
    return 0;
}

/* And a client that does not reconnect, or does. */
static inline int pair_connected_once(void **state)
{
    (void)pair_begin(state);
    struct pair *p = *state;
    pair_connect(p, false);
    TURN_UNTIL(p, p->connected == 1 && p->fake->sessions == 1);
    return 0;
}

static inline int pair_reconnecting(void **state)
{
    (void)pair_begin(state);
    struct pair *p = *state;
    pair_connect(p, true);
    TURN_UNTIL(p, p->connected == 1 && p->fake->sessions == 1);
    return 0;
}

static inline int pair_end(void **state)
{
    struct pair *p = *state;
    fedgate_client_free(p->client);
    p->client = NULL;
    fake_free(p->fake);
    free(p);
    return 0;
}

/* An encoded traffic report (normal lane) or unit assignment (urgent) with this id and purpose. */
static inline void put_message(struct buf *out, const char *id, const char *purpose, bool urgent)
{
    Fedgate__V1__Message m = FEDGATE__V1__MESSAGE__INIT;
    Fedgate__V1__Header h = FEDGATE__V1__HEADER__INIT;
    Fedgate__V1__TrafficInfo traffic = FEDGATE__V1__TRAFFIC_INFO__INIT;
    Fedgate__V1__UnitAssignment unit = FEDGATE__V1__UNIT_ASSIGNMENT__INIT;
    h.id = (char *)(uintptr_t)id;
    h.purpose = (char *)(uintptr_t)purpose;
    m.header = &h;
    m.body_case = urgent ? FEDGATE__V1__MESSAGE__BODY_UNIT_ASSIGNMENT
                         : FEDGATE__V1__MESSAGE__BODY_TRAFFIC_INFO;
    if (urgent)
        m.unit_assignment = &unit;
    else
        m.traffic_info = &traffic;
    assert_int_equal(message_pack(&m.base, out), RESULT_OK);
}

#endif
