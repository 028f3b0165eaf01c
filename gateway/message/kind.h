/* What each file of kind/ gives to the table of kinds. */
#ifndef FEDGATE_MESSAGE_KIND_H
#define FEDGATE_MESSAGE_KIND_H

#include "message/check.h"
#include "message/fill.h"
#include "message/rules.h"

#define K(NAME, name, lane, sender, state)                                                         \
    extern const struct type_rules kind_rules_##name;                                              \
    void kind_facts_##name(const Fedgate__V1__Message *m, struct facts *f);
#include "message/kinds.def"
#undef K

#endif
