#include "base/geo.h"

#include "support.h"

#include <math.h>

static const struct point city_hall_of_daejeon = {36.350412, 127.384548};
static const struct point city_hall_of_seoul = {37.566295, 126.977945};
static const struct point city_hall_of_busan = {35.179554, 129.075642};

static void assert_about(double is, double expected, double off)
{
    if (!(fabs(is - expected) <= off))
        fail_msg("%f is not about %f", is, expected);
}

static void degrees_are_bounded_and_finite(void **state)
{
    (void)state;
    assert_true(geo_valid(city_hall_of_seoul));
    assert_true(geo_valid((struct point){90, 180}));
    assert_true(geo_valid((struct point){-90, -180}));
    assert_false(geo_valid((struct point){90.000001, 0}));
    assert_false(geo_valid((struct point){0, -180.000001}));
    assert_false(geo_valid((struct point){NAN, 0}));
    assert_false(geo_valid((struct point){0, NAN}));
    assert_false(geo_valid((struct point){INFINITY, 0}));
    assert_false(geo_valid((struct point){0, -INFINITY}));
}

/* From the angle between vectors, evaluated elsewhere with the same radius. */
static void distances_are_those_of_the_sphere(void **state)
{
    (void)state;
    assert_about(geo_distance_m(city_hall_of_seoul, city_hall_of_daejeon), 139943.509, 0.01);
    assert_about(geo_distance_m(city_hall_of_seoul, city_hall_of_busan), 325102.467, 0.01);
    assert_about(geo_distance_m((struct point){0, 0}, (struct point){0, 180}), 20015114.442, 0.01);
    assert_about(geo_distance_m((struct point){90, 0}, (struct point){-90, 0}), 20015114.442, 0.01);
    assert_about(geo_distance_m((struct point){0, 0}, (struct point){0, 1}), 111195.080, 0.001);
    assert_about(geo_distance_m((struct point){60, 10}, (struct point){60, 11}), 55597.011, 0.001);
    assert_about(geo_distance_m((struct point){36.35, 127.38}, (struct point){36.350009, 127.38}),
                 1.0, 0.01);
    assert_true(geo_distance_m(city_hall_of_busan, city_hall_of_busan) == 0);
    /* across the 180th meridian, and between opposite ends, where rounding could leave the sine */
    assert_about(geo_distance_m((struct point){0, 179.5}, (struct point){0, -179.5}), 111195, 1);
    assert_about(geo_distance_m((struct point){12.3, 45.6}, (struct point){-12.3, -134.4}),
                 20015114.442, 0.01);
}

static struct point any_point(struct chance *c, double most_latitude)
{
    double latitude = ((double)chance_below(c, 2000001) / 1000000 - 1) * most_latitude;
    double longitude = ((double)chance_below(c, 2000001) / 1000000 - 1) * 170;
    return (struct point){latitude, longitude};
}

static void distance_is_the_same_both_ways_and_never_shorter_over_a_third_place(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t i = 0; i < 5000; i++) {
        struct point a = any_point(&c, 90), b = any_point(&c, 90), d = any_point(&c, 90);
        double ab = geo_distance_m(a, b);
        assert_about(ab, geo_distance_m(b, a), 0.001);
        assert_true(ab <= geo_distance_m(a, d) + geo_distance_m(d, b) + 0.01);
    }
}

/* The place at a distance and a bearing: the direct problem on the sphere. */
static struct point place_at(struct point from, double m, double bearing)
{
    double d = m / 6371008.8, lat = from.latitude * M_PI / 180, b = bearing * M_PI / 180;
    double lat2 = asin(sin(lat) * cos(d) + cos(lat) * sin(d) * cos(b));
    double lon2 = from.longitude * M_PI / 180 +
                  atan2(sin(b) * sin(d) * cos(lat), cos(d) - sin(lat) * sin(lat2));
    return (struct point){lat2 * 180 / M_PI, lon2 * 180 / M_PI};
}

static void the_box_holds_every_place_within_the_radius(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t i = 0; i < 20000; i++) {
        struct point p = any_point(&c, 60);
        double radius = pow(10, (double)chance_below(&c, 5699) / 1000); /* 1 m to 500 km */
        struct box box = geo_box_around(p, radius);
        struct point edge = place_at(p, radius, (double)chance_below(&c, 360));
        assert_about(geo_distance_m(p, edge), radius, radius * 1e-6 + 0.001);
        assert_true(geo_in_box(edge, box));
        assert_true(geo_in_box(p, box));
    }
}

static void the_box_is_not_much_larger_than_it_must_be(void **state)
{
    (void)state;
    struct box b = geo_box_around(city_hall_of_daejeon, 500);
    struct point west = {city_hall_of_daejeon.latitude, b.south_west.longitude};
    struct point north = {b.north_east.latitude, city_hall_of_daejeon.longitude};
    assert_about(geo_distance_m(city_hall_of_daejeon, west), 500, 10);
    assert_about(geo_distance_m(city_hall_of_daejeon, north), 500, 10);
}

static void a_box_ends_at_its_four_edges(void **state)
{
    (void)state;
    const struct box b = {{36, 127}, {37, 128}};
    assert_true(geo_in_box((struct point){36, 127}, b));
    assert_true(geo_in_box((struct point){37, 128}, b));
    assert_false(geo_in_box((struct point){35.999, 127.5}, b));
    assert_false(geo_in_box((struct point){37.001, 127.5}, b));
    assert_false(geo_in_box((struct point){36.5, 126.999}, b));
    assert_false(geo_in_box((struct point){36.5, 128.001}, b));
    assert_false(geo_in_box((struct point){NAN, 127.5}, b));
}

static void a_place_lies_in_the_cell_whose_centre_it_gets(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t i = 0; i < 20000; i++) {
        double grid = 10 + (double)chance_below(&c, 1000);
        struct point p = {
            city_hall_of_daejeon.latitude + (double)chance_below(&c, 2000) / 1e4 - 0.1,
            city_hall_of_daejeon.longitude + (double)chance_below(&c, 2000) / 1e4 - 0.1};
        struct point centre = geo_cell_centre(city_hall_of_daejeon, grid, p);
        assert_true(geo_distance_m(p, centre) <= grid * 0.7072 * 1.003);
    }
}

static void every_place_of_a_cell_gets_the_same_centre_to_the_last_bit(void **state)
{
    (void)state;
    struct chance c = {0};
    struct point origin = {36.0, 127.0}, first = {36.3021, 127.3033};
    struct point centre = geo_cell_centre(origin, 250, first), again;
    size_t same = 0;
    for (size_t i = 0; i < 20000; i++) {
        struct point p = {centre.latitude + ((double)chance_below(&c, 2001) / 1000 - 1) * 0.0011,
                          centre.longitude + ((double)chance_below(&c, 2001) / 1000 - 1) * 0.0013};
        again = geo_cell_centre(origin, 250, p);
        same += memcmp(&again, &centre, sizeof centre) == 0;
    }
    assert_true(same > 19000);
    again = geo_cell_centre(origin, 250, centre);
    assert_memory_equal(&again, &centre, sizeof centre);
}

static void neighbouring_centres_are_one_cell_apart(void **state)
{
    (void)state;
    struct point origin = city_hall_of_daejeon;
    struct point a = geo_cell_centre(origin, 500, origin);
    struct point north = geo_cell_centre(origin, 500, place_at(a, 500, 0));
    struct point west = geo_cell_centre(origin, 500, place_at(a, 500, 270));
    assert_about(geo_distance_m(a, north), 500, 1);
    assert_about(geo_distance_m(a, west), 500, 1);
    /* The edges run through the origin, and a cell has its south and west edges. */
    assert_true(a.latitude > origin.latitude && a.longitude > origin.longitude);
    struct point below =
        geo_cell_centre(origin, 500, (struct point){origin.latitude - 1e-9, origin.longitude});
    assert_true(below.latitude < origin.latitude);
}

static void the_distance_to_a_line_is_that_to_its_nearest_place(void **state)
{
    (void)state;
    const struct point a = city_hall_of_daejeon, b = place_at(a, 1000, 90),
                       c = place_at(b, 1000, 0);
    const struct point line[] = {a, b, c};
    assert_about(geo_distance_to_line_m(line, 3, place_at(a, 300, 270)), 300, 1);
    assert_about(geo_distance_to_line_m(line, 3, place_at(place_at(a, 500, 90), 200, 0)), 200, 1);
    assert_about(geo_distance_to_line_m(line, 3, place_at(place_at(b, 400, 0), 150, 90)), 150, 1);
    assert_about(geo_distance_to_line_m(line, 3, place_at(c, 250, 0)), 250, 1);
    assert_about(geo_distance_to_line_m(line, 3, b), 0, 0.001);
    assert_about(geo_distance_to_line_m(line, 1, c), geo_distance_m(a, c), 0.001);
    const struct point twice[] = {a, a};
    assert_about(geo_distance_to_line_m(twice, 2, b), 1000, 1);
}

static void a_polygon_may_have_a_bay(void **state)
{
    (void)state;
    /* A U, open to the north. */
    static const struct point u[] = {{0, 0}, {3, 0}, {3, 1}, {1, 1},
                                     {1, 2}, {3, 2}, {3, 3}, {0, 3}};
    assert_true(geo_in_polygon((struct point){0.5, 1.5}, u, 8));
    assert_true(geo_in_polygon((struct point){2, 0.5}, u, 8));
    assert_true(geo_in_polygon((struct point){2, 2.5}, u, 8));
    assert_false(geo_in_polygon((struct point){2, 1.5}, u, 8)); /* in the bay */
    assert_false(geo_in_polygon((struct point){3.5, 0.5}, u, 8));
    assert_false(geo_in_polygon((struct point){-0.1, 1}, u, 8));
    assert_false(geo_in_polygon((struct point){2, -0.1}, u, 8));
}

/* Two regions that share a boundary leave no gap and have no place in common. */
static void neighbours_share_no_place(void **state)
{
    static const struct point west[] = {{0, 0}, {2, 0}, {2, 1}, {0, 1}},
                              east[] = {{0, 1}, {2, 1}, {2, 2}, {0, 2}};
    (void)state;
    for (int i = 0; i <= 200; i++)
        for (int k = 1; k < 200; k += 99) {
            const struct point p = {k / 100.0, i / 100.0};
            const int in = geo_in_polygon(p, west, 4) + geo_in_polygon(p, east, 4);
            assert_int_equal(in, i < 200); /* the eastern edge is another's */
        }
}

/* On the edge to a centimetre, near and far, at all latitudes, and over the 180th meridian. */
static void within_says_what_the_distance_says(void **state)
{
    enum { OFFS = 8 };
    static const double off[OFFS] = {-1000, -60, -1, -0.01, 0.01, 1, 60, 1000};
    (void)state;
    for (int latitude = -88; latitude <= 88; latitude += 4)
        for (int angle = 0; angle < 360; angle += 15) {
            const struct point a = {latitude, angle == 15 ? 179.99 : 127.38};
            for (double steps = 0.0001; steps < 3; steps *= 2) {
                struct point b = {a.latitude + steps * cos(angle * 3.14159265358979 / 180),
                                  a.longitude + steps * sin(angle * 3.14159265358979 / 180)};
                b.longitude -= b.longitude > 180 ? 360 : 0;
                const double metres = geo_distance_m(a, b);
                for (size_t i = 0; i < OFFS && geo_valid(b); i++)
                    assert_int_equal(geo_within(a, b, metres + off[i]), off[i] >= 0);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(degrees_are_bounded_and_finite),
        cmocka_unit_test(distances_are_those_of_the_sphere),
        cmocka_unit_test(distance_is_the_same_both_ways_and_never_shorter_over_a_third_place),
        cmocka_unit_test(within_says_what_the_distance_says),
        cmocka_unit_test(the_box_holds_every_place_within_the_radius),
        cmocka_unit_test(the_box_is_not_much_larger_than_it_must_be),
        cmocka_unit_test(a_box_ends_at_its_four_edges),
        cmocka_unit_test(a_place_lies_in_the_cell_whose_centre_it_gets),
        cmocka_unit_test(every_place_of_a_cell_gets_the_same_centre_to_the_last_bit),
        cmocka_unit_test(neighbouring_centres_are_one_cell_apart),
        cmocka_unit_test(the_distance_to_a_line_is_that_to_its_nearest_place),
        cmocka_unit_test(a_polygon_may_have_a_bay),
        cmocka_unit_test(neighbours_share_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
