#include "console/when.h"

#include <stdio.h>

bool when_read(struct bytes text, int64_t *us)
{
    enum { MINUTES = 16, SECONDS = 19 }; /* characters, without a zone */
    const struct zone *seoul = zone_named("Asia/Seoul");
    char whole[TIME_TEXT];
    if (text.n == 0)
        return true;
    if (text.n >= sizeof whole - 16)
        return false;
    const int n = snprintf(whole, sizeof whole, "%.*s%s", (int)text.n, (const char *)text.p,
                           text.n == MINUTES   ? ":00+09:00"
                           : text.n == SECONDS ? "+09:00"
                                               : "");
    return time_parse(whole, (size_t)n, seoul, us);
}

void when_field(int64_t us, char out[WHEN_FIELD])
{
    char text[TIME_TEXT];
    out[0] = '\0';
    if (us == INT64_MIN || us == INT64_MAX)
        return;
    time_text_s(us, zone_named("Asia/Seoul"), text);
    (void)snprintf(out, WHEN_FIELD, "%.16s", text);
}
