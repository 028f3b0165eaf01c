#include "policy/diff_console.h"

#include "base/mem.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

/* What each role may: see how the gateway stands, see the own party's records, all records, decide.
 */
static unsigned rights_of(enum policy_console c)
{
    enum { STATE = 1, OWN = 2, ALL = 4, DECIDE = 8 };
    switch (c) {
    case POLICY_CONSOLE_AUDITOR: return STATE | OWN | ALL;
    case POLICY_CONSOLE_OFFICER: return OWN | DECIDE;
    case POLICY_CONSOLE_OPERATOR: return STATE;
    default: return 0;
    }
}

enum policy_width policy_console_width(enum policy_console old, enum policy_console new)
{
    const unsigned was = rights_of(old), is = rights_of(new);
    return (was & ~is) == 0 ? POLICY_WIDER : (is & ~was) == 0 ? POLICY_NARROWER : POLICY_OTHER;
}

const char *policy_width_text(enum policy_width w, bool korean)
{
    static const char *const texts[][2] = {[POLICY_WIDER] = {"wider", "넓어짐"},
                                           [POLICY_OTHER] = {"other rights", "다른 권한"},
                                           [POLICY_NARROWER] = {"narrower", "좁아짐"}};
    return texts[w][korean];
}

static enum policy_console role_in(const struct policy *p, const char *unit)
{
    const uint32_t i = policy_unit(p, bytes_of_text(unit));
    return i == POLICY_NONE ? POLICY_CONSOLE_NONE : policy_unit_console(p, i);
}

static void compare(const char *unit, enum policy_console old, enum policy_console new,
                    struct policy_diff *out)
{
    if (old != new)
        out->console[out->consoles++] =
            (struct policy_console_change){unit, old, new, policy_console_width(old, new)};
}

static int by_width(const void *a, const void *b)
{
    const struct policy_console_change *x = a, *y = b;
    if (x->width != y->width)
        return x->width < y->width ? -1 : 1;
    return strcmp(x->unit, y->unit);
}

/* A unit that a set does not have may do nothing there. */
void diff_console(const struct policy *old, const struct policy *new, struct policy_diff *out)
{
    const uint32_t was = (uint32_t)policy_units(old), is = (uint32_t)policy_units(new);
    out->console = mem_new_array((size_t)was + is + 1, sizeof *out->console);
    for (uint32_t i = 0; i < was; i++) {
        const char *unit = policy_unit_name(old, i);
        compare(unit, policy_unit_console(old, i), role_in(new, unit), out);
    }
    for (uint32_t i = 0; i < is; i++) {
        const char *unit = policy_unit_name(new, i);
        if (policy_unit(old, bytes_of_text(unit)) == POLICY_NONE)
            compare(unit, POLICY_CONSOLE_NONE, policy_unit_console(new, i), out);
    }
    qsort(out->console, out->consoles, sizeof *out->console, by_width);
}
