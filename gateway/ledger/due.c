#include "ledger/due.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
    const struct spool_scope *x = *(struct spool_scope *const *)a,
                             *y = *(struct spool_scope *const *)b;
    if (x->due.due_us != y->due.due_us)
        return x->due.due_us < y->due.due_us ? -1 : 1;
    return (x->slot.id > y->slot.id) - (x->slot.id < y->slot.id);
}

static const char *starts_word(enum spool_starts starts)
{
    static const char *const words[] = {[SPOOL_ARRIVAL] = "arrival",
                                        [SPOOL_INCIDENT_END] = "incident-end",
                                        [SPOOL_FOUND] = "found",
                                        [SPOOL_DISASTER_END] = "disaster-end",
                                        [SPOOL_REGISTER] = "register"};
    return (size_t)starts < ARRAY_LEN(words) ? words[starts] : "";
}

/* What will have ended it. */
static const char *why(const struct spool_scope *x)
{
    if (x->preserved > 0)
        return "preserved";
    if (x->cause != SPOOL_NOT_ENDED)
        return ends_cause_word(x->cause);
    if (x->ends_us < x->deadline_us)
        return ends_cause_word(SPOOL_PURPOSE_FULFILLED);
    return x->due.due_us < x->ends_us ? "nothing-left" : ends_cause_word(SPOOL_DEADLINE);
}

static void subject_of(const struct spool_scope *x, char out[CONTROL_SUBJECT_MAX + 1])
{
    (void)snprintf(out, CONTROL_SUBJECT_MAX + 1, "scope %" PRIu64, x->slot.id);
}

static void put_scope(const struct spool_scope *x, struct buf *out)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    char waiting[24];
    size_t count = 0;
    const struct delivery *d;
    struct control_item i = {.clause = bytes_of_text(x->mou),
                             .failed = bytes_of_text(why(x)),
                             .reason = bytes_of_text(starts_word(x->starts)),
                             .since_us = x->deadline_us,
                             .due_us = x->due.due_us,
                             .went_ahead = x->preserved > 0};
    subject_of(x, subject);
    i.subject = bytes_of_text(subject);
    if (x->incident[0] != '\0')
        i.envelope.incident[i.envelope.incidents++] = bytes_of_text(x->incident);
    TAILQ_FOREACH (d, &x->deliveries, of_scope)
        count++;
    (void)snprintf(waiting, sizeof waiting, "%zu", count);
    i.unit = bytes_of_text(waiting);
    control_item_put(&i, out);
}

/* The caller frees the array. */
static const struct spool_scope **collect(const struct ledger *l, size_t *count)
{
    const struct spool_scope **all = mem_new_array(spool_scopes_count(l->scopes) + 1, sizeof *all);
    const struct spool_scope *x;
    size_t at = 0;
    *count = 0;
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL)
        if (!x->dying)
            all[(*count)++] = x;
    qsort(all, *count, sizeof *all, by_time);
    return all;
}

void due_list(const struct ledger *l, const struct control_request *r, struct control_answer *a,
              struct buf *items)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    size_t count, from = 0;
    const struct spool_scope **all = collect(l, &count);
    for (size_t i = 0; i < count && r->after.n > 0 && from == 0; i++) {
        subject_of(all[i], subject);
        if (bytes_is(r->after, subject))
            from = i + 1;
    }
    for (size_t i = from; i < count && a->items < CONTROL_ITEMS_MAX; i++) {
        put_scope(all[i], items);
        a->items++;
        a->more = i + 1 < count;
    }
    mem_free(all);
}
