/* fedgatectl init: the keeper's keys for a new gateway. */
#include "cli/commands.h"

#include "audit/note.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "keeper/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing is overwritten: a key that is replaced takes everything sealed or signed under it along.
 */
static bool write_key(int folder, const char *name, const char *kind, const uint8_t key[KEY_BYTES])
{
    struct buf text = BUF_INIT(KEY_FILE_MAX);
    key_file_write(kind, key, &text);
    bool ok = cli_write_new(folder, name, buf_view(&text), 0600);
    buf_free(&text);
    return ok;
}

static bool write_secret(int folder)
{
    struct wrapping_secret s = {.generation = 1};
    uint8_t sector[SECRET_SECTOR];
    random_fill(s.secret, sizeof s.secret);
    wrapping_secret_write(&s, sector);
    bool ok = cli_write_new(folder, "wrapping.secret", bytes_of(sector, sizeof sector), 0600);
    mem_wipe(&s, sizeof s);
    mem_wipe(sector, sizeof sector);
    return ok;
}

/* The verifier key, for auditors: printed, and beside the secret one. */
static bool write_verifier(int folder, const char *log_name, const uint8_t key[KEY_BYTES])
{
    struct hasher *h = hasher_new();
    struct buf text = BUF_INIT(4096);
    struct note_key verifier;
    uint8_t public_key[SIGN_PUBLIC];
    sign_public_of(key, public_key);
    bool ok = note_key_make(h, bytes_of_text(log_name), NOTE_KEY_ED25519, public_key, &verifier) ==
              RESULT_OK;
    if (!ok)
        cli_error("'%s' is no name for a log: no blanks, no '+', at most 128 characters", log_name);
    if (ok) {
        note_key_text(&verifier, &text);
        (void)printf("verifier key of the audit log, to be handed to auditors:\n%s\n",
                     buf_c(&text));
        buf_text(&text, "\n");
        ok = cli_write_new(folder, "log.vkey", buf_view(&text), 0644);
    }
    buf_free(&text);
    hasher_free(h);
    return ok;
}

static int make_keys(const char *path, const char *log_name)
{
    uint8_t log_key[KEY_BYTES], master_key[KEY_BYTES];
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        cli_error("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        cli_error("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    random_fill(log_key, sizeof log_key);
    random_fill(master_key, sizeof master_key);
    bool ok = write_verifier(folder, log_name, log_key) &&
              write_key(folder, "log.key", "log", log_key) &&
              write_key(folder, "master.key", "master", master_key) && write_secret(folder) &&
              fsync(folder) == 0;
    mem_wipe(log_key, sizeof log_key);
    mem_wipe(master_key, sizeof master_key);
    (void)close(folder);
    return ok ? CLI_OK : CLI_FAILED;
}

int init_run(int argc, char **argv)
{
    const char *keys = NULL, *name = NULL;
    const struct cli_option options[] = {
        {"keys", &keys, NULL}, {"log-name", &name, NULL}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count < 0)
        return CLI_USAGE;
    if (keys == NULL || name == NULL || count != 0) {
        cli_error("init needs --keys DIR and --log-name NAME");
        return CLI_USAGE;
    }
    return make_keys(keys, name);
}
