/* Checks of a recipient: what is not acknowledged comes again; an order of destruction is answered.
 */
#include "cli/agent/conform.h"

#include "base/limits.h"
#include "base/mem.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <string.h>

/* The first delivery on the queue that is wanted; the others stay unacknowledged. */
struct receiving {
    struct conform *c;
    struct fedgate_subscriber *subscriber;
    bool orders; /* wanted are orders of destruction, else all but these */
    bool over, came, redelivery;
    uint64_t seq, record;
    struct arena *arena; /* of the message */
    Fedgate__V1__Message *message;
};

static void got_delivery(void *arg, const struct fedgate_delivery *d)
{
    struct receiving *r = arg;
    struct ProtobufCMessage *m;
    struct finding found;
    if (r->came)
        return;
    arena_reset(r->arena);
    if (message_unpack(r->arena, &fedgate__v1__message__descriptor,
                       bytes_of(d->message.p, d->message.n), LIMIT_MESSAGE, &m,
                       &found) != RESULT_OK)
        return;
    r->message = (void *)m;
    if (r->orders != (r->message->body_case == FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_ORDER))
        return; /* an order is acknowledged with its receipt */
    r->over = r->came = true;
    r->seq = d->seq;
    r->record = d->record.index;
    r->redelivery = d->redelivery;
}

static void ended(void *arg, const struct fedgate_end *end)
{
    struct receiving *r = arg;
    (void)snprintf(r->c->why, sizeof r->c->why, "%s (%s)", end->text,
                   fedgate_status_name(end->status));
    r->over = true;
}

static bool is_receiving(void *arg)
{
    return !((struct receiving *)arg)->over;
}

/* Whether one came in time. receive_end afterwards, either way. */
static bool receive(struct receiving *r, struct conform *c, bool orders)
{
    static const struct fedgate_subscriber_events events = {got_delivery, ended};
    const struct fedgate_subscription s = {.queue = c->queue};
    *r = (struct receiving){.c = c, .orders = orders, .arena = arena_new(LIMIT_ARENA)};
    r->subscriber = fedgate_subscriber_new(c->agent.client, &s, &events, r);
    (void)conform_turn(c, is_receiving, r);
    return r->came;
}

static void receive_end(struct receiving *r)
{
    fedgate_subscriber_free(r->subscriber);
    arena_free(r->arena);
}

/* Acknowledges it, and waits until the gateway has taken that. */
static bool acknowledge(struct receiving *r)
{
    r->over = false;
    if (fedgate_subscriber_ack(r->subscriber, r->seq, FEDGATE_TAKEN) != FEDGATE_OK)
        return false;
    fedgate_subscriber_finish(r->subscriber);
    return conform_turn(r->c, is_receiving, r);
}

static enum cli_step_result without_queue(struct conform *c, enum conform_check check)
{
    return conform_say(c, check, CLI_STEP_SKIPPED, "%s",
                       CONFORM_SAYS(c, "no --queue NAME", "--queue가 없습니다"));
}

/* ---------------------------------------------------------------- slow acknowledgements */

/* On a new connection. */
static bool receive_again(struct receiving *r)
{
    struct conform *c = r->c;
    receive_end(r);
    conform_cut(c);
    *r = (struct receiving){.c = c};
    return conform_connect(c) && receive(r, c, false);
}

/* Whether somebody was there who would have sent it; else c->why. */
static bool gateway_was_there(const struct receiving *r)
{
    return r->came || (r->c->connected && !r->c->gone && !r->over);
}

/* Not acknowledged it comes again, marked, under the same record; acknowledged it does not. */
static enum cli_step_result judge(struct receiving *r)
{
    struct conform *c = r->c;
    const uint64_t first = r->record;
    if (!receive_again(r))
        return conform_say(c, CONFORM_SLOW_ACK, CLI_STEP_FAILED, "%s", c->why);
    if (r->record != first || !r->redelivery || !acknowledge(r))
        return conform_say(c, CONFORM_SLOW_ACK, CLI_STEP_FAILED,
                           CONFORM_SAYS(c, "record %" PRIu64 " did not come again as it was",
                                        "기록 %" PRIu64 "번이 다시 오지 않았습니다"),
                           first);
    const bool gone = !receive_again(r) || r->record != first;
    if (!gateway_was_there(r))
        return conform_say(c, CONFORM_SLOW_ACK, CLI_STEP_FAILED, "%s", c->why);
    return conform_say(c, CONFORM_SLOW_ACK, gone ? CLI_STEP_OK : CLI_STEP_FAILED,
                       CONFORM_SAYS(c, "record %" PRIu64 " came twice, and was acknowledged once",
                                    "기록 %" PRIu64 "번이 두 번 오고 한 번 확인됨"),
                       first);
}

enum cli_step_result conform_slow_ack(struct conform *c)
{
    struct receiving r;
    if (c->queue == NULL)
        return without_queue(c, CONFORM_SLOW_ACK);
    enum cli_step_result result = receive(&r, c, false)
                                      ? judge(&r)
                                      : conform_say(c, CONFORM_SLOW_ACK, CLI_STEP_FAILED, "%s",
                                                    CONFORM_SAYS(c, "nothing waits in the queue",
                                                                 "큐에 대기 중인 것이 없습니다"));
    receive_end(&r);
    return result;
}

/* ---------------------------------------------------------------- destruction */

static enum cli_step_result settle(struct conform *c, struct receiving *r)
{
    struct buf encoded = BUF_INIT(FEDGATE_MESSAGE_MAX);
    struct conform_receipt receipt = {0};
    char order[AGENT_ID];
    (void)snprintf(order, sizeof order, "%s", r->message->destruction_order->order_id);
    (void)snprintf(c->why, sizeof c->why, "a field of the receipt is not well-formed");
    bool came = agent_order_settle(r->message, c->unit, c->staff, c->key, &encoded) &&
                conform_publish(c, buf_view(&encoded), &receipt);
    bool good = came && receipt.answer == FEDGATE_ACCEPTED && acknowledge(r);
    buf_free(&encoded);
    return conform_say(c, CONFORM_DESTRUCTION, good ? CLI_STEP_OK : CLI_STEP_FAILED, "%s: %s",
                       order, came ? fedgate_reason_word(receipt.reason) : c->why);
}

enum cli_step_result conform_destruction(struct conform *c)
{
    struct receiving r;
    if (c->queue == NULL)
        return without_queue(c, CONFORM_DESTRUCTION);
    if (c->key == NULL)
        return conform_say(c, CONFORM_DESTRUCTION, CLI_STEP_SKIPPED, "%s",
                           CONFORM_SAYS(c, "no --receipt-key FILE with --staff REF",
                                        "--receipt-key, --staff가 없습니다"));
    enum cli_step_result result =
        receive(&r, c, true)
            ? settle(c, &r)
            : conform_say(c, CONFORM_DESTRUCTION, CLI_STEP_FAILED, "%s",
                          CONFORM_SAYS(c, "no order of destruction waits in the queue",
                                       "큐에 파기 명령이 없습니다"));
    receive_end(&r);
    return result;
}
