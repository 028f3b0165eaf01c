/* A visit with a stated reason, a log of leaves that a test says, and answers that take several
 * turns. */
#ifndef FEDGATE_TESTS_CONSOLE_VISIT_SUPPORT_H
#define FEDGATE_TESTS_CONSOLE_VISIT_SUPPORT_H

#include "support.h"

#define CENTRE   "daejeon-city-center/video-monitoring"
#define POLICE   "npa-daejeon/112-control"
#define FIRE     "daejeon-fire/119-control"
#define INCIDENT POLICE ":019aa2b0-0000-7000-8000-000000000001"

struct visit_bench {
    struct web_bench web;
    char cookie[128];
    struct visitor visitor;
};

/* The next leaf, so many seconds after TEN. */
static inline uint64_t leaf_at(struct log_bench *b, struct leaf leaf, int64_t after_s)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    leaf.index = tiles_size(b->tiles);
    leaf.time_us = TEN + after_s * US_PER_S;
    memcpy(leaf.salt, &leaf.index, sizeof leaf.index);
    assert_int_equal(leaf_write(&leaf, &entry), RESULT_OK);
    tiles_append(b->tiles, buf_view(&entry));
    buf_free(&entry);
    return leaf.index;
}

/* A message with this incident (NULL: none), permitted for one unit, and what that got under a key.
 */
static inline uint64_t message_at(struct log_bench *b, const char *kind, const char *from,
                                  const char *to, const char *incident, const char *reason,
                                  int64_t after_s)
{
    const struct bytes of = B(incident);
    const struct leaf_recipient r = {.unit = B(to), .reason = B(reason), .clause = B("mou#grant")};
    return leaf_at(b,
                   (struct leaf){.event = AUDIT_RECEIVED,
                                 .kind = B(kind),
                                 .source = B(from),
                                 .service = B("112-onsite-video"),
                                 .purpose = B("crime-response"),
                                 .basis = B("kr/pipa/18-2-3"),
                                 .status = B("actual"),
                                 .incident = &of,
                                 .incidents = incident == NULL ? 0 : 1,
                                 .recipient = &r,
                                 .recipients = 1},
                   after_s);
}

static inline uint64_t release_at(struct log_bench *b, uint64_t received, const char *from,
                                  const char *to, const char *incident, const char *reason,
                                  unsigned scope, int64_t after_s)
{
    char detail[32];
    const struct bytes of = B(incident);
    const struct leaf_recipient r = {.unit = B(to), .reason = B(reason), .clause = B("mou#grant")};
    (void)snprintf(detail, sizeof detail, "scope=%u", scope);
    return leaf_at(b,
                   (struct leaf){.event = AUDIT_RELEASED,
                                 .kind = B("scene_image"),
                                 .source = B(from),
                                 .incident = &of,
                                 .incidents = incident == NULL ? 0 : 1,
                                 .recipient = &r,
                                 .recipients = 1,
                                 .has_refers = true,
                                 .refers = received,
                                 .size = 100,
                                 .detail = B(detail)},
                   after_s);
}

/* ---- visits */

static inline void visit_init(struct visit_bench *b)
{
    web_init(&b->web);
    b->cookie[0] = '\0';
    b->visitor = visitor_of(POLICY_CONSOLE_AUDITOR);
}

static inline void visit_free(struct visit_bench *b)
{
    web_free(&b->web);
}

/* States a reason, and keeps the cookie. */
static inline void state_reason(struct visit_bench *b)
{
    struct web_request r = get_of("/en/reason", "", "");
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("application/x-www-form-urlencoded");
    console_gone(ask_as(&b->web, &b->visitor, &r, "reason=inspection"));
    const char *at = strstr(buf_c(&b->web.fields), "set-cookie: ");
    assert_non_null(at);
    at += strlen("set-cookie: ");
    (void)snprintf(b->cookie, sizeof b->cookie, "%.*s", (int)strcspn(at, ";"), at);
}

/* Sends a request of the visit; the call lives on. */
static inline struct web_call *visit_ask(struct visit_bench *b, const char *path, const char *query)
{
    const struct web_request r = get_of(path, query, b->cookie);
    return ask_as(&b->web, &b->visitor, &r, "");
}

/* Turns, a millisecond each, until the answer is whole. */
static inline void turn_to_end(struct visit_bench *b)
{
    for (unsigned i = 0; b->web.ended == 0; i++) {
        assert_true(i < 100000);
        b->web.now_us += 1000;
        (void)console_turn(b->web.console);
    }
}

static inline unsigned visit_get(struct visit_bench *b, const char *path, const char *query)
{
    struct web_call *w = visit_ask(b, path, query);
    turn_to_end(b);
    console_gone(w);
    return b->web.status;
}

/* A form with files, parted by "--x". */
static inline unsigned visit_post_files(struct visit_bench *b, const char *path, const char *body)
{
    struct web_request r = get_of(path, "", b->cookie);
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("multipart/form-data; boundary=x");
    struct web_call *w = ask_as(&b->web, &b->visitor, &r, body);
    turn_to_end(b);
    console_gone(w);
    return b->web.status;
}

#endif
