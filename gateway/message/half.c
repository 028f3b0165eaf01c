#include "message/half.h"

#include "message/rules.h"

/* An X25519 public key has the form of a digest: 32 bytes. */
static const struct field_rule store[] = {OF_TYPE("record", MUST, rules_log_ref),
                                          FIELD("reader", MUST, DIGEST)};
RULES(rules_vault_store, fedgate__v1__vault_store_request__descriptor, store, NULL);

static const struct field_rule opening[] = {
    OF_TYPE("record", MUST, rules_log_ref), FIELD("reader", MUST, DIGEST),
    OF_TYPE("actor", MUST, rules_actor), LINE("reason", MUST)};
RULES(rules_vault_open, fedgate__v1__vault_open_request__descriptor, opening, NULL);

static const struct field_rule report[] = {OF_TYPE("item", MUST, rules_log_ref),
                                           OF_TYPE("actor", MUST, rules_actor),
                                           LINE("reason", MUST), FIELD("used_at", MUST, PAST)};
RULES(rules_use_report, fedgate__v1__use_report__descriptor, report, NULL);

static void check_by(const struct type_rules *rules, const char *name, ProtobufCMessage *m,
                     const struct check_limits *limits, struct findings *found)
{
    struct check c = {.limits = limits, .found = found};
    found->refused = false;
    found->count = 0;
    if (!check_message(&c, name, m, rules))
        check_refuse(&c);
}

void vault_store_check(Fedgate__V1__VaultStoreRequest *m, const struct check_limits *limits,
                       struct findings *found)
{
    check_by(&rules_vault_store, "store", &m->base, limits, found);
}

void vault_open_check(Fedgate__V1__VaultOpenRequest *m, const struct check_limits *limits,
                      struct findings *found)
{
    check_by(&rules_vault_open, "open", &m->base, limits, found);
}

void use_report_check(Fedgate__V1__UseReport *m, const struct check_limits *limits,
                      struct findings *found)
{
    check_by(&rules_use_report, "report", &m->base, limits, found);
}
