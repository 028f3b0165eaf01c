/* A record's chain: what became of it, from leaves alone. */
#include "report/chain.h"

#include "support.h"

/* The next leaf of the chain's log. */
static uint64_t tell(struct chain *c, enum audit_event event, uint64_t refers, const char *detail)
{
    static uint64_t next = 4711;
    const struct leaf_recipient r = {.unit = W(POLICE), .clause = W("mou#grant")};
    const struct leaf leaf = {.event = event,
                              .index = c->is_there ? next++ : c->record,
                              .time_us = TEN,
                              .recipient = &r,
                              .recipients = 1,
                              .has_refers = refers != 0,
                              .refers = refers,
                              .detail = W(detail)};
    assert_true(chain_take(c, &leaf));
    return leaf.index;
}

static bool says(const struct chain *c, const char *words)
{
    struct buf json = BUF_INIT(1 << 16);
    chain_json(c, &json);
    bool found = strstr(buf_c(&json), words) != NULL;
    buf_free(&json);
    return found;
}

static void what_was_retained_is_ordered_again_and_the_old_answer_is_none(void **state)
{
    (void)state;
    struct chain *c = chain_new(7);
    char items[64];
    (void)tell(c, AUDIT_RECEIVED, 0, "scopes=9");
    const uint64_t released = tell(c, AUDIT_RELEASED, 7, "scope=9");
    (void)snprintf(items, sizeof items, "order=o under=kr/pipa/21-1 until=1795222800 items=%llu",
                   (unsigned long long)released);
    (void)tell(c, AUDIT_ORDERED, 0, items);
    (void)tell(c, AUDIT_RETAINED, 8, items);
    assert_true(says(c, "\"answer\":\"retained\"") && says(c, "\"until_us\":1795222800000000"));
    (void)tell(c, AUDIT_ORDERED, 0, items);
    assert_true(says(c, "\"answer\":\"none\""));
    assert_false(says(c, "\"until_us\""));
    (void)tell(c, AUDIT_RECEIPT_OVERDUE, 0, items);
    assert_true(says(c, "\"overdue_leaf\""));
    (void)tell(c, AUDIT_RECIPIENT_DESTROYED, 9, items);
    assert_true(says(c, "\"answer\":\"destroyed\""));
    chain_free(c);
}

/* A recipient that opens it as often as it likes keeps nobody from a certificate. */
static void openings_without_end_leave_room_for_its_destruction(void **state)
{
    (void)state;
    struct chain *c = chain_new(7);
    (void)tell(c, AUDIT_RECEIVED, 0, "scopes=9");
    const uint64_t released = tell(c, AUDIT_RELEASED, 7, "scope=9");
    const struct leaf_recipient r = {.unit = W(POLICE)};
    struct leaf opened = {.event = AUDIT_OPENED,
                          .time_us = TEN,
                          .recipient = &r,
                          .recipients = 1,
                          .has_refers = true,
                          .refers = released};
    for (opened.index = released + 1; opened.index < released + CHAIN_LINKS_MAX; opened.index++)
        (void)chain_take(c, &opened);
    assert_true(c->is_cut);
    (void)tell(c, AUDIT_DESTROYED, 0, "scope=9 cause=deadline method=key-erased level=file");
    assert_int_equal(chain_state(c), CHAIN_DESTROYED);
    assert_false(c->is_full);
    chain_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_retained_is_ordered_again_and_the_old_answer_is_none),
        cmocka_unit_test(openings_without_end_leave_room_for_its_destruction),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
