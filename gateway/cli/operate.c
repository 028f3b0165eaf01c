/* fedgatectl reload, drain, cut: what an operator does to a running gateway, on record with a name
 * and a reason. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/live.h"
#include "config/read.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is ordered. */
struct order {
    struct control_print p; /* socket, language, JSON of a dry run */
    unsigned act;
    const char *reason;
    char operator_name[IDENT_WORD_MAX + 1];
    char subject[CONTROL_SUBJECT_MAX + 1];
    bool dry;
};

/* ---- who operates: the name that is given, or whoever is logged in, also before sudo; as one word
 * of what may stand in the log. */

static void put_word(const char *name, char out[IDENT_WORD_MAX + 1])
{
    size_t n = 0;
    for (; *name != '\0' && n < IDENT_WORD_MAX; name++) {
        const char c = *name;
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter || n > 0)
            out[n++] = letter ? c : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : '-';
    }
    out[n] = '\0';
}

static void name_operator(const char *given, char out[IDENT_WORD_MAX + 1])
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *me = given != NULL || sudo != NULL ? NULL : getpwuid(getuid());
    const char *name = given != NULL ? given : sudo != NULL ? sudo : me != NULL ? me->pw_name : "";
    if (given != NULL)
        (void)snprintf(out, IDENT_WORD_MAX + 1, "%s", given); /* refused by the gateway, not bent */
    else
        put_word(name, out);
}

/* ---- ordering, and what came of it */

static int refused(const struct order *o, const struct control_answer *a)
{
    cli_error("%s: %s%s%.*s", control_act_word(o->act), control_code_text(a->code, o->p.korean),
              a->text.n == 0 ? "" : ": ", (int)a->text.n, (const char *)a->text.p);
    return a->code == CONTROL_CODE_DISK_FULL || a->code == CONTROL_CODE_NO_EDGE ||
                   a->code == CONTROL_CODE_TOO_LATE
               ? CLI_FAILED
               : CLI_NO;
}

static void done(const struct order *o, const struct control_answer *a)
{
    (void)printf(o->p.korean ? "%s: 완료 (기록 %llu)" : "%s: done (record %llu)",
                 control_act_word(o->act), (unsigned long long)a->index);
    if (a->text.n > 0)
        (void)printf(o->p.korean ? ", 접속 %.*s개" : ", %.*s sessions", (int)a->text.n,
                     (const char *)a->text.p);
    (void)puts("");
}

static int order(const struct order *o, const struct control_patience *patience)
{
    const struct control_request r = {.ask = CONTROL_OPERATE,
                                      .act = (uint8_t)o->act,
                                      .subject = bytes_of_text(o->subject),
                                      .officer = bytes_of_text(o->operator_name),
                                      .reason = bytes_of_text(o->reason)};
    struct buf frame;
    struct control_answer a;
    struct cursor items;
    int code = CLI_FAILED;
    if (control_ask_patiently(o->p.socket, &r, &frame, &a, &items, patience)) {
        code = a.code == CONTROL_CODE_DONE ? CLI_OK : refused(o, &a);
        if (code == CLI_OK)
            done(o, &a);
    }
    buf_free(&frame);
    return code;
}

/* ---- how a drain goes on */

static const struct live_column of_drain[] = {
    {"sessions", {"sessions that end", "끊기는 접속"}, LIVE_NUMBER},
    {"streams", {"streams that end", "끝나는 영상 송출"}, LIVE_NUMBER},
    {"watching", {"streams not watched any more", "끝나는 영상 열람"}, LIVE_NUMBER},
    {"deliverable", {"deliveries for who is connected", "접속한 단위에 전달할 것"}, LIVE_NUMBER},
    {"waiting",
     {"deliveries in all, which stay on disk", "디스크에 남는 것을 포함한 전체"},
     LIVE_NUMBER}};

/* Now: CLI_OK, or another code after an error message. */
static int look(const struct control_print *p, struct live_ledger *l, struct live_edge *e)
{
    struct buf frame;
    struct control_answer a;
    struct cursor items;
    int code = live_ask_page(p, CONTROL_LEDGER, "", &frame, &a, &items);
    if (code == CLI_OK && (a.items != 1 || live_ledger_take(&items, l) != RESULT_OK))
        code = live_wrong(p);
    buf_free(&frame);
    if (code != CLI_OK || e == NULL)
        return code;
    code = live_ask_page(p, CONTROL_EDGE, "", &frame, &a, &items);
    if (code == CLI_OK && (a.items != 1 || live_edge_take(&items, e) != RESULT_OK))
        code = live_wrong(p);
    buf_free(&frame);
    return code;
}

static int print_drain(const struct control_print *p)
{
    struct live_ledger l = {0};
    struct live_edge e = {0};
    int code = look(p, &l, &e);
    if (code != CLI_OK)
        return code;
    const struct live_value value[] = {{.number = e.sessions},
                                       {.number = e.streams},
                                       {.number = e.watchers},
                                       {.number = (int64_t)l.deliverable},
                                       {.number = (int64_t)(l.waiting + l.unacknowledged)}};
    live_print(p, of_drain, value, ARRAY_LEN(of_drain));
    return CLI_OK;
}

/* Once a second, on a connection of its own. */
static void tell_progress(void *arg)
{
    const struct control_print *p = arg;
    struct live_ledger l = {0};
    if (look(p, &l, NULL) != CLI_OK)
        return;
    (void)printf(p->korean ? "대기 중: 접속한 단위에 전달할 것 %llu건\n"
                           : "waiting: %llu deliveries for who is connected\n",
                 (unsigned long long)l.deliverable);
    (void)fflush(stdout);
}

/* ---- argv to calls */

#define OPERATE_OPTIONS                                                                            \
    "  --socket FILE     the gateway's control socket\n"                                           \
    "  --reason TEXT     why, in one line of at most 500 characters; no personal data\n"           \
    "  --operator NAME   who does it: one word; else whoever is logged in, also before sudo\n"     \
    "  --lang en|ko      of messages\n"

const char operate_help[] = OPERATE_OPTIONS
    "\n"
    "It is on record before it is done. --dry-run of cut tells how many sessions and "
    "streams that ends.\nExit 0: done, 1: refused, 3: nobody answered in time.\n";

const char drain_help[] = OPERATE_OPTIONS
    "  --within TIME     how long at most, such as \"2 minutes\"; 1 minute\n"
    "  --stay            do not end then, but go on taking nothing until somebody stops it\n"
    "  --dry-run         only tell what it would end, and what waits; --json\n"
    "\n"
    "Messages and streams are refused from now on (UNAVAILABLE); recipients get what waits. What "
    "is\n"
    "left stays on disk for the next start. Tells once a second how much waits. Exit 0: all was\n"
    "delivered, 1: some still waits, or refused. Under systemd, which starts what ended again: "
    "with\n"
    "--stay, then systemctl stop fedgate.socket fedgate.\n";

/* Reads what all of them take, and `own` besides; the count of words, or -1 after an error. */
static int read_order(struct order *o, int argc, char **argv, const struct cli_option own[3])
{
    const char *language = NULL, *given = NULL;
    const struct cli_option options[] = {{"socket", &o->p.socket, NULL},
                                         {"lang", &language, NULL},
                                         {"reason", &o->reason, NULL},
                                         {"operator", &given, NULL},
                                         {"dry-run", NULL, &o->dry},
                                         {"json", NULL, &o->p.json},
                                         own[0],
                                         own[1],
                                         {NULL, NULL, NULL}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(language, &o->p.korean))
        return -1;
    if (o->p.socket == NULL || (!o->dry && o->reason == NULL)) {
        cli_error("%s needs --socket FILE and --reason TEXT", argv[0]);
        return -1;
    }
    name_operator(given, o->operator_name);
    return rest;
}

int reload_run(int argc, char **argv)
{
    static const struct cli_option none[3];
    static const struct control_patience patience = {.seconds = 130};
    struct order o = {.act = CONTROL_RELOAD, .subject = "policy"};
    int rest = read_order(&o, argc, argv, none);
    if (rest != 0 || o.dry) {
        if (rest >= 0)
            cli_error("reload takes no subject, and has no --dry-run: \"policy check\" is that");
        return CLI_USAGE;
    }
    return order(&o, &patience);
}

int cut_run(int argc, char **argv)
{
    static const struct cli_option none[3];
    static const struct control_patience patience = {.seconds = 15};
    struct order o = {.act = CONTROL_CUT};
    int rest = read_order(&o, argc, argv, none);
    if (rest != 1) {
        if (rest >= 0)
            cli_error("cut needs one PARTY or PARTY/UNIT");
        return CLI_USAGE;
    }
    (void)snprintf(o.subject, sizeof o.subject, "%s %s", o.dry ? "party" : "sessions", argv[1]);
    return o.dry ? live_print_reach(&o.p, o.subject) : order(&o, &patience);
}

int drain_run(int argc, char **argv)
{
    bool stays = false;
    const char *within = "1 minute";
    int64_t within_us;
    struct order o = {.act = CONTROL_DRAIN};
    const struct cli_option own[3] = {{"within", &within, NULL}, {"stay", NULL, &stays}};
    int rest = read_order(&o, argc, argv, own);
    if (rest != 0 || !read_duration_text(within, &within_us)) {
        if (rest >= 0)
            cli_error(
                "drain takes no subject; --within is a length of time, such as \"2 minutes\"");
        return CLI_USAGE;
    }
    if (o.dry)
        return print_drain(&o.p);
    (void)snprintf(o.subject, sizeof o.subject, "within %lld%s", (long long)(within_us / US_PER_S),
                   stays ? " stay" : "");
    const struct control_patience patience = {
        .seconds = within_us / US_PER_S + 15, .tell = tell_progress, .arg = &o.p};
    return order(&o, &patience);
}
