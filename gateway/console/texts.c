#include "console/texts.h"

const char *text_of(enum text t, bool korean)
{
    static const char *const texts[TEXTS][2] = {
#define T(NAME, en, ko) [TEXT_##NAME] = {en, ko},
#include "console/texts.def"
#undef T
    };
    return texts[t][korean];
}
