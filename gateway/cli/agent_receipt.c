/* fedgate-agent receipt: what became of a message. */
#include "cli/agent.h"

#include "base/ident.h"

static void got_receipt(void *arg, const struct fedgate_receipt *r, const struct fedgate_end *end)
{
    struct agent *a = arg;
    struct fedgate_buffer json;
    char what[80];
    agent_stop(a);
    if (r == NULL) {
        agent_call_ended(a, end);
        return;
    }
    (void)snprintf(what, sizeof what, "message %.64s", r->id);
    agent_worse(a, agent_tell_receipt(a, what, r));
    if (fedgate_json_write("Receipt", r->encoded.p, r->encoded.n, 0, &json) == FEDGATE_OK) {
        (void)agent_print(a, bytes_of(json.p, json.n));
        fedgate_buffer_free(&json);
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
    if (count >= 0 && (count != 1 || !uuid_parse(bytes_of_text(argv[1]), &id)))
        cli_error("receipt takes the id of one message, a UUID in lower case");
    if (count != 1 || !uuid_parse(bytes_of_text(argv[1]), &id))
        return CLI_USAGE;
    int code = agent_begin(&a, interrupted, &a);
    if (code != CLI_OK)
        return code;
    if (fedgate_receipt_get(a.client, argv[1], got_receipt, &a) == FEDGATE_OK)
        agent_run(&a);
    return agent_end(&a);
}
