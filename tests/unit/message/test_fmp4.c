#include "message/fmp4.h"

#include "message/boxes.h"
#include "sample.h"

enum { FILE_MAX = 1 << 20 };

/* A stream being looked at, and what of it passed. */
struct look {
    struct fmp4 *f;
    struct media_found found;
    struct buf passed;
    unsigned starts, cuts;
    enum reason reason;
    const char *why;
};

static struct look look_by(const struct media_rules *rules)
{
    return (struct look){.f = fmp4_new(rules), .passed = BUF_INIT(4 * FILE_MAX), .why = ""};
}

static struct look look_new(void)
{
    return look_by(&(struct media_rules){.refuse_audio = true});
}

static void look_free(struct look *l)
{
    fmp4_free(l->f);
    buf_free(&l->passed);
}

static enum result feed(struct look *l, struct bytes chunk)
{
    struct buf copy = BUF_INIT(4 * FILE_MAX);
    buf_put(&copy, chunk.p, chunk.n);
    l->reason = REASON_NONE;
    enum result r = fmp4_chunk(l->f, copy.p, copy.n, &l->found, &l->reason, &l->why);
    const struct media_found *m = &l->found;
    if (r == RESULT_OK) {
        assert_true(m->from <= m->to && m->to <= chunk.n);
        assert_true(!m->has_start || (m->start >= m->from && m->start <= m->to));
        assert_true(!m->has_cut || (m->cut >= m->from && m->cut <= m->to));
        buf_put(&l->passed, m->before.p, m->before.n);
        buf_put(&l->passed, copy.p + m->from, m->to - m->from);
        l->starts += m->has_start;
        l->cuts += m->has_cut;
    } else {
        assert_true(l->reason != REASON_NONE && *l->why != '\0');
    }
    buf_free(&copy);
    return r;
}

static void sample_file(const char *path, struct buf *out)
{
    *out = BUF_INIT(FILE_MAX);
    read_file(path, out);
}

/* The first box of this type, wherever: its place. */
static size_t place_of(const struct buf *b, const char *type)
{
    const uint8_t *p = memmem(b->p, b->n, type, 4);
    assert_non_null(p);
    return (size_t)(p - b->p) - 4;
}

static size_t size_at(const struct buf *b, size_t at)
{
    struct box_start box;
    assert_int_equal(box_start(bytes_of(b->p + at, b->n - at), &box), RESULT_OK);
    return (size_t)box.size;
}

/* The file with this box blanked where it stands. */
static void blank(struct buf *b, const char *type)
{
    size_t at = place_of(b, type);
    box_blank(b->p + at, size_at(b, at));
}

static const char *refusal(const struct buf *b)
{
    struct look l = look_new();
    enum result r = feed(&l, buf_view(b));
    const char *why = r == RESULT_OK ? "" : l.why;
    look_free(&l);
    return why;
}

/* ---- */

static void real_files_pass_and_show_where_to_start(void **state)
{
    (void)state;
    static const struct {
        const char *path, *codec;
    } row[] = {{"message/h264.mp4", "h264"}, {"message/h265.mp4", "h265"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct look l = look_new();
        struct buf file;
        sample_file(row[i].path, &file);
        size_t init = place_of(&file, "moof"), moof = size_at(&file, init);
        assert_string_equal(fmp4_codec(l.f), "");
        assert_int_equal(feed(&l, bytes_of(file.p, init + moof + 100)), RESULT_OK);
        assert_string_equal(fmp4_codec(l.f), row[i].codec);
        assert_true(l.found.has_start);
        assert_int_equal(l.found.start, init + moof);
        assert_int_equal(fmp4_head(l.f).n, init + moof); /* so whoever joins has all of it */
        assert_memory_equal(fmp4_head(l.f).p, l.passed.p, init + moof);
        assert_false(fmp4_may_gap(l.f)); /* half of its media data is still to come */
        buf_free(&file);
        look_free(&l);
    }
}

/* Nothing moves, and the media data is as it was: what is signed in it verifies. */
static void only_what_nobody_knows_is_blanked(void **state)
{
    (void)state;
    struct look l = look_new();
    struct buf file;
    sample_file("message/h264.mp4", &file);
    assert_int_equal(feed(&l, buf_view(&file)), RESULT_OK);
    blank(&file, "udta");
    blank(&file, "mfra");
    assert_int_equal(l.passed.n, file.n);
    assert_memory_equal(l.passed.p, file.p, file.n);
    assert_true(fmp4_may_gap(l.f));
    buf_free(&file);
    look_free(&l);
}

static void the_result_does_not_depend_on_how_a_stream_is_cut(void **state)
{
    (void)state;
    struct buf file;
    sample_file("message/h264.mp4", &file);
    struct look whole = look_new();
    assert_int_equal(feed(&whole, buf_view(&file)), RESULT_OK);
    for (size_t at = 0; at <= file.n; at++) { /* in two pieces */
        struct look l = look_new();
        assert_int_equal(feed(&l, bytes_of(file.p, at)), RESULT_OK);
        assert_int_equal(feed(&l, bytes_of(file.p + at, file.n - at)), RESULT_OK);
        assert_int_equal(l.passed.n, whole.passed.n);
        assert_memory_equal(l.passed.p, whole.passed.p, file.n);
        assert_true(bytes_equal(fmp4_head(l.f), fmp4_head(whole.f)));
        look_free(&l);
    }
    for (size_t step = 1; step < 200; step += 7) { /* in many: every start and cut is told once */
        struct look l = look_new();
        for (size_t at = 0; at < file.n; at += step)
            assert_int_equal(
                feed(&l, bytes_of(file.p + at, file.n - at < step ? file.n - at : step)),
                RESULT_OK);
        assert_int_equal(l.passed.n, whole.passed.n);
        assert_memory_equal(l.passed.p, whole.passed.p, file.n);
        assert_int_equal(l.starts, 4);
        assert_in_range(l.cuts, 4, 8); /* ftyp, moov, four fragments, mfra, each in its chunk */
        look_free(&l);
    }
    look_free(&whole);
    buf_free(&file);
}

/* Whoever is too slow is left behind in front of a fragment, never inside of one. */
static void one_can_be_left_behind_between_fragments_only(void **state)
{
    (void)state;
    struct look l = look_new();
    struct buf file;
    sample_file("message/h264.mp4", &file);
    size_t first = place_of(&file, "moof"), data = first + size_at(&file, first),
           second = data + size_at(&file, data);
    assert_int_equal(feed(&l, bytes_of(file.p, data + 50)), RESULT_OK);
    assert_int_equal(l.found.cut, 0);
    assert_int_equal(feed(&l, bytes_of(file.p + data + 50, 20)), RESULT_OK);
    assert_false(l.found.has_cut);
    assert_int_equal(feed(&l, bytes_of(file.p + data + 70, second + 3 - (data + 70))), RESULT_OK);
    assert_true(l.found.has_cut);
    assert_int_equal(l.found.cut, second - (data + 70));
    assert_int_equal(l.found.to, l.found.cut); /* the next one's beginning is held back */
    look_free(&l);
    buf_free(&file);
}

static void sound_is_refused_by_its_track(void **state)
{
    (void)state;
    for (int refuse = 0; refuse < 2; refuse++) {
        struct look l = look_by(&(struct media_rules){.refuse_audio = refuse});
        struct buf file;
        sample_file("message/sound.mp4", &file);
        assert_int_equal(feed(&l, buf_view(&file)), RESULT_DENIED);
        assert_int_equal(l.reason, refuse ? REASON_AUDIO_REFUSED : REASON_MEDIA_REFUSED);
        assert_int_equal(l.passed.n, 0);
        buf_free(&file);
        look_free(&l);
    }
}

static void codecs_and_sizes_of_pictures_are_those_of_the_rules(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        struct media_rules rules;
        enum reason reason;
    } row[] = {{"message/h264.mp4", {.codecs = MEDIA_H264}, REASON_NONE},
               {"message/h264.mp4", {.codecs = MEDIA_H265}, REASON_MEDIA_REFUSED},
               {"message/h265.mp4", {.codecs = MEDIA_H265, .width = 64, .height = 48}, REASON_NONE},
               {"message/h265.mp4", {.codecs = MEDIA_H264}, REASON_MEDIA_REFUSED},
               {"message/h264.mp4", {.width = 64, .height = 48}, REASON_NONE},
               {"message/h264.mp4", {.width = 63, .height = 48}, REASON_QUOTA_EXCEEDED},
               {"message/h265.mp4", {.width = 64, .height = 47}, REASON_QUOTA_EXCEEDED}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct look l = look_by(&row[i].rules);
        struct buf file;
        sample_file(row[i].path, &file);
        (void)!feed(&l, buf_view(&file));
        assert_int_equal(l.reason, row[i].reason);
        buf_free(&file);
        look_free(&l);
    }
}

/* ---- what only claims to be video */

static void what_is_no_fragmented_file_is_refused_at_once(void **state)
{
    (void)state;
    struct look l = look_new();
    assert_int_equal(feed(&l, bytes_of("PK\3\4 archive", 12)), RESULT_DENIED);
    assert_string_equal(l.why, "it does not begin with a file type box");
    look_free(&l);
    l = look_new();
    assert_int_equal(feed(&l, bytes_of("PK\3", 3)),
                     RESULT_OK); /* nothing passes before it is known */
    assert_int_equal(l.passed.n, 0);
    assert_int_equal(feed(&l, bytes_of("\4 archive", 9)), RESULT_DENIED);
    look_free(&l);
}

/* One bit of a file is turned; what is said of it. */
static void what_is_wrong_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *box;
        size_t at; /* from the box's beginning */
        uint8_t flip;
        const char *why;
    } row[] = {{"ftyp", 3, 2, "a file type box is damaged, or comes again"},
               {"ftyp", 0, 1, "a box that describes others is larger than 128 KiB"},
               {"moov", 1, 0x80, "a box that describes others is larger than 128 KiB"},
               {"mvex", 7, 1, "the file is not fragmented"},
               {"hdlr", 16, 1, "the file has a track that is not video"},
               {"avc1", 4, 4, "the file's video is neither H.264 nor H.265"},
               {"stsd", 15, 3, "the file has more than one codec"},
               {"stsd", 15, 2, "the file has more than one codec"},
               {"dref", 27, 1, "the file names other files"},
               {"stco", 15, 1, "the file has samples outside of its fragments"},
               {"avcC", 12, 1, "units have lengths of three bytes"},
               {"trex", 15, 3, "the movie box lacks a part"},
               {"tfhd", 15, 3, "a fragment is of another track"},
               {"tfhd", 11, 1,
                "a fragment says where it stands in a file (default-base-is-moof is missing)"},
               {"trun", 15, 5, "a fragment is damaged, or of more than one track"},
               {"trun", 19, 1, "media data has more or less in it than its fragment's samples"},
               {"mdat", 3, 1, "media data has more or less in it than its fragment's samples"},
               {"mdat", 7, 1, "a fragment is not followed by its media data"},
               {"mdat", 8, 1, "a unit of video is empty, or longer than its fragment"},
               {"mdat", 12, 0x80, "what is listed as video is neither H.264 nor H.265"},
               {"mfra", 2, 0x40, ""},
               {"mfra", 1, 0x40, "a box that is not let through is larger than 1 MiB"},
               {"mfra", 3, 0x7c, "a box has no size, or one below its header"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct buf file;
        sample_file("message/h264.mp4", &file);
        size_t at = place_of(&file, row[i].box) + row[i].at;
        file.p[at] ^= row[i].flip;
        if (strcmp(row[i].why, refusal(&file)) != 0)
            print_message("%s + %zu\n", row[i].box, row[i].at);
        assert_string_equal(refusal(&file), row[i].why);
        buf_free(&file);
    }
}

/* A box that nobody knows, at the top, in the movie, in a fragment: it is there, and empty. */
static void unknown_boxes_are_emptied_wherever_they_stand(void **state)
{
    (void)state;
    static const char *const box[] = {"mfhd", "tfdt", "pasp", "elst", "mdhd"};
    for (size_t i = 0; i < ARRAY_LEN(box); i++) {
        struct look l = look_new();
        struct buf file;
        sample_file("message/h264.mp4", &file);
        if (memmem(file.p, file.n, box[i], 4) != NULL) {
            size_t at = place_of(&file, box[i]), n = size_at(&file, at);
            file.p[at + 7] ^= 1;
            assert_int_equal(feed(&l, buf_view(&file)), RESULT_OK);
            box_blank(file.p + at, n);
            assert_memory_equal(l.passed.p + at, file.p + at, n);
        }
        buf_free(&file);
        look_free(&l);
    }
    struct look l = look_new();
    struct buf file, emsg = BUF_INIT(FILE_MAX);
    sample_file("message/h264.mp4", &file);
    size_t at = place_of(&file, "moof");
    buf_put(&emsg, file.p, at);
    buf_put(&emsg, "\0\0\0\x14uuidhidden words", 20);
    buf_put(&emsg, file.p + at, file.n - at);
    assert_int_equal(feed(&l, buf_view(&emsg)), RESULT_OK);
    assert_memory_equal(l.passed.p + at,
                        "\0\0\0\x14"
                        "free\0\0\0\0\0\0\0\0\0\0\0\0",
                        20);
    assert_null(memmem(l.passed.p, l.passed.n, "hidden", 6));
    buf_free(&file);
    buf_free(&emsg);
    look_free(&l);
}

/* Whatever is changed, there is an answer; and what passes has the places that it had. */
static void any_byte_may_be_wrong(void **state)
{
    (void)state;
    struct buf file;
    sample_file("message/h265.mp4", &file);
    for (size_t at = 0; at < file.n; at++)
        for (unsigned bit = 0; bit < 8; bit += 7) {
            struct look l = look_by(&(struct media_rules){.width = 64, .height = 48});
            file.p[at] ^= (uint8_t)(1u << bit);
            bool passes = true;
            for (size_t i = 0; passes && i < file.n; i += 333)
                passes = feed(&l, bytes_of(file.p + i, file.n - i < 333 ? file.n - i : 333)) ==
                         RESULT_OK;
            for (size_t i = 0; i < l.passed.n; i++)
                if (l.passed.p[i] != file.p[i])
                    assert_true(l.passed.p[i] == 0 || memchr("free", l.passed.p[i], 4) != NULL);
            file.p[at] ^= (uint8_t)(1u << bit);
            look_free(&l);
        }
    buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_files_pass_and_show_where_to_start),
        cmocka_unit_test(only_what_nobody_knows_is_blanked),
        cmocka_unit_test(the_result_does_not_depend_on_how_a_stream_is_cut),
        cmocka_unit_test(one_can_be_left_behind_between_fragments_only),
        cmocka_unit_test(sound_is_refused_by_its_track),
        cmocka_unit_test(codecs_and_sizes_of_pictures_are_those_of_the_rules),
        cmocka_unit_test(what_is_no_fragmented_file_is_refused_at_once),
        cmocka_unit_test(what_is_wrong_is_refused_by_name),
        cmocka_unit_test(unknown_boxes_are_emptied_wherever_they_stand),
        cmocka_unit_test(any_byte_may_be_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
