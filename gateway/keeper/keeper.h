/*
 * The keeper: the only role that holds the TLS private key, the log's signing key, the wrapping
 * secret and the keys of scopes. An engine without sockets: a message in, an answer out. It signs
 * two shapes of text only, and hands out a scope's key to the edge only.
 */
#ifndef FEDGATE_KEEPER_KEEPER_H
#define FEDGATE_KEEPER_KEEPER_H

#include "ipc/channel.h"
#include "keeper/key_file.h"

struct keeper;

struct keeper_config {
    struct bytes tls_key_pem;
    uint8_t log_key[KEY_BYTES]; /* Ed25519 seed */
    uint8_t master_key[KEY_BYTES];
    const char *log_name;
    int secret_fd; /* wrapping.secret, open for reading and writing; stays the caller's */
};

/* RESULT_MALFORMED for the TLS key, RESULT_DAMAGED for the secret, RESULT_IO; RESULT_NO_MEMORY when
 * memory may not be locked. */
MUST_USE enum result keeper_new(const struct keeper_config *config, struct keeper **out);
void keeper_free(struct keeper *k);

/* Another TLS key, beside those there are: for a certificate that is being renewed.
 * RESULT_MALFORMED as above, RESULT_EXISTS for a key of the console's. Then, once its certificate
 * is shown, that it is in use; and when no handshake is under way any more that began before, that
 * older ones are to be wiped. */
MUST_USE enum result keeper_add_tls_key(struct keeper *k, struct bytes pem);
void keeper_use_newest_tls_key(struct keeper *k);
void keeper_drop_older_tls_keys(struct keeper *k);

/* The console's key, which signs for nobody else; those before it sign on until they are dropped.
 * RESULT_MALFORMED as above, RESULT_EXISTS for a key of the edge's: the console, of which less is
 * asked, could speak for the gateway with it. */
MUST_USE enum result keeper_set_console_key(struct keeper *k, struct bytes pem);
void keeper_drop_older_console_keys(struct keeper *k);

/*
 * Handles one message from edge, console or ledger; the channel lets only the table's senders
 * through (ipc/messages.def). `reply` (cleared by the caller) receives the answer's body, *type its
 * type, or 0 when there is none. RESULT_MALFORMED when the message cannot be read or does not fit,
 * RESULT_NOT_FOUND for a scope that was never loaded, RESULT_TOO_LARGE when the answer is longer
 * than a message: the channel ends. RESULT_IO when the secret could not be overwritten: the process
 * ends.
 */
MUST_USE enum result keeper_handle(struct keeper *k, const struct channel_message *m,
                                   unsigned *type, struct buf *reply);

/* The public half of the log's key, for tools that print it. */
void keeper_log_public_key(const uint8_t log_key[KEY_BYTES], uint8_t out[32]);

#endif
