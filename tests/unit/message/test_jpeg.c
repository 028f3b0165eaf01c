#include "message/jpeg.h"

#include "sample.h"

/* A picture of tests/data/message. */
static struct buf picture(const char *name)
{
    struct buf b = BUF_INIT(1u << 20);
    char path[100];
    (void)snprintf(path, sizeof path, "message/%s", name);
    read_file(path, &b);
    return b;
}

/* The bytes of `from` with `insert` put in at `at`. */
static struct buf with(const struct buf *from, size_t at, const void *insert, size_t n)
{
    struct buf b = BUF_INIT(1u << 20);
    buf_put(&b, from->p, at);
    buf_put(&b, insert, n);
    buf_put(&b, from->p + at, from->n - at);
    return b;
}

static size_t find(const struct buf *b, const void *what, size_t n)
{
    const uint8_t *at = memmem(b->p, b->n, what, n);
    assert_non_null(at);
    return (size_t)(at - b->p);
}

static bool has(const struct buf *b, const char *text)
{
    return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

static enum result strip(const struct buf *in, struct buf *out, struct jpeg_facts *facts)
{
    buf_clear(out);
    return jpeg_strip(buf_view(in), out, facts);
}

static void refused(const struct buf *in)
{
    struct buf out = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    buf_text(&out, "before");
    assert_int_equal(jpeg_strip(buf_view(in), &out, &facts), RESULT_MALFORMED);
    assert_int_equal(out.n, 6);
    buf_free(&out);
}

static void baseline_and_progressive_pictures_pass(void **state)
{
    (void)state;
    static const char *const name[] = {"baseline.jpg", "progressive.jpg"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        struct buf in = picture(name[i]), out = BUF_INIT(1u << 20), again = BUF_INIT(1u << 20);
        struct jpeg_facts facts;
        assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
        assert_int_equal(facts.width, 64);
        assert_int_equal(facts.height, 48);
        assert_true(facts.stripped);
        assert_false(has(&out, "Lavc") || has(&out, "station"));
        assert_true(has(&out, "JFIF"));
        assert_int_equal(strip(&out, &again, &facts), RESULT_OK);
        assert_false(facts.stripped);
        assert_true(bytes_equal(buf_view(&out), buf_view(&again)));
        buf_free(&in);
        buf_free(&out);
        buf_free(&again);
    }
}

static void metadata_and_what_follows_the_picture_go(void **state)
{
    (void)state;
    struct buf plain = picture("baseline.jpg"), clean = BUF_INIT(1u << 20),
               out = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    assert_int_equal(strip(&plain, &clean, &facts), RESULT_OK);
    static const struct {
        const char *bytes;
        size_t n;
    } extra[] = {{"\xff\xe1\x00\x10"
                  "Exif\0\0GPSPLACE",
                  18},
                 {"\xff\xe0\x00\x0a"
                  "JFXX\0GPS",
                  12},
                 {"\xff\xe2\x00\x12"
                  "ICC_PROFILE\0GPSP",
                  20},
                 {"\xff\xfe\x00\x05"
                  "GPS",
                  7},
                 {"\xff\xef\x00\x05"
                  "GPS",
                  7},
                 {"\xff\xee\x00\x05"
                  "GPS",
                  7},
                 {"\xff\xff\xff\xff", 4}};
    for (size_t i = 0; i < ARRAY_LEN(extra); i++) {
        struct buf in = with(&clean, 2, extra[i].bytes, extra[i].n);
        assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
        assert_true(facts.stripped);
        assert_true(bytes_equal(buf_view(&out), buf_view(&clean)));
        buf_free(&in);
    }
    struct buf in = with(&clean, clean.n, "\xff\xd8GPS", 5);
    assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
    assert_true(bytes_equal(buf_view(&out), buf_view(&clean)));
    buf_free(&in);
    buf_free(&plain);
    buf_free(&clean);
    buf_free(&out);
}

static void a_thumbnail_inside_jfif_goes_and_the_rest_of_it_stays(void **state)
{
    (void)state;
    struct buf plain = picture("baseline.jpg"), clean = BUF_INIT(1u << 20),
               out = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    assert_int_equal(strip(&plain, &clean, &facts), RESULT_OK);
    size_t jfif = find(&clean, "JFIF", 5);
    struct buf in = with(&clean, jfif + 14, "\x01\x02\x03", 3);
    in.p[jfif - 1] = 19; /* its length */
    in.p[jfif + 12] = 1; /* one pixel */
    in.p[jfif + 13] = 1;
    assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
    assert_true(facts.stripped);
    assert_true(bytes_equal(buf_view(&out), buf_view(&clean)));
    buf_free(&in);
    /* Adobe's transform stays, twelve bytes of it */
    in = with(&clean, 2,
              "\xff\xee\x00\x11"
              "Adobe\0d\0\0\0\0\x01GPS",
              19);
    assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
    assert_true(has(&out, "Adobe"));
    assert_false(has(&out, "GPS"));
    assert_int_equal(out.n, clean.n + 16);
    buf_free(&in);
    buf_free(&plain);
    buf_free(&clean);
    buf_free(&out);
}

static void every_cut_is_noticed(void **state)
{
    (void)state;
    struct buf in = picture("progressive.jpg"), out = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    size_t whole = in.n;
    for (in.n = 0; in.n < whole; in.n++)
        assert_int_equal(strip(&in, &out, &facts), RESULT_MALFORMED);
    assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
    buf_free(&in);
    buf_free(&out);
}

/* The picture with byte `at + offset` set, where `at` is where the two bytes of a marker stand. */
static void refused_with(const char *marker, size_t offset, uint8_t value)
{
    struct buf in = picture("baseline.jpg");
    in.p[find(&in, marker, 2) + offset] = value;
    refused(&in);
    buf_free(&in);
}

static void frames_of_other_kinds_and_sizes_are_refused(void **state)
{
    (void)state;
    refused_with("\xff\xc0", 1, 0xc1); /* extended sequential */
    refused_with("\xff\xc0", 1, 0xc3); /* lossless */
    refused_with("\xff\xc0", 1, 0xc9); /* arithmetic coding */
    refused_with("\xff\xc0", 1, 0xc8); /* reserved */
    refused_with("\xff\xc0", 4, 12);   /* precision */
    refused_with("\xff\xc0", 6, 0);    /* height 0: told later by DNL */
    refused_with("\xff\xc0", 5, 0x20); /* height 8240 */
    refused_with("\xff\xc0", 7, 0x20); /* width 8256 */
    refused_with("\xff\xc0", 9, 4);    /* more components than there are */
    refused_with("\xff\xc0", 9, 0);
    refused_with("\xff\xc0", 11, 0x02); /* sampling factors */
    refused_with("\xff\xc0", 11, 0x52);
    refused_with("\xff\xc0", 12, 4);   /* quantization table */
    refused_with("\xff\xc0", 13, 1);   /* the same component again */
    refused_with("\xff\xda", 4, 4);    /* more components than the frame has */
    refused_with("\xff\xda", 5, 9);    /* a component that the frame lacks */
    refused_with("\xff\xda", 11, 64);  /* spectral selection */
    refused_with("\xff\xd9", 1, 0xc4); /* a table where the end should be */
    refused_with("\xff\xd8", 0, 0);
    refused_with("\xff\xdb", 4, 0x25); /* quantization tables */
    refused_with("\xff\xc4", 4, 0x25); /* Huffman tables */
    refused_with("\xff\xc4", 5, 0xff);
}

static void a_scan_needs_a_frame_and_a_picture_a_scan(void **state)
{
    (void)state;
    struct buf in = picture("baseline.jpg");
    size_t frame = find(&in, "\xff\xc0", 2), scan = find(&in, "\xff\xda", 2);
    struct buf twice = with(&in, scan, in.p + frame, 19);
    refused(&twice);
    buf_free(&twice);
    struct buf without = BUF_INIT(1u << 20);
    buf_put(&without, in.p, scan);
    buf_put(&without, "\xff\xd9", 2);
    refused(&without);
    buf_clear(&without);
    buf_put(&without, in.p, frame);
    buf_put(&without, in.p + scan, in.n - scan);
    refused(&without);
    buf_free(&without);
    buf_free(&in);
}

static void a_huffman_table_has_at_most_256_symbols(void **state)
{
    (void)state;
    struct buf plain = picture("baseline.jpg"), out = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    for (uint8_t last = 1; last <= 2; last++) {
        uint8_t table[2 + 2 + 1 + 16 + 257] = {0xff, 0xc4, 0x01, 19 + last - 1};
        table[5 + 14] = 255;
        table[5 + 15] = last;
        struct buf in = with(&plain, find(&plain, "\xff\xda", 2), table, 276u + last);
        if (last == 1)
            assert_int_equal(strip(&in, &out, &facts), RESULT_OK);
        else
            refused(&in);
        buf_free(&in);
    }
    buf_free(&plain);
    buf_free(&out);
}

static void the_number_of_scans_is_bounded(void **state)
{
    (void)state;
    struct buf in = picture("baseline.jpg"), many = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    struct buf out = BUF_INIT(1u << 20);
    size_t scan = find(&in, "\xff\xda", 2), scan_bytes = in.n - 2 - scan;
    buf_put(&many, in.p, scan);
    for (size_t i = 0; i < LIMIT_PHOTO_SCANS; i++)
        buf_put(&many, in.p + scan, scan_bytes);
    buf_put(&many, "\xff\xd9", 2);
    assert_int_equal(strip(&many, &out, &facts), RESULT_OK);
    many.n -= 2;
    buf_put(&many, in.p + scan, scan_bytes);
    buf_put(&many, "\xff\xd9", 2);
    refused(&many);
    buf_free(&in);
    buf_free(&many);
    buf_free(&out);
}

static void random_damage_never_grows_a_picture(void **state)
{
    (void)state;
    struct buf in = picture("progressive.jpg"), out = BUF_INIT(1u << 20);
    struct jpeg_facts facts;
    uint32_t random = 7;
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525 + 1013904223;
        size_t at = (random >> 8) % in.n;
        uint8_t was = in.p[at];
        in.p[at] = (uint8_t)(random >> 24);
        if (strip(&in, &out, &facts) == RESULT_OK)
            assert_true(out.n <= in.n && facts.width >= 1 && facts.height >= 1);
        in.p[at] = was;
    }
    buf_free(&in);
    buf_free(&out);
}

static void output_past_the_ceiling_is_too_large(void **state)
{
    (void)state;
    struct buf in = picture("baseline.jpg"), out = BUF_INIT(500);
    struct jpeg_facts facts;
    assert_int_equal(jpeg_strip(buf_view(&in), &out, &facts), RESULT_TOO_LARGE);
    buf_free(&in);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baseline_and_progressive_pictures_pass),
        cmocka_unit_test(metadata_and_what_follows_the_picture_go),
        cmocka_unit_test(a_thumbnail_inside_jfif_goes_and_the_rest_of_it_stays),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(frames_of_other_kinds_and_sizes_are_refused),
        cmocka_unit_test(a_scan_needs_a_frame_and_a_picture_a_scan),
        cmocka_unit_test(a_huffman_table_has_at_most_256_symbols),
        cmocka_unit_test(the_number_of_scans_is_bounded),
        cmocka_unit_test(random_damage_never_grows_a_picture),
        cmocka_unit_test(output_past_the_ceiling_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
