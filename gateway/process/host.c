#include "process/host.h"

#include "sandbox/sandbox.h"

/* The keys of a keeper, and of its first thousands of scopes. */
enum { LOCKED_LEAST = 256 << 10 };

bool host_hides(const struct log *log)
{
    if (sandbox_hide() == RESULT_OK)
        return true;
    log_line(log, LOG_FATAL, "not-hidden",
             "why=\"this kernel lets others trace this process, or dump its memory\"");
    return false;
}

bool host_forbids(const struct log *log)
{
    if (sandbox_forbid() == RESULT_OK)
        return true;
    log_line(log, LOG_FATAL, "not-limited", "why=\"this kernel filters no system calls\"");
    return false;
}

/* Roles would only be kept to their folders by their own good will. */
static bool can_shut_in(const struct settings *s, const struct log *log)
{
    int has = sandbox_landlock();
    if (has >= s->landlock_least)
        return true;
    log_line(
        log, LOG_FATAL, "sandbox-too-weak",
        "landlock=%d landlock_least=%d why=\"this kernel cannot keep roles to their folders; a "
        "newer one can, or landlock_least says that it need not\"",
        has, (int)s->landlock_least);
    return false;
}

/* Keeper and edge take no secret that could be written to swap: each would end over its first. */
static bool can_lock(const struct log *log)
{
    if (sandbox_can_lock(LOCKED_LEAST))
        return true;
    log_line(log, LOG_FATAL, "memory-not-lockable",
             "least_kib=%d why=\"secrets could be written to swap; raise RLIMIT_MEMLOCK "
             "(LimitMEMLOCK of the unit)\"",
             LOCKED_LEAST >> 10);
    return false;
}

bool host_fits(const struct settings *s, const struct log *log)
{
    return can_shut_in(s, log) && can_lock(log);
}
