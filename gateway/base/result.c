#include "base/result.h"

static const struct {
    const char *name;
    enum result_group group;
    const char *text;
} table[RESULT_COUNT] = {
#define E(name, group, text) [RESULT_##name] = {#name, RESULT_##group, text},
#include "base/errors.def"
#undef E
};

const char *result_text(enum result r)
{
    return (unsigned)r < RESULT_COUNT ? table[r].text : "unknown result";
}

const char *result_name(enum result r)
{
    return (unsigned)r < RESULT_COUNT ? table[r].name : "UNKNOWN_RESULT";
}

enum result_group result_group(enum result r)
{
    return (unsigned)r < RESULT_COUNT ? table[r].group : RESULT_STOP;
}
