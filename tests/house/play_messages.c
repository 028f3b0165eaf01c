/* Statements about messages: sent, received, acknowledged. */
#include "play.h"

#include "base/arena.h"
#include "base/mem.h"
#include "message/json.h"
#include "message/message.h"

#include <ctype.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what comes */

static void keep(struct papers *list, char *text)
{
    struct paper *p = mem_new(sizeof *p);
    p->text = text;
    STAILQ_INSERT_TAIL(list, p, next);
}

char *play_next(struct papers *list)
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

static void on_receipt(void *arg, struct bytes receipt, uint64_t scope)
{
    (void)scope;
    keep(&((struct person *)arg)->receipts, play_json("fedgate.v1.Receipt", receipt));
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
    (void)arg;
}

static const struct publisher_events publisher_events = {on_receipt, on_unavailable, on_room};

static void on_delivery(void *arg, struct bytes delivery, uint64_t scope)
{
    (void)scope;
    struct person *p = arg;
    char *outer = play_json("fedgate.v1.Delivery", delivery);
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    struct buf both = BUF_INIT(16 << 20);
    /* The inner message is bytes: it is shown beside the delivery's own fields. */
    if (message_unpack(a, message_type("fedgate.v1.Delivery"), delivery, 8 << 20, &m, &why) ==
        RESULT_OK) {
        const Fedgate__V1__Delivery *d = (const void *)m;
        char *inner = play_json("fedgate.v1.Message", bytes_of(d->message.data, d->message.len));
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

static size_t nothing_waits(void *arg)
{
    (void)arg;
    return 0;
}

static const struct subscriber_events subscriber_events = {on_delivery, nothing_waits,
                                                           on_subscription_ended};

/* ---- statements */

void play_publish(struct scenario *s, struct person *p)
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
    struct person *p = play_person(s, t->word[1]);
    buf_clear(&p->sent);
    if (play_encode(s, p, "fedgate.v1.Message", t->word[2], t->json, &p->sent))
        play_publish(s, p);
}

static void do_again(struct scenario *s, const struct statement *t)
{
    play_publish(s, play_person(s, t->word[1]));
}

static void do_unavailable(struct scenario *s, const struct statement *t)
{
    if (!play_person(s, t->word[1])->unavailable)
        play_fail(s, "%s was not told that the ledger is away", t->word[1]);
}

static bool recipient_says(const char *receipt, const char *unit, const char *reason)
{
    char path[64], text[128];
    for (unsigned i = 0; i < 64; i++) {
        (void)snprintf(path, sizeof path, "recipient[%u].to", i);
        play_text(receipt, path, text, sizeof text);
        if (text[0] == '\0')
            return false;
        if (strcmp(text, unit) != 0)
            continue;
        (void)snprintf(path, sizeof path, "recipient[%u].reason", i);
        play_text(receipt, path, text, sizeof text);
        return strcmp(text + strlen("REASON_"), reason) == 0;
    }
    return false;
}

static void do_receipt(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    char verdict[64], wanted[64] = "VERDICT_";
    mem_free(p->receipt);
    p->receipt = play_next(&p->receipts);
    if (p->receipt == NULL) {
        play_fail(s, "no receipt has come");
        return;
    }
    for (size_t i = 0; t->word[2][i] != '\0'; i++)
        wanted[8 + i] = (char)toupper((unsigned char)t->word[2][i]), wanted[9 + i] = '\0';
    play_text(p->receipt, "verdict", verdict, sizeof verdict);
    if (strcmp(verdict, wanted) != 0)
        play_fail(s, "the verdict is %s: %s", verdict, p->receipt);
    for (size_t i = 3; i + 1 < t->words; i += 2)
        if (!recipient_says(p->receipt, t->word[i], t->word[i + 1]))
            play_fail(s, "%s is not told %s: %s", t->word[i], t->word[i + 1], p->receipt);
}

static void do_because(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    struct buf wanted = BUF_INIT(4096);
    for (size_t i = 2; i < t->words; i++)
        buf_printf(&wanted, "%s%s", i == 2 ? "" : " ", t->word[i]);
    if (p->receipt == NULL || strstr(p->receipt, buf_c(&wanted)) == NULL)
        play_fail(s, "the receipt does not say '%s': %s", buf_c(&wanted),
                  p->receipt == NULL ? "" : p->receipt);
    buf_free(&wanted);
}

static void do_unsaid(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (p->receipt == NULL || strstr(p->receipt, t->word[2]) != NULL)
        play_fail(s, "the receipt says '%s': %s", t->word[2], p->receipt == NULL ? "" : p->receipt);
}

static void do_no_receipt(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (!STAILQ_EMPTY(&p->receipts))
        play_fail(s, "a receipt has come: %s", STAILQ_FIRST(&p->receipts)->text);
}

static void do_subscribe(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    struct buf json = BUF_INIT(4096), start = BUF_INIT(4096);
    char failed[200];
    const char *why = "";
    buf_printf(&json, "{\"queue\":\"%s\",\"kind\":[", t->words > 2 ? t->word[2] : "default");
    for (size_t i = 3; i < t->words; i++)
        buf_printf(&json, "%s\"%s\"", i == 3 ? "" : ",", t->word[i]);
    buf_text(&json, "]}");
    if (message_from_json(message_type("fedgate.v1.SubscribeStart"), buf_view(&json), &start,
                          failed, sizeof failed) == RESULT_OK)
        p->subscriber = subscriber_open(p->session, &subscriber_events, p, buf_view(&start), &why);
    if (p->subscriber == NULL)
        play_fail(s, "no subscription: %s", why);
    buf_free(&json);
    buf_free(&start);
    house_settle(s->h);
}

static void do_unsubscribe(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    subscriber_close(p->subscriber);
    p->subscriber = NULL;
    house_settle(s->h);
}

static void do_delivered(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    char path[128], seq[32];
    mem_free(p->delivery);
    p->delivery = play_next(&p->deliveries);
    if (p->delivery == NULL) {
        play_fail(s, "nothing was delivered to %s", p->name);
        return;
    }
    (void)snprintf(path, sizeof path, "message.%s", t->word[2]);
    struct json *root = play_parse(p->delivery);
    if (play_at(root, path) == NULL)
        play_fail(s, "the delivery is no %s: %s", t->word[2], p->delivery);
    json_free(root);
    play_text(p->delivery, "delivery.seq", seq, sizeof seq);
    p->seq = strtoull(seq, NULL, 10);
}

static void look(struct scenario *s, const struct statement *t, const char *prefix, bool wanted)
{
    const struct person *p = play_person(s, t->word[1]);
    char path[200], text[4096];
    (void)snprintf(path, sizeof path, "%s.%s", prefix, t->word[2]);
    struct json *root = play_parse(p->delivery);
    const struct json *n = play_at(root, path);
    if ((n != NULL) != wanted)
        play_fail(s, "%s %s: %s", t->word[2], wanted ? "is missing" : "is there", p->delivery);
    else if (t->words > 3 && n != NULL) {
        play_value(n, text, sizeof text);
        if (strcmp(text, t->word[3]) != 0)
            play_fail(s, "%s is %s", t->word[2], text);
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
    const struct person *p = play_person(s, t->word[1]);
    char text[16];
    play_text(p->delivery, "delivery.redelivery", text, sizeof text);
    if (strcmp(text, "true") != 0)
        play_fail(s, "the delivery is not marked as a redelivery");
}

static void do_flagged(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    char path[32], flag[64] = "";
    bool found = false;
    for (unsigned i = 0; i < FINDINGS_MAX; i++) {
        (void)snprintf(path, sizeof path, "delivery.flag[%u]", i);
        play_text(p->delivery, path, flag, sizeof flag);
        if (flag[0] != '\0' && (t->words < 3 || strcmp(flag + strlen("REASON_"), t->word[2]) == 0))
            found = true;
    }
    if (found != (t->words > 2))
        play_fail(s, "the delivery is %sflagged so: %s", found ? "" : "not ", p->delivery);
}

static void do_ack(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    subscriber_ack(p->subscriber, &p->seq, 1, strcmp(t->word[0], "refuse") == 0 ? 1 : 0);
    house_settle(s->h);
}

static void do_nothing(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (!STAILQ_EMPTY(&p->deliveries))
        play_fail(s, "something was delivered: %s", STAILQ_FIRST(&p->deliveries)->text);
}

const struct verb play_messages[] = {{"send", 3, do_send},
                                     {"again", 2, do_again},
                                     {"unavailable", 2, do_unavailable},
                                     {"receipt", 3, do_receipt},
                                     {"because", 3, do_because},
                                     {"unsaid", 3, do_unsaid},
                                     {"no-receipt", 2, do_no_receipt},
                                     {"subscribe", 2, do_subscribe},
                                     {"unsubscribe", 2, do_unsubscribe},
                                     {"delivered", 3, do_delivered},
                                     {"has", 3, do_has},
                                     {"lacks", 3, do_lacks},
                                     {"must", 3, do_must},
                                     {"redelivered", 2, do_redelivered},
                                     {"flagged", 3, do_flagged},
                                     {"unflagged", 2, do_flagged},
                                     {"ack", 2, do_ack},
                                     {"refuse", 2, do_ack},
                                     {"nothing", 2, do_nothing},
                                     {0}};
