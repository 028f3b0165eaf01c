/* A request for footage as the gateway has it, for programs. */
#include "cli/control.h"
#include "json/json.h"

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
