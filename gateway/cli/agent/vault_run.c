/* fedgate-agent vault run: takes what comes, keeps it sealed, destroys it when it is due, and says
 * so. */
#include "cli/agent/vault_run.h"

#include "base/limits.h"
#include "base/mem.h"
#include "cli/agent/message.h"
#include "json/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <string.h>

#define TICK US_PER_S

enum { IN_FLIGHT = 64, LINE_MAX_BYTES = 64 << 10, FULL_TICKS = 60 };

/* ---------------------------------------------------------------- what is told */

void vault_tell(struct vault_run *r, const char *event, uint64_t record, const char *key,
                const char *text)
{
    buf_clear(&r->line);
    buf_u8(&r->line, '{');
    json_put_member_text(&r->line, "event", bytes_of_text(event));
    if (text != NULL && text[0] != '\0')
        json_put_member_text(&r->line, key, bytes_of_text(text));
    json_put_member_integer(&r->line, "record", (int64_t)record);
    buf_u8(&r->line, '}');
    (void)agent_print(&r->agent, buf_view(&r->line));
}

void vault_run_failed(struct vault_run *r, enum result why)
{
    if (why != RESULT_CLOSED) /* what it is was told */
        (void)vault_place_failed(&r->place, why);
    agent_worse(&r->agent, CLI_FAILED);
    r->finishing = true;
    agent_stop(&r->agent);
}

bool vault_run_is_full(struct vault_run *r, enum result why)
{
    if (why != RESULT_FULL)
        return false;
    if (r->full == 0)
        cli_error("%s: no room is left: nothing is stored before there is; what is to be destroyed "
                  "is destroyed",
                  r->place.items);
    r->full = FULL_TICKS;
    return true;
}

/* ---------------------------------------------------------------- openings without the gateway */

static void reported(void *arg, const struct fedgate_half *half, const struct fedgate_end *end)
{
    struct vault_run *r = arg;
    r->reporting = false;
    if (half == NULL && end->status != FEDGATE_NOT_FOUND)
        return; /* in a later tick */
    if (half == NULL)
        agent_say(&r->agent, "the gateway does not know the record of an opening that is reported");
    enum result result = vault_uses_reported(r->place.vault, 1);
    if (result != RESULT_OK && !vault_run_is_full(r, result))
        vault_run_failed(r, result);
}

static const struct fedgate_half_events report_events = {reported};

static void report_first(struct vault_run *r)
{
    const struct vault_use *u = vault_use_at(r->place.vault, 0);
    if (u == NULL || r->reporting)
        return;
    const struct fedgate_record record = {vault_origin(r->place.vault), u->record};
    const struct fedgate_actor who = {u->staff, u->role, u->workstation, "vault without gateway"};
    r->reporting = fedgate_use_report(r->agent.client, &record, &who, u->reason,
                                      vault_told_us(r->place.vault, u->at_us), &report_events,
                                      r) == FEDGATE_OK;
}

/* ---------------------------------------------------------------- ticks */

static bool check(struct vault_run *r, enum result result)
{
    bool good = result == RESULT_OK || vault_run_is_full(r, result);
    if (!good)
        vault_run_failed(r, result);
    return good;
}

static enum result check_clock(const struct vault_run *r)
{
    return vault_clock_is_behind(r->place.vault) ? RESULT_RANGE : RESULT_OK;
}

/* Whatever another process did in the meantime is seen here too. */
static void tick(void *arg)
{
    struct vault_run *r = arg;
    fedgate_timer_set(r->tick, TICK);
    if (r->finishing)
        return;
    if (!check(r, check_clock(r)) ||
        !check(r, r->agent.connected ? vault_contact(r->place.vault) : RESULT_OK) ||
        !check(r, vault_refresh(r->place.vault)) ||
        !check(r, vault_drop_stale_halves(r->place.vault)))
        return;
    vault_record_check(r);
    vault_held_tick(r);
    vault_deadlines(r);
    if (!r->agent.connected || r->finishing)
        return;
    vault_receipts(r);
    if (r->full > 0 && --r->full > 0)
        return;
    vault_keep_again(r);
    report_first(r);
}

/* ---------------------------------------------------------------- deliveries */

static void got_delivery(void *arg, const struct fedgate_delivery *d)
{
    struct vault_run *r = arg;
    if (!r->finishing && !vault_order(r, d))
        vault_keep(r, d);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct vault_run *r = arg;
    agent_call_ended(&r->agent, end);
    agent_stop(&r->agent);
}

static const struct fedgate_subscriber_events subscriber_events = {got_delivery, got_end};

/* ---------------------------------------------------------------- the command */

static void finish(void *arg)
{
    struct vault_run *r = arg;
    if (r->finishing)
        return;
    r->finishing = true;
    agent_stop_soon(&r->agent);
    fedgate_subscriber_finish(r->subscriber);
}

struct wish {
    struct agent_header header;
    struct agent_list watch;
    const char *queue, *seconds, *password;
    unsigned long for_s;
    int password_fd;
};

static bool watch(struct vault_run *r, const struct wish *w, const char *stream)
{
    struct arena *a = arena_new(AGENT_HEADER_MAX);
    struct buf encoded = BUF_INIT(LIMIT_REQUEST);
    Fedgate__V1__WatchRequest request = FEDGATE__V1__WATCH_REQUEST__INIT;
    request.stream_id = (char *)(uintptr_t)stream;
    request.purpose = (char *)(uintptr_t)w->header.purpose;
    request.basis = agent_header_basis(a, &w->header);
    request.actor = agent_header_actor(a, &w->header);
    bool good = message_pack(&request.base, &encoded) == RESULT_OK;
    if (good)
        vault_record_stream(r, stream, buf_view(&encoded));
    else
        cli_error("the options are larger than a request can be");
    buf_free(&encoded);
    arena_free(a);
    return good;
}

/* The vault is one unit's: with another's certificate its receipts would be nobody's. */
static bool is_its_unit(const struct vault_run *r)
{
    const char *unit = fedgate_client_unit(r->agent.client);
    if (strcmp(unit, vault_unit(r->place.vault)) == 0)
        return true;
    cli_error("the certificate is of %s, and the vault of %s", unit, vault_unit(r->place.vault));
    return false;
}

static void work(struct vault_run *r, const struct wish *w)
{
    const struct fedgate_subscription wanted = {.queue = w->queue, .max_in_flight = IN_FLIGHT};
    struct fedgate_timer *until = fedgate_timer_new(r->agent.client, finish, r);
    r->tick = fedgate_timer_new(r->agent.client, tick, r);
    r->publisher = fedgate_publisher_new(r->agent.client, &vault_receipt_events, r);
    r->subscriber = fedgate_subscriber_new(r->agent.client, &wanted, &subscriber_events, r);
    for (size_t i = 0; i < w->watch.count; i++)
        if (!watch(r, w, w->watch.item[i]))
            agent_worse(&r->agent, CLI_USAGE);
    fedgate_timer_set(r->tick, 0);
    if (w->for_s > 0)
        fedgate_timer_set(until, (int64_t)w->for_s * US_PER_S);
    if (r->subscriber != NULL && r->agent.code == CLI_OK)
        agent_run(&r->agent);
    vault_record_end_all(r);
    vault_keep_drop_all(r);
    vault_receipts_drop_all(r);
    fedgate_timer_free(r->tick);
    fedgate_timer_free(until);
}

static int claim(struct vault_run *r)
{
    enum result result = vault_claim(r->place.vault);
    if (result == RESULT_EXISTS) {
        cli_error("%s: another process stores into this vault", r->place.items);
        return CLI_FAILED;
    }
    if (result == RESULT_OK)
        result = check_clock(r);
    return result == RESULT_OK ? CLI_OK : vault_place_failed(&r->place, result);
}

static int take_key(struct vault_run *r, const struct wish *w)
{
    const char *file = r->agent.options.receipt_key;
    r->staff = w->header.staff == NULL ? "vault" : w->header.staff;
    if (file == NULL)
        return CLI_OK;
    return cli_secret_key(file, w->password_fd, &r->receipt_key) == RESULT_OK ? CLI_OK : CLI_FAILED;
}

static int run(struct vault_run *r, const struct wish *w)
{
    int code = agent_settings(&r->agent);
    if (code == CLI_OK)
        code = take_key(r, w);
    if (code == CLI_OK)
        code = vault_place_open(&r->place);
    if (code == CLI_OK)
        code = claim(r);
    if (code == CLI_OK)
        code = agent_begin(&r->agent, finish, r);
    if (code != CLI_OK)
        return code;
    r->line = BUF_INIT(LINE_MAX_BYTES);
    if (is_its_unit(r))
        work(r, w);
    else
        agent_worse(&r->agent, CLI_FAILED);
    buf_free(&r->line);
    return agent_end(&r->agent);
}

static bool is_complete(struct wish *w)
{
    if (!agent_number("for", w->seconds, 1, 1000000000, &w->for_s) ||
        !agent_header_check(&w->header) || !cli_descriptor(w->password, &w->password_fd))
        return false;
    const struct agent_needed needed[] = {
        {"purpose", w->header.purpose}, {"basis", w->header.basis}, {NULL, NULL}};
    return w->watch.count == 0 || agent_has(needed);
}

static bool read_options(struct vault_run *r, struct wish *w, int argc, char **argv)
{
    const struct cli_option options[] = {AGENT_OPTIONS(r->agent.options),
                                         {"reconnect", NULL, &r->agent.options.reconnect},
                                         VAULT_PLACE_OPTIONS(r->place),
                                         AGENT_PURPOSE_OPTIONS(w->header),
                                         {"queue", &w->queue, NULL},
                                         {"receipt-key", &r->agent.options.receipt_key, NULL},
                                         {"password-fd", &w->password, NULL},
                                         {"for", &w->seconds, NULL},
                                         {NULL, NULL, NULL}};
    if (!agent_list_option("evidence", &w->header.evidence, &argc, argv) ||
        !agent_list_option("watch", &w->watch, &argc, argv))
        return false;
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("vault run takes no \"%s\"", argv[1]);
    return count == 0;
}

int agent_vault_run_run(int argc, char **argv)
{
    struct vault_run r = {.place = {.items_fd = -1, .keys_fd = -1}, .held_age = VAULT_HELD_NEVER};
    struct wish w = {0};
    TAILQ_INIT(&r.keepings);
    TAILQ_INIT(&r.recordings);
    TAILQ_INIT(&r.receipts);
    if (!read_options(&r, &w, argc, argv) || !is_complete(&w))
        return CLI_USAGE;
    int code = run(&r, &w);
    minisign_secret_free(r.receipt_key);
    vault_place_close(&r.place);
    return code;
}
