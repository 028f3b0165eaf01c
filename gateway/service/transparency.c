/*
 * The audit log, for whoever asks. The edge has no disk: the ledger reads, judges and records. A
 * session's questions go there one after the other, so that whoever asks for a thousand proofs
 * holds up nobody's alert.
 */
#include "base/mem.h"
#include "net/grpc.h"
#include "service/state.h"

struct log_reader {
    struct ticket ticket; /* out for the first of the session's */
    struct session *session;
    struct log_ask ask;
    struct buf text; /* of the question */
    const struct log_reader_events *events;
    void *arg;
    TAILQ_ENTRY(log_reader) next;
};

static void send_first(struct session *s)
{
    struct log_reader *r = TAILQ_FIRST(&s->readers);
    struct edge *e = s->edge;
    if (r == NULL || r->ticket.number != 0 || !edge_is_ready(e))
        return;
    r->ask.ticket = edge_ticket(e, &r->ticket);
    buf_clear(&e->out);
    log_ask_put(&r->ask, &e->out);
    edge_tell(e, IPC_LOG_ASK, buf_view(&e->out));
}

/* Takes it out of its session's line, and lets the next one go. */
static void end(struct log_reader *r)
{
    struct session *s = r->session;
    edge_forget_ticket(s->edge, &r->ticket);
    TAILQ_REMOVE(&s->readers, r, next);
    buf_free(&r->text);
    mem_free(r);
    send_first(s);
}

static void refuse(struct log_reader *r, int status, const char *why)
{
    const struct log_reader_events *events = r->events;
    void *arg = r->arg;
    end(r);
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
    end(r);
    events->answer(arg, s->text, s->entry);
}

static void lost(struct ticket *t)
{
    refuse(CONTAINER_OF(t, struct log_reader, ticket), GRPC_UNAVAILABLE, "the ledger is not there");
}

struct log_reader *log_reader_open(struct session *s, const struct log_reader_events *events,
                                   void *arg, const struct log_ask *question)
{
    struct log_reader *r = mem_new(sizeof *r);
    *r = (struct log_reader){.ticket = {.shown = shown, .lost = lost},
                             .session = s,
                             .ask = *question,
                             .text = BUF_INIT(LOG_NOTE_MAX),
                             .events = events,
                             .arg = arg};
    TAILQ_INSERT_TAIL(&s->readers, r, next);
    buf_put(&r->text, question->text.p, question->text.n);
    r->ask.text = buf_view(&r->text);
    r->ask.unit = bytes_of_text(s->name);
    if (edge_is_ready(s->edge) && buf_status(&r->text) == RESULT_OK) {
        send_first(s);
        return r;
    }
    if (buf_status(&r->text) != RESULT_OK)
        refuse(r, GRPC_INVALID_ARGUMENT, "it is larger than a checkpoint can be");
    else
        refuse(r, GRPC_UNAVAILABLE, "the ledger is not there");
    return NULL;
}

void log_reader_close(struct log_reader *r)
{
    end(r);
}

void session_end_readers(struct session *s, const char *why)
{
    struct log_reader *r;
    while ((r = TAILQ_LAST(&s->readers, log_readers)) != NULL) /* so that no other is sent first */
        refuse(r, GRPC_UNAVAILABLE, why);
}

const char *session_origin(const struct session *s)
{
    return edge_origin(s->edge);
}
