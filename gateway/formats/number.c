/* Numbers in decimal digits. */
#include "formats/format.h"

#include <stdio.h>
#include <stdlib.h>

bool format_number(struct bytes text, double least, double most, double *out)
{
    char copy[32], *end;
    if (text.n == 0 || text.n >= sizeof copy)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (strspn(copy, "+-.0123456789") != text.n)
        return false;
    *out = strtod(copy, &end);
    return *end == '\0' && *out >= least && *out <= most;
}

void format_put_number(struct buf *out, double v)
{
    char text[32];
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    if (strpbrk(text, "eE") != NULL) /* nearer to zero than any place is told apart */
        (void)snprintf(text, sizeof text, "%.9f", v);
    buf_text(out, text);
}
