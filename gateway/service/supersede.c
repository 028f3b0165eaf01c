/* Positions: which of them are alike but for the place, so that the ledger lets a newer one stand
 * for one that waits, where the clause says so. The ledger knows neither subjects nor alerts. */
#include "service/intake.h"

/* Whatever has to be the same of both. An alert has an incident of its own, which its positions
 * name. */
static void tag(struct intake *i)
{
    const struct facts *f = &i->m.facts;
    const uint8_t parted = 0, number[] = {(uint8_t)f->kind, (uint8_t)f->status, (uint8_t)f->trigger,
                                          f->has_reply, f->has_subject};
    const struct bytes between = bytes_of(&parted, 1);
    struct bytes part[16 + 2 * FACTS_INCIDENT_MAX];
    uint8_t mac[MAC_BYTES];
    size_t n = 0;
    part[n++] = bytes_of_text("succession");
    part[n++] = between;
    part[n++] = bytes_of(number, sizeof number);
    part[n++] = bytes_of(&f->reply_index, sizeof f->reply_index);
    const struct bytes word[] = {f->source, f->service,       f->purpose,
                                 f->basis,  f->subject_party, f->subject_ref};
    for (size_t k = 0; k < ARRAY_LEN(word); k++) {
        part[n++] = word[k];
        part[n++] = between;
    }
    for (size_t k = 0; k < f->incidents; k++) {
        part[n++] = f->incident[k];
        part[n++] = between;
    }
    mac_keyed(i->e->tag_key, part, n, mac);
    memcpy(i->succession, mac, TAG_BYTES);
    i->commit.succession = bytes_of(i->succession, TAG_BYTES);
}

void intake_supersede(struct intake *i)
{
    struct road_commit *c = &i->commit;
    if (!i->m.facts.is_position || i->m.facts.has_derived)
        return;
    for (size_t k = 0; k < c->recipients; k++) {
        struct road_recipient *r = &c->recipient[k];
        r->supersedes = r->permitted && !r->reserve && i->obligations[k].supersedes &&
                        i->to[k] != policy_self(i->e->policy);
        if (r->supersedes && c->succession.n == 0)
            tag(i);
    }
}
