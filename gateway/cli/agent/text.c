/* What the gateway decided, in sentences. */
#include "cli/agent/agent.h"

#include "base/clock.h"
#include "message/reason.h"

#include <inttypes.h>

static bool is_permitted(unsigned reason)
{
    return reason == REASON_PERMITTED || reason == REASON_PERMITTED_EMERGENCY;
}

/* Waits for a person. */
static bool is_held(unsigned reason)
{
    return reason == REASON_APPROVAL_PENDING || reason == REASON_QUARANTINED;
}

static void put_english(const struct fedgate_verdict *v, struct buf *out)
{
    buf_printf(out, "%s for %s: %s (%s)", is_held(v->reason) ? "held" : "refused", v->to,
               fedgate_reason_text(v->reason, FEDGATE_ENGLISH), fedgate_reason_word(v->reason));
    if (v->clause[0] != '\0')
        buf_printf(out, "; clause %s", v->clause);
    if (v->failed[0] != '\0')
        buf_printf(out, "; what did not hold: %s", v->failed);
    buf_printf(out, "; what to do: %s", fedgate_reason_advice(v->reason, FEDGATE_ENGLISH));
}

static void put_korean(const struct fedgate_verdict *v, struct buf *out)
{
    buf_printf(out, "%s %s: %s (%s)", v->to, is_held(v->reason) ? "수신 보류" : "수신 거부",
               fedgate_reason_text(v->reason, FEDGATE_KOREAN), fedgate_reason_word(v->reason));
    if (v->clause[0] != '\0')
        buf_printf(out, ". 조항 %s", v->clause);
    if (v->failed[0] != '\0')
        buf_printf(out, ". 성립하지 않은 조건: %s", v->failed);
    buf_printf(out, ". 조치: %s", fedgate_reason_advice(v->reason, FEDGATE_KOREAN));
}

bool agent_verdict_text(const struct fedgate_verdict *v, enum fedgate_language language,
                        struct buf *out)
{
    if (is_permitted(v->reason))
        return false;
    (language == FEDGATE_KOREAN ? put_korean : put_english)(v, out);
    return true;
}

/* Marks of what was let through all the same. */
static void tell_flags(const struct agent *a, const char *what, const struct fedgate_verdict *v)
{
    for (size_t i = 0; i < v->flags; i++)
        agent_say(a,
                  a->language == FEDGATE_KOREAN ? "%s: %s 수신, 표시됨: %s (%s)"
                                                : "%s: let through to %s, marked: %s (%s)",
                  what, v->to, fedgate_reason_text(v->flag[i], a->language),
                  fedgate_reason_word(v->flag[i]));
}

/* What is left of the limits that a message was held to, and when it may come again. */
static void tell_quotas(const struct agent *a, const char *what, const struct fedgate_receipt *r)
{
    const bool korean = a->language == FEDGATE_KOREAN;
    for (size_t i = 0; i < r->quotas; i++) {
        const struct fedgate_quota *q = &r->quota[i];
        char time[TIME_TEXT];
        time_text_s(q->renewed_us, zone_named("Asia/Seoul"), time);
        agent_say(a,
                  korean ? "%s: 조항 %s의 %s 잔여 한도 %" PRIu64 "/%" PRIu64 ", %s에 갱신"
                         : "%s: limit of clause %s, %s: %" PRIu64 " of %" PRIu64
                           " are left, all of it again at %s",
                  what, q->clause, q->limit, q->left, q->most, time);
    }
    if (r->retry_after_us > 0)
        agent_say(a,
                  korean ? "%s: %.3f초 뒤에 다시 보낼 수 있음" : "%s: can be sent again in %.3f s",
                  what, (double)r->retry_after_us / (double)US_PER_S);
}

int agent_tell_receipt(const struct agent *a, const char *what, const struct fedgate_receipt *r)
{
    struct buf text = BUF_INIT(4096);
    for (size_t i = 0; i < r->recipients; i++) {
        buf_clear(&text);
        if (agent_verdict_text(&r->recipient[i], a->language, &text))
            agent_say(a, "%s: %s", what, buf_c(&text));
        else
            tell_flags(a, what, &r->recipient[i]);
    }
    if (r->answer != FEDGATE_ACCEPTED)
        tell_quotas(a, what, r);
    buf_free(&text);
    return r->answer == FEDGATE_ACCEPTED ? CLI_OK : CLI_NO;
}

int agent_tell_video_end(const struct agent *a, const struct fedgate_video_end *end)
{
    const struct fedgate_verdict *v = &end->why;
    bool good = v->reason == REASON_SENDER_ENDED || v->reason == REASON_PURPOSE_FULFILLED;
    struct buf text = BUF_INIT(4096);
    if (good)
        agent_say(a,
                  a->language == FEDGATE_KOREAN ? "영상이 끝났습니다: %s" : "the stream ended: %s",
                  fedgate_reason_text(v->reason, a->language));
    else if (agent_verdict_text(v, a->language, &text))
        agent_say(a, "%s", buf_c(&text));
    buf_free(&text);
    return good ? CLI_OK : CLI_NO;
}

/* ---- obligations */

static void put_obligations(const struct fedgate_obligations *must, bool korean, struct buf *out)
{
    char time[TIME_TEXT];
    buf_printf(out, korean ? "준수 사항 (%s#%s, 목적 %s):" : "obligations (%s#%s, purpose %s):",
               must->mou, must->grant, must->purpose);
    if (must->destroy_by_us != 0) {
        time_text_s(must->destroy_by_us, zone_named("Asia/Seoul"), time);
        buf_printf(out, korean ? " %s까지 파기" : " destroy by %s", time);
    } else {
        buf_text(out, korean ? " 파기 기한 없음" : " no date of destruction given");
    }
    if (must->destruction_receipt_required)
        buf_text(out, korean ? ", 파기 확인서 제출" : ", with a destruction receipt");
    buf_text(out, must->retransmission_allowed ? (korean ? ", 재제공 가능" : ", may be passed on")
                  : korean                     ? ", 재제공 금지"
                                               : ", not to be passed on");
}

void agent_tell_obligations(const struct agent *a, const struct fedgate_obligations *must)
{
    struct buf text = BUF_INIT(4096);
    put_obligations(must, a->language == FEDGATE_KOREAN, &text);
    agent_say(a, "%s", buf_c(&text));
    for (size_t i = 0; i < must->duties; i++)
        agent_say(a, "- %s", must->duty[i]);
    buf_free(&text);
}
