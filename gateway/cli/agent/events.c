/* What happens to a stream, for programs and for people. */
#include "cli/agent/stream.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/json.h"

#include <errno.h>
#include <string.h>

struct agent_events {
    struct agent *agent;
    FILE *file; /* NULL: none */
    bool standard;
    const char *stream;
    struct agent_meter meter;
};

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
                               .meter = agent_meter_new(a)};
    return e;
}

void agent_events_close(struct agent_events *e)
{
    if (e == NULL)
        return;
    agent_meter_clear(&e->meter);
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
    agent_meter_clear(&e->meter);
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
    double per_s;
    if (agent_meter_is_due(&e->meter, bytes, &per_s))
        agent_meter_show(&e->meter, "%.1f MiB  %.1f Mbit/s  %s", (double)bytes / (1 << 20),
                         per_s * 8 / 1e6, more);
}
