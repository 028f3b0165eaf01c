/* The audit log, for whoever asks. The edge has no disk: the ledger reads, judges and records. */
#include "base/mem.h"
#include "net/grpc.h"
#include "service/state.h"

struct log_reader {
    struct ticket ticket;
    struct edge *edge;
    const struct log_reader_events *events;
    void *arg;
};

static void refuse(struct log_reader *r, int status, const char *why)
{
    const struct log_reader_events *events = r->events;
    void *arg = r->arg;
    mem_free(r);
    events->refused(arg, status, why);
}

static void shown(struct ticket *t, const struct log_said *s)
{
    static const struct {
        int status;
        const char *why;
    } refusals[] = {[LOG_NONE] = {GRPC_NOT_FOUND, "there is no such thing, or not for this unit"},
                    [LOG_DENIED] = {GRPC_PERMISSION_DENIED,
                                    "entries are for auditors; cosignatures for known witnesses"},
                    [LOG_WRONG] = {GRPC_INVALID_ARGUMENT,
                                   "it is no path of a tile, or no checkpoint of this log"},
                    [LOG_LATER] = {GRPC_UNAVAILABLE, "not now: try again"}};
    struct log_reader *r = CONTAINER_OF(t, struct log_reader, ticket);
    if (s->answer != LOG_HERE) {
        refuse(r, refusals[s->answer].status, refusals[s->answer].why);
        return;
    }
    const struct log_reader_events *events = r->events;
    void *arg = r->arg;
    mem_free(r);
    events->answer(arg, s->text, s->entry);
}

static void lost(struct ticket *t)
{
    refuse(CONTAINER_OF(t, struct log_reader, ticket), GRPC_UNAVAILABLE, "the ledger is not there");
}

struct log_reader *log_reader_open(struct session *s, const struct log_reader_events *events,
                                   void *arg, const struct log_ask *question)
{
    struct edge *e = s->edge;
    struct log_reader *r = mem_new(sizeof *r);
    struct log_ask ask = *question;
    *r = (struct log_reader){
        .ticket = {.shown = shown, .lost = lost}, .edge = e, .events = events, .arg = arg};
    if (!edge_is_ready(e)) {
        refuse(r, GRPC_UNAVAILABLE, "the ledger is not there");
        return NULL;
    }
    if (ask.text.n > LOG_NOTE_MAX) {
        refuse(r, GRPC_INVALID_ARGUMENT, "it is larger than a checkpoint can be");
        return NULL;
    }
    ask.unit = bytes_of_text(s->name);
    ask.ticket = edge_ticket(e, &r->ticket);
    buf_clear(&e->out);
    log_ask_put(&ask, &e->out);
    edge_tell(e, IPC_LOG_ASK, buf_view(&e->out));
    return r;
}

void log_reader_close(struct log_reader *r)
{
    edge_forget_ticket(r->edge, &r->ticket);
    mem_free(r);
}

const char *session_origin(const struct session *s)
{
    return edge_origin(s->edge);
}
