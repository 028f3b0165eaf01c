#include "report/waiting.h"

#include "audit/claim.h"
#include "base/clock.h"
#include "ipc/offender.h"

#include <stdio.h>

/* ---- columns */

static const char *const headings[WAITING_COLUMNS][2] = {
    [WAITING_SUBJECT] = {"subject", "대상"},
    [WAITING_RECEIVED] = {"received", "접수"},
    [WAITING_DUE] = {"due", "기한"},
    [WAITING_FROM] = {"from", "발신"},
    [WAITING_TO] = {"to", "수신"},
    [WAITING_KIND] = {"kind", "종류"},
    [WAITING_STATUS] = {"status", "구분"},
    [WAITING_CLAUSE] = {"clause", "조항"},
    [WAITING_PERSONS] = {"persons", "담당관"},
    [WAITING_SINCE] = {"since", "시각"},
    [WAITING_OFFICER] = {"officer", "담당관"},
    [WAITING_REASON] = {"reason", "사유"},
    [WAITING_NUMBER] = {"number", "번호"},
    [WAITING_REQUESTER] = {"asked by", "청구인"},
    [WAITING_STANDS] = {"stands", "현황"}};

static const enum waiting_column of_cases[] = {WAITING_SUBJECT, WAITING_RECEIVED, WAITING_DUE,
                                               WAITING_FROM,    WAITING_TO,       WAITING_KIND,
                                               WAITING_STATUS,  WAITING_CLAUSE,   WAITING_PERSONS};
static const enum waiting_column of_suspensions[] = {WAITING_SUBJECT, WAITING_SINCE,
                                                     WAITING_OFFICER, WAITING_REASON};
static const enum waiting_column of_holds[] = {WAITING_SUBJECT, WAITING_SINCE, WAITING_PERSONS,
                                               WAITING_REASON};
static const enum waiting_column of_requests[] = {WAITING_NUMBER,   WAITING_REQUESTER,
                                                  WAITING_RECEIVED, WAITING_DUE,
                                                  WAITING_STANDS,   WAITING_REASON};

size_t waiting_columns(unsigned list, const enum waiting_column **out)
{
    switch (list) {
    case CONTROL_SUSPENSIONS: *out = of_suspensions; return ARRAY_LEN(of_suspensions);
    case CONTROL_HOLDS: *out = of_holds; return ARRAY_LEN(of_holds);
    case CONTROL_REQUESTS: *out = of_requests; return ARRAY_LEN(of_requests);
    default: *out = of_cases; return ARRAY_LEN(of_cases);
    }
}

const char *waiting_heading(enum waiting_column c, bool korean)
{
    return headings[c][korean];
}

/* ---- what an item has */

static void put(struct bytes b, struct buf *out)
{
    buf_put(out, b.p, b.n);
}

static void put_time(int64_t us, struct buf *out)
{
    char text[TIME_TEXT];
    if (us == 0)
        return;
    time_text_s(us, zone_named("Asia/Seoul"), text);
    buf_text(out, text);
}

/* "1/2 npa-daejeon/kim": how many have acted, of how many, and who. */
static void put_persons(const struct control_item *i, struct buf *out)
{
    buf_printf(out, "%zu/%u", i->officers, i->persons);
    for (size_t k = 0; k < i->officers; k++) {
        buf_text(out, " ");
        put(i->officer[k], out);
    }
}

/* What the gateway suspends by itself has a word of a table for a reason; officers write theirs. */
static void put_reason(const struct control_item *i, bool korean, struct buf *out)
{
    char word[64];
    (void)snprintf(word, sizeof word, "%.*s", (int)i->reason.n, (const char *)i->reason.p);
    const char *meaning = i->officers > 0 && bytes_is(i->officer[0], "gateway")
                              ? offence_meaning(word, korean)
                              : NULL;
    put(meaning != NULL ? bytes_of_text(meaning) : i->reason, out);
}

/* How a request for footage stands. */
static void put_standing(const struct control_item *i, bool korean, struct buf *out)
{
    const bool decided = i->failed.n > 0, masked = i->clause.n > 0;
    const char *stands = decided  ? claim_outcome_text(claim_outcome_named(i->failed), korean)
                         : masked ? (korean ? "가림 처리됨" : "masked")
                         : i->went_ahead ? (korean ? "연기됨" : "postponed")
                                         : "";
    const char *late = korean ? "기한이 지남" : "overdue";
    buf_printf(out, "%s%s%s%s", i->overdue ? late : "", i->overdue && *stands != '\0' ? ", " : "",
               stands, decided ? " (1/2)" : "");
}

void waiting_put(const struct control_item *i, enum waiting_column c, bool korean, struct buf *out)
{
    switch (c) {
    case WAITING_SUBJECT:
    case WAITING_NUMBER: put(i->subject, out); return;
    case WAITING_REQUESTER: put(i->role, out); return;
    case WAITING_STANDS: put_standing(i, korean, out); return;
    case WAITING_RECEIVED:
    case WAITING_SINCE: put_time(i->since_us, out); return;
    case WAITING_DUE: put_time(i->due_us, out); return;
    case WAITING_FROM: put(i->envelope.source, out); return;
    case WAITING_TO: put(i->unit, out); return;
    case WAITING_KIND: put(i->envelope.kind, out); return;
    case WAITING_STATUS: put(i->envelope.status, out); return;
    case WAITING_CLAUSE: put(i->clause, out); return;
    case WAITING_PERSONS: put_persons(i, out); return;
    case WAITING_OFFICER: put(i->officer[0], out); return;
    case WAITING_REASON: put_reason(i, korean, out); return;
    case WAITING_COLUMNS: return;
    }
}

/* ---- one item, with everything */

struct rows {
    const struct control_item *i;
    bool korean;
    struct buf value;
    void (*row)(void *arg, const char *name, struct bytes value);
    void *arg;
};

static void text(struct rows *r, const char *en, const char *ko, struct bytes value)
{
    if (value.n > 0)
        r->row(r->arg, r->korean ? ko : en, value);
}

static void made(struct rows *r, const char *en, const char *ko)
{
    text(r, en, ko, buf_view(&r->value));
    buf_clear(&r->value);
}

static void cell(struct rows *r, enum waiting_column c)
{
    waiting_put(r->i, c, r->korean, &r->value);
    made(r, headings[c][0], headings[c][1]);
}

static const char *state_text(const struct control_item *i, bool korean)
{
    static const char *const texts[][2] = {
        {"nobody has it yet", "아직 제공되지 않음"},
        {"went ahead at night on one approval; the second is owed",
         "야간에 한 사람의 승인으로 제공됨: 두 번째 승인 필요"},
        {"overdue", "기한이 지남"}};
    return texts[i->overdue ? 2 : i->went_ahead ? 1 : 0][korean];
}

static void each_of_case(struct rows *r, unsigned list)
{
    const struct control_item *i = r->i;
    const struct road_envelope *e = &i->envelope;
    char id[UUID_TEXT + 1];
    uuid_text(&e->id, id);
    cell(r, WAITING_SUBJECT);
    text(r, "message", "메시지", bytes_of_text(id));
    cell(r, WAITING_KIND);
    cell(r, WAITING_FROM);
    cell(r, WAITING_TO);
    text(r, "service", "서비스", e->service);
    text(r, "purpose", "이용 목적", e->purpose);
    text(r, "basis", "법적 근거", e->basis);
    text(r, "status", "상태", e->status);
    for (size_t k = 0; k < e->incidents; k++)
        text(r, "incident", "사건", e->incident[k]);
    cell(r, WAITING_CLAUSE);
    text(r, "because", "까닭", i->failed);
    cell(r, WAITING_RECEIVED);
    cell(r, WAITING_DUE);
    text(r, "role", "역할", i->role);
    for (size_t k = 0; k < i->parties; k++)
        text(r, "of", "소속", i->party[k]);
    cell(r, WAITING_PERSONS);
    if (list != ROAD_EMERGENCY || i->overdue)
        text(r, "state", "현황", bytes_of_text(state_text(i, r->korean)));
}

static void each_of_request(struct rows *r)
{
    const struct control_item *i = r->i;
    cell(r, WAITING_NUMBER);
    text(r, "asked by", "청구인", bytes_of_text(claimant_text(claimant_named(i->role), r->korean)));
    cell(r, WAITING_RECEIVED);
    cell(r, WAITING_DUE);
    text(r, "about", "청구 내용", i->reason);
    if (i->went_ahead)
        text(r, "postponed", "연기", bytes_of_text(r->korean ? "예" : "yes"));
    text(r, "masked", "가림 처리 파일", i->clause);
    text(r, "masked by", "가림 처리한 사람", i->unit);
    text(r, "decided first by", "먼저 처분한 사람", i->officer[0]);
    cell(r, WAITING_STANDS);
}

void waiting_each(const struct control_item *i, unsigned list, bool korean,
                  void (*row)(void *arg, const char *name, struct bytes value), void *arg)
{
    struct rows r = {i, korean, BUF_INIT(1 << 16), row, arg};
    if (list == CONTROL_REQUESTS)
        each_of_request(&r);
    else
        each_of_case(&r, list);
    buf_free(&r.value);
}
