/* The same alerts through a quorum queue of RabbitMQ: published with confirms, consumed with an
 * acknowledgement of each. The library writes and reads where it is called. */
#include "alert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "load.h"

#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <stdlib.h>
#include <sys/time.h>

enum { CHANNEL = 1, IN_FLIGHT = 1024, FRAME_MAX = 131072, CONFIRMS = 1 << 16 };

struct rabbit {
    struct load *load;
    amqp_connection_state_t publisher, subscriber;
    /* Confirms come one by one, in any order, or for all up to a tag: tags from `open` on are not
     * all confirmed; which are stands by tag in a ring, larger than any window. */
    uint64_t open;
    bool confirmed[CONFIRMS];
};

static void check(int status, const char *what)
{
    if (status != AMQP_STATUS_OK)
        load_fail("rabbitmq: %s: %s", what, amqp_error_string2(status));
}

static void check_reply(amqp_rpc_reply_t reply, const char *what)
{
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
        load_fail("rabbitmq: %s: %s", what, amqp_error_string2(reply.library_error));
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        load_fail("rabbitmq: %s: refused by the server", what);
}

static struct timeval time_of(int64_t us)
{
    return (struct timeval){us / US_PER_S, us % US_PER_S};
}

/* ---- connecting */

static amqp_connection_state_t connect_as(struct load *l, const char *unit)
{
    struct load_files f;
    amqp_connection_state_t c = amqp_new_connection();
    amqp_socket_t *s = amqp_ssl_socket_new(c);
    if (s == NULL)
        load_fail("rabbitmq: no socket");
    load_files(load_options(l)->pki, unit, &f);
    check(amqp_ssl_socket_set_cacert(s, f.root), "root");
    check(amqp_ssl_socket_set_key(s, f.certificate, f.key), "certificate");
    amqp_ssl_socket_set_verify_peer(s, 1);
    amqp_ssl_socket_set_verify_hostname(s, 1);
    check(amqp_ssl_socket_set_ssl_versions(s, AMQP_TLSv1_2, AMQP_TLSvLATEST), "versions");
    check(amqp_socket_open(s, "localhost", atoi(load_options(l)->port)), "connect");
    check_reply(amqp_login(c, "/", 0, FRAME_MAX, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
                "login");
    (void)amqp_channel_open(c, CHANNEL);
    check_reply(amqp_get_rpc_reply(c), "channel");
    return c;
}

static void declare(struct rabbit *r)
{
    amqp_table_entry_t entry = {
        .key = amqp_cstring_bytes("x-queue-type"),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}};
    const amqp_table_t quorum = {.num_entries = 1, .entries = &entry};
    const amqp_bytes_t queue = amqp_cstring_bytes("alerts");
    (void)amqp_queue_declare(r->subscriber, CHANNEL, queue, 0, 1, 0, 0, quorum);
    check_reply(amqp_get_rpc_reply(r->subscriber), "queue");
    (void)amqp_basic_qos(r->subscriber, CHANNEL, 0, IN_FLIGHT, 0);
    check_reply(amqp_get_rpc_reply(r->subscriber), "qos");
    (void)amqp_basic_consume(r->subscriber, CHANNEL, queue, amqp_empty_bytes, 0, 0, 0,
                             amqp_empty_table);
    check_reply(amqp_get_rpc_reply(r->subscriber), "consume");
    (void)amqp_confirm_select(r->publisher, CHANNEL);
    check_reply(amqp_get_rpc_reply(r->publisher), "confirm");
}

static void *open_rabbit(struct load *l)
{
    struct rabbit *r = mem_new(sizeof *r);
    r->load = l;
    r->open = 1;
    r->subscriber = connect_as(l, ALERT_RECEIVER);
    r->publisher = connect_as(l, ALERT_SENDER);
    declare(r);
    return r;
}

/* ---- publishing */

static bool send_alert(void *arg, struct bytes alert)
{
    const struct rabbit *r = arg;
    const amqp_basic_properties_t durable = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
                                             .delivery_mode = AMQP_DELIVERY_PERSISTENT};
    check(amqp_basic_publish(r->publisher, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes("alerts"),
                             1, 0, &durable, (amqp_bytes_t){alert.n, (void *)(uintptr_t)alert.p}),
          "publish");
    return true;
}

static void confirm(struct rabbit *r, const amqp_basic_ack_t *ack)
{
    uint64_t n = 0;
    for (uint64_t tag = ack->multiple ? r->open : ack->delivery_tag; tag <= ack->delivery_tag;
         tag++) {
        n += !r->confirmed[tag % CONFIRMS];
        r->confirmed[tag % CONFIRMS] = true;
    }
    while (r->confirmed[r->open % CONFIRMS])
        r->confirmed[r->open++ % CONFIRMS] = false;
    load_acknowledged(r->load, n);
}

static void turn(void *arg, int64_t most_us)
{
    struct rabbit *r = arg;
    struct timeval most = time_of(most_us);
    amqp_frame_t frame;
    int status = amqp_simple_wait_frame_noblock(r->publisher, &frame, &most);
    if (status == AMQP_STATUS_TIMEOUT)
        return;
    check(status, "confirms");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
        load_fail("rabbitmq: an alert was not confirmed");
    confirm(r, frame.payload.method.decoded);
    amqp_maybe_release_buffers(r->publisher);
}

/* ---- consuming */

static void take(void *arg, int64_t most_us)
{
    const struct rabbit *r = arg;
    struct timeval most = time_of(most_us);
    amqp_envelope_t e;
    amqp_maybe_release_buffers(r->subscriber);
    amqp_rpc_reply_t reply = amqp_consume_message(r->subscriber, &e, &most, 0);
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
        reply.library_error == AMQP_STATUS_TIMEOUT)
        return;
    check_reply(reply, "delivery");
    load_alert_arrived(r->load, bytes_of(e.message.body.bytes, e.message.body.len));
    check(amqp_basic_ack(r->subscriber, CHANNEL, e.delivery_tag, 0), "acknowledgement");
    amqp_destroy_envelope(&e);
}

const struct driver driver_rabbitmq = {
    .name = "rabbitmq", .open = open_rabbit, .send = send_alert, .turn = turn, .take = take};
