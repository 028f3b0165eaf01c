#include "cli/policy_set.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int policy_set_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        cli_error("%s: %s", path, strerror(errno));
    return fd;
}

/* Errors only: of warnings `policy check` tells. */
void policy_set_errors(const struct diagnose *d, bool korean)
{
    struct buf text = BUF_INIT(1 << 20);
    diagnose_print(d, korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH, &text);
    (void)fputs(buf_c(&text), stderr);
    buf_free(&text);
}

static int compile(struct policy_set *s)
{
    const struct clock clock = clock_system();
    const struct policy_sources sources = {
        .folder = s->folder, .crls = -1, .draft = true, .now_us = clock_wall_us(&clock)};
    struct policy_counts counts;
    struct diagnose *d = diagnose_new();
    enum result r = policy_compile(&sources, d, &s->block, &counts);
    if (r == RESULT_OK)
        r = policy_open(buf_view(&s->block), &s->policy);
    else if (r == RESULT_MALFORMED)
        policy_set_errors(d, s->korean);
    if (r != RESULT_OK && r != RESULT_MALFORMED)
        cli_error("%s: %s", s->path, result_text(r));
    diagnose_free(d);
    return r == RESULT_OK ? CLI_OK : CLI_NO;
}

int policy_set_open(struct policy_set *s, const char *path, const char *language)
{
    *s = (struct policy_set){.path = path, .folder = -1};
    if (!cli_language(language, &s->korean))
        return CLI_USAGE;
    s->folder = policy_set_folder(path);
    return s->folder < 0 ? CLI_FAILED : compile(s);
}

void policy_set_close(struct policy_set *s)
{
    policy_close(s->policy);
    buf_free(&s->block);
    if (s->folder >= 0)
        (void)close(s->folder);
}

bool policy_set_read(const struct policy_set *s, const char *file, struct buf *out)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", s->path, file);
    return n > 0 && (size_t)n < sizeof path && cli_read_file(path, LIMIT_YAML_BYTES, out);
}

int policy_set_print(const struct buf *text)
{
    if (buf_status(text) != RESULT_OK) {
        cli_error("%s", result_text(buf_status(text)));
        return CLI_FAILED;
    }
    if (fwrite(text->p, 1, text->n, stdout) != text->n || fflush(stdout) != 0) {
        cli_error("standard output: %s", strerror(errno));
        return CLI_FAILED;
    }
    return CLI_OK;
}
