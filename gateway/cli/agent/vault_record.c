/*
 * Streams into the vault: each is watched, and sealed while it comes. It is in the index from its
 * beginning, so that its destruction is owed even if this machine stops in the middle.
 */
#include "base/mem.h"
#include "cli/agent/vault_run.h"
#include "crypto/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What comes before the gateway's half of the key is there. */
enum { BEFORE_MAX = 8 << 20 };

struct recording {
    struct vault_run *run;
    struct fedgate_watcher *watcher;
    struct vault_writer *writer; /* NULL: its half is not there yet */
    struct vault_entry entry;
    char stream[64];
    struct buf before;
    struct hasher *came; /* over all that came; the gateway may say at the end what it was */
    uint64_t bytes;
    bool asked; /* for its half; the answer comes once */
    bool over;  /* the stream has ended: stored when the answer comes, or dropped */
    bool full;  /* there is no room for more: cut off in the next tick */
    TAILQ_ENTRY(recording) next;
};

static void drop(struct recording *x)
{
    TAILQ_REMOVE(&x->run->recordings, x, next);
    fedgate_watcher_free(x->watcher);
    buf_free(&x->before);
    hasher_free(x->came);
    mem_free(x);
}

/* ---------------------------------------------------------------- its end */

/* With its last piece when the stream came to its end. */
static void close_writer(struct recording *x, bool whole)
{
    struct vault_run *run = x->run;
    if (x->writer == NULL)
        return;
    enum result r = RESULT_OK;
    if (whole)
        r = vault_finish(x->writer);
    else
        vault_abandon(x->writer);
    x->writer = NULL;
    if (r == RESULT_OK)
        vault_tell(run, whole ? "stored" : "cut-off", x->entry.record, "stream", x->stream);
    else if (r != RESULT_DENIED && !vault_run_is_full(run, r)) /* denied: destroyed, on record */
        vault_run_failed(run, r);
}

/* Where its grant asks for stream_digest the gateway says what it sent, as it is on record. */
static void compare(struct recording *x, const struct fedgate_video_end *end)
{
    uint8_t digest[SHA256_BYTES];
    if (end->sha256.n == 0)
        return;
    hasher_end(x->came, digest);
    bool agrees = x->bytes == end->bytes && bytes_equal(bytes_of(digest, sizeof digest),
                                                        bytes_of(end->sha256.p, end->sha256.n));
    vault_tell(x->run, agrees ? "digest-agrees" : "digest-differs", x->entry.record, "stream",
               x->stream);
    if (!agrees)
        agent_error("stream %s: what came is not what the gateway has on record", x->stream);
}

static void got_stop(void *arg, const struct fedgate_video_end *end)
{
    struct recording *x = arg;
    compare(x, end);
    (void)agent_tell_video_end(&x->run->agent, end);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct recording *x = arg;
    if (end->status != 0)
        agent_say(&x->run->agent, "stream %s: %s", x->stream, end->text);
    x->over = true;
    close_writer(x, end->status == 0);
    if (!x->asked)
        drop(x);
}

/* ---------------------------------------------------------------- its content */

static enum fedgate_result write(struct recording *x, struct bytes data)
{
    enum result r = vault_write(x->writer, data);
    if (r == RESULT_OK)
        return FEDGATE_OK;
    x->full = vault_run_is_full(x->run, r);
    if (!x->full)
        vault_run_failed(x->run, r);
    return FEDGATE_WAIT;
}

static enum fedgate_result got_data(void *arg, const void *packets, size_t n)
{
    struct recording *x = arg;
    hasher_add(x->came, bytes_of(packets, n));
    x->bytes += n;
    if (x->writer != NULL)
        return write(x, bytes_of(packets, n));
    buf_put(&x->before, packets, n);
    return FEDGATE_WAIT;
}

static void begin(struct recording *x, const uint8_t *half)
{
    enum result r = vault_begin(x->run->place.vault, &x->entry, true, half, &x->writer);
    if (vault_run_is_full(x->run, r)) {
        agent_error("stream %s is not recorded: no room is left", x->stream);
        x->over = true;
        return;
    }
    if (r != RESULT_OK) {
        vault_run_failed(x->run, r);
        return;
    }
    vault_tell(x->run, "recording", x->entry.record, "stream", x->stream);
    if (buf_status(&x->before) != RESULT_OK || write(x, buf_view(&x->before)) != FEDGATE_OK)
        agent_error("stream %s: some of its beginning is lost", x->stream);
    buf_clear(&x->before);
    if (x->over)
        close_writer(x, true);
    else
        fedgate_watcher_resume(x->watcher);
}

static void got_half(void *arg, const struct fedgate_half *half, const struct fedgate_end *end)
{
    struct recording *x = arg;
    struct vault_run *run = x->run;
    x->asked = false;
    if (half != NULL && half->refused == 0 && (half->has_half || half->not_needed)) {
        begin(x, half->has_half ? half->half : NULL);
    } else {
        if (half == NULL && end->status != FEDGATE_UNAVAILABLE)
            agent_call_ended(&run->agent, end);
        agent_error("stream %s is not recorded: %s", x->stream,
                    half == NULL ? end->text : fedgate_reason_word(half->refused));
        x->over = true;
    }
    if (x->over)
        drop(x);
}

static const struct fedgate_half_events half_events = {got_half};

/* Without a time by which it is to be destroyed a recording is not the recipient's to keep. */
static void got_start(void *arg, const struct fedgate_video_start *start)
{
    struct recording *x = arg;
    struct vault_run *run = x->run;
    const struct fedgate_record record = start->record;
    vault_entry_of(&record, &start->must, "video", "", vault_now(run->place.vault), &x->entry);
    if (start->must.destroy_by_us == 0) {
        agent_error("stream %s: its clause says no time to destroy it by: it is not recorded",
                    x->stream);
        return;
    }
    x->asked = fedgate_half_to_store(run->agent.client, &record, &half_events, x) == FEDGATE_OK;
}

static const struct fedgate_watcher_events watcher_events = {got_start, got_data, NULL, got_stop,
                                                             got_end};

void vault_record_stream(struct vault_run *r, const char *stream, struct bytes request)
{
    struct recording *x = mem_new(sizeof *x);
    *x = (struct recording){.run = r, .before = BUF_INIT(BEFORE_MAX), .came = hasher_new()};
    hasher_begin(x->came);
    (void)snprintf(x->stream, sizeof x->stream, "%s", stream);
    TAILQ_INSERT_TAIL(&r->recordings, x, next);
    x->watcher = fedgate_watcher_new(r->agent.client, request.p, request.n, &watcher_events, x);
}

void vault_record_check(struct vault_run *r)
{
    struct recording *x, *following;
    for (x = TAILQ_FIRST(&r->recordings); x != NULL; x = following) {
        following = TAILQ_NEXT(x, next);
        const struct vault_entry *e =
            x->writer == NULL ? NULL : vault_get(r->place.vault, x->entry.record);
        if (x->writer == NULL || (e != NULL && e->state == VAULT_RECORDING && !x->full))
            continue;
        close_writer(x, false);
        drop(x);
    }
}

void vault_record_end_all(struct vault_run *r)
{
    struct recording *x;
    while ((x = TAILQ_FIRST(&r->recordings)) != NULL) {
        close_writer(x, false);
        drop(x);
    }
}
