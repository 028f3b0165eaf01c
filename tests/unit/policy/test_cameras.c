#include "set.h"

#define CAM_1 "cam-1,36.350000,127.380000,fixed,crime-prevention,centre,no"

static void what_is_wrong_in_a_camera_is_told(void **state)
{
    static const struct change row[] = {
        {CAMERAS, "id,latitude", "id,lat",
         CAMERAS ":1:1: error: the first line must be: "
                 "id,latitude,longitude,kind,installed_for,owner,audio"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixed,crime-prevention,centre",
         CAMERAS ":2:1: error: expected 7 columns, found 6"},
        {CAMERAS, CAM_1, CAM_1 ",no", CAMERAS ":2:1: error: expected 7 columns, found 8"},
        {CAMERAS, CAM_1, "Cam-1,36.350000,127.380000,fixed,crime-prevention,centre,no",
         CAMERAS
         ":2:1: error: 'Cam-1' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {CAMERAS, CAM_1, "cam-2,36.350000,127.380000,fixed,crime-prevention,centre,no",
         CAMERAS
         ":3:1: error: camera 'cam-2' is defined a second time (first in inventory/cameras.csv)"},
        {CAMERAS, CAM_1, "cam-1,96.350000,127.380000,fixed,crime-prevention,centre,no",
         CAMERAS ":2:7: error: expected degrees from -90 to 90 for latitude"},
        {CAMERAS, CAM_1, "cam-1,36.350000,1e2,fixed,crime-prevention,centre,no",
         CAMERAS ":2:17: error: expected degrees from -180 to 180 for longitude"},
        {CAMERAS, CAM_1, "cam-1,36.350000,,fixed,crime-prevention,centre,no",
         CAMERAS ":2:17: error: expected degrees from -180 to 180 for longitude"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixd,crime-prevention,centre,no",
         CAMERAS ":2:28: error: unknown kind of camera 'fixd'"
                 "|      = did you mean 'fixed'?"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,\"fixed\",crime-prevention,centre,no",
         CAMERAS ":2:28: error: unknown kind of camera '\"fixed\"'"
                 "|      = did you mean 'fixed'?"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixed,crime-preventoin,centre,no",
         CAMERAS ":2:34: error: unknown camera purpose 'crime-preventoin'"
                 "|      = did you mean 'crime-prevention'?"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixed,traffic;,centre,no",
         CAMERAS ":2:34: error: unknown camera purpose ''"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixed,traffic;parks,centre,no",
         CAMERAS ":2:34: error: unknown camera purpose 'parks'"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixed,crime-prevention,center,no",
         CAMERAS ":2:51: error: no party 'center' in inventory/parties.yaml"
                 "|      = did you mean 'centre'?"},
        {CAMERAS, CAM_1, "cam-1,36.350000,127.380000,fixed,crime-prevention,centre,maybe",
         CAMERAS ":2:58: error: expected yes or no for audio"},
        {CAMERAS, CAM_1, "대전-1,36.350000,127.380000,fixed,교통,centre,no",
         CAMERAS
         ":2:1: error: '대전-1' is not a name: lower-case letters, digits and hyphens, at most 40"
         "|" CAMERAS ":2:33: error: unknown camera purpose '교통'"},
        {CAMERAS, NULL, "",
         CAMERAS ":1:1: error: the first line must be: "
                 "id,latitude,longitude,kind,installed_for,owner,audio"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void fixed_cameras_outside_the_area_are_one_warning(void **state)
{
    static const struct change row[] = {
        {CAMERAS, CAM_1, "cam-1,36.150000,127.380000,fixed,crime-prevention,centre,no",
         CAMERAS ":2:7: warning: fixed cameras outside the service area: 1, the first is 'cam-1'"},
        {CAMERAS, CAM_1,
         CAM_1 "\n"
               "cam-8,36.350000,127.700000,fixed,traffic,centre,no\n"
               "cam-9,36.150000,127.380000,fixed,traffic,centre,no",
         CAMERAS ":3:7: warning: fixed cameras outside the service area: 2, the first is 'cam-8'"},
        {CAMERAS, CAM_1, "cam-1,36.150000,127.380000,drone,crime-prevention,centre,no", ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void line_ends_of_other_systems_and_empty_lines_are_fine(void **state)
{
    static const struct change row[] = {
        {CAMERAS, CAM_1 "\n",
         CAM_1 "\r\n"
               "\n",
         ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* A cell that does not fit must not leave the one of the line before in its place. */
static void a_cell_that_is_too_long_is_told(void **state)
{
    struct set s;
    char line[300];
    (void)state;
    set_new(&s);
    (void)snprintf(line, sizeof line, "cam-1,36.35,127.38,fixed,%.*s,centre,no", 135,
                   "traffic;traffic;traffic;traffic;traffic;traffic;traffic;traffic;traffic;"
                   "traffic;traffic;traffic;traffic;traffic;traffic;traffic;traffic");
    set_change(&s, CAMERAS, CAM_1, line);
    set_compile(&s);
    expect_says(&s, CAMERAS ":2:1: error: a cell is longer than 127 bytes (a Korean letter has "
                            "three)");
    set_free(&s);
}

static void a_camera_is_found_by_its_id(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_change(&s, CAMERAS, CAM_1, "zz-1,36.35,127.38,fixed,traffic,centre,no\n" CAM_1);
    set_open(&s);
    assert_int_equal(policy_camera(s.policy, bytes_of_text("cam-1")), 0);
    assert_int_equal(policy_camera(s.policy, bytes_of_text("cam-4")), 3);
    assert_int_equal(policy_camera(s.policy, bytes_of_text("zz-1")), 4);
    assert_int_equal(policy_camera(s.policy, bytes_of_text("cam")), POLICY_NONE);
    assert_int_equal(policy_camera(s.policy, bytes_of_text("")), POLICY_NONE);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_camera_is_told),
        cmocka_unit_test(fixed_cameras_outside_the_area_are_one_warning),
        cmocka_unit_test(line_ends_of_other_systems_and_empty_lines_are_fine),
        cmocka_unit_test(a_cell_that_is_too_long_is_told),
        cmocka_unit_test(a_camera_is_found_by_its_id)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
