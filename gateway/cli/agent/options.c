/* Values of options. */
#include "cli/agent/agent.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What argv[i] says of the option: its value, and how many words it takes; 0: it is another word.
 */
static int value_of(const char *name, int argc, char **argv, int i, const char **value)
{
    size_t n = strlen(name);
    const char *word = argv[i];
    if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, n) != 0)
        return 0;
    word += 2 + n;
    if (*word == '=') {
        *value = word + 1;
        return 1;
    }
    if (*word != '\0')
        return 0;
    *value = i + 1 < argc ? argv[i + 1] : NULL;
    return 2;
}

bool agent_list_option(const char *name, struct agent_list *list, int *argc, char **argv)
{
    int left = 1, i = 1;
    while (i < *argc && strcmp(argv[i], "--") != 0) {
        const char *value = NULL;
        int taken = value_of(name, *argc, argv, i, &value);
        if (taken == 0) {
            argv[left++] = argv[i++];
            continue;
        }
        if (value == NULL) {
            cli_error("the option --%s needs a value", name);
            return false;
        }
        if (list->count == AGENT_LIST_MAX) {
            cli_error("--%s is given more than %d times", name, (int)AGENT_LIST_MAX);
            return false;
        }
        list->item[list->count++] = value;
        i += taken;
    }
    while (i < *argc)
        argv[left++] = argv[i++];
    *argc = left;
    return true;
}

bool agent_number(const char *option, const char *text, unsigned long least, unsigned long most,
                  unsigned long *out)
{
    if (text == NULL)
        return true;
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && v >= least && v <= most) {
        *out = v;
        return true;
    }
    cli_error("--%s is a whole number from %lu to %lu", option, least, most);
    return false;
}

/* ---------------------------------------------------------------- times */

static int64_t unit_us(const char *unit)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"s", US_PER_S}, {"m", US_PER_MINUTE}, {"h", US_PER_HOUR}, {"d", US_PER_DAY}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].us;
    return 0;
}

/* "+30m": a sign, at most six digits, a unit. */
static bool read_from_now(const char *text, int64_t *us)
{
    size_t digits = strspn(text + 1, "0123456789");
    if (digits == 0 || digits > 6)
        return false;
    int64_t n = strtol(text + 1, NULL, 10), unit = unit_us(text + 1 + digits);
    *us = text[0] == '-' ? -n * unit : n * unit;
    return unit != 0;
}

bool agent_time_option(const char *option, const char *text, struct agent_time *out)
{
    if (text == NULL)
        return true;
    out->given = true;
    out->from_now = *text == '+' || *text == '-';
    if (out->from_now ? read_from_now(text, &out->us)
                      : time_parse(text, strlen(text), zone_named("Asia/Seoul"), &out->us))
        return true;
    cli_error("--%s is a time such as 2026-11-21T10:00:00+09:00, or +30m, -5s (s, m, h, d) from "
              "now",
              option);
    return false;
}

bool agent_has(const struct agent_needed *needed)
{
    while (needed->name != NULL && needed->value != NULL)
        needed++;
    if (needed->name != NULL)
        cli_error("--%s is missing", needed->name);
    return needed->name == NULL;
}
