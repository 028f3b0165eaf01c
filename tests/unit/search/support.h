/* An index in a folder of its own, over a log of leaves that a test says. */
#ifndef FEDGATE_TESTS_SEARCH_SUPPORT_H
#define FEDGATE_TESTS_SEARCH_SUPPORT_H

#include "search/search.h"

#include "../journal/temp_folder.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

#define W(text)  bytes_of_text(text)
#define TEN      INT64_C(1763686800000000) /* 2025-11-21T01:00:00Z */
#define ORIGIN   "daejeon.example/log"
#define POLICE   "npa-daejeon/112-control"
#define FIRE     "daejeon-fire/119-control"
#define CENTRE   "daejeon-city-center/video-monitoring"
#define INCIDENT POLICE ":019aa2b0-0000-7000-8000-000000000001"

struct bench {
    struct temp_folder folder;
    struct search *s;
    uint64_t next; /* index of the next leaf */
};

static inline void reopen(struct bench *b)
{
    assert_int_equal(search_open(b->folder.fd, W(ORIGIN), NULL, &b->s), RESULT_OK);
}

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){.folder = temp_folder_in_memory()};
    reopen(b);
}

static inline void bench_free(struct bench *b)
{
    search_close(b->s);
    temp_folder_free(&b->folder);
}

/* The next leaf, a second after the one before. */
static inline uint64_t add(struct bench *b, struct leaf leaf)
{
    leaf.index = b->next++;
    if (leaf.time_us == 0)
        leaf.time_us = TEN + (int64_t)leaf.index * US_PER_S;
    memcpy(leaf.salt, &leaf.index, sizeof leaf.index);
    assert_int_equal(search_take(b->s, &leaf), RESULT_OK);
    return leaf.index;
}

static inline void settle(struct bench *b)
{
    assert_int_equal(search_settle(b->s), RESULT_OK);
}

/* A message from the police for the fire brigade. */
static inline uint64_t add_message(struct bench *b, const char *id)
{
    static const struct bytes incident = {(const uint8_t *)INCIDENT, sizeof INCIDENT - 1};
    const struct leaf_recipient r = {
        .unit = W(FIRE), .reason = W("permitted"), .clause = W("rescue#alerts")};
    return add(b, (struct leaf){.event = AUDIT_RECEIVED,
                                .id = W(id),
                                .source = W(POLICE),
                                .kind = W("alert"),
                                .service = W("112-patrol"),
                                .purpose = W("crime-response"),
                                .status = W("actual"),
                                .incident = &incident,
                                .incidents = 1,
                                .size = 100,
                                .recipient = &r,
                                .recipients = 1});
}

/* A file of the index, as it is named (search/files.c). */
static inline void file_path(const struct bench *b, const char *name, char out[96])
{
    (void)snprintf(out, 96, "%s/%s", b->folder.path, name);
}

static inline struct search_query ask(enum search_field field, struct bytes value)
{
    return (struct search_query){.term = {{field, value}},
                                 .terms = 1,
                                 .from_us = INT64_MIN,
                                 .until_us = INT64_MAX,
                                 .before = UINT64_MAX};
}

/* How many there are by one page. */
static inline size_t count_of(const struct bench *b, enum search_field field, struct bytes value)
{
    uint64_t out[SEARCH_PAGE_MAX];
    size_t found;
    bool more;
    const struct search_query q = ask(field, value);
    assert_int_equal(search_find(b->s, &q, out, SEARCH_PAGE_MAX, &found, &more), RESULT_OK);
    assert_false(more);
    return found;
}

#endif
