/* Officers hold what is to be preserved, and destroy what was unlawful. */
#include "officers.h"

#include "ledger/preservation.h"

static bool is_there(struct bench *b, uint64_t id)
{
    return kept(b, id) != NULL && !kept(b, id)->doomed;
}

static void publish_in(struct bench *b, uint8_t id, const char *incident, int64_t lives_us,
                       char subject[CONTROL_SUBJECT_MAX + 1])
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.scope[0].incident = bytes_of_text(incident);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b->wall_us + lives_us;
    const struct road_committed out = commit(b, &c);
    assert_int_equal(out.answer, ROAD_ON_DISK);
    if (subject != NULL)
        (void)snprintf(subject, CONTROL_SUBJECT_MAX + 1, "record %llu",
                       (unsigned long long)out.index);
}

static void destroy_due(struct bench *b)
{
    turn(b);
    confirm_wipe(b);
}

/* ---- holds */

static void what_is_held_outlives_its_deadline_and_is_delivered_to_nobody_past_it(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    publish_in(&b, 2, "", US_PER_DAY, NULL);
    both(&b, CONTROL_HOLD, subject);
    assert_int_equal(offered(&b, 1), 2); /* until then it is delivered */
    advance(&b, US_PER_HOUR);
    assert_true(is_there(&b, 1));
    assert_int_equal(offered(&b, 2), 1); /* and does not stand in the way */
    assert_int_equal(delivered(&b).envelope.id.b[0], 2);
    bench_restart(&b);
    advance(&b, US_PER_HOUR);
    assert_true(is_there(&b, 1));
    assert_int_equal(offered(&b, 3), 1);
    assert_int_equal(listed(&b, CONTROL_HOLDS), 1);
    assert_int_equal(count_leaves(&b, "\"destroyed\"") + count_leaves(&b, "expired"), 0);
    assert_int_equal(count_leaves(&b, "hold-placed"), 1);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, LEE, NULL), CONTROL_CODE_PRESERVED_ALREADY);
    bench_free(&b);
}

/* Nobody may be told that it is kept. */
/* A slow recipient: the edge had it until then, and says so. */
static void what_was_not_sent_until_its_deadline_is_nobody_s_while_it_is_held(void **state)
{
    (void)state;
    struct bench b;
    struct buf body = BUF_INIT(4096);
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    both(&b, CONTROL_HOLD, subject);
    assert_int_equal(offered(&b, 1), 1);
    const struct road_deliver d = delivered(&b);
    const struct road_ack unsent = {
        .consumer = 1, .unsent = true, .entry = {d.entry}, .entries = 1};
    const struct spool_queue *queue = spool_queue_of(b.l->queues, 1);
    send_release(&b, &d, true);
    turn(&b);
    advance(&b, US_PER_HOUR);
    assert_int_equal(queue->consumer.window.taken, 1);
    road_ack_put(&unsent, &body);
    assert_int_equal(tell(&b, IPC_ACK, buf_view(&body)), RESULT_OK);
    turn(&b);
    assert_int_equal(queue->consumer.window.taken, 0);
    assert_int_equal(offered(&b, 2), 0);
    assert_int_equal(count_leaves(&b, "\"acknowledged\"") + count_leaves(&b, "set-aside"), 0);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    destroy_due(&b);
    assert_false(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "\"expired\""), 1);
    buf_free(&body);
    bench_free(&b);
}

static void what_is_being_destroyed_cannot_be_held(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    advance(&b, US_PER_HOUR); /* the edge has not answered yet */
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, SEO, NULL), CONTROL_CODE_NOT_STORED);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    bench_free(&b);
}

/* One for each kind of recipient. */
static void a_record_is_held_with_all_of_its_bodies(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    with_scope(&b, &c, 2);
    c.body[c.bodies++] = (struct road_body){.scope = 2, .sealed = bytes_of_text("other bytes")};
    c.recipient[c.recipients++] = c.recipient[0];
    c.recipient[1].unit = bytes_of_text(CAR);
    c.recipient[1].body = 1;
    const struct road_committed out = commit(&b, &c);
    assert_int_equal(out.answer, ROAD_ON_DISK);
    (void)snprintf(subject, sizeof subject, "record %llu", (unsigned long long)out.index);
    both(&b, CONTROL_HOLD, subject);
    advance(&b, US_PER_HOUR);
    assert_true(is_there(&b, 1));
    assert_true(is_there(&b, 2));
    both(&b, CONTROL_RELEASE_HOLD, subject);
    destroy_due(&b);
    assert_false(is_there(&b, 1));
    assert_false(is_there(&b, 2));
    bench_free(&b);
}

static void what_one_officer_asked_for_is_no_hold_to_release(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(act(&b, CONTROL_RELEASE_HOLD, subject, LEE, NULL), CONTROL_CODE_NOT_PRESERVED);
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    bench_free(&b);
}

/* Not what was withheld, whose entry names a scope too; and no number with more behind it. */
static void a_record_is_a_message_that_came_or_left(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    make_commit(&b, 2, 1, &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_int_equal(offered(&b, 1), 2);
    const struct road_deliver d = delivered(&b);
    const uint64_t withheld = b.l->leaves;
    send_release(&b, &(struct road_deliver){.consumer = 1, .entry = d.entry}, false);
    turn(&b);
    strcat(subject, " ");
    assert_int_equal(act(&b, CONTROL_HOLD, subject, SEO, NULL), CONTROL_CODE_NOT_STORED);
    (void)snprintf(subject, sizeof subject, "record %llu", (unsigned long long)withheld);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, SEO, NULL), CONTROL_CODE_NOT_STORED);
    bench_free(&b);
}

static void released_by_two_it_is_destroyed_at_once(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    both(&b, CONTROL_HOLD, subject);
    advance(&b, US_PER_DAY);
    bench_restart(&b);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    destroy_due(&b);
    assert_false(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "hold-released"), 1);
    assert_int_equal(count_leaves(&b, "deadline-passed"), 1);
    assert_int_equal(listed(&b, CONTROL_HOLDS), 0);
    assert_int_equal(act(&b, CONTROL_RELEASE_HOLD, subject, SEO, NULL), CONTROL_CODE_NOT_PRESERVED);
    bench_restart(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    bench_free(&b);
}

/* Its body would go with the acknowledgement; and so would what the second decision withheld. */
static void what_is_over_meanwhile_stays_under_its_key(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_DAY, subject);
    make_commit(&b, 2, 1, &c); /* under the same key */
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    both(&b, CONTROL_HOLD, subject);
    assert_int_equal(offered(&b, 1), 2);
    const struct road_deliver one = delivered(&b), two = delivered(&b);
    const struct road_deliver first = {.consumer = 1, .entry = one.entry},
                              second = {.consumer = 1, .entry = two.entry};
    send_release(&b, &first, true);
    send_release(&b, &second, false);
    turn(&b);
    acknowledge(&b, &first, 0);
    turn(&b);
    advance(&b, US_PER_HOUR); /* past the minute that an empty scope lingers */
    assert_true(is_there(&b, 1));
    assert_int_equal(offered(&b, 2), 0);
    bench_restart(&b);
    const struct spool_scope *x = spool_scopes_get(b.l->scopes, 1);
    assert_non_null(x);
    assert_int_equal(x->holds, 2);
    const struct delivery *d = TAILQ_FIRST(&x->deliveries);
    assert_true(d->is_kept);
    assert_int_equal(ledger_recall(b.l, d->stored->place, &c), RESULT_OK);
    assert_true(c.body[0].sealed.n > 0);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    assert_int_equal(spool_entries(b.l->queues), 0);
    advance(&b, US_PER_MINUTE);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "\"expired\""), 0);
    bench_free(&b);
}

/* The release ended a message that the snapshot being written lacked, and with it the ledger. */
static void a_hold_is_released_while_a_snapshot_is_written(void **state)
{
    (void)state;
    static uint8_t sealed[3000];
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_DAY, NULL);
    for (uint8_t i = 0; b.l->snapshot.step == SNAPSHOT_NONE; i++) {
        assert_true(i < 200);
        if (i == 50) { /* behind many that the snapshot takes first */
            publish_in(&b, 2, "", US_PER_DAY, subject);
            both(&b, CONTROL_HOLD, subject);
            struct spool_scope *x = spool_scopes_get(b.l->scopes, 2);
            const uint64_t entry = TAILQ_FIRST(&TAILQ_FIRST(&x->deliveries)->all)->id;
            assert_int_equal(offered(&b, 1), 52);
            send_release(&b, &(struct road_deliver){.consumer = 1, .entry = entry}, true);
            turn(&b);
            acknowledge(&b, &(struct road_deliver){.consumer = 1, .entry = entry}, 0);
            turn(&b);
            assert_true(TAILQ_FIRST(&x->deliveries)->is_kept);
        }
        make_commit(&b, (uint8_t)(3 + i), 1, &c);
        c.body[0].sealed = bytes_of(sealed, sizeof sealed);
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    }
    struct spool_scope *x = spool_scopes_get(b.l->scopes, 2);
    assert_false(stored_is_done(&b.l->messages, TAILQ_FIRST(&x->deliveries)->stored));
    both(&b, CONTROL_RELEASE_HOLD, subject);
    assert_true(TAILQ_EMPTY(&x->deliveries));
    bench_restart(&b);
    assert_int_equal(listed(&b, CONTROL_HOLDS), 0);
    bench_free(&b);
}

static void a_hold_of_an_incident_keeps_what_still_comes(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish_in(&b, 1, INCIDENT, US_PER_HOUR, NULL);
    both(&b, CONTROL_HOLD, "incident " INCIDENT);
    publish_in(&b, 2, INCIDENT, US_PER_HOUR, NULL);
    bench_restart(&b);
    advance(&b, US_PER_HOUR);
    assert_true(is_there(&b, 1) && is_there(&b, 2));
    both(&b, CONTROL_RELEASE_HOLD, "incident " INCIDENT);
    destroy_due(&b);
    assert_false(is_there(&b, 1) || is_there(&b, 2));
    bench_free(&b);
}

static void two_holds_of_one_scope_are_two(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, INCIDENT, US_PER_HOUR, subject);
    both(&b, CONTROL_HOLD, "incident " INCIDENT);
    both(&b, CONTROL_HOLD, subject);
    advance(&b, US_PER_HOUR);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    turn(&b);
    assert_true(is_there(&b, 1));
    both(&b, CONTROL_RELEASE_HOLD, "incident " INCIDENT);
    destroy_due(&b);
    assert_false(is_there(&b, 1));
    bench_free(&b);
}

/* A delivery that is over goes with the last of them. */
static void what_two_holds_keep_stays_when_one_is_released(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, INCIDENT, US_PER_HOUR, subject);
    both(&b, CONTROL_HOLD, subject);
    both(&b, CONTROL_HOLD, "scope 1");
    assert_int_equal(offered(&b, 1), 1);
    const struct road_deliver d = {.consumer = 1, .entry = delivered(&b).entry};
    send_release(&b, &d, true);
    turn(&b);
    acknowledge(&b, &d, 0);
    turn(&b);
    both(&b, CONTROL_RELEASE_HOLD, subject);
    const struct spool_scope *x = spool_scopes_get(b.l->scopes, 1);
    assert_non_null(TAILQ_FIRST(&x->deliveries));
    both(&b, CONTROL_RELEASE_HOLD, "scope 1");
    assert_null(TAILQ_FIRST(&x->deliveries));
    bench_free(&b);
}

static void what_one_officer_asked_for_keeps_nothing_that_comes(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish_in(&b, 1, INCIDENT, US_PER_HOUR, NULL);
    assert_int_equal(act(&b, CONTROL_HOLD, "incident " INCIDENT, KIM, NULL), CONTROL_CODE_DONE);
    publish_in(&b, 2, INCIDENT, US_PER_HOUR, NULL);
    assert_int_equal(spool_scopes_get(b.l->scopes, 2)->preserved, 0);
    bench_free(&b);
}

static void there_are_so_many_holds_and_no_more(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish_in(&b, 1, INCIDENT, US_PER_HOUR, NULL);
    publish_in(&b, 2, INCIDENT, US_PER_HOUR, NULL);
    for (unsigned i = 1; i < PRESERVATIONS_MAX; i++) {
        struct preservation *p = mem_new(sizeof *p);
        (void)snprintf(p->key, sizeof p->key, "hscope %u", 1000 + i);
        assert_true(map_add(b.l->acts->preservations, p));
    }
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 2", SEO, NULL), CONTROL_CODE_TOO_MANY);
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", KIM, NULL), CONTROL_CODE_DONE);
    bench_free(&b);
}

static void officers_of_others_hold_nothing(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_HOUR, subject);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, PARK, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, CHOI, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", KIM, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    assert_int_equal(act(&b, CONTROL_HOLD, "record 99", SEO, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_HOLD, "record 0", SEO, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 50001", SEO, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_HOLD, "everything", SEO, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_RELEASE_HOLD, subject, KIM, NULL), CONTROL_CODE_NOT_PRESERVED);
    bench_free(&b);
}

/* ---- destroying */

static void a_record_is_its_senders_whoever_s_incident_it_is_about(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, FIRE ":019aa2b0-0000-7000-8000-000000000001", US_PER_HOUR, subject);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, PARK, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, KIM, NULL), CONTROL_CODE_DONE);
    bench_free(&b);
}

static void two_officers_destroy_at_once_what_was_unlawful(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    publish_in(&b, 1, "", US_PER_DAY, subject);
    publish_in(&b, 2, "", US_PER_DAY, NULL);
    ask_control(&b,
                &(struct control_request){
                    .ask = CONTROL_LIST, .list = CONTROL_NAMED, .subject = bytes_of_text(subject)},
                &a);
    assert_int_equal(a.is.items, 1);
    assert_true(
        bytes_is(a.item[0].failed, "scopes=1 deliveries=1 recipients=1 owed=0 preserved=0"));
    assert_int_equal(a.item[0].since_us, NOON);
    buf_free(&a.bytes);
    both(&b, CONTROL_DESTROY, subject);
    destroy_due(&b);
    assert_false(is_there(&b, 1));
    assert_true(is_there(&b, 2));
    assert_int_equal(count_leaves(&b, "cause=unlawful about"), 1);
    assert_int_equal(count_leaves(&b, "\"reason\":\"prohibited\""), 1);
    assert_int_equal(count_leaves(&b, "scope=1 cause=unlawful method=key-erased"), 1);
    assert_int_equal(act(&b, CONTROL_DESTROY, subject, KIM, NULL), CONTROL_CODE_NOT_STORED);
    bench_restart(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 1);
    bench_free(&b);
}

static void all_of_an_incident_is_destroyed_together(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    for (uint8_t id = 1; id <= 3; id++)
        publish_in(&b, id, id == 3 ? "" : INCIDENT, US_PER_DAY, NULL);
    assert_int_equal(act(&b, CONTROL_DESTROY, "incident " INCIDENT, KIM, NULL), CONTROL_CODE_DONE);
    bench_restart(&b); /* one has ordered it */
    assert_int_equal(act(&b, CONTROL_DESTROY, "incident " INCIDENT, LEE, NULL), CONTROL_CODE_DONE);
    destroy_due(&b);
    assert_int_equal(b.scopes, 1);
    assert_true(is_there(&b, 3));
    bench_free(&b);
}

/* What a court wants kept and somebody destroyed is gone; the other way it can still be done. */
static void what_comes_after_an_order_to_destroy_can_be_ordered_destroyed_too(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    for (uint8_t id = 1; id <= 2; id++) {
        publish_in(&b, id, INCIDENT, US_PER_DAY, NULL);
        both(&b, CONTROL_DESTROY, "incident " INCIDENT);
        destroy_due(&b);
        assert_false(is_there(&b, id));
    }
    bench_free(&b);
}

static void a_record_of_a_third_officer_s_hold_is_damage(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish_in(&b, 1, INCIDENT, US_PER_DAY, NULL);
    both(&b, CONTROL_HOLD, "scope 1");
    assert_int_equal(preservation_apply_act(b.l, CONTROL_HOLD, bytes_of_text("scope 1"),
                                            bytes_of_text(SEO), bytes_of_text(""), CASE_GRANTED,
                                            b.wall_us),
                     RESULT_DAMAGED);
    bench_free(&b);
}

static void a_hold_beats_the_order_to_destroy_and_every_other_end(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    uint8_t consent[ROAD_CONSENT] = {0};
    struct buf room = BUF_INIT(4096);
    office_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    memset(consent, 'c', ROAD_CONSENT_DIGEST);
    c.scope[0].consent = bytes_of(consent, sizeof consent);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_int_equal(act(&b, CONTROL_DESTROY, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    assert_int_equal(act(&b, CONTROL_HOLD, "record 3", KIM, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    /* The second person: for the bench, another operator. */
    struct preservation *p = preservation_get(b.l, CONTROL_HOLD, bytes_of_text("scope 1"));
    (void)snprintf(p->officer[0], sizeof p->officer[0], "gateway-operator/other");
    assert_int_equal(act(&b, CONTROL_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    assert_int_equal(act(&b, CONTROL_DESTROY, "scope 1", SEO, NULL), CONTROL_CODE_PRESERVED);
    struct standing_change change = {
        .step = STANDING_WITHDRAWN, .by = bytes_of_text(CENTRE), .at_us = b.wall_us};
    memset(change.consent, 'c', sizeof change.consent);
    make_commit(&b, 2, 0, &c);
    c.bodies = 0;
    c.recipient[0].unit = bytes_of_text("gateway/self");
    standing_change_put(&change, &room);
    c.standing = buf_view(&room);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    buf_free(&room);
    turn(&b);
    assert_true(is_there(&b, 1));
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(act(&b, CONTROL_RELEASE_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    p = preservation_get(b.l, CONTROL_HOLD, bytes_of_text("scope 1"));
    (void)snprintf(p->releaser, sizeof p->releaser, "gateway-operator/other");
    assert_int_equal(act(&b, CONTROL_RELEASE_HOLD, "scope 1", SEO, NULL), CONTROL_CODE_DONE);
    destroy_due(&b);
    assert_false(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "scope=1 cause=consent-withdrawn"), 1);
    bench_free(&b);
}

static bool every_mou_is_over(void *arg, struct bytes mou, int64_t now_us)
{
    (void)arg;
    (void)mou;
    return now_us > NOON + US_PER_HOUR;
}

static void what_ended_while_it_is_held_ended_once(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    office_init(&b);
    b.config.mou_is_over = every_mou_is_over;
    bench_restart(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    c.scope[0].mou = bytes_of_text("molit-npa-2015");
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b.wall_us + US_PER_DAY;
    const struct road_committed out = commit(&b, &c);
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, "record %llu", (unsigned long long)out.index);
    both(&b, CONTROL_HOLD, subject);
    for (unsigned i = 0; i < 4; i++)
        advance(&b, US_PER_HOUR);
    assert_true(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "\"ended-early\""), 1);
    bench_free(&b);
}

/* What law wants kept is no officer's to destroy. */
static void no_key_of_the_register_is_held_or_destroyed(void **state)
{
    (void)state;
    struct bench b;
    const struct spool_scope *x;
    char subject[CONTROL_SUBJECT_MAX + 1];
    size_t at = 0;
    office_init(&b);
    b.config.register_keep_us = 365 * US_PER_DAY;
    bench_restart(&b);
    turn(&b);
    x = spool_scopes_next(b.l->scopes, &at);
    assert_non_null(x);
    assert_int_equal(x->starts, SPOOL_REGISTER);
    (void)snprintf(subject, sizeof subject, "scope %llu", (unsigned long long)x->slot.id);
    assert_int_equal(act(&b, CONTROL_DESTROY, subject, SEO, NULL), CONTROL_CODE_NOT_STORED);
    assert_int_equal(act(&b, CONTROL_HOLD, subject, SEO, NULL), CONTROL_CODE_NOT_STORED);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_outlives_its_deadline_and_is_delivered_to_nobody_past_it),
        cmocka_unit_test(what_was_not_sent_until_its_deadline_is_nobody_s_while_it_is_held),
        cmocka_unit_test(what_is_being_destroyed_cannot_be_held),
        cmocka_unit_test(a_record_is_held_with_all_of_its_bodies),
        cmocka_unit_test(what_one_officer_asked_for_is_no_hold_to_release),
        cmocka_unit_test(a_record_is_a_message_that_came_or_left),
        cmocka_unit_test(released_by_two_it_is_destroyed_at_once),
        cmocka_unit_test(what_is_over_meanwhile_stays_under_its_key),
        cmocka_unit_test(a_hold_is_released_while_a_snapshot_is_written),
        cmocka_unit_test(a_hold_of_an_incident_keeps_what_still_comes),
        cmocka_unit_test(two_holds_of_one_scope_are_two),
        cmocka_unit_test(what_two_holds_keep_stays_when_one_is_released),
        cmocka_unit_test(what_one_officer_asked_for_keeps_nothing_that_comes),
        cmocka_unit_test(there_are_so_many_holds_and_no_more),
        cmocka_unit_test(officers_of_others_hold_nothing),
        cmocka_unit_test(a_record_is_its_senders_whoever_s_incident_it_is_about),
        cmocka_unit_test(two_officers_destroy_at_once_what_was_unlawful),
        cmocka_unit_test(all_of_an_incident_is_destroyed_together),
        cmocka_unit_test(what_comes_after_an_order_to_destroy_can_be_ordered_destroyed_too),
        cmocka_unit_test(a_record_of_a_third_officer_s_hold_is_damage),
        cmocka_unit_test(a_hold_beats_the_order_to_destroy_and_every_other_end),
        cmocka_unit_test(what_ended_while_it_is_held_ended_once),
        cmocka_unit_test(no_key_of_the_register_is_held_or_destroyed),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
