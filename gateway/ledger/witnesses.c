/* What known witnesses say of the log (C2SP tlog-cosignature). */
#include "ledger/transparency.h"

#include "audit/proof.h"
#include "audit/witness.h"
#include "base/mem.h"
#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* ---- what a witness confirmed */

/* The checkpoint in a note, with the line of this witness: kept when it is newer than what there
 * is. RESULT_NOT_FOUND when the witness did not sign it, RESULT_MISMATCH when it did wrongly,
 * RESULT_STALE when it said more before. */
static enum result adopt(struct ledger *l, struct ledger_witness *w, struct bytes note)
{
    struct checkpoint c;
    struct bytes body, of_log, of_witness;
    const char *fault = "";
    TRY(checkpoint_open(note, &l->log_key, &c, &fault));
    TRY(note_find(note, &l->log_key, &body, &of_log));
    TRY(note_find(note, &w->key, &body, &of_witness));
    uint64_t time_s = cosignature_time(of_witness);
    if (time_s > INT32_MAX || (int64_t)time_s * US_PER_S > ledger_now(l) + LIMIT_AHEAD)
        return RESULT_RANGE;
    int64_t at_us = (int64_t)time_s * US_PER_S;
    if (w->note.n > 0 && (c.size < w->size || at_us <= w->at_us))
        return RESULT_STALE;
    w->size = c.size;
    w->at_us = at_us;
    buf_clear(&w->note);
    buf_put(&w->note, body.p, body.n);
    buf_u8(&w->note, '\n');
    buf_put(&w->note, of_log.p, of_log.n);
    buf_clear(&w->line);
    buf_put(&w->line, of_witness.p, of_witness.n);
    return RESULT_OK;
}

static enum result persist(const struct ledger *l, const struct ledger_witness *w)
{
    char name[WITNESS_FILE];
    struct buf text = BUF_INIT(2 * LOG_NOTE_MAX);
    witness_file(&w->key, name);
    buf_put(&text, w->note.p, w->note.n);
    buf_put(&text, w->line.p, w->line.n);
    enum result r = file_replace(l->config.audit_folder, name, buf_view(&text));
    buf_free(&text);
    return r;
}

static enum result read_file(const struct ledger *l, const struct note_key *key, struct buf *out)
{
    char name[WITNESS_FILE];
    uint64_t size;
    size_t got;
    witness_file(key, name);
    int fd = openat(l->config.audit_folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_result();
    enum result r = file_size(fd, &size);
    uint8_t *to = r == RESULT_OK && size <= LOG_NOTE_MAX ? buf_extend(out, (size_t)size) : NULL;
    if (to == NULL)
        r = RESULT_TOO_LARGE;
    else
        r = file_read(fd, 0, to, (size_t)size, &got);
    (void)close(fd);
    return r;
}

void witnesses_open(struct ledger *l, struct transparency *t)
{
    for (size_t i = 0; i < l->config.witnesses && i < LEDGER_WITNESSES_MAX; i++) {
        struct ledger_witness *w = &t->witness[t->witnesses++];
        struct buf note = BUF_INIT(LOG_NOTE_MAX);
        w->key = l->config.witness[i];
        w->at_us = ledger_now(l);
        buf_init(&w->note, LOG_NOTE_MAX);
        buf_init(&w->line, LOG_NOTE_MAX);
        enum result r = read_file(l, &w->key, &note);
        if (r == RESULT_OK)
            r = adopt(l, w, buf_view(&note));
        if (r != RESULT_OK && r != RESULT_NOT_FOUND)
            log_line(l->config.log, LOG_ALARM, "confirmation-damaged", "witness=%s why=\"%s\"",
                     w->key.name, result_text(r));
        buf_free(&note);
    }
}

void witnesses_close(struct transparency *t)
{
    for (size_t i = 0; i < t->witnesses; i++) {
        buf_free(&t->witness[i].note);
        buf_free(&t->witness[i].line);
    }
}

/* ---- under checkpoints and proofs */

static bool same_checkpoint(struct bytes a, struct bytes b)
{
    struct bytes x, y;
    return note_body(a, &x) == RESULT_OK && note_body(b, &y) == RESULT_OK && bytes_equal(x, y);
}

size_t witnesses_count(const struct transparency *t, struct bytes note)
{
    size_t n = 0;
    for (size_t i = 0; i < t->witnesses; i++)
        n += t->witness[i].note.n > 0 && same_checkpoint(buf_view(&t->witness[i].note), note);
    return n;
}

void witnesses_put_lines(const struct transparency *t, struct bytes note, struct buf *out)
{
    for (size_t i = 0; i < t->witnesses; i++)
        if (t->witness[i].note.n > 0 && same_checkpoint(buf_view(&t->witness[i].note), note))
            buf_put(out, t->witness[i].line.p, t->witness[i].line.n);
}

static uint64_t size_of(struct bytes note)
{
    struct checkpoint c;
    struct bytes body;
    return note_body(note, &body) == RESULT_OK && checkpoint_read(body, &c) == RESULT_OK ? c.size
                                                                                         : 0;
}

enum result witnesses_best(const struct transparency *t, uint64_t index, struct buf *out)
{
    struct bytes best = buf_view(&t->checkpoint);
    if (size_of(best) <= index)
        return RESULT_NOT_FOUND;
    for (size_t i = 0; i < t->witnesses; i++) {
        struct bytes note = buf_view(&t->witness[i].note);
        if (note.n == 0 || t->witness[i].size <= index)
            continue;
        size_t more = witnesses_count(t, note), now = witnesses_count(t, best);
        if (more > now || (more == now && t->witness[i].size > size_of(best)))
            best = note;
    }
    buf_put(out, best.p, best.n);
    witnesses_put_lines(t, best, out);
    return buf_status(out);
}

/* ---- what is handed in */

/* Our own key stands under it, and our tree does not have it: the folder is older than what others
 * saw, or somebody else has the key. */
static bool is_ours(struct ledger *l, const struct checkpoint *c)
{
    struct proof_source source = proof_source_folder(&l->config.audit_folder);
    struct tree_hash root;
    if (c->size > l->published_size && l->published_size > 0) {
        log_line(l->config.log, LOG_ALARM, "log-is-behind",
                 "size=%" PRIu64 " confirmed=%" PRIu64 " why=\"a witness saw more entries\"",
                 l->published_size, c->size);
        return false;
    }
    if (proof_root(&source, l->hasher, c->size, &root) != RESULT_OK)
        return false;
    if (memcmp(&root, &c->root, sizeof root) == 0)
        return true;
    log_line(l->config.log, LOG_ALARM, "log-is-forked",
             "size=%" PRIu64 " why=\"a witness saw another root\"", c->size);
    return false;
}

static enum result come_back(struct ledger *l, struct ledger_witness *w)
{
    char detail[NOTE_NAME_MAX + 16];
    struct leaf leaf = {.event = AUDIT_WITNESS_BACK};
    if (!w->late)
        return RESULT_OK;
    w->late = false;
    log_line(l->config.log, LOG_NOTE, "witness-back", "witness=%s", w->key.name);
    leaf.detail =
        bytes_of(detail, (size_t)snprintf(detail, sizeof detail, "witness=%s", w->key.name));
    return ledger_leaf(l, &leaf, NULL);
}

static enum result take_from(struct ledger *l, struct ledger_witness *w, struct bytes note,
                             enum log_answer *answer)
{
    enum result r = adopt(l, w, note);
    if (r != RESULT_OK && r != RESULT_STALE)
        return RESULT_OK;               /* another's line, or a wrong one */
    if (r == RESULT_OK || w->unsaved) { /* else it is known already, or older: nothing to keep */
        w->unsaved = true;
        TRY(persist(l, w));
        w->unsaved = false;
    }
    *answer = LOG_HERE;
    return come_back(l, w);
}

enum result witnesses_take(struct ledger *l, struct bytes note, enum log_answer *answer)
{
    struct transparency *t = l->transparency;
    struct checkpoint c;
    const char *fault = "";
    *answer = LOG_WRONG;
    if (checkpoint_open(note, &l->log_key, &c, &fault) != RESULT_OK || !is_ours(l, &c))
        return RESULT_OK;
    *answer = LOG_DENIED;
    for (size_t i = 0; i < t->witnesses; i++) {
        enum result r = take_from(l, &t->witness[i], note, answer);
        if (r == RESULT_FULL)
            *answer = LOG_LATER;
        else
            TRY(r);
    }
    return *answer == LOG_HERE ? transparency_republish(l) : RESULT_OK;
}

/* ---- silence */

static enum result tell_late(struct ledger *l, struct ledger_witness *w, int64_t age_us)
{
    char detail[NOTE_NAME_MAX + 64], age[TIME_TEXT];
    w->late = true;
    duration_text(age_us, age);
    log_line(l->config.log, LOG_ALARM, "witness-late", "witness=%s size=%" PRIu64 " silent=\"%s\"",
             w->key.name, w->size, age);
    int n = snprintf(detail, sizeof detail, "witness=%s confirmed=%" PRIu64, w->key.name, w->size);
    struct leaf leaf = {.event = AUDIT_WITNESS_LATE, .detail = bytes_of(detail, (size_t)n)};
    return ledger_leaf(l, &leaf, NULL);
}

enum result witnesses_turn(struct ledger *l, int64_t now_us)
{
    struct transparency *t = l->transparency;
    for (size_t i = 0; i < t->witnesses; i++) {
        struct ledger_witness *w = &t->witness[i];
        if (!w->late && now_us - w->at_us > l->config.witness_late_us && ledger_has_room(l, 1024))
            TRY(tell_late(l, w, now_us - w->at_us));
    }
    return RESULT_OK;
}
