#include "pages.h"

#include "check.h"

#include "base/buf.h"
#include "base/mem.h"
#include "console/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asker {
    struct console *console;
    unsigned status;
    bool is_over;
    size_t bytes;
    char cookie[256];
};

/* ---- the pipe: an answer is counted, and its cookie kept */

static void take_head(void *call, const struct web_head *h)
{
    struct asker *a = call;
    a->status = h->status;
    for (size_t i = 0; i < h->fields; i++)
        if (strcmp(h->field[i].name, "set-cookie") == 0) {
            const char *text = (const char *)h->field[i].value.p;
            (void)snprintf(a->cookie, sizeof a->cookie, "%.*s", (int)h->field[i].value.n, text);
            a->cookie[strcspn(a->cookie, ";")] = '\0';
        }
}

static enum result take_piece(void *call, struct bytes piece)
{
    ((struct asker *)call)->bytes += piece.n;
    return RESULT_OK;
}

static size_t none_waits(void *call)
{
    (void)call;
    return 0;
}

static void take_end(void *call)
{
    ((struct asker *)call)->is_over = true;
}

static void leave(void *arg, uint64_t ticket, struct bytes unit, struct bytes request)
{
    (void)arg, (void)ticket, (void)unit, (void)request;
}

static void record(void *arg, const struct console_view *v)
{
    console_viewed(((struct asker *)arg)->console, v->ticket, true, 1);
}

/* ---- requests */

static void ask(struct asker *a, const struct web_request *r, const char *body)
{
    struct visitor v = {
        .unit = bytes_of_text("bench/audit"), .role = POLICY_CONSOLE_AUDITOR, .reads_all = true};
    memset(v.certificate, 'c', sizeof v.certificate);
    a->is_over = false;
    a->bytes = 0;
    struct web_call *w = console_request(a->console, &v, r, a);
    console_body(w, bytes_of_text(body));
    console_body_end(w);
    while (!a->is_over)
        (void)console_turn(a->console);
    console_gone(w);
}

static void state_reason(struct asker *a)
{
    const struct web_request r = {.is_post = true,
                                  .path = bytes_of_text("/en/reason"),
                                  .authority = bytes_of_text("gate:8444"),
                                  .site = bytes_of_text("same-origin"),
                                  .type = bytes_of_text("application/x-www-form-urlencoded")};
    ask(a, &r, "reason=inspection");
    check(a->cookie[0] != '\0', "no cookie");
}

static void look(struct asker *a, const struct bench_page *p)
{
    const struct web_request r = {.path = bytes_of_text(p->path),
                                  .query = bytes_of_text(p->query),
                                  .cookie = bytes_of_text(a->cookie),
                                  .authority = bytes_of_text("gate:8444")};
    ask(a, &r, "");
    check(a->status == 200, p->path);
}

void pages_ask(int log_folder, const char *origin, struct search *s, const struct bench_page *page,
               size_t pages, size_t turns,
               void (*told)(const struct bench_page *p, int64_t *us, size_t n, size_t bytes))
{
    static const struct web_pipe pipe = {take_head, take_piece, none_waits, take_end};
    struct asker a = {.status = 0};
    const struct console_config c = {.clock = clock_system(),
                                     .search = s,
                                     .audit_folder = log_folder,
                                     .archive_folder = -1,
                                     .log_name = origin,
                                     .pipe = &pipe,
                                     .arg = &a,
                                     .ask_ledger = leave,
                                     .record_view = record};
    int64_t *us = mem_new_array(turns, sizeof *us);
    a.console = console_new(&c);
    state_reason(&a);
    for (size_t i = 0; i < pages; i++) {
        for (size_t turn = 0; turn < turns; turn++) {
            const int64_t from = clock_steady_us(&c.clock);
            look(&a, &page[i]);
            us[turn] = clock_steady_us(&c.clock) - from;
        }
        told(&page[i], us, turns, a.bytes);
    }
    console_free(a.console);
    mem_free(us);
}
