/* Policy sets: which came into force when and by whose signatures, and what each consists of. */
#include "console/fields.h"
#include "console/index.h"
#include "console/policy_page.h"
#include "console/state.h"
#include "policy/tools.h"
#include "search/search.h"

#include <inttypes.h>

static void put_heading(struct html *h, enum text name)
{
    html_open(h, "th");
    html_attr_text(h, "scope", "col");
    html_t(h, name);
    html_close(h);
}

static void put_digest(struct html *h, const uint8_t digest[SHA256_BYTES])
{
    char hex[2 * SHA256_BYTES + 1];
    bytes_to_hex(bytes_of(digest, SHA256_BYTES), hex);
    html_open(h, "td");
    html_element_text(h, "code", NULL, hex);
    html_close(h);
}

/* ---- what came into force */

static void put_link(struct html *h, struct buf *to, struct bytes text)
{
    html_link(h, buf_view(to), text);
    buf_clear(to);
}

/* To a set's matrix, its tests, and what changed against the one before, which the next row may be.
 */
static void put_links(struct web_call *w, struct html *h, uint64_t index, uint64_t before)
{
    struct buf to = BUF_INIT(256);
    html_open(h, "td");
    policy_page_path(w, index, "/matrix", &to);
    put_link(h, &to, bytes_of_text(text_of(TEXT_MATRIX, w->korean)));
    html_text(h, " · ");
    policy_page_path(w, index, "/tests", &to);
    put_link(h, &to, bytes_of_text(text_of(TEXT_TESTS, w->korean)));
    if (before != UINT64_MAX) {
        html_text(h, " · ");
        policy_page_path(w, index, "/changes", &to);
        buf_printf(&to, "?since=%" PRIu64, before);
        put_link(h, &to, bytes_of_text(text_of(TEXT_CHANGES, w->korean)));
    }
    html_close(h);
    buf_free(&to);
}

static void put_row(struct web_call *w, struct html *h, uint64_t index, const struct activated *a,
                    uint64_t before)
{
    struct buf to = BUF_INIT(256), number = BUF_INIT(24);
    buf_printf(&number, "%" PRIu64, index);
    html_open_row(h);
    if (web_may_open(w, "record/")) {
        web_path(w, "record/", &to);
        buf_put(&to, number.p, number.n);
        put_link(h, &to, buf_view(&number));
    } else {
        html_put(h, buf_view(&number));
    }
    html_close(h);
    html_open(h, "td");
    html_time(h, a->time_us);
    html_close(h);
    html_open(h, "td");
    policy_page_path(w, index, "", &to);
    buf_rewind(&number);
    buf_printf(&number, "%" PRIu64 " · %s", a->serial, a->name);
    put_link(h, &to, buf_view(&number));
    html_close(h);
    html_open(h, "td");
    html_text(h, a->officers);
    if (!a->required) {
        html_text(h, " ");
        html_element_t(h, "span", "bad", TEXT_NOT_REQUIRED);
    }
    html_close(h);
    put_links(w, h, index, before);
    put_digest(h, a->sha256);
    html_close(h);
    buf_free(&to);
    buf_free(&number);
}

static void put_list(struct web_call *w, struct html *h, const uint64_t *index, size_t found)
{
    html_open(h, "div");
    html_attr_text(h, "class", "wide");
    html_open(h, "table");
    html_open(h, "thead");
    html_open(h, "tr");
    put_heading(h, TEXT_C_INDEX);
    put_heading(h, TEXT_IN_FORCE_SINCE);
    put_heading(h, TEXT_THE_SET);
    put_heading(h, TEXT_SIGNED_BY);
    put_heading(h, TEXT_LOOK_AT);
    put_heading(h, TEXT_DIGEST);
    html_close(h);
    html_close(h);
    html_open(h, "tbody");
    for (size_t i = 0; i < found; i++) {
        struct activated a;
        if (policy_page_read(w, index[i], &a))
            put_row(w, h, index[i], &a, i + 1 < found ? index[i + 1] : UINT64_MAX);
    }
    html_close(h);
    html_close(h);
    html_close(h);
}

void page_policy(struct web_call *w);
void page_policy(struct web_call *w)
{
    const struct bytes before = query_get(&w->query, "before");
    uint64_t index[SEARCH_PAGE_MAX], from = UINT64_MAX;
    size_t found = 0;
    bool more = false;
    if (before.n > 0 && !checkpoint_number(before, &from)) {
        web_fail(w, 400, TEXT_BAD_REQUEST, TEXT_BAD_INDEX);
        return;
    }
    if (!policy_page_find(w, from, index, &found, &more))
        return;
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_POLICY, w->korean)));
    html_element_t(h, "p", NULL, TEXT_POLICY_WHAT);
    if (index_is_behind(w))
        index_put_progress(w);
    if (found == 0)
        html_element_t(h, "p", "empty", TEXT_NONE);
    else
        put_list(w, h, index, found);
    if (more) {
        struct buf to = BUF_INIT(128);
        web_path(w, "policy", &to);
        buf_printf(&to, "?before=%" PRIu64, index[found - 1]);
        html_open(h, "p");
        html_attr_text(h, "class", "paging");
        html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_NEXT, w->korean)));
        html_close(h);
        buf_free(&to);
    }
    web_show(w, NULL);
}

/* ---- one set */

static void put_memoranda(struct web_call *w, struct html *h, const struct policy_page *p)
{
    const struct policy *set = kept_policy(p->kept);
    const char *name;
    html_element_t(h, "h2", NULL, TEXT_MEMORANDA);
    html_open(h, "ul");
    for (size_t i = 0; (name = policy_memorandum_name(set, i)) != NULL; i++) {
        struct buf to = BUF_INIT(512);
        policy_page_path(w, p->index, "/memorandum/", &to);
        query_escape(&to, bytes_of_text(name));
        html_open(h, "li");
        html_link(h, buf_view(&to), bytes_of_text(name));
        html_text(h, " ");
        html_element_text(h, "code", "faint", policy_memorandum_file(set, i));
        html_close(h);
        buf_free(&to);
    }
    html_close(h);
}

static void put_files(struct html *h, const struct policy_page *p)
{
    const char *path;
    html_element_t(h, "h2", NULL, TEXT_FILES);
    html_open(h, "div");
    html_attr_text(h, "class", "wide");
    html_open(h, "table");
    html_open(h, "thead");
    html_open(h, "tr");
    put_heading(h, TEXT_FILE);
    put_heading(h, TEXT_DIGEST);
    html_close(h);
    html_close(h);
    html_open(h, "tbody");
    for (size_t i = 0; (path = kept_path(p->kept, i)) != NULL; i++) {
        html_open_row(h);
        html_text(h, path);
        html_close(h);
        put_digest(h, kept_digest(p->kept, path));
        html_close(h);
    }
    html_close(h);
    html_close(h);
    html_close(h);
}

void policy_show_set(struct web_call *w, struct policy_page *p)
{
    const struct web_seen seen = {.form = "html", .has_record = true, .record = p->index};
    struct buf title = BUF_INIT(256);
    policy_page_title(w, p, &title);
    struct html *h = web_begin_page(w, 200, buf_view(&title));
    html_open(h, "p");
    html_t(h, TEXT_IN_FORCE_SINCE);
    html_text(h, " ");
    html_time(h, p->set.time_us);
    html_text(h, " · ");
    html_t(h, TEXT_SIGNED_BY);
    html_text(h, " ");
    html_text(h, p->set.officers[0] == '\0' ? "-" : p->set.officers);
    html_close(h);
    put_memoranda(w, h, p);
    put_files(h, p);
    buf_free(&title);
    web_show(w, &seen);
}

/* ---- a memorandum: its sentences beside its text, line by line */

static const char *file_of(const struct policy *set, struct bytes name)
{
    const char *one;
    for (size_t i = 0; (one = policy_memorandum_name(set, i)) != NULL; i++)
        if (bytes_is(name, one))
            return policy_memorandum_file(set, i);
    return NULL;
}

static void put_source(struct html *h, struct bytes text)
{
    html_open(h, "ol");
    html_attr_text(h, "class", "source");
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        const size_t n = end == NULL ? text.n : (size_t)(end - text.p);
        html_element(h, "li", NULL, bytes_of(text.p, n));
        text = bytes_of(text.p + n + (end != NULL), text.n - n - (end != NULL));
    }
    html_close(h);
}

static void show_sentences(struct web_call *w, const struct policy_page *p, const char *file,
                           struct bytes text, struct bytes sentences)
{
    const struct web_seen seen = {.form = "html", .has_record = true, .record = p->index};
    struct buf title = BUF_INIT(512);
    policy_page_title(w, p, &title);
    buf_printf(&title, " · %s", file);
    struct html *h = web_begin_page(w, 200, buf_view(&title));
    html_open(h, "p");
    html_attr_text(h, "class", "faint");
    html_t(h, TEXT_LINES_WHAT);
    html_text(h, " SHA-256 ");
    char hex[2 * SHA256_BYTES + 1];
    bytes_to_hex(bytes_of(kept_digest(p->kept, file), SHA256_BYTES), hex);
    html_element_text(h, "code", NULL, hex);
    html_close(h);
    html_open(h, "div");
    html_attr_text(h, "class", "beside");
    html_insert(h, sentences);
    put_source(h, text);
    html_close(h);
    buf_free(&title);
    web_show(w, &seen);
}

void policy_show_memorandum(struct web_call *w, struct policy_page *p, struct bytes name)
{
    enum { WIDTH = 100 /* of texts alone */ };
    const struct policy *set = kept_policy(p->kept);
    const char *file = file_of(set, name);
    struct buf text = BUF_INIT(CONSOLE_PAGE_MAX), sentences = BUF_INIT(CONSOLE_PAGE_MAX);
    unsigned unsaid = 0;
    if (file == NULL)
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NO_MEMORANDUM_DO);
    else if (kept_file(p->kept, file, &text) != RESULT_OK)
        web_fail(w, 404, TEXT_NO_SET, TEXT_SET_CHANGED);
    else if (policy_show(set, file, buf_view(&text), w->korean, POLICY_FORM_PART, WIDTH, &sentences,
                         &unsaid) != RESULT_OK)
        web_fail(w, 404, TEXT_NO_SET, TEXT_SET_BROKEN);
    else
        show_sentences(w, p, file, buf_view(&text), buf_view(&sentences));
    buf_free(&text);
    buf_free(&sentences);
}
