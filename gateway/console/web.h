/* One request and what answers it, as the pages see it. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_WEB_H
#define FEDGATE_CONSOLE_WEB_H

#include "console/console.h"
#include "console/html.h"
#include "console/query.h"
#include "console/visit.h"

#include "base/ident.h"

/* Whom a page is for, and what it asks for first (pages.def). */
enum { FOR_AUDITOR = 1, FOR_OFFICER = 2, FOR_OPERATOR = 4, FOR_ALL = 7 };
enum {
    NEEDS_REASON = 1, /* its records name incidents: the visit has stated a reason */
    NEEDS_VIEW = 2,   /* nothing of it leaves before the log has who looked at it */
    TAKES_FORM = 4,   /* POST too: a form of up to QUERY_BYTES_MAX, read into `form` */
    TAKES_FILE = 8    /* POST too: any body up to CONSOLE_BODY_MAX, in `body` */
};

struct web_page {
    const char *path, *word; /* below the language; one that ends in "/" has a tail */
    unsigned roles, needs;
    enum text name; /* in the navigation; TEXTS: not there */
    void (*make)(struct web_call *w);
};
const struct web_page *web_page_at(size_t i); /* NULL past the last */

/* What is looked at, for the log: a range of leaves [from, to), or one record; how it leaves. */
struct web_seen {
    const char *form; /* "html", "csv", "json" */
    bool has_record;
    uint64_t record, from, to;
};

/* WEB_MAKES: the page is at it, perhaps over several turns; WEB_WAITS: for the view's record. */
enum web_state { WEB_TAKES_BODY, WEB_MAKES, WEB_WAITS, WEB_SENDS, WEB_OVER };

struct web_call {
    struct console *console;
    struct web_call *next, **at;
    void *pipe;
    enum web_state state;
    struct visitor visitor; /* its unit is `unit` */
    char unit[IDENT_UNIT_MAX + 1];
    bool korean, is_post, is_head, is_live /* a stream of events */,
        is_asking /* a long reading of the log */;
    struct buf path;       /* as it came, without its query; a C string */
    struct buf query_text; /* as it came */
    struct bytes tail;     /* of the path, behind the page's own */
    struct query query, form;
    struct buf body;
    size_t large; /* its bytes, of one that is larger than a form; else 0 */
    const struct web_page *page;
    struct buf cookie; /* as it came */
    int64_t asked_us;  /* steady: its request was whole, and its visit is looked up as of then */

    /* the answer */
    unsigned status;
    struct buf out; /* of a whole page */
    struct html html;
    uint64_t ticket;                    /* of the view that is being recorded; 0: none; */
    int64_t recorded_by_us;             /* steady: after that the page is not shown */
    void (*viewed)(struct web_call *w); /* behind that */
    bool is_viewed;
    void (*ready)(struct web_call *w);   /* the pipe has room again */
    int64_t (*turn)(struct web_call *w); /* a slice of work: see web_turn */
    int64_t turn_at_us;                  /* steady */
    void *own;                           /* the page's, freed by `drop` */
    void (*drop)(void *own);
};

/* ---- whole pages */

/* Begins the frame: header, navigation, the title as heading. What is written next is the page. */
struct html *web_begin_page(struct web_call *w, unsigned status, struct bytes title);

/* Ends it, records the view (a page that NEEDS_VIEW; `seen` NULL: as HTML, no leaf in particular),
 * and sends it behind that; or refuses, as web_record. */
void web_show(struct web_call *w, const struct web_seen *seen);

/* A page that says what is wrong and what to do. Its view is not recorded. */
void web_fail(struct web_call *w, unsigned status, enum text what, enum text remedy);

/* 303 to a path of ours, at most CONSOLE_PATH_MAX bytes, else 414; a new visit goes along as a
 * cookie. */
void web_redirect(struct web_call *w, struct bytes to, const struct visit *fresh);

/* ---- streamed answers */

/* Records the view, then calls `then`, or tells the visitor why not. A page that NEEDS_REASON is
 * refused when the visit ended meanwhile: its view would have none. */
void web_record(struct web_call *w, const struct web_seen *seen, void (*then)(struct web_call *w));

/* The head; `file`: the name under which it is to be kept, or NULL. A page that NEEDS_VIEW and was
 * not recorded is refused here: then it is over. */
void web_begin(struct web_call *w, const char *type, const char *file);

/* A piece. False when the visitor is behind, or gone: go on in `ready`. It was taken all the same.
 */
bool web_put(struct web_call *w, struct bytes piece);
void web_end(struct web_call *w);

/* Work in slices: `turn` is called after so long, and answers after how long again (< 0: no more,
 * microseconds). */
void web_turn(struct web_call *w, int64_t (*turn)(struct web_call *w), int64_t after_us);

/* ---- what pages ask */

/* Whether the page is for this visitor; and the one with this path of pages.def: who may not open a
 * page gets no link to it. */
bool web_may(const struct web_call *w, const struct web_page *p);
bool web_may_open(const struct web_call *w, const char *path);

/* "/ko/records" and so on, appended; the other language's address of this very page. */
void web_path(const struct web_call *w, const char *path, struct buf *out);
void web_path_in(const struct web_call *w, bool korean, struct buf *out);

/* The visit, looked up anew; NULL: none, or it is over. One that is there when the page begins to
 * be made is there until `make` returns; later it may have been forgotten. */
struct visit *web_visit(struct web_call *w);

/* Asks the ledger (a control_request) for a unit, whose budget it counts against; none: for all who
 * look. `said` gets control_answer and items, or nothing when the
 * ledger is away or takes too long. The ticket; console_unask forgets it. */
uint64_t console_ask(struct console *c, struct bytes unit, struct bytes request,
                     void (*said)(void *arg, struct bytes answer), void *arg);
void console_unask(struct console *c, uint64_t ticket);

#endif
