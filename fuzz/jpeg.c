/* Photos: what is let through is never longer than it was, and has nothing left to take out. */
#include "fuzz.h"

#include "base/limits.h"
#include "message/jpeg.h"

/* Application segments and comments (ITU-T T.81, table B.1) in front of the first scan. */
static void has_no_metadata(struct bytes picture)
{
    struct cursor c = cursor_over(picture);
    uint16_t marker, length;
    struct bytes content;
    HOLDS(cursor_u16(&c, &marker) == RESULT_OK && marker == 0xffd8);
    for (;;) {
        HOLDS(cursor_u16(&c, &marker) == RESULT_OK && cursor_u16(&c, &length) == RESULT_OK);
        HOLDS(length >= 2 && cursor_take(&c, length - 2u, &content) == RESULT_OK);
        if (marker == 0xffda)
            return;
        HOLDS(marker != 0xfffe && (marker < 0xffe1 || marker > 0xffef || marker == 0xffee));
        HOLDS(marker != 0xffe0 || bytes_begins(content, "JFIF"));
        HOLDS(marker != 0xffee || bytes_begins(content, "Adobe"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once = BUF_INIT(size), twice = BUF_INIT(size);
    struct jpeg_facts facts, again;
    if (jpeg_strip(bytes_of(data, size), &once, &facts) == RESULT_OK) {
        HOLDS(buf_status(&once) == RESULT_OK && once.n <= size);
        HOLDS(facts.width > 0 && facts.width <= LIMIT_PHOTO_SIDE && facts.height > 0 &&
              facts.height <= LIMIT_PHOTO_SIDE);
        HOLDS(facts.stripped == (once.n < size));
        has_no_metadata(buf_view(&once));
        HOLDS(jpeg_strip(buf_view(&once), &twice, &again) == RESULT_OK && !again.stripped);
        HOLDS(bytes_equal(buf_view(&once), buf_view(&twice)));
        HOLDS(again.width == facts.width && again.height == facts.height);
    }
    buf_free(&once);
    buf_free(&twice);
    return 0;
}
