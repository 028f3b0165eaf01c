/*
 * fedgate-agent vault open: one item, for a person with a key, for a reason. The gateway's half
 * comes for this opening alone, and is on record there before it comes; nothing is left on disk but
 * what the person writes to a file.
 */
#include "base/mem.h"
#include "cli/agent/message.h"
#include "cli/agent/vault.h"
#include "client/answer.h"
#include "message/half.h"

#include <errno.h>
#include <fcntl.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { CONTENT_MAX = 8 << 20 };

struct opening {
    struct agent agent;
    struct vault_place place;
    const char *reason, *person, *persons, *password, *output;
    int output_fd;
    bool raw;
    uint64_t record;
    struct vault_entry entry; /* as it was when this began */
    struct vault_use use;
    struct vault_proof proof;
    uint8_t half[KEY_BYTES];
    bool has_half, asked;
    bool refused; /* the gateway answered, and said no */
};

/* ---------------------------------------------------------------- the gateway's half */

static void got_half(void *arg, const struct fedgate_half *half, const struct fedgate_end *end)
{
    struct opening *o = arg;
    enum fedgate_language language = o->agent.language;
    if (half == NULL) {
        agent_call_ended(&o->agent, end);
    } else if (half->refused != 0) {
        agent_error("the gateway does not open %" PRIu64 ": %s (%s)", o->record,
                    fedgate_reason_text(half->refused, language),
                    fedgate_reason_word(half->refused));
        o->refused = true;
        agent_worse(&o->agent, CLI_NO);
    } else {
        o->has_half = half->has_half || (half->not_needed && o->entry.alone);
        memcpy(o->half, half->half, KEY_BYTES);
        o->refused = !o->has_half;
        if (o->refused) {
            agent_error("the gateway has no half of the key of %" PRIu64 " any more", o->record);
            agent_worse(&o->agent, CLI_NO);
        }
        if (half->uses_limited &&
            vault_used(o->place.vault, o->record, half->uses_left) != RESULT_OK)
            agent_say(&o->agent, "the number of openings left could not be kept");
    }
    agent_stop(&o->agent);
}

static const struct fedgate_half_events half_events = {got_half};

static void interrupted(void *arg)
{
    agent_stop(&((struct opening *)arg)->agent);
}

/* Turns until the answer is there, or there will be none. The call waits for the connection. */
static void ask(struct opening *o)
{
    const struct fedgate_record record = {vault_origin(o->place.vault), o->record};
    const struct fedgate_actor who = {o->use.staff, o->use.role, o->use.workstation,
                                      o->proof.method};
    if (fedgate_half_to_open(o->agent.client, &record, &who, o->reason, &half_events, o) ==
        FEDGATE_OK)
        agent_run(&o->agent);
    else
        agent_worse(&o->agent, AGENT_GATEWAY);
}

/* The entry may have been destroyed since: vault_offline_half looks again. */
static void open_offline(struct opening *o)
{
    enum result r = vault_offline_half(o->place.vault, &o->use, o->half);
    o->has_half = r == RESULT_OK;
    if (r == RESULT_OK) {
        agent_say(&o->agent,
                  "opened without the gateway, which will be told when it can be reached");
        o->agent.code = CLI_OK;
    } else if (r == RESULT_DENIED) {
        cli_error("without the gateway this item may not be opened");
    } else if (r == RESULT_STALE) {
        cli_error("the gateway has not been reached for longer than this item may be opened "
                  "without it");
    } else if (r == RESULT_RANGE) {
        cli_error("it was opened as often as it may be");
        agent_worse(&o->agent, CLI_NO);
    } else {
        agent_worse(&o->agent, vault_place_failed(&o->place, r));
    }
}

/* ---------------------------------------------------------------- the content */

static bool put(int fd, struct bytes b, const char *name)
{
    while (b.n > 0) {
        ssize_t n = write(fd, b.p, b.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            cli_error("%s: %s", name, strerror(errno));
            return false;
        }
        b = bytes_of(b.p + n, b.n - (size_t)n);
    }
    return true;
}

/* A delivery as subscribe would have printed it. */
static bool put_delivery(int fd, struct bytes encoded, const char *name)
{
    struct buf line = BUF_INIT(4 * (size_t)CONTENT_MAX);
    const struct agent_saving none = {.folder = -1};
    struct arena *a = arena_new(4 * (size_t)CONTENT_MAX);
    struct fedgate_delivery d;
    bool good = answer_delivery(a, encoded, &d) == RESULT_OK;
    if (!good)
        cli_error("it is no delivery; --raw shows its bytes");
    good = good && agent_put_delivery(&d, &none, &line);
    buf_u8(&line, '\n');
    good = good && put(fd, buf_view(&line), name);
    arena_free(a);
    buf_free(&line);
    return good;
}

static enum result copy(struct opening *o, struct vault_reader *r, int fd, const char *name)
{
    struct buf content = BUF_INIT(CONTENT_MAX);
    bool whole = !o->raw && strcmp(o->entry.kind, "video") != 0, good = true;
    enum result end;
    while ((end = vault_read(r, &content)) == RESULT_OK) {
        if (whole)
            continue;
        good = put(fd, buf_view(&content), name);
        buf_clear(&content);
        if (!good)
            break;
    }
    if (end == RESULT_END && whole)
        good = put_delivery(fd, buf_view(&content), name);
    buf_free(&content);
    return good ? end : RESULT_IO;
}

/* Before an opening is asked for, which counts. */
static int open_output(struct opening *o)
{
    o->output_fd = o->output == NULL
                       ? STDOUT_FILENO
                       : open(o->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (o->output_fd < 0)
        cli_error("%s: %s", o->output, strerror(errno));
    return o->output_fd < 0 ? CLI_FAILED : CLI_OK;
}

/* One that nothing was opened for is removed. */
static enum result close_output(struct opening *o, bool is_used)
{
    if (o->output == NULL)
        return RESULT_OK;
    if (!is_used)
        (void)unlink(o->output);
    return close(o->output_fd) == 0 ? RESULT_OK : RESULT_IO;
}

static int show(struct opening *o)
{
    struct vault_reader *r = NULL;
    const char *name = o->output == NULL ? "standard output" : o->output;
    enum result result =
        vault_read_begin(o->place.vault, o->record, o->entry.alone ? NULL : o->half, &r);
    mem_wipe(o->half, sizeof o->half);
    if (result == RESULT_OK)
        result = copy(o, r, o->output_fd, name);
    vault_read_end(r);
    if (close_output(o, true) != RESULT_OK)
        result = RESULT_IO;
    if (result == RESULT_CLOSED)
        agent_say(&o->agent, "the recording was cut off here");
    else if (result == RESULT_NOT_FOUND || result == RESULT_DENIED)
        cli_error("%" PRIu64 ": its half of the key is not in the key store", o->record);
    else if (result != RESULT_END && result != RESULT_IO)
        cli_error("%" PRIu64 ": it cannot be opened: %s", o->record, result_text(result));
    return result == RESULT_END || result == RESULT_CLOSED ? CLI_OK : CLI_FAILED;
}

/* ---------------------------------------------------------------- the command */

static int find(struct opening *o)
{
    const struct vault_entry *e = vault_get(o->place.vault, o->record);
    if (e == NULL || e->state != VAULT_KEPT) {
        cli_error("%" PRIu64 ": %s", o->record,
                  e == NULL                        ? "it is not here"
                  : e->state == VAULT_RECORDING    ? "it is still being recorded"
                  : e->state == VAULT_NEVER_STORED ? "it was never stored"
                                                   : "it is destroyed");
        return CLI_NO;
    }
    o->entry = *e;
    o->use.record = o->record;
    o->use.at_us = vault_now(o->place.vault);
    memcpy(o->use.reason, o->reason, strlen(o->reason) + 1);
    return CLI_OK;
}

/* Whether the gateway would take the report of it: what it would refuse waits for ever, and all
 * reports behind it. */
static int check_report(struct opening *o)
{
    Fedgate__V1__UseReport report = FEDGATE__V1__USE_REPORT__INIT;
    Fedgate__V1__LogRef item = FEDGATE__V1__LOG_REF__INIT;
    Fedgate__V1__Actor actor = FEDGATE__V1__ACTOR__INIT;
    Google__Protobuf__Timestamp at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    const struct check_limits limits = {.now_us = o->use.at_us};
    struct findings found = {0};
    item.origin = (char *)(uintptr_t)vault_origin(o->place.vault);
    item.index = o->record;
    at.seconds = o->use.at_us / US_PER_S;
    actor.staff_ref = o->use.staff;
    actor.role = o->use.role;
    actor.workstation = o->use.workstation;
    actor.authenticated_by = o->proof.method;
    report.item = &item;
    report.actor = &actor;
    report.reason = o->use.reason;
    report.used_at = &at;
    use_report_check(&report, &limits, &found);
    if (found.refused)
        cli_error("%s", found.finding[0].text);
    return found.refused ? CLI_USAGE : CLI_OK;
}

static int open_it(struct opening *o)
{
    int code = agent_begin(&o->agent, interrupted, o);
    if (code == CLI_OK) {
        ask(o);
        if (!o->has_half && !o->refused && o->agent.signal == 0 && o->agent.code == AGENT_GATEWAY)
            open_offline(o);
    }
    if (o->has_half)
        agent_worse(&o->agent, show(o));
    else
        (void)!close_output(o, false);
    return code == CLI_OK ? agent_end(&o->agent) : code;
}

static int run(struct opening *o, int password_fd)
{
    int code = find(o);
    if (code == CLI_OK)
        code =
            vault_person_prove(&o->place, o->persons, o->person, password_fd, &o->use, &o->proof);
    if (code == CLI_OK)
        code = check_report(o);
    if (code == CLI_OK)
        code = open_output(o);
    return code == CLI_OK ? open_it(o) : code;
}

static bool is_complete(struct opening *o, int count, char **argv, int *password_fd)
{
    if (count != 1) {
        cli_error("vault open needs one record");
        return false;
    }
    if (!agent_has((const struct agent_needed[]){
            {"reason", o->reason}, {"person", o->person}, {NULL, NULL}}))
        return false;
    struct bytes reason = bytes_of_text(o->reason);
    if (reason.n > VAULT_REASON_MAX || reason.n == 0 || !minisign_is_comment(reason)) {
        cli_error("--reason is one line, at most %d bytes", VAULT_REASON_MAX);
        return false;
    }
    return vault_record_of(argv[1], &o->record) && cli_descriptor(o->password, password_fd);
}

int agent_vault_open_run(int argc, char **argv)
{
    struct opening o = {.place = {.items_fd = -1, .keys_fd = -1}};
    const struct cli_option options[] = {AGENT_OPTIONS(o.agent.options),
                                         VAULT_PLACE_OPTIONS(o.place),
                                         {"reason", &o.reason, NULL},
                                         {"person", &o.person, NULL},
                                         {"persons", &o.persons, NULL},
                                         {"password-fd", &o.password, NULL},
                                         {"output", &o.output, NULL},
                                         {"raw", NULL, &o.raw},
                                         {NULL, NULL, NULL}};
    int password_fd, count = cli_options(options, argc, argv);
    if (count < 0 || !is_complete(&o, count, argv, &password_fd))
        return CLI_USAGE;
    int code = vault_place_open(&o.place);
    if (code == CLI_OK)
        code = run(&o, password_fd);
    mem_wipe(o.half, sizeof o.half);
    vault_place_close(&o.place);
    return code;
}
