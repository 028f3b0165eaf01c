#include "audit/tlog_proof.h"

#include "base/cursor.h"
#include "crypto/base64.h"

#include <inttypes.h>

static const char HEAD[] = "c2sp.org/tlog-proof@v1", EXTRA[] = "extra ", INDEX[] = "index ";

void tlog_proof_put(const struct tlog_proof *p, struct bytes extra, struct buf *out)
{
    buf_printf(out, "%s\n", HEAD);
    if (extra.n > 0) {
        buf_text(out, EXTRA);
        base64_put(out, extra);
        buf_u8(out, '\n');
    }
    buf_printf(out, "%s%" PRIu64 "\n", INDEX, p->index);
    for (size_t i = 0; i < p->path.count; i++) {
        base64_put(out, bytes_of(p->path.hash[i].b, TREE_HASH));
        buf_u8(out, '\n');
    }
    buf_u8(out, '\n');
    buf_put(out, p->note.p, p->note.n);
}

/* The rest of a line that begins so. */
static bool take_word(const char *word, struct bytes *line)
{
    size_t n = strlen(word);
    if (!bytes_begins(*line, word))
        return false;
    *line = bytes_of(line->p + n, line->n - n);
    return true;
}

static enum result read_path(struct cursor *c, struct proof *out)
{
    struct bytes line;
    out->count = 0;
    for (;;) {
        if (cursor_until(c, '\n', &line) != RESULT_OK)
            return RESULT_MALFORMED;
        if (line.n == 0)
            return RESULT_OK;
        if (out->count == TREE_LEVELS) /* no tree is higher */
            return RESULT_MALFORMED;
        TRY(checkpoint_hash(line, &out->hash[out->count++]));
    }
}

enum result tlog_proof_read(struct bytes text, struct tlog_proof *out, struct buf *extra)
{
    struct cursor c = cursor_over(text);
    struct bytes line, body;
    if (cursor_until(&c, '\n', &line) != RESULT_OK || !bytes_is(line, HEAD) ||
        cursor_until(&c, '\n', &line) != RESULT_OK)
        return RESULT_MALFORMED;
    if (take_word(EXTRA, &line) && (line.n == 0 || base64_take(line, extra) != RESULT_OK ||
                                    cursor_until(&c, '\n', &line) != RESULT_OK))
        return RESULT_MALFORMED;
    if (!take_word(INDEX, &line) || !checkpoint_number(line, &out->index))
        return RESULT_MALFORMED;
    TRY(read_path(&c, &out->path));
    out->note = bytes_of(c.at, c.left);
    return note_body(out->note, &body);
}

enum result tlog_proof_check(struct hasher *h, const struct tlog_proof *p,
                             const struct note_key *key, struct bytes entry, struct checkpoint *c,
                             const char **fault)
{
    TRY(checkpoint_open(p->note, key, c, fault));
    struct tree_hash leaf = tree_leaf_hash(h, entry);
    enum result r =
        tree_check_inclusion(h, &leaf, p->index, c->size, p->path.hash, p->path.count, &c->root);
    if (r != RESULT_OK)
        *fault = "the entry does not stand at that index under the checkpoint";
    return r;
}
