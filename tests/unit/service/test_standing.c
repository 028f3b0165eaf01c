/* Headquarters and consents, as the edge knows them. */
#include "publish.h"

#include "standing/standing.h"

#define CARRIER "carrier-hana/guardian-service"
#define DESK    "daejeon-city-center/protection-desk"
#define ROOM    "daejeon-city-center/disaster-room"
#define REF     "s-1001"
#define CONSENT "c-9-of-hers"

#define SUBJECT "'subject':{'party':'carrier-hana','ref':'" REF "'}"

struct fixture {
    struct desk d;
    struct session *carrier, *room;
    struct caller c, r;
};

static int begin(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    desk_new(&f->d);
    f->carrier = desk_session(&f->d, CARRIER);
    f->room = desk_session(&f->d, ROOM);
    caller_open(&f->c, f->carrier);
    caller_open(&f->r, f->room);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    desk_free(&f->d);
    mem_free(f);
    return 0;
}

static void send(struct fixture *f, struct caller *c, const char *source, const char *claim,
                 const char *body)
{
    char id[UUID_TEXT + 1];
    struct buf json = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
    desk_uuid(&f->d, id);
    buf_printf(&json,
               "{'header':{'id':'%s','source':'%s','createdAt':'2026-11-21T01:00:00Z',"
               "'status':'STATUS_ACTUAL',%s},%s}",
               id, source, claim, body);
    desk_encode("fedgate.v1.Message", &json, &out);
    struct shared *m = shared_copy(buf_view(&out));
    buf_free(&out);
    assert_int_equal(publisher_take(c->publisher, m, shared_view(m)), RESULT_OK);
    shared_drop(m);
}

#define PROTECTION                                                                                 \
    "'service':'vulnerable-persons','purpose':'vulnerable-protection',"                            \
    "'basis':{'code':'kr/location/19','evidence':[{'kind':'consent-reference','value':'" CONSENT   \
    "'}]}"

static void change(struct fixture *f, const char *state)
{
    char body[512];
    (void)snprintf(body, sizeof body,
                   "'consentChange':{" SUBJECT ",'consentRef':'" CONSENT "','state':'%s',"
                   "'purpose':['vulnerable-protection']}",
                   state);
    send(f, &f->c, CARRIER, PROTECTION, body);
}

/* Whether the next alert that rests on the consent is permitted. */
static bool alert_passes(struct fixture *f)
{
    char uuid[UUID_TEXT + 1], body[2048];
    desk_uuid(&f->d, uuid);
    (void)snprintf(body, sizeof body,
                   "'guardianAlert':{'alertId':'%s','sequence':1,'phase':'ALERT_PHASE_NEW'," SUBJECT
                   ",'category':['SUBJECT_CATEGORY_LIVING_ALONE'],'ageBand':'AGE_BAND_ADULT',"
                   "'trigger':'ALERT_TRIGGER_BUTTON','consent':{'ref':'" CONSENT
                   "','givenBy':'CONSENT_GIVER_SUBJECT','item':['location'],"
                   "'recipient':['daejeon-city-center'],'purpose':['vulnerable-protection']},"
                   "'position':{'latitude':36.35,'longitude':127.38,"
                   "'origin':'POSITION_ORIGIN_LIA_CONSENT'}}",
                   uuid);
    send(f, &f->c, CARRIER, PROTECTION, body);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    bool passes = strstr(f->c.receipt, "VERDICT_ACCEPTED") != NULL;
    if (!passes)
        assert_says(f->c.receipt, "REASON_CONSENT_WITHDRAWN");
    return passes;
}

static void a_consent_is_gone_when_its_change_is_on_disk(void **state)
{
    struct fixture *f = *state;
    change(f, "CONSENT_STATE_WITHDRAWN");
    desk_commit_next(&f->d, ROAD_NO_ROOM); /* the call ends, and nothing has changed */
    assert_null(f->c.publisher);
    caller_open(&f->c, f->carrier);
    assert_true(alert_passes(f));
    change(f, "CONSENT_STATE_WITHDRAWN");
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_says(f->c.receipt, "VERDICT_ACCEPTED");
    assert_false(alert_passes(f));
    change(f, "CONSENT_STATE_RESUMED");
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_true(alert_passes(f));
}

static bool stands_in(struct bytes text, const char *word)
{
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

/* Neither the journal nor the log, which are made of this, say whose consent it was. */
static void nobody_behind_the_edge_learns_whose_consent_it_was(void **state)
{
    struct fixture *f = *state;
    change(f, "CONSENT_STATE_WITHDRAWN");
    struct bytes told = desk_told(&f->d, IPC_COMMIT);
    struct road_commit *c = mem_new(sizeof *c);
    struct cursor in = cursor_over(told);
    struct standing_change change;
    assert_int_equal(road_commit_take(&in, c), RESULT_OK);
    assert_false(stands_in(told, REF) || stands_in(told, CONSENT));
    in = cursor_over(c->standing);
    assert_int_equal(standing_change_take(&in, &change), RESULT_OK);
    assert_int_equal(change.step, STANDING_WITHDRAWN);
    assert_int_equal(change.purposes, 1);
    assert_true(bytes_is(change.by, CARRIER));
    assert_false(stands_in(c->standing, "vulnerable-protection"));
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    mem_free(c);
}

static void a_purpose_that_the_set_does_not_know_is_refused_by_name(void **state)
{
    struct fixture *f = *state;
    send(f, &f->c, CARRIER, PROTECTION,
         "'consentChange':{" SUBJECT ",'consentRef':'" CONSENT
         "','state':'CONSENT_STATE_WITHDRAWN','purpose':['vulnerable-protectoin']}");
    desk_commit_next(&f->d, ROAD_ON_DISK);
    assert_says(f->c.receipt, "REASON_PURPOSE_UNKNOWN");
    assert_true(alert_passes(f));
}

static void keep_item(void *arg, struct bytes item)
{
    struct desk *d = arg;
    struct buf copy = BUF_INIT(4096);
    buf_put(&copy, item.p, item.n);
    desk_say(d, IPC_VIEW_STANDING, &copy);
}

/* What the edge knows of it comes with the ledger, and goes with it. */
static void a_ledger_that_comes_back_tells_it_again(void **state)
{
    struct fixture *f = *state;
    struct standing *ledgers = standing_new();
    struct standing_change region;
    struct buf none = BUF_INIT(1);
    send(f, &f->r, ROOM,
         "'service':'disaster','purpose':'disaster-response','basis':{'code':'kr/pipa/18-2-10',"
         "'evidence':[{'kind':'incident-id','value':'D-1'}]}",
         "'disasterStatus':{'region':'daejeon-seo','headquartersActive':true}");
    struct road_commit *c = desk_told_commit(&f->d);
    struct cursor in = cursor_over(c->standing);
    assert_int_equal(standing_change_take(&in, &region), RESULT_OK);
    assert_true(bytes_is(region.region, "daejeon-seo"));
    assert_int_equal(standing_apply(ledgers, &region), STANDING_APPLIED);
    desk_commit(&f->d, c->ticket, ROAD_ON_DISK);
    mem_free(c);
    edge_ledger_went(f->d.edge);
    edge_ledger_came(f->d.edge);
    (void)desk_told(&f->d, IPC_VIEW);
    standing_each(ledgers, keep_item, &f->d); /* refused, if the edge still had it */
    desk_say(&f->d, IPC_VIEW_DONE, &none);
    standing_free(ledgers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_consent_is_gone_when_its_change_is_on_disk, begin, end),
        cmocka_unit_test_setup_teardown(nobody_behind_the_edge_learns_whose_consent_it_was, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_purpose_that_the_set_does_not_know_is_refused_by_name,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_ledger_that_comes_back_tells_it_again, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
