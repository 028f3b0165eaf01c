/* Duties in a snapshot, beside the message that they came with. */
#include "ledger/state.h"

#include "base/mem.h"

enum { NO_RESERVE = 255 }; /* behind every recipient's number */

void duty_put(const struct ledger *l, const struct stored *s, unsigned number, struct buf *out)
{
    const struct ledger_duty *duty = duty_of(l, s->index, number);
    const struct duty_name *name;
    size_t names = 0;
    buf_bool(out, duty != NULL);
    if (duty == NULL)
        return;
    buf_i64(out, duty->within_us);
    buf_i64(out, duty->by_us);
    buf_bool(out, duty->begun);
    buf_bool(out, duty->escalated);
    buf_u8(out, duty->reserve == NULL ? NO_RESERVE : duty->reserve->recipient);
    LIST_FOREACH (name, &duty->names, of_duty)
        names++;
    buf_u32(out, (uint32_t)names);
    LIST_FOREACH (name, &duty->names, of_duty) {
        buf_u64(out, name->index);
        buf_bytes16(out, bytes_of_text(name->unit));
    }
}

/* Its copies are there already: those that wait for persons, and the one in reserve. */
static enum result find_copies(struct ledger_duty *duty, unsigned reserve)
{
    struct delivery *d;
    LIST_FOREACH (d, &duty->stored->deliveries, of_stored) {
        if (d->duty == duty->key[1] && d->duty_waits)
            duty->waiting++;
        if (d->duty == duty->key[1] && d->recipient == reserve)
            duty->reserve = d;
    }
    return (reserve == NO_RESERVE) == (duty->reserve == NULL) ? RESULT_OK : RESULT_DAMAGED;
}

static enum result take_names(struct ledger *l, struct ledger_duty *duty, struct cursor *in)
{
    uint32_t names;
    TRY(cursor_u32(in, &names));
    for (uint32_t i = 0; i < names; i++) {
        uint64_t index;
        char unit[IDENT_UNIT_MAX + 1];
        TRY(cursor_u64(in, &index));
        TRY(ledger_take_text(in, unit, sizeof unit));
        duty_add_name(l, duty, index, unit);
    }
    return RESULT_OK;
}

enum result duty_restore(struct ledger *l, struct stored *s, unsigned number, struct cursor *in)
{
    bool is_there;
    uint8_t reserve;
    TRY(cursor_bool(in, &is_there));
    if (!is_there)
        return RESULT_OK;
    struct ledger_duty *duty = mem_new(sizeof *duty);
    *duty = (struct ledger_duty){.key = {s->index, number}, .stored = s};
    LIST_INIT(&duty->names);
    if (!map_add(l->duties, duty)) {
        mem_free(duty);
        return RESULT_DAMAGED;
    }
    stored_hold(s);
    TRY(cursor_i64(in, &duty->within_us));
    TRY(cursor_i64(in, &duty->by_us));
    TRY(cursor_bool(in, &duty->begun));
    TRY(cursor_bool(in, &duty->escalated));
    TRY(cursor_u8(in, &reserve));
    if (duty->escalated)
        heap_set(&l->duties_over, &duty->due, time_after(duty->by_us, DUTY_OVER_AFTER));
    else
        heap_set(&l->duties_due, &duty->due, duty->by_us);
    TRY(find_copies(duty, reserve));
    return take_names(l, duty, in);
}
