#include "ledger/prune.h"

#include "audit/pruned.h"

enum { BUNDLES_A_TURN = 64 };

static int64_t kept_us(const struct ledger *l)
{
    return l->config.register_keep_us > LOG_KEPT_LEAST ? l->config.register_keep_us
                                                       : LOG_KEPT_LEAST;
}

/* The time of an entry; false when it cannot be read. */
static bool time_of(const struct ledger *l, uint64_t index, int64_t *at_us)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    struct leaf_room *room;
    bool good = ledger_leaf_read(l, index, &entry, &leaf, &room) == RESULT_OK;
    if (good)
        *at_us = leaf.time_us;
    leaf_room_free(room);
    buf_free(&entry);
    return good;
}

enum control_code prune_judge(const struct ledger *l, struct bytes subject,
                              const struct ledger_officer *who)
{
    uint64_t below;
    int64_t at_us;
    if (!who->reads_all ||
        (strcmp(who->role, "records-officer") != 0 && strcmp(who->role, "privacy-officer") != 0))
        return CONTROL_CODE_WRONG_ROLE;
    if (!pruned_subject(subject, &below) || below > l->published_size || below <= l->prune.below ||
        !time_of(l, below - 1, &at_us))
        return CONTROL_CODE_BAD_MINIMUM;
    return time_after(at_us, kept_us(l)) <= ledger_now(l) ? CONTROL_CODE_DONE
                                                          : CONTROL_CODE_TOO_YOUNG;
}

void prune_begin(struct ledger *l, struct bytes subject, struct bytes text, struct bytes signature)
{
    struct prune *p = &l->prune;
    uint64_t below;
    if (!pruned_subject(subject, &below)) /* it was judged: not so */
        return;
    if (below <= p->below || below <= p->wanted)
        return;
    p->wanted = below;
    buf_clear(&p->text);
    buf_clear(&p->signature);
    buf_put(&p->text, text.p, text.n);
    buf_put(&p->signature, signature.p, signature.n);
}

/* Bundles go from the first on: those that are left of a range that was being let go are its last.
 */
enum result prune_resume(struct ledger *l)
{
    struct prune *p = &l->prune;
    TRY(pruned_read(l->config.audit_folder, &p->below));
    p->next = p->below / TILE_WIDTH;
    while (p->next > 0 && pruned_has(l->config.audit_folder, p->next - 1))
        p->next--;
    return RESULT_OK;
}

bool prune_is_busy(const struct ledger *l)
{
    return l->prune.next < l->prune.below / TILE_WIDTH;
}

static enum result write_statement(struct ledger *l)
{
    struct prune *p = &l->prune;
    enum result r =
        pruned_write(l->config.audit_folder, buf_view(&p->text), buf_view(&p->signature));
    if (r == RESULT_FULL)
        return RESULT_OK; /* again at the next turn */
    TRY(r);
    p->below = p->wanted;
    return RESULT_OK;
}

enum result prune_turn(struct ledger *l)
{
    struct prune *p = &l->prune;
    if (p->wanted > p->below)
        TRY(write_statement(l));
    if (prune_is_busy(l))
        tiles_forget_looked(l->tiles);
    for (size_t n = 0; n < BUNDLES_A_TURN && p->next < p->below / TILE_WIDTH; n++) {
        enum result r = pruned_forget(l->config.audit_folder, p->next);
        if (r != RESULT_OK && r != RESULT_NOT_FOUND)
            return r;
        p->next++;
    }
    return RESULT_OK;
}
