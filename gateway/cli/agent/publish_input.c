/* Messages as they are read from documents. */
#include "cli/agent/publish.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void outgoing_free(struct outgoing *o)
{
    if (o == NULL)
        return;
    buf_free(&o->encoded);
    mem_free(o);
}

bool publish_input_photo(struct publish_input *in, const char *path)
{
    struct stat s;
    if (path == NULL)
        return true;
    in->photo = BUF_INIT(LIMIT_PHOTO + 1);
    if (!cli_read_file(path, LIMIT_PHOTO, &in->photo))
        return false;
    if (in->photo.n == 0 || stat(path, &s) != 0) {
        cli_error("%s: %s", path, in->photo.n == 0 ? "the file is empty" : strerror(errno));
        return false;
    }
    in->more.photo = buf_view(&in->photo);
    in->more.taken_us = (int64_t)s.st_mtime * US_PER_S;
    return true;
}

static bool encode(struct publish_input *in, struct bytes json, struct outgoing *o)
{
    const struct clock clock = clock_system();
    struct format_report report = {0};
    char why[300];
    if (in->more.header.id != NULL && o->number > 0)
        (void)snprintf(why, sizeof why, "--id names one message, and this is another");
    else if (agent_encode(json, &in->more, clock_wall_us(&clock), &o->encoded, o->id, &report, why,
                          sizeof why)) {
        agent_tell_losses(in->agent, o->file, &report);
        return true;
    }
    agent_error("%s:%zu: %s", o->file, o->line, why);
    agent_worse(in->agent, CLI_FAILED);
    return false;
}

enum result publish_input_next(struct publish_input *in, struct outgoing **out)
{
    for (;;) {
        struct outgoing head = {.encoded = BUF_INIT(FEDGATE_MESSAGE_MAX)};
        struct bytes json;
        TRY(agent_reader_next(in->reader, &json, &head.file, &head.line));
        head.number = in->read++;
        struct outgoing *o = mem_new(sizeof *o);
        *o = head;
        if (encode(in, json, o)) {
            *out = o;
            return RESULT_OK;
        }
        outgoing_free(o);
    }
}
