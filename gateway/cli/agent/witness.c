/* fedgate-agent witness: confirms the checkpoints of a running gateway. */
#include "cli/agent/log.h"
#include "cli/witness.h"
#include "crypto/secret.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

enum { NOTE_MAX = 1 << 20, EVERY_MOST = 86400 };

struct witness_command {
    struct agent agent;
    struct log_asking log;
    const char *log_key, *witness_key, *state_path, *every_text;
    bool begin;
    unsigned long every; /* seconds; 0: once */
    struct note_key key;
    struct audit_secret *secret;
    struct witness_state state;
    struct fedgate_timer *timer;
};

static void interrupted(void *arg)
{
    agent_stop(&((struct witness_command *)arg)->agent);
}

static void due(void *arg)
{
    agent_stop(&((struct witness_command *)arg)->agent);
}

static uint64_t size_of(struct bytes note)
{
    struct checkpoint c;
    struct bytes body;
    return note.n > 0 && note_body(note, &body) == RESULT_OK &&
                   checkpoint_read(body, &c) == RESULT_OK
               ? c.size
               : 0;
}

/* Only what the log signed goes into the state and back: others' lines are theirs to hand in. */
static bool strip(const struct witness_command *c, struct bytes note, struct buf *out)
{
    struct bytes body, line;
    if (note_find(note, &c->key, &body, &line) != RESULT_OK)
        return false;
    buf_put(out, body.p, body.n);
    buf_u8(out, '\n');
    buf_put(out, line.p, line.n);
    return true;
}

/* The note is checked against what was seen, kept, signed, and handed in. */
static int confirm(struct witness_command *c, struct buf *note)
{
    struct clock clock = clock_system();
    uint64_t old_size = size_of(buf_view(&c->state.seen));
    struct buf line = BUF_INIT(AUDIT_KEY_FILE_MAX);
    int code = witness_confirm(&c->state, &c->key, c->secret, buf_view(note), log_tiles(&c->log),
                               clock_wall_us(&clock), &line);
    buf_put(note, line.p, line.n);
    buf_free(&line);
    if (code != CLI_OK)
        return code;
    if (!log_ask_cosignature(&c->log, old_size, buf_c(note)))
        return c->log.status == FEDGATE_PERMISSION_DENIED ? CLI_NO : AGENT_GATEWAY;
    agent_say(&c->agent,
              "confirmed %s at %" PRIu64 " entries (%" PRIu64 " before, %" PRIu64 " tiles)",
              c->key.name, size_of(buf_view(note)), old_size, c->log.tiles);
    return CLI_OK;
}

static int once(struct witness_command *c)
{
    struct buf note = BUF_INIT(NOTE_MAX);
    int code = AGENT_GATEWAY;
    c->log.tiles = 0;
    if (log_ask_checkpoint(&c->log)) {
        code = CLI_NO;
        if (strip(c, buf_view(&c->log.text), &note))
            code = confirm(c, &note);
        else
            agent_error("the gateway's checkpoint is not signed by the key of %s", c->key.name);
    }
    buf_free(&note);
    return code;
}

/* False when nothing more is to be done. */
static bool wait_until_due(struct witness_command *c)
{
    fedgate_timer_set(c->timer, (int64_t)c->every * US_PER_S);
    agent_run(&c->agent);
    return !c->agent.gone && c->agent.signal == 0;
}

/* A gateway that is away for a while is tried again; a log that was forked never is. */
static void run(struct witness_command *c)
{
    int code;
    c->timer = fedgate_timer_new(c->agent.client, due, c);
    log_asking_begin(&c->log, &c->agent);
    do
        code = once(c);
    while (c->every > 0 && code != CLI_NO && wait_until_due(c));
    if (c->agent.signal == 0)
        agent_worse(&c->agent, code);
    log_asking_end(&c->log);
    fedgate_timer_free(c->timer);
}

static bool open_all(struct witness_command *c)
{
    return audit_key_read(c->log_key, NOTE_KEY_ED25519, &c->key) &&
           audit_secret_read(c->witness_key, &c->secret) &&
           witness_state_open(c->state_path, c->begin, &c->state);
}

static int with_gateway(struct witness_command *c)
{
    c->agent.options.reconnect = c->every > 0;
    int code = agent_begin(&c->agent, interrupted, c);
    if (code != CLI_OK)
        return code;
    run(c);
    return agent_end(&c->agent);
}

int agent_witness_run(int argc, char **argv)
{
    struct witness_command c = {.state.folder = -1};
    const struct cli_option options[] = {AGENT_OPTIONS(c.agent.options),
                                         {"log-key", &c.log_key, NULL},
                                         {"witness-key", &c.witness_key, NULL},
                                         {"state", &c.state_path, NULL},
                                         {"every", &c.every_text, NULL},
                                         {"begin", NULL, &c.begin},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    bool given = c.log_key != NULL && c.witness_key != NULL && c.state_path != NULL;
    if (count >= 0 && (count != 0 || !given))
        cli_error("witness needs --log-key FILE, --witness-key FILE and --state DIR");
    if (count != 0 || !given || !agent_number("every", c.every_text, 1, EVERY_MOST, &c.every))
        return CLI_USAGE;
    int code = open_all(&c) ? with_gateway(&c) : CLI_FAILED;
    witness_state_close(&c.state);
    secret_free(c.secret);
    return code;
}
