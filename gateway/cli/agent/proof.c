/* fedgate-agent proof: that what this unit sent or got stands in the gateway's log. */
#include "audit/tlog_proof.h"
#include "cli/agent/log.h"
#include "cli/audit_log.h"

#include <stdio.h>

enum { PROOF_MAX = 1 << 20 };

struct proof_command {
    struct agent agent;
    struct log_asking log;
    struct note_key key;
    uint64_t index;
};

static void interrupted(void *arg)
{
    agent_stop(&((struct proof_command *)arg)->agent);
}

/* With the entry in the extra line, so that one file is enough for "audit verify-proof". Nothing is
 * handed on that does not hold. */
static int check(struct proof_command *c)
{
    struct buf extra = BUF_INIT(PROOF_MAX), out = BUF_INIT(2 * PROOF_MAX);
    struct tlog_proof proof;
    struct checkpoint checkpoint;
    const char *fault = "it is no proof (C2SP tlog-proof)";
    struct hasher *h = hasher_new();
    enum result r = tlog_proof_read(buf_view(&c->log.text), &proof, &extra);
    if (r == RESULT_OK && proof.index != c->index)
        r = RESULT_MISMATCH;
    if (r == RESULT_OK)
        r = tlog_proof_check(h, &proof, &c->key, buf_view(&c->log.entry), &checkpoint, &fault);
    if (r == RESULT_OK) {
        tlog_proof_put(&proof, buf_view(&c->log.entry), &out);
        (void)fwrite(out.p, 1, out.n, stdout);
    } else {
        agent_error("what the gateway answers proves nothing: %s", fault);
    }
    hasher_free(h);
    buf_free(&extra);
    buf_free(&out);
    return r == RESULT_OK ? CLI_OK : CLI_NO;
}

static void ask(struct proof_command *c)
{
    const struct fedgate_record record = {c->key.name, c->index};
    log_asking_begin(&c->log, &c->agent);
    if (log_ask_proof(&c->log, &record)) {
        agent_worse(&c->agent, check(c));
    } else if (c->log.status == FEDGATE_NOT_FOUND) {
        agent_error("the log has no such entry that this unit sent or got");
        agent_worse(&c->agent, CLI_NO);
    } else {
        agent_worse(&c->agent, AGENT_GATEWAY);
    }
    log_asking_end(&c->log);
}

int agent_proof_run(int argc, char **argv)
{
    struct proof_command c = {0};
    const char *key = NULL;
    const struct cli_option options[] = {
        AGENT_OPTIONS(c.agent.options), {"log-key", &key, NULL}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    bool good = count == 1 && key != NULL && checkpoint_number(bytes_of_text(argv[1]), &c.index);
    if (count >= 0 && !good)
        cli_error("proof needs --log-key FILE and the index of a record");
    if (!good)
        return CLI_USAGE;
    if (!audit_key_read(key, NOTE_KEY_ED25519, &c.key))
        return CLI_FAILED;
    int code = agent_begin(&c.agent, interrupted, &c);
    if (code != CLI_OK)
        return code;
    ask(&c);
    return agent_end(&c.agent);
}
