/*
 * Visitors of the console. Certificates are real, and so is the policy set, with roots of the
 * test's; connections are what net would hand over, and the test sees which of them are closed. The
 * clock is a number.
 */
#ifndef FEDGATE_TESTS_VISITORS_BENCH_H
#define FEDGATE_TESTS_VISITORS_BENCH_H

#include "process/visitors.h"

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "ipc/control.h"
#include "policy/compile.h"

#include "../crypto/pki.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PARTIES  "policy/inventory/parties.yaml"
#define AUDITOR  "daejeon-audit-commission/inspection"
#define OFFICER  "daejeon-city-center/footage-desk"
#define OPERATOR "daejeon-gateway-operator/operations"
#define POLICE   "npa-daejeon/112-control"

/* ---- net, as far as visitors know it */

struct grpc_connection {
    struct tls_peer peer;
    struct guest *guest; /* NULL: it was refused */
    const char *why;     /* why it was refused or closed; NULL: it is open */
};

const struct tls_peer *grpc_connection_peer(const struct grpc_connection *c)
{
    return &c->peer;
}

void grpc_connection_close(struct grpc_connection *c, const char *why)
{
    c->why = why;
}

/* ---- the agencies: each has a root, and a unit */

static const char *const units[] = {AUDITOR, OFFICER, OPERATOR, POLICE};
enum { UNITS = ARRAY_LEN(units), AUDITORS = 0, OFFICERS, OPERATORS, POLICEMEN };

struct agency {
    EVP_PKEY *root_key, *key;
    X509 *root, *certificate;
    struct buf root_pem;
};

struct bench {
    struct agency agency[UNITS];
    struct buf parties, snapshot[2]; /* the file; sets, of which the second is another */
    struct policy *set[2];
    struct trust *trust, *revokes_auditor;
    int64_t now_us; /* of both clocks */
    struct log log;
    struct loop *loop;
    struct visitors *visitors;
    struct grpc_connection connection[64];
    size_t connections;
};

static inline int64_t tell_time(void *arg)
{
    return ((struct bench *)arg)->now_us;
}

static inline size_t party_length(const char *unit)
{
    return strcspn(unit, "/");
}

static inline void certify(struct agency *a, const char *unit, long serial, long ends_s)
{
    char uri[128], name[64];
    (void)snprintf(uri, sizeof uri, "URI:fedgate://%s", unit);
    (void)snprintf(name, sizeof name, "%.*s", (int)party_length(unit), unit);
    a->root_key = pki_key();
    a->key = pki_key();
    a->root = pki_certificate(
        &(struct pki_spec){.name = name, .key = a->root_key, .ca = true, .ends_s = 100 * 86400});
    a->certificate = pki_certificate(&(struct pki_spec){.name = "unit",
                                                        .key = a->key,
                                                        .issuer = a->root,
                                                        .issuer_key = a->root_key,
                                                        .serial = serial,
                                                        .ends_s = ends_s,
                                                        .extended = "clientAuth",
                                                        .alt_names = uri});
    a->root_pem = BUF_INIT(8192);
    pki_put_certificate(a->root, &a->root_pem);
}

static inline void put_der(X509 *x, struct buf *out)
{
    struct buf pem = BUF_INIT(8192);
    pki_put_certificate(x, &pem);
    assert_int_equal(certificate_der_of_pem(buf_view(&pem), out), RESULT_OK);
    buf_free(&pem);
}

/* All roots; with a list that revokes that agency's certificate, unless it is NULL. */
static inline struct trust *trust_all(const struct bench *b, const struct agency *revoked)
{
    struct trust *t = trust_new();
    for (size_t i = 0; i < UNITS; i++) {
        const struct agency *a = &b->agency[i];
        struct buf der = BUF_INIT(8192), pem = BUF_INIT(8192), list = BUF_INIT(8192);
        X509_CRL *crl = pki_crl(a->root, a->root_key, a == revoked ? 77 : 0, 30 * 86400);
        put_der(a->root, &der);
        pki_put_crl(crl, &pem);
        assert_int_equal(trust_add_root(t, buf_view(&der)), RESULT_OK);
        assert_int_equal(certificate_crl_der_of_pem(buf_view(&pem), &list), RESULT_OK);
        assert_int_equal(trust_add_crl(t, buf_view(&list)), RESULT_OK);
        X509_CRL_free(crl);
        buf_free(&der);
        buf_free(&pem);
        buf_free(&list);
    }
    trust_require_crls(t, 0);
    return t;
}

/* ---- policy sets */

static inline void replace(struct buf *text, const char *old, const char *fresh)
{
    struct buf out = BUF_INIT(1 << 20);
    const char *at = strstr(buf_c(text), old);
    assert_non_null(at);
    buf_put(&out, text->p, (size_t)(at - buf_c(text)));
    buf_text(&out, fresh);
    buf_text(&out, at + strlen(old));
    buf_free(text);
    *text = out;
}

/* The shipped set, with the roots of the test and what the file says by now. */
static inline struct policy *compile(struct bench *b, struct buf *snapshot)
{
    char path[UNITS][100];
    struct policy_instead instead[UNITS + 1] = {{"inventory/parties.yaml", buf_view(&b->parties)}};
    for (size_t i = 0; i < UNITS; i++) {
        (void)snprintf(path[i], sizeof path[i], "inventory/roots/%.*s.pem",
                       (int)party_length(units[i]), units[i]);
        instead[i + 1] = (struct policy_instead){path[i], buf_view(&b->agency[i].root_pem)};
    }
    const struct policy_sources sources = {.folder = open("policy", O_RDONLY | O_DIRECTORY),
                                           .crls = -1,
                                           .draft = true,
                                           .now_us = b->now_us,
                                           .instead = instead,
                                           .insteads = ARRAY_LEN(instead)};
    struct diagnose *d = diagnose_new();
    struct policy_counts counts;
    struct policy *p;
    *snapshot = BUF_INIT(0);
    assert_true(sources.folder >= 0);
    assert_int_equal(policy_compile(&sources, d, snapshot, &counts), RESULT_OK);
    assert_int_equal(policy_open(buf_view(snapshot), &p), RESULT_OK);
    diagnose_free(d);
    (void)close(sources.folder);
    return p;
}

static inline void read_parties(struct buf *out)
{
    char piece[4096];
    int fd = open(PARTIES, O_RDONLY);
    *out = BUF_INIT(1 << 20);
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;)
        buf_put(out, piece, (size_t)n);
    (void)close(fd);
    assert_true(out->n > 0);
}

/* In the second set the auditors have no console, and the officer's desk is an operator's. */
static inline void make_sets(struct bench *b)
{
    read_parties(&b->parties);
    b->set[0] = compile(b, &b->snapshot[0]);
    replace(&b->parties, ", console: auditor", "");
    replace(&b->parties, "console: officer", "console: operator");
    b->set[1] = compile(b, &b->snapshot[1]);
}

/* ---- the bench */

static struct bench *shared; /* what is costly to make, and is not changed */

static inline int make_shared(void **state)
{
    static struct bench made;
    struct bench *b = &made;
    const struct clock real = clock_system();
    (void)state;
    b->now_us = clock_wall_us(&real);
    if (crypto_init() != RESULT_OK)
        return 1;
    for (size_t i = 0; i < UNITS; i++)
        certify(&b->agency[i], units[i], 77, i == OPERATORS ? 3600 : 10 * 86400);
    make_sets(b);
    b->trust = trust_all(b, NULL);
    b->revokes_auditor = trust_all(b, &b->agency[AUDITORS]);
    shared = b;
    return 0;
}

static inline int free_shared(void **state)
{
    struct bench *b = shared;
    (void)state;
    for (size_t i = 0; i < UNITS; i++) {
        X509_free(b->agency[i].root);
        X509_free(b->agency[i].certificate);
        EVP_PKEY_free(b->agency[i].root_key);
        EVP_PKEY_free(b->agency[i].key);
        buf_free(&b->agency[i].root_pem);
    }
    for (size_t i = 0; i < ARRAY_LEN(b->set); i++) {
        policy_close(b->set[i]);
        buf_free(&b->snapshot[i]);
    }
    trust_free(b->trust);
    trust_free(b->revokes_auditor);
    buf_free(&b->parties);
    return 0;
}

static const struct bucket_size handshakes = {40, 1};

/* Nobody is let in yet. */
static inline int begin_closed(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    *b = *shared;
    const struct clock clock = {tell_time, tell_time, b};
    b->log = (struct log){.role = "console", .fd = -1, .clock = clock};
    b->loop = loop_new_with_clock(&clock);
    b->visitors = visitors_new(b->loop, &b->log, handshakes, b);
    *state = b;
    return 0;
}

/* The first set is in force for long, and nobody is suspended. */
static inline int begin(void **state)
{
    (void)begin_closed(state);
    struct bench *b = *state;
    visitors_trust(b->visitors, b->set[0], b->trust);
    visitors_suspend(b->visitors, bytes_of(NULL, 0));
    b->now_us += US_PER_MINUTE;
    loop_turn(b->loop, 0);
    return 0;
}

static inline void leave(struct bench *b, struct grpc_connection *c)
{
    if (c->guest != NULL)
        visitors_ended(b->visitors, c->guest);
    c->guest = NULL;
}

static inline int end(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < b->connections; i++)
        leave(b, &b->connection[i]);
    visitors_free(b->visitors);
    visitors_free(NULL);
    loop_free(b->loop);
    mem_free(b);
    return 0;
}

/* ---- what happens */

/* A peer whose chain TLS has verified, of one agency's certificate and, as a rule, its root. */
static inline struct grpc_connection *come_by(struct bench *b, size_t certificate, size_t root)
{
    struct grpc_connection *c = &b->connection[b->connections++];
    assert_true(b->connections <= ARRAY_LEN(b->connection));
    *c = (struct grpc_connection){
        .peer = {.certificate = b->agency[certificate].certificate, .address = "192.0.2.7"}};
    certificate_fingerprint(b->agency[root].root, c->peer.root);
    c->guest = visitors_accept(b->visitors, &c->peer, c, &c->why);
    return c;
}

static inline struct grpc_connection *come(struct bench *b, size_t agency)
{
    return come_by(b, agency, agency);
}

static inline void is_in(const struct grpc_connection *c)
{
    assert_non_null(c->guest);
    assert_null(c->why);
}

static inline void was_refused(const struct grpc_connection *c, const char *why)
{
    assert_null(c->guest);
    assert_string_equal(c->why, why);
}

/* Closed with that, while it was open; net ends its calls then (test_grpc_connection.c). */
static inline void was_ended(const struct grpc_connection *c, const char *why)
{
    assert_non_null(c->guest);
    assert_non_null(c->why);
    assert_string_equal(c->why, why);
}

static inline void suspend(struct bench *b, const char *subject)
{
    struct buf subjects = BUF_INIT(1000);
    if (subject != NULL) {
        buf_bytes16(&subjects, bytes_of_text("unit somebody/else"));
        buf_bytes16(&subjects, bytes_of_text(subject));
    }
    visitors_suspend(b->visitors, buf_view(&subjects));
    buf_free(&subjects);
}

#endif
