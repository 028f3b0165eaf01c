/* What changed between two policy sets: files, which messages are decided differently, and which
 * units may do something else in the console. */
#include "console/fields.h"
#include "console/policy_page.h"
#include "console/state.h"
#include "console/tables.h"
#include "message/reason.h"
#include "policy/analysis.h"
#include "search/search.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- files */

static const struct report_column file_columns[] = {{"file", {"file", "파일"}},
                                                    {"change", {"change", "변화"}}};

static void add_file(struct report_table *t, const char *path, const char *en, const char *ko,
                     bool korean)
{
    table_text(t, path);
    table_text(t, korean ? ko : en);
}

static struct report_table *files(const struct kept_set *old, const struct kept_set *new, bool ko)
{
    static const char *const title[2] = {"Files", "파일"};
    struct report_table *t = table_new("files", title, file_columns, ARRAY_LEN(file_columns), ko);
    const char *path;
    if (memcmp(kept_digest(old, "set.yaml"), kept_digest(new, "set.yaml"), SHA256_BYTES) != 0)
        add_file(t, "set.yaml", "changed", "변경", ko);
    for (size_t i = 0; (path = kept_path(new, i)) != NULL; i++) {
        const uint8_t *was = kept_digest(old, path);
        if (was == NULL)
            add_file(t, path, "added", "추가", ko);
        else if (memcmp(was, kept_digest(new, path), SHA256_BYTES) != 0)
            add_file(t, path, "changed", "변경", ko);
    }
    for (size_t i = 0; (path = kept_path(old, i)) != NULL; i++)
        if (kept_digest(new, path) == NULL)
            add_file(t, path, "removed", "삭제", ko);
    return t;
}

/* ---- decisions */

static const struct report_column columns[] = {
    {"before", {"before", "이전"}},    {"after", {"after", "이후"}},
    {"kind", {"kind", "종류"}},        {"from", {"from", "제공자"}},
    {"to", {"to", "받는 자"}},         {"terms", {"other terms", "달라진 조건"}},
    {"example", {"for example", "예"}}};

static void put_outcome(struct report_table *t, const struct policy_decided *o, bool ko)
{
    struct buf cell = BUF_INIT(1 << 14);
    buf_text(&cell, policy_verdict_word(o->verdict, ko));
    if (o->verdict == POLICY_REFUSED)
        buf_printf(&cell, ": %s", reason_row(o->reason)->text[ko]);
    if (o->clause[0] != '\0')
        buf_printf(&cell, " %s", o->clause);
    if (o->failed[0] != '\0')
        buf_printf(&cell, " (%s)", o->failed);
    table_take(t, &cell);
    buf_free(&cell);
}

static void put_terms(struct report_table *t, unsigned aspects, bool ko)
{
    struct buf cell = BUF_INIT(1 << 12);
    for (unsigned i = 0; i < POLICY_ASPECTS; i++)
        if ((aspects >> i & 1) != 0)
            buf_printf(&cell, "%s%s", cell.n == 0 ? "" : ", ",
                       policy_aspect_text((enum policy_aspect)i, ko));
    table_take(t, &cell);
    buf_free(&cell);
}

/* "key\tvalue\n" as "key: value; key: value". */
static void put_example(struct report_table *t, const char *message)
{
    struct buf cell = BUF_INIT(1 << 16);
    for (const char *c = message; *c != '\0'; c++) {
        if (*c == '\t')
            buf_text(&cell, ": ");
        else if (*c == '\n')
            buf_text(&cell, c[1] == '\0' ? "" : "; ");
        else
            buf_u8(&cell, (uint8_t)*c);
    }
    table_take(t, &cell);
    buf_free(&cell);
}

static struct report_table *decisions(const struct policy_diff *d, bool ko)
{
    static const char *const title[2] = {"Messages that are decided differently",
                                         "다르게 판정되는 메시지"};
    struct report_table *t = table_new("changes", title, columns, ARRAY_LEN(columns), ko);
    for (size_t i = 0; i < d->differences; i++) {
        const struct policy_difference *x = &d->difference[i];
        put_outcome(t, &x->old, ko);
        put_outcome(t, &x->new, ko);
        table_text(t, x->kind);
        table_text(t, x->from);
        table_text(t, x->to);
        put_terms(t, x->aspects, ko);
        put_example(t, x->message);
    }
    if (d->uncompareds + d->unconfirmed > 0)
        table_note(t, text_of(TEXT_NOT_COMPARED, ko));
    return t;
}

/* ---- roles in the console */

static const struct report_column console_columns[] = {{"unit", {"unit", "단위"}},
                                                       {"before", {"before", "이전"}},
                                                       {"after", {"after", "이후"}},
                                                       {"change", {"change", "변화"}}};

static struct report_table *roles(const struct policy_diff *d, bool ko)
{
    static const char *const title[2] = {"Units that may do something else in the console",
                                         "콘솔 권한이 달라지는 단위"};
    struct report_table *t =
        table_new("console", title, console_columns, ARRAY_LEN(console_columns), ko);
    for (size_t i = 0; i < d->consoles; i++) {
        const struct policy_console_change *c = &d->console[i];
        table_text(t, c->unit);
        table_text(t, policy_console_text(c->old, ko));
        table_text(t, policy_console_text(c->new, ko));
        table_text(t, policy_width_text(c->width, ko));
    }
    return t;
}

/* ---- */

/* The sets that there are to compare with. */
struct choice {
    uint64_t index[SEARCH_PAGE_MAX];
    size_t found;
};

static void put_choice(struct web_call *w, struct html *h, const struct policy_page *p,
                       uint64_t since, const struct choice *c)
{
    struct buf to = BUF_INIT(256);
    policy_page_path(w, p->index, "/changes", &to);
    field_form(h, false, buf_view(&to), "filter");
    const size_t depth =
        field_choice(h, "changes", "since", bytes_of_text(text_of(TEXT_SINCE, w->korean)));
    for (size_t i = 0; i < c->found; i++) {
        struct activated a;
        char number[24], text[128], time[TIME_TEXT];
        if (!policy_page_read(w, c->index[i], &a))
            continue;
        table_time_text(a.time_us, time);
        (void)snprintf(number, sizeof number, "%" PRIu64, c->index[i]);
        (void)snprintf(text, sizeof text, "%" PRIu64 " · %s · %s", a.serial, a.name, time);
        field_option(h, bytes_of_text(number), bytes_of_text(text), c->index[i] == since);
    }
    html_close_to(h, depth);
    field_form_end(h, TEXT_SHOW);
    buf_free(&to);
}

static void show(struct web_call *w, const struct policy_page *old, const struct policy_page *new,
                 const struct choice *c)
{
    struct buf title = BUF_INIT(512);
    policy_page_title(w, old, &title);
    buf_text(&title, " → ");
    policy_page_title(w, new, &title);
    struct html *h = web_begin_page(w, 200, buf_view(&title));
    struct policy_diff d;
    policy_diff(kept_policy(old->kept), kept_policy(new->kept), new->set.time_us, w->korean, &d);
    struct report_table *const table[] = {files(old->kept, new->kept, w->korean),
                                          decisions(&d, w->korean), roles(&d, w->korean)};
    put_choice(w, h, new, old->index, c);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        tables_put(w, table[i]);
        table_free(table[i]);
    }
    policy_diff_free(&d);
    buf_free(&title);
    web_show(w, NULL);
}

static bool open_old(struct web_call *w, struct policy_page *out)
{
    return policy_page_open(w, query_get(&w->query, "since"), out);
}

static void make(struct web_call *w)
{
    struct policy_page old, new;
    struct choice c = {.found = 0};
    bool more;
    if (!policy_page_find(w, UINT64_MAX, c.index, &c.found, &more) || !policy_page_again(w, &new))
        return;
    if (open_old(w, &old)) {
        show(w, &old, &new, &c);
        policy_page_close(&old);
    }
    policy_page_close(&new);
}

/* Comparing large sets takes a while: only for who is on record, and as often as that may be. */
void policy_show_changes(struct web_call *w, struct policy_page *p)
{
    const struct web_seen seen = {.form = "html", .has_record = true, .record = p->index};
    struct policy_page old;
    if (!open_old(w, &old))
        return;
    policy_page_close(&old);
    web_record(w, &seen, make);
}
