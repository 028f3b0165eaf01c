/* The connection of a conformance run: one question after the other, each waited for. */
#include "cli/agent/conform.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static int64_t steady_now(void)
{
    const struct clock clock = clock_system();
    return clock_steady_us(&clock);
}

bool conform_turn(struct conform *c, bool (*wait)(void *arg), void *arg)
{
    const int64_t until = steady_now() + c->patience_us;
    while (wait(arg) && !c->gone && steady_now() < until)
        fedgate_client_turn(c->agent.client, US_PER_S / 20);
    if (!wait(arg))
        return true;
    if (!c->gone)
        (void)snprintf(c->why, sizeof c->why,
                       CONFORM_SAYS(c, "no answer within %.0f s", "%.0f초 안에 응답이 없습니다"),
                       (double)c->patience_us / (double)US_PER_S);
    return false;
}

/* ---------------------------------------------------------------- the connection */

static void connected(void *arg)
{
    ((struct conform *)arg)->connected = true;
}

static void lost(void *arg, const struct fedgate_lost *l)
{
    struct conform *c = arg;
    const char *text = l->text[c->agent.language];
    c->gone = true;
    (void)snprintf(c->why, sizeof c->why, "%s (%s)", text[0] == '\0' ? l->why : text, l->why);
}

static bool is_connecting(void *arg)
{
    return !((struct conform *)arg)->connected;
}

bool conform_connect(struct conform *c)
{
    c->connected = c->gone = false;
    c->agent.client = agent_client_new(&c->agent, connected, lost, c, c->why, sizeof c->why);
    if (c->agent.client == NULL)
        return false;
    (void)snprintf(c->unit, sizeof c->unit, "%s", fedgate_client_unit(c->agent.client));
    return conform_turn(c, is_connecting, c);
}

void conform_cut(struct conform *c)
{
    fedgate_client_free(c->agent.client);
    c->agent.client = NULL;
}

/* ---------------------------------------------------------------- what may pass */

struct learning {
    struct conform *c;
    bool over, good;
    uint32_t next;
};

static void got_grants(void *arg, const struct fedgate_grants *g, const struct fedgate_end *end)
{
    struct learning *l = arg;
    l->over = true;
    l->good = g != NULL;
    if (g == NULL)
        (void)snprintf(l->c->why, sizeof l->c->why, "%s (%s)", end->text,
                       fedgate_status_name(end->status));
    for (size_t i = 0; g != NULL && i < g->grants; i++)
        l->c->has_test |= strcmp(g->grant[i].from, g->unit) == 0 &&
                          (g->grant[i].passes & FEDGATE_PASSES_TEST) != 0;
    l->next = g == NULL ? 0 : g->next;
}

static bool is_learning(void *arg)
{
    return !((struct learning *)arg)->over;
}

bool conform_learn(struct conform *c)
{
    static const struct fedgate_grants_events events = {got_grants};
    struct learning l = {.c = c};
    do {
        l.over = l.good = false;
        if (fedgate_grants_get(c->agent.client, l.next, &events, &l) != FEDGATE_OK ||
            !conform_turn(c, is_learning, &l))
            return false;
    } while (l.good && l.next != 0);
    return l.good;
}

/* ---------------------------------------------------------------- a message */

struct asking {
    struct conform *c;
    struct conform_receipt *out;
    bool over;
};

static void keep_receipt(struct conform_receipt *out, const struct fedgate_receipt *r)
{
    *out = (struct conform_receipt){.came = true,
                                    .repeated = r->repeated,
                                    .answer = r->answer,
                                    .reason = REASON_PERMITTED,
                                    .record = r->record.index};
    for (size_t i = 0; i < r->recipients; i++) {
        const struct fedgate_verdict *v = &r->recipient[i];
        if (v->reason == REASON_PERMITTED && out->to[0] == '\0')
            (void)snprintf(out->to, sizeof out->to, "%s", v->to);
        else if (v->reason != REASON_PERMITTED && out->reason == REASON_PERMITTED)
            out->reason = v->reason;
    }
}

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct asking *a = arg;
    (void)tag;
    keep_receipt(a->out, r);
    a->over = true;
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct asking *a = arg;
    if (!a->over)
        (void)snprintf(a->c->why, sizeof a->c->why, "%s (%s)", end->text,
                       fedgate_status_name(end->status));
    a->over = true;
}

static bool is_asking(void *arg)
{
    return !((struct asking *)arg)->over;
}

bool conform_publish(struct conform *c, struct bytes encoded, struct conform_receipt *out)
{
    static const struct fedgate_publisher_events events = {.receipt = got_receipt,
                                                           .ended = got_end};
    struct asking a = {.c = c, .out = out};
    *out = (struct conform_receipt){0};
    struct fedgate_publisher *p = fedgate_publisher_new(c->agent.client, &events, &a);
    if (fedgate_publish(p, encoded.p, encoded.n, NULL) == FEDGATE_OK)
        (void)conform_turn(c, is_asking, &a);
    else
        (void)snprintf(c->why, sizeof c->why, "%s",
                       CONFORM_SAYS(c, "the connection is gone", "접속이 끊어졌습니다"));
    fedgate_publisher_free(p);
    return out->came;
}

static void got_current(void *arg, const struct fedgate_receipt *r, const struct fedgate_end *end)
{
    struct asking *a = arg;
    if (r != NULL)
        keep_receipt(a->out, r);
    else
        got_end(arg, end);
    a->over = true;
}

/* `a` outlives the question: it is over, or the client goes with the run. */
bool conform_receipt_of(struct conform *c, const char *id, struct conform_receipt *out)
{
    struct asking a = {.c = c, .out = out};
    *out = (struct conform_receipt){0};
    if (fedgate_receipt_get(c->agent.client, id, got_current, &a) == FEDGATE_OK &&
        !conform_turn(c, is_asking, &a))
        conform_cut(c);
    return out->came;
}
