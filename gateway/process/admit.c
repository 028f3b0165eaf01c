#include "process/admit.h"

const struct identity_row *admit_identify(const struct policy *p, const struct tls_peer *peer,
                                          const char **why)
{
    char uri[CERTIFICATE_URI_MAX + 1];
    const struct identity_row *row = NULL;
    size_t count;
    const struct identity_row *rows = policy_identities(p, &count);
    if (certificate_uri(peer->certificate, uri) != RESULT_OK) {
        *why = "the certificate has not exactly one URI name";
        return NULL;
    }
    enum identity_verdict v = identity_find(rows, count, peer->root, uri, &row);
    if (v != IDENTITY_FOUND)
        *why = identity_verdict_text(v);
    return row;
}

const struct identity_row *admit_verify(const struct policy *p, struct trust *trust,
                                        const struct tls_peer *peer, int64_t now_us,
                                        const char **why)
{
    struct tls_peer again = *peer;
    if (trust_verify_client(trust, again.certificate, again.intermediates, now_us, again.root,
                            why) != RESULT_OK)
        return NULL;
    return admit_identify(p, &again, why);
}
