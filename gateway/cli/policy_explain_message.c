/* A message in JSON, as fedgate-agent takes it, made ready to be explained. */
#include "cli/agent/message.h"
#include "cli/policy_explain.h"

#include "base/limits.h"
#include "formats/formats.h"
#include "json/json.h"

bool explain_is_message(struct bytes text)
{
    struct json *root = NULL;
    char why[200];
    bool is =
        json_read(text, &root, why, sizeof why) == RESULT_OK && json_member(root, "header") != NULL;
    json_free(root);
    return is;
}

/* As service/intake.c does. */
static void check_original(struct explain_message *m)
{
    const char *wrong = m->found.refused ? NULL : format_original_wrong(m->arena, m->message.pb);
    if (wrong == NULL)
        return;
    m->found.refused = true;
    m->found.count = 1;
    m->found.finding[0].reason = REASON_MEDIA_REFUSED;
    (void)snprintf(m->found.finding[0].text, FINDING_TEXT, "%s", wrong);
}

/* Decodes and checks as the gateway does. */
static bool decode(struct explain_message *m, const struct policy_set *s, const char *file,
                   struct bytes wire, int64_t now_us)
{
    const struct check_limits limits = {.now_us = now_us,
                                        .service_area = policy_service_area(s->policy),
                                        .id_window_us = LIMIT_ID_WINDOW};
    struct finding why;
    m->arena = arena_new(LIMIT_ARENA);
    if (message_decode(m->arena, wire, &m->message, &why) != RESULT_OK) {
        cli_error("%s: %s", file, why.text);
        return false;
    }
    message_check(&m->message, &limits, &m->found);
    check_original(m);
    return true;
}

bool explain_message_read(struct explain_message *m, const struct policy_set *s, const char *file,
                          struct bytes text, const char *from, int64_t now_us)
{
    const struct agent_addition more = {.unit = from == NULL ? "" : from};
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    char id[AGENT_ID], why[300];
    bool good = agent_encode(text, &more, now_us, &wire, id, NULL, why, sizeof why);
    if (!good)
        cli_error("%s: %s", file, why);
    good = good && decode(m, s, file, buf_view(&wire), now_us);
    if (good && m->message.facts.source.n == 0) {
        cli_error("%s: the message names no source; --from says which unit sends it", file);
        good = false;
    }
    buf_free(&wire);
    return good;
}

void explain_message_free(struct explain_message *m)
{
    arena_free(m->arena);
}
