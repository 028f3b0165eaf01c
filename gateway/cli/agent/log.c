#include "cli/agent/log.h"

#include "audit/tiles.h"

enum { TEXT_MAX = 4 << 20 };

void log_asking_begin(struct log_asking *q, struct agent *a)
{
    *q = (struct log_asking){
        .agent = a, .text = BUF_INIT(TEXT_MAX), .entry = BUF_INIT(TEXT_MAX), .status = -1};
}

void log_asking_end(struct log_asking *q)
{
    buf_free(&q->text);
    buf_free(&q->entry);
}

static void done(void *arg, const struct fedgate_log_answer *answer, const struct fedgate_end *end)
{
    struct log_asking *q = arg;
    q->waiting = false;
    q->status = end->status;
    if (answer != NULL) {
        buf_put(&q->text, answer->text.p, answer->text.n);
        buf_put(&q->entry, answer->entry.p, answer->entry.n);
    } else if (end->status != FEDGATE_NOT_FOUND) {
        agent_call_ended(q->agent, end);
    }
    agent_stop(q->agent);
}

static const struct fedgate_log_events events = {done};

static void begin(struct log_asking *q)
{
    buf_clear(&q->text);
    buf_clear(&q->entry);
    q->status = -1;
    q->waiting = true;
}

/* Turns until the answer is there, the connection is lost for good, or a signal came. */
static bool wait_for(struct log_asking *q, enum fedgate_result asked)
{
    if (asked != FEDGATE_OK) {
        q->waiting = false;
        return false;
    }
    while (q->waiting && !q->agent->gone && q->agent->signal == 0)
        agent_run(q->agent);
    return !q->waiting && q->status == 0;
}

bool log_ask_checkpoint(struct log_asking *q)
{
    begin(q);
    return wait_for(q, fedgate_checkpoint_get(q->agent->client, &events, q));
}

bool log_ask_proof(struct log_asking *q, const struct fedgate_record *record)
{
    begin(q);
    return wait_for(q, fedgate_proof_get(q->agent->client, record, &events, q));
}

bool log_ask_tile(struct log_asking *q, const char *path)
{
    begin(q);
    q->tiles++;
    return wait_for(q, fedgate_tile_get(q->agent->client, path, &events, q));
}

bool log_ask_cosignature(struct log_asking *q, uint64_t old_size, const char *note)
{
    begin(q);
    return wait_for(q, fedgate_cosignature_add(q->agent->client, old_size, note, &events, q));
}

/* A partial tile may have become full since its checkpoint. */
static enum result tile(void *arg, unsigned level, uint64_t number, unsigned width, struct buf *out)
{
    struct log_asking *q = arg;
    char path[TILE_PATH];
    tile_path((int)level, number, width, path);
    bool there = log_ask_tile(q, path);
    if (!there && q->status == FEDGATE_NOT_FOUND && width > 0) {
        tile_path((int)level, number, 0, path);
        there = log_ask_tile(q, path);
    }
    if (!there)
        return q->status == FEDGATE_NOT_FOUND ? RESULT_NOT_FOUND : RESULT_UNAVAILABLE;
    buf_put(out, q->text.p, q->text.n);
    return buf_status(out);
}

struct proof_source log_tiles(struct log_asking *q)
{
    return (struct proof_source){q, tile};
}
