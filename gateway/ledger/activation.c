/* Policy sets come into force: which may, and the record of those that did. */
#include "ipc/activation.h"

#include "ledger/state.h"

#include <inttypes.h>
#include <stdio.h>

static enum result take(struct bytes body, struct activation *out)
{
    struct cursor in = cursor_over(body);
    return activation_take(&in, out);
}

static bool is_set(const struct activation *a, uint64_t serial, const uint8_t *sha256)
{
    return a->serial == serial && memcmp(a->sha256, sha256, ACTIVATION_DIGEST) == 0;
}

/* Serials only rise, but for the set that is in force already, and the fallback that it names. */
static bool may_follow(const struct ledger *l, const struct activation *a, char why[LEDGER_WHY])
{
    struct activation now = {0};
    if (l->in_force.n == 0 || take(buf_view(&l->in_force), &now) != RESULT_OK ||
        a->serial > l->highest_serial || is_set(a, now.serial, now.sha256) ||
        (now.fallback_serial != 0 && is_set(a, now.fallback_serial, now.fallback_sha256)))
        return true;
    if (a->serial == now.serial)
        (void)snprintf(why, LEDGER_WHY,
                       "stale: serial %" PRIu64 " is in force with other files; raise the serial",
                       a->serial);
    else
        (void)snprintf(why, LEDGER_WHY,
                       "stale: serial %" PRIu64 " is not above %" PRIu64
                       ", the highest so far, nor the fallback of the set in force",
                       a->serial, l->highest_serial);
    return false;
}

static void describe(const struct ledger *l, const struct activation *a, struct buf *out)
{
    char hex[2 * ACTIVATION_DIGEST + 1];
    struct activation now = {0};
    bool first = l->in_force.n == 0 || take(buf_view(&l->in_force), &now) != RESULT_OK;
    bytes_to_hex(bytes_of(a->sha256, sizeof a->sha256), hex);
    buf_printf(out, "set=%.*s sha256=%s signatures=%s", (int)a->set.n, (const char *)a->set.p, hex,
               a->signatures_required ? "required" : "not-required");
    for (size_t i = 0; i < a->signers; i++)
        buf_printf(out, "%s%.*s", i == 0 ? " officers=" : ",", (int)a->signer[i].name.n,
                   (const char *)a->signer[i].name.p);
    if (!first)
        buf_printf(out, " previous=%" PRIu64, now.serial);
}

enum result ledger_activate(struct ledger *l, struct bytes body, char why[LEDGER_WHY])
{
    struct activation a;
    struct buf detail = BUF_INIT(4096);
    why[0] = '\0';
    TRY(take(body, &a));
    if (!may_follow(l, &a, why))
        return RESULT_OK;
    TRY(ledger_make_frame_room(l, body.n + 4096));
    if (!ledger_has_room(l, body.n + 4096)) {
        (void)snprintf(why, LEDGER_WHY, "full: the journal has no room for the record");
        return RESULT_OK;
    }
    describe(l, &a, &detail);
    struct leaf leaf = {
        .event = AUDIT_POLICY_ACTIVATED, .policy = a.serial, .detail = buf_view(&detail)};
    enum result r = ledger_leaf(l, &leaf, NULL);
    buf_free(&detail);
    if (r == RESULT_OK)
        r = ledger_record(l, RECORD_ACTIVATED, body);
    return r == RESULT_OK ? ledger_commit(l) : r;
}

struct bytes ledger_in_force(const struct ledger *l)
{
    return buf_view(&l->in_force);
}

enum result activation_apply(struct ledger *l, struct bytes body)
{
    struct activation a;
    if (take(body, &a) != RESULT_OK)
        return RESULT_DAMAGED;
    if (a.serial > l->highest_serial)
        l->highest_serial = a.serial;
    buf_clear(&l->in_force);
    buf_put(&l->in_force, body.p, body.n);
    return buf_status(&l->in_force);
}
