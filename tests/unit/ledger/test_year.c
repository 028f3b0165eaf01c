/*
 * A year of traffic in seconds: bodies of every kind of start come by chance, incidents end and
 * persons are found, headquarters end their work, the ledger starts again in between, a leap day is
 * among the days. Each body is destroyed at its time: none early, and none more than a second late.
 * The ledger alone says when it has to be woken.
 */
#define BENCH_SCOPES 1000
#define BENCH_FOLDER temp_folder_in_memory
#include "officers.h"

#include <stdlib.h>

enum { BODIES = 1200, RESTART_EVERY = 97 };
#define YEAR (366 * US_PER_DAY)

/* What the test itself knows of a body. */
struct body {
    uint64_t id;
    enum spool_starts starts;
    int64_t came_us, delay_us, due_us; /* due_us moves when its clock starts */
    int64_t starts_at_us;              /* when what its clock waits for comes; 0: never */
    bool started, gone;
};

struct year {
    struct bench b;
    struct body body[BODIES];
    size_t bodies, begun, gone;
    unsigned acts;
    int64_t end_us, next_us;
};

static int64_t by_chance(int64_t most_us)
{
    return (int64_t)((double)most_us * ((double)random() / (double)RAND_MAX));
}

/* As policy rounds deadlines down: to seconds, minutes, hours. */
static int64_t bucket(int64_t deadline_us, int64_t now_us)
{
    const int64_t left = deadline_us - now_us;
    const int64_t unit = left < US_PER_HOUR  ? US_PER_S
                         : left < US_PER_DAY ? US_PER_MINUTE
                                             : US_PER_HOUR;
    return deadline_us - deadline_us % unit;
}

static void name_incident(uint64_t id, char out[IDENT_INCIDENT_MAX + 1])
{
    (void)snprintf(out, IDENT_INCIDENT_MAX + 1, CENTRE ":019aa2b0-0000-7000-8000-%012llx",
                   (unsigned long long)id);
}

static void name_region(uint64_t id, char out[32])
{
    (void)snprintf(out, 32, "region-%llu", (unsigned long long)id);
}

static void change_incident(struct year *y, uint64_t id, enum incident_step step, struct buf *room,
                            struct road_commit *c)
{
    char name[IDENT_INCIDENT_MAX + 1];
    name_incident(id, name);
    const struct incident_change x = {.step = step,
                                      .id = bytes_of_text(name),
                                      .by = bytes_of_text(CENTRE),
                                      .type = bytes_of_text(step == INCIDENT_OPEN ? "fire" : ""),
                                      .at_us = y->b.wall_us};
    buf_clear(room);
    incident_change_put(&x, room);
    c->change[c->changes++] = buf_view(room);
}

static void change_headquarters(struct year *y, uint64_t id, enum standing_step step,
                                struct buf *room, struct road_commit *c)
{
    char name[32];
    name_region(id, name);
    const struct standing_change x = {.step = step,
                                      .by = bytes_of_text(CENTRE),
                                      .region = bytes_of_text(name),
                                      .at_us = y->b.wall_us};
    buf_clear(room);
    standing_change_put(&x, room);
    c->standing = buf_view(room);
}

/* A message to the gateway alone. */
static void say(struct year *y, struct road_commit *c)
{
    c->bodies = 0;
    c->recipient[0].unit = bytes_of_text("gateway/self");
    c->envelope.id.b[3] = 1;
    memcpy(c->envelope.id.b + 4, &y->acts, sizeof y->acts);
    y->acts++;
    assert_int_equal(commit(&y->b, c).answer, ROAD_ON_DISK);
}

static void begin_what_it_waits_for(struct year *y, const struct body *x, struct buf *room)
{
    struct road_commit c;
    make_commit(&y->b, 0, 0, &c);
    if (x->starts == SPOOL_INCIDENT_END || x->starts == SPOOL_FOUND)
        change_incident(y, x->id, INCIDENT_OPEN, room, &c);
    else if (x->starts == SPOOL_DISASTER_END)
        change_headquarters(y, x->id, STANDING_ACTIVE, room, &c);
    else
        return;
    say(y, &c);
}

static void publish_one(struct year *y)
{
    static const int64_t lives[] = {US_PER_HOUR, US_PER_DAY, 40 * US_PER_DAY};
    struct bench *b = &y->b;
    struct body *x = &y->body[y->bodies++];
    struct buf room = BUF_INIT(4096);
    struct road_commit c;
    char name[IDENT_INCIDENT_MAX + 1], region[32];
    *x = (struct body){.id = y->bodies,
                       .starts = (enum spool_starts)(random() % SPOOL_REGISTER),
                       .came_us = b->wall_us,
                       .delay_us = random() % 2 == 0 ? 0 : by_chance(US_PER_DAY)};
    const int64_t lives_us = US_PER_S + by_chance(lives[random() % 3]);
    x->due_us = bucket(b->wall_us + lives_us, b->wall_us);
    if (x->starts == SPOOL_DISASTER_END || (x->starts != SPOOL_ARRIVAL && random() % 4 > 0))
        x->starts_at_us = b->wall_us + by_chance(2 * lives_us);
    begin_what_it_waits_for(y, x, &room);
    make_commit(b, (uint8_t)x->id, x->id, &c);
    memcpy(c.envelope.id.b, &x->id, sizeof x->id);
    with_scope(b, &c, x->id);
    memcpy(c.scope[0].tuple, &x->id, sizeof x->id);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = x->due_us;
    c.scope[0].starts = (uint8_t)x->starts;
    c.scope[0].delay_us = x->delay_us;
    name_incident(x->id, name);
    name_region(x->id, region);
    if (x->starts == SPOOL_INCIDENT_END || x->starts == SPOOL_FOUND)
        c.scope[0].incident = bytes_of_text(name);
    if (x->starts == SPOOL_DISASTER_END)
        c.scope[0].regions = bytes_of_text(region);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    buf_free(&room);
}

/* What its clock waits for has come. */
static void start_clock(struct year *y, struct body *x)
{
    struct buf room = BUF_INIT(4096);
    struct road_commit c;
    x->started = true;
    make_commit(&y->b, 0, 0, &c);
    if (x->starts == SPOOL_DISASTER_END)
        change_headquarters(y, x->id, STANDING_ENDED, &room, &c);
    else
        change_incident(y, x->id,
                        x->starts == SPOOL_FOUND && random() % 2 == 0 ? INCIDENT_FOUND
                                                                      : INCIDENT_CLOSE,
                        &room, &c);
    say(y, &c);
    if (y->b.wall_us + x->delay_us < x->due_us)
        x->due_us = y->b.wall_us + x->delay_us;
    buf_free(&room);
}

static void start_clocks(struct year *y)
{
    for (size_t i = 0; i < y->bodies; i++) {
        struct body *x = &y->body[i];
        if (!x->started && x->starts_at_us != 0 && x->starts_at_us <= y->b.wall_us)
            start_clock(y, x);
    }
}

static void look(struct year *y)
{
    const int64_t now = y->b.wall_us;
    for (size_t i = 0; i < y->bodies; i++) {
        struct body *x = &y->body[i];
        if (x->gone)
            continue;
        const bool is_there = kept(&y->b, x->id) != NULL;
        /* Also one that has just gone: nobody looked in between. */
        if (now > x->due_us + US_PER_S)
            fail_msg("body %zu was there %lld s after its time", i,
                     (long long)((now - x->due_us) / US_PER_S));
        if (!is_there && now < x->due_us)
            fail_msg("body %zu was destroyed %lld s early", i,
                     (long long)((x->due_us - now) / US_PER_S));
        x->gone = !is_there;
        y->gone += x->gone;
    }
}

static void work(struct year *y)
{
    turn(&y->b);
    while (count_said(&y->b, IPC_WIPE) > 0)
        confirm_wipe(&y->b);
    look(y);
    forget_said(&y->b);
}

/* When something happens that is not the ledger's own. */
static int64_t next_event_us(const struct year *y)
{
    int64_t next = y->next_us;
    for (size_t i = 0; i < y->bodies; i++)
        if (!y->body[i].started && y->body[i].starts_at_us > y->b.wall_us &&
            y->body[i].starts_at_us < next)
            next = y->body[i].starts_at_us;
    return next;
}

static void pass_until_next(struct year *y)
{
    const int64_t left = next_event_us(y) - y->b.wall_us;
    int64_t step = ledger_idle_us(y->b.l, US_PER_DAY);
    if (step > left)
        step = left;
    y->b.wall_us += step;
    y->b.steady_us += step;
    work(y);
}

static void each_body_of_a_year_is_destroyed_in_its_own_time(void **state)
{
    (void)state;
    static struct year y;
    srandom(20261128);
    memset(&y, 0, sizeof y);
    office_init(&y.b);
    y.b.config.clock_jump_us = US_PER_HOUR;
    y.b.config.destroy_share = 10;
    assert_true(
        time_parse("2027-11-28T09:00:00+09:00", 25, zone_named("Asia/Seoul"), &y.b.wall_us));
    y.end_us = y.b.wall_us + YEAR;
    bench_restart(&y.b);
    y.next_us = y.b.wall_us;
    while (y.b.wall_us < y.end_us) {
        if (y.b.wall_us >= y.next_us && y.bodies < BODIES) {
            publish_one(&y);
            y.next_us = y.b.wall_us + 1 + by_chance(2 * YEAR / BODIES);
            if (y.bodies % RESTART_EVERY == 0)
                bench_restart(&y.b);
        } else if (y.b.wall_us >= y.next_us) {
            y.next_us = y.end_us;
        }
        start_clocks(&y);
        work(&y); /* the edge answers at once */
        pass_until_next(&y);
    }
    for (size_t i = 0; i < y.bodies; i++)
        assert_true(y.body[i].gone || y.body[i].due_us > y.end_us - US_PER_S);
    assert_true(y.gone > BODIES * 8 / 10);
    assert_int_equal(count_leaves(&y.b, "clock-uncertain"), 0);
    print_message("%zu bodies, %zu destroyed, %zu restarts\n", y.bodies, y.gone,
                  y.bodies / RESTART_EVERY);
    bench_free(&y.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_body_of_a_year_is_destroyed_in_its_own_time),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
