/* What the register keeps of every scenario: all of it is committed in the log, and none of it
 * stands there. */
#include "house.h"
#include "scenario.h"

#include "audit/leaf.h"
#include "audit/fact.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "ipc/register.h"
#include "json/json.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { LEAVES_MAX = 4096, WORDS_MAX = 4096, WORD = 512 };

/* A log, and the facts about it. */
struct seen {
    struct hasher *hasher;
    char *leaf[LEAVES_MAX];
    size_t leaves, committed, facts;
    char word[WORDS_MAX][WORD]; /* that only the register may hold */
    size_t words;
};

static void keep_leaf(void *arg, struct bytes leaf)
{
    struct seen *s = arg;
    struct leaf l;
    struct leaf_room *room;
    assert_true(s->leaves < LEAVES_MAX);
    s->leaf[s->leaves++] = mem_text(leaf.p, leaf.n);
    assert_int_equal(leaf_read(leaf, &l, &room), RESULT_OK);
    s->committed += l.fact != NULL;
    leaf_room_free(room);
}

static void keep_word(struct seen *s, struct bytes word)
{
    if (word.n < 3 || word.n >= WORD)
        return;
    assert_true(s->words < WORDS_MAX);
    (void)snprintf(s->word[s->words++], WORD, "%.*s", (int)word.n, (const char *)word.p);
}

/* SHA-256(salt || fact) is what the leaf says; and what must not stand in any leaf. */
static void check_fact(void *arg, const struct register_opened *o)
{
    struct seen *s = arg;
    struct leaf leaf;
    struct leaf_room *room;
    struct fact f;
    struct buf fact_room;
    uint8_t digest[SHA256_BYTES];
    const struct bytes part[] = {bytes_of(o->salt, sizeof o->salt), o->fact};
    assert_true(o->index < s->leaves && o->scope != 0);
    assert_int_equal(leaf_read(bytes_of_text(s->leaf[o->index]), &leaf, &room), RESULT_OK);
    assert_non_null(leaf.fact);
    hasher_sha256(s->hasher, part, 2, digest);
    assert_memory_equal(digest, leaf.fact, sizeof digest);
    leaf_room_free(room);
    assert_int_equal(fact_read(o->fact, &f, &fact_room), RESULT_OK);
    for (size_t i = 0; i < f.cameras; i++)
        keep_word(s, f.camera[i]);
    for (size_t i = 0; i < f.evidences; i++)
        keep_word(s, f.evidence[i].value);
    keep_word(s, f.staff);
    keep_word(s, f.document);
    keep_word(s, f.subject);
    buf_free(&fact_room);
    s->facts++;
}

static void look(struct house *h, void *arg)
{
    struct seen *s = arg;
    house_each_leaf(h, keep_leaf, s);
    house_each_fact(h, check_fact, s);
}

static struct seen *seen_new(void)
{
    struct seen *s = mem_new(sizeof *s);
    s->hasher = hasher_new();
    return s;
}

static void seen_free(struct seen *s)
{
    for (size_t i = 0; i < s->leaves; i++)
        mem_free(s->leaf[i]);
    hasher_free(s->hasher);
    mem_free(s);
}

/* "value" as JSON has it: a word of the policy set may well contain it, an id may begin with it. */
static bool says(const char *leaf, const char *word)
{
    char quoted[WORD + 3];
    (void)snprintf(quoted, sizeof quoted, "\"%s\"", word);
    return strstr(leaf, quoted) != NULL;
}

static void every_commitment_opens_and_the_log_says_nothing_of_it(void **state)
{
    glob_t found;
    size_t facts = 0, words = 0;
    (void)state;
    assert_int_equal(glob("tests/scenarios/*.scn", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct seen *s = seen_new();
        assert_true(scenario_run_and(found.gl_pathv[i], look, s));
        assert_int_equal(s->facts, s->committed); /* each leaf with a fact has it, and no other */
        for (size_t k = 0; k < s->leaves; k++)
            for (size_t w = 0; w < s->words; w++)
                assert_false(says(s->leaf[k], s->word[w]));
        facts += s->facts;
        words += s->words;
        seen_free(s);
    }
    globfree(&found);
    assert_true(facts > 100 && words > 50);
}

/* ---- what is kept */

struct wanted {
    const char *kind, *event, *begins, *contains;
    size_t found;
    struct seen *seen;
};

static void want(void *arg, const struct register_opened *o)
{
    struct wanted *w = arg;
    const char *leaf = w->seen->leaf[o->index];
    char kind[80], event[80];
    (void)snprintf(kind, sizeof kind, "\"kind\":\"%s\"", w->kind);
    (void)snprintf(event, sizeof event, "\"event\":\"%s\"", w->event);
    if (strstr(leaf, kind) == NULL || strstr(leaf, event) == NULL)
        return;
    w->found += memmem(o->fact.p, o->fact.n, w->contains, strlen(w->contains)) != NULL;
}

static void look_for(struct house *h, void *arg)
{
    struct wanted *w = arg;
    house_each_leaf(h, keep_leaf, w->seen);
    house_each_fact(h, want, w);
}

static size_t facts_with(const char *scenario, const char *kind, const char *event,
                         const char *contains)
{
    struct wanted w = {.kind = kind, .event = event, .contains = contains, .seen = seen_new()};
    assert_true(scenario_run_and(scenario, look_for, &w));
    seen_free(w.seen);
    return w.found;
}

static void cameras_are_kept_of_what_was_provided_and_never_of_what_was_looked_for(void **state)
{
    static const char onsite[] = "tests/scenarios/112-onsite-video.scn";
    (void)state;
    assert_true(facts_with(onsite, "video", "watch-opened", "\"camera\":[\"dj-") > 0);
    assert_true(facts_with(onsite, "video", "stream-opened", "\"camera\":[\"dj-") > 0);
    assert_int_equal(facts_with(onsite, "video_request", "released", "\"camera\":["), 0);
    assert_int_equal(facts_with(onsite, "video_answer", "released", "\"camera\":["), 0);
}

static void of_a_position_is_kept_how_it_was_taken_and_never_where(void **state)
{
    static const char persons[] = "tests/scenarios/vulnerable-persons.scn";
    (void)state;
    assert_true(facts_with(persons, "guardian_alert", "released",
                           "\"method\":\"gnss\",\"origin\":\"lia-consent\"") > 0);
    assert_true(facts_with(persons, "guardian_alert", "received", "G-77") > 0);
    assert_true(facts_with(persons, "guardian_alert", "released", "\"subject\":\"") > 0);
    assert_int_equal(facts_with(persons, "guardian_alert", "released", "36.3"), 0);
    assert_int_equal(facts_with(persons, "guardian_alert", "released", "s-1001"), 0);
    assert_int_equal(facts_with(persons, "guardian_alert", "received", "s-1001"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_commitment_opens_and_the_log_says_nothing_of_it),
        cmocka_unit_test(cameras_are_kept_of_what_was_provided_and_never_of_what_was_looked_for),
        cmocka_unit_test(of_a_position_is_kept_how_it_was_taken_and_never_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
