/* Alerts through the gateway: the carrier's guardian service publishes, the centre's desk
 * subscribes. */
#include "alert.h"
#include "base/mem.h"
#include "fedgate.h"

struct alerts {
    struct fedgate_end_point carrier, desk;
    struct fedgate_publisher *publisher;
    struct fedgate_subscriber *subscriber;
    bool opened; /* the alert that opens the incident arrived: the others follow */
};

static void receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct alerts *a = arg;
    (void)tag;
    if (r->answer != FEDGATE_ACCEPTED)
        load_fail("an alert was not accepted: %s %s",
                  r->recipients > 0 ? r->recipient[0].clause : "",
                  r->recipients > 0 ? r->recipient[0].failed : "");
    load_acknowledged(a->carrier.load, 1);
}

static void delivery(void *arg, const struct fedgate_delivery *d)
{
    struct alerts *a = arg;
    if (a->opened)
        load_alert_arrived(a->desk.load, bytes_of(d->message.p, d->message.n));
    a->opened = true;
    if (fedgate_subscriber_ack(a->subscriber, d->seq, FEDGATE_TAKEN) != FEDGATE_OK)
        load_fail("an acknowledgement was not taken");
}

static void *open_alerts(struct load *l)
{
    static const struct fedgate_publisher_events publishing = {.receipt = receipt,
                                                               .ended = fedgate_call_ended};
    static const struct fedgate_subscriber_events subscribing = {.delivery = delivery,
                                                                 .ended = fedgate_call_ended};
    static const char *const kinds[] = {"guardian_alert"};
    const struct fedgate_subscription all = {.kind = kinds, .kinds = 1, .max_in_flight = 1024};
    struct alerts *a = mem_new(sizeof *a);
    struct alert *first = alert_new();
    fedgate_connect(&a->carrier, l, "carrier-hana/guardian-service");
    fedgate_connect(&a->desk, l, "daejeon-city-center/protection-desk");
    fedgate_publish_one(&a->carrier, alert_opening(first));
    a->subscriber = fedgate_subscriber_new(a->desk.client, &all, &subscribing, a);
    fedgate_await(&a->desk, &a->opened, "delivery");
    a->publisher = fedgate_publisher_new(a->carrier.client, &publishing, a);
    return a;
}

static bool send_alert(void *arg, struct bytes alert)
{
    const struct alerts *a = arg;
    enum fedgate_result r = fedgate_publish(a->publisher, alert.p, alert.n, NULL);
    if (r != FEDGATE_OK && r != FEDGATE_WAIT)
        load_fail("an alert was not taken");
    return r == FEDGATE_OK;
}

static void turn(void *arg, int64_t most_us)
{
    const struct alerts *a = arg;
    fedgate_client_turn(a->carrier.client, most_us);
}

static void take(void *arg, int64_t most_us)
{
    const struct alerts *a = arg;
    fedgate_client_turn(a->desk.client, most_us);
}

const struct driver driver_fedgate = {
    .name = "fedgate", .open = open_alerts, .send = send_alert, .turn = turn, .take = take};
