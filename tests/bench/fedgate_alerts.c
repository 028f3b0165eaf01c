/* Alerts through the gateway: the carrier's guardian service publishes, the centre's desk
 * subscribes. With a restart, the desk is away until the gateway was started again. */
#include "alert.h"
#include "base/mem.h"
#include "fedgate.h"
#include "load.h"

#include <unistd.h>

enum { IN_FLIGHT = 128 };

struct alerts {
    struct load *load;
    struct fedgate_end_point carrier, desk;
    struct fedgate_publisher *publisher;
    struct fedgate_subscriber *subscriber;
    uint64_t
        openings; /* alerts that open incidents, which are still to arrive: the others follow */
    uint64_t asked, answered; /* of them */
    bool opened;
    atomic_bool away; /* the desk is */
};

static void check_receipt(const struct fedgate_receipt *r)
{
    if (r->answer != FEDGATE_ACCEPTED)
        load_fail("an alert was not accepted: %s %s",
                  r->recipients > 0 ? r->recipient[0].clause : "",
                  r->recipients > 0 ? r->recipient[0].failed : "");
}

static void receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    (void)tag;
    check_receipt(r);
    load_acknowledged(((const struct alerts *)arg)->load, 1);
}

static void opening_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    (void)tag;
    check_receipt(r);
    ((struct alerts *)arg)->answered++;
}

static void delivery(void *arg, const struct fedgate_delivery *d)
{
    struct alerts *a = arg;
    if (a->opened)
        load_alert_arrived(a->load, bytes_of(d->message.p, d->message.n));
    else
        a->opened = --a->openings == 0;
    if (fedgate_subscriber_ack(a->subscriber, d->seq, FEDGATE_TAKEN) != FEDGATE_OK)
        load_fail("an acknowledgement was not taken");
}

static void connect_as(const struct alerts *a, struct fedgate_end_point *e, const char *unit,
                       bool patient)
{
    const struct load_options *o = load_options(a->load);
    fedgate_connect(e, o->port, o->pki, unit, patient);
}

static void publish(struct alerts *a)
{
    static const struct fedgate_publisher_events events = {.receipt = receipt,
                                                           .ended = fedgate_call_ended};
    a->publisher = fedgate_publisher_new(a->carrier.client, &events, a);
}

static void subscribe(struct alerts *a, bool patient)
{
    static const struct fedgate_subscriber_events subscribing = {.delivery = delivery,
                                                                 .ended = fedgate_call_ended};
    static const char *const kinds[] = {"guardian_alert"};
    const struct fedgate_subscription all = {.kind = kinds, .kinds = 1, .max_in_flight = 1024};
    connect_as(a, &a->desk, ALERT_RECEIVER, patient);
    a->subscriber = fedgate_subscriber_new(a->desk.client, &all, &subscribing, a);
    fedgate_await(&a->desk, &a->opened, "delivery");
}

/* The incident of the alerts, last, and as many others as were asked for. */
static void open_incidents(struct alerts *a)
{
    static const struct fedgate_publisher_events events = {.receipt = opening_receipt,
                                                           .ended = fedgate_call_ended};
    struct fedgate_publisher *p = fedgate_publisher_new(a->carrier.client, &events, a);
    struct alert *alert = load_new_alert(a->load);
    a->openings = load_options(a->load)->incidents + 1;
    while (a->answered < a->openings) {
        for (; a->asked < a->openings && a->asked < a->answered + IN_FLIGHT; a->asked++) {
            const struct bytes m = alert_opening(alert, (uint32_t)(a->openings - 1 - a->asked));
            if (fedgate_publish(p, m.p, m.n, NULL) != FEDGATE_OK)
                break;
        }
        fedgate_client_turn(a->carrier.client, 100000);
    }
    fedgate_publisher_free(p);
}

static struct alerts *open_carrier(struct load *l)
{
    struct alerts *a = mem_new(sizeof *a);
    a->load = l;
    connect_as(a, &a->carrier, ALERT_SENDER, false);
    open_incidents(a);
    return a;
}

static void *open_alerts(struct load *l)
{
    struct alerts *a = open_carrier(l);
    subscribe(a, false);
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
    fedgate_client_free(a->carrier.client);
    subscribe(a, true);
    atomic_store(&a->away, false); /* the desk's client is the taker's thread's from here */
    connect_as(a, &a->carrier, ALERT_SENDER, true);
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
