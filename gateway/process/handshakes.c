#include "process/handshakes.h"

#include "process/role.h"

#include <unistd.h>

void handshakes_init(struct handshakes *h, const struct log *log)
{
    *h = (struct handshakes){.log = log};
    atomic_init(&h->next, -1);
    atomic_init(&h->lost, false);
}

void handshakes_connect(struct handshakes *h, int fd)
{
    int before = atomic_exchange(&h->next, fd);
    if (before >= 0)
        (void)close(before);
}

void handshakes_end(struct handshakes *h)
{
    handshakes_connect(h, -1);
    channel_free(h->keeper);
    h->keeper = NULL;
}

bool handshakes_lost(struct handshakes *h)
{
    return atomic_exchange(&h->lost, false);
}

static void take_next(struct handshakes *h)
{
    int fd = atomic_exchange(&h->next, -1);
    if (fd < 0)
        return;
    channel_free(h->keeper);
    h->keeper = channel_new(fd, ROLE_ID_EDGE, ROLE_ID_KEEPER);
}

enum result handshakes_ask(void *handshakes, enum ipc_type type, struct bytes body,
                           enum ipc_type expected, struct buf *reply)
{
    struct handshakes *h = handshakes;
    take_next(h);
    if (h->keeper == NULL)
        return RESULT_UNAVAILABLE;
    enum result r = channel_call(h->keeper, type, body, expected, reply, ROLE_KEEPER_PATIENCE);
    if (r == RESULT_OK)
        return r;
    log_line(h->log, LOG_ALARM, "keeper-lost", "by=door why=\"%s\"", result_text(r));
    channel_free(h->keeper);
    h->keeper = NULL;
    if (r != RESULT_CLOSED) /* else it is started again, and comes by itself */
        atomic_store(&h->lost, true);
    return RESULT_UNAVAILABLE;
}
