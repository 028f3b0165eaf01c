#include "base/status.h"

#include "base/attr.h"

static const char *const words[] = {"", "actual", "exercise", "test"};

const char *status_word(unsigned status)
{
    return status < ARRAY_LEN(words) ? words[status] : "";
}

unsigned status_of_word(struct bytes word)
{
    for (unsigned i = STATUS_EXERCISE; i <= STATUS_TEST; i++)
        if (bytes_is(word, words[i]))
            return i;
    return STATUS_ACTUAL;
}
