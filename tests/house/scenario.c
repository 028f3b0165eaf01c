#include "scenario.h"

#include "house.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/base64.h"
#include "crypto/random.h"
#include "json/json.h"
#include "message/json.h"
#include "message/message.h"
#include "message/reason.h"
#include "spool/queues.h"
#include "ledger/state.h"

#include <ctype.h>
#include <fcntl.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20, WORDS_MAX = 16, NAMES_MAX = 32, VALUE_MAX = 160, CLIP_MAX = 4 << 20 };

/* JSON texts that came and were not looked at. */
struct paper {
    char *text;
    STAILQ_ENTRY(paper) next;
};
STAILQ_HEAD(papers, paper);

struct person {
    char name[64], unit[IDENT_UNIT_MAX + 1];
    struct session *session;
    struct publisher *publisher;
    struct subscriber *subscriber;
    struct sender *sender;
    struct watcher *watcher;
    struct papers receipts, deliveries;
    char *receipt, *delivery; /* last looked at */
    uint64_t seq;             /* of it */
    struct buf sent;          /* the last message */
    bool unavailable, paced;
    /* video */
    bool opened, stream_over, watching, watch_over;
    uint32_t watchers;
    char stream_reason[64], watch_reason[64];
    size_t seen;
    bool seen_from_start;
};

struct scenario {
    const char *path;
    unsigned line;
    struct house *h;
    struct person *person[NAMES_MAX];
    size_t persons;
    struct {
        char name[32], value[VALUE_MAX];
    } let[NAMES_MAX];
    size_t lets;
    struct buf clip, photo;
    bool failed;
};

static void fail(struct scenario *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void fail(struct scenario *s, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "%s:%u: %s\n", s->path, s->line, text);
    s->failed = true;
}

/* ---- JSON of what came */

static char *as_json(const char *type, struct bytes encoded)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    struct buf out = BUF_INIT(16 << 20);
    char *text;
    if (message_unpack(a, message_type(type), encoded, 8 << 20, &m, &why) != RESULT_OK ||
        message_to_json(m, 0, &out) != RESULT_OK)
        text = mem_text("{}", 2);
    else
        text = mem_text(out.p, out.n);
    buf_free(&out);
    arena_free(a);
    return text;
}

static struct json *parse(const char *text)
{
    struct json *root;
    char why[200];
    if (text == NULL || json_read(bytes_of_text(text), &root, why, sizeof why) != RESULT_OK)
        return NULL;
    return root;
}

/* The node at "a.b[2].c", or NULL. */
static const struct json *at_path(const struct json *node, const char *path)
{
    char part[64];
    while (*path != '\0' && node != NULL) {
        size_t n = strcspn(path, ".[");
        if (n > 0) {
            (void)snprintf(part, sizeof part, "%.*s", (int)n, path);
            node = json_member(node, part);
            path += n;
        }
        if (*path == '[') {
            node = json_item(node, (size_t)strtoul(path + 1, NULL, 10));
            path = strchr(path, ']') + 1;
        }
        if (*path == '.')
            path++;
    }
    return node;
}

static void as_text(const struct json *n, char *out, size_t room)
{
    switch (json_type_of(n)) {
    case JSON_TEXT:
        (void)snprintf(out, room, "%.*s", (int)json_text_of(n).n, (const char *)json_text_of(n).p);
        break;
    case JSON_BOOL: (void)snprintf(out, room, "%s", json_bool_of(n) ? "true" : "false"); break;
    case JSON_WHOLE_NUMBER: (void)snprintf(out, room, "%" PRId64, json_integer_of(n)); break;
    case JSON_REAL_NUMBER: (void)snprintf(out, room, "%g", json_number_of(n)); break;
    default: (void)snprintf(out, room, "(%zu members)", json_count(n)); break;
    }
}

static void text_at(const char *json, const char *path, char *out, size_t room)
{
    struct json *root = parse(json);
    const struct json *n = at_path(root, path);
    out[0] = '\0';
    if (n != NULL)
        as_text(n, out, room);
    json_free(root);
}

/* ---- callbacks */

static void keep(struct papers *list, char *text)
{
    struct paper *p = mem_new(sizeof *p);
    p->text = text;
    STAILQ_INSERT_TAIL(list, p, next);
}

static char *next_paper(struct papers *list)
{
    struct paper *p = STAILQ_FIRST(list);
    char *text = NULL;
    if (p != NULL) {
        STAILQ_REMOVE_HEAD(list, next);
        text = p->text;
        mem_free(p);
    }
    return text;
}

static void on_receipt(void *arg, struct bytes receipt)
{
    keep(&((struct person *)arg)->receipts, as_json("fedgate.v1.Receipt", receipt));
}

static void on_unavailable(void *arg, const char *why)
{
    struct person *p = arg;
    (void)why;
    p->publisher = NULL;
    p->unavailable = true;
}

static void on_room(void *arg)
{
    ((struct person *)arg)->paced = false;
}

static const struct publisher_events publisher_events = {on_receipt, on_unavailable, on_room};

static void on_delivery(void *arg, struct bytes delivery)
{
    struct person *p = arg;
    char *outer = as_json("fedgate.v1.Delivery", delivery);
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    struct buf both = BUF_INIT(16 << 20);
    /* The inner message is bytes: it is shown beside the delivery's own fields. */
    if (message_unpack(a, message_type("fedgate.v1.Delivery"), delivery, 8 << 20, &m, &why) == RESULT_OK) {
        const Fedgate__V1__Delivery *d = (const void *)m;
        char *inner = as_json("fedgate.v1.Message", bytes_of(d->message.data, d->message.len));
        buf_printf(&both, "{\"delivery\":%s,\"message\":%s}", outer, inner);
        mem_free(inner);
    }
    keep(&p->deliveries, mem_text(both.p, both.n));
    buf_free(&both);
    mem_free(outer);
    arena_free(a);
}

static void on_subscription_ended(void *arg, int status, const char *why)
{
    (void)status;
    (void)why;
    ((struct person *)arg)->subscriber = NULL;
}

static const struct subscriber_events subscriber_events = {on_delivery, on_subscription_ended};

static void set_reason(char *out, size_t room, const char *json, const char *path)
{
    char text[64];
    text_at(json, path, text, sizeof text);
    (void)snprintf(out, room, "%s", strncmp(text, "REASON_", 7) == 0 ? text + 7 : text);
}

static void on_control(void *arg, struct bytes control)
{
    struct person *p = arg;
    char *json = as_json("fedgate.v1.VideoControl", control), verdict[64], count[32];
    text_at(json, "opened.verdict", verdict, sizeof verdict);
    if (strcmp(verdict, "VERDICT_ACCEPTED") == 0)
        p->opened = true;
    if (strcmp(verdict, "VERDICT_REFUSED") == 0)
        set_reason(p->stream_reason, sizeof p->stream_reason, json, "opened.recipient[0].reason");
    text_at(json, "watchers", count, sizeof count);
    if (count[0] != '\0')
        p->watchers = (uint32_t)strtoul(count, NULL, 10);
    if (strstr(json, "\"stop\"") != NULL)
        set_reason(p->stream_reason, sizeof p->stream_reason, json, "stop.why.reason");
    mem_free(json);
}

static void on_sender_ended(void *arg, int status, const char *why)
{
    struct person *p = arg;
    (void)status;
    (void)why;
    p->sender = NULL;
    p->stream_over = true;
}

static const struct sender_events sender_events = {on_control, on_sender_ended, on_room};

static void on_frame(void *arg, struct bytes head, struct shared *owner, struct bytes payload)
{
    struct person *p = arg;
    (void)owner;
    if (payload.n > 0) { /* data: head is the field's tag and length */
        if (p->seen == 0)
            p->seen_from_start = payload.p[0] == 0x47 && (payload.p[1] & 0x1f) == 0 && payload.p[2] == 0; /* the PAT */
        p->seen += payload.n;
        return;
    }
    char *json = as_json("fedgate.v1.VideoFrame", head);
    if (strstr(json, "\"start\"") != NULL)
        p->watching = true;
    if (strstr(json, "\"end\"") != NULL)
        set_reason(p->watch_reason, sizeof p->watch_reason, json, "end.why.reason");
    mem_free(json);
}

static size_t on_queued(void *arg)
{
    (void)arg;
    return 0;
}

static void on_watch_ended(void *arg, int status, const char *why)
{
    struct person *p = arg;
    (void)status;
    (void)why;
    p->watcher = NULL;
    p->watch_over = true;
}

static const struct watcher_events watcher_events = {on_frame, on_queued, on_watch_ended};

/* ---- names */

static struct person *person(struct scenario *s, const char *name)
{
    for (size_t i = 0; i < s->persons; i++)
        if (strcmp(s->person[i]->name, name) == 0)
            return s->person[i];
    fail(s, "nobody is called '%s'", name);
    exit(1);
}

static const char *value_of(const struct scenario *s, const char *name, size_t n)
{
    for (size_t i = s->lets; i-- > 0;)
        if (strlen(s->let[i].name) == n && memcmp(s->let[i].name, name, n) == 0)
            return s->let[i].value;
    return NULL;
}

/* $name by its value, @photo by a picture in base64. */
static char *expand(struct scenario *s, const char *text)
{
    struct buf out = BUF_INIT(TEXT_MAX);
    while (*text != '\0') {
        size_t n = 0;
        if (*text == '$')
            while (isalnum((unsigned char)text[1 + n]) || text[1 + n] == '_')
                n++;
        const char *value = n > 0 ? value_of(s, text + 1, n) : NULL;
        if (strncmp(text, "@photo", 6) == 0) {
            base64_put(&out, buf_view(&s->photo));
            text += 6;
        } else if (value != NULL) {
            buf_text(&out, value);
            text += 1 + n;
        } else {
            buf_u8(&out, (uint8_t)*text++);
        }
    }
    char *copy = mem_text(out.p, out.n);
    buf_free(&out);
    return copy;
}

/* ---- statements */

struct statement {
    char *word[WORDS_MAX];
    size_t words;
    char *json; /* or NULL */
};

static void new_uuid(const struct scenario *s, char out[UUID_TEXT + 1])
{
    struct uuid u = random_uuid(house_now(s->h));
    uuid_text(&u, out);
}

static void do_let(struct scenario *s, const struct statement *t)
{
    char uuid[UUID_TEXT + 1];
    new_uuid(s, uuid);
    (void)snprintf(s->let[s->lets].name, sizeof s->let[0].name, "%s", t->word[1]);
    const char *value = t->word[2];
    const char *fresh = strstr(value, "new");
    if (fresh != NULL && fresh[3] == '\0') /* "new" or "unit:new" */
        (void)snprintf(s->let[s->lets].value, VALUE_MAX, "%.*s%s", (int)(fresh - value), value, uuid);
    else
        (void)snprintf(s->let[s->lets].value, VALUE_MAX, "%s", value);
    s->lets++;
}

static void do_clock(struct scenario *s, const struct statement *t)
{
    int64_t us;
    if (!time_parse(t->word[1], strlen(t->word[1]), zone_named("Asia/Seoul"), &us))
        fail(s, "'%s' is no time", t->word[1]);
    else
        house_set_clock(s->h, us);
}

static void do_advance(struct scenario *s, const struct statement *t)
{
    static const struct {
        const char *name;
        int64_t us;
    } unit[] = {{"second", US_PER_S}, {"minute", US_PER_MINUTE}, {"hour", US_PER_HOUR}, {"day", US_PER_DAY}};
    for (size_t i = 0; i < ARRAY_LEN(unit); i++)
        if (strncmp(t->word[2], unit[i].name, strlen(unit[i].name)) == 0)
            house_advance(s->h, strtoll(t->word[1], NULL, 10) * unit[i].us);
}

static void do_connect(struct scenario *s, const struct statement *t)
{
    struct edge *e = house_edge(s->h);
    uint32_t unit = policy_unit(edge_policy(e), bytes_of_text(t->word[2]));
    struct person *p = NULL;
    if (unit == POLICY_NONE) {
        fail(s, "the policy set has no unit '%s'", t->word[2]);
        return;
    }
    for (size_t i = 0; i < s->persons; i++)
        if (strcmp(s->person[i]->name, t->word[1]) == 0)
            p = s->person[i];
    if (p == NULL) {
        p = s->person[s->persons++] = mem_new(sizeof *p);
        STAILQ_INIT(&p->receipts);
        STAILQ_INIT(&p->deliveries);
        p->sent = BUF_INIT(8 << 20);
    }
    (void)snprintf(p->name, sizeof p->name, "%s", t->word[1]);
    (void)snprintf(p->unit, sizeof p->unit, "%s", t->word[2]);
    p->session = session_open(e, unit, "test");
    house_settle(s->h);
}

static void forget_session(struct person *p)
{
    p->session = NULL;
    p->publisher = NULL;
    p->subscriber = NULL;
    p->sender = NULL;
    p->watcher = NULL;
}

static void do_disconnect(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    session_close(p->session);
    forget_session(p);
    house_settle(s->h);
}

/* The header, where the statement's JSON is silent. */
static void put_header(struct scenario *s, const struct person *p, const struct json *given, struct buf *out)
{
    char id[UUID_TEXT + 1], created[TIME_TEXT];
    void *at = NULL;
    const struct json *value;
    const char *key;
    new_uuid(s, id);
    time_text(house_now(s->h), zone_named("UTC"), created);
    buf_printf(out, "\"header\":{");
    bool first = true;
    const struct {
        const char *key, *value;
    } standard[] = {{"id", id}, {"source", p->unit}, {"createdAt", created}, {"status", "STATUS_ACTUAL"}};
    for (size_t i = 0; i < ARRAY_LEN(standard); i++) {
        if (json_member(given, standard[i].key) != NULL)
            continue;
        buf_printf(out, "%s\"%s\":\"%s\"", first ? "" : ",", standard[i].key, standard[i].value);
        first = false;
    }
    while ((key = json_each(given, &at, &value)) != NULL) {
        buf_printf(out, "%s\"%s\":", first ? "" : ",", key);
        json_put(out, value);
        first = false;
    }
    buf_text(out, "}");
}

static bool encode(struct scenario *s, const struct person *p, const char *type, const char *kind, const char *json,
                   struct buf *encoded)
{
    struct json *root = parse(json == NULL ? "{}" : json);
    struct buf text = BUF_INIT(TEXT_MAX * 8), body = BUF_INIT(TEXT_MAX * 8);
    char why[300] = "not JSON";
    void *at = NULL;
    const struct json *value;
    const char *key;
    buf_text(&text, "{");
    put_header(s, p, json_member(root, "header"), &text);
    while (root != NULL && (key = json_each(root, &at, &value)) != NULL) {
        if (strcmp(key, "header") == 0)
            continue;
        buf_printf(&body, "%s\"%s\":", body.n == 0 ? "" : ",", key);
        json_put(&body, value);
    }
    if (kind != NULL)
        buf_printf(&text, ",\"%s\":{%.*s}}", kind, (int)body.n, (const char *)body.p);
    else
        buf_printf(&text, "%s%.*s}", body.n == 0 ? "" : ",", (int)body.n, (const char *)body.p);
    bool ok = root != NULL && message_from_json(message_type(type), buf_view(&text), encoded, why, sizeof why) == RESULT_OK;
    if (!ok)
        fail(s, "the message: %s", why);
    json_free(root);
    buf_free(&text);
    buf_free(&body);
    return ok;
}

static void publish(struct scenario *s, struct person *p)
{
    if (p->publisher == NULL)
        p->publisher = publisher_open(p->session, &publisher_events, p);
    p->unavailable = false;
    struct shared *owner = shared_copy(buf_view(&p->sent));
    (void)publisher_take(p->publisher, owner, shared_view(owner));
    shared_drop(owner);
    house_settle(s->h);
}

static void do_send(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    buf_clear(&p->sent);
    if (encode(s, p, "fedgate.v1.Message", t->word[2], t->json, &p->sent))
        publish(s, p);
}

static void do_again(struct scenario *s, const struct statement *t)
{
    publish(s, person(s, t->word[1]));
}

static void do_unavailable(struct scenario *s, const struct statement *t)
{
    if (!person(s, t->word[1])->unavailable)
        fail(s, "%s was not told that the ledger is away", t->word[1]);
}

static bool recipient_says(const char *receipt, const char *unit, const char *reason)
{
    char path[64], text[128];
    for (unsigned i = 0; i < 64; i++) {
        (void)snprintf(path, sizeof path, "recipient[%u].to", i);
        text_at(receipt, path, text, sizeof text);
        if (text[0] == '\0')
            return false;
        if (strcmp(text, unit) != 0)
            continue;
        (void)snprintf(path, sizeof path, "recipient[%u].reason", i);
        text_at(receipt, path, text, sizeof text);
        return strcmp(text + strlen("REASON_"), reason) == 0;
    }
    return false;
}

static void do_receipt(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    char verdict[64], wanted[64] = "VERDICT_";
    mem_free(p->receipt);
    p->receipt = next_paper(&p->receipts);
    if (p->receipt == NULL) {
        fail(s, "no receipt has come");
        return;
    }
    for (size_t i = 0; t->word[2][i] != '\0'; i++)
        wanted[8 + i] = (char)toupper((unsigned char)t->word[2][i]), wanted[9 + i] = '\0';
    text_at(p->receipt, "verdict", verdict, sizeof verdict);
    if (strcmp(verdict, wanted) != 0)
        fail(s, "the verdict is %s: %s", verdict, p->receipt);
    for (size_t i = 3; i + 1 < t->words; i += 2)
        if (!recipient_says(p->receipt, t->word[i], t->word[i + 1]))
            fail(s, "%s is not told %s: %s", t->word[i], t->word[i + 1], p->receipt);
}

static void do_because(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    struct buf wanted = BUF_INIT(4096);
    for (size_t i = 2; i < t->words; i++)
        buf_printf(&wanted, "%s%s", i == 2 ? "" : " ", t->word[i]);
    if (p->receipt == NULL || strstr(p->receipt, buf_c(&wanted)) == NULL)
        fail(s, "the receipt does not say '%s': %s", buf_c(&wanted), p->receipt == NULL ? "" : p->receipt);
    buf_free(&wanted);
}

static void do_no_receipt(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    if (!STAILQ_EMPTY(&p->receipts))
        fail(s, "a receipt has come: %s", STAILQ_FIRST(&p->receipts)->text);
}

static void do_subscribe(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    struct buf json = BUF_INIT(4096), start = BUF_INIT(4096);
    char failed[200];
    const char *why = "";
    buf_printf(&json, "{\"queue\":\"%s\",\"kind\":[", t->words > 2 ? t->word[2] : "default");
    for (size_t i = 3; i < t->words; i++)
        buf_printf(&json, "%s\"%s\"", i == 3 ? "" : ",", t->word[i]);
    buf_text(&json, "]}");
    if (message_from_json(message_type("fedgate.v1.SubscribeStart"), buf_view(&json), &start, failed, sizeof failed) == RESULT_OK)
        p->subscriber = subscriber_open(p->session, &subscriber_events, p, buf_view(&start), &why);
    if (p->subscriber == NULL)
        fail(s, "no subscription: %s", why);
    buf_free(&json);
    buf_free(&start);
    house_settle(s->h);
}

static void do_unsubscribe(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    subscriber_close(p->subscriber);
    p->subscriber = NULL;
    house_settle(s->h);
}

static void do_delivered(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    char path[128], seq[32];
    mem_free(p->delivery);
    p->delivery = next_paper(&p->deliveries);
    if (p->delivery == NULL) {
        fail(s, "nothing was delivered to %s", p->name);
        return;
    }
    (void)snprintf(path, sizeof path, "message.%s", t->word[2]);
    struct json *root = parse(p->delivery);
    if (at_path(root, path) == NULL)
        fail(s, "the delivery is no %s: %s", t->word[2], p->delivery);
    json_free(root);
    text_at(p->delivery, "delivery.seq", seq, sizeof seq);
    p->seq = strtoull(seq, NULL, 10);
}

static void look(struct scenario *s, const struct statement *t, const char *prefix, bool wanted)
{
    const struct person *p = person(s, t->word[1]);
    char path[200], text[4096];
    (void)snprintf(path, sizeof path, "%s.%s", prefix, t->word[2]);
    struct json *root = parse(p->delivery);
    const struct json *n = at_path(root, path);
    if ((n != NULL) != wanted)
        fail(s, "%s %s: %s", t->word[2], wanted ? "is missing" : "is there", p->delivery);
    else if (t->words > 3 && n != NULL) {
        as_text(n, text, sizeof text);
        if (strcmp(text, t->word[3]) != 0)
            fail(s, "%s is %s", t->word[2], text);
    }
    json_free(root);
}

static void do_has(struct scenario *s, const struct statement *t)
{
    look(s, t, "message", true);
}

static void do_lacks(struct scenario *s, const struct statement *t)
{
    look(s, t, "message", false);
}

static void do_must(struct scenario *s, const struct statement *t)
{
    look(s, t, "delivery.must", true);
}

static void do_redelivered(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    char text[16];
    text_at(p->delivery, "delivery.redelivery", text, sizeof text);
    if (strcmp(text, "true") != 0)
        fail(s, "the delivery is not marked as a redelivery");
}

static void do_ack(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    subscriber_ack(p->subscriber, &p->seq, 1, strcmp(t->word[0], "refuse") == 0 ? 1 : 0);
    house_settle(s->h);
}

static void do_nothing(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    if (!STAILQ_EMPTY(&p->deliveries))
        fail(s, "something was delivered: %s", STAILQ_FIRST(&p->deliveries)->text);
}

/* ---- video */

/* A VideoFrame with one field, whose content is given. */
static void frame_of(unsigned field, struct bytes content, struct buf *out)
{
    buf_u8(out, (uint8_t)(field << 3 | 2));
    buf_varint(out, content.n);
    buf_put(out, content.p, content.n);
}

static enum result give_frame(struct person *p, const struct buf *frame)
{
    struct shared *owner = shared_copy(buf_view(frame));
    enum result r = p->sender == NULL ? RESULT_CLOSED : sender_take(p->sender, owner, shared_view(owner));
    shared_drop(owner);
    return r;
}

static void do_stream(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    struct buf start = BUF_INIT(1 << 16), frame = BUF_INIT(1 << 16), json = BUF_INIT(1 << 16);
    p->opened = p->stream_over = false;
    p->watchers = 0;
    p->stream_reason[0] = '\0';
    buf_printf(&json, "{\"streamId\":\"%s\",\"container\":\"mpegts\",%s", t->word[2], t->json + 1);
    if (encode(s, p, "fedgate.v1.VideoStart", NULL, buf_c(&json), &start)) {
        p->sender = sender_open(p->session, &sender_events, p);
        frame_of(1, buf_view(&start), &frame);
        if (give_frame(p, &frame) != RESULT_OK)
            fail(s, "the start was not taken");
    }
    buf_free(&start);
    buf_free(&frame);
    buf_free(&json);
    house_settle(s->h);
}

static void do_opened(struct scenario *s, const struct statement *t)
{
    if (!person(s, t->word[1])->opened)
        fail(s, "the stream is not open: %s", person(s, t->word[1])->stream_reason);
}

static void expect_word(struct scenario *s, bool over, const char *found, const char *wanted)
{
    if (!over || strcmp(found, wanted) != 0)
        fail(s, "%s, reason '%s'", over ? "it is over" : "it is not over", found);
}

static void do_stream_over(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    expect_word(s, p->stream_over, p->stream_reason, t->word[2]);
}

static void do_feed(struct scenario *s, const struct statement *t)
{
    enum { PACKETS_A_FRAME = 49 };
    struct person *p = person(s, t->word[1]);
    size_t packets = strtoul(t->word[2], NULL, 10), from = t->words > 3 ? strtoul(t->word[3], NULL, 10) : 0;
    while (packets > 0) {
        size_t n = packets < PACKETS_A_FRAME ? packets : PACKETS_A_FRAME;
        struct buf frame = BUF_INIT(1 << 16);
        frame_of(2, bytes_of(s->clip.p + from * 188, n * 188), &frame);
        enum result r = give_frame(p, &frame);
        buf_free(&frame);
        if (r == RESULT_CLOSED)
            return;
        packets -= n;
        from += n;
        if (r == RESULT_AGAIN)
            house_advance(s->h, US_PER_S);
    }
    house_settle(s->h);
}

static void do_finish(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    if (p->sender != NULL)
        sender_finish(p->sender);
    house_settle(s->h);
}

static void do_watchers(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    if (p->watchers != strtoul(t->word[2], NULL, 10))
        fail(s, "there are %u watchers", p->watchers);
}

static void do_watch(struct scenario *s, const struct statement *t)
{
    struct person *p = person(s, t->word[1]);
    struct buf request = BUF_INIT(1 << 16), json = BUF_INIT(1 << 16);
    char why[200];
    p->watching = p->watch_over = false;
    p->watch_reason[0] = '\0';
    p->seen = 0;
    buf_printf(&json, "{\"streamId\":\"%s\",%s", t->word[2], t->json + 1);
    if (message_from_json(message_type("fedgate.v1.WatchRequest"), buf_view(&json), &request, why, sizeof why) != RESULT_OK)
        fail(s, "the request: %s", why);
    else
        p->watcher = watcher_open(p->session, &watcher_events, p, buf_view(&request));
    buf_free(&request);
    buf_free(&json);
    house_settle(s->h);
}

static void do_watching(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    if (!p->watching || p->watch_over)
        fail(s, "%s does not watch: '%s'", p->name, p->watch_reason);
}

static void do_watch_over(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    expect_word(s, p->watch_over, p->watch_reason, t->word[2]);
}

static void do_sees(struct scenario *s, const struct statement *t)
{
    const struct person *p = person(s, t->word[1]);
    if (p->seen < strtoul(t->word[2], NULL, 10) || !p->seen_from_start)
        fail(s, "%zu bytes came, %s", p->seen, p->seen_from_start ? "tables first" : "without tables first");
}

/* ---- the gateway itself */

static void do_scopes(struct scenario *s, const struct statement *t)
{
    size_t count = spool_scopes_count(house_ledger(s->h)->scopes);
    if (count != strtoul(t->word[1], NULL, 10))
        fail(s, "there are %zu scopes", count);
}

static void do_entries(struct scenario *s, const struct statement *t)
{
    size_t count = spool_entries(house_ledger(s->h)->queues);
    if (count != strtoul(t->word[1], NULL, 10))
        fail(s, "there are %zu entries in queues", count);
}

static void do_leaves(struct scenario *s, const struct statement *t)
{
    size_t count = house_count_leaves(s->h, t->word[1]);
    if (count != strtoul(t->word[2], NULL, 10))
        fail(s, "the log has %zu leaves '%s'", count, t->word[1]);
}

static void do_verifies(struct scenario *s, const struct statement *t)
{
    (void)t;
    if (!house_log_verifies(s->h))
        fail(s, "the log does not verify");
}

static void do_restart(struct scenario *s, const struct statement *t)
{
    if (strcmp(t->word[1], "ledger") == 0)
        house_restart_ledger(s->h);
    else if (strcmp(t->word[1], "keeper") == 0)
        house_restart_keeper(s->h);
    else {
        for (size_t i = 0; i < s->persons; i++)
            forget_session(s->person[i]);
        house_restart_edge(s->h);
    }
}

static void do_kill(struct scenario *s, const struct statement *t)
{
    (void)t;
    house_kill_ledger(s->h);
}

static void do_policy(struct scenario *s, const struct statement *t)
{
    char path[512];
    const char *slash = strrchr(s->path, '/');
    (void)snprintf(path, sizeof path, "%.*s%s", slash == NULL ? 0 : (int)(slash - s->path) + 1, s->path, t->word[1]);
    house_set_policy(s->h, path);
}

static const struct {
    const char *name;
    size_t words;
    void (*run)(struct scenario *s, const struct statement *t);
} statements[] = {{"let", 3, do_let},
                  {"clock", 2, do_clock},
                  {"advance", 3, do_advance},
                  {"connect", 3, do_connect},
                  {"disconnect", 2, do_disconnect},
                  {"send", 3, do_send},
                  {"again", 2, do_again},
                  {"unavailable", 2, do_unavailable},
                  {"receipt", 3, do_receipt},
                  {"because", 3, do_because},
                  {"no-receipt", 2, do_no_receipt},
                  {"subscribe", 2, do_subscribe},
                  {"unsubscribe", 2, do_unsubscribe},
                  {"delivered", 3, do_delivered},
                  {"has", 3, do_has},
                  {"lacks", 3, do_lacks},
                  {"must", 3, do_must},
                  {"redelivered", 2, do_redelivered},
                  {"ack", 2, do_ack},
                  {"refuse", 2, do_ack},
                  {"nothing", 2, do_nothing},
                  {"stream", 3, do_stream},
                  {"opened", 2, do_opened},
                  {"stream-refused", 3, do_stream_over},
                  {"stopped", 3, do_stream_over},
                  {"feed", 3, do_feed},
                  {"finish", 2, do_finish},
                  {"watchers", 3, do_watchers},
                  {"watch", 3, do_watch},
                  {"watching", 2, do_watching},
                  {"watch-refused", 3, do_watch_over},
                  {"ended", 3, do_watch_over},
                  {"sees", 3, do_sees},
                  {"scopes", 2, do_scopes},
                  {"entries", 2, do_entries},
                  {"leaves", 3, do_leaves},
                  {"verifies", 1, do_verifies},
                  {"restart", 2, do_restart},
                  {"kill", 2, do_kill},
                  {"policy", 2, do_policy}};

static void run_statement(struct scenario *s, const struct statement *t)
{
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        if (strcmp(statements[i].name, t->word[0]) != 0)
            continue;
        if (t->words < statements[i].words)
            fail(s, "'%s' needs %zu words more", t->word[0], statements[i].words - t->words);
        else
            statements[i].run(s, t);
        return;
    }
    fail(s, "there is no statement '%s'", t->word[0]);
}

/* ---- reading */

/* Words are parted by blanks; "several words" in quotes are one. */
static void split(char *text, struct statement *t)
{
    t->words = 0;
    while (*(text += strspn(text, " \t")) != '\0' && t->words < WORDS_MAX) {
        char *end = *text == '"' ? strchr(text + 1, '"') : NULL;
        bool quoted = end != NULL && (end[1] == '\0' || end[1] == ' ');
        if (!quoted)
            end = text + strcspn(text, " \t");
        t->word[t->words++] = quoted ? text + 1 : text;
        text = *end == '\0' ? end : end + 1;
        *end = '\0';
    }
}

static int depth_of(const char *text)
{
    int depth = 0;
    bool quoted = false;
    for (; *text != '\0'; text++) {
        if (*text == '"' && text[-1] != '\\')
            quoted = !quoted;
        if (!quoted)
            depth += (*text == '{') - (*text == '}');
    }
    return depth;
}

/* One statement: a line, and the lines that its JSON goes on over. NULL at the end of the text. */
static char *next_statement(struct scenario *s, char **rest)
{
    struct buf out = BUF_INIT(TEXT_MAX);
    char *line;
    while ((line = strsep(rest, "\n")) != NULL) {
        s->line++;
        if (out.n == 0) {
            line += strspn(line, " \t");
            if (*line == '\0' || *line == '#')
                continue;
        }
        buf_printf(&out, "%s%s", out.n == 0 ? "" : " ", line);
        if (depth_of(buf_c(&out)) == 0)
            break;
    }
    char *text = out.n == 0 ? NULL : mem_text(out.p, out.n);
    buf_free(&out);
    return text;
}

static void run_text(struct scenario *s, char *text)
{
    char *line;
    while (!s->failed && (line = next_statement(s, &text)) != NULL) {
        char *expanded = expand(s, line), *brace = strchr(expanded, '{');
        struct statement t = {.json = brace == NULL ? NULL : mem_text(brace, strlen(brace))};
        if (brace != NULL)
            *brace = '\0';
        split(expanded, &t);
        run_statement(s, &t);
        mem_free(t.json);
        mem_free(expanded);
        mem_free(line);
    }
}

static void free_person(struct person *p)
{
    char *text;
    while ((text = next_paper(&p->receipts)) != NULL)
        mem_free(text);
    while ((text = next_paper(&p->deliveries)) != NULL)
        mem_free(text);
    mem_free(p->receipt);
    mem_free(p->delivery);
    buf_free(&p->sent);
    mem_free(p);
}

static bool read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    while (fd >= 0 && n > 0) {
        uint8_t *room = buf_reserve(out, 65536);
        n = room == NULL ? -1 : read(fd, room, 65536);
        if (n > 0)
            out->n += (size_t)n;
    }
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 && n == 0;
}

bool scenario_run(const char *path)
{
    struct scenario s = {.path = path, .clip = BUF_INIT(CLIP_MAX), .photo = BUF_INIT(CLIP_MAX)};
    struct buf text = BUF_INIT(TEXT_MAX);
    int64_t begin;
    if (!read_file(path, &text) || !read_file("tests/data/cctv-20s.ts", &s.clip) ||
        !read_file("tests/data/message/baseline.jpg", &s.photo)) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    (void)time_parse("2026-11-21T10:00:00+09:00", 25, zone_named("Asia/Seoul"), &begin);
    s.h = house_new("policy", begin);
    char *copy = mem_text(text.p, text.n);
    run_text(&s, copy);
    house_free(s.h);
    for (size_t i = 0; i < s.persons; i++)
        free_person(s.person[i]);
    mem_free(copy);
    buf_free(&text);
    buf_free(&s.clip);
    buf_free(&s.photo);
    return !s.failed;
}
