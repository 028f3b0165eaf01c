/* What the options do not say: from the environment, or else from the configuration file. And
 * fedgate-agent settings, which tells what counts. */
#include "cli/agent/agent.h"

#include "base/mem.h"
#include "cli/agent/outbox.h"
#include "client/files.h"
#include "config/read.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONFIG_MAX = 64 << 10, SAID_MAX = 256 << 10 };

/* ---------------------------------------------------------------- the file */

/* What the rows are read into. */
struct target {
    struct agent_file *out;
    const char *folder; /* of the configuration file: empty, or ends with a slash */
    int folder_length;
};

/* One row's place, and its bounds. */
struct slot {
    const struct target *target;
    char *text;
    int64_t least, most;
};

static void read_NAME(struct reader *r, const struct node *n, const char *what,
                      const struct slot *s)
{
    struct bytes t;
    if (read_text(r, n, what, AGENT_TEXT - 1, &t))
        (void)snprintf(s->text, AGENT_TEXT, "%.*s", (int)t.n, (const char *)t.p);
}

static void read_ADDRESS(struct reader *r, const struct node *n, const char *what,
                         const struct slot *s)
{
    char *host = NULL;
    uint16_t port;
    if (!read_is_text(r, n, what))
        return;
    if (address_split(node_c(n), &host, &port))
        read_NAME(r, n, what, s);
    else
        read_fail(r, n, DIAGNOSE_NOT_AN_ADDRESS, what, NULL, NULL);
    mem_free(host);
}

static void read_FILE(struct reader *r, const struct node *n, const char *what,
                      const struct slot *s)
{
    const struct target *t = s->target;
    bool absolute = bytes_begins(node_text(n), "/") || bytes_is(node_text(n), AGENT_NONE);
    int length = absolute ? 0 : t->folder_length;
    struct bytes path;
    if (read_text(r, n, what, (size_t)(AGENT_TEXT - 1 - length), &path))
        (void)snprintf(s->text, AGENT_TEXT, "%.*s%.*s", length, t->folder, (int)path.n,
                       (const char *)path.p);
}

#define read_FOLDER read_FILE /* both are paths */

static void read_COUNT(struct reader *r, const struct node *n, const char *what,
                       const struct slot *s)
{
    int64_t v;
    if (read_number(r, n, what, s->least, s->most, &v))
        (void)snprintf(s->text, AGENT_TEXT, "%" PRId64, v);
}

/* One reader a row. */
#define A(member, option, type, variable, standard, least, most, help)                             \
    static void take_##member(struct reader *r, const struct node *n, void *target)                \
    {                                                                                              \
        const struct target *t = target;                                                           \
        const struct slot s = {t, t->out->member, least, most};                                    \
        read_##type(r, n, #member, &s);                                                            \
    }
#include "cli/agent/settings.def"
#undef A

static const struct read_key keys[] = {
#define A(member, option, type, variable, standard, least, most, help)                             \
    {#member, false, take_##member},
#include "cli/agent/settings.def"
#undef A
};

/* False after error messages, with the line of each. */
static bool read_config(struct bytes text, const char *path, bool korean, struct agent_file *out)
{
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 0 : (int)(slash - path) + 1;
    struct target t = {out, path, length};
    if (length >= AGENT_TEXT / 2) {
        cli_error("%s: its name is too long", path);
        return false;
    }
    struct diagnose *d = diagnose_new();
    struct reader r = {d, zone_named("Asia/Seoul"), NULL};
    struct document *doc = document_read(text, path, d);
    struct buf said = BUF_INIT(SAID_MAX);
    if (doc != NULL)
        (void)read_map(&r, document_root(doc), "the configuration", keys, ARRAY_LEN(keys), &t);
    document_free(doc);
    diagnose_print(d, korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH, &said);
    (void)fputs(buf_c(&said), stderr);
    bool good = diagnose_errors(d) == 0;
    buf_free(&said);
    diagnose_free(d);
    return good;
}

/* The file that is told; else the one that a machine has, if it has one that this user may read. */
static int find_config(struct agent *a)
{
    struct agent_options *o = &a->options;
    const char *variable = getenv("FEDGATE_CONFIG");
    struct buf text = BUF_INIT(CONFIG_MAX + 1);
    if (o->config == NULL && variable != NULL && variable[0] != '\0')
        o->config = variable;
    if (o->config == NULL && access(AGENT_CONFIG, R_OK) == 0)
        o->config = AGENT_CONFIG;
    if (o->config == NULL)
        return CLI_OK;
    bool good = cli_read_file(o->config, CONFIG_MAX, &text) &&
                read_config(buf_view(&text), o->config, a->language == FEDGATE_KOREAN, &a->file);
    buf_free(&text);
    return good ? CLI_OK : CLI_FAILED;
}

/* ---------------------------------------------------------------- what counts */

struct setting {
    const char *key, *option, *type, *variable, *standard;
    const char **value;
    const char *in_file; /* "": it does not stand there */
    const char *from;    /* where the value comes from */
};

enum {
#define A(member, option, type, variable, standard, least, most, help) ROW_##member,
#include "cli/agent/settings.def"
#undef A
    ROWS
};

enum {
#define A(member, option, type, variable, standard, least, most, help)                             \
    LEAST_##member = (least), MOST_##member = (most),
#include "cli/agent/settings.def"
#undef A
};

static void find(struct setting *s)
{
    const char *variable = getenv(s->variable);
    s->from = "option";
    if (*s->value != NULL)
        return;
    s->from = "environment";
    *s->value = variable;
    if (variable != NULL && variable[0] != '\0')
        return;
    s->from = s->in_file[0] == '\0' ? "default" : "file";
    *s->value = s->in_file[0] != '\0'           ? s->in_file
                : strcmp(s->type, "COUNT") == 0 ? s->standard
                                                : NULL;
}

static int find_all(struct agent *a, struct setting out[ROWS])
{
    const struct setting all[ROWS] = {
#define A(member, option, type, variable, standard, least, most, help)                             \
    {#member, option, #type, variable, standard, &a->options.member, a->file.member, NULL},
#include "cli/agent/settings.def"
#undef A
    };
    bool korean;
    if (!cli_language(a->options.lang, &korean))
        return CLI_USAGE;
    a->language = korean ? FEDGATE_KOREAN : FEDGATE_ENGLISH;
    int code = find_config(a);
    for (size_t i = 0; code == CLI_OK && i < ROWS; i++) {
        out[i] = all[i];
        find(&out[i]);
    }
    return code;
}

static bool is_missing(const struct setting *s)
{
    return strcmp(s->standard, AGENT_NEEDED) == 0 && (*s->value == NULL || **s->value == '\0');
}

int agent_settings_some(struct agent *a)
{
    struct setting row[ROWS];
    return find_all(a, row);
}

int agent_settings(struct agent *a)
{
    struct setting row[ROWS];
    int code = find_all(a, row);
    for (size_t i = 0; code == CLI_OK && i < ROWS; i++) {
        if (!is_missing(&row[i]))
            continue;
        cli_error("--%s is missing; the environment variable %s does as well, or \"%s\" in the "
                  "configuration file",
                  row[i].option, row[i].variable, row[i].key);
        code = CLI_USAGE;
    }
    return code;
}

bool agent_setting(const char **value, const char *option, const char *variable)
{
    if (*value == NULL)
        *value = getenv(variable);
    if (*value != NULL && **value != '\0')
        return true;
    cli_error("--%s is missing; the environment variable %s does as well", option, variable);
    return false;
}

const char *agent_spool(const struct agent *a)
{
    const char *spool = a->options.spool;
    return spool == NULL || strcmp(spool, AGENT_NONE) == 0 ? NULL : spool;
}

bool agent_spool_limits(const struct agent *a, struct outbox_limits *out)
{
    unsigned long count = 0, mib = 0;
    if (!agent_number("spool-messages", a->options.spool_messages, LEAST_spool_messages,
                      MOST_spool_messages, &count) ||
        !agent_number("spool-mib", a->options.spool_mib, LEAST_spool_mib, MOST_spool_mib, &mib))
        return false;
    *out = (struct outbox_limits){count, (uint64_t)mib << 20};
    return true;
}

/* ---------------------------------------------------------------- fedgate-agent settings */

static void print(const struct setting *s)
{
    struct buf line = BUF_INIT(AGENT_TEXT * 8);
    buf_u8(&line, '{');
    json_put_member_text(&line, "from", bytes_of_text(is_missing(s) ? "nowhere" : s->from));
    json_put_member_text(&line, "setting", bytes_of_text(s->key));
    json_put_member_text(&line, "value",
                         bytes_of_text(*s->value == NULL ? s->standard : *s->value));
    buf_u8(&line, '}');
    (void)puts(buf_c(&line));
    buf_free(&line);
}

int agent_settings_run(int argc, char **argv)
{
    struct agent a = {0};
    struct setting row[ROWS];
    const struct cli_option options[] = {AGENT_OPTIONS(a.options),
                                         AGENT_SPOOL_OPTIONS(a.options),
                                         {"receipt-key", &a.options.receipt_key, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("settings takes no \"%s\"", argv[1]);
    if (count != 0)
        return CLI_USAGE;
    int code = find_all(&a, row);
    for (size_t i = 0, told = code == CLI_OK ? ROWS : 0; i < told; i++) {
        print(&row[i]);
        if (is_missing(&row[i]))
            code = CLI_NO;
    }
    return code;
}
