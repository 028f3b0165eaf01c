/* What pages say of themselves, in both languages (texts.def). */
#ifndef FEDGATE_CONSOLE_TEXTS_H
#define FEDGATE_CONSOLE_TEXTS_H

#include <stdbool.h>

enum text {
#define T(NAME, en, ko) TEXT_##NAME,
#include "console/texts.def"
#undef T
    TEXTS
};

const char *text_of(enum text t, bool korean);

#endif
