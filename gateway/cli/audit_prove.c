/* fedgatectl audit prove and verify-proof: that one entry stands in the log, to be kept and checked
 * offline (C2SP tlog-proof). */
#include "audit/tlog_proof.h"

#include "audit/tiles.h"
#include "cli/audit_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PROOF_FILE_MAX = 1 << 21, MESSAGE_FILE_MAX = 8 << 20 };

/* ---- prove */

struct prove {
    const char *log, *key, *entry_file;
    uint64_t index;
    struct audit_log opened;
    struct buf note, entry, text;
    struct hasher *hasher;
};

static enum result keep_entry(void *arg, uint64_t index, struct bytes entry)
{
    struct prove *p = arg;
    if (index == p->index)
        buf_put(&p->entry, entry.p, entry.n);
    return RESULT_OK;
}

static enum result make_proof(struct prove *p, const struct note_key *key, struct checkpoint *c,
                              const char **why)
{
    struct proof_source source = proof_source_folder(&p->opened.folder);
    struct tlog_proof proof = {.index = p->index, .note = buf_view(&p->note)};
    *why = "";
    TRY(tiles_each_of(p->opened.folder, c->size, p->index, keep_entry, p));
    TRY(proof_inclusion(&source, p->hasher, p->index, c->size, &proof.path));
    TRY(tlog_proof_check(p->hasher, &proof, key, buf_view(&p->entry), c, why));
    tlog_proof_put(&proof, buf_view(&p->entry), &p->text);
    return RESULT_OK;
}

static int print_proof(const struct prove *p)
{
    if (p->entry_file != NULL && !cli_write_new(AT_FDCWD, p->entry_file, buf_view(&p->entry), 0644))
        return CLI_FAILED;
    (void)fwrite(p->text.p, 1, p->text.n, stdout);
    return CLI_OK;
}

static int prove(struct prove *p, const struct note_key *key)
{
    struct checkpoint c;
    const char *why;
    if (!audit_log_note(&p->opened, key, &p->note, &c))
        return CLI_NO;
    if (p->index >= c.size) {
        cli_error("there is no entry %" PRIu64 ": the log has %" PRIu64, p->index, c.size);
        return CLI_NO;
    }
    enum result r = make_proof(p, key, &c, &why);
    if (r == RESULT_OK)
        return print_proof(p);
    cli_error("entry %" PRIu64 " cannot be proved: %s%s", p->index,
              why[0] != '\0' ? why : result_text(r),
              r == RESULT_MISMATCH ? "; \"audit verify\" tells where the log is wrong" : "");
    return r == RESULT_MISMATCH ? CLI_NO : CLI_FAILED;
}

static bool read_index(const char *text, uint64_t *index)
{
    if (checkpoint_number(bytes_of_text(text), index))
        return true;
    cli_error("\"%s\" is no index of an entry", text);
    return false;
}

int audit_prove_command(int argc, char **argv)
{
    struct prove p = {.note = BUF_INIT(AUDIT_NOTE_MAX),
                      .entry = BUF_INIT(LEAF_MAX),
                      .text = BUF_INIT(PROOF_FILE_MAX)};
    const struct cli_option options[] = {
        {"log", &p.log, NULL}, {"key", &p.key, NULL}, {"entry", &p.entry_file, NULL}, {0}};
    struct note_key key;
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 1 || p.log == NULL || p.key == NULL))
        cli_error("prove needs --log DIR, --key FILE and the index of one entry");
    if (rest != 1 || p.log == NULL || p.key == NULL || !read_index(argv[1], &p.index))
        return CLI_USAGE;
    int code = CLI_FAILED;
    if (audit_key_read(p.key, NOTE_KEY_ED25519, &key) && audit_log_open(p.log, &p.opened)) {
        p.hasher = hasher_new();
        code = prove(&p, &key);
        hasher_free(p.hasher);
        audit_log_close(&p.opened);
    }
    buf_free(&p.note);
    buf_free(&p.entry);
    buf_free(&p.text);
    return code;
}

/* ---- verify-proof */

struct checking {
    const char *key, *entry_file, *bytes_file, *salt;
    struct audit_witnesses witnesses;
    struct buf text, entry, extra;
};

/* What the proof is about: the file, or what travels in the proof. */
static bool choose_entry(struct checking *v)
{
    if (v->entry_file == NULL && v->extra.n == 0) {
        cli_error("the proof does not carry its entry: --entry FILE is needed");
        return false;
    }
    if (v->entry_file == NULL) {
        buf_put(&v->entry, v->extra.p, v->extra.n);
        return true;
    }
    if (!cli_read_file(v->entry_file, LEAF_MAX + 1, &v->entry))
        return false;
    if (v->entry.n > 0 && v->entry.p[v->entry.n - 1] == '\n') /* an editor's, or jq's */
        v->entry.n--;
    return true;
}

/* Base64, as receipts and deliveries have it in JSON, or hexadecimal. */
static bool read_salt(const char *text, struct tree_hash *salt)
{
    struct bytes t = bytes_of_text(text);
    if (bytes_from_hex(t, salt->b, sizeof salt->b) || checkpoint_hash(t, salt) == RESULT_OK)
        return true;
    cli_error("--salt is commitment_salt of a receipt or delivery: 32 bytes in base64 or "
              "hexadecimal");
    return false;
}

/* Whether the message is the one that the entry is about: SHA-256(salt || bytes), as the log has
 * it. */
static int open_commitment(const struct checking *v)
{
    struct buf message = BUF_INIT(MESSAGE_FILE_MAX);
    struct leaf_room *room = NULL;
    struct tree_hash salt, digest;
    struct leaf leaf;
    int code = CLI_FAILED;
    if (read_salt(v->salt, &salt) && cli_read_file(v->bytes_file, MESSAGE_FILE_MAX, &message)) {
        const struct bytes part[] = {bytes_of(salt.b, sizeof salt.b), buf_view(&message)};
        struct hasher *h = hasher_new();
        hasher_sha256(h, part, ARRAY_LEN(part), digest.b);
        hasher_free(h);
        bool same = leaf_read(buf_view(&v->entry), &leaf, &room) == RESULT_OK &&
                    leaf.commitment != NULL &&
                    memcmp(leaf.commitment, digest.b, LEAF_COMMITMENT) == 0;
        (void)printf("%s %s what the entry is committed to\n", v->bytes_file,
                     same ? "is" : "is not");
        code = same ? CLI_OK : CLI_NO;
    }
    leaf_room_free(room);
    buf_free(&message);
    return code;
}

static int say_proved(const struct checking *v, const struct tlog_proof *p,
                      const struct checkpoint *c)
{
    struct clock clock = clock_system();
    char size[AUDIT_NUMBER], index[AUDIT_NUMBER];
    (void)printf("entry %s stands in %.*s, under its checkpoint of %s entries\n",
                 audit_number(p->index, index), (int)c->origin.n, (const char *)c->origin.p,
                 audit_number(c->size, size));
    bool all = audit_say_witnesses(p->note, &v->witnesses, clock_wall_us(&clock));
    (void)printf("%.*s\n", (int)v->entry.n, (const char *)v->entry.p);
    int opened = v->bytes_file == NULL ? CLI_OK : open_commitment(v);
    return opened != CLI_OK ? opened : all ? CLI_OK : CLI_NO;
}

static int check(struct checking *v, const char *file)
{
    struct note_key key;
    struct tlog_proof proof;
    struct checkpoint c;
    const char *fault = "";
    if (!v->witnesses.files || !audit_key_read(v->key, NOTE_KEY_ED25519, &key) ||
        !cli_read_file(file, PROOF_FILE_MAX, &v->text))
        return CLI_FAILED;
    if (tlog_proof_read(buf_view(&v->text), &proof, &v->extra) != RESULT_OK) {
        cli_error("%s: it is no proof (C2SP tlog-proof)", file);
        return CLI_NO;
    }
    if (!choose_entry(v))
        return CLI_FAILED;
    struct hasher *h = hasher_new();
    enum result r = tlog_proof_check(h, &proof, &key, buf_view(&v->entry), &c, &fault);
    hasher_free(h);
    if (r == RESULT_OK)
        return say_proved(v, &proof, &c);
    cli_error("%s proves nothing: %s", file, fault);
    return CLI_NO;
}

int audit_verify_proof_command(int argc, char **argv)
{
    struct checking v = {.text = BUF_INIT(PROOF_FILE_MAX),
                         .entry = BUF_INIT(LEAF_MAX + 1),
                         .extra = BUF_INIT(PROOF_FILE_MAX)};
    const struct cli_option options[] = {{"key", &v.key, NULL},
                                         {"entry", &v.entry_file, NULL},
                                         {"bytes", &v.bytes_file, NULL},
                                         {"salt", &v.salt, NULL},
                                         {0}};
    if (!audit_witnesses_read(&argc, argv, &v.witnesses))
        return CLI_USAGE;
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 1 || v.key == NULL))
        cli_error("verify-proof needs --key FILE and the file of one proof");
    else if (rest == 1 && (v.bytes_file == NULL) != (v.salt == NULL))
        cli_error("--bytes FILE and --salt SALT go together");
    if (rest != 1 || v.key == NULL || (v.bytes_file == NULL) != (v.salt == NULL))
        return CLI_USAGE;
    int code = check(&v, argv[1]);
    buf_free(&v.text);
    buf_free(&v.entry);
    buf_free(&v.extra);
    return code;
}
