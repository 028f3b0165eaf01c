/*
 * /metrics without a certificate: real sockets of this machine, a clock that is a number, and a
 * page that the test answers.
 */
#include "process/scrapes.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SCRAPE "GET /metrics?a=b HTTP/1.1\r\nHost: 127.0.0.1:9464\r\n\r\n"

enum { CLIENTS = SCRAPES_MOST + 2, LARGE = 6 << 20 };

/* ---- the page, as far as scrapes know it */

struct web_call {
    struct pages_taker *taker;
    bool is_post, is_head, is_whole;
    char path[64];
};

static struct web_call page[CLIENTS];
static size_t pages_asked, pages_gone;

struct web_call *pages_ask(struct pages *p, const struct visitor *v, const struct web_request *r,
                           struct pages_taker *taker)
{
    struct web_call *w = &page[pages_asked++];
    (void)p;
    assert_true(v->is_local && v->unit.n == 0 && v->role == POLICY_CONSOLE_NONE);
    assert_true(r->path.n < sizeof w->path && r->query.n == 0);
    *w = (struct web_call){.taker = taker, .is_post = r->is_post, .is_head = r->is_head};
    memcpy(w->path, r->path.p, r->path.n);
    return w;
}

void pages_asked_all(struct pages *p, struct web_call *w)
{
    (void)p;
    w->is_whole = true;
}

void console_gone(struct web_call *w)
{
    assert_non_null(w->taker);
    w->taker = NULL;
    pages_gone++;
}

static void answer(struct web_call *w, struct bytes body)
{
    static const struct web_field field[] = {{"x-good", {(const uint8_t *)"yes", 3}},
                                             {"x-bad", {(const uint8_t *)"a\r\nb: c", 7}}};
    const struct web_head head = {200, "text/plain; version=0.0.4", "no-store", field, 2};
    const struct web_pipe *pipe = w->taker->pipe;
    assert_true(w->is_whole);
    pipe->begin(w->taker, &head);
    assert_int_equal(pipe->put(w->taker, bytes_of(body.p, body.n / 2)), RESULT_OK);
    assert_int_equal(pipe->put(w->taker, bytes_of(body.p + body.n / 2, body.n - body.n / 2)),
                     RESULT_OK);
    assert_int_equal(pipe->queued(w->taker), body.n);
    pipe->end(w->taker);
}

/* ---- the bench */

struct bench {
    int64_t now_us;
    struct loop *loop;
    struct log log;
    int listener;
    struct sockaddr_in at;
    struct scrapes *scrapes;
    int client[CLIENTS];
    size_t clients;
};

static int64_t tell_time(void *arg)
{
    return ((struct bench *)arg)->now_us;
}

static int begin(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    socklen_t n = sizeof b->at;
    b->now_us = US_PER_HOUR;
    const struct clock clock = {tell_time, tell_time, b};
    b->loop = loop_new_with_clock(&clock);
    b->log = (struct log){.role = "console", .fd = -1, .clock = clock};
    b->at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    b->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(b->listener, (struct sockaddr *)&b->at, sizeof b->at), 0);
    assert_int_equal(listen(b->listener, 64), 0);
    assert_int_equal(getsockname(b->listener, (struct sockaddr *)&b->at, &n), 0);
    b->scrapes = scrapes_new(b->loop, &b->log, b->listener, NULL);
    pages_asked = pages_gone = 0;
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    scrapes_free(b->scrapes);
    scrapes_free(NULL);
    assert_int_equal(pages_gone, pages_asked); /* each once, whatever became of it */
    for (size_t i = 0; i < b->clients; i++)
        (void)close(b->client[i]);
    (void)close(b->listener);
    loop_free(b->loop);
    mem_free(b);
    return 0;
}

static void turns(struct bench *b)
{
    for (unsigned i = 0; i < 20; i++)
        loop_turn(b->loop, 0);
}

static int come(struct bench *b)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&b->at, sizeof b->at), 0);
    turns(b);
    return b->client[b->clients++] = fd;
}

static int ask(struct bench *b, const char *text)
{
    int fd = come(b);
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    turns(b);
    return fd;
}

static bool is_over(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

/* All that comes to the end of the connection. */
static size_t hear(struct bench *b, int fd, char *out, size_t room)
{
    size_t n = 0;
    for (unsigned i = 0; i < 100000; i++) {
        ssize_t k = recv(fd, out + n, room - 1 - n, MSG_DONTWAIT);
        if (k == 0)
            break;
        n += k > 0 ? (size_t)k : 0;
        loop_turn(b->loop, 0);
    }
    out[n] = '\0';
    return n;
}

static void assert_refused(struct bench *b, const char *text, const char *line)
{
    char said[1000];
    (void)hear(b, ask(b, text), said, sizeof said);
    assert_memory_equal(said, line, strlen(line));
    assert_non_null(strstr(said, "content-length: 0\r\n"));
    assert_int_equal(pages_asked, 0);
}

/* ---- the tests */

static void a_scrape_gets_the_page_with_its_length(void **state)
{
    struct bench *b = *state;
    char said[1000];
    int fd = ask(b, SCRAPE);
    assert_int_equal(pages_asked, 1);
    assert_string_equal(page[0].path, "/metrics");
    assert_false(page[0].is_post || page[0].is_head);
    assert_false(is_over(fd)); /* it waits for the page */
    answer(&page[0], bytes_of_text("a_total 1\n"));
    (void)hear(b, fd, said, sizeof said);
    assert_string_equal(said, "HTTP/1.1 200 \r\ncontent-type: text/plain; version=0.0.4\r\n"
                              "cache-control: no-store\r\nx-good: yes\r\ncontent-length: 10\r\n"
                              "connection: close\r\n\r\na_total 1\n");
    assert_int_equal(pages_gone, 1);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    struct bench *b = *state;
    int fd = come(b);
    for (const char *p = SCRAPE; *p != '\0'; p++) {
        assert_int_equal(pages_asked, 0);
        assert_int_equal(send(fd, p, 1, MSG_NOSIGNAL), 1);
        turns(b);
    }
    assert_int_equal(pages_asked, 1);
}

static void a_large_answer_goes_as_the_peer_takes_it(void **state)
{
    struct bench *b = *state;
    uint8_t *body = mem_new(LARGE);
    char *said = mem_new(LARGE + 1000);
    memset(body, 'x', LARGE);
    int fd = ask(b, SCRAPE);
    answer(&page[0], bytes_of(body, LARGE));
    turns(b);
    assert_int_equal(pages_gone, 0); /* the socket is full */
    const size_t n = hear(b, fd, said, LARGE + 1000);
    assert_non_null(strstr(said, "content-length: 6291456\r\n"));
    assert_memory_equal(said + n - LARGE, body, LARGE);
    assert_int_equal(pages_gone, 1);
    mem_free(body);
    mem_free(said);
}

static void of_head_and_post_the_page_knows(void **state)
{
    struct bench *b = *state;
    (void)ask(b, "HEAD /metrics HTTP/1.1\r\n\r\n");
    (void)ask(b, "POST /metrics HTTP/1.1\r\n\r\na=b");
    (void)ask(b, "DELETE /metrics HTTP/1.1\r\n\r\n");
    assert_int_equal(pages_asked, 3);
    assert_true(page[0].is_head && !page[0].is_post);
    assert_true(page[1].is_post && page[2].is_post);
}

static void what_is_no_request_of_this_machine_gets_no_page(void **state)
{
    struct bench *b = *state;
    char large[SCRAPES_REQUEST_MAX + 10];
    memset(large, 'a', sizeof large);
    large[sizeof large - 1] = '\0';
    assert_refused(b, "\x16\x03\x01\r\n\r\n", "HTTP/1.1 400 ");
    assert_refused(b, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 421 ");
    large[SCRAPES_REQUEST_MAX] = '\0';
    assert_refused(b, large, "HTTP/1.1 431 ");
}

static void whoever_goes_or_takes_too_long_is_let_go(void **state)
{
    struct bench *b = *state;
    int slow = come(b), waits = ask(b, SCRAPE), gone = come(b);
    assert_int_equal(shutdown(gone, SHUT_WR), 0);
    turns(b);
    assert_true(is_over(gone));
    b->now_us += SCRAPES_WITHIN - 1;
    turns(b);
    assert_false(is_over(slow) || is_over(waits));
    b->now_us += 1;
    turns(b);
    assert_true(is_over(slow) && is_over(waits));
    assert_int_equal(pages_gone, 1);
}

static void so_many_are_open_at_once(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < SCRAPES_OPEN; i++)
        assert_false(is_over(come(b)));
    assert_true(is_over(come(b)));
    assert_int_equal(shutdown(b->client[0], SHUT_WR), 0);
    turns(b);
    assert_false(is_over(come(b)));
}

static void so_many_come_at_once_and_so_many_a_second(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < SCRAPES_MOST; i++) {
        int fd = come(b);
        assert_false(is_over(fd));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        turns(b);
    }
    assert_true(is_over(come(b)));
    b->now_us += US_PER_S;
    turns(b);
    assert_false(is_over(come(b)));
}

static void without_a_socket_nobody_is_answered(void **state)
{
    struct bench *b = *state;
    assert_null(scrapes_new(b->loop, &b->log, -1, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
        T(a_scrape_gets_the_page_with_its_length),
        T(a_request_may_come_byte_by_byte),
        T(a_large_answer_goes_as_the_peer_takes_it),
        T(of_head_and_post_the_page_knows),
        T(what_is_no_request_of_this_machine_gets_no_page),
        T(whoever_goes_or_takes_too_long_is_let_go),
        T(so_many_are_open_at_once),
        T(so_many_come_at_once_and_so_many_a_second),
        T(without_a_socket_nobody_is_answered),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
