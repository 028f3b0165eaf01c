/* fedgatectl destruction show, certificate and verify. */
#include "desk.h"

#define CENTRE "daejeon-city-center/video-monitoring"
#define POLICE "npa-daejeon/112-control"

static const struct bytes incident = {(const uint8_t *)POLICE ":" ID "1",
                                      sizeof POLICE ":" ID "1" - 1};

static int run(const struct desk *d, const char *line)
{
    return desk_run(d, cli_destruction_commands, "destruction", line);
}

#define MANY UINT64_MAX /* an acknowledgement of more than one */

/* A leaf about what began with the leaf `refers`, for one unit. */
static void about(struct desk *d, enum audit_event event, uint64_t refers, const char *unit,
                  const char *detail, int64_t hours)
{
    const struct leaf_recipient to = {.unit = W(unit),
                                      .reason = W("permitted"),
                                      .clause = W("mou#grant"),
                                      .deadline_us =
                                          event == AUDIT_RELEASED ? TEN + US_PER_DAY : 0};
    struct leaf leaf = {.event = event,
                        .has_refers = refers != MANY,
                        .refers = refers == MANY ? 0 : refers,
                        .recipient = &to,
                        .recipients = unit[0] == '\0' ? 0 : 1,
                        .policy = 1,
                        .detail = W(detail)};
    add(&d->b, &leaf, hours);
}

static void received(struct desk *d, const char *detail, int64_t hours)
{
    const struct leaf_recipient to = {
        .unit = W(POLICE), .reason = W("permitted"), .clause = W("mou#grant")};
    struct leaf leaf = {.event = AUDIT_RECEIVED,
                        .id = W(ID "2"),
                        .kind = W("scene_image"),
                        .source = W(CENTRE),
                        .incident = &incident,
                        .incidents = 1,
                        .recipient = &to,
                        .recipients = 1,
                        .size = 4096,
                        .detail = W(detail)};
    add(&d->b, &leaf, hours);
}

static void destroyed(struct desk *d, const char *detail, int64_t hours)
{
    struct leaf leaf = {.event = AUDIT_DESTROYED, .size = 2, .detail = W(detail)};
    add(&d->b, &leaf, hours);
}

static void ended(struct desk *d, int64_t hours)
{
    struct leaf leaf = {.event = AUDIT_INCIDENT_ENDED, .incident = &incident, .incidents = 1};
    add(&d->b, &leaf, hours);
}

/* 2: a picture in two scopes; 7 destroys both. 8 is another one that is still there. */
static void a_day(struct desk *d)
{
    open_desk(d, 2);
    received(d, "scopes=71,72", 2);                                /* 2 */
    about(d, AUDIT_RELEASED, 2, POLICE, "scope=71", 3);            /* 3 */
    about(d, AUDIT_ACKNOWLEDGED, MANY, POLICE, "received=0-2", 4); /* 4 */
    ended(d, 5);                                                   /* 5 */
    destroyed(d, "scope=71 scope=9 method=key-erased level=file", 6);
    destroyed(d, "scope=72 cause=deadline method=key-erased level=file edge=unconfirmed", 7);
    received(d, "scopes=73", 8);
    about(d, AUDIT_RELEASED, 8, POLICE, "scope=73", 9);
    destroyed(d, "scope=74 method=key-erased level=file", 10);
    log_publish(&d->b);
}

static void a_record_is_shown_from_its_arrival_to_its_destruction(void **state)
{
    (void)state;
    struct desk d;
    a_day(&d);
    assert_int_equal(run(&d, "show --log % --lang en --format csv 2"), CLI_OK);
    assert_says(printed.out, "\"2\",\"2025-11-21 12:00:00\",\"received\",\"" CENTRE
                             "\",\"pictures of the scene, 4096 B, key scopes 71,72\",\"\"\r\n");
    assert_says(printed.out, "\"3\",\"2025-11-21 13:00:00\",\"released\",\"" POLICE
                             "\",\"a clause permits it: mou#grant\",\"2025-11-22 10:00:00\"\r\n");
    assert_says(printed.out, "\"4\",\"2025-11-21 14:00:00\",\"acknowledged\",\"" POLICE "\"");
    assert_says(printed.out, "\"5\",\"2025-11-21 15:00:00\",\"incident-ended\"");
    assert_says(printed.out, "\"6\",\"2025-11-21 16:00:00\",\"destroyed\",\"\",\"key scope 71: key "
                             "erased, the key rested in a file\"");
    assert_says(printed.out, "\"7\",\"72\",\"destroyed\",\"2025-11-21 17:00:00\",\"its time was "
                             "over\",\"key erased\","
                             "\"the key rested in a file\",\"not confirmed\"\r\n");
    assert_says(printed.out, "\"3\",\"" POLICE "\",\"2025-11-21 13:00:00\",\"mou#grant\","
                             "\"2025-11-21 14:00:00\",\"2025-11-22 10:00:00\",\"\",\"\",\"not "
                             "confirmed\"");
    assert_null(strstr(printed.out, "73"));
    assert_null(strstr(printed.out, "scope 9"));
    close_desk(&d);
}

static void any_entry_about_a_record_leads_to_its_chain(void **state)
{
    (void)state;
    struct desk d;
    char whole[PRINTED_MAX];
    a_day(&d);
    assert_int_equal(run(&d, "show --log % --lang en 2"), CLI_OK);
    (void)snprintf(whole, sizeof whole, "%s", printed.out);
    assert_says(whole, "the last at 2025-11-21 17:00:00 (+09:00)\n");
    assert_int_equal(run(&d, "show --log % --lang en 3"), CLI_OK);
    assert_string_equal(printed.out, whole);
    assert_int_equal(run(&d, "show --log % --lang ko 9"), CLI_OK);
    assert_says(printed.out, "파기되지 않음");
    assert_int_equal(run(&d, "show --log % 0"), CLI_NO);
    assert_says(printed.err, "entry 0 is about no message or stream");
    assert_int_equal(run(&d, "show --log % 11"), CLI_NO);
    assert_says(printed.err, "there is no entry 11: the log has 11");
    close_desk(&d);
}

static void a_record_is_not_destroyed_while_one_of_its_keys_is_there(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    received(&d, "scopes=71,72", 0);
    destroyed(&d, "scope=71 method=key-erased level=file", 1);
    log_publish(&d.b);
    assert_int_equal(run(&d, "show --log % --lang en --format json 0"), CLI_OK);
    assert_says(printed.out, "Not destroyed: the key of a stored copy is still there");
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 0"), CLI_NO);
    assert_says(printed.err, "no certificate for record 0: Not destroyed");
    assert_false(is_there(&d, "c.json") || is_there(&d, "c.html"));
    close_desk(&d);
}

static void what_was_never_stored_has_no_certificate(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    received(&d, "", 0);
    log_publish(&d.b);
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 0"), CLI_NO);
    assert_says(printed.err, "The gateway never stored its content");
    close_desk(&d);
}

static void live_video_is_shown_and_was_never_stored(void **state)
{
    (void)state;
    struct desk d;
    struct leaf stream = {.event = AUDIT_STREAM_OPENED, .kind = W("video"), .source = W(CENTRE)};
    open_desk(&d, 0);
    add(&d.b, &stream, 0);                                   /* 0 */
    about(&d, AUDIT_WATCH_OPENED, 0, POLICE, "", 1);         /* 1 */
    about(&d, AUDIT_WATCH_SUMMARY, 1, POLICE, "bytes=9", 2); /* 2 */
    about(&d, AUDIT_WATCH_ENDED, 1, POLICE, "bytes=9", 3);   /* 3 */
    about(&d, AUDIT_STREAM_ENDED, 0, "", "bytes=9", 4);      /* 4 */
    log_publish(&d.b);
    assert_int_equal(run(&d, "show --log % --lang en --format csv 2"), CLI_OK); /* by two steps */
    assert_says(printed.out, "\"0\",\"2025-11-21 10:00:00\",\"stream-opened\",\"" CENTRE "\"");
    assert_says(printed.out, "\"3\",\"2025-11-21 13:00:00\",\"watch-ended\",\"" POLICE "\"");
    assert_says(printed.out, "\"1\",\"" POLICE "\",\"2025-11-21 11:00:00\",\"mou#grant\","
                             "\"2025-11-21 13:00:00\"");
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 4"), CLI_NO);
    assert_says(printed.err, "The gateway never stored its content");
    close_desk(&d);
}

static void a_deadline_that_passed_is_no_destruction(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    received(&d, "scopes=71", 0);
    about(&d, AUDIT_RELEASED, 0, POLICE, "scope=71", 1);
    add_hours(&d.b, 1000); /* long after the day that the recipient had */
    assert_int_equal(run(&d, "show --log % --lang en 0"), CLI_OK);
    assert_says(printed.out, "still there");
    assert_says(printed.out, "not confirmed\nA date that passed is never taken");
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 0"), CLI_NO);
    close_desk(&d);
}

/* Replaces the first `from` of the certificate. */
static void change(const struct desk *d, const char *from, const char *to)
{
    struct buf text = BUF_INIT(PRINTED_MAX), changed = BUF_INIT(PRINTED_MAX);
    file_get(&d->files, "c.json", &text);
    const char *whole = buf_c(&text), *at = strstr(whole, from);
    assert_non_null(at);
    buf_put(&changed, whole, (size_t)(at - whole));
    buf_text(&changed, to);
    buf_text(&changed, at + strlen(from));
    file_put(&d->files, "changed", buf_view(&changed));
    buf_free(&text);
    buf_free(&changed);
}

static void assert_proves_nothing(const struct desk *d, const char *why)
{
    assert_int_equal(run(d, "verify --key @/key @/changed"), CLI_NO);
    assert_says(printed.err, why);
    assert_int_equal(desk_check(d, "--certificate", "changed", NULL), 1);
}

/* A leaf about what is owed of the entries `items`. */
static void owed(struct desk *d, enum audit_event event, const char *unit, const char *detail,
                 int64_t hours)
{
    about(d, event, MANY, unit, detail, hours);
}

static void what_a_recipient_was_ordered_and_confirmed_is_shown_as_its_own_statement(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    received(&d, "scopes=71", 0);                            /* 0 */
    about(&d, AUDIT_RELEASED, 0, POLICE, "scope=71", 1);     /* 1 */
    about(&d, AUDIT_RELEASED, 0, "fire/119", "scope=71", 1); /* 2 */
    owed(&d, AUDIT_ORDERED, POLICE, "cause=purpose-fulfilled by=1763776800 order=o items=0-1", 2);
    owed(&d, AUDIT_ORDERED, "fire/119", "cause=deadline order=p items=2,7", 2);
    owed(&d, AUDIT_RECEIPT_OVERDUE, POLICE, "order=o items=1", 3);
    log_publish(&d.b);
    assert_int_equal(run(&d, "show --log % --lang en --format csv 0"), CLI_OK);
    assert_says(printed.out, "\"3\",\"2025-11-21 12:00:00\",\"ordered\",\"" POLICE
                             "\",\"mou#grant, its purpose was fulfilled\"");
    assert_says(printed.out, "\"2025-11-21 12:00:00\",\"\",\"not confirmed, overdue (entry 5)\"");
    owed(&d, AUDIT_RETAINED, POLICE, "order=o under=kr/cpa/1 until=1763776800 items=1", 4);
    log_publish(&d.b);
    assert_int_equal(run(&d, "show --log % --lang en --format csv 0"), CLI_OK);
    assert_says(printed.out,
                "\"2025-11-21 14:00:00\",\"not destroyed: retained under kr/cpa/1 until "
                "2025-11-22 11:00:00 (+09:00) (entry 6)\"");
    owed(&d, AUDIT_RECIPIENT_DESTROYED, POLICE,
         "order=o destroyed=1763776800 method=overwritten items=1", 5);
    owed(&d, AUDIT_NEVER_STORED, "fire/119", "order=p items=1-2", 6);
    log_publish(&d.b);
    assert_int_equal(run(&d, "show --log % --lang en --format csv 0"), CLI_OK);
    assert_says(printed.out, "\"destroyed at 2025-11-22 11:00:00 (+09:00) (entry 7)\"");
    assert_says(printed.out, "\"never stored (entry 8)\"");
    close_desk(&d);
}

static void nobody_confirms_for_another_and_no_order_makes_a_certificate(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    received(&d, "scopes=71", 0);
    about(&d, AUDIT_RELEASED, 0, POLICE, "scope=71", 1);
    owed(&d, AUDIT_ORDERED, POLICE, "cause=deadline order=o items=1", 2);
    owed(&d, AUDIT_RECIPIENT_DESTROYED, "fire/119", "order=o destroyed=5 items=1", 3);
    log_publish(&d.b);
    assert_int_equal(run(&d, "show --log % --lang en 0"), CLI_OK);
    assert_says(printed.out, "not confirmed\n");
    assert_null(strstr(printed.out, "fire/119"));
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 0"), CLI_NO);
    close_desk(&d);
}

static void who_owes_a_receipt_is_told_until_it_came(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    struct leaf_recipient to = {.unit = W(POLICE), .clause = W("mou#grant")};
    struct leaf order = {.event = AUDIT_ORDERED, .recipient = &to, .recipients = 1, .size = 3};
    order.detail = W("cause=unlawful by=1763776800 order=o items=7-9");
    add(&d.b, &order, 0);
    order.detail = W("cause=deadline order=without-receipt items=7-9");
    add(&d.b, &order, 0);
    order.detail = W("cause=deadline by=99999999999 order=later items=7-9");
    add(&d.b, &order, 0);
    log_publish(&d.b);
    assert_int_equal(run(&d, "overdue --log % --lang en --format csv"), CLI_NO);
    assert_says(printed.out, "\"0\",\"" POLICE "\",\"mou#grant\",\"unlawful\",\"2025-11-21 "
                             "10:00:00\",\"2025-11-22 11:00:00\",\"3\",\"3\",\"\"\r\n");
    assert_null(strstr(printed.out, "its time was over"));
    order.event = AUDIT_RECEIPT_OVERDUE;
    order.detail = W("order=o items=7-9");
    add(&d.b, &order, 30);
    order.event = AUDIT_NEVER_STORED;
    order.size = 1;
    order.detail = W("order=o items=8");
    add(&d.b, &order, 31);
    log_publish(&d.b);
    assert_int_equal(run(&d, "overdue --log % --lang ko --format csv"), CLI_NO);
    assert_says(printed.out, "\"위법\"");
    assert_says(printed.out, "\"2\",\"3\",\"3\"\r\n");
    order.event = AUDIT_RETAINED;
    order.size = 2;
    order.detail = W("order=o under=x until=5 items=7,9");
    add(&d.b, &order, 32);
    log_publish(&d.b);
    assert_int_equal(run(&d, "overdue --log % --lang en"), CLI_OK);
    close_desk(&d);
}

static void a_certificate_says_what_recipients_confirmed(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 0);
    received(&d, "scopes=71", 0);
    about(&d, AUDIT_RELEASED, 0, POLICE, "scope=71", 1);
    destroyed(&d, "scope=71 cause=purpose-fulfilled method=key-erased level=file", 2);
    owed(&d, AUDIT_ORDERED, POLICE, "cause=purpose-fulfilled order=o items=1", 2);
    owed(&d, AUDIT_RECIPIENT_DESTROYED, POLICE, "order=o destroyed=1763776800 items=1", 3);
    log_publish(&d.b);
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 0"), CLI_OK);
    assert_int_equal(desk_check(&d, "--certificate", "c.json", NULL), 0);
    change(&d, "\"answer\":\"destroyed\"", "\"answer\":\"never-stored\"");
    assert_proves_nothing(&d, "what it says is not what its entries come to");
    close_desk(&d);
}

static void a_certificate_is_checked_offline_and_by_another_program(void **state)
{
    (void)state;
    struct desk d;
    a_day(&d);
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c --lang en 3"), CLI_OK);
    assert_int_equal(desk_check(&d, "--certificate", "c.json", NULL), 0);
    assert_int_equal(run(&d, "verify --key @/key --lang en @/c.json"), CLI_OK);
    assert_says(printed.out, LOG_NAME ", record 2: proved under its checkpoint of 11 entries\n");
    assert_says(printed.out, "Destroyed at the gateway");
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 3"), CLI_FAILED);
    assert_says(printed.err, "File exists"); /* nothing is ever overwritten */
    close_desk(&d);
}

static void a_certificates_page_stands_alone(void **state)
{
    (void)state;
    struct desk d;
    struct buf page = BUF_INIT(PRINTED_MAX);
    a_day(&d);
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c --lang ko 2"), CLI_OK);
    file_get(&d.files, "c.html", &page);
    assert_says(buf_c(&page), "<html lang=\"ko\">");
    assert_says(buf_c(&page), "파기 증명서");
    assert_says(buf_c(&page), "게이트웨이에서 파기됨");
    assert_says(buf_c(&page), "확인 없음");
    assert_says(buf_c(&page), LOG_NAME "\n11\n"); /* the checkpoint */
    assert_says(buf_c(&page), "{&quot;detail&quot;:&quot;scope=71 scope=9 ");
    assert_null(strstr(buf_c(&page), "<script"));
    assert_null(strstr(buf_c(&page), "src="));
    assert_null(strstr(buf_c(&page), "http:"));
    buf_free(&page);
    close_desk(&d);
}

static void a_certificate_that_was_changed_proves_nothing(void **state)
{
    (void)state;
    struct desk d;
    a_day(&d);
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 2"), CLI_OK);
    change(&d, "scope=72 cause", "scope=73 cause");
    assert_proves_nothing(&d, "entry 7 does not stand there under the checkpoint");
    change(&d, "\"destroyed_leaf\":6", "\"destroyed_leaf\":5");
    assert_proves_nothing(&d, "what it says is not what its entries come to");
    change(&d, "\"record\":2", "\"record\":8");
    assert_proves_nothing(&d, "entry 2 does not belong to the record");
    change(&d, "\\n11\\n", "\\n12\\n");
    assert_proves_nothing(&d, "checkpoint: ");
    change(&d, "fedgate destruction 1", "fedgate destruction 2");
    assert_proves_nothing(&d, "it says no known kind of one");
    put(&d, "changed", "{}");
    assert_proves_nothing(&d, "it is no certificate of destruction");
    close_desk(&d);
}

static void a_certificate_of_another_log_proves_nothing(void **state)
{
    (void)state;
    struct desk d;
    a_day(&d);
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 2"), CLI_OK);
    put(&d, "other", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n");
    assert_int_equal(run(&d, "verify --key @/other @/c.json"), CLI_NO);
    assert_int_equal(run(&d, "verify --key @/key --witness @/other @/c.json"), CLI_FAILED);
    assert_int_equal(run(&d, "verify --key @/key @/c.html"), CLI_NO);
    assert_int_equal(run(&d, "verify --key @/key @/absent"), CLI_FAILED);
    close_desk(&d);
}

/* A checkpoint that was wrong signs nothing away: the tiles are proved against it first. */
static void a_log_that_was_changed_gives_no_certificate(void **state)
{
    (void)state;
    struct desk d;
    a_day(&d);
    file_flip(&d.b, "tile/0/000.p/11");
    assert_int_equal(run(&d, "certificate --log % --key @/key --out @/c 2"), CLI_NO);
    assert_says(printed.err, "\"audit verify\" tells where the log is wrong");
    assert_false(is_there(&d, "c.json"));
    close_desk(&d);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 1);
    assert_int_equal(run(&d, "show --log %"), CLI_USAGE);
    assert_int_equal(run(&d, "show 0"), CLI_USAGE);
    assert_int_equal(run(&d, "show --log % --format pdf 0"), CLI_USAGE);
    assert_int_equal(run(&d, "show --log % x"), CLI_USAGE);
    assert_int_equal(run(&d, "certificate --log % --key @/key 0"), CLI_USAGE);
    assert_int_equal(run(&d, "verify @/key"), CLI_USAGE);
    close_desk(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_shown_from_its_arrival_to_its_destruction),
        cmocka_unit_test(any_entry_about_a_record_leads_to_its_chain),
        cmocka_unit_test(a_record_is_not_destroyed_while_one_of_its_keys_is_there),
        cmocka_unit_test(what_was_never_stored_has_no_certificate),
        cmocka_unit_test(live_video_is_shown_and_was_never_stored),
        cmocka_unit_test(a_deadline_that_passed_is_no_destruction),
        cmocka_unit_test(what_a_recipient_was_ordered_and_confirmed_is_shown_as_its_own_statement),
        cmocka_unit_test(nobody_confirms_for_another_and_no_order_makes_a_certificate),
        cmocka_unit_test(who_owes_a_receipt_is_told_until_it_came),
        cmocka_unit_test(a_certificate_says_what_recipients_confirmed),
        cmocka_unit_test(a_certificate_is_checked_offline_and_by_another_program),
        cmocka_unit_test(a_certificates_page_stands_alone),
        cmocka_unit_test(a_certificate_that_was_changed_proves_nothing),
        cmocka_unit_test(a_certificate_of_another_log_proves_nothing),
        cmocka_unit_test(a_log_that_was_changed_gives_no_certificate),
        cmocka_unit_test(what_is_missing_is_said),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
