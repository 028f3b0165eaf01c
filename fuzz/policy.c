/* Policy sets, all their files in one text: whatever is written there, the compiler says what is
 * wrong, or makes a snapshot that opens and can be asked. */
#include "ask.h"
#include "fuzz.h"

#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf block = BUF_INIT(16u << 20), said = BUF_INIT(4u << 20);
    struct policy *p;
    enum result r = ask_compile(bytes_of(data, size), &block, &said);
    HOLDS(buf_status(&said) == RESULT_OK && bytes_is_text(buf_view(&said)));
    HOLDS(r == RESULT_OK || said.n > 0);
    if (r == RESULT_OK) {
        HOLDS(policy_open(buf_view(&block), &p) == RESULT_OK);
        ask_everything(p);
        policy_close(p);
    }
    buf_free(&block);
    buf_free(&said);
    return 0;
}
