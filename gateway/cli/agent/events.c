/* What happens to a stream, for programs and for people. */
#include "cli/agent/stream.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_EVERY (US_PER_S / 2)

struct agent_events {
    struct agent *agent;
    FILE *file; /* NULL: none */
    bool standard;
    const char *stream;
    bool progress, shown; /* whether it is wanted; whether a line of it stands there */
    int64_t begun_us, last_us;
    uint64_t last_bytes;
};

static int64_t now(void)
{
    const struct clock clock = clock_system();
    return clock_steady_us(&clock);
}

struct agent_events *agent_events_open(struct agent *a, const char *path, bool standard,
                                       const char *stream)
{
    FILE *file = path == NULL ? NULL : fopen(path, "ae");
    if (path != NULL && file == NULL) {
        cli_error("%s: %s", path, strerror(errno));
        return NULL;
    }
    struct agent_events *e = mem_new(sizeof *e);
    *e = (struct agent_events){.agent = a,
                               .file = file,
                               .standard = standard && path == NULL,
                               .stream = stream,
                               .progress = isatty(STDERR_FILENO) == 1 && !a->options.quiet,
                               .begun_us = now()};
    return e;
}

/* What is printed next begins on a line of its own. */
static void clear_progress(struct agent_events *e)
{
    if (e->shown)
        (void)fputs("\r\033[K", stderr);
    e->shown = false;
}

void agent_events_close(struct agent_events *e)
{
    if (e == NULL)
        return;
    clear_progress(e);
    if (e->file != NULL)
        (void)fclose(e->file);
    mem_free(e);
}

static void put_line(struct agent_events *e, struct buf *line)
{
    if (e->standard)
        (void)agent_print(e->agent, buf_view(line));
    if (e->file == NULL)
        return;
    buf_u8(line, '\n');
    if (fwrite(line->p, 1, line->n, e->file) == line->n && fflush(e->file) == 0)
        return;
    cli_error("the file of events: %s", strerror(errno));
    agent_worse(e->agent, CLI_FAILED);
}

void agent_event(struct agent_events *e, const char *event, const char *members)
{
    const struct clock clock = clock_system();
    struct buf line = BUF_INIT(1 << 20);
    char at[TIME_TEXT];
    clear_progress(e);
    time_text(clock_wall_us(&clock), zone_named("Asia/Seoul"), at);
    buf_u8(&line, '{');
    json_put_member_text(&line, "at", bytes_of_text(at));
    json_put_member_text(&line, "event", bytes_of_text(event));
    json_put_member_text(&line, "streamId", bytes_of_text(e->stream));
    buf_printf(&line, "%s%s}", members[0] == '\0' ? "" : ",", members);
    put_line(e, &line);
    buf_free(&line);
}

void agent_event_message(struct agent_events *e, const char *event, const char *member,
                         const char *type, struct fedgate_bytes encoded)
{
    struct buf members = BUF_INIT(1 << 20);
    struct fedgate_buffer json;
    if (fedgate_json_write(type, encoded.p, encoded.n, 0, &json) == FEDGATE_OK) {
        buf_printf(&members, "\"%s\":", member);
        buf_put(&members, json.p, json.n);
        fedgate_buffer_free(&json);
    }
    agent_event(e, event, buf_c(&members));
    buf_free(&members);
}

void agent_progress(struct agent_events *e, uint64_t bytes, const char *more)
{
    if (!e->progress)
        return;
    int64_t at = now(), since = at - e->last_us;
    if (since < PROGRESS_EVERY)
        return;
    double mbit = (double)(bytes - e->last_bytes) * 8 / (double)since;
    (void)fprintf(stderr, "\r\033[K%02" PRId64 ":%02" PRId64 "  %.1f MiB  %.1f Mbit/s  %s",
                  (at - e->begun_us) / US_PER_MINUTE, (at - e->begun_us) % US_PER_MINUTE / US_PER_S,
                  (double)bytes / (1 << 20), e->last_us == 0 ? 0 : mbit, more);
    (void)fflush(stderr);
    e->last_us = at;
    e->last_bytes = bytes;
    e->shown = true;
}
