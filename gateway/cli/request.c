/* fedgatectl request: citizens' and companies' requests for footage, from receipt to outcome. */
#include "audit/claim.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "crypto/digest.h"

#include <string.h>

/* ---- options of one command alone */

/* --NAME VALUE, taken out of argv; NULL in *out when it is not there. */
static bool take(const char *name, int *argc, char **argv, const char **out)
{
    *out = NULL;
    return cli_repeated(name, argc, argv, out, 1) >= 0;
}

static bool no_such(const char *what, const char *word, const char *(*word_of)(unsigned i),
                    unsigned rows)
{
    const char *nearest = NULL;
    for (unsigned i = 1; i < rows; i++)
        nearest_offer(bytes_of_text(word), word_of(i), &nearest);
    return cli_no_such(what, word, nearest);
}

static bool read_time(const char *name, const char *text, int64_t *out)
{
    if (time_parse(text, strlen(text), zone_named("Asia/Seoul"), out))
        return true;
    cli_error("--%s: \"%s\" is no day (2026-11-28) and no time (2026-11-28T21:05:00+09:00)", name,
              text);
    return false;
}

/* ---- opening one */

struct opening {
    const char *received, *camera, *from, *until;
};

/* The day in Korea on which it came; without --received, today. */
static bool put_day(const struct opening *o, char day[TIME_TEXT])
{
    enum { DAY = sizeof "2026-11-28" - 1 };
    const struct clock clock = clock_system();
    int64_t at_us = clock_wall_us(&clock);
    if (o->received != NULL && !read_time("received", o->received, &at_us))
        return false;
    time_text_s(at_us, zone_named("Asia/Seoul"), day);
    day[DAY] = '\0';
    return true;
}

/* What is asked for stands before the reason in what is signed: the log knows neither. */
static bool put_about(const struct opening *o, const char *reason, struct buf *out)
{
    int64_t from_us, until_us;
    char from[TIME_TEXT], until[TIME_TEXT];
    if (o->camera == NULL || o->from == NULL || o->until == NULL) {
        cli_error("a request names --camera ID, --from TIME and --until TIME");
        return false;
    }
    if (!read_time("from", o->from, &from_us) || !read_time("until", o->until, &until_us))
        return false;
    if (from_us >= until_us) {
        cli_error("--until is not later than --from");
        return false;
    }
    time_text_s(from_us, zone_named("Asia/Seoul"), from);
    time_text_s(until_us, zone_named("Asia/Seoul"), until);
    buf_printf(out, "camera %s, %s to %s: %s", o->camera, from, until, reason);
    return true;
}

static int open_request(const struct control_doing *d, const struct opening *o, char **argv)
{
    char subject[CONTROL_SUBJECT_MAX + 1], day[TIME_TEXT];
    struct buf about = BUF_INIT(1 << 16);
    if (claimant_named(bytes_of_text(argv[2])) == 0) {
        (void)no_such("requester", argv[2], claimant_word, CLAIMANTS);
        return CLI_USAGE;
    }
    int code = CLI_USAGE;
    if (put_day(o, day) && put_about(o, d->reason, &about)) {
        (void)snprintf(subject, sizeof subject, "request %s by %s received %s", argv[1], argv[2],
                       day);
        struct control_doing whole = *d;
        whole.subject = subject;
        whole.reason = buf_c(&about);
        code = control_do(&whole);
    }
    buf_free(&about);
    return code;
}

static int request_open(int argc, char **argv)
{
    struct control_doing d = {.act = CONTROL_OPEN_REQUEST};
    struct opening o;
    if (!take("received", &argc, argv, &o.received) || !take("camera", &argc, argv, &o.camera) ||
        !take("from", &argc, argv, &o.from) || !take("until", &argc, argv, &o.until) ||
        !control_read_act(argc, argv, 2, &d))
        return CLI_USAGE;
    if (d.signature == NULL)
        return open_request(&d, &o, argv);
    if (o.received == NULL && o.camera == NULL && o.from == NULL && o.until == NULL)
        return control_do(&d);
    cli_error("with --signature the text says which camera, and when");
    return CLI_USAGE;
}

/* ---- what becomes of it */

static int act(const struct control_doing *d, const char *number, const char *what,
               const char *word)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, "request %s %s%s%s", number, what,
                   *word == '\0' ? "" : " ", word);
    struct control_doing whole = *d;
    whole.subject = subject;
    return control_do(&whole);
}

static int request_postpone(int argc, char **argv)
{
    struct control_doing d = {.act = CONTROL_POSTPONE_REQUEST};
    if (!control_read_act(argc, argv, 1, &d))
        return CLI_USAGE;
    return d.signature != NULL ? control_do(&d) : act(&d, argv[1], "postponed", "");
}

/* "sha256:..." of a file of any size. False after an error message. */
static bool put_digest(const char *path, char out[CLAIM_MASKED_MAX + 1])
{
    uint8_t piece[16384];
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    FILE *file = fopen(path, "rbe");
    size_t n;
    if (file == NULL) {
        cli_error("%s: it cannot be read", path);
        return false;
    }
    struct hasher *h = hasher_new();
    hasher_begin(h);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        hasher_add(h, bytes_of(piece, n));
    hasher_end(h, digest);
    hasher_free(h);
    const bool whole = ferror(file) == 0;
    (void)fclose(file);
    if (!whole)
        cli_error("%s: it cannot be read", path);
    bytes_to_hex(bytes_of(digest, sizeof digest), hex);
    (void)snprintf(out, CLAIM_MASKED_MAX + 1, "sha256:%s", hex);
    return whole;
}

static int request_mask(int argc, char **argv)
{
    struct control_doing d = {.act = CONTROL_MASK_REQUEST};
    char digest[CLAIM_MASKED_MAX + 1];
    if (!control_read_act(argc, argv, 2, &d))
        return CLI_USAGE;
    if (d.signature != NULL)
        return control_do(&d);
    if (strcmp(argv[2], CLAIM_NOBODY_ELSE) == 0)
        return act(&d, argv[1], "masked", argv[2]);
    return put_digest(argv[2], digest) ? act(&d, argv[1], "masked", digest) : CLI_FAILED;
}

static int request_decide(int argc, char **argv)
{
    struct control_doing d = {.act = CONTROL_DECIDE_REQUEST};
    if (!control_read_act(argc, argv, 2, &d))
        return CLI_USAGE;
    if (d.signature != NULL)
        return control_do(&d);
    if (claim_outcome_named(bytes_of_text(argv[2])) == 0) {
        (void)no_such("outcome", argv[2], claim_outcome_word, CLAIM_OUTCOMES);
        return CLI_USAGE;
    }
    return act(&d, argv[1], "outcome", argv[2]);
}

static int request_list(int argc, char **argv)
{
    return control_look(argc, argv, CONTROL_REQUESTS, false);
}

static int request_show(int argc, char **argv)
{
    return control_look(argc, argv, CONTROL_REQUESTS, true);
}

/* ---- table */

static const char list_help[] =
    CONTROL_LIST_HELP "\n"
                      "What is open; what was decided stands in the log (audit register requests). "
                      "Times are Korean.\n";

static const char open_help[] =
    "  --received DAY            when it came, as 2026-11-28; without it, today\n"
    "  --camera ID               which camera, and\n"
    "  --from TIME               from when\n"
    "  --until TIME              to when: these three are signed, and do not stand in the "
    "log\n" CONTROL_ACT_OPTIONS "\n"
    "NUMBER is the centre's own number of the request: small letters, digits and hyphens, never a\n"
    "name or a resident number. It is to be answered within ten days; three days before, an\n"
    "operator is warned, then alarmed.\n"
    "\n"
    "who asks:\n"
#define W(NAME, number, word, en, ko) "  " word ": " en "\n"
#include "audit/claimants.def"
#undef W
    ;

static const char mask_help[] = CONTROL_ACT_OPTIONS
    "\n"
    "FILE is what would be given, with everybody else masked: its SHA-256 goes on record, the "
    "file\n"
    "goes nowhere. nobody-else: nobody else is to be seen. Another file undoes the first of two\n"
    "decisions.\n";

static const char decide_help[] = CONTROL_ACT_OPTIONS
    "\n"
    "To give and to refuse takes two privacy officers, who state the same outcome.\n"
    "\n"
    "outcomes:\n"
#define O(NAME, number, word, persons, gives, en, ko) "  " word ": " en "\n"
#include "audit/claim_outcomes.def"
#undef O
    ;

const struct cli_command cli_request_commands[] = {
    {"list", CONTROL_LIST_ARGUMENTS, "what is open, one a line", list_help, request_list, NULL},
    {"show", CONTROL_LIST_ARGUMENTS " NUMBER", "all that is known of one", list_help, request_show,
     NULL},
    {"open",
     "[--received DAY] --camera ID --from TIME --until TIME " CONTROL_ACT_ARGUMENTS
     " NUMBER data-subject|representative|company",
     "enter a request that came in", open_help, request_open, NULL},
    {"postpone", CONTROL_ACT_ARGUMENTS " NUMBER",
     "put the answer off by ten days, once, for the reason stated", control_act_help,
     request_postpone, NULL},
    {"mask", CONTROL_ACT_ARGUMENTS " NUMBER FILE|nobody-else",
     "state the masked file that is to be given", mask_help, request_mask, NULL},
    {"decide", CONTROL_ACT_ARGUMENTS " NUMBER OUTCOME",
     "state what it comes to; two officers give or refuse", decide_help, request_decide, NULL},
    {0}};
