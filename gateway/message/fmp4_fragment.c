/* The movie fragment box: which samples its media data has. */
#include "message/fmp4_parts.h"

#include "message/boxes.h"

enum {
    HEADER_BASE = 0x1, /* tfhd */
    HEADER_DESCRIPTION = 0x2,
    HEADER_DURATION = 0x8,
    HEADER_SIZE = 0x10,
    HEADER_FLAGS = 0x20,
    RUN_OFFSET = 0x1, /* trun */
    RUN_FIRST_FLAGS = 0x4,
    RUN_DURATION = 0x100,
    RUN_SIZE = 0x200,
    RUN_FLAGS = 0x400,
    RUN_COMPOSITION = 0x800,
    IS_NO_START = 0x10000 /* of a sample's flags: sample_is_non_sync_sample (8.8.3.1) */
};

struct reading {
    const struct fmp4_track *track;
    struct fmp4_fragment *fragment;
    struct fmp4_refusal *refusal;
    uint32_t sample_size, flags;
    bool has_header, has_run;
};

static enum result refuse(const struct reading *r, const char *why)
{
    return fmp4_refuse(r->refusal, REASON_MEDIA_REFUSED, why);
}

static enum result take_if(struct cursor *c, uint32_t flags, uint32_t bit, uint32_t *out)
{
    return (flags & bit) != 0 ? cursor_u32(c, out) : RESULT_OK;
}

static enum result read_header(void *arg, uint32_t type, struct bytes content)
{
    struct reading *r = arg;
    struct cursor c = cursor_over(content);
    uint8_t version;
    uint32_t flags, id, ignored;
    (void)type;
    TRY(box_flags(&c, &version, &flags));
    TRY(cursor_u32(&c, &id));
    if (id != r->track->id)
        return refuse(r, "a fragment is of another track");
    if ((flags & HEADER_BASE) != 0)
        return refuse(
            r, "a fragment says where it stands in a file (default-base-is-moof is missing)");
    r->sample_size = r->track->sample_size;
    r->flags = r->track->flags;
    TRY(take_if(&c, flags, HEADER_DESCRIPTION, &ignored));
    TRY(take_if(&c, flags, HEADER_DURATION, &ignored));
    TRY(take_if(&c, flags, HEADER_SIZE, &r->sample_size));
    TRY(take_if(&c, flags, HEADER_FLAGS, &r->flags));
    r->has_header = true;
    return cursor_done(&c);
}

/* Each sample's size; that of one without a size of its own is the fragment's. */
static enum result add_samples(struct reading *r, struct cursor *c, uint32_t flags, uint32_t count,
                               uint32_t *first_flags)
{
    const uint32_t per_sample = flags & (RUN_DURATION | RUN_SIZE | RUN_FLAGS | RUN_COMPOSITION);
    uint64_t bytes = 0;
    if (per_sample == 0)
        bytes = (uint64_t)count * r->sample_size;
    for (uint32_t i = 0; per_sample != 0 && i < count; i++) {
        uint32_t ignored, size = r->sample_size, its = r->flags;
        TRY(take_if(c, flags, RUN_DURATION, &ignored));
        TRY(take_if(c, flags, RUN_SIZE, &size));
        TRY(take_if(c, flags, RUN_FLAGS, &its));
        TRY(take_if(c, flags, RUN_COMPOSITION, &ignored));
        bytes += size;
        if (i == 0 && (flags & RUN_FIRST_FLAGS) == 0)
            *first_flags = its;
    }
    if (bytes > UINT32_MAX - r->fragment->bytes)
        return refuse(r, "a fragment is too large");
    r->fragment->bytes += bytes;
    return RESULT_OK;
}

static enum result read_run(void *arg, uint32_t type, struct bytes content)
{
    struct reading *r = arg;
    struct cursor c = cursor_over(content);
    uint8_t version;
    uint32_t flags, count, offset = 0, first_flags = r->flags;
    uint64_t before = r->fragment->bytes;
    (void)type;
    if (!r->has_header)
        return refuse(r, "a fragment's samples come before its header");
    TRY(box_flags(&c, &version, &flags));
    TRY(cursor_u32(&c, &count));
    TRY(take_if(&c, flags, RUN_OFFSET, &offset));
    TRY(take_if(&c, flags, RUN_FIRST_FLAGS, &first_flags));
    TRY(add_samples(r, &c, flags, count, &first_flags));
    TRY(cursor_done(&c));
    if (count == 0 || (!r->has_run && (flags & RUN_OFFSET) == 0))
        return refuse(r, "a fragment has a run without samples or place");
    if (!r->has_run) {
        r->fragment->data_offset = offset;
        r->fragment->is_start = (first_flags & IS_NO_START) == 0;
    } else if ((flags & RUN_OFFSET) != 0 && offset != r->fragment->data_offset + before) {
        return refuse(r, "a fragment has bytes between its runs");
    }
    r->has_run = true;
    return RESULT_OK;
}

static const struct box_rule track[] = {
    {.type = BOX('t', 'f', 'h', 'd'), .once = true, .read = read_header},
    {.type = BOX('t', 'f', 'd', 't'), .once = true, .most = 12},
    {.type = BOX('t', 'r', 'u', 'n'), .read = read_run},
    {0}};
static const struct box_rule fragment[] = {
    {.type = BOX('m', 'f', 'h', 'd'), .once = true, .most = 8},
    {.type = BOX('t', 'r', 'a', 'f'), .once = true, .within = track},
    {0}};

enum result fmp4_read_fragment(uint8_t *p, size_t n, const struct fmp4_track *t,
                               struct fmp4_fragment *out, struct fmp4_refusal *refusal)
{
    struct reading r = {.track = t, .fragment = out, .refusal = refusal};
    *out = (struct fmp4_fragment){.bytes = 0};
    if (boxes_walk(fragment, p, n, &r) != RESULT_OK)
        return refuse(&r, "a fragment is damaged, or of more than one track");
    return r.has_run ? RESULT_OK : refuse(&r, "a fragment has no samples");
}
