/* fedgatectl policy diff: which messages would two policy sets decide differently, and which units
 * may do something else in the console? */
#include "cli/policy_set.h"

#include "base/clock.h"
#include "json/json.h"
#include "message/reason.h"
#include "policy/analysis.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 << 20, SHOWN = 50 };

struct arguments {
    const char *folder[2], *language, *limit_text, *now;
    size_t limit;
    int64_t now_us;
    bool json, korean;
};

static bool read_limit(const char *text, size_t *out)
{
    char *end;
    if (text == NULL)
        return true;
    *out = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0')
        return true;
    cli_error("--limit is a number");
    return false;
}

static bool read_now(const char *text, int64_t *out)
{
    if (text == NULL || time_parse(text, strlen(text), zone_named("Asia/Seoul"), out))
        return true;
    cli_error("--now is a day (2026-11-21) or a time (2026-11-21T10:00:00+09:00)");
    return false;
}

static bool parse(int argc, char **argv, struct arguments *a)
{
    const struct clock clock = clock_system();
    const struct cli_option options[] = {{"json", NULL, &a->json},
                                         {"lang", &a->language, NULL},
                                         {"limit", &a->limit_text, NULL},
                                         {"now", &a->now, NULL},
                                         {NULL, NULL, NULL}};
    *a = (struct arguments){.limit = SHOWN, .now_us = clock_wall_us(&clock)};
    const int count = cli_options(options, argc, argv);
    if (count < 0)
        return false;
    if (count != 2) {
        cli_error("policy diff takes two folders: the old set and the new one");
        return false;
    }
    a->folder[0] = argv[1];
    a->folder[1] = argv[2];
    return read_limit(a->limit_text, &a->limit) && read_now(a->now, &a->now_us) &&
           cli_language(a->language, &a->korean);
}

/* ---- text */

static void put_outcome(struct buf *out, const struct policy_decided *o, const char *label,
                        bool korean)
{
    buf_printf(out, "  %s %s", label, policy_verdict_word(o->verdict, korean));
    if (o->verdict == POLICY_REFUSED)
        buf_printf(out, ": %s", korean ? reason_row(o->reason)->text[1] : reason_word(o->reason));
    if (o->clause[0] != '\0')
        buf_printf(out, " %s", o->clause);
    if (o->failed[0] != '\0')
        buf_printf(out, " (%s)", o->failed);
    buf_u8(out, '\n');
}

static void put_aspects(struct buf *out, unsigned aspects, const char *between, bool korean)
{
    bool first = true;
    for (unsigned i = 0; i < POLICY_ASPECTS; i++) {
        if ((aspects >> i & 1) == 0)
            continue;
        buf_printf(out, "%s%s", first ? "" : between,
                   policy_aspect_text((enum policy_aspect)i, korean));
        first = false;
    }
}

/* "key\tvalue\n" as lines of their own. */
static void put_message(struct buf *out, const char *message)
{
    for (const char *end; (end = strchr(message, '\n')) != NULL; message = end + 1) {
        const char *tab = strchr(message, '\t');
        buf_printf(out, "      %.*s: %.*s\n", (int)(tab - message), message, (int)(end - tab - 1),
                   tab + 1);
    }
}

static void put_difference(struct buf *out, const struct policy_difference *d, bool korean)
{
    static const char *const words[2][4] = {{"old:", "new:", "other terms:", "for example:"},
                                            {"이전:", "이후:", "달라진 조건:", "예:"}};
    put_outcome(out, &d->old, words[korean][0], korean);
    put_outcome(out, &d->new, words[korean][1], korean);
    if (d->aspects != 0) {
        buf_printf(out, "  %s ", words[korean][2]);
        put_aspects(out, d->aspects, ", ", korean);
        buf_u8(out, '\n');
    }
    buf_printf(out, "  %s\n", words[korean][3]);
    put_message(out, d->message);
}

static const char *clause_of(const struct policy_difference *d)
{
    return d->new.verdict != POLICY_REFUSED ? d->new.clause : d->old.clause;
}

/* Differences of one clause and one change stand together under one heading. */
static void put_heading(struct buf *out, const struct policy_difference *d,
                        const struct policy_difference *before, bool korean)
{
    if (before != NULL && before->old.verdict == d->old.verdict &&
        before->new.verdict == d->new.verdict &&strcmp(clause_of(before), clause_of(d)) == 0) {
        buf_u8(out, '\n');
        return;
    }
    buf_printf(out, "%s%s -> %s: %s\n", before == NULL ? "" : "\n",
               policy_verdict_word(d->old.verdict, korean),
               policy_verdict_word(d->new.verdict, korean), clause_of(d));
}

static void put_uncompared(struct buf *out, const struct policy_diff *d, bool korean)
{
    for (size_t i = 0; i < d->uncompareds; i++) {
        const struct policy_uncompared *u = &d->uncompared[i];
        buf_text(out, korean ? "비교하지 못함: " : "not compared: ");
        buf_printf(out, "%s, %s -> %s: ", u->kind, u->from, u->to);
        if (korean)
            buf_text(out, u->too_many ? "조건이 너무 많음\n" : "예가 될 위치를 찾지 못함\n");
        else
            buf_text(out, u->too_many ? "the grants ask too many different things\n"
                                      : "no place was found where they could differ\n");
    }
    if (d->unconfirmed > 0)
        buf_printf(out,
                   korean ? "판정이 확인해 주지 않은 예: %zu건\n"
                          : "examples that the decision did not confirm: %zu\n",
                   d->unconfirmed);
}

/* Behind the messages: who sees and does what in the console is no decision about one. */
static void put_console(struct buf *out, const struct policy_diff *d, bool korean)
{
    for (size_t i = 0; i < d->consoles; i++) {
        const struct policy_console_change *c = &d->console[i];
        buf_printf(out, korean ? "콘솔 역할: %s: %s -> %s (%s)\n" : "console: %s: %s -> %s (%s)\n",
                   c->unit, policy_console_text(c->old, korean),
                   policy_console_text(c->new, korean), policy_width_text(c->width, korean));
    }
}

static void put_total(struct buf *out, const struct arguments *a, const struct policy_diff *d)
{
    if (d->differences > a->limit)
        buf_printf(out,
                   a->korean ? "\n그 밖에 %zu건(--limit으로 더 볼 수 있습니다)\n"
                             : "\nand %zu more (--limit shows them)\n",
                   d->differences - a->limit);
    if (d->differences > 0)
        buf_printf(out, a->korean ? "\n차이: %zu건\n" : "\ndifferences: %zu\n", d->differences);
    put_uncompared(out, d, a->korean);
    if (d->differences == 0 && d->uncompareds == 0 && d->unconfirmed == 0)
        buf_text(out, a->korean ? "다르게 판정되는 메시지가 없습니다\n"
                                : "no message is decided differently\n");
    put_console(out, d, a->korean);
}

static void put_text(struct buf *out, const struct arguments *a, const struct policy_diff *d)
{
    for (size_t i = 0; i < d->differences && i < a->limit; i++) {
        put_heading(out, &d->difference[i], i == 0 ? NULL : &d->difference[i - 1], a->korean);
        put_difference(out, &d->difference[i], a->korean);
    }
    put_total(out, a, d);
}

/* ---- JSON: words of the language, whatever --lang says of the message's keys */

static void put_json_outcome(struct buf *out, const char *key, const struct policy_decided *o)
{
    json_put_key(out, key);
    buf_u8(out, '{');
    json_put_member_text(out, "clause", bytes_of_text(o->clause));
    json_put_member_text(out, "failed", bytes_of_text(o->failed));
    json_put_member_text(out, "reason", bytes_of_text(reason_word(o->reason)));
    json_put_member_text(out, "verdict", bytes_of_text(policy_verdict_word(o->verdict, false)));
    buf_u8(out, '}');
}

/* A list of pairs: an incident can stand there several times. */
static void put_json_message(struct buf *out, const char *message)
{
    json_put_key(out, "message");
    buf_u8(out, '[');
    for (const char *end, *begin = message; (end = strchr(message, '\n')) != NULL;
         message = end + 1) {
        const char *tab = strchr(message, '\t');
        buf_text(out, message == begin ? "[" : ",[");
        json_put_text(out, bytes_of(message, (size_t)(tab - message)));
        buf_u8(out, ',');
        json_put_text(out, bytes_of(tab + 1, (size_t)(end - tab - 1)));
        buf_u8(out, ']');
    }
    buf_u8(out, ']');
}

static void put_json_difference(struct buf *out, const struct policy_difference *d)
{
    struct buf aspects = BUF_INIT(1024);
    put_aspects(&aspects, d->aspects, ", ", false);
    buf_u8(out, '{');
    json_put_member_text(out, "from", bytes_of_text(d->from));
    json_put_member_text(out, "kind", bytes_of_text(d->kind));
    put_json_message(out, d->message);
    put_json_outcome(out, "new", &d->new);
    put_json_outcome(out, "old", &d->old);
    json_put_member_text(out, "terms", buf_view(&aspects));
    json_put_member_text(out, "to", bytes_of_text(d->to));
    buf_u8(out, '}');
    buf_free(&aspects);
}

static void put_json(struct buf *out, const struct arguments *a, const struct policy_diff *d)
{
    buf_text(out, "{\"console\":[");
    for (size_t i = 0; i < d->consoles; i++) {
        const struct policy_console_change *c = &d->console[i];
        buf_text(out, i == 0 ? "{" : ",{");
        json_put_member_text(out, "change", bytes_of_text(policy_width_text(c->width, false)));
        json_put_member_text(out, "new", bytes_of_text(policy_console_word(c->new)));
        json_put_member_text(out, "old", bytes_of_text(policy_console_word(c->old)));
        json_put_member_text(out, "unit", bytes_of_text(c->unit));
        buf_u8(out, '}');
    }
    buf_text(out, "],\"differences\":[");
    for (size_t i = 0; i < d->differences && i < a->limit; i++) {
        buf_text(out, i == 0 ? "" : ",");
        put_json_difference(out, &d->difference[i]);
    }
    buf_text(out, "],\"not_compared\":[");
    for (size_t i = 0; i < d->uncompareds; i++) {
        buf_text(out, i == 0 ? "{" : ",{");
        json_put_member_text(out, "from", bytes_of_text(d->uncompared[i].from));
        json_put_member_text(out, "kind", bytes_of_text(d->uncompared[i].kind));
        json_put_member_text(out, "to", bytes_of_text(d->uncompared[i].to));
        json_put_member_bool(out, "too_many", d->uncompared[i].too_many);
        buf_u8(out, '}');
    }
    buf_u8(out, ']');
    json_put_member_integer(out, "total", (int64_t)d->differences);
    json_put_member_integer(out, "unconfirmed", (int64_t)d->unconfirmed);
    buf_text(out, "}\n");
}

/* ---- the command */

static int compare(const struct arguments *a, const struct policy_set set[2])
{
    struct buf out = BUF_INIT(TEXT_MAX);
    struct policy_diff d;
    policy_diff(set[0].policy, set[1].policy, a->now_us, a->korean && !a->json, &d);
    if (a->json)
        put_json(&out, a, &d);
    else
        put_text(&out, a, &d);
    int code = policy_set_print(&out);
    if (code == CLI_OK && d.differences + d.uncompareds + d.unconfirmed + d.consoles > 0)
        code = CLI_NO;
    policy_diff_free(&d);
    buf_free(&out);
    return code;
}

/* A set that does not compile is no difference: 2, as for a wrong command. */
int policy_diff_run(int argc, char **argv)
{
    struct arguments a;
    struct policy_set set[2];
    if (!parse(argc, argv, &a))
        return CLI_USAGE;
    int code = policy_set_open(&set[0], a.folder[0], a.language);
    if (code == CLI_OK) {
        code = policy_set_open(&set[1], a.folder[1], a.language);
        code = code == CLI_OK ? compare(&a, set) : CLI_USAGE;
        policy_set_close(&set[1]);
    } else {
        code = CLI_USAGE;
    }
    policy_set_close(&set[0]);
    return code;
}
