#include "cli/cli.h"

#include "base/nearest.h"
#include "message/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PREFIX_MAX = 128 };

/* ---- messages */

void cli_error(const char *fmt, ...)
{
    va_list args;
    (void)fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

bool cli_no_such(const char *what, const char *word, const char *nearest)
{
    if (nearest != NULL)
        cli_error("there is no %s \"%s\"; did you mean \"%s\"?", what, word, nearest);
    else
        cli_error("there is no %s \"%s\"", what, word);
    return false;
}

bool cli_is_kind(const char *word)
{
    const char *nearest = NULL;
    if (word == NULL || kind_named(bytes_of_text(word)) != NULL)
        return true;
    for (size_t i = 0; i < KIND_COUNT; i++)
        nearest_offer(bytes_of_text(word), kind_row((enum kind_id)i)->name, &nearest);
    return cli_no_such("kind", word, nearest);
}

bool cli_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR");
    return isatty(fileno(stream)) == 1 && (no == NULL || no[0] == '\0');
}

/* POSIX: the first of these that is set, and not empty, counts. */
static const char *locale_of_messages(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return "";
}

bool cli_language(const char *word, bool *korean)
{
    *korean = word == NULL ? strncmp(locale_of_messages(), "ko", 2) == 0 : strcmp(word, "ko") == 0;
    if (word == NULL || *korean || strcmp(word, "en") == 0)
        return true;
    cli_error("--lang is en or ko");
    return false;
}

/* ---- commands */

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static void print_group(const char *prefix, const struct cli_command *table)
{
    int width = 0;
    for (const struct cli_command *c = table; c->name != NULL; c++)
        width = (int)strlen(c->name) > width ? (int)strlen(c->name) : width;
    (void)printf("usage: %s COMMAND ...\n\n", prefix);
    for (const struct cli_command *c = table; c->name != NULL; c++)
        (void)printf("  %-*s  %s\n", width, c->name, c->summary);
    (void)printf("\n\"%s COMMAND --help\" tells more about a command.\n", prefix);
    if (strchr(prefix, ' ') == NULL) /* the program itself */
        (void)printf("\"%s --version\" tells the version.\n", prefix);
}

static void print_command(const char *prefix, const struct cli_command *c)
{
    const char *arguments = c->arguments == NULL ? "" : c->arguments;
    (void)printf("usage: %s%s%s\n\n%s\n", prefix, arguments[0] == '\0' ? "" : " ", arguments,
                 c->summary);
    if (c->help != NULL)
        (void)printf("\n%s", c->help);
}

static const struct cli_command *find(const struct cli_command *table, const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    return table->name == NULL ? NULL : table;
}

static int no_such_command(const char *prefix, const struct cli_command *table, const char *name)
{
    const char *nearest = NULL;
    for (const struct cli_command *c = table; c->name != NULL; c++)
        nearest_offer(bytes_of_text(name), c->name, &nearest);
    if (nearest != NULL)
        cli_error("there is no command \"%s\"; did you mean \"%s %s\"?", name, prefix, nearest);
    else
        cli_error("there is no command \"%s\"; \"%s --help\" lists them", name, prefix);
    return CLI_USAGE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

/* `help`: the words behind name a command to tell about. */
static int run_in(const char *prefix, const struct cli_command *table, int argc, char **argv,
                  bool help)
{
    char path[PREFIX_MAX];
    if (argc > 1 && strcmp(argv[1], "help") == 0)
        return run_in(prefix, table, argc - 1, argv + 1, true);
    if (argc < 2 || is_help(argv[1])) {
        print_group(prefix, table);
        return help || argc > 1 ? CLI_OK : CLI_USAGE;
    }
    const struct cli_command *c = find(table, argv[1]);
    if (c == NULL)
        return no_such_command(prefix, table, argv[1]);
    (void)snprintf(path, sizeof path, "%s %s", prefix, c->name);
    if (c->sub != NULL)
        return run_in(path, c->sub, argc - 1, argv + 1, help);
    if (help || asks_for_help(argc - 1, argv + 1)) {
        print_command(path, c);
        return CLI_OK;
    }
    return c->run(argc - 1, argv + 1);
}

int cli_run(const char *program, const char *version, const struct cli_command *table, int argc,
            char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("%s %s\n", program, version);
        return CLI_OK;
    }
    return run_in(program, table, argc, argv, false);
}

/* ---- options */

static bool is_named(const struct cli_option *o, const char *word, size_t n)
{
    return strlen(o->name) == n && strncmp(o->name, word, n) == 0;
}

static int no_such_option(const struct cli_option *table, const char *word, size_t n)
{
    const char *nearest = NULL;
    for (const struct cli_option *o = table; o->name != NULL; o++)
        nearest_offer(bytes_of(word, n), o->name, &nearest);
    if (nearest != NULL)
        cli_error("there is no option --%.*s; did you mean --%s?", (int)n, word, nearest);
    else
        cli_error("there is no option --%.*s", (int)n, word);
    return -1;
}

/* Reads the option at argv[i]; returns how many words it took, or -1. */
static int read_option(const struct cli_option *table, int argc, char **argv, int i)
{
    const char *word = argv[i] + 2, *equals = strchr(word, '=');
    size_t n = equals == NULL ? strlen(word) : (size_t)(equals - word);
    const struct cli_option *o = table;
    while (o->name != NULL && !is_named(o, word, n))
        o++;
    if (o->name == NULL)
        return no_such_option(table, word, n);
    if (o->flag != NULL && equals != NULL) {
        cli_error("the option --%s takes no value", o->name);
        return -1;
    }
    if (o->flag != NULL) {
        *o->flag = true;
        return 1;
    }
    if (equals == NULL && i + 1 == argc) {
        cli_error("the option --%s needs a value", o->name);
        return -1;
    }
    *o->value = equals == NULL ? argv[i + 1] : equals + 1;
    return equals == NULL ? 2 : 1;
}

int cli_options(const struct cli_option *table, int argc, char **argv)
{
    int rest = 0, i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0) {
        if (strncmp(argv[i], "--", 2) != 0) {
            argv[1 + rest++] = argv[i++];
            continue;
        }
        int taken = read_option(table, argc, argv, i);
        if (taken < 0)
            return -1;
        i += taken;
    }
    for (i++; i < argc; i++)
        argv[1 + rest++] = argv[i];
    return rest;
}

/* The value when argv[i] is this option; *taken is how many words it is. */
static const char *value_of(const char *name, int argc, char **argv, int i, int *taken)
{
    size_t n = strlen(name);
    if (strncmp(argv[i], "--", 2) != 0 || strncmp(argv[i] + 2, name, n) != 0)
        return NULL;
    *taken = argv[i][2 + n] == '=' ? 1 : 2;
    if (argv[i][2 + n] == '=')
        return argv[i] + 3 + n;
    return argv[i][2 + n] == '\0' && i + 1 < argc ? argv[i + 1] : NULL;
}

int cli_repeated(const char *name, int *argc, char **argv, const char **out, int most)
{
    int count = 0, kept = 1, taken;
    for (int i = 1; i < *argc; i += taken) {
        const char *value = value_of(name, *argc, argv, i, &taken);
        if (value == NULL) {
            argv[kept++] = argv[i];
            taken = 1;
        } else if (count == most) {
            cli_error("--%s stands here more than %d times", name, most);
            return -1;
        } else {
            out[count++] = value;
        }
    }
    *argc = kept;
    return count;
}

/* ---- files */

static bool read_all(int fd, size_t most, struct buf *out)
{
    size_t begin = out->n;
    ssize_t n = 1;
    while (n > 0 && out->n - begin <= most) {
        uint8_t room[16384];
        n = read(fd, room, sizeof room);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            buf_put(out, room, (size_t)n);
    }
    if (n == 0 && out->n - begin <= most && buf_status(out) == RESULT_OK)
        return true;
    errno = n < 0 ? errno : EFBIG;
    return false;
}

static bool write_whole(int fd, struct bytes content)
{
    while (content.n > 0) {
        ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        content = bytes_of(content.p + n, content.n - (size_t)n);
    }
    return fsync(fd) == 0;
}

/* Half a file is none: left behind, it would stand in the way of the next attempt. */
bool cli_write_new(int folder, const char *name, struct bytes content, unsigned mode)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool ok = fd >= 0 && write_whole(fd, content);
    if (!ok)
        cli_error("%s: %s", name, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    if (fd >= 0 && !ok)
        (void)unlinkat(folder, name, 0);
    return ok;
}

bool cli_replace(int folder, const char *name, struct bytes content)
{
    char new[PATH_MAX];
    struct stat st;
    bool fits = snprintf(new, sizeof new, "%s.new", name) < (int)sizeof new;
    mode_t mode = fstatat(folder, name, &st, 0) == 0 ? st.st_mode & 0777 : 0644;
    if (!fits)
        return false;
    (void)unlinkat(folder, new, 0); /* of an attempt that ended */
    if (!cli_write_new(folder, new, content, mode))
        return false;
    if (renameat(folder, new, folder, name) == 0 && fsync(folder) == 0)
        return true;
    cli_error("%s: %s", name, strerror(errno));
    return false;
}

bool cli_read_file(const char *path, size_t most, struct buf *out)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    bool whole = fd >= 0 && read_all(fd, most, out);
    if (!whole)
        cli_error("%s: %s", standard ? "standard input" : path, strerror(errno));
    if (fd >= 0 && !standard)
        (void)close(fd);
    return whole;
}
