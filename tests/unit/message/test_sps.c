#include "message/sps.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Sets as x264 and x265 write them. */
static const struct {
    enum psi_kind video;
    const char *hex;
    uint32_t width, height;
} real[] = {
    {PSI_H264, "67640028acd940780227e5c044000003000400000300283c60c658", 1920, 1080},
    {PSI_H264, "6742c01fd9005005bb0110000003001000000300a0f1832480", 1280, 720},
    {PSI_H264, "674d4016eca05a126c044000000300400000030287c50a6580", 720, 576}, /* in fields */
    {PSI_H264, "67f40028919b280f0044f71780880000030008000003005078c18cb0", 1918, 1078}, /* 4:4:4 */
    {PSI_H264, "677a0016b6cd940d83de6f0110000003001000000300a0f162d960", 854, 480},     /* 4:2:2 */
    {PSI_H264, "6764000cf36505421e3e3f016c800000030080000005078a14cb", 322, 242},       /* grey */
    {PSI_H265,
     "420101016000000300900000030000030078a003c08010e596566924caf016808000000300800000030284", 1920,
     1080},
    {PSI_H265,
     "4201010408000003009d0800000300005db00284802d1c96d96566924caf0168080000030008000003002840",
     1282, 718}, /* 4:2:2 */
    {PSI_H265,
     "420101016000000300900000030000030096a001e020021c596566924caf0168080000030008000003002840",
     3840, 2160},
    {PSI_H265,
     "420101040800000300980800000300003c90014901f39e7294b2b349265780b4040000030004000003001420",
     322, 242}, /* 4:4:4 */
};

static struct bytes unit_of(const char *hex, uint8_t out[SPS_MAX])
{
    size_t n = strlen(hex) / 2;
    assert_true(bytes_from_hex(bytes_of_text(hex), out, n));
    return bytes_of(out, n);
}

static void encoders_sets_give_the_size_that_players_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(real); i++) {
        uint8_t bytes[SPS_MAX];
        struct sps_size size;
        assert_int_equal(sps_read(real[i].video, unit_of(real[i].hex, bytes), &size), RESULT_OK);
        assert_int_equal(size.width, real[i].width);
        assert_int_equal(size.height, real[i].height);
    }
}

static void a_set_that_is_cut_off_before_the_size_cannot_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(real); i++) {
        uint8_t bytes[SPS_MAX];
        struct sps_size size;
        const struct bytes unit = unit_of(real[i].hex, bytes);
        bool is_whole = false;
        for (size_t n = 0; n <= unit.n; n++) {
            bool is_read = sps_read(real[i].video, bytes_of(unit.p, n), &size) == RESULT_OK;
            assert_false(is_whole && !is_read);
            is_whole = is_read;
        }
        assert_true(is_whole);
        assert_int_equal(sps_read(real[i].video, bytes_of(unit.p, 4), &size), RESULT_MALFORMED);
    }
}

/* ---- sets made here, bit by bit */

struct writer {
    uint8_t bytes[SPS_MAX];
    size_t bits;
};

static void put(struct writer *w, unsigned n, uint32_t value)
{
    while (n-- > 0) {
        if ((value >> n & 1) != 0)
            w->bytes[w->bits / 8] |= (uint8_t)(0x80 >> w->bits % 8);
        w->bits++;
    }
}

static void put_ue(struct writer *w, uint32_t value)
{
    unsigned n = 0;
    while ((value + 1) >> (n + 1) != 0)
        n++;
    put(w, n, 0);
    put(w, n + 1, value + 1);
}

static void put_se(struct writer *w, int32_t value)
{
    put_ue(w, value > 0 ? (uint32_t)(2 * value - 1) : (uint32_t)(-2 * value));
}

static enum result read_made(enum psi_kind video, struct writer *w, struct sps_size *out)
{
    put(w, 1, 1); /* the end of a set */
    return sps_read(video, bytes_of(w->bytes, (w->bits + 7) / 8), out);
}

/* All that stands in an H.264 set before its size, for High profile with these scaling lists. */
static void begin_h264(struct writer *w, void (*lists)(struct writer *w))
{
    *w = (struct writer){0};
    put(w, 32, 0x67640028);
    put_ue(w, 0);
    put_ue(w, 1);
    put_ue(w, 0);
    put_ue(w, 0);
    put(w, 1, 0);
    put(w, 1, lists != NULL);
    if (lists != NULL)
        lists(w);
    put_ue(w, 0);
}

static void put_h264_size(struct writer *w, uint32_t across, uint32_t down, uint32_t cropped)
{
    put_ue(w, 1);
    put(w, 1, 0);
    put_ue(w, across - 1);
    put_ue(w, down - 1);
    put(w, 1, 1);
    put(w, 1, 1);
    put(w, 1, cropped > 0);
    if (cropped > 0) {
        put_ue(w, 0);
        put_ue(w, cropped);
        put_ue(w, 0);
        put_ue(w, 0);
    }
}

/* Two lists, one whole and one that ends at once; the others follow from them. */
static void two_lists(struct writer *w)
{
    put(w, 1, 1);
    for (int i = 0; i < 16; i++)
        put_se(w, i % 2 == 0 ? 3 : -2);
    put(w, 5, 0);
    put(w, 1, 1);
    put_se(w, -8);
    put(w, 1, 0);
}

static void scaling_lists_and_order_counts_are_passed_over(void **state)
{
    (void)state;
    struct writer w;
    struct sps_size size;
    begin_h264(&w, two_lists);
    put_ue(&w, 1); /* pic_order_cnt_type, with a cycle of three */
    put(&w, 1, 0);
    put_se(&w, -1);
    put_se(&w, 70000);
    put_ue(&w, 3);
    for (int i = 0; i < 3; i++)
        put_se(&w, i);
    put_h264_size(&w, 45, 36, 0);
    assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_OK);
    assert_int_equal(size.width, 720);
    assert_int_equal(size.height, 576);
}

static void what_is_cropped_beyond_a_block_is_part_of_the_picture(void **state)
{
    (void)state;
    static const uint32_t cropped[][2] = {{4, 1912}, {31, 1858}, {32, 1920}, {400, 1920}};
    for (size_t i = 0; i < ARRAY_LEN(cropped); i++) {
        struct writer w;
        struct sps_size size;
        begin_h264(&w, NULL);
        put_ue(&w, 2);
        put_h264_size(&w, 120, 68, cropped[i][0]); /* in steps of two samples */
        assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_OK);
        assert_int_equal(size.width, cropped[i][1]);
    }
}

static void sizes_and_numbers_that_no_video_has_are_refused(void **state)
{
    (void)state;
    struct writer w;
    struct sps_size size;
    begin_h264(&w, NULL);
    put_ue(&w, 2);
    put_h264_size(&w, 1 << 12, 10, 0); /* 65536 samples across */
    assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_OK);
    begin_h264(&w, NULL);
    put_ue(&w, 2);
    put_h264_size(&w, (1 << 12) + 1, 10, 0);
    assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_MALFORMED);
    begin_h264(&w, NULL);
    put_ue(&w, 2);
    put_h264_size(&w, 2, 10, 16); /* nothing is left */
    assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_MALFORMED);
    begin_h264(&w, NULL);
    put_ue(&w, 3); /* no such pic_order_cnt_type */
    put_h264_size(&w, 2, 10, 0);
    assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_MALFORMED);
    w = (struct writer){0};
    put(&w, 32, 0x6742001f);
    put(&w, 32, 0); /* a code of more than 31 bits */
    put(&w, 32, UINT32_MAX);
    assert_int_equal(read_made(PSI_H264, &w, &size), RESULT_MALFORMED);
}

static void layered_video_has_no_size_that_can_be_trusted(void **state)
{
    (void)state;
    uint8_t bytes[SPS_MAX];
    struct sps_size size;
    const struct bytes unit = unit_of(real[6].hex, bytes);
    bytes[1] |= 0x08; /* nuh_layer_id 1 */
    assert_int_equal(sps_read(PSI_H265, unit, &size), RESULT_MALFORMED);
}

/* ---- in a stream */

struct sizes {
    struct sps_size size[8];
    size_t count;
    enum result answer;
};

static enum result note(void *arg, const struct sps_size *size)
{
    struct sizes *s = arg;
    s->size[s->count++] = *size;
    return s->answer;
}

static void put_unit(struct buf *out, bool four, const char *hex)
{
    uint8_t bytes[SPS_MAX];
    const struct bytes unit = unit_of(hex, bytes);
    buf_put(out, four ? "\0\0\0\1" : "\0\0\1", four ? 4 : 3);
    buf_put(out, unit.p, unit.n);
}

static void every_set_is_found_wherever_the_stream_is_cut(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    put_unit(&b, true, "0910");
    put_unit(&b, true, real[0].hex);
    put_unit(&b, false, "68ebe3cb22c0");
    put_unit(&b, false, real[1].hex);
    put_unit(&b, true, "65888400000300");
    for (size_t step = 1; step <= b.n; step++) {
        struct sps_search search = {0};
        struct sizes found = {0};
        for (size_t at = 0; at < b.n; at += step) {
            size_t n = b.n - at < step ? b.n - at : step;
            assert_int_equal(sps_look(&search, PSI_H264, bytes_of(b.p + at, n), note, &found),
                             RESULT_OK);
        }
        assert_int_equal(found.count, 2);
        assert_int_equal(found.size[0].width, 1920);
        assert_int_equal(found.size[1].width, 1280);
    }
    buf_free(&b);
}

/* The search takes many bytes at once: where the set stands among them, which zeros stand alone,
 * and whether its start code goes over a cut, is all the same. */
static void a_set_is_found_at_any_place_among_single_zeros(void **state)
{
    (void)state;
    for (size_t before = 0; before < 150; before++)
        for (size_t behind = 0; behind < 40; behind++) {
            struct buf b = BUF_INIT(4096);
            struct sps_search search = {0};
            struct sizes found = {0};
            for (size_t i = 0; i < before; i++)
                buf_u8(&b, (before - i) % 3 == 2 ? 0 : 0xa5);
            put_unit(&b, false, real[0].hex);
            buf_put(&b, "\0\0\1\x65", 4);
            for (size_t i = 0; i < behind; i++)
                buf_u8(&b, i % 2 == 0 ? 0x77 : 0);
            size_t cut = before + behind % 8;
            assert_int_equal(sps_look(&search, PSI_H264, bytes_of(b.p, cut), note, &found),
                             RESULT_OK);
            assert_int_equal(
                sps_look(&search, PSI_H264, bytes_of(b.p + cut, b.n - cut), note, &found),
                RESULT_OK);
            assert_int_equal(found.count, 1);
            assert_int_equal(found.size[0].width, 1920);
            buf_free(&b);
        }
}

static void what_the_caller_says_of_a_size_ends_the_search(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct sps_search search = {0};
    struct sizes found = {.answer = RESULT_DENIED};
    put_unit(&b, true, real[0].hex);
    put_unit(&b, true, real[1].hex);
    put_unit(&b, true, "65");
    assert_int_equal(sps_look(&search, PSI_H264, buf_view(&b), note, &found), RESULT_DENIED);
    assert_int_equal(found.count, 1);
    buf_free(&b);
}

static void a_set_without_end_or_of_another_layer_ends_the_search(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct sps_search search = {0};
    struct sizes found = {0};
    put_unit(&b, true, "67640028");
    for (size_t i = 0; i < SPS_MAX; i++)
        buf_u8(&b, 0xff);
    assert_int_equal(sps_look(&search, PSI_H264, buf_view(&b), note, &found), RESULT_TOO_LARGE);
    buf_clear(&b);
    search = (struct sps_search){0};
    put_unit(&b, true, "6f640028acd9407802");
    put_unit(&b, true, "65");
    assert_int_equal(sps_look(&search, PSI_H264, buf_view(&b), note, &found), RESULT_MALFORMED);
    assert_int_equal(found.count, 0);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoders_sets_give_the_size_that_players_show),
        cmocka_unit_test(a_set_that_is_cut_off_before_the_size_cannot_be_read),
        cmocka_unit_test(scaling_lists_and_order_counts_are_passed_over),
        cmocka_unit_test(what_is_cropped_beyond_a_block_is_part_of_the_picture),
        cmocka_unit_test(sizes_and_numbers_that_no_video_has_are_refused),
        cmocka_unit_test(layered_video_has_no_size_that_can_be_trusted),
        cmocka_unit_test(every_set_is_found_wherever_the_stream_is_cut),
        cmocka_unit_test(a_set_is_found_at_any_place_among_single_zeros),
        cmocka_unit_test(what_the_caller_says_of_a_size_ends_the_search),
        cmocka_unit_test(a_set_without_end_or_of_another_layer_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
