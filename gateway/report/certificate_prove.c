/* The proofs of a chain's entries, out of the log's folder. */
#include "report/certificate.h"

static enum result prove(struct proof_source *source, struct hasher *h, const struct checkpoint *c,
                         struct chain_link *l)
{
    const struct tree_hash leaf = tree_leaf_hash(h, l->entry);
    TRY(proof_inclusion(source, h, l->index, c->size, &l->proof));
    return tree_check_inclusion(h, &leaf, l->index, c->size, l->proof.hash, l->proof.count,
                                &c->root);
}

enum result certificate_prove(int folder, const struct checkpoint *c, const struct chain *chain,
                              uint64_t *at)
{
    struct proof_source source = proof_source_folder(&folder);
    struct hasher *h = hasher_new();
    enum result r = RESULT_OK;
    for (struct chain_link *l = chain->link; r == RESULT_OK && l != NULL; l = l->next) {
        *at = l->index;
        r = prove(&source, h, c, l);
    }
    hasher_free(h);
    return r;
}
