#include "console/asking.h"

#include "base/mem.h"
#include "console/access.h"
#include "console/asked.h"
#include "console/carried.h"
#include "console/state.h"
#include "console/tables.h"
#include "console/when.h"
#include "report/page.h"
#include "search/search.h"

#include <inttypes.h>
#include <stdio.h>

/* Of a page, whose tables have a bound (tables.h); of a row of a file. */
enum { WHOLE_MAX = 64 << 20, ROW_MAX = 4 << 20, PIECE = 64 << 10, TELL_EVERY_MS = 400 };
enum form { AS_PAGE, AS_CSV, AS_JSON, NO_FORM };

static const char *const form_words[] = {"html", "csv", "json"};

struct asking {
    struct asking_config config;
    struct web_call *w;
    struct carried *carried;
    enum form form;
    struct asked asked;
    int64_t told_us;
    bool has_steps; /* the page says how far it is */

    struct buf whole; /* a page */
    size_t sent;
    struct report_table *table[INQUIRY_TABLES]; /* what a file is made of while it is sent: */
    size_t tables, at, row;                     /* the next one, and the next row of it */
};

static void free_tables(struct asking *a)
{
    for (size_t i = 0; i < a->tables; i++)
        table_free(a->table[i]);
    a->tables = 0;
}

static void drop(void *own)
{
    struct asking *a = own;
    a->w->console->jobs--;
    a->carried->jobs--;
    carried_release(a->carried);
    inquiry_free(a->asked.inquiry);
    free_tables(a);
    buf_free(&a->whole);
    mem_free(a);
}

/* ---- sending */

static void send_on(struct web_call *w)
{
    struct asking *a = w->own;
    while (a->sent < a->whole.n) {
        const size_t left = a->whole.n - a->sent, n = left < PIECE ? left : PIECE;
        const struct bytes piece = bytes_of(a->whole.p + a->sent, n);
        a->sent += n;
        if (!web_put(w, piece))
            return;
    }
    web_end(w);
}

/* The next piece of a file. False: a row is too long, and it breaks off there without the counts
 * that a whole one ends with. */
static bool put_piece(struct asking *a, struct buf *piece)
{
    const struct report_table *t = a->table[a->at];
    const bool is_csv = a->form == AS_CSV;
    const bool is_whole = is_csv ? table_csv_part(t, &a->row, PIECE, piece)
                                 : table_json_part(t, &a->row, PIECE, piece);
    if (is_whole) {
        a->row = 0;
        a->at++;
        buf_text(piece, a->at < a->tables || !is_csv ? "\n" : "");
    }
    return buf_status(piece) == RESULT_OK;
}

/* As many rows as the visitor takes: no file is ever in memory as a whole. */
static void send_rows(struct web_call *w)
{
    struct asking *a = w->own;
    struct buf piece = BUF_INIT(PIECE + ROW_MAX);
    bool has_room = true, is_good = true;
    while (a->at < a->tables && has_room && is_good) {
        buf_clear(&piece);
        is_good = put_piece(a, &piece);
        has_room = is_good && web_put(w, buf_view(&piece));
    }
    buf_free(&piece);
    if (!is_good || (a->at == a->tables && has_room))
        web_end(w);
}

/* What the page has so far. */
static void flush(struct web_call *w)
{
    (void)web_put(w, buf_view(&w->out));
    buf_clear(&w->out);
}

static void begin_page(struct asking *a)
{
    if (a->w->state != WEB_SENDS) {
        web_begin(a->w, "text/html; charset=utf-8", NULL);
        flush(a->w);
    }
}

/* ---- while it runs */

static void put_progress(struct html *h, const struct job_progress *p)
{
    html_open(h, "p");
    html_t(h, TEXT_READING);
    html_say(h, " %" PRIu64 " / %" PRIu64, p->done, p->of);
    html_close(h);
}

/* Lines of progress, of which only the last is seen, and none once the answer follows
 * (console.css). */
static void tell(struct asking *a)
{
    struct html *h = &a->w->html;
    struct job_progress p;
    begin_page(a);
    if (!a->has_steps) {
        html_open(h, "div");
        html_attr_text(h, "class", "steps");
        html_attr_text(h, "role", "status");
        a->has_steps = true;
    }
    inquiry_progress(a->asked.inquiry, &p);
    put_progress(h, &p);
    flush(a->w);
}

static void end_steps(struct asking *a)
{
    if (a->has_steps)
        html_close(&a->w->html);
    a->has_steps = false;
}

/* ---- what came of it */

static void put_bars(struct html *h, const struct report_table *t)
{
    const size_t rows = table_rows(t);
    struct chart_bar *bar = mem_new_array(rows + 1, sizeof *bar);
    struct buf chart = BUF_INIT(4 << 20);
    for (size_t k = 0; k < rows; k++)
        bar[k] = (struct chart_bar){table_cell(t, k, 0), world_number(table_cell(t, k, 1))};
    chart_bars(&chart, table_title(t), bar, rows);
    html_insert(h, buf_view(&chart));
    buf_free(&chart);
    mem_free(bar);
}

static void render(struct asking *a)
{
    struct html *h = &a->w->html;
    h->out = &a->whole;
    asked_put(&a->asked, a->w);
    for (size_t i = 0; i < a->tables; i++) {
        tables_put(a->w, a->table[i]);
        if (a->config.kind == INQUIRY_STATISTICS)
            put_bars(h, a->table[i]);
    }
    h->out = &a->w->out;
}

/* Names of the time are those of its sets: the one in force, and the newest before. What was read
 * of the log is not kept while the answer is sent. */
static void make_tables(struct asking *a)
{
    struct console *c = a->w->console;
    struct names names = {.korean = a->w->korean};
    struct activated set[INQUIRY_SETS];
    struct kept_set *held[INQUIRY_SETS] = {NULL};
    enum set_state why;
    if (c->policy != NULL)
        names.set[names.sets++] = c->policy;
    const size_t sets = inquiry_sets(a->asked.inquiry, set);
    for (size_t i = 0; i < sets; i++)
        if (names_set_of(&names, set[i].serial) == NULL &&
            (held[i] = sets_hold(c->sets, &set[i], &why)) != NULL)
            names.set[names.sets++] = kept_policy(held[i]);
    a->tables = inquiry_answer(a->asked.inquiry, &names, a->table);
    for (size_t i = 0; i < sets; i++)
        sets_release(held[i]);
    for (size_t i = 0; i < a->tables; i++)
        asked_count(&a->asked, a->w->korean, a->table[i]);
}

static void send_file(struct asking *a)
{
    const char *ending = form_words[a->form];
    char name[96];
    (void)snprintf(name, sizeof name, "%s.%s", a->config.file, ending);
    web_begin(a->w, a->form == AS_CSV ? "text/csv; charset=utf-8" : "application/json", name);
    a->w->ready = send_rows;
    send_rows(a->w);
}

static void fail(struct asking *a, enum text what, enum text remedy)
{
    struct web_call *w = a->w;
    if (w->state != WEB_SENDS) {
        web_fail(w, what == TEXT_TOO_MUCH ? 422 : 503, what, remedy);
        return;
    }
    end_steps(a);
    html_open(&w->html, "div");
    html_attr_text(&w->html, "class", "remedy");
    html_element_t(&w->html, "h2", NULL, what);
    html_element_t(&w->html, "p", NULL, remedy);
    html_close(&w->html);
    layout_end(w);
    flush(w);
    web_end(w);
}

static void send_page(struct asking *a)
{
    struct web_call *w = a->w;
    begin_page(a);
    end_steps(a);
    render(a);
    free_tables(a);
    flush(w); /* the end of the steps */
    if (buf_status(&a->whole) != RESULT_OK) {
        fail(a, TEXT_TOO_MUCH, TEXT_TOO_MUCH_DO);
        return;
    }
    layout_end(w);
    buf_put(&a->whole, w->out.p, w->out.n);
    w->ready = send_on; /* not before: the visitor may take what the page has so far */
    send_on(w);
}

static void finish(struct asking *a)
{
    make_tables(a);
    if (a->form == AS_PAGE)
        send_page(a);
    else
        send_file(a);
    inquiry_free(a->asked.inquiry);
    a->asked.inquiry = NULL;
}

static int64_t turn(struct web_call *w)
{
    struct asking *a = w->own;
    const int64_t now = console_now(w->console);
    if (a->carried->is_over) {
        fail(a, TEXT_VISIT_OVER, TEXT_VISIT_OVER_DO);
        return -1;
    }
    switch (inquiry_turn(a->asked.inquiry, JOB_SLICE_US)) {
    case JOB_RUNS: break;
    case JOB_DONE: finish(a); return -1;
    case JOB_FAILED: fail(a, TEXT_LOG_UNREADABLE, TEXT_LOG_UNREADABLE_DO); return -1;
    case JOB_TOO_LARGE: fail(a, TEXT_TOO_MUCH, TEXT_TOO_MUCH_DO); return -1;
    }
    if (a->form == AS_PAGE && now - a->told_us >= TELL_EVERY_MS * (US_PER_S / 1000)) {
        a->told_us = now;
        tell(a);
    }
    return 0;
}

/* ---- beginning */

static void begin(struct web_call *w)
{
    struct asking *a = w->own;
    a->told_us = console_now(w->console);
    if (w->is_head)
        web_begin(w, "text/html; charset=utf-8", NULL);
    else
        web_turn(w, turn, 0);
}

static enum form form_of(struct bytes word)
{
    unsigned i = 0;
    if (word.n == 0)
        return AS_PAGE;
    while (i < NO_FORM && !bytes_is(word, form_words[i]))
        i++;
    return (enum form)i;
}

static struct inquiry *inquire(const struct asking *a)
{
    const struct web_call *w = a->w;
    struct console *c = w->console;
    struct inquiry_config q = {.kind = a->config.kind,
                               .word = a->config.word,
                               .argument = bytes_of_text(a->asked.argument),
                               .from_us = a->asked.from_us,
                               .until_us = a->asked.until_us,
                               .now_us = console_wall(c),
                               .party = access_party(&w->visitor),
                               .facts = a->carried->facts,
                               .folder = c->config.audit_folder,
                               .size = a->asked.size,
                               .clock = c->config.clock};
    if (console_caught_up(c, a->asked.size))
        q.search = c->config.search;
    return inquiry_new(&q);
}

/* False when it was answered: what stands in the query is wrong, or too much is under way. */
static bool read_query(struct web_call *w, const struct asking_config *c, struct asking *a)
{
    const struct bytes argument = query_get(&w->query, "argument");
    a->asked.from_us = INT64_MIN;
    a->asked.until_us = INT64_MAX;
    a->form = form_of(query_get(&w->query, "form"));
    if (a->form == NO_FORM)
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_FORM_DO);
    else if (!when_read(query_get(&w->query, "from"), &a->asked.from_us) ||
             !when_read(query_get(&w->query, "until"), &a->asked.until_us) ||
             a->asked.from_us >= a->asked.until_us)
        web_fail(w, 400, TEXT_TIME_UNREADABLE, TEXT_TIME_UNREADABLE_DO);
    else if (argument.n > INQUIRY_ARGUMENT_MAX || (c->needs_argument && argument.n == 0))
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_ARGUMENT_DO);
    else {
        (void)snprintf(a->asked.argument, sizeof a->asked.argument, "%.*s", (int)argument.n,
                       argument.n == 0 ? "" : (const char *)argument.p);
        return true;
    }
    return false;
}

void asking_answer(struct web_call *w, const struct asking_config *c)
{
    struct console *console = w->console;
    struct visit *visit = web_visit(w);
    const struct leaves_head *head = leaves_look(console->leaves, console_now(console));
    struct asking read = {.config = *c, .w = w};
    if (!read_query(w, c, &read))
        return;
    if (visit == NULL || !head->is_there) {
        web_fail(w, 503, TEXT_LOG_UNREADABLE, TEXT_NO_CHECKPOINT);
        return;
    }
    struct carried *carried = carried_of(visit);
    if (console->jobs >= ASKING_AT_ONCE || carried->jobs > 0 ||
        console_share_of(console, w->visitor.unit).jobs >= ASKING_OF_UNIT) {
        web_fail(w, 429, TEXT_TOO_MANY, TEXT_ONE_ANSWER_DO);
        return;
    }
    struct asking *a = mem_new(sizeof *a);
    *a = read;
    a->whole = BUF_INIT(WHOLE_MAX);
    a->asked.size = head->checkpoint.size;
    a->carried = carried_hold(carried);
    carried->jobs++;
    console->jobs++;
    w->is_asking = true;
    a->asked.inquiry = inquire(a);
    w->own = a;
    w->drop = drop;
    if (a->form == AS_PAGE)
        (void)web_begin_page(w, 200, bytes_of_text(c->title));
    const struct web_seen seen = {.form = form_words[a->form], .from = 0, .to = a->asked.size};
    web_record(w, &seen, begin);
}
