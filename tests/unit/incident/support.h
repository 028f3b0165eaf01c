/* What the tests of incident/ share: one incident of the police, and changes to it. */
#ifndef FEDGATE_TESTS_INCIDENT_SUPPORT_H
#define FEDGATE_TESTS_INCIDENT_SUPPORT_H

#include "incident/incident.h"

#include "../base/support.h"

#include <stdio.h>

#define POLICE   "npa-daejeon/112-control"
#define FIRE     "daejeon-fire/119-control"
#define CENTRE   "daejeon/video"
#define INCIDENT POLICE ":019aa2b0-0000-7000-8000-000000000001"
#define OTHER    FIRE ":019aa2b0-0000-7000-8000-000000000002"
#define NOON     INT64_C(1795222800000000)
#define MINUTE   INT64_C(60000000)

static inline struct incident nobody_knows_it_yet(void)
{
    struct incident i = {.exists = false};
    (void)snprintf(i.id, sizeof i.id, "%s", INCIDENT);
    return i;
}

static inline struct incident_change change(enum incident_step step, const char *by, int64_t at_us)
{
    return (struct incident_change){
        .step = step, .id = bytes_of_text(INCIDENT), .by = bytes_of_text(by), .at_us = at_us};
}

static inline struct incident_change opening(const char *type, int64_t at_us)
{
    struct incident_change c = change(INCIDENT_OPEN, POLICE, at_us);
    c.type = bytes_of_text(type);
    return c;
}

static inline struct incident_change with(struct incident_change c, const char *participant)
{
    c.participant[c.participants++] = bytes_of_text(participant);
    return c;
}

static inline struct incident_change assignment(enum incident_step step, const char *by,
                                                const char *unit)
{
    struct incident_change c = change(step, by, NOON);
    c.unit = bytes_of_text(unit);
    return c;
}

static inline struct incident_change offer(const char *by, const char *unit)
{
    struct incident_change c = change(INCIDENT_OFFER, by, NOON);
    c.unit = bytes_of_text(unit);
    return c;
}

static inline struct incident_change linking(enum incident_step step, const char *by,
                                             const char *other, enum incident_link_kind kind)
{
    struct incident_change c = change(step, by, NOON);
    c.other = bytes_of_text(other);
    c.link = (uint8_t)kind;
    if (step == INCIDENT_LINK)
        c.unit = bytes_of_text(FIRE);
    return c;
}

static inline struct incident_change emergency(const char *mou, int64_t at_us, int64_t until_us)
{
    struct incident_change c = change(INCIDENT_EMERGENCY, CENTRE, at_us);
    c.mou = bytes_of_text(mou);
    c.until_us = until_us;
    return c;
}

/* Judges and applies, and looks at what must hold for every change. */
static inline enum incident_verdict applied(struct incident *i, struct incident_change c)
{
    const struct incident before = *i;
    enum incident_verdict judged = incident_judge(i, &c);
    assert_memory_equal(i, &before, sizeof before);
    assert_int_equal(incident_apply(i, &c), judged);
    if (judged == INCIDENT_APPLIED)
        assert_int_equal(i->generation, before.generation + 1);
    else
        assert_memory_equal(i, &before, sizeof before);
    return judged;
}

/* An open one, of police and fire. */
static inline struct incident joint_response(void)
{
    struct incident i = nobody_knows_it_yet();
    assert_int_equal(applied(&i, with(opening("robbery", NOON), FIRE)), INCIDENT_APPLIED);
    return i;
}

static inline bool takes_part(const struct incident *i, const char *unit)
{
    return incident_is_participant(i, bytes_of_text(unit));
}

static inline bool works(const struct incident *i, const char *unit)
{
    return incident_has_open_part(i, bytes_of_text(unit));
}

static inline const char *unit_name(size_t n)
{
    static char name[64][IDENT_UNIT_MAX + 1];
    (void)snprintf(name[n], sizeof name[n], "party/unit-%zu", n);
    return name[n];
}

static inline struct incident ended_at(int64_t at_us)
{
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, at_us)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, at_us)), INCIDENT_APPLIED);
    return i;
}

#endif
