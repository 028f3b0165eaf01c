/* What was released, as the log has it: asked for before it is passed on. */
#include "ledger/state.h"

static bool ends_with(struct bytes text, const char *end)
{
    size_t n = strlen(end);
    return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

static void fill(const struct leaf *leaf, struct road_provision *out)
{
    out->found = leaf->event == AUDIT_RELEASED && leaf->recipients == 1;
    if (!out->found)
        return;
    out->onward = ends_with(leaf->detail, ONWARD_DETAIL);
    out->source = leaf->source;
    out->unit = leaf->recipient[0].unit;
    out->clause = leaf->recipient[0].clause;
    out->deadline_us = leaf->recipient[0].deadline_us;
}

enum result provision_read(struct ledger *l, uint64_t index, struct road_provision *out,
                           struct leaf_room **room)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    enum result r = ledger_leaf_read(l, index, &entry, &leaf, room);
    if (r == RESULT_OK)
        fill(&leaf, out);
    buf_free(&entry);
    return r == RESULT_IO ? r : RESULT_OK;
}

enum result provision_get(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_provision out = {0};
    struct leaf_room *room;
    uint64_t index;
    TRY(cursor_u64(&in, &out.ticket));
    TRY(cursor_u64(&in, &index));
    TRY(cursor_done(&in));
    TRY(provision_read(l, index, &out, &room));
    buf_clear(&l->answer);
    road_provision_put(&out, &l->answer);
    ledger_answer(l, IPC_PROVISION, buf_view(&l->answer));
    leaf_room_free(room);
    return RESULT_OK;
}
