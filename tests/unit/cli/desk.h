/* A log to try commands on, and a folder for everything else. */
#ifndef FEDGATE_TESTS_CLI_DESK_H
#define FEDGATE_TESTS_CLI_DESK_H

#include "../audit/support.h"
#include "audit/leaf.h"
#include "capture.h"
#include "cli/commands.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static struct printed printed;

#define W(text) bytes_of_text(text)
#define TEN     INT64_C(1763686800000000) /* 2025-11-21T10:00:00+09:00 */
#define ID      "019aa2b0-0000-7000-8000-00000000000"

struct desk {
    struct log_bench b, files;
};

static const struct cli_command *desk_commands;

static inline int desk_command(int argc, char **argv)
{
    return cli_run(argv[0], "0", desk_commands, argc, argv);
}

/* In a command line, % stands for the log's folder and @ for the other one. */
static inline int desk_run(const struct desk *d, const struct cli_command *commands,
                           const char *group, const char *line)
{
    char full[1000];
    size_t n = (size_t)snprintf(full, sizeof full, "%s ", group);
    for (; *line != '\0'; line++)
        if (*line == '%' || *line == '@')
            n += (size_t)snprintf(full + n, sizeof full - n, "%s",
                                  *line == '%' ? d->b.folder.path : d->files.folder.path);
        else
            full[n++] = *line;
    full[n] = '\0';
    desk_commands = commands;
    run_line(&printed, desk_command, full);
    return printed.code;
}

static inline void put(const struct desk *d, const char *name, const char *text)
{
    file_put(&d->files, name, W(text));
}

/* What was printed becomes a file. */
static inline void keep(const struct desk *d, const char *name)
{
    put(d, name, printed.out);
}

static inline void add(struct log_bench *b, struct leaf *leaf, int64_t hours)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    leaf->index = tiles_size(b->tiles);
    leaf->time_us = TEN + hours * US_PER_HOUR;
    assert_int_equal(leaf_write(leaf, &entry), RESULT_OK);
    tiles_append(b->tiles, buf_view(&entry));
    buf_free(&entry);
}

static inline void add_hours(struct log_bench *b, uint64_t size)
{
    while (tiles_size(b->tiles) < size) {
        struct leaf leaf = {.event = AUDIT_SESSION_OPENED, .source = W("city/centre")};
        add(b, &leaf, (int64_t)tiles_size(b->tiles));
    }
    log_publish(b);
}

static inline void open_desk(struct desk *d, uint64_t size)
{
    struct buf key = BUF_INIT(400);
    log_init(&d->b);
    log_init(&d->files);
    add_hours(&d->b, size);
    note_key_text(&d->b.key, &key);
    buf_text(&key, "\n");
    file_put(&d->files, "key", buf_view(&key));
    buf_free(&key);
}

static inline void close_desk(struct desk *d)
{
    log_free(&d->b);
    log_free(&d->files);
}

static inline bool is_there(const struct desk *d, const char *name)
{
    return file_exists(&d->files, name);
}

/* What another program in another language says of a file: its exit code. `last` may be NULL. */
static inline int desk_check(const struct desk *d, const char *what, const char *file,
                             const char *last)
{
    struct buf key = BUF_INIT(400);
    char path[200], *argv[] = {"python3",
                               "tests/audit/verify_log.py",
                               (char *)(uintptr_t)what,
                               path,
                               NULL,
                               (char *)(uintptr_t)last,
                               NULL};
    pid_t pid;
    int status;
    (void)snprintf(path, sizeof path, "%s/%s", d->files.folder.path, file);
    note_key_text(&d->b.key, &key);
    argv[4] = (char *)(uintptr_t)buf_c(&key);
    assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    buf_free(&key);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
