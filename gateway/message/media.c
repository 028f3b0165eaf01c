#include "message/media.h"

#include "base/mem.h"
#include "message/fmp4.h"
#include "message/mpegts.h"

struct media {
    struct mpegts *ts; /* one of the two */
    struct fmp4 *mp4;
};

struct media *media_new(enum media_container container, const struct media_rules *rules)
{
    struct media *m = mem_new(sizeof *m);
    if (container == MEDIA_FMP4)
        m->mp4 = fmp4_new(rules);
    else
        m->ts = mpegts_new(rules);
    return m;
}

void media_free(struct media *m)
{
    if (m == NULL)
        return;
    mpegts_free(m->ts);
    fmp4_free(m->mp4);
    mem_free(m);
}

enum result media_chunk(struct media *m, uint8_t *chunk, size_t n, struct media_found *out,
                        enum reason *reason, const char **why)
{
    return m->mp4 != NULL ? fmp4_chunk(m->mp4, chunk, n, out, reason, why)
                          : mpegts_chunk(m->ts, chunk, n, out, reason, why);
}

struct bytes media_head(const struct media *m)
{
    return m->mp4 != NULL ? fmp4_head(m->mp4) : mpegts_tables(m->ts);
}

const char *media_codec(const struct media *m)
{
    return m->mp4 != NULL ? fmp4_codec(m->mp4) : mpegts_codec(m->ts);
}

/* Decoders of transport streams find their way from any packet. */
bool media_may_gap(const struct media *m)
{
    return m->mp4 == NULL || fmp4_may_gap(m->mp4);
}

const char *media_container_word(enum media_container container)
{
    return container == MEDIA_FMP4 ? "fmp4" : "mpegts";
}

const char *media_container_type(enum media_container container)
{
    return container == MEDIA_FMP4 ? "video/mp4" : "video/mp2t";
}

enum media_container media_container_of(const char *word)
{
    return strcmp(word, "fmp4") == 0 || strcmp(word, media_container_type(MEDIA_FMP4)) == 0
               ? MEDIA_FMP4
               : MEDIA_MPEGTS;
}

const char *media_codec_word(unsigned i)
{
    static const char *const words[MEDIA_CODECS] = {"h264", "h265"};
    return words[i];
}
