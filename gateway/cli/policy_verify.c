/* fedgatectl policy verify: the seal and the signatures of a set. */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/policy_set.h"
#include "policy/seal.h"

#include <string.h>

/* Whom the set itself names. */
static bool trust_the_set(const char *path, const char *language, struct seal_trust *out)
{
    struct policy_set s;
    struct policy_officer o;
    int code = policy_set_open(&s, path, language);
    for (uint32_t i = 0; code == CLI_OK && i < policy_signers(s.policy); i++)
        if (policy_officer_row(s.policy, i, &o) && o.signs_sets && o.has_key)
            (void)seal_trust_add(out, bytes_of_text(o.name), &o.key);
    policy_set_close(&s);
    return code == CLI_OK;
}

static bool trust_key(const char *path, struct seal_trust *out)
{
    struct buf text = BUF_INIT(2 * MINISIGN_FILE_MAX + 65536);
    struct minisign_public key;
    bool read = cli_read_file(path, MINISIGN_FILE_MAX, &text);
    bool good = read && minisign_public_read(buf_view(&text), &key) == RESULT_OK;
    if (read && !good)
        cli_error("%s: no public key of minisign", path);
    buf_free(&text);
    return good && seal_trust_add(out, bytes_of(NULL, 0), &key);
}

int policy_set_verify(const struct policy_set *s, const struct seal_trust *trust, bool draft,
                      struct seal **out)
{
    const struct clock clock = clock_system();
    struct seal *seal = seal_new(trust, false);
    const struct policy_sources sources = {.folder = s->folder,
                                           .crls = -1,
                                           .draft = draft,
                                           .now_us = clock_wall_us(&clock),
                                           .seal = seal};
    struct policy_counts counts;
    struct diagnose *d = diagnose_new();
    struct buf block = BUF_INIT(0);
    enum result r = policy_compile(&sources, d, &block, &counts);
    if (r != RESULT_OK)
        policy_set_errors(d, s->korean);
    buf_free(&block);
    diagnose_free(d);
    *out = seal;
    return r == RESULT_OK ? CLI_OK : CLI_NO;
}

static void print_rows(const struct seal *seal, bool korean)
{
    struct cli_table *t = cli_table_new(3);
    struct seal_row row;
    cli_table_cell(t, korean ? "파일" : "file");
    cli_table_cell(t, korean ? "서명자" : "who");
    cli_table_cell(t, korean ? "상태" : "state");
    for (size_t i = 0; seal_row(seal, i, &row); i++) {
        cli_table_cell(t, row.file);
        cli_table_cell(t, row.who);
        cli_table_cell(t, seal_state_text(row.state, korean));
        cli_table_paint(t, seal_state_is_good(row.state) ? CLI_GOOD : CLI_BAD);
    }
    cli_table_print(t, stdout);
    cli_table_free(t);
}

static void print_verdict(const struct policy_set *s, const struct seal *seal)
{
    const struct seal_claim *c = seal_claim(seal);
    char hex[2 * SHA256_BYTES + 1];
    if (seal_verdict(seal) != SEAL_IS_GOOD) {
        (void)printf(
            s->korean ? "\n%s: 정책집을 적용할 수 없음(%s); 유효한 담당관 서명 %zu개, 필요 %d개\n"
                      : "\n%s: no gateway takes it (%s); valid signatures of officers: %zu "
                        "of %d\n",
            s->path, seal_verdict_word(seal_verdict(seal)), c->signers, SEAL_SIGNERS);
        return;
    }
    bytes_to_hex(bytes_of(c->sha256, sizeof c->sha256), hex);
    (void)printf(s->korean
                     ? "\n%s: 봉인과 서명이 모두 유효함: %s 일련번호 %llu, set.yaml SHA-256 %s\n"
                     : "\n%s: sealed and signed: %s, serial %llu, set.yaml SHA-256 %s\n",
                 s->path, c->set, (unsigned long long)c->serial, hex);
}

static int verify(struct policy_set *s, const struct seal_trust *trust)
{
    struct seal *seal;
    int code = policy_set_verify(s, trust, false, &seal);
    print_rows(seal, s->korean);
    print_verdict(s, seal);
    if (seal_verdict(seal) != SEAL_IS_GOOD)
        code = CLI_NO;
    seal_free(seal);
    return code;
}

int policy_verify_run(int argc, char **argv)
{
    const char *key[SEAL_OFFICERS_MAX], *lang = NULL;
    const struct cli_option options[] = {{"lang", &lang, NULL}, {NULL, NULL, NULL}};
    struct policy_set s = {.folder = -1};
    struct seal_trust trust = {0};
    int keys = cli_repeated("officer-key", &argc, argv, key, SEAL_OFFICERS_MAX);
    int count = keys < 0 ? -1 : cli_options(options, argc, argv);
    if (count != 1 || !cli_language(lang, &s.korean)) {
        if (count >= 0 && count != 1)
            cli_error("policy verify takes one folder");
        return CLI_USAGE;
    }
    bool ready = keys > 0 || trust_the_set(argv[1], lang, &trust);
    for (int i = 0; i < keys; i++)
        ready = ready && trust_key(key[i], &trust);
    s.path = argv[1];
    s.folder = ready ? policy_set_folder(argv[1]) : -1;
    int code = s.folder < 0 ? keys > 0 ? CLI_FAILED : CLI_NO : verify(&s, &trust);
    policy_set_close(&s);
    return code;
}
