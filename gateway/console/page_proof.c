/* What it takes to check a record without asking the gateway: the entry, the hashes from it up to
 * the root, the signed checkpoint. */
#include "audit/proof.h"
#include "base/mem.h"
#include "console/record.h"
#include "console/state.h"
#include "crypto/base64.h"
#include "json/json.h"

enum { PROOF_FILE_MAX = 1 << 20 };

static void put_hash(struct buf *out, const struct tree_hash *hash)
{
    struct buf text = BUF_INIT(64);
    base64_put(&text, bytes_of(hash->b, sizeof hash->b));
    json_put_text(out, buf_view(&text));
    buf_free(&text);
}

/* The file: { "checkpoint": note, "entry": text, "index": n, "proof": [base64, ...] }. */
static void put_file(const struct leaves_head *head, struct bytes entry, uint64_t index,
                     const struct proof *p, struct buf *out)
{
    buf_u8(out, '{');
    json_put_member_text(out, "checkpoint", head->note);
    json_put_member_text(out, "entry", entry);
    json_put_member_integer(out, "index", (int64_t)index);
    json_put_key(out, "proof");
    buf_u8(out, '[');
    for (size_t i = 0; i < p->count; i++) {
        buf_text(out, i == 0 ? "" : ",");
        put_hash(out, &p->hash[i]);
    }
    buf_text(out, "]}\n");
}

static enum result make_file(struct web_call *w, uint64_t index, struct buf *out)
{
    struct leaves *l = w->console->leaves;
    const struct leaves_head *head = leaves_look(l, console_now(w->console));
    const struct proof_source source = proof_source_folder(&w->console->config.audit_folder);
    struct proof p;
    struct bytes entry;
    struct hasher *h = hasher_new();
    enum result r = proof_inclusion(&source, h, index, head->checkpoint.size, &p);
    hasher_free(h);
    TRY(r);
    TRY(leaves_entry(l, index, &entry));
    if (!bytes_is_text(entry) || !bytes_is_text(head->note))
        return RESULT_MALFORMED;
    put_file(head, entry, index, &p, out);
    return buf_status(out);
}

static void send_file(struct web_call *w)
{
    struct buf *file = w->own;
    web_begin(w, "application/json", "proof.json");
    (void)web_put(w, buf_view(file));
    web_end(w);
}

static void file_drop(void *own)
{
    buf_free(own);
    mem_free(own);
}

void page_proof(struct web_call *w);
void page_proof(struct web_call *w)
{
    struct leaf leaf;
    struct leaf_room *room;
    if (!record_open(w, &leaf, &room))
        return;
    struct buf *file = mem_new(sizeof *file);
    const struct web_seen seen = {.form = "json", .has_record = true, .record = leaf.index};
    buf_init(file, PROOF_FILE_MAX);
    w->own = file;
    w->drop = file_drop;
    leaf_room_free(room);
    if (make_file(w, leaf.index, file) == RESULT_OK)
        web_record(w, &seen, send_file);
    else
        web_fail(w, 500, TEXT_DAMAGED, TEXT_DAMAGED_DO);
}
