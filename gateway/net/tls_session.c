#include "net/tls_session.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/shared.h"
#include "net/tls_context.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { BULK = 16384 }; /* bytes at once that make a session a busy one: a full record */

/*
 * OpenSSL reads from a view of what came (`in`) and writes to one growing buffer (`out`), so that
 * the caller can move many records with one system call.
 */
struct tls_session {
    struct tls_context *context;
    SSL *ssl;
    struct bytes in;
    struct shared *kept; /* what `in` is a view of, when it is the session's own; or NULL */
    struct buf out;
    size_t out_sent;     /* the first bytes of `out` that are gone already */
    bool used;           /* since the last tick */
    bool quiet;          /* little moves: set_quiet */
    const char *refused; /* why this session may not go on; NULL: it may */
    uint64_t records;    /* either way, under these keys */
    int64_t keys_since_us, minute_since_us;
    unsigned key_updates; /* from the peer, in this minute */
};

static int memory_read(BIO *b, char *to, size_t room, size_t *n)
{
    struct tls_session *s = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    *n = s->in.n < room ? s->in.n : room;
    if (*n == 0) {
        BIO_set_retry_read(b);
        return 0;
    }
    memcpy(to, s->in.p, *n);
    s->in = bytes_of(s->in.p + *n, s->in.n - *n);
    return 1;
}

static int memory_write(BIO *b, const char *from, size_t n, size_t *written)
{
    struct tls_session *s = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    buf_put(&s->out, from, n);
    s->used = true;
    *written = n;
    return buf_status(&s->out) == RESULT_OK;
}

static long memory_control(BIO *b, int command, long number, void *pointer)
{
    (void)b;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_session_memory(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "session");
    if (m == NULL || BIO_meth_set_read_ex(m, memory_read) != 1 ||
        BIO_meth_set_write_ex(m, memory_write) != 1 || BIO_meth_set_ctrl(m, memory_control) != 1)
        abort();
    return m;
}

/* Sees every record and handshake message: counts what OpenSSL itself does not limit. */
static void count_message(int sent, int version, int type, const void *data, size_t n, SSL *ssl,
                          void *arg)
{
    struct tls_session *s = arg;
    const uint8_t *p = data;
    (void)version;
    (void)ssl;
    if (type == SSL3_RT_HEADER)
        s->records++;
    if (type == SSL3_RT_HANDSHAKE && sent == 0 && n > 0 && p[0] == SSL3_MT_KEY_UPDATE &&
        ++s->key_updates > LIMIT_TLS_KEY_UPDATES)
        s->refused = "too many key updates";
}

/*
 * A quiet session keeps no buffer between two records, and OpenSSL wipes what it decrypted. In one
 * that moves bulk that would be a tenth of the work; its buffers stay, and are wiped when it has
 * become quiet or ends.
 */
static void set_quiet(struct tls_session *s, bool quiet)
{
    if (quiet == s->quiet)
        return;
    s->quiet = quiet;
    if (!quiet) {
        (void)SSL_clear_mode(s->ssl, SSL_MODE_RELEASE_BUFFERS);
        (void)SSL_clear_options(s->ssl, SSL_OP_CLEANSE_PLAINTEXT);
        return;
    }
    (void)SSL_set_mode(s->ssl, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_set_options(s->ssl, SSL_OP_CLEANSE_PLAINTEXT);
    (void)SSL_free_buffers(s->ssl);
}

/* The name that the gateway's certificate must have; SNI carries DNS names only (RFC 6066, 3). */
static bool expect_name(SSL *ssl, const char *name)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
        return true;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
           SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct tls_session *tls_session_new(struct tls_context *context)
{
    struct tls_session *s = mem_new(sizeof *s);
    s->context = tls_context_hold(context);
    buf_init(&s->out, LIMIT_OUTGOING);
    s->ssl = SSL_new(context->ssl);
    BIO *b = BIO_new(context->memory);
    if (s->ssl == NULL || b == NULL)
        abort(); /* out of memory */
    set_quiet(s, true);
    BIO_set_data(b, s);
    BIO_set_init(b, 1);
    SSL_set_bio(s->ssl, b, b);
    SSL_set_msg_callback(s->ssl, count_message);
    SSL_set_msg_callback_arg(s->ssl, s);
    if (context->server)
        SSL_set_accept_state(s->ssl);
    else
        SSL_set_connect_state(s->ssl);
    if (context->server_name != NULL && !expect_name(s->ssl, context->server_name))
        s->refused = "the server name to be expected is not a name";
    ERR_clear_error();
    return s;
}

void tls_session_free(struct tls_session *s)
{
    if (s == NULL)
        return;
    set_quiet(s, true);
    SSL_free(s->ssl);
    shared_drop(s->kept);
    buf_free(&s->out);
    tls_context_drop(s->context);
    mem_free(s);
}

void tls_session_feed(struct tls_session *s, struct bytes ciphertext)
{
    if (ciphertext.n >= BULK)
        set_quiet(s, false);
    shared_drop(s->kept);
    s->kept = NULL;
    s->in = ciphertext;
    s->used = true;
}

/* SSL_get_error asks for an empty queue. Emptying one that is empty is a thirtieth of moving bulk.
 */
static void clear_errors(void)
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

void tls_session_keep(struct tls_session *s)
{
    if (s->in.n == 0)
        return;
    struct shared *kept = shared_copy(s->in);
    shared_drop(s->kept);
    s->kept = kept;
    s->in = shared_view(kept);
}

/* The most telling of what OpenSSL knows: the certificate's fault, else the first error. */
static enum result refuse(struct tls_session *s)
{
    long verified = SSL_get_verify_result(s->ssl);
    unsigned long error = ERR_peek_error();
    const char *reason = error == 0 ? NULL : ERR_reason_error_string(error);
    if (s->refused == NULL && verified != X509_V_OK)
        s->refused = X509_verify_cert_error_string(verified);
    if (s->refused == NULL)
        s->refused = reason == NULL ? "the peer broke TLS" : reason;
    clear_errors();
    return RESULT_DENIED;
}

/* SSL_get_verify_result is OK also when nothing was verified, so each fact is asked for. */
static enum result check_handshake(struct tls_session *s)
{
    const unsigned char *alpn;
    unsigned alpn_bytes;
    SSL_get0_alpn_selected(s->ssl, &alpn, &alpn_bytes);
    if (SSL_version(s->ssl) != TLS1_3_VERSION)
        s->refused = "not TLS 1.3";
    else if (!bytes_is(bytes_of(alpn, alpn_bytes), "h2"))
        s->refused = "the protocol h2 was not chosen";
    else if (SSL_session_reused(s->ssl) != 0)
        s->refused = "a session was resumed";
    else if (SSL_get0_peer_certificate(s->ssl) == NULL ||
             sk_X509_num(SSL_get0_verified_chain(s->ssl)) < 1 ||
             SSL_get_verify_result(s->ssl) != X509_V_OK)
        s->refused = "the peer was not verified";
    return s->refused == NULL ? RESULT_OK : RESULT_DENIED;
}

enum result tls_session_handshake(struct tls_session *s)
{
    if (s->refused != NULL)
        return RESULT_DENIED;
    clear_errors();
    int r = SSL_do_handshake(s->ssl);
    if (s->refused != NULL)
        return RESULT_DENIED;
    if (r == 1)
        return check_handshake(s);
    return SSL_get_error(s->ssl, r) == SSL_ERROR_WANT_READ ? RESULT_AGAIN : refuse(s);
}

enum result tls_session_read(struct tls_session *s, uint8_t *out, size_t room, size_t *n)
{
    if (s->refused != NULL)
        return RESULT_DENIED;
    clear_errors();
    int r = SSL_read_ex(s->ssl, out, room, n);
    if (s->refused != NULL)
        return RESULT_DENIED;
    if (r == 1)
        return RESULT_OK;
    switch (SSL_get_error(s->ssl, r)) {
    case SSL_ERROR_WANT_READ: return RESULT_AGAIN;
    case SSL_ERROR_ZERO_RETURN: return RESULT_CLOSED;
    default: return refuse(s);
    }
}

enum result tls_session_write(struct tls_session *s, struct bytes plain)
{
    size_t n;
    if (s->refused != NULL)
        return RESULT_DENIED;
    if (plain.n == 0)
        return RESULT_OK;
    if (plain.n >= BULK)
        set_quiet(s, false);
    clear_errors();
    /* Memory takes everything at once, so this is complete or an error. */
    return SSL_write_ex(s->ssl, plain.p, plain.n, &n) == 1 ? RESULT_OK : refuse(s);
}

void tls_session_deny(struct tls_session *s, const char *why)
{
    if (s->refused == NULL && SSL_new_session_ticket(s->ssl) == 1)
        (void)SSL_do_handshake(s->ssl); /* fails in tls_context.c's deny() */
    if (s->refused == NULL)
        s->refused = why;
    clear_errors();
}

void tls_session_close(struct tls_session *s)
{
    if (SSL_in_init(s->ssl) == 0)
        (void)SSL_shutdown(s->ssl);
    clear_errors();
}

struct bytes tls_session_outgoing(const struct tls_session *s)
{
    return bytes_of(s->out.p == NULL ? NULL : s->out.p + s->out_sent, s->out.n - s->out_sent);
}

void tls_session_sent(struct tls_session *s, size_t n)
{
    s->out_sent += n;
    if (s->out_sent == s->out.n) /* ciphertext: nothing to wipe */
        s->out.n = s->out_sent = 0;
}

static void renew_keys(struct tls_session *s, int64_t now_us)
{
    if (SSL_is_init_finished(s->ssl) == 0 || s->keys_since_us == 0) {
        s->keys_since_us = now_us;
        return;
    }
    if (s->records < s->context->most_records && now_us - s->keys_since_us < LIMIT_TLS_KEY_AGE)
        return;
    /* Asking the peer to do likewise renews the keys of both directions. It goes out with the next
     * record. */
    if (SSL_key_update(s->ssl, SSL_KEY_UPDATE_REQUESTED) == 1) {
        s->keys_since_us = now_us;
        s->records = 0;
    }
    clear_errors();
}

void tls_session_tick(struct tls_session *s, int64_t now_us)
{
    if (now_us - s->minute_since_us >= US_PER_MINUTE) {
        s->minute_since_us = now_us;
        s->key_updates = 0;
    }
    renew_keys(s, now_us);
    if (!s->used) {
        set_quiet(s, true);
        if (s->out.n == 0)
            buf_free(&s->out);
    }
    s->used = false;
}

const char *tls_session_why(const struct tls_session *s)
{
    return s->refused == NULL ? "" : s->refused;
}

void tls_session_peer(const struct tls_session *s, struct tls_peer *out)
{
    STACK_OF(X509) *chain = SSL_get0_verified_chain(s->ssl);
    out->certificate = SSL_get0_peer_certificate(s->ssl);
    out->intermediates = SSL_get_peer_cert_chain(s->ssl);
    certificate_fingerprint(sk_X509_value(chain, sk_X509_num(chain) - 1), out->root);
}

void tls_peer_hold(const struct tls_peer *peer, struct tls_peer *out)
{
    *out = *peer;
    (void)X509_up_ref(peer->certificate);
    if (peer->intermediates != NULL)
        out->intermediates = X509_chain_up_ref(peer->intermediates);
}

void tls_peer_drop(struct tls_peer *peer)
{
    X509_free(peer->certificate);
    sk_X509_pop_free(peer->intermediates, X509_free);
    *peer = (struct tls_peer){0};
}
