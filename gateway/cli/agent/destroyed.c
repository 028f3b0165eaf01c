/* fedgate-agent destroyed: the signed receipt of an order of destruction. */
#include "audit/leaf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cli/agent/message.h"
#include "json/json.h"
#include "message/destruction.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdlib.h>
#include <string.h>

struct destroyed {
    struct agent agent;
    struct agent_header header;
    const char *password, *method, *at;
    struct agent_list never_stored, retained;
    bool stored_separately, print;
    const char *order_file;
    struct agent_time at_time;
    struct arena *arena;
    Fedgate__V1__Message *order;
    Fedgate__V1__DestructionReceipt receipt;
    struct minisign_secret *key;
    struct buf encoded;
    struct fedgate_publisher *publisher;
};

static bool is_wrong(const char *what)
{
    cli_error("%s", what);
    return false;
}

static void *take(struct destroyed *d, size_t n)
{
    void *p = arena_take(d->arena, n);
    if (p == NULL)
        abort(); /* an order of 1,000 items takes a hundredth of it */
    return p;
}

/* ---------------------------------------------------------------- the order */

/* A line of subscribe, or the message alone. */
static bool decode_order(struct destroyed *d, struct bytes text)
{
    struct buf json = BUF_INIT(LIMIT_MESSAGE * 2), encoded = BUF_INIT(LIMIT_MESSAGE);
    struct json *root = NULL;
    struct ProtobufCMessage *pb;
    struct finding found;
    char why[300] = "";
    bool good = json_read(text, &root, why, sizeof why) == RESULT_OK;
    if (good) {
        const struct json *message = json_member(root, "message");
        json_put(&json, message == NULL ? root : message);
        good = message_from_json(&fedgate__v1__message__descriptor, buf_view(&json), &encoded, why,
                                 sizeof why) == RESULT_OK;
    }
    if (good && message_unpack(d->arena, &fedgate__v1__message__descriptor, buf_view(&encoded),
                               LIMIT_MESSAGE, &pb, &found) == RESULT_OK)
        d->order = (void *)pb;
    if (d->order == NULL || d->order->body_case != FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_ORDER) {
        agent_error("%s: no destruction_order as subscribe prints it%s%s", d->order_file,
                    why[0] == '\0' ? "" : ": ", why);
        good = false;
    }
    json_free(root);
    buf_free(&json);
    buf_free(&encoded);
    return good;
}

static bool read_order(struct destroyed *d)
{
    struct buf text = BUF_INIT(LIMIT_MESSAGE * 2);
    bool good =
        cli_read_file(d->order_file, LIMIT_MESSAGE, &text) && decode_order(d, buf_view(&text));
    buf_free(&text);
    return good;
}

/* The item of the order with this index, taken out of those that are left; NULL after an error
 * message. */
static Fedgate__V1__LogRef *take_item(struct destroyed *d, uint64_t index)
{
    Fedgate__V1__DestructionOrder *o = d->order->destruction_order;
    for (size_t i = 0; i < o->n_item; i++) {
        Fedgate__V1__LogRef *item = o->item[i];
        if (item->index != index)
            continue;
        o->item[i] = o->item[--o->n_item];
        return item;
    }
    cli_error("record %llu is no item of the order, or is named twice", (unsigned long long)index);
    return NULL;
}

/* ---------------------------------------------------------------- what became of it */

/* "12,15-18", several times. */
static bool put_never_stored(struct destroyed *d)
{
    Fedgate__V1__DestructionReceipt *r = &d->receipt;
    r->never_stored = take(d, (LIMIT_ORDER_ITEMS + 1) * sizeof(void *));
    for (size_t i = 0; i < d->never_stored.count; i++) {
        struct bytes ranges = bytes_of_text(d->never_stored.item[i]);
        uint64_t from, to;
        while (ranges.n > 0) {
            if (!leaf_range(&ranges, &from, &to) || to - from >= LIMIT_ORDER_ITEMS)
                return is_wrong("--never-stored takes records, as 4711 or 4711,4720-4725");
            for (; from <= to; from++) {
                Fedgate__V1__LogRef *item = take_item(d, from);
                if (item == NULL)
                    return false;
                r->never_stored[r->n_never_stored++] = item;
            }
        }
    }
    return true;
}

/* RECORD,ACT,CASE,UNTIL */
static bool put_one_retained(struct destroyed *d, const char *word)
{
    char *part[4], *rest = memcpy(take(d, strlen(word) + 1), word, strlen(word));
    size_t parts = 0;
    while (parts < ARRAY_LEN(part) && rest != NULL)
        part[parts++] = strsep(&rest, ",");
    struct agent_time until = {0};
    char *end = NULL;
    uint64_t index = parts == ARRAY_LEN(part) && rest == NULL ? strtoull(part[0], &end, 10) : 0;
    if (end == NULL || end == part[0] || *end != '\0')
        return is_wrong("--retained is RECORD,ACT,CASE,UNTIL, such as "
                        "4711,kr/pipa/21-1-proviso,2026-117,2027-11-21T00:00:00+09:00");
    if (!agent_time_option("retained", part[3], &until))
        return false;
    Fedgate__V1__Retained *r = take(d, sizeof *r);
    Google__Protobuf__Timestamp *t = take(d, sizeof *t);
    const struct clock clock = clock_system();
    fedgate__v1__retained__init(r);
    google__protobuf__timestamp__init(t);
    t->seconds = (until.us + (until.from_now ? clock_wall_us(&clock) : 0)) / US_PER_S;
    r->item = take_item(d, index);
    r->act = part[1];
    r->case_ref = part[2];
    r->until = t;
    r->stored_separately = d->stored_separately;
    d->receipt.retained[d->receipt.n_retained++] = r;
    return r->item != NULL;
}

static bool put_retained(struct destroyed *d)
{
    d->receipt.retained = take(d, AGENT_LIST_MAX * sizeof(void *));
    for (size_t i = 0; i < d->retained.count; i++)
        if (!put_one_retained(d, d->retained.item[i]))
            return false;
    return true;
}

static bool put_destroyed(struct destroyed *d)
{
    static const char *const methods[] = {"", "key-erased", "overwritten", "medium-destroyed"};
    const struct clock clock = clock_system();
    Fedgate__V1__DestructionReceipt *r = &d->receipt;
    Google__Protobuf__Timestamp *t = take(d, sizeof *t);
    r->destroyed = d->order->destruction_order->item;
    r->n_destroyed = d->order->destruction_order->n_item;
    if (r->n_destroyed == 0)
        return true;
    unsigned method = 1;
    while (method < ARRAY_LEN(methods) &&
           (d->method == NULL || strcmp(d->method, methods[method]) != 0))
        method++;
    if (method == ARRAY_LEN(methods))
        return is_wrong("--method says how the rest was destroyed: key-erased, overwritten or "
                        "medium-destroyed");
    int64_t now_us = clock_wall_us(&clock);
    google__protobuf__timestamp__init(t);
    t->seconds = (!d->at_time.given     ? now_us
                  : d->at_time.from_now ? now_us + d->at_time.us
                                        : d->at_time.us) /
                 US_PER_S;
    r->destroyed_at = t;
    r->method = (Fedgate__V1__DestructionMethod)method;
    return true;
}

/* ---------------------------------------------------------------- signed and sent */

static bool sign(struct destroyed *d)
{
    const struct clock clock = clock_system();
    const char *unit = fedgate_client_unit(d->agent.client);
    Fedgate__V1__Header *h = d->order->header;
    Fedgate__V1__Message m = FEDGATE__V1__MESSAGE__INIT;
    fedgate__v1__destruction_receipt__init(&d->receipt);
    d->receipt.order_id = d->order->destruction_order->order_id;
    d->receipt.staff_ref = (char *)(uintptr_t)d->header.staff;
    if (!put_never_stored(d) || !put_retained(d) || !put_destroyed(d))
        return false;
    /* The order's words stand for the receipt, which the clause that caused it permits. */
    if (h != NULL) {
        h->id = h->source = (char *)(uintptr_t) "";
        h->created_at = NULL;
    }
    m.header = agent_header_make(d->arena, &d->header, unit, clock_wall_us(&clock), h);
    m.body_case = FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_RECEIPT;
    m.destruction_receipt = &d->receipt;
    if (destruction_sign(&d->receipt, bytes_of_text(unit), d->key, d->arena) != RESULT_OK ||
        message_pack(&m.base, &d->encoded) != RESULT_OK)
        return is_wrong("a field of the receipt is not well-formed");
    return true;
}

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct destroyed *d = arg;
    (void)tag;
    agent_worse(&d->agent, agent_tell_receipt(&d->agent, "the receipt of destruction", r));
    (void)agent_print_message(&d->agent, "Receipt", r->encoded);
    fedgate_publisher_finish(d->publisher);
}

static void got_unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    struct destroyed *d = arg;
    (void)tag;
    (void)message;
    agent_worse(&d->agent, AGENT_GATEWAY);
}

static void send(void *arg)
{
    struct destroyed *d = arg;
    if (d->encoded.n > 0 &&
        fedgate_publish(d->publisher, d->encoded.p, d->encoded.n, NULL) == FEDGATE_OK)
        buf_clear(&d->encoded);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct destroyed *d = arg;
    agent_call_ended(&d->agent, end);
    agent_stop(&d->agent);
}

static const struct fedgate_publisher_events events = {got_receipt, got_unsent, send, got_end};

static void interrupted(void *arg)
{
    struct destroyed *d = arg;
    agent_stop(&d->agent);
}

static int answer(struct destroyed *d)
{
    int code = agent_begin(&d->agent, interrupted, d);
    if (code != CLI_OK)
        return code;
    if (!sign(d)) {
        agent_worse(&d->agent, CLI_FAILED);
    } else if (d->print) {
        (void)agent_print_message(&d->agent, "Message",
                                  (struct fedgate_bytes){d->encoded.p, d->encoded.n});
    } else {
        d->publisher = fedgate_publisher_new(d->agent.client, &events, d);
        send(d);
        agent_run(&d->agent);
        if (d->encoded.n > 0)
            agent_worse(&d->agent, AGENT_GATEWAY);
    }
    return agent_end(&d->agent);
}

/* ---------------------------------------------------------------- the command */

static int read_options(struct destroyed *d, int argc, char **argv)
{
    const struct cli_option options[] = {AGENT_OPTIONS(d->agent.options),
                                         {"receipt-key", &d->agent.options.receipt_key, NULL},
                                         {"password-fd", &d->password, NULL},
                                         {"method", &d->method, NULL},
                                         {"at", &d->at, NULL},
                                         {"staff", &d->header.staff, NULL},
                                         {"stored-separately", NULL, &d->stored_separately},
                                         {"print", NULL, &d->print},
                                         {NULL, NULL, NULL}};
    if (!agent_list_option("never-stored", &d->never_stored, &argc, argv) ||
        !agent_list_option("retained", &d->retained, &argc, argv))
        return -1;
    int count = cli_options(options, argc, argv);
    if (count < 0 || !agent_header_check(&d->header) ||
        !agent_time_option("at", d->at, &d->at_time))
        return -1;
    if (count > 1) {
        cli_error("destroyed takes one order: a file, or standard input");
        return -1;
    }
    return count;
}

static int settings(struct destroyed *d)
{
    int code = agent_settings(&d->agent);
    const struct agent_needed needed[] = {
        {"receipt-key", d->agent.options.receipt_key}, {"staff", d->header.staff}, {NULL, NULL}};
    return code == CLI_OK && !agent_has(needed) ? CLI_USAGE : code;
}

int agent_destroyed_run(int argc, char **argv)
{
    struct destroyed d = {.encoded = BUF_INIT(LIMIT_MESSAGE)};
    int password_fd, count = read_options(&d, argc, argv);
    if (count < 0 || !cli_descriptor(d.password, &password_fd))
        return CLI_USAGE;
    int code = settings(&d);
    if (code != CLI_OK)
        return code;
    code = CLI_FAILED;
    d.order_file = count == 0 ? "-" : argv[1];
    d.arena = arena_new(LIMIT_ARENA + AGENT_HEADER_MAX);
    if (read_order(&d) &&
        cli_secret_key(d.agent.options.receipt_key, password_fd, &d.key) == RESULT_OK)
        code = answer(&d);
    minisign_secret_free(d.key);
    arena_free(d.arena);
    buf_free(&d.encoded);
    return code;
}
