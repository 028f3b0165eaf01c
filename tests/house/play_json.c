/* JSON of what came, and messages from what a scenario writes. */
#include "play.h"

#include "base/arena.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "message/json.h"
#include "message/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *play_json(const char *type, struct bytes encoded)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    struct buf out = BUF_INIT(16 << 20);
    char *text;
    if (message_unpack(a, message_type(type), encoded, 8 << 20, &m, &why) != RESULT_OK ||
        message_to_json(m, 0, &out) != RESULT_OK)
        text = mem_text("{}", 2);
    else
        text = mem_text(out.p, out.n);
    buf_free(&out);
    arena_free(a);
    return text;
}

struct json *play_parse(const char *text)
{
    struct json *root;
    char why[200];
    if (text == NULL || json_read(bytes_of_text(text), &root, why, sizeof why) != RESULT_OK)
        return NULL;
    return root;
}

const struct json *play_at(const struct json *node, const char *path)
{
    char part[64];
    while (*path != '\0' && node != NULL) {
        size_t n = strcspn(path, ".[");
        if (n > 0) {
            (void)snprintf(part, sizeof part, "%.*s", (int)n, path);
            node = json_member(node, part);
            path += n;
        }
        if (*path == '[') {
            node = json_item(node, (size_t)strtoul(path + 1, NULL, 10));
            path = strchr(path, ']') + 1;
        }
        if (*path == '.')
            path++;
    }
    return node;
}

void play_value(const struct json *n, char *out, size_t room)
{
    switch (json_type_of(n)) {
    case JSON_TEXT:
        (void)snprintf(out, room, "%.*s", (int)json_text_of(n).n, (const char *)json_text_of(n).p);
        break;
    case JSON_BOOL: (void)snprintf(out, room, "%s", json_bool_of(n) ? "true" : "false"); break;
    case JSON_WHOLE_NUMBER: (void)snprintf(out, room, "%" PRId64, json_integer_of(n)); break;
    case JSON_REAL_NUMBER: (void)snprintf(out, room, "%g", json_number_of(n)); break;
    default: (void)snprintf(out, room, "(%zu members)", json_count(n)); break;
    }
}

void play_text(const char *json, const char *path, char *out, size_t room)
{
    struct json *root = play_parse(json);
    const struct json *n = play_at(root, path);
    out[0] = '\0';
    if (n != NULL)
        play_value(n, out, room);
    json_free(root);
}

void play_uuid(const struct scenario *s, char out[UUID_TEXT + 1])
{
    struct uuid u = random_uuid(house_now(s->h));
    uuid_text(&u, out);
}

/* The header, where the statement's JSON is silent. */
static void put_header(struct scenario *s, const struct person *p, const struct json *given,
                       struct buf *out)
{
    char id[UUID_TEXT + 1], created[TIME_TEXT];
    void *at = NULL;
    const struct json *value;
    const char *key;
    play_uuid(s, id);
    time_text(house_now(s->h), zone_named("UTC"), created);
    buf_printf(out, "\"header\":{");
    bool first = true;
    const struct {
        const char *key, *value;
    } standard[] = {
        {"id", id}, {"source", p->unit}, {"createdAt", created}, {"status", "STATUS_ACTUAL"}};
    for (size_t i = 0; i < ARRAY_LEN(standard); i++) {
        if (json_member(given, standard[i].key) != NULL)
            continue;
        buf_printf(out, "%s\"%s\":\"%s\"", first ? "" : ",", standard[i].key, standard[i].value);
        first = false;
    }
    while ((key = json_each(given, &at, &value)) != NULL) {
        buf_printf(out, "%s\"%s\":", first ? "" : ",", key);
        json_put(out, value);
        first = false;
    }
    buf_text(out, "}");
}

bool play_encode(struct scenario *s, const struct person *p, const char *type, const char *kind,
                 const char *json, struct buf *encoded)
{
    struct json *root = play_parse(json == NULL ? "{}" : json);
    struct buf text = BUF_INIT(TEXT_MAX * 8), body = BUF_INIT(TEXT_MAX * 8);
    char why[300] = "not JSON";
    void *at = NULL;
    const struct json *value;
    const char *key;
    buf_text(&text, "{");
    put_header(s, p, json_member(root, "header"), &text);
    while (root != NULL && (key = json_each(root, &at, &value)) != NULL) {
        if (strcmp(key, "header") == 0)
            continue;
        buf_printf(&body, "%s\"%s\":", body.n == 0 ? "" : ",", key);
        json_put(&body, value);
    }
    if (kind != NULL)
        buf_printf(&text, ",\"%s\":{%.*s}}", kind, (int)body.n, (const char *)body.p);
    else
        buf_printf(&text, "%s%.*s}", body.n == 0 ? "" : ",", (int)body.n, (const char *)body.p);
    bool ok = root != NULL && message_from_json(message_type(type), buf_view(&text), encoded, why,
                                                sizeof why) == RESULT_OK;
    if (!ok)
        play_fail(s, "the message: %s", why);
    json_free(root);
    buf_free(&text);
    buf_free(&body);
    return ok;
}
