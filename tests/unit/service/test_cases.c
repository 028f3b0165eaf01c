/* What persons decide, as the edge sees it: suspensions, and messages that wait. */
#include "video.h"

static void suspend(struct fixture *f, const char *subject)
{
    struct buf body = BUF_INIT(256);
    if (subject != NULL)
        buf_bytes16(&body, bytes_of_text(subject));
    desk_say(&f->d, IPC_SUSPENSIONS, &body);
}

static const char *asked(struct fixture *f)
{
    publish(f, DESK_ASK);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    return f->caller.receipt;
}

static void what_is_suspended_is_refused_until_it_is_resumed(void **state)
{
    struct fixture *f = *state;
    assert_says(asked(f), "VERDICT_ACCEPTED");
    suspend(f, "unit " CENTRE);
    assert_says(asked(f), "REASON_PARTY_SUSPENDED");
    suspend(f, "grant molit-npa-2015#video-request");
    assert_says(asked(f), "REASON_SUSPENDED");
    suspend(f, "grant molit-npa-2015#nothing"); /* no set has it: nothing stops */
    assert_says(asked(f), "VERDICT_ACCEPTED");
    suspend(f, NULL);
    assert_says(asked(f), "VERDICT_ACCEPTED");
}

static void a_suspension_ends_open_streams_at_once(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    suspend(f, "unit " POLICE); /* no time passes */
    assert_null(f->v.watcher);
    assert_says(f->v.end, "REASON_PARTY_SUSPENDED");
    assert_null(f->x.sender);
}

static void a_suspension_outlives_a_new_set_and_a_ledger_that_went(void **state)
{
    struct fixture *f = *state;
    suspend(f, "unit " CENTRE);
    edge_set_policy(f->d.edge, desk_policy(&f->d));
    assert_says(asked(f), "REASON_PARTY_SUSPENDED");
}

static void what_the_ledger_would_not_say_ends_its_channel(void **state)
{
    struct fixture *f = *state;
    const struct channel_message m = {IPC_SUSPENSIONS, bytes_of("\0\5abc", 5), -1};
    assert_int_not_equal(edge_ledger_said(f->d.edge, &m), RESULT_OK);
    assert_says(asked(f), "VERDICT_ACCEPTED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_suspended_is_refused_until_it_is_resumed),
        T(a_suspension_ends_open_streams_at_once),
        T(a_suspension_outlives_a_new_set_and_a_ledger_that_went),
        T(what_the_ledger_would_not_say_ends_its_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
