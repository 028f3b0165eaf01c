/* Statements about live video. */
#include "play.h"

#include "base/mem.h"
#include "message/json.h"
#include "message/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what comes */

static void set_reason(char *out, size_t room, const char *json, const char *path)
{
    char text[64];
    play_text(json, path, text, sizeof text);
    (void)snprintf(out, room, "%s", strncmp(text, "REASON_", 7) == 0 ? text + 7 : text);
}

static void on_control(void *arg, struct bytes control)
{
    struct person *p = arg;
    char *json = play_json("fedgate.v1.VideoControl", control), verdict[64], count[32];
    play_text(json, "opened.verdict", verdict, sizeof verdict);
    if (strcmp(verdict, "VERDICT_ACCEPTED") == 0)
        p->opened = true;
    if (strcmp(verdict, "VERDICT_REFUSED") == 0)
        set_reason(p->stream_reason, sizeof p->stream_reason, json, "opened.recipient[0].reason");
    play_text(json, "watchers", count, sizeof count);
    if (count[0] != '\0')
        p->watchers = (uint32_t)strtoul(count, NULL, 10);
    if (strstr(json, "\"stop\"") != NULL)
        set_reason(p->stream_reason, sizeof p->stream_reason, json, "stop.why.reason");
    mem_free(json);
}

static void on_sender_ended(void *arg, int status, const char *why)
{
    struct person *p = arg;
    (void)status;
    (void)why;
    p->sender = NULL;
    p->stream_over = true;
}

static void on_room(void *arg)
{
    (void)arg;
}

static const struct sender_events sender_events = {on_control, on_sender_ended, on_room};

static void on_frame(void *arg, struct bytes head, struct shared *owner, struct bytes payload)
{
    struct person *p = arg;
    (void)owner;
    if (payload.n > 0) { /* data: head is the field's tag and length */
        if (p->begins)
            p->seen_from_start = payload.p[0] == 0x47 && (payload.p[1] & 0x1f) == 0 &&
                                 payload.p[2] == 0; /* the PAT */
        p->begins = false;
        p->seen += payload.n;
        hasher_add(p->came, payload);
        p->waiting += p->slow ? payload.n : 0;
        return;
    }
    char *json = play_json("fedgate.v1.VideoFrame", head);
    if (strstr(json, "\"start\"") != NULL) {
        p->watching = p->begins = true;
        play_text(json, "start.record.index", p->watch_record, sizeof p->watch_record);
    }
    if (strstr(json, "\"gap\"") != NULL) {
        p->gaps++;
        p->begins = true;
    }
    if (strstr(json, "\"end\"") != NULL)
        set_reason(p->watch_reason, sizeof p->watch_reason, json, "end.why.reason");
    mem_free(json);
}

static size_t on_queued(void *arg)
{
    return ((const struct person *)arg)->waiting;
}

static void on_watch_ended(void *arg, int status, const char *why, int64_t within_us)
{
    (void)within_us;
    struct person *p = arg;
    (void)status;
    (void)why;
    p->watcher = NULL;
    p->watch_over = true;
}

static const struct watcher_events watcher_events = {on_frame, on_queued, on_watch_ended};

/* ---- statements */

/* A VideoFrame with one field, whose content is given. */
static void frame_of(unsigned field, struct bytes content, struct buf *out)
{
    buf_u8(out, (uint8_t)(field << 3 | 2));
    buf_varint(out, content.n);
    buf_put(out, content.p, content.n);
}

static enum result give_frame(struct person *p, const struct buf *frame)
{
    struct shared *owner = shared_copy(buf_view(frame));
    enum result r =
        p->sender == NULL ? RESULT_CLOSED : sender_take(p->sender, owner, shared_view(owner));
    shared_drop(owner);
    return r;
}

static void do_stream(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    struct buf start = BUF_INIT(1 << 16), frame = BUF_INIT(1 << 16), json = BUF_INIT(1 << 16);
    p->opened = p->stream_over = false;
    p->watchers = 0;
    p->stream_reason[0] = '\0';
    buf_printf(&json, "{\"streamId\":\"%s\",\"container\":\"mpegts\",%s", t->word[2], t->json + 1);
    if (play_encode(s, p, "fedgate.v1.VideoStart", NULL, buf_c(&json), &start)) {
        p->sender = sender_open(p->session, &sender_events, p);
        frame_of(1, buf_view(&start), &frame);
        if (give_frame(p, &frame) != RESULT_OK)
            play_fail(s, "the start was not taken");
    }
    buf_free(&start);
    buf_free(&frame);
    buf_free(&json);
    house_settle(s->h);
}

static void do_opened(struct scenario *s, const struct statement *t)
{
    if (!play_person(s, t->word[1])->opened)
        play_fail(s, "the stream is not open: %s", play_person(s, t->word[1])->stream_reason);
}

static void expect_word(struct scenario *s, bool over, const char *found, const char *wanted)
{
    if (!over || strcmp(found, wanted) != 0)
        play_fail(s, "%s, reason '%s'", over ? "it is over" : "it is not over", found);
}

static void do_stream_over(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    expect_word(s, p->stream_over, p->stream_reason, t->word[2]);
}

static void do_feed(struct scenario *s, const struct statement *t)
{
    enum { PACKETS_A_FRAME = 49 };
    struct person *p = play_person(s, t->word[1]);
    size_t packets = strtoul(t->word[2], NULL, 10),
           from = t->words > 3 ? strtoul(t->word[3], NULL, 10) : 0;
    while (packets > 0) {
        size_t n = packets < PACKETS_A_FRAME ? packets : PACKETS_A_FRAME;
        struct buf frame = BUF_INIT(1 << 16);
        frame_of(2, bytes_of(s->clip.p + from * 188, n * 188), &frame);
        enum result r = give_frame(p, &frame);
        buf_free(&frame);
        if (r == RESULT_CLOSED)
            return;
        packets -= n;
        from += n;
        if (r == RESULT_AGAIN)
            house_advance(s->h, US_PER_S);
    }
    house_settle(s->h);
}

static void do_finish(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    if (p->sender != NULL)
        sender_finish(p->sender);
    house_settle(s->h);
}

static void do_watchers(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (p->watchers != strtoul(t->word[2], NULL, 10))
        play_fail(s, "there are %u watchers", p->watchers);
}

static void do_watch(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    struct buf request = BUF_INIT(1 << 16), json = BUF_INIT(1 << 16);
    char why[200];
    p->watching = p->watch_over = false;
    p->watch_reason[0] = '\0';
    p->seen = p->waiting = p->gaps = 0;
    hasher_begin(p->came);
    buf_printf(&json, "{\"streamId\":\"%s\",%s", t->word[2], t->json + 1);
    if (message_from_json(message_type("fedgate.v1.WatchRequest"), buf_view(&json), &request, why,
                          sizeof why) != RESULT_OK)
        play_fail(s, "the request: %s", why);
    else
        p->watcher = watcher_open(p->session, &watcher_events, p, buf_view(&request));
    buf_free(&request);
    buf_free(&json);
    house_settle(s->h);
}

static void do_watching(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (!p->watching || p->watch_over)
        play_fail(s, "%s does not watch: '%s'", p->name, p->watch_reason);
}

static void do_watch_over(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    expect_word(s, p->watch_over, p->watch_reason, t->word[2]);
}

static void do_sees(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (p->seen < strtoul(t->word[2], NULL, 10) || !p->seen_from_start)
        play_fail(s, "%zu bytes came, %s", p->seen,
                  p->seen_from_start ? "tables first" : "without tables first");
}

/* A person who takes nothing from now on, or everything again. */
static void do_pace(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    p->slow = strcmp(t->word[0], "slow") == 0;
    if (!p->slow)
        p->waiting = 0;
}

static void do_gaps(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (p->gaps != strtoul(t->word[2], NULL, 10))
        play_fail(s, "%u gaps were told", p->gaps);
}

/* No more than so many bytes wait in the gateway. */
static void do_waits(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    if (p->waiting > strtoul(t->word[2], NULL, 10))
        play_fail(s, "%zu bytes wait", p->waiting);
}

struct wanted {
    char event[64], text[160];
    bool found;
};

static void look_at_leaf(void *arg, struct bytes leaf)
{
    struct wanted *w = arg;
    w->found = w->found || (memmem(leaf.p, leaf.n, w->event, strlen(w->event)) != NULL &&
                            memmem(leaf.p, leaf.n, w->text, strlen(w->text)) != NULL);
}

/* What is on record of the watch is what came, to the byte. */
static void do_digest(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[1]);
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    struct wanted w = {.found = false};
    hasher_so_far(p->came, digest);
    bytes_to_hex(bytes_of(digest, sizeof digest), hex);
    (void)snprintf(w.event, sizeof w.event, "\"event\":\"%.40s\"", t->word[2]);
    (void)snprintf(w.text, sizeof w.text, "gaps=%u sha256=%s", p->gaps, hex);
    house_each_leaf(s->h, look_at_leaf, &w);
    if (!w.found)
        play_fail(s, "no entry '%s' says %s", t->word[2], w.text);
}

const struct verb play_video[] = {{"stream", 3, do_stream},
                                  {"opened", 2, do_opened},
                                  {"stream-refused", 3, do_stream_over},
                                  {"stopped", 3, do_stream_over},
                                  {"feed", 3, do_feed},
                                  {"finish", 2, do_finish},
                                  {"watchers", 3, do_watchers},
                                  {"watch", 3, do_watch},
                                  {"watching", 2, do_watching},
                                  {"watch-refused", 3, do_watch_over},
                                  {"ended", 3, do_watch_over},
                                  {"sees", 3, do_sees},
                                  {"slow", 2, do_pace},
                                  {"quick", 2, do_pace},
                                  {"gaps", 3, do_gaps},
                                  {"waits", 3, do_waits},
                                  {"digest", 3, do_digest},
                                  {0}};
