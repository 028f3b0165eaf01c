/* fedgatectl policy explain: why is this message permitted or refused, condition by condition? */
#include "cli/policy_explain.h"

#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

enum { TEXT_MAX = 16 << 20, REQUEST_MAX = 8 << 20 };

struct explain {
    struct policy_set set;
    const char *file, *from, *given, *now, *to;
    bool json;
    int64_t now_us;
    struct explain_message message;
    bool is_message; /* in JSON, as the agent takes it */
    struct policy_request *request;
    struct buf out;
    size_t permitted, answers;
};

static bool parse(int argc, char **argv, struct explain *e, const char **folder,
                  const char **language)
{
    const struct cli_option options[] = {{"from", &e->from, NULL}, {"given", &e->given, NULL},
                                         {"json", NULL, &e->json}, {"lang", language, NULL},
                                         {"now", &e->now, NULL},   {"to", &e->to, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count >= 0 && count != 2)
        cli_error("policy explain takes a folder and a request");
    *folder = argv[1];
    e->file = argv[2];
    return count == 2;
}

static bool parse_now(struct explain *e)
{
    const struct clock clock = clock_system();
    e->now_us = clock_wall_us(&clock);
    if (e->now == NULL || time_parse(e->now, strlen(e->now), zone_named("Asia/Seoul"), &e->now_us))
        return true;
    cli_error("--now is a day or a time such as 2026-11-21T09:00:00+09:00");
    return false;
}

/* ---- reading */

static bool read_request(struct explain *e, const char *file, struct bytes text)
{
    struct buf said = BUF_INIT(TEXT_MAX);
    struct diagnose *d = diagnose_new();
    e->request = policy_request_read(e->set.policy, file, text, e->now_us, d);
    diagnose_print(d, e->set.korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH, &said);
    (void)fputs(buf_c(&said), stderr);
    buf_free(&said);
    diagnose_free(d);
    return e->request != NULL;
}

/* What holds beside a message: incidents, state, now. */
static bool read_given(struct explain *e)
{
    static const char nothing[] = "incidents: none\n";
    struct buf text = BUF_INIT(REQUEST_MAX);
    bool good = e->given == NULL ? read_request(e, "nothing", bytes_of_text(nothing))
                                 : cli_read_file(e->given, REQUEST_MAX, &text) &&
                                       read_request(e, e->given, buf_view(&text));
    buf_free(&text);
    return good;
}

static bool read_message(struct explain *e, struct bytes text)
{
    if (!read_given(e) || !explain_message_read(&e->message, &e->set, e->file, text, e->from,
                                                policy_request_now(e->request)))
        return false;
    e->is_message = true;
    policy_request_message(e->request, &e->message.message.facts);
    return true;
}

static bool read_file(struct explain *e)
{
    struct buf text = BUF_INIT(REQUEST_MAX);
    bool good = cli_read_file(e->file, REQUEST_MAX, &text);
    if (good && explain_is_message(buf_view(&text)))
        good = read_message(e, buf_view(&text));
    else if (good && (e->from != NULL || e->given != NULL)) {
        cli_error("--from and --given go with a message in JSON; a request says both itself");
        good = false;
    } else if (good)
        good = read_request(e, e->file, buf_view(&text));
    buf_free(&text);
    return good;
}

/* ---- answering */

static void begin_answer(struct explain *e, const char *to)
{
    if (e->json)
        buf_text(&e->out, e->answers == 0 ? "" : ",\n");
    else
        buf_printf(&e->out, "%s%s\n", e->answers == 0 ? "" : "\n", to);
    e->answers++;
}

static void answer_unasked(struct explain *e, const char *to, enum reason reason,
                           const char *failed)
{
    begin_answer(e, to);
    if (e->json)
        explain_put_unasked_json(reason, failed, &e->out);
    else
        policy_unasked_text(reason, failed, e->set.korean, 2, &e->out);
}

static void answer_for(struct explain *e, const struct policy_question *q, uint32_t to)
{
    struct policy_explanation x;
    if (to == POLICY_NONE) {
        answer_unasked(e, "?", REASON_RECIPIENT_UNKNOWN, "to: a unit of the inventory");
        return;
    }
    policy_explain(q, to, &x);
    e->permitted += x.verdict != POLICY_REFUSED;
    begin_answer(e, policy_unit_name(e->set.policy, to));
    if (e->json)
        explain_put_json(&x, e->set.korean, &e->out);
    else
        policy_explanation_text(&x, e->set.korean, 2, &e->out);
    policy_explanation_free(&x);
}

static void answer_all(struct explain *e)
{
    uint32_t to[POLICY_REACH_MAX];
    const struct policy_question *q;
    const char *failed;
    if (e->is_message && e->message.found.refused) {
        const struct finding *f = &e->message.found.finding[0];
        answer_unasked(e, "?", f->reason, f->text);
        return;
    }
    enum reason r = policy_request_ask(e->request, &q, &failed);
    size_t count = policy_request_recipients(e->request, to);
    if (e->to != NULL) {
        to[0] = policy_unit(e->set.policy, bytes_of_text(e->to));
        count = 1;
    }
    for (size_t i = 0; r == REASON_PERMITTED && i < count; i++)
        answer_for(e, q, to[i]);
    if (r != REASON_PERMITTED)
        answer_unasked(e, "?", r, failed);
    else if (count == 0)
        answer_unasked(e, "?", REASON_NO_GRANT, "kind, from: no grant");
}

static int explain(struct explain *e)
{
    int code = CLI_USAGE;
    e->out = BUF_INIT(TEXT_MAX);
    if (parse_now(e)) {
        code = CLI_FAILED;
        if (read_file(e)) {
            buf_text(&e->out, e->json ? "[" : "");
            answer_all(e);
            buf_text(&e->out, e->json ? "]\n" : "");
            code = policy_set_print(&e->out);
        }
    }
    if (code == CLI_OK && e->permitted == 0)
        code = CLI_NO;
    policy_request_free(e->request);
    explain_message_free(&e->message);
    buf_free(&e->out);
    return code;
}

int policy_explain_run(int argc, char **argv)
{
    struct explain e = {0};
    const char *folder, *language = NULL;
    if (!parse(argc, argv, &e, &folder, &language))
        return CLI_USAGE;
    int code = policy_set_open(&e.set, folder, language);
    if (code == CLI_OK)
        code = explain(&e);
    policy_set_close(&e.set);
    return code;
}
