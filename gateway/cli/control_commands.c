/* fedgatectl approvals, quarantine, emergencies, suspensions, suspend, resume, clock: argv to
 * calls.
 */
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/live.h"

#include <string.h>

/* ---- lists */

int control_look(int argc, char **argv, unsigned list, bool one)
{
    const char *socket = NULL, *language = NULL;
    struct control_print p = {.list = list};
    const struct cli_option options[] = {{"socket", &socket, NULL},
                                         {"lang", &language, NULL},
                                         {"json", NULL, &p.json},
                                         {NULL, NULL, NULL}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(language, &p.korean))
        return CLI_USAGE;
    if (rest != (one ? 1 : 0) || socket == NULL) {
        cli_error(one ? "%s needs --socket FILE and one SUBJECT"
                      : "%s needs --socket FILE, and no subject",
                  argv[0]);
        return CLI_USAGE;
    }
    p.socket = socket;
    if (list == CONTROL_CLOCK)
        return control_print_clock(&p);
    return one ? control_print_one(&p, argv[1]) : control_print_list(&p);
}

#define LOOKS(name, kind)                                                                          \
    static int name##_list(int argc, char **argv)                                                  \
    {                                                                                              \
        return control_look(argc, argv, kind, false);                                              \
    }
LOOKS(approvals, ROAD_APPROVAL)
LOOKS(quarantine, ROAD_QUARANTINE)
LOOKS(emergencies, ROAD_EMERGENCY)
LOOKS(suspensions, CONTROL_SUSPENSIONS)
#undef LOOKS
#define SHOWS(name, kind)                                                                          \
    static int name##_show(int argc, char **argv)                                                  \
    {                                                                                              \
        return control_look(argc, argv, kind, true);                                               \
    }
SHOWS(approvals, ROAD_APPROVAL)
SHOWS(quarantine, ROAD_QUARANTINE)
SHOWS(emergencies, ROAD_EMERGENCY)
#undef SHOWS

/* ---- acts */

/* Either what is to be prepared, and signed here or elsewhere; or what was signed elsewhere. */
static bool is_complete(const struct control_doing *d)
{
    if (d->signature != NULL)
        return d->officer == NULL && d->reason == NULL && d->key == NULL && d->print == NULL;
    return d->officer != NULL && d->reason != NULL && d->text == NULL &&
           (d->key == NULL) != (d->print == NULL);
}

bool control_read_act(int argc, char **argv, int words, struct control_doing *d)
{
    const char *language = NULL, *fd = NULL;
    const struct cli_option options[] = {
        {"socket", &d->socket, NULL},       {"officer", &d->officer, NULL},
        {"reason", &d->reason, NULL},       {"key", &d->key, NULL},
        {"password-fd", &fd, NULL},         {"print", &d->print, NULL},
        {"signature", &d->signature, NULL}, {"text", &d->text, NULL},
        {"lang", &language, NULL},          {NULL, NULL, NULL}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(language, &d->korean) || !cli_descriptor(fd, &d->password_fd))
        return false;
    if (d->socket != NULL && is_complete(d) && rest == (d->signature != NULL ? 0 : words))
        return true;
    cli_error("%s needs --socket FILE and either a subject, --officer, --reason, and --key or "
              "--print; or --signature alone",
              argv[0]);
    return false;
}

/* `words`: how many of argv name the subject, behind `noun`. */
static int act_on(int argc, char **argv, unsigned what, const char *noun, int words)
{
    struct control_doing d = {.act = what};
    char subject[CONTROL_SUBJECT_MAX + 1] = "";
    if (!control_read_act(argc, argv, words, &d))
        return CLI_USAGE;
    if (d.signature == NULL && words == 1)
        (void)snprintf(subject, sizeof subject, "%s%s", noun, argv[1]);
    else if (d.signature == NULL && words == 2)
        (void)snprintf(subject, sizeof subject, "%s%s %s", noun, argv[1], argv[2]);
    d.subject = subject;
    return control_do(&d);
}

static int act(int argc, char **argv, unsigned what, int words)
{
    return act_on(argc, argv, what, "", words);
}

#define ACTS(name, what, words)                                                                    \
    static int name##_run(int argc, char **argv)                                                   \
    {                                                                                              \
        return act(argc, argv, what, words);                                                       \
    }
ACTS(approve, CONTROL_APPROVE, 1)
ACTS(refuse, CONTROL_REFUSE, 1)
ACTS(release, CONTROL_RELEASE, 1)
ACTS(reject, CONTROL_REJECT, 1)
ACTS(review, CONTROL_REVIEW, 1)
#undef ACTS

/* What would go, and nothing is asked of anybody. */
static int dry_run(int argc, char **argv,
                   int (*print)(const struct control_print *p, const char *subject))
{
    const char *socket = NULL, *language = NULL;
    struct control_print p = {0};
    char subject[CONTROL_SUBJECT_MAX + 1];
    bool dry;
    const struct cli_option options[] = {{"socket", &socket, NULL},
                                         {"lang", &language, NULL},
                                         {"json", NULL, &p.json},
                                         {"dry-run", NULL, &dry},
                                         {NULL, NULL, NULL}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(language, &p.korean))
        return CLI_USAGE;
    if (rest != 2 || socket == NULL) {
        cli_error("%s --dry-run needs --socket FILE and a subject of two words", argv[0]);
        return CLI_USAGE;
    }
    p.socket = socket;
    (void)snprintf(subject, sizeof subject, "%s %s", argv[1], argv[2]);
    return print(&p, subject);
}

static bool is_dry(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--dry-run") == 0)
            return true;
    return false;
}

int suspend_run(int argc, char **argv)
{
    return is_dry(argc, argv) ? dry_run(argc, argv, live_print_reach)
                              : act(argc, argv, CONTROL_SUSPEND, 2);
}

int revoke_run(int argc, char **argv)
{
    return is_dry(argc, argv) ? dry_run(argc, argv, live_print_reach)
                              : act(argc, argv, CONTROL_REVOKE, 2);
}

int resume_run(int argc, char **argv)
{
    return act(argc, argv, CONTROL_RESUME, 2);
}

static int clock_accept(int argc, char **argv)
{
    return act_on(argc, argv, CONTROL_ACCEPT_CLOCK, "clock ", 1);
}

static int clock_refuse(int argc, char **argv)
{
    return act_on(argc, argv, CONTROL_REFUSE_CLOCK, "clock ", 1);
}

static int clock_show(int argc, char **argv)
{
    return control_look(argc, argv, CONTROL_CLOCK, false);
}

static int hold_list(int argc, char **argv)
{
    return control_look(argc, argv, CONTROL_HOLDS, false);
}

static int hold_place(int argc, char **argv)
{
    return act(argc, argv, CONTROL_HOLD, 2);
}

static int hold_release(int argc, char **argv)
{
    return act(argc, argv, CONTROL_RELEASE_HOLD, 2);
}

int destroy_run(int argc, char **argv)
{
    return is_dry(argc, argv) ? dry_run(argc, argv, control_print_named)
                              : act(argc, argv, CONTROL_DESTROY, 2);
}

/* ---- tables */

#define SHOW_ARGUMENTS CONTROL_LIST_ARGUMENTS " SUBJECT"
#define LIST_HELP                                                                                  \
    CONTROL_LIST_HELP "\n"                                                                         \
                      "What the log says about messages, never anything out of them. Times are "   \
                      "Korean.\n"

const char control_act_help[] = CONTROL_ACT_OPTIONS;

const char control_stop_help[] =
    "  --dry-run                 only tell what it would cut: sessions, streams, what waits; "
    "--json\n" CONTROL_ACT_OPTIONS
    "A grant or a unit: its messages are refused and its streams end, its "
    "sessions stay. A party or a\n"
    "certificate: its sessions end as well, and new ones, with the reason; what waits for a party\n"
    "stays, and its deadlines go on. One officer does it, two lift it (resume).\n";

#define LIST(run)                                                                                  \
    {                                                                                              \
        "list", CONTROL_LIST_ARGUMENTS, "what waits, one a line", LIST_HELP, run, NULL             \
    }
#define SHOW(run)                                                                                  \
    {                                                                                              \
        "show", SHOW_ARGUMENTS, "all that is known of one", LIST_HELP, run, NULL                   \
    }
#define DOES(name, run, summary)                                                                   \
    {                                                                                              \
        name, CONTROL_ACT_ARGUMENTS " SUBJECT", summary, control_act_help, run, NULL               \
    }

const struct cli_command cli_approvals_commands[] = {
    LIST(approvals_list),
    SHOW(approvals_show),
    DOES("approve", approve_run, "let the held message go on; some clauses ask for two officers"),
    DOES("refuse", refuse_run, "refuse the held message"),
    {0}};

const struct cli_command cli_quarantine_commands[] = {
    LIST(quarantine_list),
    SHOW(quarantine_show),
    DOES("release", release_run, "let the message go on as it is, marked"),
    DOES("reject", reject_run, "refuse the message"),
    {0}};

const struct cli_command cli_emergencies_commands[] = {
    LIST(emergencies_list),
    SHOW(emergencies_show),
    DOES("review", review_run, "state that the use was reviewed, with what was found"),
    {0}};

const struct cli_command cli_suspensions_commands[] = {LIST(suspensions_list), {0}};

const struct cli_command cli_clock_commands[] = {
    {"show", CONTROL_LIST_ARGUMENTS, "whether the clock is trusted; if not, what hangs on it",
     "  --socket FILE   the gateway's control socket (control_socket of its configuration)\n"
     "  --json          one object\n"
     "  --lang en|ko    of headings and messages\n"
     "\n"
     "Times are Korean. Exit 0: the clock is trusted, 1: somebody has to say whether it is "
     "right.\n",
     clock_show, NULL},
    {"accept", CONTROL_ACT_ARGUMENTS " +SECONDS",
     "the clock is right, as far ahead as \"clock show\" says: what is due is destroyed",
     control_act_help, clock_accept, NULL},
    {"refuse", CONTROL_ACT_ARGUMENTS " +SECONDS",
     "the clock is wrong: the time is held until it is repaired", control_act_help, clock_refuse,
     NULL},
    {0}};

const struct cli_command cli_hold_commands[] = {
    LIST(hold_list),
    {"place", CONTROL_ACT_ARGUMENTS " record|incident|scope NAME",
     "preserve it past its deadline, for an order of the Commission or a court; two officers have "
     "to",
     control_act_help, hold_place, NULL},
    {"release", CONTROL_ACT_ARGUMENTS " record|incident|scope NAME",
     "release the hold: what is due is destroyed at once; two officers have to", control_act_help,
     hold_release, NULL},
    {0}};

const char control_destroy_help[] =
    "  --dry-run                 only say what would go; no officer is needed\n"
    "  --json                    of --dry-run: one object\n"
    "  --socket FILE             the gateway's control socket\n"
    "  --officer PARTY/PERSON    who acts, as the policy set names him or her\n"
    "  --reason TEXT             why it was unlawful, in one line; no personal data\n"
    "  --key FILE                sign here, with this key, what is shown; asks for its password\n"
    "  --password-fd N           the password comes from descriptor N\n"
    "  --print FILE              write the text to FILE instead, to be signed elsewhere\n"
    "  --signature FILE          send such a text with this signature of it\n"
    "  --text FILE               the text, when it is not the signature's name without .minisig\n"
    "  --lang en|ko              of messages\n"
    "\n"
    "A record (its number in the log) goes with all that is under the same keys; --dry-run counts "
    "it.\nRecipients are ordered to destroy what they got. A hold is released first. Exit 0: "
    "taken, 1: refused.\n";
