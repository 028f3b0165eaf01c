/* Reading a document's nodes into structures: one row a key, so that unknown, missing and wrong are
 * told in one way everywhere. */
#ifndef FEDGATE_CONFIG_READ_H
#define FEDGATE_CONFIG_READ_H

#include "base/clock.h"
#include "config/document.h"

struct read_key;

/* Who is told of each map that is read and of the keys that it may have: documents and schemas that
 * must not differ from the readers are compared with that. */
struct read_watch {
    void (*seen)(struct read_watch *w, const char *what, const struct read_key *keys, size_t count);
};

/* Whoever reads. Embedded in the reader's own state. */
struct reader {
    struct diagnose *d;
    const struct zone *zone;
    struct read_watch *watch; /* NULL: nobody */
};

/* A key that a map may have. `read` gets the target of read_map. */
struct read_key {
    const char *key;
    bool required;
    void (*read)(struct reader *r, const struct node *value, void *target);
};

/* Reads a map by its rows; `what` names the map in messages ("a grant"). False, with errors added,
 * unless it is a map. */
bool read_map(struct reader *r, const struct node *map, const char *what,
              const struct read_key *keys, size_t count, void *target);

/* Adds an error at a node. */
void read_fail(struct reader *r, const struct node *n, enum diagnose_code code, const char *a1,
               const char *a2, const char *a3);

/* Adds to the newest error another node that has to do with it; NULL adds nothing. */
void read_also(struct reader *r, const struct node *n);

/* Each reads one scalar; on failure an error is added, and `out` stays as it was. `what` names the
 * value. */
bool read_is_text(struct reader *r, const struct node *n, const char *what);
bool read_is_list(struct reader *r, const struct node *n, const char *what);
bool read_is_map(struct reader *r, const struct node *n, const char *what);
bool read_text(struct reader *r, const struct node *n, const char *what, size_t most,
               struct bytes *out);
bool read_word(struct reader *r, const struct node *n, const char *what, struct bytes *out);
bool read_number(struct reader *r, const struct node *n, const char *what, int64_t least,
                 int64_t most, int64_t *out);
bool read_yes_no(struct reader *r, const struct node *n, const char *what, bool *out);

/* "90 seconds", "6 hours", "30 days", "1 year", "6시간", "30일"; microseconds. */
bool read_duration(struct reader *r, const struct node *n, const char *what, int64_t *out_us);

/* The same from a text; false when it is none. */
bool read_duration_text(const char *text, int64_t *out_us);

/* "250 m", "2 km"; metres. */
bool read_length(struct reader *r, const struct node *n, const char *what, double *out_m);

/* "64 KiB", "64 MiB", "1 GiB"; bytes. */
bool read_size(struct reader *r, const struct node *n, const char *what, int64_t least,
               int64_t most, int64_t *out);

/* A date, which is midnight in the reader's zone, or an RFC 3339 time. */
bool read_time(struct reader *r, const struct node *n, const char *what, int64_t *out_us);

/* One of a few words: the index in `words`; an error names the nearest and all of them. */
bool read_choice(struct reader *r, const struct node *n, const char *what, const char *const *words,
                 size_t count, unsigned *out);

#endif
