#include "message/media.h"

#include "base/mem.h"
#include "message/mpegts.h"

struct media {
    enum media_container container;
    struct mpegts *ts;
};

struct media *media_new(enum media_container container, const struct media_rules *rules)
{
    struct media *m = mem_new(sizeof *m);
    m->container = container;
    m->ts = mpegts_new(rules);
    return m;
}

void media_free(struct media *m)
{
    if (m == NULL)
        return;
    mpegts_free(m->ts);
    mem_free(m);
}

enum result media_chunk(struct media *m, uint8_t *chunk, size_t n, struct media_found *out,
                        enum reason *reason, const char **why)
{
    return mpegts_chunk(m->ts, chunk, n, out, reason, why);
}

struct bytes media_head(const struct media *m)
{
    return mpegts_tables(m->ts);
}

const char *media_codec(const struct media *m)
{
    return mpegts_codec(m->ts);
}

const char *media_codec_word(unsigned i)
{
    static const char *const words[MEDIA_CODECS] = {"h264", "h265"};
    return words[i];
}
