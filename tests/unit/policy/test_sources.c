#include "set.h"

#include <stdio.h>

static void a_file_that_is_no_part_of_a_set_is_refused(void **state)
{
    static const struct change row[] = {
        {"mou/notes.md", NULL, "x",
         "mou/notes.md: error: the folder 'mou' holds files that end with '.yaml' only"},
        {"mou/.hidden", NULL, "x", ""},
        {"mou/.yaml", NULL, "x", ""},
        {"mou/c.yml", NULL, "x",
         "mou/c.yml: error: the folder 'mou' holds files that end with '.yaml' only"},
        {"README.md", NULL, "x", ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void values_that_several_files_have_are_checked_alike(void **state)
{
    static const struct change row[] = {
        {A, "title: {en: A memorandum, ko: 협약}", "title: A memorandum", ""},
        {A, "title: {en: A memorandum, ko: 협약}", "title: [A memorandum]",
         A ":2:8: error: expected 'key: value' lines for title"},
        {A, "title: {en: A memorandum, ko: 협약}", "title: \"\"",
         A ":2:8: error: expected a text for title"},
        {A, "from: 2015-07-24, until", "from: 2015-07-24T00:00:00, until",
         A ":6:18: error: expected a date (2026-11-21) or a time with offset "
           "(2026-11-21T09:00:00+09:00) for from"},
        {A, "from: 2015-07-24, until", "from: 2015-07-24T00:00:00Z, until", ""},
        {A, "from: 2015-07-24, until", "from: [2015-07-24], until",
         A ":6:18: error: expected a date (2026-11-21) or a time with offset "
           "(2026-11-21T09:00:00+09:00) for from"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* A text of `size` bytes, with a comment to fill it up. */
static void put_of_size(struct set *s, const char *path, size_t size)
{
    struct buf text = BUF_INIT(8 << 20);
    buf_printf(&text, "%s#", set_file(s, path)->text);
    while (text.n < size)
        buf_u8(&text, text.n % 1000 == 0 ? '\n' : '#');
    set_put(s, path, buf_c(&text));
    buf_free(&text);
}

static void a_file_is_at_most_4_mib(void **state)
{
    struct set s;
    (void)state;
    for (unsigned more = 0; more <= 1; more++) {
        set_new(&s);
        put_of_size(&s, EXERCISES, LIMIT_YAML_BYTES + more);
        set_compile(&s);
        expect_says(&s, more ? EXERCISES ": error: the file is larger than 4194304 bytes" : "");
        set_free(&s);
    }
}

static void a_set_has_at_most_256_files(void **state)
{
    struct set s;
    char path[40], name[20];
    (void)state;
    for (int more = 0; more <= 1; more++) {
        set_new(&s);
        for (int i = 0; i < 248 + more; i++) { /* besides eight others */
            (void)snprintf(path, sizeof path, "mou/m-%03d.yaml", i);
            (void)snprintf(name, sizeof name, "mou: m-%03d\n", i);
            set_put(&s, path, a_yaml);
            set_change(&s, path, "mou: a\n", name);
            *strstr(set_file(&s, path)->text, "publication:") = '#';
            set_file(&s, path)->text[strlen(MOU_HEAD("m-000")) - 1] = '\0';
            set_change(&s, path, "grants:", "grants: []");
        }
        set_compile(&s);
        expect_says(&s, more ? "mou/m-248.yaml: error: more than 256 files in one set" : "");
        set_free(&s);
    }
}

/* Compiles after `change` was made in the folder. */
static void compile_changed(struct set *s, void (*change)(int folder))
{
    struct temp_folder t = temp_folder_new();
    set_new(s);
    set_write(s, t.fd);
    change(t.fd);
    set_compile_in(s, t.fd);
    temp_folder_free(&t);
}

static void link_elsewhere(int folder)
{
    assert_int_equal(unlinkat(folder, EXERCISES, 0), 0);
    assert_int_equal(symlinkat("../vocabulary.yaml", folder, EXERCISES), 0);
}

static void put_a_folder_there(int folder)
{
    assert_int_equal(unlinkat(folder, EXERCISES, 0), 0);
    assert_int_equal(mkdirat(folder, EXERCISES, 0700), 0);
}

static void put_a_pipe_there(int folder)
{
    assert_int_equal(unlinkat(folder, EXERCISES, 0), 0);
    assert_int_equal(mkfifoat(folder, EXERCISES, 0600), 0);
}

static void remove_a_file(int folder)
{
    assert_int_equal(unlinkat(folder, EXERCISES, 0), 0);
}

static void remove_a_folder(int folder)
{
    assert_int_equal(unlinkat(folder, A, 0), 0);
    assert_int_equal(unlinkat(folder, B, 0), 0);
    assert_int_equal(unlinkat(folder, "mou", AT_REMOVEDIR), 0);
}

static void make_a_folder_a_file(int folder)
{
    remove_a_folder(folder);
    set_write_file(folder, "mou", "x");
}

/* Not a file in its place, and no link to one that somebody else may write. */
static void what_cannot_be_read_is_told(void **state)
{
    static const struct {
        void (*change)(int folder);
        const char *says;
    } row[] = {{remove_a_file, EXERCISES ": error: the file '" EXERCISES "' is not there"},
               {link_elsewhere,
                EXERCISES ": error: the file is a link to another; links are not followed"},
               {put_a_folder_there, EXERCISES ": error: the file cannot be read: Is a directory"},
               {put_a_pipe_there, EXERCISES ": error: the file cannot be read: Invalid argument"},
               {remove_a_folder, "mou: error: the file 'mou' is not there"},
               {make_a_folder_a_file, "mou: error: the file cannot be read: Not a directory"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        compile_changed(&s, row[i].change);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_no_part_of_a_set_is_refused),
        cmocka_unit_test(values_that_several_files_have_are_checked_alike),
        cmocka_unit_test(a_file_is_at_most_4_mib), cmocka_unit_test(a_set_has_at_most_256_files),
        cmocka_unit_test(what_cannot_be_read_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
