#include "message/half.h"

#include "crypto/box.h"
#include "message/rules.h"

/* An X25519 public key has the form of a digest: 32 bytes. Not all of these are one. */
static bool reader_is_key(struct check *c, const ProtobufCBinaryData *reader)
{
    return box_key_is_good(reader->data) ||
           check_wrong(c, "reader", REASON_MALFORMED, "an X25519 public key");
}

static bool store_whole(struct check *c, ProtobufCMessage *m)
{
    return reader_is_key(c, &((const Fedgate__V1__VaultStoreRequest *)m)->reader);
}

static bool open_whole(struct check *c, ProtobufCMessage *m)
{
    return reader_is_key(c, &((const Fedgate__V1__VaultOpenRequest *)m)->reader);
}

static const struct field_rule store[] = {OF_TYPE("record", MUST, rules_log_ref),
                                          FIELD("reader", MUST, DIGEST)};
RULES(rules_vault_store, fedgate__v1__vault_store_request__descriptor, store, store_whole);

static const struct field_rule opening[] = {
    OF_TYPE("record", MUST, rules_log_ref), FIELD("reader", MUST, DIGEST),
    OF_TYPE("actor", MUST, rules_actor), LINE("reason", MUST)};
RULES(rules_vault_open, fedgate__v1__vault_open_request__descriptor, opening, open_whole);

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
