/* One record: its leaf, the clause that decided, its chain, and its proof, which the browser checks
 * by itself. */
#include "audit/tiles.h"
#include "base/mem.h"
#include "console/access.h"
#include "console/clause.h"
#include "console/index.h"
#include "console/lookers.h"
#include "console/record.h"
#include "console/state.h"
#include "crypto/base64.h"
#include "search/search.h"

#include <inttypes.h>
#include <stdio.h>

enum { CHAIN_MOST = 2000, ROOT_STEPS = 4, SLICE_US = 2000 };

bool record_open(struct web_call *w, struct leaf *leaf, struct leaf_room **room)
{
    uint64_t index;
    *room = NULL;
    (void)leaves_look(w->console->leaves, console_now(w->console));
    if (!checkpoint_number(w->tail, &index)) {
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_BAD_INDEX);
        return false;
    }
    enum result r = leaves_read(w->console->leaves, index, leaf, room);
    if (r == RESULT_OK && access_may_read(&w->visitor, leaf))
        return true;
    leaf_room_free(*room);
    *room = NULL;
    if (r == RESULT_OK || r == RESULT_NOT_FOUND)
        web_fail(w, 404, TEXT_NO_RECORD, TEXT_NO_RECORD_DO);
    else
        web_fail(w, 500, TEXT_DAMAGED, TEXT_DAMAGED_DO);
    return false;
}

/* ---- the chain, in slices */

struct record {
    uint64_t index;
    struct index_wait wait;
    struct chain *chain; /* NULL: it belongs to none */
    uint64_t link[CHAIN_MOST];
    size_t links, at, absent;
    bool is_cut, is_behind;
};

static void record_drop(void *own)
{
    struct record *r = own;
    chain_free(r->chain);
    mem_free(r);
}

bool record_root(struct web_call *w, uint64_t index, uint64_t *root)
{
    for (size_t i = 0; i < ROOT_STEPS; i++) {
        struct leaf leaf;
        struct leaf_room *room;
        bool good = leaves_read(w->console->leaves, index, &leaf, &room) == RESULT_OK;
        bool is_root = good && chain_is_root(&leaf), goes_on = good && leaf.has_refers;
        uint64_t next = goes_on ? leaf.refers : 0;
        leaf_room_free(room);
        *root = index;
        if (is_root || !goes_on)
            return is_root;
        index = next;
    }
    return false;
}

static void begin_chain(struct web_call *w, struct record *r)
{
    uint64_t root;
    struct search *s = w->console->config.search;
    if (s == NULL || !record_root(w, r->index, &root))
        return;
    r->chain = chain_new(root);
    if (search_chain(s, root, r->link, CHAIN_MOST, &r->links, &r->is_cut) != RESULT_OK)
        r->is_cut = true;
}

/* ---- the page */

static void put_key_field(struct html *h)
{
    html_open(h, "label");
    html_attr_text(h, "for", "log-key");
    html_t(h, TEXT_PROOF_KEY);
    html_close(h);
    html_open(h, "input");
    html_attr_text(h, "id", "log-key");
    html_attr_text(h, "type", "text");
    html_attr_text(h, "autocomplete", "off");
    html_attr_text(h, "spellcheck", "false");
    html_close(h);
}

/* The button is shown by the script; without one there is the file. */
static void put_ways(struct html *h, struct bytes file)
{
    html_open(h, "p");
    html_attr_text(h, "class", "actions");
    html_open(h, "button");
    html_attr_text(h, "type", "button");
    html_attr_text(h, "hidden", "hidden");
    html_t(h, TEXT_PROOF_CHECK);
    html_close(h);
    html_link(h, file, bytes_of_text(text_of(TEXT_PROOF_FILE, h->korean)));
    html_close(h);
}

static void put_script(struct web_call *w, const char *name)
{
    struct buf script = BUF_INIT(128);
    asset_path(w->console->assets, name, &script);
    html_open(&w->html, "script");
    html_attr(&w->html, "src", buf_view(&script));
    html_attr_text(&w->html, "defer", "defer");
    html_close(&w->html);
    buf_free(&script);
}

static void put_proof(struct web_call *w, uint64_t index)
{
    struct html *h = &w->html;
    struct buf to = BUF_INIT(64);
    web_path(w, "proof/", &to);
    buf_printf(&to, "%" PRIu64, index);
    html_open(h, "section");
    html_attr_text(h, "class", "proof");
    html_attr(h, "data-proof", buf_view(&to));
    html_attr_number(h, "data-index", index);
    html_element_t(h, "h2", NULL, TEXT_PROOF);
    html_element_t(h, "p", NULL, TEXT_PROOF_WHY);
    put_key_field(h);
    put_ways(h, buf_view(&to));
    html_open(h, "ol");
    html_attr_text(h, "aria-live", "polite");
    html_close(h);
    put_script(w, "proof.js");
    html_close(h);
    buf_free(&to);
}

static void put_entry(struct web_call *w, struct bytes entry)
{
    struct html *h = &w->html;
    struct buf exact =
        BUF_INIT(2 * LEAF_MAX); /* what is shown may have signs in place of letters */
    base64_put(&exact, entry);
    html_element_t(h, "h2", NULL, TEXT_ENTRY);
    html_element_t(h, "p", "faint", TEXT_ENTRY_WHAT);
    html_open(h, "pre");
    html_open(h, "code");
    html_attr_text(h, "id", "entry");
    html_attr(h, "data-entry", buf_view(&exact));
    html_put(h, entry);
    html_close(h);
    html_close(h);
    buf_free(&exact);
}

static void put_about(struct web_call *w, uint64_t index)
{
    struct buf to = BUF_INIT(128);
    web_path(w, "records", &to);
    buf_printf(&to, "?about=%" PRIu64, index);
    html_open(&w->html, "p");
    html_link(&w->html, buf_view(&to), bytes_of_text(text_of(TEXT_ABOUT_IT, w->korean)));
    html_close(&w->html);
    buf_free(&to);
}

void record_put_absent(struct web_call *w, uint64_t absent)
{
    if (absent == 0)
        return;
    html_open(&w->html, "p");
    html_attr_text(&w->html, "class", "remedy");
    html_t(&w->html, TEXT_STEPS_ABSENT);
    html_text(&w->html, " ");
    html_number(&w->html, absent);
    html_close(&w->html);
}

static void show_record(struct web_call *w)
{
    struct record *r = w->own;
    struct leaf leaf;
    struct leaf_room *room;
    struct bytes entry;
    char title[64];
    const struct web_seen seen = {.form = "html", .has_record = true, .record = r->index};
    if (!record_open(w, &leaf, &room))
        return;
    (void)snprintf(title, sizeof title, "%s %" PRIu64, text_of(TEXT_RECORD, w->korean), r->index);
    (void)web_begin_page(w, 200, bytes_of_text(title));
    record_put_leaf(w, &leaf);
    clause_put(w, &leaf);
    if (r->is_behind)
        index_put_progress(w);
    if (r->chain != NULL && r->chain->is_there)
        record_put_chain(w, r->chain, r->index, r->is_cut, r->is_behind);
    record_put_absent(w, r->absent);
    put_about(w, r->index);
    lookers_put(w, r->index);
    put_proof(w, r->index);
    if (leaves_entry(w->console->leaves, r->index, &entry) == RESULT_OK)
        put_entry(w, entry);
    leaf_room_free(room);
    web_show(w, &seen);
}

static int64_t take_links(struct web_call *w)
{
    struct record *r = w->own;
    int64_t until_us = console_now(w->console) + SLICE_US;
    while (r->at < r->links) {
        struct leaf leaf;
        struct leaf_room *room;
        if (leaves_read(w->console->leaves, r->link[r->at++], &leaf, &room) == RESULT_OK)
            (void)chain_take(r->chain, &leaf);
        else
            r->absent++;
        leaf_room_free(room);
        if (console_now(w->console) >= until_us && r->at < r->links)
            return 0;
    }
    show_record(w);
    return -1;
}

/* Without all of the index nothing is said of what came of it: its destruction may be missing. */
static int64_t await_index(struct web_call *w)
{
    struct record *r = w->own;
    const enum result there = index_wait_look(w, &r->wait);
    if (there == RESULT_AGAIN)
        return INDEX_LOOK_US;
    r->is_behind = there != RESULT_OK;
    begin_chain(w, r);
    if (take_links(w) < 0)
        return -1;
    web_turn(w, take_links, 0);
    return 0;
}

void page_record(struct web_call *w);
void page_record(struct web_call *w)
{
    struct leaf leaf;
    struct leaf_room *room;
    if (!record_open(w, &leaf, &room))
        return;
    struct record *r = mem_new(sizeof *r);
    r->index = leaf.index;
    r->wait = index_wait_begin(w);
    w->own = r;
    w->drop = record_drop;
    leaf_room_free(room);
    web_turn(w, await_index, 0);
}
