#include "console/policy_page.h"

#include "base/cursor.h"
#include "console/state.h"
#include "search/search.h"

#include <inttypes.h>

bool policy_page_read(struct web_call *w, uint64_t index, struct activated *out)
{
    struct leaf leaf;
    struct leaf_room *room;
    const bool good = leaves_read(w->console->leaves, index, &leaf, &room) == RESULT_OK &&
                      activated_read(&leaf, out);
    leaf_room_free(room);
    return good;
}

bool policy_page_open(struct web_call *w, struct bytes number, struct policy_page *out)
{
    static const enum text why_not[] = {[SET_ABSENT] = TEXT_SET_ABSENT,
                                        [SET_CHANGED] = TEXT_SET_CHANGED,
                                        [SET_BROKEN] = TEXT_SET_BROKEN,
                                        [SET_BUSY] = TEXT_SET_BUSY};
    enum set_state why;
    *out = (struct policy_page){0};
    (void)leaves_look(w->console->leaves, console_now(w->console));
    if (!checkpoint_number(number, &out->index) || !policy_page_read(w, out->index, &out->set)) {
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NO_SET_DO);
        return false;
    }
    out->kept = sets_hold(w->console->sets, &out->set, &why);
    if (out->kept == NULL)
        web_fail(w, why == SET_BUSY ? 503 : 404, TEXT_NO_SET, why_not[why]);
    return out->kept != NULL;
}

/* "4711/memorandum/NAME": the number, and what is behind its slash. */
static struct bytes number_of(const struct web_call *w, struct bytes *rest)
{
    struct cursor c = cursor_over(w->tail);
    struct bytes number = w->tail;
    const bool has_rest = cursor_until(&c, '/', &number) == RESULT_OK;
    *rest = has_rest ? bytes_of(c.at, c.left) : bytes_of(NULL, 0);
    return number;
}

bool policy_page_again(struct web_call *w, struct policy_page *out)
{
    struct bytes rest;
    return policy_page_open(w, number_of(w, &rest), out);
}

void policy_page_close(struct policy_page *p)
{
    sets_release(p->kept);
    p->kept = NULL;
}

void policy_page_title(const struct web_call *w, const struct policy_page *p, struct buf *out)
{
    buf_printf(out, "%s %" PRIu64 " · %s", text_of(TEXT_THE_SET, w->korean), p->set.serial,
               p->set.name);
}

void policy_page_path(const struct web_call *w, uint64_t index, const char *rest, struct buf *out)
{
    web_path(w, "policy/", out);
    buf_printf(out, "%" PRIu64 "%s", index, rest);
}

bool policy_page_find(struct web_call *w, uint64_t before, uint64_t *out, size_t *found, bool *more)
{
    const struct leaves_head *head = leaves_look(w->console->leaves, console_now(w->console));
    struct search *s = w->console->config.search;
    const struct search_query q = {
        .term = {{SEARCH_EVENT, bytes_of_text(audit_event_word(AUDIT_POLICY_ACTIVATED))}},
        .terms = 1,
        .from_us = INT64_MIN,
        .until_us = INT64_MAX,
        .before = before};
    if (head->is_there && s != NULL &&
        search_find(s, &q, out, SEARCH_PAGE_MAX, found, more) == RESULT_OK)
        return true;
    web_fail(w, 503, TEXT_NO_INDEX, TEXT_NO_INDEX_DO);
    return false;
}

/* ---- addresses: "4711", "4711/memorandum/NAME", "4711/matrix", "4711/changes",
 * "4711/tests" */

void page_policy_set(struct web_call *w);
void page_policy_set(struct web_call *w)
{
    static const char memorandum[] = "memorandum/";
    struct bytes rest;
    struct policy_page p;
    if (!policy_page_open(w, number_of(w, &rest), &p))
        return;
    if (rest.n == 0)
        policy_show_set(w, &p);
    else if (bytes_is(rest, "matrix"))
        policy_show_matrix(w, &p);
    else if (bytes_is(rest, "changes"))
        policy_show_changes(w, &p);
    else if (bytes_is(rest, "tests"))
        policy_show_tests(w, &p);
    else if (bytes_begins(rest, memorandum))
        policy_show_memorandum(w, &p,
                               bytes_of(rest.p + strlen(memorandum), rest.n - strlen(memorandum)));
    else
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NOT_FOUND_DO);
    policy_page_close(&p);
}
