/* What a recipient or a watcher has to keep to, as the contract says it. */
#include "policy/policy.h"
#include "service/parts.h"
#include "service/state.h"

/* NULL for 0, which stands for "not asked for". */
static Google__Protobuf__Duration *duration(struct arena *a, int64_t us)
{
    Google__Protobuf__Duration *d = us == 0 ? NULL : arena_take(a, sizeof *d);
    if (d != NULL)
        parts_duration(d, us);
    return d;
}

static void put_duties(struct arena *a, const struct policy *p, uint32_t grant, size_t duties,
                       Fedgate__V1__Obligations *must)
{
    must->recipient_duty = arena_take(a, (duties + 1) * sizeof(char *));
    for (size_t i = 0; must->recipient_duty != NULL && i < duties; i++)
        must->recipient_duty[must->n_recipient_duty++] =
            (char *)(uintptr_t)policy_duty(p, grant, i);
}

void parts_obligations(struct arena *a, const struct policy *p, uint32_t grant,
                       const struct obligations *o, Fedgate__V1__Obligations *must)
{
    must->mou = (char *)(uintptr_t)o->mou;
    must->grant = (char *)(uintptr_t)o->grant;
    must->purpose = (char *)(uintptr_t)o->purpose;
    must->uses = o->uses;
    must->offline_for = duration(a, o->offline_us);
    must->destruction_receipt_required = o->receipt_within_us != 0;
    must->receipt_within = duration(a, o->receipt_within_us);
    put_duties(a, p, grant, o->duties, must);
}

void parts_attend(struct arena *a, int64_t by_us, const struct obligations *o,
                  Fedgate__V1__Obligations *must)
{
    must->attend_by = arena_take(a, sizeof *must->attend_by);
    if (must->attend_by != NULL)
        parts_time(must->attend_by, by_us);
    if (o->attend.answer_kinds != 0)
        must->answer_within = duration(a, o->attend.within_us);
}

void obligations_bound(struct obligations *o, const struct incident *incident, bool ends_purpose,
                       int64_t now_us)
{
    const bool over =
        ends_purpose || (incident != NULL &&
                         ((o->starts == POLICY_STARTS_INCIDENT_END && incident->ended_us != 0) ||
                          (o->starts == POLICY_STARTS_FOUND && incident->found_us != 0)));
    if (!over)
        return;
    const int64_t latest = now_us + (o->delay_us > CLOSING_KEPT ? o->delay_us : CLOSING_KEPT);
    o->starts = POLICY_STARTS_ARRIVAL;
    if (latest < o->destroy_by_us)
        o->destroy_by_us = policy_bucket(latest, now_us);
}
