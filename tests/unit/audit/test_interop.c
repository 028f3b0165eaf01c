/* Logs, proofs and notes that another implementation made, in another language, out of the
 * specifications (tests/audit/make_logs.py): ours say of each what it says. */
#include "audit/tlog_proof.h"
#include "audit/verify.h"
#include "audit/witness.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "support.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

enum { WORDS_MAX = 80 };

struct world {
    struct log_bench b; /* its folder is theirs */
    struct note_key log, witness;
    unsigned cases[6];
};

static struct world w;

static void read_key(const char *name, struct note_key *key)
{
    struct buf text = BUF_INIT(1000);
    file_get(&w.b, name, &text);
    assert_int_equal(note_key_read(w.b.hasher, bytes_of(text.p, text.n - 1), key), RESULT_OK);
    buf_free(&text);
}

static int make(void **state)
{
    char *argv[] = {"/usr/bin/python3", "tests/audit/make_logs.py", NULL, NULL};
    pid_t pid;
    int status;
    (void)state;
    if (crypto_init() != RESULT_OK)
        return -1;
    w.b = (struct log_bench){.folder = temp_folder_new(), .hasher = hasher_new()};
    argv[2] = w.b.folder.path;
    assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    read_key("log.vkey", &w.log);
    read_key("witness.vkey", &w.witness);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    hasher_free(w.b.hasher);
    temp_folder_free(&w.b.folder);
    return 0;
}

static int open_log(const char *size)
{
    char name[64];
    (void)snprintf(name, sizeof name, "log-%s", size);
    int folder = openat(w.b.folder.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder >= 0);
    return folder;
}

static uint64_t number(const char *text)
{
    uint64_t n = 0;
    assert_true(checkpoint_number(bytes_of_text(text), &n));
    return n;
}

/* ---- the kinds of cases */

/* The whole log verifies, in both keys' eyes. */
static void check_root(char **word, size_t words)
{
    int folder = open_log(word[1]);
    struct proof_source source = proof_source_folder(&folder);
    struct verify_report report;
    struct verify_request q = {.folder = folder, .key = &w.log};
    struct tree_hash root;
    uint8_t said[TREE_HASH];
    (void)words;
    assert_true(bytes_from_hex(bytes_of_text(word[2]), said, sizeof said));
    assert_int_equal(audit_verify(&q, &report), RESULT_OK);
    assert_int_equal(report.size, number(word[1]));
    assert_memory_equal(report.root.b, said, TREE_HASH);
    assert_int_equal(proof_root(&source, w.b.hasher, report.size, &root), RESULT_OK);
    assert_memory_equal(root.b, said, TREE_HASH);
    (void)close(folder);
}

static void compare(const struct proof *p, char **word, size_t words)
{
    assert_int_equal(p->count, words);
    for (size_t i = 0; i < words; i++) {
        uint8_t said[TREE_HASH];
        assert_true(bytes_from_hex(bytes_of_text(word[i]), said, sizeof said));
        assert_memory_equal(p->hash[i].b, said, TREE_HASH);
    }
}

static void check_inclusion(char **word, size_t words)
{
    int folder = open_log(word[1]);
    struct proof_source source = proof_source_folder(&folder);
    struct proof p;
    assert_int_equal(proof_inclusion(&source, w.b.hasher, number(word[2]), number(word[1]), &p),
                     RESULT_OK);
    compare(&p, word + 3, words - 3);
    (void)close(folder);
}

static void check_consistency(char **word, size_t words)
{
    int folder = open_log(word[2]);
    struct proof_source source = proof_source_folder(&folder);
    struct proof p;
    assert_int_equal(proof_consistency(&source, w.b.hasher, number(word[1]), number(word[2]), &p),
                     RESULT_OK);
    compare(&p, word + 3, words - 3);
    (void)close(folder);
}

static void check_proof(char **word, size_t words)
{
    struct buf text = BUF_INIT(100000), entry = BUF_INIT(1000);
    struct tlog_proof p;
    struct checkpoint c;
    const char *fault = "";
    (void)words;
    file_get(&w.b, word[1], &text);
    assert_int_equal(tlog_proof_read(buf_view(&text), &p, &entry), RESULT_OK);
    enum result r = tlog_proof_check(w.b.hasher, &p, &w.log, buf_view(&entry), &c, &fault);
    if ((r == RESULT_OK) != (strcmp(word[2], "good") == 0))
        fail_msg("%s: %s", word[1], result_text(r));
    buf_free(&text);
    buf_free(&entry);
}

static void check_note(char **word, size_t words)
{
    static const struct {
        const char *word;
        enum result result;
    } verdicts[] = {{"good", RESULT_OK},
                    {"bad", RESULT_MISMATCH},
                    {"other", RESULT_NOT_FOUND},
                    {"malformed", RESULT_MALFORMED}};
    struct buf text = BUF_INIT(100000);
    struct bytes body;
    (void)words;
    file_get(&w.b, word[1], &text);
    enum result r =
        note_open(buf_view(&text), strcmp(word[2], "log") == 0 ? &w.log : &w.witness, &body);
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
        if (strcmp(verdicts[i].word, word[3]) == 0 && r != verdicts[i].result)
            fail_msg("%s: %s, not %s", word[1], result_text(r), word[3]);
    buf_free(&text);
}

static void check_growth(char **word, size_t words)
{
    int folder = open_log(word[3]);
    struct buf seen = BUF_INIT(10000), note = BUF_INIT(10000);
    struct witness_report report;
    (void)words;
    file_get(&w.b, word[1], &seen);
    file_get(&w.b, word[2], &note);
    const struct witness_request q = {.log = &w.log,
                                      .seen = buf_view(&seen),
                                      .note = buf_view(&note),
                                      .tiles = proof_source_folder(&folder)};
    enum result r = witness_check(w.b.hasher, &q, &report);
    if (r != (strcmp(word[4], "sign") == 0 ? RESULT_OK : RESULT_MISMATCH))
        fail_msg("%s, then %s: %s", word[1], word[2], report.fault);
    buf_free(&seen);
    buf_free(&note);
    (void)close(folder);
}

static const struct {
    const char *name;
    void (*check)(char **word, size_t words);
} kinds[] = {
    {"root", check_root},   {"inclusion", check_inclusion}, {"consistency", check_consistency},
    {"proof", check_proof}, {"note", check_note},           {"grows", check_growth}};

static void check_case(char *line)
{
    char *word[WORDS_MAX], *rest = NULL;
    size_t words = 0;
    for (char *p = strtok_r(line, " ", &rest); p != NULL && words < WORDS_MAX;
         p = strtok_r(NULL, " ", &rest))
        word[words++] = p;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(word[0], kinds[i].name) == 0) {
            kinds[i].check(word, words);
            w.cases[i]++;
        }
}

static void another_implementation_agrees_on_every_case(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1 << 20);
    char *rest = NULL;
    file_get(&w.b, "cases", &text);
    char *copy = mem_text(text.p, text.n);
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        check_case(line);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_true(w.cases[i] >= 10);
    mem_free(copy);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_implementation_agrees_on_every_case),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
