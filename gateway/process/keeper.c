/*
 * The keeper's privileges, from top to bottom: it reads its key files, shuts everything but one
 * descriptor, and from then on answers edge, ledger and console out of locked memory.
 */
#include "keeper/keeper.h"

#include "base/mem.h"
#include "base/limits.h"
#include "crypto/init.h"
#include "process/role.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Who asks, in the order of their turn: the ledger names a scope before the edge asks for its key,
 * and handshakes wait for neither for long. */
static const struct {
    enum ipc_gift gift;
    enum ipc_role role;
} peers[] = {{GIFT_PEER_LEDGER, ROLE_ID_LEDGER},
             {GIFT_PEER_EDGE, ROLE_ID_EDGE},
             {GIFT_PEER_DOOR, ROLE_ID_EDGE},
             {GIFT_PEER_CONSOLE, ROLE_ID_CONSOLE}};

enum { PEERS_OF_KEEPER = ARRAY_LEN(peers) };

struct keeper_role {
    struct role role;
    struct keeper *keeper;
    struct channel *peer[PEERS_OF_KEEPER];
    struct buf reply;
    int64_t wipe_us; /* steady time: TLS keys before those in use are wiped then; 0: never */
    bool stopping;
};

static enum result read_key(struct role *r, enum ipc_gift gift, const char *kind,
                            uint8_t key[KEY_BYTES])
{
    struct buf text = BUF_INIT(8192);
    int fd = role_claim(r, gift);
    enum result result = fd < 0 ? RESULT_NOT_FOUND : role_read_file(fd, KEY_FILE_MAX, &text);
    if (result == RESULT_OK)
        result = key_file_read(buf_view(&text), kind, key);
    if (fd >= 0)
        (void)close(fd);
    buf_free(&text);
    return result;
}

static enum result open_keeper(struct keeper_role *k)
{
    struct buf pem = BUF_INIT(65536);
    struct keeper_config config = {.log_name = k->role.settings.log_name,
                                   .secret_fd = role_claim(&k->role, GIFT_WRAPPING_SECRET)};
    int tls = role_claim(&k->role, GIFT_TLS_KEY);
    enum result r = tls < 0 ? RESULT_NOT_FOUND : role_read_file(tls, 32768, &pem);
    if (r == RESULT_OK)
        r = read_key(&k->role, GIFT_LOG_KEY, "log", config.log_key);
    if (r == RESULT_OK)
        r = read_key(&k->role, GIFT_MASTER_KEY, "master", config.master_key);
    config.tls_key_pem = buf_view(&pem);
    if (r == RESULT_OK)
        r = keeper_new(&config, &k->keeper);
    if (tls >= 0)
        (void)close(tls);
    buf_free(&pem);
    mem_wipe(&config, sizeof config);
    return r;
}

static void adopt_peers(struct keeper_role *k)
{
    for (size_t i = 0; i < PEERS_OF_KEEPER; i++) {
        int fd = role_claim(&k->role, peers[i].gift);
        if (fd < 0)
            continue;
        channel_free(k->peer[i]);
        k->peer[i] = channel_new(fd, ROLE_ID_KEEPER, peers[i].role);
    }
}

static void adopt_key(struct keeper_role *k, enum ipc_gift gift,
                      enum result (*add)(struct keeper *k, struct bytes pem))
{
    struct buf pem = BUF_INIT(65536);
    int fd = role_claim(&k->role, gift);
    if (fd < 0)
        return;
    enum result r = role_read_file(fd, 32768, &pem);
    if (r == RESULT_OK)
        r = add(k->keeper, buf_view(&pem));
    if (r != RESULT_OK)
        log_line(&k->role.log, LOG_WARNING, "tls-key-refused", "key=%s why=\"%s\"",
                 ipc_gift_name(gift), result_text(r));
    (void)close(fd);
    buf_free(&pem);
}

static void wipe_keys_later(struct keeper_role *k)
{
    k->wipe_us = clock_steady_us(&k->role.log.clock) + 2 * LIMIT_HANDSHAKE;
}

/* A certificate that was renewed comes with its key: both keys sign, each for its own certificate.
 * The console's is in use as soon as it is there: whatever then does not fit is the console's to
 * tell. */
static void adopt_keys(struct keeper_role *k)
{
    adopt_key(k, GIFT_TLS_KEY, keeper_add_tls_key);
    if (k->role.gift[GIFT_CONSOLE_KEY] >= 0)
        wipe_keys_later(k);
    adopt_key(k, GIFT_CONSOLE_KEY, keeper_set_console_key);
}

/* Handshakes that began under the certificate before may still want its key. */
static void retire_tls_keys(struct keeper_role *k)
{
    adopt_keys(k);
    keeper_use_newest_tls_key(k->keeper);
    wipe_keys_later(k);
}

/* How long poll may wait, in milliseconds; -1: for ever. */
static int wipe_tls_keys(struct keeper_role *k)
{
    if (k->wipe_us == 0)
        return -1;
    int64_t left_us = k->wipe_us - clock_steady_us(&k->role.log.clock);
    if (left_us > 0)
        return (int)(left_us / 1000) + 1;
    keeper_drop_older_tls_keys(k->keeper);
    keeper_drop_older_console_keys(k->keeper);
    k->wipe_us = 0;
    return -1;
}

static void hear_supervisor(struct keeper_role *k)
{
    struct channel_message m;
    enum result r = channel_receive(k->role.control);
    while (channel_next(k->role.control, &m)) {
        if (m.type == IPC_GIVE)
            role_take_gift(&k->role, &m);
        else if (m.type == IPC_PING)
            role_pong(&k->role, true, 0);
        else if (m.type == IPC_USED)
            retire_tls_keys(k);
        else if (m.type == IPC_STOP)
            k->stopping = true;
    }
    adopt_peers(k);
    adopt_keys(k);
    if (r != RESULT_OK && r != RESULT_AGAIN)
        k->stopping = true; /* the supervisor is gone */
}

static enum result answer(struct keeper_role *k, struct channel *peer,
                          const struct channel_message *m)
{
    unsigned type;
    buf_clear(&k->reply);
    TRY(keeper_handle(k->keeper, m, &type, &k->reply));
    if (type != 0)
        channel_send(peer, (enum ipc_type)type, buf_view(&k->reply), bytes_of(NULL, 0), -1);
    buf_clear(&k->reply);
    return RESULT_OK;
}

/* One question at a time is all that a console has to ask: with many it could hold up the others.
 */
static bool asks_too_much(enum ipc_role id, unsigned questions)
{
    return id == ROLE_ID_CONSOLE && questions > 1;
}

/* A peer that says what it should not loses its channel; a secret that cannot be overwritten ends
 * the process. */
static enum result hear_peer(struct keeper_role *k, size_t which)
{
    struct channel *peer = k->peer[which];
    const enum ipc_role id = peers[which].role;
    struct channel_message m;
    unsigned questions = 0;
    enum result r = channel_receive(peer);
    if (r == RESULT_AGAIN)
        r = RESULT_OK; /* there is room for the rest of a long answer: it goes out below */
    while (r == RESULT_OK && channel_next(peer, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        r = asks_too_much(id, ++questions) ? RESULT_MALFORMED : answer(k, peer, &m);
    }
    if (r == RESULT_OK)
        r = channel_flush(peer);
    if (r == RESULT_OK || r == RESULT_AGAIN)
        return RESULT_OK;
    if (r == RESULT_IO || r == RESULT_STATE)
        return r;
    if (r != RESULT_CLOSED)
        log_line(&k->role.log, LOG_ALARM, "peer-dropped", "peer=%s why=\"%s\"", ipc_role_name(id),
                 result_text(r));
    channel_free(peer);
    k->peer[which] = NULL;
    if (r != RESULT_CLOSED)
        role_lost_peer(&k->role, id);
    return RESULT_OK;
}

static enum result turn(struct keeper_role *k)
{
    struct pollfd p[PEERS_OF_KEEPER + 1] = {{channel_fd(k->role.control), POLLIN, 0}};
    size_t who[PEERS_OF_KEEPER + 1];
    nfds_t n = 1;
    for (size_t i = 0; i < PEERS_OF_KEEPER; i++) {
        if (k->peer[i] == NULL)
            continue;
        short events = channel_queued(k->peer[i]) > 0 ? POLLIN | POLLOUT : POLLIN;
        who[n] = i;
        p[n++] = (struct pollfd){channel_fd(k->peer[i]), events, 0};
    }
    if (poll(p, n, wipe_tls_keys(k)) < 0)
        return errno == EINTR ? RESULT_OK : RESULT_IO;
    /* The supervisor first: it hands over a new TLS key before the edge tries it. */
    if (p[0].revents != 0)
        hear_supervisor(k);
    for (nfds_t i = 1; i < n; i++)
        if (p[i].revents != 0)
            TRY(hear_peer(k, who[i]));
    return RESULT_OK;
}

int keeper_main(void)
{
    struct keeper_role k = {.reply = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    if (crypto_wipe_freed() != RESULT_OK)
        return 1;
    enum result r = role_begin(&k.role, ROLE_ID_KEEPER);
    if (r == RESULT_OK)
        r = open_keeper(&k);
    if (r == RESULT_OK) {
        adopt_peers(&k);
        r = role_close_door(&k.role);
    }
    if (r == RESULT_OK)
        hear_supervisor(&k); /* what came right behind START */
    while (r == RESULT_OK && !k.stopping)
        r = turn(&k);
    if (r != RESULT_OK)
        log_line(&k.role.log, LOG_FATAL, "keeper-ends", "why=\"%s\"", result_text(r));
    for (size_t i = 0; i < PEERS_OF_KEEPER; i++)
        channel_free(k.peer[i]);
    keeper_free(k.keeper);
    buf_free(&k.reply);
    role_end(&k.role);
    return r == RESULT_OK ? 0 : 1;
}
