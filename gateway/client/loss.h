/* What a lost connection means. */
#ifndef FEDGATE_CLIENT_LOSS_H
#define FEDGATE_CLIENT_LOSS_H

#include "client/client.h"

/* Fills everything but retry_in_us: from what the network or TLS said (`why`, which must live as
 * long), and whether the handshake had been done. */
void loss_explain(const char *why, bool was_connected, struct fedgate_lost *out);

#endif
