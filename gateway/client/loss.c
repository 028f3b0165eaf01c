#include "client/loss.h"

#include "base/attr.h"

#include <string.h>

static const struct {
    const char *part;
    enum fedgate_loss loss;
    const char *text[2];
} table[] = {
#define X(part, loss, en, ko) {part, FEDGATE_LOSS_##loss, {en, ko}},
#include "client/losses.def"
#undef X
};

void loss_explain(const char *why, bool was_connected, struct fedgate_lost *out)
{
    size_t i = 0;
    while (i < ARRAY_LEN(table) && strstr(why, table[i].part) == NULL)
        i++;
    bool known = i < ARRAY_LEN(table);
    out->why = why;
    out->loss = known           ? table[i].loss
                : was_connected ? FEDGATE_LOSS_ENDED
                                : FEDGATE_LOSS_UNREACHABLE;
    out->text[FEDGATE_ENGLISH] = known ? table[i].text[0] : "";
    out->text[FEDGATE_KOREAN] = known ? table[i].text[1] : "";
}
