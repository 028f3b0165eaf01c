/* Snapshots from a compiler that was taken over: what opens can be asked without reading past it.
 * The input changes bytes of the small set's snapshot: where (four bytes), and what. */
#include "ask.h"
#include "fuzz.h"

#include "base/mem.h"

static struct bytes small_snapshot(void)
{
    static struct buf block = BUF_INIT(16u << 20);
    struct buf said = BUF_INIT(1u << 20);
    if (block.n == 0)
        HOLDS(ask_compile(ask_small_set(), &block, &said) == RESULT_OK);
    buf_free(&said);
    return buf_view(&block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    struct bytes sound = small_snapshot();
    uint8_t *block = mem_new(sound.n);
    struct policy *p;
    uint32_t at;
    memcpy(block, sound.p, sound.n);
    while (cursor_u32(&in, &at) == RESULT_OK) {
        struct bytes piece = fuzz_piece(&in);
        at %= (uint32_t)sound.n;
        if (piece.n > 0)
            memcpy(block + at, piece.p, piece.n < sound.n - at ? piece.n : sound.n - at);
    }
    enum result r = policy_open(bytes_of(block, sound.n), &p);
    if (r == RESULT_OK) {
        ask_everything(p);
        policy_close(p);
    }
    HOLDS(r == RESULT_OK || r == RESULT_MALFORMED);
    HOLDS(r == RESULT_OK || memcmp(block, sound.p, sound.n) != 0);
    mem_free(block);
    return 0;
}
