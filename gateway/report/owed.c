#include "report/owed.h"

#include "report/world.h"

static void answer(struct owed *o, const struct leaf *leaf, struct arena *a)
{
    struct bytes detail = leaf->detail, act;
    o->answer = leaf->event == AUDIT_RETAINED       ? OWED_RETAINED
                : leaf->event == AUDIT_NEVER_STORED ? OWED_NEVER_STORED
                                                    : OWED_DESTROYED;
    o->answered = leaf->index;
    o->answered_us = leaf->time_us;
    o->stated_us = world_second(leaf, "destroyed");
    o->until_us = world_second(leaf, "until");
    o->under = leaf_detail(&detail, "under", &act) ? arena_copy(a, act) : bytes_of(NULL, 0);
    o->receipt = leaf->refers;
}

void owed_take_leaf(struct owed *o, const struct leaf *leaf, struct arena *a)
{
    if (leaf->event == AUDIT_ORDERED)
        *o = (struct owed){.ordered = leaf->index,
                           .ordered_us = leaf->time_us,
                           .receipt_by_us = world_second(leaf, "by")};
    else if (leaf->event == AUDIT_RECEIPT_OVERDUE)
        o->overdue = leaf->index;
    else
        answer(o, leaf, a);
}
