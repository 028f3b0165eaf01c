/* What the files that play a scenario (scenario.h) share. */
#ifndef FEDGATE_TESTS_PLAY_H
#define FEDGATE_TESTS_PLAY_H

#include "house.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/ident.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "json/json.h"

#include <stdbool.h>
#include <sys/queue.h>

enum { TEXT_MAX = 1 << 20, WORDS_MAX = 16, NAMES_MAX = 32, VALUE_MAX = 160 };

/* JSON texts that came and were not looked at. */
struct paper {
    char *text;
    STAILQ_ENTRY(paper) next;
};
STAILQ_HEAD(papers, paper);

struct person {
    char name[64], unit[IDENT_UNIT_MAX + 1];
    struct session *session;
    struct publisher *publisher;
    struct subscriber *subscriber;
    struct sender *sender;
    struct watcher *watcher;
    struct papers receipts, deliveries;
    char *receipt, *delivery; /* last looked at */
    uint64_t seq;             /* of it */
    struct buf sent;          /* the last message */
    bool unavailable;
    /* video */
    bool opened, stream_over, watching, watch_over;
    uint32_t watchers;
    char stream_reason[64], watch_reason[64], watch_record[32];
    size_t seen, waiting; /* waiting: seen, but still in the gateway's hands */
    bool slow, begins, seen_from_start;
    unsigned gaps;
    struct hasher *came; /* over what it saw */
};

struct scenario {
    const char *path;
    unsigned line;
    struct house *h;
    struct person *person[NAMES_MAX];
    size_t persons;
    struct {
        char name[32], value[VALUE_MAX];
    } let[NAMES_MAX];
    size_t lets;
    struct buf clip, photo;
    bool failed;
};

/* One line of a scenario: its words, and the JSON object at its end. */
struct statement {
    char *word[WORDS_MAX];
    size_t words;
    char *json; /* or NULL */
};

/* What is done for a statement that begins with `name` and has at least so many words. A table ends
 * with a row without name. */
struct verb {
    const char *name;
    size_t words;
    void (*run)(struct scenario *s, const struct statement *t);
};

extern const struct verb play_messages[], play_video[], play_receipts[];

/* Sends what stands in p->sent. */
void play_publish(struct scenario *s, struct person *p);

/* Says what is wrong at this line; the scenario ends with it. */
void play_fail(struct scenario *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Who is called so; ends the program when nobody is. */
struct person *play_person(struct scenario *s, const char *name);

/* A fresh UUID, of the house's time. */
void play_uuid(const struct scenario *s, char out[UUID_TEXT + 1]);

/* The text that came first and was not looked at, to be freed; NULL: none. */
char *play_next(struct papers *list);

/* ---- JSON of what came, and of what is sent */

/* An encoded message of the contract as JSON, to be freed. */
char *play_json(const char *type, struct bytes encoded);

struct json *play_parse(const char *text);

/* The node at "a.b[2].c", or NULL. */
const struct json *play_at(const struct json *node, const char *path);

/* A node as one word; of the node at a path, empty when there is none. */
void play_value(const struct json *n, char *out, size_t room);
void play_text(const char *json, const char *path, char *out, size_t room);

/* A message of `type` from a statement's JSON, as the body `kind` when that is not NULL, with a
 * header where the JSON is silent. False after play_fail. */
bool play_encode(struct scenario *s, const struct person *p, const char *type, const char *kind,
                 const char *json, struct buf *encoded);

#endif
