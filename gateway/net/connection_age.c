/*
 * A server's connection does not last for ever, so that every peer shows its certificate again, and
 * what stands in front of the gateway can share peers out anew. It ends as RFC 9113, 6.8 has it: a
 * GOAWAY that lets in what is on its way, a second later one that says which calls were the last,
 * and when these have not ended within the time of grace, each is told UNAVAILABLE. Connections
 * that began at once do not end at once.
 */
#include "net/grpc_call.h"

#include "crypto/random.h"

enum { LAST_CALL_IN = US_PER_S };

void connection_set_age(struct grpc_connection *c, int64_t age_us, int64_t grace_us)
{
    uint32_t random;
    random_fill(&random, sizeof random);
    c->grace_us = grace_us;
    c->old_us = loop_now_us(c->loop) + age_us - (int64_t)(random % 1000) * (age_us / 10000);
}

/* What they were given goes first (grpc_connection_close). */
static void end_calls(struct grpc_connection *c)
{
    static const char why[] = "the connection is as old as one may be: connect again";
    struct grpc_call *call, *following;
    for (call = LIST_FIRST(&c->calls); call != NULL; call = following) {
        following = LIST_NEXT(call, next);
        grpc_call_finish(call, GRPC_UNAVAILABLE, why);
    }
    grpc_connection_close(c, why);
}

void connection_grow_old(struct grpc_connection *c, int64_t now_us)
{
    enum { FIRST_WORD, LAST_CALL, END };
    if (c->old_us == 0 || now_us < c->old_us || c->state != CONNECTION_OPEN || c->closing ||
        (c->draining && c->old_steps == FIRST_WORD))
        return;
    switch (c->old_steps++) {
    case FIRST_WORD:
        c->draining = true;
        (void)nghttp2_submit_shutdown_notice(c->http2);
        c->old_us = now_us + LAST_CALL_IN;
        break;
    case LAST_CALL:
        http2_farewell(c, NGHTTP2_NO_ERROR, "too old");
        c->old_us = now_us + c->grace_us;
        break;
    default: c->old_us = 0; end_calls(c);
    }
    connection_wake(c);
}
