#include "config/characters.h"

#include "base/attr.h"

#include <stdio.h>

static bool is_unwanted(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } range[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                 {0x115f, 0x1160}, /* fillers of Korean letters */
                 {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
                 {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xffff}, {0xe0000, 0xeffff}};
    for (size_t i = 0; i < ARRAY_LEN(range); i++)
        if (c >= range[i].first && c <= range[i].last)
            return c != '\t' && c != '\n';
    return false;
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
