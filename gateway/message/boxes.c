#include "message/boxes.h"

enum { RULES_MAX = 32 };

enum result box_start(struct bytes in, struct box_start *out)
{
    struct cursor c = cursor_over(in);
    uint32_t size;
    out->header = BOX_HEADER;
    if (cursor_u32(&c, &size) != RESULT_OK || cursor_u32(&c, &out->type) != RESULT_OK)
        return RESULT_AGAIN;
    out->size = size;
    if (size == 1) {
        out->header = BOX_LARGE_HEADER;
        if (cursor_u64(&c, &out->size) != RESULT_OK)
            return RESULT_AGAIN;
    }
    return out->size < out->header ? RESULT_MALFORMED : RESULT_OK;
}

void box_blank(uint8_t *p, size_t n)
{
    memcpy(p + 4, "free", 4);
    memset(p + BOX_HEADER, 0, n - BOX_HEADER);
}

enum result box_flags(struct cursor *c, uint8_t *version, uint32_t *flags)
{
    TRY(cursor_u32(c, flags));
    *version = (uint8_t)(*flags >> 24);
    *flags &= 0xffffff;
    return RESULT_OK;
}

static enum result take(const struct box_rule *rule, uint32_t type, uint8_t *p, size_t n, void *arg)
{
    if (rule->read != NULL)
        TRY(rule->read(arg, type, bytes_of(p, n)));
    if (rule->within == NULL)
        return RESULT_OK;
    if (n < rule->fixed)
        return RESULT_MALFORMED;
    return boxes_walk(rule->within, p + rule->fixed, n - rule->fixed, arg);
}

/* As deep as the rules are. */
enum result boxes_walk(const struct box_rule *rules, uint8_t *p, size_t n, void *arg)
{
    bool seen[RULES_MAX] = {false};
    struct box_start box;
    for (size_t at = 0; at < n; at += (size_t)box.size) {
        size_t i = 0;
        if (box_start(bytes_of(p + at, n - at), &box) != RESULT_OK || box.size > n - at ||
            box.header != BOX_HEADER)
            return RESULT_MALFORMED;
        while (rules[i].type != 0 && rules[i].type != box.type)
            i++;
        if (rules[i].type == 0 || (rules[i].most != 0 && box.size - BOX_HEADER > rules[i].most)) {
            box_blank(p + at, (size_t)box.size);
            continue;
        }
        if (i >= RULES_MAX || (rules[i].once && seen[i]))
            return RESULT_MALFORMED;
        seen[i] = true;
        TRY(take(&rules[i], box.type, p + at + BOX_HEADER, (size_t)box.size - BOX_HEADER, arg));
    }
    return RESULT_OK;
}
