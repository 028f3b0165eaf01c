/* Documents in the formats of others: what was read can be written, and then stays what it is. */
#include "fuzz.h"

#include "base/limits.h"
#include "formats/formats.h"
#include "message/message.h"

#include <string.h>

/* Written, read and written again it is the same document. */
static void stays(const struct format *f, struct arena *a, const struct Fedgate__V1__Message *m)
{
    struct buf first = BUF_INIT(32u << 20), second = BUF_INIT(32u << 20);
    struct Fedgate__V1__Message *again;
    struct format_report report;
    enum result r = format_write(f, a, m, &first, &report);
    HOLDS(r == RESULT_OK || report.why[0] != '\0');
    if (r == RESULT_OK && first.n <= LIMIT_MESSAGE) {
        r = format_read(f, a, buf_view(&first), &again, &report);
        HOLDS(r == RESULT_OK || r == RESULT_NO_MEMORY ||
              strstr(report.why, "a smaller document") != NULL);
        if (r == RESULT_OK && format_write(f, a, again, &second, &report) == RESULT_OK)
            HOLDS(bytes_equal(buf_view(&first), buf_view(&second)));
    }
    buf_free(&first);
    buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    size_t i = fuzz_byte(&in), count = 0;
    struct arena *a = arena_new(LIMIT_ARENA);
    struct Fedgate__V1__Message *m;
    struct format_report report;
    while (format_at(count) != NULL)
        count++;
    HOLDS(count > 0);
    const struct format *f = format_at(i % count);
    if (format_read(f, a, bytes_of(in.at, in.left), &m, &report) == RESULT_OK) {
        stays(f, a, m);
        (void)format_original_wrong(a, m);
    } else {
        HOLDS(report.why[0] != '\0' && bytes_is_text(bytes_of_text(report.why)));
    }
    arena_free(a);
    return 0;
}
