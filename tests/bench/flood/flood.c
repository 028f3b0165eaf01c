/*
 * flood PORT PKI: a party that sends urgent messages as fast as the gateway takes them, on several
 * calls with as many under way as the client library lets, while its recipient acknowledges each.
 * Says "ready" when the first have receipts, goes on until its input ends, and says then how many
 * have one.
 */
#include "common.h"
#include "contract.h"
#include "fedgate.h"

#include "base/clock.h"
#include "base/ident.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { CALLS = 8, FILLER = 640, FIRST = 1000, DIGITS = 12 };
#define FLOODER  "npa-daejeon/112-control"
#define CENTRE   "daejeon-city-center/video-monitoring"
#define ID_BEGIN "0192b000-0000-7000-8000-"
#define INCIDENT FLOODER ":0192b000-0000-7000-9000-000000000000"

struct flood {
    struct fedgate_end_point police, centre;
    struct fedgate_publisher *call[CALLS];
    struct fedgate_subscriber *subscriber;
    struct buf request;
    size_t id; /* offset of the digits of its id */
    uint64_t sent, receipts;
};

static void receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    (void)tag;
    if (r->answer != FEDGATE_ACCEPTED)
        load_fail("refused: %s %s", r->recipients > 0 ? r->recipient[0].clause : "",
                  r->recipients > 0 ? r->recipient[0].failed : "");
    ((struct flood *)arg)->receipts++;
}

static void delivery(void *arg, const struct fedgate_delivery *d)
{
    if (fedgate_subscriber_ack(((struct flood *)arg)->subscriber, d->seq, FEDGATE_TAKEN) !=
        FEDGATE_OK)
        load_fail("an acknowledgement was not taken");
}

/* ---- messages */

static struct buf message(const char *body)
{
    char now[TIME_TEXT];
    struct buf json = BUF_INIT(8192);
    time_text(load_wall_us(), zone_named("UTC"), now);
    buf_printf(&json,
               "{\"header\":{\"id\":\"" ID_BEGIN "ffffffffffff\",\"source\":\"" FLOODER "\","
               "\"service\":\"112-onsite-video\",\"purpose\":\"crime-response\",\"basis\":{"
               "\"code\":\"kr/pipa/18-2-3\"},\"incidentId\":[\"" INCIDENT
               "\"],\"createdAt\":\"%s\","
               "\"status\":\"STATUS_ACTUAL\"},%s}",
               now, body);
    struct buf out = contract_encode("Message", buf_c(&json));
    buf_free(&json);
    return out;
}

static void make_request(struct flood *f)
{
    char body[2 * FILLER], text[FILLER + 1];
    memset(text, 'x', FILLER);
    text[FILLER] = '\0';
    (void)snprintf(body, sizeof body,
                   "\"videoRequest\":{\"around\":{\"point\":[{\"latitude\":36.3504,"
                   "\"longitude\":127.3845}],\"radiusM\":200},\"maxStreams\":1,\"reason\":\"%s\"}",
                   text);
    f->request = message(body);
    const uint8_t *at = memmem(f->request.p, f->request.n, ID_BEGIN, strlen(ID_BEGIN));
    f->id = (size_t)(at - f->request.p) + strlen(ID_BEGIN);
}

static bool send_one(struct flood *f, struct fedgate_publisher *p)
{
    char digits[DIGITS + 1];
    (void)snprintf(digits, sizeof digits, "%012" PRIx64, f->sent);
    memcpy(f->request.p + f->id, digits, DIGITS);
    const enum fedgate_result r = fedgate_publish(p, f->request.p, f->request.n, NULL);
    if (r != FEDGATE_OK && r != FEDGATE_WAIT)
        load_fail("a message was not taken");
    f->sent += r == FEDGATE_OK;
    return r == FEDGATE_OK;
}

/* ---- the beginning, and on and on */

static void open_calls(struct flood *f, const char *port, const char *pki)
{
    static const struct fedgate_publisher_events publishing = {.receipt = receipt,
                                                               .ended = fedgate_call_ended};
    static const struct fedgate_subscriber_events subscribing = {.delivery = delivery,
                                                                 .ended = fedgate_call_ended};
    const struct fedgate_subscription all = {.max_in_flight = 1024};
    fedgate_connect(&f->police, port, pki, FLOODER, false);
    fedgate_connect(&f->centre, port, pki, CENTRE, false);
    struct buf report = message("\"incidentReport\":{\"type\":\"robbery\",\"area\":{\"point\":[{"
                                "\"latitude\":36.3504,\"longitude\":127.3845}],\"radiusM\":50}}");
    fedgate_publish_one(&f->police, buf_view(&report));
    buf_free(&report);
    make_request(f);
    f->subscriber = fedgate_subscriber_new(f->centre.client, &all, &subscribing, f);
    for (size_t i = 0; i < CALLS; i++)
        f->call[i] = fedgate_publisher_new(f->police.client, &publishing, f);
}

static void turn(struct flood *f)
{
    for (size_t i = 0; i < CALLS; i++)
        while (send_one(f, f->call[i]))
            ;
    fedgate_client_turn(f->police.client, 1000);
    fedgate_client_turn(f->centre.client, 0);
}

static bool input_has_ended(void)
{
    struct pollfd p = {STDIN_FILENO, POLLIN, 0};
    return poll(&p, 1, 0) == 1;
}

int main(int argc, char **argv)
{
    struct flood f = {0};
    char said[64];
    if (argc != 3)
        load_fail("flood PORT PKI");
    open_calls(&f, argv[1], argv[2]);
    while (f.receipts < FIRST)
        turn(&f);
    load_say("ready");
    const uint64_t before = f.receipts;
    const int64_t began_ns = load_now_ns();
    while (!input_has_ended())
        turn(&f);
    (void)snprintf(said, sizeof said, "{\"receipts\":%" PRIu64 ",\"elapsed_ns\":%lld}",
                   f.receipts - before, (long long)(load_now_ns() - began_ns));
    load_say(said);
    _exit(0);
}
