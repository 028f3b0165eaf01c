/* Records as a file, in slices: as many as there are, as fast as they are taken, until the visitor
 * goes. It ends with how many there are, and how many are not in it, and why. */
#include "base/mem.h"
#include "console/filter.h"
#include "console/gaps.h"
#include "console/index.h"
#include "console/record_row.h"
#include "console/state.h"
#include "report/table.h"

enum { SLICE_US = 2000, ROWS = 64, PIECE_MAX = (ROWS + 2) * 4 * (LEAF_MAX + 4096) };

struct export
{
    struct search_query query; /* its words are the call's */
    struct index_wait wait;
    uint64_t begun, reached; /* of the index, which has to stay the same one */
    bool is_csv;
    struct gaps gaps;
};

static void put_row(struct web_call *w, struct export *e, uint64_t index, struct buf *out)
{
    struct leaf leaf;
    struct leaf_room *room;
    struct bytes entry;
    if (gaps_read(&e->gaps, w, index, &leaf, &room)) {
        if (e->is_csv) {
            record_csv_row(&leaf, w->korean, out);
        } else if (leaves_entry(w->console->leaves, index, &entry) == RESULT_OK) {
            buf_put(out, entry.p, entry.n); /* the very leaf; the end follows in any case */
            buf_text(out, ",\n");
        }
    }
    leaf_room_free(room);
}

static void put_end(struct web_call *w, const struct export *e, struct buf *out)
{
    if (e->is_csv) {
        gaps_csv(&e->gaps, RECORD_COLUMNS, w->korean, out);
        return;
    }
    gaps_json(&e->gaps, out);
    buf_text(out, "\n]\n");
}

/* The next rows. False: that was all, or it broke off, which is said where a reader sees it: a JSON
 * file without its end is none. */
static bool put_rows(struct web_call *w, struct export *e, struct buf *out)
{
    uint64_t index[ROWS];
    size_t found = 0;
    bool more = false;
    struct search *s = w->console->config.search;
    if (search_begun(s) != e->begun ||
        search_find(s, &e->query, index, ROWS, &found, &more) != RESULT_OK) {
        if (e->is_csv)
            table_csv_count(out, RECORD_COLUMNS, text_of(TEXT_NOT_ALL, w->korean), e->gaps.shown);
        return false;
    }
    for (size_t i = 0; i < found; i++)
        put_row(w, e, index[i], out);
    if (more)
        e->query.before = e->reached;
    else
        put_end(w, e, out);
    return more;
}

/* The visitor is behind: nothing is read until there is room again. */
static int64_t send_rows(struct web_call *w);
static void go_on(struct web_call *w)
{
    w->ready = NULL;
    web_turn(w, send_rows, 0);
}

static int64_t send_rows(struct web_call *w)
{
    struct export *e = w->own;
    int64_t until_us = console_now(w->console) + SLICE_US;
    bool more = true, has_room = true;
    struct buf piece = BUF_INIT(PIECE_MAX);
    do {
        buf_clear(&piece);
        more = put_rows(w, e, &piece);
        has_room = piece.n == 0 || web_put(w, buf_view(&piece));
    } while (more && has_room && console_now(w->console) < until_us);
    buf_free(&piece);
    if (!more)
        web_end(w);
    else if (!has_room)
        w->ready = go_on;
    return more && has_room ? 0 : -1;
}

static void begin_file(struct web_call *w)
{
    struct export *e = w->own;
    struct buf head = BUF_INIT(4096);
    web_begin(w, e->is_csv ? "text/csv; charset=utf-8" : "application/json",
              e->is_csv ? "records.csv" : "records.json");
    if (w->state != WEB_SENDS)
        return;
    if (e->is_csv)
        record_csv_head(w->korean, &head);
    else
        buf_text(&head, "[\n");
    (void)web_put(w, buf_view(&head));
    buf_free(&head);
    web_turn(w, send_rows, 0);
}

/* A file that ends as a whole one has all that the log had: none is made of a part of the index. */
static int64_t await_index(struct web_call *w)
{
    struct export *e = w->own;
    const struct web_seen seen = {.form = e->is_csv ? "csv" : "json", .to = e->query.before};
    const enum result r = index_wait_look(w, &e->wait);
    if (r == RESULT_AGAIN)
        return INDEX_LOOK_US;
    if (r == RESULT_OK) {
        e->begun = search_begun(w->console->config.search);
        web_record(w, &seen, begin_file);
    } else {
        web_fail(w, 503, TEXT_NO_INDEX, TEXT_NO_INDEX_DO);
    }
    return w->turn == await_index ? -1 : 0; /* the file may have begun */
}

/* Newest first, from the end that there is now. */
static void begin_export(struct web_call *w, bool is_csv)
{
    struct search_query q;
    if (!records_begin(w, &q))
        return;
    struct export *e = mem_new(sizeof *e);
    *e = (struct export){.query = q, .wait = index_wait_begin(w), .is_csv = is_csv};
    gaps_begin(&e->gaps, w);
    e->query.before = q.before < e->wait.size ? q.before : e->wait.size;
    e->query.oldest_first = false;
    e->query.reached = &e->reached;
    w->own = e;
    w->drop = mem_free;
    web_turn(w, await_index, 0);
}

void page_records_csv(struct web_call *w);
void page_records_csv(struct web_call *w)
{
    begin_export(w, true);
}

void page_records_json(struct web_call *w);
void page_records_json(struct web_call *w)
{
    begin_export(w, false);
}
