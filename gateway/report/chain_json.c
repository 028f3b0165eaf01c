/* A chain in JSON, as a certificate says it. */
#include "report/chain.h"

#include "json/json.h"

static const char *state_word(enum chain_state s)
{
    static const char *const words[] = {"absent", "unstored", "stored", "destroyed"};
    return words[s];
}

static void json_scope(const struct chain_scope *s, struct buf *out)
{
    buf_u8(out, '{');
    if (s->destroyed != 0) {
        json_put_member_text(out, "cause", s->cause);
        json_put_member_integer(out, "destroyed_leaf", (int64_t)s->destroyed);
        json_put_member_integer(out, "destroyed_us", s->destroyed_us);
        json_put_member_bool(out, "edge_confirmed", !s->edge_unconfirmed);
        json_put_member_text(out, "level", s->level);
        json_put_member_text(out, "method", s->method);
    }
    json_put_member_text(out, "scope", s->number);
    buf_u8(out, '}');
}

static const char *answer_word(enum owed_answer a)
{
    static const char *const words[] = {"none", "destroyed", "never-stored", "retained"};
    return words[a];
}

/* What there is of order and receipt. */
static void json_answer(const struct owed *o, struct buf *out)
{
    json_put_member_text(out, "answer", bytes_of_text(answer_word(o->answer)));
    if (o->answer != OWED_UNANSWERED) {
        json_put_member_integer(out, "answered_leaf", (int64_t)o->answered);
        json_put_member_integer(out, "answered_us", o->answered_us);
    }
}

static void json_order(const struct owed *o, struct buf *out)
{
    if (o->ordered != 0) {
        json_put_member_integer(out, "ordered_leaf", (int64_t)o->ordered);
        json_put_member_integer(out, "ordered_us", o->ordered_us);
    }
    if (o->overdue != 0)
        json_put_member_integer(out, "overdue_leaf", (int64_t)o->overdue);
    if (o->receipt_by_us != 0)
        json_put_member_integer(out, "receipt_by_us", o->receipt_by_us);
    if (o->stated_us != 0)
        json_put_member_integer(out, "stated_us", o->stated_us);
}

static void json_retained(const struct owed *o, struct buf *out)
{
    if (o->answer != OWED_RETAINED)
        return;
    json_put_member_text(out, "under", o->under);
    json_put_member_integer(out, "until_us", o->until_us);
}

static void json_provision(const struct chain_provision *p, struct buf *out)
{
    buf_u8(out, '{');
    json_answer(&p->owed, out);
    json_put_member_text(out, "clause", p->clause);
    json_put_member_integer(out, "destroy_by_us", p->destroy_by_us);
    json_put_member_text(out, "event", bytes_of_text(audit_event_word(p->event)));
    json_put_member_integer(out, "leaf", (int64_t)p->index);
    json_order(&p->owed, out);
    if (p->taken != 0) {
        json_put_member_integer(out, "taken_leaf", (int64_t)p->taken);
        json_put_member_integer(out, "taken_us", p->taken_us);
    }
    json_put_member_integer(out, "time_us", p->time_us);
    json_retained(&p->owed, out);
    json_put_member_text(out, "unit", p->unit);
    buf_u8(out, '}');
}

void chain_json(const struct chain *c, struct buf *out)
{
    buf_u8(out, '{');
    json_put_key(out, "recipients");
    buf_u8(out, '[');
    for (const struct chain_provision *p = c->provision; p != NULL; p = p->next) {
        buf_text(out, p == c->provision ? "" : ",");
        json_provision(p, out);
    }
    buf_u8(out, ']');
    json_put_member_integer(out, "record", (int64_t)c->record);
    json_put_key(out, "scopes");
    buf_u8(out, '[');
    for (size_t i = 0; i < c->scopes; i++) {
        buf_text(out, i == 0 ? "" : ",");
        json_scope(&c->scope[i], out);
    }
    buf_u8(out, ']');
    json_put_member_text(out, "state", bytes_of_text(state_word(chain_state(c))));
    buf_u8(out, '}');
}
