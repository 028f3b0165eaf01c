/* The same alerts through an MQTT broker, quality of service 1: acknowledged on both sides. */
#include "alert.h"
#include "base/mem.h"
#include "load.h"

#include <mosquitto.h>
#include <stdlib.h>

enum { PATIENCE_S = 10, KEEP_ALIVE_S = 60, IN_FLIGHT = 1024 };

struct mqtt {
    struct load *load;
    struct mosquitto *publisher, *subscriber;
    bool connected, subscribed;
};

static const char topic[] = "alerts";

static void connected(struct mosquitto *m, void *arg, int code)
{
    (void)m;
    if (code != 0)
        load_fail("mosquitto: %s", mosquitto_connack_string(code));
    ((struct mqtt *)arg)->connected = true;
}

static void disconnected(struct mosquitto *m, void *arg, int code)
{
    (void)m;
    (void)arg;
    load_fail("mosquitto: connection lost: %s", mosquitto_strerror(code));
}

static void published(struct mosquitto *m, void *arg, int id)
{
    (void)m;
    (void)id;
    load_acknowledged(((struct mqtt *)arg)->load, 1);
}

static void subscribed(struct mosquitto *m, void *arg, int id, int count, const int *granted)
{
    (void)m;
    (void)id;
    if (count != 1 || granted[0] != 1)
        load_fail("mosquitto: not subscribed with quality of service 1");
    ((struct mqtt *)arg)->subscribed = true;
}

/* The library acknowledges when this returns. */
static void arrived(struct mosquitto *m, void *arg, const struct mosquitto_message *message)
{
    (void)m;
    load_alert_arrived(((struct mqtt *)arg)->load,
                       bytes_of(message->payload, (size_t)message->payloadlen));
}

static void check(int r, const char *what)
{
    if (r != MOSQ_ERR_SUCCESS)
        load_fail("mosquitto: %s: %s", what, mosquitto_strerror(r));
}

static void turn_one(struct mosquitto *m, int64_t most_us)
{
    check(mosquitto_loop(m, (int)((most_us + 999) / 1000), 1), "loop");
}

static void await(struct mosquitto *m, const bool *done, const char *what)
{
    int64_t until = load_now_ns() + PATIENCE_S * INT64_C(1000000000);
    while (!*done && load_now_ns() < until)
        turn_one(m, 100000);
    if (!*done)
        load_fail("mosquitto: no %s", what);
}

static struct mosquitto *connect_as(struct mqtt *q, const char *unit)
{
    struct load_files f;
    struct mosquitto *m = mosquitto_new(NULL, true, q);
    if (m == NULL)
        load_fail("mosquitto_new");
    load_files(load_options(q->load)->pki, unit, &f);
    check(mosquitto_tls_set(m, f.root, NULL, f.certificate, f.key, NULL), "tls_set");
    check(mosquitto_tls_opts_set(m, 1, "tlsv1.3", NULL), "tls_opts_set");
    check(mosquitto_max_inflight_messages_set(m, IN_FLIGHT), "max_inflight_messages_set");
    mosquitto_connect_callback_set(m, connected);
    mosquitto_disconnect_callback_set(m, disconnected);
    mosquitto_publish_callback_set(m, published);
    mosquitto_subscribe_callback_set(m, subscribed);
    mosquitto_message_callback_set(m, arrived);
    q->connected = false;
    check(mosquitto_connect(m, "localhost", atoi(load_options(q->load)->port), KEEP_ALIVE_S),
          "connect");
    await(m, &q->connected, "connection");
    return m;
}

static void *open_mqtt(struct load *l)
{
    struct mqtt *q = mem_new(sizeof *q);
    q->load = l;
    check(mosquitto_lib_init(), "lib_init");
    q->subscriber = connect_as(q, ALERT_RECEIVER);
    check(mosquitto_subscribe(q->subscriber, NULL, topic, 1), "subscribe");
    await(q->subscriber, &q->subscribed, "subscription");
    q->publisher = connect_as(q, ALERT_SENDER);
    return q;
}

static bool send_alert(void *arg, struct bytes alert)
{
    const struct mqtt *q = arg;
    check(mosquitto_publish(q->publisher, NULL, topic, (int)alert.n, alert.p, 1, false), "publish");
    return true;
}

static void turn(void *arg, int64_t most_us)
{
    turn_one(((const struct mqtt *)arg)->publisher, most_us);
}

static void take(void *arg, int64_t most_us)
{
    turn_one(((const struct mqtt *)arg)->subscriber, most_us);
}

const struct driver driver_mosquitto = {
    .name = "mosquitto", .open = open_mqtt, .send = send_alert, .turn = turn, .take = take};
