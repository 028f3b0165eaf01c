/* What an officer reads and signs. */
#include "ledger/claims.h"
#include "ledger/preservation.h"

#include <inttypes.h>
#include <stdio.h>

bool act_is_reason(struct bytes reason)
{
    size_t characters = 0;
    if (!bytes_is_text(reason))
        return false;
    while (reason.n > 0) {
        if (character_misleads(bytes_take_character(&reason)))
            return false;
        characters++;
    }
    return characters > 0 && characters <= CONTROL_REASON_MAX;
}

void act_subject(const struct ledger_case *x, char *out)
{
    (void)snprintf(out, CONTROL_SUBJECT_MAX + 1, "%" PRIu64 "-%u", x->index, x->recipient);
}

unsigned act_case_kind(unsigned act)
{
    switch (act) {
    case CONTROL_APPROVE:
    case CONTROL_REFUSE: return ROAD_APPROVAL;
    case CONTROL_RELEASE:
    case CONTROL_REJECT: return ROAD_QUARANTINE;
    case CONTROL_REVIEW: return ROAD_EMERGENCY;
    default: return 0;
    }
}

bool act_take_word(struct bytes *t, const char *word)
{
    if (!bytes_begins(*t, word))
        return false;
    *t = bytes_of(t->p + strlen(word), t->n - strlen(word));
    return true;
}

bool act_take_number(struct bytes *t, uint64_t most, uint64_t *out)
{
    size_t digits = 0;
    *out = 0;
    while (digits < t->n && t->p[digits] >= '0' && t->p[digits] <= '9') {
        uint64_t digit = (uint64_t)(t->p[digits] - '0');
        if (*out > (most - digit) / 10)
            return false;
        *out = *out * 10 + digit;
        digits++;
    }
    if (digits == 0 || (digits > 1 && t->p[0] == '0'))
        return false;
    *t = bytes_of(t->p + digits, t->n - digits);
    return true;
}

struct ledger_case *act_case(const struct ledger *l, unsigned kind, struct bytes subject)
{
    uint64_t index, recipient;
    uint8_t key[CASE_KEY];
    if (!act_take_number(&subject, UINT64_MAX / 2, &index) || subject.n == 0 || subject.p[0] != '-')
        return NULL;
    subject = bytes_of(subject.p + 1, subject.n - 1);
    if (!act_take_number(&subject, ROAD_RECIPIENTS_MAX, &recipient) || subject.n > 0)
        return NULL;
    case_key(index, (unsigned)recipient, kind, key);
    struct ledger_case *x = case_get(l, key);
    if (x != NULL || kind != ROAD_APPROVAL)
        return x;
    case_key(index, (unsigned)recipient, ROAD_KEEPING, key); /* which no message needs besides */
    return case_get(l, key);
}

/* Words of a message come by the edge: one that was taken over must not write lines of its own into
 * what an officer reads, nor turn one around. */
static void line(struct buf *out, const char *name, struct bytes value)
{
    if (value.n == 0)
        return;
    buf_printf(out, "%s: ", name);
    while (value.n > 0) {
        struct bytes from = value;
        bool bad = character_misleads(bytes_take_character(&value));
        buf_put(out, bad ? (const void *)"?" : from.p, bad ? 1 : from.n - value.n);
    }
    buf_text(out, "\n");
}

static void line_time(struct buf *out, const char *name, int64_t at_us)
{
    char text[TIME_TEXT];
    time_text_s(at_us, zone_named("Asia/Seoul"), text);
    line(out, name, bytes_of_text(text));
}

/* However long the words are that an edge sends, the text can be prepared and signed. */
_Static_assert((6 + ROAD_INCIDENTS_MAX) * ROAD_TEXT_MAX + 4 * CONTROL_REASON_MAX + 2048 <=
                   CONTROL_TEXT_MAX,
               "the text of an act has room for the longest words");

static void lines_of_case(const struct ledger_case *x, struct buf *out)
{
    char id[UUID_TEXT + 1];
    const struct road_envelope *e = &x->envelope;
    uuid_text(&e->id, id);
    line(out, "message", bytes_of_text(id));
    line(out, "kind", e->kind);
    line(out, "from", e->source);
    line(out, "to", x->unit);
    line(out, "service", e->service);
    line(out, "purpose", e->purpose);
    line(out, "basis", e->basis);
    for (size_t i = 0; i < e->incidents; i++)
        line(out, "incident", e->incident[i]);
    line(out, "clause", x->clause);
    line(out, "because", x->failed);
    line_time(out, "received", x->received_us);
}

/* What the officer orders to preserve or to destroy, as it is now. */
static void line_measure(struct ledger *l, const struct prepared *p, struct buf *out)
{
    struct buf text = BUF_INIT(256);
    int64_t oldest_us, newest_us;
    if (preservation_measure(l, bytes_of_text(p->subject), &text, &oldest_us, &newest_us) ==
        CONTROL_CODE_DONE) {
        line(out, "now", buf_view(&text));
        if (newest_us != 0) {
            line_time(out, "oldest", oldest_us);
            line_time(out, "newest", newest_us);
        }
    }
    buf_free(&text);
}

/* The request that is being answered, and what stands of it already: the second officer reads what
 * the first one did. */
static void lines_of_claim(const struct claim *c, struct buf *out)
{
    line(out, "asked by", bytes_of_text(claimant_text(c->by, false)));
    line_time(out, "received", c->received_us);
    line_time(out, "due", claim_due_us(c->received_us, c->postponed));
    line(out, "about", bytes_of_text(c->what));
    line(out, "masked", bytes_of_text(c->masked));
    line(out, "masked by", bytes_of_text(c->masker));
    line(out, "decided by", bytes_of_text(c->decider));
}

void act_text(struct ledger *l, const struct prepared *p, const struct ledger_case *x,
              struct buf *out)
{
    uint8_t serial[16];
    char hex[2 * sizeof serial + 1];
    random_take(&l->random, serial, sizeof serial);
    bytes_to_hex(bytes_of(serial, sizeof serial), hex);
    buf_text(out, "fedgate-act-v1\n");
    line(out, "log", bytes_of_text(l->config.log_name));
    line(out, "act", bytes_of_text(control_act_word(p->act)));
    line(out, "subject", bytes_of_text(p->subject));
    if (x != NULL)
        lines_of_case(x, out);
    const struct claim *c = claims_is(p->act) ? claim_of(l, bytes_of_text(p->subject)) : NULL;
    if (c != NULL)
        lines_of_claim(c, out);
    if (p->act == CONTROL_HOLD || p->act == CONTROL_DESTROY)
        line_measure(l, p, out);
    line(out, "officer", bytes_of_text(p->officer));
    line(out, "reason", bytes_of_text(p->reason));
    line_time(out, "time", p->made_us);
    line(out, "serial", bytes_of_text(hex));
}
