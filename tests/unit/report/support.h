/* A world made of leaves that a test says, with facts that fit them. */
#ifndef FEDGATE_TESTS_REPORT_SUPPORT_H
#define FEDGATE_TESTS_REPORT_SUPPORT_H

#include "report/questions.h"

#include "crypto/digest.h"
#include "crypto/init.h"
#include "crypto/mac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define W(text)  bytes_of_text(text)
#define TEN      INT64_C(1763686800000000) /* 2025-11-21T10:00:00+09:00 */
#define CENTRE   "daejeon-city-center/video-monitoring"
#define POLICE   "npa-daejeon/112-control"
#define CARRIER  "carrier-hana/guardian-service"
#define INCIDENT POLICE ":019aa2b0-0000-7000-8000-000000000001"
#define SUBJECT  "carrier-hana/s-1001"

static const struct bytes incident = {(const uint8_t *)INCIDENT, sizeof INCIDENT - 1};

struct bench {
    struct facts_file *facts;
    struct world *world;
    struct names names;
    struct report report;
    struct hasher *hasher;
    uint64_t next;
    uint8_t subjects[KEY_BYTES];
};

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){.facts = facts_new(), .hasher = hasher_new()};
    memset(b->subjects, 's', sizeof b->subjects);
    b->world = world_new(b->facts, INT64_MIN, INT64_MAX);
    b->report = (struct report){.world = b->world,
                                .names = &b->names,
                                .from_us = INT64_MIN,
                                .until_us = INT64_MAX,
                                .now_us = TEN + US_PER_DAY};
}

static inline void bench_free(struct bench *b)
{
    world_free(b->world);
    facts_free(b->facts);
    hasher_free(b->hasher);
}

/* Only what lies between these seconds after TEN. */
static inline void between(struct bench *b, int64_t from_s, int64_t until_s)
{
    b->report.from_us = TEN + from_s * US_PER_S;
    b->report.until_us = TEN + until_s * US_PER_S;
}

/* The next leaf, so many seconds after TEN, with its fact (NULL: none); its index. */
static inline uint64_t add(struct bench *b, struct leaf leaf, const struct fact *fact,
                           int64_t after_s)
{
    struct buf text = BUF_INIT(FACT_MAX);
    struct opened_fact o = {.index = b->next, .scope = 7};
    uint8_t commitment[32];
    leaf.index = b->next++;
    leaf.time_us = TEN + after_s * US_PER_S;
    if (fact != NULL) {
        const struct bytes salt = bytes_of(o.salt, sizeof o.salt);
        assert_int_equal(fact_write(fact, &text), RESULT_OK);
        o.text = buf_view(&text);
        memcpy(o.subjects, b->subjects, sizeof o.subjects);
        hasher_sha256(b->hasher, (const struct bytes[]){salt, o.text}, 2, commitment);
        facts_add(b->facts, &o);
        leaf.fact = commitment;
    }
    world_take(b->world, &leaf);
    buf_free(&text);
    return leaf.index;
}

/* A message of this kind, permitted for one unit. */
static inline uint64_t add_message(struct bench *b, const char *kind, const char *from,
                                   const char *to, const char *basis, const struct fact *fact,
                                   int64_t after_s)
{
    const struct leaf_recipient r = {
        .unit = W(to), .reason = W("permitted"), .clause = W("mou#grant")};
    return add(b,
               (struct leaf){.event = AUDIT_RECEIVED,
                             .kind = W(kind),
                             .source = W(from),
                             .service = W("112-onsite-video"),
                             .purpose = W("crime-response"),
                             .basis = W(basis),
                             .status = W("actual"),
                             .incident = &incident,
                             .incidents = 1,
                             .recipient = &r,
                             .recipients = 1},
               fact, after_s);
}

/* What one unit got of it, under this scope. */
static inline uint64_t add_about(struct bench *b, enum audit_event event, uint64_t refers,
                                 const char *unit, const char *detail, const struct fact *fact,
                                 int64_t after_s)
{
    const struct leaf_recipient r = {.unit = W(unit),
                                     .reason = W("permitted"),
                                     .clause = W("mou#grant"),
                                     .deadline_us = event == AUDIT_RELEASED ? TEN + US_PER_DAY : 0};
    return add(b,
               (struct leaf){.event = event,
                             .recipient = &r,
                             .recipients = 1,
                             .has_refers = true,
                             .refers = refers,
                             .size = 100,
                             .detail = W(detail)},
               fact, after_s);
}

/* A stream of this camera. */
static inline uint64_t add_stream(struct bench *b, const char *camera, const char *staff,
                                  int64_t after_s)
{
    const struct leaf_recipient r = {
        .unit = W(CENTRE), .reason = W("permitted"), .clause = W("mou#live")};
    const struct fact f = {.camera = {W(camera)},
                           .cameras = 1,
                           .item = {W("video")},
                           .items = 1,
                           .form = W("video/mp2t"),
                           .staff = W(staff)};
    return add(b,
               (struct leaf){.event = AUDIT_STREAM_OPENED,
                             .kind = W("video"),
                             .source = W(CENTRE),
                             .purpose = W("crime-response"),
                             .basis = W("kr/pipa/18-2-3"),
                             .incident = &incident,
                             .incidents = 1,
                             .recipient = &r,
                             .recipients = 1},
               &f, after_s);
}

/* One who watches it, from and to these seconds. */
static inline uint64_t add_watch(struct bench *b, uint64_t stream, const char *camera,
                                 const char *unit, const char *staff, int64_t from_s, int64_t to_s)
{
    const struct fact f = {.camera = {W(camera)},
                           .cameras = 1,
                           .item = {W("video")},
                           .items = 1,
                           .form = W("video/mp2t"),
                           .staff = W(staff)};
    const uint64_t index = add_about(b, AUDIT_WATCH_OPENED, stream, unit, "", &f, from_s);
    (void)add_about(b, AUDIT_WATCH_ENDED, index, unit, "bytes=5000 frames=4 gaps=1", NULL, to_s);
    return index;
}

/* ---- what a table says */

static inline struct bytes cell(const struct report_table *t, size_t row, size_t column)
{
    assert_true(row < table_rows(t) && column < table_columns(t));
    return table_cell(t, row, column);
}

#define assert_cell(t, row, column, text) assert_string_equal(text_of(cell(t, row, column)), text)

static inline const char *text_of(struct bytes b)
{
    static char text[1024];
    (void)snprintf(text, sizeof text, "%.*s", (int)b.n, (const char *)b.p);
    return text;
}

#endif
