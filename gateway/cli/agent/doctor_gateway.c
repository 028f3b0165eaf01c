/* What the gateway answers: whether it and its certificate hold, whether it takes ours, its clock,
 * what may pass, and a TEST message there and back. One connection, and one question after the
 * other. */
#include "cli/agent/doctor.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

/* A clock that is off by more is told, long before messages are refused for it (two minutes): ages
 * of positions and evidence are seconds. */
#define CLOCK_MOST (5 * US_PER_S)

static int64_t wall_now(void)
{
    const struct clock clock = clock_system();
    return clock_wall_us(&clock);
}

static void finish(struct doctor *d)
{
    fedgate_client_stop(d->agent.client);
}

static bool is_open(const struct doctor *d, enum doctor_step step)
{
    return d->line[step].result == CLI_STEP_SKIPPED && d->line[step].text.n == 0;
}

/* ---------------------------------------------------------------- a message there and back */

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct doctor *d = arg;
    struct buf text = BUF_INIT(8192);
    (void)tag;
    for (size_t i = 0; i < r->recipients; i++) {
        buf_text(&text, text.n == 0 ? "" : "; ");
        if (!agent_verdict_text(&r->recipient[i], d->agent.language, &text))
            buf_printf(&text, "%s: %s (%s)", r->recipient[i].to,
                       fedgate_reason_text(r->recipient[i].reason, d->agent.language),
                       r->recipient[i].clause);
    }
    doctor_say(d, DOCTOR_MESSAGE, r->answer == FEDGATE_ACCEPTED ? CLI_STEP_OK : CLI_STEP_FAILED,
               DOCTOR_SAYS(d, "TEST message %s, receipt at record %" PRIu64 " after %.0f ms: %s",
                           "TEST 메시지 %s, 기록 %" PRIu64 "번, %.0f ms: %s"),
               d->id, r->record.index, (double)(wall_now() - d->asked_us) / 1000, buf_c(&text));
    buf_free(&text);
    finish(d);
}

static void message_ended(void *arg, const struct fedgate_end *end)
{
    struct doctor *d = arg;
    if (!is_open(d, DOCTOR_MESSAGE))
        return;
    doctor_say(d, DOCTOR_MESSAGE, CLI_STEP_FAILED,
               DOCTOR_SAYS(d, "the gateway ended the call: %s (%s)",
                           "게이트웨이가 호출을 끝냈습니다: %s (%s)"),
               end->text, fedgate_status_name(end->status));
    finish(d);
}

static bool encode(struct doctor *d)
{
    char why[300];
    d->encoded = BUF_INIT(FEDGATE_MESSAGE_MAX);
    if (agent_encode_test(d->message, d->unit, NULL, &d->encoded, d->id, why, sizeof why))
        return true;
    doctor_say(d, DOCTOR_MESSAGE, CLI_STEP_FAILED, "%s: %s", d->message, why);
    doctor_tell(d, DOCTOR_MESSAGE, TELL_SELF);
    return false;
}

static void send_message(struct doctor *d)
{
    static const struct fedgate_publisher_events events = {.receipt = got_receipt,
                                                           .ended = message_ended};
    if (!d->has_test)
        doctor_say(d, DOCTOR_MESSAGE, CLI_STEP_SKIPPED,
                   DOCTOR_SAYS(d,
                               "policy lets this unit send no TEST message: there is no grant to a "
                               "unit of a synthetic party",
                               "정책에 이 단위의 TEST 메시지를 받을 시험용(synthetic) 단위가 "
                               "없습니다"));
    else if (d->message == NULL)
        doctor_say(d, DOCTOR_MESSAGE, CLI_STEP_SKIPPED,
                   DOCTOR_SAYS(d, "no --message FILE was given", "--message FILE이 없습니다"));
    if (!d->has_test || d->message == NULL || !encode(d)) {
        finish(d);
        return;
    }
    d->asked_us = wall_now();
    d->publisher = fedgate_publisher_new(d->agent.client, &events, d);
    if (fedgate_publish(d->publisher, d->encoded.p, d->encoded.n, NULL) == FEDGATE_OK)
        return;
    doctor_say(d, DOCTOR_MESSAGE, CLI_STEP_FAILED, "%s",
               DOCTOR_SAYS(d, "the connection is gone", "접속이 끊어졌습니다"));
    finish(d);
}

/* ---------------------------------------------------------------- what may pass */

/* Half of the time that the question took is how well the offset is known. */
static void tell_clock(struct doctor *d, int64_t gateway_us, int64_t now_us)
{
    const int64_t half = (now_us - d->asked_us) / 2, offset = d->asked_us + half - gateway_us;
    const int64_t certain = (offset < 0 ? -offset : offset) - half;
    const bool good = certain <= CLOCK_MOST;
    doctor_say(d, DOCTOR_CLOCK, good ? CLI_STEP_OK : CLI_STEP_FAILED,
               DOCTOR_SAYS(d, "this machine is %.3f s %s the gateway, give or take %.3f s%s",
                           "이 장비가 게이트웨이보다 %.3f초 %s (오차 %.3f초)%s"),
               (double)(offset < 0 ? -offset : offset) / (double)US_PER_S,
               offset < 0 ? DOCTOR_SAYS(d, "behind", "느림") : DOCTOR_SAYS(d, "ahead of", "빠름"),
               (double)half / (double)US_PER_S,
               good ? "" : DOCTOR_SAYS(d, ": set it by NTP", ": NTP로 맞추십시오"));
}

static void tell_identity(struct doctor *d, const char *unit)
{
    bool same = strcmp(unit, d->unit) == 0;
    doctor_say(d, DOCTOR_IDENTITY, same ? CLI_STEP_OK : CLI_STEP_FAILED,
               same ? DOCTOR_SAYS(d, "the gateway knows this unit as %s%s",
                                  "게이트웨이가 이 단위를 %s(으)로 압니다%s")
                    : DOCTOR_SAYS(d, "the gateway takes this unit for %s, its certificate says %s",
                                  "게이트웨이는 %s, 인증서는 %s입니다"),
               unit, same ? "" : d->unit);
}

static void tell_policy(struct doctor *d, const struct fedgate_grants *g)
{
    doctor_say(d, DOCTOR_POLICY, d->open > 0 ? CLI_STEP_OK : CLI_STEP_FAILED,
               DOCTOR_SAYS(d,
                           "%s, serial %" PRIu64 ": %zu ways to send and %zu to receive; %zu of "
                           "them open now%s",
                           "%s 일련번호 %" PRIu64 ": 제공 %zu건, 수신 %zu건, 현재 가능 %zu건%s"),
               g->policy, g->serial, d->sends, d->receives, d->open,
               d->open > 0 ? ""
                           : DOCTOR_SAYS(d, ": nothing may pass", ": 아무것도 오갈 수 없습니다"));
}

static void ask(struct doctor *d, uint32_t from);

static void got_grants(void *arg, const struct fedgate_grants *g, const struct fedgate_end *end)
{
    struct doctor *d = arg;
    const int64_t now_us = wall_now();
    if (g == NULL && end->status == FEDGATE_UNAVAILABLE)
        return; /* the connection ended: `lost` says why */
    d->accepted = true;
    doctor_say(d, DOCTOR_ACCEPTED, CLI_STEP_OK,
               DOCTOR_SAYS(d, "the gateway accepts the certificate",
                           "게이트웨이가 인증서를 받아들입니다"));
    if (g == NULL) {
        const bool old = end->status == FEDGATE_UNIMPLEMENTED;
        doctor_say(d, DOCTOR_POLICY, old ? CLI_STEP_SKIPPED : CLI_STEP_FAILED,
                   DOCTOR_SAYS(d, "the gateway does not tell: %s (%s)",
                               "게이트웨이가 답하지 않습니다: %s (%s)"),
                   end->text, fedgate_status_name(end->status));
        finish(d);
        return;
    }
    if (d->grants == NULL) {
        doctor_grants_begin(d);
        tell_identity(d, g->unit);
        tell_clock(d, g->now_us, now_us);
    }
    doctor_grants_take(d, g);
    if (g->next != 0) {
        ask(d, g->next);
        return;
    }
    tell_policy(d, g);
    send_message(d);
}

static void ask(struct doctor *d, uint32_t from)
{
    static const struct fedgate_grants_events events = {got_grants};
    d->asked_us = wall_now();
    (void)!fedgate_grants_get(d->agent.client, from, &events, d); /* without one, `lost` follows */
}

/* ---------------------------------------------------------------- the connection */

static void connected(void *arg)
{
    struct doctor *d = arg;
    doctor_say(d, DOCTOR_TLS, CLI_STEP_OK,
               DOCTOR_SAYS(d, "TLS 1.3; the gateway's certificate holds under %s and names %s",
                           "TLS 1.3. 게이트웨이 인증서가 루트 %s로 확인되고 %s을(를) 나타냅니다"),
               d->agent.options.root, d->name);
    ask(d, 0);
}

/* The step that is under way. */
static enum doctor_step current(const struct doctor *d)
{
    return is_open(d, DOCTOR_TLS)      ? DOCTOR_TLS
           : !d->accepted              ? DOCTOR_ACCEPTED
           : is_open(d, DOCTOR_POLICY) ? DOCTOR_POLICY
                                       : DOCTOR_MESSAGE;
}

/* What was found wrong with a certificate, and with whose, is in the loss. */
static void lost(void *arg, const struct fedgate_lost *l)
{
    struct doctor *d = arg;
    const char *text = l->text[d->agent.language];
    enum doctor_step step = l->loss == FEDGATE_LOSS_NOT_ACCEPTED ? DOCTOR_ACCEPTED : current(d);
    doctor_say(d, step, CLI_STEP_FAILED, "%s (%s)", text[0] == '\0' ? l->why : text, l->why);
    if (step == DOCTOR_TLS && l->loss == FEDGATE_LOSS_UNREACHABLE)
        doctor_tell(d, step, TELL_NETWORK);
    finish(d);
}

static void patience_ended(void *arg)
{
    struct doctor *d = arg;
    doctor_say(d, current(d), CLI_STEP_FAILED,
               DOCTOR_SAYS(d, "no answer within %.0f s", "%.0f초 안에 응답이 없습니다"),
               (double)d->patience_us / (double)US_PER_S);
    finish(d);
}

void doctor_gateway(struct doctor *d)
{
    char why[400];
    d->agent.client = agent_client_new(&d->agent, connected, lost, d, why, sizeof why);
    if (d->agent.client == NULL) {
        doctor_say(d, DOCTOR_FILES, CLI_STEP_FAILED, "%s", why);
        return;
    }
    d->timer = fedgate_timer_new(d->agent.client, patience_ended, d);
    fedgate_timer_set(d->timer, d->patience_us);
    fedgate_client_run(d->agent.client);
    fedgate_timer_free(d->timer);
    fedgate_client_free(d->agent.client);
    d->agent.client = NULL;
}
