#include "set.h"

static void the_nearest_word_is_offered(void **state)
{
    static const struct change row[] = {
        {A,
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         "    purpose: crime-respons\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         A ":57:14: error: unknown purpose 'crime-respons'"
           "|      = did you mean 'crime-response'?"},
        {A,
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         "    purpose: 범죄\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         A ":57:14: error: unknown purpose '범죄'"},
        {A,
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         "    purpose: [crime-response]\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         A ":57:14: error: expected a text for purpose"},
        {A,
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         "    purpose: \"\"\n"
         "    basis_any_of: [kr/pipa/18-2-7]",
         A ":57:14: error: expected a text for purpose"},
        {A, "basis_any_of: [kr/pipa/18-2-7]", "basis_any_of: [kr/pipa/18-2-8]",
         A ":58:20: error: unknown legal basis 'kr/pipa/18-2-8'"
           "|      = did you mean 'kr/pipa/18-2-3'?"},
        {A, "to: [police/car]", "to: [police/cat]",
         A ":56:10: error: no unit 'police/cat' in inventory/parties.yaml"
           "|      = did you mean 'police/car'?"},
        {A, "to: [police/car]", "to: [tax/car]",
         A ":56:10: error: no unit 'tax/car' in inventory/parties.yaml"},
        {A, "processor: centre", "processor: rescuer",
         A ":5:12: error: no party 'rescuer' in inventory/parties.yaml"
           "|      = did you mean 'rescue'?"},
        {A, "kind: scene_image", "kind: videos",
         A ":54:11: error: unknown kind 'videos'"
           "|      = did you mean 'video'?"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_nearest_word_is_offered)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
