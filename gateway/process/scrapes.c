#include "process/scrapes.h"

#include "base/bucket.h"
#include "base/mem.h"
#include "net/plain_request.h"
#include "process/files.h"

#include <errno.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 4096 };

/* One connection. `taker` comes first: the pipe's functions get it. */
struct scrape {
    struct pages_taker taker;
    struct scrapes *all;
    LIST_ENTRY(scrape) next;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *late;
    struct web_call *web; /* NULL: it is not asked, or what it asked needs no page */
    bool is_head;
    struct buf request, head, body; /* the last two: of the answer */
    size_t sent;                    /* of both */
};

struct scrapes {
    struct loop *loop;
    const struct log *log;
    int listener;
    struct pages *pages;
    struct loop_watch *watch;
    struct bucket budget;
    size_t count;
    LIST_HEAD(, scrape) open;
};

static const struct bucket_size budget = {SCRAPES_MOST, SCRAPES_A_SECOND};

static void drop(struct scrape *s)
{
    if (s->web != NULL)
        console_gone(s->web);
    loop_watch_free(s->watch);
    loop_timer_free(s->late);
    (void)close(s->fd);
    buf_free(&s->request);
    buf_free(&s->head);
    buf_free(&s->body);
    LIST_REMOVE(s, next);
    s->all->count--;
    mem_free(s);
}

static void is_late(void *scrape)
{
    drop(scrape);
}

/* ---- the answer (struct web_pipe) */

static void put_field(struct scrape *s, const char *name, struct bytes value)
{
    if (bytes_printable_prefix(value) == value.n)
        buf_printf(&s->head, "%s: %.*s\r\n", name, (int)value.n, (const char *)value.p);
}

static void begin(void *scrape, const struct web_head *h)
{
    struct scrape *s = scrape;
    buf_printf(&s->head, "HTTP/1.1 %u \r\n", h->status);
    put_field(s, "content-type", bytes_of_text(h->type));
    put_field(s, "cache-control", bytes_of_text(h->caching));
    for (size_t i = 0; i < h->fields; i++)
        put_field(s, h->field[i].name, h->field[i].value);
}

static enum result put(void *scrape, struct bytes piece)
{
    struct scrape *s = scrape;
    buf_put(&s->body, piece.p, piece.n);
    return buf_status(&s->body);
}

static size_t queued(void *scrape)
{
    return ((struct scrape *)scrape)->body.n;
}

/* It leaves when the loop says that there is room: this may be called from within the page. */
static void end(void *scrape)
{
    struct scrape *s = scrape;
    if (!s->is_head)
        buf_printf(&s->head, "content-length: %zu\r\n", s->body.n);
    buf_text(&s->head, "connection: close\r\n\r\n");
    loop_watch_set(s->watch, LOOP_WRITE);
}

static const struct web_pipe pipe_of_scrapes = {begin, put, queued, end};

/* What is no request gets no page. */
static void refuse(struct scrape *s, unsigned status)
{
    const struct web_head head = {.status = status, .type = "text/plain", .caching = "no-store"};
    begin(s, &head);
    end(s);
}

/* What is left of the head, then of the body; false when the peer is gone. */
static bool send_on(struct scrape *s)
{
    const struct bytes part[] = {buf_view(&s->head), buf_view(&s->body)};
    size_t before = 0;
    for (size_t i = 0; i < ARRAY_LEN(part); before += part[i++].n)
        while (s->sent < before + part[i].n) {
            const size_t at = s->sent - before;
            ssize_t n = send(s->fd, part[i].p + at, part[i].n - at, MSG_NOSIGNAL);
            if (n < 0)
                return errno == EAGAIN || errno == EINTR;
            s->sent += (size_t)n;
        }
    return true;
}

static bool is_sent(const struct scrape *s)
{
    return s->sent == s->head.n + s->body.n;
}

/* ---- the request */

static void ask(struct scrape *s, const struct plain_request *r)
{
    const struct visitor nobody = {.unit = bytes_of_text(""), .is_local = true};
    const bool is_get = bytes_is(r->method, "GET");
    s->is_head = bytes_is(r->method, "HEAD");
    const struct web_request web = {
        .is_post = !is_get && !s->is_head, .is_head = s->is_head, .path = r->path};
    loop_watch_set(s->watch, 0);
    s->web = pages_ask(s->all->pages, &nobody, &web, &s->taker);
    pages_asked_all(s->all->pages, s->web);
}

static void look_at_request(struct scrape *s)
{
    struct plain_request r;
    enum result result = plain_request_read(buf_view(&s->request), &r);
    if (result == RESULT_AGAIN && s->request.n < SCRAPES_REQUEST_MAX)
        return;
    if (result == RESULT_AGAIN)
        refuse(s, 431);
    else if (result != RESULT_OK)
        refuse(s, 400);
    else if (!plain_request_is_local(r.host))
        refuse(s, 421);
    else
        ask(s, &r);
}

/* False when the peer is gone. */
static bool receive(struct scrape *s)
{
    uint8_t piece[SCRAPES_REQUEST_MAX];
    ssize_t n = recv(s->fd, piece, SCRAPES_REQUEST_MAX - s->request.n, 0);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    buf_put(&s->request, piece, (size_t)n);
    look_at_request(s);
    return true;
}

static void ready(void *scrape, int events)
{
    struct scrape *s = scrape;
    const bool goes_on = (events & LOOP_READ) != 0 ? receive(s) : send_on(s) && !is_sent(s);
    if (!goes_on)
        drop(s);
}

/* ---- who comes */

static void add(struct scrapes *all, int fd)
{
    struct scrape *s = mem_new(sizeof *s);
    *s = (struct scrape){.taker = {&pipe_of_scrapes},
                         .all = all,
                         .fd = fd,
                         .request = BUF_INIT(SCRAPES_REQUEST_MAX),
                         .head = BUF_INIT(HEAD_MAX),
                         .body = BUF_INIT(CONSOLE_PAGE_MAX)};
    s->watch = loop_watch_new(all->loop, fd, ready, s);
    s->late = loop_timer_new(all->loop, is_late, s);
    loop_watch_set(s->watch, LOOP_READ);
    loop_timer_set(s->late, SCRAPES_WITHIN);
    LIST_INSERT_HEAD(&all->open, s, next);
    all->count++;
}

static bool may_begin(struct scrapes *all)
{
    const int64_t now_us = loop_now_us(all->loop);
    return all->count < SCRAPES_OPEN && bucket_left(&all->budget, &budget, now_us) > 0 &&
           bucket_spend(&all->budget, &budget, now_us, 1);
}

static void arrived(void *scrapes, int events)
{
    struct scrapes *all = scrapes;
    (void)events;
    int fd = accept4(all->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (may_begin(all))
        add(all, fd);
    else
        (void)close(fd);
}

struct scrapes *scrapes_new(struct loop *loop, const struct log *log, int listener,
                            struct pages *pages)
{
    char address[FILES_ADDRESS];
    if (listener < 0)
        return NULL;
    struct scrapes *all = mem_new(sizeof *all);
    *all = (struct scrapes){.loop = loop, .log = log, .listener = listener, .pages = pages};
    LIST_INIT(&all->open);
    bucket_init(&all->budget, &budget, loop_now_us(loop));
    all->watch = loop_watch_new(loop, listener, arrived, all);
    loop_watch_set(all->watch, LOOP_READ);
    files_listener_address(listener, address);
    log_line(log, LOG_NOTE, "metrics-for-this-machine",
             "address=%s why=\"metrics_listen says so: no certificate, no record\"", address);
    return all;
}

void scrapes_free(struct scrapes *all)
{
    struct scrape *s;
    if (all == NULL)
        return;
    while ((s = LIST_FIRST(&all->open)) != NULL)
        drop(s);
    loop_watch_free(all->watch);
    mem_free(all);
}
