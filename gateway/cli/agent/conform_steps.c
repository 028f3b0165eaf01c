/* Checks of more than one message. */
#include "cli/agent/conform.h"

#include "cli/agent/stream.h"

#include <inttypes.h>
#include <string.h>

enum { CUTS = 3 };

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
    bool over, good;
    size_t sent;
};

static void clip_over(void *arg, const struct agent_clip_end *end)
{
    struct sending *s = arg;
    s->over = true;
    s->good = end->good;
    s->sent = end->sent;
    (void)snprintf(s->c->why, sizeof s->c->why, "%s", end->why);
}

static bool is_sending(void *arg)
{
    return !((struct sending *)arg)->over;
}

static void send_clip(struct sending *s, struct bytes start, struct bytes packets)
{
    struct agent_clip *clip = agent_clip_new(s->c->agent.client, start, packets, 0, clip_over, s);
    s->good = clip != NULL && conform_turn(s->c, is_sending, s) && s->good;
    agent_clip_free(clip);
}

enum cli_step_result conform_video(struct conform *c)
{
    struct sending s = {.c = c};
    struct buf start = BUF_INIT(FEDGATE_REQUEST_MAX), packets = BUF_INIT(AGENT_CLIP_FILE);
    if (c->video == NULL || c->video_start == NULL)
        return conform_say(c, CONFORM_VIDEO, CLI_STEP_SKIPPED, "%s",
                           CONFORM_SAYS(c, "no --video FILE with --video-start FILE",
                                        "--video, --video-start가 없습니다"));
    (void)snprintf(c->why, sizeof c->why, "%s: no transport stream", c->video);
    if (conform_video_start(c, &start) && agent_clip_read(c->video, &packets))
        send_clip(&s, buf_view(&start), buf_view(&packets));
    buf_free(&start);
    buf_free(&packets);
    return s.good ? conform_say(c, CONFORM_VIDEO, CLI_STEP_OK,
                                CONFORM_SAYS(c, "%zu bytes", "%zu바이트"), s.sent)
                  : no_answer(c, CONFORM_VIDEO);
}
