/* An example of `policy diff` as a question: what somebody reads there and then sends, to the digit
 * that is printed. */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- values */

/* "2026-11-21T21:00:00+09:00"; days since 1970 as in Hinnant's "chrono-compatible low-level date
 * algorithms". */
static bool read_time(const char *text, int64_t *us)
{
    int year, month, day, hour, minute, second, zone;
    if (sscanf(text, "%d-%d-%dT%d:%d:%d+%d:00", &year, &month, &day, &hour, &minute, &second,
               &zone) != 7)
        return false;
    const int y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t days =
        era * INT64_C(146097) + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    *us = (((days * 24 + hour - zone) * 60 + minute) * 60 + second) * MODEL_SECOND;
    return true;
}

static struct list read_words(char *text)
{
    struct list l = {.n = 0};
    char *rest = text;
    for (const char *word; (word = strsep(&rest, " ")) != NULL;)
        list_add(&l, word);
    return l;
}

static bool read_word(char *value, const char **out)
{
    *out = value;
    return true;
}

static bool read_list(char *value, struct list *out)
{
    *out = read_words(value);
    return true;
}

/* "named duty-officer" */
static bool read_actor(char *value, struct model_claim *c)
{
    c->actor = true;
    c->role = strncmp(value, "named ", 6) == 0 ? value + 6 : NULL;
    return strncmp(value, "named", 5) == 0;
}

/* ---- incidents: "open fire since TIME with UNIT UNIT assigned UNIT at LAT,LON route through
 * LAT,LON emergency under MOU" */

static bool read_place(const char *text, struct place *out)
{
    return text != NULL && sscanf(text, "%lf,%lf", &out->latitude, &out->longitude) == 2;
}

static const char *next(char **rest)
{
    return strsep(rest, " ");
}

static bool read_fact(const char *word, char **rest, struct model_incident *i)
{
    if (word_is(word, "assigned")) {
        list_add(&i->assigned, next(rest));
    } else if (word_is(word, "at")) {
        i->has_place = read_place(next(rest), &i->place);
        i->route[0] = i->place;
        i->points = 1;
        return i->has_place;
    } else if (word_is(word, "route")) {
        (void)next(rest); /* through */
        return read_place(next(rest), &i->route[0]);
    } else if (word_is(word, "emergency")) {
        (void)next(rest); /* under */
        list_add(&i->emergencies, next(rest));
        i->emergency_until_us = INT64_MAX;
    } else {
        list_add(&i->participants, word);
    }
    return true;
}

static bool read_incident(char *value, struct model_question *q)
{
    struct model_incident *i = &q->incident[q->incidents++];
    char *rest = value;
    const char *state = next(&rest), *word = rest == NULL ? NULL : next(&rest);
    *i = (struct model_incident){.id = "an incident", .type = "", .known = true};
    if (word_is(state, "unknown")) {
        i->known = false;
        return word == NULL;
    }
    if (!word_is(word, "since")) {
        i->type = word;
        word = next(&rest);
    }
    bool good = word_is(word, "since") && rest != NULL && read_time(next(&rest), &i->opened_us) &&
                word_is(next(&rest), "with");
    while (good && rest != NULL)
        good = read_fact(next(&rest), &rest, i);
    if (word_is(state, "closed")) {
        i->closed_parts = i->participants;
        i->ended_us = i->opened_us + 1;
    }
    return good;
}

/* ---- lines */

static bool read_watcher(const char *key, char *value, struct model_question *q)
{
    q->asks = MODEL_WATCHING;
    if (word_is(key, "purpose"))
        return read_word(value, &q->watcher.purpose);
    if (word_is(key, "basis"))
        return read_word(value, &q->watcher.basis);
    if (word_is(key, "evidence"))
        return read_list(value, &q->watcher.evidence);
    return word_is(key, "actor") && read_actor(value, &q->watcher);
}

static bool read_consent(const char *key, char *value, struct model_consent *c)
{
    if (word_is(key, "consent")) {
        c->present = true;
        c->gone = word_is(value, "withdrawn");
        return c->gone || word_is(value, "stands");
    }
    if (word_is(key, "consent.given_by"))
        return read_word(value, &c->given_by);
    if (word_is(key, "consent.recipient"))
        return read_list(value, &c->recipients);
    if (word_is(key, "consent.purpose"))
        return read_list(value, &c->purposes);
    return word_is(key, "consent.items") && read_list(value, &c->items);
}

static bool read_line(const char *key, char *value, struct model_question *q)
{
    struct {
        const char *key, **word;
        struct list *list;
    } row[] = {{"kind", &q->kind, NULL},
               {"from", &q->from, NULL},
               {"to", &q->to, NULL},
               {"service", &q->service, NULL},
               {"purpose", &q->sender.purpose, NULL},
               {"basis", &q->sender.basis, NULL},
               {"evidence", NULL, &q->sender.evidence},
               {"status", &q->status, NULL},
               {"emergency", &q->sender.emergency_reason, NULL},
               {"type", &q->incident_type, NULL},
               {"camera_id", NULL, &q->cameras},
               {"reason_code", &q->reason_code, NULL},
               {"request.ground", &q->ground, NULL},
               {"subject.category", NULL, &q->categories},
               {"subject.age_band", &q->age_band, NULL},
               {"origin", NULL, &q->origins},
               {"disaster_headquarters", NULL, &q->headquarters}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (word_is(key, row[i].key))
            return row[i].word != NULL ? read_word(value, row[i].word)
                                       : read_list(value, row[i].list);
    if (word_is(key, "actor"))
        return read_actor(value, &q->sender);
    if (word_is(key, "request.wish"))
        return q->wish = word_is(value, "confirmed");
    if (word_is(key, "request.witness_consent"))
        return q->witness = word_is(value, "given");
    if (word_is(key, "footage"))
        return q->recorded = word_is(value, "recorded");
    if (word_is(key, "incident"))
        return q->incidents < MODEL_INCIDENTS && read_incident(value, q);
    if (word_is(key, "time"))
        return read_time(value, &q->now_us);
    if (strncmp(key, "watcher.", 8) == 0)
        return read_watcher(key + 8, value, q);
    return read_consent(key, value, &q->consent);
}

bool model_read(char *text, struct model_question *q)
{
    char *rest = text, *value;
    *q = (struct model_question){.status = "actual"};
    for (char *line; (line = strsep(&rest, "\n")) != NULL && line[0] != '\0';) {
        const char *key = strsep(&line, "\t");
        value = line;
        if (value == NULL || !read_line(key, value, q))
            return false;
    }
    q->sender.in_words = q->sender.emergency_reason != NULL;
    if (word_is(q->kind, "video") && q->asks == MODEL_MESSAGE)
        q->asks = MODEL_OPENING;
    return q->kind != NULL;
}
