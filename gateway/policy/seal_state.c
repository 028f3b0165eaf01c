/* What is said of a seal, in words; and whose signatures count for it. */
#include "policy/seal_check.h"

#include <stdio.h>

static const struct {
    enum seal_verdict verdict;
    const char *text[2]; /* English, Korean */
} states[SEAL_STATES] = {
#define STATE(NAME, word, verdict, en, ko) [SEAL_##NAME] = {SEAL_IS_##verdict, {en, ko}},
#include "policy/seal_states.def"
#undef STATE
};

const char *seal_state_text(enum seal_state state, bool korean)
{
    return states[state].text[korean];
}

enum seal_verdict seal_state_verdict(enum seal_state state)
{
    return states[state].verdict;
}

bool seal_state_is_good(enum seal_state state)
{
    return states[state].verdict == SEAL_IS_GOOD;
}

const char *seal_verdict_word(enum seal_verdict v)
{
    static const char *const words[] = {"good",  "partial", "stripped",
                                        "stale", "foreign", "tampered"};
    return words[v];
}

/* ---- who may sign */

bool seal_trust_add(struct seal_trust *t, struct bytes name, const struct minisign_public *key)
{
    for (size_t i = 0; i < t->officers; i++)
        if (memcmp(t->officer[i].key.key, key->key, sizeof key->key) == 0)
            return true;
    if (t->officers == SEAL_OFFICERS_MAX || name.n >= SEAL_NAME)
        return false;
    struct seal_officer *o = &t->officer[t->officers++];
    o->key = *key;
    (void)snprintf(o->name, sizeof o->name, "%.*s", (int)name.n, (const char *)name.p);
    return true;
}

void seal_trust_know(struct seal_trust *t, const uint8_t sha256[SHA256_BYTES])
{
    if (t->knowns < SEAL_KNOWN)
        memcpy(t->known[t->knowns++], sha256, SHA256_BYTES);
}
