/* fedgate-agent conform: the command, and the order of its checks. */
#include "cli/agent/conform.h"

#include "base/clock.h"

#include <stdarg.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

/* A row of conform.def: a message with the reason that it has to meet, or a function. */
struct row {
    const char *word;
    bool mandatory;
    enum reason reason;
    enum cli_step_result (*step)(struct conform *c);
};

static const struct row rows[] = {
#define MESSAGE(NAME, word, reason, en, ko)                                                        \
    [CONFORM_##NAME] = {(word), true, REASON_##reason, NULL},
#define STEP(NAME, word, mandatory, en, ko)                                                        \
    [CONFORM_##NAME] = {(word), (mandatory), REASON_NONE, STEP_##NAME},
#define STEP_AGAIN       conform_again
#define STEP_LATER       conform_later
#define STEP_RECONNECT   conform_reconnect
#define STEP_SLOW_ACK    conform_slow_ack
#define STEP_VIDEO       conform_video
#define STEP_DESTRUCTION conform_destruction
#include "cli/agent/conform.def"
#undef MESSAGE
#undef STEP
};

enum cli_step_result conform_say(struct conform *c, enum conform_check check,
                                 enum cli_step_result result, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_clear(&c->text[check]);
    buf_text(&c->text[check], text);
    c->step[check] = (struct cli_step){
        .word = rows[check].word, .text = buf_c(&c->text[check]), .result = result};
    return result;
}

/* ---------------------------------------------------------------- messages */

static void keep_right(struct conform *c, struct buf *encoded, const char *id,
                       const struct conform_receipt *r)
{
    c->right = *encoded;
    *encoded = BUF_INIT(0);
    c->first = *r;
    (void)snprintf(c->right_id, sizeof c->right_id, "%s", id);
    (void)snprintf(c->to, sizeof c->to, "%s", r->to);
}

/* Accepted for everybody where that is wanted; else refused for this very reason. */
static bool is_as_expected(enum reason wanted, const struct conform_receipt *r)
{
    return wanted == REASON_PERMITTED ? r->answer == FEDGATE_ACCEPTED && r->to[0] != '\0'
                                      : r->answer == FEDGATE_REFUSED && r->reason == wanted;
}

static enum cli_step_result check_message(struct conform *c, enum conform_check check)
{
    struct buf encoded;
    struct conform_receipt r = {0};
    char id[AGENT_ID];
    const enum reason wanted = rows[check].reason;
    if (!conform_change(c, check, &encoded, id) || !conform_publish(c, buf_view(&encoded), &r)) {
        buf_free(&encoded);
        return conform_say(c, check, CLI_STEP_FAILED, "%s", c->why);
    }
    bool good = is_as_expected(wanted, &r);
    if (good && check == CONFORM_RIGHT)
        keep_right(c, &encoded, id, &r);
    buf_free(&encoded);
    return conform_say(c, check, good ? CLI_STEP_OK : CLI_STEP_FAILED,
                       good ? "%s" : CONFORM_SAYS(c, "%s; expected %s", "%s, 기대값 %s"),
                       fedgate_reason_word(r.reason), fedgate_reason_word(wanted));
}

/* ---------------------------------------------------------------- the run */

/* Nothing is sent where TEST messages cannot pass. Without a right message nothing else says
 * anything. */
static bool run_checks(struct conform *c)
{
    bool passed = true;
    for (enum conform_check i = 0; i < CONFORM_CHECKS; i++) {
        if (c->agent.client == NULL && !conform_connect(c))
            return false;
        enum cli_step_result r = rows[i].step == NULL ? check_message(c, i) : rows[i].step(c);
        passed = passed && r != CLI_STEP_FAILED && !(rows[i].mandatory && r != CLI_STEP_OK);
        if (i == CONFORM_RIGHT && r != CLI_STEP_OK)
            return false;
        if (c->gone)
            conform_cut(c);
    }
    return passed;
}

static int run(struct conform *c)
{
    for (enum conform_check i = 0; i < CONFORM_CHECKS; i++) {
        c->text[i] = BUF_INIT(TEXT_MAX + 1);
        (void)conform_say(c, i, CLI_STEP_SKIPPED, "%s",
                          CONFORM_SAYS(c, "not come to", "진행하지 않음"));
    }
    int code = AGENT_GATEWAY;
    if (!conform_connect(c) || !conform_learn(c)) {
        agent_error("%s: %s", c->agent.options.gateway, c->why);
    } else if (!c->has_test) {
        code = CLI_NO;
        cli_error("%s",
                  CONFORM_SAYS(c, "policy lets this unit send no TEST message: nothing was sent",
                               "정책상 이 단위는 TEST 메시지를 보낼 수 없어 아무것도 보내지 "
                               "않았습니다"));
    } else {
        bool passed = run_checks(c);
        code = !conform_print(c, passed) ? CLI_FAILED : passed ? CLI_OK : CLI_NO;
    }
    conform_cut(c);
    for (enum conform_check i = 0; i < CONFORM_CHECKS; i++)
        buf_free(&c->text[i]);
    buf_free(&c->right);
    return code;
}

static bool parse(int argc, char **argv, struct conform *c, int *password_fd)
{
    const char *patience = NULL, *password = NULL;
    unsigned long seconds = 10;
    const struct cli_option options[] = {AGENT_OPTIONS(c->agent.options),
                                         {"json", NULL, &c->json},
                                         {"markdown", NULL, &c->markdown},
                                         {"message", &c->message, NULL},
                                         {"password-fd", &password, NULL},
                                         {"queue", &c->queue, NULL},
                                         {"receipt-key", &c->receipt_key, NULL},
                                         {"staff", &c->staff, NULL},
                                         {"video", &c->video, NULL},
                                         {"video-start", &c->video_start, NULL},
                                         {"wait", &patience, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    const struct agent_needed needed[] = {{"message", c->message}, {NULL, NULL}};
    if (count > 0 || (c->json && c->markdown))
        cli_error("conform takes its options alone, and --json or --markdown, not both");
    else if (count == 0 && (c->receipt_key == NULL) != (c->staff == NULL))
        cli_error("--receipt-key and --staff go together");
    else if (count == 0 && agent_has(needed) && agent_number("wait", patience, 1, 600, &seconds) &&
             cli_descriptor(password, password_fd)) {
        c->patience_us = (int64_t)seconds * US_PER_S;
        return true;
    }
    return false;
}

int agent_conform_run(int argc, char **argv)
{
    struct conform c = {0};
    int password_fd;
    if (!parse(argc, argv, &c, &password_fd))
        return CLI_USAGE;
    int code = agent_settings(&c.agent);
    if (code != CLI_OK)
        return code;
    c.korean = c.agent.language == FEDGATE_KOREAN;
    if (c.receipt_key != NULL && cli_secret_key(c.receipt_key, password_fd, &c.key) != RESULT_OK)
        return CLI_FAILED;
    code = run(&c);
    minisign_secret_free(c.key);
    return code;
}
