/*
 * What became of a record, and the certificate that it was destroyed: its chain from the log, each
 * entry with its proof under the published checkpoint. The index says which entries may belong to
 * it; what does is decided by the entries.
 */
#include "report/certificate.h"
#include "base/mem.h"
#include "console/access.h"
#include "console/index.h"
#include "console/job.h"
#include "console/record.h"
#include "console/state.h"
#include "console/tables.h"
#include "search/search.h"

#include <inttypes.h>
#include <stdio.h>

enum { LINKS_MAX = 2000 /* entries that are read and proved for one */ };
enum as { AS_PAGE, AS_JSON, AS_PAPER };

struct certifying {
    struct web_call *w;
    enum as as;
    uint64_t record, root; /* the entry that was asked for, and its record's first */
    struct index_wait wait;
    struct chain *chain;
    struct job *job;
    uint64_t absent; /* entries of it that are let go, missing or cannot be read */
    struct buf note; /* the checkpoint that it is proved under */
    struct buf file; /* the certificate */
};

static void drop(void *own)
{
    struct certifying *x = own;
    job_free(x->job);
    chain_free(x->chain);
    buf_free(&x->note);
    buf_free(&x->file);
    mem_free(x);
}

static enum result take(void *arg, const struct leaf *leaf)
{
    (void)chain_take(((struct certifying *)arg)->chain, leaf);
    return RESULT_OK;
}

static struct names names_of(const struct web_call *w)
{
    struct names n = {.korean = w->korean};
    if (w->console->policy != NULL)
        n.set[n.sets++] = w->console->policy;
    return n;
}

/* ---- the certificate */

/* An entry that is not there may tell of one more copy. */
static bool is_destroyed(const struct certifying *x)
{
    return chain_state(x->chain) == CHAIN_DESTROYED && !x->chain->is_full && x->absent == 0;
}

/* Proves the chain, and writes the file. False: it was answered. */
static bool certify(struct certifying *x)
{
    struct web_call *w = x->w;
    struct bytes body;
    struct checkpoint c;
    uint64_t at = 0;
    if (note_body(buf_view(&x->note), &body) != RESULT_OK ||
        checkpoint_read(body, &c) != RESULT_OK ||
        certificate_prove(w->console->config.audit_folder, &c, x->chain, &at) != RESULT_OK) {
        web_fail(w, 500, TEXT_LOG_UNREADABLE, TEXT_LOG_UNREADABLE_DO);
        return false;
    }
    const struct certificate made = {x->chain, buf_view(&x->note), console_wall(w->console)};
    certificate_json(&made, &x->file);
    return true;
}

static void send_json(struct web_call *w)
{
    struct certifying *x = w->own;
    char name[64];
    (void)snprintf(name, sizeof name, "certificate-%" PRIu64 ".json", x->chain->record);
    web_begin(w, "application/json", name);
    (void)web_put(w, buf_view(&x->file));
    web_end(w);
}

/* The page for paper stands alone, with styles of its own: a file, not a page of the console. */
static void send_paper(struct web_call *w)
{
    struct certifying *x = w->own;
    struct buf page = BUF_INIT(CERTIFICATE_MAX);
    const struct names names = names_of(w);
    const struct report r = {.names = &names};
    const struct certificate made = {x->chain, buf_view(&x->note), console_wall(w->console)};
    char name[64];
    (void)snprintf(name, sizeof name, "certificate-%" PRIu64 ".html", x->chain->record);
    certificate_html(&made, &r, buf_view(&x->file), &page);
    web_begin(w, "text/html; charset=utf-8", name);
    (void)web_put(w, buf_view(&page));
    web_end(w);
    buf_free(&page);
}

static void put_file(struct web_call *w, struct html *h, const char *as, enum text name)
{
    const struct certifying *x = w->own;
    struct buf to = BUF_INIT(128);
    web_path(w, "certificate", &to);
    buf_printf(&to, "?record=%" PRIu64 "&as=%s", x->record, as);
    html_open(h, "a");
    html_attr_text(h, "class", "button");
    html_attr(h, "href", buf_view(&to));
    html_t(h, name);
    html_close(h);
    buf_free(&to);
}

static void show(struct certifying *x)
{
    struct web_call *w = x->w;
    const struct names names = names_of(w);
    const struct report r = {.names = &names};
    const struct web_seen seen = {.form = "html", .has_record = true, .record = x->chain->record};
    struct report_table *table[CHAIN_TABLES];
    struct buf said = BUF_INIT(4096);
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_CERTIFICATE, w->korean)));
    chain_say(x->chain, w->korean, &said);
    html_element(h, "p", is_destroyed(x) ? "good" : "remedy", buf_view(&said));
    record_put_absent(w, x->absent);
    html_open(h, "p");
    html_attr_text(h, "class", "actions");
    if (is_destroyed(x)) {
        put_file(w, h, "json", TEXT_CERTIFICATE_FILE);
        put_file(w, h, "paper", TEXT_CERTIFICATE_PAPER);
    } else {
        html_t(h, x->absent > 0 ? TEXT_CERTIFICATE_ABSENT : TEXT_NO_CERTIFICATE);
    }
    html_close(h);
    chain_tables(&r, x->chain, table);
    for (size_t i = 0; i < CHAIN_TABLES; i++) {
        tables_put(w, table[i]);
        table_free(table[i]);
    }
    buf_free(&said);
    web_show(w, &seen);
}

static void answer(struct certifying *x)
{
    struct web_call *w = x->w;
    const struct web_seen seen = {
        .form = x->as == AS_JSON ? "json" : "html", .has_record = true, .record = x->chain->record};
    if (x->as == AS_PAGE)
        show(x);
    else if (x->absent > 0)
        web_fail(w, 409, TEXT_CERTIFICATE_ABSENT, TEXT_CERTIFICATE_ABSENT_DO);
    else if (!is_destroyed(x))
        web_fail(w, 409, TEXT_NO_CERTIFICATE, TEXT_NO_CERTIFICATE_DO);
    else if (certify(x))
        web_record(w, &seen, x->as == AS_JSON ? send_json : send_paper);
}

/* ---- its chain */

static int64_t turn(struct web_call *w)
{
    struct certifying *x = w->own;
    struct job_progress p;
    switch (job_turn(x->job, JOB_SLICE_US)) {
    case JOB_RUNS: return 0;
    case JOB_DONE:
        job_progress(x->job, &p);
        x->absent = p.let_go + p.missing + p.left_out;
        answer(x);
        return -1;
    case JOB_FAILED:
    case JOB_TOO_LARGE: web_fail(w, 500, TEXT_DAMAGED, TEXT_DAMAGED_DO); return -1;
    }
    return -1;
}

/* The record that the entry belongs to, if the visitor may have the whole of its chain: of another
 * party's message the other recipients are none of a recipient's business. */
static bool find(struct web_call *w, uint64_t index, uint64_t *root)
{
    const struct bytes party = access_party(&w->visitor);
    struct leaf leaf;
    struct leaf_room *room;
    struct bytes its;
    if (!record_root(w, index, root))
        return false;
    bool good =
        leaves_read(w->console->leaves, *root, &leaf, &room) == RESULT_OK &&
        (w->visitor.reads_all ||
         (party.n > 0 && ident_split_unit(leaf.source, &its, NULL) && bytes_equal(its, party)));
    leaf_room_free(room);
    return good;
}

static void read_chain(struct certifying *x)
{
    struct web_call *w = x->w;
    const struct console_config *console = &w->console->config;
    uint64_t link[LINKS_MAX];
    size_t links = 0;
    bool more = true;
    if (search_chain(console->search, x->root, link, LINKS_MAX, &links, &more) != RESULT_OK ||
        more) {
        web_fail(w, 422, TEXT_TOO_MUCH, TEXT_CHAIN_TOO_LONG_DO);
        return;
    }
    const struct job_config c = {.folder = console->audit_folder,
                                 .size = x->wait.size,
                                 .clock = console->clock,
                                 .take = take,
                                 .arg = x,
                                 .only = link,
                                 .count = links};
    x->job = job_new(&c);
    web_turn(w, turn, 0);
}

static int64_t await_index(struct web_call *w)
{
    struct certifying *x = w->own;
    const enum result r = index_wait_look(w, &x->wait);
    if (r == RESULT_AGAIN)
        return INDEX_LOOK_US;
    if (r == RESULT_OK)
        read_chain(x);
    else
        web_fail(w, 503, TEXT_NO_INDEX, TEXT_NO_INDEX_DO);
    return x->job != NULL ? 0 : -1;
}

static void begin(struct web_call *w, enum as as, uint64_t index, uint64_t root)
{
    const struct leaves_head *head = leaves_look(w->console->leaves, console_now(w->console));
    struct certifying *x = mem_new(sizeof *x);
    *x = (struct certifying){.w = w,
                             .as = as,
                             .record = index,
                             .root = root,
                             .wait = index_wait_begin(w),
                             .chain = chain_new(root),
                             .note = BUF_INIT(64 << 10),
                             .file = BUF_INIT(CERTIFICATE_MAX)};
    buf_put(&x->note, head->note.p, head->note.n);
    w->own = x;
    w->drop = drop;
    web_turn(w, await_index, 0);
}

void page_certificate(struct web_call *w);
void page_certificate(struct web_call *w)
{
    const struct bytes as = query_get(&w->query, "as");
    uint64_t index, root;
    (void)leaves_look(w->console->leaves, console_now(w->console));
    if (!checkpoint_number(query_get(&w->query, "record"), &index) ||
        (as.n > 0 && !bytes_is(as, "json") && !bytes_is(as, "paper")))
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_RECORD_DO);
    else if (!find(w, index, &root))
        web_fail(w, 404, TEXT_NO_RECORD, TEXT_NO_CHAIN_DO);
    else
        begin(w,
              bytes_is(as, "json")    ? AS_JSON
              : bytes_is(as, "paper") ? AS_PAPER
                                      : AS_PAGE,
              index, root);
}
