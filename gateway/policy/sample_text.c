/* A sample in words: the message, who watches, and what the gateway knows. */
#include "base/clock.h"
#include "base/mem.h"
#include "message/message.h"
#include "policy/sample.h"
#include "policy/when.h"

#include <stdio.h>

enum { VALUE_MAX = 1 << 16 };

struct telling {
    const struct sample *x;
    bool korean;
    sample_fn *each;
    void *arg;
    struct buf value;
};

/* English keys are those of the policy language. */
static void tell(struct telling *t, const char *en, const char *ko)
{
    t->each(t->korean ? ko : en, buf_c(&t->value), t->arg);
    buf_clear(&t->value);
}

static void tell_text(struct telling *t, const char *en, const char *ko, struct bytes text)
{
    if (text.n == 0)
        return;
    buf_put(&t->value, text.p, text.n);
    tell(t, en, ko);
}

static void between(struct telling *t)
{
    if (t->value.n > 0)
        buf_text(&t->value, " ");
}

static void add(struct telling *t, struct bytes word)
{
    if (word.n == 0)
        return;
    between(t);
    buf_put(&t->value, word.p, word.n);
}

static void add_text(struct telling *t, const char *en, const char *ko)
{
    add(t, bytes_of_text(t->korean ? ko : en));
}

static void add_time(struct telling *t, int64_t us)
{
    char text[TIME_TEXT];
    time_text_s(us, zone_named("Asia/Seoul"), text);
    add(t, bytes_of_text(text));
}

/* ---- the envelope */

static void tell_evidence(struct telling *t, const struct facts *f, const char *en, const char *ko)
{
    for (size_t i = 0; i < f->evidences; i++)
        add(t, f->evidence[i].kind);
    if (f->evidences > 0)
        tell(t, en, ko);
}

static void tell_actor(struct telling *t)
{
    const struct facts *f = &t->x->facts;
    if (f->has_actor) {
        add_text(t, "named", "표시됨");
        add(t, f->actor_role);
        tell(t, "actor", "행위자");
    }
    tell_text(t, "emergency", "긴급 선언",
              f->has_emergency ? f->emergency_reason : bytes_of(NULL, 0));
}

static void tell_envelope(struct telling *t)
{
    const struct facts *f = &t->x->facts;
    static const char *const status[] = {"", "actual", "exercise", "test"};
    tell_text(t, "kind", "종류", bytes_of_text(kind_row(f->kind)->name));
    tell_text(t, "from", "발신", f->source);
    tell_text(t, "to", "수신", bytes_of_text(t->x->to));
    tell_text(t, "service", "서비스", f->service);
    tell_text(t, "purpose", "목적", f->purpose);
    tell_text(t, "basis", "근거", f->basis);
    tell_evidence(t, f, "evidence", "증빙");
    if (f->status != STATUS_ACTUAL)
        tell_text(t, "status", "구분", bytes_of_text(status[f->status]));
    tell_actor(t);
}

static void tell_watcher(struct telling *t)
{
    const struct facts *w = &t->x->watcher;
    if (!t->x->watched)
        return;
    tell_text(t, "watcher.purpose", "열람 목적", w->purpose);
    tell_text(t, "watcher.basis", "열람 근거", w->basis);
    tell_evidence(t, w, "watcher.evidence", "열람 증빙");
    if (w->has_actor) {
        add_text(t, "named", "표시됨");
        tell(t, "watcher.actor", "열람 행위자");
    }
}

/* ---- the body */

static void tell_bits(struct telling *t, uint32_t bits, enum condition_op op, const char *en,
                      const char *ko)
{
    for (unsigned i = 0; i < 32; i++)
        if ((bits >> i & 1) != 0)
            add(t, bytes_of_text(when_word_of(op, i)));
    if (bits != 0)
        tell(t, en, ko);
}

static void tell_consent(struct telling *t)
{
    const struct facts_consent *c = &t->x->facts.consent;
    if (!c->present)
        return;
    add_text(t, t->x->consent_gone ? "withdrawn" : "stands",
             t->x->consent_gone ? "철회됨" : "유효");
    tell(t, "consent", "동의");
    tell_text(t, "consent.given_by", "동의한 사람",
              bytes_of_text(when_word_of(CONDITION_CONSENT_GIVEN_BY, c->given_by)));
    tell_text(t, "consent.recipient", "동의의 수신자",
              c->recipients > 0 ? c->recipient[0] : bytes_of(NULL, 0));
    tell_text(t, "consent.purpose", "동의의 목적",
              c->purposes > 0 ? c->purpose[0] : bytes_of(NULL, 0));
    for (size_t i = 0; i < c->items; i++)
        add(t, c->item[i]);
    if (c->items > 0)
        tell(t, "consent.items", "동의 항목");
}

static void tell_body(struct telling *t)
{
    const struct facts *f = &t->x->facts;
    tell_text(t, "type", "사건 유형", f->incident_type);
    for (size_t i = 0; i < f->cameras; i++)
        add(t, f->camera[i]);
    if (f->cameras > 0)
        tell(t, "camera_id", "카메라");
    if (f->recorded)
        tell_text(t, "footage", "영상 구분", bytes_of_text("recorded"));
    tell_text(t, "reason_code", "사유", f->reason_code);
    tell_bits(t, f->categories, CONDITION_CATEGORY, "subject.category", "대상자 구분");
    tell_bits(t, f->age_band == 0 ? 0 : 1u << f->age_band, CONDITION_AGE_BAND, "subject.age_band",
              "대상자 연령대");
    tell_bits(t, f->ground == 0 ? 0 : 1u << f->ground, CONDITION_REQUEST_GROUND, "request.ground",
              "위치정보 요청 사유");
    if (f->wish_confirmed)
        tell_text(t, "request.wish", "구조받을 의사", bytes_of_text("confirmed"));
    if (f->witness_consents)
        tell_text(t, "request.witness_consent", "목격자의 동의", bytes_of_text("given"));
    tell_bits(t, f->origins, CONDITION_ORIGIN, "origin", "위치의 출처");
    tell_consent(t);
}

/* ---- what the gateway knows */

static void add_place(struct telling *t, const char *en, const char *ko, struct point at)
{
    char text[64];
    add_text(t, en, ko);
    (void)snprintf(text, sizeof text, "%.*f,%.*f", PLACE_DIGITS, at.latitude, PLACE_DIGITS,
                   at.longitude);
    add(t, bytes_of_text(text));
}

static void tell_incident(struct telling *t, size_t k)
{
    const struct incident *i = &t->x->incident[k];
    const bool open = incident_is_open(i);
    if (!t->x->known[k]) {
        add_text(t, "unknown", "모르는 사건");
        tell(t, "incident", "사건");
        return;
    }
    add_text(t, open ? "open" : "closed", open ? "진행 중" : "종료됨");
    add(t, bytes_of_text(i->type));
    add_text(t, "since", "개시");
    add_time(t, i->opened_us);
    add_text(t, "with", "참여");
    for (size_t n = 0; n < i->participants; n++)
        add(t, bytes_of_text(i->participant[n].name));
    for (size_t n = 0; n < i->assignments; n++) {
        add_text(t, "assigned", "배정");
        add(t, bytes_of_text(i->assigned[n].name));
    }
    if (i->has_centre)
        add_place(t, "at", "위치", i->centre);
    if (i->route_points > 0)
        add_place(t, "route through", "경로", i->route[0]);
    for (size_t n = 0; n < INCIDENT_EMERGENCIES_MAX && i->emergency[n].mou[0] != '\0'; n++) {
        add_text(t, "emergency under", "긴급 예외");
        add(t, bytes_of_text(i->emergency[n].mou));
    }
    tell(t, "incident", "사건");
}

void sample_each(const struct sample *x, bool korean, sample_fn *each, void *arg)
{
    struct telling t = {x, korean, each, arg, BUF_INIT(VALUE_MAX)};
    tell_envelope(&t);
    tell_watcher(&t);
    tell_body(&t);
    for (size_t k = 0; k < x->facts.incidents; k++)
        tell_incident(&t, k);
    for (size_t i = 0; i < x->headquarters_count; i++)
        add(&t, x->headquarters[i]);
    if (x->headquarters_count > 0)
        tell(&t, "disaster_headquarters", "재난안전대책본부");
    add_time(&t, x->now_us);
    tell(&t, "time", "시각");
    buf_free(&t.value);
}
