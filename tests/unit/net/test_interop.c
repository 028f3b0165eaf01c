/* Clients that we did not write, in processes of their own, against a gateway of a few methods:
 * grpcio (tests/net/interop.py), and curl for plain HTTP (tests/net/plain.py). */
#include "net/grpc.h"

#include "base/attr.h"
#include "peers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77 };

struct served {
    struct grpc_call *call;
    unsigned messages;
    size_t bytes;
};

static void *open_call(void *session, struct grpc_call *call)
{
    struct served *s = calloc(1, sizeof *s);
    (void)session;
    s->call = call;
    return s;
}

static void *open_refused(void *session, struct grpc_call *call)
{
    (void)session;
    grpc_call_finish(call, GRPC_PERMISSION_DENIED, "거부: 100%");
    return NULL;
}

static void closed(void *arg, enum grpc_status status, const char *text)
{
    (void)status;
    (void)text;
    free(arg);
}

static void finish(void *arg)
{
    struct served *s = arg;
    grpc_call_finish(s->call, GRPC_OK, NULL);
}

static enum result echo(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    return grpc_call_send(s->call, bytes_of(NULL, 0), owner, message);
}

static enum result count_in(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    (void)owner;
    s->messages++;
    s->bytes += message.n;
    return RESULT_OK;
}

static void answer_count(void *arg)
{
    struct served *s = arg;
    char text[64];
    (void)snprintf(text, sizeof text, "%u %zu", s->messages, s->bytes);
    assert_int_equal(grpc_call_send(s->call, bytes_of_text(text), NULL, bytes_of(NULL, 0)),
                     RESULT_OK);
    finish(arg);
}

/* Messages of 0, 1, 2 ... bytes, as many as the request says. */
static enum result count_out(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    char number[16];
    (void)owner;
    (void)snprintf(number, sizeof number, "%.*s", (int)message.n, (const char *)message.p);
    size_t n = strtoul(number, NULL, 10);
    struct shared *zeros = shared_new(n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(
            grpc_call_send(s->call, bytes_of(NULL, 0), zeros, bytes_of(shared_view(zeros).p, i)),
            RESULT_OK);
    shared_drop(zeros);
    return RESULT_OK;
}

static const struct grpc_call_events echo_events = {echo, finish, NULL, closed, NULL};
static const struct grpc_call_events collect_events = {count_in, answer_count, NULL, closed, NULL};
static const struct grpc_call_events count_events = {count_out, finish, NULL, closed, NULL};
static const struct grpc_call_events silent_events = {count_in, NULL, NULL, closed, NULL};

static const struct grpc_method methods[] = {
    {"/t/Echo", 3u << 20, &echo_events, open_call},
    {"/t/Collect", 3u << 20, &collect_events, open_call},
    {"/t/Count", 3u << 20, &count_events, open_call},
    {"/t/Silent", 3u << 20, &silent_events, open_call},
    {"/t/Refuse", 3u << 20, &echo_events, open_refused},
};

/* ---- plain HTTP: a body is answered with itself; without one, cookie and language come back, and
 * /large is 8 MiB of zeros */

enum { ZEROS = 8 << 20, PIECE = 64 << 10 };

static void put_zeros(void *arg)
{
    static const uint8_t zeros[PIECE];
    struct served *s = arg;
    while (s->bytes > 0 && grpc_call_queued(s->call) < 2 * PIECE &&
           grpc_call_answer_put(s->call, bytes_of(zeros, PIECE)) == RESULT_OK)
        s->bytes -= PIECE;
    if (s->bytes == 0 && s->messages == 0)
        grpc_call_answer_end(s->call);
    grpc_call_resume(s->call);
}

static void *open_plain(void *session, struct grpc_call *call, const struct http_request *r)
{
    const struct http_field said[] = {{"x-cookie", r->cookie}, {"x-language", r->language}};
    const struct http_head h = {.status = 200,
                                .type = "text/plain",
                                .caching = "no-store",
                                .field = said,
                                .fields = r->cookie[0] != '\0' ? 2 : 0};
    struct served *s = open_call(session, call);
    s->messages = strcmp(r->method, "POST") == 0;
    s->bytes = strcmp(r->path, "/large") == 0 ? ZEROS : 0;
    grpc_call_set_mark(call, PIECE);
    if (strcmp(r->path, "/at-once") == 0) {
        grpc_call_answer(call, 200, "text/plain", "", bytes_of_text("at once"));
        return s;
    }
    grpc_call_answer_begin(call, &h);
    put_zeros(s);
    return s;
}

static enum result echo_piece(void *arg, struct shared *owner, struct bytes piece)
{
    struct served *s = arg;
    (void)owner;
    if (grpc_call_answer_put(s->call, piece) != RESULT_OK)
        return RESULT_OK; /* answered already, and gone past */
    return grpc_call_queued(s->call) > PIECE ? RESULT_AGAIN : RESULT_OK;
}

static void end_plain(void *arg)
{
    struct served *s = arg;
    if (s->bytes == 0)
        grpc_call_answer_end(s->call);
}

static const struct grpc_call_events plain_events = {echo_piece, end_plain, put_zeros, closed,
                                                     NULL};

static void *accept_units(void *arg, const struct tls_peer *peer,
                          struct grpc_connection *connection, const char **why)
{
    char uri[CERTIFICATE_URI_MAX + 1];
    (void)connection;
    if (certificate_uri(peer->certificate, uri) == RESULT_OK &&
        strcmp(uri, "fedgate:npa-daejeon/112-control") == 0)
        return arg;
    *why = "unknown party";
    return NULL;
}

/* ---- the other process */

static void put_file(const char *folder, const char *name, const struct buf *content)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(content->p, 1, content->n, f), content->n);
    assert_int_equal(fclose(f), 0);
}

static void drop_file(const char *folder, const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path);
}

static pid_t start_script(const char *script, uint16_t port, const char *folder)
{
    char number[8];
    (void)snprintf(number, sizeof number, "%u", (unsigned)port);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    (void)execl("/usr/bin/python3", "python3", script, number, folder, (char *)NULL);
    _exit(SKIPPED);
}

struct run {
    const char *script;
    struct loop *loop;
    pid_t pid;
    int status;
};

static void child_ended(void *arg)
{
    struct run *r = arg;
    if (waitpid(r->pid, &r->status, WNOHANG) == r->pid)
        loop_stop(r->loop);
}

static void run_against(struct peers *p, const char *folder, struct run *r)
{
    uint16_t port;
    struct tls_context *tls = gateway_context(p);
    struct loop_signal *child = loop_signal_new(r->loop, SIGCHLD, child_ended, r);
    int fd = listen_here(&port);
    const struct grpc_server_config config = {.loop = r->loop,
                                              .listen_fd = fd,
                                              .method = methods,
                                              .methods = ARRAY_LEN(methods),
                                              .request = open_plain,
                                              .request_events = &plain_events,
                                              .request_largest = ZEROS,
                                              .arg = r,
                                              .accept = accept_units,
                                              .most_connections = 100};
    struct grpc_server *server = grpc_server_new(&config, tls);
    r->pid = start_script(r->script, port, folder);
    assert_true(r->pid > 0);
    loop_run(r->loop);
    grpc_server_free(server);
    loop_signal_free(child);
    tls_context_drop(tls);
    (void)close(fd);
}

static void run_script(const char *script)
{
    struct peers *p = peers_new();
    struct run r = {.script = script, .loop = loop_new(), .status = -1};
    struct pki_spec spec = unit_spec(&p->root);
    char folder[] = "/tmp/fedgate-interop-XXXXXX";
    spec.alt_names = "URI:fedgate:stranger/unit";
    struct credential stranger = credential_new(spec);
    assert_non_null(mkdtemp(folder));
    put_file(folder, "root.pem", &p->root.certificate_pem);
    put_file(folder, "unit.pem", &p->unit.certificate_pem);
    put_file(folder, "unit.key", &p->unit.key_pem);
    put_file(folder, "stranger.pem", &stranger.certificate_pem);
    put_file(folder, "stranger.key", &stranger.key_pem);
    run_against(p, folder, &r);
    static const char *const name[] = {"root.pem", "unit.pem", "unit.key", "stranger.pem",
                                       "stranger.key"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++)
        drop_file(folder, name[i]);
    (void)rmdir(folder);
    credential_free(&stranger);
    peers_free(p);
    loop_free(r.loop);
    assert_true(WIFEXITED(r.status));
    if (WEXITSTATUS(r.status) == SKIPPED)
        skip();
    assert_int_equal(WEXITSTATUS(r.status), 0);
}

static void grpcio_gets_what_it_expects(void **state)
{
    (void)state;
    run_script("tests/net/interop.py");
}

static void curl_gets_what_it_expects(void **state)
{
    (void)state;
    run_script("tests/net/plain.py");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grpcio_gets_what_it_expects),
                                       cmocka_unit_test(curl_gets_what_it_expects)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
