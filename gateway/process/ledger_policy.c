/*
 * The policy set, as the ledger asks it: who may act.
 *
 * The supervisor hands the same sealed block to the edge and to the ledger, and to the ledger again
 * when the edge has taken a new one. So officers come from what the compiler made and the officers
 * before them signed, and not through the edge, which peers' bytes reach. The block is checked row
 * by row when it is opened, as the edge does.
 */
#include "process/ledger_role.h"
void ledger_adopt_policy(struct ledger_role *l)
{
    struct bytes block;
    struct policy *policy;
    int fd = role_claim(&l->role, GIFT_SNAPSHOT);
    if (fd < 0)
        return;
    enum result r = role_map(fd, &block);
    if (r == RESULT_OK) {
        r = policy_open(block, &policy);
        if (r != RESULT_OK)
            role_unmap(block);
    }
    if (r != RESULT_OK) {
        log_line(&l->role.log, LOG_ALARM, "officers-unknown", "why=\"%s\"", result_text(r));
        return; /* those of the set before stay */
    }
    policy_close(l->policy);
    role_unmap(l->snapshot);
    l->snapshot = block;
    l->policy = policy;
}

static bool find_officer(void *arg, struct bytes name, struct ledger_officer *out)
{
    const struct ledger_role *l = arg;
    struct policy_officer officer;
    *out = (struct ledger_officer){0};
    if (l->policy == NULL ||
        !policy_officer_row(l->policy, policy_officer(l->policy, name), &officer) ||
        !officer.has_key)
        return false;
    const char *role = policy_officer_role(officer.role);
    memcpy(out->role, role, strnlen(role, sizeof out->role - 1));
    out->key = officer.key;
    const struct bytes party = bytes_of_text(officer.party);
    out->operates = policy_party_has_role(l->policy, party, "operator");
    out->of_centre = policy_party_has_role(l->policy, party, "centre");
    out->reads_all = out->operates || policy_party_has_role(l->policy, party, "auditor");
    return true;
}

static const char certificate[] = "certificate ";

static bool has_party(const struct policy *p, struct bytes name)
{
    for (size_t i = 0; i < policy_parties(p); i++)
        if (bytes_is(name, policy_party_name(p, i)))
            return true;
    return false;
}

/* SHA-256 in hexadecimal, as `fedgatectl sessions` shows it. */
static bool is_fingerprint(struct bytes text)
{
    size_t i = 0;
    while (i < text.n &&
           ((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f')))
        i++;
    return i == text.n && i == (size_t)2 * SHA256_BYTES;
}

static bool can_suspend(void *arg, struct bytes subject)
{
    static const char grant[] = "grant ", unit[] = "unit ", party[] = "party ";
    const struct ledger_role *l = arg;
    if (l->policy == NULL)
        return false;
    if (bytes_begins(subject, party))
        return has_party(l->policy, bytes_of(subject.p + strlen(party), subject.n - strlen(party)));
    if (bytes_begins(subject, certificate))
        return is_fingerprint(
            bytes_of(subject.p + strlen(certificate), subject.n - strlen(certificate)));
    if (bytes_begins(subject, grant))
        return policy_clause(l->policy, bytes_of(subject.p + strlen(grant),
                                                 subject.n - strlen(grant))) != POLICY_NONE;
    return bytes_begins(subject, unit) &&
           policy_unit(l->policy, bytes_of(subject.p + strlen(unit), subject.n - strlen(unit))) !=
               POLICY_NONE;
}

static bool mou_is_over(void *arg, struct bytes mou, int64_t now_us)
{
    const struct ledger_role *l = arg;
    return l->policy != NULL && policy_mou_is_over(l->policy, mou, now_us);
}

static bool is_auditor(void *arg, struct bytes unit)
{
    const struct ledger_role *l = arg;
    uint32_t number = l->policy == NULL ? POLICY_NONE : policy_unit(l->policy, unit);
    return number != POLICY_NONE && policy_unit_is_auditor(l->policy, number);
}

static bool nth_party(void *arg, size_t n, struct ledger_party *out)
{
    const struct ledger_role *l = arg;
    if (l->policy == NULL || n >= policy_parties(l->policy))
        return false;
    *out = (struct ledger_party){policy_party_name(l->policy, n), policy_party_units(l->policy, n)};
    return true;
}

static bool has_console(void *arg, struct bytes unit)
{
    const struct ledger_role *l = arg;
    uint32_t number = l->policy == NULL ? POLICY_NONE : policy_unit(l->policy, unit);
    return number != POLICY_NONE && policy_unit_console(l->policy, number) != POLICY_CONSOLE_NONE;
}

void ledger_ask_policy(struct ledger_config *config)
{
    config->officer = find_officer;
    config->can_suspend = can_suspend;
    config->party = nth_party;
    config->mou_is_over = mou_is_over;
    config->is_auditor = is_auditor;
    config->has_console = has_console;
}
