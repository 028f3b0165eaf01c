/* A keeper over a file of its own, asked as the channel would. */
#ifndef FEDGATE_TESTS_KEEPER_SUPPORT_H
#define FEDGATE_TESTS_KEEPER_SUPPORT_H

#include "keeper/keeper.h"

#include "../crypto/pki.h"
#include "../journal/temp_folder.h"
#include "crypto/init.h"
#include "ipc/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define LOG_NAME "fedgate.test/log"

struct bench {
    struct temp_folder folder;
    struct keeper *k;
    struct buf pem, reply;
    struct keeper_config config;
};

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static inline void new_pem(struct buf *out)
{
    EVP_PKEY *key = pki_key();
    buf_clear(out);
    pki_put_key(key, out);
    EVP_PKEY_free(key);
}

static inline void write_secret(const struct bench *b, uint64_t generation)
{
    struct wrapping_secret s = {.generation = generation};
    uint8_t sector[SECRET_SECTOR];
    memset(s.secret, 's', sizeof s.secret);
    wrapping_secret_write(&s, sector);
    assert_int_equal(pwrite(b->config.secret_fd, sector, sizeof sector, 0), sizeof sector);
}

/* The answer stays in b->reply. */
static inline enum result ask(struct bench *b, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    unsigned answer;
    buf_clear(&b->reply);
    return keeper_handle(b->k, &m, &answer, &b->reply);
}

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){
        .folder = temp_folder_new(), .pem = BUF_INIT(8192), .reply = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    new_pem(&b->pem);
    b->config = (struct keeper_config){.tls_key_pem = buf_view(&b->pem), .log_name = LOG_NAME};
    b->config.secret_fd =
        openat(b->folder.fd, "wrapping.secret", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    memset(b->config.log_key, 'l', KEY_BYTES);
    memset(b->config.master_key, 'm', KEY_BYTES);
    write_secret(b, 1);
    assert_int_equal(keeper_new(&b->config, &b->k), RESULT_OK);
    assert_int_equal(ask(b, IPC_SCOPES_LOAD, bytes_of(NULL, 0)), RESULT_OK);
}

/* A new process; the ledger has not come yet. */
static inline void bench_restart(struct bench *b)
{
    keeper_free(b->k);
    assert_int_equal(keeper_new(&b->config, &b->k), RESULT_OK);
}

static inline void bench_free(struct bench *b)
{
    keeper_free(b->k);
    (void)close(b->config.secret_fd);
    temp_folder_free(&b->folder);
    buf_free(&b->pem);
    buf_free(&b->reply);
}

#endif
