#include "model.h"

static const struct model_kind kinds[] = {
    {"incident_report", true, false, true, false, false, false, true, "area"},
    {"incident_close", true, false, false, false, false, false, false, NULL},
    {"unit_assignment", true, false, false, false, false, false, false, NULL},
    {"video_request", false, true, true, false, false, true, false, "around"},
    {"video_answer", false, true, false, false, false, false, false, NULL},
    {"guardian_alert", false, false, true, true, true, false, false, "position"},
    {"location_update", false, false, true, true, false, false, false, "position"},
    {"dispatch_request", false, true, true, true, false, false, true, "position"},
    {"dispatch_answer", false, false, false, false, false, false, false, NULL},
    {"scene_image", false, true, false, false, false, false, false, NULL},
    {"traffic_info", false, false, false, false, false, false, false, NULL},
    {"disaster_report", false, true, true, false, false, false, true, "area"},
    {"public_notice", false, false, true, false, false, false, false, "area"},
    {"feedback", false, true, true, false, false, false, false, "gap"},
    {"notice_deferral", false, false, false, false, false, false, false, NULL},
    {"camera_wish", false, true, false, false, false, false, false, NULL},
    {"release_request", false, true, false, false, false, false, false, NULL},
    {"location_request", false, false, false, true, false, false, false, NULL},
    {"video", false, true, false, false, false, true, false, NULL},
};

const struct model_kind *model_kind_at(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}

const struct model_kind *model_kind(const char *name)
{
    size_t i = 0;
    while (model_kind_at(i) != NULL && strcmp(kinds[i].name, name) != 0)
        i++;
    return model_kind_at(i);
}

static const struct list words[WORDS_LISTS] = {
    [WORDS_SERVICE] = {{"onsite-video", "patrol", "protection", "disaster"}, 4},
    [WORDS_PURPOSE] = {{"crime-response", "life-rescue", "safe-return", "order"}, 4},
    [WORDS_TYPE] = {{"fire", "robbery", "theft", "flood", "missing"}, 5},
    [WORDS_CAMERA_PURPOSE] = {{"crime-prevention", "traffic", "flood-watch"}, 3},
    [WORDS_EVIDENCE] = {{"incident-id", "emergency-call", "case-number", "consent-reference",
                         "guardian-registration", "resolution-number"},
                        6},
    [WORDS_CAMERA_KIND] = {{"fixed", "drone", "vehicle"}, 3},
    [WORDS_CATEGORY] = {{"child", "dementia", "adult-ward", "registered-severe-mental-disability",
                         "other-disability", "living-alone",
                         "intellectual-autistic-mental-disability"},
                        7},
    [WORDS_AGE_BAND] = {{"up-to-8", "9-to-13", "14-to-17", "adult"}, 4},
    [WORDS_GIVER] = {{"subject", "legal-representative", "lia-26-guardian"}, 3},
    [WORDS_GROUND] = {{"caller", "witness", "person-to-be-rescued", "missing-person", "relative"},
                      5},
    [WORDS_FOOTAGE] = {{"live", "recorded"}, 2},
    [WORDS_DAY] = {{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, 7},
    [WORDS_REGION] = {{"north", "south", "river", "old-town"}, 4},
    [WORDS_REASON] = {{"life-at-stake", "fire-spreads", "would-endanger"}, 3},
    [WORDS_ITEM] = {{"location", "photo", "contact"}, 3},
    [WORDS_OFFICER] = {{"set-officer", "privacy-officer", "duty-officer", "records-officer"}, 4},
    [WORDS_ORIGIN] = {{"place", "caller-stated", "lia-29", "lia-consent", "missing-persons",
                       "device", "disaster"},
                      7},
};

const struct list *model_words(enum model_words which)
{
    return &words[which];
}

const char *dice_word(struct dice *d, const struct list *l)
{
    return l->word[dice_of(d, l->n)];
}

struct list dice_words(struct dice *d, const struct list *l, size_t most)
{
    struct list some = {.n = 0};
    size_t n = 1 + dice_of(d, most);
    for (size_t i = 0; i < n; i++)
        list_add(&some, dice_word(d, l));
    return some;
}
