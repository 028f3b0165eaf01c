/* Messages for tests, written as JSON: a good header, and a body to go with it. */
#ifndef FEDGATE_TEST_SAMPLE_H
#define FEDGATE_TEST_SAMPLE_H

#include "base/limits.h"
#include "crypto/init.h"
#include "message/json.h"
#include "message/kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define UUID_1   "019aa2b0-0000-7000-8000-000000000001"
#define UUID_2   "019aa2b0-0000-7000-8000-000000000002"
#define INCIDENT "daejeon-city-center/protection:" UUID_1
#define NOW_US   INT64_C(1795262410000000) /* ten seconds after the sample was created */

#define HEADER                                                                                     \
    "\"id\":\"" UUID_2 "\",\"source\":\"carrier-a/alerts\",\"service\":\"vulnerable-persons\","    \
    "\"purpose\":\"protection\",\"status\":\"STATUS_ACTUAL\","                                     \
    "\"basis\":{\"code\":\"kr/location/26\","                                                      \
    "\"evidence\":[{\"kind\":\"guardian-registration\",\"value\":\"대전-17\"}]},"                \
    "\"createdAt\":\"2026-11-21T12:00:00Z\",\"incidentId\":[\"" INCIDENT "\"]"

#define POSITION                                                                                   \
    "{\"latitude\":36.3504,\"longitude\":127.3845,\"accuracyM\":12.5,"                             \
    "\"fixedAt\":\"2026-11-21T11:59:58Z\",\"method\":\"POSITION_METHOD_GNSS\"}"

#define ALERT                                                                                      \
    "\"alertId\":\"" UUID_1 "\",\"sequence\":1,\"phase\":\"ALERT_PHASE_NEW\","                     \
    "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-17\"},"                                      \
    "\"category\":[\"SUBJECT_CATEGORY_CHILD\",\"SUBJECT_CATEGORY_OTHER_DISABILITY\"],"             \
    "\"ageBand\":\"AGE_BAND_UP_TO_8\",\"trigger\":\"ALERT_TRIGGER_BUTTON\","                       \
    "\"consent\":{\"ref\":\"C-1\",\"givenBy\":\"CONSENT_GIVER_LIA_26_GUARDIAN\","                  \
    "\"item\":[\"position\",\"photo\"],\"recipient\":[\"daejeon-city-center\"],"                   \
    "\"purpose\":[\"protection\"],\"until\":\"2027-01-01T00:00:00Z\"},"                            \
    "\"position\":" POSITION ",\"speedMps\":1.5,\"headingDeg\":360,\"zoneRef\":\"집-학교\","    \
    "\"batteryPercent\":71,\"heightCm\":121,\"features\":\"빨간 외투\","                       \
    "\"guardianContact\":\"010-0000-0000\""

/* One message and what was found of it. */
struct sample {
    struct arena *arena;
    struct buf wire;
    struct message message;
    struct finding why;
    struct check_limits limits;
    struct findings found;
};

/* "fedgate.v1.Message" and the like, from JSON, as encoded bytes in `wire`. */
static inline void sample_encode(const char *type, const char *json, struct buf *wire)
{
    char why[200] = "";
    if (message_from_json(message_type(type), bytes_of_text(json), wire, why, sizeof why) !=
        RESULT_OK)
        fail_msg("%s", why);
}

static inline void sample_free(struct sample *s)
{
    buf_free(&s->wire);
    arena_free(s->arena);
}

static inline enum result sample_decode_wire(struct sample *s)
{
    s->arena = arena_new(LIMIT_ARENA);
    s->limits = (struct check_limits){.now_us = NOW_US,
                                      .service_area = {{36.18, 127.24}, {36.50, 127.56}},
                                      .id_window_us = LIMIT_ID_WINDOW};
    return message_decode(s->arena, buf_view(&s->wire), &s->message, &s->why);
}

/* Decodes {"header":{header},"kind":{body}}; `kind` in the contract's own name. */
static inline void sample_decode(struct sample *s, const char *header, const char *kind,
                                 const char *body)
{
    struct buf json = BUF_INIT(1u << 22);
    *s = (struct sample){.wire = BUF_INIT(1u << 22)};
    buf_printf(&json, "{\"header\":{%s},\"%s\":{%s}}", header, kind, body);
    sample_encode("fedgate.v1.Message", buf_c(&json), &s->wire);
    buf_free(&json);
    assert_int_equal(sample_decode_wire(s), RESULT_OK);
}

static inline void sample_check(struct sample *s)
{
    message_check(&s->message, &s->limits, &s->found);
}

/* Decoded and checked at once. */
static inline void sample_of(struct sample *s, const char *header, const char *kind,
                             const char *body)
{
    sample_decode(s, header, kind, body);
    sample_check(s);
}

/* Whether the finding has this reason and its text begins so. */
static inline void assert_finding(const struct sample *s, size_t i, enum reason reason,
                                  const char *text)
{
    assert_true(i < s->found.count);
    assert_string_equal(reason_word(s->found.finding[i].reason), reason_word(reason));
    if (strncmp(s->found.finding[i].text, text, strlen(text)) != 0)
        assert_string_equal(s->found.finding[i].text, text);
}

static inline void assert_refused(const struct sample *s, enum reason reason, const char *text)
{
    assert_true(s->found.refused);
    assert_finding(s, 0, reason, text);
}

/* Permitted, with one flag. */
static inline void assert_flagged(const struct sample *s, enum reason reason, const char *text)
{
    assert_false(s->found.refused);
    assert_int_equal(s->found.count, 1);
    assert_finding(s, 0, reason, text);
}

static inline void assert_clean(const struct sample *s)
{
    if (s->found.count > 0)
        assert_string_equal(s->found.finding[0].text, "");
    assert_false(s->found.refused);
}

/* Checks a body, and frees it. */
static inline void expect_refused(const char *kind, const char *body, enum reason reason,
                                  const char *text)
{
    struct sample s;
    sample_of(&s, HEADER, kind, body);
    assert_refused(&s, reason, text);
    sample_free(&s);
}

static inline void expect_flagged(const char *kind, const char *body, enum reason reason,
                                  const char *text)
{
    struct sample s;
    sample_of(&s, HEADER, kind, body);
    assert_flagged(&s, reason, text);
    sample_free(&s);
}

static inline void expect_clean(const char *kind, const char *body)
{
    struct sample s;
    sample_of(&s, HEADER, kind, body);
    assert_clean(&s);
    sample_free(&s);
}

/* A file of tests/data, appended. */
static inline void read_file(const char *path, struct buf *out)
{
    char at[200];
    (void)snprintf(at, sizeof at, "tests/data/%s", path);
    FILE *f = fopen(at, "rb");
    assert_non_null(f);
    for (int c; (c = fgetc(f)) != EOF;)
        buf_u8(out, (uint8_t)c);
    (void)fclose(f);
}

#endif
