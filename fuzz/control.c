/*
 * What somebody on this machine sends to the control socket, and what the gateway answers, as
 * fedgatectl reads it. The first byte chooses. There is one way to write each, so what was taken is
 * written again byte for byte; a reason that is accepted stands in one line.
 */
#include "fuzz.h"

#include "audit/claim.h"
#include "base/clock.h"
#include "ipc/control.h"
#include "ledger/acts.h"

#include <inttypes.h>
#include <stdio.h>

/* X(structure, taker, putter) */
#define STRUCTURES(X)                                                                              \
    X(struct control_request, control_request_take, control_request_put)                           \
    X(struct control_answer, control_answer_take, control_answer_put)                              \
    X(struct control_item, control_item_take, control_item_put)                                    \
    X(struct control_box, control_box_take, control_box_put)

#define COMES_BACK(structure, taker, putter)                                                       \
    static void comes_back_##taker(struct bytes bytes)                                             \
    {                                                                                              \
        structure s;                                                                               \
        struct cursor in = cursor_over(bytes);                                                     \
        struct buf out = BUF_INIT(CONTROL_ANSWER_MAX);                                             \
        if (taker(&in, &s) == RESULT_OK) {                                                         \
            putter(&s, &out);                                                                      \
            HOLDS(buf_status(&out) == RESULT_OK);                                                  \
            HOLDS(bytes_equal(buf_view(&out), bytes_of(bytes.p, bytes.n - in.left)));              \
        }                                                                                          \
        buf_free(&out);                                                                            \
    }
STRUCTURES(COMES_BACK)

static void reason_is_a_line(struct bytes reason)
{
    HOLDS(!act_is_reason(reason) ||
          (bytes_is_text(reason) && reason.n > 0 && memchr(reason.p, '\n', reason.n) == NULL));
}

/* In a subject: without leading zeros. */
static void number_is_written_once(struct bytes text)
{
    struct bytes rest = text;
    uint64_t n;
    char again[24];
    if (!act_take_number(&rest, UINT64_MAX, &n))
        return;
    (void)snprintf(again, sizeof again, "%" PRIu64, n);
    HOLDS(bytes_is(bytes_of(text.p, text.n - rest.n), again));
}

/* Of an act about a request for footage: what is taken says all that stands there. */
static void subject_is_written_once(struct bytes text)
{
    struct claim_subject s;
    struct buf again = BUF_INIT(1024);
    char day[TIME_TEXT];
    if (!claim_subject_take(text, &s))
        return;
    time_text_s(s.received_us, zone_named("Asia/Seoul"), day);
    buf_printf(&again, "request %.*s ", (int)s.number.n, (const char *)s.number.p);
    switch (s.step) {
    case CLAIM_OPENS: buf_printf(&again, "by %s received %.10s", claimant_word(s.by), day); break;
    case CLAIM_IS_POSTPONED: buf_text(&again, "postponed"); break;
    case CLAIM_IS_MASKED:
        buf_printf(&again, "masked %.*s", (int)s.masked.n, (const char *)s.masked.p);
        break;
    case CLAIM_IS_DECIDED: buf_printf(&again, "outcome %s", claim_outcome_word(s.outcome)); break;
    }
    HOLDS(bytes_equal(buf_view(&again), text));
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const each[])(struct bytes) = {
#define ROW(structure, taker, putter) comes_back_##taker,
        STRUCTURES(ROW)
#undef ROW
            reason_is_a_line,
        number_is_written_once, subject_is_written_once};
    struct cursor in = cursor_over(bytes_of(data, size));
    size_t chosen = fuzz_byte(&in) % ARRAY_LEN(each);
    each[chosen](bytes_of(in.at, in.left));
    return 0;
}
