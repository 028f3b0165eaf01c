/*
 * What a browser sends the auditors' console: a byte of choices, then a request as text, its path
 * and query in the first line, fields below, and behind an empty line the body. Over a log whose
 * texts are hostile, every answer begins and ends once, a page is well-formed and has no script but
 * ours, nothing leaves without its view on record, an officer never sees another party's unit, and
 * whoever is not known sees metrics alone.
 */
#include "fuzz.h"

#include "audit/note.h"
#include "audit/tiles.h"
#include "console/console.h"
#include "crypto/init.h"
#include "search/search.h"

#include <expat.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define OTHERS  "other-party/secret-unit"
#define MARKUP  "\"><script>alert('x')</script>"
#define ORIGIN  "fuzz.example/log"
#define OFFICER "own-party/officer"

enum {
    POST = 1,
    HEAD = 2,
    NO_VISIT = 4,
    NOT_RECORDED = 8,
    NO_LEDGER = 16,
    ROLE_AT = 5,
    LOCAL = 128
};
enum { LEAVES = 300, TURNS = 2000, ANSWER_MAX = 32 << 20 };

/* ---- the log, made once */

static int log_folder = -1;
static struct search *search;

static void append(struct tiles *t, struct leaf leaf)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    leaf.index = tiles_size(t);
    leaf.time_us = FUZZ_NOW_US + (int64_t)leaf.index;
    HOLDS(leaf_write(&leaf, &entry) == RESULT_OK);
    tiles_append(t, buf_view(&entry));
    buf_free(&entry);
}

static void append_message(struct tiles *t, const char *from, const char *to)
{
    static const struct bytes incident = {(const uint8_t *)MARKUP, sizeof MARKUP - 1};
    const struct leaf_recipient r = {.unit = bytes_of_text(to),
                                     .reason = bytes_of_text("no-grant"),
                                     .clause = bytes_of_text("mou#" MARKUP),
                                     .failed = bytes_of_text(MARKUP)};
    append(t, (struct leaf){.event = AUDIT_RECEIVED,
                            .id = bytes_of_text(MARKUP),
                            .kind = bytes_of_text("guardian_alert"),
                            .source = bytes_of_text(from),
                            .service = bytes_of_text(MARKUP),
                            .purpose = bytes_of_text(MARKUP),
                            .incident = &incident,
                            .incidents = 1,
                            .recipient = &r,
                            .recipients = 1,
                            .detail = bytes_of_text("scopes=7")});
}

static void publish(struct tiles *t)
{
    static const uint8_t seed[SIGN_SEED] = "the key of a log for fuzzing...";
    uint8_t key[SIGN_PUBLIC], signature[SIGN_SIGNATURE];
    struct note_key name;
    struct buf note = BUF_INIT(1000);
    struct hasher *h = hasher_new();
    const struct checkpoint c = {bytes_of_text(ORIGIN), tiles_size(t), tiles_root(t)};
    sign_public_of(seed, key);
    HOLDS(note_key_make(h, c.origin, NOTE_KEY_ED25519, key, &name) == RESULT_OK);
    checkpoint_put(&c, &note);
    sign_make(seed, buf_view(&note), signature);
    buf_text(&note, "\n");
    note_put_signature(&name, signature, &note);
    HOLDS(tiles_settle(t) == RESULT_OK && tiles_publish(t, buf_view(&note)) == RESULT_OK);
    hasher_free(h);
    buf_free(&note);
}

static void make_log(void)
{
    struct tiles *t;
    char why[200];
    HOLDS(crypto_init() == RESULT_OK);
    log_folder = fuzz_folder_empty("log");
    HOLDS(tiles_open(log_folder, &t, why, sizeof why) == RESULT_OK);
    for (size_t i = 0; i < LEAVES; i++)
        append_message(t,
                       i % 2 == 0   ? OFFICER
                       : i % 4 == 1 ? OTHERS
                                    : "third-party/desk",
                       i % 4 == 1 ? OTHERS : "own-party/desk");
    publish(t);
    tiles_close(t);
    int folder = fuzz_folder_empty("index");
    HOLDS(search_open(folder, bytes_of_text(ORIGIN), NULL, &search) == RESULT_OK);
    while (search_follow(search, log_folder, LEAVES, 1000000) == RESULT_AGAIN)
        ;
    HOLDS(search_size(search) == LEAVES);
}

/* ---- one exchange */

struct exchange {
    struct console *console;
    int64_t now_us;
    unsigned begun, ended, status, views;
    bool is_page, not_recorded, no_ledger;
    char cookie[256]; /* that was set last */
    struct buf body;
};

static int64_t tell_time(void *arg)
{
    return ((struct exchange *)arg)->now_us += 1000; /* slices end */
}

static void begin(void *call, const struct web_head *h)
{
    struct exchange *x = call;
    x->begun++;
    x->status = h->status;
    x->is_page = strncmp(h->type, "text/html", 9) == 0;
    for (size_t i = 0; i < h->fields; i++) {
        struct bytes v = h->field[i].value;
        HOLDS(v.n == 0 || (memchr(v.p, '\n', v.n) == NULL && memchr(v.p, '\r', v.n) == NULL));
        if (strcmp(h->field[i].name, "set-cookie") == 0)
            (void)snprintf(x->cookie, sizeof x->cookie, "%.*s", (int)v.n, (const char *)v.p);
        if (strcmp(h->field[i].name, "location") == 0)
            HOLDS(v.n > 3 && v.p[0] == '/' && (bytes_begins(v, "/en/") || bytes_begins(v, "/ko/")));
    }
}

static enum result put(void *call, struct bytes piece)
{
    struct exchange *x = call;
    HOLDS(x->begun == 1 && x->ended == 0);
    buf_put(&x->body, piece.p, piece.n);
    return RESULT_OK;
}

static size_t queued(void *call)
{
    (void)call;
    return 0;
}

static void end(void *call)
{
    struct exchange *x = call;
    HOLDS(x->begun == 1 && x->ended++ == 0);
}

static void ask(void *arg, uint64_t ticket, struct bytes unit, struct bytes request)
{
    struct exchange *x = arg;
    const struct control_answer nothing = {.code = CONTROL_CODE_DONE};
    struct buf frame = BUF_INIT(4096);
    HOLDS(request.n > 0 && request.n <= CONTROL_REQUEST_MAX && unit.n <= IDENT_UNIT_MAX);
    if (!x->no_ledger)
        control_answer_put(&nothing, &frame);
    console_said(x->console, ticket, buf_view(&frame));
    buf_free(&frame);
}

static void view(void *arg, const struct console_view *v)
{
    struct exchange *x = arg;
    HOLDS(x->begun == 0 && console_is_page(v->page) && console_is_form(v->form));
    x->views++;
    console_viewed(x->console, v->ticket, !x->not_recorded, 0);
}

static const struct web_pipe pipe_here = {begin, put, queued, end};

/* ---- what must hold of an answer */

static bool has(struct bytes text, const char *what)
{
    return text.n > 0 && memmem(text.p, text.n, what, strlen(what)) != NULL;
}

static void is_well_formed(struct bytes page)
{
    XML_Parser p = XML_ParserCreate("UTF-8");
    HOLDS(XML_Parse(p, (const char *)page.p, (int)page.n, 1) == XML_STATUS_OK);
    XML_ParserFree(p);
}

static void judge(const struct exchange *x, enum policy_console role, struct bytes input)
{
    struct bytes body = buf_view(&x->body);
    bool shows_log = has(body, "own-party/desk") || has(body, OTHERS);
    HOLDS(x->begun <= 1 && x->ended <= x->begun);
    if (x->is_page && body.n > 0) {
        is_well_formed(body);
        HOLDS(!has(body, "<script>"));
    }
    if (has(input, "secret-unit") || has(input, "own-party"))
        return; /* what was asked for is said again */
    HOLDS(!shows_log || (x->views == 1 && !x->not_recorded));
    HOLDS(!has(body, OTHERS) || role == POLICY_CONSOLE_AUDITOR);
    HOLDS(!shows_log || role == POLICY_CONSOLE_AUDITOR || role == POLICY_CONSOLE_OFFICER);
}

/* ---- */

/* Fields of the text; what is none of them is left out. */
static void take_fields(struct cursor *in, struct web_request *r)
{
    struct bytes line;
    while (cursor_until(in, '\n', &line) == RESULT_OK && line.n > 0) {
        struct {
            const char *name;
            struct bytes *value;
        } field[] = {{"cookie: ", &r->cookie},
                     {"origin: ", &r->origin},
                     {"site: ", &r->site},
                     {"type: ", &r->type},
                     {"language: ", &r->language}};
        for (size_t i = 0; i < ARRAY_LEN(field); i++)
            if (bytes_begins(line, field[i].name)) {
                size_t n = strlen(field[i].name);
                *field[i].value = bytes_of(line.p + n, line.n - n);
            }
    }
}

static struct web_request take_request(uint8_t flags, struct cursor *in)
{
    struct web_request r = {.is_post = (flags & POST) != 0,
                            .is_head = (flags & (POST | HEAD)) == HEAD,
                            .authority = bytes_of_text("gate:8444")};
    struct bytes line = bytes_of(in->at, in->left);
    if (cursor_until(in, '\n', &line) != RESULT_OK)
        in->left = 0;
    const uint8_t *mark = line.n == 0 ? NULL : memchr(line.p, '?', line.n);
    r.path = mark == NULL ? line : bytes_of(line.p, (size_t)(mark - line.p));
    if (mark != NULL)
        r.query = bytes_of(mark + 1, line.n - r.path.n - 1);
    take_fields(in, &r);
    return r;
}

/* What a browser sends first: a reason. What comes back is the cookie of the visit. */
static void state_reason(struct exchange *x, const struct visitor *v, struct buf *cookie)
{
    const struct web_request r = {.is_post = true,
                                  .path = bytes_of_text("/en/reason"),
                                  .site = bytes_of_text("same-origin"),
                                  .type = bytes_of_text("application/x-www-form-urlencoded")};
    struct web_call *w = console_request(x->console, v, &r, x);
    console_body(w, bytes_of_text("reason=fuzzing&then=/en/"));
    console_body_end(w);
    console_gone(w);
    HOLDS(x->status == 303);
    buf_put(cookie, x->cookie, strcspn(x->cookie, ";"));
    x->begun = x->ended = x->status = 0;
    buf_rewind(&x->body);
}

static void run(struct exchange *x, const struct visitor *v, const struct web_request *r,
                struct bytes body)
{
    struct web_call *w = console_request(x->console, v, r, x);
    HOLDS(w != NULL);
    console_body(w, bytes_of(body.p, body.n / 2));
    console_body(w, bytes_of(body.p + body.n / 2, body.n - body.n / 2));
    console_body_end(w);
    for (size_t i = 0; i < TURNS && x->ended == 0 && x->body.n < ANSWER_MAX / 2; i++) {
        x->now_us += 10000;
        (void)console_turn(x->console);
        console_writable(w);
    }
    console_gone(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    uint8_t flags = fuzz_byte(&in);
    struct exchange x = {.now_us = FUZZ_NOW_US, .body = BUF_INIT(ANSWER_MAX)};
    struct visitor v = {.unit = bytes_of_text(OFFICER),
                        .role = (enum policy_console)(flags >> ROLE_AT & 3)};
    struct buf cookie = BUF_INIT(256);
    if (log_folder < 0)
        make_log();
    const struct console_config config = {.clock = {tell_time, tell_time, &x},
                                          .search = search,
                                          .audit_folder = log_folder,
                                          .archive_folder = -1,
                                          .log_name = ORIGIN,
                                          .pipe = &pipe_here,
                                          .arg = &x,
                                          .ask_ledger = ask,
                                          .record_view = view};
    if ((flags & LOCAL) != 0) /* metrics_listen, where nobody is known */
        v = (struct visitor){.unit = bytes_of_text(""), .is_local = true};
    v.reads_all = v.role == POLICY_CONSOLE_AUDITOR;
    x.console = console_new(&config);
    struct web_request r = take_request(flags, &in);
    if ((flags & NO_VISIT) == 0 && v.role != POLICY_CONSOLE_NONE) {
        state_reason(&x, &v, &cookie);
        r.cookie = r.cookie.n == 0 ? buf_view(&cookie) : r.cookie;
    }
    x.not_recorded = (flags & NOT_RECORDED) != 0;
    x.no_ledger = (flags & NO_LEDGER) != 0;
    run(&x, &v, &r, bytes_of(in.at, in.left));
    judge(&x, v.role, bytes_of(data, size));
    HOLDS(!v.is_local || (x.views == 0 && (x.status != 200 || !x.is_page)));
    console_free(x.console);
    buf_free(&x.body);
    buf_free(&cookie);
    return 0;
}
