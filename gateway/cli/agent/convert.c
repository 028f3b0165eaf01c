/* fedgate-agent convert: one document in another format, without a gateway. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/limits.h"
#include "json/json.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>

struct convert {
    struct agent agent; /* for its language; nothing is connected */
    const struct format *from, *to;
    const char *source, *path;
    bool json;
    struct format_report report;
};

/* ---------------------------------------------------------------- --fields */

static const char *const heading[][2] = {
    {"place", "위치"}, {"fields of the contract", "계약 필드"}, {"how", "방법"}};

static int print_fields(const struct format *f, bool korean)
{
    struct cli_table *t = cli_table_new(ARRAY_LEN(heading));
    struct format_line line;
    for (size_t i = 0; i < ARRAY_LEN(heading); i++) {
        cli_table_cell(t, heading[i][korean]);
        cli_table_paint(t, CLI_FAINT);
    }
    for (size_t i = 0; format_line_at(f, i, &line); i++) {
        cli_table_cell(t, line.place);
        cli_table_cell(t, line.fields);
        cli_table_cell(t, line.how[korean]);
    }
    (void)printf("%s\n\n", format_title(f));
    cli_table_print(t, stdout);
    cli_table_free(t);
    return CLI_OK;
}

/* ---------------------------------------------------------------- one document */

/* What only a header can lack that no agency has sent yet. */
static void fill_header(const struct convert *c, struct arena *a, Fedgate__V1__Message *m)
{
    const struct agent_header none = {0};
    const struct clock clock = clock_system();
    m->header = agent_header_make(a, &none, c->source == NULL ? "" : c->source,
                                  clock_wall_us(&clock), m->header);
}

static bool write_document(struct convert *c, struct arena *a, Fedgate__V1__Message *m,
                           struct buf *out)
{
    struct format_report written;
    if (c->to == NULL) {
        if (message_to_json(&m->base, c->json ? 0 : 2, out) == RESULT_OK)
            return true;
        (void)snprintf(c->report.why, sizeof c->report.why, "a time that JSON can express");
        return false;
    }
    bool good = format_write(c->to, a, m, out, &written) == RESULT_OK;
    for (size_t i = 0; i < written.count && c->report.count < FORMAT_LOSSES; i++)
        c->report.loss[c->report.count++] = written.loss[i];
    memcpy(c->report.why, written.why, sizeof written.why);
    return good;
}

/* {"format":...,"document":...,"notCarried":[...]} in one line. */
static void wrap(const struct convert *c, struct buf *document)
{
    struct buf line = BUF_INIT(64u << 20);
    buf_u8(&line, '{');
    json_put_member_text(&line, "format",
                         bytes_of_text(c->to == NULL ? "json" : format_name(c->to)));
    if (c->to == NULL) {
        json_put_key(&line, "document");
        buf_put(&line, document->p, document->n);
    } else {
        json_put_member_text(&line, "document", buf_view(document));
    }
    agent_put_losses(&line, &c->report);
    buf_u8(&line, '}');
    buf_free(document);
    *document = line;
}

static int convert_text(struct convert *c, struct bytes text, struct arena *a, struct arena *header)
{
    struct buf out = BUF_INIT(16u << 20);
    Fedgate__V1__Message *m;
    bool good = agent_document_read(c->from, a, text, &m, &c->report);
    if (good && c->to != NULL)
        fill_header(c, header, m);
    good = good && write_document(c, header, m, &out);
    if (good && !c->json)
        agent_tell_losses(&c->agent, c->path, &c->report);
    else if (good)
        wrap(c, &out);
    else
        agent_error("%s: %s", c->path, c->report.why);
    if (good && out.n > 0 && out.p[out.n - 1] != '\n')
        buf_u8(&out, '\n');
    good = good && fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    buf_free(&out);
    return good ? CLI_OK : CLI_FAILED;
}

static int convert_file(struct convert *c)
{
    struct buf text = BUF_INIT(AGENT_JSON_MAX);
    struct arena *a = arena_new(LIMIT_ARENA), *header = arena_new(AGENT_HEADER_MAX);
    int code = cli_read_file(c->path, AGENT_JSON_MAX, &text)
                   ? convert_text(c, buf_view(&text), a, header)
                   : CLI_FAILED;
    arena_free(header);
    arena_free(a);
    buf_free(&text);
    return code;
}

/* ---------------------------------------------------------------- the command */

static bool is_wrong(const char *what)
{
    cli_error("%s", what);
    return false;
}

static bool check(const struct convert *c, int count)
{
    if (count > 1)
        return is_wrong("convert takes one FILE");
    if (c->from == c->to)
        return is_wrong("--from and --to name the same format");
    if (c->source != NULL && !ident_split_unit(bytes_of_text(c->source), NULL, NULL))
        return is_wrong("--source is party/unit, such as npa-daejeon/112-control");
    return true;
}

int agent_convert_run(int argc, char **argv)
{
    struct convert c = {0};
    const struct format *fields;
    const char *from = NULL, *to = NULL, *named = NULL, *lang = NULL;
    bool korean;
    const struct cli_option options[] = {{"from", &from, NULL},
                                         {"to", &to, NULL},
                                         {"fields", &named, NULL},
                                         {"source", &c.source, NULL},
                                         {"lang", &lang, NULL},
                                         {"json", NULL, &c.json},
                                         {"quiet", NULL, &c.agent.options.quiet},
                                         {0}};
    int count = cli_options(options, argc, argv);
    if (count < 0 || !cli_language(lang, &korean) || !agent_format_option("from", from, &c.from) ||
        !agent_format_option("to", to, &c.to) || !agent_format_option("fields", named, &fields))
        return CLI_USAGE;
    if (fields != NULL)
        return print_fields(fields, korean);
    if (!check(&c, count))
        return CLI_USAGE;
    c.path = count == 0 ? "-" : argv[1];
    c.agent.language = korean ? FEDGATE_KOREAN : FEDGATE_ENGLISH;
    return convert_file(&c);
}
