/*
 * How far the other roles are shut in, on record: of each process once, and of each again when the
 * ledger begins, which has forgotten what it recorded. The ledger's own level stands in
 * AUDIT_GATEWAY_STARTED.
 */
#include "ledger/state.h"

#include "ipc/live.h"
#include "ledger/acts.h"

#include <inttypes.h>
#include <stdio.h>

/* The words that role_close_door makes. A role that was taken over may send others: they must not
 * come into the log. */
struct level {
    uint64_t landlock, calls;
    const char *memory;
};

static bool take_level(struct bytes t, struct level *out)
{
    if (!act_take_word(&t, "landlock=") || !act_take_number(&t, UINT32_MAX, &out->landlock) ||
        !act_take_word(&t, " calls=") || !act_take_number(&t, UINT32_MAX, &out->calls) ||
        !act_take_word(&t, " memory="))
        return false;
    out->memory = bytes_is(t, "locked") ? "locked" : "hidden";
    return bytes_is(t, out->memory);
}

static enum result record(struct ledger *l, const struct live_role *r, const struct level *is)
{
    char detail[128];
    const int n =
        snprintf(detail, sizeof detail, "role=%s landlock=%" PRIu64 " calls=%" PRIu64 " memory=%s",
                 ipc_role_name((enum ipc_role)r->role), is->landlock, is->calls, is->memory);
    struct leaf leaf = {.event = AUDIT_ROLE_SHUT_IN, .detail = bytes_of(detail, (size_t)n)};
    l->shut_in[r->role] = (struct shut_in){r->pid, r->since_us};
    return ledger_leaf(l, &leaf, NULL);
}

static bool is_recorded(const struct ledger *l, const struct live_role *r)
{
    const struct shut_in *last = &l->shut_in[r->role];
    return r->role == ROLE_ID_LEDGER || (last->pid == r->pid && last->since_us == r->since_us);
}

enum result ledger_roles(struct ledger *l, struct bytes roles)
{
    struct cursor in = cursor_over(roles);
    struct live_role r;
    struct level is;
    size_t count;
    if (!live_roles_fit(roles, &count))
        return RESULT_OK;
    TRY(ledger_make_frame_room(l, 0));
    while (in.left > 0 && live_role_take(&in, &r) == RESULT_OK) {
        if (r.pid == 0 || is_recorded(l, &r) || !take_level(r.attained, &is) ||
            !ledger_has_room(l, 0))
            continue;
        TRY(record(l, &r, &is));
    }
    return RESULT_OK;
}
