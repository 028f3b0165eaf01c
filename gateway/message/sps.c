#include "message/sps.h"

#include "base/cursor.h"
#include "message/unit.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    SIDE_MAX = 1 << 16, /* samples; the largest level of H.265 has 16,888 */
    BLOCK_MAX = 64,     /* a coding block's side: at most so much fills one up */
    CHROMA_444 = 3
};

/* ---- bits */

struct bits {
    struct cursor in;
    unsigned left; /* bits of `byte` not read yet */
    uint8_t byte;
};

static enum result bits_take(struct bits *b, unsigned n, uint32_t *out)
{
    *out = 0;
    for (; n > 0; n--) {
        if (b->left == 0) {
            TRY(cursor_u8(&b->in, &b->byte));
            b->left = 8;
        }
        b->left--;
        *out = *out << 1 | ((uint32_t)b->byte >> b->left & 1);
    }
    return RESULT_OK;
}

static enum result bits_skip(struct bits *b, unsigned n)
{
    uint32_t ignored;
    for (; n > 32; n -= 32)
        TRY(bits_take(b, 32, &ignored));
    return bits_take(b, n, &ignored);
}

/* ue(v), 9.1 (H.264) and 9.2 (H.265); nothing that is read here needs more than 31 bits. */
static enum result bits_ue(struct bits *b, uint32_t *out)
{
    uint32_t bit, rest;
    unsigned zeros = 0;
    TRY(bits_take(b, 1, &bit));
    for (; bit == 0; zeros++) {
        if (zeros == 30)
            return RESULT_MALFORMED;
        TRY(bits_take(b, 1, &bit));
    }
    TRY(bits_take(b, zeros, &rest));
    *out = (UINT32_C(1) << zeros) - 1 + rest;
    return RESULT_OK;
}

static enum result skip_ue(struct bits *b, unsigned n)
{
    uint32_t ignored;
    for (; n > 0; n--)
        TRY(bits_ue(b, &ignored));
    return RESULT_OK;
}

/* se(v): odd codes are positive. */
static enum result bits_se(struct bits *b, int32_t *out)
{
    uint32_t code;
    TRY(bits_ue(b, &code));
    *out = (code & 1) != 0 ? (int32_t)(code / 2 + 1) : -(int32_t)(code / 2);
    return RESULT_OK;
}

/* ---- what both have */

/* A picture's side, less what is cropped on both ends. */
static enum result crop(struct bits *b, uint32_t unit, uint32_t *side)
{
    uint32_t first, last;
    TRY(bits_ue(b, &first));
    TRY(bits_ue(b, &last));
    if (first > SIDE_MAX || last > SIDE_MAX || unit * (first + last) >= *side)
        return RESULT_MALFORMED;
    if (unit * (first + last) < BLOCK_MAX)
        *side -= unit * (first + last);
    return RESULT_OK;
}

static enum result crop_both(struct bits *b, uint32_t across, uint32_t down, struct sps_size *out)
{
    uint32_t is_cropped;
    TRY(bits_take(b, 1, &is_cropped));
    if (is_cropped == 0)
        return RESULT_OK;
    TRY(crop(b, across, &out->width));
    return crop(b, down, &out->height);
}

/* ---- H.264 */

/* Profiles whose sets say how colour is stored. */
static bool says_chroma(uint32_t profile)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44,  83, 86,
                                       118, 128, 138, 139, 134, 135};
    return memchr(profiles, (int)profile, sizeof profiles) != NULL;
}

static enum result skip_scaling_list(struct bits *b, unsigned count)
{
    int32_t last = 8, next = 8, delta;
    for (unsigned i = 0; i < count && next != 0; i++) {
        TRY(bits_se(b, &delta));
        if (delta < -128 || delta > 127)
            return RESULT_MALFORMED;
        next = (last + delta + 256) % 256;
        if (next != 0)
            last = next;
    }
    return RESULT_OK;
}

static enum result read_chroma(struct bits *b, uint32_t *chroma)
{
    uint32_t flag;
    TRY(bits_ue(b, chroma));
    if (*chroma > CHROMA_444)
        return RESULT_MALFORMED;
    if (*chroma == CHROMA_444)
        TRY(bits_skip(b, 1)); /* separate_colour_plane_flag */
    TRY(skip_ue(b, 2));       /* bit depths */
    TRY(bits_skip(b, 1));
    TRY(bits_take(b, 1, &flag)); /* seq_scaling_matrix_present_flag */
    for (unsigned i = 0; flag != 0 && i < (*chroma == CHROMA_444 ? 12 : 8); i++) {
        uint32_t is_present;
        TRY(bits_take(b, 1, &is_present));
        if (is_present != 0)
            TRY(skip_scaling_list(b, i < 6 ? 16 : 64));
    }
    return RESULT_OK;
}

static enum result skip_order_count(struct bits *b)
{
    uint32_t type, count;
    TRY(bits_ue(b, &type));
    if (type == 0)
        return skip_ue(b, 1);
    if (type != 1)
        return type == 2 ? RESULT_OK : RESULT_MALFORMED;
    TRY(bits_skip(b, 1));
    TRY(skip_ue(b, 2));
    TRY(bits_ue(b, &count));
    return count > 255 ? RESULT_MALFORMED : skip_ue(b, count);
}

static enum result read_h264(struct bits *b, struct sps_size *out)
{
    uint32_t profile, chroma = 1, across, down, frames_only;
    TRY(bits_skip(b, 8)); /* the unit's header */
    TRY(bits_take(b, 8, &profile));
    TRY(bits_skip(b, 16));
    TRY(skip_ue(b, 1));
    if (says_chroma(profile))
        TRY(read_chroma(b, &chroma));
    TRY(skip_ue(b, 1));
    TRY(skip_order_count(b));
    TRY(skip_ue(b, 1));
    TRY(bits_skip(b, 1));
    TRY(bits_ue(b, &across));
    TRY(bits_ue(b, &down));
    TRY(bits_take(b, 1, &frames_only));
    if (across >= SIDE_MAX / 16 || down >= SIDE_MAX / 32)
        return RESULT_MALFORMED;
    if (frames_only == 0)
        TRY(bits_skip(b, 1));
    TRY(bits_skip(b, 1));
    uint32_t lines = 2 - frames_only;
    *out = (struct sps_size){(across + 1) * 16, (down + 1) * 16 * lines};
    return crop_both(b, chroma == 1 || chroma == 2 ? 2 : 1, (chroma == 1 ? 2 : 1) * lines, out);
}

/* ---- H.265 */

/* profile_tier_level (7.3.3). */
static enum result skip_levels(struct bits *b, unsigned sub_layers)
{
    enum { PROFILE = 88, LEVEL = 8 };
    uint32_t present[8];
    TRY(bits_skip(b, PROFILE + LEVEL));
    for (unsigned i = 0; i < sub_layers; i++)
        TRY(bits_take(b, 2, &present[i]));
    if (sub_layers > 0)
        TRY(bits_skip(b, 2 * (8 - sub_layers)));
    for (unsigned i = 0; i < sub_layers; i++)
        TRY(bits_skip(b, ((present[i] & 2) != 0 ? PROFILE : 0u) +
                             ((present[i] & 1) != 0 ? LEVEL : 0u)));
    return RESULT_OK;
}

static enum result read_h265(struct bits *b, struct sps_size *out)
{
    uint32_t layer, sub_layers, chroma;
    TRY(bits_skip(b, 7));
    TRY(bits_take(b, 6, &layer));
    TRY(bits_skip(b, 3 + 4));
    TRY(bits_take(b, 3, &sub_layers));
    if (layer != 0 || sub_layers > 6)
        return RESULT_MALFORMED;
    TRY(bits_skip(b, 1));
    TRY(skip_levels(b, sub_layers));
    TRY(skip_ue(b, 1));
    TRY(bits_ue(b, &chroma));
    if (chroma > CHROMA_444)
        return RESULT_MALFORMED;
    if (chroma == CHROMA_444)
        TRY(bits_skip(b, 1));
    TRY(bits_ue(b, &out->width));
    TRY(bits_ue(b, &out->height));
    if (out->width == 0 || out->width > SIDE_MAX || out->height == 0 || out->height > SIDE_MAX)
        return RESULT_MALFORMED;
    return crop_both(b, chroma == 1 || chroma == 2 ? 2 : 1, chroma == 1 ? 2 : 1, out);
}

/* ---- units */

/* Without the bytes that keep a start code from appearing inside (7.3.1, both). */
static size_t unescape(struct bytes unit, uint8_t out[SPS_MAX])
{
    unsigned zeros = 0;
    size_t n = 0;
    for (size_t i = 0; i < unit.n; i++) {
        if (zeros >= 2 && unit.p[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = unit.p[i] == 0 ? zeros + 1 : 0;
        out[n++] = unit.p[i];
    }
    return n;
}

enum result sps_read(enum psi_kind video, struct bytes unit, struct sps_size *out)
{
    uint8_t plain[SPS_MAX];
    if (unit.n > SPS_MAX)
        return RESULT_TOO_LARGE;
    if (unit.n == 0 || (video == PSI_H264 && unit_type(video, unit.p[0]) == H264_SUBSET_SPS))
        return RESULT_MALFORMED;
    struct bits b = {.in = cursor_over(bytes_of(plain, unescape(unit, plain)))};
    enum result r = video == PSI_H264 ? read_h264(&b, out) : read_h265(&b, out);
    return r == RESULT_END ? RESULT_MALFORMED : r;
}

/* A unit ended: when it is a set, its size is given to `each`. */
static enum result end_unit(struct sps_search *s, enum psi_kind video,
                            enum result (*each)(void *arg, const struct sps_size *size), void *arg)
{
    struct sps_size size;
    if (!s->collecting)
        return RESULT_OK;
    s->collecting = false;
    TRY(sps_read(video, bytes_of(s->unit, s->have), &size));
    return each(arg, &size);
}

#ifdef __SSE2__
enum { BLOCK = 16, BLOCKS = 4 * BLOCK };

/* Sixteen bytes, each with the bits of the one behind it as well: zero where two zeros begin. */
static inline __m128i with_next(const uint8_t *p)
{
    return _mm_or_si128(_mm_loadu_si128((const __m128i *)(const void *)p),
                        _mm_loadu_si128((const __m128i *)(const void *)(p + 1)));
}

static inline unsigned zeros_in(__m128i v)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128()));
}

/*
 * Where in sixteen bytes a start code may have two of its bytes: it is 0, 0, 1, so one of the pairs
 * at even places has either its zeros or a zero and the 1, wherever it begins.
 */
static inline __m128i codes_in(const uint8_t *p)
{
    __m128i pairs = _mm_loadu_si128((const __m128i *)(const void *)p);
    return _mm_cmpeq_epi16(_mm_and_si128(pairs, _mm_set1_epi16((short)0xfeff)),
                           _mm_setzero_si128());
}

static inline bool may_have_code(const uint8_t *p)
{
    __m128i first = _mm_or_si128(codes_in(p), codes_in(p + BLOCK));
    __m128i second = _mm_or_si128(codes_in(p + 2 * BLOCK), codes_in(p + 3 * BLOCK));
    return _mm_movemask_epi8(_mm_or_si128(first, second)) != 0;
}

static size_t pass_closely(struct bytes data, size_t i)
{
    for (; data.n - i > BLOCK; i += BLOCK) {
        unsigned found = zeros_in(with_next(data.p + i));
        if (found != 0)
            return i + (unsigned)__builtin_ctz(found);
    }
    while (i < data.n && (data.p[i] != 0 || (i + 1 < data.n && data.p[i + 1] != 0)))
        i++;
    return i;
}

/* The first zero of a code may be the last byte of a block that has nothing else of it. */
size_t sps_pass(struct bytes data, size_t i)
{
    size_t from = i;
    for (; data.n - i > BLOCKS; i += BLOCKS, from = i - 1) {
        if (!may_have_code(data.p + i))
            continue;
        size_t at = pass_closely(bytes_of(data.p, i + BLOCKS + 1), from);
        if (at < i + BLOCKS)
            return at;
    }
    return pass_closely(data, from);
}
#else
size_t sps_pass(struct bytes data, size_t i)
{
    while (i < data.n) {
        const uint8_t *zero = memchr(data.p + i, 0, data.n - i);
        if (zero == NULL)
            return data.n;
        i = (size_t)(zero - data.p);
        if (i + 1 == data.n || data.p[i + 1] == 0)
            return i;
        i += 2;
    }
    return i;
}
#endif

bool sps_is_idle(const struct sps_search *s)
{
    return !s->collecting && s->zeros == 0;
}

/* Pictures are mostly bytes in which nothing begins, and a single zero in them is passed here. */
static size_t skip(const struct sps_search *s, struct bytes data, size_t i)
{
    return sps_is_idle(s) && i < data.n ? sps_pass(data, i) : i;
}

/* A unit begins behind 0x000001, and ends before the next one or three zeros (annex B, both). */
enum result sps_look(struct sps_search *s, enum psi_kind video, struct bytes data,
                     enum result (*each)(void *arg, const struct sps_size *size), void *arg)
{
    enum { CODE = 3 }; /* as `zeros`: a start code is complete */
    for (size_t i = skip(s, data, 0); i < data.n; i = skip(s, data, i + 1)) {
        uint8_t byte = data.p[i];
        if (s->zeros == CODE) {
            s->collecting = unit_is_sps(video, byte);
            s->have = 0;
            s->zeros = 0;
        }
        if (s->zeros == 2 && byte <= 1)
            TRY(end_unit(s, video, each, arg));
        if (s->collecting && s->have == SPS_MAX)
            return RESULT_TOO_LARGE;
        if (s->collecting)
            s->unit[s->have++] = byte;
        if (s->zeros == 2 && byte == 1)
            s->zeros = CODE;
        else
            s->zeros = byte != 0 ? 0 : s->zeros == 2 ? 2 : s->zeros + 1;
    }
    return RESULT_OK;
}
