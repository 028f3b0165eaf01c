/* fedgate-agent receipt: what became of a message. */
#include "cli/agent/agent.h"

#include "base/ident.h"

static void got_receipt(void *arg, const struct fedgate_receipt *r, const struct fedgate_end *end)
{
    struct agent *a = arg;
    char what[80];
    agent_stop(a);
    if (r == NULL && end->status == FEDGATE_NOT_FOUND) {
        cli_error("the gateway knows no message of this unit's with this id");
        agent_worse(a, CLI_NO);
    } else if (r == NULL) {
        agent_call_ended(a, end);
    } else {
        (void)snprintf(what, sizeof what, "message %.64s", r->id);
        agent_worse(a, agent_tell_receipt(a, what, r));
        (void)agent_print_message(a, "Receipt", r->encoded);
    }
}

static void interrupted(void *arg)
{
    agent_stop(arg);
}

int agent_receipt_run(int argc, char **argv)
{
    struct agent a = {0};
    struct uuid id;
    const struct cli_option options[] = {AGENT_OPTIONS(a.options), {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    bool good = count == 1 && uuid_parse(bytes_of_text(argv[1]), &id);
    if (count >= 0 && !good)
        cli_error("receipt takes the id of one message, a UUID in lower case");
    if (!good)
        return CLI_USAGE;
    int code = agent_begin(&a, interrupted, &a);
    if (code != CLI_OK)
        return code;
    if (fedgate_receipt_get(a.client, argv[1], got_receipt, &a) == FEDGATE_OK)
        agent_run(&a);
    else
        agent_worse(&a, AGENT_GATEWAY);
    return agent_end(&a);
}
