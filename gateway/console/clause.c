#include "console/clause.h"

#include "base/limits.h"
#include "console/state.h"
#include "policy/tools.h"
#include "search/search.h"

enum { CLAUSES_MOST = 8, ACTIVATIONS_MOST = SEARCH_PAGE_MAX };

/* ---- the set of that time */

/* The record that this set came into force by, the last one before the leaf. */
static bool find_activated(struct web_call *w, const struct leaf *leaf, struct activated *out)
{
    uint64_t index[ACTIVATIONS_MOST];
    size_t found = 0;
    bool more, is_there = false;
    const struct search_query q = {
        .term = {{SEARCH_EVENT, bytes_of_text(audit_event_word(AUDIT_POLICY_ACTIVATED))}},
        .terms = 1,
        .from_us = INT64_MIN,
        .until_us = INT64_MAX,
        .before = leaf->index};
    if (w->console->config.search == NULL ||
        search_find(w->console->config.search, &q, index, ACTIVATIONS_MOST, &found, &more) !=
            RESULT_OK)
        return false;
    for (size_t i = 0; i < found && !is_there; i++) {
        struct leaf one;
        struct leaf_room *room;
        is_there = leaves_read(w->console->leaves, index[i], &one, &room) == RESULT_OK &&
                   activated_read(&one, out) && out->serial == leaf->policy;
        leaf_room_free(room);
    }
    return is_there;
}

static const char *file_of(const struct policy *p, struct bytes mou)
{
    const char *name;
    for (size_t i = 0; (name = policy_memorandum_name(p, i)) != NULL; i++)
        if (bytes_is(mou, name))
            return policy_memorandum_file(p, i);
    return NULL;
}

/* ---- its sentences */

static void put_sentence(void *arg, const struct policy_sentence *s)
{
    struct html *h = arg;
    html_open(h, "p");
    html_attr_text(h, "class", s->depth == 0 ? "title" : s->depth == 1 ? "sentence" : "point");
    if (s->mark[0] != '\0') {
        html_text(h, s->mark);
        html_text(h, " ");
    }
    html_text(h, s->text);
    html_close(h);
}

/* "mou#name"; nothing when the set has no such. */
static void put_clause(struct web_call *w, const struct kept_set *k, struct bytes clause)
{
    struct html *h = &w->html;
    const uint8_t *mark = clause.n == 0 ? NULL : memchr(clause.p, '#', clause.n);
    if (mark == NULL)
        return;
    struct bytes mou = bytes_of(clause.p, (size_t)(mark - clause.p));
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES), name = BUF_INIT(LEAF_MAX);
    const char *file = file_of(kept_policy(k), mou);
    buf_put(&name, mark + 1, clause.n - mou.n - 1);
    if (file != NULL && kept_file(k, file, &text) == RESULT_OK) {
        html_open(h, "blockquote");
        (void)!policy_show_clause(kept_policy(k), file, buf_view(&text), buf_c(&name), w->korean,
                                  put_sentence, h);
        html_element(h, "code", NULL, clause);
        html_close(h);
    }
    buf_free(&text);
    buf_free(&name);
}

static bool came_before(const struct leaf *leaf, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (bytes_equal(leaf->recipient[i].clause, leaf->recipient[at].clause))
            return true;
    return false;
}

static size_t count_clauses(const struct leaf *leaf)
{
    size_t n = 0;
    for (size_t i = 0; i < leaf->recipients; i++)
        n += leaf->recipient[i].clause.n > 0;
    return n;
}

void clause_put(struct web_call *w, const struct leaf *leaf)
{
    struct activated a;
    enum set_state why = SET_ABSENT;
    size_t said = 0;
    if (count_clauses(leaf) == 0)
        return;
    html_element_t(&w->html, "h2", NULL, TEXT_CLAUSE_SAYS);
    struct kept_set *k = find_activated(w, leaf, &a) ? sets_hold(w->console->sets, &a, &why) : NULL;
    if (k == NULL) {
        html_element_t(&w->html, "p", "note", why == SET_BUSY ? TEXT_SET_BUSY : TEXT_CLAUSE_GONE);
        return;
    }
    for (size_t i = 0; i < leaf->recipients && said < CLAUSES_MOST; i++) {
        if (leaf->recipient[i].clause.n == 0 || came_before(leaf, i))
            continue;
        put_clause(w, k, leaf->recipient[i].clause);
        said++;
    }
    sets_release(k);
}
