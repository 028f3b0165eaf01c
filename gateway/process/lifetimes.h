/*
 * When revocation lists, roots and the gateway's own certificate end: the log says so in time, when
 * they have, and when a list does not count any more (crl_grace). Inside process/ only.
 */
#ifndef FEDGATE_PROCESS_LIFETIMES_H
#define FEDGATE_PROCESS_LIFETIMES_H

#include "base/log.h"
#include "config/settings.h"
#include "policy/policy.h"

struct lifetimes;

struct lifetimes *lifetimes_new(void);
void lifetimes_free(struct lifetimes *l); /* accepts NULL */

/* One more: `what` is static, `party` stays the caller's. Times of the wall clock; it counts for
 * `grace_us` after its end. */
void lifetimes_add(struct lifetimes *l, const char *what, const char *party, int64_t ends_us,
                   int64_t warning_us, int64_t grace_us);

/* Those of a policy set, whose names they use; and the gateway's own (PEM), which is that of
 * `whose` part of it, a static word. */
void lifetimes_add_set(struct lifetimes *l, const struct policy *p, const struct settings *s);
void lifetimes_add_own(struct lifetimes *l, const char *whose, struct bytes certificate_pem);

/* To be called often, by the log's clock: each thing is said once, and again after the clock was
 * set back. */
void lifetimes_tick(struct lifetimes *l, const struct log *log);

#endif
