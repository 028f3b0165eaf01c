/* Every script of tests/scenarios/, each in a house of its own. */
#include "scenario.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void run(void **state)
{
    assert_true(scenario_run(*state));
}

int main(int argc, char **argv)
{
    glob_t found;
    const char *pattern = argc > 1 ? argv[1] : "tests/scenarios/*.scn";
    if (glob(pattern, 0, NULL, &found) != 0)
        return 1;
    struct CMUnitTest *tests = calloc(found.gl_pathc, sizeof *tests);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *slash = strrchr(found.gl_pathv[i], '/');
        tests[i] = (struct CMUnitTest){.name = slash == NULL ? found.gl_pathv[i] : slash + 1,
                                       .test_func = run,
                                       .initial_state = found.gl_pathv[i]};
    }
    int failed = _cmocka_run_group_tests("scenarios", tests, found.gl_pathc, NULL, NULL);
    free(tests);
    globfree(&found);
    return failed;
}
