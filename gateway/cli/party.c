/* fedgatectl party add, request: an agency's entry in the policy set, and what is handed to it. */
#include "cli/party.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "crypto/certificate.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- what is asked for */

struct adding {
    struct party_entry entry;
    const char *folder, *root, *lang;
    bool dry_run, yes;
    char *unit_text[PARTY_UNITS_MAX]; /* that the units' names and titles point into */
    struct policy_set set;
    bool to_party; /* it is there already */
    struct buf file, root_file, new_file;
    char root_path[IDENT_WORD_MAX + 32];
};

/* NAME, NAME=TITLE or NAME=ENGLISH|KOREAN. */
static void take_unit(struct adding *a, const char *word)
{
    struct party_unit *u = &a->entry.unit[a->entry.units];
    char *text = mem_text(word, strlen(word)), *title = strchr(text, '=');
    a->unit_text[a->entry.units++] = text;
    *u = (struct party_unit){.name = text, .title = {.en = text}};
    if (title == NULL)
        return;
    *title++ = '\0';
    u->title.en = title;
    char *bar = strchr(title, '|');
    if (bar == NULL)
        return;
    *bar = '\0';
    u->title.ko = bar + 1;
}

static bool parse(int argc, char **argv, struct adding *a)
{
    const char *unit[PARTY_UNITS_MAX];
    struct party_entry *e = &a->entry;
    const struct cli_option options[] = {{"dry-run", NULL, &a->dry_run},
                                         {"lang", &a->lang, NULL},
                                         {"name", &e->title.en, NULL},
                                         {"name-ko", &e->title.ko, NULL},
                                         {"public-institution", NULL, &e->public_institution},
                                         {"root", &a->root, NULL},
                                         {"synthetic", NULL, &e->synthetic},
                                         {"yes", NULL, &a->yes},
                                         {NULL, NULL, NULL}};
    int units = cli_repeated("unit", &argc, argv, unit, PARTY_UNITS_MAX);
    int roles = units < 0 ? -1 : cli_repeated("role", &argc, argv, e->role, PARTY_ROLES_MAX);
    int count = roles < 0 ? -1 : cli_options(options, argc, argv);
    for (int i = 0; i < units; i++)
        take_unit(a, unit[i]);
    if (count >= 0 && (count != 2 || units == 0))
        cli_error("party add takes a folder, a party and at least one --unit");
    if (count != 2 || units == 0)
        return false;
    e->roles = (size_t)roles;
    a->folder = argv[1];
    e->party = argv[2];
    return true;
}

/* ---------------------------------------------------------------- what is there */

bool party_is_there(const struct policy *p, const char *name, char party[IDENT_UNIT_MAX + 1])
{
    const char *nearest = NULL;
    (void)snprintf(party, IDENT_UNIT_MAX + 1, "%.*s", (int)strcspn(name, "/"), name);
    for (uint32_t i = 0; i < policy_units(p); i++) {
        if (strcmp(policy_unit_name(p, i), name) == 0 || strcmp(policy_unit_party(p, i), name) == 0)
            return true;
        nearest_offer(bytes_of_text(name), policy_unit_name(p, i), &nearest);
        nearest_offer(bytes_of_text(name), policy_unit_party(p, i), &nearest);
    }
    return cli_no_such("party or unit", name, nearest);
}

/* Nothing is ever overwritten. */
static bool is_new(struct adding *a)
{
    const struct policy *p = a->set.policy;
    const struct party_entry *e = &a->entry;
    char name[2 * IDENT_UNIT_MAX];
    for (uint32_t i = 0; i < policy_units(p) && !a->to_party; i++)
        a->to_party = strcmp(policy_unit_party(p, i), e->party) == 0;
    for (size_t i = 0; i < e->units; i++) {
        (void)snprintf(name, sizeof name, "%s/%s", e->party, e->unit[i].name);
        if (policy_unit(p, bytes_of_text(name)) == POLICY_NONE)
            continue;
        cli_error("%s has an entry already: nothing is overwritten", name);
        return false;
    }
    if (a->to_party && (e->title.en != NULL || e->title.ko != NULL || e->roles > 0 ||
                        e->public_institution || e->synthetic || a->root != NULL))
        cli_error("%s has an entry already: only --unit adds to it", e->party);
    else if (!a->to_party && (e->title.en == NULL || e->roles == 0))
        cli_error("a new party needs --name and --role");
    else
        return true;
    return false;
}

/* The agency's root, as it was handed over. A file with a private key in it is none to be copied.
 */
static const char *fault_of_root(struct bytes file, struct certificate_facts *f, int64_t now_us)
{
    if (memmem(file.p, file.n, "PRIVATE KEY", 11) != NULL)
        return "it holds a private key, which is the agency's alone";
    if (certificate_facts(file, f) != RESULT_OK)
        return "it is no certificate in PEM";
    if (!f->for_authorities)
        return "it is no root: it may not issue certificates (CA:TRUE)";
    if (!f->key_is_good)
        return "its key is too weak";
    return now_us < f->begins_us || now_us >= f->ends_us ? "it is not valid now" : NULL;
}

static bool read_root(struct adding *a)
{
    const struct clock clock = clock_system();
    struct certificate_facts f;
    (void)snprintf(a->root_path, sizeof a->root_path, "inventory/roots/%.*s.pem", IDENT_WORD_MAX,
                   a->entry.party);
    if (a->root == NULL)
        return true;
    if (!cli_read_file(a->root, PARTY_FILE_MAX, &a->root_file))
        return false;
    const char *fault = fault_of_root(buf_view(&a->root_file), &f, clock_wall_us(&clock));
    if (fault != NULL)
        cli_error("%s: %s", a->root, fault);
    return fault == NULL;
}

/* ---------------------------------------------------------------- what it would be */

/* The compiler's own checks, over the set as it would be; and that the entry is what it reads. */
static bool compiles(const struct adding *a)
{
    const struct clock clock = clock_system();
    const struct policy_instead instead[] = {{PARTIES_FILE, {a->new_file.p, a->new_file.n}},
                                             {a->root_path, {a->root_file.p, a->root_file.n}}};
    const struct policy_sources sources = {.folder = a->set.folder,
                                           .crls = -1,
                                           .draft = true,
                                           .now_us = clock_wall_us(&clock),
                                           .instead = instead,
                                           .insteads = a->root == NULL ? 1 : 2};
    struct policy_counts counts;
    struct diagnose *d = diagnose_new();
    struct buf block = BUF_INIT(0);
    struct policy *p = NULL;
    enum result r = policy_compile(&sources, d, &block, &counts);
    if (r == RESULT_OK)
        r = policy_open(buf_view(&block), &p);
    else
        policy_set_errors(d, a->set.korean);
    bool good = r == RESULT_OK;
    for (size_t i = 0; good && i < a->entry.units; i++) {
        char name[2 * IDENT_UNIT_MAX];
        (void)snprintf(name, sizeof name, "%s/%s", a->entry.party, a->entry.unit[i].name);
        good = policy_unit(p, bytes_of_text(name)) != POLICY_NONE;
    }
    if (!good)
        cli_error("%s: nothing was written: the set would not be in order", a->folder);
    policy_close(p);
    buf_free(&block);
    diagnose_free(d);
    return good;
}

/* The root first: an entry without it would be one that cannot connect. */
static int write_files(const struct adding *a)
{
    const int folder = a->set.folder;
    if (a->root != NULL && !cli_write_new(folder, a->root_path, buf_view(&a->root_file), 0644))
        return CLI_FAILED;
    if (cli_replace(folder, PARTIES_FILE, buf_view(&a->new_file)))
        return CLI_OK;
    if (a->root != NULL)
        (void)unlinkat(folder, a->root_path, 0);
    return CLI_FAILED;
}

static void put_root(const struct adding *a, struct buf *out)
{
    struct certificate_facts f;
    if (a->root == NULL || certificate_facts(buf_view(&a->root_file), &f) != RESULT_OK)
        return;
    buf_printf(out, "+++ %s/%s: ", a->folder, a->root_path);
    for (size_t i = 0; i < sizeof f.fingerprint; i++)
        buf_printf(out, "%02x", f.fingerprint[i]);
    buf_text(out, " (SHA-256)\n");
}

static int print_for_agency(const struct adding *a)
{
    struct buf out = BUF_INIT(1 << 18);
    char unit[2 * IDENT_UNIT_MAX];
    for (size_t i = 0; i < a->entry.units; i++) {
        (void)snprintf(unit, sizeof unit, "%s/%s", a->entry.party, a->entry.unit[i].name);
        buf_u8(&out, '\n');
        party_request(unit, &out);
    }
    buf_u8(&out, '\n');
    party_checklist(a->entry.party, a->set.korean, &out);
    int code = policy_set_print(&out);
    buf_free(&out);
    return code;
}

static int change(struct adding *a)
{
    struct party_change c;
    struct buf diff = BUF_INIT(1 << 18);
    char path[4096];
    int code = CLI_NO;
    (void)snprintf(path, sizeof path, "%s/" PARTIES_FILE, a->folder);
    if (!party_change_make(&a->entry, a->to_party, buf_view(&a->file), &c)) {
        cli_error("%s: the units of %s do not stand on lines of their own, or the last line has no "
                  "end: write the entry by hand",
                  path, a->entry.party);
    } else {
        party_change_apply(&c, buf_view(&a->file), &a->new_file);
        party_change_diff(&c, buf_view(&a->file), path, &diff);
        put_root(a, &diff);
        code = policy_set_print(&diff);
        if (code == CLI_OK && !compiles(a))
            code = CLI_NO;
    }
    buf_free(&c.added);
    buf_free(&diff);
    if (code == CLI_OK && !a->dry_run && !a->yes && !cli_confirm("write this?"))
        code = CLI_NO;
    if (code == CLI_OK && !a->dry_run)
        code = write_files(a);
    return code == CLI_OK ? print_for_agency(a) : code;
}

static int add(struct adding *a)
{
    a->file = BUF_INIT(LIMIT_YAML_BYTES + (1 << 16));
    a->new_file = BUF_INIT(LIMIT_YAML_BYTES);
    a->root_file = BUF_INIT(2 * PARTY_FILE_MAX);
    int code = policy_set_open(&a->set, a->folder, a->lang);
    if (code == CLI_OK && !is_new(a))
        code = CLI_USAGE;
    if (code == CLI_OK && !(read_root(a) && policy_set_read(&a->set, PARTIES_FILE, &a->file)))
        code = CLI_FAILED;
    if (code == CLI_OK)
        code = change(a);
    policy_set_close(&a->set);
    buf_free(&a->file);
    buf_free(&a->new_file);
    buf_free(&a->root_file);
    return code;
}

static int party_add_run(int argc, char **argv)
{
    struct adding a = {.set = {.folder = -1}};
    int code = parse(argc, argv, &a) ? add(&a) : CLI_USAGE;
    for (size_t i = 0; i < a.entry.units; i++)
        mem_free(a.unit_text[i]);
    return code;
}

static int party_request_run(int argc, char **argv)
{
    const struct cli_option options[] = {{NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    struct buf out = BUF_INIT(1 << 16);
    if (count != 1 || !ident_split_unit(bytes_of_text(argv[1]), NULL, NULL)) {
        if (count >= 0)
            cli_error("party request takes a unit, such as npa-daejeon/112-control");
        return CLI_USAGE;
    }
    party_request(argv[1], &out);
    int code = policy_set_print(&out);
    buf_free(&out);
    return code;
}

/* ---------------------------------------------------------------- the table */

const struct cli_command cli_party_commands[] = {
    {"add",
     "[--dry-run] [--name TEXT] [--name-ko TEXT] [--role WORD]... [--public-institution] "
     "[--synthetic] [--root FILE] [--lang en|ko] [--yes] --unit UNIT... DIR PARTY",
     "add an agency, or units of one, to a policy set; print what is handed to it",
     "  --dry-run             change nothing\n"
     "  --name TEXT           the party's name, in English where --name-ko has the Korean one\n"
     "  --name-ko TEXT        in Korean\n"
     "  --role WORD           what rules of law ask for: police, rescue-agency, carrier, centre,\n"
     "                        auditor, officer, operator or other; may stand several times\n"
     "  --public-institution  it may rely on legal bases of public institutions\n"
     "  --synthetic           a test bench: gets TEST messages and no real ones\n"
     "  --root FILE           its root certificate, as it was handed over: becomes\n"
     "                        inventory/roots/PARTY.pem\n"
     "  --unit UNIT           NAME, NAME=TITLE or NAME=ENGLISH|KOREAN; may stand several times\n"
     "  --yes                 do not ask\n"
     "  --lang LANG           messages in English (en) or Korean (ko)\n"
     "\n"
     "Prints the change as a unified diff, checks the set as it would be as \"policy check "
     "--draft\"\n"
     "does, asks, writes; then the commands by which the agency asks for its units' certificates, "
     "and\n"
     "the checklist of both sides. No line of inventory/parties.yaml is changed, no entry "
     "overwritten.\n"
     "For a party that has an entry only --unit adds to it. The set has to be sealed and signed "
     "again.\n"
     "Exit 0: written (--dry-run: could be), 1: not in order, or the answer was no.\n"
     "\n"
     "example: fedgatectl party add --name \"Hana Mobile\" --role carrier --root hana.pem \\\n"
     "             --unit \"guardian=Guardian service|안심 서비스\" policy carrier-hana\n",
     party_add_run, NULL},
    {"request", "UNIT", "the commands by which an agency asks for a unit's certificate",
     "Prints a configuration for openssl with the unit's URI, and the commands that make the key "
     "and\n"
     "the request. The agency's root signs it as it is: openssl x509 -req -copy_extensions copy.\n"
     "\n"
     "example: fedgatectl party request npa-daejeon/112-control\n",
     party_request_run, NULL},
    {"show", "[--crls DIR] [--socket FILE] [--lang en|ko] DIR PARTY",
     "an agency: units, root, revocation list, grants in both directions, sessions",
     "  --crls DIR     its revocation list is DIR/PARTY.crl\n"
     "  --socket FILE  the control socket of a running gateway, for its sessions\n"
     "  --lang LANG    English (en) or Korean (ko)\n"
     "\n"
     "PARTY may be a unit, too, for its grants alone.\n"
     "\n"
     "example: fedgatectl party show --crls /etc/fedgate/crls /etc/fedgate/policy npa-daejeon\n",
     party_show_run, NULL},
    {"test", "[--certificate FILE]... [--crls DIR] [--json] [--lang en|ko] DIR PARTY",
     "would this agency's units be let in, and what could they do?",
     "  --certificate FILE  a unit's certificate in PEM, with its intermediates: would it hold, "
     "and "
     "if\n"
     "                      not, which check fails; may stand several times\n"
     "  --crls DIR          its revocation list is DIR/PARTY.crl\n"
     "  --json              for programs\n"
     "  --lang LANG         English (en) or Korean (ko)\n"
     "\n"
     "Looks at the set, the root, the revocation list (signed by that root, not out of date), the\n"
     "certificates and the grants, a line each. Exit 0: nothing failed, 1: something did.\n"
     "\n"
     "example: fedgatectl party test --crls crls --certificate 112-control.pem policy "
     "npa-daejeon\n",
     party_test_run, NULL},
    {0}};
