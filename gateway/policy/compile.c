#include "policy/compile.h"

#include "base/mem.h"
#include "policy/builder.h"

enum { SNAPSHOT_MAX = 1 << 30 };

static void read_everything(struct compilation *c)
{
    if (!seal_begin(c))
        return;
    compile_set(c);
    if (!seal_is_listed(c))
        return;
    compile_vocabulary(c);
    compile_law(c);
    compile_parties(c);
    compile_cameras(c);
    compile_exercises(c);
    compile_memoranda(c);
    seal_finish(c);
}

/* The gateway itself is not counted. */
static struct policy_counts count(const struct compilation *c)
{
    return (struct policy_counts){.parties = builder_count(c, SECTION_PARTIES) - 1,
                                  .units = builder_count(c, SECTION_UNITS) - 1,
                                  .cameras = builder_count(c, SECTION_CAMERAS),
                                  .memoranda = builder_count(c, SECTION_MOUS),
                                  .grants = builder_count(c, SECTION_GRANTS),
                                  .prohibitions = builder_count(c, SECTION_PROHIBITIONS),
                                  .bases = builder_count(c, SECTION_BASES),
                                  .without_root = c->without_root};
}

enum result policy_compile(const struct policy_sources *sources, struct diagnose *d,
                           struct buf *block, struct policy_counts *counts)
{
    struct compilation *c = mem_new(sizeof *c);
    *c = (struct compilation){.reader = {d, zone_named("Asia/Seoul"), sources->watch},
                              .sources = sources};
    builder_init(c);
    block->max = SNAPSHOT_MAX;
    read_everything(c);
    if (diagnose_errors(d) == 0) {
        build_index(c);
        index_clauses(c);
        link_grids(c);
        link_conditions(c);
    }
    enum result r = diagnose_errors(d) == 0 ? builder_finish(c, block) : RESULT_MALFORMED;
    if (r == RESULT_OK)
        check_clauses(c, buf_view(block));
    if (r == RESULT_OK && diagnose_errors(d) > 0) {
        buf_clear(block);
        r = RESULT_MALFORMED;
    }
    *counts = count(c);
    builder_free(c);
    mem_free(c);
    return r;
}
