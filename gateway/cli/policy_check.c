/* fedgatectl policy check: is a policy set well-formed, lawful by the catalogue's rules, and free
 * of overlaps? */
#include "cli/policy_set.h"

#include "base/clock.h"

#include <unistd.h>

struct arguments {
    const char *folder, *crls;
    bool draft;
    enum diagnose_language language;
};

static bool parse(int argc, char **argv, struct arguments *a)
{
    const char *lang = NULL;
    const struct cli_option options[] = {{"crls", &a->crls, NULL},
                                         {"draft", NULL, &a->draft},
                                         {"lang", &lang, NULL},
                                         {NULL, NULL, NULL}};
    *a = (struct arguments){0};
    int count = cli_options(options, argc, argv);
    if (count != 1) {
        if (count >= 0)
            cli_error("policy check takes one folder");
        return false;
    }
    a->folder = argv[1];
    bool korean = false;
    if (!cli_language(lang, &korean))
        return false;
    a->language = korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH;
    return true;
}

static void print_counts(const struct arguments *a, const struct policy_counts *n)
{
    if (a->language == DIAGNOSE_KOREAN)
        (void)printf("%s: 이상 없음: 협약 %zu건(허가 %zu, 금지 %zu), 기관 %zu곳(부서 %zu), "
                     "카메라 %zu대, 법적 근거 %zu개\n",
                     a->folder, n->memoranda, n->grants, n->prohibitions, n->parties, n->units,
                     n->cameras, n->bases);
    else
        (void)printf(
            "%s: in order: memoranda %zu (grants %zu, prohibitions %zu), parties %zu (units %zu), "
            "cameras %zu, legal bases %zu\n",
            a->folder, n->memoranda, n->grants, n->prohibitions, n->parties, n->units, n->cameras,
            n->bases);
}

static void print_draft(const struct arguments *a, const struct policy_counts *n)
{
    if (n->without_root == 0)
        return;
    if (a->language == DIAGNOSE_KOREAN)
        (void)printf("초안: 기관 %zu곳은 루트 인증서가 아직 없어 접속할 수 없습니다\n",
                     n->without_root);
    else
        (void)printf("draft: parties without a root certificate, which cannot connect: %zu\n",
                     n->without_root);
}

static int report(enum result r, const struct diagnose *d, const struct arguments *a,
                  const struct policy_counts *n)
{
    struct buf text = BUF_INIT(1 << 20);
    diagnose_print(d, a->language, &text);
    (void)fputs(buf_c(&text), stderr);
    buf_free(&text);
    if (r == RESULT_OK) {
        print_counts(a, n);
        print_draft(a, n);
    } else if (r != RESULT_MALFORMED) {
        cli_error("%s: %s", a->folder, result_text(r));
    }
    return r == RESULT_OK ? CLI_OK : CLI_NO;
}

static int check(const struct arguments *a, struct policy_sources *sources)
{
    const struct clock clock = clock_system();
    struct policy_counts counts;
    struct diagnose *d = diagnose_new();
    struct buf block = BUF_INIT(0);
    sources->now_us = clock_wall_us(&clock);
    int code = report(policy_compile(sources, d, &block, &counts), d, a, &counts);
    buf_free(&block);
    diagnose_free(d);
    return code;
}

static int policy_check_run(int argc, char **argv)
{
    struct arguments a;
    if (!parse(argc, argv, &a))
        return CLI_USAGE;
    int code = CLI_FAILED;
    struct policy_sources sources = {
        .folder = policy_set_folder(a.folder), .crls = -1, .draft = a.draft};
    if (sources.folder >= 0 && a.crls != NULL)
        sources.crls = policy_set_folder(a.crls);
    if (sources.folder >= 0 && (a.crls == NULL || sources.crls >= 0))
        code = check(&a, &sources);
    if (sources.folder >= 0)
        (void)close(sources.folder);
    if (sources.crls >= 0)
        (void)close(sources.crls);
    return code;
}

const struct cli_command cli_policy_commands[] = {
    {"check", "[--draft] [--crls DIR] [--lang en|ko] DIR",
     "is a policy set well-formed, lawful, and free of overlaps?",
     "  --draft      allow parties without a root certificate, which cannot connect\n"
     "  --crls DIR   check the revocation lists in DIR too\n"
     "  --lang LANG  messages in English (en) or Korean (ko)\n"
     "\n"
     "Every error is told as file:line:col with the line underlined. Exit 0: in order, 1: errors.\n"
     "\n"
     "example: fedgatectl policy check --draft policy\n",
     policy_check_run, NULL},
    {"explain",
     "[--from UNIT] [--given FILE] [--json] [--lang en|ko] [--now TIME] [--to UNIT] DIR FILE",
     "why is this message permitted or refused, condition by condition?",
     "  --from UNIT   who sends a message in JSON that names no source\n"
     "  --given FILE  with a message in JSON: the incidents and the state that it is asked under\n"
     "  --json        for programs\n"
     "  --lang LANG   in English (en) or Korean (ko)\n"
     "  --now TIME    asked at that time, where the request has no `now`\n"
     "  --to UNIT     asked for this unit alone\n"
     "\n"
     "FILE is a request in the words of a set's tests (message, watcher, incident, state), or a "
     "message in\n"
     "JSON as fedgate-agent publishes it; - is standard input. It is explained for each recipient: "
     "the\n"
     "answer, what it brings with it, and each condition that held, did not hold or was not "
     "asked.\n"
     "Exit 0: somebody gets it, 1: nobody.\n"
     "\n"
     "example: fedgatectl policy explain policy request.yaml\n",
     policy_explain_run, NULL},
    {"show", "[--html] [--lang en|ko] [--mou NAME] DIR",
     "the memoranda in plain sentences, for signing and for review",
     "  --html       one self-contained page for A4, with blocks to sign\n"
     "  --lang LANG  sentences in English (en) or Korean (ko)\n"
     "  --mou NAME   this memorandum only\n"
     "\n"
     "Each sentence stands for the line of the file that its margin tells. A file that says "
     "something\n"
     "which no sentence says is not shown.\n"
     "\n"
     "example: fedgatectl policy show --lang ko --html --mou molit-npa-2015 policy > mou.html\n",
     policy_show_run, NULL},
    {"test", "[--coverage-min PERCENT] [--junit FILE] [--lang en|ko] [--quiet] DIR",
     "do the set's own tests hold, and what did no test reach?",
     "  --coverage-min PERCENT  less coverage is an error\n"
     "  --junit FILE            the results as JUnit XML too\n"
     "  --lang LANG             reports in English (en) or Korean (ko)\n"
     "  --quiet                 no line for each file\n"
     "\n"
     "Runs every file of DIR/tests/ and tells of each test that fails what was asked, expected and "
     "answered,\n"
     "and why. A grant is covered when a test was permitted by it; a condition, a prohibition and "
     "an\n"
     "emergency when tests saw each both hold and fail. What is not covered is listed with its "
     "place.\n"
     "Exit 0: all tests hold, 1: not.\n"
     "\n"
     "example: fedgatectl policy test --coverage-min 100 policy\n",
     policy_test_run, NULL},
    {"who",
     "[--csv] [--from UNIT] [--html] [--kind KIND] [--lang en|ko] [--purpose WORD] [--to UNIT] DIR",
     "who can ever receive what, from whom, on which legal basis, under which clause?",
     "  --csv           for spreadsheets (RFC 4180, UTF-8)\n"
     "  --from UNIT     from this unit, or any unit of this party\n"
     "  --html          one self-contained page for A4\n"
     "  --kind KIND     this kind of message only\n"
     "  --lang LANG     names in English (en) or Korean (ko)\n"
     "  --purpose WORD  for this purpose only\n"
     "  --to UNIT       to this unit, or any unit of this party\n"
     "\n"
     "What a prohibition always forbids is left out.\n"
     "\n"
     "example: fedgatectl policy who --kind video --to npa-daejeon policy\n",
     policy_who_run, NULL},
    {"seal", "[--dry-run] DIR", "list every file of the set in set.yaml, for officers to sign",
     "  --dry-run   only say what would change\n"
     "\n"
     "Writes the SHA-256 of every file into set.yaml under \"files\", and leaves its other lines "
     "as "
     "they are.\n"
     "Signatures over the earlier set.yaml count no more. Exit 0: sealed.\n"
     "\n"
     "example: fedgatectl policy seal policy\n",
     policy_seal_run, NULL},
    {"sign", "--as NAME --key FILE [--legacy] [--password-fd N] [--yes] DIR [FILE]",
     "sign a set as its officer, or memoranda as a party that acknowledges them",
     "  --as NAME         PARTY/PERSON signs set.yaml; PARTY signs its memoranda, or only FILE\n"
     "  --key FILE        the secret key (minisign)\n"
     "  --legacy          not pre-hashed, for minisign before 0.6\n"
     "  --password-fd N   read the password from descriptor N instead of the terminal\n"
     "  --yes             do not ask\n"
     "\n"
     "Shows what will be signed, and asks. The signature stands in DIR/signatures; minisign -V "
     "verifies it too.\n"
     "\n"
     "example: fedgatectl policy sign --as npa-daejeon --key npa.key policy "
     "mou/molit-npa-2015.yaml\n",
     policy_sign_run, NULL},
    {"verify", "[--lang en|ko] [--officer-key FILE]... DIR",
     "is the set sealed, and signed by everybody who has to?",
     "  --lang LANG         English (en) or Korean (ko)\n"
     "  --officer-key FILE  the public key of an officer who may sign the set; may stand several "
     "times\n"
     "\n"
     "Without --officer-key those count whom the set itself names: that shows what lacks, not whom "
     "to trust.\n"
     "Exit 0: nothing lacks, 1: something does.\n"
     "\n"
     "example: fedgatectl policy verify --officer-key kim.pub --officer-key lee.pub policy\n",
     policy_verify_run, NULL},
    {"diff", "[--json] [--lang en|ko] [--limit N] [--now TIME] OLD_DIR NEW_DIR",
     "which messages would two policy sets decide differently?",
     "  --json       for programs\n"
     "  --lang LANG  messages in English (en) or Korean (ko)\n"
     "  --limit N    tell so many differences; else 50\n"
     "  --now TIME   examples are of this time, where any will do\n"
     "\n"
     "What NEW_DIR newly permits comes first. Each difference is a message for which both sets "
     "were "
     "asked.\n"
     "Two refusals are no difference, whatever their reasons. Behind the messages: which units may "
     "do\n"
     "something else in the console. Exit 0: no message is decided differently, which is said only "
     "when\n"
     "it is proven, and no role in the console is another; 1: differences, or something could not "
     "be\n"
     "compared;\n"
     "2: wrong words, or a set with errors.\n"
     "\n"
     "example: fedgatectl policy diff /etc/fedgate/policy policy\n",
     policy_diff_run, NULL},
    {"replay", "[--json] [--lang en|ko] [--since TIME] [--then DIR] LOG_DIR NEW_DIR",
     "which recorded decisions would change under another policy set?",
     "  --json        for programs\n"
     "  --lang LANG   in English (en) or Korean (ko)\n"
     "  --since TIME  only what was decided from then on\n"
     "  --then DIR    the set that decided; it tells what the messages must have been\n"
     "\n"
     "A decision is replayed when it is the same whatever the log does not hold (evidence, places, "
     "ages).\n"
     "The rest is counted as not replayable, with the facts on which it hangs. Streams are left "
     "out.\n"
     "\n"
     "example: fedgatectl policy replay --since 2026-11-01 --then /etc/fedgate/policy audit "
     "policy\n",
     policy_replay_run, NULL},
    {"keygen", "--key FILE [--comment TEXT] [--no-password] [--password-fd N]",
     "make a key that signs policy sets or memoranda",
     "  --key FILE        the new secret key; the public one stands beside it as FILE.pub, or with "
     ".pub for .key\n"
     "  --comment TEXT    says in the public key whose it is\n"
     "  --no-password     do not encrypt the secret key: for tests and development\n"
     "  --password-fd N   read the password from descriptor N instead of the terminal\n"
     "\n"
     "The keys are minisign's. Nothing is overwritten.\n"
     "\n"
     "example: fedgatectl policy keygen --key kim.key --comment \"city centre, Kim\"\n",
     policy_keygen_run, NULL},
    {0}};
