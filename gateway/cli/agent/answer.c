/* fedgate-agent answer: takes a test bench's queue, and answers. */
#include "cli/agent/answer.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT = 32 };

/* ---------------------------------------------------------------- out */

/* The tag of a message is the delivery that it answers, which is acknowledged with its receipt; 0:
 * of none. False: it was not taken. */
static bool hand_in(struct answer *w, struct bytes m, uint64_t seq)
{
    return fedgate_publish(w->publisher[fedgate_lane_of(m.p, m.n)], m.p, m.n,
                           (void *)(uintptr_t)seq) == FEDGATE_OK;
}

static bool say(struct answer *w, const struct ProtobufCMessage *m, uint64_t seq)
{
    struct buf encoded = BUF_INIT(FEDGATE_MESSAGE_MAX);
    bool good = message_pack(m, &encoded) == RESULT_OK && hand_in(w, buf_view(&encoded), seq);
    buf_free(&encoded);
    return good;
}

static void acknowledge(struct answer *w, uint64_t seq, enum fedgate_refusal refusal)
{
    if (seq != 0)
        (void)fedgate_subscriber_ack(w->subscriber, seq, refusal); /* else it comes again */
}

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct answer *w = arg;
    char what[80];
    (void)snprintf(what, sizeof what, "message %.64s", r->id);
    (void)agent_tell_receipt(&w->agent, what, r);
    acknowledge(w, (uint64_t)(uintptr_t)tag, FEDGATE_TAKEN);
}

static void end_call(struct answer *w, const struct fedgate_end *end)
{
    agent_call_ended(&w->agent, end);
    agent_stop(&w->agent);
}

/* What it was to answer was not acknowledged, and comes again. */
static void publisher_ended(void *arg, const struct fedgate_end *end)
{
    struct answer *w = arg;
    if (end->status != FEDGATE_ENDED_WELL || ++w->ended == ARRAY_LEN(w->publisher))
        end_call(w, end);
}

static void subscriber_ended(void *arg, const struct fedgate_end *end)
{
    struct answer *w = arg;
    if (end->status != FEDGATE_ENDED_WELL)
        end_call(w, end);
}

/* ---------------------------------------------------------------- in */

static const char *kind_of(const Fedgate__V1__Message *m)
{
    for (unsigned k = 0; k < KIND_VIDEO; k++)
        if (kind_row((enum kind_id)k)->body_case == (unsigned)m->body_case)
            return kind_row((enum kind_id)k)->name;
    return "unknown";
}

/* One line of what happened: envelope words only. */
static void tell(struct answer *w, const Fedgate__V1__Message *m, uint64_t record, const char *did)
{
    struct buf line = BUF_INIT(1024);
    buf_printf(&line, "{\"record\":%" PRIu64 ",\"kind\":\"%s\",\"from\":\"%.90s\",\"did\":\"%s\"}",
               record, kind_of(m), m->header->source, did);
    (void)agent_print(&w->agent, buf_view(&line));
    buf_free(&line);
}

static bool settle(struct answer *w, const Fedgate__V1__Message *m, uint64_t seq)
{
    struct buf encoded = BUF_INIT(FEDGATE_MESSAGE_MAX);
    bool good = agent_order_settle(m, w->unit, w->own.staff, w->key, &encoded) &&
                hand_in(w, buf_view(&encoded), seq);
    buf_free(&encoded);
    return good;
}

/* Whether an answer is under way, whose receipt acknowledges the delivery; *did says what became of
 * it. */
static bool answer(struct answer *w, const Fedgate__V1__Message *m,
                   const struct fedgate_delivery *d, const char **did)
{
    struct arena *a = arena_new(LIMIT_ARENA + AGENT_HEADER_MAX);
    const Fedgate__V1__Message *out = answer_to(w, a, m, &d->record);
    bool under_way = false;
    *did = "taken";
    if (m->body_case == FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_ORDER && w->key != NULL)
        under_way = settle(w, m, d->seq);
    else if (m->body_case == FEDGATE__V1__MESSAGE__BODY_STREAM_NOTICE)
        answer_watch(w, m);
    else if (out != NULL)
        under_way = say(w, &out->base, d->seq);
    if (under_way && m->body_case == FEDGATE__V1__MESSAGE__BODY_VIDEO_REQUEST)
        answer_send(w, m);
    if (under_way)
        *did = "answered";
    arena_free(a);
    return under_way;
}

/* A test bench gets nothing but tests, but for what the gateway says of them. A message in earnest
 * is nobody's business here. */
static bool is_ours(const Fedgate__V1__Message *m)
{
    return m->header != NULL && (m->header->status == FEDGATE__V1__STATUS__STATUS_TEST ||
                                 strcmp(m->header->source, GATEWAY_UNIT) == 0);
}

static void got_delivery(void *arg, const struct fedgate_delivery *d)
{
    struct answer *w = arg;
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *pb;
    struct finding why;
    const char *did;
    if (message_unpack(a, &fedgate__v1__message__descriptor, bytes_of(d->message.p, d->message.n),
                       LIMIT_MESSAGE, &pb, &why) != RESULT_OK) {
        acknowledge(w, d->seq, FEDGATE_UNREADABLE);
    } else if (!is_ours((const void *)pb)) {
        agent_error("record %" PRIu64 " is no test: it is set aside", d->record.index);
        acknowledge(w, d->seq, FEDGATE_NOT_FOR_US);
    } else if (!w->finishing) {
        const Fedgate__V1__Message *m = (const void *)pb;
        if (!answer(w, m, d, &did))
            acknowledge(w, d->seq, FEDGATE_TAKEN);
        tell(w, m, d->record.index, did);
    }
    arena_free(a);
}

/* ---------------------------------------------------------------- of its own accord */

static void say_own(struct answer *w,
                    struct Fedgate__V1__Message *(*make)(const struct answer *w, struct arena *a))
{
    struct arena *a = arena_new(AGENT_HEADER_MAX);
    (void)say(w, &make(w, a)->base, 0);
    arena_free(a);
}

static void end_incident(struct answer *w)
{
    if (w->incident[0] != '\0')
        say_own(w, answer_close);
    w->incident[0] = '\0';
}

static void begin_incident(struct answer *w)
{
    const struct clock clock = clock_system();
    const struct uuid id = random_uuid(clock_wall_us(&clock));
    char text[UUID_TEXT + 1];
    end_incident(w);
    uuid_text(&id, text);
    (void)snprintf(w->incident, sizeof w->incident, "%s:%s", w->unit, text);
    say_own(w, answer_report);
    say_own(w, answer_request);
}

/* What the unit begins of its own accord, again and again. */
static void begin(void *arg)
{
    struct answer *w = arg;
    if (w->finishing)
        return;
    if (!w->agent.connected) {
        fedgate_timer_set(w->next, US_PER_S);
        return;
    }
    if (w->locate)
        say_own(w, answer_locate);
    if (w->open != NULL)
        begin_incident(w);
    fedgate_timer_set(w->next, w->every_us);
}

/* ---------------------------------------------------------------- the command */

static void interrupted(void *arg)
{
    struct answer *w = arg;
    if (w->finishing)
        return;
    end_incident(w);
    w->finishing = true;
    for (size_t i = 0; i < ARRAY_LEN(w->publisher); i++)
        fedgate_publisher_finish(w->publisher[i]);
}

static int run(struct answer *w)
{
    static const struct fedgate_publisher_events publishing = {.receipt = got_receipt,
                                                               .ended = publisher_ended};
    static const struct fedgate_subscriber_events subscribing = {got_delivery, subscriber_ended};
    const struct fedgate_subscription s = {.queue = w->queue, .max_in_flight = IN_FLIGHT};
    int code = agent_begin(&w->agent, interrupted, w);
    if (code != CLI_OK)
        return code;
    w->unit = fedgate_client_unit(w->agent.client);
    for (size_t i = 0; i < ARRAY_LEN(w->publisher); i++)
        w->publisher[i] = fedgate_publisher_new(w->agent.client, &publishing, w);
    w->subscriber = fedgate_subscriber_new(w->agent.client, &s, &subscribing, w);
    w->next = fedgate_timer_new(w->agent.client, begin, w);
    if (w->open != NULL || w->locate)
        fedgate_timer_set(w->next, 0);
    if (w->subscriber != NULL)
        agent_run(&w->agent);
    else
        cli_error("the queue's name is longer than a request can be");
    agent_worse(&w->agent, w->subscriber == NULL ? CLI_FAILED : CLI_OK);
    answer_video_end(w);
    fedgate_timer_free(w->next);
    return agent_end(&w->agent);
}

static bool read_position(struct answer *w, const char *text)
{
    char *end = NULL;
    if (text == NULL)
        return true;
    w->position.latitude = strtod(text, &end);
    w->has_position = *end == ',';
    if (w->has_position)
        w->position.longitude = strtod(end + 1, &end);
    w->has_position = w->has_position && *end == '\0' && geo_valid(w->position);
    if (!w->has_position)
        cli_error("--position is LATITUDE,LONGITUDE in degrees, such as 36.3504,127.3845");
    return w->has_position;
}

/* What is needed together. */
static bool is_complete(const struct answer *w)
{
    const bool begins = w->open != NULL || w->locate, needs_place = w->open != NULL;
    const struct agent_needed own[] = {{"service", w->own.service},
                                       {"purpose", w->own.purpose},
                                       {"basis", w->own.basis},
                                       {"position", needs_place && !w->has_position ? NULL : ""},
                                       {NULL, NULL}};
    if (begins && !agent_has(own))
        return false;
    if (w->receipt_key == NULL || w->own.staff != NULL)
        return true;
    cli_error("--receipt-key and --staff go together");
    return false;
}

static bool parse(int argc, char **argv, struct answer *w, int *password_fd)
{
    const char *position = NULL, *every = NULL, *password = NULL;
    unsigned long seconds = 600;
    const struct cli_option options[] = {AGENT_OPTIONS(w->agent.options),
                                         {"reconnect", NULL, &w->agent.options.reconnect},
                                         AGENT_PURPOSE_OPTIONS(w->own),
                                         {"service", &w->own.service, NULL},
                                         {"queue", &w->queue, NULL},
                                         {"receipt-key", &w->receipt_key, NULL},
                                         {"password-fd", &password, NULL},
                                         {"video", &w->video, NULL},
                                         {"camera", &w->camera, NULL},
                                         {"codec", &w->codec, NULL},
                                         {"position", &position, NULL},
                                         {"open", &w->open, NULL},
                                         {"every", &every, NULL},
                                         {"locate", NULL, &w->locate},
                                         {NULL, NULL, NULL}};
    if (!agent_list_option("evidence", &w->own.evidence, &argc, argv))
        return false;
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("answer takes no \"%s\"", argv[1]);
    if (count != 0 || !agent_header_check(&w->own) || !read_position(w, position) ||
        !agent_number("every", every, 1, 86400, &seconds) || !cli_descriptor(password, password_fd))
        return false;
    w->own.status = "test";
    w->header = w->own;
    w->header.service = w->header.purpose = w->header.basis = NULL;
    w->header.evidence.count = 0;
    w->every_us = (int64_t)seconds * US_PER_S;
    return is_complete(w);
}

int agent_answer_run(int argc, char **argv)
{
    struct answer w = {.codec = "h264", .packets = BUF_INIT(AGENT_CLIP_FILE)};
    int password_fd, code = CLI_FAILED;
    if (!parse(argc, argv, &w, &password_fd))
        return CLI_USAGE;
    if ((w.video == NULL || agent_clip_read(w.video, &w.packets)) &&
        (w.receipt_key == NULL || cli_secret_key(w.receipt_key, password_fd, &w.key) == RESULT_OK))
        code = run(&w);
    minisign_secret_free(w.key);
    buf_free(&w.packets);
    return code;
}
