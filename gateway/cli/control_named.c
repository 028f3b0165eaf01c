/* How much a name stands for in a running gateway, for people and for programs. */
#include "base/clock.h"
#include "cli/control.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

/* "scopes=3 deliveries=5": one member after the other. */
static bool take_pair(struct bytes *rest, char name[32], int64_t *value)
{
    char pair[64];
    const uint8_t *blank = rest->n == 0 ? NULL : memchr(rest->p, ' ', rest->n);
    const size_t n = blank == NULL ? rest->n : (size_t)(blank - rest->p);
    (void)snprintf(pair, sizeof pair, "%.*s", (int)n, (const char *)rest->p);
    char *equals = strchr(pair, '=');
    if (equals == NULL)
        return false;
    *equals = '\0';
    (void)snprintf(name, 32, "%.31s", pair);
    *value = strtoll(equals + 1, NULL, 10);
    *rest = n == rest->n ? bytes_of(NULL, 0) : bytes_of(rest->p + n + 1, rest->n - n - 1);
    return true;
}

static const char *korean_of(const char *name)
{
    static const char *const words[][2] = {{"scopes", "키 범위"},
                                           {"deliveries", "대기 중인 제공"},
                                           {"recipients", "수신 단위"},
                                           {"owed", "수신자가 파기할 것"},
                                           {"preserved", "보존 명령"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(name, words[i][0]) == 0)
            return words[i][1];
    return name;
}

static void time_of(int64_t us, char out[TIME_TEXT])
{
    out[0] = '\0';
    if (us != 0)
        time_text_s(us, zone_named("Asia/Seoul"), out);
}

static void print_json(const struct control_item *i)
{
    struct buf out = BUF_INIT(4096);
    struct bytes rest = i->failed;
    char name[32], text[TIME_TEXT];
    int64_t value;
    buf_text(&out, "{");
    while (take_pair(&rest, name, &value))
        json_put_member_integer(&out, name, value);
    time_of(i->due_us, text);
    json_put_member_text(&out, "newest", bytes_of_text(text));
    time_of(i->since_us, text);
    json_put_member_text(&out, "oldest", bytes_of_text(text));
    json_put_member_text(&out, "subject", i->subject);
    buf_text(&out, "}");
    (void)puts(buf_c(&out));
    buf_free(&out);
}

static void row(struct cli_table *t, const char *name, const char *value)
{
    cli_table_cell(t, name);
    cli_table_paint(t, CLI_FAINT);
    cli_table_cell(t, value);
}

static void print_table(const struct control_item *i, const char *subject, bool korean)
{
    struct cli_table *t = cli_table_new(2);
    struct bytes rest = i->failed;
    char name[32], text[TIME_TEXT];
    int64_t value;
    row(t, korean ? "대상" : "subject", subject);
    while (take_pair(&rest, name, &value)) {
        (void)snprintf(text, sizeof text, "%lld", (long long)value);
        row(t, korean ? korean_of(name) : name, text);
    }
    time_of(i->since_us, text);
    row(t, korean ? "가장 오래된 것" : "oldest", text);
    time_of(i->due_us, text);
    row(t, korean ? "가장 새로운 것" : "newest", text);
    cli_table_print(t, stdout);
    cli_table_free(t);
}

int control_print_named(const struct control_print *p, const char *subject)
{
    struct buf frame;
    struct control_answer a;
    struct control_item i;
    struct cursor items;
    int code = CLI_OK;
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = CONTROL_NAMED, .subject = bytes_of_text(subject)};
    if (!control_ask(p->socket, &r, &frame, &a, &items)) {
        code = CLI_FAILED;
    } else if (a.code != CONTROL_CODE_DONE) {
        cli_error("%s: %s", subject, control_code_text(a.code, p->korean));
        code = CLI_NO;
    } else if (a.items != 1 || control_item_take(&items, &i) != RESULT_OK) {
        cli_error("%s: the answer is not one of this version", p->socket);
        code = CLI_FAILED;
    } else if (p->json) {
        print_json(&i);
    } else {
        print_table(&i, subject, p->korean);
    }
    buf_free(&frame);
    return code;
}
