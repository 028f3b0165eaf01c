#include "ledger/transparency.h"

#include "audit/tlog_proof.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

enum { WAITING_MOST = 4096, READERS_MOST = 4096, ROOM = 4096 };

/* A unit that reads hashes is on record once in this time. */
#define READING_KEPT US_PER_HOUR

struct reader {
    char unit[IDENT_UNIT_MAX + 1];
    int64_t at_us;
};

static struct bytes reader_key(const void *item)
{
    return bytes_of_text(((const struct reader *)item)->unit);
}

struct transparency *transparency_new(struct ledger *l)
{
    struct transparency *t = mem_new(sizeof *t);
    TAILQ_INIT(&t->waiting);
    t->readers = map_new(reader_key);
    buf_init(&t->checkpoint, LOG_NOTE_MAX);
    buf_init(&t->text, LOG_TEXT_MAX);
    buf_init(&t->entry, LOG_ENTRY_MAX);
    witnesses_open(l, t);
    return t;
}

void transparency_free(struct transparency *t)
{
    struct reader *r;
    size_t at;
    struct waiting_proof *w;
    if (t == NULL)
        return;
    while ((w = TAILQ_FIRST(&t->waiting)) != NULL) {
        TAILQ_REMOVE(&t->waiting, w, next);
        mem_free(w);
    }
    MAP_FOREACH (r, t->readers, at)
        mem_free(r);
    map_free(t->readers);
    witnesses_close(t);
    buf_free(&t->checkpoint);
    buf_free(&t->text);
    buf_free(&t->entry);
    mem_free(t);
}

void transparency_edge_went(struct ledger *l)
{
    struct waiting_proof *w;
    while ((w = TAILQ_FIRST(&l->transparency->waiting)) != NULL) {
        TAILQ_REMOVE(&l->transparency->waiting, w, next);
        mem_free(w);
    }
    l->transparency->waiting_count = 0;
}

/* ---- reading is a record itself */

static enum result record_reading(struct ledger *l, struct bytes unit, const char *what,
                                  const uint64_t *index)
{
    struct leaf leaf = {.event = AUDIT_LOG_READ,
                        .source = unit,
                        .has_refers = index != NULL,
                        .refers = index == NULL ? 0 : *index,
                        .detail = bytes_of_text(what)};
    return ledger_leaf(l, &leaf, NULL);
}

/* Checkpoints and hashes say nothing of anybody. That a unit reads them is on record once an hour,
 * so that a witness that looks every second does not make the log grow every second. */
static enum result record_hashes(struct ledger *l, struct bytes unit)
{
    int64_t now_us = ledger_now(l);
    struct reader *r = map_get(l->transparency->readers, unit);
    if (r != NULL && now_us - r->at_us < READING_KEPT)
        return RESULT_OK;
    if (r == NULL && map_count(l->transparency->readers) < READERS_MOST) {
        r = mem_new(sizeof *r);
        (void)snprintf(r->unit, sizeof r->unit, "%.*s", (int)unit.n, (const char *)unit.p);
        (void)map_add(l->transparency->readers, r);
    }
    if (r != NULL)
        r->at_us = now_us;
    return record_reading(l, unit, "what=hashes", NULL);
}

/* ---- answers */

static void answer(struct ledger *l, uint64_t ticket, enum log_answer what, struct bytes text,
                   struct bytes entry, void (*send)(struct ledger *l, struct bytes body))
{
    const struct log_said said = {
        .ticket = ticket, .answer = (uint8_t)what, .text = text, .entry = entry};
    struct buf body = BUF_INIT(LOG_TEXT_MAX + LOG_ENTRY_MAX + 64);
    log_said_put(&said, &body);
    send(l, buf_view(&body));
    buf_free(&body);
}

/* After the commit of this turn. */
static void send_later(struct ledger *l, struct bytes body)
{
    ledger_answer(l, IPC_LOG_SAID, body);
}

/* What it rests on was committed with the checkpoint. */
static void send_now(struct ledger *l, struct bytes body)
{
    l->config.emit(l->config.arg, IPC_LOG_SAID, body);
}

static enum result refuse(struct ledger *l, const struct log_ask *a, enum log_answer why)
{
    answer(l, a->ticket, why, bytes_of(NULL, 0), bytes_of(NULL, 0), send_later);
    return RESULT_OK;
}

static enum result hand_over(struct ledger *l, const struct log_ask *a, struct bytes text)
{
    answer(l, a->ticket, LOG_HERE, text, bytes_of(NULL, 0), send_later);
    return RESULT_OK;
}

/* ---- checkpoint and tiles */

static enum result give_checkpoint(struct ledger *l, const struct log_ask *a)
{
    struct transparency *t = l->transparency;
    if (t->checkpoint.n == 0)
        return refuse(l, a, LOG_LATER);
    TRY(record_hashes(l, a->unit));
    buf_clear(&t->text);
    buf_put(&t->text, t->checkpoint.p, t->checkpoint.n);
    witnesses_put_lines(t, buf_view(&t->checkpoint), &t->text);
    return hand_over(l, a, buf_view(&t->text));
}

static bool is_auditor(const struct ledger *l, struct bytes unit)
{
    return l->config.is_auditor != NULL && l->config.is_auditor(l->config.arg, unit);
}

static enum result record_tile(struct ledger *l, struct bytes unit, int level, uint64_t number)
{
    char what[64];
    if (level >= 0)
        return record_hashes(l, unit);
    (void)snprintf(what, sizeof what, "what=entries bundle=%" PRIu64, number);
    return record_reading(l, unit, what, NULL);
}

/* Entries are for auditors: they show who exchanged what with whom. */
static enum result give_tile(struct ledger *l, const struct log_ask *a)
{
    struct transparency *t = l->transparency;
    int level;
    uint64_t number;
    unsigned width;
    if (!tile_path_read(a->text, &level, &number, &width))
        return refuse(l, a, LOG_WRONG);
    if (level < 0 && !is_auditor(l, a->unit))
        return refuse(l, a, LOG_DENIED);
    buf_clear(&t->text);
    enum result r = tiles_read(l->config.audit_folder, level, number, width, &t->text);
    if (r == RESULT_NOT_FOUND || r == RESULT_TOO_LARGE)
        return refuse(l, a, LOG_NONE);
    TRY(r);
    TRY(record_tile(l, a->unit, level, number));
    return hand_over(l, a, buf_view(&t->text));
}

/* ---- proofs */

/* Who sent a message may see all that was recorded of it; a recipient what was recorded of itself
 * alone; an auditor everything. */
static bool may_see(const struct ledger *l, const struct leaf *leaf, struct bytes unit)
{
    return is_auditor(l, unit) || bytes_equal(leaf->source, unit) ||
           (leaf->recipients == 1 && bytes_equal(leaf->recipient[0].unit, unit));
}

/* Whether there is such an entry that the unit may see; it is in t->entry then. */
static enum result find_entry(struct ledger *l, const struct log_ask *a, bool *found)
{
    struct transparency *t = l->transparency;
    struct leaf leaf;
    struct leaf_room *room;
    buf_clear(&t->entry);
    enum result r = ledger_leaf_read(l, a->index, &t->entry, &leaf, &room);
    *found = r == RESULT_OK && may_see(l, &leaf, a->unit);
    leaf_room_free(room);
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

static enum result make_proof(struct ledger *l, uint64_t index, struct bytes note)
{
    struct transparency *t = l->transparency;
    struct proof_source source = proof_source_folder(&l->config.audit_folder);
    struct tlog_proof proof = {.index = index, .note = note};
    struct checkpoint c;
    const char *fault = "";
    TRY(checkpoint_open(note, &l->log_key, &c, &fault));
    TRY(proof_inclusion(&source, l->hasher, index, c.size, &proof.path));
    TRY(tlog_proof_check(l->hasher, &proof, &l->log_key, buf_view(&t->entry), &c, &fault));
    buf_clear(&t->text);
    tlog_proof_put(&proof, bytes_of(NULL, 0), &t->text);
    return buf_status(&t->text);
}

/* A proof that does not hold is no proof: the log on the disk is not what was written. So it is
 * when the entry could not be read. */
static enum result prove(struct ledger *l, uint64_t ticket, uint64_t index,
                         void (*send)(struct ledger *l, struct bytes body))
{
    struct transparency *t = l->transparency;
    struct buf note = BUF_INIT(LOG_NOTE_MAX);
    enum result r = t->entry.n == 0 ? RESULT_DAMAGED : witnesses_best(t, index, &note);
    if (r == RESULT_OK)
        r = make_proof(l, index, buf_view(&note));
    if (r == RESULT_OK) {
        answer(l, ticket, LOG_HERE, buf_view(&t->text), buf_view(&t->entry), send);
    } else if (r != RESULT_IO) {
        log_line(l->config.log, LOG_ALARM, "no-proof", "index=%" PRIu64 " why=\"%s\"", index,
                 result_text(r));
        answer(l, ticket, LOG_LATER, bytes_of(NULL, 0), bytes_of(NULL, 0), send);
        r = RESULT_OK;
    }
    buf_free(&note);
    return r;
}

static void wait_for_checkpoint(struct transparency *t, const struct log_ask *a)
{
    struct waiting_proof *w = mem_new(sizeof *w);
    w->ticket = a->ticket;
    w->index = a->index;
    TAILQ_INSERT_TAIL(&t->waiting, w, next);
    t->waiting_count++;
}

static enum result give_proof(struct ledger *l, const struct log_ask *a)
{
    struct transparency *t = l->transparency;
    bool found;
    enum result r = find_entry(l, a, &found);
    if (r == RESULT_DAMAGED)
        return refuse(l, a, LOG_LATER);
    TRY(r);
    if (!found)
        return refuse(l, a, LOG_NONE); /* the same, whether there is one or not */
    if (a->index >= l->published_size && t->waiting_count >= WAITING_MOST)
        return refuse(l, a, LOG_LATER);
    TRY(record_reading(l, a->unit, "what=proof", &a->index));
    if (a->index < l->published_size)
        return prove(l, a->ticket, a->index, send_later);
    wait_for_checkpoint(t, a);
    return RESULT_OK;
}

enum result transparency_published(struct ledger *l, struct bytes note)
{
    struct transparency *t = l->transparency;
    struct waiting_proof *w, *following;
    buf_clear(&t->checkpoint);
    buf_put(&t->checkpoint, note.p, note.n);
    TRY(transparency_republish(l));
    for (w = TAILQ_FIRST(&t->waiting); w != NULL; w = following) {
        following = TAILQ_NEXT(w, next);
        if (w->index >= l->published_size)
            continue;
        TAILQ_REMOVE(&t->waiting, w, next);
        t->waiting_count--;
        buf_clear(&t->entry);
        enum result r = tiles_entry(l->tiles, w->index, &t->entry);
        if (r != RESULT_IO)
            r = prove(l, w->ticket, w->index, send_now);
        mem_free(w);
        TRY(r);
    }
    return RESULT_OK;
}

enum result transparency_republish(struct ledger *l)
{
    struct transparency *t = l->transparency;
    if (l->publishing_size > 0 || witnesses_count(t, buf_view(&t->checkpoint)) == 0)
        return RESULT_OK; /* the next one is under way: nobody would see this */
    buf_clear(&t->text);
    buf_put(&t->text, t->checkpoint.p, t->checkpoint.n);
    witnesses_put_lines(t, buf_view(&t->checkpoint), &t->text);
    enum result r = tiles_publish(l->tiles, buf_view(&t->text));
    return r == RESULT_FULL ? RESULT_OK : r; /* the next one has room, or the one after */
}

/* ---- the question */

static enum result take_cosignature(struct ledger *l, const struct log_ask *a)
{
    enum log_answer what;
    TRY(witnesses_take(l, a->text, &what));
    return what == LOG_HERE ? give_checkpoint(l, a) : refuse(l, a, what);
}

enum result transparency_ask(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct log_ask a;
    TRY(log_ask_take(&in, &a));
    /* A reading that cannot be recorded does not happen; nor one whose leaf would stay in memory.
     */
    if (!ledger_has_room(l, ROOM) || l->log_is_full)
        return refuse(l, &a, LOG_LATER);
    switch ((enum log_what)a.what) {
    case LOG_CHECKPOINT: return give_checkpoint(l, &a);
    case LOG_TILE: return give_tile(l, &a);
    case LOG_PROOF: return give_proof(l, &a);
    case LOG_COSIGN: return take_cosignature(l, &a);
    }
    return RESULT_MALFORMED;
}
