/* Who a peer is: by its certificate, roots and revocation lists, and the policy set. Inside
 * process/ only. */
#ifndef FEDGATE_PROCESS_ADMIT_H
#define FEDGATE_PROCESS_ADMIT_H

#include "net/tls.h"
#include "policy/policy.h"

/* The unit that a certificate names, by the root that its chain led to; NULL, and in *why a static
 * text. */
const struct identity_row *admit_identify(const struct policy *p, const struct tls_peer *peer,
                                          const char **why);

/* The same of a peer whom other roots and lists had let in, or these at another time: its chain is
 * verified again first. */
const struct identity_row *admit_verify(const struct policy *p, struct trust *trust,
                                        const struct tls_peer *peer, int64_t now_us,
                                        const char **why);

#endif
