/* fedgate-agent doctor: the command, and what it says of each step. */
#include "cli/agent/doctor.h"

#include "base/clock.h"
#include "base/mem.h"
#include "client/files.h"

#include <stdarg.h>
#include <string.h>

enum { TEXT_MAX = 16384 };

static const enum doctor_tell tells[] = {
#define STEP(NAME, word, tell) [DOCTOR_##NAME] = TELL_##tell,
#include "cli/agent/doctor.def"
#undef STEP
};

void doctor_say(struct doctor *d, enum doctor_step step, enum cli_step_result result,
                const char *fmt, ...)
{
    struct doctor_line *line = &d->line[step];
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    line->result = result;
    line->tell = tells[step];
    buf_clear(&line->text);
    buf_text(&line->text, text);
    (void)buf_c(&line->text);
}

void doctor_tell(struct doctor *d, enum doctor_step step, enum doctor_tell tell)
{
    d->line[step].tell = tell;
}

/* ---------------------------------------------------------------- the command */

/* A step ends what needs it; those after it stay skipped. */
static void examine(struct doctor *d)
{
    bool files = doctor_files(d), there = doctor_name(d) && doctor_tcp(d);
    if (files && there)
        doctor_gateway(d);
}

/* As the other commands': 4 when there is no connection to the gateway, 1 for the rest. */
static int code_of(const struct doctor *d)
{
    int code = CLI_OK;
    for (enum doctor_step s = 0; s < DOCTOR_STEPS; s++) {
        if (d->line[s].result != CLI_STEP_FAILED)
            continue;
        int this = s == DOCTOR_FILES                          ? CLI_FAILED
                   : s >= DOCTOR_NAME && s <= DOCTOR_ACCEPTED ? AGENT_GATEWAY
                                                              : CLI_NO;
        code = this > code ? this : code;
    }
    return code;
}

static int run(struct doctor *d)
{
    for (size_t i = 0; i < DOCTOR_STEPS; i++)
        d->line[i].text = BUF_INIT(TEXT_MAX);
    examine(d);
    int code = doctor_print(d) ? code_of(d) : CLI_FAILED;
    for (size_t i = 0; i < DOCTOR_STEPS; i++)
        buf_free(&d->line[i].text);
    cli_table_free(d->grants);
    buf_free(&d->grants_json);
    buf_free(&d->encoded);
    return code;
}

int agent_doctor_run(int argc, char **argv)
{
    struct doctor d = {0};
    const char *patience = NULL;
    unsigned long seconds = 10;
    const struct cli_option options[] = {AGENT_OPTIONS(d.agent.options),
                                         {"json", NULL, &d.json},
                                         {"message", &d.message, NULL},
                                         {"wait", &patience, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("doctor takes no arguments but its options");
    if (count != 0 || !agent_number("wait", patience, 1, 600, &seconds))
        return CLI_USAGE;
    int code = agent_settings(&d.agent);
    if (code != CLI_OK)
        return code;
    if (!address_split(d.agent.options.gateway, &d.host, &d.port)) {
        cli_error("--gateway is HOST:PORT");
        return CLI_USAGE;
    }
    d.korean = d.agent.language == FEDGATE_KOREAN;
    d.patience_us = (int64_t)seconds * US_PER_S;
    d.name = d.agent.options.server_name == NULL ? d.host : d.agent.options.server_name;
    code = run(&d);
    mem_free(d.host);
    return code;
}
