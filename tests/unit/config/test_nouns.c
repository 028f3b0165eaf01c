/* config/nouns.def: what the readers call their values in messages is said in Korean too. Run from
 * the project's folder. */
#include "base/attr.h"
#include "base/buf.h"
#include "config/diagnose.h"
#include "support.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Readers whose text argument names a value. */
static const char *const readers[] = {
    "read_map(",     "read_choice(",   "read_text(",   "read_word(",       "read_number(",
    "read_yes_no(",  "read_duration(", "read_length(", "read_size(",       "read_time(",
    "read_is_text(", "read_is_list(",  "read_is_map(", "read_conditions(", "source_both(",
    "source_words(", "source_word(",   "source_end(",  "clause_name(",     "source_each_text(",
    "read_class("};

/* A key of the language: what stands in the file is the better name for it. */
static bool is_key(const char *word)
{
    return word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_.-/")] == '\0';
}

static void check_call(const char *path, const char *call)
{
    const char *end = strpbrk(call, ";{"), *quote = strchr(call, '"');
    char word[100];
    if (quote == NULL || end == NULL || quote > end || sscanf(quote, "\"%99[^\"]\"", word) != 1)
        return;
    if (!is_key(word) && diagnose_noun(word, DIAGNOSE_KOREAN) == word)
        fail_msg("%s: \"%s\" is not in config/nouns.def", path, word);
}

static size_t check_file(const char *path)
{
    struct buf text = BUF_INIT(1 << 20);
    size_t calls = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (ssize_t n = 1; n > 0; text.n += (size_t)n) {
        uint8_t *room = buf_reserve(&text, 65536);
        assert_non_null(room);
        n = read(fd, room, 65536);
        assert_true(n >= 0);
    }
    (void)close(fd);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        for (const char *at = buf_c(&text); (at = strstr(at, readers[i])) != NULL; at++, calls++)
            check_call(path, at);
    buf_free(&text);
    return calls;
}

static void every_value_that_messages_name_has_a_korean_name(void **state)
{
    static const char *const folders[] = {"gateway/policy", "gateway/config"};
    size_t calls = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        DIR *dir = opendir(folders[i]);
        assert_non_null(dir);
        for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
            char path[300];
            (void)snprintf(path, sizeof path, "%s/%s", folders[i], e->d_name);
            if (strstr(path, ".c") != NULL)
                calls += check_file(path);
        }
        (void)closedir(dir);
    }
    assert_true(calls > 100);
}

static void nouns_stand_once_and_in_order(void **state)
{
    static const char *const nouns[] = {
#define NOUN(en, ko) en,
#include "config/nouns.def"
#undef NOUN
    };
    (void)state;
    for (size_t i = 0; i + 1 < ARRAY_LEN(nouns); i++)
        assert_true(strcmp(nouns[i], nouns[i + 1]) < 0);
    assert_string_equal(diagnose_noun("a grant", DIAGNOSE_ENGLISH), "a grant");
    assert_string_equal(diagnose_noun("a grant", DIAGNOSE_KOREAN), "허가");
    assert_string_equal(diagnose_noun("lia_30_system", DIAGNOSE_KOREAN), "lia_30_system");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_that_messages_name_has_a_korean_name),
        cmocka_unit_test(nouns_stand_once_and_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
