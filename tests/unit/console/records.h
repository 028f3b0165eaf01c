/* A console over a log of leaves, with its index. */
#ifndef FEDGATE_TESTS_CONSOLE_RECORDS_H
#define FEDGATE_TESTS_CONSOLE_RECORDS_H

#include "support.h"

#include "search/search.h"

#define POLICE   "npa-daejeon/112-control"
#define FIRE     "daejeon-fire/119-control"
#define CENTRE   "daejeon-city-center/video-monitoring"
#define INCIDENT POLICE ":019aa2b0-0000-7000-8000-000000000001"

struct records_bench {
    struct web_bench web;
    struct temp_folder index;
    struct search *search;
    char cookie[256];
};

/* The next leaf, a second behind the one before; its index. */
static inline uint64_t add_leaf(struct records_bench *b, struct leaf leaf)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    leaf.index = tiles_size(b->web.log.tiles);
    leaf.time_us = TEN + (int64_t)leaf.index * US_PER_S;
    assert_int_equal(leaf_write(&leaf, &entry), RESULT_OK);
    tiles_append(b->web.log.tiles, buf_view(&entry));
    buf_free(&entry);
    return leaf.index;
}

/* A message from one unit to another, with its delivery. */
static inline uint64_t add_message(struct records_bench *b, const char *from, const char *to,
                                   const char *reason)
{
    static const struct bytes incident = {(const uint8_t *)INCIDENT, sizeof INCIDENT - 1};
    const struct leaf_recipient r = {
        .unit = B(to), .reason = B(reason), .clause = B("mou-a#alerts")};
    return add_leaf(b, (struct leaf){.event = AUDIT_RECEIVED,
                                     .id = B("019aa2b0-0000-7000-8000-0000000000aa"),
                                     .kind = B("guardian_alert"),
                                     .source = B(from),
                                     .service = B("112-onsite-video"),
                                     .purpose = B("crime-response"),
                                     .status = B("actual"),
                                     .incident = &incident,
                                     .incidents = 1,
                                     .recipient = &r,
                                     .recipients = 1,
                                     .detail = B("scopes=7")});
}

static inline uint64_t add_about(struct records_bench *b, enum audit_event e, uint64_t refers,
                                 const char *unit, const char *detail)
{
    const struct leaf_recipient r = {.unit = B(unit), .clause = B("mou-a#alerts")};
    return add_leaf(b, (struct leaf){.event = e,
                                     .recipient = &r,
                                     .recipients = unit[0] != '\0',
                                     .has_refers = e != AUDIT_DESTROYED,
                                     .refers = refers,
                                     .detail = B(detail)});
}

/* Markup wherever a leaf has a text. */
static inline uint64_t add_hostile(struct records_bench *b)
{
    static const struct bytes incident[] = {{(const uint8_t *)MARKUP, sizeof MARKUP - 1}};
    const struct leaf_recipient r = {.unit = B(MARKUP),
                                     .reason = B(MARKUP),
                                     .clause = B(MARKUP),
                                     .failed = B(MARKUP),
                                     .flags = B(MARKUP),
                                     .deadline_us = TEN};
    return add_leaf(b, (struct leaf){.event = AUDIT_RECEIVED,
                                     .id = B(MARKUP),
                                     .kind = B(MARKUP),
                                     .source = B(MARKUP),
                                     .service = B(MARKUP),
                                     .purpose = B(MARKUP),
                                     .basis = B(MARKUP),
                                     .status = B(MARKUP),
                                     .lane = B(MARKUP),
                                     .incident = incident,
                                     .incidents = 1,
                                     .recipient = &r,
                                     .recipients = 1,
                                     .detail = B("scopes=" MARKUP " cause=\xe2\x80\xae" MARKUP)});
}

/* An empty log with an index; the visit has no reason yet. */
static inline void records_init(struct records_bench *b)
{
    *b = (struct records_bench){.index = temp_folder_new()};
    web_init(&b->web);
    console_free(b->web.console);
    assert_int_equal(search_open(b->index.fd, B(LOG_NAME), NULL, &b->search), RESULT_OK);
    b->web.config.search = b->search;
    b->web.console = console_new(&b->web.config);
}

/* What was added is published and in the index. */
static inline void publish(struct records_bench *b)
{
    log_publish(&b->web.log);
    b->web.now_us += US_PER_S;
    while (search_size(b->search) < tiles_size(b->web.log.tiles))
        (void)console_turn(b->web.console);
}

static inline void records_free(struct records_bench *b)
{
    web_free(&b->web);
    search_close(b->search);
    temp_folder_free(&b->index);
}

/* States a reason; the cookie that the browser keeps. */
static inline void state_reason(struct records_bench *b, const struct visitor *v,
                                const char *reason)
{
    char form[512];
    struct web_request r = get_of("/en/reason", "", "");
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("application/x-www-form-urlencoded");
    (void)snprintf(form, sizeof form, "reason=%s&then=/en/records", reason);
    console_gone(ask_as(&b->web, v, &r, form));
    assert_int_equal(b->web.status, 303);
    const char *at = strstr(buf_c(&b->web.fields), "set-cookie: ");
    assert_non_null(at);
    at += strlen("set-cookie: ");
    (void)snprintf(b->cookie, sizeof b->cookie, "%.*s", (int)strcspn(at, ";"), at);
}

/* The whole exchange, with as many turns as it takes. */
static inline unsigned get_records(struct records_bench *b, const struct visitor *v,
                                   const char *path, const char *query)
{
    const struct web_request r = get_of(path, query, b->cookie);
    struct web_call *w = ask_as(&b->web, v, &r, "");
    for (size_t i = 0; b->web.ended == 0 && i < 10000; i++) {
        (void)console_turn(b->web.console);
        if (b->web.queued == 0)
            console_writable(w);
    }
    console_gone(w);
    assert_int_equal(b->web.ended, 1);
    return b->web.status;
}

#endif
