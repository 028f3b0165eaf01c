#include "fedgate.h"

#include <stdio.h>

#define PATIENCE_NS INT64_C(120000000000)

static void connected(void *arg)
{
    ((struct fedgate_end_point *)arg)->connected = true;
}

static void lost(void *arg, const struct fedgate_lost *lost)
{
    const struct fedgate_end_point *e = arg;
    if (e->connected || !e->patient)
        load_fail("%s: connection lost: %s", e->unit, lost->why);
}

void fedgate_call_ended(void *arg, const struct fedgate_end *end)
{
    (void)arg;
    load_fail("a call ended: %s %s", fedgate_status_name(end->status), end->text);
}

void fedgate_connect(struct fedgate_end_point *e, const char *port, const char *pki,
                     const char *unit, bool patient)
{
    char address[64], why[256];
    struct load_files f;
    *e = (struct fedgate_end_point){.unit = unit, .patient = patient};
    (void)snprintf(address, sizeof address, "localhost:%s", port);
    load_files(pki, unit, &f);
    const struct fedgate_client_config config = {.gateway = address,
                                                 .certificate_file = f.certificate,
                                                 .key_file = f.key,
                                                 .root_file = f.root,
                                                 .reconnect = patient,
                                                 .arg = e,
                                                 .connected = connected,
                                                 .lost = lost};
    e->client = fedgate_client_new(&config, why, sizeof why);
    if (e->client == NULL)
        load_fail("%s", why);
    fedgate_await(e, &e->connected, "a connection");
}

void fedgate_await(struct fedgate_end_point *e, const bool *done, const char *what)
{
    int64_t until = load_now_ns() + PATIENCE_NS;
    while (!*done && load_now_ns() < until)
        fedgate_client_turn(e->client, 100000);
    if (!*done)
        load_fail("%s: no %s", e->unit, what);
}

/* ---- one message */

static void answered(void *arg, void *tag, const struct fedgate_receipt *receipt)
{
    (void)tag;
    if (receipt->answer != FEDGATE_ACCEPTED)
        load_fail("refused: %s %s", receipt->recipients > 0 ? receipt->recipient[0].clause : "",
                  receipt->recipients > 0 ? receipt->recipient[0].failed : "");
    *(bool *)arg = true;
}

static void unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    (void)arg;
    (void)tag;
    (void)message;
    load_fail("the call of the first message ended");
}

void fedgate_publish_one(struct fedgate_end_point *e, struct bytes message)
{
    static const struct fedgate_publisher_events events = {.receipt = answered, .unsent = unsent};
    bool done = false;
    struct fedgate_publisher *p = fedgate_publisher_new(e->client, &events, &done);
    if (fedgate_publish(p, message.p, message.n, NULL) != FEDGATE_OK)
        load_fail("%s: no room for the first message", e->unit);
    fedgate_await(e, &done, "receipt");
    fedgate_publisher_free(p);
}
