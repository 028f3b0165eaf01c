#include "report/certificate.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>

static const char kind[] = "fedgate destruction 1";

/* ---- making */

static void put_leaf(const struct chain_link *l, struct buf *out)
{
    buf_u8(out, '{');
    json_put_member_text(out, "entry", l->entry);
    json_put_member_integer(out, "index", (int64_t)l->index);
    json_put_key(out, "proof");
    buf_u8(out, '[');
    for (size_t i = 0; i < l->proof.count; i++) {
        buf_text(out, i == 0 ? "\"" : ",\"");
        base64_put(out, bytes_of(l->proof.hash[i].b, TREE_HASH));
        buf_u8(out, '"');
    }
    buf_text(out, "]}");
}

void certificate_json(const struct certificate *x, struct buf *out)
{
    char made[TIME_TEXT];
    time_text_s(x->made_us, zone_named("Asia/Seoul"), made);
    buf_u8(out, '{');
    json_put_member_text(out, "certificate", bytes_of_text(kind));
    json_put_member_text(out, "checkpoint", x->note);
    json_put_key(out, "leaves");
    buf_u8(out, '[');
    for (const struct chain_link *l = x->chain->link; l != NULL; l = l->next) {
        buf_text(out, l == x->chain->link ? "\n" : ",\n");
        put_leaf(l, out);
    }
    buf_text(out, "\n]");
    json_put_member_text(out, "made", bytes_of_text(made));
    json_put_key(out, "says");
    chain_json(x->chain, out);
    buf_text(out, "}\n");
}

/* ---- checking */

struct check {
    const struct note_key *key;
    struct hasher *hasher;
    struct json *root;
    struct buf *note;
    struct chain *chain;
    struct checkpoint c;
    char *fault;
    size_t n;
};

static enum result no_certificate(const struct check *x, const char *why)
{
    (void)snprintf(x->fault, x->n, "it is no certificate of destruction: %s", why);
    return RESULT_MALFORMED;
}

static enum result read_head(struct check *x)
{
    const struct json *says = json_member(x->root, "says");
    struct bytes note = json_member_text(x->root, "checkpoint");
    const char *why = "";
    if (!bytes_is(json_member_text(x->root, "certificate"), kind))
        return no_certificate(x, "it says no known kind of one");
    if (json_type_of(says) != JSON_MAP ||
        json_type_of(json_member(says, "record")) != JSON_WHOLE_NUMBER ||
        json_member_integer(says, "record") < 0)
        return no_certificate(x, "it says no record");
    buf_put(x->note, note.p, note.n);
    enum result r = checkpoint_open(buf_view(x->note), x->key, &x->c, &why);
    if (r != RESULT_OK)
        (void)snprintf(x->fault, x->n, "checkpoint: %s", why);
    x->chain = chain_new((uint64_t)json_member_integer(says, "record"));
    return r;
}

static enum result read_proof(const struct json *list, struct tlog_proof *out)
{
    out->path.count = json_count(list);
    if (json_type_of(list) != JSON_LIST || out->path.count > TREE_LEVELS)
        return RESULT_MALFORMED;
    for (size_t i = 0; i < out->path.count; i++)
        TRY(checkpoint_hash(json_text_of(json_item(list, i)), &out->path.hash[i]));
    return RESULT_OK;
}

/* The chain's own copy of the leaf gets the proof, too. */
static enum result take_leaf(struct check *x, const struct leaf *leaf, const struct proof *proof)
{
    struct chain_link **place = x->chain->last_link;
    if (!chain_take(x->chain, leaf)) {
        (void)snprintf(x->fault, x->n, "entry %" PRIu64 " does not belong to the record",
                       leaf->index);
        return RESULT_MISMATCH;
    }
    if (*place != NULL)
        (*place)->proof = *proof;
    return RESULT_OK;
}

static enum result check_leaf(struct check *x, const struct json *item, uint64_t *next)
{
    struct bytes entry = json_member_text(item, "entry");
    struct tlog_proof proof = {.index = (uint64_t)json_member_integer(item, "index")};
    struct leaf leaf = {0};
    struct leaf_room *room = NULL;
    const struct tree_hash hash = tree_leaf_hash(x->hasher, entry);
    if (read_proof(json_member(item, "proof"), &proof) != RESULT_OK)
        return no_certificate(x, "a proof is none");
    enum result r = tree_check_inclusion(x->hasher, &hash, proof.index, x->c.size, proof.path.hash,
                                         proof.path.count, &x->c.root);
    if (r != RESULT_OK)
        (void)snprintf(x->fault, x->n,
                       "entry %" PRIu64 " does not stand there under the checkpoint", proof.index);
    else if (leaf_read(entry, &leaf, &room) != RESULT_OK || leaf.index != proof.index ||
             leaf.index < *next)
        r = no_certificate(x, "its entries are no leaves, or not in order");
    else
        r = take_leaf(x, &leaf, &proof.path);
    *next = proof.index + 1;
    leaf_room_free(room);
    return r;
}

/* What it says must be what its leaves come to. */
static enum result check_says(const struct check *x)
{
    struct buf said = BUF_INIT(CERTIFICATE_MAX), made = BUF_INIT(CERTIFICATE_MAX);
    json_put(&said, json_member(x->root, "says"));
    chain_json(x->chain, &made);
    bool same = bytes_equal(buf_view(&said), buf_view(&made));
    buf_free(&said);
    buf_free(&made);
    if (!same)
        (void)snprintf(x->fault, x->n, "what it says is not what its entries come to");
    return same ? RESULT_OK : RESULT_MISMATCH;
}

static enum result check_all(struct check *x)
{
    const struct json *leaves = json_member(x->root, "leaves");
    uint64_t next = 0;
    TRY(read_head(x));
    if (json_type_of(leaves) != JSON_LIST || json_count(leaves) > CHAIN_LINKS_MAX)
        return no_certificate(x, "it has no leaves, or too many");
    for (size_t i = 0; i < json_count(leaves); i++)
        TRY(check_leaf(x, json_item(leaves, i), &next));
    return check_says(x);
}

enum result certificate_check(struct bytes file, const struct note_key *key, struct chain **chain,
                              struct buf *note, struct checkpoint *c, char *fault, size_t n)
{
    struct check x = {.key = key, .note = note, .fault = fault, .n = n};
    char why[120];
    fault[0] = '\0';
    enum result r = json_read(file, &x.root, why, sizeof why);
    if (r != RESULT_OK) {
        *chain = NULL;
        return no_certificate(&x, why);
    }
    x.hasher = hasher_new();
    r = check_all(&x);
    hasher_free(x.hasher);
    json_free(x.root);
    *chain = x.chain;
    *c = x.c;
    return r;
}
