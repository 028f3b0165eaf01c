#include "clip.h"

#include "base/mem.h"
#include "load.h"
#include "message/media.h"

#include <stdio.h>

enum { CLIP_MAX = 64 << 20 };

struct clip {
    uint8_t *p; /* the clip and again its beginning, so that every chunk is in one piece */
    size_t n;
};

/* What the gateway does not let through is no part of the load: what arrives is compared with it.
 */
static void leave_out(struct clip *c)
{
    const struct media_rules rules = {.refuse_audio = true};
    struct media *m = media_new(MEDIA_MPEGTS, &rules);
    struct media_found found;
    enum reason reason;
    const char *why;
    if (media_chunk(m, c->p, c->n, &found, &reason, &why) != RESULT_OK)
        load_fail("the clip: %s", why);
    media_free(m);
}

struct clip *clip_open(const char *path)
{
    struct clip *c = mem_new(sizeof *c);
    FILE *f = fopen(path, "rb");
    c->p = mem_new(CLIP_MAX + CLIP_CHUNK);
    if (f != NULL) {
        c->n = fread(c->p, 1, CLIP_MAX, f);
        (void)fclose(f);
    }
    if (c->n < CLIP_CHUNK || c->n % 188 != 0)
        load_fail("%s: not a transport stream of some length", path);
    leave_out(c);
    memcpy(c->p + c->n, c->p, CLIP_CHUNK);
    return c;
}

struct bytes clip_chunk(const struct clip *c, uint64_t number)
{
    return bytes_of(c->p + number * CLIP_CHUNK % c->n, CLIP_CHUNK);
}

bool clip_is_at(const struct clip *c, uint64_t position, struct bytes data)
{
    while (data.n > 0) {
        size_t at = (size_t)(position % c->n), n = c->n - at < data.n ? c->n - at : data.n;
        if (memcmp(c->p + at, data.p, n) != 0)
            return false;
        data = bytes_of(data.p + n, data.n - n);
        position += n;
    }
    return true;
}
