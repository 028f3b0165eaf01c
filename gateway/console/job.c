#include "console/job.h"

#include "audit/pruned.h"
#include "audit/tiles.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

struct job {
    struct job_config config;
    uint64_t *only;
    uint64_t next; /* the first entry that was not looked at; with `only`, its place there */
    uint64_t let_go, missing, left_out, let_go_before;
    enum job_state state;
    char why[JOB_WHY];
};

struct job *job_new(const struct job_config *c)
{
    struct job *j = mem_new(sizeof *j);
    j->config = *c;
    (void)!pruned_read(c->folder, &j->let_go_before);
    if (c->only == NULL)
        return j;
    j->only = mem_new_array(c->count + 1, sizeof *j->only);
    j->config.only = j->only;
    j->config.count = 0; /* of those that the checkpoint covers */
    while (j->config.count < c->count && c->only[j->config.count] < c->size) {
        j->only[j->config.count] = c->only[j->config.count];
        j->config.count++;
    }
    return j;
}

void job_free(struct job *j)
{
    if (j == NULL)
        return;
    mem_free(j->only);
    mem_free(j);
}

/* ---- one bundle */

static bool is_over(const struct job *j)
{
    return j->next >= (j->only != NULL ? j->config.count : j->config.size);
}

/* The next entry that is wanted. */
static uint64_t wanted(const struct job *j)
{
    return j->only != NULL ? j->only[j->next] : j->next;
}

static enum result look_at(void *arg, uint64_t index, struct bytes entry)
{
    struct job *j = arg;
    struct leaf leaf;
    struct leaf_room *room = NULL;
    enum result r = RESULT_OK;
    if (is_over(j) || wanted(j) != index)
        return RESULT_OK;
    j->next++;
    if (leaf_read(entry, &leaf, &room) == RESULT_OK && leaf.index == index)
        r = j->config.take(j->config.arg, &leaf);
    else
        j->left_out++;
    leaf_room_free(room);
    return r;
}

/* The bundle is not there: on behind it. It may have been let go while the log was read; under a
 * statement, or it is missing. */
static void pass_over(struct job *j, uint64_t end)
{
    if (end > j->let_go_before)
        (void)!pruned_read(j->config.folder, &j->let_go_before);
    for (; !is_over(j) && wanted(j) < end; j->next++)
        *(wanted(j) < j->let_go_before ? &j->let_go : &j->missing) += 1;
}

static void read_bundle(struct job *j)
{
    const uint64_t index = wanted(j), end = (index / TILE_WIDTH + 1) * TILE_WIDTH;
    enum result r = tiles_each_of(j->config.folder, j->config.size, index, look_at, j);
    if (r == RESULT_NOT_FOUND)
        pass_over(j, end < j->config.size ? end : j->config.size);
    else if (r == RESULT_TOO_LARGE)
        j->state = JOB_TOO_LARGE;
    else if (r != RESULT_OK) {
        j->state = JOB_FAILED;
        (void)snprintf(j->why, sizeof j->why, "%" PRIu64 ": %s", index, result_text(r));
    }
}

/* ---- */

enum job_state job_turn(struct job *j, int64_t within_us)
{
    const int64_t begin = clock_steady_us(&j->config.clock);
    while (j->state == JOB_RUNS && !is_over(j)) {
        read_bundle(j);
        if (clock_steady_us(&j->config.clock) - begin >= within_us)
            break;
    }
    if (j->state == JOB_RUNS && is_over(j))
        j->state = JOB_DONE;
    return j->state;
}

void job_progress(const struct job *j, struct job_progress *out)
{
    *out = (struct job_progress){.done = j->next,
                                 .of = j->only != NULL ? j->config.count : j->config.size,
                                 .let_go = j->let_go,
                                 .missing = j->missing,
                                 .let_go_before = j->let_go_before,
                                 .left_out = j->left_out,
                                 .why = j->why};
}
