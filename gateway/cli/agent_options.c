/* Options that come several times, and numbers. */
#include "cli/agent.h"

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

int agent_list_option(const char *name, struct agent_list *list, int argc, char **argv)
{
    int left = 1, i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0) {
        const char *value = NULL;
        int taken = value_of(name, argc, argv, i, &value);
        if (taken == 0) {
            argv[left++] = argv[i++];
            continue;
        }
        if (value == NULL) {
            cli_error("the option --%s needs a value", name);
            return -1;
        }
        if (list->count == AGENT_LIST_MAX) {
            cli_error("--%s is given more than %d times", name, (int)AGENT_LIST_MAX);
            return -1;
        }
        list->item[list->count++] = value;
        i += taken;
    }
    while (i < argc)
        argv[left++] = argv[i++];
    return left;
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
