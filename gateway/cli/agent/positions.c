/* Where a camera that moves is: lines of JSON, from a file or a pipe, each sent when it is due. */
#include "cli/agent/message.h"
#include "cli/agent/stream.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { POSITION_MAX = 256 }; /* encoded */

struct agent_positions {
    struct agent *agent;
    struct agent_events *events;
    struct fedgate_sender *sender;
    struct agent_reader *reader;
    struct fedgate_timer *due;
    char *file[2];
    int64_t begun_us;     /* wall clock: what times in seconds count from */
    bool has_next, ended; /* one that is not due yet; no more come */
    double latitude, longitude, accuracy_m;
    int64_t at_us;
};

static int64_t now_us(void)
{
    const struct clock clock = clock_system();
    return clock_wall_us(&clock);
}

static bool take_number(const struct json *line, const char *key, double *out)
{
    const struct json *value = json_member(line, key);
    const enum json_type type = json_type_of(value);
    *out = json_number_of(value);
    return type == JSON_WHOLE_NUMBER || type == JSON_REAL_NUMBER;
}

/* A time; seconds from the beginning of the stream; or none, which is now. */
static bool take_time(struct agent_positions *p, const struct json *line)
{
    enum { LONGEST_S = 1000000 };
    double seconds;
    const struct json *value = json_member(line, "time");
    const struct bytes text = json_text_of(value);
    p->at_us = now_us();
    if (json_type_of(value) == JSON_TEXT)
        return time_parse((const char *)text.p, text.n, zone_named("Asia/Seoul"), &p->at_us);
    if (value == NULL)
        return true;
    if (!take_number(line, "time", &seconds) || !(seconds >= 0 && seconds <= LONGEST_S))
        return false;
    p->at_us = p->begun_us + (int64_t)(seconds * US_PER_S);
    return true;
}

static bool take_line(struct agent_positions *p, const struct json *line)
{
    p->accuracy_m = 0;
    if (json_member(line, "accuracy") != NULL && !take_number(line, "accuracy", &p->accuracy_m))
        return false;
    return take_number(line, "lat", &p->latitude) && take_number(line, "lon", &p->longitude) &&
           take_time(p, line);
}

/* A line that is no position is passed over. */
static enum result next(struct agent_positions *p)
{
    for (;;) {
        struct bytes text;
        const char *file;
        char why[200] = "{\"time\":TIME or SECONDS,\"lat\":DEGREES,\"lon\":DEGREES,\"accuracy\":"
                        "METRES} is expected";
        struct json *line = NULL;
        size_t number;
        TRY(agent_reader_next(p->reader, &text, &file, &number));
        bool good = json_read(text, &line, why, sizeof why) == RESULT_OK && take_line(p, line);
        json_free(line);
        if (good)
            return RESULT_OK;
        cli_error("%s:%zu: %s", file, number, why);
        agent_worse(p->agent, CLI_FAILED);
    }
}

/* What finds no room is late: the next one counts. */
static void send(struct agent_positions *p)
{
    Fedgate__V1__Position position = FEDGATE__V1__POSITION__INIT;
    Google__Protobuf__Timestamp at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct buf out = BUF_INIT(POSITION_MAX);
    position.latitude = p->latitude;
    position.longitude = p->longitude;
    position.accuracy_m = (float)p->accuracy_m;
    at.seconds = p->at_us / US_PER_S;
    at.nanos = (int32_t)(p->at_us % US_PER_S * 1000);
    position.fixed_at = &at;
    if (message_pack(&position.base, &out) == RESULT_OK)
        (void)!fedgate_sender_position(p->sender, out.p, out.n);
    buf_free(&out);
}

static void pump(void *arg)
{
    struct agent_positions *p = arg;
    while (!p->ended) {
        if (!p->has_next) {
            enum result r = next(p);
            if (r == RESULT_AGAIN)
                return;
            p->has_next = r == RESULT_OK;
            p->ended = !p->has_next;
            if (p->ended)
                agent_event(p->events, "positions-ended", "");
            continue;
        }
        int64_t wait_us = p->at_us - now_us();
        if (wait_us > 0) {
            fedgate_timer_set(p->due, wait_us);
            return;
        }
        p->has_next = false;
        send(p);
    }
}

struct agent_positions *agent_positions_open(struct agent *a, const char *path,
                                             struct agent_events *events,
                                             struct fedgate_sender *sender)
{
    struct agent_positions *p = mem_new(sizeof *p);
    *p = (struct agent_positions){.agent = a,
                                  .events = events,
                                  .sender = sender,
                                  .file = {(char *)(uintptr_t)path, NULL},
                                  .begun_us = now_us()};
    p->due = fedgate_timer_new(a->client, pump, p);
    p->reader = agent_reader_new(a, p->file, false, pump, p);
    pump(p);
    return p;
}

void agent_positions_close(struct agent_positions *p)
{
    if (p == NULL)
        return;
    agent_reader_free(p->reader);
    fedgate_timer_free(p->due);
    mem_free(p);
}
