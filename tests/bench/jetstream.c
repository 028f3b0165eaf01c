/* The same alerts through NATS JetStream: a stream in files, published with acknowledgements, a
 * push consumer that acknowledges each. The library has threads of its own. */
#include "alert.h"
#include "base/mem.h"
#include "load.h"

#include <nats/nats.h>
#include <stdio.h>

enum { IN_FLIGHT = 1024 };

struct jetstream {
    struct load *load;
    natsConnection *publisher, *subscriber;
    jsCtx *out, *in;
    natsSubscription *subscription;
};

static const char subject[] = "alerts";

static void check(natsStatus s, const char *what)
{
    if (s != NATS_OK)
        load_fail("nats: %s: %s, %s", what, natsStatus_GetText(s), nats_GetLastError(NULL));
}

static void published(jsCtx *js, natsMsg *msg, jsPubAck *ack, jsPubAckErr *error, void *arg)
{
    (void)js;
    if (ack == NULL)
        load_fail("nats: not stored: %s", error->ErrText);
    natsMsg_Destroy(msg);
    load_acknowledged(arg, 1);
}

static void arrived(natsConnection *c, natsSubscription *s, natsMsg *msg, void *arg)
{
    (void)c;
    (void)s;
    load_alert_arrived(arg, bytes_of(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg)));
    check(natsMsg_Ack(msg, NULL), "ack");
    natsMsg_Destroy(msg);
}

static natsConnection *connect_as(struct load *l, const char *unit)
{
    char url[64];
    struct load_files f;
    natsOptions *o = NULL;
    natsConnection *c = NULL;
    (void)snprintf(url, sizeof url, "tls://localhost:%s", load_options(l)->port);
    load_files(load_options(l)->pki, unit, &f);
    check(natsOptions_Create(&o), "options");
    check(natsOptions_SetURL(o, url), "url");
    check(natsOptions_SetSecure(o, true), "secure");
    check(natsOptions_LoadCATrustedCertificates(o, f.root), "root");
    check(natsOptions_LoadCertificatesChain(o, f.certificate, f.key), "certificate");
    check(natsOptions_SetExpectedHostname(o, "localhost"), "host name");
    check(natsConnection_Connect(&c, o), "connect");
    natsOptions_Destroy(o);
    return c;
}

static void make_stream(jsCtx *js)
{
    const char *subjects[] = {subject};
    jsStreamConfig config;
    jsStreamInfo *info = NULL;
    check(jsStreamConfig_Init(&config), "stream");
    config.Name = "ALERTS";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    check(js_AddStream(&info, js, &config, NULL, NULL), "stream");
    jsStreamInfo_Destroy(info);
}

static void *open_jetstream(struct load *l)
{
    struct jetstream *j = mem_new(sizeof *j);
    jsOptions options;
    jsSubOptions wanted;
    j->load = l;
    check(nats_Open(-1), "open");
    j->publisher = connect_as(l, ALERT_SENDER);
    j->subscriber = connect_as(l, ALERT_RECEIVER);
    check(jsOptions_Init(&options), "options");
    options.PublishAsync.AckHandler = published;
    options.PublishAsync.AckHandlerClosure = l;
    options.PublishAsync.MaxPending = IN_FLIGHT;
    check(natsConnection_JetStream(&j->out, j->publisher, &options), "context");
    make_stream(j->out);
    check(natsConnection_JetStream(&j->in, j->subscriber, NULL), "context");
    check(jsSubOptions_Init(&wanted), "subscription");
    wanted.ManualAck = true;
    wanted.Config.AckPolicy = js_AckExplicit;
    wanted.Config.MaxAckPending = IN_FLIGHT;
    check(js_Subscribe(&j->subscription, j->in, subject, arrived, l, NULL, &wanted, NULL),
          "subscribe");
    return j;
}

static bool send_alert(void *arg, struct bytes alert)
{
    const struct jetstream *j = arg;
    check(js_PublishAsync(j->out, subject, alert.p, (int)alert.n, NULL), "publish");
    return true;
}

static void turn(void *arg, int64_t most_us)
{
    load_wait(((const struct jetstream *)arg)->load, most_us);
}

static void take(void *arg, int64_t most_us)
{
    (void)arg;
    nats_Sleep(most_us / 1000);
}

const struct driver driver_jetstream = {
    .name = "jetstream", .open = open_jetstream, .send = send_alert, .turn = turn, .take = take};
