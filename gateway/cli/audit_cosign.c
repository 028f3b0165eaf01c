/* fedgatectl audit keygen and cosign: an agency's witness, over a log's folder. */
#include "audit/tiles.h"
#include "base/mem.h"
#include "cli/witness.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- keygen */

/* FILE.key has FILE.vkey beside it. */
static bool public_path(const char *key, char out[PATH_MAX])
{
    size_t n = strlen(key);
    if (n > 4 && strcmp(key + n - 4, ".key") == 0)
        n -= 4;
    return snprintf(out, PATH_MAX, "%.*s.vkey", (int)n, key) < PATH_MAX;
}

static bool write_both(const char *path, const struct note_key *key, const uint8_t *seed)
{
    char public[PATH_MAX];
    struct buf secret = BUF_INIT(AUDIT_KEY_FILE_MAX), text = BUF_INIT(AUDIT_KEY_FILE_MAX);
    note_secret_text(key, seed, &secret);
    buf_text(&secret, "\n");
    note_key_text(key, &text);
    buf_text(&text, "\n");
    bool ok = public_path(path, public) && cli_write_new(AT_FDCWD, path, buf_view(&secret), 0600) &&
              cli_write_new(AT_FDCWD, public, buf_view(&text), 0644);
    if (ok)
        (void)printf("%s is secret; hand out %s, to the gateway's operator and to auditors:\n%s",
                     path, public, buf_c(&text));
    buf_free(&secret);
    buf_free(&text);
    return ok;
}

static int make_key(const char *path, const char *name)
{
    uint8_t public_key[SIGN_PUBLIC], *seed = secret_new(SIGN_SEED);
    struct hasher *h = hasher_new();
    struct note_key key;
    int code = CLI_FAILED;
    if (seed != NULL) {
        random_fill(seed, SIGN_SEED);
        sign_public_of(seed, public_key);
    }
    if (seed == NULL)
        cli_error("no memory may be locked for the key: see \"ulimit -l\"");
    else if (note_key_make(h, bytes_of_text(name), NOTE_KEY_COSIGNATURE, public_key, &key) !=
             RESULT_OK)
        cli_error("\"%s\" is no name for a witness: no blanks, no '+', at most %d characters", name,
                  NOTE_NAME_MAX);
    else if (write_both(path, &key, seed))
        code = CLI_OK;
    hasher_free(h);
    secret_free(seed);
    return code;
}

int audit_keygen_command(int argc, char **argv)
{
    const char *path = NULL, *name = NULL;
    const struct cli_option options[] = {{"key", &path, NULL}, {"name", &name, NULL}, {0}};
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && (rest != 0 || path == NULL || name == NULL))
        cli_error("keygen needs --key FILE and --name NAME");
    if (rest != 0 || path == NULL || name == NULL)
        return CLI_USAGE;
    return make_key(path, name);
}

/* ---- cosign */

struct cosign {
    const char *log, *log_key, *key, *state;
    bool begin;
    struct note_key of_log;
    struct audit_secret *secret;
    struct buf note;
};

static bool read_checkpoint(struct cosign *c, int folder)
{
    enum result r = tiles_read_checkpoint(folder, &c->note);
    if (r != RESULT_OK)
        cli_error("%s/checkpoint: %s", c->log, result_text(r));
    return r == RESULT_OK;
}

/* The note with one line more, ready to be handed to the gateway's operator. */
static int cosign(struct cosign *c, const struct audit_log *log)
{
    struct witness_state state;
    struct clock clock = clock_system();
    struct buf line = BUF_INIT(AUDIT_KEY_FILE_MAX);
    if (!read_checkpoint(c, log->folder) || !witness_state_open(c->state, c->begin, &state))
        return CLI_FAILED;
    int code = witness_confirm(&state, &c->of_log, c->secret, buf_view(&c->note),
                               proof_source_folder(&log->folder), clock_wall_us(&clock), &line);
    if (code == CLI_OK) {
        (void)fwrite(c->note.p, 1, c->note.n, stdout);
        (void)fwrite(line.p, 1, line.n, stdout);
    }
    witness_state_close(&state);
    buf_free(&line);
    return code;
}

int audit_cosign_command(int argc, char **argv)
{
    struct cosign c = {.note = BUF_INIT(AUDIT_NOTE_MAX)};
    const struct cli_option options[] = {{"log", &c.log, NULL},     {"log-key", &c.log_key, NULL},
                                         {"key", &c.key, NULL},     {"state", &c.state, NULL},
                                         {"begin", NULL, &c.begin}, {0}};
    struct audit_log log;
    int rest = cli_options(options, argc, argv);
    bool given = c.log != NULL && c.log_key != NULL && c.key != NULL && c.state != NULL;
    if (rest >= 0 && (rest != 0 || !given))
        cli_error("cosign needs --log DIR, --log-key FILE, --key FILE and --state DIR");
    if (rest != 0 || !given)
        return CLI_USAGE;
    int code = CLI_FAILED;
    if (audit_key_read(c.log_key, NOTE_KEY_ED25519, &c.of_log) &&
        audit_secret_read(c.key, &c.secret) && audit_log_open(c.log, &log)) {
        code = cosign(&c, &log);
        audit_log_close(&log);
    }
    secret_free(c.secret);
    buf_free(&c.note);
    return code;
}
