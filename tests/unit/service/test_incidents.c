/* The edge's view of incidents: what it knows alone comes back from what the ledger keeps sealed.
 */
#include "publish.h"

#include "service/state.h"

#include <math.h>

#define POINTS                                                                                     \
    "'point':[{'latitude':36.3504001,'longitude':127.3845002},"                                    \
    "{'latitude':36.3604003,'longitude':127.3945004},{'latitude':36.3704,'longitude':127.4045}]"

static bool is_at(struct point p, double latitude, double longitude)
{
    return fabs(p.latitude - latitude) < 1e-7 && fabs(p.longitude - longitude) < 1e-7;
}

static const struct incident *looked_up(struct desk *d, const char *id)
{
    const struct facts f = {
        .incident = {bytes_of_text(id)}, .incidents = 1, .status = STATUS_ACTUAL};
    const struct incident *out[FACTS_INCIDENT_MAX];
    view_lookup(d->edge, &f, out);
    return out[0];
}

/* The incident as the ledger has it: opened by what the edge sent, without what it keeps to itself.
 */
static void open_route(struct desk *d, const char *id, struct buf *ledgers)
{
    struct caller c;
    struct incident i = {.exists = false};
    struct incident_change change;
    (void)snprintf(i.id, sizeof i.id, "%s", id);
    caller_open(&c, desk_session(d, POLICE));
    caller_send(&c, d, POLICE, id, "'incidentReport':{'type':'theft','area':{" POINTS "}}", NULL);
    struct road_commit *told = desk_told_commit(d);
    struct cursor in = cursor_over(told->change[0]);
    assert_int_equal(incident_change_take(&in, &change), RESULT_OK);
    assert_int_equal(incident_apply(&i, &change), INCIDENT_APPLIED);
    incident_put(&i, ledgers);
    desk_commit(d, told->ticket, ROAD_ON_DISK);
    publisher_close(c.publisher);
    mem_free(told);
}

static void come_back(struct desk *d, struct buf *ledgers)
{
    struct buf none = BUF_INIT(1);
    edge_ledger_went(d->edge);
    edge_ledger_came(d->edge);
    (void)desk_told(d, IPC_VIEW);
    desk_say(d, IPC_VIEW_INCIDENT, ledgers);
    desk_say(d, IPC_VIEW_DONE, &none);
}

static void an_incidents_route_comes_back_to_the_centimetre(void **state)
{
    (void)state;
    struct desk d;
    const char *id = POLICE ":019aa2b0-0000-7000-8000-000000000001";
    struct buf ledgers = BUF_INIT(1 << 16);
    desk_new(&d);
    open_route(&d, id, &ledgers);
    assert_int_equal(looked_up(&d, id)->route_points, 3);
    come_back(&d, &ledgers);
    const struct incident *i = looked_up(&d, id);
    assert_true(i->has_centre && is_at(i->centre, 36.3604001333, 127.3945002));
    assert_int_equal(i->route_points, 3);
    assert_true(is_at(i->route[0], 36.3504001, 127.3845002));
    assert_true(is_at(i->route[1], 36.3604003, 127.3945004));
    assert_true(is_at(i->route[2], 36.3704, 127.4045));
    desk_free(&d);
}

static void without_its_key_an_incident_has_no_place_and_no_route(void **state)
{
    (void)state;
    struct desk d;
    const char *id = POLICE ":019aa2b0-0000-7000-8000-000000000001";
    struct buf ledgers = BUF_INIT(1 << 16);
    desk_new(&d);
    open_route(&d, id, &ledgers);
    desk_erase_keys(&d);
    come_back(&d, &ledgers);
    const struct incident *i = looked_up(&d, id);
    assert_true(i->exists && !i->has_centre);
    assert_int_equal(i->route_points, 0);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incidents_route_comes_back_to_the_centimetre),
        cmocka_unit_test(without_its_key_an_incident_has_no_place_and_no_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
