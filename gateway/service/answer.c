/* What the ledger answered about a message: its receipt is complete, or it is decided again. */
#include "service/intake.h"

#include "base/mem.h"

enum { TRIES = 4 };

/* Whoever waited goes on in here, and may end the very call that this message came in. */
static void end_changes(struct publication *m, bool applied)
{
    size_t count = m->changes;
    m->changes = 0;
    standing_end_change(m, applied);
    m->held = true;
    for (size_t k = 0; k < count; k++)
        view_end_change(m->edge, m->change[k].incident, applied ? &m->change[k].is : NULL);
    m->held = false;
}

static void answer_repeated(struct publication *m, const struct road_committed *c)
{
    struct receipt r = {.id = bytes_of_text(m->id),
                        .status = m->status,
                        .verdict = (enum road_verdict)c->verdict,
                        .recipient = c->recipient,
                        .recipients = c->recipients,
                        .repeated = true};
    const uint8_t *key;
    if (c->scope != 0 && scope_key(m->edge, c->scope, &key) == RESULT_OK) {
        seal_own_salt(key, c->seed, r.salt);
        hasher_sha256(m->edge->hasher, &m->bytes, 1, r.digest);
        r.has_salt = m->bytes.n > 0;
        m->salt_scope = c->scope;
    }
    buf_clear(&m->receipt);
    if (receipt_put(m->edge, &r, &m->receipt) == RESULT_OK &&
        receipt_put_record(edge_origin(m->edge), c->index, &m->receipt) == RESULT_OK)
        publication_finish(m);
    mem_wipe(r.salt, sizeof r.salt);
}

/* The ledger did not take them: the keeper forgets them with its next secret. */
static void forget_scopes(struct publication *m)
{
    for (size_t k = 0; k < m->scopes; k++)
        scope_forget_one_uncommitted(m->edge, m->scope[k]);
    m->scopes = 0;
}

void answer_committed(struct ticket *t, const struct road_committed *c)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    switch ((enum road_answer)c->answer) {
    case ROAD_ON_DISK:
        for (size_t k = 0; k < m->scopes; k++)
            scope_was_committed(m->edge, m->scope[k]);
        end_changes(m, true);
        if (receipt_put_record(edge_origin(m->edge), c->index, &m->receipt) == RESULT_OK)
            publication_finish(m);
        return;
    case ROAD_REPEATED:
        refusals_count_repeat(m->edge, m->sender);
        end_changes(m, false);
        answer_repeated(m, c);
        return;
    case ROAD_ID_REUSED:
    case ROAD_STALE:
        end_changes(m, false);
        scope_forget_uncommitted(m->edge);
        m->order_is_asked = false;
        m->forced = c->answer == ROAD_ID_REUSED ? REASON_ID_REUSED : m->forced;
        if (m->tries < TRIES)
            intake_run(m);
        else
            publication_give_up(m, "the state changed too often");
        return;
    case ROAD_MANY_OF_PARTY:
        end_changes(m, false);
        forget_scopes(m);
        m->forced = REASON_KEYS_EXCEEDED;
        intake_run(m);
        return;
    case ROAD_NO_ROOM:
    case ROAD_NOT_FOUND:
    case ROAD_MANY_KEYS: break;
    }
    end_changes(m, false);
    publication_give_up(m, c->answer == ROAD_NO_ROOM     ? "the disk is full"
                           : c->answer == ROAD_MANY_KEYS ? "as many keys are in use as can be"
                                                         : "not found");
}

void answer_lost(struct ticket *t)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    struct view_incident *ahead = m->ahead;
    m->ahead = NULL;
    m->held = true;
    if (ahead != NULL)
        view_end_change(m->edge, ahead, NULL);
    m->held = false;
    end_changes(m, false);
    if (m->publisher == NULL)
        publication_free(m); /* the others go with their call */
}
