/* Whether an officer may do this now, and what it then does. */
#include "ledger/claims.h"
#include "ledger/clocks.h"
#include "ledger/preservation.h"
#include "ledger/prune.h"
#include "ledger/readings.h"

static bool is_party_of(const struct ledger_case *x, struct bytes party)
{
    for (size_t i = 0; i < x->is.parties; i++)
        if (bytes_equal(x->is.party[i], party))
            return true;
    return false;
}

static enum control_code judge_case(const struct ledger *l, unsigned act, struct bytes subject,
                                    struct bytes officer, const struct ledger_officer *who)
{
    const struct ledger_case *x = act_case(l, act_case_kind(act), subject);
    struct bytes party;
    if (x == NULL)
        return CONTROL_CODE_NOT_FOUND;
    /* What is held and past its time expires in a moment; a review that is late is still owed. */
    if (!case_is_open(x) || (x->held != NULL && x->due_us != 0 && x->due_us <= ledger_now(l)))
        return CONTROL_CODE_NOT_WAITING;
    if (!ident_split_unit(officer, &party, NULL) || !is_party_of(x, party) ||
        !bytes_is(x->is.role, who->role))
        return CONTROL_CODE_WRONG_ROLE;
    for (size_t i = 0; i < x->voters; i++)
        if (bytes_is(officer, x->voter[i]))
            return CONTROL_CODE_SAME_PERSON;
    return CONTROL_CODE_DONE;
}

/* Stopping errs on the safe side: any officer of the set may, but one who only keeps records. */
static bool may_suspend(const struct ledger_officer *who)
{
    return strcmp(who->role, "duty-officer") == 0 || strcmp(who->role, "privacy-officer") == 0 ||
           strcmp(who->role, "set-officer") == 0;
}

/* A name that the set does not know would stop nothing, and somebody would believe that it did. */
static bool is_known(const struct ledger *l, struct bytes subject)
{
    return l->config.can_suspend != NULL && l->config.can_suspend(l->config.arg, subject);
}

static enum control_code judge_suspension(const struct ledger *l, unsigned act,
                                          struct bytes subject, struct bytes officer,
                                          const struct ledger_officer *who)
{
    const struct suspension *s = suspension_get(l, subject);
    if (!may_suspend(who))
        return CONTROL_CODE_WRONG_ROLE;
    if (act != CONTROL_RESUME) {
        if (s != NULL)
            return CONTROL_CODE_SUSPENDED_ALREADY;
        if (bytes_begins(subject, "certificate ") != (act == CONTROL_REVOKE) ||
            !is_known(l, subject))
            return CONTROL_CODE_SUBJECT_UNKNOWN;
        return map_count(l->acts->suspensions) < SUSPENSIONS_MAX ? CONTROL_CODE_DONE
                                                                 : CONTROL_CODE_TOO_MANY;
    }
    if (s == NULL)
        return CONTROL_CODE_NOT_SUSPENDED;
    return bytes_is(officer, s->resumer) ? CONTROL_CODE_SAME_PERSON : CONTROL_CODE_DONE;
}

enum control_code act_judge(struct ledger *l, unsigned act, struct bytes subject,
                            struct bytes officer, struct ledger_officer *who)
{
    if (l->config.officer == NULL || !l->config.officer(l->config.arg, officer, who))
        return CONTROL_CODE_OFFICER_UNKNOWN;
    if (act == CONTROL_PRUNE)
        return prune_judge(l, subject, who);
    if (act == CONTROL_ACCEPT_CLOCK || act == CONTROL_REFUSE_CLOCK)
        return clocks_judge(l, subject, who);
    if (preservation_is(act))
        return preservation_judge(l, act, subject, officer, who);
    if (claims_is(act))
        return claims_judge(l, act, subject, officer, who);
    if (act_only_records(act))
        return readings_judge(l, act, subject, who);
    return act_case_kind(act) != 0 ? judge_case(l, act, subject, officer, who)
                                   : judge_suspension(l, act, subject, officer, who);
}

/* ---- effects */

/* At night one person is enough, and the second has until second_within (obligation
 * `approval.at_night`). */
enum case_state act_effect(const struct ledger *l, unsigned act, struct bytes subject)
{
    if (act == CONTROL_REFUSE || act == CONTROL_REJECT)
        return CASE_REFUSED;
    if (act == CONTROL_SUSPEND || act == CONTROL_REVOKE || act_only_records(act))
        return CASE_GRANTED;
    if (preservation_is(act))
        return preservation_effect(l, act, subject);
    if (claims_is(act))
        return claims_effect(l, subject);
    if (act == CONTROL_RESUME)
        return bytes_begins(subject, ACTS_OFFENDER) ||
                       suspension_get(l, subject)->resumer[0] != '\0'
                   ? CASE_GRANTED
                   : CASE_OPEN;
    const struct ledger_case *x = act_case(l, act_case_kind(act), subject);
    if (x->voters + 1 >= x->is.persons)
        return CASE_GRANTED;
    return x->is.second_within_us > 0 ? CASE_WENT_AHEAD : CASE_OPEN;
}
