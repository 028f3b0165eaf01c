#include "keeper/half.h"

#include "base/mem.h"
#include "crypto/box.h"
#include "crypto/mac.h"

_Static_assert((int)HALF_BOX == (int)HALF_BYTES + (int)BOX_MORE, "a half in its box");
_Static_assert((int)HALF_BYTES == (int)MAC_BYTES, "a half is a MAC");

/* From the scope's key nobody finds one half by another. */
static void make(const struct scope *x, uint64_t index, uint8_t half[HALF_BYTES])
{
    uint8_t number[8];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(index >> (8 * (7 - i)));
    const struct bytes part[] = {bytes_of_text("fedgate vault half 1"),
                                 bytes_of(number, sizeof number)};
    mac_keyed(x->key, part, ARRAY_LEN(part), half);
}

enum result half_seal(struct scopes *s, struct bytes body, struct buf *reply)
{
    struct cursor in = cursor_over(body);
    struct half_make m;
    uint8_t half[HALF_BYTES];
    TRY(half_make_take(&in, &m));
    const struct scope *x = scopes_get(s, m.scope);
    if (x == NULL || x->doomed || !half_is_tuple(x->tuple))
        return RESULT_OK;
    uint8_t *room = buf_extend(reply, HALF_BOX);
    if (room == NULL)
        return RESULT_TOO_LARGE;
    make(x, m.index, half);
    if (box_seal(m.reader, bytes_of(half, sizeof half), room) != RESULT_OK)
        buf_clear(reply);
    mem_wipe(half, sizeof half);
    return RESULT_OK;
}
