/* Checks of more than one message. */
#include "cli/agent/conform.h"

#include "base/limits.h"
#include "cli/agent/stream.h"

#include <inttypes.h>
#include <string.h>

enum { CUTS = 3, SECOND = 1 << 20 }; /* a camera's second of video is at most a megabyte */

static enum cli_step_result no_answer(struct conform *c, enum conform_check check)
{
    return conform_say(c, check, CLI_STEP_FAILED, "%s", c->why);
}

static enum cli_step_result say_record(struct conform *c, enum conform_check check,
                                       const struct conform_receipt *r, bool good)
{
    return conform_say(c, check, good ? CLI_STEP_OK : CLI_STEP_FAILED,
                       CONFORM_SAYS(c, "record %" PRIu64 "%s; the first was %" PRIu64,
                                    "기록 %" PRIu64 "번%s, 처음은 %" PRIu64 "번"),
                       r->record, r->repeated ? CONFORM_SAYS(c, ", repeated", ", 반복") : "",
                       c->first.record);
}

enum cli_step_result conform_again(struct conform *c)
{
    struct conform_receipt r;
    if (!conform_publish(c, buf_view(&c->right), &r))
        return no_answer(c, CONFORM_AGAIN);
    return say_record(c, CONFORM_AGAIN, &r,
                      r.repeated && r.answer == FEDGATE_ACCEPTED && r.record == c->first.record);
}

enum cli_step_result conform_later(struct conform *c)
{
    struct conform_receipt r;
    if (!conform_receipt_of(c, c->right_id, &r))
        return no_answer(c, CONFORM_LATER);
    return say_record(c, CONFORM_LATER, &r,
                      r.answer == FEDGATE_ACCEPTED && r.record == c->first.record);
}

/* ---------------------------------------------------------------- broken connections */

static bool is_leaving(void *arg)
{
    return (*(int *)arg)-- > 0;
}

/* Hands the message in and breaks the connection, so many turns later and without waiting for the
 * receipt: it may have got there or not. */
static void publish_and_cut(struct conform *c, struct bytes encoded, int turns)
{
    static const struct fedgate_publisher_events events = {0};
    struct fedgate_publisher *p = fedgate_publisher_new(c->agent.client, &events, NULL);
    (void)!fedgate_publish(p, encoded.p, encoded.n, NULL);
    (void)conform_turn(c, is_leaving, &turns);
    conform_cut(c);
}

/* Whoever sends it again under its id hears the one record that it has. */
static bool survives(struct conform *c, int turns)
{
    struct buf encoded;
    struct conform_receipt r = {0}, later = {0};
    char id[AGENT_ID];
    bool good = conform_change(c, CONFORM_RECONNECT, &encoded, id);
    if (good) {
        publish_and_cut(c, buf_view(&encoded), turns);
        good = conform_connect(c) && conform_publish(c, buf_view(&encoded), &r) &&
               conform_receipt_of(c, id, &later);
    }
    buf_free(&encoded);
    if (good && (r.answer != FEDGATE_ACCEPTED || later.record != r.record)) {
        (void)snprintf(c->why, sizeof c->why, "%" PRIu64 " != %" PRIu64, r.record, later.record);
        good = false;
    }
    return good;
}

enum cli_step_result conform_reconnect(struct conform *c)
{
    for (int i = 0; i < CUTS; i++)
        if (!survives(c, i))
            return no_answer(c, CONFORM_RECONNECT);
    return conform_say(c, CONFORM_RECONNECT, CLI_STEP_OK,
                       CONFORM_SAYS(c, "%d messages, each cut off, sent again and recorded once",
                                    "메시지 %d건, 각각 끊고 다시 보내 한 번만 기록됨"),
                       CUTS);
}

/* ---------------------------------------------------------------- video */

struct sending {
    struct conform *c;
    struct fedgate_sender *sender;
    struct buf file;
    size_t sent;
    bool over, good;
};

static void pump(void *arg)
{
    struct sending *s = arg;
    while (s->sent < s->file.n) {
        size_t left = s->file.n - s->sent, n = left < FEDGATE_VIDEO_MAX ? left : FEDGATE_VIDEO_MAX;
        if (fedgate_sender_data(s->sender, s->file.p + s->sent, n) != FEDGATE_OK)
            return; /* room follows, or the end */
        s->sent += n;
    }
    fedgate_sender_finish(s->sender);
}

static void opened(void *arg, const struct fedgate_receipt *r)
{
    struct sending *s = arg;
    s->good = r->answer == FEDGATE_ACCEPTED;
    if (s->good) {
        pump(s);
        return;
    }
    (void)snprintf(s->c->why, sizeof s->c->why, "%s",
                   r->recipients == 0 ? "" : fedgate_reason_word(r->recipient[0].reason));
    s->over = true;
}

static void stopped(void *arg, const struct fedgate_video_end *end)
{
    struct sending *s = arg;
    s->good = end->why.reason == REASON_SENDER_ENDED;
    (void)snprintf(s->c->why, sizeof s->c->why, "%s", fedgate_reason_word(end->why.reason));
}

static void video_ended(void *arg, const struct fedgate_end *end)
{
    struct sending *s = arg;
    if (end->status != FEDGATE_ENDED_WELL && !s->over) { /* a refusal has said why */
        s->good = false;
        (void)snprintf(s->c->why, sizeof s->c->why, "%s (%s)", end->text,
                       fedgate_status_name(end->status));
    }
    s->over = true;
}

static bool is_sending(void *arg)
{
    return !((struct sending *)arg)->over;
}

/* The front of the file, whole packets. */
static bool read_video(struct conform *c, struct sending *s, struct buf *start)
{
    bool wrong = false, good = conform_video_start(c, start) &&
                               cli_read_file(c->video, LIMIT_MESSAGE * 64, &s->file);
    size_t whole = agent_packets(buf_view(&s->file), &wrong);
    s->file.n = whole < SECOND ? whole : SECOND / 188 * 188;
    return good && s->file.n > 0;
}

enum cli_step_result conform_video(struct conform *c)
{
    static const struct fedgate_sender_events events = {
        .opened = opened, .room = pump, .stopped = stopped, .ended = video_ended};
    struct sending s = {.c = c, .file = BUF_INIT(LIMIT_MESSAGE * 64 + 65536)};
    struct buf start = BUF_INIT(FEDGATE_REQUEST_MAX);
    if (c->video == NULL || c->video_start == NULL)
        return conform_say(c, CONFORM_VIDEO, CLI_STEP_SKIPPED, "%s",
                           CONFORM_SAYS(c, "no --video FILE with --video-start FILE",
                                        "--video, --video-start가 없습니다"));
    (void)snprintf(c->why, sizeof c->why, "%s: no transport stream", c->video);
    if (read_video(c, &s, &start)) {
        s.sender = fedgate_sender_new(c->agent.client, start.p, start.n, &events, &s);
        s.good = s.sender != NULL && conform_turn(c, is_sending, &s) && s.good;
        fedgate_sender_free(s.sender);
    }
    buf_free(&start);
    buf_free(&s.file);
    return s.good ? conform_say(c, CONFORM_VIDEO, CLI_STEP_OK,
                                CONFORM_SAYS(c, "%zu bytes", "%zu바이트"), s.sent)
                  : no_answer(c, CONFORM_VIDEO);
}
