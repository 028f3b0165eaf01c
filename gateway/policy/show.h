/* A memorandum as sentences, ready for any kind of page. Inside policy/ only. */
#ifndef FEDGATE_POLICY_SHOW_H
#define FEDGATE_POLICY_SHOW_H

#include "policy/phrase.h"

enum show_style {
    SHOW_CHAPTER,  /* "Chapter 2  What may be given" */
    SHOW_ARTICLE,  /* a clause: its title, and the name by which it is cited */
    SHOW_SENTENCE, /* numbered within its article */
    SHOW_POINT,    /* numbered within its sentence */
    SHOW_SUBPOINT, /* numbered within its point */
    SHOW_QUOTE     /* what the law says, below a point */
};

struct show_line {
    enum show_style style;
    unsigned line; /* of the file; 0: of none */
    char mark[24]; /* "(1)", "①", "Article 3" */
    char *text;
    char *name; /* an article's clause, or NULL */
};

struct show {
    const struct policy *p;
    bool korean;
    struct map *said; /* values, by their address */
    struct show_line *line;
    size_t count, room;
    unsigned number[SHOW_QUOTE]; /* of each style, within what it stands in */
};

/* An empty one; freed by show_free (NULL is fine). The policy must outlive it. */
struct show *show_new(const struct policy *p, bool korean);
void show_free(struct show *s);

/* Says the whole memorandum in this document (show_memorandum.c). */
void show_memorandum(struct show *s, const struct node *root);

/* Whether it has the keys without which no memorandum compiles (show_page.c). */
bool show_is_memorandum(const struct node *root);

/* Its title in the language. */
const char *show_title(const struct node *root, bool korean);

/* A value that no sentence says, or NULL. */
const struct node *show_unsaid(const struct show *s, const struct node *root);

/* Adds a line, copied, numbered by its style. */
void show_add(struct show *s, enum show_style style, unsigned line, const char *text,
              const char *name);

/* Adds every row of sentences.def for `place` that has something to say about `n`; returns how many
 * did. Points become subpoints when `deeper`. */
size_t show_say(struct show *s, const char *place, const struct node *n, const char *about,
                bool deeper);

/* Appends the rows for `place` as one line: "a; b; and c". */
void show_join(struct show *s, const char *place, const struct node *n, struct buf *out);

/* That a value was said, or needs no sentence of its own. */
void show_mark(struct show *s, const struct node *n);

/* A grant, as an article (show_grant.c). */
void show_grant(struct show *s, const struct node *n);

#endif
