/* Alerts through the gateway: the carrier's guardian service publishes, the centre's desk
 * subscribes. With a restart, the desk is away until the gateway was started again. */
#include "alert.h"
#include "base/mem.h"
#include "fedgate.h"

#include <unistd.h>

struct alerts {
    struct fedgate_end_point carrier, desk;
    struct fedgate_publisher *publisher;
    struct fedgate_subscriber *subscriber;
    bool opened;      /* the alert that opens the incident arrived: the others follow */
    atomic_bool away; /* the desk is */
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

static void connect_carrier(struct alerts *a, struct load *l, bool patient)
{
    fedgate_connect(&a->carrier, l, ALERT_SENDER, patient);
}

static void publish(struct alerts *a)
{
    static const struct fedgate_publisher_events events = {.receipt = receipt,
                                                           .ended = fedgate_call_ended};
    a->publisher = fedgate_publisher_new(a->carrier.client, &events, a);
}

static void subscribe(struct alerts *a, struct load *l, bool patient)
{
    static const struct fedgate_subscriber_events subscribing = {.delivery = delivery,
                                                                 .ended = fedgate_call_ended};
    static const char *const kinds[] = {"guardian_alert"};
    const struct fedgate_subscription all = {.kind = kinds, .kinds = 1, .max_in_flight = 1024};
    fedgate_connect(&a->desk, l, ALERT_RECEIVER, patient);
    a->subscriber = fedgate_subscriber_new(a->desk.client, &all, &subscribing, a);
    fedgate_await(&a->desk, &a->opened, "delivery");
}

static struct alerts *open_carrier(struct load *l)
{
    struct alerts *a = mem_new(sizeof *a);
    connect_carrier(a, l, false);
    fedgate_publish_one(&a->carrier, alert_opening(alert_new(load_wall_us())));
    return a;
}

static void *open_alerts(struct load *l)
{
    struct alerts *a = open_carrier(l);
    subscribe(a, l, false);
    publish(a);
    return a;
}

static void *open_for_restart(struct load *l)
{
    struct alerts *a = open_carrier(l);
    atomic_store(&a->away, true);
    publish(a);
    return a;
}

static void again(void *arg)
{
    struct alerts *a = arg;
    struct load *l = a->carrier.load;
    fedgate_client_free(a->carrier.client);
    subscribe(a, l, true);
    atomic_store(&a->away, false); /* the desk's client is the taker's thread's from here */
    connect_carrier(a, l, true);
    publish(a);
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
    if (atomic_load(&a->away))
        (void)usleep((useconds_t)most_us);
    else
        fedgate_client_turn(a->desk.client, most_us);
}

const struct driver driver_fedgate = {
    .name = "fedgate", .open = open_alerts, .send = send_alert, .turn = turn, .take = take};

const struct driver driver_fedgate_restart = {.name = "fedgate-restart",
                                              .open = open_for_restart,
                                              .send = send_alert,
                                              .turn = turn,
                                              .take = take,
                                              .again = again};
