#include "ledger/readings.h"

#include "base/mem.h"
#include "crypto/base64.h"

#include <inttypes.h>
#include <stdio.h>

/* So much is looked at for one request, so that nobody else waits long. */
enum { LEAVES_A_REQUEST = 16384, BYTES_A_BOX = 256 << 10 };

_Static_assert(BYTES_A_BOX + FACT_RECORD_MAX + ROAD_FACTS_A_BOX * 128 < ROAD_BOX_MAX &&
                   ROAD_BOX_MAX < CONTROL_ANSWER_MAX - 1024,
               "a box has room for what is collected, and an answer for a box");

bool act_only_records(unsigned act)
{
    return act == CONTROL_READ_REGISTER || act == CONTROL_PUBLISHED || act == CONTROL_PRUNE ||
           act == CONTROL_ACCEPT_CLOCK || act == CONTROL_REFUSE_CLOCK || control_act_operates(act);
}

/* ---- subjects */

static bool take_text(struct bytes *t, const char *text)
{
    if (!bytes_begins(*t, text))
        return false;
    *t = bytes_of(t->p + strlen(text), t->n - strlen(text));
    return true;
}

/* "FROM-TO", the last among them, as people write it. */
static bool take_leaves(struct bytes *t, uint64_t *from, uint64_t *to)
{
    if (!take_text(t, "leaves ") || !act_take_number(t, UINT64_MAX / 4, from) ||
        !take_text(t, "-") || !act_take_number(t, UINT64_MAX / 4, to))
        return false;
    (*to)++;
    return *from < *to;
}

static bool read_reading(struct bytes subject, struct reading *out)
{
    return take_leaves(&subject, &out->from, &out->to) && take_text(&subject, " key ") &&
           base64_take_exactly(subject, out->reader, ROAD_READER) == RESULT_OK;
}

static bool is_published(struct bytes subject)
{
    uint64_t from, to;
    size_t n = 0;
    if (!take_text(&subject, "mou "))
        return false;
    while (n < subject.n && subject.p[n] != ' ')
        n++;
    if (!ident_is_word(bytes_of(subject.p, n)))
        return false;
    subject = bytes_of(subject.p + n, subject.n - n);
    return take_text(&subject, " ") && take_leaves(&subject, &from, &to) && subject.n == 0;
}

enum control_code readings_judge(const struct ledger *l, unsigned act, struct bytes subject,
                                 const struct ledger_officer *who)
{
    struct reading r;
    (void)l;
    if (strcmp(who->role, "records-officer") != 0 && strcmp(who->role, "privacy-officer") != 0)
        return CONTROL_CODE_WRONG_ROLE;
    bool good = act == CONTROL_READ_REGISTER ? read_reading(subject, &r) : is_published(subject);
    return good ? CONTROL_CODE_DONE : CONTROL_CODE_BAD_LEAVES;
}

/* ---- readings */

void readings_begin(struct ledger *l, const struct prepared *p, const struct ledger_officer *who,
                    uint64_t index)
{
    struct reading *r = &l->acts->reading[0];
    struct bytes party;
    for (size_t i = 1; i < READINGS_MAX; i++)
        if (l->acts->reading[i].made_us < r->made_us)
            r = &l->acts->reading[i];
    *r = (struct reading){.index = index, .reads_all = who->reads_all, .made_us = ledger_now(l)};
    if (!read_reading(bytes_of_text(p->subject), r) ||
        !ident_split_unit(bytes_of_text(p->officer), &party, NULL) || party.n >= sizeof r->party)
        *r = (struct reading){0}; /* it was judged: not so */
    else
        memcpy(r->party, party.p, party.n);
}

static struct reading *find(const struct ledger *l, struct bytes name)
{
    uint64_t index;
    if (!act_take_number(&name, UINT64_MAX / 4, &index) || name.n > 0)
        return NULL;
    for (size_t i = 0; i < READINGS_MAX; i++) {
        struct reading *r = &l->acts->reading[i];
        if (r->made_us != 0 && r->index == index && ledger_now(l) - r->made_us < ACT_OPEN_FOR)
            return r;
    }
    return NULL;
}

/* ---- collecting facts */

struct collecting {
    struct ledger *l;
    const struct reading *r;
    struct buf question;
    size_t count;
    uint64_t last; /* leaf that was looked at */
};

static bool is_of(struct bytes unit, const char *party)
{
    struct bytes its;
    return ident_split_unit(unit, &its, NULL) && bytes_is(its, party);
}

/* Whether the officer's party sent or got it. */
static enum result concerns(struct ledger *l, const char *party, uint64_t index, bool *out)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    struct leaf_room *room;
    enum result r = ledger_leaf_read(l, index, &entry, &leaf, &room);
    *out = r == RESULT_OK && is_of(leaf.source, party);
    for (size_t i = 0; r == RESULT_OK && i < leaf.recipients; i++)
        *out = *out || is_of(leaf.recipient[i].unit, party);
    leaf_room_free(room);
    buf_free(&entry);
    return r;
}

static enum result collect(void *arg, uint64_t index, struct bytes fact)
{
    struct collecting *c = arg;
    bool wanted = c->r->reads_all;
    if (c->count == ROAD_FACTS_A_BOX || c->question.n >= BYTES_A_BOX)
        return RESULT_END;
    if (!wanted)
        TRY(concerns(c->l, c->r->party, index, &wanted));
    c->last = index;
    if (!wanted)
        return RESULT_OK;
    buf_u64(&c->question, index);
    buf_bytes16(&c->question, fact);
    c->count++;
    return buf_status(&c->question);
}

/* The keeper's box into the answer. */
static enum result ask_box(struct collecting *c, struct control_answer *a, struct buf *items)
{
    struct buf reply = BUF_INIT(ROAD_BOX_MAX);
    struct ledger *l = c->l;
    enum result r = l->config.ask(l->config.arg, IPC_REGISTER_OPEN, buf_view(&c->question),
                                  IPC_REGISTER_OPENED, &reply);
    if (r == RESULT_OK) {
        const struct control_box box = {c->last, buf_view(&reply)};
        control_box_put(&box, items);
        a->items = 1;
    } else if (r == RESULT_UNAVAILABLE) {
        a->code = CONTROL_CODE_NO_KEEPER;
        r = RESULT_OK;
    }
    buf_free(&reply);
    return r;
}

static enum result read_on(struct ledger *l, const struct reading *reading, uint64_t from,
                           struct control_answer *a, struct buf *items)
{
    struct collecting c = {.l = l, .r = reading, .question = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    uint64_t to = reading->to < tiles_size(l->tiles) ? reading->to : tiles_size(l->tiles);
    uint64_t until = from < to && to - from > LEAVES_A_REQUEST ? from + LEAVES_A_REQUEST : to;
    buf_put(&c.question, reading->reader, ROAD_READER);
    enum result r = tiles_each_fact(l->tiles, from, until, collect, &c);
    bool full = r == RESULT_END;
    if (r == RESULT_OK || full) {
        if (!full && until > 0)
            c.last = until - 1;
        a->more = full || until < to;
        r = ask_box(&c, a, items);
    } else if (r != RESULT_IO) {
        log_line(l->config.log, LOG_ALARM, "register-damaged",
                 "from=%" PRIu64 " until=%" PRIu64 " why=\"%s\"", from, until, result_text(r));
        a->code = CONTROL_CODE_DAMAGED;
        r = RESULT_OK;
    }
    buf_free(&c.question);
    return r;
}

enum result readings_read(struct ledger *l, const struct control_request *r,
                          struct control_answer *a, struct buf *items)
{
    const struct reading *reading = find(l, r->subject);
    struct bytes after = r->after;
    uint64_t last, from;
    if (reading == NULL) {
        a->code = CONTROL_CODE_NOT_FOUND;
        return RESULT_OK;
    }
    from = reading->from;
    if (after.n > 0) {
        if (!act_take_number(&after, UINT64_MAX / 4, &last) || after.n > 0) {
            a->code = CONTROL_CODE_MALFORMED;
            return RESULT_OK;
        }
        from = last + 1 > from ? last + 1 : from;
    }
    return read_on(l, reading, from, a, items);
}
