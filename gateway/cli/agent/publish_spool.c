/* fedgate-agent publish --spool: messages are put where "forward" finds them. No gateway is needed:
 * each is on disk before it is told. */
#include "cli/agent/publish.h"

#include "base/clock.h"
#include "cli/agent/outbox.h"
#include "client/files.h"
#include "json/json.h"

/* The unit that the certificate names is the source. */
static bool find_unit(const struct agent *a, char unit[IDENT_UNIT_MAX + 1])
{
    const struct agent_needed needed[] = {{"certificate", a->options.certificate}, {NULL, NULL}};
    struct buf pem = BUF_INIT(PEM_FILE_MAX);
    char why[400];
    if (!agent_has(needed))
        return false;
    bool there = pem_file_read(a->options.certificate, &pem, why, sizeof why);
    if (there)
        pem_unit(buf_view(&pem), unit);
    else
        cli_error("%s", why);
    buf_free(&pem);
    return there;
}

static void tell_put(struct agent *a, const struct outgoing *o)
{
    struct buf line = BUF_INIT(1000);
    buf_u8(&line, '{');
    json_put_member_text(&line, "id", bytes_of_text(o->id));
    json_put_member_bool(&line, "spooled", true);
    buf_u8(&line, '}');
    (void)agent_print(a, buf_view(&line));
    buf_free(&line);
}

static void tell_not_put(struct agent *a, const struct outgoing *o, enum result r)
{
    const char *why = r == RESULT_FULL ? "the spool is full: \"fedgate-agent forward\" empties it"
                      : r == RESULT_MALFORMED ? "its id is no UUID in lower case"
                                              : "it is not in the spool";
    agent_error("%s:%zu: message %s: %s", o->file, o->line, o->id, why);
    agent_worse(a, CLI_FAILED);
}

static void put(struct agent *a, struct outbox *box, const struct outgoing *o)
{
    const struct clock clock = clock_system();
    const struct bytes message = buf_view(&o->encoded);
    enum result r = outbox_put(box, fedgate_lane_of(message.p, message.n), o->id, message,
                               clock_wall_us(&clock));
    if (r == RESULT_OK)
        tell_put(a, o);
    else
        tell_not_put(a, o, r);
}

static void nothing(void *arg)
{
    (void)arg;
}

int publish_into_spool(struct publish_input *in, const char *folder, char **file)
{
    struct agent *a = in->agent;
    char unit[IDENT_UNIT_MAX + 1];
    struct outbox_limits most;
    struct outgoing *o;
    if (!agent_spool_limits(a, &most))
        return CLI_USAGE;
    struct outbox *box = find_unit(a, unit) ? outbox_open(folder, most) : NULL;
    if (box == NULL)
        return CLI_FAILED;
    a->signal_fd = -1; /* there is no loop: a signal ends it, behind what was told */
    in->more.unit = unit;
    in->reader = agent_reader_new(a, file, in->more.format != NULL, nothing, NULL);
    while (!a->mute && publish_input_next(in, &o) == RESULT_OK) {
        put(a, box, o);
        outgoing_free(o);
    }
    agent_reader_free(in->reader);
    outbox_close(box);
    return a->code;
}
