#include "service/parts.h"

#include "base/clock.h"
#include "message/message.h"
#include "message/reason.h"

char *parts_text(struct arena *a, struct bytes text)
{
    static char none[] = "";
    char *out = arena_take(a, text.n + 1);
    if (out == NULL)
        return none;
    if (text.n > 0)
        memcpy(out, text.p, text.n);
    return out;
}

void parts_time(Google__Protobuf__Timestamp *t, int64_t us)
{
    google__protobuf__timestamp__init(t);
    t->seconds = us / US_PER_S;
    t->nanos = (int32_t)(us % US_PER_S * 1000);
}

void parts_duration(Google__Protobuf__Duration *d, int64_t us)
{
    google__protobuf__duration__init(d);
    d->seconds = us / US_PER_S;
    d->nanos = (int32_t)(us % US_PER_S * 1000);
}

size_t parts_flags(struct arena *a, struct bytes words, Fedgate__V1__Reason **out)
{
    Fedgate__V1__Reason *flag = arena_take(a, FINDINGS_MAX * sizeof *flag);
    size_t count = 0;
    while (flag != NULL && words.n > 0 && count < FINDINGS_MAX) {
        const uint8_t *blank = memchr(words.p, ' ', words.n);
        size_t n = blank == NULL ? words.n : (size_t)(blank - words.p);
        flag[count++] = (Fedgate__V1__Reason)reason_of_word(bytes_of(words.p, n));
        words = blank == NULL ? bytes_of(NULL, 0) : bytes_of(blank + 1, words.n - n - 1);
    }
    *out = flag;
    return count;
}
