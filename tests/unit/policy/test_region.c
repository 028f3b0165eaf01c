#include "policy/region.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Three dimensions of four cells; all others have one. */
static struct box_cells box(unsigned a, unsigned b, unsigned c)
{
    struct box_cells out;
    for (unsigned d = 0; d < DIMS; d++)
        out.cells[d] = 1;
    out.cells[0] = a;
    out.cells[7] = b;
    out.cells[DIMS - 1] = c;
    return out;
}

static bool holds(const struct region *r, unsigned a, unsigned b, unsigned c)
{
    for (size_t i = 0; i < r->count; i++)
        if ((r->box[i].cells[0] >> a & 1) != 0 && (r->box[i].cells[7] >> b & 1) != 0 &&
            (r->box[i].cells[DIMS - 1] >> c & 1) != 0)
            return true;
    return false;
}

static void fill(struct region *r, const unsigned row[][3], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct box_cells b = box(row[i][0], row[i][1], row[i][2]);
        region_add(r, &b);
    }
}

/* Point by point, for all boxes of a small world against one another. */
static void intersection_and_difference_are_those_of_their_points(void **state)
{
    static const unsigned one[][3] = {{0x3, 0xf, 0x1}, {0xc, 0x6, 0xf}, {0x1, 0x8, 0xe}};
    static const unsigned two[][3] = {{0x6, 0x7, 0xf}, {0xf, 0xc, 0x2}};
    struct region a = {0}, b = {0}, both = {0}, rest = {0};
    (void)state;
    fill(&a, one, ARRAY_LEN(one));
    fill(&b, two, ARRAY_LEN(two));
    region_copy(&a, &both);
    region_and(&both, &b);
    region_copy(&a, &rest);
    region_minus(&rest, &b);
    for (unsigned x = 0; x < 4; x++)
        for (unsigned y = 0; y < 4; y++)
            for (unsigned z = 0; z < 4; z++) {
                const bool in_a = holds(&a, x, y, z), in_b = holds(&b, x, y, z);
                assert_int_equal(holds(&both, x, y, z), in_a && in_b);
                assert_int_equal(holds(&rest, x, y, z), in_a && !in_b);
            }
    region_free(&a);
    region_free(&b);
    region_free(&both);
    region_free(&rest);
}

static void what_is_within_or_empty_is_not_added(void **state)
{
    static const unsigned rows[][3] = {{0xf, 0x3, 0xf}, {0x1, 0x1, 0x8}, {0x0, 0xf, 0xf}};
    struct region r = {0};
    (void)state;
    fill(&r, rows, ARRAY_LEN(rows));
    assert_int_equal(r.count, 1);
    region_free(&r);
}

static void narrowing_drops_what_allows_nothing(void **state)
{
    static const unsigned rows[][3] = {{0x3, 0x3, 0xf}, {0xc, 0x1, 0xf}};
    struct region r = {0};
    (void)state;
    fill(&r, rows, ARRAY_LEN(rows));
    region_narrow(&r, 0, 0x6);
    assert_int_equal(r.count, 2);
    region_narrow(&r, 7, 0x2);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.box[0].cells[0], 0x2);
    region_free(&r);
}

/* More than it has room for is told, never dropped in silence. */
static void a_region_that_is_full_says_so(void **state)
{
    struct region r = {0};
    (void)state;
    for (unsigned i = 0; i <= REGION_BOXES_MAX; i++) {
        struct box_cells b = box(1, 1, 1);
        for (unsigned d = 1; d < 15; d++)
            b.cells[d] = UINT64_C(1) << (i >> (d - 1) & 1);
        assert_false(r.full);
        region_add(&r, &b);
    }
    assert_true(r.full);
    assert_int_equal(r.count, REGION_BOXES_MAX);
    struct region none = {0};
    region_and(&none, &r);
    assert_true(none.full);
    region_free(&r);
    region_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intersection_and_difference_are_those_of_their_points),
        cmocka_unit_test(what_is_within_or_empty_is_not_added),
        cmocka_unit_test(narrowing_drops_what_allows_nothing),
        cmocka_unit_test(a_region_that_is_full_says_so)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
