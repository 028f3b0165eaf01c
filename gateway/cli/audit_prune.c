/*
 * Letting old entries of a running gateway's log go: by an officer's act that names from where on
 * the log is kept. With --dry-run it only says what would go.
 */
#include "cli/audit_log.h"
#include "cli/control.h"

#include "audit/pruned.h"
#include "audit/tiles.h"

#include <inttypes.h>
#include <string.h>

struct pruning {
    struct control_doing act;
    const char *log, *language, *before, *password_fd;
    bool dry_run;
    int64_t before_us;
    uint64_t below; /* every entry before this one is older */
    bool ended;     /* one was seen that is not */
    uint64_t seen, size;
    int64_t first_us, last_us;
};

static void look(void *arg, const struct leaf *leaf)
{
    struct pruning *p = arg;
    p->ended = p->ended || leaf->time_us >= p->before_us;
    if (p->ended)
        return;
    p->first_us = p->seen == 0 ? leaf->time_us : p->first_us;
    p->seen++;
    if ((leaf->index + 1) % TILE_WIDTH != 0)
        return;
    p->below = leaf->index + 1;
    p->last_us = leaf->time_us;
}

static int find_minimum(struct pruning *p)
{
    struct audit_log log;
    if (!audit_log_open(p->log, &log))
        return CLI_FAILED;
    bool read = audit_log_each(&log, look, p);
    bool there = p->below > 0 && pruned_has(log.folder, p->below / TILE_WIDTH - 1);
    audit_log_close(&log);
    if (!read)
        return CLI_FAILED;
    if (there)
        return CLI_OK;
    cli_error(p->act.korean ? "이 시각 이전의 묶음(256건)이 더 없음"
                            : "there is no bundle of 256 entries left that is older");
    return CLI_NO;
}

static int say(const struct pruning *p)
{
    char from[TIME_TEXT], to[TIME_TEXT];
    audit_time(p->first_us, 0, from);
    audit_time(p->last_us, 0, to);
    (void)printf(p->act.korean
                     ? "%" PRIu64 "번 앞의 기록 내용을 삭제하게 됨(%s부터 %s까지); 해시는 남음\n"
                     : "the entries before %" PRIu64 " would go, of %s to %s; their hashes stay\n",
                 p->below, from, to);
    return CLI_OK;
}

static int act(const struct pruning *p)
{
    struct control_doing d = p->act;
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, PRUNED_SUBJECT "%" PRIu64, p->below);
    d.subject = subject;
    return control_do(&d);
}

static bool is_complete(const struct pruning *p)
{
    const struct control_doing *d = &p->act;
    if (d->signature != NULL)
        return d->socket != NULL && d->officer == NULL && p->before == NULL;
    if (p->before == NULL)
        return false;
    return p->dry_run || (d->socket != NULL && d->officer != NULL && d->reason != NULL &&
                          (d->key == NULL) != (d->print == NULL));
}

int audit_prune_command(int argc, char **argv)
{
    struct pruning p = {.act = {.act = CONTROL_PRUNE}};
    const struct cli_option options[] = {{"log", &p.log, NULL},
                                         {"before", &p.before, NULL},
                                         {"dry-run", NULL, &p.dry_run},
                                         {"socket", &p.act.socket, NULL},
                                         {"officer", &p.act.officer, NULL},
                                         {"reason", &p.act.reason, NULL},
                                         {"key", &p.act.key, NULL},
                                         {"password-fd", &p.password_fd, NULL},
                                         {"print", &p.act.print, NULL},
                                         {"signature", &p.act.signature, NULL},
                                         {"text", &p.act.text, NULL},
                                         {"lang", &p.language, NULL},
                                         {0}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(p.language, &p.act.korean) ||
        !cli_descriptor(p.password_fd, &p.act.password_fd) ||
        !audit_read_time("--before", p.before, &p.before_us))
        return CLI_USAGE;
    if (rest > 0 || !is_complete(&p)) {
        cli_error(
            "prune needs --log DIR, --before TIME, and --dry-run, or --socket FILE, "
            "--officer, --reason and --key or --print; or --socket FILE and --signature FILE");
        return CLI_USAGE;
    }
    if (p.act.signature != NULL)
        return control_do(&p.act);
    if (audit_log_needed(p.log) == NULL)
        return CLI_USAGE;
    int code = find_minimum(&p);
    if (code != CLI_OK)
        return code;
    return p.dry_run ? say(&p) : act(&p);
}
