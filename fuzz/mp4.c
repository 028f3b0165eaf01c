/* Fragmented MP4, looked at as it passes: what passes does not depend on how the stream is cut,
 * stays where it was, and is what came or nothing; what is kept for those who join is itself let
 * through. */
#include "fuzz.h"

#include "base/buf.h"
#include "base/mem.h"
#include "message/fmp4.h"

enum { REFUSE_AUDIO = 1, LIMIT_SIZE = 2, ONLY_H264 = 4, STREAM_MAX = 1 << 18 };

struct look {
    struct fmp4 *f;
    struct buf passed;
    bool has_start;
};

static struct look look_new(const struct media_rules *rules)
{
    return (struct look){.f = fmp4_new(rules), .passed = BUF_INIT(2 * STREAM_MAX)};
}

static void look_free(struct look *l)
{
    fmp4_free(l->f);
    buf_free(&l->passed);
}

static enum result look(struct look *l, struct bytes chunk)
{
    struct media_found found;
    enum reason reason = REASON_NONE;
    const char *why = NULL;
    uint8_t *copy = mem_new(chunk.n + 1);
    if (chunk.n > 0)
        memcpy(copy, chunk.p, chunk.n);
    enum result r = fmp4_chunk(l->f, copy, chunk.n, &found, &reason, &why);
    if (r == RESULT_OK) {
        HOLDS(found.from <= found.to && found.to <= chunk.n);
        HOLDS(!found.has_start || (found.start >= found.from && found.start <= found.to));
        HOLDS(!found.has_cut || (found.cut >= found.from && found.cut <= found.to));
        HOLDS(!found.has_start || fmp4_head(l->f).n > 0);
        buf_put(&l->passed, found.before.p, found.before.n);
        buf_put(&l->passed, copy + found.from, found.to - found.from);
        l->has_start |= found.has_start;
    } else {
        HOLDS(why != NULL && (reason == REASON_MEDIA_REFUSED || reason == REASON_AUDIO_REFUSED ||
                              reason == REASON_QUOTA_EXCEEDED));
    }
    mem_free(copy);
    return r;
}

static void joins(const struct media_rules *rules, const struct fmp4 *f)
{
    struct look joined = look_new(rules);
    struct bytes head = fmp4_head(f);
    HOLDS(look(&joined, head) == RESULT_OK && joined.has_start);
    HOLDS(bytes_equal(buf_view(&joined.passed), head));
    HOLDS(bytes_equal(fmp4_head(joined.f), head));
    look_free(&joined);
}

/* What came, or nothing where it was; "free" where a box's type was. */
static void stands(struct bytes passed, struct bytes stream)
{
    HOLDS(passed.n <= stream.n);
    for (size_t i = 0; i < passed.n; i++)
        HOLDS(passed.p[i] == stream.p[i] || passed.p[i] == 0 ||
              memchr("free", passed.p[i], 4) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    uint8_t flags = fuzz_byte(&in);
    size_t step = 1 + (size_t)fuzz_byte(&in);
    const struct media_rules rules = {.refuse_audio = (flags & REFUSE_AUDIO) != 0,
                                      .codecs = (flags & ONLY_H264) != 0 ? MEDIA_H264 : 0,
                                      .width = (flags & LIMIT_SIZE) != 0 ? 1920 : 0,
                                      .height = (flags & LIMIT_SIZE) != 0 ? 1080 : 0};
    if (in.left > STREAM_MAX)
        return 0;
    struct bytes stream = bytes_of(in.at, in.left);
    struct look whole = look_new(&rules), pieces = look_new(&rules);
    enum result r = RESULT_OK, one = look(&whole, stream);
    for (size_t at = 0; r == RESULT_OK && at < stream.n; at += step)
        r = look(&pieces, bytes_of(stream.p + at, stream.n - at < step ? stream.n - at : step));
    HOLDS(r == one);
    if (r == RESULT_OK) {
        HOLDS(bytes_equal(buf_view(&whole.passed), buf_view(&pieces.passed)));
        HOLDS(bytes_equal(fmp4_head(whole.f), fmp4_head(pieces.f)));
        HOLDS(whole.has_start == pieces.has_start);
        HOLDS(strcmp(fmp4_codec(whole.f), fmp4_codec(pieces.f)) == 0);
    }
    if (r == RESULT_OK && whole.has_start)
        joins(&rules, whole.f);
    stands(buf_view(&pieces.passed), stream);
    look_free(&whole);
    look_free(&pieces);
    return 0;
}
