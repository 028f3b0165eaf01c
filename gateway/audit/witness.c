#include "audit/witness.h"

#include "audit/tile_file.h"

#include <inttypes.h>
#include <stdio.h>

enum { FILE_MOST = 64 << 10 };

void witness_file(const struct note_key *witness, char out[WITNESS_FILE])
{
    char id[2 * sizeof witness->id + 1];
    bytes_to_hex(bytes_of(witness->id, sizeof witness->id), id);
    (void)snprintf(out, WITNESS_FILE, "witness-%s", id);
}

enum result witness_last(int folder, const struct note_key *witness, struct witness_confirmed *out)
{
    char name[WITNESS_FILE];
    struct buf note = BUF_INIT(FILE_MOST);
    struct checkpoint c = {0};
    struct bytes body, line = {NULL, 0};
    witness_file(witness, name);
    enum result r = tile_read_file(folder, name, &note);
    if (r == RESULT_OK)
        r = note_find(buf_view(&note), witness, &body, &line);
    if (r == RESULT_OK)
        r = checkpoint_read(body, &c);
    if (r == RESULT_OK)
        *out = (struct witness_confirmed){.time_s = cosignature_time(line), .size = c.size};
    buf_free(&note);
    return r;
}

static enum result fault(struct witness_report *report, enum result r, const char *what,
                         const char *text)
{
    (void)snprintf(report->fault, sizeof report->fault, "%s: %s", what, text);
    return r;
}

static enum result open_note(const struct note_key *log, struct bytes note, const char *what,
                             struct checkpoint *c, struct witness_report *report)
{
    const char *why = "";
    enum result r = checkpoint_open(note, log, c, &why);
    return r == RESULT_OK ? r : fault(report, r, what, why);
}

static bool equal(const struct tree_hash *a, const struct tree_hash *b)
{
    return memcmp(a->b, b->b, TREE_HASH) == 0;
}

/* Why a proof out of the tiles does not hold: the log's own words contradict each other, or the
 * tiles are not those of the checkpoint. */
static enum result tell_fork(struct hasher *h, const struct witness_request *q,
                             struct witness_report *report)
{
    struct tree_hash root;
    char text[160];
    if (proof_root(&q->tiles, h, report->now.size, &root) != RESULT_OK ||
        !equal(&root, &report->now.root))
        return fault(report, RESULT_MALFORMED, "tiles", "they are not those of the checkpoint");
    (void)snprintf(text, sizeof text,
                   "its tree does not hold the one of %" PRIu64
                   " entries that was signed before: the log was rewritten or forked",
                   report->seen.size);
    return fault(report, RESULT_MISMATCH, "checkpoint", text);
}

static enum result check_growth(struct hasher *h, const struct witness_request *q,
                                struct witness_report *report)
{
    const struct checkpoint *seen = &report->seen, *now = &report->now;
    struct proof proof;
    if (seen->size == now->size)
        return equal(&seen->root, &now->root)
                   ? RESULT_OK
                   : fault(report, RESULT_MISMATCH, "checkpoint",
                           "another root at the same size: the log was forked");
    enum result r = proof_consistency(&q->tiles, h, seen->size, now->size, &proof);
    if (r != RESULT_OK)
        return fault(report, r, "tiles", result_text(r));
    r = tree_check_consistency(h, seen->size, now->size, proof.hash, proof.count, &seen->root,
                               &now->root);
    return r == RESULT_OK ? r : tell_fork(h, q, report);
}

enum result witness_check(struct hasher *h, const struct witness_request *q,
                          struct witness_report *report)
{
    struct tree_hash empty;
    *report = (struct witness_report){0};
    TRY(open_note(q->log, q->note, "checkpoint", &report->now, report));
    hasher_sha256(h, NULL, 0, empty.b);
    if (report->now.size == 0 && !equal(&report->now.root, &empty))
        return fault(report, RESULT_MISMATCH, "checkpoint", "no entries, but a root of some");
    if (q->seen.n == 0)
        return RESULT_OK;
    TRY(open_note(q->log, q->seen, "the checkpoint signed last", &report->seen, report));
    if (report->seen.size > report->now.size)
        return fault(report, RESULT_MISMATCH, "checkpoint",
                     "the log is smaller than it was: it was rewritten");
    return report->seen.size == 0 ? RESULT_OK : check_growth(h, q, report);
}

void witness_sign(const struct note_key *witness, const uint8_t seed[SIGN_SEED], struct bytes note,
                  uint64_t time_s, struct buf *line)
{
    struct bytes body = {0};
    uint8_t signature[SIGN_SIGNATURE];
    struct buf text = BUF_INIT(note.n + 64);
    if (note_body(note, &body) == RESULT_OK) {
        cosignature_text(body, time_s, &text);
        sign_make(seed, buf_view(&text), signature);
        note_put_cosignature(witness, time_s, signature, line);
    }
    buf_free(&text);
}
