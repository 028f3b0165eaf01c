/* System calls, by way of libseccomp: the only place that knows it. */
#include "base/bytes.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Sanitizers make calls of their own, at their end too, which are nobody's to list. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_INSTRUMENTED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_INSTRUMENTED true
#endif
#endif
#ifndef IS_INSTRUMENTED
#define IS_INSTRUMENTED false
#endif

struct call {
    unsigned group; /* a bit */
    int number;
    bool is_bound; /* one argument is looked at: */
    struct scmp_arg_cmp bound;
};

static bool is_permitted(const struct call *table, size_t calls, unsigned groups, int number)
{
    for (size_t i = 0; i < calls; i++)
        if (table[i].number == number && (table[i].group & groups) != 0)
            return true;
    return false;
}

/* 0, or an errno of libseccomp's, negative. */
static int add_calls(scmp_filter_ctx filter, const struct call *table, size_t calls,
                     unsigned groups, unsigned *count)
{
    int r = 0;
    for (size_t i = 0; i < calls && r == 0; i++) {
        if ((table[i].group & groups) == 0)
            continue;
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, table[i].number,
                                   table[i].is_bound ? 1 : 0, &table[i].bound);
        ++*count;
    }
    return r;
}

static int add_refusals(scmp_filter_ctx filter, const struct call *table, size_t calls,
                        unsigned groups)
{
    static const struct {
        int number;
        uint16_t error;
    } refused[] = {
#define REFUSED(name, error) {SCMP_SYS(name), error},
#include "sandbox/calls.def"
    };
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(refused) && r == 0; i++)
        if (!is_permitted(table, calls, groups, refused[i].number))
            r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(refused[i].error), refused[i].number,
                                       0, NULL);
    return r;
}

/* For every thread of the process at once. */
static int load(unsigned groups, unsigned *count)
{
    const struct call table[] = {
#define CALL(NAME, name) {SANDBOX_##NAME, SCMP_SYS(name), false, {0}},
#define CALL_WITH(NAME, name, arg, mask, value)                                                    \
    {SANDBOX_##NAME,                                                                               \
     SCMP_SYS(name),                                                                               \
     true,                                                                                         \
     {arg, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value)}},
#include "sandbox/calls.def"
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return -ENOMEM;
    int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (r == 0)
        r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
    if (r == 0)
        r = add_calls(filter, table, ARRAY_LEN(table), groups, count);
    if (r == 0)
        r = add_refusals(filter, table, ARRAY_LEN(table), groups);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}

enum result sandbox_limit(unsigned groups, struct sandbox_level *level)
{
    level->calls = 0;
    if (IS_INSTRUMENTED)
        return RESULT_OK;
    return load(groups | SANDBOX_BASE, &level->calls) == 0 ? RESULT_OK : RESULT_IO;
}

/* ---- what nobody may */

static int load_forbidden(void)
{
    static const struct call table[] = {
#define FORBIDDEN(name) {0, SCMP_SYS(name), false, {0}},
#define FORBIDDEN_WITH(name, arg, mask, value)                                                     \
    {0,                                                                                            \
     SCMP_SYS(name),                                                                               \
     true,                                                                                         \
     {arg, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value)}},
#include "sandbox/calls.def"
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return -ENOMEM;
    int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < ARRAY_LEN(table) && r == 0; i++)
        r = seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, table[i].number,
                                   table[i].is_bound ? 1 : 0, &table[i].bound);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}

enum result sandbox_forbid(void)
{
    return IS_INSTRUMENTED || load_forbidden() == 0 ? RESULT_OK : RESULT_IO;
}
