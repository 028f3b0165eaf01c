/* The messages in a list of files. */
#include "cli/agent/message.h"
#include "cli/agent/stream.h"

#include "base/mem.h"

enum { READ_AT_ONCE = 64 << 10 };

struct agent_reader {
    struct agent *agent;
    bool whole;
    char **file; /* those that are still to be read, NULL behind them */
    void (*ready)(void *arg);
    void *arg;
    struct agent_input *input; /* NULL: none is open */
    struct agent_cutter *cutter;
    struct buf document; /* of a whole file, so far */
};

struct agent_reader *agent_reader_new(struct agent *a, char **file, bool whole,
                                      void (*ready)(void *arg), void *arg)
{
    struct agent_reader *r = mem_new(sizeof *r);
    *r = (struct agent_reader){.agent = a,
                               .whole = whole,
                               .file = file,
                               .ready = ready,
                               .arg = arg,
                               .document = BUF_INIT(AGENT_JSON_MAX)};
    return r;
}

static void close_input(struct agent_reader *r)
{
    agent_input_close(r->input);
    agent_cutter_free(r->cutter);
    r->input = NULL;
    r->cutter = NULL;
}

void agent_reader_free(struct agent_reader *r)
{
    if (r == NULL)
        return;
    close_input(r);
    buf_free(&r->document);
    mem_free(r);
}

/* What cannot be read any further ends its file, not the others. */
static void give_up_input(struct agent_reader *r)
{
    agent_worse(r->agent, CLI_FAILED);
    close_input(r);
}

/* RESULT_END when no file is left. */
static enum result open_input(struct agent_reader *r)
{
    while (r->input == NULL) {
        if (*r->file == NULL)
            return RESULT_END;
        r->input = agent_input_open(r->agent, *r->file++, r->ready, r->arg);
        if (r->input == NULL)
            agent_worse(r->agent, CLI_FAILED);
    }
    if (r->cutter == NULL) {
        r->cutter = agent_cutter_new();
        buf_clear(&r->document);
    }
    return RESULT_OK;
}

static void end_of_input(struct agent_reader *r)
{
    size_t line;
    if (agent_cutter_is_inside(r->cutter, &line)) {
        cli_error("%s:%zu: the file ends inside of this message", agent_input_name(r->input), line);
        agent_worse(r->agent, CLI_FAILED);
    }
    close_input(r);
}

/* A whole file. */
static enum result next_document(struct agent_reader *r, struct bytes *document)
{
    for (;;) {
        enum result result = agent_input_read(r->input, READ_AT_ONCE, &r->document);
        if (buf_status(&r->document) != RESULT_OK)
            return RESULT_TOO_LARGE;
        if (result == RESULT_IO)
            return RESULT_IO;
        if (result == RESULT_AGAIN)
            return RESULT_AGAIN;
        if (result != RESULT_END)
            continue;
        *document = buf_view(&r->document);
        close_input(r);
        return RESULT_OK;
    }
}

static enum result read_more(struct agent_reader *r)
{
    struct buf text = BUF_INIT(READ_AT_ONCE);
    enum result result = agent_input_read(r->input, READ_AT_ONCE, &text);
    if (result == RESULT_OK)
        agent_cutter_add(r->cutter, buf_view(&text));
    else if (result == RESULT_END)
        end_of_input(r);
    else if (result == RESULT_IO)
        give_up_input(r);
    buf_free(&text);
    return result == RESULT_AGAIN ? RESULT_AGAIN : RESULT_OK;
}

static enum result next(struct agent_reader *r, struct bytes *text, size_t *line)
{
    *line = 1;
    return r->whole ? next_document(r, text) : agent_cutter_next(r->cutter, text, line);
}

enum result agent_reader_next(struct agent_reader *r, struct bytes *text, const char **file,
                              size_t *line)
{
    for (;;) {
        TRY(open_input(r));
        *file = agent_input_name(r->input);
        enum result result = next(r, text, line);
        if (result == RESULT_OK || (r->whole && result == RESULT_AGAIN))
            return result;
        if (result == RESULT_AGAIN) {
            TRY(read_more(r));
            continue;
        }
        if (result != RESULT_IO) /* which is told already */
            cli_error("%s:%zu: %s", *file, *line,
                      result == RESULT_TOO_LARGE
                          ? "larger than a message can be"
                          : "expected a message: a JSON object, beginning with '{'");
        give_up_input(r);
    }
}
