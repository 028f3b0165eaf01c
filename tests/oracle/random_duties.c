/* What a permission brings with it, by chance: receipts, approvals, who attends, what may be kept
 * and passed on. */
#include "judge.h"

static const char *a_unit(struct dice *d, const struct model_set *s)
{
    return dice_word(d, &s->party[dice_of(d, s->parties)].units);
}

static bool is_urgent(const char *kind)
{
    static const struct list urgent = {{"incident_report", "incident_close", "unit_assignment",
                                        "video_request", "video_answer", "guardian_alert",
                                        "location_update", "dispatch_request", "dispatch_answer",
                                        "location_request"},
                                       10};
    return list_has(&urgent, kind);
}

static void add_destroy(struct dice *d, struct grant *g)
{
    struct grant_duties *o = &g->duties;
    for (size_t i = 0; i < g->when.n; i++)
        if (word_is(g->when.at[i].key, "disaster_headquarters") && dice_odds(d, 50))
            g->starts_at = "disaster-end";
    if (!dice_odds(d, 30))
        return;
    o->receipt_s = dice_between(d, 1, 400000);
    if (dice_odds(d, 60))
        o->overdue = is_urgent(g->kind) || dice_odds(d, 50) ? "alarm" : "suspend";
}

static void add_approval(struct dice *d, struct grant_duties *o)
{
    o->approver = dice_word(d, model_words(WORDS_OFFICER));
    o->persons = 1 + (int)dice_of(d, 2);
    o->approval_s = dice_between(d, 1, 7200);
    if (o->persons == 1 || dice_odds(d, 40))
        return;
    o->night_from = (int)dice_of(d, 1440);
    o->night_to = (o->night_from + 1 + (int)dice_of(d, 1438)) % 1440;
    o->second_s = dice_between(d, 1, 90000);
}

/* `else` is no unit that has it already. */
static void add_attend(struct dice *d, const struct model_set *s, struct grant *g)
{
    struct grant_duties *o = &g->duties;
    const char *other = a_unit(d, s);
    if (list_has(&g->to, other) || word_is(g->from, other))
        return;
    o->other = other;
    o->attend_s = dice_between(d, 1, 600);
    if (dice_odds(d, 50)) {
        list_add(&o->answer_kinds, "video_answer");
        if (dice_odds(d, 50))
            list_add(&o->answer_kinds, "dispatch_answer");
    }
}

static void add_limits(struct dice *d, struct grant_duties *o)
{
    if (dice_odds(d, 30))
        o->uses = dice_between(d, 1, 1000);
    if (dice_odds(d, 30))
        o->largest_kib = dice_between(d, 1, 3000);
    if (dice_odds(d, 30))
        o->kib_per_s = dice_between(d, 1, 100000);
    if (dice_odds(d, 30))
        o->messages_per_s = dice_between(d, 1, 1000);
}

static void add_onward(struct dice *d, const struct model_set *s, struct grant_duties *o)
{
    for (size_t i = 1 + dice_of(d, 3); i > 0; i--)
        list_add(&o->onward, a_unit(d, s));
    list_add(&o->onward_bases, "kr/pipa/18-2-2");
    if (dice_odds(d, 50))
        list_add(&o->onward_bases, "kr/location/19");
}

void model_random_duties(struct dice *d, const struct model_set *s, struct grant *g)
{
    struct grant_duties *o = &g->duties;
    if (list_has(&g->to, "gateway/self"))
        return;
    add_destroy(d, g);
    if (g->notify_s >= 0 && dice_odds(d, 50))
        g->deferrable = dice_words(d, model_words(WORDS_REASON), 2);
    if (dice_odds(d, 20))
        o->offline_s = dice_between(d, 1, 90000);
    if (dice_odds(d, 20))
        list_add(&o->keep_bases, "kr/pipa/21-1-proviso");
    if (dice_odds(d, 20))
        add_onward(d, s, o);
    if (word_is(g->kind, "video"))
        return;
    add_limits(d, o);
    if (dice_odds(d, 25))
        add_approval(d, o);
    if (dice_odds(d, 30))
        add_attend(d, s, g);
}
