#include "ledger/views.h"

#include "audit/fact.h"
#include "base/buckets.h"
#include "base/mem.h"
#include "ipc/console_road.h"
#include "ledger/acts.h"
#include "ledger/register.h"

#include <inttypes.h>
#include <stdio.h>

enum { ROOM = 8192 };

struct views {
    struct bucket budget;
    struct buckets *of_unit;
    struct buf answers; /* that wait for the commit: console_viewed, each with its length */
};

static const struct bucket_size size = {VIEWS_MOST, VIEWS_A_SECOND},
                                unit_size = {VIEWS_UNIT_MOST, VIEWS_UNIT_A_SECOND};

struct views *views_new(const struct ledger *l)
{
    struct views *v = mem_new(sizeof *v);
    bucket_init(&v->budget, &size, clock_steady_us(&l->config.clock));
    v->of_unit = buckets_new(VIEWS_UNITS, unit_size);
    buf_init(&v->answers, SIZE_MAX / 2);
    return v;
}

void views_free(struct views *v)
{
    if (v == NULL)
        return;
    buckets_free(v->of_unit);
    buf_free(&v->answers);
    mem_free(v);
}

void views_let_go(struct ledger *l)
{
    struct cursor in = cursor_over(buf_view(&l->views->answers));
    struct bytes body;
    while (l->config.tell_console != NULL && cursor_bytes16(&in, &body) == RESULT_OK)
        l->config.tell_console(l->config.arg, IPC_CONSOLE_VIEWED, body);
    buf_clear(&l->views->answers);
}

void ledger_console_went(struct ledger *l)
{
    buf_clear(&l->views->answers);
}

static void answer(struct ledger *l, uint64_t ticket, enum control_code code, uint64_t index)
{
    const struct console_viewed said = {ticket, (uint8_t)code, index};
    struct buf body = BUF_INIT(64);
    console_viewed_put(&said, &body);
    buf_bytes16(&l->views->answers, buf_view(&body));
    buf_free(&body);
}

/* ---- judging */

static bool is_suspended(const struct ledger *l, const char *what, struct bytes name)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, "%s%.*s", what, (int)name.n, (const char *)name.p);
    return suspension_get(l, bytes_of_text(subject)) != NULL;
}

/* By the policy set, by what officers suspended, and by the certificates that they revoked. */
static bool may_enter(const struct ledger *l, const struct console_view *v)
{
    char unit[IDENT_UNIT_MAX + 1], digits[2 * CONSOLE_FINGERPRINT + 1];
    if (l->config.has_console == NULL || !l->config.has_console(l->config.arg, v->unit))
        return false;
    (void)snprintf(unit, sizeof unit, "%.*s", (int)v->unit.n, (const char *)v->unit.p);
    bytes_to_hex(bytes_of(v->certificate, sizeof v->certificate), digits);
    return !suspensions_bar(l, unit) && !is_suspended(l, "unit ", v->unit) &&
           !is_suspended(l, "certificate ", bytes_of_text(digits));
}

static bool is_well_formed(const struct ledger *l, const struct console_view *v)
{
    return ident_split_unit(v->unit, NULL, NULL) && console_is_page(v->page) &&
           console_is_form(v->form) && (!v->has_record || v->record < l->leaves) &&
           v->to <= l->leaves && (v->to == 0 ? v->from == 0 : v->from < v->to);
}

/* Asking too often costs nothing more: the others' pages come again as time fills it. */
static bool has_budget(struct ledger *l, struct bytes unit)
{
    const int64_t now_us = clock_steady_us(&l->config.clock);
    return buckets_pay(l->views->of_unit, unit, now_us) &&
           bucket_left(&l->views->budget, &size, now_us) > 0 &&
           bucket_spend(&l->views->budget, &size, now_us, 1);
}

static enum control_code judge(struct ledger *l, const struct console_view *v)
{
    if (!has_budget(l, v->unit))
        return CONTROL_CODE_TOO_MANY;
    if (!is_well_formed(l, v))
        return CONTROL_CODE_MALFORMED;
    if (v->reason.n > 0 && !act_is_reason(v->reason))
        return CONTROL_CODE_BAD_REASON;
    if (!may_enter(l, v))
        return CONTROL_CODE_NO_CONSOLE;
    return ledger_has_room(l, ROOM) && !l->log_is_full ? CONTROL_CODE_DONE : CONTROL_CODE_DISK_FULL;
}

/* ---- recording */

/* What the leaf must not hold: the reason, and whose certificate it was. Nothing without a reason,
 * which only pages with records ask for. */
static enum result seal_reason(struct ledger *l, const struct console_view *v,
                               struct road_fact *out, struct buf *room)
{
    char digits[2 * CONSOLE_FINGERPRINT + 1];
    struct buf plain = BUF_INIT(FACT_MAX);
    struct fact f = {.reason = v->reason, .evidences = 1};
    *out = (struct road_fact){0};
    if (v->reason.n == 0)
        return RESULT_OK;
    bytes_to_hex(bytes_of(v->certificate, sizeof v->certificate), digits);
    f.evidence[0] = (struct fact_evidence){bytes_of_text("certificate"), bytes_of_text(digits)};
    enum result r = fact_write(&f, &plain);
    if (r == RESULT_OK)
        r = register_seal(l, buf_view(&plain), out, room);
    buf_free(&plain);
    return r;
}

static enum result leave_leaf(struct ledger *l, const struct console_view *v,
                              const struct road_fact *fact, uint64_t *index)
{
    char detail[256];
    struct leaf leaf = {.event = AUDIT_VIEWED,
                        .source = v->unit,
                        .has_refers = v->has_record,
                        .refers = v->has_record ? v->record : 0};
    int n = snprintf(detail, sizeof detail, "page=%.*s form=%.*s", (int)v->page.n,
                     (const char *)v->page.p, (int)v->form.n, (const char *)v->form.p);
    if (v->to > 0)
        n += snprintf(detail + n, sizeof detail - (size_t)n, " from=%" PRIu64 " to=%" PRIu64,
                      v->from, v->to - 1);
    leaf.detail = bytes_of(detail, (size_t)n);
    return ledger_leaf_with(l, &leaf, fact, index);
}

/* Without a keeper the reason could not be kept: nothing is shown for it. */
static enum result record(struct ledger *l, const struct console_view *v, enum control_code *code,
                          uint64_t *index)
{
    struct road_fact fact;
    struct buf room = BUF_INIT(UINT16_MAX);
    enum result r = seal_reason(l, v, &fact, &room);
    if (r == RESULT_OK)
        r = leave_leaf(l, v, &fact, index);
    else if (r == RESULT_UNAVAILABLE) {
        *code = CONTROL_CODE_NO_KEEPER;
        r = RESULT_OK;
    }
    buf_free(&room);
    return r;
}

enum result ledger_console_view(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct console_view v;
    uint64_t index = 0;
    TRY(console_view_take(&in, &v));
    TRY(ledger_make_frame_room(l, ROOM));
    enum control_code code = judge(l, &v);
    if (code == CONTROL_CODE_DONE)
        TRY(record(l, &v, &code, &index));
    if (code != CONTROL_CODE_DONE && code != CONTROL_CODE_TOO_MANY)
        log_line(l->config.log, LOG_NOTE, "view-refused", "why=%s", control_code_word(code));
    answer(l, v.ticket, code, index);
    return RESULT_OK;
}
