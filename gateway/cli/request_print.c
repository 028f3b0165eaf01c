/* A request for footage as the gateway has it, for people and for programs. */
#include "audit/claim.h"
#include "cli/control.h"
#include "json/json.h"

static const char *outcome_text(const struct control_item *i, bool korean)
{
    return claim_outcome_text(claim_outcome_named(i->failed), korean);
}

void request_stands(const struct control_item *i, bool korean, char *out, size_t room)
{
    const bool decided = i->failed.n > 0, masked = i->clause.n > 0;
    const char *stands = decided         ? outcome_text(i, korean)
                         : masked        ? (korean ? "가림 처리됨" : "masked")
                         : i->went_ahead ? (korean ? "연기됨" : "postponed")
                                         : "";
    const char *late = korean ? "기한이 지남" : "overdue";
    (void)snprintf(out, room, "%s%s%s%s", i->overdue ? late : "",
                   i->overdue && *stands != '\0' ? ", " : "", stands, decided ? " (1/2)" : "");
}

void request_print_facts(const struct control_item *i, bool korean, struct cli_table *t)
{
    char stands[400];
    const unsigned by = claimant_named(i->role);
    request_stands(i, korean, stands, sizeof stands);
    control_row(t, korean ? "번호" : "number", i->subject);
    control_row(t, korean ? "청구인" : "asked by", bytes_of_text(claimant_text(by, korean)));
    control_row_time(t, korean ? "접수" : "received", i->since_us);
    control_row_time(t, korean ? "기한" : "due", i->due_us);
    control_row(t, korean ? "청구 내용" : "about", i->reason);
    if (i->went_ahead)
        control_row(t, korean ? "연기" : "postponed", bytes_of_text(korean ? "예" : "yes"));
    control_row(t, korean ? "가림 처리 파일" : "masked", i->clause);
    control_row(t, korean ? "가림 처리한 사람" : "masked by", i->unit);
    control_row(t, korean ? "먼저 처분한 사람" : "decided first by", i->officer[0]);
    control_row(t, korean ? "현황" : "stands", bytes_of_text(stands));
}

void request_print_json(const struct control_item *i)
{
    struct buf out = BUF_INIT(1 << 16);
    buf_text(&out, "{");
    control_json_text(&out, "about", i->reason);
    control_json_text(&out, "askedBy", i->role);
    control_json_text(&out, "decidedFirstBy", i->officer[0]);
    control_json_time(&out, "due", i->due_us);
    control_json_text(&out, "masked", i->clause);
    control_json_text(&out, "maskedBy", i->unit);
    control_json_text(&out, "number", i->subject);
    control_json_text(&out, "outcome", i->failed);
    json_put_member_bool(&out, "overdue", i->overdue);
    json_put_member_bool(&out, "postponed", i->went_ahead);
    control_json_time(&out, "received", i->since_us);
    buf_text(&out, "}");
    (void)puts(buf_c(&out));
    buf_free(&out);
}
