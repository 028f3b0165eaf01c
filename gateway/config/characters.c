#include "config/characters.h"

#include <stdio.h>

static bool is_unwanted(uint32_t c)
{
    return c != '\t' && c != '\n' && character_misleads(c);
}

size_t characters_unwanted(struct bytes text, uint32_t *which)
{
    struct bytes rest = text;
    while (rest.n > 0) {
        if (rest.p[0] >= ' ' && rest.p[0] < 0x7f) { /* nearly all of every file */
            rest = bytes_of(rest.p + 1, rest.n - 1);
            continue;
        }
        size_t at = text.n - rest.n;
        *which = bytes_take_character(&rest);
        if (is_unwanted(*which) && !(*which == '\r' && bytes_begins(rest, "\n")))
            return at;
    }
    return text.n;
}

void character_name(uint32_t c, char out[CHARACTER_NAME])
{
    (void)snprintf(out, CHARACTER_NAME, "U+%04X", (unsigned)c);
}
