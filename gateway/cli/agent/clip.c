/* A short stream, of the front of a file: for what tries a gateway, or plays a centre. */
#include "cli/agent/stream.h"

#include "base/mem.h"
#include "message/reason.h"

#include <stdio.h>

enum { CLIP_MAX = (1 << 20) / 188 * 188 };

struct agent_clip {
    struct fedgate_sender *sender;
    struct fedgate_timer *patience;
    struct bytes packets;
    size_t sent;
    bool waits; /* for somebody who watches */
    bool good;
    char why[300];
    void (*over)(void *arg, const struct agent_clip_end *end);
    void *arg;
};

bool agent_clip_read(const char *path, struct buf *out)
{
    bool wrong = false;
    if (!cli_read_file(path, AGENT_CLIP_FILE - 65536, out))
        return false;
    size_t whole = agent_packets(buf_view(out), &wrong);
    out->n = whole < CLIP_MAX ? whole : CLIP_MAX;
    if (out->n == 0)
        agent_error("%s: no transport stream", path);
    return out->n > 0;
}

static void pump(void *arg)
{
    struct agent_clip *s = arg;
    while (!s->waits && s->sent < s->packets.n) {
        size_t left = s->packets.n - s->sent,
               n = left < FEDGATE_VIDEO_MAX ? left : FEDGATE_VIDEO_MAX;
        if (fedgate_sender_data(s->sender, s->packets.p + s->sent, n) != FEDGATE_OK)
            return; /* room follows, or the end */
        s->sent += n;
    }
    if (!s->waits)
        fedgate_sender_finish(s->sender);
}

static void go_on(void *arg)
{
    struct agent_clip *s = arg;
    s->waits = false;
    pump(s);
}

static void opened(void *arg, const struct fedgate_receipt *r)
{
    struct agent_clip *s = arg;
    s->good = r->answer == FEDGATE_ACCEPTED;
    if (s->good)
        pump(s);
    else
        (void)snprintf(s->why, sizeof s->why, "%s",
                       r->recipients == 0 ? "refused"
                                          : fedgate_reason_word(r->recipient[0].reason));
}

static void watchers(void *arg, uint32_t count)
{
    struct agent_clip *s = arg;
    if (s->waits && s->good && count > 0)
        go_on(s);
}

static void stopped(void *arg, const struct fedgate_video_end *end)
{
    struct agent_clip *s = arg;
    s->good = end->why.reason == REASON_SENDER_ENDED;
    (void)snprintf(s->why, sizeof s->why, "%s", fedgate_reason_word(end->why.reason));
}

/* A refusal has said why already. */
static void ended(void *arg, const struct fedgate_end *end)
{
    struct agent_clip *s = arg;
    if (end->status != FEDGATE_ENDED_WELL && s->why[0] == '\0') {
        s->good = false;
        (void)snprintf(s->why, sizeof s->why, "%s (%s)", end->text,
                       fedgate_status_name(end->status));
    }
    const struct agent_clip_end e = {s, s->good, s->sent, s->why};
    s->over(s->arg, &e);
}

struct agent_clip *agent_clip_new(struct fedgate_client *c, struct bytes start,
                                  struct bytes packets, int64_t patience_us,
                                  void (*over)(void *arg, const struct agent_clip_end *end),
                                  void *arg)
{
    static const struct fedgate_sender_events events = {opened, watchers, pump, stopped, ended};
    struct agent_clip *s = mem_new(sizeof *s);
    *s =
        (struct agent_clip){.packets = packets, .waits = patience_us > 0, .over = over, .arg = arg};
    s->patience = fedgate_timer_new(c, go_on, s);
    if (s->waits)
        fedgate_timer_set(s->patience, patience_us);
    s->sender = fedgate_sender_new(c, start.p, start.n, &events, s);
    if (s->sender != NULL)
        return s;
    agent_clip_free(s);
    return NULL;
}

void agent_clip_free(struct agent_clip *s)
{
    if (s == NULL)
        return;
    fedgate_timer_free(s->patience);
    fedgate_sender_free(s->sender);
    mem_free(s);
}
