/* The formats of documents, as options and as what is told of them. */
#include "cli/agent/message.h"

#include "base/limits.h"
#include "base/nearest.h"
#include "json/json.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>

bool agent_format_option(const char *option, const char *word, const struct format **out)
{
    const char *nearest = NULL;
    *out = NULL;
    if (word == NULL || strcmp(word, "json") == 0)
        return true;
    *out = format_named(word);
    if (*out != NULL)
        return true;
    nearest_offer(bytes_of_text(word), "json", &nearest);
    for (size_t i = 0; format_at(i) != NULL; i++)
        nearest_offer(bytes_of_text(word), format_name(format_at(i)), &nearest);
    char what[60];
    (void)snprintf(what, sizeof what, "format for --%s", option);
    return cli_no_such(what, word, nearest);
}

static bool read_json(struct arena *a, struct bytes json, Fedgate__V1__Message **m, char *why,
                      size_t n)
{
    const ProtobufCMessageDescriptor *type = &fedgate__v1__message__descriptor;
    struct buf encoded = BUF_INIT(LIMIT_MESSAGE);
    struct ProtobufCMessage *pb;
    struct finding found;
    bool ok = message_from_json(type, json, &encoded, why, n) == RESULT_OK;
    if (ok &&
        message_unpack(a, type, buf_view(&encoded), LIMIT_MESSAGE, &pb, &found) != RESULT_OK) {
        (void)snprintf(why, n, "%s", found.text);
        ok = false;
    }
    if (ok)
        *m = (void *)pb;
    buf_free(&encoded);
    return ok;
}

bool agent_document_read(const struct format *f, struct arena *a, struct bytes document,
                         struct Fedgate__V1__Message **m, struct format_report *report)
{
    if (f != NULL)
        return format_read(f, a, document, m, report) == RESULT_OK;
    *report = (struct format_report){0};
    return read_json(a, document, m, report->why, sizeof report->why);
}

void agent_tell_losses(const struct agent *a, const char *what, const struct format_report *report)
{
    bool korean = a->language == FEDGATE_KOREAN;
    for (size_t i = 0; i < report->count; i++) {
        const struct format_loss *l = &report->loss[i];
        char line[60] = "";
        if (l->line > 0)
            (void)snprintf(line, sizeof line, korean ? ", %zu번째 줄" : ", line %zu", l->line);
        agent_say(a,
                  korean ? "%s: 전달하지 않음: %s%s, %zu개" : "%s: not carried: %s%s, %zu in all",
                  what, l->place, line, l->count);
    }
}

void agent_put_losses(struct buf *out, const struct format_report *report)
{
    json_put_key(out, "notCarried");
    buf_u8(out, '[');
    for (size_t i = 0; i < report->count; i++) {
        const struct format_loss *l = &report->loss[i];
        buf_text(out, i == 0 ? "{" : ",{");
        json_put_member_text(out, "place", bytes_of_text(l->place));
        json_put_member_integer(out, "count", (int64_t)l->count);
        if (l->line > 0)
            json_put_member_integer(out, "line", (int64_t)l->line);
        buf_u8(out, '}');
    }
    buf_u8(out, ']');
}
