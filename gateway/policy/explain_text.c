/* An explanation as text. */
#include "base/clock.h"
#include "policy/request.h"
#include "policy/phrase.h"
#include "policy/tools.h"

#include <stdio.h>

enum { LABEL = 16, FIELD_TEXT_MAX = 100 };

struct writer {
    const struct policy *p;
    bool korean;
    size_t indent;
    struct buf *out;
};

static size_t width_of(const char *text)
{
    struct bytes rest = bytes_of_text(text);
    size_t n = 0;
    while (rest.n > 0)
        n += bytes_take_character(&rest) >= 0x1100 ? 2 : 1;
    return n;
}

/* "  label         ", where a line begins. */
static void begin(const struct writer *w, const char *en, const char *ko)
{
    const char *label = w->korean ? ko : en;
    const size_t n = width_of(label);
    buf_printf(w->out, "%*s%s%*s", (int)w->indent, "", label, n < LABEL ? (int)(LABEL - n) : 1, "");
}

static void line(const struct writer *w, const char *en, const char *ko, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    begin(w, en, ko);
    buf_printf(w->out, "%s\n", value);
}

/* In the language. */
static void put_duration(const struct writer *w, int64_t us)
{
    char text[TIME_TEXT];
    duration_text(us, text);
    phrase_put_duration(bytes_of_text(text), w->korean, w->out);
}

static void line_duration(const struct writer *w, const char *en, const char *ko, int64_t us)
{
    if (us <= 0)
        return;
    begin(w, en, ko);
    put_duration(w, us);
    buf_text(w->out, "\n");
}

/* ---- the answer */

static void reason_lines(const struct writer *w, enum reason reason)
{
    const struct reason_row *row = reason_row(reason);
    if (row == NULL || reason == REASON_PERMITTED)
        return;
    begin(w, "reason", "사유");
    buf_printf(w->out, "%s: %s\n", row->name, row->text[w->korean]);
}

/* The law's words in the language: a decision brings the English ones of one of the bases. */
static const char *law_in(const struct writer *w, const char *law)
{
    for (size_t i = 0; w->korean && i < w->p->bases_count; i++)
        if (strcmp(policy_text(w->p, w->p->bases[i].text_en), law) == 0)
            return policy_text(w->p, w->p->bases[i].text_ko);
    return law;
}

/* A prohibition that forbids is the last that was asked. */
static void clause_line(const struct writer *w, const struct policy_explanation *e)
{
    const struct policy_explained *last = e->steps == 0 ? NULL : &e->step[e->steps - 1];
    const bool forbidden =
        last != NULL && last->step == POLICY_STEP_PROHIBITION && last->outcome == POLICY_DID_NOT;
    const bool refused = e->verdict == POLICY_REFUSED && !forbidden;
    const char *file;
    unsigned number;
    policy_grant_source(w->p, e->decision.grant, &file, &number);
    begin(w, refused ? "nearest" : "clause", refused ? "가까운 조항" : "조항");
    buf_printf(w->out, "%s  %s:%u\n", e->decision.clause, forbidden ? last->file : file,
               forbidden ? last->line : number);
}

static void answer_lines(const struct writer *w, const struct policy_explanation *e)
{
    const struct decision *d = &e->decision;
    const bool passed = e->verdict == POLICY_EMERGENCY;
    line(w, "answer", "답", policy_verdict_word(e->verdict, w->korean));
    reason_lines(w, d->reason);
    if (d->clause[0] != '\0')
        clause_line(w, e);
    line(w, passed ? "passed over" : "did not hold", passed ? "넘은 조건" : "미충족", d->failed);
    line(w, "law", "법", law_in(w, d->law));
    if (e->verdict == POLICY_REFUSED && reason_row(d->reason) != NULL)
        line(w, "what to do", "조치", reason_row(d->reason)->advice[w->korean]);
}

/* ---- what it brings with it */

static void put_units(const struct writer *w, const uint32_t *unit, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(w->out, "%s%s", i == 0 ? "" : ", ", policy_unit_name(w->p, unit[i]));
}

static void destroy_lines(const struct writer *w, const struct obligations *o)
{
    static const char *const starts[] = {[POLICY_STARTS_ARRIVAL] = "arrival",
                                         [POLICY_STARTS_INCIDENT_END] = "incident-end",
                                         [POLICY_STARTS_FOUND] = "found",
                                         [POLICY_STARTS_DISASTER_END] = "disaster-end"};
    char latest[TIME_TEXT];
    time_text_s(o->destroy_by_us, request_zone(w->p), latest);
    begin(w, "destroy", "파기");
    if (w->korean)
        buf_text(w->out, policy_title(w->p, TITLE_STARTS, bytes_of_text(starts[o->starts]), true));
    else
        buf_text(w->out, starts[o->starts]);
    buf_text(w->out, w->korean ? "부터 " : " + ");
    put_duration(w, o->delay_us);
    buf_printf(w->out, w->korean ? " 이내, 늦어도 %s\n" : ", at the latest %s\n", latest);
    line_duration(w, "  receipt", "  파기 확인", o->receipt_within_us);
}

static void approval_line(const struct writer *w, const struct policy_approval *a)
{
    if (a->persons == 0)
        return;
    begin(w, "approval", "승인");
    buf_printf(w->out, "%u x %s/%s, ", a->persons, a->party, policy_officer_role(a->role));
    put_duration(w, a->within_us);
    buf_text(w->out, w->korean ? " 이내\n" : "\n");
}

static void attend_line(const struct writer *w, const struct policy_attend *a)
{
    if (a->within_us == 0)
        return;
    begin(w, a->answer_kinds == 0 ? "attend" : "answer", a->answer_kinds == 0 ? "확인" : "회신");
    put_duration(w, a->within_us);
    buf_printf(w->out, w->korean ? " 이내, 아니면 %s\n" : ", else %s\n",
               policy_unit_name(w->p, a->other));
}

static void people_lines(const struct writer *w, const struct obligations *o)
{
    approval_line(w, &o->approval);
    attend_line(w, &o->attend);
    if (o->onward.units > 0) {
        begin(w, "onward", "재제공");
        put_units(w, o->onward.unit, o->onward.units);
        buf_text(w->out, "\n");
    }
}

static void changed_lines(const struct writer *w, uint32_t grant)
{
    char field[FIELD_TEXT_MAX];
    for (size_t i = 0; policy_changed_field(w->p, grant, i, field, sizeof field); i++)
        line(w, i == 0 ? "changed" : "", i == 0 ? "바뀌는 필드" : "", field);
}

static void duty_lines(const struct writer *w, const struct policy_explanation *e)
{
    const struct obligations *o = &e->obligations;
    char uses[24];
    destroy_lines(w, o);
    line_duration(w, "notify", "통보", o->notify_within_us);
    people_lines(w, o);
    line_duration(w, "offline", "오프라인", o->offline_us);
    (void)snprintf(uses, sizeof uses, "%u", o->uses);
    line(w, "uses", "열람 횟수", o->uses == 0 ? NULL : uses);
    changed_lines(w, e->decision.grant);
    for (size_t i = 0; i < o->duties; i++)
        line(w, i == 0 ? "duties" : "", i == 0 ? "의무" : "",
             policy_duty(w->p, e->decision.grant, i));
}

/* ---- step by step */

static const char *step_text(const struct writer *w, const struct policy_explained *s)
{
    static const char *const held[][2] = {
        [POLICY_STEP_DIMENSIONS] = {"kind, from, to, service, purpose, basis",
                                    "종류, 보내는 자, 받는 자, 서비스, 목적, 근거"},
        [POLICY_STEP_ENVELOPE] = {"in force, not suspended, status, evidence",
                                  "효력 기간, 중지 여부, 상태, 증빙"}};
    if (s->step <= POLICY_STEP_ENVELOPE && s->outcome == POLICY_DID_HOLD)
        return held[s->step][w->korean];
    return s->text;
}

/* A prohibition that held, so to speak, spared what was asked. */
static const char *outcome_of(const struct policy_explained *s, bool korean)
{
    if (s->step != POLICY_STEP_PROHIBITION)
        return policy_outcome_word(s->outcome, korean);
    if (s->outcome == POLICY_DID_HOLD)
        return korean ? "금지 안 함" : "does not forbid";
    return korean ? "금지" : "forbids";
}

static void step_line(const struct writer *w, const struct policy_explained *s)
{
    const struct reason_row *reason = reason_row(s->reason);
    begin(w, outcome_of(s, false), outcome_of(s, true));
    if (s->step >= POLICY_STEP_CONDITION)
        buf_printf(w->out, "%5u  ", s->line);
    else
        buf_text(w->out, "       ");
    if (s->alternative > 0)
        buf_printf(w->out, "any %u: ", s->alternative);
    buf_text(w->out, step_text(w, s));
    if ((s->outcome == POLICY_DID_NOT || s->outcome == POLICY_PASSED_OVER) && reason != NULL &&
        s->step != POLICY_STEP_EMERGENCY)
        buf_printf(w->out, "  (%s)", reason->name);
    buf_text(w->out, "\n");
}

static bool tries_emergency(const struct policy_explanation *e, size_t from, size_t to)
{
    while (from < to && e->step[from].step != POLICY_STEP_EMERGENCY)
        from++;
    return from < to;
}

/* Of grants that do not answer, and of the second trial in an emergency, what was not asked is only
 * counted. */
static void group(const struct writer *w, const struct policy_explanation *e, size_t from,
                  size_t to)
{
    const struct policy_explained *first = &e->step[from];
    const struct writer inner = {w->p, w->korean, w->indent + 2, w->out};
    size_t left_out = 0;
    bool emergency = tries_emergency(e, from, to);
    buf_printf(w->out, "%*s%s  %s:%u%s\n", (int)w->indent, "",
               policy_text(w->p, w->p->grants[first->grant].clause), first->file,
               w->p->grants[first->grant].line,
               !emergency  ? ""
               : w->korean ? "  긴급 예외로 다시 판단"
                           : "  again, as an emergency");
    for (size_t i = from; i < to; i++) {
        if (e->step[i].outcome == POLICY_NOT_ASKED &&
            (emergency || first->grant != e->decision.grant))
            left_out++;
        else
            step_line(&inner, &e->step[i]);
    }
    if (left_out > 0) {
        begin(&inner, policy_outcome_word(POLICY_NOT_ASKED, false),
              policy_outcome_word(POLICY_NOT_ASKED, true));
        buf_printf(w->out, w->korean ? "       조건 %zu개\n" : "       %zu conditions\n", left_out);
    }
}

void policy_explanation_text(const struct policy_explanation *e, bool korean, size_t indent,
                             struct buf *out)
{
    const struct writer w = {e->question->policy, korean, indent, out};
    answer_lines(&w, e);
    if (e->verdict != POLICY_REFUSED)
        duty_lines(&w, e);
    for (size_t i = 0, end; i < e->steps; i = end) {
        for (end = i + 1; end < e->steps && e->step[end].step != POLICY_STEP_DIMENSIONS;)
            end++;
        group(&w, e, i, end);
    }
}

void policy_unasked_text(enum reason reason, const char *failed, bool korean, size_t indent,
                         struct buf *out)
{
    const struct writer w = {NULL, korean, indent, out};
    line(&w, "answer", "답", policy_verdict_word(POLICY_REFUSED, korean));
    reason_lines(&w, reason);
    line(&w, "did not hold", "미충족", failed);
    line(&w, "what to do", "조치", reason_row(reason)->advice[korean]);
}
