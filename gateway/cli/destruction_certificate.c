/* fedgatectl destruction certificate and verify: that a record was destroyed, to be kept and
 * checked offline. */
#include "cli/destruction.h"
#include "cli/report_tools.h"

#include "report/certificate.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- certificate */

struct making {
    const char *log, *key, *out, *record;
    struct report_sets sets;
    struct audit_log opened;
    struct buf note, file, page;
    struct chain *chain;
};

/* Every leaf's proof, checked before it is handed out. */
static enum result prove(const struct making *m, const struct checkpoint *c)
{
    uint64_t at = 0;
    enum result r = certificate_prove(m->opened.folder, c, m->chain, &at);
    if (r != RESULT_OK)
        cli_error("entry %" PRIu64 " cannot be proved: %s%s", at, result_text(r),
                  r == RESULT_MISMATCH ? "; \"audit verify\" tells where the log is wrong" : "");
    return r;
}

static bool is_destroyed(const struct chain *c)
{
    struct buf why = BUF_INIT(1024);
    if (chain_state(c) == CHAIN_DESTROYED && !c->is_full)
        return true;
    chain_say(c, false, &why);
    cli_error("no certificate for record %" PRIu64 ": %s", c->record,
              c->is_full ? "it has too many entries" : buf_c(&why));
    buf_free(&why);
    return false;
}

/* NAME.json and NAME.html: neither is there yet, or neither is written. */
static int write_both(const struct making *m)
{
    char json[PATH_MAX], html[PATH_MAX];
    if (snprintf(json, sizeof json, "%s.json", m->out) >= (int)sizeof json ||
        snprintf(html, sizeof html, "%s.html", m->out) >= (int)sizeof html) {
        cli_error("the name of --out is too long");
        return CLI_FAILED;
    }
    if (!cli_write_new(AT_FDCWD, json, buf_view(&m->file), 0644))
        return CLI_FAILED;
    if (!cli_write_new(AT_FDCWD, html, buf_view(&m->page), 0644)) {
        (void)unlink(json);
        return CLI_FAILED;
    }
    (void)printf("%s\n%s\n", html, json);
    return CLI_OK;
}

static int make(struct making *m, const struct checkpoint *c)
{
    const struct clock clock = clock_system();
    const struct report r = {.names = &m->sets.names};
    m->opened.size = c->size; /* nothing that the checkpoint does not cover */
    int code = destruction_chain(&m->opened, m->record, &m->chain);
    if (code != CLI_OK)
        return code;
    if (!is_destroyed(m->chain))
        return CLI_NO;
    enum result proved = prove(m, c);
    if (proved != RESULT_OK)
        return proved == RESULT_MISMATCH ? CLI_NO : CLI_FAILED;
    if (!report_sets_open(&m->sets))
        return CLI_FAILED;
    const struct certificate x = {m->chain, buf_view(&m->note), clock_wall_us(&clock)};
    certificate_json(&x, &m->file);
    certificate_html(&x, &r, buf_view(&m->file), &m->page);
    if (buf_status(&m->file) == RESULT_OK && buf_status(&m->page) == RESULT_OK)
        return write_both(m);
    cli_error("the certificate is too long");
    return CLI_FAILED;
}

static int open_and_make(struct making *m)
{
    struct note_key key;
    struct checkpoint c;
    if (!audit_key_read(m->key, NOTE_KEY_ED25519, &key) || !audit_log_open(m->log, &m->opened))
        return CLI_FAILED;
    int code = audit_log_note(&m->opened, &key, &m->note, &c) ? make(m, &c) : CLI_NO;
    audit_log_close(&m->opened);
    return code;
}

int destruction_certificate_command(int argc, char **argv)
{
    struct making m = {.note = BUF_INIT(AUDIT_NOTE_MAX),
                       .file = BUF_INIT(CERTIFICATE_MAX),
                       .page = BUF_INIT(CERTIFICATE_MAX)};
    const char *language = NULL;
    const struct cli_option options[] = {{"log", &m.log, NULL},
                                         {"key", &m.key, NULL},
                                         {"out", &m.out, NULL},
                                         {"lang", &language, NULL},
                                         {0}};
    if (!report_sets_options(&m.sets, &argc, argv))
        return CLI_USAGE;
    int rest = cli_options(options, argc, argv);
    bool whole = rest == 1 && m.log != NULL && m.key != NULL && m.out != NULL;
    if (rest >= 0 && !whole)
        cli_error("certificate needs --log DIR, --key FILE, --out NAME and the index of one entry");
    if (!whole || !cli_language(language, &m.sets.names.korean))
        return CLI_USAGE;
    m.record = argv[1];
    int code = open_and_make(&m);
    report_sets_close(&m.sets);
    chain_free(m.chain);
    buf_free(&m.note);
    buf_free(&m.file);
    buf_free(&m.page);
    return code;
}

/* ---- verify */

struct verifying {
    const char *key, *format, *file;
    bool korean;
    struct audit_witnesses witnesses;
    struct buf text, note;
    struct chain *chain;
};

static int say_proved(const struct verifying *v, const struct checkpoint *c)
{
    struct clock clock = clock_system();
    const struct names names = {.korean = v->korean};
    const struct report r = {.names = &names};
    struct report_table *table[CHAIN_TABLES];
    char size[AUDIT_NUMBER], below[NOTE_NAME_MAX + 128];
    const struct report_print print = {.format = v->format,
                                       .title = v->korean ? "파기 증명의 확인 결과"
                                                          : "What a certificate proves",
                                       .below = below,
                                       .korean = v->korean};
    (void)snprintf(
        below, sizeof below,
        v->korean ? "%.*s의 기록 %" PRIu64 ": %s건에 대한 서명된 체크포인트로 확인됨"
                  : "%.*s, record %" PRIu64 ": proved under its checkpoint of %s entries",
        (int)c->origin.n, (const char *)c->origin.p, v->chain->record, audit_number(c->size, size));
    if (strcmp(v->format, "table") == 0)
        (void)printf("%s\n", below);
    bool confirmed = audit_say_witnesses(buf_view(&v->note), &v->witnesses, clock_wall_us(&clock));
    chain_tables(&r, v->chain, table);
    int code = report_print(&print, table, CHAIN_TABLES);
    for (size_t i = 0; i < CHAIN_TABLES; i++)
        table_free(table[i]);
    if (chain_state(v->chain) != CHAIN_DESTROYED) {
        cli_error("%s: its entries stand in the log, and do not say that the record was destroyed",
                  v->file);
        return CLI_NO;
    }
    return code != CLI_OK ? code : confirmed ? CLI_OK : CLI_NO;
}

static int verify(struct verifying *v)
{
    struct note_key key;
    struct checkpoint c;
    char fault[240];
    if (!v->witnesses.files || !audit_key_read(v->key, NOTE_KEY_ED25519, &key) ||
        !cli_read_file(v->file, CERTIFICATE_MAX, &v->text))
        return CLI_FAILED;
    if (certificate_check(buf_view(&v->text), &key, &v->chain, &v->note, &c, fault, sizeof fault) ==
        RESULT_OK)
        return say_proved(v, &c);
    cli_error("%s proves nothing: %s", v->file, fault);
    return CLI_NO;
}

int destruction_verify_command(int argc, char **argv)
{
    struct verifying v = {
        .format = "table", .text = BUF_INIT(CERTIFICATE_MAX + 1), .note = BUF_INIT(AUDIT_NOTE_MAX)};
    const char *language = NULL;
    const struct cli_option options[] = {
        {"key", &v.key, NULL}, {"format", &v.format, NULL}, {"lang", &language, NULL}, {0}};
    if (!audit_witnesses_read(&argc, argv, &v.witnesses))
        return CLI_USAGE;
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 1 || v.key == NULL))
        cli_error("verify needs --key FILE and the file of one certificate");
    if (rest != 1 || v.key == NULL || !report_format_is_known(v.format) ||
        !cli_language(language, &v.korean))
        return CLI_USAGE;
    v.file = argv[1];
    int code = verify(&v);
    chain_free(v.chain);
    buf_free(&v.text);
    buf_free(&v.note);
    return code;
}
