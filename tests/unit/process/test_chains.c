/*
 * Every script of tests/scenarios/, and then the chain of each record of its log: what the index
 * names has all that report/chain.h finds among all entries.
 */
#include "audit/tiles.h"
#include "report/chain.h"
#include "search/search.h"

#include "base/mem.h"
#include "house.h"
#include "scenario.h"

#include "../journal/temp_folder.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES_MAX = 20000 };

struct log_read {
    struct leaf leaf[LEAVES_MAX];
    struct leaf_room *room[LEAVES_MAX];
    uint64_t size;
    size_t chains, links;
};

static void keep(void *arg, struct bytes entry)
{
    struct log_read *l = arg;
    assert_true(l->size < LEAVES_MAX);
    assert_int_equal(leaf_read(entry, &l->leaf[l->size], &l->room[l->size]), RESULT_OK);
    l->size++;
}

static void compare(struct search *s, struct log_read *l, uint64_t record)
{
    uint64_t *member = mem_new_array(LEAVES_MAX, sizeof *member);
    struct chain *c = chain_new(record);
    size_t found, at = 0;
    bool more;
    assert_int_equal(search_chain(s, record, member, LEAVES_MAX, &found, &more), RESULT_OK);
    assert_false(more);
    for (uint64_t i = 0; i < l->size; i++) {
        while (at < found && member[at] < i)
            at++;
        if (!chain_take(c, &l->leaf[i]))
            continue;
        l->links++;
        if (at == found || member[at] != i)
            fail_msg("entry %llu (%s, %.*s) is missing in the chain of %llu", (unsigned long long)i,
                     audit_event_word(l->leaf[i].event), (int)l->leaf[i].detail.n,
                     (const char *)l->leaf[i].detail.p, (unsigned long long)record);
    }
    l->chains++;
    chain_free(c);
    mem_free(member);
}

static void compare_all(struct house *h, void *arg)
{
    struct temp_folder folder = temp_folder_in_memory();
    struct log_read *l = mem_new(sizeof *l);
    struct search *s;
    char path[256];
    (void)arg;
    house_each_leaf(h, keep, l);
    (void)snprintf(path, sizeof path, "%s/audit", house_folder(h));
    const int audit = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(audit >= 0);
    assert_int_equal(search_open(folder.fd, bytes_of_text("house"), NULL, &s), RESULT_OK);
    enum result r = RESULT_AGAIN;
    while (r == RESULT_AGAIN)
        r = search_follow(s, audit, l->size, 0);
    assert_int_equal(r, RESULT_OK);
    for (uint64_t i = 0; i < l->size; i++)
        if (chain_is_root(&l->leaf[i]))
            compare(s, l, i);
    if (getenv("CHAINS_TOLD") != NULL)
        print_message("%zu chains, %zu links\n", l->chains, l->links);
    search_close(s);
    (void)close(audit);
    for (uint64_t i = 0; i < l->size; i++)
        leaf_room_free(l->room[i]);
    mem_free(l);
    temp_folder_free(&folder);
}

static void run(void **state)
{
    assert_true(scenario_run_and(*state, compare_all, NULL));
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
    int failed = _cmocka_run_group_tests("chains", tests, found.gl_pathc, NULL, NULL);
    free(tests);
    globfree(&found);
    return failed;
}
