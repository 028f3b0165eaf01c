/* A memorandum as the text that LANGUAGE.md tells of. */
#include "write.h"

#include "judge.h"

#include <inttypes.h>

void put_list(struct buf *out, const struct list *l)
{
    buf_text(out, "[");
    for (size_t i = 0; i < l->n; i++)
        buf_printf(out, "%s%s", i > 0 ? ", " : "", l->word[i]);
    buf_text(out, "]");
}

/* In whatever unit it can be told. */
void put_duration(struct buf *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *word;
    } unit[] = {{86400, "days"}, {3600, "시간"}, {60, "minutes"}, {1, "seconds"}};
    size_t i = 0;
    while (seconds % unit[i].seconds != 0)
        i++;
    buf_printf(out, "%" PRId64 " %s", seconds / unit[i].seconds, unit[i].word);
}

static void put_condition(struct buf *out, const struct condition *c)
{
    if (c->words.n == 0)
        buf_text(out, c->text);
    else if (c->words.n == 1)
        buf_text(out, c->words.word[0]);
    else
        put_list(out, &c->words);
}

static size_t before_dot(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot == NULL ? 0 : (size_t)(dot - key);
}

static bool in_group(const char *key, const char *other)
{
    size_t n = before_dot(key);
    return n > 0 && n == before_dot(other) && strncmp(key, other, n) == 0;
}

/* Keys with the same beginning stand in one map: incident: {state: open, participant:
 * police/control} */
static void put_conditions(struct buf *out, const struct conditions *c, const char *sep)
{
    for (size_t i = 0; i < c->n; i++) {
        const char *key = c->at[i].key;
        bool told = false;
        for (size_t k = 0; k < i; k++)
            told = told || in_group(key, c->at[k].key);
        if (told)
            continue;
        if (before_dot(key) == 0) {
            buf_printf(out, "%s%s: ", sep, key);
            put_condition(out, &c->at[i]);
        } else {
            buf_printf(out, "%s%.*s: {", sep, (int)before_dot(key), key);
            for (size_t k = i; k < c->n; k++) {
                if (!in_group(key, c->at[k].key))
                    continue;
                buf_printf(out, "%s%s: ", k > i ? ", " : "", strchr(c->at[k].key, '.') + 1);
                put_condition(out, &c->at[k]);
            }
            buf_text(out, "}");
        }
        sep = ", ";
    }
}

static void put_when(struct buf *out, const struct grant *g)
{
    if (g->when.n == 0 && g->alternatives == 0)
        return;
    buf_text(out, "    when: {");
    put_conditions(out, &g->when, "");
    if (g->alternatives > 0)
        buf_printf(out, "%sany: [", g->when.n > 0 ? ", " : "");
    for (size_t i = 0; i < g->alternatives; i++) {
        buf_text(out, i > 0 ? ", {" : "{");
        put_conditions(out, &g->any[i], "");
        buf_text(out, "}");
    }
    buf_text(out, g->alternatives > 0 ? "]}\n" : "}\n");
}

static void put_transforms(struct buf *out, const struct grant *g)
{
    if (g->transforms > 0)
        buf_text(out, "    transform:\n");
    for (size_t i = 0; i < g->transforms; i++) {
        const struct grant_transform *t = &g->transform[i];
        if (word_is(t->effect, "drop"))
            buf_printf(out, "      %s: drop\n", t->field);
        else if (word_is(t->effect, "coarsen"))
            buf_printf(out, "      %s: {coarsen: {grid: %" PRId64 " m}}\n", t->field, t->grid_m);
        else
            buf_printf(out,
                       "      %s: {to-cameras: {grid: %" PRId64 " m, within: %" PRId64 " m}}\n",
                       t->field, t->grid_m, t->within_m);
    }
}

static void put_named_duration(struct buf *out, const char *before, int64_t seconds)
{
    buf_text(out, before);
    put_duration(out, seconds);
}

static void put_named_list(struct buf *out, const char *before, const struct list *l)
{
    buf_text(out, before);
    put_list(out, l);
}

static void put_destroy(struct buf *out, const struct grant *g)
{
    buf_printf(out, "    destroy: {starts_at: %s", g->starts_at);
    put_named_duration(out, ", delay: ", g->delay_s);
    if (g->at_most_s >= 0)
        put_named_duration(out, ", at_most_after_recording: ", g->at_most_s);
    if (g->duties.receipt_s > 0)
        put_named_duration(out, ", receipt_within: ", g->duties.receipt_s);
    if (g->duties.overdue != NULL)
        buf_printf(out, ", overdue: %s", g->duties.overdue);
    buf_text(out, "}\n");
    if (g->notify_s < 0)
        return;
    put_named_duration(out, "    notify: {within: ", g->notify_s);
    if (g->deferrable.n > 0)
        put_named_list(out, ", deferrable: ", &g->deferrable);
    buf_text(out, "}\n");
}

static void put_limits(struct buf *out, const struct grant *g)
{
    const struct grant_duties *o = &g->duties;
    const char *sep = "    limits: {";
    const struct {
        const char *key, *unit;
        int64_t value;
    } row[] = {{"uses", "", o->uses},
               {"largest", " KiB", o->largest_kib},
               {"bytes_per_s", " KiB", o->kib_per_s},
               {"messages_per_s", "", o->messages_per_s}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (row[i].value > 0) {
            buf_printf(out, "%s%s: %" PRId64 "%s", sep, row[i].key, row[i].value, row[i].unit);
            sep = ", ";
        }
    buf_text(out, sep[0] == ',' ? "}\n" : "");
}

static void put_approval(struct buf *out, const struct grant_duties *o)
{
    if (o->approver == NULL)
        return;
    buf_printf(out, "    approval: {role: %s, persons: %d", o->approver, o->persons);
    put_named_duration(out, ", within: ", o->approval_s);
    if (o->second_s > 0) {
        buf_printf(out, ", at_night: {hours: %02d:%02d-%02d:%02d", o->night_from / 60,
                   o->night_from % 60, o->night_to / 60, o->night_to % 60);
        put_named_duration(out, ", second_within: ", o->second_s);
        buf_text(out, "}");
    }
    buf_text(out, "}\n");
}

static void put_duties(struct buf *out, const struct grant *g)
{
    const struct grant_duties *o = &g->duties;
    put_destroy(out, g);
    put_limits(out, g);
    put_approval(out, o);
    if (o->other != NULL) {
        buf_text(out, o->answer_kinds.n > 0 ? "    answer: {" : "    attend: {");
        if (o->answer_kinds.n > 0) {
            put_named_list(out, "by: ", &o->answer_kinds);
            buf_text(out, ", ");
        }
        put_named_duration(out, "within: ", o->attend_s);
        buf_printf(out, ", else: %s}\n", o->other);
    }
    if (o->offline_s > 0) {
        put_named_duration(out, "    offline: {open_for: ", o->offline_s);
        buf_text(out, "}\n");
    }
    if (o->keep_bases.n > 0) {
        put_named_list(out, "    keep: {basis_any_of: ", &o->keep_bases);
        buf_text(out, ", evidence: [case-number]}\n");
    }
    if (o->onward.n > 0) {
        put_named_list(out, "    onward: {to: ", &o->onward);
        put_named_list(out, ", basis_any_of: ", &o->onward_bases);
        buf_text(out, "}\n");
    }
}

static void put_grant(struct buf *out, const struct model_set *s, const struct grant *g)
{
    buf_printf(out, "  - grant: %s\n    service: %s\n    kind: %s\n    from: %s\n    to: ", g->name,
               g->service, g->kind, g->from);
    put_list(out, &g->to);
    buf_printf(out, "\n    purpose: %s\n    basis_any_of: ", g->purpose);
    put_list(out, &g->bases);
    buf_text(out, "\n");
    if (g->joins.n > 0) {
        buf_text(out, "    joins: ");
        put_list(out, &g->joins);
        buf_text(out, "\n");
    }
    if (g->narrower_than >= 0)
        buf_printf(out, "    narrower_than: %s\n", s->grant[g->narrower_than].name);
    if (list_has(&g->bases, "kr/location/29"))
        buf_text(out, "    lia_30_system: {document_no: LIS-1}\n");
    put_when(out, g);
    put_transforms(out, g);
    put_duties(out, g);
}

static void put_prohibition(struct buf *out, const struct prohibition *p)
{
    buf_printf(out, "  - prohibit: %s\n    to_other_than: {role: ", p->name);
    put_list(out, &p->spared_roles);
    buf_printf(out, "}\n    because: %s\n", p->because);
    if (p->under.n > 0) {
        buf_text(out, "    data_obtained_under: ");
        put_list(out, &p->under);
        buf_text(out, "\n");
    }
    if (p->kinds.n > 0) {
        buf_text(out, "    kind: ");
        put_list(out, &p->kinds);
        buf_text(out, "\n");
    }
}

static void put_emergency(struct buf *out, const struct emergency *e)
{
    if (e->lasts_s == 0)
        return;
    put_named_list(out, "emergency:\n  who: {units: ", &e->units);
    buf_printf(out, ", role: %s}\n", e->role);
    put_named_list(out, "  kinds: ", &e->kinds);
    put_named_list(out, "\n  basis_any_of: ", &e->bases);
    put_named_duration(out, "\n  reason: required\n  lasts: ", e->lasts_s);
    buf_text(out, "\n  review: {persons: 2, within: 24 hours}\n");
}

void put_mou(struct buf *out, const struct model_set *s, size_t mou)
{
    const struct mou *m = &s->mou[mou];
    bool any = false;
    buf_printf(out,
               "mou: %s\ntitle: A memorandum\ninstrument: {document_no: A-1, signed_on: "
               "2015-07-24, signatories: [molit, npa]}\nacknowledged: [{by: police, on: "
               "2015-09-01}]\nprocessor: city\nin_force: {from: %s, until: %s, legal_review_by: "
               "2027-03-01}\nrecipient_duties: [One",
               m->name, m->from, m->until);
    for (int i = 1; i < m->duties; i++)
        buf_printf(out, ", Duty %d", i);
    buf_text(out, "]\nassessment: {no_unfair_infringement: Limited, by: officer, on: 2015-07-01}\n"
                  "publication: {where: website, within: 30 days}\n"
                  "registers: [third-party-provision]\ngrants:");
    for (size_t i = 0; i < s->grants; i++) {
        if (s->grant[i].mou != mou)
            continue;
        buf_text(out, any ? "" : "\n");
        put_grant(out, s, &s->grant[i]);
        any = true;
    }
    buf_text(out, any ? "" : " []\n");
    any = false;
    for (size_t i = 0; i < s->prohibitions; i++) {
        if (s->prohibition[i].mou != mou)
            continue;
        buf_text(out, any ? "" : "prohibitions:\n");
        put_prohibition(out, &s->prohibition[i]);
        any = true;
    }
    put_emergency(out, &m->emergency);
}
