/* policy/schema/: the schemas that editors use ask for the keys that the compiler reads, no more
 * and no fewer. Run from the project's folder. */
#include "language.h"

#include "config/read.h"
#include "policy/tools.h"

#include <jansson.h>

enum { MAPS_MAX = 200 };

/* A map of the schemas or of the compiler: "a grant: destroy!, from!, ..., when", the keys in
 * order, those that must be there with a mark. */
struct map_keys {
    char what[80];
    char keys[2000];
    bool seen;
};

struct maps {
    struct read_watch watch; /* first */
    struct map_keys map[MAPS_MAX];
    size_t count;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void join(char *keys[], size_t count, char out[2000])
{
    size_t n = 0;
    qsort(keys, count, sizeof keys[0], by_text);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        n += (size_t)snprintf(out + n, 2000 - n, "%s%s", i == 0 ? "" : ", ", keys[i]);
        assert_true(n < 2000);
    }
}

static struct map_keys *find_map(struct maps *m, const char *what)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->map[i].what, what) == 0)
            return &m->map[i];
    return NULL;
}

/* Maps of one name are alike, wherever they stand. */
static void add_map(struct maps *m, const char *what, char *keys[], size_t count)
{
    struct map_keys one = {.seen = false};
    struct map_keys *other = find_map(m, what);
    (void)snprintf(one.what, sizeof one.what, "%s", what);
    join(keys, count, one.keys);
    if (other == NULL && m->count < MAPS_MAX)
        m->map[m->count++] = one;
    else if (other == NULL || strcmp(other->keys, one.keys) != 0)
        fail_msg("two maps are called %s:\n%s\n%s", what, other == NULL ? "" : other->keys,
                 one.keys);
}

/* ---- the schemas */

static bool is_required(const json_t *schema, const char *key)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(schema, "required"), i,
                       one) if (strcmp(json_string_value(one), key) == 0) return true;
    return false;
}

static void take_object(struct maps *m, const json_t *schema)
{
    char *keys[64];
    size_t count = 0;
    const char *key;
    json_t *value;
    const char *title = json_string_value(json_object_get(schema, "title"));
    json_object_foreach(json_object_get(schema, "properties"), key, value)
    {
        char text[80];
        (void)snprintf(text, sizeof text, "%s%s", key, is_required(schema, key) ? "!" : "");
        keys[count++] = mem_text(text, strlen(text));
    }
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    add_map(m, title, keys, count);
    while (count > 0)
        mem_free(keys[--count]);
}

/* Every object with a title and properties, wherever it stands. */
static void take_schema(struct maps *m, const json_t *schema)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_object(json_object_get(schema, "properties")) &&
        json_is_string(json_object_get(schema, "title")))
        take_object(m, schema);
    if (json_is_object(schema))
        json_object_foreach((json_t *)(uintptr_t)schema, key, value) take_schema(m, value);
    else if (json_is_array(schema))
        json_array_foreach(schema, i, value) take_schema(m, value);
}

static void take_schemas(struct maps *m)
{
    static const char *const names[] = {"common",  "set",       "vocabulary", "legal",
                                        "parties", "exercises", "memorandum", "tests"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[100];
        json_error_t error;
        (void)snprintf(path, sizeof path, "policy/schema/%s.schema.json", names[i]);
        json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
        if (schema == NULL)
            fail_msg("%s:%d: %s", path, error.line, error.text);
        take_schema(m, schema);
        json_decref(schema);
    }
}

/* ---- the compiler */

/* A title in two languages has no name of its own. */
static bool is_title(const struct read_key *keys, size_t count)
{
    return count == 2 && strcmp(keys[0].key, "en") == 0 && strcmp(keys[1].key, "ko") == 0;
}

static void see(struct read_watch *w, const char *what, const struct read_key *keys, size_t count)
{
    struct maps *m = (struct maps *)w;
    char *list[64];
    if (is_title(keys, count))
        return;
    for (size_t i = 0; i < count; i++) {
        char text[80];
        (void)snprintf(text, sizeof text, "%s%s", keys[i].key, keys[i].required ? "!" : "");
        list[i] = mem_text(text, strlen(text));
    }
    add_map(m, what, list, count);
    for (size_t i = 0; i < count; i++)
        mem_free(list[i]);
}

static void ignore_result(const struct policy_test_result *r, void *arg)
{
    (void)r;
    (void)arg;
}

/* A test with every map that one may have; what it says does not matter here. */
static void read_tests(struct maps *m, const struct policy *p)
{
    static const char text[] = "defaults: {now: 2026-11-21}\n"
                               "tests:\n"
                               "  - test: every map\n"
                               "    message:\n"
                               "      kind: guardian_alert\n"
                               "      subject: {category: child}\n"
                               "      consent: {given_by: subject}\n"
                               "      request: {ground: caller}\n"
                               "      emergency: {reason: fire}\n"
                               "    watcher: {actor: yes}\n"
                               "    incident: {emergency: {mou: example, until: in 1 hour}}\n"
                               "    state: {consent: stands}\n"
                               "    vary: now\n"
                               "    cases: [{value: 2026-11-21, expect: {verdict: refused}}]\n";
    struct policy_tests *tests = policy_tests_new(p, false, ignore_result, NULL);
    struct diagnose *d = diagnose_new();
    policy_tests_watch(tests, &m->watch);
    (void)policy_tests_run(tests, "tests/every.yaml", bytes_of_text(text), d);
    policy_tests_free(tests);
    diagnose_free(d);
}

static void read_examples(struct maps *m)
{
    struct set s;
    language_set(&s);
    s.watch = &m->watch;
    set_change(&s, "set.yaml", "serial:",
               "fallback: {serial: 1, sha256: "
               "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}\nserial:");
    set_open(&s);
    read_tests(m, s.policy);
    set_free(&s);
}

static void schemas_ask_for_the_keys_that_the_compiler_reads(void **state)
{
    struct maps *schemas = mem_new(sizeof *schemas), *compiler = mem_new(sizeof *compiler);
    (void)state;
    compiler->watch.seen = see;
    take_schemas(schemas);
    read_examples(compiler);
    for (size_t i = 0; i < compiler->count; i++) {
        struct map_keys *read = &compiler->map[i], *known = find_map(schemas, read->what);
        if (known == NULL)
            fail_msg("no schema has %s: %s", read->what, read->keys);
        else if (strcmp(known->keys, read->keys) != 0)
            fail_msg("%s\nthe compiler reads: %s\nthe schema has:     %s", read->what, read->keys,
                     known->keys);
        else
            known->seen = true;
    }
    for (size_t i = 0; i < schemas->count; i++)
        if (!schemas->map[i].seen)
            fail_msg("the examples of policy/LANGUAGE.md have no %s", schemas->map[i].what);
    mem_free(schemas);
    mem_free(compiler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_ask_for_the_keys_that_the_compiler_reads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
